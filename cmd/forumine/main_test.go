package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
)

// asProgram makes the test binary behave as forumine itself, for the tests that
// send it signals.
const asProgram = "FORUMINE_TEST_AS_PROGRAM"

// demoNow is the moment at which the tests look at the demo forum.
var demoNow = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// serveDemo serves the demo forum on loopback until the test ends.
func serveDemo(t *testing.T) (*demoforum.Forum, string) {
	t.Helper()
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server.URL + "/"
}

// outcome of one command line.
type ran struct {
	code        int
	out, stderr string
}

// forumine carries out one command line in this process.
func forumine(t *testing.T, args ...string) ran {
	t.Helper()
	var out, stderr bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &out, &stderr)
	return ran{code, out.String(), stderr.String()}
}

// succeed carries out a command line that has to succeed and gives its output.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	r := forumine(t, args...)
	if r.code != exitOK {
		t.Fatalf("forumine %s: exit status %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.stderr)
	}
	return r.out
}

// crawlLocal crawls an address on loopback into a data folder.
func crawlLocal(t *testing.T, data, url string, more ...string) string {
	t.Helper()
	return succeed(t, append([]string{"crawl", url, "--data", data, "--allow-private", "--delay", "0"}, more...)...)
}

// document is an exported document.
type document = map[string]any

// export gives every document of a data folder.
func export(t *testing.T, data string, more ...string) []document {
	t.Helper()
	var docs []document
	for line := range strings.Lines(succeed(t, append([]string{"export", "--data", data}, more...)...)) {
		var d document
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("reading an exported line: %v\n%s", err, line)
		}
		docs = append(docs, d)
	}
	return docs
}

func ofKind(docs []document, kind string) []document {
	var out []document
	for _, d := range docs {
		if d["doc_kind"] == kind {
			out = append(out, d)
		}
	}
	return out
}

// at gives a value of a document by its path, nil where there is none.
func at(d document, path string) any {
	var v any = d
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func str(d document, path string) string { s, _ := at(d, path).(string); return s }

func num(d document, path string) int { n, _ := at(d, path).(float64); return int(n) }

func list(d document, path string) []document {
	items, _ := at(d, path).([]any)
	out := make([]document, 0, len(items))
	for _, it := range items {
		m, _ := it.(map[string]any)
		out = append(out, m)
	}
	return out
}

func strs(d document, path string) []string {
	items, _ := at(d, path).([]any)
	out := make([]string, 0, len(items))
	for _, it := range items {
		s, _ := it.(string)
		out = append(out, s)
	}
	return out
}

// words folds white space.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestRunReportsCancellation(t *testing.T) {
	_, url := serveDemo(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, stderr bytes.Buffer
	code := run(ctx, []string{"crawl", url, "--data", t.TempDir(), "--allow-private"}, strings.NewReader(""), &out, &stderr)
	if code != exitFailed || !strings.Contains(out.String()+stderr.String(), "stopped") {
		t.Errorf("exit status %d, want %d and the word stopped\n%s%s", code, exitFailed, out.String(), stderr.String())
	}
}
