package demoforum

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestNewNeedsItsMoment(t *testing.T) {
	if _, err := New(Options{}); !errors.Is(err, ErrNoClock) {
		t.Fatalf("New without Now: %v", err)
	}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	pages := crawl(t, newForum(t, Options{}))
	for path, p := range pages {
		if p.doc != nil {
			checkIDs(t, path, p.doc)
		}
		switch p.status {
		case http.StatusOK, http.StatusMovedPermanently, http.StatusSeeOther:
		case http.StatusForbidden:
			if !strings.Contains(p.body, "You must be logged-in to do that.") {
				t.Errorf("%s: a 403 that is no login wall", path)
			}
		default:
			t.Errorf("%s (from %s): status %d", path, p.from, p.status)
		}
	}
	if len(pages) < 300 {
		t.Errorf("only %d pages", len(pages))
	}
}

// checkIDs finds ids that stand more than once in one page.
func checkIDs(t *testing.T, path string, doc *html.Node) {
	t.Helper()
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		id := attr(n, "id")
		if id != "" && ids[id] {
			t.Errorf("%s: id %q stands twice", path, id)
		}
		ids[id] = true
	}
}

func TestSameOptionsSameBytes(t *testing.T) {
	one, two, other := newForum(t, Options{Seed: 7}), newForum(t, Options{Seed: 7}), newForum(t, Options{Seed: 8})
	paths := []string{"", "forums/-/index.rss", "sitemap.xml", "robots.txt", "members/", "find-new/posts", "recent-activity/", "forums/committee-room.4/"}
	for _, th := range one.Truth().Threads {
		paths = append(paths, th.URL, th.URL+"page-2")
	}
	for _, b := range one.m.boards {
		paths = append(paths, b.path(), b.path()+"page-2", b.path()+"?order=view_count")
	}
	differs := false
	for _, path := range paths {
		body := get(t, one, path).Body.String()
		if get(t, two, path).Body.String() != body {
			t.Errorf("%s differs between two forums of the same options", path)
		}
		differs = differs || get(t, other, path).Body.String() != body
	}
	if !differs {
		t.Error("another seed changes nothing")
	}
}

func TestAnswers(t *testing.T) {
	f := newForum(t, Options{})
	truth := f.Truth()
	post := truth.Posts[len(truth.Posts)/2]
	var where string
	for _, th := range truth.Threads {
		if th.ID == post.ThreadID {
			where = base + th.URL + pageSuffix(post.Page) + "#post-" + post.ID
		}
	}
	clock := base + "threads/the-tower-clock-loses-eleven-minutes-in-frost.71/"
	tests := []struct {
		path     string
		status   int
		location string
	}{
		{"", 200, ""},
		{"forums/", 301, base},
		{"categories/wireless.2/", 301, base + "#wireless.2"},
		{"threads/the-tower-clock-loses-eleven-minutes-in-frost.71/", 200, ""},
		{"threads/the-tower-clock-loses-eleven-minutes-in-frost.71", 301, clock},
		{"threads/an-older-title.71/", 301, clock},
		{"threads/71/", 301, clock},
		{"threads/an-older-title.71/page-2", 301, clock + "page-2"},
		{"threads/the-tower-clock-loses-eleven-minutes-in-frost.71/page-1", 301, clock},
		{"threads/the-tower-clock-loses-eleven-minutes-in-frost.71/page-99", 301, clock + "page-4"},
		{"threads/the-tower-clock-loses-eleven-minutes-in-frost.71/elsewhere", 404, ""},
		{"threads/the-tower-clock-loses-eleven-minutes-in-frost.71/reply", 403, ""},
		{"threads/the-tower-clock-loses-eleven-minutes-in-frost.71/unread", 303, clock},
		{"threads/38/", 301, base + "threads/balcony-third-floor-stern-landlord.43/"},
		{"threads/gone.4711/", 404, ""},
		{"threads/accounts-for-the-year.14/", 403, ""},
		{"forums/committee-room.4/", 403, ""},
		{"forums/wrong.6/page-2", 301, base + "forums/aerials-propagation.6/page-2"},
		{"forums/aerials-propagation.6/page-50?order=title", 301, base + "forums/aerials-propagation.6/page-2?order=title"},
		{"forums/nothing.99/", 404, ""},
		{"posts/" + post.ID + "/", 301, where},
		{"goto/post?id=" + post.ID, 301, where},
		{"posts/1/", 404, ""},
		{"posts/" + post.ID + "/permalink", 200, ""},
		{"posts/" + post.ID + "/edit", 403, ""},
		{"members/somebody.3/", 301, base + "members/old-fennimore.3/"},
		{"members/nobody.4000/", 404, ""},
		{"account/", 403, ""},
		{"admin-of-nothing/", 404, ""},
	}
	for _, tt := range tests {
		w := get(t, f, tt.path)
		if w.Code != tt.status || w.Header().Get("Location") != tt.location {
			t.Errorf("%s: %d %q, want %d %q", tt.path, w.Code, w.Header().Get("Location"), tt.status, tt.location)
		}
		if c := w.Header().Get("Set-Cookie"); c != "" {
			t.Errorf("%s sets a cookie: %s", tt.path, c)
		}
	}
	r := httptest.NewRequest(http.MethodPost, base+"login/login", strings.NewReader("login=x"))
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestValidators(t *testing.T) {
	f := newForum(t, Options{})
	path := "threads/the-tower-clock-loses-eleven-minutes-in-frost.71/"
	other := "threads/the-slug-thread.62/"
	w := get(t, f, path)
	tag, otherTag := w.Header().Get("ETag"), get(t, f, other).Header().Get("ETag")
	if tag == "" || w.Header().Get("Last-Modified") == "" || w.Header().Get("Date") != testNow().Format(http.TimeFormat) {
		t.Fatalf("header: %v", w.Header())
	}
	for _, h := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		if w := get(t, f, path, "If-None-Match", h); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("If-None-Match %s: %d with %d bytes", h, w.Code, w.Body.Len())
		}
	}
	if w := get(t, f, path, "If-None-Match", `"x"`); w.Code != http.StatusOK {
		t.Errorf("another tag: %d", w.Code)
	}
	first := f.Truth().Posts[0]
	for _, p := range f.Truth().Posts {
		if p.ThreadID == "71" && p.Position == 1 {
			first = p
		}
	}
	id, err := strconv.Atoi(first.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Edit(id, "Solved, thank you.", testNow().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if w := get(t, f, path, "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("after an edit: %d", w.Code)
	}
	if w := get(t, f, other, "If-None-Match", otherTag); w.Code != http.StatusNotModified {
		t.Errorf("another thread after an edit: %d", w.Code)
	}
}

func TestHooks(t *testing.T) {
	f := newForum(t, Options{})
	at := testNow().Add(2 * time.Hour)
	before := f.Truth()
	id, err := f.AddReply(79, "Wilf Garrity", "[quote=copperbeech, post: 1, member: 11]x[/quote]\nI'd hang [b]four[/b].", at)
	if err != nil {
		t.Fatal(err)
	}
	guest, err := f.AddReply(79, "passing_ham", "So would I.", at.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	after := f.Truth()
	if len(after.Posts) != len(before.Posts)+2 {
		t.Fatalf("posts: %d, before %d", len(after.Posts), len(before.Posts))
	}
	p, g := after.Posts[len(after.Posts)-2], after.Posts[len(after.Posts)-1]
	if p.ID != strconv.Itoa(id) || p.OwnText != "I'd hang four." || p.AuthorID != "12" || p.Position != 6 || !p.PublishedAt.Equal(at) {
		t.Errorf("reply: %+v", p)
	}
	if g.ID != strconv.Itoa(guest) || !g.Guest || g.AuthorID != "" {
		t.Errorf("guest's reply: %+v", g)
	}
	if err := f.Delete(id); err != nil {
		t.Fatal(err)
	}
	posts := f.Truth().Posts
	if last := posts[len(posts)-1]; last.ID != strconv.Itoa(guest) || last.Position != 6 {
		t.Errorf("after the deletion: %+v", last)
	}
	if w := get(t, f, "posts/"+strconv.Itoa(id)+"/"); w.Code != http.StatusNotFound {
		t.Errorf("deleted post: %d", w.Code)
	}
	for name, err := range map[string]error{"edit": f.Edit(id, "x", at), "delete": f.Delete(id)} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s of a deleted post: %v", name, err)
		}
	}
	if err := f.Restore(id); err != nil {
		t.Fatal(err)
	}
	if posts := f.Truth().Posts; posts[len(posts)-2].ID != strconv.Itoa(id) || posts[len(posts)-1].Position != 7 {
		t.Errorf("after it was restored: %+v", posts[len(posts)-2:])
	}
	if err := f.Restore(id); !errors.Is(err, ErrUnknown) {
		t.Errorf("restoring it again: %v", err)
	}
	if _, err := f.AddReply(38, "Hester Quill", "x", at); !errors.Is(err, ErrUnknown) {
		t.Errorf("reply to a stub: %v", err)
	}
}

func TestDeletingAFirstPostTakesTheThread(t *testing.T) {
	f := newForum(t, Options{})
	for _, p := range f.Truth().Posts {
		if p.ThreadID == "43" && p.Position == 1 {
			id, err := strconv.Atoi(p.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Delete(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, path := range []string{"threads/43/", "threads/38/"} {
		if w := get(t, f, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := get(t, f, "forums/aerials-propagation.6/page-2"); w.Code != http.StatusOK {
		t.Errorf("board: %d", w.Code)
	}
}

func TestRequestLog(t *testing.T) {
	f := newForum(t, Options{})
	get(t, f, "forums/the-kettle.13/?order=title")
	get(t, f, "threads/16/")
	get(t, f, "threads/16/")
	log := f.Requests()
	if log["/threads/16/"] != 2 || log["/forums/the-kettle.13/?order=title"] != 1 || len(log) != 2 {
		t.Errorf("log: %v", log)
	}
	f.ResetRequests()
	if len(f.Requests()) != 0 {
		t.Error("the log is not empty after its reset")
	}
}

func TestConcurrentUse(t *testing.T) {
	f := newForum(t, Options{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 5 {
				get(t, f, "threads/two-clocks-on-one-wall-agree.79/")
				if _, err := f.AddReply(79, "Sunniva", "Again.", testNow().Add(time.Duration(i*10+j)*time.Minute)); err != nil {
					t.Error(err)
				}
				f.Truth()
				f.Requests()
			}
		})
	}
	wg.Wait()
	n := 0
	for _, p := range f.Truth().Posts {
		if p.ThreadID == "79" {
			n++
		}
	}
	if n != 25 {
		t.Errorf("%d posts, want 25", n)
	}
}

func TestMachineReadables(t *testing.T) {
	f := newForum(t, Options{})
	for _, path := range []string{"forums/-/index.rss", "forums/clock-bench.10/index.rss", "sitemap.xml"} {
		w := get(t, f, path)
		dec, items := xml.NewDecoder(w.Body), 0
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if s, ok := tok.(xml.StartElement); ok && (s.Name.Local == "item" || s.Name.Local == "url") {
				items++
			}
		}
		if items < 9 {
			t.Errorf("%s: %d items", path, items)
		}
	}
	robots := get(t, f, "robots.txt").Body.String()
	for _, line := range []string{"Disallow: /find-new/", "Disallow: /account/", "Disallow: /goto/", "Sitemap: " + base + "sitemap.xml"} {
		if !strings.Contains(robots, line+"\n") {
			t.Errorf("robots.txt lacks %q", line)
		}
	}
	if strings.Contains(robots, "Crawl-delay") {
		t.Error("robots.txt has a Crawl-delay")
	}
}

func TestBaseURLOption(t *testing.T) {
	f := newForum(t, Options{BaseURL: "https://society.example/board/"})
	if body := get(t, f, "").Body.String(); !strings.Contains(body, `<base href="https://society.example/board/" />`) {
		t.Error("the base element does not follow the option")
	}
	if loc := get(t, f, "threads/71/").Header().Get("Location"); !strings.HasPrefix(loc, "https://society.example/board/threads/") {
		t.Errorf("Location: %s", loc)
	}
}
