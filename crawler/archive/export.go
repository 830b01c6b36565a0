package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Export copies captures into one WARC file of their own, in the order in which
// they were archived: a warcinfo record, then each response with its request,
// byte for byte as they stand in the archive. A revisit record becomes the whole
// response, under its own id: its original may not be among the captures. It
// gives how many were written, and those that could not be read.
func (a *Archive) Export(ctx context.Context, w io.Writer, name string, captures []Ref) (n int, lost []Problem, err error) {
	info, err := a.pack.info(name, a.opts.Now(), a.info)
	if err != nil {
		return 0, nil, err
	}
	if _, err := w.Write(info); err != nil {
		return 0, nil, fmt.Errorf("writing %s: %w", name, err)
	}
	captures = slices.Clone(captures)
	slices.SortFunc(captures, compareRefs)
	for _, ref := range slices.CompactFunc(captures, func(a, b Ref) bool { return compareRefs(a, b) == 0 }) {
		if err := ctx.Err(); err != nil {
			return n, lost, err
		}
		members, why := a.members(ctx, ref)
		if why != nil {
			lost = append(lost, Problem{File: ref.File, Offset: ref.Offset, Reason: why.Error(), Destroyed: errors.Is(why, ErrDestroyed)})
			continue
		}
		for _, m := range members {
			if _, err := w.Write(m); err != nil {
				return n, lost, fmt.Errorf("writing %s: %w", name, err)
			}
		}
		n++
	}
	return n, lost, nil
}

func compareRefs(a, b Ref) int {
	if c := compareFiles(a.File, b.File); c != 0 {
		return c
	}
	return int(min(max(a.Offset-b.Offset, -1), 1))
}

// members gives the gzip members of one capture.
func (a *Archive) members(ctx context.Context, ref Ref) ([][]byte, error) {
	s, f, err := a.streamAt(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, err := s.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: the file ends there", ErrDamaged)
	case err != nil:
		return nil, err
	}
	if err := standsAt(rec, ref); err != nil {
		return nil, err
	}
	if !isCapture(rec) {
		return nil, fmt.Errorf("%w: a %s record stands there", ErrNotFound, rec.typ())
	}
	first, err := a.wholeMember(ctx, f, rec)
	if err != nil {
		return nil, err
	}
	out := [][]byte{first}
	if req, err := s.next(); err == nil && joined(req, rec) {
		second, err := memberOf(f, req)
		if err != nil {
			return nil, err
		}
		out = append(out, second)
	}
	return out, nil
}

func (a *Archive) wholeMember(ctx context.Context, f io.ReaderAt, rec *record) ([]byte, error) {
	if rec.typ() != typeRevisit {
		return memberOf(f, rec)
	}
	e, err := a.exchangeOf(ctx, rec)
	if err != nil {
		return nil, err
	}
	return a.pack.main(e, rec.id(), e.FetchedAt)
}

// memberOf gives the bytes of a record's gzip member.
func memberOf(f io.ReaderAt, rec *record) ([]byte, error) {
	if rec.end <= rec.offset {
		return nil, fmt.Errorf("%w: the end of its gzip member is not known", ErrDamaged)
	}
	out := make([]byte, rec.end-rec.offset)
	if _, err := f.ReadAt(out, rec.offset); err != nil {
		return nil, fmt.Errorf("reading a member: %w", err)
	}
	return out, nil
}

// Origin is what the archive says of one capture's record.
type Origin struct {
	RecordID      string `json:"record_id"`
	Type          string `json:"type"` // response, resource or revisit
	PayloadDigest string `json:"payload_digest,omitempty"`
	RefersTo      string `json:"refers_to,omitempty"` // of a revisit: the place of its original
}

// Origin tells of the record that a reference names.
func (a *Archive) Origin(ctx context.Context, ref Ref) (Origin, error) {
	rec, err := a.record(ctx, ref)
	if err != nil {
		return Origin{}, fmt.Errorf("reading capture %v: %w", ref, err)
	}
	return Origin{
		RecordID: rec.id(), Type: rec.typ(), PayloadDigest: rec.header.Get("WARC-Payload-Digest"),
		RefersTo: rec.header.Get(fieldOriginal),
	}, nil
}
