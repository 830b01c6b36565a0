package crawler_test

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// album is a forum whose thread has files, and another host that has more.
func album(t *testing.T) (s, elsewhere *site) {
	t.Helper()
	elsewhere = serve(t, map[string]string{
		"/robots.txt":  "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /private/\n",
		"/far.png":     "HTTP 200\nContent-Type: image/png\n\nfar away",
		"/private/no":  "HTTP 200\nContent-Type: image/png\n\nnever asked for",
		"/busy.png":    "HTTP 500\n\nbusy",
		"/kept.bin":    "HTTP 200\nContent-Type: application/zip\n\nmoved file",
		"/gallery.png": "HTTP 200\nContent-Type: text/html\n\na page around the picture",
	})
	far := elsewhere.server.URL
	s = serve(t, map[string]string{
		"/":    "kind index\nboard /b/1\n",
		"/b/1": "kind board\nrow /t/1 a\n",
		"/t/1": "kind thread\nlink /t/1/2\npost 1 one\nattachment /file/1\nattachment /file/big\nattachment /file/members\nattachment /file/denied\nattachment /file/gone\n" +
			"attachment /file/moved\nattachment /file/page.html\nimage " + far + "/far.png\nimage " + far + "/private/no\nimage " + far + "/busy.png\nimage " + far + "/gallery.png\n",
		"/t/1/2":          "kind thread\npost 2 two\nimage /t/1\nimage data:image/png;base64,AAAA\n",
		"/file/1":         "HTTP 200\nContent-Type: application/pdf\n\nten bytes.",
		"/file/big":       "HTTP 200\nContent-Type: application/zip\n\n" + strings.Repeat("x", 2000),
		"/file/members":   "HTTP 200\nContent-Type: text/html\n\nkind login\n",
		"/file/denied":    "HTTP 403\nContent-Type: text/html\n\nno",
		"/file/moved":     "HTTP 302\nLocation: " + far + "/kept.bin\n\n",
		"/file/page.html": "HTTP 200\nContent-Type: text/html\nContent-Disposition: attachment; filename=page.html\n\na saved page",
	})
	return s, elsewhere
}

// files gives "outcome" by the file's path; "" for one that was not asked for yet.
func (b *bench) files() map[string]string {
	b.t.Helper()
	out := map[string]string{}
	err := b.store.URLs(b.t.Context(), state.URLFilter{}, func(u state.URL) error {
		if u.Kind == forum.KindFile {
			_, path, _ := strings.Cut(strings.TrimPrefix(u.URL, "http://"), "/")
			out[path] = string(u.Outcome)
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *bench) crawl(s *site) {
	b.t.Helper()
	site := b.start(s.url("/"))
	if err := b.Refresh(b.t.Context(), site); err != nil {
		b.t.Fatal(err)
	}
	b.run()
}

func TestFilesOfPosts(t *testing.T) {
	s, elsewhere := album(t)
	b := open(t, t.TempDir(), setup{Options: crawler.Options{Files: crawler.Files{Media: crawler.MediaImages, MaxBytes: 1000}}})
	b.crawl(s)
	want := map[string]string{
		"file/1": "ok", "file/big": "too_large", "file/members": "walled", "file/denied": "walled", "file/gone": "gone", "file/moved": "ok",
		"file/page.html": "ok", "far.png": "ok", "private/no": "robots", "busy.png": "failed", "gallery.png": "wrong_type",
	}
	if got := b.files(); !maps.Equal(got, want) {
		t.Errorf("files %v\nwant %v", got, want)
	}
	if n := elsewhere.count("/busy.png"); n != 3 {
		t.Errorf("a file that cannot be had was asked for %d times", n)
	}
	if elsewhere.count("/robots.txt") != 1 || elsewhere.count("/private/no") != 0 || elsewhere.most != 1 {
		t.Errorf("asked elsewhere: %v, at most %d at once", elsewhere.requests(), elsewhere.most)
	}
	b.checkArchived(map[string]string{"/file/1": "ten bytes.", "/far.png": "far away", "/kept.bin": "moved file", "/file/page.html": "a saved page"},
		"/file/big", "/file/members", "/gallery.png")
	n := b.Stats()
	if n.Pages != 4 || n.Outcomes[state.OK] != 4 || n.Files[state.OK] != 4 || n.Files[state.Walled] != 2 {
		t.Errorf("%d pages %v, files %v", n.Pages, n.Outcomes, n.Files)
	}
	st, err := b.store.Status(t.Context())
	if err != nil || st.Outcomes[state.OK] != 4 || len(st.Outcomes) != 1 || st.Files.Outcomes[state.OK] != 4 || st.Files.Queue["settled"] != 11 {
		t.Errorf("status counts pages %v, files %+v, %v", st.Outcomes, st.Files, err)
	}
	reads := b.reads()
	if err := b.store.Captures(t.Context(), state.CaptureFilter{}, func(c state.Capture) error {
		if strings.Contains(c.URL, "/file/") {
			t.Errorf("%s would be read again", c.URL)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.forget()
	elsewhere.forget()
	b.crawl(s)
	if got := elsewhere.requests(); len(got) > 0 || s.count("/file/1") > 0 {
		t.Errorf("files were asked for again: %v, %v", got, s.requests())
	}
	if b.reads() > reads+4 {
		t.Errorf("%d readings in the second crawl", b.reads()-reads)
	}
}

// checkArchived looks for files in the archive, by their paths.
func (b *bench) checkArchived(want map[string]string, not ...string) {
	b.t.Helper()
	got := map[string]string{}
	err := b.archive.After(b.t.Context(), archive.Ref{}, func(_ archive.Ref, e archive.Exchange) error {
		_, path, _ := strings.Cut(strings.TrimPrefix(e.URL, "http://"), "/")
		got["/"+path] = string(bytes.TrimSpace(e.Body))
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	for path, body := range want {
		if got[path] != body {
			b.t.Errorf("the archive holds %q of %s, want %q", got[path], path, body)
		}
	}
	for _, path := range not {
		if _, ok := got[path]; ok {
			b.t.Errorf("the archive holds %s", path)
		}
	}
}

func TestAttachmentsOnly(t *testing.T) {
	s, elsewhere := album(t)
	b := open(t, t.TempDir(), setup{Options: crawler.Options{Files: crawler.Files{Media: crawler.MediaAttachments}}})
	b.crawl(s)
	got := b.files()
	if len(got) != 7 || got["file/big"] != "ok" || got["file/moved"] != "ok" {
		t.Errorf("files %v", got)
	}
	if asked := elsewhere.requests(); !slices.Equal(asked, []string{"/robots.txt", "/kept.bin"}) {
		t.Errorf("asked elsewhere: %v", asked)
	}
}

// A run fetches as many files as it may; the next one goes on, whatever asks for
// pages in between. Files keep no crawl from looking for news.
func TestFilesOfOneRun(t *testing.T) {
	s, elsewhere := album(t)
	dir := t.TempDir()
	held := func(o crawler.Files) (settled int) {
		b := open(t, dir, setup{Options: crawler.Options{Files: o, MaxPages: 50}})
		defer b.close()
		s.forget()
		b.crawl(s)
		for _, outcome := range b.files() {
			if outcome != "" {
				settled++
			}
		}
		return settled
	}
	if n := held(crawler.Files{}); n != 0 {
		t.Fatalf("%d files without a wish for any", n)
	}
	images := crawler.Files{Media: crawler.MediaImages, MaxFiles: 3}
	s.set("/t/1", "kind thread\nlink /t/1/2\npost 1 one\n"+strings.Repeat("attachment /file/1\n", 2)+
		"attachment /file/gone\nattachment /file/big\nattachment /file/page.html\nimage "+elsewhere.server.URL+"/far.png\n")
	s.set("/b/1", "kind board\nrow /t/1 b\n")
	s.set("/t/1/2", "kind thread\npost 2 two\nattachment /file/1\nattachment /file/gone\nattachment /file/big\nattachment /file/page.html\nimage "+elsewhere.server.URL+"/far.png\n")
	if n := held(images); n != 3 {
		t.Errorf("%d files in a run of 3", n)
	}
	if n := held(crawler.Files{}); n != 3 {
		t.Errorf("%d files after a run without", n)
	}
	s.set("/b/1", "kind board\nrow /t/1 c\n")
	if n := held(images); n != 5 {
		t.Errorf("%d files after the third run", n)
	}
	if s.count("/t/1/2") != 1 {
		t.Errorf("news were not looked for: %v", s.requests())
	}
}

// A file's host that answers 429 pauses as any other; the file waits for it.
func TestFileHostPauses(t *testing.T) {
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer far.Close()
	s := serve(t, map[string]string{"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/1 a\n", "/t/1": "kind thread\npost 1 one\nimage " + far.URL + "/x.png\n"})
	b := open(t, t.TempDir(), setup{Options: crawler.Options{Files: crawler.Files{Media: crawler.MediaImages}}})
	site := b.start(s.url("/"))
	if err := b.Refresh(t.Context(), site); err != nil {
		t.Fatal(err)
	}
	err := b.Run(watched(t))
	if _, ok := errors.AsType[*crawler.PendingError](err); !ok {
		t.Fatalf("the run ended with %v", err)
	}
	if got := b.files(); got["x.png"] != "" || b.posts()["1"] != "one" {
		t.Errorf("files %v, posts %v", got, b.posts())
	}
}

// A redirect's target is asked of its own host's robots.txt, for pages and files.
func TestRedirectTargetsAreChecked(t *testing.T) {
	far := serve(t, map[string]string{"/robots.txt": "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /closed\n", "/closed.png": "HTTP 200\nContent-Type: image/png\n\nx"})
	s := serve(t, map[string]string{
		"/robots.txt": "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /t/1?closed\n",
		"/":           "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/1 a\nrow /t/2 a\n",
		"/t/1": "HTTP 302\nLocation: BASE/t/1?closed\n\n", "/t/1?closed": "kind thread\npost 1 one\n",
		"/t/2": "kind thread\npost 2 two\nimage /open.png\n", "/open.png": "HTTP 302\nLocation: " + far.server.URL + "/closed.png\n\n",
	})
	b := open(t, t.TempDir(), setup{Options: crawler.Options{Files: crawler.Files{Media: crawler.MediaImages}}})
	b.crawl(s)
	if got := b.outcome(s, "thread/1/1"); got != "robots: robots.txt: Disallow: /t/1?closed" || s.count("/t/1?closed") != 0 {
		t.Errorf("the page ends as %q after %v", got, s.requests())
	}
	if got := b.files(); got["open.png"] != "robots" || far.count("/closed.png") != 0 {
		t.Errorf("files %v; asked elsewhere %v", got, far.requests())
	}
}
