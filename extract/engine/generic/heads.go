package generic

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// heads are the headings of a page's columns.
type heads struct {
	tables map[*html.Node]map[int]string // labels of a table's columns by their place
	rows   []headRow                     // in document order
}

// headRow is a row of short words of which some say what is counted.
type headRow struct {
	item    int32
	columns int
	counts  []string // the labels that say what is counted
	at      []int    // their places
}

// heads finds the headings of columns: of tables, and of rows of any elements.
func (r *reader) heads() *heads {
	out := &heads{tables: map[*html.Node]map[int]string{}}
	for i := range r.out.items {
		n := r.out.items[i].n
		if row, ok := r.headRow(int32(i)); ok {
			out.rows = append(out.rows, row)
		}
		if n.DataAtom != atom.Th && (n.DataAtom != atom.Td || !headCell(n)) {
			continue
		}
		table := dom.Closest(n, selTable)
		text := dom.NodeText(n)
		if table == nil || len(text) > 40 || heading(text) == countsNothing {
			continue
		}
		if out.tables[table] == nil {
			out.tables[table] = map[int]string{}
		}
		if _, known := out.tables[table][columnOf(n)]; !known {
			out.tables[table][columnOf(n)] = text
		}
	}
	return out
}

// heading is what a column's label says is counted. What is "last" is no count; many
// have been "read".
func heading(label string) counted {
	label = strings.ToLower(label)
	if slices.ContainsFunc(lastStems, func(stem string) bool { return strings.HasPrefix(label, stem) }) {
		return countsNothing
	}
	if label == "read" || label == "reads" || label == "seen" {
		return countsViews
	}
	return countOf(label)
}

// headRow reads an element as a row of headings: three parts or more, each of few
// words and no number, two of which at least say what is counted.
func (r *reader) headRow(i int32) (headRow, bool) {
	o, size, row := r.out, 0, headRow{item: i}
	if end := o.items[i].end; end-i < 4 || end-i > 60 || o.letters[end]-o.letters[i] > 200 || sum(o.dates, i, end) > 0 || !textWithin(o.items[i].n, &size, 400) {
		return row, false
	}
	for k := i + 1; k < o.items[i].end; k = o.items[k].end {
		text := dom.NodeText(o.items[k].n)
		if len(text) > 60 || dom.Digits(text) != "" {
			return row, false
		}
		if heading(text) != countsNothing {
			row.counts, row.at = append(row.counts, text), append(row.at, row.columns)
		}
		row.columns = columnOf(o.items[k].n) + 1
	}
	return row, row.columns > 2 && len(row.counts) > 1
}

var selTable = dom.Sel("table")

// headCell tells the cells of a table's heading that are no th elements.
func headCell(n *html.Node) bool {
	for p, depth := n, 0; p != nil && depth < 3; p, depth = p.Parent, depth+1 {
		class := strings.ToLower(dom.Attr(p, "class"))
		for _, w := range [...]string{"head", "cat", "title", "tcat", "th"} {
			if strings.Contains(class, w) {
				return true
			}
		}
		if p.DataAtom == atom.Thead || dom.Attr(p, "bgcolor") != "" && p.DataAtom == atom.Tr && p.PrevSibling == nil {
			return true
		}
	}
	return false
}

// above is the row of headings that a line stands below: the last one before it that
// lies in an element around both, a few levels up, and no deeper.
func (h *heads) above(r *reader, l line) *headRow {
	k, _ := slices.BinarySearchFunc(h.rows, l.from, func(row headRow, at int32) int { return int(row.item - at) })
	if k == 0 {
		return nil
	}
	row := &h.rows[k-1]
	if n := r.out.items[row.item].n; n.DataAtom == atom.Tr && dom.Closest(n, selTable) != dom.Closest(r.out.items[l.from].n, selTable) {
		return nil
	}
	p := l.from
	for depth := 0; p >= 0 && depth < 4; depth++ {
		if p = r.out.items[p].parent; p >= 0 && r.out.within(row.item, p) && r.out.items[p].n.DataAtom != atom.Body {
			return row
		}
	}
	return nil
}

// labels are what the headings say of a line's columns with counters that have no word
// of their own: one by one where there are as many, else by their places.
func (h *headRow) labels(l line, title int, list []number) map[int]string {
	out := map[int]string{}
	if h == nil {
		return out
	}
	counts, at := h.of(l)
	var columns []int
	for _, n := range list {
		if n.column != title && countOf(n.label) == countsNothing && !slices.Contains(columns, n.column) {
			columns = append(columns, n.column)
		}
	}
	for k, c := range columns {
		if len(columns) == len(counts) {
			out[c] = counts[k]
		} else if i := slices.Index(at, c); i >= 0 {
			out[c] = counts[i]
		}
	}
	return out
}

// of are the headings without that of the titles: no thread counts threads.
func (h *headRow) of(l line) (counts []string, at []int) {
	for k, label := range h.counts {
		if l.link.Kind != forum.KindThread || countOf(label) != countsThreads {
			counts, at = append(counts, label), append(at, h.at[k])
		}
	}
	return counts, at
}

// titleColumn is the column of a line that its title stands in.
func (r *reader) titleColumn(l line) int {
	o := r.out
	for i := l.item; i > l.from; i = o.items[i].parent {
		if o.items[i].parent == l.from {
			return columnOf(o.items[i].n)
		}
	}
	return -1
}

// counters gives a row's counters by what they count.
func (r *reader) counters(l line, heads *heads) map[counted]string { return r.counted(l, heads, true) }

// counted gives a row's counters by what words and headings say that they count, and
// where asked to, by what pictures and names say.
func (r *reader) counted(l line, heads *heads, named bool) map[counted]string {
	out := map[counted]string{}
	list := r.numbers(l)
	columns := heads.tables[dom.Closest(r.out.items[l.from].n, selTable)]
	var labels map[int]string
	if len(columns) == 0 {
		labels = heads.above(r, l).labels(l, r.titleColumn(l), list)
	}
	for _, n := range list {
		kind := countOf(n.label)
		for _, more := range [...]string{columns[n.column], labels[n.column]} {
			if kind == countsNothing {
				kind = heading(more)
			}
		}
		if kind == countsNothing && named {
			kind = n.byNames()
		}
		if _, known := out[kind]; !known {
			out[kind] = n.value
		}
	}
	return out
}

// byNames is what a counter's picture says, else the names around it.
func (n number) byNames() counted {
	if kind := countIcon(n.icon); kind != countsNothing {
		return kind
	}
	return countNamed(n.names)
}
