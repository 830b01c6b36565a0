package crawler

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The pauses that a host's own word asks for (429 and 503): a minute where it
// names no time, doubled each time in a row, at most a day.
const (
	firstPause = time.Minute
	maxPause   = 24 * time.Hour
)

// pacer keeps requests to one slot apart, whatever they are for: pages, robots
// files, redirect hops, retries.
type pacer struct {
	mu      sync.Mutex
	delay   time.Duration
	delays  map[string]time.Duration // Crawl-delay of a slot, where longer
	next    map[string]time.Time
	strikes map[string]int // 429s and 503s in a row
	busy    map[string]chan struct{}
}

func newPacer(delay time.Duration) *pacer {
	return &pacer{delay: delay, delays: map[string]time.Duration{}, next: map[string]time.Time{}, strikes: map[string]int{}, busy: map[string]chan struct{}{}}
}

// take blocks until the slot may be asked again, and keeps it for one request,
// until done: a redirect or a robots file may lead a worker to a slot whose lease
// another worker has.
func (p *pacer) take(ctx context.Context, slot string) error {
	p.mu.Lock()
	turn := p.busy[slot]
	if turn == nil {
		turn = make(chan struct{}, 1)
		p.busy[slot] = turn
	}
	p.mu.Unlock()
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := p.rest(ctx, slot); err != nil {
		<-turn
		return err
	}
	return nil
}

// rest waits for the slot's next time.
func (p *pacer) rest(ctx context.Context, slot string) error {
	p.mu.Lock()
	d := time.Until(p.next[slot])
	p.mu.Unlock()
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// done notes the end of a request, lets the slot go, and gives when the slot may be asked again:
// the delay with up to a tenth of jitter after the end.
func (p *pacer) done(slot string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := max(p.delay, p.delays[slot])
	if d > 0 {
		d += rand.N(d/10 + 1)
	}
	next := time.Now().Add(d)
	p.next[slot] = next
	<-p.busy[slot]
	return next
}

// crawlDelay takes over a host's Crawl-delay.
func (p *pacer) crawlDelay(slot string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delays[slot] = d
}

// strike gives the pause after another 429 or 503.
func (p *pacer) strike(slot string, header http.Header, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strikes[slot]++
	if d, ok := retryAfter(header, now); ok {
		return min(max(d, time.Second), maxPause)
	}
	return min(firstPause<<min(p.strikes[slot]-1, 16), maxPause)
}

func (p *pacer) forgive(slot string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.strikes, slot)
}

// retryAfter reads the header of RFC 9110 §10.2.3: seconds or a date.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(header.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if secs, err := strconv.ParseInt(v, 10, 64); err == nil && secs >= 0 && secs < 1<<31 {
		return time.Duration(secs) * time.Second, true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	return at.Sub(now), true
}

// Slot names what is asked one request at a time: a host and its port, with a
// leading "www." folded away.
func Slot(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") + ":" + port
}

// nextAt is when the slot may be asked again.
func (p *pacer) nextAt(slot string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next[slot]
}
