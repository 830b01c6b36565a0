package state

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/s2"
)

// How a stored body is coded: its first byte.
const (
	codedPlain   = 0
	codedDeflate = 1 // of older programs
	codedS2      = 2 // S2 with the dictionary of codec_dict.go
)

// minPacked is the size below which compression does not pay.
const minPacked = 64

// codec codes bodies for storage. S2 with a dictionary makes them as small as
// deflate does at its fastest level, in a tenth of the time, and reads them back
// in a twentieth (BenchmarkCodec).
type codec struct {
	dict    *s2.Dict
	readers sync.Pool // of deflate
	scratch sync.Pool // of room to encode in
}

func newCodec() *codec { return &codec{dict: s2.MakeDict([]byte(dictionary), nil)} }

func (c *codec) encode(body []byte) []byte {
	if len(body) >= minPacked {
		room := c.room(s2.MaxEncodedLen(len(body)))
		defer c.keep(room)
		if packed := c.dict.Encode(*room, body); len(packed) <= len(body)*9/10 {
			return append([]byte{codedS2}, packed...)
		}
	}
	return append([]byte{codedPlain}, body...)
}

// maxRoom is the largest room that is kept for the next body.
const maxRoom = 1 << 20

// room gives room for some bytes.
func (c *codec) room(size int) *[]byte {
	room, ok := c.scratch.Get().(*[]byte)
	if !ok || cap(*room) < size {
		b := make([]byte, max(size, 16<<10))
		room = &b
	}
	*room = (*room)[:size]
	return room
}

func (c *codec) keep(room *[]byte) {
	if cap(*room) <= maxRoom {
		c.scratch.Put(room)
	}
}

func (c *codec) decode(stored []byte) ([]byte, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	switch stored[0] {
	case codedPlain:
		return stored[1:], nil
	case codedDeflate:
		return c.inflate(stored[1:])
	case codedS2:
		out, err := c.dict.Decode(nil, stored[1:])
		return out, wrap(err, "decoding a stored body")
	}
	return nil, fmt.Errorf("decoding a stored body: unknown coding %d: a newer forumine wrote it", stored[0])
}

func (c *codec) inflate(b []byte) ([]byte, error) {
	src := bytes.NewReader(b)
	r, ok := c.readers.Get().(io.ReadCloser)
	if ok {
		if err := r.(flate.Resetter).Reset(src, nil); err != nil { //nolint:errcheck // every reader of flate is a Resetter
			return nil, fmt.Errorf("decoding a stored body: %w", err)
		}
	} else {
		r = flate.NewReader(src)
	}
	defer c.readers.Put(r)
	out, err := io.ReadAll(r)
	return out, wrap(err, "decoding a stored body")
}
