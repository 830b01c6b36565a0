package index

import (
	"strings"
	"testing"

	"forumine/extract/forum"
)

func TestAuthorKey(t *testing.T) {
	const site = "forum.example.org"
	tests := []struct {
		name   string
		author *forum.Author
		want   string
	}{
		{"no author", nil, ""},
		{"nothing known", &forum.Author{}, ""},
		{"id", &forum.Author{ID: "7", Name: "Ada Fenn"}, site + "|user|7"},
		{"id alone", &forum.Author{ID: "7"}, site + "|user|7"},
		{"profile link without id", &forum.Author{Name: "Ada Fenn", URL: "https://forum.example.org/members/ada"}, site + "|user|" + hexHash("ada fenn")[:16]},
		{"name alone", &forum.Author{Name: "Ada Fenn"}, site + "|guest|" + hexHash("Ada Fenn")[:16]},
		{"guest with an id", &forum.Author{ID: "0", Name: "Ada Fenn", IsGuest: true}, site + "|guest|" + hexHash("Ada Fenn")[:16]},
		{"blank guest", &forum.Author{Name: "  ", IsGuest: true}, ""},
		{"padded name", &forum.Author{Name: " Ada Fenn "}, site + "|guest|" + hexHash("Ada Fenn")[:16]},
	}
	for _, tt := range tests {
		if have := authorKey(site, tt.author); have != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, have, tt.want)
		}
	}
}

func TestKeysWithoutIDs(t *testing.T) {
	const site, thread = "example.org/f", "https://www.example.org/f/pump"
	third := &forum.Post{Position: 3}
	a := postKey(site, thread, "pump/1", third, 3)
	if b := postKey(site, "http://example.org/f/pump#top", "pump/2", third, 1); a != b {
		t.Errorf("scheme, www and page tell one post apart: %s, %s", a, b)
	}
	if b := postKey(site, thread, "pump/1", &forum.Post{Position: 4}, 3); a == b {
		t.Error("two positions give one key")
	}
	if a, b := postKey(site, thread, "pump/1", &forum.Post{}, 1), postKey(site, thread, "pump/2", &forum.Post{}, 1); a == b {
		t.Error("two pages give one key")
	}
	if have := threadKey(site, "", ""); have != "" {
		t.Errorf("a thread without anything: %q", have)
	}
	if a, b := threadKey(site, "9", ""), Key(site, keyPost, "9"); ID(a) == ID(b) {
		t.Error("a thread and a post share an id")
	}
}

func TestID(t *testing.T) {
	// printf 'forum.example.org|post|9001' | sha256sum | cut -c1-40
	if have, want := ID("forum.example.org|post|9001"), "91f946bca8af691e6292cefa305b58421e4da254"; have != want {
		t.Errorf("%s, want %s", have, want)
	}
}

func TestParseDocument(t *testing.T) {
	docs := renderPage(t, readPage(t))
	for _, d := range docs {
		o, err := ParseDocument(d.body)
		if err != nil {
			t.Fatalf("%s: %v", d.ref.Key, err)
		}
		if o.Kind != d.ref.Kind || o.Key != d.ref.Key || o.ID != ID(d.ref.Key) || o.Site != "forum.example.org" {
			t.Errorf("%s: %+v", d.ref.Key, o)
		}
		if o.Kind == forum.DocPost && (o.Title != "Which seal for the old pump?" || o.Board != "Workshop > Pumps" || o.URL == "" || o.ThreadKey == "") {
			t.Errorf("%s: %+v", d.ref.Key, o)
		}
	}
	for _, bad := range []string{"", "{", "[]", `{}`, `{"doc_kind":"poem"}`, `{"doc_kind":"post","post":3}`} {
		if _, err := ParseDocument([]byte(bad)); err == nil || !strings.Contains(err.Error(), "reading a document") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
