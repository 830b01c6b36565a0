package generic

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

func TestPageOf(t *testing.T) {
	for in, want := range map[string][2]int{ // page, offset
		"/t/5?page=3":                    {3, 0},
		"/t/5?pageNo=3":                  {3, 0},
		"/t/5?PN=4":                      {4, 0},
		"/topic/5/page/7":                {7, 0},
		"/topic/5/seite-7.html":          {7, 0},
		"/topic/5/paged/2/":              {2, 0},
		"/topic/5/pages":                 {0, 0},
		"/topic/landing-page":            {0, 0},
		"/viewtopic.php?t=5&start=40":    {0, 40},
		"/index.php?showtopic=5&st=20":   {0, 20},
		"/t55p15-loose-bow-hair":         {0, 15},
		"/t55-p15":                       {0, 0},
		"/index.php?topic=5.20":          {0, 20},
		"/index.php?topic=5.msg20#msg20": {0, 0},
		"/showthread.php?p=70002":        {0, 0},
		"/viewtopic.php?id=9&p=2":        {2, 0},
	} {
		u, err := url.Parse("https://f.example" + in)
		if err != nil {
			t.Fatal(err)
		}
		if page, offset := pageOf(u), offsetOf(u); page != want[0] || offset != want[1] {
			t.Errorf("%s: page %d, offset %d, want %v", in, page, offset, want)
		}
	}
}

func TestRelated(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"a/wool-t77", "a/wool-t77-s30", true}, {"a/wool-t77-s30", "a/wool-t77-s60", true}, {"f/yaf_t88_wash", "f/yaf_t88p2_wash", true},
		{"f/yaf_t88p2_wash", "f/yaf_t88p3_wash", true}, {"thread-9-1-1", "thread-9-2-1", true}, {"t/9", "t/10", false}, {"t/felt-9", "t/wool-10", false},
		{"lime-wash-on-brick", "lime-wash-on-brick-2", true}, {"lime-wash-on-brick-2", "lime-wash-on-brick-3", true}, {"comic/2013/24/fights", "comic/2013/28/ranch", false},
		{"topic/12", "topic/12/20", true}, {"t/lime-wash-on-brick", "t/lime-wash-on-brick?page=2", true}, {"topic/12", "topic/123", false}, {"a", "a", true},
	} {
		if got := related(tt.a, tt.b); got != tt.want || related(tt.b, tt.a) != tt.want {
			t.Errorf("%s, %s: %v", tt.a, tt.b, got)
		}
	}
}

func TestForwardRank(t *testing.T) {
	for in, want := range map[string]int{
		`<a href="/2">Next</a>`: 4, `<a href="/2">Nächste Seite »</a>`: 4, `<a href="/2">Page suivante</a>`: 4, `<a href="/2">Вперёд</a>`: 4,
		`<a href="/2">次へ</a>`: 4, `<a href="/2">下一页</a>`: 4, `<a href="/2" title="Next page">&gt;</a>`: 4, `<a href="/2"><img src="r.gif" alt="Siguiente"></a>`: 4,
		`<a href="/2" class="pager-next"><i></i></a>`: 3, `<a href="/2">›</a>`: 2, `<a href="/2">»</a>`: 1,
		`<a href="/2" class="topic-next">Another matter ›</a>`: 0, `<a href="/2">Next topic</a>`: 0, `<a href="/2" class="next disabled">Next</a>`: 0, `<a href="/2">Reply</a>`: 0,
		`<a href="/2">What to read next</a>`: 0,
	} {
		d, err := html.Parse(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if got := forwardRank(dom.Find(d, selLink)); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
}

func TestSignedNumber(t *testing.T) {
	for in, want := range map[string]int{
		"#12": 12, "№ 3": 3, "Post #4": 4, "#3 written on 12 May": 3, "12#": 12, "第12楼": 12, "12樓": 12, "沙发": 2,
		"Reply #5 on:": 6, "Antwort #1 am: 12. Mai": 2, "#2.1": 0, "12": 0, "C#": 0, "See the issue #4 of the journal": 0,
	} {
		if got, _ := signedNumber(in); got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
}

// pageOfThread is a page of three posts with what is given above and beside them.
func pageOfThread(bar string, sign func(i int) string) string {
	var b strings.Builder
	b.WriteString("<title>Felt</title><h1>Felt</h1>" + bar)
	for i := range 3 {
		fmt.Fprintf(&b, `<div class="m" id="m%d"><b class="username">Ada Lund %d</b> <i class="date">2026-01-05 10:0%d</i> <em>%s</em><div class="w">Which felt keeps its shape when it is wet, asked the %d. time?</div></div>`, i+70, i, i, sign(i), i)
	}
	return b.String() + "<p><a href='/t/next-matter-99'>Next topic</a></p>"
}

// TestNext reads the next page's link, this page's number and the posts' places
// from what forums' bars of page links look like.
func TestNext(t *testing.T) {
	none := func(int) string { return "" }
	for _, tt := range []struct {
		name, address, bar string
		sign               func(int) string
		next               string
		page, pages        int
		first              int64
		source             string
	}{
		{"stated", "/t/felt-9", `<link rel="next" href="/t/felt-9?page=2">`, none, "/t/felt-9?page=2", 1, 2, 1, forum.PositionComputed},
		{"stated of another thread", "/t/felt-9", `<link rel="next" href="/t/wool-10">`, none, "", 1, 1, 1, forum.PositionComputed},
		{"numbers", "/t/felt-9?page=2", `<p><a href="/t/felt-9">1</a> <b>2</b> <a href="/t/felt-9?page=3">3</a> <a href="/t/felt-9?page=8">8</a></p>`, none, "/t/felt-9?page=3", 2, 8, 4, forum.PositionComputed},
		{"numbers in the path", "/thread-9-1-1.html", `<div class="pg"><strong>1</strong><a href="/thread-9-2-1.html">2</a></div>`, none, "/thread-9-2-1.html", 1, 2, 1, forum.PositionComputed},
		{"from nought", "/forum/9?page=1", `<ul class="pager"><li><a href="/forum/9">1</a><li class="pager-current">2<li><a href="/forum/9?page=2">3</a></ul>`, none, "/forum/9?page=2", 2, 3, 4, forum.PositionComputed},
		{"words", "/t/felt-9?page=2", `<p>Seite 2 von 5 <a href="/t/felt-9">Zurück</a> <a href="/t/felt-9?page=3">Weiter</a></p>`, none, "/t/felt-9?page=3", 2, 3, 4, forum.PositionComputed},
		{"arrow", "/read.jsp?thread=9", `<span><a href="/read.jsp?thread=9&amp;start=3">›</a> <a href="/read.jsp?thread=9&amp;start=30">»</a></span>`, none, "/read.jsp?thread=9&start=3", 1, 2, 1, forum.PositionComputed},
		{"offset", "/viewtopic.php?t=9&start=30", `<p><a href="/viewtopic.php?t=9">1</a> <a href="/viewtopic.php?t=9&amp;start=15">2</a> <b>3</b> <a href="/viewtopic.php?t=9&amp;start=45">4</a></p>`, none, "/viewtopic.php?t=9&start=45", 3, 4, 31, forum.PositionComputed},
		{"last", "/t/felt-9?page=3", `<p><a href="/t/felt-9?page=2">2</a> <b>3</b> <a class="next disabled" href="/t/felt-9?page=3">Next</a></p>`, none, "", 3, 3, 0, ""},
		{"signs", "/t/felt-9?page=3", "", func(i int) string { return fmt.Sprintf("Post #%d", 41+2*i) }, "", 3, 3, 41, forum.PositionShown},
		{"replies", "/t/felt-9", "", func(i int) string { return strings.Repeat(fmt.Sprintf("Reply #%d on:", i), min(i, 1)) }, "", 1, 1, 1, forum.PositionComputed},
		{"ids", "/t/felt-9", "", func(i int) string { return fmt.Sprintf("#%d", i+70) }, "", 1, 1, 1, forum.PositionComputed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := read(t, "https://f.example"+tt.address, pageOfThread(tt.bar, tt.sign))
			if len(p.Posts) != 3 {
				t.Fatalf("%d posts, kind %s", len(p.Posts), p.Kind)
			}
			next := strings.TrimPrefix(p.Next, "https://f.example")
			if first := p.Posts[0]; next != tt.next || p.Thread.Page != tt.page || p.Thread.PageCount != tt.pages || first.Position != tt.first || first.PositionSource != tt.source {
				t.Errorf("next %q, page %d of %d, position %d (%s)", next, p.Thread.Page, p.Thread.PageCount, first.Position, first.PositionSource)
			}
		})
	}
}
