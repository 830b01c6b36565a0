package worddiff

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"", "", ""},
		{"the  same\nwords", "the same words", "the same words"},
		{"the red kite", "the green kite", "the [-red-] {+green+} kite"},
		{"a b", "a b c d", "a b {+c d+}"},
		{"a b c d", "c d", "[-a b-] c d"},
		{"", "new", "{+new+}"},
		{"gone", "", "[-gone-]"},
		{"one two three four five six seven x", "one two three four five six seven y", "… six seven [-x-] {+y+}"},
		{"x one two three four five six seven y", "z one two three four five six seven w", "[-x-] {+z+} one two … six seven [-y-] {+w+}"},
	} {
		if got := Text(Diff(c.before, c.after), Plain(), 2); got != c.want {
			t.Errorf("%q to %q: got %q, want %q", c.before, c.after, got, c.want)
		}
	}
}

// Parts lead from one text to the other, whatever the texts.
func TestDiffLeadsFromOneTextToTheOther(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	text := func(n int) string {
		var words []string
		for range rnd.IntN(n) {
			words = append(words, string(rune('a'+rnd.IntN(6))))
		}
		return strings.Join(words, " ")
	}
	for range 500 {
		a, b := text(300), text(300)
		var before, after []string
		last := Same
		for i, p := range Diff(a, b) {
			if i > 0 && p.Op == last {
				t.Fatalf("two parts of %s touch", p.Op)
			}
			last = p.Op
			if p.Op != Added {
				before = append(before, p.Text)
			}
			if p.Op != Deleted {
				after = append(after, p.Text)
			}
		}
		if strings.Join(before, " ") != a || strings.Join(after, " ") != b {
			t.Fatalf("the parts do not lead from %q to %q", a, b)
		}
	}
}

func TestLongTextsEnd(t *testing.T) {
	a := strings.Repeat("x y ", 100_000)
	b := strings.Repeat("y z ", 100_000)
	if parts := Diff(a, b); len(parts) == 0 {
		t.Error("no difference was found")
	}
}
