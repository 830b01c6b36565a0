package state

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"forumine/extract/forum"
)

// PageSaid is all that the state holds of what one page has said: contributions of
// whatever moment, and bodies of earlier versions of posts that it shows. A version
// comes with one page only. Captures are where the archive has what each rests on,
// of a version where the page showed it first; "" where that is not known.
type PageSaid struct {
	Site            string
	Contributions   []forum.Contribution
	Captures        []string
	Versions        [][]byte
	VersionCaptures []string
}

// Restated is what becomes of one contribution.
type Restated struct {
	Doc  forum.DocRef    // zero: it goes
	Body json.RawMessage // nil: another contribution of the page to Doc says it, too
}

// RestatedVersion is what becomes of an earlier version of a post.
type RestatedVersion struct {
	Body    []byte // nil: it goes
	Author  string // key
	Content string // digest, see Folded
}

// Restatement says how everything is said anew.
type Restatement struct {
	// Say gives what becomes of what one page has said, in its order. It is called
	// once a page, and never with what it has given.
	Say     func(PageSaid) ([]Restated, []RestatedVersion, error)
	Deleted Deleted // what is kept of deleted posts from now on

	// Name and Value are given to SetMeta in the transaction that ends it.
	Name, Value string
	Step        func() // after every page; may be nil
}

// Restate has everything that pages have said said anew in its place, without the
// pages: contributions, revisions, and the documents that are folded from them.
// Keys of posts and threads stay, and when they were first seen, changed and
// missed; nobody has edited anything, so that no revision is made. Outbox and dead
// letters are emptied, and documents that no page speaks of any more are deleted:
// what there is now is to be delivered anew (Requeue). Interrupted, it goes on
// where it stopped when it is called again. It gives how many pages were said anew.
func (s *Store) Restate(ctx context.Context, r Restatement) (pages int, err error) {
	for done := false; !done; {
		n := 0
		err := s.write(ctx, durable, func(t *tx) (err error) {
			n, done, err = t.restate(r)
			t.count(t.wrote)
			return err
		})
		if err != nil {
			return pages, wrap(err, "saying anew what pages have said")
		}
		pages += n
		for ; r.Step != nil && n > 0; n-- {
			r.Step()
		}
	}
	return pages, nil
}

// metaRestating is how far a restatement is: the stage, and the last row of it.
const metaRestating = "restating"

// The stages of a restatement. Each begins once the one before is through.
const (
	restatePages   = "pages"
	restateSweep   = "sweep"
	restateThreads = "threads"
	restatePosts   = "posts"
	restateAuthors = "authors"
)

// What one transaction of a restatement takes.
const (
	restatePageBatch = 20
	restateDocBatch  = 200
)

// restate does what one transaction takes.
func (t *tx) restate(r Restatement) (pages int, done bool, err error) {
	t.cleaned = true
	var stage, mark string
	var after int64
	began, err := t.get(sqlMeta, []any{metaRestating}, &mark)
	if err != nil {
		return 0, false, err
	}
	if began {
		if _, err := fmt.Sscan(mark, &stage, &after); err != nil {
			return 0, false, fmt.Errorf("reading how far it is: %w", err)
		}
	}
	switch stage {
	case restatePages:
		pages, err = t.restateAfter(after, r.Say)
	case restateSweep:
		err = t.sweep(restateThreads, sqlRestateSweep())
	case restateThreads:
		err = t.refoldAfter(after, forum.DocThread, restateThreads, restatePosts)
	case restatePosts:
		err = t.refoldAfter(after, forum.DocPost, restatePosts, restateAuthors)
	case restateAuthors:
		done, err = t.restateEnd(after, r)
	default:
		err = t.restateBegin(r)
	}
	return pages, done, err
}

func (t *tx) restateBegin(r Restatement) error {
	var waiting Backlog
	if _, err := t.get(sqlOutboxSize, nil, &waiting.Rows, &waiting.Bytes); err != nil {
		return err
	}
	t.queued.Rows, t.queued.Bytes = t.queued.Rows-waiting.Rows, t.queued.Bytes-waiting.Bytes
	if err := t.setMeta(metaDeleted, string(r.Deleted)); err != nil {
		return err
	}
	return t.sweep(restatePages, sqlRestateBegin())
}

func (t *tx) reached(stage string, row int64) error {
	return t.setMeta(metaRestating, fmt.Sprintf("%s %d", stage, row))
}

// sweep runs some statements, and goes on to a stage.
func (t *tx) sweep(next string, statements []string) error {
	for _, statement := range statements {
		if err := t.exec(statement); err != nil {
			return err
		}
	}
	return t.reached(next, 0)
}

// restateAfter has the next pages said anew.
func (t *tx) restateAfter(after int64, say func(PageSaid) ([]Restated, []RestatedVersion, error)) (int, error) {
	ids, err := t.ids(sqlPagesThatSay, after, restatePageBatch)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := t.restatePage(id, say); err != nil {
			return 0, err
		}
	}
	if len(ids) == 0 {
		return 0, t.reached(restateSweep, 0)
	}
	return len(ids), t.reached(restatePages, ids[len(ids)-1])
}

// saidRow is a stored contribution with what is known of its document.
type saidRow struct {
	id, document        int64
	at                  int64
	firstSeen, lastSeen int64
	said                forum.Contribution
}

func (t *tx) restatePage(page int64, say func(PageSaid) ([]Restated, []RestatedVersion, error)) error {
	what := PageSaid{}
	rows, err := t.pageSaid(page, &what)
	if err != nil {
		return err
	}
	versions, err := t.versionsOn(page, &what)
	if err != nil {
		return err
	}
	said, revised, err := say(what)
	if err != nil {
		return err
	}
	if len(said) != len(rows) || len(revised) != len(versions) {
		return fmt.Errorf("of %d contributions and %d versions, %d and %d are said anew", len(rows), len(versions), len(said), len(revised))
	}
	if err := t.saveRestated(page, rows, said); err != nil {
		return err
	}
	for i, id := range versions {
		if err := t.restateVersion(id, what.Versions[i], revised[i]); err != nil {
			return err
		}
	}
	return nil
}

// pageSaid reads what a page has said.
func (t *tx) pageSaid(page int64, into *PageSaid) (rows []saidRow, err error) {
	err = t.each(sqlPageSaid, []any{page}, func(scan func(...any) error) error {
		var r saidRow
		var body []byte
		var capture string
		c := &r.said
		err := scan(&into.Site, &c.Page, &r.id, &r.document, &c.Rank, &r.at, &c.Extractor, &c.FactsVersion, &body, &c.Doc.Kind, &c.Doc.Key, &r.firstSeen, &r.lastSeen, &capture)
		if err != nil {
			return err
		}
		c.ObservedAt = timeOf(r.at)
		c.Body, err = t.s.codec.decode(body)
		rows = append(rows, r)
		into.Contributions, into.Captures = append(into.Contributions, *c), append(into.Captures, capture)
		return err
	})
	return rows, err
}

// versionsOn reads the earlier versions of posts of which a page is the first to
// speak.
func (t *tx) versionsOn(page int64, into *PageSaid) (ids []int64, err error) {
	err = t.each(sqlVersionsOn, []any{page}, func(scan func(...any) error) error {
		var id int64
		var stored []byte
		var capture string
		if err := scan(&id, &stored, &capture); err != nil {
			return err
		}
		body, err := t.s.codec.decode(stored)
		ids = append(ids, id)
		into.Versions, into.VersionCaptures = append(into.Versions, body), append(into.VersionCaptures, capture)
		return err
	})
	return ids, err
}

// saveRestated stores what a page says now: in the place of what it has said, or of
// another document.
func (t *tx) saveRestated(page int64, rows []saidRow, said []Restated) error {
	for i, row := range rows {
		var err error
		switch now := said[i]; {
		case now.Body == nil || now.Doc != row.said.Doc:
			err = t.exec(sqlDropSaid, row.id)
		case !bytes.Equal(now.Body, row.said.Body):
			err = t.exec(sqlRewriteSaid, t.s.codec.encode(now.Body), row.id)
		}
		if err != nil {
			return err
		}
	}
	moved := &bulk{head: sqlSay, columns: sayColumns}
	for i, row := range rows {
		now := said[i]
		if now.Doc.Key == "" || now.Doc == row.said.Doc {
			continue
		}
		d, err := t.ensureDocument(now.Doc, row.firstSeen)
		if err == nil {
			err = t.exec(sqlSeenBefore, row.lastSeen, d.id)
		}
		if err != nil {
			return err
		}
		if c := row.said; now.Body != nil {
			moved.add(page, d.id, 0, c.Rank, row.at, c.Extractor, c.FactsVersion, t.s.codec.encode(now.Body))
		}
	}
	return t.insertAll(moved)
}

func (t *tx) restateVersion(id int64, before []byte, now RestatedVersion) error {
	if now.Body == nil {
		return t.dropDocument(id)
	}
	d, err := t.document(id)
	if err != nil {
		return err
	}
	d.author = now.Author
	if d.content != "" { // of one whose words are withheld there is none
		d.content = now.Content
	}
	if bytes.Equal(now.Body, before) {
		return t.update(d)
	}
	d.version = max(d.version+1, t.now)
	return t.deliver(d, now.Body)
}

func (t *tx) dropDocument(id int64) error {
	if _, err := t.dequeue(sqlDequeue, id); err != nil {
		return err
	}
	if err := t.exec(sqlDropBody, id); err != nil {
		return err
	}
	return t.exec(sqlDropDocument, id)
}

// refoldAfter folds the next documents of a kind.
func (t *tx) refoldAfter(after int64, kind forum.DocKind, stage, next string) error {
	ids, err := t.ids(sqlDocumentsAfter, kind, after, restateDocBatch)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.refold(id); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		return t.reached(next, 0)
	}
	return t.reached(stage, ids[len(ids)-1])
}

// restateEnd folds the next authors, or says that everything is said anew.
func (t *tx) restateEnd(after int64, r Restatement) (done bool, err error) {
	ids, err := t.ids(sqlDocumentsAfter, forum.DocAuthor, after, restateDocBatch)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if err := t.refold(id); err != nil {
			return false, err
		}
		if err := t.exec(sqlCleanAuthor, id); err != nil {
			return false, err
		}
	}
	if len(ids) > 0 {
		return false, t.reached(restateAuthors, ids[len(ids)-1])
	}
	if err := t.setMeta("user."+r.Name, r.Value); err != nil {
		return false, err
	}
	return true, t.exec(sqlDropMeta, metaRestating)
}

// refold folds a document of which pages say something else than they said.
func (t *tx) refold(id int64) error {
	d, err := t.document(id)
	if err != nil {
		return err
	}
	cs, err := t.contributions(d)
	if err != nil || len(cs) == 0 {
		return err
	}
	f, err := t.foldWhole(d, cs)
	if err != nil {
		return wrap(err, "folding %s", d.ref.Key)
	}
	if f, cs, err = t.withhold(d, f, cs); err != nil {
		return err
	}
	if err := t.resave(d, f, cs); err != nil || d.ref.Kind != forum.DocPost {
		return err
	}
	return t.withholdRevisions(d)
}

// foldWhole folds a document of any kind with its parent.
func (t *tx) foldWhole(d *docRow, cs []forum.Contribution) (Folded, error) {
	switch d.ref.Kind {
	case forum.DocAuthor:
		totals, err := t.authorTotals(d.ref.Key)
		if err != nil {
			return Folded{}, err
		}
		return t.s.opt.Folder.Fold(d.ref, cs, totals)
	case forum.DocPost:
		f, err := t.foldIn(d, cs, d.parent)
		if err == nil && f.Parent != d.parent {
			f, err = t.foldIn(d, cs, f.Parent)
		}
		return f, err
	}
	return t.s.opt.Folder.Fold(d.ref, cs, nil)
}

// resave is save for a document that nobody has changed: it has been changed and
// revised as before.
func (t *tx) resave(d *docRow, f Folded, cs []forum.Contribution) error {
	d.site, d.parent, d.author, d.state = f.Site, f.Parent, f.Author, f.State
	d.publishedAt, d.digest, d.content = micros(f.PublishedAt), f.Digest, f.Content
	d.summary, d.retracted = f.Summary, len(cs) == 0
	if d.retracted {
		d.summary = nil
	} else if d.version == 0 {
		newest := cs[len(cs)-1]
		d.revision, d.extractor = 1, int64(newest.Extractor)
		d.changedAt, d.contentAt = micros(newest.ObservedAt), micros(newest.ObservedAt)
	}
	var stored []byte
	known, err := t.get(sqlBody, []any{d.id}, &stored)
	if err != nil || d.retracted && !known {
		return firstOf(err, func() error { return t.update(d) })
	}
	version := d.version
	d.version = max(version+1, t.now)
	body, err := t.s.opt.Folder.Render(f, d.meta())
	if err != nil {
		return wrap(err, "rendering %s", d.ref.Key)
	}
	before, err := t.s.codec.decode(stored)
	if err != nil || known && bytes.Equal(before, body) {
		d.version = version
		return firstOf(err, func() error { return t.update(d) })
	}
	return t.deliver(d, body)
}

// firstOf is err, or what fn gives where there is none.
func firstOf(err error, fn func() error) error {
	if err != nil {
		return err
	}
	return fn()
}
