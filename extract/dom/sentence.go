package dom

import (
	"strings"
	"time"

	"forumine/extract/forum"
)

// Within finds the date in a sentence, whatever its language: "last edit: DATE
// by NAME", "quote from NAME on DATE". It gives the stamp and what stands
// before and after the date. Where no date can be read, the stamp is not Known
// and before is the whole text.
//
// The date is the shortest run of words that reads as the same point in time
// as the whole sentence does, so no word of any language needs to be known.
func (k *Clock) Within(text string) (st forum.Stamp, before, after string) {
	text = Fold(text)
	words := strings.Split(text, " ")
	full := k.Text(text)
	if !full.Known() || len(words) > 60 {
		return forum.Stamp{}, text, ""
	}
	// begin and finish are where each word does in the text.
	begin, finish := make([]int, len(words)), make([]int, len(words)+1)
	at := 0
	for i, w := range words {
		begin[i], finish[i+1] = at, at+len(w)
		at += len(w) + 1
	}
	same := func(from, to int) bool {
		s := k.readText(text[begin[from]:finish[to]])
		return s.At.Equal(full.At) && s.Precision == full.Precision
	}
	end := 1
	for end < len(words) && !same(0, end) {
		end++
	}
	for end < len(words) && meridiem(words[end]) {
		end++
	}
	start := end - 1
	for start > 0 && !same(start, end) {
		start--
	}
	st = full
	st.Raw = strings.Trim(text[begin[start]:finish[end]], "«»()[]|, ")
	return st, strings.TrimRight(text[:begin[start]], " "), strings.TrimLeft(text[finish[end]:], " ")
}

func meridiem(word string) bool {
	switch strings.Trim(strings.ToLower(word), ".,;:)»") {
	case "am", "pm", "a.m", "p.m":
		return true
	}
	return false
}

// CutLabel splits "Label: value" at the first colon that is no part of a time,
// of any script. ok is false, and value the whole text, where there is none.
func CutLabel(s string) (label, value string, ok bool) {
	rs := []rune(s)
	for i, r := range rs {
		if r != ':' && r != '：' {
			continue
		}
		if i > 0 && i+1 < len(rs) && isDigit(rs[i-1]) && isDigit(rs[i+1]) {
			continue
		}
		return strings.TrimSpace(string(rs[:i])), strings.TrimSpace(string(rs[i+1:])), true
	}
	return "", strings.TrimSpace(s), false
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// Names are the names that a page shows elsewhere. The zero Names are none.
type Names struct {
	known   map[string]bool
	longest int // bytes
}

// NamesOf makes Names of a list.
func NamesOf(names ...string) Names {
	var n Names
	for _, name := range names {
		n.Add(name)
	}
	return n
}

// Add adds a name; "" is none.
func (n *Names) Add(name string) {
	if name == "" {
		return
	}
	if n.known == nil {
		n.known = map[string]bool{}
	}
	n.known[name] = true
	n.longest = max(n.longest, len(name))
}

// KnownName gives the longest of the names that a text begins with, or ends
// with when atEnd is set, at the border of a word; "" when none does.
func KnownName(text string, names Names, atEnd bool) string {
	if atEnd {
		for i := max(0, len(text)-names.longest); i < len(text); i++ {
			if (i == 0 || text[i-1] == ' ' || text[i-1] == ':') && names.known[text[i:]] {
				return text[i:]
			}
		}
		return ""
	}
	for i := min(len(text), names.longest); i > 0; i-- {
		if (i == len(text) || strings.IndexByte(" ,.:;)", text[i]) >= 0) && names.known[text[:i]] {
			return text[:i]
		}
	}
	return ""
}

// Numeric dates are read by an order that a page's own clock proves: of now,
// given as a machine time, only one order of the shown numbers is the day.

// OrderOf tells the order of an all-numeric date that is shown for a known
// instant: "dmy", "mdy", or "" where the text settles nothing. Zones make a day
// more or less.
func OrderOf(at time.Time, shown string) string {
	a, b, _, ok := nextNumericDate(asciiDigits(shown))
	if !ok || at.IsZero() {
		return ""
	}
	day, month := false, false
	for d := -1; d <= 1; d++ {
		t := at.UTC().AddDate(0, 0, d)
		day = day || (a == t.Day() && b == int(t.Month()))
		month = month || (b == t.Day() && a == int(t.Month()))
	}
	switch {
	case day && !month:
		return "dmy"
	case month && !day:
		return "mdy"
	}
	return ""
}

// PageClock makes the clock of a page that shows the forum's own time: the
// texts are candidates for it, at is the instant that they show (the zero time
// means the capture's). It learns the forum's zone and the order of its numeric
// dates from the first candidate that fits.
func PageClock(c forum.Capture, f forum.Facts, d *Document, at time.Time, shown ...string) *Clock {
	if at.IsZero() {
		at = captureTime(c)
	}
	order := ""
	for _, text := range shown {
		if order == "" {
			order = OrderOf(at, text)
		}
	}
	if f.DateOrder == "" {
		f.DateOrder = order
	}
	k := NewClock(c, f, d)
	k.learned.DateOrder = order
	for _, text := range shown {
		if k.Calibrate(at, text) {
			break
		}
	}
	return k
}
