// Package demoforum is a small invented forum, served from memory: the village
// society of Tillerby talks about wireless, gardens and clocks. Its pages carry
// the markup of XenForo 1.5, so that a crawl of it walks the same way as a
// crawl of a real board, and Truth says what a reader of the pages must find.
//
// The steps: load (embedded text into the model), bbcode (post text into HTML
// and into plain text), view (model into page data), templates (page data into
// bytes), serve (routes, redirects, walls, validators, the request log), truth.
//
// Everything is fixed by Options: no clock is read and no state is kept between
// requests, save for what the hooks Edit, AddReply, Rename, Delete and
// Restore change.
package demoforum

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"sync"
	"time"
)

// BoardTitle is the name of the forum, as its pages show it.
const BoardTitle = "Tillerby Society"

// ErrUnknown is returned by the hooks for a post, thread or author that the
// forum does not have.
var ErrUnknown = errors.New("not on this forum")

// ErrNoClock is returned by New for Options without Now.
var ErrNoClock = errors.New("Options.Now is not set: pages are dated by it, never by the clock")

//go:embed data/*.txt
var dataFS embed.FS

//go:embed templates/*.tmpl
var templateFS embed.FS

// Options fix every byte of the forum's pages.
type Options struct {
	Now            time.Time // the moment the pages are looked at; required
	Seed           uint64    // varies seconds of posting times, view counts and thumbnail names
	BaseURL        string    // "http://host:port/", default: from the request's Host
	PostsPerPage   int       // default 10
	ThreadsPerPage int       // default 5
}

// Forum is the handler. It is safe for concurrent use.
type Forum struct {
	opts Options
	tmpl *template.Template

	mu sync.RWMutex
	m  *model

	logMu sync.Mutex
	log   map[string]int
}

// New reads the embedded texts and returns the forum. It fails without
// Options.Now, and when the embedded texts contradict themselves.
func New(opts Options) (*Forum, error) {
	if opts.Now.IsZero() {
		return nil, ErrNoClock
	}
	if opts.PostsPerPage <= 0 {
		opts.PostsPerPage = 10
	}
	if opts.ThreadsPerPage <= 0 {
		opts.ThreadsPerPage = 5
	}
	opts.Now = opts.Now.UTC().Truncate(time.Second)
	m, err := load(dataFS, opts)
	if err != nil {
		return nil, fmt.Errorf("reading the demo forum: %w", err)
	}
	tmpl, err := template.New("").Funcs(funcs(opts.Now)).ParseFS(templateFS, "templates/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	return &Forum{opts: opts, tmpl: tmpl, m: m, log: map[string]int{}}, nil
}

// Requests returns how often each URL (path and query) was asked for with GET
// or HEAD, redirects and errors included.
func (f *Forum) Requests() map[string]int {
	f.logMu.Lock()
	defer f.logMu.Unlock()
	out := make(map[string]int, len(f.log))
	maps.Copy(out, f.log)
	return out
}

// ResetRequests forgets the request log.
func (f *Forum) ResetRequests() {
	f.logMu.Lock()
	defer f.logMu.Unlock()
	clear(f.log)
}

// Edit replaces the text of a post, in BBCode, as its author would. A zero at
// makes the edit silent: the engine shows no edit note for quick corrections.
func (f *Forum) Edit(postID int, text string, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.m.posts[postID]
	if p == nil {
		return fmt.Errorf("editing post %d: %w", postID, ErrUnknown)
	}
	p.text = text
	if !at.IsZero() {
		p.edited = at.UTC().Truncate(time.Second)
	}
	return nil
}

// AddReply appends a post, in BBCode, to a thread and returns its id. A name
// that no member has posts as a guest.
func (f *Forum) AddReply(threadID int, author, text string, at time.Time) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.m.threads[threadID]
	if t == nil || t.movedTo != 0 {
		return 0, fmt.Errorf("replying to thread %d: %w", threadID, ErrUnknown)
	}
	f.m.lastPostID++
	p := &post{id: f.m.lastPostID, thread: t, at: at.UTC().Truncate(time.Second), text: text}
	p.setAuthor(f.m, author)
	t.posts = append(t.posts, p)
	f.m.posts[p.id] = p
	return p.id, nil
}

// Rename gives a member another name, on the posts that are there, too.
func (f *Forum) Rename(from, to string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range f.m.users {
		if u.name == from {
			u.name = to
			return nil
		}
	}
	return fmt.Errorf("renaming %q: %w", from, ErrUnknown)
}

// Delete takes a post from the guests' view; the numbers of later posts of the
// thread fall by one, as they do in the engine. With a first post, its thread goes.
func (f *Forum) Delete(postID int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.m.posts[postID]
	if p == nil {
		return fmt.Errorf("deleting post %d: %w", postID, ErrUnknown)
	}
	t := p.thread
	if t.posts[0] == p {
		f.m.dropThread(t)
		return nil
	}
	kept := t.posts[:0:0]
	for _, q := range t.posts {
		if q != p {
			kept = append(kept, q)
		}
	}
	t.posts = kept
	delete(f.m.posts, postID)
	f.m.deleted[postID] = p
	return nil
}

// Restore brings back a post that Delete has taken, to its place, as a moderator
// may. A thread that was deleted with its first post stays away.
func (f *Forum) Restore(postID int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.m.deleted[postID]
	if p == nil || f.m.threads[p.thread.id] != p.thread {
		return fmt.Errorf("restoring post %d: %w", postID, ErrUnknown)
	}
	at, _ := slices.BinarySearchFunc(p.thread.posts, p, func(q, p *post) int { return cmp.Or(q.at.Compare(p.at), q.id-p.id) })
	p.thread.posts = slices.Insert(p.thread.posts, at, p)
	f.m.posts[postID] = p
	delete(f.m.deleted, postID)
	return nil
}
