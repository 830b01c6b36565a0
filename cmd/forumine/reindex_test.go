package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract"
	"forumine/extract/forum"
	"forumine/index"
)

// older reads as an extractor would that knows less: no positions, other author
// names, and the posts of one author not at all.
type older struct{ pageReader }

func (r older) Read(ctx context.Context, v crawler.Visit) (crawler.Reading, error) {
	page, err := extract.Read(v.Capture, v.Site.Facts, extract.Options{})
	if err != nil {
		return crawler.Reading{}, err
	}
	page.Extract.Version = extract.Version - 1
	page.Posts = slices.DeleteFunc(page.Posts, func(p forum.Post) bool { return p.Author.Name == "Wilf Garrity" })
	for i := range page.Posts {
		page.Posts[i].Position, page.Posts[i].PositionSource = 0, ""
		page.Posts[i].Body.Text = strings.ToUpper(page.Posts[i].Body.Text)
	}
	return crawler.Reading{Page: page, Contributions: index.Contributions(siteInfo(v.Site), page, provenance(v))}, nil
}

// crawlOlder crawls the demo forum with the older extractor.
func crawlOlder(t *testing.T) string {
	t.Helper()
	_, url := serveDemo(t)
	data := t.TempDir()
	ctx := t.Context()
	store, err := state.Open(ctx, data, state.Options{Folder: folder{index.NewFolder()}})
	noError(t, err)
	a, err := archive.Open(filepath.Join(data, "archive"), archive.Options{})
	noError(t, err)
	fetcher, err := fetch.New(fetch.Options{UserAgent: "forumine/test", AllowPrivate: true})
	noError(t, err)
	defer func() { fetcher.Close(); noError(t, errors.Join(a.Close(), store.Close())) }()
	c := crawler.New(store, a, fetcher, older{}, crawler.Options{UserAgent: "forumine/test"})
	_, err = c.Start(ctx, url)
	noError(t, err)
	noError(t, c.Run(ctx))
	return data
}

// An upgrade: what would change is told field by field and nothing is changed;
// then it changes just that, and what a stop has left is done by the same
// command again.
func TestReindexAfterAnUpgrade(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestRereadersKeepThePagesOrder holds what is concurrent")
	}
	t.Parallel()
	data := crawlOlder(t)
	before := export(t, data)
	report := succeed(t, "reindex", "--dry-run", "--data", data)
	differ(t, "documents after a dry run", len(export(t, data)), len(before))
	for _, want := range []string{"post    body.text ", "post    post.position ", "post    document", " would be read again, "} {
		if !strings.Contains(report, want) {
			t.Errorf("no %q in\n%s", want, report)
		}
	}
	posts := len(ofKind(before, "post"))
	changes := map[string]int{}
	for _, c := range lines[fieldChange](t, succeed(t, "reindex", "--dry-run", "--json", "--data", data)) {
		if c.Kind == forum.DocPost {
			changes[c.Field]++
		}
	}
	differ(t, "posts whose position is new", changes["post.position"], posts)
	differ(t, "posts that are new", changes["document"], 326-posts)
	if changes["body.text"] == 0 || changes["body.text"] > posts {
		t.Errorf("%d texts would change", changes["body.text"])
	}

	ctx, stop := context.WithCancel(t.Context())
	p, err := openPipeline(ctx, pipelineOptions{data: data}, newLog(streams{err: &strings.Builder{}}, false))
	noError(t, err)
	noError(t, p.begin(ctx, "reindex"))
	n := 0
	if _, err := p.reread(ctx, rereadOlder, func() {
		if n++; n == 20 {
			stop()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	noError(t, p.Close())

	out := succeed(t, "reindex", "--data", data)
	again := 0
	if _, err := fmt.Sscan(out, &again); err != nil || again == 0 || again > len(pagesOf(t, data))-1 {
		t.Errorf("after a stop: %s", out)
	}
	differ(t, "posts", len(ofKind(export(t, data), "post")), 326)
	for _, d := range ofKind(export(t, data), "post") {
		if num(d, "post.position") == 0 || str(d, "body.text") != "" && str(d, "body.text") == strings.ToUpper(str(d, "body.text")) && strings.ContainsAny(str(d, "body.text"), "ABCDEFG") && len(str(d, "body.text")) > 40 {
			t.Errorf("%s was not read again", str(d, "post.key"))
		}
	}
	if report := succeed(t, "reindex", "--dry-run", "--data", data); !strings.HasPrefix(report, "0 pages would be read again") {
		t.Errorf("after all: %s", report)
	}
}

// pagesOf are the captures of a data folder that a reindex looks at.
func pagesOf(t *testing.T, data string) []state.Capture {
	t.Helper()
	store, err := state.OpenReadOnly(t.Context(), data)
	noError(t, err)
	defer store.Close()
	var out []state.Capture
	noError(t, store.Captures(t.Context(), state.CaptureFilter{}, func(c state.Capture) error { out = append(out, c); return nil }))
	return out
}

// The captures of a page are read in their order, however many are read at once;
// the first failure ends all.
func TestRereadersKeepThePagesOrder(t *testing.T) {
	var mu sync.Mutex
	got := map[string][]string{}
	pool := newRereaders(t.Context(), func(_ context.Context, _ state.Site, c state.Capture) error {
		mu.Lock()
		defer mu.Unlock()
		got[c.Key] = append(got[c.Key], c.Ref)
		return nil
	})
	want := map[string][]string{}
	for i := range 2000 {
		c := state.Capture{Key: string(rune('a' + i%17)), Ref: strings.Repeat("x", i/17)}
		want[c.Key] = append(want[c.Key], c.Ref)
		noError(t, pool.do(state.Site{}, c))
	}
	noError(t, pool.end())
	differ(t, "captures by page", got, want)

	failure := errors.New("the disk is full")
	pool = newRereaders(t.Context(), func(context.Context, state.Site, state.Capture) error { return failure })
	var err error
	for i := 0; err == nil; i++ {
		err = pool.do(state.Site{}, state.Capture{Key: string(rune('a' + i%17))})
	}
	if !errors.Is(err, failure) || !errors.Is(pool.end(), failure) {
		t.Errorf("a failure: %v", err)
	}
}

func TestChangesBetween(t *testing.T) {
	said := func(key, body string) forum.Contribution {
		return forum.Contribution{Doc: forum.DocRef{Kind: forum.DocPost, Key: key}, Body: []byte(`{"source":"page","doc":` + body + `}`)}
	}
	changes, err := changesBetween(
		[]forum.Contribution{said("s|post|1", `{"body":{"text":"a"},"title":"t","crawl":{"warc":"x:1"},"extract":{"version":"1"}}`), said("s|post|2", `{}`)},
		[]forum.Contribution{said("s|post|1", `{"body":{"text":"b"},"author":{"name":"n"},"crawl":{"warc":"x:2"},"extract":{"version":"2"}}`), said("s|post|3", `{}`)})
	noError(t, err)
	var got []string
	for _, c := range changes {
		got = append(got, c.Field+" "+c.in())
	}
	differ(t, "changes", strings.Join(got, "\n"), strings.Join([]string{
		`author.name post|1: nothing -> "n"`, `body.text post|1: "a" -> "b"`, `title post|1: "t" -> nothing`,
		`document post|2: "shown" -> nothing`, `document post|3: nothing -> "shown"`}, "\n"))
}
