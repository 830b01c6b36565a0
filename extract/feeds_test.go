package extract_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forumine/extract"
	"forumine/extract/forum"
)

// The lists of APIs that serve as feeds say which thread was active last, when and
// in which boards, newest first.
func TestFeedsOfAPIs(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"discourse/feed_latest_api":   {"4 [1]", "951 [9]", "930 [7]"},
		"nodebb/feed_recent_api":      {"88 [4]", "61 [4]", "45 [2]"},
		"flarum/feed_discussions_api": {"44 [stones]", "31 [stones care]", "7 [rocks]"},
	}
	for _, f := range allCases(t) {
		rows, ok := want[f.name]
		if !ok {
			continue
		}
		delete(want, f.name)
		page, err := extract.Read(f.capture, forum.Facts{}, extract.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := activeThreads(page.Listing); !slices.Equal(got, rows) {
			t.Errorf("%s lists %q, want %q", f.name, got, rows)
		}
		fallsByActivity(t, f.name, page.Listing)
	}
	for name := range want {
		t.Errorf("there is no fixture %s", name)
	}
}

func activeThreads(rows []forum.Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %v", r.ID, r.Boards))
	}
	return out
}

// fallsByActivity wants the entries, sticky ones aside, in the order of a feed.
func fallsByActivity(t *testing.T, name string, rows []forum.Row) {
	t.Helper()
	var last forum.Stamp
	for _, r := range rows {
		at := r.Active
		if !at.Known() {
			at = r.LastPost
		}
		if !at.Known() || !r.IsSticky && last.Known() && at.At.After(last.At) {
			t.Errorf("%s: thread %s was active at %v, below one at %v", name, r.ID, at.At, last.At)
		}
		if !r.IsSticky {
			last = at
		}
	}
}

func readFeed(t *testing.T, name, address, engine string) *forum.Page {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "testdata", "feeds", name))
	if err != nil {
		t.Fatal(err)
	}
	page, err := extract.Read(forum.Capture{URL: address, Status: 200, Body: body}, forum.Facts{}, extract.Options{Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// phpBB 3.3 names posts in its feed and leaves their threads out.
func TestFeedOfPosts(t *testing.T) {
	t.Parallel()
	page := readFeed(t, "phpbb33.xml", "https://loom.example.org/app.php/feed", "phpbb3")
	var got []string
	for _, r := range page.Listing {
		got = append(got, fmt.Sprintf("%q %s %v", r.ID, r.LastPostID, r.Boards))
	}
	if want := []string{`"" 903 [4]`, `"" 902 [4]`, `"" 899 [2]`}; !slices.Equal(got, want) {
		t.Errorf("the feed lists %q, want %q", got, want)
	}
}

// Feeds in XML say which thread got its last post when, which post that is, how
// many replies there are and in which board, as far as their program tells.
func TestFeedsInXML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		engine, root string
		want         []string // thread, boards, last post, its id, replies, author
	}{
		{"xenforo2", "https://kites.example.org/", []string{"412 [7] 2026-02-11T08:40:12Z  14 Maud Ferrer", "398 [3] 2026-02-10T19:02:00Z  - Ole"}},
		{"phpbb3", "https://loom.example.org/", []string{"61 [4] 2026-02-11T07:30:05Z 903 - Berit", "61 [4] 2026-02-11T07:12:44Z 902 - Kaj", "58 [2] 2026-02-10T21:00:00Z 899 - Berit"}},
		{"smf", "https://clocks.example.org/", []string{"88 [] 2026-02-11T08:01:02Z 1204 - ", "91 [] 2026-02-10T17:30:00Z 1203 - "}},
		{"vbulletin4", "https://harbour.example.org/", []string{"512 [6] 2026-02-11T07:45:31Z  - José", "498 [2] 2026-02-10T07:45:31Z  - Runa"}},
		{"fluxbb", "https://bread.example.org/", []string{"77 [] 2026-02-11T06:10:00Z  - Pia", "70 [] 2026-02-09T20:00:00Z  - Tore"}},
		{"bbpress", "https://seeds.example.org/forums/", []string{"old-beans [] 2026-02-11T05:00:00Z 341 - Lin", "purple-kale [] 2026-02-10T05:00:00Z  - Otto"}},
	} {
		page := readFeed(t, c.engine+".xml", c.root+"feed", c.engine)
		var got []string
		for _, r := range page.Listing {
			replies := "-"
			if r.ReplyCount != nil {
				replies = strconv.FormatInt(*r.ReplyCount, 10)
			}
			name := ""
			if r.LastAuthor != nil {
				name = r.LastAuthor.Name
			}
			got = append(got, fmt.Sprintf("%s %v %s %s %s %s", r.ID, r.Boards, r.LastPost.At.Format("2006-01-02T15:04:05Z"), r.LastPostID, replies, name))
			if !strings.HasPrefix(r.URL, c.root) || strings.Contains(r.URL, "#") || strings.Contains(r.URL, "page/2") {
				t.Errorf("%s: the thread is at %s", c.engine, r.URL)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s lists\n%s\nwant\n%s", c.engine, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
		if page.Kind != forum.KindFeed || page.Engine != c.engine || page.Extract.Strategy != "feed" || len(page.Gaps) > 0 {
			t.Errorf("%s: kind %s, engine %s, strategy %s, gaps %v", c.engine, page.Kind, page.Engine, page.Extract.Strategy, page.Gaps)
		}
		fallsByActivity(t, c.engine, page.Listing)
	}
}

func TestSitemaps(t *testing.T) {
	t.Parallel()
	page := readFeed(t, "sitemap.xml", "https://kites.example.org/sitemap-1.xml", "xenforo2")
	var got []string
	for _, r := range page.Listing {
		got = append(got, r.ID+" "+r.LastPost.Raw)
	}
	if want := []string{"412 2026-02-11T08:40:12+00:00", "1 2019-06-02", " "}; !slices.Equal(got, want) {
		t.Errorf("the sitemap lists %q, want %q", got, want)
	}
	page = readFeed(t, "sitemapindex.xml", "https://kites.example.org/sitemap.xml", "xenforo2")
	if want := []string{"https://kites.example.org/sitemap-1.xml", "https://kites.example.org/sitemap-2.xml"}; !slices.Equal(page.Feeds, want) {
		t.Errorf("the index names %q, want %q", page.Feeds, want)
	}
}

// A feed that is cut short gives what stands before the cut and says so; one without
// an engine gives addresses; what is no feed is none.
func TestFeedsThatAreBroken(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../testdata/feeds/xenforo2.xml")
	if err != nil {
		t.Fatal(err)
	}
	cut := body[:strings.Index(string(body), "Ripstop")]
	page, err := extract.Read(forum.Capture{URL: "https://kites.example.org/feed", Body: cut}, forum.Facts{}, extract.Options{Engine: "xenforo2"})
	if err != nil || len(page.Listing) != 1 || len(page.Gaps) != 1 {
		t.Errorf("a cut feed: %+v, %v", page, err)
	}
	page, err = extract.Read(forum.Capture{URL: "https://kites.example.org/feed", Body: body}, forum.Facts{}, extract.Options{})
	if err != nil || page.Engine != "" || len(page.Listing) != 2 || page.Listing[0].ID != "" || !strings.HasSuffix(page.Listing[0].URL, ".412/") {
		t.Errorf("a feed of no known engine: %+v, %v", page, err)
	}
	deep := "<rss>" + strings.Repeat("<channel>", 1000)
	if page, err := extract.Read(forum.Capture{URL: "https://kites.example.org/feed", Body: []byte(deep)}, forum.Facts{}, extract.Options{}); err != nil || len(page.Gaps) != 1 {
		t.Errorf("a deep feed: %+v, %v", page, err)
	}
	bomb := `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>`
	page, err = extract.Read(forum.Capture{URL: "https://kites.example.org/feed", Body: []byte(bomb)}, forum.Facts{}, extract.Options{})
	if err != nil || len(page.Listing) != 1 || strings.Contains(page.Listing[0].Title, "a") && !strings.Contains(page.Listing[0].Title, "&b;") {
		t.Errorf("entities of a document's own: %+v, %v", page, err)
	}
	if _, err := extract.Read(forum.Capture{URL: "https://kites.example.org/feed", Body: []byte(" ")}, forum.Facts{}, extract.Options{}); !errors.Is(err, extract.ErrUnreadable) {
		t.Errorf("an empty body: %v", err)
	}
}

// A page's head names the feeds of its forum.
func TestNamedFeeds(t *testing.T) {
	t.Parallel()
	html := `<html><head><meta name="generator" content="Discourse 3.2.0"><link rel="alternate" type="application/rss+xml" href="/talk/-/index.rss">
<link rel="alternate" type="application/atom+xml" href="https://elsewhere.example.net/feed"><link rel="alternate" hreflang="de" href="/de"></head><body></body></html>`
	page, err := extract.Read(forum.Capture{URL: "https://kites.example.org/", Body: []byte(html)}, forum.Facts{}, extract.Options{})
	if err != nil || !slices.Equal(page.Feeds, []string{"https://kites.example.org/talk/-/index.rss"}) {
		t.Errorf("%q, %v", page.Feeds, err)
	}
}
