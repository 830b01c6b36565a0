package archive

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// kept gives what an archive holds: address and body of each capture.
func kept(t *testing.T, a *Archive) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := a.Walk(t.Context(), func(_ Ref, e Exchange) error {
		out[e.URL] = string(e.Body)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rewritable has captures of five pages in files of one or two.
func rewritable(t *testing.T) (*Archive, string, []Ref) {
	t.Helper()
	dir := t.TempDir()
	a, err := Open(dir, Options{MaxFileBytes: 1500})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	var refs []Ref
	for i := range 5 {
		ref, err := a.Append(t.Context(), Exchange{
			URL: fmt.Sprintf("http://forum.example.org/%d", i), FetchedAt: time.Unix(int64(1000+i), 0), Method: "GET",
			RequestHeader: http.Header{"X-Asked": {fmt.Sprintf("asked-%d", i)}}, Status: 200,
			Header: http.Header{"Content-Type": {"text/html"}}, Body: fmt.Appendf(nil, "page %d", i),
		})
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	return a, dir, refs
}

func rewriteSome(_ Ref, e Exchange) (*Exchange, bool, error) {
	switch e.URL[len(e.URL)-1] {
	case '1':
		return &Exchange{URL: e.URL, FetchedAt: e.FetchedAt, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("redacted")}, true, nil
	case '3':
		return nil, false, nil
	}
	return nil, true, nil
}

func TestRewrite(t *testing.T) {
	a, dir, refs := rewritable(t)
	before := kept(t, a)
	moved, err := a.Rewrite(t.Context(), rewriteSome)
	if err != nil {
		t.Fatal(err)
	}
	if got := kept(t, a); len(got) != 5 || got["http://forum.example.org/1"] != before["http://forum.example.org/1"] {
		t.Errorf("the archive has changed before it was told to: %v", got)
	}
	if err := a.FinishRewrite(); err != nil {
		t.Fatal(err)
	}
	got := kept(t, a)
	want := map[string]string{"http://forum.example.org/0": "page 0", "http://forum.example.org/1": "redacted", "http://forum.example.org/2": "page 2", "http://forum.example.org/4": "page 4"}
	for url, body := range want {
		if got[url] != body {
			t.Errorf("%s: got %q, want %q", url, got[url], body)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the archive holds %v", got)
	}
	files := map[string]Rewritten{}
	for _, m := range moved {
		files[m.File] = m
	}
	for i, ref := range refs {
		if m, ok := files[ref.File]; ok {
			to, stays := m.Moved[ref.Offset]
			if stays != (i != 3) {
				t.Errorf("capture %d: stays is %v", i, stays)
			}
			ref.Offset = to
		}
		if i == 3 {
			continue
		}
		e, err := a.Read(t.Context(), ref)
		if err != nil || e.URL != fmt.Sprintf("http://forum.example.org/%d", i) {
			t.Errorf("capture %d is not at %v: %v %v", i, ref, e.URL, err)
		}
		if i != 1 && e.RequestHeader.Get("X-Asked") != fmt.Sprintf("asked-%d", i) {
			t.Errorf("capture %d has lost its request", i)
		}
	}
	checkNothingLeft(t, dir)
	if _, err := a.Append(t.Context(), Exchange{URL: "http://forum.example.org/9", Status: 200, Body: []byte("new")}); err != nil {
		t.Errorf("appending afterwards: %v", err)
	}
	if problems, err := Check(t.Context(), dir, nil); err != nil || len(problems) > 0 {
		t.Errorf("problems: %v %v", problems, err)
	}
}

// checkNothingLeft looks for the requests of what was taken out.
func checkNothingLeft(t *testing.T, dir string) {
	t.Helper()
	names, err := listFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		f, err := os.Open(name.path(dir))
		if err != nil {
			t.Fatal(err)
		}
		st, _ := f.Stat()
		s := openMembers(t.Context(), f, 0, st.Size())
		for rec, err := s.next(); err == nil; rec, err = s.next() {
			for _, trace := range []string{"asked-1", "asked-3", "page 1", "page 3"} {
				if strings.Contains(string(rec.block), trace) {
					t.Errorf("%s:%d holds %q", name.name, rec.offset, trace)
				}
			}
		}
		f.Close()
	}
}

func TestRewriteCanBeDropped(t *testing.T) {
	a, dir, _ := rewritable(t)
	if _, err := a.Rewrite(t.Context(), rewriteSome); err != nil {
		t.Fatal(err)
	}
	if err := a.DropRewrite(); err != nil {
		t.Fatal(err)
	}
	if err := a.FinishRewrite(); err != nil { // nothing to do
		t.Fatal(err)
	}
	if got := kept(t, a); len(got) != 5 || got["http://forum.example.org/1"] != "page 1" {
		t.Errorf("the archive holds %v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*"+rewriteSuffix)); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestRewriteMakesRevisitsWhole: a record that refers to another one's payload
// stands by itself afterwards.
func TestRewriteMakesRevisitsWhole(t *testing.T) {
	a, _, refs := rewritable(t)
	var p packer
	e := Exchange{URL: "http://forum.example.org/again", FetchedAt: time.Unix(2000, 0), Status: 200, Header: http.Header{"Content-Type": {"text/html"}}}
	e.Body = []byte("page 4")
	member, err := p.revisit(e, recordID(), original{place: refs[4]}, time.Unix(2000, 0))
	if err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	_, err = a.write(part{plain: member})
	a.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Rewrite(t.Context(), rewriteSome); err != nil {
		t.Fatal(err)
	}
	if err := a.FinishRewrite(); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, a)["http://forum.example.org/again"]; got != "page 4" {
		t.Errorf("the revisit's payload is %q, want that of its original", got)
	}
}
