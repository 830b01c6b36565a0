package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/profile"
)

// census gathers, for one site, what is held and what the forum says it has.
type census struct {
	site    state.Site
	store   *state.Reader
	archive *archive.Archive
	reader  pageReader
	log     *slog.Logger

	pages   map[string][]state.URL // by the board or thread that they belong to
	listed  map[string]state.Capture
	threads map[string]*threadCount // by native id
	boards  map[string]*boardCount
	members struct{ count, claimed, held int64 }
}

// threadCount is what is known of one thread.
type threadCount struct {
	id, title, board string
	held             int64 // posts that the forum shows
	gone             int64 // posts that it showed once
	last             int64 // greatest position of a post that is held
	document         bool
	pages            int    // as its own pages say
	replies          *int64 // as the newest of listing and thread says
	source           string
	at               time.Time
	rounded          bool
	stub             bool // a row that points elsewhere
	named            bool // by a sitemap alone
}

// boardCount is what is known of one board.
type boardCount struct {
	id, name, parent string
	threads, posts   *int64
	rounded          bool
	at               time.Time
	pages            int // of its listing
}

func newCensus(site state.Site, store *state.Reader, a *archive.Archive, profiles profile.Set, log *slog.Logger) *census {
	return &census{
		site: site, store: store, archive: a, reader: pageReader{profiles: profiles}, log: log,
		pages: map[string][]state.URL{}, listed: map[string]state.Capture{},
		threads: map[string]*threadCount{}, boards: map[string]*boardCount{},
	}
}

// take reads state and archive.
func (c *census) take(ctx context.Context) error {
	steps := []func(context.Context) error{c.takeURLs, c.takeListings, c.takeThreads, c.takePosts, c.takeAuthors}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *census) takeURLs(ctx context.Context) error {
	listing, shown := map[string]bool{}, map[string]string{}
	err := c.store.URLs(ctx, state.URLFilter{Site: c.site.ID}, func(u state.URL) error {
		c.pages[u.Parent] = append(c.pages[u.Parent], u)
		if u.Kind == forum.KindThread && (shown[u.Parent] == "" || !crawler.NamedBySitemap(u.Signature)) {
			shown[u.Parent] = cmp.Or(u.Signature, shown[u.Parent])
		}
		listing[u.Key] = u.Kind == forum.KindIndex || u.Kind == forum.KindBoard
		return nil
	})
	if err != nil {
		return err
	}
	for parent, signature := range shown {
		if crawler.NamedBySitemap(signature) {
			c.thread(strings.TrimPrefix(parent, string(forum.KindThread)+"/")).named = true
		}
	}
	return c.store.Captures(ctx, state.CaptureFilter{Site: c.site.ID}, func(cp state.Capture) error {
		if listing[cp.Key] && cp.Outcome == state.OK && !cp.ObservedAt.Before(c.listed[cp.Key].ObservedAt) {
			c.listed[cp.Key] = cp
		}
		return nil
	})
}

// takeListings reads the newest capture of every listing again.
func (c *census) takeListings(ctx context.Context) error {
	captures := make([]state.Capture, 0, len(c.listed))
	for _, cp := range c.listed {
		captures = append(captures, cp)
	}
	slices.SortFunc(captures, func(a, b state.Capture) int {
		return cmp.Or(a.ObservedAt.Compare(b.ObservedAt), cmp.Compare(a.Key, b.Key))
	})
	for _, cp := range captures {
		page, err := c.readAgain(ctx, cp)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, archive.ErrDestroyed) {
			c.log.Warn("a listing's capture was destroyed; what it counted is left out", "url", cp.URL)
			continue
		}
		if err != nil {
			c.log.Warn("an archived listing cannot be read again; what it counts is left out", "url", cp.URL, "ref", cp.Ref, "error", err)
			continue
		}
		c.listing(cp, page)
	}
	return nil
}

func (c *census) readAgain(ctx context.Context, cp state.Capture) (*forum.Page, error) {
	ref, err := archive.ParseRef(cp.Ref)
	if err != nil {
		return nil, err
	}
	e, err := c.archive.Read(ctx, ref)
	if err != nil {
		return nil, err
	}
	capture, err := e.Capture()
	if err != nil {
		return nil, err
	}
	reading, err := crawler.Read(ctx, c.reader, crawler.Visit{Site: c.site, PageKey: cp.Key, Capture: capture, Ref: cp.Ref})
	return reading.Page, err
}

func (c *census) listing(cp state.Capture, p *forum.Page) {
	own := c.idOf(cp.URL, forum.KindBoard)
	if own != "" {
		b := c.board(own)
		b.pages = max(b.pages, p.PageCount)
		if n := len(p.Path); b.name == "" && n > 0 {
			b.name = p.Path[n-1].Name
		}
	}
	for _, shown := range p.Boards {
		id := cmp.Or(c.idOf(shown.URL, forum.KindBoard), shown.ID)
		if id == "" || shown.IsLink {
			continue
		}
		b := c.board(id)
		b.name = cmp.Or(shown.Name, b.name)
		b.parent = cmp.Or(own, b.parent)
		if shown.ThreadCount != nil || shown.PostCount != nil {
			b.threads, b.posts, b.rounded, b.at = shown.ThreadCount, shown.PostCount, shown.CountsRounded, cp.ObservedAt
		}
	}
	for _, row := range p.Listing {
		id := cmp.Or(c.idOf(row.URL, forum.KindThread), row.ID)
		if id == "" {
			continue
		}
		t := c.thread(id)
		if row.IsMoved {
			t.stub = true
			continue
		}
		t.title, t.board, t.stub = cmp.Or(t.title, row.Title), cmp.Or(own, t.board), false
		if row.ReplyCount != nil {
			t.replies, t.rounded, t.source, t.at = row.ReplyCount, row.CountsRounded, "its row in the listing", cp.ObservedAt
		}
	}
}

// idOf is the native id that an address gives a page of a kind.
func (c *census) idOf(raw string, kind forum.Kind) string {
	u, err := url.Parse(raw)
	if err != nil || raw == "" {
		return ""
	}
	if l, ok := c.reader.Canonical(c.site.Engine, c.site.Facts.Routes, u); ok && l.Kind == kind {
		return l.ID
	}
	return ""
}

func (c *census) board(id string) *boardCount {
	b := c.boards[id]
	if b == nil {
		b = &boardCount{id: id}
		c.boards[id] = b
	}
	return b
}

func (c *census) thread(id string) *threadCount {
	t := c.threads[id]
	if t == nil {
		t = &threadCount{id: id}
		c.threads[id] = t
	}
	return t
}

// held is what a coverage needs of a stored document.
type heldDocument struct {
	Forum struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"forum"`
	Thread struct {
		ID         string `json:"id"`
		Title      string `json:"title"`
		PageCount  int    `json:"page_count"`
		ReplyCount *int64 `json:"reply_count"`
	} `json:"thread"`
	Post struct {
		Position int64  `json:"position"`
		State    string `json:"state"`
	} `json:"post"`
	Author struct {
		PostCount int64 `json:"post_count"`
	} `json:"author"`
	Observed int64 `json:"observed_post_count"`
	Crawl    struct {
		FetchedAt time.Time `json:"fetched_at"`
	} `json:"crawl"`
}

func (c *census) documents(ctx context.Context, kind forum.DocKind, fn func(state.Document, heldDocument)) error {
	return c.store.Documents(ctx, state.DocumentFilter{Kind: kind, Site: c.site.ID, LiveOnly: true}, func(d state.Document) error {
		var h heldDocument
		if err := json.Unmarshal(d.Body, &h); err != nil {
			return fmt.Errorf("reading document %s: %w", d.Key, err)
		}
		fn(d, h)
		return nil
	})
}

func (c *census) takeThreads(ctx context.Context) error {
	return c.documents(ctx, forum.DocThread, func(d state.Document, h heldDocument) {
		t := c.thread(cmp.Or(h.Thread.ID, d.Key[strings.LastIndexByte(d.Key, '|')+1:]))
		t.document, t.stub = true, false
		t.title, t.board, t.pages = cmp.Or(h.Thread.Title, t.title), cmp.Or(h.Forum.ID, t.board), h.Thread.PageCount
		if h.Thread.ReplyCount != nil && (t.replies == nil || d.LastSeenAt.After(t.at)) {
			t.replies, t.source, t.at = h.Thread.ReplyCount, "the thread's reply count", d.LastSeenAt
		}
		if h.Forum.ID != "" {
			b := c.board(h.Forum.ID)
			b.name = cmp.Or(b.name, h.Forum.Name)
		}
	})
}

func (c *census) takePosts(ctx context.Context) error {
	return c.documents(ctx, forum.DocPost, func(d state.Document, h heldDocument) {
		t := c.thread(cmp.Or(h.Thread.ID, d.Parent[strings.LastIndexByte(d.Parent, '|')+1:]))
		if !d.MissingSince.IsZero() || h.Post.State == "deleted" {
			t.gone++
			return
		}
		t.held++
		t.last = max(t.last, h.Post.Position)
	})
}

func (c *census) takeAuthors(ctx context.Context) error {
	return c.documents(ctx, forum.DocAuthor, func(_ state.Document, h heldDocument) {
		if h.Author.PostCount > 0 {
			c.members.count++
			c.members.claimed += h.Author.PostCount
			c.members.held += h.Observed
		}
	})
}
