package state

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"sync"
)

// How a stored body is coded: its first byte.
const (
	codedPlain   = 0
	codedDeflate = 1
)

// minDeflate is the size below which deflate does not pay.
const minDeflate = 256

// codec codes bodies for storage. Deflate at its fastest level
// takes some 10 µs on a post of 1.4 KB, and as much to read it back; forum text
// shrinks to about half or less (BenchmarkCodec).
type codec struct {
	writers sync.Pool
	readers sync.Pool
}

func newCodec() *codec { return &codec{} }

func (c *codec) encode(body []byte) []byte {
	plain := func() []byte { return append([]byte{codedPlain}, body...) }
	if len(body) < minDeflate {
		return plain()
	}
	var out bytes.Buffer
	out.Grow(len(body))
	out.WriteByte(codedDeflate)
	w, ok := c.writers.Get().(*flate.Writer)
	if ok {
		w.Reset(&out)
	} else {
		w, _ = flate.NewWriter(&out, flate.BestSpeed) // the level is valid: no error
	}
	defer c.writers.Put(w)
	if _, err := w.Write(body); err != nil {
		return plain()
	}
	if err := w.Close(); err != nil || out.Len() > len(body)*9/10 {
		return plain()
	}
	return out.Bytes()
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
	}
	return nil, fmt.Errorf("decoding a stored body: unknown coding %d", stored[0])
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
