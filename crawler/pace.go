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

// maxPause is the longest wait that a host, or a failing page, brings about.
const maxPause = 24 * time.Hour

// A host works for us at most a third of the time: the next request waits twice
// as long as requests lately took.
const (
	latencyFactor = 2
	maxLatency    = 30 * time.Second
)

// pacer keeps requests to one slot apart, whatever they are for: pages, robots
// files, redirect hops, retries.
type pacer struct {
	delay time.Duration
	*paces
}

// paces are what crawlers over one store share.
type paces struct {
	mu      sync.Mutex
	delays  map[string]time.Duration // Crawl-delay of a slot, where longer
	latency map[string]time.Duration // of a slot, smoothed
	next    map[string]time.Time
	busy    map[string]chan struct{}
}

func newPacer(delay time.Duration) *pacer {
	return &pacer{delay, &paces{delays: map[string]time.Duration{}, latency: map[string]time.Duration{},
		next: map[string]time.Time{}, busy: map[string]chan struct{}{}}}
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

// done notes the end of a request that took a time, lets the slot go, and gives
// when the slot may be asked again: its gap with up to a tenth of jitter after the
// end.
func (p *pacer) done(slot string, took time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latency[slot] = (3*p.latency[slot] + min(took, maxLatency)) / 4
	d := p.gapOf(slot)
	if d > 0 {
		d += rand.N(d/10 + 1)
	}
	next := time.Now().Add(d)
	p.next[slot] = next
	<-p.busy[slot]
	return next
}

// gapOf is the least time between two requests to a slot: the configured delay,
// the Crawl-delay, or a multiple of the host's latency, whichever is longest. A
// delay of zero, which only hosts of one's own get, asks for no pace at all.
func (p *pacer) gapOf(slot string) time.Duration {
	d := max(p.delay, p.delays[slot])
	if p.delay > 0 {
		d = max(d, latencyFactor*p.latency[slot])
	}
	return d
}

// gap is gapOf for others.
func (p *pacer) gap(slot string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gapOf(slot)
}

// known says that the slot's next time has been waited for already.
func (p *pacer) known(slot string) { p.resume(slot, 0) }

// resume takes over how long a slot that this process has not asked yet is to be
// left alone.
func (p *pacer) resume(slot string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.next[slot]; !ok {
		p.next[slot] = time.Now().Add(max(wait, 0))
	}
}

// crawlDelay takes over a host's Crawl-delay.
func (p *pacer) crawlDelay(slot string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delays[slot] = d
}

// atLeast sets the least time between two requests to a slot for a crawl that has
// none of its own.
func (p *pacer) atLeast(slot string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.delay == 0 {
		p.delays[slot] = max(p.delays[slot], d)
	}
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

// wait is how long the slot is to be left alone.
func (p *pacer) wait(slot string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, time.Until(p.next[slot]))
}
