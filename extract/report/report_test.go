package report_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
	"forumine/extract/report"

	"github.com/google/go-cmp/cmp"
)

// page makes a thread's page with n posts; replies below zero are not shown.
func page(number, of, n, replies int) *forum.Page {
	p := &forum.Page{
		Engine: "mybb", Kind: forum.KindThread, Root: "https://kiln.example/",
		Thread: &forum.Thread{ID: "7", Page: number, PageCount: of}, Extract: forum.Extract{Strategy: "dom", Confidence: 1},
	}
	if replies >= 0 {
		count := int64(replies)
		p.Thread.ReplyCount = &count
	}
	for range n {
		p.Posts = append(p.Posts, forum.Post{})
	}
	return p
}

// numbered gives a page's posts the numbers that the page shows.
func numbered(p *forum.Page, numbers ...int64) *forum.Page {
	for i, n := range numbers {
		p.Posts[i].Position, p.Posts[i].PositionSource = n, forum.PositionShown
	}
	return p
}

func build(pages ...*forum.Page) report.Report {
	var entries []report.Entry
	for i, p := range pages {
		entries = append(entries, report.Entry{File: string(rune('a' + i)), Page: p})
	}
	return report.Build(slices.Values(entries))
}

func TestExpectedPosts(t *testing.T) {
	elsewhere := page(1, 2, 25, -1)
	elsewhere.Root = "https://glaze.example/"
	rounded := page(1, 1, 3, 1200)
	rounded.Thread.CountsRounded = true
	computed := page(1, 1, 3, -1)
	for i := range computed.Posts {
		computed.Posts[i].Position, computed.Posts[i].PositionSource = int64(i)+10, forum.PositionComputed
	}
	cases := []struct {
		name  string
		pages []*forum.Page
		want  report.Posts
		off   []report.Off
	}{
		{"a thread of one page counts its replies", []*forum.Page{page(1, 1, 3, 2)}, report.Posts{Pages: 1, Expected: 3, Found: 3}, nil},
		{"a post too few", []*forum.Page{page(1, 1, 2, 2)}, report.Posts{Pages: 1, Expected: 3, Found: 2, Missing: 1}, []report.Off{{File: "a", Engine: "mybb", Expected: 3, Found: 2, By: report.ByCounter}}},
		{"a post too many", []*forum.Page{page(1, 1, 4, 2)}, report.Posts{Pages: 1, Expected: 3, Found: 4, Extra: 1}, []report.Off{{File: "a", Engine: "mybb", Expected: 3, Found: 4, By: report.ByCounter}}},
		{"a number left out between the first and the last", []*forum.Page{numbered(page(2, 3, 3, -1), 11, 12, 14)}, report.Posts{Pages: 1, Expected: 4, Found: 3, Missing: 1}, []report.Off{{File: "a", Engine: "mybb", Expected: 4, Found: 3, By: report.ByPositions}}},
		{"a first page begins with 1", []*forum.Page{numbered(page(1, 1, 2, -1), 2, 3)}, report.Posts{Pages: 1, Expected: 3, Found: 2, Missing: 1}, []report.Off{{File: "a", Engine: "mybb", Expected: 3, Found: 2, By: report.ByPositions}}},
		{"full pages have what most have", []*forum.Page{page(1, 3, 10, -1), page(2, 3, 10, -1), page(1, 2, 9, -1)}, report.Posts{Pages: 3, Expected: 30, Found: 29, Missing: 1}, []report.Off{{File: "c", Engine: "mybb", Expected: 10, Found: 9, By: report.ByPages}}},
		{"the last page has the rest", []*forum.Page{page(1, 2, 10, 13), page(2, 2, 3, 13)}, report.Posts{Pages: 2, Expected: 14, Found: 13, Missing: 1}, []report.Off{{File: "b", Engine: "mybb", Expected: 4, Found: 3, By: report.ByCounter}}},
		{"another site pages differently", []*forum.Page{page(1, 2, 10, -1), elsewhere}, report.Posts{Pages: 2, Expected: 35, Found: 35}, nil},
		{"rounded counters tell nothing", []*forum.Page{rounded}, report.Posts{Pages: 1, Unknown: 1, Unjudged: 3}, nil},
		{"computed numbers tell nothing", []*forum.Page{computed}, report.Posts{Pages: 1, Unknown: 1, Unjudged: 3}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := build(c.pages...)
			c.want.Engine = "mybb"
			if diff := cmp.Diff([]report.Posts{c.want}, r.Posts); diff != "" {
				t.Error("posts:", diff)
			}
			if diff := cmp.Diff(c.off, r.Off); diff != "" {
				t.Error("pages off:", diff)
			}
		})
	}
}

func TestFields(t *testing.T) {
	written := forum.Stamp{At: time.Date(2024, 5, 6, 7, 8, 0, 0, time.UTC)}
	p := page(1, 1, 3, -1)
	p.Posts[0] = forum.Post{ID: "1", Author: &forum.Author{ID: "4", Name: "Ada"}, Published: written, Body: forum.Body{Text: "hot"}}
	p.Posts[1] = forum.Post{ID: "2", Author: &forum.Author{Name: "Passer", IsGuest: true}, Published: forum.Stamp{Raw: "recently"}, State: forum.PostDeleted}
	p.Posts[2] = forum.Post{Author: &forum.Author{Name: "Bo"}, Quotes: []forum.Quote{{Author: "Ada"}, {}}}
	board := &forum.Page{Engine: "mybb", Kind: forum.KindBoard, Listing: []forum.Row{
		{ID: "7", Title: "Cones", LastPost: written},
		{Title: "Moved", IsMoved: true},
	}}
	got := map[string][2]int{}
	for _, f := range build(p, board).Fields {
		got[f.Thing+" "+f.Name] = [2]int{f.Have, f.Of}
	}
	want := map[string][2]int{
		"post id": {2, 3}, "post author": {3, 3}, "post author.id": {1, 2}, "post published_at": {1, 3}, "post body.text": {2, 3},
		"post quotes": {1, 3}, "post quotes.author": {1, 2}, "post edited_at": {0, 3}, "thread id": {1, 1}, "thread title": {0, 1},
		"row title": {2, 2}, "row id": {1, 1}, "row last_post_at": {1, 1}, "row last_author": {0, 1},
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: have %d of %d, want %d of %d", name, got[name][0], got[name][1], n[0], n[1])
		}
	}
}

func TestGapsAndDrift(t *testing.T) {
	a := page(1, 1, 0, -1)
	a.Gaps = []forum.Gap{{Path: "posts[3].author.id", Reason: "no link"}, {Path: "posts[14].author.id", Reason: "other words"}, {Path: "thread.title", Reason: "no heading"}}
	a.Extract.Warnings = []string{"count_rounded"}
	b := page(1, 1, 0, -1)
	b.Gaps = []forum.Gap{{Path: "posts[0].author.id", Reason: "no link"}}
	b.Extract = forum.Extract{Strategy: "jsonld", Confidence: 0.4, Warnings: []string{"count_rounded"}}
	r := build(a, b)
	if diff := cmp.Diff([]report.Gap{
		{Engine: "mybb", Path: "posts[].author.id", Times: 3, Pages: 2, Reason: "no link"},
		{Engine: "mybb", Path: "thread.title", Times: 1, Pages: 1, Reason: "no heading"},
	}, r.Gaps); diff != "" {
		t.Error("gaps:", diff)
	}
	if diff := cmp.Diff([]report.Drift{
		{Engine: "mybb", What: "warning count_rounded", Pages: 2, File: "a"},
		{Engine: "mybb", What: "confidence below 0.5", Pages: 1, File: "b"},
		{Engine: "mybb", What: "strategy jsonld", Pages: 1, File: "b"},
	}, r.Drift); diff != "" {
		t.Error("drift:", diff)
	}
}

func TestKindsAndErrors(t *testing.T) {
	r := report.Build(slices.Values([]report.Entry{
		{File: "one.html", Page: &forum.Page{Engine: "smf", Kind: forum.KindIndex}},
		{File: "two.html", Err: errors.New("the body is empty")},
		{File: "three.html", Page: &forum.Page{Kind: forum.KindOther}},
		{File: "four.html"},
		{File: "five.html", Page: &forum.Page{Engine: "smf", Kind: forum.KindIndex}},
	}))
	if diff := cmp.Diff([]report.Kind{{Kind: forum.KindOther, Pages: 1}, {Engine: "smf", Kind: forum.KindIndex, Pages: 2}}, r.Kinds); diff != "" {
		t.Error("kinds:", diff)
	}
	if diff := cmp.Diff([]report.PageFail{{File: "two.html", Reason: "the body is empty"}, {File: "four.html", Reason: "no reading"}}, r.Errors); diff != "" {
		t.Error("errors:", diff)
	}
	if r.Pages != 5 {
		t.Errorf("%d pages, want 5", r.Pages)
	}
}

const wantText = `3 pages read, 1 not

pages
  engine  kind    pages
  mybb    thread  3

posts
  engine  pages  expected  found  missing  extra  share  pages that tell nothing
  mybb    3      3003      3002   1        0      99.9%  1 (0 posts)

pages with other posts than expected
  page  engine  expected  found  by
  a     mybb    3         2      counter

fields
`

func TestText(t *testing.T) {
	entries := []report.Entry{{File: "a", Page: page(1, 1, 2, 2)}, {File: "b", Page: page(1, 1, 3000, 2999)}, {File: "c", Page: page(1, 1, 0, -1)}, {File: "bad\tname", Err: errors.New("line\none" + strings.Repeat(" long", 40))}}
	r := report.Build(slices.Values(entries))
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if !strings.HasPrefix(text, wantText) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", text, wantText)
	}
	for line := range strings.Lines(text) {
		if line != strings.TrimRight(line, " \n")+"\n" {
			t.Errorf("line %q ends with white space", line)
		}
	}
	if !strings.Contains(text, "\n  bad name  line one long") || strings.Contains(text, strings.Repeat(" long", 30)) {
		t.Errorf("errors should be one short line each:\n%s", text)
	}
}

// The same pages give the same report, byte for byte.
func TestOrderIsFixed(t *testing.T) {
	text := func() string {
		a, b := page(1, 1, 2, 5), page(1, 2, 10, -1)
		b.Engine = "smf"
		b.Gaps = []forum.Gap{{Path: "x"}, {Path: "y"}}
		b.Extract.Warnings = []string{"v", "w"}
		r := build(a, b, page(2, 2, 1, -1), &forum.Page{Engine: "smf", Kind: forum.KindOther})
		var out strings.Builder
		if err := r.WriteText(&out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first := text()
	for range 20 {
		if again := text(); again != first {
			t.Fatalf("another order:\n%s\n%s", first, again)
		}
	}
}

func TestEmpty(t *testing.T) {
	var b strings.Builder
	if err := build().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if b.String() != "0 pages read, 0 not\n" {
		t.Errorf("got %q", b.String())
	}
}
