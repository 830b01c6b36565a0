package index

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"forumine/extract/forum"
)

// SiteInfo is what is known of the site that a page belongs to.
type SiteInfo struct {
	ID            string // board root without scheme, host[/path]; fixed at first contact
	Host          string
	Engine        string // empty: the page's own
	EngineVersion string // empty: the page's own
	Lang          string // BCP 47; empty: the page's own
	Timezone      string // IANA name or UTC±hh:mm
}

// Provenance is where a page comes from.
type Provenance struct {
	PageKey      string    // canonical key of the page within its site
	ObservedAt   time.Time // strictly rising within one state database
	FetchedAt    time.Time
	RunID        string
	URL          string // of the response; empty: the page's own
	Status       int    // HTTP status, 0 when unknown
	WARC         string // place in the archive, file:offset
	Viewer       string // guest, or the account that looked
	Extractor    int    // Extract.Version of the reading; 0: the page's own
	FactsVersion int    // Facts.Version that the reading used
}

// source says which sort of page element made a claim: absence erases only what
// the same sort said before.
type source string

const (
	sourceFirst   source = "first"   // a thread's first page
	sourcePage    source = "page"    // the document's own page
	sourceListing source = "listing" // a row
	sourceCard    source = "card"    // an author beside a post
	sourceCell    source = "cell"    // an author in a row or a heading
)

// weight orders the sources by how fully they show a document.
func (s source) weight() int {
	return slices.Index([]source{sourceCell, sourceCard, sourceListing, sourcePage, sourceFirst}, s)
}

// sort joins the sources that stand for one another.
func (s source) sort() source {
	if s == sourceFirst {
		return sourcePage
	}
	return s
}

// body is the shape of a contribution's Body: the part of a document of type D
// that one page shows.
type body[D any] struct {
	Source source `json:"source"`
	Doc    D      `json:"doc"`
}

// Contributions is what a page says of each post, thread and author, at most one
// contribution a document: first the threads, then the posts, then the authors
// in the order in which the page names them. A wall says nothing.
func Contributions(site SiteInfo, page *forum.Page, prov Provenance) []forum.Contribution {
	if page == nil || page.Kind.IsWall() {
		return nil
	}
	c := newCutter(site, page, prov)
	c.cutThread()
	c.cutRows()
	c.cutPosts()
	c.cutProfile()
	c.cutAuthors()
	return c.out
}

// cutter holds what the contributions of one page share.
type cutter struct {
	site    string
	page    *forum.Page
	prov    Provenance
	common  Common
	out     []forum.Contribution
	seen    map[string]bool
	authors []*seenAuthor // in order of appearance
	byKey   map[string]*seenAuthor
}

type seenAuthor struct {
	key    string
	source source
	doc    AuthorDoc
}

func newCutter(site SiteInfo, page *forum.Page, prov Provenance) *cutter {
	if prov.Extractor == 0 {
		prov.Extractor = page.Extract.Version
	}
	return &cutter{
		site: site.ID, page: page, prov: prov, common: commonOf(site, page, prov),
		seen: map[string]bool{}, byKey: map[string]*seenAuthor{},
	}
}

func commonOf(site SiteInfo, page *forum.Page, prov Provenance) Common {
	return Common{
		Site: SiteRef{
			ID: site.ID, Host: site.Host, Timezone: site.Timezone,
			Engine:        cmp.Or(site.Engine, page.Engine),
			EngineVersion: cmp.Or(site.EngineVersion, page.EngineVersion),
			Lang:          cmp.Or(site.Lang, page.Lang),
		},
		Forum: boardOf(page),
		Crawl: Crawl{
			FetchedAt: goodTime(prov.FetchedAt), URL: cmp.Or(prov.URL, page.URL), RunID: prov.RunID,
			HTTPStatus: min(small(prov.Status), math.MaxInt16), WARC: prov.WARC, Viewer: prov.Viewer,
		},
		Extract: Extract{
			Extractor: page.Extract.Extractor, Version: strconv.Itoa(prov.Extractor),
			FactsVersion: prov.FactsVersion, Strategy: page.Extract.Strategy,
			Confidence: finite(page.Extract.Confidence), Warnings: texts(page.Extract.Warnings),
		},
	}
}

// boardOf is the board that a page's threads stand in. A search has none.
func boardOf(page *forum.Page) BoardRef {
	switch page.Kind {
	case forum.KindThread, forum.KindPost, forum.KindBoard:
	default:
		return BoardRef{}
	}
	if len(page.Path) == 0 {
		return BoardRef{}
	}
	var names []string
	for _, crumb := range page.Path {
		names = append(names, crumb.Name)
	}
	names = texts(names)
	inner := page.Path[len(page.Path)-1]
	return BoardRef{
		ID: inner.ID, Name: strings.TrimSpace(inner.Name), URL: inner.URL,
		Breadcrumbs: names, Path: strings.Join(names, " > "),
	}
}

// shared is the common part of a document whose fields stand below prefix in the
// page's own JSON.
func (c *cutter) shared(prefix string) Common {
	common := c.common
	for _, gap := range c.page.Gaps {
		if field, ok := strings.CutPrefix(gap.Path, prefix); ok && field != "" {
			common.Extract.Gaps = append(common.Extract.Gaps, field)
		}
	}
	return common
}

// add appends a contribution unless the page has spoken of the document before.
func (c *cutter) add(kind forum.DocKind, key string, rank int, what any) {
	name := string(kind) + " " + key
	if key == "" || c.seen[name] {
		return
	}
	c.seen[name] = true
	raw := mustMarshal(what)
	c.out = append(c.out, forum.Contribution{
		Doc: forum.DocRef{Kind: kind, Key: key}, Page: c.prov.PageKey, Rank: rank,
		ObservedAt: c.prov.ObservedAt, Extractor: c.prov.Extractor,
		FactsVersion: c.prov.FactsVersion, Body: raw, Read: readBack(what, raw),
	})
}

// readBack is a value as it comes back from its JSON; nil where that may differ: JSON
// cannot hold what is no UTF-8.
func readBack(what any, raw json.RawMessage) any {
	if bytes.ContainsRune(raw, utf8.RuneError) || bytes.Contains(raw, []byte(`\ufffd`)) {
		return nil
	}
	return what
}

// commonSize is what most documents have room in, in bytes.
const commonSize = 3 << 10

// marshal writes JSON in one line, without escaping <, > and &.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(commonSize)
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// mustMarshal writes a value of this package's own types. They hold nothing that
// JSON cannot: times pass through goodTime and numbers through finite.
func mustMarshal(v any) json.RawMessage {
	raw, err := marshal(v)
	if err != nil {
		panic("index: a document holds what JSON cannot: " + err.Error())
	}
	return raw
}
