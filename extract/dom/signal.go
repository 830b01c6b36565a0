package dom

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
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
	for _, m := range marks {
		s := d.FindMatcher(m.Match)
		if s.Length() == 0 {
			continue
		}
		if m.Text != "" {
			value := Text(s.First())
			if m.Attr != "" {
				value = s.First().AttrOr(m.Attr, "")
			}
			if !strings.Contains(strings.ToLower(value), strings.ToLower(m.Text)) {
				continue
			}
		}
		out = append(out, Signal{m.Name, m.Weight})
	}
	return out
}

// Sum is the score of signals, at most 100.
func Sum(signals []Signal) int {
	n := 0
	for _, s := range signals {
		n += s.Weight
	}
	return min(n, 100)
}
