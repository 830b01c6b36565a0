package crawler_test

import (
	"sync"
	"testing"

	"forumine/crawler"
)

// A crawl without a pace asks for the next page while the one before is settled,
// and still for one at a time.
func TestAsksWhileItSettles(t *testing.T) {
	s := serve(t, map[string]string{
		"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/1 a\nrow /t/2 a\nrow /t/3 a\n",
		"/t/1": "kind thread\npost 1 one\n", "/t/2": "kind thread\npost 2 two\n", "/t/3": "kind thread\npost 3 three\n",
	})
	asked := make(chan struct{})
	var once sync.Once
	s.before = func(path string) {
		if path == "/t/2" {
			once.Do(func() { close(asked) })
		}
	}
	ctx := watched(t)
	b := open(t, t.TempDir(), setup{Options: crawler.Options{Settled: func() {
		if s.count("/t/1") == 0 {
			return
		}
		select { // the first thread is not counted off before the second is asked for
		case <-asked:
		case <-ctx.Done():
			t.Error("nothing is asked for while a page is settled")
		}
	}}})
	b.start(s.url("/"))
	b.run()
	if got := b.posts(); len(got) != 3 || s.most != 1 {
		t.Errorf("%v, at most %d at once", got, s.most)
	}
	for _, path := range []string{"/t/1", "/t/2", "/t/3"} {
		if n := s.count(path); n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

// The page limit and a budget hold page by page all the same.
func TestLimitsHoldWhileItSettles(t *testing.T) {
	pages := map[string]string{"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/1 a\nrow /t/2 a\nrow /t/3 a\nrow /t/4 a\n"}
	for _, path := range []string{"/t/1", "/t/2", "/t/3", "/t/4"} {
		pages[path] = "kind thread\npost 1 one\n"
	}
	clock := newMoving()                                                                                                       // a budget is of a day
	for name, o := range map[string]crawler.Options{"limit": {MaxPages: 4}, "budget": {Budget: crawler.Budget{Requests: 5}}} { // robots.txt counts as a request
		s := serve(t, pages)
		b := open(t, t.TempDir(), setup{now: clock.Now, Options: o})
		b.start(s.url("/"))
		_ = b.Run(watched(t)) // ends for the limit
		threads := 0
		for _, path := range []string{"/t/1", "/t/2", "/t/3", "/t/4"} {
			threads += s.count(path)
		}
		if threads != 2 {
			t.Errorf("%s: %d threads were asked for: %v", name, threads, s.requests())
		}
	}
}
