package generic

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

const fixtures = "../../../testdata/engines/generic"

func read(t testing.TB, address, body string) *forum.Page {
	t.Helper()
	c := forum.Capture{URL: address, Status: 200, Body: []byte(body), FetchedAt: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	d, err := dom.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Engine{}.Read(c, forum.Facts{}, d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCanonical(t *testing.T) {
	for _, tt := range []struct{ in, key, address string }{
		{"https://f.example/threads/oak-beams.812/", "thread/812/1", "https://f.example/threads/oak-beams.812/"},
		{"https://f.example/threads/oak-beams.812/page-3#post-9", "thread/812/3", "https://f.example/threads/oak-beams.812/page-3"},
		{"https://f.example/viewtopic.php?t=5&sid=0123456789abcdef", "thread/5/1", "https://f.example/viewtopic.php?t=5"},
		{"https://f.example/showthread.php?tid=44&page=2", "thread/44/2", "https://f.example/showthread.php?tid=44&page=2"},
		{"https://f.example/questions/77/why", "thread/77/1", "https://f.example/questions/77/why"},
		{"https://f.example/topic/12-title/?page=2", "thread/12/2", "https://f.example/topic/12-title/?page=2"},
		{"https://f.example/viewtopic.php?id=9", "thread/9/1", "https://f.example/viewtopic.php?id=9"},
		{"https://f.example/forumdisplay.php?fid=3", "board/3/1", "https://f.example/forumdisplay.php?fid=3"},
		{"https://f.example/index.php?topic=4.0", "thread/4/1", "https://f.example/index.php?topic=4.0"},
		{"https://f.example/viewtopic.php?t=5&start=40", "thread/5/s40", "https://f.example/viewtopic.php?t=5&start=40"},
		{"https://f.example/index.php?showtopic=5&st=0", "thread/5/1", "https://f.example/index.php?showtopic=5&st=0"},
		{"https://f.example/node/2598?page=2", "thread/2598/3", "https://f.example/node/2598?page=2"},
		{"https://f.example/t55p15-loose-bow-hair", "thread/55/s15", "https://f.example/t55p15-loose-bow-hair"},
		{"https://f.example/temat/44-olej.html", "thread/44/1", "https://f.example/temat/44-olej.html"},
		{"https://f.example/index.php?threads/oak-beams.812/page-2", "thread/812/2", "https://f.example/index.php?threads/oak-beams.812/page-2"},
		{"https://f.example/index.php?/forum/7-name/", "board/7/1", "https://f.example/index.php?/forum/7-name/"},
		{"https://f.example/showthread.php?77-oak-beams/page3", "thread/77/3", "https://f.example/showthread.php?77-oak-beams/page3"},
		{"https://f.example/forumdisplay.php?9-Oak", "board/9/1", "https://f.example/forumdisplay.php?9-Oak"},
		{"https://f.example/topic.asp?TOPIC_ID=812&whichpage=2", "thread/812/2", "https://f.example/topic.asp?TOPIC_ID=812&whichpage=2"},
		{"https://f.example/forum.asp?FORUM_ID=3", "board/3/1", "https://f.example/forum.asp?FORUM_ID=3"},
		{"https://f.example/index.php?t=msg&th=812&start=20", "thread/812/s20", "https://f.example/index.php?t=msg&th=812&start=20"},
		{"https://f.example/index.php?t=thread&frm_id=3", "board/3/1", "https://f.example/index.php?t=thread&frm_id=3"},
		{"https://f.example/forum_viewtopic.php?id=812&p=2", "thread/812/2", "https://f.example/forum_viewtopic.php?id=812&p=2"},
		{"https://f.example/forum_topics.asp?FID=3", "board/3/1", "https://f.example/forum_topics.asp?FID=3"},
		{"https://f.example/posts/list/812.page", "thread/812/1", "https://f.example/posts/list/812.page"},
		{"https://f.example/posts/list/20/812.page", "thread/812/s20", "https://f.example/posts/list/20/812.page"},
		{"https://f.example/forums/show/40/3.page", "board/3/s40", "https://f.example/forums/show/40/3.page"},
		{"https://f.example/posts/list/mine", "", ""},
		{"https://f.example/forum/3-general/812-oak-beams?start=6", "thread/812/s6", "https://f.example/forum/3-general/812-oak-beams?start=6"},
		{"https://f.example/forum/3-general", "board/3/1", "https://f.example/forum/3-general"},
		{"https://f.example/Board.pl?num=1715188035", "thread/1715188035/1", "https://f.example/Board.pl?num=1715188035"},
		{"https://f.example/Board.pl?num=1715188035/15#15", "thread/1715188035/s15", "https://f.example/Board.pl?num=1715188035/15"},
		{"https://f.example/Board.pl?board=general/8", "board/general/s8", "https://f.example/Board.pl?board=general/8"},
		{"https://f.example/rows.pl?num=20", "", ""},
		{"https://f.example/threads/oak-beams.812/reply", "", ""},
		{"https://f.example/viewtopic.php?t=5&sort=asc", "", ""},
		{"https://f.example/about", "", ""},
		{"https://f.example/user/12", "", ""},
		{"mailto:a@f.example", "", ""},
	} {
		u, err := url.Parse(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := Engine{}.Canonical(u)
		if ok != (tt.key != "") || got.Key != tt.key || got.URL != tt.address {
			t.Errorf("Canonical(%s) = %q %q %v, want %q %q", tt.in, got.Key, got.URL, ok, tt.key, tt.address)
		}
	}
}

func TestDetectIsEmpty(t *testing.T) {
	d, err := dom.Parse(forum.Capture{Body: []byte("<p>x")})
	if err != nil {
		t.Fatal(err)
	}
	if s := (Engine{}).Detect(d); len(s) != 0 {
		t.Errorf("Detect = %v, want nothing", s)
	}
}

func TestLooksTimed(t *testing.T) {
	for s, want := range map[string]bool{
		"3 hours ago": true, "18 января 2026, 19:04": true, "2026年3月1日 10:00": true, "posted 03-14-2002 09:12 PM": true,
		"Reply": false, "": false, "I bought two of them in the shop at the corner of 5th street last week": false,
	} {
		if got := looksTimed(s); got != want {
			t.Errorf("looksTimed(%q) = %v", s, got)
		}
	}
}

func TestAccountID(t *testing.T) {
	for href, want := range map[string]string{
		"https://f.example/members/ann.12/":              "12",
		"https://f.example/users/77/bo":                  "77",
		"https://f.example/profile.php?id=5":             "5",
		"https://f.example/index.php?action=profile;u=9": "9",
		"https://f.example/@carla":                       "",
	} {
		if got := accountID(href); got != want {
			t.Errorf("accountID(%s) = %q, want %q", href, got, want)
		}
	}
}

// TestOnePost reads a thread without replies by its address and a numbered
// element, and leaves the same element alone where the address is no thread's.
func TestOnePost(t *testing.T) {
	const page = `<title>Glue</title><h1>Glue</h1><div class="post" id="post-31"><a href="/user/4" class="username">Dora</a> <time datetime="2026-03-01T10:00:00Z">1 March</time><div class="text"><p>Which glue holds leather to felt for a year or two?</p></div></div>`
	p := read(t, "https://f.example/topic/8-glue", page)
	if len(p.Posts) != 1 || p.Posts[0].ID != "31" || p.Posts[0].Author.Name != "Dora" || p.Posts[0].Author.ID != "4" {
		t.Fatalf("posts = %+v", p.Posts)
	}
	if p := read(t, "https://f.example/about", page); len(p.Posts) != 0 || p.Kind != forum.KindOther {
		t.Errorf("%d posts of a page that is no thread", len(p.Posts))
	}
}

// TestZone reads the zone off the line that names it, wherever the page puts
// that, and not off what people write.
func TestZone(t *testing.T) {
	for line, want := range map[string]string{
		`<p class="xs0">GMT+8, 2026-3-10 20:00</p>`:                          "2020-01-01T00:00Z -8h",
		`<div class="smallfont">All times are GMT -5.</div>`:                 "2020-01-01T00:00Z +5h",
		`<p>I set it to GMT+8, and it works.</p>`:                            "2020-01-01T00:00Z +0h",
		`<div class="post"><p>GMT+8, that is where I live</p></div>`:         "2020-01-01T00:00Z +0h",
		`<footer>Times are in <abbr title="UTC+2">UTC+02:00</abbr></footer>`: "2020-01-01T00:00Z -2h",
	} {
		p := read(t, "https://f.example/topic/1", thread(3)+line)
		at, hours, _ := strings.Cut(want, " ")
		base, err := time.Parse("2006-01-02T15:04Z07:00", at)
		if err != nil {
			t.Fatal(err)
		}
		shift, err := time.ParseDuration(hours)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Posts[0].Published.At; !got.Equal(base.Add(shift)) {
			t.Errorf("%s: the first post is of %s, want %s", line, got, base.Add(shift))
		}
	}
}

// TestTimeInButton reads a time that readers have to press for.
func TestTimeInButton(t *testing.T) {
	const page = `<title>Felt</title><h1>Felt</h1><div id="post31"><a href="/user/4" class="username">Dora</a><button><span itemprop="datePublished" content="2026-03-01T10:00:00Z">last week</span></button><p>Which felt holds leather for a year or two?</p><button>Reply</button></div>
		<div id="post32"><a href="/user/5" class="username">Emil</a><button><span itemprop="datePublished" content="2026-03-02T10:00:00Z">last week</span></button><p>Any, if you sew it on twice and wax the thread.</p><button>Reply</button></div>`
	p := read(t, "https://f.example/topic/8-felt", page)
	if len(p.Posts) != 2 || p.Posts[1].Published.At.Day() != 2 || strings.Contains(p.Posts[1].Body.Text, "Reply") {
		t.Fatalf("posts = %+v", p.Posts)
	}
}

// TestHeadsOfPosts reads boards whose posts begin with a line that looks like
// something else: a title that leads to the post itself, a time in two parts, an
// account that a script shows.
func TestHeadsOfPosts(t *testing.T) {
	const words = "A few words about felt and leather that fill a line or two of the page."
	heads := map[string]string{
		"permalink": `<div class="m"><i><a href="/profile.php?2,%[1]d">Name %[2]c</a></i> <strong><a href="/read.php?2,12,%[1]d#msg-%[1]d">Title %[2]c</a></strong> <small>1%[1]d-August-2011 16:02</small><div>%[3]s</div></div>`,
		"two parts": `<div class="m"><a href="/%[2]c" class="user">Name %[2]c</a> (<span class="g">f</span>): <span class="s"><b>9:0%[1]dam</b> On <b>Apr 2%[1]d</b></span><div>%[3]s</div></div>`,
		"script":    `<table><tr><td><b>By</b> <a href="user_info.pl?id=16%[1]d">Name %[2]c</a> <b>On</b> 2020.03.1%[1]d 13:17</td></tr><tr><td>%[3]s</td></tr></table>`,
	}
	for name, head := range heads {
		var b strings.Builder
		b.WriteString("<title>Felt</title><h1>Felt</h1>")
		for i := range 5 {
			fmt.Fprintf(&b, `<a name="msg-%d"></a>`+head, i+1, 'A'+i, fmt.Sprint(i, words))
		}
		p := read(t, "https://f.example/read.php?2,12", b.String())
		if len(p.Posts) != 5 {
			t.Errorf("%s: %d posts", name, len(p.Posts))
			continue
		}
		last := p.Posts[4]
		if last.Author == nil || last.Author.Name != "Name E" || last.Published.Precision != forum.PrecisionMinute || last.Body.Text != "4"+words {
			t.Errorf("%s: the last post is of %+v at %+v: %q", name, last.Author, last.Published, last.Body.Text)
		}
	}
}

// TestNoPosts holds pages that are no threads.
func TestNoPosts(t *testing.T) {
	var members, feed strings.Builder
	for i := range 20 {
		fmt.Fprintf(&members, `<tr class="m"><td><a href="/user/%d">Name%c</a></td><td>Member</td><td>2019-02-%02d</td></tr>`, i, 'A'+i, i+1)
		fmt.Fprintf(&feed, `<entry><id>%d</id><author><name>N%c</name></author><updated>2026-01-%02dT10:00:00Z</updated><content>Some words that are long enough to be a post</content></entry>`, i, 'A'+i, i+1)
	}
	for name, page := range map[string]string{
		"members": `<h1>Members</h1><table>` + members.String() + `</table>`,
		"feed":    `<feed>` + feed.String() + `</feed>`,
		"empty":   `<p>Nothing here.</p>`,
	} {
		if p := read(t, "https://f.example/list", page); len(p.Posts) != 0 {
			t.Errorf("%s: %d posts, the first %+v", name, len(p.Posts), p.Posts[0].Body.Text)
		}
	}
	for _, address := range []string{"https://f.example/printthread.php?t=4", "https://f.example/topic/4?view=print"} {
		if p := read(t, address, thread(5)); len(p.Posts) != 0 {
			t.Errorf("%s: %d posts of a print view", address, len(p.Posts))
		}
	}
}

// TestStripedPosts reads posts whose classes turn from one to the next.
func TestStripedPosts(t *testing.T) {
	body := thread(6)
	for i := range 6 {
		body = strings.Replace(body, fmt.Sprintf(`class="item k%d"`, i), `class="post box post--`+[]string{"odd", "even"}[i%2]+`"`, 1)
	}
	if p := read(t, "https://f.example/topic/1", body); len(p.Posts) != 6 {
		t.Errorf("%d posts, want 6", len(p.Posts))
	}
}

// TestNoForum holds what is not a forum's: the front page of a site gives no
// posts, comments below an article are read with little trust, and a shop's
// categories are no boards.
func TestNoForum(t *testing.T) {
	if p := read(t, "https://paper.example/", thread(5)); len(p.Posts) != 0 {
		t.Errorf("%d posts of a front page", len(p.Posts))
	}
	for address, most := range map[string]float64{"https://paper.example/2026/03/felt": 0.5, "https://paper.example/talk/felt": 0.9} {
		if p := read(t, address, thread(5)); len(p.Posts) != 5 || p.Extract.Confidence > most || most > 0.5 && p.Extract.Confidence < 0.6 {
			t.Errorf("%s: %d posts with confidence %v, want at most %v", address, len(p.Posts), p.Extract.Confidence, most)
		} else if said := slices.Contains(p.Extract.Warnings, "maybe_comments"); said != (most == 0.5) {
			t.Errorf("%s: warnings %v", address, p.Extract.Warnings)
		}
	}
	const shop = `<ul><li><a href="/category/felt">Felt</a> <span>14</span></li><li><a href="/category/glue">Glue</a> <span>9</span></li><li><a href="/category/wax">Wax</a> <span>3</span></li></ul>`
	for address, boards := range map[string]int{"https://shop.example/": 0, "https://shop.example/about": 0, "https://forum.example/": 3} {
		if p := read(t, address, shop); len(p.Boards) != boards {
			t.Errorf("%s: %d boards, want %d", address, len(p.Boards), boards)
		}
	}
}

// thread is a page with n posts.
func thread(n int) string {
	var b strings.Builder
	b.WriteString(`<title>Long</title><h1>Long</h1><div class="list">`)
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, `<div class="item k%d" id="m%d"><b class="username"><a href="/user/%d">Name %c%c</a></b> <span class="date">%s</span><div class="words">Text number %d with a few words of its own behind it, and <a href="/x">a link</a>.</div><ul><li><a href="/reply/%d">Reply</a></li></ul></div>`,
			i, 1000+i, i%50, 'A'+i%26, 'a'+i%25, at.Add(time.Duration(i)*time.Hour).Format("2006-01-02 15:04"), i, i)
	}
	return b.String() + "</div>"
}

// TestManyRecords reads every one of many posts.
func TestManyRecords(t *testing.T) {
	p := read(t, "https://f.example/topic/1", thread(10000))
	if len(p.Posts) != 10000 {
		t.Fatalf("%d posts", len(p.Posts))
	}
	last := p.Posts[9999]
	if last.ID != "10999" || !strings.HasPrefix(last.Body.Text, "Text number 9999") || last.Author == nil || !last.Published.Known() {
		t.Errorf("last = %+v", last)
	}
}

// TestManyLines reads a page of very many links to boards that show nothing, as
// directories do: the time for one must not grow with their number.
func TestManyLines(t *testing.T) {
	var b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&b, `<div><ul><li><span>A</span> <a href="/category/%d">Group %d</a></li></ul></div>`, i+1, i)
	}
	if p := read(t, "https://f.example/", b.String()); len(p.Posts)+len(p.Listing)+len(p.Boards) != 0 {
		t.Errorf("%d posts, %d rows, %d boards", len(p.Posts), len(p.Listing), len(p.Boards))
	}
}

// BenchmarkGrowth shows that the time grows with the page and not faster: the
// time for a record stays the same.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		body := thread(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				read(b, "https://f.example/topic/1", body)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
		})
	}
}

func pages(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(fixtures, "*", "page.html"))
	if err != nil || len(files) == 0 {
		tb.Fatal("no fixtures")
	}
	var out []string
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, string(raw))
	}
	return out
}

// BenchmarkFixtures reports the reading without its parse over a bare parse.
func BenchmarkFixtures(b *testing.B) {
	list := pages(b)
	var parsing, reading time.Duration
	for b.Loop() {
		for _, body := range list {
			c := forum.Capture{URL: "https://f.example/topic/1", Body: []byte(body)}
			start := time.Now()
			if _, err := html.Parse(bytes.NewReader(c.Body)); err != nil {
				b.Fatal(err)
			}
			parsing += time.Since(start)
			start = time.Now()
			d, err := dom.Parse(c)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := (Engine{}).Read(c, forum.Facts{}, d); err != nil {
				b.Fatal(err)
			}
			reading += time.Since(start)
		}
	}
	b.ReportMetric(float64(reading)/float64(parsing), "total-ratio")
}

// FuzzRead holds that no page makes the reading panic, and that what it gives
// is a thread with posts or neither.
func FuzzRead(f *testing.F) {
	for _, p := range pages(f) {
		f.Add(p, "https://f.example/topic/1")
	}
	f.Add(thread(3), "https://f.example/x?page=2")
	f.Add(`<table><tr><td itemscope itemtype="https://schema.org/Comment"><time datetime="2020-01-01">`, "")
	f.Fuzz(func(t *testing.T, body, address string) {
		c := forum.Capture{URL: address, Body: []byte(body)}
		d, err := dom.Parse(c)
		if err != nil {
			return
		}
		p, err := Engine{}.Read(c, forum.Facts{}, d)
		if err != nil {
			t.Fatal(err)
		}
		if (len(p.Posts) > 0) != (p.Kind == forum.KindThread) || (len(p.Posts) > 0) != (p.Thread != nil) {
			t.Errorf("kind %s with %d posts", p.Kind, len(p.Posts))
		}
	})
}

// TestNobodies reads a thread all of whose posts are by nobody, where its address
// says that it is one.
func TestNobodies(t *testing.T) {
	page := regexp.MustCompile(`Ada Lund \d`).ReplaceAllString(pageOfThread("", func(int) string { return "" }), "Anonymous")
	_, last, _ := strings.Cut(page, `<div class="m" id="m72"`)
	page += `<div class="m" id="m79"` + last
	for address, want := range map[string]int{"https://f.example/wet/thread/9/felt": 4, "https://f.example/wet/9/felt": 0} {
		if p := read(t, address, page); len(p.Posts) != want {
			t.Errorf("%s: %d posts, want %d", address, len(p.Posts), want)
		}
	}
}

// TestTitleWithLabel keeps what stands before a colon in a title that the page's
// title has too, and cuts it off where it is an answer's.
func TestTitleWithLabel(t *testing.T) {
	for heading, want := range map[string]string{"Sold: a felt press": "Sold: a felt press", "Re: Felt": "Felt"} {
		page := strings.NewReplacer("<title>Felt</title>", "<title>"+want+" | Felt Club</title>", "<h1>Felt</h1>", "<h3>"+heading+"</h3>").Replace(pageOfThread("", func(int) string { return "" }))
		if p := read(t, "https://f.example/club/topics/felt", page); p.Thread == nil || p.Thread.Title != want {
			t.Errorf("%s: %+v", heading, p.Thread)
		}
	}
}

// TestTitleBehindPath reads a title that stands behind the path to the page in one
// heading, where the page's title is the site's name.
func TestTitleBehindPath(t *testing.T) {
	page := pageOfThread(`<a href="/start"><h1>Felt Club</h1></a>`, func(int) string { return "" })
	page = strings.NewReplacer("<title>Felt</title>", "<title>Felt Club</title>", "<h1>Felt</h1>", `<h1><a href="/club/index.html">Forums</a> &raquo; <a href="/club/wet.html">Wet work</a> &raquo; Felt in 10 minutes of rain</h1>`).Replace(page)
	if p := read(t, "https://f.example/club/topics/felt", page); p.Thread == nil || p.Thread.Title != "Felt in 10 minutes of rain" {
		t.Errorf("title %+v", p.Thread)
	}
}
