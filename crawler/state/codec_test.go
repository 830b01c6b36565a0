package state

import (
	"bytes"
	"compress/flate"
	"strings"
	"testing"
)

// TestCodec reads back what it wrote, and what older programs wrote.
func TestCodec(t *testing.T) {
	c := newCodec()
	for _, body := range []string{"", "{}", `{"a":1}`, strings.Repeat(`{"doc_kind":"post","site":`, 40), benchText(3), "\x00\xff" + strings.Repeat("\x01", 300), strings.Repeat("é", 100_000)} {
		stored := c.encode([]byte(body))
		plain, err := c.decode(stored)
		if err != nil || string(plain) != body {
			t.Errorf("%.40q: read back as %.40q, %v", body, plain, err)
		}
		if len(stored) > len(body)+1 {
			t.Errorf("%.40q: %d bytes are stored as %d", body, len(body), len(stored))
		}
	}
	var old bytes.Buffer
	old.WriteByte(codedDeflate)
	w, err := flate.NewWriter(&old, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(benchText(4))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if plain, err := c.decode(old.Bytes()); err != nil || string(plain) != benchText(4) {
		t.Errorf("an older program's body is read as %.40q, %v", plain, err)
	}
	for _, bad := range [][]byte{{9, 1, 2}, {codedS2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {codedS2, 200, 1, 7}, {codedDeflate, 7}} {
		if _, err := c.decode(bad); err == nil {
			t.Errorf("%v is read without an error", bad)
		}
	}
}

// TestDictionaryStays holds the dictionary as it was released: stored bodies need it.
func TestDictionaryStays(t *testing.T) {
	const released = "8214"
	if have := digest(dictionary)[:4]; have != released {
		t.Errorf("the dictionary has changed (%s, was %s): stored bodies cannot be read any more", have, released)
	}
}
