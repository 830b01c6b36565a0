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

// Encrypting the files of an archive, one after the other:
//
//  1. The encrypted file is written beside the plain one under another name, and
//     is on disk.
//  2. It takes its own name: from now on it counts.
//  3. The plain file is removed. Open does so too, should that be left to do.
//
// References stay as they are, for they name places of the decrypted file. Before
// all that, each revisit record gets a payload that is there for it alone, so that
// what is encrypted can be destroyed, each by itself, without the identity.
// Encrypting to other recipients puts the new file in the place of the old one.

// Encrypted counts what Encrypt has done.
type Encrypted struct {
	Files int   // that were plain, or encrypted to others
	Bytes int64 // of these files, decrypted
}

// Encrypt encrypts all files to the recipients that the archive was opened with,
// except those that are. What is encrypted to others is opened with the identity;
// an error then matches ErrLocked. Interrupted at any point, it may be called
// again.
func (a *Archive) Encrypt(ctx context.Context, step func(file string)) (done Encrypted, err error) {
	if a.opts.Recipients == nil {
		return done, errors.New("no recipient was named to encrypt to")
	}
	if err := a.DropRewrite(); err != nil {
		return done, err
	}
	if err := a.roll(); err != nil {
		return done, err
	}
	if err := a.ownPayloads(ctx); err != nil {
		return done, err
	}
	all, err := a.spans()
	if err != nil {
		return done, err
	}
	for _, s := range all {
		is, err := a.isFor(s.fileOf)
		if err != nil || is {
			if err != nil {
				return done, fmt.Errorf("encrypting %s: %w", s.name, err)
			}
			continue
		}
		if err := a.encryptFile(ctx, s); err != nil {
			return done, fmt.Errorf("encrypting %s: %w", s.name, err)
		}
		done.Files++
		done.Bytes += s.end
		if step != nil {
			step(s.name)
		}
	}
	return done, a.tidy()
}

// roll has the next capture begin a file.
func (a *Archive) roll() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.clean(); err != nil {
		return err
	}
	return a.leave()
}

// isFor tells whether a file is encrypted to the recipients of the archive.
func (a *Archive) isFor(file fileOf) (bool, error) {
	if !file.sealed {
		return false, nil
	}
	f, err := os.Open(file.path(a.dir))
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	first, err := readHead(f, 0, info.Size())
	if errors.Is(err, errNoFrame) || errors.Is(err, errTorn) {
		return false, nil // its first frame is damaged: it is written anew
	}
	return first.mark>>32 == uint64(a.opts.Recipients.mark()), err
}

func (a *Archive) encryptFile(ctx context.Context, s span) error {
	final := fileOf{s.name, true}.path(a.dir)
	err := a.writeBeside(final, func(to io.Writer) error { return a.encryptTo(ctx, s, to) })
	if err != nil || s.sealed {
		return err
	}
	if err := a.disk.remove(s.path(a.dir)); err != nil {
		return err
	}
	return a.disk.syncDir(a.dir)
}

// writeBeside has a file's new content on disk before it takes the old one's
// place.
func (a *Archive) writeBeside(final string, write func(io.Writer) error) error {
	to, err := os.OpenFile(final+rewriteSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(to)
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err == nil {
		err = os.Rename(final+rewriteSuffix, final)
	}
	if err != nil {
		return a.explain(errors.Join(err, removeFile(final+rewriteSuffix)))
	}
	return a.disk.syncDir(a.dir)
}

// encryptTo writes a file as frames, each from one capture up to the next one.
func (a *Archive) encryptTo(ctx context.Context, s span, to io.Writer) error {
	from, err := a.open(s.fileOf)
	if err != nil {
		return err
	}
	defer from.Close()
	c := converting{a: a, from: from, to: to, kind: frameInfo}
	in := openMembers(ctx, from, 0, s.end)
	for {
		rec, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if _, damaged := errors.AsType[*recordError](err); damaged {
			continue // its bytes go with the capture before it, as they are
		}
		if err != nil {
			return err
		}
		if err := c.take(rec); err != nil {
			return err
		}
	}
	if err := c.flush(s.end); err != nil {
		return err
	}
	if f, ok := from.(*sealedFile); ok && len(f.damaged) > 0 {
		return fmt.Errorf("%w at byte %d: %s; `archive check` says more", ErrDamaged, f.damaged[0].Offset, f.damaged[0].Reason)
	}
	return nil
}

// converting writes one file as frames.
type converting struct {
	a    *Archive
	from io.ReaderAt
	to   io.Writer
	at   int64 // where the frame begins that is open
	kind rune
	date time.Time
}

// take begins a frame where a record asks for one.
func (c *converting) take(rec *record) error {
	at, gone := destroyedAt(rec)
	switch {
	case gone:
		if err := c.flush(rec.offset); err != nil {
			return err
		}
		c.kind, c.date = frameDestroyed, at
		return c.flush(rec.end)
	case isCapture(rec):
		if err := c.flush(rec.offset); err != nil {
			return err
		}
		c.kind, c.date = frameCapture, recordedAt(rec)
		if isCopy(rec) {
			c.kind = frameCopy
		}
	case c.kind == frameInfo && c.date.IsZero():
		c.date = recordedAt(rec)
	}
	return nil
}

// flush writes the open frame, which ends at an offset.
func (c *converting) flush(end int64) error {
	for end-c.at > 2*MaxBlock { // damage that is longer than any capture
		if err := c.flush(c.at + MaxBlock); err != nil {
			return err
		}
	}
	if end <= c.at {
		return nil
	}
	p := part{sealed: []byte{}, head: frame{kind: c.kind, length: end - c.at, date: c.date}}
	if c.kind != frameDestroyed {
		plain := make([]byte, end-c.at)
		if _, err := c.from.ReadAt(plain, c.at); err != nil {
			return err
		}
		var err error
		if p, err = c.a.part(c.kind, c.date, plain); err != nil {
			return err
		}
	}
	if c.at == 0 {
		p.head.mark = c.a.mark()
	}
	_, err := c.to.Write(p.bytes(c.at))
	c.at, c.kind = end, frameRest
	return err
}

// Decrypt writes an encrypted file of ours, decrypted, to w, byte for byte as it
// was before, and gives what is damaged in it, which is zeros. Errors match
// ErrLocked where the identity does not open it.
func Decrypt(ctx context.Context, path string, id *Identity, w io.Writer) ([]Problem, error) {
	f, end, err := openSealed(path, &frameMap{}, id)
	if err != nil {
		return nil, fmt.Errorf("decrypting %s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	section := &sealedSection{f, 0, end}
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(w, section, window)
		}
	}
	if !errors.Is(err, io.EOF) {
		return f.damaged, fmt.Errorf("decrypting %s: %w", filepath.Base(path), err)
	}
	return f.damaged, nil
}

// DecryptedName is the name of an encrypted file's content; ok is false for the
// names of other files.
func DecryptedName(path string) (name string, ok bool) {
	return strings.CutSuffix(filepath.Base(path), sealedSuffix)
}
