package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// segment is an opened file of the archive. Places in it are those of its
// decrypted content, whether it is encrypted or not.
type segment interface {
	io.ReaderAt
	io.Closer
}

// sectionOf gives a part of a file in order.
func sectionOf(at io.ReaderAt, from, to int64) io.Reader {
	if f, ok := at.(*sealedFile); ok {
		return &sealedSection{f, from, to}
	}
	return io.NewSectionReader(at, from, to-from)
}

// everyFrame is how many frames lie between two that a frameMap knows.
const everyFrame = 16

// frameMap knows where frames stand in one encrypted file: enough to find the one
// that holds a place of the decrypted content.
type frameMap struct {
	mu    sync.Mutex
	info  os.FileInfo
	seen  int64 // bytes of the file that are known
	end   int64 // of the decrypted content
	n     int
	known []framePlace
}

type framePlace struct{ offset, at int64 }

// refresh learns what has been written since; a file that another has taken the
// place of is learnt anew.
func (m *frameMap) refresh(f *os.File) (end int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.info == nil || !os.SameFile(m.info, info) || info.Size() < m.seen {
		m.seen, m.end, m.n, m.known = 0, 0, 0, nil
	}
	m.info = info
	for m.seen < info.Size() {
		fr, err := nextFrame(f, m.seen, info.Size())
		if errors.Is(err, io.EOF) {
			break // half written, or damage up to the end
		}
		if err != nil {
			return 0, err
		}
		if m.n%everyFrame == 0 {
			m.known = append(m.known, framePlace{fr.offset, fr.at})
		}
		m.n++
		m.seen, m.end = fr.end(), max(m.end, fr.offset+fr.length)
	}
	return m.end, nil
}

// near gives where to begin looking for the frame of an offset.
func (m *frameMap) near(offset int64) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, found := slices.BinarySearchFunc(m.known, offset, func(p framePlace, o int64) int { return int(min(max(p.offset-o, -1), 1)) })
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	return m.known[i].at
}

// sealedFile reads the decrypted content of an encrypted file by its places. What
// is damaged reads as zeros, which are no record, and is remembered. It is for one
// goroutine.
type sealedFile struct {
	f      *os.File
	name   string // of the decrypted file
	frames *frameMap
	id     *Identity
	size   int64 // of f, when it was opened

	held    frame // whose plain bytes are
	plain   []byte
	damaged []Problem
}

func openSealed(path string, frames *frameMap, id *Identity) (_ *sealedFile, end int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	if end, err = frames.refresh(f); err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), rewriteSuffix), sealedSuffix)
	return &sealedFile{f: f, name: name, frames: frames, id: id, size: info.Size()}, end, nil
}

// Close closes the file.
func (s *sealedFile) Close() error { return s.f.Close() }

// ReadAt reads decrypted content.
func (s *sealedFile) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		part, err := s.from(off + int64(n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], part)
	}
	return n, nil
}

// sealedSection reads a part in order, frame by frame: no frame is opened before
// it is asked for.
type sealedSection struct {
	f       *sealedFile
	at, end int64
}

func (r *sealedSection) Read(p []byte) (int, error) {
	if r.at >= r.end || len(p) == 0 {
		return 0, io.EOF
	}
	part, err := r.f.from(r.at)
	if err != nil {
		return 0, err
	}
	n := copy(p, part[:min(int64(len(part)), r.end-r.at)])
	r.at += int64(n)
	return n, nil
}

// from gives decrypted bytes from an offset on, as many as one frame has.
func (s *sealedFile) from(offset int64) ([]byte, error) {
	if s.plain == nil || offset < s.held.offset || offset >= s.held.offset+s.held.length {
		fr, err := s.frameOf(offset)
		if err != nil {
			return nil, err
		}
		if fr.offset > offset { // its own is damaged
			return make([]byte, min(fr.offset-offset, window)), nil
		}
		plain, err := s.open(fr)
		if errors.Is(err, ErrDamaged) {
			s.note(Problem{File: s.name + sealedSuffix, Offset: fr.at, Reason: err.Error()})
			return make([]byte, min(fr.offset+fr.length-offset, window)), nil
		}
		if err != nil {
			return nil, err
		}
		s.held, s.plain = fr, plain
	}
	return s.plain[offset-s.held.offset:], nil
}

func (s *sealedFile) note(p Problem) {
	if !slices.Contains(s.damaged, p) {
		s.damaged = append(s.damaged, p)
	}
}

// open gives what a frame holds.
func (s *sealedFile) open(fr frame) ([]byte, error) {
	if fr.length > 2*MaxBlock {
		return nil, fmt.Errorf("%w: a frame's head speaks of %d bytes", ErrDamaged, fr.length)
	}
	if fr.kind == frameDestroyed {
		return tombstone(s.name, fr.offset, fr.length, fr.date)
	}
	sealed, err := fr.age(s.f)
	if err != nil {
		return nil, err
	}
	return s.id.open(sealed, fr.length)
}

// frameOf gives the frame that holds an offset, or the next one behind it.
func (s *sealedFile) frameOf(offset int64) (frame, error) {
	for at := s.frames.near(offset); ; {
		fr, err := nextFrame(s.f, at, s.size)
		if err != nil {
			return frame{}, err
		}
		if fr.offset+fr.length > offset {
			return fr, nil
		}
		at = fr.end()
	}
}

// eachFrame calls fn for every frame of an encrypted file, and gives the places
// that belong to none.
func eachFrame(in io.ReaderAt, name string, size int64, fn func(frame) error) ([]Problem, error) {
	var wrong []Problem
	for at := int64(0); at < size; {
		fr, err := nextFrame(in, at, size)
		if errors.Is(err, io.EOF) {
			return append(wrong, Problem{File: name, Offset: at, Reason: fmt.Sprintf("%d bytes that are no whole frame", size-at)}), nil
		}
		if err != nil {
			return wrong, err
		}
		if fr.at > at {
			wrong = append(wrong, Problem{File: name, Offset: at, Reason: fmt.Sprintf("%d bytes that are no whole frame", fr.at-at)})
		}
		if err := fn(fr); err != nil {
			return wrong, err
		}
		at = fr.end()
	}
	return wrong, nil
}

// checkFrames looks at the frames of an encrypted file without opening any: that
// each is whole, by its checksum, and that none is missing between them.
func checkFrames(path string) (n int, wrong []Problem, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, nil, err
	}
	name, next := filepath.Base(path), int64(0)
	var inside []Problem
	wrong, err = eachFrame(f, name, info.Size(), func(fr frame) error {
		n++
		if fr.offset != next {
			inside = append(inside, Problem{File: name, Offset: fr.at, Reason: fmt.Sprintf("the frame before it ends at %d of the decrypted file, this one begins at %d", next, fr.offset)})
		}
		next = fr.offset + fr.length
		_, err := fr.age(f)
		if errors.Is(err, ErrDamaged) {
			inside, err = append(inside, Problem{File: name, Offset: fr.at, Reason: err.Error()}), nil
		}
		return err
	})
	return n, append(wrong, inside...), err
}
