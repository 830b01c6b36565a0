package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"forumine/crawler"

	"golang.org/x/term"
)

// progress shows that work goes on: one line on a terminal, a log line now and
// then elsewhere.
type progress struct {
	s     streams
	p     *pipeline
	c     *crawler.Crawler // nil for reading the archive again
	tty   bool
	width int
	start time.Time
	stop  chan struct{}
	done  sync.WaitGroup
	mu    sync.Mutex
	steps int
}

// The pauses between two showings.
const (
	redrawEvery = 250 * time.Millisecond
	logEvery    = 10 * time.Second
)

func newProgress(s streams, p *pipeline, c *crawler.Crawler) *progress {
	b := &progress{s: s, p: p, c: c, start: time.Now(), stop: make(chan struct{})}
	b.width, b.tty = terminal(s)
	b.done.Add(1)
	go b.loop()
	return b
}

// terminal tells whether a person looks at standard error, and how wide that is;
// 0 where the width is not known.
func terminal(s streams) (width int, ok bool) {
	f, isFile := s.err.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) || inCI() || *s.jsonLog {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return width, true
}

func (b *progress) loop() {
	defer b.done.Done()
	every := logEvery
	if b.tty {
		every = redrawEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
			b.show()
		}
	}
}

// step counts one page of a reading without a crawler.
func (b *progress) step() {
	b.mu.Lock()
	b.steps++
	b.mu.Unlock()
}

func (b *progress) show() {
	line := b.line()
	if !b.tty {
		b.p.log.Info("progress", "state", line)
		return
	}
	if b.width > 4 && len(line) > b.width-1 {
		line = line[:b.width-2] + "…"
	}
	fmt.Fprintf(b.s.err, "\r\x1b[K%s", line)
}

func (b *progress) line() string {
	if b.c == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		return fmt.Sprintf("%d pages read again", b.steps)
	}
	n := b.c.Stats()
	secs := time.Since(b.start).Seconds()
	parts := []string{fmt.Sprintf("%d pages", n.Pages), fmt.Sprintf("%d posts", n.Posts), fmt.Sprintf("%.1f pages/s", float64(n.Pages)/max(secs, 0.001))}
	if queue, err := b.p.store.QueueSize(context.Background()); err == nil {
		parts = append(parts, fmt.Sprintf("%d queued", queue))
	}
	if b.p.valve.isClosed() {
		parts = append(parts, "held back, the outbox is full")
	}
	if b.p.sender.Stats().LastError != "" {
		parts = append(parts, "index: "+b.p.sender.Stats().LastError)
	}
	if wait := time.Until(n.WaitUntil); wait > time.Second {
		parts = append(parts, fmt.Sprintf("waiting %s for %s", wait.Round(time.Second), n.Host))
	} else if n.Host != "" {
		parts = append(parts, n.Host)
	}
	return strings.Join(parts, " · ")
}

// end clears the line.
func (b *progress) end() {
	close(b.stop)
	b.done.Wait()
	if b.tty {
		fmt.Fprint(b.s.err, "\r\x1b[K")
	}
}
