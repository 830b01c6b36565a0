package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// Sentinels of reading.
var (
	ErrNotFound = errors.New("not in the archive") // the file is missing, or the reference names no response
	ErrDamaged  = errors.New("archive is damaged")
)

// Problem is one damaged place.
type Problem struct {
	File   string
	Offset int64  // of the gzip member, or of what stands in its place
	Record string // WARC-Record-ID, when it can still be read
	URL    string // WARC-Target-URI, likewise
	Reason string

	Destroyed bool // what stood there was destroyed as asked
}

// String is one line for people.
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d: %s", p.File, p.Offset, p.Reason)
	if p.URL != "" {
		s += " (" + p.URL + ")"
	}
	return s
}

// DamageError lists what could not be read while all else was. It matches
// ErrDamaged.
type DamageError struct{ Problems []Problem }

// Error names the first damaged place and the number of all.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%v in %d place(s), the first at %v; `check` lists them all", ErrDamaged, len(e.Problems), e.Problems[0])
}

// Is tells that target is ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }

// LockedError lists encrypted captures that could not be opened while all else was
// given, and why. It matches ErrLocked.
type LockedError struct {
	Captures []Ref
	Err      error
}

// Error gives the number of captures and the reason.
func (e *LockedError) Error() string { return fmt.Sprintf("%d captures: %v", len(e.Captures), e.Err) }

// Unwrap gives the reason.
func (e *LockedError) Unwrap() error { return e.Err }

func problemOf(file string, err *recordError) Problem {
	return Problem{File: file, Offset: err.offset, Record: err.id, URL: err.at, Reason: err.err.Error()}
}

// Read gives the exchange that ref names, with its request when that is stored.
// Errors match ErrNotFound or ErrDamaged. It may run beside Append.
func (a *Archive) Read(ctx context.Context, ref Ref) (Exchange, error) {
	s, f, err := a.streamAt(ctx, ref)
	if err != nil {
		return Exchange{}, fmt.Errorf("reading capture %v: %w", ref, err)
	}
	defer f.Close()
	e, err := a.readAt(s, ref)
	if err != nil {
		return Exchange{}, fmt.Errorf("reading capture %v: %w", ref, err)
	}
	return e, nil
}

// streamAt opens the file of a reference and gives its records from there on.
func (a *Archive) streamAt(ctx context.Context, ref Ref) (*stream, segment, error) {
	for again := 0; ; again++ {
		all, err := a.spans()
		if err != nil {
			return nil, nil, err
		}
		i := slices.IndexFunc(all, func(s span) bool { return s.name == ref.File })
		if i < 0 {
			return nil, nil, a.notThere(ref.File)
		}
		if ref.Offset < 0 || ref.Offset >= all[i].end {
			return nil, nil, ErrNotFound
		}
		f, err := a.open(all[i].fileOf)
		if err == nil {
			return openMembers(ctx, f, ref.Offset, all[i].end), f, nil
		}
		if again == listings || !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("%w: %w", ErrNotFound, err)
		}
	}
}

// notThere says why a file is not: it may have been destroyed.
func (a *Archive) notThere(file string) error {
	_, removed, err := readDestroyed(a.dir)
	if at, ok := removed[file]; ok && err == nil {
		return &DestroyedError{at}
	}
	return errors.Join(ErrNotFound, err)
}

func (a *Archive) readAt(s *stream, ref Ref) (Exchange, error) {
	rec, err := s.next()
	if _, ok := errors.AsType[*recordError](err); ok || errors.Is(err, io.EOF) {
		return Exchange{}, fmt.Errorf("%w: %w", ErrDamaged, unexpected(err))
	}
	if err != nil {
		return Exchange{}, err
	}
	if err := standsAt(rec, ref); err != nil {
		return Exchange{}, err
	}
	if !isCapture(rec) {
		return Exchange{}, fmt.Errorf("%w: a %s record stands there", ErrNotFound, rec.typ())
	}
	e, err := a.exchangeAt(s.ctx, rec, ref)
	if errors.Is(err, ErrDestroyed) {
		return Exchange{}, err
	}
	if err != nil {
		return Exchange{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	// Damage in the request is the request's alone.
	if req, err := s.next(); err == nil && joined(req, rec) {
		e.setRequest(req.block)
	}
	return e, s.ctx.Err()
}

func isMain(rec *record) bool { return rec.typ() == typeResponse || rec.typ() == typeResource }

// joined tells whether req is the request of main.
func joined(req, main *record) bool {
	if req.typ() != typeRequest || req.url() != main.url() {
		return false
	}
	to, from := req.concurrent(), main.concurrent()
	if len(to) == 0 && len(from) == 0 {
		return true // neighbours without any link, as some tools write them
	}
	return slices.Contains(to, main.id()) || slices.Contains(from, req.id())
}

// Walk gives every whole capture, oldest first: After the zero Ref.
func (a *Archive) Walk(ctx context.Context, fn func(Ref, Exchange) error) error {
	return a.After(ctx, Ref{}, fn)
}

// After gives every whole capture behind pos, in the order of writing; a capture
// appended meanwhile may be missing. An error of fn ends it and is returned.
// Damaged members are passed over: once all others have been given, they are
// returned as a *DamageError. A position past the end of its file, as after
// the loss of an unsynced disk cache, is such damage. Encrypted captures that the
// identity does not open are passed over likewise, and returned as a *LockedError.
func (a *Archive) After(ctx context.Context, pos Ref, fn func(Ref, Exchange) error) error {
	all, err := a.spans()
	if err != nil {
		return err
	}
	var damage []Problem
	if !errors.Is(a.notThere(pos.File), ErrDestroyed) {
		damage = missing(all, pos)
	}
	var locked []Ref
	for _, s := range all {
		if !pos.IsZero() && compareFiles(s.name, pos.File) < 0 {
			continue
		}
		from := int64(0)
		if s.name == pos.File {
			from = pos.Offset
		}
		if from < 0 || from >= s.end {
			continue
		}
		if s.sealed && a.opts.Identity.Err() != nil {
			closed, err := a.captureFrames(s, pos)
			if err != nil {
				return err
			}
			locked = append(locked, closed...)
			continue
		}
		found, err := a.eachIn(ctx, s, from, pos, fn)
		if err != nil {
			return err
		}
		damage = append(damage, found...)
	}
	var errs []error
	if len(locked) > 0 {
		errs = append(errs, &LockedError{locked, a.opts.Identity.Err()})
	}
	if len(damage) > 0 {
		errs = append(errs, &DamageError{damage})
	}
	return errors.Join(errs...)
}

// captureFrames gives the places of the encrypted captures of a file behind pos.
func (a *Archive) captureFrames(s span, pos Ref) ([]Ref, error) {
	f, err := os.Open(s.path(a.dir))
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	var out []Ref
	_, err = eachFrame(f, s.name, info.Size(), func(fr frame) error {
		if fr.kind == frameCapture && fr.offset < s.end && (s.name != pos.File || fr.offset > pos.Offset) {
			out = append(out, Ref{File: s.name, Offset: fr.offset})
		}
		return nil
	})
	return out, err
}

// missing reports a position that the files do not have.
func missing(all []span, pos Ref) []Problem {
	if pos.IsZero() {
		return nil
	}
	for _, s := range all {
		if s.name == pos.File && pos.Offset >= 0 && pos.Offset < s.end {
			return nil
		}
	}
	return []Problem{{File: pos.File, Offset: pos.Offset, Reason: "a capture was committed here, and the archive ends before it"}}
}

// eachIn gives the captures of one file from a member's offset on, without the
// one that pos names.
func (a *Archive) eachIn(ctx context.Context, sp span, from int64, pos Ref, fn func(Ref, Exchange) error) ([]Problem, error) {
	f, err := a.open(sp.fileOf)
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	defer f.Close()
	var damage []Problem
	whole := from
	refOf := func(rec *record) Ref { return Ref{File: sp.name, Offset: rec.offset, Length: rec.end - rec.offset} }
	p := pairer{read: func(rec *record) (Exchange, error) { return a.exchangeAt(ctx, rec, refOf(rec)) }, emit: func(rec *record, e Exchange) error {
		ref := refOf(rec)
		if ref.File == pos.File && ref.Offset <= pos.Offset {
			return nil
		}
		if isCopy(rec) { // it is given at the place that refers to it
			return nil
		}
		return fn(ref, e)
	}}
	s := openMembers(ctx, f, from, sp.end)
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*recordError](err); ok {
			damage = append(damage, problemOf(sp.name, bad))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", sp.name, err)
		}
		whole = rec.end
		bad, err := p.take(rec)
		if err != nil {
			return nil, err
		}
		if bad != nil && !errors.Is(bad, ErrDestroyed) {
			damage = append(damage, Problem{File: sp.name, Offset: rec.offset, Record: rec.id(), URL: rec.url(), Reason: bad.Error()})
		}
	}
	if err := p.flush(); err != nil {
		return nil, err
	}
	if sp.open { // what another process has half written is no damage
		damage = slices.DeleteFunc(damage, func(d Problem) bool { return d.Offset >= whole })
	}
	for _, d := range damage {
		a.opts.Log.Warn("passing over a damaged member", "file", d.File, "offset", d.Offset, "reason", d.Reason)
	}
	return damage, nil
}

// pairer joins requests with the neighbouring response, on whichever side of it
// they stand. It holds one capture at most.
type pairer struct {
	read func(*record) (Exchange, error)
	emit func(*record, Exchange) error
	main *record // waiting for a request behind it
	e    Exchange
	req  *record // waiting for a response behind it
}

// take handles one record. bad says why a main record cannot be read; err is
// emit's.
func (p *pairer) take(rec *record) (bad, err error) {
	switch {
	case rec.typ() == typeRequest:
		if p.main != nil && joined(rec, p.main) {
			p.e.setRequest(rec.block)
			return nil, p.flush()
		}
		err = p.flush()
		p.req = rec
		return nil, err
	case isCapture(rec):
		if err := p.flush(); err != nil {
			return nil, err
		}
		e, bad := p.read(rec)
		if bad != nil {
			return bad, nil
		}
		return nil, p.hold(rec, e)
	}
	return nil, p.flush()
}

// hold keeps a capture until its request has been seen.
func (p *pairer) hold(rec *record, e Exchange) error {
	p.main, p.e = rec, e
	if p.req != nil && joined(p.req, rec) {
		p.e.setRequest(p.req.block)
		return p.flush()
	}
	return nil
}

// flush gives the capture that is held.
func (p *pairer) flush() error {
	if p.main == nil {
		return nil
	}
	rec, e := p.main, p.e
	p.main, p.e, p.req = nil, Exchange{}, nil
	return p.emit(rec, e)
}
