package archive

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWarcio has another implementation judge our files: every digest, one
// gzip member a record, and what its reader makes of them.
func TestWarcio(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.CommandContext(t.Context(), python, "-c", "import warcio").Run() != nil {
		t.Skip("needs python3 with the package warcio (pip install warcio) on the path")
	}
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	coded := exchange(2)
	coded.Body = gzipped(t, coded.Body)
	coded.Header.Set("Content-Encoding", "gzip")
	h2 := exchange(3)
	h2.Proto, h2.Truncated, h2.StatusText = "HTTP/2.0", TruncatedLength, ""
	none := exchange(4)
	none.Status, none.Body = 304, nil
	var ref Ref
	for _, e := range []Exchange{exchange(1), coded, h2, none, {URL: "https://forum.example.org/saved", Body: []byte("<p>saved")}, heavy(5, 1), heavy(6, 1)} {
		ref = mustAppend(t, a, e)
	}
	a.Close()
	path := filepath.Join(dir, ref.File)
	if out, err := exec.CommandContext(t.Context(), python, "-m", "warcio.cli", "check", "-v", path).CombinedOutput(); err != nil || strings.Contains(string(out), "failed") {
		t.Errorf("warcio check: %v\n%s", err, out)
	} else if n := strings.Count(string(out), "digest pass"); n < 10 {
		t.Errorf("warcio verified %d records, want 10 or more\n%s", n, out)
	}
	script := filepath.Join(dir, "read.py")
	const code = `
import sys
from warcio.archiveiterator import ArchiveIterator
with open(sys.argv[1], 'rb') as f:
    for r in ArchiveIterator(f, check_digests='raise'):
        body = r.content_stream().read()
        status = r.http_headers.get_statuscode() if r.http_headers and r.rec_type == 'response' else ''
        print(r.rec_type, status, r.rec_headers.get_header('WARC-Target-URI'), len(body))
`
	if err := os.WriteFile(script, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), python, script, path).CombinedOutput()
	if err != nil {
		t.Fatalf("warcio: %v\n%s", err, out)
	}
	want := []string{"warcinfo", "response 200 " + exchange(1).URL, "request", "response 200 " + exchange(2).URL, "request",
		"response 200", "request", "response 304", "request", "resource", "response 200", "request", "revisit", "request"}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(want) {
		t.Fatalf("warcio read\n%s", out)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("record %d: %q, want %q", i, line, want[i])
		}
	}
	if plain := strings.Fields(lines[3]); plain[3] != strings.Fields(lines[1])[3] {
		t.Errorf("warcio decoded %s bytes of a coded body", plain[3])
	}
}
