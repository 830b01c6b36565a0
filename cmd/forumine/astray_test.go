package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"forumine/cmd/forumine/demoforum"
)

// traps are addresses that a forum's own pages lead to and a crawl has no
// business with.
func traps() []string {
	return []string{
		"find-new/posts", "search/?q=dipole&page=2", "search/member?user_id=5", "members/", "members/?key=most_messages", "online/",
		"calendar/", "calendar/2026-06/", "calendar/?month=7&year=2026", "account/", "conversations/add?to=quill", "login/", "logout/?t=1",
		"register/", "lost-password/", "help/smilies", "misc/contact", "recent-activity/", "tags/dipole/", "sitemap.xml",
		"threads/loft-dipole-the-whole-build.42/reply", "threads/loft-dipole-the-whole-build.42/reply?quote=660",
		"threads/loft-dipole-the-whole-build.42/watch", "threads/loft-dipole-the-whole-build.42/latest",
		"threads/loft-dipole-the-whole-build.42/unread", "threads/loft-dipole-the-whole-build.42/preview",
		"forums/notices.3/create-thread", "forums/notices.3/mark-read", "forums/notices.3/watch", "forums/-/index.rss",
		"forums/notices.3/?order=view_count&direction=asc", "forums/notices.3/?prefix_id=2", "posts/660/like", "posts/660/edit",
		"posts/660/report", "goto/post?id=660", "attachments/notes-txt.3/", "inline-mod/post/switch", "watched/threads",
	}
}

// crooked serves a forum whose every page leads to all traps, and whose listing
// and thread number pages without end.
type crooked struct{ forum http.Handler }

var reBeyond = regexp.MustCompile(`^(/forums/notices\.3/|/threads/the-slug-thread\.62/)page-(\d+)$`)

func (c crooked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	beyond := reBeyond.FindStringSubmatch(r.URL.Path)
	asked := r.Clone(r.Context())
	if beyond != nil {
		asked.URL.Path, asked.RequestURI = beyond[1], beyond[1]
	}
	rec := httptest.NewRecorder()
	c.forum.ServeHTTP(rec, asked)
	maps.Copy(w.Header(), rec.Header())
	body := rec.Body.Bytes()
	if strings.Contains(rec.Header().Get("Content-Type"), "html") {
		w.Header().Del("Content-Length")
		w.Header().Del("ETag")
		body = bytes.Replace(body, []byte("</body>"), []byte(c.links(r, beyond)+"</body>"), 1)
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

func (crooked) links(r *http.Request, beyond []string) string {
	var b strings.Builder
	for _, trap := range traps() {
		fmt.Fprintf(&b, `<a href="%s">more</a> `, trap)
	}
	next, at := 2, r.URL.Path
	if beyond != nil {
		n, _ := strconv.Atoi(beyond[2])
		next, at = n+1, beyond[1]
	}
	if reBeyond.MatchString(at + "page-2") {
		fmt.Fprintf(&b, `<a href="%spage-%d" class="text">Next &gt;</a>`, strings.TrimPrefix(at, "/"), next)
	}
	return b.String()
}

// TestTrapsAreNeverEntered crawls a forum that leads astray from every page.
func TestTrapsAreNeverEntered(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	gate := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.RequestURI()]++ // one request at a time
		crooked{f}.ServeHTTP(w, r)
	})
	server := httptest.NewServer(gate)
	t.Cleanup(server.Close)
	data := t.TempDir()
	out := crawlLocal(t, data, server.URL+"/", "--max-pages", "200")
	if !strings.Contains(out, "complete after") {
		t.Errorf("the crawl found no end:\n%s", out)
	}
	for _, trap := range traps() {
		most := 0
		if trap == "forums/-/index.rss" || trap == "sitemap.xml" {
			most = 1 // not by its link: news of all boards and old threads are asked for there, once
		}
		if n := asked["/"+trap]; n > most {
			t.Errorf("/%s was entered %d times", trap, n)
		}
	}
	for _, at := range []string{"/forums/notices.3/page-4", "/threads/the-slug-thread.62/page-4"} {
		if asked[at] > 0 {
			t.Errorf("%s was asked for: the numbering has no end", at)
		}
	}
	if n := len(ofKind(export(t, data), "post")); n != len(f.Truth().Posts) {
		t.Errorf("%d posts, want %d", n, len(f.Truth().Posts))
	}
}
