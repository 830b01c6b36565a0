package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"forumine/crawler/archive"
	"forumine/extract/dom"
	"forumine/extract/forum"
	"forumine/index"

	"golang.org/x/term"
)

// auditField is one field that a person judges.
type auditField struct{ name, value string }

// auditView is a post beside the page that it was read from.
type auditView struct {
	url    string
	page   []string // its text, line by line
	from   int      // line that it is shown from: that of the author's name above the post
	at     int      // line where the post's words begin
	fields []auditField
}

// auditFields are the fields that are judged, in their order.
func auditFields() []string {
	var out []string
	for _, f := range fieldsToJudge(&index.RevisionDoc{}) {
		out = append(out, f.name)
	}
	return out
}

func fieldsToJudge(d *index.RevisionDoc) []auditField {
	return []auditField{
		{"author", strings.Join(nonEmpty(d.Author.Name, isSet(d.Author.IsGuest, "(guest)")), " ")},
		{"date", strings.Join(nonEmpty(shownMoment(d.PublishedAt), prefixed("to the ", string(d.PublishedPrecision)), prefixed("shown as ", d.PublishedRaw)), ", ")},
		{"position", numbered(d.Post.Position)},
		{"thread", d.Thread.Title},
		{"board", d.Forum.Path},
		{"text", d.Body.Text},
		{"quotes", quoted(d.Quotes)},
		{"edited", strings.Join(nonEmpty(shownMoment(d.EditedAt), prefixed("by ", d.EditedBy), prefixed("reason ", d.EditReason)), ", ")},
		{"attachments", attached(d.Attachments)},
		{"reactions", counter(d.Reactions.Total)},
		{"signature", d.Signature.Text},
	}
}

func isSet(b *bool, word string) string {
	if b != nil && *b {
		return word
	}
	return ""
}

func shownMoment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func numbered(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func counter(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func quoted(qs []index.Quote) string {
	var out []string
	for _, q := range qs {
		out = append(out, strings.Join(nonEmpty(cmp.Or(q.Author, "somebody"), prefixed("post ", q.PostID)), ", "))
	}
	return strings.Join(out, "; ")
}

func attached(as []index.Attachment) string {
	var out []string
	for _, a := range as {
		out = append(out, cmp.Or(a.Filename, a.URL))
	}
	return strings.Join(out, "; ")
}

// auditView reads the page of a post's capture.
func (d *stacks) auditView(ctx context.Context, key string) (auditView, error) {
	doc, err := d.store.DocumentByKey(ctx, key)
	if err != nil {
		return auditView{}, err
	}
	p, err := index.ParsePost(doc.Body)
	if err != nil {
		return auditView{}, err
	}
	ref, err := archive.ParseRef(p.Crawl.WARC)
	if err != nil {
		return auditView{}, err
	}
	e, err := d.archive.Read(ctx, ref)
	if err != nil {
		return auditView{}, err
	}
	capture, err := e.Capture()
	if err != nil {
		return auditView{}, err
	}
	view := auditView{url: cmp.Or(p.Post.URL, capture.Address()), fields: fieldsToJudge(p)}
	if view.page, err = pageLines(capture); err != nil {
		return auditView{}, err
	}
	view.from, view.at = whereIs(view.page, p)
	return view, nil
}

// pageLines is the text of a page, line by line; of one that is JSON, the JSON.
func pageLines(c forum.Capture) ([]string, error) {
	d, err := dom.Parse(c)
	if err != nil {
		return nil, err
	}
	if body := d.Find("body"); d.Document != nil && body.Length() > 0 {
		if lines := dom.SplitLines(body.Nodes[0], nil); len(lines) > 0 {
			return lines, nil
		}
	}
	var out bytes.Buffer
	if json.Indent(&out, bytes.TrimSpace(c.Body), "", "  ") == nil {
		return strings.Split(out.String(), "\n"), nil
	}
	text, _, err := dom.Decoded(c)
	return strings.Split(text, "\n"), err
}

// aboveMost is how far above its words a post's author is looked for: cards
// beside a post can be long.
const aboveMost = 40

// whereIs finds the line of a page where a post's words begin: the one with the
// first of them that has its author's name nearest above it; and the line to show
// it from.
func whereIs(lines []string, p *index.RevisionDoc) (from, at int) {
	words := strings.Fields(p.Body.Text)
	first := strings.Join(words[:min(len(words), 4)], " ")
	distance, name := len(lines)+aboveMost, -aboveMost
	for i, line := range lines {
		if p.Author.Name != "" && strings.Contains(line, p.Author.Name) && (first != "" || name < 0) {
			name = i
		}
		if first != "" && strings.Contains(strings.Join(strings.Fields(line), " "), first) && i-name < distance {
			at, from, distance = i, max(name, i-aboveMost, 0), i-name
		}
	}
	if first == "" && name > 0 {
		return name, name
	}
	return from, at
}

// print shows the page's text on the left and the fields on the right.
func (v auditView) print(s streams) {
	width := 140
	if f, ok := s.out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 40 {
			width = w
		}
	}
	left := (width - 3) / 2
	var fields, page []string
	for i, f := range v.fields {
		fields = append(fields, wrap(fmt.Sprintf("%2d %s: %s", i+1, f.name, dash(f.value)), width-left-3)...)
	}
	const below = 10
	for i := v.from; i < len(v.page) && (i <= v.at+below || len(page) < len(fields)); i++ {
		page = append(page, wrap(v.page[i], left)...)
	}
	for i := range max(len(page), len(fields)) {
		fmt.Fprintf(s.out, "%s │ %s\n", pad(lineAt(page, i), left), lineAt(fields, i))
	}
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-len([]rune(s)), 0))
}

// wrap breaks a text into lines of at most width characters, at spaces where it
// can.
func wrap(text string, width int) []string {
	var out []string
	for para := range strings.SplitSeq(text, "\n") {
		line := []rune(strings.Map(printable, para))
		for len(line) > width {
			cut := width
			for i := width; i > width/2; i-- {
				if line[i] == ' ' {
					cut = i
					break
				}
			}
			out = append(out, string(line[:cut]))
			line = []rune(strings.TrimLeft(string(line[cut:]), " "))
		}
		out = append(out, string(line))
	}
	return out
}

// printable keeps a page from steering the terminal.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return ' '
	}
	return r
}
