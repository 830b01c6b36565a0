package dom

import (
	"testing"

	"forumine/extract/forum"
)

// TestCardInOrder reads cards by the order of their lines, in words that no
// table has.
func TestCardInOrder(t *testing.T) {
	for _, c := range []struct {
		name, place, joined string
		lines               []string
		posts               int64
		fields              int
	}{
		{"no colons", "Zuriarrain", "2019-04-02", []string{"Bizitokia Zuriarrain", "Erroldatua 2019-04-02", "Idatziak 1,052"}, 1052, 0},
		{"colons", "Zuriarrain", "2019-04-02", []string{"Bizitokia: Zuriarrain", "Erroldatua: 2019-04-02", "Idatziak: 75", "Sega: luzea"}, 75, 1},
		{"no place", "", "2019-04-02", []string{"Erroldatua: 2019-04-02", "Idatziak: 75"}, 75, 0},
		{"no day", "", "", []string{"Sega: luzea", "Harria: 12"}, 0, 2},
		{"a number behind the day's neighbour", "", "2019-04-02", []string{"Erroldatua: 2019-04-02", "Sega: luzea", "Harria: 12"}, 0, 2},
	} {
		a := &forum.Author{}
		Card{Author: a, Clock: &Clock{}}.AddInOrder(c.lines)
		joined := ""
		if a.Joined.Known() {
			joined = a.Joined.At.Format("2006-01-02")
		}
		posts := int64(0)
		if a.PostCount != nil {
			posts = *a.PostCount
		}
		if a.Location != c.place || joined != c.joined || posts != c.posts || len(a.Fields) != c.fields {
			t.Errorf("%s: place %q, joined %q, %d posts, fields %v", c.name, a.Location, joined, posts, a.Fields)
		}
	}
}

// TestEditorIn finds editors wherever their name stands.
func TestEditorIn(t *testing.T) {
	var known Names
	known.Add("Itxaro Mendigain")
	for _, c := range []struct{ note, lead, want string }{
		{"Itxaro Mendigain erabiltzaileak aldatua,", "", "Itxaro Mendigain"},
		{"Aldatua: Itxaro Mendigain", "", "Itxaro Mendigain"},
		{"Azken aldatzailea Otso Gorri", "Azken aldatzailea", "Otso Gorri"},
		{"Last edited by Otso Gorri", "", "Otso Gorri"},
	} {
		if got := EditorIn(c.note, c.lead, known); got != c.want {
			t.Errorf("%q: %q, want %q", c.note, got, c.want)
		}
	}
}
