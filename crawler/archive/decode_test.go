package archive

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
)

func pack(t testing.TB, body []byte, open func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var b bytes.Buffer
	w := open(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, body []byte) []byte {
	return pack(t, body, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func deflated(t testing.TB, body []byte) []byte {
	return pack(t, body, func(w io.Writer) io.WriteCloser {
		fw, err := flate.NewWriter(w, flate.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		return fw
	})
}

func zlibbed(t testing.TB, body []byte) []byte {
	return pack(t, body, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
}

func TestCapture(t *testing.T) {
	page := []byte(strings.Repeat("<p>Sourdough, day by day.</p>\n", 50))
	gz := gzipped(t, page)
	wrong := bytes.Clone(gz)
	wrong[len(wrong)-6] ^= 0xff
	tests := map[string]struct {
		coding    string
		body      []byte
		want      []byte
		truncated bool
		err       error
	}{
		"none":              {"", page, page, false, nil},
		"identity":          {"identity", page, page, false, nil},
		"gzip":              {"gzip", gz, page, false, nil},
		"x-gzip, case":      {"X-GZip", gz, page, false, nil},
		"deflate, raw":      {"deflate", deflated(t, page), page, false, nil},
		"deflate, zlib":     {"deflate", zlibbed(t, page), page, false, nil},
		"two codings":       {"deflate, gzip", gzipped(t, zlibbed(t, page)), page, false, nil},
		"two gzip members":  {"gzip", append(bytes.Clone(gz), gz...), append(bytes.Clone(page), page...), false, nil},
		"padding":           {"gzip", append(bytes.Clone(gz), 0, 0, 0), page, false, nil},
		"named, not done":   {"gzip", page, page, false, nil},
		"nothing there":     {"gzip", nil, nil, false, nil},
		"gzip, torn head":   {"gzip", gz[:5], nil, true, nil},
		"gzip, torn tail":   {"gzip", gz[:len(gz)-4], page, true, nil},
		"deflate, torn":     {"deflate", deflated(t, page)[:20], nil, true, nil},
		"zlib, torn":        {"deflate", zlibbed(t, page)[:20], nil, true, nil},
		"wrong checksum":    {"gzip", wrong, nil, false, ErrCoding},
		"br":                {"br", []byte{1}, nil, false, ErrCoding},
		"unknown":           {"zstd", []byte{1}, nil, false, ErrCoding},
		"noise":             {"deflate", []byte("\xff\xff\xff\xff"), nil, false, ErrCoding},
		"too many codings":  {"gzip,gzip,gzip,gzip,gzip", gz, nil, false, ErrCoding},
		"unknown, no bytes": {"br", nil, nil, false, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := exchange(1)
			e.Body = tt.body
			e.Header.Set("Content-Encoding", tt.coding)
			e.Header.Set("Content-Length", "1")
			c, err := e.Capture()
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if c.Truncated != tt.truncated {
				t.Errorf("truncated %v", c.Truncated)
			}
			if tt.want != nil && !bytes.Equal(c.Body, tt.want) || tt.truncated && !bytes.HasPrefix(page, c.Body) {
				t.Errorf("body of %d bytes: %.60q", len(c.Body), c.Body)
			}
			if c.URL != e.URL || c.Status != 200 || !c.FetchedAt.Equal(e.FetchedAt) || c.Viewer != "guest" || c.HeaderValue("Vary") != "Cookie" {
				t.Errorf("capture %+v", c)
			}
			if c.HeaderValue("Content-Encoding") != "" || c.HeaderValue("Content-Length") != "" {
				t.Errorf("header %v still speaks of the coded form", c.Header)
			}
			if e.Header.Get("Content-Length") != "1" {
				t.Error("the exchange's own header was changed")
			}
		})
	}
}

// Half of a long body must come out of half of its coded form.
func TestCaptureOfATornBodyKeepsWhatThereIs(t *testing.T) {
	page := make([]byte, 60_000)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(page)
	gz := gzipped(t, page)
	e := Exchange{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: gz[:len(gz)/2]}
	c, err := e.Capture()
	if err != nil || !c.Truncated || len(c.Body) < len(page)/4 || !bytes.HasPrefix(page, c.Body) {
		t.Errorf("%d of %d bytes, truncated %v, %v", len(c.Body), len(page), c.Truncated, err)
	}
}

func TestDecodeCapErrs(t *testing.T) {
	page := make([]byte, 1000)
	for name, body := range map[string][]byte{"gzip": gzipped(t, page), "deflate": zlibbed(t, page), "": page} {
		e := Exchange{URL: "https://forum.example.org/bomb", Header: http.Header{"Content-Encoding": {name}}, Body: body}
		if _, err := e.capture(999); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "/bomb") {
			t.Errorf("%s: %v, want ErrTooLarge with the URL", name, err)
		}
		if c, err := e.capture(1000); err != nil || c.Truncated || len(c.Body) != 1000 {
			t.Errorf("%s: a body of the cap's size: %v", name, err)
		}
	}
	bomb := Exchange{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: gzipped(t, make([]byte, DecodeCap+1))}
	if _, err := bomb.Capture(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("bomb: %v", err)
	}
}
