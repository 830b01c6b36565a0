package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A response whose payload the archive holds already is stored as a revisit
// record (WARC 1.1 section 6.7.2): its own head, and where the payload stands.
// Which payloads are held is kept in a file beside the archive. That file is a
// help and no more: each hit is compared with the original byte by byte, and
// where the file is missing or wrong, responses are stored whole.

const (
	profileIdentical = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	fieldOriginal    = "Forumine-Refers-To-Place" // file:offset of the original: the standard names its address and date alone
	payloadsName     = "payloads.txt"
	minPayload       = 1 << 10 // bytes; a revisit record takes about as much as a smaller page does
	maxPayloads      = 1 << 16 // of the newest ones are known
	payloadLine      = 128     // bytes; no line is longer
)

// payloads knows where the newest payloads stand. The zero value is ready.
type payloads struct {
	mu     sync.Mutex
	loaded bool
	file   *os.File // nil when it cannot be written: what this process writes is known all the same
	at     map[string]Ref
	queue  []string
}

// find gives the place of a payload by its digest.
func (p *payloads) find(dir, digest string) (Ref, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.load(dir)
	ref, ok := p.at[digest]
	return ref, ok
}

// keep notes where a payload stands.
func (p *payloads) keep(dir, digest string, ref Ref) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.load(dir)
	p.add(digest, ref)
	if p.file == nil {
		return
	}
	if _, err := fmt.Fprintf(p.file, "%s %s\n", digest, ref); err != nil {
		_ = p.file.Close()
		p.file = nil
	}
}

func (p *payloads) add(digest string, ref Ref) {
	if _, known := p.at[digest]; !known {
		p.queue = append(p.queue, digest)
	}
	p.at[digest] = ref
	if len(p.queue) > maxPayloads {
		delete(p.at, p.queue[0])
		p.queue = p.queue[1:]
	}
}

func (p *payloads) load(dir string) {
	if p.loaded {
		return
	}
	p.loaded, p.at = true, map[string]Ref{}
	f, err := os.OpenFile(filepath.Join(dir, payloadsName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	p.file = f
	if size, err := f.Seek(0, io.SeekEnd); err == nil && size > maxPayloads*payloadLine {
		_, _ = f.Seek(size-maxPayloads*payloadLine, io.SeekStart)
	} else {
		_, _ = f.Seek(0, io.SeekStart)
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		digest, place, _ := strings.Cut(lines.Text(), " ")
		if ref, err := ParseRef(place); err == nil && !ref.IsZero() {
			p.add(digest, ref)
		}
	}
}

// drop forgets all payloads.
func (p *payloads) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		_ = p.file.Close()
	}
	p.file, p.loaded, p.at, p.queue = nil, false, nil, nil
}

func (p *payloads) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	p.file = nil
	return err
}

// original is a response that the archive holds.
type original struct {
	id, url string
	date    time.Time
	place   Ref
}

// dedupes tells whether the payload of e is looked for, or to be found. Encrypted
// captures are whole, each by itself: what is written is not read again, which
// would take the identity, and each can be destroyed by itself.
func (a *Archive) dedupes(e Exchange) bool {
	return a.opts.Recipients == nil && e.Status != 0 && e.Truncated == "" && len(e.Body) >= minPayload
}

// original gives the response that the archive holds with the payload of e.
func (a *Archive) original(ctx context.Context, e Exchange) (original, bool) {
	if !a.dedupes(e) {
		return original{}, false
	}
	ref, ok := a.payloads.find(a.dir, digest(e.Body))
	if !ok {
		return original{}, false
	}
	rec, err := a.record(ctx, ref)
	if err != nil || rec.typ() != typeResponse || rec.header.Get(fieldUndated) != "" {
		return original{}, false
	}
	held, err := rec.exchange()
	if err != nil || held.Truncated != "" || !bytes.Equal(held.Body, e.Body) {
		return original{}, false
	}
	return original{id: rec.id(), url: rec.url(), date: rec.date(), place: ref}, true
}

// record reads the one record that stands at a place.
func (a *Archive) record(ctx context.Context, ref Ref) (*record, error) {
	s, f, err := a.streamAt(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, err := s.next()
	if _, ok := errors.AsType[*recordError](err); ok || errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, unexpected(err))
	}
	if err == nil {
		err = standsAt(rec, ref)
	}
	return rec, err
}

// standsAt tells whether a record is the one that a reference means, and not what
// has taken its place.
func standsAt(rec *record, ref Ref) error {
	if at, gone := destroyedAt(rec); gone && rec.offset == ref.Offset {
		return &DestroyedError{at}
	}
	if rec.offset != ref.Offset {
		return ErrNotFound
	}
	return nil
}

// revisit is the member of a response whose payload stands elsewhere.
func (p *packer) revisit(e Exchange, id string, o original, now time.Time) ([]byte, error) {
	head := e.responseBlock()
	head = head[:len(head)-len(e.Body)]
	fields := append(e.optional(e.shared(typeRevisit, id, now)),
		field{"WARC-Profile", profileIdentical},
		field{"WARC-Refers-To", "<" + o.id + ">"},
		field{"WARC-Refers-To-Target-URI", o.url},
		field{"WARC-Refers-To-Date", o.date.Format(time.RFC3339Nano)},
		field{fieldOriginal, o.place.String()},
		field{"WARC-Payload-Digest", digest(e.Body)},
		field{"Content-Type", typeMessageRs})
	return p.member(fields, head)
}

// exchangeAt is exchangeOf the record that stands at a reference. Where another
// process has destroyed its original since the file was opened, the file was
// written anew before that, with a copy or without the capture: it is read again.
// An error matches ErrDestroyed where the capture itself is no more.
func (a *Archive) exchangeAt(ctx context.Context, rec *record, ref Ref) (Exchange, error) {
	e, err := a.exchangeOf(ctx, rec)
	if !errors.Is(err, ErrDestroyed) {
		return e, err
	}
	if rec, err = a.record(ctx, ref); err != nil {
		return Exchange{}, err
	}
	if e, err = a.exchangeOf(ctx, rec); errors.Is(err, ErrDestroyed) {
		return Exchange{}, fmt.Errorf("%w: %s", ErrDamaged, err.Error())
	}
	return e, err
}

// exchangeOf reads a main record; of a revisit record it fetches the payload
// from where it stands.
func (a *Archive) exchangeOf(ctx context.Context, rec *record) (Exchange, error) {
	if rec.typ() != typeRevisit {
		return rec.exchange()
	}
	ref, err := ParseRef(rec.header.Get(fieldOriginal))
	if err != nil || ref.IsZero() {
		return Exchange{}, fmt.Errorf("a revisit record that does not say where its original is: %w", errors.Join(err, ErrNotFound))
	}
	from, err := a.record(ctx, ref)
	if err != nil {
		return Exchange{}, fmt.Errorf("reading the original %v: %w", ref, err)
	}
	if from.typ() != typeResponse {
		return Exchange{}, fmt.Errorf("reading the original %v: %w: a %s record stands there", ref, ErrNotFound, from.typ())
	}
	held, err := from.exchange()
	if err != nil {
		return Exchange{}, fmt.Errorf("reading the original %v: %w", ref, err)
	}
	if rec.header.Get(fieldMoved) != "" {
		return held, nil
	}
	if match, _ := digestMatches(rec.header.Get("WARC-Payload-Digest"), held.Body); !match {
		return Exchange{}, fmt.Errorf("reading the original %v: %w: its payload is another", ref, ErrNotFound)
	}
	e, err := rec.exchange()
	e.Body = held.Body
	return e, err
}

// isCapture tells the records of the archive's own that hold, or refer to, what
// was fetched.
func isCapture(rec *record) bool {
	return isMain(rec) || rec.typ() == typeRevisit && rec.header.Get(fieldOriginal) != ""
}
