package generic

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// moments reads a row's people and times: who began the thread stands by the
// title, who wrote last by the latest time.
func (r *reader) moments(l line, row *forum.Row) {
	o := r.out
	var marks []int32
	for i := l.from; i < l.end; i++ {
		if o.dated[i] >= 0 && (len(marks) == 0 || o.items[marks[len(marks)-1]].end <= i) {
			marks = append(marks, i)
		}
	}
	last := int32(-1)
	for _, i := range marks {
		m := &o.marks[o.dated[i]]
		if last < 0 || !m.at.Before(o.marks[o.dated[last]].at) {
			last = i
		}
	}
	if last >= 0 {
		row.LastPost = r.stampOf(&o.marks[o.dated[last]])
	}
	if len(marks) > 1 && marks[0] != last {
		row.Started = r.stampOf(&o.marks[o.dated[marks[0]]])
	}
	var first, latest int32 = -1, -1
	names := r.people(l)
	for _, i := range names {
		late := r.saysLast(l, i) || last >= 0 && r.near(l, i, last) && len(marks)+len(names) > 2
		switch {
		case late && latest < 0:
			latest = i
		case !late && first < 0:
			first = i
		}
	}
	if latest < 0 && len(names) > 1 && names[len(names)-1] != first {
		latest = names[len(names)-1]
	}
	row.Author, row.LastAuthor = r.person(first), r.person(latest)
}

// byName is the name in a line that says who wrote: "by NAME".
func byName(s string) string {
	lead, name, ok := strings.Cut(s, " ")
	if !ok || len(name) > 40 || looksTimed(name) {
		return ""
	}
	if !byWord(strings.TrimSuffix(lead, ":")) {
		return ""
	}
	return strings.Trim(name, " ,»·-")
}

// byWord tells the words before a name.
func byWord(s string) bool {
	switch strings.ToLower(s) {
	case "by", "von", "par", "por", "di", "da", "door", "przez", "от", "автор", "від", "av", "af", "de", "od", "από", "oleh":
		return true
	}
	return false
}

// people are the names in a row, each outermost.
func (r *reader) people(l line) []int32 {
	o := r.out
	var out []int32
	for i := l.from; i < l.end; i++ {
		if r.signs(i) && i != l.item && !o.within(i, l.item) && sum(o.dates, i, o.items[i].end) == 0 && sum(o.authors, i+1, o.items[i].end) == 0 {
			out = append(out, i)
			i = o.items[i].end - 1
		}
	}
	return out
}

// signs tells an element of a row that names who wrote: by what it is called, by where
// it leads, by the word before it.
func (r *reader) signs(i int32) bool {
	o := r.out
	n := o.items[i].n
	switch {
	case o.hints[i] >= 3 || n.DataAtom == atom.Cite && nameText(n) != "":
		return true
	case o.hints[i] == 2 && o.items[i].parent >= 0 && o.hints[o.items[i].parent] >= 3:
		return true // the one name in a cell that is named for names
	case sum(o.authors, i, o.items[i].end) > 0:
		return false
	case n.DataAtom == atom.A:
		return dom.Attr(n, "rel") != "tag" && byWord(lastWord(n.PrevSibling)) && nameText(n) != ""
	}
	return byName(o.items[i].own) != ""
}

// lastWord is the word that the text before an element ends with.
func lastWord(n *html.Node) string {
	if n == nil || n.Type != html.TextNode {
		return ""
	}
	text := strings.TrimRight(n.Data, ": \u00a0\n\t\r")
	return text[strings.LastIndexAny(text, " \u00a0\n\t\r")+1:]
}

// near tells whether a name and a time share a part of the row that does not
// hold the title.
func (r *reader) near(l line, i, mark int32) bool {
	o := r.out
	for p := o.items[i].parent; p > l.from; p = o.items[p].parent {
		if o.within(l.item, p) {
			return false
		}
		if o.within(mark, p) {
			return true
		}
	}
	return false
}

// lastStems begin the words for "last" and "latest", by language.
var lastStems = []string{"last", "latest", "newest", "updated", "letzt", "neuest", "derni", "últim", "ultim", "laatste", "ostatni", "послед", "остан", "senaste", "seneste", "siste", "viimei", "utols", "son ", "τελευτ", "最后", "最後", "最新", "마지막", "آخر"}

// saysLast tells a name in a part of the row that is named for the last post,
// or that stands behind words for it.
func (r *reader) saysLast(l line, i int32) bool {
	o := r.out
	for p := i; p > l.from && !o.within(l.item, p); p = o.items[p].parent {
		text := strings.ToLower(dom.Attr(o.items[p].n, "class"))
		if p != i {
			text += " " + strings.ToLower(o.items[p].own)
		}
		for _, stem := range lastStems {
			if strings.Contains(text, stem) && !strings.Contains(text, "last-child") {
				return true
			}
		}
	}
	return false
}

func (r *reader) person(i int32) *forum.Author {
	if i < 0 {
		return nil
	}
	n := r.out.items[i].n
	a := &forum.Author{Name: nameLine(n)}
	if name := byName(r.out.items[i].own); name != "" {
		return &forum.Author{Name: strings.Trim(name, ", ")}
	}
	if a.Name = strings.Trim(a.Name, ", "); a.Name == "" {
		return nil
	}
	r.accountOf(a, n)
	return a
}
