package xenforo2vs

import (
	"net/url"
	"testing"
)

// The grammar is that of package xfurl; what the engine must enter and must
// never enter is held here.
func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"https://f.example.org/threads/first-light.12/page-2#post-9":  "thread/12/2",
		"https://f.example.org/index.php?threads/first-light.12/":     "thread/12/1",
		"https://f.example.org/forums/optics.4/":                      "board/4/1",
		"https://f.example.org/categories/gear.9/":                    "board/9/1",
		"https://f.example.org/members/ada.3/":                        "profile/3",
		"https://f.example.org/":                                      "index",
		"https://f.example.org/threads/first-light.12/latest":         "",
		"https://f.example.org/threads/first-light.12/unread":         "",
		"https://f.example.org/threads/first-light.12/?sortby=newest": "",
		"https://f.example.org/posts/9/react?reaction_id=1":           "",
		"https://f.example.org/login/":                                "",
		"https://f.example.org/find-new/posts":                        "",
		"https://f.example.org/attachments/chart-png.5/":              "",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := Engine{}.Canonical(u)
		if ok != (want != "") || l.Key != want && ok {
			t.Errorf("%s: %v %q, want %q", in, ok, l.Key, want)
		}
	}
}
