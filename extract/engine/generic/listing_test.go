package generic

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"forumine/extract/forum"
)

// shownRows writes what was read of a listing's rows.
func shownRows(p *forum.Page) string {
	var b strings.Builder
	count := func(n *int64) string {
		if n == nil {
			return "-"
		}
		return strconv.FormatInt(*n, 10)
	}
	name := func(a *forum.Author) string {
		if a == nil {
			return "-"
		}
		return a.Name
	}
	for _, w := range p.Listing {
		fmt.Fprintf(&b, "%s %s/%s %s/%s; ", w.ID, count(w.ReplyCount), count(w.ViewCount), name(w.Author), name(w.LastAuthor))
	}
	for _, w := range p.Boards {
		fmt.Fprintf(&b, "%s<%s %s %s/%s; ", w.ID, w.ParentID, w.Name, count(w.ThreadCount), count(w.PostCount))
	}
	return b.String()
}

// TestRowCounters reads what rows count by the headings of their columns, by pictures
// and by names, and who wrote by the word before a link.
func TestRowCounters(t *testing.T) {
	const when = `<time datetime="2026-01-02T10:00:00Z">then</time>`
	for _, tt := range []struct{ name, head, row, want string }{
		{"a row of headings",
			`<div class="hd"><p>Topics</p><p>Posts</p><p>Read</p><p>Last post</p></div>`,
			`<div class="it"><p><a href="/topic/%d">Felt no %[1]d</a></p><p>8</p><p>90</p><p>` + when + `</p></div>`,
			"7 7/90 -/-; 8 7/90 -/-; "},
		{"a column more than headings say",
			`<table><tr><td>Topic</td><td>Rating</td><td>Replies</td><td>Views</td><td>Last post</td></tr>`,
			`<tr><td><table><tr><td><a href="/topic/%d">Felt no %[1]d</a><td>by <a href="/~ada">Ada</a> ` + when + `</table></td><td>5</td><td>8</td><td>90</td><td>` + when + ` by <a href="/~bo">Bo</a></td></tr>`,
			"7 8/90 Ada/Bo; 8 8/90 Ada/Bo; "},
		{"pictures",
			`<div>`,
			`<div class="it"><h3><a href="/topic/%d">Felt no %[1]d</a></h3>` + when + `<p><i class="ic thumbs-up"></i><b>3</b></p><p><i class="ic ic-eye"></i> <b>90</b></p><p><svg class="ic-comment"></svg><b>8</b></p></div>`,
			"7 8/90 -/-; 8 8/90 -/-; "},
		{"titles that say when they began",
			`<div>`,
			`<div class="it"><h3><a href="/topic/%d" title="Felt no %[1]d - started 01 March 2014 - 09:10 AM">Felt no %[1]d</a></h3><p>8 replies</p><p><a href="/topic/%[1]d?view=last">Last post by:</a> ` + when + `</p></div>`,
			"7 8/- -/-; 8 8/- -/-; "},
		{"titles that say so in words",
			`<div>`,
			`<div class="it"><h3><a href="/topic/%d" title="This thread was started on 01 March 2014 - 09:10 AM">Felt no %[1]d</a></h3><p>8 replies</p><p><a href="/topic/%[1]d?view=last">Last post by:</a> ` + when + `</p></div>`,
			"7 8/- -/-; 8 8/- -/-; "},
		{"names",
			`<div>`,
			`<div class="it"><h3><a href="/topic/%d">Felt no %[1]d</a></h3>` + when + `<p class="topic-posts">8</p><p class="topic-views">90</p></div>`,
			"7 7/90 -/-; 8 7/90 -/-; "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := tt.head
			for i := range 2 {
				body += fmt.Sprintf(tt.row, i+7)
			}
			if got := shownRows(read(t, "https://f.example/forum/3", "<main>"+body)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestWholeRowLinks reads rows that are links as a whole by the headings in them.
func TestWholeRowLinks(t *testing.T) {
	row := `<a href="/forum/%s"><h2>All %[1]s</h2><p>12 topics / 60 posts</p><p>Updated <time datetime="2026-01-02T10:00:00Z">then</time> by <cite>Ada</cite></p></a>`
	p := read(t, "https://f.example/forum", "<main>"+fmt.Sprintf(row, "wool")+fmt.Sprintf(row, "dyes"))
	if got, want := shownRows(p), "wool< All wool 12/60; dyes< All dyes 12/60; "; got != want || !p.Boards[0].LastPost.Known() {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestThreadsBelowBoards tells threads whose addresses are those of boards and go on, by
// what they count, and a board's newest post from a board.
func TestThreadsBelowBoards(t *testing.T) {
	const when = `<time datetime="2026-01-02T10:00:00Z">then</time>`
	row := func(name, count string) string {
		return fmt.Sprintf(`<article><h3><a href="/forum/wool/%s">What of %[1]s</a></h3><p>%s</p>`+when+` <a href="/users/7">Ada</a></article>`, name, count)
	}
	p := read(t, "https://f.example/forum/wool", "<main>"+row("carding", "12 topics, 60 posts")+row("moths", "3 replies")+row("lanolin", "9 posts"))
	if got, want := shownRows(p), "moths 3/- Ada/-; lanolin 8/- Ada/-; carding< What of carding 12/60; "; got != want || p.Learned.Routes != "thread=/forum/*/@" {
		t.Errorf("got %q, learned %q, want %q", got, p.Learned.Routes, want)
	}
	board := `<article><h3><a href="/forum/b%d/">Wool %[1]d</a></h3><p>12 topics</p><p>60 posts</p><a href="/forum/b%[1]d/how-it-shrinks/#p88">How it shrinks</a> ` + when + `</article>`
	p = read(t, "https://f.example/forum/", "<main>"+fmt.Sprintf(board, 1)+fmt.Sprintf(board, 2))
	if got, want := shownRows(p), "b1< Wool 1 12/60; b2< Wool 2 12/60; "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBoardsBelow reads the boards that a board's row names below its own.
func TestBoardsBelow(t *testing.T) {
	const when = `<time datetime="2026-01-02T10:00:00Z">then</time>`
	row := `<tr><td><h3><a href="/forum/%d">Wool %[1]d</a></h3><p class="subforums">Below: <a href="/forum/%[1]d1">Dyes (2, 31)</a>, <a href="/forum/%[1]d2" title="Threads: 4, posts: 50">Looms</a>, <a href="/forum/9">Market</a></p></td><td>12</td><td>60</td><td>` + when + `<p class="subforums"><a href="/forum/%[1]d3">In: Moths</a></p></td></tr>`
	p := read(t, "https://f.example/forum/", `<table><tr><th>Board</th><th>Topics</th><th>Posts</th><th>Last</th></tr>`+fmt.Sprintf(row, 1)+fmt.Sprintf(row, 2)+`</table>`)
	want := "1< Wool 1 12/60; 11<1 Dyes 2/31; 12<1 Looms 4/50; 2< Wool 2 12/60; 21<2 Dyes 2/31; 22<2 Looms 4/50; "
	if got := shownRows(p); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
