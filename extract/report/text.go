package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// maxLines is how many pages a list of pages names before it only counts the
// rest.
const maxLines = 20

// WriteText prints the report for people: one section each, columns aligned;
// sections without lines are left out.
func (r Report) WriteText(w io.Writer) error {
	if _, err := w.Write(r.text()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func (r Report) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d pages read, %d not\n", r.Pages-len(r.Errors), len(r.Errors))
	section(&b, "pages", "engine\tkind\tpages", len(r.Kinds), 0, func(i int) string {
		k := r.Kinds[i]
		return fmt.Sprintf("%s\t%s\t%d", engineName(k.Engine), k.Kind, k.Pages)
	})
	section(&b, "posts", "engine\tpages\texpected\tfound\tmissing\textra\tshare\tpages that tell nothing", len(r.Posts), 0, func(i int) string {
		p := r.Posts[i]
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d (%d posts)", engineName(p.Engine), p.Pages, p.Expected, p.Found, p.Missing, p.Extra, share(p.Expected-p.Missing, p.Expected), p.Unknown, p.Unjudged)
	})
	section(&b, "pages with other posts than expected", "page\tengine\texpected\tfound\tby", len(r.Off), maxLines, func(i int) string {
		o := r.Off[i]
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%s", cell(o.File), engineName(o.Engine), o.Expected, o.Found, o.By)
	})
	section(&b, "fields", "engine\tof\tfield\thave\tof\tshare", len(r.Fields), 0, func(i int) string {
		f := r.Fields[i]
		return fmt.Sprintf("%s\t%s\t%s\t%d\t%d\t%s", engineName(f.Engine), f.Thing, f.Name, f.Have, f.Of, share(f.Have, f.Of))
	})
	section(&b, "gaps", "engine\tfield\ttimes\tpages\treason", len(r.Gaps), 0, func(i int) string {
		g := r.Gaps[i]
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%s", engineName(g.Engine), cell(g.Path), g.Times, g.Pages, cell(g.Reason))
	})
	section(&b, "drift", "engine\twhat\tpages\tfirst", len(r.Drift), 0, func(i int) string {
		d := r.Drift[i]
		return fmt.Sprintf("%s\t%s\t%d\t%s", engineName(d.Engine), cell(d.What), d.Pages, cell(d.File))
	})
	section(&b, "errors", "page\treason", len(r.Errors), maxLines, func(i int) string {
		return cell(r.Errors[i].File) + "\t" + cell(r.Errors[i].Reason)
	})
	return b.Bytes()
}

// section writes n lines below a heading; limit cuts them, 0 does not.
func section(b *bytes.Buffer, name, columns string, n, limit int, line func(i int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", name)
	var table bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  %s\n", columns)
	shown := n
	if limit > 0 {
		shown = min(n, limit)
	}
	for i := range shown {
		fmt.Fprintf(t, "  %s\n", line(i))
	}
	_ = t.Flush() // to a buffer
	for row := range strings.Lines(table.String()) {
		b.WriteString(strings.TrimRight(row, " \n") + "\n")
	}
	if shown < n {
		fmt.Fprintf(b, "  and %d more\n", n-shown)
	}
}

func engineName(engine string) string {
	if engine == "" {
		return "none"
	}
	return engine
}

// share is rounded down: what is not all is not 100 %.
func share(have, of int) string {
	if of == 0 {
		return "-"
	}
	tenths := int64(have) * 1000 / int64(of)
	return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10)
}

// maxCell is the width of a column of free text, in characters.
const maxCell = 100

// cell makes a text fit into a column: no tabs, line breaks or control
// characters, not too wide.
func cell(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= maxCell {
		return s
	}
	return string([]rune(s)[:maxCell-1]) + "…"
}
