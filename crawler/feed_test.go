package crawler_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// boards is a forum of some boards with two threads each; thread n's newest post
// has the id n.
func boards(n int) map[string]string {
	pages := map[string]string{}
	var index strings.Builder
	index.WriteString("kind index\n")
	for b := 1; b <= n; b++ {
		fmt.Fprintf(&index, "board /b/%d\n", b)
		setBoard(pages, b, 2*b, 2*b-1)
	}
	pages["/"] = index.String()
	return pages
}

// setBoard lists threads "THREAD" or "THREAD POST" from the top.
func setBoard(pages map[string]string, b int, threads ...int) {
	var list strings.Builder
	list.WriteString("kind board\n")
	for _, t := range threads {
		post := t
		if t > 1000 { // a reply: its id, and the thread in the thousands
			t, post = t/1000, t%1000
		}
		fmt.Fprintf(&list, "row /t/%d %d\n", t, post)
		path := fmt.Sprintf("/t/%d", t)
		pages[path] = fmt.Sprintf("kind thread\npost %d first\npost %d newest\n", t*1_000_000, post)
	}
	path := fmt.Sprintf("/b/%d", b)
	pages[path] = list.String()
}

func (s *site) setBoard(b int, threads ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	setBoard(s.pages, b, threads...)
}

// news writes a feed of entries "THREAD POST BOARD".
func news(entries ...string) string {
	var b strings.Builder
	b.WriteString("kind feed\n")
	for _, e := range entries {
		fmt.Fprintf(&b, "entry /t/%s\n", e)
	}
	return b.String()
}

func feedSetup(m *moving, feed string) setup {
	return setup{now: m.Now, feed: feed, Options: crawler.Options{Audit: crawler.Audit{Share: -1}}}
}

// A round of news asks for the feed in the place of the boards' listings: nothing
// is missed, and the listings rest.
func TestFeedInPlaceOfListings(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(4)
	pages["/news"] = news("8 8 4", "7 7 4", "6 6 3")
	s := serve(t, pages)
	if got := recrawl(t, dir, s, feedSetup(m, "short")); !strings.Contains(got, "/news") {
		t.Errorf("the first crawl did not look at the feed: %s", got)
	}
	m.add(25 * time.Hour)
	if got, want := recrawl(t, dir, s, feedSetup(m, "short")), "/ /news"; got != want {
		t.Errorf("a quiet day asked for %s, want %s", got, want)
	}
	m.add(25 * time.Hour)
	s.set("/news", news("1 9 1", "8 8 4", "7 7 4"))
	s.setBoard(1, 1009, 2)
	if got, want := recrawl(t, dir, s, feedSetup(m, "short")), "/ /news /t/1"; got != want {
		t.Errorf("a reply cost %s, want %s", got, want)
	}
	b := open(t, dir, feedSetup(m, "short"))
	if got := b.posts()["9"]; got != "newest" {
		t.Errorf("the reply is %q", got)
	}
}

// A feed that does not reach back to the last look is no substitute: the listings
// are read in the same crawl, and from then on it serves again.
func TestShortFeedFallsBackOnListings(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(4)
	pages["/news"] = news("8 8 4", "7 7 4")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	s.set("/news", news("4 13 2", "3 12 2"))
	s.setBoard(1, 1011)
	s.setBoard(2, 4013, 3012)
	s.setBoard(3, 5010, 6)
	got := recrawl(t, dir, s, feedSetup(m, "short"))
	for _, path := range []string{"/news", "/b/1", "/b/2", "/b/3", "/b/4", "/t/1", "/t/3", "/t/4", "/t/5"} {
		if strings.Count(" "+got+" ", " "+path+" ") != 1 {
			t.Errorf("%s was not asked for once: %s", path, got)
		}
	}
	m.add(25 * time.Hour)
	if got, want := recrawl(t, dir, s, feedSetup(m, "short")), "/ /news"; got != want {
		t.Errorf("the day after asked for %s, want %s", got, want)
	}
}

// What a short feed showed before the crawl died does not end a walk over a listing
// of which it showed only the top.
func TestShortFeedDoesNotEndWalks(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(3)
	listed(pages, "30 30", "29 29", "28 28", "27 27", "26 26", "25 25", "24 24")
	pages["/news"] = news("30 30 1", "29 29 1")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	s.list("26 105", "27 104", "28 103", "24 102", "25 101", "30 30", "29 29")
	s.set("/news", news("26 105 1", "27 104 1", "28 103 1"))
	o := feedSetup(m, "short")
	o.MaxPages = 4 // the index, the feed and some threads that it tells of
	b := open(t, dir, o)
	if err := b.Refresh(t.Context(), b.start(s.url("/"))); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(watched(t)); err == nil {
		t.Fatal("the crawl was not cut short")
	}
	b.close()
	for range 2 {
		m.add(25 * time.Hour)
		recrawl(t, dir, s, feedSetup(m, "short"))
	}
	b = open(t, dir, feedSetup(m, "short"))
	for _, id := range []string{"24", "25", "26", "27", "28"} {
		if got := b.posts()[id+"1"]; !strings.HasPrefix(got, "at 10") {
			t.Errorf("thread %s holds %q", id, got)
		}
	}
}

// A feed that names posts and no threads tells when there is nothing new: on other days
// the listings are read.
func TestFeedOfPostsAlone(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(3)
	pages["/news"] = news("x/6 6", "x/5 5", "x/4 4")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	if got, want := recrawl(t, dir, s, feedSetup(m, "short")), "/ /news"; got != want {
		t.Errorf("a quiet day asked for %s, want %s", got, want)
	}
	m.add(25 * time.Hour)
	s.set("/news", news("x/1 9", "x/6 6", "x/5 5"))
	s.setBoard(1, 1009, 2)
	if got, want := recrawl(t, dir, s, feedSetup(m, "short")), "/ /b/1 /b/2 /b/3 /news /t/1"; got != want {
		t.Errorf("a reply cost %s, want %s", got, want)
	}
	m.add(25 * time.Hour)
	if got, want := recrawl(t, dir, s, feedSetup(m, "short")), "/ /news"; got != want {
		t.Errorf("the day after asked for %s, want %s", got, want)
	}
}

// A paged feed is read down to what was known.
func TestPagedFeed(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(4)
	pages["/news"], pages["/news/2"], pages["/news/3"] = news("8 8 4", "7 7 4"), news("6 6 3", "5 5 3"), news("4 4 2", "3 3 2")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "paged"))
	m.add(25 * time.Hour)
	s.set("/news", news("1 11 1", "2 10 1"))
	s.set("/news/2", news("3 9 2", "8 8 4"))
	s.setBoard(1, 1011, 2010)
	s.setBoard(2, 3009, 4)
	if got, want := recrawl(t, dir, s, feedSetup(m, "paged")), "/ /news /news/2 /t/1 /t/2 /t/3"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

// A feed that is not there, or says nothing of use, is remembered: listings are
// read, and it is asked for again after a month.
func TestFeedThatIsNone(t *testing.T) {
	t.Parallel()
	for name, feed := range map[string]string{
		"missing": "HTTP 404\n\nkind missing\n", "of members": "kind login\n", "out of order": news("1 1 1", "2 2 1"),
		"of something else": "kind feed\nentry /x/1 none\n", "an image": "HTTP 200\nContent-Type: image/png\n\nkind feed\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, dir := newMoving(), t.TempDir()
			pages := boards(3)
			pages["/news"] = feed
			s := serve(t, pages)
			recrawl(t, dir, s, feedSetup(m, "short"))
			for day, want := range []string{"/ /b/1 /b/2 /b/3", "/ /b/1 /b/2 /b/3"} {
				m.add(25 * time.Hour)
				if got := recrawl(t, dir, s, feedSetup(m, "short")); got != want {
					t.Errorf("day %d: asked for %s, want %s", day+1, got, want)
				}
			}
			m.add(31 * 24 * time.Hour)
			if got := recrawl(t, dir, s, feedSetup(m, "short")); !strings.Contains(got, "/news") {
				t.Errorf("a month later the feed was not asked for: %s", got)
			}
		})
	}
}

// A feed that robots.txt forbids is not asked for, one that is switched off
// neither; a failing one has its listings read the same day.
func TestFeedThatIsNotAskedFor(t *testing.T) {
	t.Parallel()
	m := newMoving()
	pages := boards(3)
	pages["/news"] = news("6 6 3", "5 5 3")
	pages["/robots.txt"] = "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /news\n"
	forbidding := serve(t, pages)
	off := feedSetup(m, "short")
	off.NoFeeds = true
	for _, c := range []struct {
		s *site
		o setup
	}{{forbidding, feedSetup(m, "short")}, {serve(t, boards(3)), off}} {
		dir := t.TempDir()
		recrawl(t, dir, c.s, c.o)
		m.add(25 * time.Hour)
		if got := recrawl(t, dir, c.s, c.o); strings.Contains(got, "/news") || !strings.Contains(got, "/b/3") {
			t.Errorf("asked for %s", got)
		}
	}
	pages = boards(3)
	pages["/news"] = news("6 6 3", "5 5 3")
	failing, dir := serve(t, pages), t.TempDir()
	recrawl(t, dir, failing, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	failing.set("/news", "HTTP 500\n\n")
	o := feedSetup(m, "short")
	o.MaxWait = time.Millisecond
	b := open(t, dir, o)
	failing.forget()
	if err := b.Refresh(t.Context(), b.start(failing.url("/"))); err != nil {
		t.Fatal(err)
	}
	_ = b.Run(watched(t)) // another try of the feed waits
	for _, path := range []string{"/b/1", "/b/2", "/b/3"} {
		if failing.count(path) != 1 {
			t.Errorf("%s was asked for %d times while the feed fails", path, failing.count(path))
		}
	}
}

// Each board's own listing is read within a fortnight; one that shows what the feed
// should have told ends the trust in the feed.
func TestFeedThatLeavesOut(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(3)
	pages["/news"] = news("6 6 3", "5 5 3", "4 4 2", "3 3 2")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	s.setBoard(1, 1010, 2) // the feed does not know this board
	s.setBoard(2, 4011, 3)
	s.set("/news", news("4 11 2", "6 6 3", "5 5 3"))
	looked := 0
	for range 14 {
		recrawl(t, dir, s, feedSetup(m, "short"))
		looked += s.count("/b/1")
		m.add(25 * time.Hour)
	}
	if looked == 0 {
		t.Error("the board's own listing was not read for a fortnight")
	}
	b := open(t, dir, feedSetup(m, "short"))
	if got := b.posts()["10"]; got != "newest" {
		t.Errorf("the reply that the feed left out is %q", got)
	}
	b.close()
	if got := recrawl(t, dir, s, feedSetup(m, "short")); strings.Contains(got, "/news") || !strings.Contains(got, "/b/2") {
		t.Errorf("the feed is still trusted: %s", got)
	}
}

// A crawl of a board with its sub-boards takes what stands in them of the feed.
func TestFeedOfABoardWithSubBoards(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(4)
	pages["/b/1"] += "board /b/2\nboard /b/3\n"
	pages["/news"] = news("8 8 4", "7 7 4", "6 6 3")
	s := serve(t, pages)
	crawlBoard := func() string {
		t.Helper()
		s.forget()
		b := open(t, dir, feedSetup(m, "short"))
		defer b.close()
		if err := b.Refresh(t.Context(), b.start(s.url("/b/1"))); err != nil {
			t.Fatal(err)
		}
		b.run()
		return s.paths()
	}
	crawlBoard()
	m.add(25 * time.Hour)
	crawlBoard()
	m.add(25 * time.Hour)
	s.set("/news", news("8 13 4", "4 12 2", "8 8 4"))
	s.setBoard(2, 4012, 3)
	s.setBoard(4, 8013, 7)
	if got, want := crawlBoard(), "/news /t/4"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

// The feed that a site's pages name is taken for the one that is known.
func TestNamedFeed(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(3)
	pages["/"] += "feed /b/1/feed\nfeed /elsewhere/named\n"
	pages["/elsewhere/named"] = news("6 6 3", "5 5 3")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	recrawl(t, dir, s, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	if got, want := recrawl(t, dir, s, feedSetup(m, "short")), "/ /elsewhere/named"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

// The plan names the feed and why, and no listing that it stands for.
func TestPlanNamesTheFeed(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(3)
	pages["/news"] = news("6 6 3", "5 5 3")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "short"))
	m.add(25 * time.Hour)
	b := open(t, dir, feedSetup(m, "short"))
	plan, _, ok, err := crawler.NewPlanner(b.store.Reader, fed{}, m.Now).Address(t.Context(), s.url("/"))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	var lines []string
	for _, p := range plan {
		lines = append(lines, strings.TrimPrefix(p.URL, s.url(""))+" "+p.Why)
	}
	got := strings.Join(lines, "\n")
	if !strings.HasPrefix(got, "/news tells of all 3 boards that are due") || strings.Contains(got, "/b/") || len(plan) != 2 {
		t.Errorf("the plan is\n%s", got)
	}
}

// Captures of feeds are archived like pages, and say nothing of their own.
func TestFeedIsArchived(t *testing.T) {
	t.Parallel()
	m, dir := newMoving(), t.TempDir()
	pages := boards(3)
	pages["/news"] = news("6 6 3", "5 5 3")
	s := serve(t, pages)
	recrawl(t, dir, s, feedSetup(m, "short"))
	b := open(t, dir, feedSetup(m, "short"))
	u, err := b.store.URLByKey(t.Context(), s.id(), "feed "+s.url("/news"))
	if err != nil || u.Kind != forum.KindFeed || u.Outcome != state.OK {
		t.Fatalf("%+v, %v", u, err)
	}
	if captures, err := b.store.PageCaptures(t.Context(), s.id(), u.Key); err != nil || len(captures) != 1 {
		t.Errorf("%d captures of the feed, %v", len(captures), err)
	}
}

// feedRows are days of one forum with its feed and without.
func feedRows(t *testing.T, threads, posts, boards int, feed string, entries int, shares []float64) (with, without []simRow) {
	t.Helper()
	var runs [2][]simRow
	for i, kind := range []string{feed, ""} {
		f := newSim(5, threads, posts, boards, plainMarkup{fromAll: entries})
		r := newSimRun(t, f, crawler.Audit{Share: -1})
		r.feed = kind
		_, _, b := r.crawl(t)
		b.close()
		runs[i], _ = r.days(t, shares, 0)
	}
	return runs[0], runs[1]
}

// The feed of a simulated forum saves the listings of a day with little news, costs
// next to nothing on one with much, and loses no post.
func TestFeedsOfASimulatedForum(t *testing.T) {
	t.Parallel()
	threads, posts, boards := 600, 4000, 24
	if underRace {
		threads, posts, boards = 120, 600, 8
	}
	shares := []float64{0, 0.002, 0.02, 0, 0.05, 0.002}
	for _, c := range []struct {
		feed    string
		entries int
	}{{"paged", 30}, {"short", 15}} {
		with, without := feedRows(t, threads, posts, boards, c.feed, c.entries, shares)
		for i, row := range with {
			plain := without[i]
			t.Logf("%s feed, day %d, %d threads changed: %d requests with it, %d without", c.feed, row.day, row.changed, row.ours, plain.ours)
			if row.missed > 0 || plain.missed > 0 {
				t.Errorf("%s feed, day %d: %d posts missed, %d without it", c.feed, row.day, row.missed, plain.missed)
			}
			if few := row.changed < c.entries; few && row.ours >= plain.ours-boards/2 {
				t.Errorf("%s feed, day %d: %d requests, %d without it", c.feed, row.day, row.ours, plain.ours)
			}
			if row.ours > plain.ours+1+boards {
				t.Errorf("%s feed, day %d: %d requests, %d without it", c.feed, row.day, row.ours, plain.ours)
			}
		}
	}
}

// TestProofOfFeeds is the table of feeds in docs/incremental.md.
func TestProofOfFeeds(t *testing.T) {
	if os.Getenv(proofEnv) == "" || underRace {
		t.Skip("set " + proofEnv + "=1, without the race detector: it takes minutes")
	}
	shares := []float64{0, 0.001, 0.01, 0, 0.001, 0.01}
	for _, c := range []struct {
		feed    string
		entries int
	}{{"paged", 30}, {"short", 15}, {"short", 255}} {
		with, without := feedRows(t, 20_000, 100_000, 100, c.feed, c.entries, shares)
		for i, row := range with {
			t.Logf("| %s, %d | %g %% | %d | %d | %d | %d | %d |", c.feed, c.entries, row.share*100, row.changed, row.posts, without[i].ours, row.ours, row.missed)
			if row.missed > 0 {
				t.Errorf("day %d: %d posts missed", row.day, row.missed)
			}
		}
	}
}
