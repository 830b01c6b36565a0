package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestUnknownPrograms crawls the recorded forums as if nobody had heard of their
// programs: by what recurs on their pages and by what addresses of all forums have
// in common. From the index, nearly every post is found, and none is made up.
func TestUnknownPrograms(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	for _, site := range replaySites() {
		t.Run(site.name, func(t *testing.T) {
			r := openReplay(t, site.name, site.drop)
			data := t.TempDir()
			crawlLocal(t, data, r.address(), "--engine", "generic")
			truth, got := r.truth(t), map[string]bool{}
			for _, d := range ofKind(export(t, data), "post") {
				got[str(d, "post.id")] = true
			}
			delete(got, "") // a page that numbers no posts
			var missing []string
			for _, id := range slices.Sorted(maps.Keys(truth)) {
				if !got[id] {
					missing = append(missing, fmt.Sprintf("%s of thread %d", id, truth[id].ThreadID))
				}
				delete(got, id)
			}
			found := len(truth) - len(missing)
			t.Logf("%d of %d posts found (%.4f), missing %v", found, len(truth), float64(found)/float64(len(truth)), missing)
			if 100*found < 99*len(truth) || len(got) > 0 {
				t.Errorf("%d of %d posts found, made up: %v", found, len(truth), got)
			}
		})
	}
}

// feltMakers serves an invented forum of an invented program, whose addresses carry no
// word that forums have in common: three rooms of five threads, on two pages each, and
// twelve posts a thread, on two pages.
func feltMakers(w http.ResponseWriter, r *http.Request) {
	page := max(1, atoi(r.URL.Query().Get("page")))
	var list strings.Builder
	segs := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	more := func(last int) {
		list.WriteString("<p>")
		for p := range last {
			fmt.Fprintf(&list, ` <a href="%s?page=%d">%[2]d</a>`, r.URL.Path, p+1)
		}
		list.WriteString("</p>")
	}
	switch {
	case r.URL.Path == "/":
		for i, name := range feltRooms {
			fmt.Fprintf(&list, `<article><h2><a href="/s/%s">All about %[1]s</a></h2><p>5 topics, 60 posts</p><p>last <time datetime="2026-02-0%dT10:00:00Z">lately</time></p></article>`, name, i+1)
		}
	case segs[0] == "s" && len(segs) == 2 && slices.Contains(feltRooms, segs[1]):
		for i := 3 * (page - 1); i < min(5, 3*page); i++ {
			fmt.Fprintf(&list, `<article><h2><a href="/e/%d/what-of-it">What of the %s, part %d</a></h2><p>11 replies</p><p><a href="/users/ada%d">Ada %[4]d</a> <time datetime="2026-02-0%[3]dT10:00:00Z">lately</time></p></article>`, 100*slices.Index(feltRooms, segs[1])+i+11, segs[1], i+1, i%3)
		}
		more(2)
	case segs[0] == "e" && len(segs) == 3:
		for i := 8 * (page - 1); i < min(12, 8*page); i++ {
			fmt.Fprintf(&list, `<article id="n%s%02d"><p><a href="/users/ada%d">Ada %[3]d</a> <time datetime="2026-02-0%dT10:%02d:00Z">then</time></p><div>In room %[1]s we say the %[5]d. time that felt shrinks when it is %s.</div></article>`, segs[1], i+10, i%3, 1+i/4, i, []string{"hot", "wet", "worn", "old", "blue"}[i%5])
		}
		more(2)
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!DOCTYPE html><title>Felt Makers</title><header><a href="/">Felt Makers</a> <a href="/help">Help</a></header><main><h1>Felt</h1>%s</main>`, list.String())
}

var feltRooms = []string{"wool", "dyes", "looms"}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// TestUnknownAddresses crawls a forum of a program that nobody knows and whose
// addresses say nothing, from its index and from a room: they are learned from its
// listings.
func TestUnknownAddresses(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(feltMakers))
	t.Cleanup(server.Close)
	for start, want := range map[string]int{"/": 15, "/s/wool": 5} {
		t.Run(start, func(t *testing.T) {
			data := t.TempDir()
			crawlLocal(t, data, server.URL+start, "--engine", "generic")
			docs := export(t, data)
			threads := map[string]int{}
			for _, d := range ofKind(docs, "post") {
				threads[str(d, "thread.id")]++
			}
			for _, n := range threads {
				if n != 12 {
					t.Errorf("posts by thread: %v, want 12 each", threads)
					break
				}
			}
			if n := len(ofKind(docs, "thread")); len(threads) != want || n != want {
				t.Errorf("posts of %d threads, %d threads, want %d", len(threads), n, want)
			}
		})
	}
}
