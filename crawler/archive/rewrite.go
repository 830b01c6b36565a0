package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Rewriting an archive takes captures out of its files for good:
//
//  1. Rewrite writes, beside each file that changes, a new one under another name,
//     and has it on disk.
//  2. The caller commits where every capture stands from now on.
//  3. FinishRewrite puts the new files in the place of the old ones. Interrupted,
//     it may be called again; DropRewrite throws the new files away instead, as
//     long as nothing was committed.

// rewriteSuffix is what the names of new files end in until they take the place
// of the old ones. Nothing else reads files of such names.
const rewriteSuffix = ".rewrite"

// Rewritten says what becomes of the captures of one file.
type Rewritten struct {
	File    string
	Moved   map[int64]int64 // old offset to new one, of every capture that stays
	Changed int             // captures that were replaced
	Dropped int             // captures that were left out
}

// Change says what becomes of one capture: it stays as it is (nil, true), is
// replaced, or goes (nil, false).
type Change func(Ref, Exchange) (replacement *Exchange, stays bool, err error)

// Rewrite prepares new files without what change takes out, and gives what is
// different, file by file; files that stay as they are are left out. Records that
// only referred to the payload of another record get one of their own. A file
// with damage is not rewritten: the error matches ErrDamaged.
func (a *Archive) Rewrite(ctx context.Context, change Change) ([]Rewritten, error) {
	if err := a.DropRewrite(); err != nil {
		return nil, err
	}
	all, err := a.spans()
	if err != nil {
		return nil, err
	}
	var out []Rewritten
	for _, s := range all {
		w, err := a.rewriteFile(ctx, s, change)
		if err != nil {
			return nil, fmt.Errorf("rewriting %s: %w", s.name, err)
		}
		if w != nil {
			out = append(out, *w)
		}
	}
	return out, a.disk.syncDir(a.dir)
}

// rewriting is one file at work.
type rewriting struct {
	a      *Archive
	ctx    context.Context
	file   fileOf
	from   segment
	to     *os.File
	at     int64 // bytes written, as the decrypted file has them
	gone   *record
	apart  bool // some record is not as it was
	result Rewritten
}

func (a *Archive) rewriteFile(ctx context.Context, s span, change Change) (_ *Rewritten, err error) {
	if s.sealed && a.opts.Recipients == nil {
		return nil, fmt.Errorf("%w: to whom what is written anew is to be encrypted is not known: name the recipients", ErrLocked)
	}
	from, err := a.open(s.fileOf)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	path := s.path(a.dir) + rewriteSuffix
	to, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	w := &rewriting{a: a, ctx: ctx, file: s.fileOf, from: from, to: to, result: Rewritten{File: s.name, Moved: map[int64]int64{}}}
	err = w.records(openMembers(ctx, from, 0, s.end), change)
	if err == nil && w.apart {
		err = to.Sync()
	}
	err = errors.Join(err, to.Close())
	if err != nil || !w.apart {
		return nil, errors.Join(err, os.Remove(path))
	}
	return &w.result, nil
}

func (w *rewriting) records(s *stream, change Change) error {
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if bad, ok := errors.AsType[*recordError](err); ok {
			return fmt.Errorf("%w: %w; `archive check` says more, and what cannot be read cannot be searched", ErrDamaged, bad)
		}
		if err != nil {
			return err
		}
		if err := w.record(rec, change); err != nil {
			return err
		}
	}
}

func (w *rewriting) record(rec *record, change Change) error {
	if !isCapture(rec) {
		if w.gone != nil && joined(rec, w.gone) {
			return nil // the request of what was taken out
		}
		if _, gone := destroyedAt(rec); gone { // what was destroyed stays known as such
			w.result.Moved[rec.offset] = w.at
		}
		return w.copyRecord(rec)
	}
	w.gone = nil
	if isCopy(rec) { // what refers to it becomes whole
		w.gone, w.apart = rec, true
		return nil
	}
	e, err := w.a.exchangeOf(w.ctx, rec)
	if err != nil {
		return err
	}
	by, stays, err := change(Ref{File: w.result.File, Offset: rec.offset}, e)
	switch {
	case err != nil:
		return err
	case by != nil:
		w.result.Changed++
		return w.replace(rec, *by)
	case !stays:
		w.gone, w.apart = rec, true
		w.result.Dropped++
		return nil
	case rec.typ() == typeRevisit: // what it refers to may be gone
		return w.writeWhole(rec, e)
	}
	w.result.Moved[rec.offset] = w.at
	return w.copyRecord(rec)
}

func (w *rewriting) replace(rec *record, by Exchange) error {
	w.gone = rec
	by, err := by.checked()
	if err != nil {
		return err
	}
	return w.writeWhole(rec, by)
}

// writeWhole writes a capture with its payload, under the id that it had.
func (w *rewriting) writeWhole(rec *record, e Exchange) error {
	member, err := w.a.pack.main(e, rec.id(), time.Time{})
	if err != nil {
		return err
	}
	w.result.Moved[rec.offset], w.apart = w.at, true
	return w.write(rec, member)
}

func (w *rewriting) copyRecord(rec *record) error {
	member := make([]byte, rec.end-rec.offset)
	if _, err := w.from.ReadAt(member, rec.offset); err != nil {
		return err
	}
	return w.write(rec, member)
}

// write adds a member in the place of a record: to an encrypted file as a frame.
func (w *rewriting) write(rec *record, member []byte) error {
	data := member
	if w.file.sealed {
		p, err := w.a.frameOf(rec, member)
		if err != nil {
			return err
		}
		data = p.bytes(w.at)
	}
	_, err := w.to.Write(data)
	w.at += int64(len(member))
	return err
}

// frameOf encrypts the member of a record that stood there already.
func (a *Archive) frameOf(rec *record, member []byte) (part, error) {
	if at, gone := destroyedAt(rec); gone {
		return part{plain: member, sealed: []byte{}, head: frame{kind: frameDestroyed, length: int64(len(member)), date: at}}, nil
	}
	if rec.typ() == typeInfo {
		p, err := a.part(frameInfo, rec.date(), member)
		p.head.mark = a.mark()
		return p, err
	}
	if !isCapture(rec) {
		return a.part(frameRest, recordedAt(rec), member)
	}
	return a.part(frameCapture, recordedAt(rec), member)
}

// recordedAt is when a capture was fetched or, where that is not known, archived.
func recordedAt(rec *record) time.Time {
	if at := rec.date(); !at.IsZero() {
		return at
	}
	at, err := time.Parse(time.RFC3339Nano, rec.header.Get("WARC-Date"))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// FinishRewrite puts what Rewrite prepared in the place of the old files.
func (a *Archive) FinishRewrite() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := errors.Join(a.sync(), a.release()); err != nil {
		return err
	}
	err := a.eachRewrite(func(path string) error { return os.Rename(path, strings.TrimSuffix(path, rewriteSuffix)) })
	if err != nil {
		return fmt.Errorf("putting rewritten archive files in place: %w", err)
	}
	if err := removeFile(filepath.Join(a.dir, payloadsName)); err != nil {
		return fmt.Errorf("removing the list of payloads: %w", err)
	}
	if err := a.disk.syncDir(a.dir); err != nil {
		return err
	}
	a.endFile()
	return nil
}

// DropRewrite throws away what Rewrite prepared.
func (a *Archive) DropRewrite() error {
	if a.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := a.eachRewrite(os.Remove); err != nil {
		return fmt.Errorf("removing half-written archive files: %w", err)
	}
	return nil
}

func (a *Archive) eachRewrite(do func(path string) error) error {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), rewriteSuffix); ok && (strings.HasSuffix(name, nameSuffix) || isSealed(name)) {
			if err := do(filepath.Join(a.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
