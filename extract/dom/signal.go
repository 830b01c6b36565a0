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

	Test   func(*Document) bool // in the place of Match, for what no selector finds
	Beside bool                 // counts only beside a mark before it
}

// quick tells marks that most pages are out of after a few look-ups.
func (m *Mark) quick() bool {
	s, ok := m.Match.(*selector)
	return ok && s.quick && m.Text == "" && m.Test == nil
}

// Signals are the marks that are on the page.
func (d *Document) Signals(marks []Mark) []Signal {
	if d.look == bounds {
		d.bound(marks)
		return nil
	}
	var out []Signal
	for i := range marks {
		m := &marks[i]
		if d.look == glances && !m.quick() {
			d.unseen += m.Weight
			continue
		}
		if m.Beside && len(out) == 0 || !m.isOn(d) {
			continue
		}
		out = append(out, Signal{m.Name, m.Weight})
	}
	return out
}

func (m *Mark) isOn(d *Document) bool {
	if m.Test != nil {
		return m.Test(d)
	}
	n := d.first(m.Match)
	return n != nil && (m.Text == "" || strings.Contains(strings.ToLower(m.value(n)), strings.ToLower(m.Text)))
}

// look is what Signals looks at.
type look byte

const (
	all     look = iota
	glances      // the quick marks
	bounds       // the others, until the score cannot be had
)

// Glance detects by the marks alone that cost a few look-ups: the score that
// they make, at most 100, and the weights of the others.
func (d *Document) Glance(detect func(*Document) []Signal) (seen, unseen int) {
	d.look, d.unseen = glances, 0
	seen = Sum(detect(d))
	d.look = all
	return seen, d.unseen
}

// CanHave tells whether an engine that Glance has looked at may have a score.
func (d *Document) CanHave(least int, detect func(*Document) []Signal, seen, unseen int) bool {
	if seen+unseen < least {
		return false
	}
	d.look, d.unseen, d.least = bounds, unseen, least-seen
	detect(d)
	d.look = all
	return d.unseen >= d.least
}

// bound takes the weights of marks that are not there off what was not seen.
func (d *Document) bound(marks []Mark) {
	for i := range marks {
		m := &marks[i]
		if d.unseen < d.least {
			return
		}
		if !m.quick() && !m.Beside && !m.isOn(d) {
			d.unseen -= m.Weight
		}
	}
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
