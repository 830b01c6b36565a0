package dom

import (
	"testing"

	"forumine/extract/forum"
)

func TestNumbersBefore(t *testing.T) {
	cases := []struct {
		name  string
		posts []forum.Post
		want  int64
	}{
		{"no post", nil, -1},
		{"none shows a number", []forum.Post{{}, {}}, -1},
		{"the first shows its own", []forum.Post{{Position: 21}, {}}, 20},
		{"the second does", []forum.Post{{}, {Position: 22}}, 20},
		{"deleted posts take none", []forum.Post{{State: forum.PostDeleted}, {}, {Position: 12}}, 10},
		{"a number that cannot be", []forum.Post{{}, {Position: 1}, {Position: 3}}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := NumbersBefore(c.posts, func(p *forum.Post) bool { return p.State != forum.PostDeleted })
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
