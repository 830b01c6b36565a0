package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
)

// daily crawls the demo forum, in its engine's own markup and with the real
// extraction, once a day by a clock that the test moves.
type daily struct {
	t      *testing.T
	forum  *demoforum.Forum
	url    string
	dir    string
	now    time.Time
	rnd    *rand.Rand
	store  *state.Store
	audits int
	alone  bool // listings alone, without the forum's feed
}

func newDaily(t *testing.T) *daily {
	t.Helper()
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return &daily{t: t, forum: f, url: server.URL, dir: t.TempDir(), now: demoNow, rnd: rand.New(rand.NewPCG(3, 5))}
}

// crawl runs the same command once more and gives the requests that it made,
// robots.txt and the audit lane aside.
func (d *daily) crawl(look func()) int {
	d.t.Helper()
	ctx := d.t.Context()
	clock := func() time.Time { return d.now }
	var err error
	d.store, err = state.Open(ctx, d.dir, state.Options{Folder: folder{index.NewFolder()}, Now: clock})
	noError(d.t, err)
	a, err := archive.Open(filepath.Join(d.dir, "archive"), archive.Options{Software: "test"})
	noError(d.t, err)
	fetcher, err := fetch.New(fetch.Options{UserAgent: "forumine/test", AllowPrivate: true})
	noError(d.t, err)
	defer func() { fetcher.Close(); noError(d.t, errors.Join(a.Close(), d.store.Close())) }()
	c := crawler.New(d.store, a, fetcher, pageReader{}, crawler.Options{
		UserAgent: "forumine/test", Now: clock, NoFeeds: d.alone, Log: slog.New(slog.DiscardHandler),
		Audit: crawler.Audit{Bounds: crawler.Bounds{Min: 24 * time.Hour, Max: 4 * 24 * time.Hour}},
	})
	d.forum.ResetRequests()
	site, err := c.Start(ctx, d.url+"/")
	noError(d.t, err)
	noError(d.t, c.Refresh(ctx, site))
	noError(d.t, c.Run(ctx))
	look()
	n := 0
	for path, times := range d.forum.Requests() {
		if path != "/robots.txt" {
			n += times
		}
	}
	d.audits = c.Stats().Audits
	return n - d.audits
}

// withStore does something over the opened state.
func (d *daily) withStore(do func()) {
	d.t.Helper()
	var err error
	d.store, err = state.Open(d.t.Context(), d.dir, state.Options{Folder: folder{index.NewFolder()}})
	noError(d.t, err)
	do()
	noError(d.t, d.store.Close())
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// post gives a post's document.
func (d *daily) post(id int) (state.Document, bool) {
	doc, err := d.store.DocumentByKey(d.t.Context(), strings.TrimPrefix(d.url, "http://")+"|post|"+strconv.Itoa(id))
	return doc, err == nil
}

// posts are the native ids of all posts, by their threads.
func (d *daily) posts() map[string][]int {
	out := map[string][]int{}
	noError(d.t, d.store.Documents(d.t.Context(), state.DocumentFilter{Kind: forum.DocPost}, func(doc state.Document) error {
		id, err := strconv.Atoi(doc.Key[strings.LastIndexByte(doc.Key, '|')+1:])
		out[doc.Parent] = append(out[doc.Parent], id)
		return err
	}))
	return out
}

// Days on the demo forum: new posts are found on the day, at the cost of the
// listings and the pages that they stand on; edits that no page mentions and
// deletions are found by the audit lane within its bound; nothing that is there
// is said to be missing.
func TestDaysOnTheDemoForum(t *testing.T) {
	t.Parallel()
	d := newDaily(t)
	var posts map[string][]int
	first := d.crawl(func() { posts = d.posts() })
	threads := slices.Sorted(maps.Keys(posts))
	if first < 60 || len(threads) < 40 {
		t.Fatalf("the first crawl made %d requests and found %d threads", first, len(threads))
	}
	edited, deleted := posts[threads[7]][0], posts[threads[11]][len(posts[threads[11]])-2]
	noError(t, d.forum.Edit(edited, "The words were changed without a note.", time.Time{}))
	noError(t, d.forum.Delete(deleted))
	for day := range 14 {
		d.now = d.now.Add(24 * time.Hour)
		changed := map[string]int{}
		for range day % 4 {
			key := threads[d.rnd.IntN(len(threads))]
			id, _ := strconv.Atoi(key[strings.LastIndexByte(key, '|')+1:])
			post, err := d.forum.AddReply(id, "Hester Quill", fmt.Sprintf("Said on day %d.", day), demoNow.Add(time.Duration(day)*time.Hour))
			if err == nil { // not a stub of a thread that was moved
				changed[key] = post
			}
		}
		n := d.crawl(func() {
			for key, id := range changed {
				if doc, ok := d.post(id); !ok || !strings.Contains(string(doc.Body), fmt.Sprintf("Said on day %d.", day)) {
					t.Errorf("day %d: the new post %d of %s was missed", day, id, key)
				}
			}
		})
		if most := 10 + 3*len(changed); n > most { // index, boards; then more of a listing, and pages of a thread
			t.Errorf("day %d: %d requests for %d changed threads", day, n, len(changed))
		}
		t.Logf("day %d: %d changed threads, %d requests, %d audits", day, len(changed), n, d.audits)
	}
	d.crawl(func() { d.checkEnd(posts, edited, deleted) })
}

// The demo forum's feed, RSS as its program writes it, stands for the boards'
// listings: the same posts are found on the same days with fewer requests.
func TestFeedOfTheDemoForum(t *testing.T) {
	t.Parallel()
	var asked [2][]int
	for i, alone := range []bool{true, false} {
		d := newDaily(t)
		d.alone = alone
		var posts map[string][]int
		d.crawl(func() { posts = d.posts() })
		threads := slices.Sorted(maps.Keys(posts))
		for day, replies := range []int{0, 1, 0, 3, 30, 0, 2} {
			d.now = d.now.Add(24 * time.Hour)
			var said []int
			for k := range replies {
				key := threads[d.rnd.IntN(len(threads))]
				id, _ := strconv.Atoi(key[strings.LastIndexByte(key, '|')+1:])
				if post, err := d.forum.AddReply(id, "Hester Quill", "Said later.", d.now.Add(time.Duration(k)*time.Second)); err == nil {
					said = append(said, post)
				}
			}
			asked[i] = append(asked[i], d.crawl(func() {
				for _, id := range said {
					if _, ok := d.post(id); !ok {
						t.Errorf("listings alone: %v; day %d: post %d was missed", alone, day, id)
					}
				}
			}))
		}
	}
	t.Logf("requests a day by listings alone: %v, with the feed: %v", asked[0], asked[1])
	for day, n := range asked[1] {
		if most := asked[0][day]; n >= most && day != 4 || n > most+1 {
			t.Errorf("day %d: %d requests with the feed, %d without", day, n, most)
		}
	}
}

func (d *daily) checkEnd(posts map[string][]int, edited, deleted int) {
	if doc, ok := d.post(edited); !ok || !strings.Contains(string(doc.Body), "without a note") || doc.Revision != 2 {
		d.t.Errorf("the edit of post %d was not seen as a second revision", edited)
	}
	for _, ids := range posts {
		for _, id := range ids {
			doc, ok := d.post(id)
			if missing := !doc.MissingSince.IsZero(); !ok || missing != (id == deleted) {
				d.t.Errorf("post %d of %s is missing: %v", id, doc.Parent, missing)
			}
		}
	}
}
