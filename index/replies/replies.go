// Package replies tells who answered whom: it reads the edges between posts out
// of their documents.
//
// Its steps: Edges takes the posts of one thread and gives, for every post, the
// post that it says to answer (parent), the posts that it quotes (quoted.go
// takes their words out of the body) and the accounts that it names; Table sums
// edges up by author (table.go); NewWriter writes them as JSON lines, CSV or
// GraphML (write.go). Edges rest on what pages show; how the other end was found
// is said of each (Resolved).
package replies

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"forumine/index"
)

// Kind is what an edge rests on.
type Kind string

// The kinds of edges.
const (
	Parent  Kind = "parent"  // the page says which post it answers
	Quote   Kind = "quote"   // it quotes the other's words
	Mention Kind = "mention" // it names the other's account
)

// Kinds lists the kinds of edges.
func Kinds() []Kind { return []Kind{Parent, Quote, Mention} }

// How the other end of an edge was found.
const (
	ByID     = "id"     // the page names the post
	ByText   = "text"   // the latest earlier post in the thread, of the named author where one is named, that holds the quoted words
	ByAuthor = "author" // the page names the author, who writes in the thread or whose account it names; which post is meant is not known
	ByNone   = "none"   // the page gives a name that nobody in the thread has
)

// Edge leads from an answer to what it answers. Of the other end is absent what
// is not known.
type Edge struct {
	Site          string    `json:"site"`
	Board         string    `json:"board,omitempty"`
	ThreadKey     string    `json:"thread_key"`
	ThreadTitle   string    `json:"thread_title,omitempty"`
	Kind          Kind      `json:"kind"`
	Depth         int       `json:"depth"` // of a quote: 0 = of the post's own, 1 = within such a quote
	Resolved      string    `json:"resolved"`
	FromPostKey   string    `json:"from_post_key"`
	FromAuthorKey string    `json:"from_author_key,omitempty"`
	FromAuthor    string    `json:"from_author,omitempty"`
	FromAt        time.Time `json:"from_at,omitzero"`
	ToPostKey     string    `json:"to_post_key,omitempty"`
	ToAuthorKey   string    `json:"to_author_key,omitempty"`
	ToAuthor      string    `json:"to_author,omitempty"`
	ToAt          time.Time `json:"to_at,omitzero"`
}

// Options choose edges.
type Options struct {
	Kinds  []Kind // empty means parents and quotes
	Nested bool   // quotes within quotes too
}

func (o Options) wants(k Kind) bool {
	if len(o.Kinds) == 0 {
		return k != Mention
	}
	return slices.Contains(o.Kinds, k)
}

// Lookup finds a post of another thread by its key; ok is false where it is not
// known.
type Lookup func(ctx context.Context, key string) (doc json.RawMessage, ok bool, err error)

// Edges gives the edges of one thread's posts, given as rendered documents in
// any order: those of the posts that include keeps, in the order of positions,
// of each post its parent first, then its quotes and mentions in page order.
func Edges(ctx context.Context, docs []json.RawMessage, o Options, include func(doc json.RawMessage) (bool, error), look Lookup) ([]Edge, error) {
	t, err := newThread(docs, o, look)
	if err != nil {
		return nil, err
	}
	var out []Edge
	for i, p := range t.posts {
		keep, err := include(p.raw)
		if err != nil {
			return nil, err
		}
		if !keep {
			continue
		}
		edges, err := t.edgesOf(ctx, i)
		if err != nil {
			return nil, err
		}
		out = append(out, edges...)
	}
	return out, nil
}

// post is a post with what resolving needs of it.
type post struct {
	index.PostDoc
	raw   json.RawMessage
	words string // of its own text, as plain gives them; made when needed
	plain bool
}

// thread is one thread's posts in order.
type thread struct {
	o      Options
	look   Lookup
	posts  []*post
	byKey  map[string]*post
	byName map[string][]int // places of an author's posts, by the folded name
}

func newThread(docs []json.RawMessage, o Options, look Lookup) (*thread, error) {
	t := &thread{o: o, look: look, byKey: map[string]*post{}, byName: map[string][]int{}}
	for _, raw := range docs {
		p := &post{raw: raw}
		if err := json.Unmarshal(raw, &p.PostDoc); err != nil {
			return nil, fmt.Errorf("reading a post: %w", err)
		}
		t.posts = append(t.posts, p)
		t.byKey[p.Post.Key] = p
	}
	slices.SortFunc(t.posts, inThread)
	for i, p := range t.posts {
		if name := foldName(p.Author.Name); name != "" {
			t.byName[name] = append(t.byName[name], i)
		}
	}
	return t, nil
}

// inThread orders posts by position; those without one come last, by time.
func inThread(a, b *post) int {
	place := func(p *post) int64 {
		if p.Post.Position > 0 {
			return p.Post.Position
		}
		return 1 << 62
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), a.PublishedAt.Compare(b.PublishedAt), strings.Compare(a.Post.Key, b.Post.Key))
}

// foldName is a name as names are compared: quotes repeat it as it was, but for
// case and spaces.
func foldName(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func (t *thread) edgesOf(ctx context.Context, i int) ([]Edge, error) {
	p := t.posts[i]
	var out []Edge
	if key := p.Post.ParentKey; key != "" && t.o.wants(Parent) {
		e := p.edge(Parent)
		if err := t.named(ctx, &e, key, "", ""); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if t.o.wants(Quote) {
		quotes, err := t.quotesOf(ctx, i)
		if err != nil {
			return nil, err
		}
		out = append(out, quotes...)
	}
	if t.o.wants(Mention) {
		out = append(out, t.mentionsOf(p)...)
	}
	return out, nil
}

func (p *post) edge(k Kind) Edge {
	return Edge{
		Site: p.Site.ID, Board: p.Forum.Path, ThreadKey: p.Thread.Key, ThreadTitle: p.Thread.Title, Kind: k,
		FromPostKey: p.Post.Key, FromAuthorKey: p.Author.Key, FromAuthor: p.Author.Name, FromAt: p.PublishedAt,
	}
}

// to sets the other end to a post.
func (e *Edge) to(p *post, how string) {
	e.Resolved, e.ToPostKey, e.ToAt = how, p.Post.Key, p.PublishedAt
	e.ToAuthorKey, e.ToAuthor = p.Author.Key, p.Author.Name
}

// named sets the other end to the post with a key, here or in another thread.
// One that is not known leaves the key and the name that the page gives.
func (t *thread) named(ctx context.Context, e *Edge, key, author, authorKey string) error {
	e.Resolved, e.ToPostKey, e.ToAuthor, e.ToAuthorKey = ByID, key, author, authorKey
	if p, ok := t.byKey[key]; ok {
		e.to(p, ByID)
		return nil
	}
	raw, ok, err := t.look(ctx, key)
	if err != nil || !ok {
		return err
	}
	p := &post{}
	if err := json.Unmarshal(raw, &p.PostDoc); err != nil {
		return fmt.Errorf("reading a post: %w", err)
	}
	e.to(p, ByID)
	return nil
}

func (t *thread) mentionsOf(p *post) []Edge {
	var out []Edge
	for _, m := range p.Mentions {
		if m.Name == "" && m.AuthorKey == "" {
			continue
		}
		e := p.edge(Mention)
		e.ToAuthor, e.ToAuthorKey = m.Name, m.AuthorKey
		t.whoIs(&e)
		out = append(out, e)
	}
	return out
}

// whoIs completes an end of which the author alone is known.
func (t *thread) whoIs(e *Edge) {
	e.Resolved = ByNone
	if e.ToAuthorKey != "" {
		e.Resolved = ByAuthor
		return
	}
	if places := t.byName[foldName(e.ToAuthor)]; len(places) > 0 {
		a := t.posts[places[0]].Author
		e.Resolved, e.ToAuthorKey, e.ToAuthor = ByAuthor, a.Key, a.Name
	}
}
