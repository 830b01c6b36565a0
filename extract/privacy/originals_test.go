package privacy_test

import (
	"fmt"
	"slices"
	"testing"

	"forumine/extract/privacy"
)

// found gives what was found, as "what trace".
func found(hits []privacy.Hit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, h.What+" "+h.Trace)
	}
	return out
}

func TestOriginalsAreFound(t *testing.T) {
	o := privacy.NewOriginals(site, grammar)
	o.Add(page())
	for _, c := range []struct {
		field, value string
		want         []string
	}{
		{"author.name", "MIRA  TANE", []string{"name MIRA  TANE"}},
		{"author.id", "12", []string{"id 12"}},
		{"post.id", "12", nil},
		{"author.key", site + "|user|4711", []string{"id " + site + "|user|4711"}},
		{"author.url", "http://forum.example.org/members/4711", []string{"link http://forum.example.org/members/4711"}},
		{"links.url", "https://pictures.example.com/mira-tane/x.jpg", []string{"link https://pictures.example.com/mira-tane/x.jpg"}},
		{"thread.url", "https://forum.example.org/threads/odo.9/", []string{"word https://forum.example.org/threads/odo.9/"}},
		{"thread.url", "https://forum.example.org/members/odo.12/", []string{"link https://forum.example.org/members/odo.12/"}},
		{"body.text", "Ask @odo, (Mira Tane) or Mira. An odour.", []string{"mention odo", "word Mira Tane"}},
		{"body.text", "See https://forum.example.org/members/odo.12/.", []string{"link https://forum.example.org/members/odo.12/", "word odo"}},
		{"doc.body.html", `<blockquote data-author="odo"><a href="https://forum.example.org/members/4711/x">she</a></blockquote>`,
			[]string{"name odo", "link https://forum.example.org/members/4711/x"}},
		{"to_author", "odo", []string{"name odo"}},
		{"quotes.author", "somebody", nil},
	} {
		if got := found(o.Field(c.field, c.value)); !slices.Equal(got, c.want) {
			t.Errorf("%s %q: found %q, want %q", c.field, c.value, got, c.want)
		}
	}
	for line, want := range map[string][]string{
		`level=INFO author=odo pages=3`:                                 {"name odo"},
		`{"x": "Mira Tane"} odour`:                                      {"name Mira Tane"},
		`<data key="d0">odo</data>`:                                     {"name odo"},
		`an odo among words`:                                            {"word odo"},
		fmt.Sprintf(`<node id="%s|user|12"/>`, site):                    {"id " + site + "|user|12"},
		`settled url=https://forum.example.org/members/odo.12/ posts=0`: {"link https://forum.example.org/members/odo.12/", "word odo"},
	} {
		if got := found(o.Line(line)); !slices.Equal(got, want) {
			t.Errorf("%q: found %q, want %q", line, got, want)
		}
	}
}
