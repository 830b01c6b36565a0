package crawler

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

// A slot that is taken stays so until the request is done, whoever asks.
func TestPacerGivesASlotToOneRequest(t *testing.T) {
	p := newPacer(0)
	if err := p.take(t.Context(), "forum.example:80"); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.take(ended, "forum.example:80"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a slot in use was given again: %v", err)
	}
	if err := p.take(t.Context(), "other.example:80"); err != nil {
		t.Fatalf("another slot was held up: %v", err)
	}
	p.done("forum.example:80", 0)
	if err := p.take(t.Context(), "forum.example:80"); err != nil {
		t.Fatalf("a slot that is free was refused: %v", err)
	}
}

// The next request waits for the delay, and a wait that is cancelled lets the
// slot go.
func TestPacerWaits(t *testing.T) {
	p := newPacer(time.Hour)
	if err := p.take(t.Context(), "a:80"); err != nil {
		t.Fatal(err)
	}
	if next := p.done("a:80", 0); time.Until(next) < 50*time.Minute {
		t.Errorf("the next request may come at %s", next)
	}
	for range 2 {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.take(ended, "a:80"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the end of the wait", err)
		}
	}
	if len(p.busy["a:80"]) != 0 {
		t.Error("a cancelled wait keeps the slot")
	}
}

// The gap is the longest of the configured delay, the Crawl-delay and twice the
// host's latency; a delay of zero asks for none.
func TestPacerGap(t *testing.T) {
	ask := func(p *pacer, took time.Duration, times int) time.Duration {
		for range times {
			if err := p.take(t.Context(), "a:80"); err != nil {
				t.Fatal(err)
			}
			p.done("a:80", took)
			p.next["a:80"] = time.Time{} // without the wait
		}
		return p.gap("a:80")
	}
	p := newPacer(time.Second)
	if d := ask(p, 100*time.Millisecond, 20); d != time.Second {
		t.Errorf("of a quick host the gap is %s, want the delay", d)
	}
	if d := ask(p, 4*time.Second, 40); d < 7*time.Second || d > 8*time.Second {
		t.Errorf("of a slow host the gap is %s, want twice its latency", d)
	}
	p.crawlDelay("a:80", 20*time.Second)
	if d := p.gap("a:80"); d != 20*time.Second {
		t.Errorf("the gap is %s, want the Crawl-delay", d)
	}
	if d := ask(p, time.Hour, 40); d > 2*maxLatency {
		t.Errorf("one slow answer makes the gap %s", d)
	}
	if d := ask(newPacer(0), time.Second, 5); d != 0 {
		t.Errorf("without a delay the gap is %s", d)
	}
}

// What an earlier process knew of a slot holds for the first request only: later
// ones have their own.
func TestPacerResumes(t *testing.T) {
	p := newPacer(time.Second)
	p.resume("a:80", time.Hour)
	p.resume("a:80", 0)
	if d := p.wait("a:80"); d < 50*time.Minute {
		t.Errorf("the slot waits %s, want an hour", d)
	}
}

// Retry-After is seconds or a date in any form of HTTP; what is neither, or past,
// names no time.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "0": 0, "Fri, 01 May 2026 09:30:00 GMT": 90 * time.Minute, "Friday, 01-May-26 08:00:30 GMT": 30 * time.Second,
		"Fri May  1 08:01:00 2026": time.Minute, "": -1, "soon": -1, "-5": -1, "1.5": -1, "99999999999": -1,
	} {
		got, ok := retryAfter(http.Header{"Retry-After": {value}}, now)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %s, %v; want %s", value, got, ok, want)
		}
	}
	if got, _ := retryAfter(http.Header{"Retry-After": {"Thu, 30 Apr 2026 08:00:00 GMT"}}, now); got >= 0 {
		t.Errorf("a date that is past names %s", got)
	}
}
