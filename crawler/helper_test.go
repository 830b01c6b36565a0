package crawler_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract/feed"
	"forumine/extract/forum"
)

// The tests' forum program writes one fact a line: "kind thread", "root URL",
// "board URL", "row URL SIGNATURE", "link URL", "next URL", "post ID TEXT",
// "attachment URL" and "image URL" of the post above, "zone NAME", "perpage N",
// "content URL", "feed URL", and of a feed "entry URL SIGNATURE BOARD". Its addresses are /, /b/ID, /b/ID/PAGE, /t/ID and
// /t/ID/PAGE; a query changes nothing.

// lineReader reads that program's pages.
type lineReader struct{}

var _ crawler.Reader = lineReader{}

const lineEngine = "lines"

var reAddress = regexp.MustCompile(`^/(?:([bt])/(\d+)(?:/(s?\d+)|/p\d+)?)?$`)

func (lineReader) Canonical(engine, _ string, u *url.URL) (forum.Link, bool) {
	m := reAddress.FindStringSubmatch(u.Path)
	if m == nil || engine != lineEngine {
		return forum.Link{}, false
	}
	l := forum.Link{URL: "http://" + u.Host + u.Path, Key: "index", Kind: forum.KindIndex}
	if m[1] != "" {
		l.Kind, l.ID, l.Page = forum.KindThread, m[2], 1
		if m[1] == "b" {
			l.Kind = forum.KindBoard
		}
		if m[3] != "" {
			l.Page, _ = strconv.Atoi(m[3])
		}
		l.Key = fmt.Sprintf("%s/%s/%d", l.Kind, l.ID, l.Page)
		if skips, ok := strings.CutPrefix(m[3], "s"); ok {
			n, _ := strconv.Atoi(skips)
			l = l.Skipping(n)
			l.Key = fmt.Sprintf("%s/%s/%s", l.Kind, l.ID, m[3])
		}
	}
	return l, true
}

func (r lineReader) Read(_ context.Context, v crawler.Visit) (crawler.Reading, error) {
	text := string(v.Capture.Body)
	if strings.TrimSpace(text) == "" {
		return crawler.Reading{}, errors.New("the body is empty")
	}
	if text == "boom\n" {
		panic("a bug in the reader")
	}
	u, err := url.Parse(v.Capture.Address())
	if err != nil {
		return crawler.Reading{}, err
	}
	p := &forum.Page{Kind: forum.KindOther, URL: u.String(), Extract: forum.Extract{Version: 1}}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		r.line(p, u, name, value)
	}
	if p.Kind == forum.KindThread && p.Thread == nil {
		l, _ := r.Canonical(lineEngine, "", u)
		p.Thread = &forum.Thread{ID: l.ID}
	}
	return crawler.Reading{Page: p, Contributions: contributions(v, p)}, nil
}

func (r lineReader) line(p *forum.Page, u *url.URL, name, value string) {
	switch name {
	case "kind":
		p.Kind, p.Engine = forum.Kind(value), lineEngine
		p.Root = "http://" + u.Host + "/"
	case "board":
		p.Boards = append(p.Boards, forum.Board{URL: absolute(u, value)})
	case "row":
		href, signature, _ := strings.Cut(value, " ")
		p.Listing = append(p.Listing, forum.Row{URL: absolute(u, href), LastPostID: signature})
	case "named": // a row, or on an index a board, with an id of its own
		id, href, _ := strings.Cut(value, " ")
		if p.Kind == forum.KindIndex {
			p.Boards = append(p.Boards, forum.Board{ID: id, URL: absolute(u, href)})
			break
		}
		p.Listing = append(p.Listing, forum.Row{ID: id, URL: absolute(u, href), LastPostID: id})
	case "thread":
		id, page, _ := strings.Cut(value, " ")
		p.Thread = &forum.Thread{ID: id}
		p.Thread.Page, _ = strconv.Atoi(page)
	case "entry":
		parts := strings.Fields(value)
		p.Listing = append(p.Listing, forum.Row{URL: absolute(u, parts[0]), LastPostID: parts[1], Boards: parts[2:]})
	case "feed":
		p.Feeds = append(p.Feeds, absolute(u, value))
	case "link":
		if l, ok := r.Canonical(lineEngine, "", mustURL(absolute(u, value))); ok {
			p.Links = append(p.Links, l)
		}
	case "next":
		p.Next = absolute(u, value)
	case "content":
		p.ContentURL = absolute(u, value)
	case "whole":
		p.WholeURL = absolute(u, value)
	case "post":
		id, words, _ := strings.Cut(value, " ")
		p.Posts = append(p.Posts, forum.Post{ID: id, Body: forum.Body{Text: words}})
	case "attachment":
		last := &p.Posts[len(p.Posts)-1]
		last.Attachments = append(last.Attachments, forum.Attachment{URL: absolute(u, value)})
	case "image":
		last := &p.Posts[len(p.Posts)-1]
		last.Media = append(last.Media, forum.Media{Kind: "image", URL: absolute(u, value)})
	case "zone":
		p.Learned.Zone, p.Learned.ZoneSource = value, forum.ZoneCalibrated
	case "order":
		p.Learned.DateOrder = value
	case "perpage":
		p.Learned.PostsPerPage, _ = strconv.Atoi(value)
	}
}

func absolute(u *url.URL, href string) string { return u.ResolveReference(mustURL(href)).String() }

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func contributions(v crawler.Visit, p *forum.Page) []forum.Contribution {
	if v.Site.ID == "" {
		return nil
	}
	var out []forum.Contribution
	thread := ""
	if p.Thread != nil {
		thread = forum.Key(v.Site.ID, forum.KeyThread, p.Thread.ID)
	}
	for _, post := range p.Posts {
		body, _ := json.Marshal([]string{thread, post.Body.Text})
		out = append(out, forum.Contribution{
			Doc:  forum.DocRef{Kind: forum.DocPost, Key: v.Site.ID + "|post|" + post.ID},
			Page: v.PageKey, Rank: forum.RankPage, ObservedAt: v.ObservedAt, Extractor: 1, FactsVersion: v.Site.Facts.Version, Body: body,
		})
	}
	return out
}

// lastWins folds contributions into the newest one.
type lastWins struct{}

func (lastWins) Fold(ref forum.DocRef, cs []forum.Contribution, _ json.RawMessage) (state.Folded, error) {
	site, _, _ := strings.Cut(ref.Key, "|")
	f := state.Folded{Site: site, State: "visible", Doc: json.RawMessage("null")}
	if len(cs) > 0 {
		var said []string
		if err := json.Unmarshal(cs[len(cs)-1].Body, &said); err != nil {
			return f, err
		}
		text, _ := json.Marshal(said[1])
		f.Parent, f.Doc = said[0], json.RawMessage(text)
	}
	sum := sha256.Sum256(f.Doc.(json.RawMessage))
	f.Digest = hex.EncodeToString(sum[:])
	f.Content = f.Digest
	return f, nil
}

func (lastWins) Render(f state.Folded, m state.Meta) ([]byte, error) {
	return json.Marshal(map[string]any{"key": m.Key, "text": f.Doc})
}

// site is a served forum: pages by path and query. A page that begins with
// "HTTP " is a status with header lines, an empty line and a body.
type site struct {
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	pages  map[string]string
	asked  map[string]int
	order  []string
	inHand int
	most   int // requests in hand at once
	before func(path string)
}

// serve serves pages; "BASE" in them stands for the server's own address.
func serve(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{t: t, pages: pages, asked: map[string]int{}}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *site) url(path string) string { return s.server.URL + path }

func (s *site) id() string { return strings.TrimPrefix(s.server.URL, "http://") }

func (s *site) set(path, page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = page
}

func (s *site) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

func (s *site) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.asked)
	s.order = nil
}

func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.order...)
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.RequestURI()
	s.mu.Lock()
	s.asked[path]++
	s.order = append(s.order, path)
	s.inHand++
	s.most = max(s.most, s.inHand)
	page, ok := s.pages[path]
	before := s.before
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inHand--
		s.mu.Unlock()
	}()
	if before != nil {
		before(path)
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.answer(w, r, strings.ReplaceAll(page, "BASE", s.server.URL))
}

func (s *site) answer(w http.ResponseWriter, r *http.Request, page string) {
	head, status := "", http.StatusOK
	if strings.HasPrefix(page, "HTTP ") {
		head, page, _ = strings.Cut(page, "\n\n")
		line, rest, _ := strings.Cut(head, "\n")
		status, _ = strconv.Atoi(strings.TrimPrefix(line, "HTTP "))
		head = rest
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		w.Header().Set(key, value)
	}
	if tag := w.Header().Get("ETag"); tag != "" && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page))
}

// bench is a crawler over real stores in one folder.
type bench struct {
	*crawler.Crawler
	t       *testing.T
	dir     string
	store   *state.Store
	archive *archive.Archive
	siteID  string
	count   *atomic.Int64 // pages read
}

func (b *bench) reads() int64 { return b.count.Load() }

// counting is a reader that counts.
type counting struct {
	lineReader
	n *atomic.Int64
}

func (c counting) Read(ctx context.Context, v crawler.Visit) (crawler.Reading, error) {
	c.n.Add(1)
	return c.lineReader.Read(ctx, v)
}

// fed is a reader whose forums have a feed at /news, which goes on at /news/2 if it
// is paged.
type fed struct {
	counting
	paged bool
}

var _ crawler.FeedFinder = fed{}

func (f fed) Feed(engine, root string, named []string, page int) (string, bool) {
	switch {
	case engine != lineEngine || page > 1 && !f.paged:
		return "", false
	case page > 1:
		return root + "news/" + strconv.Itoa(page), true
	}
	for _, n := range named {
		if strings.HasSuffix(n, "/named") {
			return n, true
		}
	}
	return root + "news", true
}

// mapped is a reader whose forums have a sitemap at /map.xml, or else at /map2.xml. Its
// times are those of last posts if it is dated.
type mapped struct {
	fed
	o setup
}

var _ crawler.SitemapFinder = mapped{}

func (m mapped) Feed(engine, root string, named []string, page int) (string, bool) {
	if m.o.feed == "" {
		return "", false
	}
	return m.fed.Feed(engine, root, named, page)
}

func (m mapped) Sitemaps(_, root string) []string {
	if m.o.sitemap == "named" {
		return nil
	}
	return []string{root + "map.xml", root + "map2.xml"}
}

func (m mapped) LastPosts(_, root, address string) bool {
	return m.o.sitemap == "dated" && strings.HasPrefix(address, root)
}

func (m mapped) ReadSitemap(site state.Site, c forum.Capture, take func(forum.SitemapEntry) error) (bool, error) {
	canonical := func(u *url.URL) (forum.Link, bool) { return m.Canonical(site.Engine, "", u) }
	all, err := feed.ReadSitemap(c, canonical, take)
	if errors.Is(err, feed.ErrSitemapSize) {
		err = fmt.Errorf("%w: %w", crawler.ErrSitemapSize, err)
	}
	return all, err
}

// setup shapes a bench.
type setup struct {
	crawler.Options
	feed     string // of the forum: paged, short or none
	sitemap  string // of the forum: dated, plain, named (by robots.txt alone) or none
	attempts int
	public   bool // refuse private addresses, but for these networks
	networks []netip.Prefix
	resolver *net.Resolver
	now      func() time.Time
}

func open(t *testing.T, dir string, o setup) *bench {
	t.Helper()
	b := &bench{t: t, dir: dir}
	var err error
	if b.store, err = state.Open(t.Context(), dir, state.Options{Folder: lastWins{}, MaxAttempts: o.attempts, Now: o.now}); err != nil {
		t.Fatal(err)
	}
	if b.archive, err = archive.Open(filepath.Join(dir, "archive"), archive.Options{Software: "test"}); err != nil {
		t.Fatal(err)
	}
	f, err := fetch.New(fetch.Options{UserAgent: "forumine/test", AllowPrivate: !o.public, Networks: o.networks, Resolver: o.resolver})
	if err != nil {
		t.Fatal(err)
	}
	o.UserAgent, o.Now = "forumine/test", o.now
	b.count = &atomic.Int64{}
	b.Crawler = crawler.New(b.store, b.archive, f, o.reader(b.count), o.Options)
	t.Cleanup(func() { b.close(); f.Close() })
	return b
}

func (o setup) reader(n *atomic.Int64) crawler.Reader {
	if o.sitemap != "" {
		return mapped{fed{counting{n: n}, o.feed == "paged"}, o}
	}
	if o.feed == "" {
		return counting{n: n}
	}
	return fed{counting{n: n}, o.feed == "paged"}
}

func (b *bench) close() {
	b.t.Helper()
	if b.store == nil {
		return
	}
	if err := errors.Join(b.archive.Close(), b.store.Close()); err != nil {
		b.t.Error(err)
	}
	b.store = nil
}

func (b *bench) start(raw string) state.Site {
	b.t.Helper()
	s, err := b.Start(b.t.Context(), raw)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// watched is a context that ends what hangs.
func watched(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func (b *bench) run() {
	b.t.Helper()
	if err := b.Run(watched(b.t)); err != nil {
		b.t.Fatal(err)
	}
}

// outcome is "outcome: reason" of one URL.
func (b *bench) outcome(s *site, key string) string {
	b.t.Helper()
	u, err := b.store.URLByKey(b.t.Context(), s.id(), key)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(u.Outcome) + ": " + u.Reason
}

// posts gives the texts of all posts by native id.
func (b *bench) posts() map[string]string {
	b.t.Helper()
	out := map[string]string{}
	err := b.store.Documents(b.t.Context(), state.DocumentFilter{Kind: forum.DocPost}, func(d state.Document) error {
		var body struct{ Key, Text string }
		if err := json.Unmarshal(d.Body, &body); err != nil {
			return err
		}
		out[body.Key[strings.LastIndexByte(body.Key, '|')+1:]] = body.Text
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (lastWins) Revise(body []byte, _ time.Time) ([]byte, error) { return body, nil }

func (lastWins) Withhold(_ forum.DocRef, said json.RawMessage) (json.RawMessage, error) {
	return said, nil
}

func (lastWins) WithholdOpening(_ forum.DocRef, said json.RawMessage) (json.RawMessage, error) {
	return said, nil
}

func (lastWins) WithholdRevision(body []byte, _ bool) ([]byte, error) { return body, nil }
