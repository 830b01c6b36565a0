package index

import (
	"strings"
	"testing"

	"forumine/extract/forum"
)

// TestWithheld: of a deleted post that opens its thread neither the words nor the
// author reach a fold, by whichever form of what the page says it is folded.
func TestWithheld(t *testing.T) {
	page := &forum.Page{
		URL: "https://a.example/t/1", Kind: forum.KindThread, Thread: &forum.Thread{ID: "1", Title: "Hops", Page: 1},
		Posts: []forum.Post{
			{ID: "10", IsFirst: true, State: forum.PostVisible, Author: &forum.Author{ID: "3", Name: "Odo Quince"}, Body: forum.Body{Text: "eleven marzipan lanterns"}},
			{ID: "11", State: forum.PostVisible, Author: &forum.Author{ID: "4", Name: "Ilse Thorn"}, Body: forum.Body{Text: "kept as it is"}},
		},
	}
	cs := Contributions(SiteInfo{ID: "a.example"}, page, Provenance{PageKey: "t/1"})
	out, err := Withheld(cs, func(key string) bool { return key == "a.example|post|10" })
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range out {
		if c.Doc.Kind == forum.DocAuthor {
			continue // of a document of its own, which other posts keep
		}
		f, err := NewFolder().Fold(c.Doc, []forum.Contribution{c}, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := NewFolder().Render(f, Meta{Key: c.Doc.Key})
		if err != nil {
			t.Fatal(err)
		}
		text := string(body)
		if strings.Contains(text, "marzipan") || c.Doc.Key == "a.example|post|10" && strings.Contains(text, "Quince") {
			t.Errorf("%s keeps %s", c.Doc.Key, text)
		}
		if c.Doc.Key == "a.example|post|11" && strings.Contains(text, "kept as it is") && strings.Contains(text, "Ilse Thorn") {
			seen++
		}
	}
	if seen != 1 {
		t.Error("the other post has lost its words")
	}
}
