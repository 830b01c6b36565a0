package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"forumine/extract/forum"
)

// SchemaVersion numbers the shape of the documents.
const SchemaVersion = 2

// Folded is a document as its contributions make it, without what only the state
// knows (Meta).
type Folded struct {
	Doc         any             // *PostDoc, *ThreadDoc or *AuthorDoc
	Site        string          // site id
	Parent      string          // of a post: its thread's key
	Author      string          // of a post: its author's key; of a thread: its starter's
	Digest      string          // changes when the document is worth writing again
	Content     string          // of a post: changes when a new revision begins
	Summary     json.RawMessage // of a thread: what its posts copy
	PublishedAt time.Time       // of a post, zero when unknown
	State       string          // of a post: forum.PostVisible, …
	Opens       bool            // of a post: it opens its thread
}

// Meta is what only the state knows of a document.
type Meta struct {
	ID, Key      string
	Version      int64
	FirstSeenAt  time.Time
	ChangedAt    time.Time
	MissingSince time.Time // zero unless complete passes miss it
	Revision     int       // of a post, 1 = as first seen
	Retracted    bool      // no contribution is left
}

// threadSummary is a thread's Summary: the parent that its posts' folds take.
type threadSummary struct {
	Thread  ThreadRef `json:"thread,omitzero"`
	Forum   BoardRef  `json:"forum,omitzero"`
	Starter string    `json:"starter_key,omitempty"`
}

// Folder folds contributions into documents. Use NewFolder; a Folder may be
// shared between goroutines.
type Folder struct {
	posts    folding[PostDoc]
	threads  folding[ThreadDoc]
	authors  folding[AuthorDoc]
	language Language
	summary  *lastSummary
}

// lastSummary keeps the summary that was read last: the posts of a page are folded
// one after the other, and are of one thread.
type lastSummary struct{ of atomic.Pointer[readSummary] }

type readSummary struct {
	raw     string
	summary threadSummary
}

func (l *lastSummary) read(raw []byte) (threadSummary, error) {
	if r := l.of.Load(); r != nil && r.raw == string(raw) {
		return r.summary, nil
	}
	r := &readSummary{raw: string(raw)}
	if err := json.Unmarshal(raw, &r.summary); err != nil {
		return r.summary, fmt.Errorf("reading the thread's summary: %w", err)
	}
	l.of.Store(r)
	return r.summary, nil
}

// NewFolder makes a Folder that tells languages by their commonest words, or by
// their trigrams.
func NewFolder() Folder { return NewFolderWith(newDetector().language) }

// NewFolderWith makes a Folder that tells the languages of posts by a function.
// It is asked when a post is rendered, which is when it has changed, for the
// post's own words without code and addresses.
func NewFolderWith(l Language) Folder {
	return Folder{newFolding[PostDoc](), newFolding[ThreadDoc](), newFolding[AuthorDoc](), l, &lastSummary{}}
}

// Fold is the document of a set of contributions, the same for every order of
// them. The parent of a post is its thread's Summary; that of an author is
// {observed_post_count, first_post_at, last_post_at}; it may be nil. A document
// without contributions keeps its key alone. A revision is folded from its
// post's contributions.
func (f Folder) Fold(ref forum.DocRef, cs []forum.Contribution, parent json.RawMessage) (Folded, error) {
	folded, err := f.fold(ref, cs, parent)
	if err != nil {
		return Folded{}, fmt.Errorf("folding %s %s: %w", ref.Kind, ref.Key, err)
	}
	folded.Site = KeySite(ref.Key)
	folded.Digest, err = digest(folded.Doc)
	return folded, err
}

func (f Folder) fold(ref forum.DocRef, cs []forum.Contribution, parent json.RawMessage) (Folded, error) {
	switch ref.Kind {
	case forum.DocPost:
		return f.foldPost(ref.Key, cs, parent)
	case forum.DocThread:
		return f.foldThread(ref.Key, cs)
	case forum.DocAuthor:
		return f.foldAuthor(ref.Key, cs, parent)
	}
	return Folded{}, errors.New("unknown kind of document")
}

func (f Folder) foldPost(key string, cs []forum.Contribution, parent json.RawMessage) (Folded, error) {
	claims, err := f.posts.claims(cs)
	if err != nil {
		return Folded{}, err
	}
	doc, _ := f.posts.fold(claims)
	takeBase(&doc.Common, key, claims)
	doc.Post.Key = key
	if err := f.takeSummary(doc, parent); err != nil {
		return Folded{}, err
	}
	doc.Author.FieldPairs = pairs(doc.Author.Fields)
	words := normalText(doc.Body.Text)
	doc.Body.Hash, doc.Body.Simhash = textHash(words), simhash(words)
	doc.Signature.Hash = textHash(normalText(doc.Signature.Text))
	folded := Folded{
		Doc: doc, Parent: doc.Thread.Key, Author: doc.Author.Key,
		PublishedAt: doc.PublishedAt, State: doc.Post.State, Opens: doc.opens(),
	}
	if len(claims) > 0 {
		folded.Content = contentDigest(doc)
	}
	return folded, nil
}

// takeSummary copies onto a post what its thread tells all of its posts.
func (f Folder) takeSummary(doc *PostDoc, parent json.RawMessage) error {
	if len(parent) == 0 {
		return nil
	}
	s, err := f.summary.read(parent)
	if err != nil {
		return err
	}
	if s.Thread.Key != "" {
		doc.Thread = s.Thread
	}
	if s.Forum.Path != "" || s.Forum.ID != "" {
		doc.Forum = s.Forum
	}
	if s.Starter != "" && doc.Author.Key != "" {
		isOP := s.Starter == doc.Author.Key
		doc.Author.IsOP = &isOP
	}
	return nil
}

func (f Folder) foldThread(key string, cs []forum.Contribution) (Folded, error) {
	claims, err := f.threads.claims(cs)
	if err != nil {
		return Folded{}, err
	}
	doc, winners := f.threads.fold(claims)
	takeBase(&doc.Common, key, claims)
	doc.Thread.Key = key
	doc.Author.FieldPairs = pairs(doc.Author.Fields)
	for _, name := range []string{"thread.reply_count", "thread.view_count"} {
		if i, ok := winners[name]; ok && claims[i].rounded {
			doc.Thread.CountsRounded = true
		}
	}
	folded := Folded{Doc: doc, Author: doc.Author.Key}
	folded.Summary, err = marshal(summaryOf(doc))
	return folded, err
}

// summaryOf leaves out the start as shown where it could be read: words such as
// "yesterday" would have all posts written again each day.
func summaryOf(doc *ThreadDoc) threadSummary {
	s := threadSummary{Thread: doc.Thread.ThreadRef, Forum: doc.Forum, Starter: doc.Author.Key}
	if !s.Thread.StartedAt.IsZero() {
		s.Thread.StartedRaw = ""
	}
	return s
}

func (f Folder) foldAuthor(key string, cs []forum.Contribution, parent json.RawMessage) (Folded, error) {
	claims, err := f.authors.claims(cs)
	if err != nil {
		return Folded{}, err
	}
	doc, _ := f.authors.fold(claims)
	takeBase(&doc.Common, key, claims)
	doc.Author.Key = key
	doc.Author.FieldPairs = pairs(doc.Author.Fields)
	takeNames(doc, claims)
	if len(parent) > 0 {
		if err := json.Unmarshal(parent, &doc.Observed); err != nil {
			return Folded{}, fmt.Errorf("reading what is observed of the author: %w", err)
		}
	}
	return Folded{Doc: doc, Author: key}, nil
}

// takeNames adds the author's other names and the best source.
func takeNames(doc *AuthorDoc, claims []claim[AuthorDoc]) {
	names := map[string]bool{}
	for _, c := range claims {
		name := c.doc.Author.Name
		if _, short := cutShort(name); !short && name != "" && name != doc.Author.Name {
			names[name] = true
		}
		if sourceRank(c.doc.ProfileSource) > sourceRank(doc.ProfileSource) {
			doc.ProfileSource = c.doc.ProfileSource
		}
	}
	if len(names) > 0 {
		doc.NameHistory = slices.Sorted(maps.Keys(names))
	}
}

// sourceRank orders the sources of an author's data; one that is new to it stands
// below the known ones.
func sourceRank(s string) int {
	switch s {
	case "":
		return 0
	case "card":
		return 2
	case "profile_page":
		return 3
	case "api":
		return 4
	}
	return 1
}

func takeBase[D any](to *Common, key string, claims []claim[D]) {
	to.Site.ID = KeySite(key)
	if len(claims) == 0 {
		return
	}
	won := base(claims)
	from := any(won.doc).(interface{ common() *Common }).common()
	to.Site, to.Crawl, to.Extract = from.Site, from.Crawl, from.Extract
	if won.from.weight() <= sourceCard.weight() { // they stand on pages of every sort
		e := from.Extract
		to.Extract = Extract{Extractor: e.Extractor, Version: e.Version, FactsVersion: e.FactsVersion}
	}
}

func pairs(fields map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, key+"="+fields[key])
	}
	return out
}
