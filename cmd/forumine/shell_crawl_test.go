package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// emptyDiscourse serves a forum of one board and one topic whose pages are all
// without content: only the data has it.
type emptyDiscourse struct {
	mu    sync.Mutex
	asked []string
}

const discourseShell = `<!DOCTYPE html><html lang="en"><head><title>A grinder</title><meta name="generator" content="Discourse 3.4.0">
<meta name="discourse_current_homepage" content="categories"><meta property="og:title" content="A grinder"></head>
<body><div class="hidden" id="data-preloaded"></div><section id="main"></section></body></html>`

func (f *emptyDiscourse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	uri := r.URL.RequestURI()
	f.mu.Lock()
	f.asked = append(f.asked, uri)
	f.mu.Unlock()
	switch uri {
	case "/", "/c/grinders/7", "/t/a-grinder/930", "/t/a-grinder/930?page=2":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(discourseShell))
	case "/categories.json":
		answer(w, object{"category_list": object{"categories": []object{{"id": 7, "name": "Grinders", "slug": "grinders", "topic_count": 1}}}})
	case "/c/grinders/7.json":
		answer(w, object{"users": []object{{"id": 1, "username": "odile"}}, "topic_list": object{"topics": []object{{"id": 930, "title": "A grinder", "slug": "a-grinder",
			"posts_count": 22, "created_at": "2026-01-02T05:30:00.000Z", "last_posted_at": "2026-01-02T05:51:00.000Z", "posters": []object{{"user_id": 1}}}}}})
	case "/t/930.json":
		answer(w, topicOf(1, 20))
	case "/t/930.json?page=2":
		answer(w, topicOf(21, 22))
	default:
		http.NotFound(w, r)
	}
}

type object = map[string]any

func answer(w http.ResponseWriter, v object) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

// topicOf is the topic's data with the posts of these numbers.
func topicOf(from, to int) object {
	var posts, stream []any
	for n := 1; n <= 22; n++ {
		stream = append(stream, 6000+n)
		if n < from || n > to {
			continue
		}
		posts = append(posts, object{"id": 6000 + n, "post_number": n, "post_type": 1, "username": "odile", "topic_id": 930, "topic_slug": "a-grinder", "version": 1,
			"created_at": fmt.Sprintf("2026-01-02T05:%02d:00.000Z", 29+n), "cooked": fmt.Sprintf("<p>Burr number %d.</p>", n)})
	}
	return object{"id": 930, "title": "A grinder", "slug": "a-grinder", "posts_count": 22, "highest_post_number": 22, "chunk_size": 20, "category_id": 7,
		"post_stream": object{"posts": posts, "stream": stream}}
}

// TestCrawlFillsShells crawls a forum whose pages are filled by scripts, then
// takes in a page of it that shows the posts by their numbers only: they are
// the same posts.
func TestCrawlFillsShells(t *testing.T) {
	t.Parallel()
	f := &emptyDiscourse{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	data := t.TempDir()
	crawlLocal(t, data, server.URL)
	slices.Sort(f.asked)
	want := []string{"/", "/c/grinders/7", "/c/grinders/7.json", "/categories.json", "/latest.json?order=activity", "/robots.txt", "/sitemap.xml", "/t/930.json", "/t/930.json?page=2", "/t/a-grinder/930", "/t/a-grinder/930?page=2"}
	if !slices.Equal(f.asked, want) {
		t.Errorf("asked for %v, want %v", f.asked, want)
	}
	posts := byID(t, ofKind(export(t, data), "post"), "post.key")
	if len(posts) != 22 {
		t.Errorf("%d posts, want 22", len(posts))
	}
	host := strings.TrimPrefix(server.URL, "http://")
	post := posts[host+"|post|930/21"]
	if str(post, "post.id") != "6021" || str(post, "body.text") != "Burr number 21." || str(post, "thread.title") != "A grinder" {
		t.Errorf("the page's first post is %v", post)
	}

	saved := filepath.Join(t.TempDir(), "saved.html")
	plain := `<html><head><meta name="generator" content="Discourse 3.4.0"></head><body><div id="main-outlet"><div id="topic-title"><h1><a href="/t/a-grinder/930">A grinder</a></h1></div>
<div id="post_21" itemprop="comment" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator"><a href="/u/odile"><span itemprop="name">odile</span></a></span>
<time datetime="2026-01-02T05:50:00Z" class="post-time">January 2, 2026, 5:50am</time></div><div class="post" itemprop="text"><p>Burr number 21, once more.</p></div></div></div></body></html>`
	if err := os.WriteFile(saved, []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	succeed(t, "import", "--data", data, "--url", server.URL+"/t/a-grinder/930?page=2", saved)
	posts = byID(t, ofKind(export(t, data), "post"), "post.key")
	if got := str(posts[host+"|post|930/21"], "body.text"); len(posts) != 22 || got != "Burr number 21, once more." {
		t.Errorf("%d posts, want 22; post 21 is %q", len(posts), got)
	}
}
