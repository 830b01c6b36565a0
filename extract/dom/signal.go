package dom

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Signal is one mark that an engine has left on a page.
type Signal struct {
	Name   string // what was seen, for people: "html#XenForo"
	Weight int    // 1 to 100: how much it says on its own
}

// Mark is a signal that an engine looks for.
type Mark struct {
	Name   string
	Weight int
	Match  goquery.Matcher
	Text   string // when set, the first match's text must contain it
	Attr   string // when set, the first match's attribute must contain Text instead
}

// Signals are the marks that are on the page.
func (d *Document) Signals(marks []Mark) []Signal {
	var out []Signal
	for i := range marks {
		m := &marks[i]
		n := d.first(m.Match)
		if n == nil || m.Text != "" && !strings.Contains(strings.ToLower(m.value(n)), strings.ToLower(m.Text)) {
			continue
		}
		out = append(out, Signal{m.Name, m.Weight})
	}
	return out
}

// value is what the mark's text is looked for in.
func (m *Mark) value(n *html.Node) string {
	if m.Attr == "" {
		return NodeText(n)
	}
	return Attr(n, m.Attr)
}

// Sum is the score of signals, at most 100.
func Sum(signals []Signal) int {
	n := 0
	for _, s := range signals {
		n += s.Weight
	}
	return min(n, 100)
}
