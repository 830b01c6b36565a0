package state

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"forumine/extract/forum"
)

// Deleted says what is kept of posts and threads that their forum has deleted:
// that a page shows as deleted, or that complete passes do not find (MarkMissing).
type Deleted string

// KeepDeleted keeps them as they were last read, and is the default.
// RedactDeleted keeps where they stood and when they were written, without words
// and author, of their earlier versions too; DropDeleted retracts them. Both hold
// until a page shows them again.
const (
	KeepDeleted   Deleted = "keep"
	RedactDeleted Deleted = "redact"
	DropDeleted   Deleted = "drop"
)

// metaDeleted is where the state keeps what becomes of deleted posts.
const metaDeleted = "deleted"

// SetDeleted says what is kept of deleted posts and threads from now on, and
// applies that to those that are known. What was withheld comes back only by
// being read again: Unread, then Reread of every capture.
func (s *Store) SetDeleted(ctx context.Context, mode Deleted) error {
	err := s.write(ctx, durable, func(t *tx) error {
		switch mode {
		case KeepDeleted, RedactDeleted, DropDeleted:
		default:
			return fmt.Errorf("%q is none of keep, redact, drop", mode)
		}
		if before, err := t.keepsDeleted(); err != nil || before == mode {
			return err
		}
		if err := t.setMeta(metaDeleted, string(mode)); err != nil {
			return err
		}
		t.deleted = mode
		ids, err := t.ids(sqlDeletedDocuments)
		if err != nil {
			return err
		}
		touched := map[int64]*mention{}
		for _, id := range ids {
			touched[id] = nil // to be read
		}
		return t.foldTouched(touched)
	})
	return wrap(err, "noting what is kept of deleted posts")
}

// keepsDeleted is what the state keeps of deleted posts.
func (t *tx) keepsDeleted() (Deleted, error) {
	if t.deleted != "" {
		return t.deleted, nil
	}
	mode := ""
	_, err := t.get(sqlMeta, []any{metaDeleted}, &mode)
	t.deleted = Deleted(cmp.Or(mode, string(KeepDeleted)))
	return t.deleted, err
}

// withhold takes out of a post or thread that its forum has deleted what is not
// to be kept: out of what pages say of it, out of its fold, and out of its
// thread's excerpt.
func (t *tx) withhold(d *docRow, f Folded, cs []forum.Contribution) (Folded, []forum.Contribution, error) {
	mode, err := t.keepsDeleted()
	isDeleted := d.ref.Kind == forum.DocPost && f.State == forum.PostDeleted || d.missingSince != 0
	if err != nil || mode == KeepDeleted || len(cs) == 0 || !isDeleted {
		return f, cs, err
	}
	if cs, err = t.withholdSaid(d, cs); err != nil {
		return f, cs, err
	}
	if f.Opens {
		if err := t.withholdOpening(f.Parent); err != nil {
			return f, cs, err
		}
	}
	if mode == DropDeleted {
		cs = nil
	}
	out, err := t.foldIn(d, cs, f.Parent)
	out.State, out.Parent, out.Content = f.State, f.Parent, ""
	return out, cs, err
}

// withholdSaid rewrites what pages say of a document.
func (t *tx) withholdSaid(d *docRow, cs []forum.Contribution) ([]forum.Contribution, error) {
	changed, err := t.rewriteSaid(d, t.s.opt.Folder.Withhold)
	if err != nil || !changed {
		return cs, err
	}
	if err := t.exec(sqlUnbury, d.id); err != nil { // what was refused had the words
		return nil, err
	}
	return t.contributions(d)
}

func (t *tx) rewriteSaid(d *docRow, fn func(forum.DocRef, json.RawMessage) (json.RawMessage, error)) (changed bool, err error) {
	type row struct {
		id   int64
		body []byte
	}
	var rows []row
	err = t.each(sqlSaidOf, []any{d.id}, func(scan func(...any) error) error {
		var r row
		var stored []byte
		if err := scan(&r.id, &stored); err != nil {
			return err
		}
		said, err := t.s.codec.decode(stored)
		if err != nil {
			return err
		}
		if r.body, err = fn(d.ref, said); err == nil && !bytes.Equal(r.body, said) {
			rows = append(rows, r)
		}
		return err
	})
	for _, r := range rows {
		if err == nil {
			err = t.exec(sqlRewriteSaid, t.s.codec.encode(r.body), r.id)
		}
	}
	return len(rows) > 0, wrap(err, "withholding what pages say of %s", d.ref.Key)
}

// withholdRevisions rewrites the earlier versions of a post that its forum has
// deleted, and delivers them under a higher version.
func (t *tx) withholdRevisions(d *docRow) error {
	held, err := t.withheld(d)
	if err != nil || !held {
		return err
	}
	ids, err := t.ids(sqlRevisionRows, d.ref.Key)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.withholdRevision(id, t.deleted == DropDeleted); err != nil {
			return wrap(err, "withholding the earlier versions of %s", d.ref.Key)
		}
	}
	return nil
}

func (t *tx) withholdRevision(id int64, drop bool) error {
	var stored []byte
	if _, err := t.get(sqlBody, []any{id}, &stored); err != nil {
		return err
	}
	body, err := t.s.codec.decode(stored)
	if err != nil {
		return err
	}
	rest, err := t.s.opt.Folder.WithholdRevision(body, drop)
	if err != nil || bytes.Equal(rest, body) {
		return err
	}
	rev, err := t.document(id)
	if err != nil {
		return err
	}
	rev.author, rev.content, rev.retracted = "", "", drop
	rev.version = max(rev.version+1, t.now)
	if err := t.exec(sqlUnbury, id); err != nil {
		return err
	}
	return t.deliver(rev, rest)
}

// withholdOpening takes the words of a thread's first post out of the thread.
func (t *tx) withholdOpening(thread string) error {
	if err := t.flush(); err != nil { // the thread may be as new as the post
		return err
	}
	d := &docRow{}
	ok, err := t.get(sqlDocumentByKey, []any{thread}, d.dst()...)
	if err != nil || !ok {
		return err
	}
	changed, err := t.rewriteSaid(d, t.s.opt.Folder.WithholdOpening)
	if err != nil || !changed {
		return err
	}
	if err := t.exec(sqlUnbury, d.id); err != nil {
		return err
	}
	return t.foldThread(&mention{docRow: d}, map[int64]*mention{}) // what posts copy of a thread is not its first words
}

// withheld tells whether what was said of a post is withheld.
func (t *tx) withheld(d *docRow) (bool, error) {
	mode, err := t.keepsDeleted()
	return err == nil && mode != KeepDeleted && (d.state == forum.PostDeleted || d.missingSince != 0), err
}

// DeletedKeys gives the keys of the posts and threads that their forum has
// deleted, whatever is kept of them.
func (r *Reader) DeletedKeys(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	err := r.each(ctx, sqlDeletedKeys, nil, func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		out[key] = true
		return err
	})
	return out, wrap(err, "looking for deleted posts")
}
