package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var day = time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.UTC)

func fixed() time.Time { return day }

func options() Options {
	return Options{Software: "forumine/test", Operator: "Ida Example <ida@example.org>", UserAgent: "forumine/test (+https://example.org/bot)", Robots: "RFC 9309", Now: fixed}
}

// exchange is the n-th of any number of exchanges that differ.
func exchange(n int) Exchange {
	return Exchange{
		URL:           fmt.Sprintf("https://forum.example.org/t/%d?page=2&x=%%41", n),
		FetchedAt:     day.Add(time.Duration(n) * time.Millisecond),
		RemoteIP:      "192.0.2.7",
		RequestHeader: http.Header{"User-Agent": {"forumine/test"}, "Accept-Encoding": {"gzip"}, "Host": {"forum.example.org"}},
		Method:        "GET",
		Proto:         "HTTP/1.1",
		Status:        200,
		StatusText:    "OK",
		Header:        http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Vary": {"Cookie", "Accept-Encoding"}},
		Body:          []byte(fmt.Sprintf("<!doctype html><title>Thread %d</title><p>Bread needs %d hours.\r\n\r\nWARC/1.1\r\n", n, n)),
		RunID:         "run-1",
		Viewer:        "guest",
	}
}

// stored is what reading back gives for what exchange gave.
func stored(e Exchange) Exchange {
	e.Header = e.Header.Clone()
	e.Header.Set("Content-Length", strconv.Itoa(len(e.Body)))
	return e
}

func mustOpen(t *testing.T, dir string, o Options) *Archive {
	t.Helper()
	a, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func mustAppend(t *testing.T, a *Archive, e Exchange) Ref {
	t.Helper()
	ref, err := a.Append(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func mustCheck(t *testing.T, dir string) {
	t.Helper()
	problems, err := Check(t.Context(), dir, nil)
	if err != nil || len(problems) > 0 {
		t.Fatalf("Check: %v, %v", problems, err)
	}
}

// urls lists what After gives.
func urls(t *testing.T, a *Archive, pos Ref) []string {
	t.Helper()
	var all []string
	if err := a.After(t.Context(), pos, func(_ Ref, e Exchange) error {
		all = append(all, e.URL)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRoundTrip(t *testing.T) {
	plain := exchange(1)
	h2 := exchange(2)
	h2.Proto, h2.StatusText = "HTTP/2.0", ""
	empty := exchange(3)
	empty.Body, empty.Status, empty.StatusText = nil, 304, "Not Modified"
	v6 := exchange(4)
	v6.RemoteIP, v6.Truncated = "2001:db8::7", TruncatedDisconnect
	binary := exchange(5)
	binary.Body = []byte{0x1f, 0x8b, 0, 0xff, '\r', '\n', '\r', '\n'}
	binary.Header.Set("Content-Encoding", "gzip")
	page := Exchange{URL: "https://forum.example.org/saved", Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<p>saved")}

	tests := map[string]struct{ give, want Exchange }{
		"plain":           {plain, stored(plain)},
		"HTTP/2":          {h2, stored(h2)},
		"no body":         {empty, empty},
		"IPv6, truncated": {v6, stored(v6)},
		"binary body":     {binary, stored(binary)},
		"saved page":      {page, page},
	}
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ref := mustAppend(t, a, tt.give)
			again, err := ParseRef(ref.String())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []Ref{ref, again} {
				got, err := a.Read(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Body) == 0 {
					got.Body = nil
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("Read(%v): -want +got\n%s", r, d)
				}
			}
		})
	}
	mustCheck(t, dir)
	if got := urls(t, a, Ref{}); len(got) != len(tests) {
		t.Errorf("Walk gave %d captures, want %d", len(got), len(tests))
	}
}

func TestSecretsAreNeverWritten(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	e := exchange(1)
	e.URL = "https://ida:hunter2@forum.example.org/t/1#hunter2"
	e.RequestHeader = http.Header{"cookie": {"sid=hunter2"}, "Authorization": {"hunter2"}, "Proxy-Authorization": {"hunter2"}, "Api-Key": {"hunter2"}, "Referer": {"https://forum.example.org/"}}
	e.Header.Add("Set-Cookie", "sid=hunter2")
	e.Header.Set("Transfer-Encoding", "chunked")
	e.Header.Set("X-Note", "one\r\nSet-Cookie: split=1")
	ref := mustAppend(t, a, e)
	got, err := a.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if got.URL != "https://forum.example.org/t/1" {
		t.Errorf("URL %q", got.URL)
	}
	if got.Header.Get("X-Note") != "one  Set-Cookie: split=1" || got.Header.Get("Set-Cookie") != "" || got.Header.Get("Transfer-Encoding") != "" {
		t.Errorf("response header %v", got.Header)
	}
	f, err := os.Open(filepath.Join(dir, ref.File))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := openMembers(t.Context(), f, 0, fileSize(t, dir, ref.File))
	records := 0
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		records++
		if all := fmt.Sprint(rec.header) + string(rec.block); strings.Contains(all, "hunter2") {
			t.Errorf("a secret was written: %s", all)
		}
	}
	if records != 3 {
		t.Errorf("%d records, want warcinfo, response and request", records)
	}
}

func TestAppendRefuses(t *testing.T) {
	a := mustOpen(t, t.TempDir(), options())
	tests := map[string]func(*Exchange){
		"relative URL":  func(e *Exchange) { e.URL = "/t/1" },
		"other scheme":  func(e *Exchange) { e.URL = "file:///etc/hosts" },
		"status":        func(e *Exchange) { e.Status = 99 },
		"address":       func(e *Exchange) { e.RemoteIP = "192.0.2.7:443" },
		"truncation":    func(e *Exchange) { e.Truncated = "maybe" },
		"run id":        func(e *Exchange) { e.RunID = "a\r\nWARC-Type: x" },
		"split method":  func(e *Exchange) { e.Method = "GET /x" },
		"split reason":  func(e *Exchange) { e.StatusText = "OK\r\nA: b" },
		"endless URL":   func(e *Exchange) { e.URL += strings.Repeat("x", 1<<17) },
		"split in host": func(e *Exchange) { e.URL = "https://a\r\nb/" },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			e := exchange(1)
			change(&e)
			if ref, err := a.Append(t.Context(), e); !errors.Is(err, ErrExchange) {
				t.Errorf("Append gave %v, %v, want ErrExchange", ref, err)
			}
		})
	}
	e := exchange(1)
	e.URL = "https://forum.example.org/t/brød og smør?q=ä\n"
	got, err := a.Read(t.Context(), mustAppend(t, a, e))
	if want := "https://forum.example.org/t/br%C3%B8d%20og%20sm%C3%B8r?q=%C3%A4%0A"; err != nil || got.URL != want {
		t.Errorf("URL %q, %v, want %q", got.URL, err, want)
	}
}

func TestReadNotFound(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	ref := mustAppend(t, a, exchange(1))
	for _, r := range []Ref{
		{},
		{File: fileName(day, 9), Offset: 0},
		{File: ref.File, Offset: 0}, // warcinfo
		{File: ref.File, Offset: ref.Offset + ref.Length}, // request
		{File: ref.File, Offset: ref.Offset + 1<<20},
		{File: ref.File, Offset: -1},
	} {
		if _, err := a.Read(t.Context(), r); !errors.Is(err, ErrNotFound) {
			t.Errorf("Read(%v): %v, want ErrNotFound", r, err)
		}
	}
	if _, err := a.Read(t.Context(), Ref{File: ref.File, Offset: ref.Offset + 3}); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotFound) {
		t.Errorf("Read within a member: %v", err)
	}
}

func TestParseRef(t *testing.T) {
	good := Ref{File: fileName(day, 123456), Offset: 42}
	if got, err := ParseRef(good.String()); err != nil || got != good {
		t.Errorf("ParseRef(%q) = %v, %v", good.String(), got, err)
	}
	if got, err := ParseRef(""); err != nil || !got.IsZero() {
		t.Errorf("the empty reference: %v, %v", got, err)
	}
	for _, s := range []string{"x", "x:1", good.File, good.File + ":", good.File + ":-1", good.File + ":1x",
		"../" + good.File + ":1", "forumine-20260314150926-1.warc.gz:1", "forumine-../../20260314-00001.warc.gz:1"} {
		if got, err := ParseRef(s); !errors.Is(err, ErrRef) {
			t.Errorf("ParseRef(%q) = %v, %v, want ErrRef", s, got, err)
		}
	}
}

func TestRollOver(t *testing.T) {
	dir := t.TempDir()
	o := options()
	o.MaxFileBytes = 2000
	back := day
	o.Now = func() time.Time { back = back.Add(-time.Hour); return back } // a clock that steps back
	a := mustOpen(t, dir, o)
	var want []string
	var refs []Ref
	for n := range 12 {
		refs = append(refs, mustAppend(t, a, exchange(n)))
		want = append(want, exchange(n).URL)
	}
	names, err := listFiles(dir)
	if err != nil || len(names) < 3 {
		t.Fatalf("files %v, %v", names, err)
	}
	if got := urls(t, a, Ref{}); !slices.Equal(got, want) {
		t.Errorf("Walk gave %v", got)
	}
	for n, ref := range refs {
		bare := Ref{File: ref.File, Offset: ref.Offset}
		if got := urls(t, a, bare); !slices.Equal(got, want[n+1:]) {
			t.Errorf("After(%v) gave %v, want %v", ref, got, want[n+1:])
		}
		if e, err := a.Read(t.Context(), ref); err != nil || e.URL != want[n] {
			t.Errorf("Read(%v): %q, %v", ref, e.URL, err)
		}
	}
	mustCheck(t, dir)
}

func TestReopenContinues(t *testing.T) {
	dir := t.TempDir()
	for n := range 3 {
		a := mustOpen(t, dir, options())
		mustAppend(t, a, exchange(n))
		if err := errors.Join(a.Close(), a.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Append(t.Context(), exchange(n)); !errors.Is(err, ErrClosed) {
			t.Errorf("Append after Close: %v", err)
		}
	}
	if names, _ := listFiles(dir); len(names) != 1 {
		t.Errorf("files %v, want one", names)
	}
	o := options()
	o.Software = "forumine/next"
	a := mustOpen(t, dir, o)
	mustAppend(t, a, exchange(3))
	if names, _ := listFiles(dir); len(names) != 2 {
		t.Errorf("files %v, want another for another software", names)
	}
	if got := urls(t, a, Ref{}); len(got) != 4 {
		t.Errorf("%d captures, want 4", len(got))
	}
	mustCheck(t, dir)
}

func TestAfterALostPosition(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	ref := mustAppend(t, a, exchange(1))
	for _, pos := range []Ref{{File: ref.File, Offset: 1 << 30}, {File: fileName(day, 77), Offset: 5}} {
		err := a.After(t.Context(), pos, func(Ref, Exchange) error { return nil })
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("After(%v): %v, want ErrDamaged", pos, err)
		}
	}
}

func TestWalkStopsAtAnError(t *testing.T) {
	a := mustOpen(t, t.TempDir(), options())
	for n := range 3 {
		mustAppend(t, a, exchange(n))
	}
	stop := errors.New("enough")
	seen := 0
	err := a.Walk(t.Context(), func(Ref, Exchange) error { seen++; return stop })
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("Walk: %v after %d", err, seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Walk(ctx, func(Ref, Exchange) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Walk with a cancelled context: %v", err)
	}
	if _, err := a.Append(ctx, exchange(9)); !errors.Is(err, context.Canceled) {
		t.Errorf("Append with a cancelled context: %v", err)
	}
}

func TestReadersBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	o := options()
	o.MaxFileBytes = 20_000
	a := mustOpen(t, dir, o)
	const total = 100
	refs := make(chan Ref, total)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(refs)
		for n := range total {
			ref, err := a.Append(t.Context(), exchange(n))
			if err != nil {
				t.Error(err)
				return
			}
			refs <- ref
		}
	})
	wg.Go(func() {
		n := 0
		for ref := range refs {
			e, err := a.Read(t.Context(), ref)
			if err != nil || e.URL != exchange(n).URL || e.Method != "GET" {
				t.Errorf("Read(%v): %q, %v", ref, e.URL, err)
			}
			n++
		}
	})
	other := mustOpen(t, dir, Options{ReadOnly: true})
	for _, reader := range []*Archive{a, other} {
		wg.Go(func() {
			for seen := 0; seen < total; {
				n := 0
				if err := reader.Walk(t.Context(), func(_ Ref, e Exchange) error {
					if e.URL != exchange(n).URL {
						return fmt.Errorf("capture %d is %s", n, e.URL)
					}
					n++
					return nil
				}); err != nil {
					t.Error(err)
					return
				}
				if n < seen {
					t.Errorf("%d captures, %d before", n, seen)
					return
				}
				if seen = n; t.Failed() {
					return
				}
			}
		})
	}
	wg.Wait()
	if _, err := other.Append(t.Context(), exchange(1)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Append to an archive open for reading: %v", err)
	}
	mustCheck(t, dir)
}
