package forum

import "testing"

func TestJoinRoutes(t *testing.T) {
	for _, c := range [][3]string{
		{"", "thread=chatter board=halls", "board=halls thread=chatter"},
		{"thread=chatter", "board=chatter", "thread=chatter"},
		{"", "board=c thread=c", ""},
		{"board=halls", "", "board=halls"},
		{"thread=chatter", "thread=gossip", "thread=chatter thread=gossip"},
	} {
		if got := JoinRoutes(c[0], c[1]); got != c[2] {
			t.Errorf("%q and %q give %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
