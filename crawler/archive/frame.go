package archive

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"time"
)

// An encrypted file is a row of frames. A frame is a line of text, its head, and
// an age file of its own with the gzip members of one exchange:
//
//	forumine-frame 0000001912 c 000000000311 0000001660 20260314T150926Z 0000000000000000 5f3c1a90
//
// Its fields: the bytes of the age file that follows; what it holds (i the
// warcinfo record, c a capture, r what belongs to the capture before it, k a
// payload that a capture elsewhere refers to, and nothing else does, d nothing any
// more, for it was destroyed); the offset in the decrypted file, and the bytes
// there; when it was fetched, or destroyed (UTC); of the first frame, marks of the
// recipients and of the warcinfo record; CRC-32C of the head before it and of the
// age file.
//
// So a file can be appended to with the recipient alone, its torn tail is found
// and what is due for destruction is taken out without opening anything, and each
// age file can be cut out and opened with any program for age. Offsets, in
// references as everywhere, are those of the decrypted file.

const (
	sealedSuffix = ".age"
	frameMagic   = "forumine-frame "
	frameForm    = frameMagic + "%010d %c %012d %010d %s %016x "
	frameStamp   = "20060102T150405Z"
	frameHead    = 15 + 10 + 1 + 1 + 1 + 12 + 1 + 10 + 1 + 16 + 1 + 16 + 1 + 8 + 1
)

// The kinds of frames.
const (
	frameInfo      = 'i'
	frameCapture   = 'c'
	frameRest      = 'r'
	frameCopy      = 'k'
	frameDestroyed = 'd'
)

// frame is the head of one.
type frame struct {
	at             int64 // of the head, in the file
	sealed         int64 // bytes of the age file
	kind           rune
	offset, length int64 // in the decrypted file
	date           time.Time
	mark           uint64
	sum            uint32
}

// end is past the frame, in the file.
func (f frame) end() int64 { return f.at + frameHead + f.sealed }

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// bytes gives the frame with its age file.
func (f frame) bytes(sealed []byte) []byte {
	out := make([]byte, 0, frameHead+len(sealed))
	out = fmt.Appendf(out, frameForm, len(sealed), f.kind, f.offset, f.length, f.date.UTC().Format(frameStamp), f.mark)
	sum := crc32.Update(crc32.Checksum(out, castagnoli()), castagnoli(), sealed)
	out = fmt.Appendf(out, "%08x\n", sum)
	return append(out, sealed...)
}

var (
	errNoFrame = errors.New("bytes that belong to no frame")
	errTorn    = errors.New("a frame breaks off")
)

// readHead reads the head at a place of an encrypted file of some size.
func readHead(in io.ReaderAt, at, size int64) (frame, error) {
	raw := make([]byte, frameHead)
	if at+frameHead > size {
		return frame{}, errTorn
	}
	if _, err := in.ReadAt(raw, at); err != nil {
		return frame{}, fmt.Errorf("reading a frame: %w", err)
	}
	f, ok := parseHead(string(raw))
	if !ok {
		return frame{}, errNoFrame
	}
	f.at = at
	if f.end() > size {
		return f, errTorn
	}
	return f, nil
}

func parseHead(line string) (f frame, ok bool) {
	part := strings.Split(strings.TrimSuffix(line, "\n"), " ")
	if len(part) != 8 || part[0]+" " != frameMagic || len(part[2]) != 1 || !strings.HasSuffix(line, "\n") {
		return f, false
	}
	var errs [6]error
	f.kind = rune(part[2][0])
	f.sealed, errs[0] = strconv.ParseInt(part[1], 10, 64)
	f.offset, errs[1] = strconv.ParseInt(part[3], 10, 64)
	f.length, errs[2] = strconv.ParseInt(part[4], 10, 64)
	f.date, errs[3] = time.Parse(frameStamp, part[5])
	f.mark, errs[4] = strconv.ParseUint(part[6], 16, 64)
	sum, err := strconv.ParseUint(part[7], 16, 32)
	f.sum, errs[5] = uint32(sum), err
	return f, errors.Join(errs[:]...) == nil && f.sealed >= 0 && f.offset >= 0 && f.length >= 0
}

// nextFrame gives the first frame from a place on; what is none is passed over.
// io.EOF says that there is no whole one any more.
func nextFrame(in io.ReaderAt, at, size int64) (frame, error) {
	for {
		f, err := readHead(in, at, size)
		if !errors.Is(err, errNoFrame) && !errors.Is(err, errTorn) {
			return f, err
		}
		if at, err = findMagic(in, at+1, size); err != nil {
			return frame{}, err
		}
	}
}

// findMagic gives the next place where a head may stand.
func findMagic(in io.ReaderAt, at, size int64) (int64, error) {
	buf := make([]byte, window)
	for at < size {
		n, err := in.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if i := bytes.Index(buf[:n], []byte(frameMagic)); i >= 0 {
			return at + int64(i), nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("reading a frame: %w", err)
		}
		if n < len(buf) {
			break
		}
		at += int64(n - len(frameMagic))
	}
	return 0, io.EOF
}

// age gives the age file of a frame whose checksum is right; errors match
// ErrDamaged.
func (f frame) age(in io.ReaderAt) ([]byte, error) {
	raw := make([]byte, frameHead+f.sealed)
	if _, err := in.ReadAt(raw, f.at); err != nil {
		return nil, fmt.Errorf("reading a frame: %w", err)
	}
	sum := crc32.Update(crc32.Checksum(raw[:frameHead-9], castagnoli()), castagnoli(), raw[frameHead:])
	if sum != f.sum {
		return nil, fmt.Errorf("%w: the frame's checksum is %08x, its bytes give %08x", ErrDamaged, f.sum, sum)
	}
	return raw[frameHead:], nil
}
