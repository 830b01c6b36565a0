package extract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/forum"
)

const unknownThread = `<html><title>Felt</title><body><h1>Felt</h1>
<div class="m" id="m7"><a class="username" href="/user/3">Ada Lund</a> <span class="date">2026-01-05 10:00</span><div class="w">Which felt keeps its shape when it gets wet every day?</div></div>
<div class="m" id="m8"><a class="username" href="/user/4">Bo Krantz</a> <span class="date">2026-01-05 11:30</span><div class="w">None does, so take a wool felt and oil it twice a year.</div></div>
<div class="m" id="m9"><a class="username" href="/user/3">Ada Lund</a> <span class="date">2026-01-06 08:00</span><div class="w">Thank you, I shall try it on the old boots first.</div></div></body></html>`

func readPage(t *testing.T, status int, body string, o extract.Options) *forum.Page {
	t.Helper()
	c := forum.Capture{URL: "https://f.example/topic/1", Status: status, Body: []byte(body), FetchedAt: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	p, err := extract.Read(c, forum.Facts{}, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestGuess reads a page of no known engine, says so, and guesses at no error
// page and at no page without posts.
func TestGuess(t *testing.T) {
	p := readPage(t, 200, unknownThread, extract.Options{})
	if p.Engine != "generic" || len(p.Posts) != 3 || !slices.Contains(p.Extract.Warnings, "guessed") || p.Extract.Confidence >= 0.95 {
		t.Errorf("engine %q, %d posts, %+v", p.Engine, len(p.Posts), p.Extract)
	}
	if p := readPage(t, 404, unknownThread, extract.Options{}); len(p.Posts) != 0 || p.Kind != forum.KindMissing {
		t.Errorf("404: kind %s with %d posts", p.Kind, len(p.Posts))
	}
	p = readPage(t, 200, "<h1>About us</h1><p>We are a club.</p>", extract.Options{})
	if p.Engine != "" || p.Kind != forum.KindOther || len(p.Gaps) == 0 || p.Gaps[0].Path != "engine" {
		t.Errorf("no forum: %+v", p)
	}
}

// TestRescue takes the posts of a thread whose own engine no longer finds them
// from the reading by structure, and leaves a reading that has authors alone.
func TestRescue(t *testing.T) {
	marked := strings.Replace(unknownThread, `<html>`, `<html id="XenForo">`, 1)
	marked = strings.Replace(marked, `<body>`, `<body><div id="content" class="thread_view">`, 1)
	p := readPage(t, 200, marked, extract.Options{})
	if p.Engine != "xenforo1" || len(p.Posts) != 3 || p.Extract.Strategy != "repeated" || !slices.Contains(p.Extract.Warnings, "selector_fallback") {
		t.Errorf("engine %q, kind %s, %d posts, %+v", p.Engine, p.Kind, len(p.Posts), p.Extract)
	}
	board := strings.Replace(marked, "thread_view", "forum_view", 1)
	if p := readPage(t, 200, board, extract.Options{}); len(p.Posts) != 0 {
		t.Errorf("a board got %d posts", len(p.Posts))
	}
}

// TestLeadingPages reads pages of which nothing recurs: whoever names the generic
// reader has a listing to follow links from, everybody else a page of no kind.
func TestLeadingPages(t *testing.T) {
	cases := []struct {
		url, body, engine string
		want              forum.Kind
	}{
		{"https://weir.example/forum/", `<a href="/forum/board/4-sluices">Sluices</a>`, "generic", forum.KindIndex},
		{"https://weir.example/forum/board/9-gates", `<a href="/forum/board/4-sluices">Sluices</a>`, "generic", forum.KindBoard},
		{"https://weir.example/forum/thread/9-gates", `<a href="/forum/board/4-sluices">Sluices</a>`, "generic", forum.KindOther},
		{"https://weir.example/forum/", `<a href="/about">About</a>`, "generic", forum.KindOther},
		{"https://weir.example/forum/", `<a href="/forum/board/4-sluices">Sluices</a>`, "", forum.KindOther},
	}
	for _, c := range cases {
		capture := forum.Capture{URL: c.url, Status: 200, Body: []byte("<html><title>Weir</title><body><h1>Weir</h1>" + c.body + "</body></html>")}
		p, err := extract.Read(capture, forum.Facts{}, extract.Options{Engine: c.engine})
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind != c.want {
			t.Errorf("%s with %q is %s, want %s", c.url, c.engine, p.Kind, c.want)
		}
	}
}
