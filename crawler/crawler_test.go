package crawler_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// small is a forum of two boards, three threads and six pages of posts.
func small() map[string]string {
	return map[string]string{
		"/":      "kind index\nboard /b/1\nboard /b/2\n",
		"/b/1":   "kind board\nrow /t/5 a\nrow /t/6 a\nnext /b/1/2\nlink /b/1/2\n",
		"/b/1/2": "kind board\nrow /t/7 a\n",
		"/b/2":   "kind board\n",
		"/t/5":   "kind thread\npost 50 one\nlink /t/5/2\nlink /t/5/3\nlink /t/6\n",
		"/t/5/2": "kind thread\npost 51 two\nlink /t/5/3\n",
		"/t/5/3": "kind thread\npost 52 three\n",
		"/t/6":   "kind thread\npost 60 four\n",
		"/t/7":   "kind thread\npost 70 five\n",
	}
}

func ids(posts map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(posts)), " ")
}

func TestRunTakesEverythingOnce(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(workers, " workers"), func(t *testing.T) {
			one, two := serve(t, small()), serve(t, small())
			b := open(t, t.TempDir(), setup{Options: crawler.Options{Workers: workers}})
			b.start(one.url("/"))
			b.start(two.url("/"))
			b.run()
			for _, s := range []*site{one, two} {
				want := append(slices.Collect(maps.Keys(small())), "/robots.txt")
				slices.Sort(want)
				got := s.requests()
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("asked for %v, want each once of %v", got, want)
				}
				if s.most > 1 {
					t.Errorf("%d requests at once to one host", s.most)
				}
			}
			n := b.Stats()
			if n.Pages != 18 || n.Requests != 20 || n.Posts != 10 || n.Outcomes[state.OK] != 18 {
				t.Errorf("stats are %+v", n)
			}
		})
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	cases := []struct{ start, posts, never string }{
		{"/", "50 51 52 60 70", ""},
		{"/b/1", "50 51 52 60 70", "/b/2"},
		{"/b/2", "", "/t/5"},
		{"/t/5", "50 51 52", "/t/6"},
		{"/t/5/2", "51 52", "/"},
		{"/t/7", "70", "/b/1"},
	}
	for _, c := range cases {
		t.Run(c.start, func(t *testing.T) {
			s := serve(t, small())
			b := open(t, t.TempDir(), setup{})
			b.start(s.url(c.start))
			b.run()
			if got := ids(b.posts()); got != c.posts {
				t.Errorf("posts are %q, want %q", got, c.posts)
			}
			if s.count(c.never) > 0 {
				t.Errorf("%s is out of scope and was asked for", c.never)
			}
		})
	}
}

// An index may keep the boards of a category back: they stand on the category's
// own page. The page of a category whose boards the index lists is not needed,
// nor are boards that lead out of the forum; boards that list one another end.
func TestCategoriesOfAnIndex(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{
		"/":    "kind index\nboard /b/2\nboard /b/3\nlink /b/1\nlink /b/2\nlink /b/3\nlink /b/4\nlink /b/5\nlink /b/1/2\n",
		"/b/2": "kind board\nrow /t/20 a\n", "/b/3": "kind board\n",
		"/b/4": "kind board\nboard /b/40\n", "/b/40": "kind board\nboard /b/41\nrow /t/40 a\n", "/b/41": "kind board\nboard /b/40\nboard /b/4\n",
		"/b/5":  "kind board\nboard /b/2\n",
		"/t/20": "kind thread\npost 200 one\n", "/t/40": "kind thread\npost 400 two\n",
	})
	b := open(t, t.TempDir(), setup{})
	b.start(s.url("/"))
	b.run()
	if got := ids(b.posts()); got != "200 400" {
		t.Errorf("posts are %q", got)
	}
	if s.count("/b/1") != 0 || s.count("/b/40") != 1 {
		t.Errorf("asked for %v", s.requests())
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 4} {
		t.Run(fmt.Sprint(workers, " workers"), func(t *testing.T) {
			s := serve(t, small())
			b := open(t, t.TempDir(), setup{Options: crawler.Options{MaxPages: 3, Workers: workers}})
			b.start(s.url("/"))
			if err := b.Run(watched(t)); !errors.Is(err, crawler.ErrLimit) {
				t.Fatalf("Run ends with %v, want %v", err, crawler.ErrLimit)
			}
			if n := b.Stats().Pages; n != 3 {
				t.Errorf("%d pages, want 3", n)
			}
		})
	}
}

func TestRobots(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/robots.txt"] = "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /t/6\n"
	s := serve(t, pages)
	b := open(t, t.TempDir(), setup{})
	b.start(s.url("/"))
	b.run()
	if got := b.outcome(s, "thread/6/1"); !strings.HasPrefix(got, "robots: robots.txt: ") || !strings.Contains(got, "/t/6") {
		t.Errorf("outcome is %q", got)
	}
	if s.count("/t/6") != 0 || s.count("/robots.txt") != 1 {
		t.Errorf("asked for %v", s.requests())
	}
}

func TestStartRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, page, robots, want string
		public                   bool
	}{
		{name: "forbidden", robots: "User-agent: *\nDisallow: /\n", want: "forbids"},
		{name: "robots down", robots: "HTTP 503\n\n", want: "cannot tell its robots.txt now"},
		{name: "private", page: "kind index\n", public: true, want: "add --allow-private"},
		{name: "unknown", page: "nothing\n", want: "shows no known forum engine"},
		{name: "login", page: "kind login\n", want: "members only"},
		{name: "challenge", page: "kind challenge\n", want: "asks for a person"},
		{name: "missing", page: "kind missing\n", want: "does not exist"},
		{name: "busy", page: "HTTP 429\n\n", want: "asks for a pause"},
		{name: "picture", page: "HTTP 200\nContent-Type: image/png\n\nx", want: "image/png"},
		{name: "empty", page: "", want: "the body is empty"},
		{name: "circle", page: "HTTP 302\nLocation: BASE/\n\n", want: "redirects in circles"},
		{name: "no page", page: "kind search\n", want: "page of kind search"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pages := map[string]string{"/": c.page}
			if c.robots != "" {
				pages["/robots.txt"] = c.robots
			}
			s := serve(t, pages)
			b := open(t, t.TempDir(), setup{public: c.public})
			_, err := b.Start(t.Context(), s.url("/"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Start gives %v, want %q", err, c.want)
			}
		})
	}
	b := open(t, t.TempDir(), setup{})
	for _, raw := range []string{"javascript:alert(1)", "file:///etc/passwd", "/t/5", "http://", "http://ada:secret@127.0.0.1/"} {
		if _, err := b.Start(t.Context(), raw); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Start(%q) gives %v", raw, err)
		}
	}
}

// A host that asks for a long pause ends the run; its pages stay queued and no
// attempt is counted.
func TestLongPauseEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			pages := small()
			pages["/b/1"] = fmt.Sprintf("HTTP %d\nRetry-After: 7200\n\n", status)
			s := serve(t, pages)
			b := open(t, t.TempDir(), setup{})
			b.start(s.url("/"))
			err := b.Run(watched(t))
			var pending *crawler.PendingError
			if !errors.As(err, &pending) {
				t.Fatalf("Run ends with %v, want a PendingError", err)
			}
			if d := time.Until(pending.Until); d < time.Hour || d > 2*time.Hour {
				t.Errorf("it says to come back in %s", d)
			}
			u, err := b.store.URLByKey(t.Context(), s.id(), "board/1/1")
			if err != nil || u.State == "settled" || u.Attempts != 0 {
				t.Errorf("the page is %+v, %v", u, err)
			}
			if n := len(s.requests()); n > 4 {
				t.Errorf("%d requests after the host asked for a pause: %v", n, s.requests())
			}
		})
	}
}

func TestShortPauseIsWaitedOut(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/b/1"] = "HTTP 429\nRetry-After: 1\n\n"
	s := serve(t, pages)
	s.before = func(path string) {
		if path == "/b/1" && s.count(path) == 1 {
			defer s.set(path, small()[path])
		}
	}
	b := open(t, t.TempDir(), setup{})
	b.start(s.url("/"))
	b.run()
	if got := ids(b.posts()); got != "50 51 52 60 70" || s.count("/b/1") != 2 {
		t.Errorf("posts are %q after %d requests", got, s.count("/b/1"))
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, location, outcome, posts string
	}{
		{"same page under another address", "/t/6?from=here", "ok: ", "60"},
		{"another page of the forum", "/t/8", "moved: ", "80"},
		{"out of the forum", "http://192.0.2.7/t/6", "out_of_scope: redirects out of the forum", ""},
		{"a login form", "/login?next=6", "walled: redirects to a login page", ""},
		{"no web address", "javascript:alert(1)", "failed: the host answered 302 without a usable target", ""},
		{"a file", "file:///etc/passwd", "failed: the host answered 302 without a usable target", ""},
		{"itself", "/t/6", "moved: ", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, map[string]string{
				"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/6 a\n",
				"/t/6":           "HTTP 302\nLocation: " + c.location + "\n\n",
				"/t/6?from=here": "kind thread\npost 60 four\n",
				"/t/8":           "kind thread\npost 80 eight\n",
			})
			b := open(t, t.TempDir(), setup{})
			b.start(s.url("/"))
			b.run()
			if got := b.outcome(s, "thread/6/1"); got != c.outcome {
				t.Errorf("outcome is %q, want %q", got, c.outcome)
			}
			if got := ids(b.posts()); got != c.posts {
				t.Errorf("posts are %q, want %q", got, c.posts)
			}
		})
	}
}

func TestRedirectCircleWithinOnePage(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{
		"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/6 a\n",
		"/t/6":   "HTTP 302\nLocation: /t/6?1\n\n",
		"/t/6?1": "HTTP 302\nLocation: /t/6?2\n\n",
		"/t/6?2": "HTTP 302\nLocation: /t/6?1\n\n",
	})
	b := open(t, t.TempDir(), setup{})
	b.start(s.url("/"))
	b.run()
	if got := b.outcome(s, "thread/6/1"); got != "moved: more than 5 redirects in a row" {
		t.Errorf("outcome is %q", got)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, page, want string }{
		{"gone", "HTTP 410\n\nkind missing\n", "gone: "},
		{"walled", "kind denied\n", "walled: the page is for members: denied"},
		{"challenged", "kind challenge\n", "challenged: "},
		{"wrong type", "HTTP 200\nContent-Type: application/pdf\n\n%PDF", "wrong_type: the server calls it application/pdf"},
		{"unreadable", " \n", "unreadable: the body is empty"},
		{"no engine", "nothing\n", "unreadable: no known forum engine"},
		{"a reader that panics", "boom\n", "unreadable: reading "},
		{"unknown coding", "HTTP 200\nContent-Encoding: rot13\n\nkind thread\n", "unreadable: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pages := small()
			pages["/t/6"] = c.page
			s := serve(t, pages)
			b := open(t, t.TempDir(), setup{})
			b.start(s.url("/"))
			b.run()
			if got := b.outcome(s, "thread/6/1"); !strings.HasPrefix(got, c.want) {
				t.Errorf("outcome is %q, want %q", got, c.want)
			}
			if got := ids(b.posts()); got != "50 51 52 70" {
				t.Errorf("posts are %q", got)
			}
		})
	}
}

func TestRetryUntilFailed(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/t/6"] = "HTTP 500\n\n"
	s := serve(t, pages)
	b := open(t, t.TempDir(), setup{attempts: 2})
	b.start(s.url("/"))
	b.run()
	if got := b.outcome(s, "thread/6/1"); got != "failed: 2 attempts, the last: the host answered 500" {
		t.Errorf("outcome is %q", got)
	}
	if n := s.count("/t/6"); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// A response that is always cut short is asked for three times; then what came
// is taken.
func TestTruncatedResponse(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/t/6"] = "HTTP 200\nContent-Length: 1000\n\nkind thread\npost 60 four\n"
	s := serve(t, pages)
	b := open(t, t.TempDir(), setup{})
	b.start(s.url("/"))
	b.run()
	if n := s.count("/t/6"); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
	if got := b.posts()["60"]; got != "four" {
		t.Errorf("post 60 is %q; outcome %s", got, b.outcome(s, "thread/6/1"))
	}
}

// again opens the folder once more and runs the same command.
func again(t *testing.T, dir string, s *site) *bench {
	t.Helper()
	s.forget()
	b := open(t, dir, setup{})
	found := b.start(s.url("/"))
	if err := b.Refresh(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	b.run()
	return b
}

func crawlOnce(t *testing.T, s *site) (dir string) {
	t.Helper()
	dir = t.TempDir()
	b := open(t, dir, setup{})
	b.start(s.url("/"))
	b.run()
	b.close()
	return dir
}

func TestSecondRun(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/b/2"] = "HTTP 200\nETag: \"x\"\n\nkind board\n"
	s := serve(t, pages)
	dir := crawlOnce(t, s)
	b := again(t, dir, s)
	got := s.requests()
	slices.Sort(got)
	if want := []string{"/", "/b/1", "/b/1/2", "/b/2"}; !slices.Equal(got, want) {
		t.Errorf("asked for %v, want %v", got, want)
	}
	if n := b.Stats().Outcomes; n[state.Unchanged] != 4 {
		t.Errorf("outcomes are %v", n)
	}
}

func TestSecondRunFindsAChangedThread(t *testing.T) {
	t.Parallel()
	s := serve(t, small())
	dir := crawlOnce(t, s)
	s.set("/b/1/2", "kind board\nrow /t/7 b\n")
	s.set("/t/7", "kind thread\npost 70 five\npost 71 six\n")
	b := again(t, dir, s)
	if got := b.posts()["71"]; got != "six" {
		t.Errorf("the new post is %q; asked for %v", got, s.requests())
	}
	if s.count("/t/5") > 0 || s.count("/t/6") > 0 {
		t.Errorf("unchanged threads were asked for: %v", s.requests())
	}
}

// The first page of a thread stays as it was when somebody replies on its last
// one: the row alone says that something is new.
func TestSecondRunFindsAReplyOnTheLastPage(t *testing.T) {
	t.Parallel()
	s := serve(t, small())
	dir := crawlOnce(t, s)
	s.set("/b/1", "kind board\nrow /t/5 b\nrow /t/6 a\nnext /b/1/2\nlink /b/1/2\n")
	s.set("/t/5/3", "kind thread\npost 52 three\npost 53 new\n")
	b := again(t, dir, s)
	if got := b.posts()["53"]; got != "new" {
		t.Errorf("the new post is %q; asked for %v", got, s.requests())
	}
}

// One thread of a forum that was crawled as a whole is asked for alone.
func TestSecondRunOfOneThread(t *testing.T) {
	t.Parallel()
	s := serve(t, small())
	dir := crawlOnce(t, s)
	s.forget()
	b := open(t, dir, setup{})
	found := b.start(s.url("/t/7"))
	if err := b.Refresh(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	b.run()
	if got := s.requests(); !slices.Equal(got, []string{"/t/7"}) {
		t.Errorf("asked for %v, want /t/7 alone", got)
	}
}

// The process dies between archive and state: the capture is settled from the
// archive, and not fetched again.
func TestRecover(t *testing.T) {
	t.Parallel()
	s := serve(t, small())
	dir := t.TempDir()
	b := open(t, dir, setup{})
	b.start(s.url("/b/1/2")) // queues nothing but thread 7
	header := http.Header{"Content-Type": {"text/html"}}
	ref, err := b.archive.Append(t.Context(), archive.Exchange{URL: s.url("/t/7"), FetchedAt: time.Now().UTC(), Method: http.MethodGet,
		Status: 200, Header: header, Body: []byte("kind thread\npost 70 five\n"), Viewer: "guest"})
	if err != nil {
		t.Fatal(err)
	}
	b.close()

	b = open(t, dir, setup{})
	if n, err := b.Recover(t.Context()); err != nil || n != 1 {
		t.Fatalf("Recover gives %d, %v, want 1", n, err)
	}
	if ok, err := b.store.HasCapture(t.Context(), ref.String()); err != nil || !ok {
		t.Errorf("the capture is not named by the state: %v", err)
	}
	b.start(s.url("/b/1/2"))
	b.run()
	if got := b.posts()["70"]; got != "five" {
		t.Errorf("post 70 is %q", got)
	}
	if s.count("/t/7") != 0 {
		t.Errorf("what the archive holds was fetched again: %v", s.requests())
	}
	if n, err := b.Recover(t.Context()); err != nil || n != 0 {
		t.Errorf("Recover gives %d, %v the second time, want 0", n, err)
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	capture := func(u, body string) forum.Capture {
		return forum.Capture{URL: u, Status: 200, FetchedAt: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), Viewer: "guest",
			Header: map[string][]string{"Content-Type": {"text/html"}}, Body: []byte(body)}
	}
	b := open(t, t.TempDir(), setup{})
	for _, c := range []forum.Capture{
		capture("http://forum.example.org/t/5", "kind thread\npost 50 one\n"),
		capture("http://www.forum.example.org/t/6", "kind thread\npost 60 four\n"),
		capture("http://forum.example.org/t/5", "kind thread\npost 50 one\n"),
	} {
		if err := b.Import(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(b.posts()); got != "50 60" {
		t.Errorf("posts are %q", got)
	}
	sites, err := b.store.Sites(t.Context())
	if err != nil || len(sites) != 1 || sites[0].ID != "forum.example.org" {
		t.Errorf("sites are %+v, %v", sites, err)
	}
	for name, c := range map[string]forum.Capture{
		"no address": capture("", "kind thread\n"),
		"a file":     capture("file:///tmp/x.html", "kind thread\n"),
		"a wall":     capture("http://other.example.org/t/1", "kind login\n"),
		"no forum":   capture("http://other.example.org/", "nothing\n"),
		"empty":      capture("http://other.example.org/", ""),
	} {
		var refused *crawler.ImportError
		if err := b.Import(t.Context(), c); !errors.As(err, &refused) || refused.Reason == "" {
			t.Errorf("%s: Import gives %v, want an ImportError with a reason", name, err)
		}
	}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/t/5"] = "kind thread\npost 50 one\nzone UTC+02:00\nperpage 10\nlink /t/5/2\n"
	pages["/t/5/2"] = "kind thread\npost 51 two\nzone UTC+05:00\nperpage 3\n"
	pages["/t/6"] = "kind thread\npost 60 four\nperpage 15\n"
	s := serve(t, pages)
	b := open(t, t.TempDir(), setup{Options: crawler.Options{Workers: 1}})
	b.start(s.url("/"))
	b.run()
	got, err := b.store.Site(t.Context(), s.id())
	if err != nil {
		t.Fatal(err)
	}
	f := got.Facts
	if f.Zone != "UTC+02:00" || f.ZoneSource != forum.ZoneCalibrated || f.PostsPerPage != 15 || f.Version != 2 {
		t.Errorf("facts are %+v", f)
	}
}

// TestLearnOrder counts the pages that speak for an order of dates: the first
// settles it, a contradiction unsettles it, many against one settle it again.
func TestLearnOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, orders, want string
		version            int
	}{
		{"nothing", "", "", 0},
		{"one page", "dmy", "dmy", 1},
		{"one against one", "dmy mdy", "", 2},
		{"one odd page against many", "dmy dmy dmy dmy mdy", "dmy", 1},
		{"the odd page first", "mdy dmy dmy dmy dmy", "dmy", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pages := map[string]string{"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/1 a\n", "/t/1": "kind thread\npost 1 x\nlink /t/1/2\n"}
			for i, order := range strings.Fields(tt.orders) {
				pages[fmt.Sprintf("/t/1/%d", i+2)] = fmt.Sprintf("kind thread\npost %d x\norder %s\nlink /t/1/%d\n", i+2, order, i+3)
			}
			s := serve(t, pages)
			b := open(t, t.TempDir(), setup{Options: crawler.Options{Workers: 1}})
			b.start(s.url("/"))
			b.run()
			got, err := b.store.Site(t.Context(), s.id())
			if err != nil {
				t.Fatal(err)
			}
			if got.Facts.DateOrder != tt.want || got.Facts.Version != tt.version {
				t.Errorf("facts are %+v, want order %q in version %d", got.Facts, tt.want, tt.version)
			}
		})
	}
}

func TestSlotAndSiteID(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://forum.example.org:443/x": "forum.example.org:443", "http://WWW.Forum.example.org/": "forum.example.org:80",
		"https://forum.example.org/": "forum.example.org:443", "http://forum.example.org:8080/": "forum.example.org:8080",
	} {
		if got := crawler.Slot(mustURL(raw)); got != want {
			t.Errorf("Slot(%s) is %s, want %s", raw, got, want)
		}
	}
	for raw, want := range map[string]string{
		"https://www.example.org/forum/": "example.org/forum", "http://example.org:80/": "example.org", "http://example.org:8080": "example.org:8080",
	} {
		if got := forum.SiteID(raw); got != want {
			t.Errorf("SiteID(%s) is %s, want %s", raw, got, want)
		}
	}
}
