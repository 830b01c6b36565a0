package crawler_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/crawler"
)

func mapSetup(m *moving, sitemap string) setup {
	return setup{now: m.Now, sitemap: sitemap, Options: crawler.Options{Audit: crawler.Audit{Share: -1}}}
}

// xmlFile is a served file of XML; each entry is "ADDRESS" or "ADDRESS LASTMOD".
func xmlFile(root, element string, entries ...string) string {
	return "HTTP 200\nContent-Type: application/xml\n\n" + xmlText(root, element, entries...)
}

func xmlText(root, element string, entries ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<?xml version=\"1.0\"?>\n<%s>", root)
	for _, e := range entries {
		loc, at, dated := strings.Cut(e, " ")
		if strings.HasPrefix(loc, "/") {
			loc = "BASE" + loc
		}
		fmt.Fprintf(&b, "<%s><loc>%s</loc>", element, loc)
		if dated {
			fmt.Fprintf(&b, "<lastmod>%s</lastmod>", at)
		}
		fmt.Fprintf(&b, "</%s>", element)
	}
	fmt.Fprintf(&b, "</%s>", root)
	return b.String()
}

func urls(entries ...string) string  { return xmlFile("urlset", "url", entries...) }
func index(entries ...string) string { return xmlFile("sitemapindex", "sitemap", entries...) }

// zipped is a packed file. Its own addresses are absolute ones of the server.
func zipped(s *site, text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, strings.ReplaceAll(text, "BASE", s.server.URL))
	_ = z.Close()
	return "HTTP 200\nContent-Type: application/gzip\n\n" + b.String()
}

// unlisted puts threads into a forum that no listing shows.
func unlisted(pages map[string]string, ids ...string) {
	for _, id := range ids {
		path := "/t/" + id
		pages[path] = "kind thread\npost " + id + "0 first\npost " + id + "1 newest\n"
	}
}

// Threads that no listing shows are found by the sitemap, after everything that
// listings show; a second run asks for nothing of it.
func TestSitemapNamesUnlistedThreads(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(2)
	unlisted(pages, "70", "71")
	pages["/map.xml"] = urls("/", "/b/1", "/t/1", "/t/4", "/t/70", "/t/71 2026-04-01", "/members/7", "http://else.example.net/t/99", "/t/70")
	s := serve(t, pages)
	if got, want := recrawl(t, dir, s, mapSetup(m, "plain")), "/ /b/1 /b/2 /map.xml /t/1 /t/2 /t/3 /t/4 /t/70 /t/71"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	order := strings.Join(s.requests(), " ")
	if !strings.HasSuffix(order, "/map.xml /t/70 /t/71") {
		t.Errorf("the order is %s", order)
	}
	b := open(t, dir, mapSetup(m, "plain"))
	if got := b.posts()["711"]; got != "newest" {
		t.Errorf("the unlisted thread's post is %q", got)
	}
	for id, named := range map[string]bool{"1": false, "70": true} {
		last, err := b.store.LastPage(t.Context(), s.id(), "thread/"+id, 0)
		if err != nil || crawler.NamedBySitemap(last.Signature) != named {
			t.Errorf("thread %s: %+v, %v; named by the sitemap alone: want %v", id, last, err, named)
		}
	}
	known, err := crawler.SitemapOf(t.Context(), b.store.Reader, s.id())
	if err != nil || known.New != 2 || known.Files != 1 || known.Took != 1 || known.Entries != 9 {
		t.Errorf("of the sitemap is known %+v, %v", known, err)
	}
	if captures, err := b.store.PageCaptures(t.Context(), s.id(), "sitemap "+s.url("/map.xml")); err != nil || len(captures) != 1 {
		t.Errorf("%d captures of the sitemap, %v", len(captures), err)
	}
	b.close()
	for range 3 {
		m.add(25 * time.Hour)
		if got, want := recrawl(t, dir, s, mapSetup(m, "plain")), "/ /b/1 /b/2"; got != want {
			t.Errorf("a quiet day asked for %s, want %s", got, want)
		}
	}
}

// A quiet crawl does not pay for the sitemap; one that has much to do anyway reads it
// after a week, and after two months it is read in any case.
func TestSitemapIsReadSeldom(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(12)
	pages["/map.xml"] = urls("/t/1", "/t/2")
	s := serve(t, pages)
	recrawl(t, dir, s, mapSetup(m, "plain"))
	m.add(8 * 24 * time.Hour)
	if got := recrawl(t, dir, s, mapSetup(m, "plain")); strings.Contains(got, "map") {
		t.Errorf("a quiet day after a week asked for %s", got)
	}
	for b := 1; b <= 12; b++ {
		s.setBoard(b, 1000*2*b+500+b, 2*b-1)
	}
	m.add(25 * time.Hour)
	if got := recrawl(t, dir, s, mapSetup(m, "plain")); strings.Count(got, "/map.xml") != 1 {
		t.Errorf("a busy day after a week asked for %s", got)
	}
	m.add(59 * 24 * time.Hour)
	if got := recrawl(t, dir, s, mapSetup(m, "plain")); strings.Contains(got, "map") {
		t.Errorf("59 quiet days later it was asked for: %s", got)
	}
	m.add(25 * time.Hour)
	if got := recrawl(t, dir, s, mapSetup(m, "plain")); strings.Count(got, "/map.xml") != 1 {
		t.Errorf("two months later it was not asked for: %s", got)
	}
}

// Two months later a thread whose last post is newer than the last look at it is read
// from its last page on, if the program is known to date threads by their last posts.
func TestSitemapDatesThreads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sitemap, later, want string }{
		{"dated", "2026-06-20T10:00:00Z", "/t/70/2 /t/70/3"},
		{"dated", "2026-04-20T10:00:00+02:00", ""}, // seen
		{"dated", "2026-06-20", ""},                // a day may be before the look
		{"dated", "2036-06-20T10:00:00Z", ""},      // cannot be
		{"plain", "2026-06-20T10:00:00Z", ""},      // means who knows what
	} {
		m, dir := newMoving(), t.TempDir()
		pages := boards(2)
		pages["/t/70"] = "kind thread\npost 700 first\nnext /t/70/2\n"
		pages["/t/70/2"] = "kind thread\npost 701 second\n"
		pages["/map.xml"] = urls("/t/1 2026-04-02T10:00:00Z", "/t/70 2026-04-01T10:00:00Z")
		s := serve(t, pages)
		recrawl(t, dir, s, mapSetup(m, c.sitemap))
		m.add(61 * 24 * time.Hour)
		s.set("/t/70/2", "kind thread\npost 701 second\nnext /t/70/3\n")
		s.set("/t/70/3", "kind thread\npost 702 third\n")
		s.set("/map.xml", urls("/t/1 2026-04-02T10:00:00Z", "/t/70 "+c.later))
		want := strings.TrimSpace("/ /b/1 /b/2 /map.xml " + c.want)
		if got := recrawl(t, dir, s, mapSetup(m, c.sitemap)); got != want {
			t.Errorf("%s, %s: asked for %s, want %s", c.sitemap, c.later, got, want)
		}
	}
}

// A sitemap that gives all threads one time says when it was made.
func TestSitemapOfOneTime(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(6)
	all := func(at string) string {
		var entries []string
		for id := 1; id <= 12; id++ {
			entries = append(entries, fmt.Sprintf("/t/%d %s", id, at))
		}
		return urls(entries...)
	}
	pages["/map.xml"] = all("2026-04-02T10:00:00Z")
	s := serve(t, pages)
	recrawl(t, dir, s, mapSetup(m, "dated"))
	m.add(61 * 24 * time.Hour)
	s.set("/map.xml", all("2026-06-20T10:00:00Z"))
	if got := recrawl(t, dir, s, mapSetup(m, "dated")); strings.Contains(got, "/t/") || !strings.Contains(got, "/map.xml") {
		t.Errorf("asked for %s", got)
	}
}

// An index leads to its files, packed or not: once each, and later to those that have
// changed by its own word, or that it says nothing of.
func TestSitemapIndex(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(2)
	unlisted(pages, "70", "71", "72", "73")
	pages["/map.xml"] = index("/maps/1.xml.gz 2026-04-01", "/maps/2.xml 2026-04-01", "/maps/3.xml", "/maps/deep.xml", "/map.xml 2026-04-01", "http://else.example.net/4.xml")
	pages["/maps/2.xml"] = urls("/t/71")
	pages["/maps/3.xml"] = "HTTP 200\nContent-Type: application/xml\nETag: \"three\"\n\n" + xmlText("urlset", "url", "/t/72")
	pages["/maps/deep.xml"] = index("/map.xml 2026-04-02", "/maps/deep.xml 2026-04-02", "/maps/deeper.xml")
	pages["/maps/deeper.xml"] = index("/maps/deepest.xml") // a fourth level is none
	pages["/maps/deepest.xml"] = urls("/t/73")
	s := serve(t, pages)
	s.set("/maps/1.xml.gz", zipped(s, xmlText("urlset", "url", "/t/70")))
	const files = "/map.xml /maps/1.xml.gz /maps/2.xml /maps/3.xml /maps/deep.xml /maps/deeper.xml"
	if got, want := recrawl(t, dir, s, mapSetup(m, "plain")), "/ /b/1 /b/2 "+files+" /t/1 /t/2 /t/3 /t/4 /t/70 /t/71 /t/72"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	unlist := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		unlisted(s.pages, "74")
	}
	unlist()
	m.add(61 * 24 * time.Hour)
	s.set("/maps/1.xml.gz", zipped(s, xmlText("urlset", "url", "/t/70", "/t/74")))
	s.set("/maps/2.xml", urls("/t/71", "/t/75"))
	s.set("/map.xml", index("/maps/1.xml.gz 2026-06-30", "/maps/2.xml 2026-04-01", "/maps/3.xml"))
	o := mapSetup(m, "plain")
	m.add(-2 * 24 * time.Hour) // 2.xml was read 59 days ago, the sitemap as a whole is due
	b := open(t, dir, o)
	if err := b.store.SetMeta(t.Context(), "sitemap "+s.id(), ""); err != nil {
		t.Fatal(err)
	}
	b.close()
	if got, want := recrawl(t, dir, s, o), "/ /b/1 /b/2 /map.xml /maps/1.xml.gz /maps/3.xml /t/74"; got != want {
		t.Errorf("two months later asked for %s, want %s", got, want)
	}
}

// Sitemaps that robots.txt names are taken wherever they are; what it forbids is not
// asked for.
func TestSitemapOfRobots(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, map[string]string{})
	pages := boards(2)
	unlisted(pages, "70", "71", "72")
	pages["/named.xml"] = urls("/t/70")
	pages["/map.xml"] = urls("/t/72")
	pages["/robots.txt"] = "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /t/71\nSitemap: /named.xml\nsitemap: " + elsewhere.url("/far.xml") + "\nSitemap: ftp://else.example.net/x\n"
	s := serve(t, pages)
	elsewhere.set("/far.xml", strings.ReplaceAll(index("/far/1.xml", s.url("/near.xml"), "http://else.example.net/x.xml"), "BASE", elsewhere.server.URL))
	elsewhere.set("/far/1.xml", urls(s.url("/t/71"), elsewhere.url("/t/5")))
	s.set("/near.xml", urls("/t/1"))
	m, dir := newMoving(), t.TempDir()
	if got, want := recrawl(t, dir, s, mapSetup(m, "plain")), "/ /b/1 /b/2 /named.xml /near.xml /t/1 /t/2 /t/3 /t/4 /t/70"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	if got, want := elsewhere.paths(), "/far.xml /far/1.xml"; got != want {
		t.Errorf("elsewhere asked for %s, want %s", got, want)
	}
	b := open(t, dir, mapSetup(m, "plain"))
	if got := b.outcome(s, "thread/71/1"); !strings.HasPrefix(got, "robots: ") {
		t.Errorf("the forbidden thread is %s", got)
	}
}

// A sitemap is not asked for where it is switched off, forbidden, where the crawl is of
// a board or a thread, or leaves something out: a sitemap does not name boards.
func TestSitemapThatIsNotAskedFor(t *testing.T) {
	t.Parallel()
	off := func(o *setup) { o.NoSitemaps = true }
	excluding := func(o *setup) { o.Filter = &crawler.Filter{Exclude: []string{"/b/2"}} }
	recent := func(o *setup) { o.Filter = &crawler.Filter{MaxAge: 30 * 24 * time.Hour} }
	for name, c := range map[string]struct {
		start, robots, sitemap string
		change                 func(*setup)
		want                   string
	}{
		"off":                    {"/", "", "dated", off, ""},
		"forbidden":              {"/", "Disallow: /map", "dated", nil, ""},
		"a board":                {"/b/1", "", "dated", nil, ""},
		"a thread":               {"/t/1", "", "dated", nil, ""},
		"an excluded":            {"/", "", "dated", excluding, ""},
		"recent":                 {"/", "", "dated", recent, "/map.xml /t/71"},
		"recent, who knows when": {"/", "", "plain", recent, "/map.xml"},
		"following":              {"/", "", "plain", func(o *setup) { o.Filter = &crawler.Filter{Follow: []string{"/t/70"}} }, "/map.xml /t/70"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMoving()
			pages := boards(2)
			unlisted(pages, "70", "71", "72")
			pages["/map.xml"] = urls("/t/70 2026-01-01T10:00:00Z", "/t/71 2026-04-30T10:00:00Z", "/t/72")
			pages["/robots.txt"] = "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\n" + c.robots + "\n"
			s := serve(t, pages)
			o := mapSetup(m, c.sitemap)
			if c.change != nil {
				c.change(&o)
			}
			b := open(t, t.TempDir(), o)
			b.start(s.url(c.start))
			b.run()
			var got []string
			for p := range strings.FieldsSeq(s.paths()) {
				if strings.Contains(p, "map") || strings.HasPrefix(p, "/t/7") {
					got = append(got, p)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("asked for %s, want %s", got, c.want)
			}
		})
	}
}

// What a sitemap turns out to be instead has an outcome, ends no crawl, and is not
// asked for again for a month.
func TestSitemapThatIsNone(t *testing.T) {
	t.Parallel()
	type answer struct{ page, outcome string }
	bomb := func(s *site) string { return zipped(s, "<urlset>"+strings.Repeat(" ", 51<<20)+"</urlset>") }
	for name, c := range map[string]answer{
		"missing":    {"", "gone: the host answered 404"},
		"for others": {"HTTP 403\n\n", "walled: the host answered 403"},
		"a page":     {"kind other\n", "wrong_type: the server calls it text/html; charset=utf-8"},
		"a login":    {"kind login\n", "walled: the file is for members: login"},
		"an image":   {"HTTP 200\nContent-Type: image/png\n\n<urlset></urlset>", "wrong_type: the server calls it image/png"},
		"junk":       {"HTTP 200\nContent-Type: application/xml\n\n<html></html>", "unreadable: "},
		"a bomb":     {"bomb", "too_large: the sitemap is too large"},
		"elsewhere":  {"HTTP 301\nLocation: http://else.example.net/map.xml\n\n", "out_of_scope: redirects to another host"},
		"a circle":   {"HTTP 302\nLocation: /map.xml\n\n", "failed: "},
		"failing":    {"HTTP 500\n\n", "failed: 3 attempts, the last: the host answered 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, dir := newMoving(), t.TempDir()
			pages := boards(2)
			if c.page != "" {
				pages["/map.xml"] = c.page
			}
			s := serve(t, pages)
			if c.page == "bomb" {
				s.set("/map.xml", bomb(s))
			}
			o := mapSetup(m, "dated")
			if name == "failing" {
				o.now = nil // its further tries come by the clock
			}
			recrawl(t, dir, s, o)
			for _, path := range []string{"/map.xml", "/map2.xml"} {
				if s.count(path) == 0 {
					t.Errorf("%s was not asked for: %s", path, s.paths())
				}
			}
			b := open(t, dir, o)
			if got := b.outcome(s, "sitemap "+s.url("/map.xml")); !strings.HasPrefix(got, c.outcome) {
				t.Errorf("the outcome is %s, want %s", got, c.outcome)
			}
			known, err := crawler.SitemapOf(t.Context(), b.store.Reader, s.id())
			if err != nil || known.RetryAt.IsZero() || !strings.HasPrefix(known.Reason, "gone ") {
				t.Errorf("of the sitemap is known %+v, %v", known, err)
			}
			b.close()
			if name == "failing" {
				return
			}
			m.add(25 * time.Hour)
			if got, want := recrawl(t, dir, s, o), "/ /b/1 /b/2"; got != want {
				t.Errorf("the day after asked for %s, want %s", got, want)
			}
		})
	}
}

// Without bounds a sitemap could have a crawl ask for ever more.
func TestSitemapWithoutEnd(t *testing.T) {
	t.Parallel()
	m := newMoving()
	pages := boards(2)
	var files []string
	for i := range 150 {
		path := fmt.Sprintf("/maps/%d.xml", i)
		files = append(files, path)
		pages[path] = urls("/members/7")
	}
	pages["/map.xml"] = index(files...)
	s := serve(t, pages)
	recrawl(t, t.TempDir(), s, mapSetup(m, "plain"))
	if n := strings.Count(s.paths(), "/maps/"); n < 100 || n > 101 { // the next one is asked for while one is settled
		t.Errorf("%d files were asked for that name no thread", n)
	}
	many := boards(2)
	for f := range 3 {
		var entries []string
		for i := range 250 {
			entries = append(entries, fmt.Sprintf("/t/%d", 1000*(f+1)+i+1_000_000*(f+1)))
		}
		path := fmt.Sprintf("/maps/%d.xml", f)
		many[path] = urls(entries...)
	}
	many["/map.xml"] = index("/maps/0.xml", "/maps/1.xml", "/maps/2.xml")
	s = serve(t, many)
	dir := t.TempDir()
	recrawl(t, dir, s, mapSetup(m, "plain"))
	if got := s.paths(); strings.Count(got, "/maps/") != 1 || strings.Count(got, "/t/") > 260 {
		t.Errorf("%d files were asked for, and %d threads", strings.Count(got, "/maps/"), strings.Count(got, "/t/"))
	}
	b := open(t, dir, mapSetup(m, "plain"))
	if got := b.outcome(s, "sitemap "+s.url("/maps/2.xml")); !strings.HasPrefix(got, "out_of_scope: of the threads that the sitemap names, 250 are not to be had") {
		t.Errorf("the last file is %s", got)
	}
}

// A crawl that ends in the middle of a sitemap goes on with it, also when it has been
// switched off in between; a sitemap that waits keeps no news from being looked for.
func TestSitemapOfAnInterruptedCrawl(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(2)
	unlisted(pages, "70", "71")
	pages["/map.xml"] = index("/maps/1.xml", "/maps/2.xml")
	pages["/maps/1.xml"], pages["/maps/2.xml"] = urls("/t/70"), urls("/t/71")
	s := serve(t, pages)
	o := mapSetup(m, "plain")
	o.MaxPages = 10 // up to the first thread that the sitemap names
	if got := recrawl(t, dir, s, o); !strings.HasSuffix(got, "/t/70") || strings.Contains(got, "/maps/2.xml") {
		t.Fatalf("the first run asked for %s", got)
	}
	m.add(25 * time.Hour)
	o = mapSetup(m, "plain")
	o.NoSitemaps = true
	if got, want := recrawl(t, dir, s, o), "/ /b/1 /b/2"; got != want {
		t.Errorf("without sitemaps asked for %s, want %s", got, want)
	}
	m.add(25 * time.Hour)
	if got, want := recrawl(t, dir, s, mapSetup(m, "plain")), "/ /b/1 /b/2 /maps/2.xml /t/71"; got != want {
		t.Errorf("then asked for %s, want %s", got, want)
	}
}

// The plan says when and why the sitemap would be asked for.
func TestPlanNamesTheSitemap(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(2)
	unlisted(pages, "70")
	pages["/map.xml"] = urls("/t/70")
	s := serve(t, pages)
	o := mapSetup(m, "plain")
	plan := func() string {
		b := open(t, dir, o)
		defer b.close()
		planned, _, _, err := crawler.NewPlanner(b.store.Reader, mapped{o: o}, m.Now).Address(t.Context(), s.url("/"))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, p := range planned {
			lines = append(lines, strings.TrimPrefix(p.URL, s.url(""))+" "+p.Why)
		}
		return strings.Join(lines, "\n")
	}
	o.MaxPages = 7
	recrawl(t, dir, s, o)
	if got := plan(); !strings.Contains(got, "/map.xml the sitemap, once nothing else is due") {
		t.Errorf("before the sitemap was read the plan is\n%s", got)
	}
	o.MaxPages = 4 // index, boards and sitemap
	recrawl(t, dir, s, o)
	if got := plan(); !strings.Contains(got, "/t/70 new: a thread that only the sitemap names") || strings.Contains(got, "once nothing") {
		t.Errorf("then it is\n%s", got)
	}
	o.MaxPages = 0
	recrawl(t, dir, s, o)
	if got := plan(); strings.Contains(got, "map") {
		t.Errorf("then it is\n%s", got)
	}
	m.add(8 * 24 * time.Hour)
	if got := plan(); !strings.Contains(got, "/map.xml the sitemap, if the crawl has made 20 other requests") {
		t.Errorf("a week later it is\n%s", got)
	}
}

// A day's crawl of a simulated forum costs no more with a sitemap than without, and its
// first crawl as many requests more as the sitemap has files.
func TestSitemapOfASimulatedForum(t *testing.T) {
	t.Parallel()
	threads, posts, boards := 500, 5000, 10
	if underRace {
		threads, posts, boards = 120, 600, 4
	}
	f := newSim(3, threads, posts, boards, plainMarkup{mapped: 50})
	r := newSimRun(t, f, crawler.Audit{Share: -1})
	r.sitemap = "plain"
	first, _, b := r.crawl(t)
	b.close()
	if want := f.Plain() + 1 + (threads+49)/50; first != want {
		t.Errorf("the first crawl made %d requests, want %d", first, want)
	}
	rows, _ := r.days(t, slices.Repeat([]float64{0, 0.002, 0.02, 0, 0.05, 0}, 4), 0)
	r.check(t, rows, 1.2)
	total, least := 0, 0
	for _, row := range rows {
		total, least = total+row.ours, least+row.least
	}
	if ratio := float64(total) / float64(least); ratio > 1.1 {
		t.Errorf("%d requests in all, %d are the least: %.2f times as many", total, least, ratio)
	}
}
