package state

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"forumine/extract/forum"
)

// Folder makes documents from contributions. Both methods are deterministic and
// have no side effects: the state calls them as often as it likes, from within a
// transaction.
type Folder interface {
	// Fold gives the content of one document. The contributions come in the order
	// of the fold (the last one wins); there are none for a document that no page
	// mentions any more. For a post, parent is the Summary of its thread, nil when
	// there is none yet; for an author it is an AuthorTotals; else nil.
	Fold(ref forum.DocRef, cs []forum.Contribution, parent json.RawMessage) (Folded, error)
	// Render gives the document's body: one JSON object.
	Render(f Folded, m Meta) ([]byte, error)
	// Revise turns the body of a post into that of the revision that it becomes
	// when another version replaces it.
	Revise(body []byte, replacedAt time.Time) ([]byte, error)

	// Withhold takes the words and the author out of what a page says of a post or
	// thread that its forum has deleted; place and times stay. WithholdOpening
	// takes the words of a thread's first post out of what a page says of the
	// thread; WithholdRevision does with a revision as Withhold, or leaves of it
	// only which one it is, retracted. Done again, each changes nothing.
	Withhold(ref forum.DocRef, said json.RawMessage) (json.RawMessage, error)
	WithholdOpening(ref forum.DocRef, said json.RawMessage) (json.RawMessage, error)
	WithholdRevision(body []byte, drop bool) ([]byte, error)
}

// Folded is a document without the parts that the state gives it.
type Folded struct {
	Doc         any             // for Render alone
	Site        string          // site id
	Parent      string          // of a post: key of its thread
	Author      string          // of a post: key of its author
	Digest      string          // change digest: equal digests cause no write
	Content     string          // digest of what makes a new revision of a post
	Summary     json.RawMessage // of a thread: what its posts copy
	PublishedAt time.Time
	State       string // of a post
	Opens       bool   // of a post: it opens its thread
}

// Meta is what the state knows of a document.
type Meta struct {
	ID           string // first 40 hex digits of sha256 of Key
	Key          string
	Version      int64 // external version: greater wins
	FirstSeenAt  time.Time
	ChangedAt    time.Time // observation that brought the present digest
	MissingSince time.Time // zero unless complete passes did not find the post
	Revision     int       // 1 as first seen
	Retracted    bool      // no page mentions it any more
}

// AuthorTotals is what the state holds of an author's posts.
type AuthorTotals struct {
	ObservedPostCount int64      `json:"observed_post_count"`
	FirstPostAt       *time.Time `json:"first_post_at,omitempty"`
	LastPostAt        *time.Time `json:"last_post_at,omitempty"`
}

// DocumentID is the id of a document: the first 40 hex digits of sha256 of its
// key.
func DocumentID(key string) string { return hex.EncodeToString(idOf(key)) }

func idOf(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:20]
}

// docRow is a document as stored, without its body.
type docRow struct {
	id                                int64
	ref                               forum.DocRef
	site, parent, author, state       string
	version, revision                 int64
	retracted                         bool
	digest, content                   string
	summary                           []byte
	publishedAt, firstSeen, changedAt int64
	missingSince, missedAt            int64
	contentAt                         int64 // observation that brought the present content
	extractor                         int64 // that read the newest contribution
	sequence                          int64 // of its latest delivery
	isNew                             bool  // has no row yet: update makes it
}

func (d *docRow) dst() []any {
	return []any{&d.id, &d.ref.Kind, &d.ref.Key, &d.site, &d.parent, &d.author, &d.state, &d.version, &d.revision, &d.retracted,
		&d.digest, &d.content, &d.summary, &d.publishedAt, &d.firstSeen, &d.changedAt, &d.missingSince, &d.missedAt,
		&d.contentAt, &d.extractor, &d.sequence}
}

func (t *tx) document(id int64) (*docRow, error) {
	d := &docRow{}
	ok, err := t.get(sqlDocument, []any{id}, d.dst()...)
	if err == nil && !ok {
		err = fmt.Errorf("document %d: %w", id, ErrNotFound)
	}
	return d, err
}

// ensureDocument gives a document, which is new or was first seen at the earlier
// of both times.
func (t *tx) ensureDocument(ref forum.DocRef, at int64) (*docRow, error) {
	known, err := t.documentsByKey(ref)
	if err != nil {
		return nil, err
	}
	d, err := t.seen(ref, known[ref.Key], at)
	if err != nil {
		return nil, err
	}
	return d, t.insertAll(t.newAuthors) // whoever asks for it next finds it
}

// seen gives a document, nil where it is not known, as it is after it was seen at a
// time.
func (t *tx) seen(ref forum.DocRef, d *docRow, at int64) (*docRow, error) {
	if ref.Key == "" || ref.Kind == "" {
		return nil, fmt.Errorf("contribution without a document: %+v", ref)
	}
	if d == nil {
		return t.newDocument(ref, at)
	}
	if at >= d.firstSeen {
		return d, nil
	}
	d.firstSeen = at
	return d, t.exec(sqlFirstSeen, at, d.id)
}

// documentsByKey gives those of the documents that are known, by their keys.
func (t *tx) documentsByKey(refs ...forum.DocRef) (map[string]*docRow, error) {
	known := make(map[string]*docRow, len(refs))
	for some := range slices.Chunk(refs, bulkRows) {
		marks, size := list(len(some))
		keys := make([]any, size)
		for i := range keys {
			keys[i] = some[min(i, len(some)-1)].Key
		}
		err := t.each(sqlDocumentsIn+marks, keys, func(scan func(...any) error) error {
			d := &docRow{}
			err := scan(d.dst()...)
			known[d.ref.Key] = d
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// newDocument gives a document that is not known. An author, which is folded later,
// gets its row with the next flush, anything else with its first fold.
func (t *tx) newDocument(ref forum.DocRef, at int64) (*docRow, error) {
	if t.s.lastDoc == 0 {
		if _, err := t.get(sqlLastDocument, nil, &t.s.lastDoc); err != nil {
			return nil, err
		}
	}
	t.s.lastDoc++
	d := &docRow{id: t.s.lastDoc, ref: ref, firstSeen: at}
	if ref.Kind == forum.DocAuthor {
		t.newAuthors.add(d.id, idOf(ref.Key), ref.Kind, ref.Key, at)
		return d, nil
	}
	d.isNew = true
	return d, nil
}

// foldTouched folds threads, then posts, those of changed threads included, and
// notes the authors for later. Documents that are not given are read.
func (t *tx) foldTouched(touched map[int64]*mention) error {
	posts := map[int64]*mention{}
	for _, id := range sorted(touched) {
		m, err := t.mentioned(id, touched[id])
		if err != nil {
			return err
		}
		switch m.ref.Kind {
		case forum.DocThread:
			err = t.foldThread(m, posts)
		case forum.DocAuthor:
			t.dirtyAuthor(id)
		default:
			posts[id] = m
		}
		if err != nil {
			return err
		}
	}
	hint := ""
	for _, id := range sorted(posts) {
		m, err := t.mentioned(id, posts[id])
		if err != nil {
			return err
		}
		if err := t.foldPost(m, cmp.Or(m.parent, hint), false); err != nil {
			return err
		}
		hint = m.parent
	}
	return t.flush()
}

// mentioned reads a document that is not given.
func (t *tx) mentioned(id int64, m *mention) (*mention, error) {
	if m != nil {
		return m, nil
	}
	d, err := t.document(id)
	return &mention{docRow: d}, err
}

// foldThread folds a thread and, when what its posts copy has changed, adds them
// to posts.
func (t *tx) foldThread(m *mention, posts map[int64]*mention) error {
	d := m.docRow
	cs, err := t.contributionsTo(m)
	if err != nil {
		return err
	}
	before := string(d.summary)
	f, err := t.s.opt.Folder.Fold(d.ref, cs, nil)
	if err != nil {
		return wrap(err, "folding %s", d.ref.Key)
	}
	if seenSince(cs, d.missedAt) {
		if err := t.setMissing(d, 0, 0); err != nil {
			return err
		}
	}
	if f, cs, err = t.withhold(d, f, cs); err != nil {
		return err
	}
	if err := t.save(d, f, cs); err != nil {
		return err
	}
	t.summaries[d.ref.Key] = d.summary
	if string(d.summary) == before {
		return nil
	}
	ids, err := t.ids(sqlPostsOf, d.ref.Key)
	for _, id := range ids {
		if posts[id] == nil {
			posts[id] = nil // to be read
		}
	}
	return err
}

// foldPost folds a post with the summary of its thread. Which thread that is,
// only the fold knows: a likely one is tried first. seen says that a page has
// shown the post just now without anything new.
func (t *tx) foldPost(m *mention, thread string, seen bool) error {
	d := m.docRow
	cs, err := t.contributionsTo(m)
	if err != nil {
		return err
	}
	f, err := t.foldIn(d, cs, thread)
	if err == nil && f.Parent != thread {
		f, err = t.foldIn(d, cs, f.Parent)
	}
	if err != nil {
		return wrap(err, "folding %s", d.ref.Key)
	}
	before := *d
	if seen || seenSince(cs, d.missedAt) {
		if err := t.setMissing(d, 0, 0); err != nil {
			return err
		}
	}
	if f, cs, err = t.withhold(d, f, cs); err != nil {
		return err
	}
	if err := t.save(d, f, cs); err != nil {
		return err
	}
	if err := t.withholdRevisions(d); err != nil {
		return err
	}
	if before.version != 0 && before.author == d.author && before.publishedAt == d.publishedAt && before.retracted == d.retracted {
		return nil
	}
	return t.dirtyAuthors(before.author, d.author)
}

// seenSince tells whether a page has shown the post after it was missed.
func seenSince(cs []forum.Contribution, missedAt int64) bool {
	return missedAt != 0 && len(cs) > 0 && micros(cs[len(cs)-1].ObservedAt) > missedAt
}

func (t *tx) foldIn(d *docRow, cs []forum.Contribution, thread string) (Folded, error) {
	summary, err := t.summary(thread)
	if err != nil {
		return Folded{}, err
	}
	return t.s.opt.Folder.Fold(d.ref, cs, summary)
}

// summary gives what the posts of a thread copy, nil when it is unknown.
func (t *tx) summary(thread string) (json.RawMessage, error) {
	if thread == "" {
		return nil, nil
	}
	if s, ok := t.summaries[thread]; ok {
		return s, nil
	}
	var s []byte
	if _, err := t.get(sqlSummary, []any{thread}, &s); err != nil {
		return nil, err
	}
	t.summaries[thread] = s
	return s, nil
}

func (t *tx) dirtyAuthors(keys ...string) error {
	for _, k := range keys {
		if k == "" {
			continue
		}
		if id, ok := t.authors[k]; ok {
			t.dirtyAuthor(id)
			continue
		}
		if err := t.exec(sqlDirtyAuthorByKey, k); err != nil {
			return err
		}
	}
	return nil
}

// save stores the outcome of a fold in d and in the database. Without a change
// of the digest nothing is delivered.
func (t *tx) save(d *docRow, f Folded, cs []forum.Contribution) error {
	before := *d
	d.site, d.parent, d.author, d.state = f.Site, f.Parent, f.Author, f.State
	d.publishedAt, d.retracted = micros(f.PublishedAt), len(cs) == 0
	d.summary = f.Summary
	if d.retracted {
		d.summary = nil
	}
	var newest forum.Contribution
	if !d.retracted {
		newest = cs[len(cs)-1]
		d.extractor = int64(newest.Extractor)
	}
	if d.version != 0 && f.Digest == d.digest && d.retracted == before.retracted {
		return t.keepBooks(&before, d)
	}
	t.countPost(&before, d, f)
	at := micros(newest.ObservedAt)
	if err := t.revise(&before, d, f, cs); err != nil {
		return err
	}
	d.digest, d.content = f.Digest, f.Content
	d.changedAt = max(d.changedAt, at)
	if d.retracted {
		d.changedAt = t.now
	}
	d.version = max(d.version+1, t.now)
	if d.retracted {
		if known, err := t.hasBody(d.id); err != nil || !known {
			d.version = before.version
			return cmp.Or(err, t.update(d)) // nothing of it was ever delivered
		}
	}
	body, err := t.s.opt.Folder.Render(f, d.meta())
	if err != nil {
		return wrap(err, "rendering %s", d.ref.Key)
	}
	return t.deliver(d, body)
}

// countPost counts a post that is new, or whose words are others than before;
// words that are withheld have no digest.
func (t *tx) countPost(before, d *docRow, f Folded) {
	switch {
	case d.ref.Kind != forum.DocPost || d.retracted:
	case before.version == 0:
		t.wrote["posts_new"]++
	case f.Content != before.content && f.Content != "" && before.content != "":
		t.wrote["posts_changed"]++
	}
}

// revise counts a new revision of a post and delivers the old body, when both
// were read by the same extractor at different moments. A capture that has said
// otherwise of the post before is read otherwise now, and tells of no edit: which
// ones there were by this reading, reconsider finds out.
func (t *tx) revise(before, d *docRow, f Folded, cs []forum.Contribution) error {
	at := int64(0)
	if len(cs) > 0 {
		at = micros(cs[len(cs)-1].ObservedAt)
	}
	if before.revision == 0 {
		d.revision, d.contentAt = 1, at
		return nil
	}
	if d.retracted || f.Content == before.content {
		return nil
	}
	if t.again[d.id] {
		if micros(cs[0].ObservedAt) < at {
			d.contentAt = at
		}
		return nil
	}
	edited := d.ref.Kind == forum.DocPost && !before.retracted && before.content != "" && before.extractor == d.extractor && at > before.contentAt
	d.contentAt = at
	if !edited {
		return nil
	}
	d.revision++
	return t.keepRevision(before, at)
}

// keepRevision stores the present body of a post as a revision: a document of
// its own, keyed by post and observation.
func (t *tx) keepRevision(old *docRow, replacedAt int64) error {
	var stored []byte
	if _, err := t.get(sqlBody, []any{old.id}, &stored); err != nil {
		return err
	}
	body, err := t.s.codec.decode(stored)
	if err != nil {
		return err
	}
	return t.saveRevision(old, body, replacedAt)
}

// saveRevision stores a body that a post had as a revision.
func (t *tx) saveRevision(old *docRow, body []byte, replacedAt int64) error {
	body, err := t.s.opt.Folder.Revise(body, timeOf(replacedAt))
	if err != nil {
		return fmt.Errorf("making a revision of %s: %w", old.ref.Key, err)
	}
	ref := forum.DocRef{Kind: forum.DocRevision, Key: RevisionKey(old.ref.Key, timeOf(old.contentAt))}
	known, err := t.ensureDocument(ref, old.contentAt)
	if err != nil {
		return err
	}
	rev := &docRow{
		id: known.id, isNew: known.isNew, ref: ref, site: old.site, parent: old.ref.Key, author: old.author, state: old.state,
		version: old.version, revision: old.revision, digest: old.digest, content: old.content,
		publishedAt: old.publishedAt, firstSeen: old.contentAt, changedAt: old.changedAt,
		contentAt: old.contentAt, extractor: old.extractor,
	}
	t.wrote["revisions"]++
	if err := t.deliver(rev, body); err != nil {
		return err
	}
	return t.flush()
}

// RevisionKey is the key of a post's revision, whose content was first observed
// at a moment.
func RevisionKey(post string, observed time.Time) string {
	return post + "|" + observed.UTC().Format("20060102T150405.000000Z")
}

func (t *tx) hasBody(id int64) (bool, error) {
	var body []byte
	return t.get(sqlBody, []any{id}, &body)
}

func (d *docRow) meta() Meta {
	return Meta{
		ID: DocumentID(d.ref.Key), Key: d.ref.Key, Version: d.version, FirstSeenAt: timeOf(d.firstSeen),
		ChangedAt: timeOf(d.changedAt), MissingSince: timeOf(d.missingSince), Revision: int(d.revision), Retracted: d.retracted,
	}
}

// deliver puts a document into the outbox, whose number for it becomes its
// sequence, and stores it with its body.
func (t *tx) deliver(d *docRow, body []byte) (err error) {
	if d.sequence > 0 { // an older version may be waiting
		if _, err := t.dequeue(sqlDequeue, d.id); err != nil {
			return err
		}
	}
	if d.sequence, err = t.nextSequence(); err != nil {
		return err
	}
	t.outbox.add(d.sequence, d.id, d.version, len(body))
	t.queue(int64(len(body)))
	t.wrote["documents"]++
	stored := t.s.codec.encode(body)
	if d.isNew {
		t.bodies.add(d.id, stored)
		return t.update(d)
	}
	if err := t.update(d); err != nil {
		return err
	}
	if err := t.exec(sqlSaveBody, d.id, stored); err != nil {
		return err
	}
	return t.insertAll(t.outbox)
}

// nextSequence is the outbox's next number.
func (t *tx) nextSequence() (int64, error) {
	if t.lastSeq == 0 {
		if _, err := t.get(sqlLastSeq, nil, &t.lastSeq); err != nil {
			return 0, err
		}
	}
	t.lastSeq++
	return t.lastSeq, nil
}

// flush stores the new documents, and what else has waited for one another.
func (t *tx) flush() error {
	for name, n := range t.counted {
		t.counts.add(t.forRun, name, n)
	}
	clear(t.counted)
	return t.insertAll(t.newAuthors, t.documents, t.bodies, t.outbox, t.dirty, t.counts)
}

// keepBooks stores what is not part of the delivered document.
func (t *tx) keepBooks(before, d *docRow) error {
	same := before.parent == d.parent && before.author == d.author && before.state == d.state &&
		before.publishedAt == d.publishedAt && before.extractor == d.extractor && string(before.summary) == string(d.summary)
	if same {
		return nil
	}
	return t.update(d)
}

// update stores a document's row; that of a new one when flush is called.
func (t *tx) update(d *docRow) error {
	if d.isNew {
		d.isNew = false
		t.documents.add(d.id, idOf(d.ref.Key), d.ref.Kind, d.ref.Key, d.site, d.parent, d.author, d.state, d.version, d.revision, d.retracted,
			d.digest, d.content, d.summary, d.publishedAt, d.firstSeen, d.changedAt, d.contentAt, d.extractor, d.sequence)
		return nil
	}
	return t.exec(sqlUpdateDocument, d.site, d.parent, d.author, d.state, d.version, d.revision, d.retracted, d.digest, d.content,
		d.summary, d.publishedAt, d.firstSeen, d.changedAt, d.contentAt, d.extractor, d.sequence, d.id)
}
