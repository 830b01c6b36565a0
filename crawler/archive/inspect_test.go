package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// plainRecord is a record as other tools write it.
func plainRecord(id, fields, block string) string {
	return "WARC/1.0\r\nWARC-Record-ID: <urn:uuid:" + id + ">\r\nWARC-Date: 2011-03-01T10:00:00Z\r\n" +
		"WARC-Target-URI: http://forum.example.org/" + id + "\r\n" + strings.ReplaceAll(fields, "\n", "\r\n") +
		fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
}

// others are files of other tools, and what is wrong with each.
func others() map[string]struct{ file, wrong string } {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	body := "<p>Saturn at last."
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	response := "WARC-Type: response\nContent-Type: application/http; msgtype=response"
	whole := head + "\r\n" + body
	return map[string]struct{ file, wrong string }{
		"no digests": {plainRecord("1", response, whole), ""},
		"true digests": {plainRecord("1", response+"\nWARC-Payload-Digest: "+digest([]byte(body))+
			"\nWARC-Block-Digest: "+digest([]byte(whole)), whole), ""},
		"digest of the chunks": {plainRecord("1", response+"\nWARC-Payload-Digest: "+digest([]byte(chunked)),
			head+"Transfer-Encoding: chunked\r\n\r\n"+chunked), ""},
		"digest of the body": {plainRecord("1", response+"\nWARC-Payload-Digest: "+digest([]byte(body)),
			head+"Transfer-Encoding: chunked\r\n\r\n"+chunked), ""},
		"name server":   {plainRecord("1", "WARC-Type: metadata\nContent-Type: text/dns", "forum.example.org. 300 IN A 192.0.2.1"), ""},
		"wrong payload": {plainRecord("1", response+"\nWARC-Payload-Digest: "+digest([]byte("other")), whole), "payload digest"},
		"wrong block":   {plainRecord("1", response+"\nWARC-Block-Digest: "+digest([]byte("other")), whole), "block digest"},
		"torn":          {plainRecord("1", response, whole) + plainRecord("2", response, whole)[:260], "EOF"},
		"no type":       {plainRecord("1", "Content-Type: text/plain", "x"), "WARC-Type"},
	}
}

func TestVerifyOthers(t *testing.T) {
	for name, c := range others() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "old.warc")
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			checked, damage, err := Verify(t.Context(), path, nil)
			switch {
			case err != nil:
				t.Fatal(err)
			case c.wrong == "" && (len(damage) > 0 || checked.Total() != 1):
				t.Errorf("%d records, damage %v", checked.Total(), damage)
			case c.wrong != "" && (len(damage) != 1 || !strings.Contains(damage[0].Reason, c.wrong)):
				t.Errorf("damage %v, want %s", damage, c.wrong)
			}
			salvaged(t, path, len(damage))
		})
	}
}

// salvaged saves the whole records of a file, which must be whole then.
func salvaged(t *testing.T, path string, lost int) {
	t.Helper()
	var out bytes.Buffer
	kept, left, err := Salvage(t.Context(), path, nil, &out)
	if err != nil || len(left) != lost {
		t.Fatalf("%d kept, %v left out, %v", kept, left, err)
	}
	if kept == 0 {
		return
	}
	whole := filepath.Join(t.TempDir(), "whole.warc.gz")
	if err := os.WriteFile(whole, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	checked, damage, err := Verify(t.Context(), whole, nil)
	if err != nil || len(damage) > 0 || checked.Total() != kept {
		t.Errorf("%d of %d records saved, damage %v, %v", checked.Total(), kept, damage, err)
	}
	if got, want := entries(t, whole), entries(t, path)[:kept]; !slices.EqualFunc(got, want, sameContent) {
		t.Errorf("saved %v, want %v", got, want)
	}
}

func sameContent(a, b Entry) bool {
	a.File, a.Offset = b.File, b.Offset
	return a == b
}

func entries(t *testing.T, path string) []Entry {
	t.Helper()
	var all []Entry
	if _, err := List(t.Context(), path, nil, func(e Entry) error { all = append(all, e); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// waczSaying writes a WACZ whose datapackage.json says of its index what it is told.
func waczSaying(t *testing.T, indexSays string) string {
	t.Helper()
	files := map[string]string{"archive/data.warc": others()["true digests"].file, "indexes/index.cdx": "org,example,forum)/1 20110301100000 {}\n"}
	var resources []string
	for name, content := range files {
		sum := sha256.Sum256([]byte(content))
		hash := "sha256:" + hex.EncodeToString(sum[:])
		if name == "indexes/index.cdx" && indexSays != "" {
			hash = indexSays
		}
		resources = append(resources, fmt.Sprintf(`{"name":%q,"path":%q,"hash":%q,"bytes":%d}`, filepath.Base(name), name, hash, len(content)))
	}
	files["datapackage.json"] = `{"profile":"data-package","wacz_version":"1.1.1","resources":[` + strings.Join(resources, ",") + `]}`
	path := filepath.Join(t.TempDir(), "pages.wacz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, content := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(content))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVerifyWACZ(t *testing.T) {
	checked, damage, err := Verify(t.Context(), waczSaying(t, ""), nil)
	if err != nil || len(damage) > 0 || checked.Total() != 1 || checked.Hashes != 2 {
		t.Errorf("%+v, damage %v, %v", checked, damage, err)
	}
	for _, says := range []string{"sha256:" + strings.Repeat("00", 32), "crc:1"} {
		_, damage, err = Verify(t.Context(), waczSaying(t, says), nil)
		if err != nil || len(damage) != 1 || damage[0].File != "pages.wacz/indexes/index.cdx" {
			t.Errorf("with %s: damage %v, %v", says, damage, err)
		}
	}
}
