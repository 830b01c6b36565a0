package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler"
)

// TestSiteLines draws lines below a log and reads back what a terminal would
// show.
func TestSiteLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := &siteLines{out: &out, width: 20, tty: true}
	say := func(s string) {
		if _, err := l.Write([]byte(s + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	say("log 1")
	l.show([]string{"a  1 page", "b  a line that is longer than the terminal"})
	say("log 2")
	l.show([]string{"a  2 pages", "b  done"})
	if got, want := screen(t, out.String()), "log 1\nlog 2\na  2 pages\nb  done\n"; got != want {
		t.Errorf("the terminal shows %q, want %q", got, want)
	}
	if !strings.Contains(out.String(), "b  a line that is …\n") {
		t.Errorf("the long line is not cut: %q", out.String())
	}
	l.show(nil)
	say("log 3")
	if got, want := screen(t, out.String()), "log 1\nlog 2\nlog 3\n"; got != want {
		t.Errorf("at the end the terminal shows %q, want %q", got, want)
	}
}

// screen is what a terminal shows that knows two escapes: up, and erase below.
func screen(t *testing.T, s string) string {
	t.Helper()
	var lines []string
	for s != "" {
		if rest, ok := strings.CutPrefix(s, "\x1b["); ok {
			var up int
			for rest[0] != 'A' {
				up, rest = 10*up+int(rest[0]-'0'), rest[1:]
			}
			s, ok = strings.CutPrefix(rest[1:], "\x1b[J")
			if !ok || up > len(lines) {
				t.Fatalf("unknown escape before %q", s)
			}
			lines = lines[:len(lines)-up]
			continue
		}
		line, rest, _ := strings.Cut(s, "\n")
		lines, s = append(lines, line), rest
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestLinesOfAStudy reads the line of a site that waits for its run, of one that
// is crawled and of one whose host is waited for.
func TestLinesOfAStudy(t *testing.T) {
	t.Parallel()
	cfg, err := study.Parse([]byte("defaults: {allow_private: true}\nsites: [{name: a, start: http://127.0.0.1:1/}, {name: long, start: http://127.0.0.1:2/}]\n"))
	noError(t, err)
	cfg.In(t.TempDir())
	clock := &simClock{now: demoNow, workers: 9}
	r, err := openRunner(t.Context(), cfg, runnerOptions{clock: clock, log: slog.New(slog.DiscardHandler)})
	noError(t, err)
	r.begin(cfg.Sites[0], 1, crawler.New(r.p.store, r.p.archive, nil, r.p.reader, crawler.Options{Beside: r.root}))
	r.plan(cfg.Sites[1], demoNow.Add(24*time.Hour))
	clock.now = demoNow.Add(10 * time.Second)
	got := r.lines(t.Context())
	if got[0] != "a     0 pages · 0 posts · 0.0 pages/s" || !strings.HasPrefix(got[1], "long  next Jun 16 ") {
		t.Errorf("the lines are %q", got)
	}
	r.note(cfg.Sites[0], clock.now.Add(90*time.Second))
	if got := r.lines(t.Context()); !strings.HasSuffix(got[0], " · waits 1m30s") {
		t.Errorf("while it waits: %q", got[0])
	}
	noError(t, r.close())
}
