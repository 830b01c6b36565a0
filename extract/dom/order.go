package dom

import (
	"regexp"
	"strings"

	"forumine/extract/forum"
)

// AddInOrder reads the lines of a card as PunBB and its kin write them: the
// place, where the account names one, the day of joining, the number of posts,
// then what extensions add. Around the day, the order tells what the lines are in
// any language, with a colon behind the label or without.
func (c Card) AddInOrder(lines []string) {
	day := c.dayLine(lines)
	for i, line := range lines {
		label, value, ok := CutLabel(line)
		switch {
		case day >= 0 && i == day:
			c.Author.Joined = c.day(line)
		case day > 0 && i == day-1 && placeLabel(label):
			if !ok {
				_, value, ok = strings.Cut(line, " ")
			}
			if ok {
				c.Author.Location = value
			}
		case day >= 0 && i == day+1 && !KnownLabel(label) && trailingCount(line) != nil:
			c.Author.PostCount = trailingCount(line)
		case ok && len(label) < 60:
			c.Add("", label, value)
		}
	}
}

// Place is what the place of a member page's line tells of it.
type Place int

// Where lines of a member page stand.
const (
	PlaceAny    Place = iota
	PlacePosts        // beside a link to the member's posts
	PlaceJoined       // where the program writes the day of joining
)

// AddProfile takes a line of a member page. Where its label is of no common
// field, its place tells what it is.
func (c Card) AddProfile(label, value string, at Place) {
	n, day := leadingCount(value), c.Clock.Text(value)
	switch {
	case at == PlacePosts && !KnownLabel(label) && n != nil:
		c.Author.PostCount = n
	case at == PlaceJoined && !KnownLabel(label) && day.Precision == forum.PrecisionDay && c.Author.Joined.IsZero():
		c.Author.Joined = day
	default:
		c.Add("", label, value)
	}
}

// leadingCount is the number that a value begins with, before links.
func leadingCount(value string) *int64 {
	before, _, _ := strings.Cut(value, " - ")
	return Count(before)
}

// dayLine is the line with a day among the first; -1 where there is none.
func (c Card) dayLine(lines []string) int {
	for i, line := range lines {
		if c.day(line).Known() {
			return i
		}
	}
	return -1
}

// day is the day that a line ends with, behind its label.
func (c Card) day(line string) forum.Stamp {
	_, value, ok := CutLabel(line)
	if !ok {
		_, value, _ = strings.Cut(line, " ")
	}
	if st := c.Clock.Text(value); st.Known() && (st.Precision == forum.PrecisionDay || st.Precision == forum.PrecisionMonth) {
		return st
	}
	return forum.Stamp{}
}

// placeLabel tells a label that can stand for a place: its words, words of no
// field, and "since", which some translations have for "from".
func placeLabel(label string) bool {
	f := cardLabels[labelSlug(label)]
	return f == fieldLocation || f == fieldCustom || f == fieldJoined
}

var reTrailing = regexp.MustCompile(`^[^\d-]+?([\d., '’\x{a0}\x{202f}]+)$`)

// trailingCount is the number that a line of label and number ends with.
func trailingCount(line string) *int64 {
	m := reTrailing.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	return Count(m[1])
}

// EditorIn is the name in a note on an edit: behind the page's own lead
// (ByLead), else a name that the page knows wherever it stands, else as
// NameAfter reads it.
func EditorIn(note, lead string, known Names) string {
	note = strings.TrimRight(Fold(note), " ,;:")
	if name, ok := strings.CutPrefix(note, lead); ok && lead != "" && name != "" {
		return strings.TrimSpace(name)
	}
	for i := range len(note) {
		if i > 0 && strings.IndexByte(" :(", note[i-1]) < 0 {
			continue
		}
		if name := KnownName(note[i:], known, false); name != "" {
			return name
		}
	}
	return NameAfter(note, "")
}
