package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Outbox is the durable queue that a Sender empties. Its rows survive the
// process; a row leaves it only through Acknowledge or DeadLetter.
type Outbox interface {
	// Pending gives the oldest documents whose Seq is greater than after, in the
	// order of Seq: at most limit of them and, after the first, at most maxBytes
	// of bodies.
	Pending(ctx context.Context, after int64, limit, maxBytes int) ([]Document, error)
	// Acknowledge removes the rows whose verdict is Stored or Stale, each named
	// by ID and Version.
	Acknowledge(ctx context.Context, verdicts []Verdict) error
	// DeadLetter moves the rows whose verdict is Refused to the dead letters,
	// with their reason.
	DeadLetter(ctx context.Context, verdicts []Verdict) error
}

// SenderOptions shapes a Sender. A zero field takes its default.
type SenderOptions struct {
	MaxDocs  int           // documents a delivery; 1,000
	MaxBytes int           // bytes of bodies a delivery; 5 MB
	InFlight int           // deliveries under way at once; 1
	Linger   time.Duration // how long Run waits for a small delivery to fill; 2 s
	MinPause time.Duration // upper bound of the first pause after a failure; 1 s
	MaxPause time.Duration // upper bound of any pause; 1 min
	Log      *slog.Logger  // silent when nil

	Now   func() time.Time                           // the clock
	Sleep func(context.Context, time.Duration) error // ends early with the context's error
	Rand  func() float64                             // in [0,1), for the jitter
}

func (o SenderOptions) withDefaults() SenderOptions {
	o.MaxDocs = orDefault(o.MaxDocs, 1000)
	o.MaxBytes = orDefault(o.MaxBytes, 5_000_000)
	o.InFlight = orDefault(o.InFlight, 1)
	o.Linger = orDefault(o.Linger, 2*time.Second)
	o.MinPause = orDefault(o.MinPause, time.Second)
	o.MaxPause = orDefault(o.MaxPause, time.Minute)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	return o
}

func orDefault[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// SenderState says what a Sender is doing.
type SenderState string

// The states of a Sender.
const (
	SenderIdle    SenderState = "idle"    // nothing to send
	SenderSending SenderState = "sending" // delivering
	SenderWaiting SenderState = "waiting" // the index is away or under pressure; trying again later
	SenderStopped SenderState = "stopped" // a person has to act
)

// SenderStats is a snapshot of a Sender. The counters add up:
// Sent = Stored + Stale + Retried + Dead, and the rows that left the outbox are
// Stored + Stale + Dead + Coalesced.
type SenderStats struct {
	Sent      int64 // documents handed to the sink, repeats included
	Stored    int64 // acknowledged as written
	Stale     int64 // acknowledged because the index was ahead
	Retried   int64 // handed over without a final verdict: they go again
	Dead      int64 // moved to the dead letters
	Coalesced int64 // never sent: a newer version of the document went instead

	State     SenderState
	LastError string    // why it waits or stopped; empty while all is well
	Since     time.Time // since when it waits; zero while all is well
	Failures  int       // failures in a row, since the index last took a document
	NextTry   time.Time // when a waiting sender tries again
}

// Sender takes documents from an Outbox to a Sink and settles each by its
// verdict. Up to SenderOptions.InFlight deliveries are under way at once, each
// with rows of its own. Its methods may be called from several goroutines.
type Sender struct {
	outbox Outbox
	sink   Sink
	opt    SenderOptions
	wake   chan struct{}
	turn   sync.Mutex // one round at a time

	mu     sync.Mutex // guards what follows
	stats  SenderStats
	limit  int // documents a delivery: halves under pressure, grows back
	window int // deliveries at once: likewise
}

// NewSender makes a Sender; it sends nothing until Run or Drain is called.
func NewSender(outbox Outbox, sink Sink, opt SenderOptions) *Sender {
	opt = opt.withDefaults()
	return &Sender{
		outbox: outbox, sink: sink, opt: opt,
		wake:  make(chan struct{}, 1),
		stats: SenderStats{State: SenderIdle},
		limit: opt.MaxDocs, window: opt.InFlight,
	}
}

// Wake tells a running Sender that the outbox has rows. It never blocks.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Stats is a snapshot of counters and state.
func (s *Sender) Stats() SenderStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Run sends until the context ends, which is not an error: what is left stays
// in the outbox. It starts with the rows of earlier runs, then waits for Wake.
// It returns early with ErrStop when the sink asks for a person, and with the
// outbox's error when that fails.
func (s *Sender) Run(ctx context.Context) error {
	for {
		err := s.empty(ctx, s.opt.Linger)
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		}
	}
}

// Drain sends until the outbox is empty. Errors are those of Run, and the
// context's when it ends first.
func (s *Sender) Drain(ctx context.Context) error { return s.empty(ctx, 0) }

// empty sends round after round until nothing is pending. A small delivery
// waits once, so that it may fill, for linger at most.
func (s *Sender) empty(ctx context.Context, linger time.Duration) error {
	for {
		again, pause, err := s.round(ctx, linger)
		if err != nil || !again {
			return err
		}
		switch {
		case pause < 0: // small
			err, linger = s.fill(ctx, linger), 0
		case pause > 0:
			err = s.opt.Sleep(ctx, pause)
		}
		if err != nil {
			return err
		}
	}
}

// looks is how often a delivery is looked at while it fills.
const looks = 20

// fill waits until the next delivery is full, for linger at most.
func (s *Sender) fill(ctx context.Context, linger time.Duration) error {
	for range looks {
		if err := s.opt.Sleep(ctx, linger/looks); err != nil {
			return err
		}
		if full, err := s.isFull(ctx); full || err != nil {
			return err
		}
	}
	return nil
}

// isFull tells whether the outbox has rows for a whole delivery, by the numbers of
// its rows: they rise by one.
func (s *Sender) isFull(ctx context.Context) (bool, error) {
	first, err := s.next(ctx, 0, 1)
	if err != nil || len(first) == 0 {
		return false, err
	}
	more, err := s.next(ctx, first[0].Seq+int64(s.batchLimit())-2, 1)
	return len(more) > 0, err
}

// isSmall tells whether a delivery would gain from waiting for more rows.
func (s *Sender) isSmall(docs []Document) bool {
	size := 0
	for _, d := range docs {
		size += len(d.Body)
	}
	return len(docs) < s.batchLimit() && size < s.opt.MaxBytes/2
}

func (s *Sender) deliver(ctx context.Context, docs []Document) (time.Duration, error) {
	newest, older := coalesce(docs)
	verdicts, err := s.sink.Deliver(ctx, newest)
	if err == nil {
		err = checkVerdicts(newest, verdicts)
	}
	if err != nil {
		s.count(func(st *SenderStats) { st.Sent += int64(len(newest)); st.Retried += int64(len(newest)) })
		return s.whole(ctx, err)
	}
	return s.settle(ctx, verdicts, older)
}

// whole handles an error that left all documents of a delivery without verdict.
func (s *Sender) whole(ctx context.Context, err error) (time.Duration, error) {
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case errors.Is(err, ErrUnavailable):
		return s.backOff(err.Error(), 1), nil
	}
	s.mu.Lock()
	s.stats.State, s.stats.LastError = SenderStopped, err.Error()
	s.mu.Unlock()
	return 0, fmt.Errorf("delivering documents: %w", err)
}

// settle takes the verdicts to the outbox. An older version of a document goes
// with the newest one once that is in the index, and only then: if the newest
// is refused, the older one is still pending and gets its own delivery.
func (s *Sender) settle(ctx context.Context, verdicts []Verdict, older map[docID][]Document) (time.Duration, error) {
	var acks, dead []Verdict
	var d SenderStats
	reason := ""
	for _, v := range verdicts {
		switch v.Result {
		case Stored, Stale:
			acks = append(acks, v)
			old := older[docID(v.ID)]
			for _, o := range old {
				acks = append(acks, Verdict{ID: o.ID, Version: o.Version, Result: Stale})
			}
			d.Coalesced += int64(len(old))
			d.Stored += btoi(v.Result == Stored)
			d.Stale += btoi(v.Result == Stale)
		case Refused:
			dead = append(dead, v)
			d.Dead++
		default:
			d.Retried++
			reason = v.Reason
		}
	}
	d.Sent = int64(len(verdicts))
	if err := s.write(ctx, acks, dead); err != nil {
		s.count(func(st *SenderStats) { st.Sent += d.Sent; st.Retried += d.Sent })
		return 0, err
	}
	s.count(func(st *SenderStats) { st.add(d) })
	if d.Retried > 0 {
		// Deliveries stay large enough to reach the documents behind those that
		// are held up: one index may be blocked while the others are well.
		s.progress(d.Sent > d.Retried)
		return s.backOff(reason, max(s.opt.MaxDocs/10, 1)), nil
	}
	s.recover()
	return 0, nil
}

func (s *Sender) write(ctx context.Context, acks, dead []Verdict) error {
	if len(acks) > 0 {
		if err := s.outbox.Acknowledge(ctx, acks); err != nil {
			return fmt.Errorf("acknowledging documents: %w", err)
		}
	}
	if len(dead) == 0 {
		return nil
	}
	if err := s.outbox.DeadLetter(ctx, dead); err != nil {
		return fmt.Errorf("moving documents to the dead letters: %w", err)
	}
	for _, v := range dead {
		s.opt.Log.Warn("the index refused a document for good; it is among the dead letters",
			"id", v.ID, "version", v.Version, "reason", v.Reason)
	}
	return nil
}

// progress has pauses grow anew where an index took some of a delivery: it is
// busy, not away.
func (s *Sender) progress(some bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if some {
		s.stats.Failures = 0
	}
}

// backOff notes a failure that may pass, halves the deliveries, though not below
// least, and gives the pause before the next one: exponential with full jitter.
func (s *Sender) backOff(reason string, least int) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Now()
	if s.stats.Since.IsZero() {
		s.stats.Since = now
		s.opt.Log.Warn("the index takes no documents for now; they stay in the outbox and are sent again", "reason", reason)
	}
	bound := min(s.opt.MaxPause, s.opt.MinPause<<min(s.stats.Failures, 16))
	if bound <= 0 { // shifted out of range
		bound = s.opt.MaxPause
	}
	pause := time.Duration(s.opt.Rand() * float64(bound))
	s.limit = max(s.limit/2, min(s.limit, least))
	s.window = max(s.window/2, 1)
	s.stats.Failures++
	s.stats.State, s.stats.LastError, s.stats.NextTry = SenderWaiting, reason, now.Add(pause)
	return pause
}

// recover notes a delivery without failure and lets deliveries grow again.
func (s *Sender) recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stats.Since.IsZero() {
		s.opt.Log.Info("the index takes documents again", "after", s.opt.Now().Sub(s.stats.Since))
	}
	s.limit = min(s.limit+max(s.opt.MaxDocs/10, 1), s.opt.MaxDocs)
	s.window = min(s.window+1, s.opt.InFlight)
	s.stats.Failures, s.stats.LastError = 0, ""
	s.stats.Since, s.stats.NextTry = time.Time{}, time.Time{}
}

func (s *Sender) batchLimit() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit
}

func (s *Sender) windowSize() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.window
}

func (s *Sender) setState(state SenderState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.State = state
}

func (s *Sender) count(f func(*SenderStats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.stats)
}

func (st *SenderStats) add(d SenderStats) {
	st.Sent += d.Sent
	st.Stored += d.Stored
	st.Stale += d.Stale
	st.Retried += d.Retried
	st.Dead += d.Dead
	st.Coalesced += d.Coalesced
}

func btoi(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

type docID string

// coalesce keeps the newest version of each document, in the order in which the
// documents first appear, and gives the older versions by id.
func coalesce(docs []Document) (newest []Document, older map[docID][]Document) {
	newest = make([]Document, 0, len(docs))
	older = map[docID][]Document{}
	at := make(map[docID]int, len(docs))
	for _, d := range docs {
		id := docID(d.ID)
		i, seen := at[id]
		if !seen {
			at[id] = len(newest)
			newest = append(newest, d)
			continue
		}
		if d.Version > newest[i].Version {
			d, newest[i] = newest[i], d
		}
		older[id] = append(older[id], d)
	}
	return newest, older
}

// checkVerdicts holds a sink to its word: one verdict a document, in order.
func checkVerdicts(docs []Document, verdicts []Verdict) error {
	if len(docs) != len(verdicts) {
		return fmt.Errorf("reading verdicts: the sink gave %d for %d documents", len(verdicts), len(docs))
	}
	for i, v := range verdicts {
		if v.ID != docs[i].ID || v.Version != docs[i].Version {
			return fmt.Errorf("reading verdicts: number %d is for %s version %d, not for %s version %d",
				i, v.ID, v.Version, docs[i].ID, docs[i].Version)
		}
		switch v.Result {
		case Stored, Stale, Retry, Refused:
		default:
			return fmt.Errorf("reading verdicts: number %d says %q", i, v.Result)
		}
	}
	return nil
}
