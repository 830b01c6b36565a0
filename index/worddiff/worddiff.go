// Package worddiff tells two versions of a text apart word by word, as a reader
// would: white space between words is no difference.
package worddiff

import (
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// Op says what became of some words.
type Op string

// The three things that can become of words.
const (
	Same    Op = "same"
	Deleted Op = "deleted"
	Added   Op = "added"
)

// Part is a run of words with one fate, joined by single spaces.
type Part struct {
	Op   Op     `json:"op"`
	Text string `json:"text"`
}

// Diff gives the parts that lead from one text to the other, in order; what was
// deleted stands before what was added in its place. Equal texts give one part,
// empty ones none. Beyond some hundred changes the parts may be more than the
// fewest possible; they always lead from one text to the other.
func Diff(before, after string) []Part {
	a, b := strings.Fields(before), strings.Fields(after)
	var out []Part
	add := func(op Op, words []string) {
		if len(words) > 0 {
			out = append(out, Part{op, strings.Join(words, " ")})
		}
	}
	at := 0
	for _, d := range joined(lcs.DiffLines(a, b)) {
		add(Same, a[at:d.Start])
		add(Deleted, a[d.Start:d.End])
		add(Added, b[d.ReplStart:d.ReplEnd])
		at = d.End
	}
	add(Same, a[at:])
	return out
}

// joined makes one change of changes that touch.
func joined(ds []lcs.Diff) []lcs.Diff {
	var out []lcs.Diff
	for _, d := range ds {
		if n := len(out); n > 0 && out[n-1].End == d.Start && out[n-1].ReplEnd == d.ReplStart {
			out[n-1].End, out[n-1].ReplEnd = d.End, d.ReplEnd
			continue
		}
		out = append(out, d)
	}
	return out
}

// Marks enclose what was deleted and what was added.
type Marks struct{ DeletedFrom, DeletedTo, AddedFrom, AddedTo string }

// Plain are the marks that need no terminal.
func Plain() Marks { return Marks{"[-", "-]", "{+", "+}"} }

// Colour are the marks of Plain in red and green, for a terminal.
func Colour() Marks { return Marks{"\x1b[31m[-", "-]\x1b[0m", "\x1b[32m{+", "+}\x1b[0m"} }

// Text writes parts as one line. Of words that stay the same, around
// words are shown on either side of a change and "…" stands for the others;
// negative shows all.
func Text(parts []Part, m Marks, around int) string {
	out := make([]string, 0, len(parts))
	for i, p := range parts {
		switch p.Op {
		case Deleted:
			out = append(out, m.DeletedFrom+p.Text+m.DeletedTo)
		case Added:
			out = append(out, m.AddedFrom+p.Text+m.AddedTo)
		default:
			out = append(out, near(p.Text, around, i > 0, i < len(parts)-1))
		}
	}
	return strings.Join(out, " ")
}

// near leaves of words that stay the same those beside a change.
func near(text string, around int, changeBefore, changeBehind bool) string {
	words := strings.Fields(text)
	head, tail := 0, 0
	if changeBefore {
		head = around
	}
	if changeBehind {
		tail = around
	}
	if around < 0 || !changeBefore && !changeBehind || head+tail+1 >= len(words) {
		return text
	}
	out := append([]string{}, words[:head]...)
	out = append(out, "…")
	return strings.Join(append(out, words[len(words)-tail:]...), " ")
}
