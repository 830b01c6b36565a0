package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// siteLines shows a study on a terminal: one line a site, below the log. It is
// the log's writer too, so that the two do not write over one another. Where no
// terminal is, it hands the log on and shows nothing.
type siteLines struct {
	out   io.Writer
	width int
	tty   bool

	mu    sync.Mutex
	shown int    // lines that stand below the log
	text  string // that is shown
}

func newSiteLines(s streams) *siteLines {
	l := &siteLines{out: s.err}
	l.width, l.tty = terminal(s)
	return l
}

// Write writes to the log.
func (l *siteLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown == 0 {
		return l.out.Write(p)
	}
	l.erase()
	n, err := l.out.Write(p)
	l.draw()
	return n, err
}

// follow shows how a study goes until the function that it gives is called.
func (l *siteLines) follow(r *runner) (stop func()) {
	if !l.tty {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			l.show(r.lines(ctx))
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return sync.OnceFunc(func() {
		cancel()
		wg.Wait()
		l.show(nil)
	})
}

// show replaces the lines.
func (l *siteLines) show(lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(cutTo(line, l.width-1) + "\n")
	}
	if b.String() == l.text {
		return
	}
	l.erase()
	l.text = b.String()
	l.draw()
}

// erase takes the lines away: up to the first of them, and everything below.
func (l *siteLines) erase() {
	if l.shown > 0 {
		fmt.Fprintf(l.out, "\x1b[%dA\x1b[J", l.shown)
		l.shown = 0
	}
}

func (l *siteLines) draw() {
	fmt.Fprint(l.out, l.text)
	l.shown = strings.Count(l.text, "\n")
}

// cutTo cuts a line to a width; widths that are not known cut nothing.
func cutTo(line string, width int) string {
	if width < 4 || utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-1]) + "…"
}

// lines says how the study goes, one line a site: pages, posts, new ones, rate,
// what it waits for, or when it is next.
func (r *runner) lines(ctx context.Context) []string {
	active := r.runs()
	planned, _, _ := r.tally()
	now := r.clock.Now()
	wide := 0
	for _, s := range r.cfg.Sites {
		wide = max(wide, len(s.Name))
	}
	out := make([]string, 0, len(r.cfg.Sites))
	for _, s := range r.cfg.Sites {
		text := "no run under way"
		if a, ok := active[s.Name]; ok {
			text = r.activeLine(ctx, a, now)
		} else if at, ok := planned[s.Name]; ok && at.After(now) {
			text = "next " + at.Local().Format("Jan 2 15:04")
		}
		out = append(out, fmt.Sprintf("%-*s  %s", wide, s.Name, text))
	}
	return out
}

func (r *runner) activeLine(ctx context.Context, a activeRun, now time.Time) string {
	n := a.crawler.Stats()
	parts := []string{fmt.Sprintf("%d pages", n.Pages), fmt.Sprintf("%d posts", n.Posts)}
	if run, err := r.p.store.RunByID(ctx, a.run); err == nil {
		parts = append(parts, fmt.Sprintf("%d new", run.Counts["posts_new"]))
	}
	if took := now.Sub(a.since); took > time.Second {
		parts = append(parts, fmt.Sprintf("%.1f pages/s", float64(n.Pages)/took.Seconds()))
	}
	until := a.waits
	if n.WaitUntil.After(until) {
		until = n.WaitUntil
	}
	if wait := until.Sub(now); wait > time.Second {
		text := "waits " + wait.Round(time.Second).String()
		if n.Host != "" {
			text += " for " + n.Host
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}
