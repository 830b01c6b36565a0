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
}

func newCodec() *codec { return &codec{dict: s2.MakeDict([]byte(dictionary), nil)} }

func (c *codec) encode(body []byte) []byte {
	if len(body) >= minPacked {
		out := make([]byte, 1+s2.MaxEncodedLen(len(body)))
		out[0] = codedS2
		if packed := c.dict.Encode(out[1:], body); len(packed) <= len(body)*9/10 {
			return out[:1+len(packed)]
		}
	}
	return append([]byte{codedPlain}, body...)
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
