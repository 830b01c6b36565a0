package index_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"forumine/index"
)

// memOutbox is an outbox in memory. Rows leave it as the contract says.
type memOutbox struct {
	mu     sync.Mutex
	rows   []index.Document
	seq    int64
	dead   []index.Verdict
	left   []string // id@version in the order of leaving
	failOn string   // method that fails
}

func (o *memOutbox) add(docs ...index.Document) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range docs {
		o.seq++
		d.Seq = o.seq
		o.rows = append(o.rows, d)
	}
}

func (o *memOutbox) Pending(_ context.Context, after int64, limit, maxBytes int) ([]index.Document, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failOn == "Pending" {
		return nil, errors.New("disk on fire")
	}
	var out []index.Document
	size := 0
	for _, d := range o.rows {
		if d.Seq <= after {
			continue
		}
		if len(out) == limit || len(out) > 0 && size+len(d.Body) > maxBytes {
			break
		}
		out, size = append(out, d), size+len(d.Body)
	}
	return out, nil
}

func (o *memOutbox) remove(vs []index.Verdict) {
	for _, v := range vs {
		for i, d := range o.rows {
			if d.ID == v.ID && d.Version == v.Version {
				o.rows = append(o.rows[:i:i], o.rows[i+1:]...)
				o.left = append(o.left, fmt.Sprintf("%s@%d", v.ID, v.Version))
				break
			}
		}
	}
}

func (o *memOutbox) Acknowledge(_ context.Context, vs []index.Verdict) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failOn == "Acknowledge" {
		return errors.New("disk on fire")
	}
	for _, v := range vs {
		if v.Result != index.Stored && v.Result != index.Stale {
			return fmt.Errorf("acknowledged %v", v)
		}
	}
	o.remove(vs)
	return nil
}

func (o *memOutbox) DeadLetter(_ context.Context, vs []index.Verdict) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, v := range vs {
		if v.Result != index.Refused {
			return fmt.Errorf("dead-lettered %v", v)
		}
	}
	o.dead = append(o.dead, vs...)
	o.remove(vs)
	return nil
}

// scriptSink answers each delivery with the next script; past the last one it
// stores. It keeps the greatest version, as an index does.
type scriptSink struct {
	mu      sync.Mutex
	script  []func([]index.Document) ([]index.Verdict, error)
	batches [][]string
	have    map[string]int64
}

func (s *scriptSink) Deliver(_ context.Context, docs []index.Document) ([]index.Verdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, d := range docs {
		names = append(names, fmt.Sprintf("%s@%d", d.ID, d.Version))
	}
	s.batches = append(s.batches, names)
	if n := len(s.batches) - 1; n < len(s.script) {
		return s.script[n](docs)
	}
	return s.store(docs), nil
}

func (s *scriptSink) store(docs []index.Document) []index.Verdict {
	var out []index.Verdict
	for _, d := range docs {
		v := index.Verdict{ID: d.ID, Version: d.Version, Result: index.Stored}
		if have, ok := s.have[d.ID]; ok && have >= d.Version {
			v.Result = index.Stale
		} else {
			s.have[d.ID] = d.Version
		}
		out = append(out, v)
	}
	return out
}

func (s *scriptSink) Close() error { return nil }

// unavailable is a delivery that fails as a whole.
func unavailable([]index.Document) ([]index.Verdict, error) {
	return nil, fmt.Errorf("%w: connection refused", index.ErrUnavailable)
}

// verdicts answers by id: the given results, else stored.
func (s *scriptSink) verdicts(by map[string]index.Result) func([]index.Document) ([]index.Verdict, error) {
	return func(docs []index.Document) ([]index.Verdict, error) {
		var out []index.Verdict
		for _, d := range docs {
			if r, ok := by[d.ID]; ok {
				out = append(out, index.Verdict{ID: d.ID, Version: d.Version, Result: r, Reason: "scripted"})
				continue
			}
			out = append(out, s.store([]index.Document{d})...)
		}
		return out, nil
	}
}

func doc(id string, version int64) index.Document {
	return index.Document{ID: id, Version: version, Body: []byte(`{"n":1}`)}
}

// bench is a sender with everything injected. Sleeps return at once and are
// noted.
type bench struct {
	outbox *memOutbox
	sink   *scriptSink
	sender *index.Sender
	pauses []time.Duration
	log    bytes.Buffer
	now    time.Time
}

func newBench(opt index.SenderOptions) *bench {
	b := &bench{outbox: &memOutbox{}, sink: &scriptSink{have: map[string]int64{}}, now: time.Unix(1_700_000_000, 0)}
	opt.Log = slog.New(slog.NewTextHandler(&b.log, nil))
	opt.Now = func() time.Time { return b.now }
	opt.Rand = func() float64 { return 0.5 }
	if opt.Sleep == nil {
		opt.Sleep = func(ctx context.Context, d time.Duration) error {
			b.pauses = append(b.pauses, d)
			b.now = b.now.Add(d)
			return ctx.Err()
		}
	}
	b.sender = index.NewSender(b.outbox, b.sink, opt)
	return b
}

func (b *bench) drain(t *testing.T) {
	t.Helper()
	if err := b.sender.Drain(t.Context()); err != nil {
		t.Fatalf("Drain: %v", err)
	}
	if len(b.outbox.rows) != 0 {
		t.Fatalf("rows left: %v", b.outbox.rows)
	}
	checkSums(t, b.sender.Stats())
}

func checkSums(t *testing.T, st index.SenderStats) {
	t.Helper()
	if st.Sent != st.Stored+st.Stale+st.Retried+st.Dead {
		t.Errorf("counters do not add up: %+v", st)
	}
}

type counts struct{ Sent, Stored, Stale, Retried, Dead, Coalesced int64 }

func countsOf(st index.SenderStats) counts {
	return counts{st.Sent, st.Stored, st.Stale, st.Retried, st.Dead, st.Coalesced}
}

func TestSenderDrain(t *testing.T) {
	poisonTwice := map[string]index.Result{"b": index.Refused, "d": index.Refused}
	tests := []struct {
		name    string
		docs    []index.Document
		script  func(*scriptSink) []func([]index.Document) ([]index.Verdict, error)
		want    counts
		left    []string
		dead    []string
		batches [][]string
	}{
		{
			name: "in order", docs: []index.Document{doc("a", 1), doc("b", 1), doc("c", 1)},
			want: counts{Sent: 3, Stored: 3}, left: []string{"a@1", "b@1", "c@1"},
			batches: [][]string{{"a@1", "b@1", "c@1"}},
		},
		{
			name: "newest version only", docs: []index.Document{doc("a", 1), doc("b", 1), doc("a", 3), doc("a", 2)},
			want: counts{Sent: 2, Stored: 2, Coalesced: 2}, left: []string{"a@3", "a@1", "a@2", "b@1"},
			batches: [][]string{{"a@3", "b@1"}},
		},
		{
			name: "stale is acknowledged", docs: []index.Document{doc("a", 1), doc("b", 1)},
			script: func(s *scriptSink) []func([]index.Document) ([]index.Verdict, error) {
				s.have["b"] = 7
				return nil
			},
			want: counts{Sent: 2, Stored: 1, Stale: 1}, left: []string{"a@1", "b@1"},
			batches: [][]string{{"a@1", "b@1"}},
		},
		{
			name: "poison goes, the rest arrives", docs: []index.Document{doc("a", 1), doc("b", 1), doc("c", 1), doc("d", 1)},
			script: func(s *scriptSink) []func([]index.Document) ([]index.Verdict, error) {
				return []func([]index.Document) ([]index.Verdict, error){s.verdicts(poisonTwice)}
			},
			want: counts{Sent: 4, Stored: 2, Dead: 2}, left: []string{"a@1", "c@1", "b@1", "d@1"}, dead: []string{"b", "d"},
			batches: [][]string{{"a@1", "b@1", "c@1", "d@1"}},
		},
		{
			name: "a refused newest version lets the older one through", docs: []index.Document{doc("a", 1), doc("a", 2)},
			script: func(s *scriptSink) []func([]index.Document) ([]index.Verdict, error) {
				return []func([]index.Document) ([]index.Verdict, error){s.verdicts(map[string]index.Result{"a": index.Refused})}
			},
			want: counts{Sent: 2, Stored: 1, Dead: 1}, left: []string{"a@2", "a@1"}, dead: []string{"a"},
			batches: [][]string{{"a@2"}, {"a@1"}},
		},
		{
			name: "one item again, without its neighbours", docs: []index.Document{doc("a", 1), doc("b", 1), doc("c", 1)},
			script: func(s *scriptSink) []func([]index.Document) ([]index.Verdict, error) {
				return []func([]index.Document) ([]index.Verdict, error){s.verdicts(map[string]index.Result{"b": index.Retry})}
			},
			want: counts{Sent: 4, Stored: 3, Retried: 1}, left: []string{"a@1", "c@1", "b@1"},
			batches: [][]string{{"a@1", "b@1", "c@1"}, {"b@1"}},
		},
		{
			name: "an older version waits with a retried newer one", docs: []index.Document{doc("a", 1), doc("a", 2)},
			script: func(s *scriptSink) []func([]index.Document) ([]index.Verdict, error) {
				return []func([]index.Document) ([]index.Verdict, error){s.verdicts(map[string]index.Result{"a": index.Retry})}
			},
			want: counts{Sent: 2, Stored: 1, Retried: 1, Coalesced: 1}, left: []string{"a@2", "a@1"},
			batches: [][]string{{"a@2"}, {"a@2"}},
		},
		{
			name: "outage, then everything", docs: []index.Document{doc("a", 1), doc("b", 1)},
			script: func(*scriptSink) []func([]index.Document) ([]index.Verdict, error) {
				return []func([]index.Document) ([]index.Verdict, error){unavailable, unavailable}
			},
			want: counts{Sent: 6, Stored: 2, Retried: 4}, left: []string{"a@1", "b@1"},
			batches: [][]string{{"a@1", "b@1"}, {"a@1", "b@1"}, {"a@1", "b@1"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(index.SenderOptions{})
			b.outbox.add(tt.docs...)
			if tt.script != nil {
				b.sink.script = tt.script(b.sink)
			}
			b.drain(t)
			st := b.sender.Stats()
			if diff := cmp.Diff(tt.want, countsOf(st)); diff != "" {
				t.Errorf("counters (-want +got):\n%s", diff)
			}
			if gone := st.Stored + st.Stale + st.Dead + st.Coalesced; gone != int64(len(tt.docs)) {
				t.Errorf("%d rows left the outbox by the counters, %d in truth", gone, len(tt.docs))
			}
			if diff := cmp.Diff(tt.left, b.outbox.left); diff != "" {
				t.Errorf("rows left the outbox (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.batches, b.sink.batches); diff != "" {
				t.Errorf("deliveries (-want +got):\n%s", diff)
			}
			var dead []string
			for _, v := range b.outbox.dead {
				dead = append(dead, v.ID)
			}
			if diff := cmp.Diff(tt.dead, dead); diff != "" {
				t.Errorf("dead letters (-want +got):\n%s", diff)
			}
			if st.State != index.SenderIdle || st.Failures != 0 || st.LastError != "" {
				t.Errorf("state after the end: %+v", st)
			}
		})
	}
}

func TestSenderPausesGrowAndWarnOnce(t *testing.T) {
	b := newBench(index.SenderOptions{MinPause: time.Second, MaxPause: 10 * time.Second})
	for range 40 {
		b.sink.script = append(b.sink.script, unavailable)
	}
	b.outbox.add(doc("a", 1))
	b.drain(t)
	want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second}
	if diff := cmp.Diff(want, b.pauses[:6]); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	if len(b.pauses) != 40 || b.pauses[39] != 5*time.Second {
		t.Errorf("%d pauses, the last %v", len(b.pauses), b.pauses[len(b.pauses)-1])
	}
	log := b.log.String()
	if n := strings.Count(log, "level=WARN"); n != 1 || !strings.Contains(log, "connection refused") {
		t.Errorf("%d warnings:\n%s", n, log)
	}
	if !strings.Contains(log, "takes documents again") {
		t.Errorf("the end of the outage is not told:\n%s", log)
	}
}

func TestSenderHalvesDeliveriesUnderPressure(t *testing.T) {
	b := newBench(index.SenderOptions{MaxDocs: 8})
	b.sink.script = []func([]index.Document) ([]index.Verdict, error){unavailable, unavailable}
	for i := range 8 {
		b.outbox.add(doc(fmt.Sprintf("d%d", i), 1))
	}
	b.drain(t)
	var sizes []int
	for _, batch := range b.sink.batches {
		sizes = append(sizes, len(batch))
	}
	if diff := cmp.Diff([]int{8, 4, 2, 3, 3}, sizes); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}

// TestSenderReachesBehindHeldUpDocuments holds that a few documents that have to
// wait do not keep back those behind them.
func TestSenderReachesBehindHeldUpDocuments(t *testing.T) {
	b := newBench(index.SenderOptions{MaxDocs: 100})
	held := map[string]index.Result{"h0": index.Retry, "h1": index.Retry, "h2": index.Retry}
	for range 20 {
		b.sink.script = append(b.sink.script, b.sink.verdicts(held))
	}
	for i := range 3 {
		b.outbox.add(doc(fmt.Sprintf("h%d", i), 1))
	}
	for i := range 250 {
		b.outbox.add(doc(fmt.Sprintf("d%d", i), 1))
	}
	b.drain(t)
	for i, left := range b.outbox.left[:250] {
		if want := fmt.Sprintf("d%d@1", i); left != want {
			t.Fatalf("row %d to leave is %s, want %s", i, left, want)
		}
	}
}

func TestSenderStateDuringOutage(t *testing.T) {
	b := newBench(index.SenderOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	b.sink.script = []func([]index.Document) ([]index.Verdict, error){unavailable, func(docs []index.Document) ([]index.Verdict, error) {
		cancel()
		return nil, ctx.Err()
	}}
	b.outbox.add(doc("a", 1))
	if err := b.sender.Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("Drain: %v", err)
	}
	st := b.sender.Stats()
	if st.Failures != 1 || st.Since.IsZero() || !strings.Contains(st.LastError, "connection refused") || !st.NextTry.After(st.Since) {
		t.Errorf("state: %+v", st)
	}
	checkSums(t, st)
	if len(b.outbox.rows) != 1 {
		t.Error("the row is gone")
	}
}

func TestSenderStops(t *testing.T) {
	tests := []struct {
		name   string
		sink   func([]index.Document) ([]index.Verdict, error)
		failOn string
		want   string
		is     error
	}{
		{name: "ErrStop", sink: func([]index.Document) ([]index.Verdict, error) {
			return nil, fmt.Errorf("%w: wrong password", index.ErrStop)
		}, want: "wrong password", is: index.ErrStop},
		{name: "unknown error", sink: func([]index.Document) ([]index.Verdict, error) { return nil, errors.New("odd") }, want: "odd"},
		{name: "too few verdicts", sink: func([]index.Document) ([]index.Verdict, error) { return nil, nil }, want: "gave 0 for 1"},
		{name: "verdict of another", sink: func([]index.Document) ([]index.Verdict, error) {
			return []index.Verdict{{ID: "z", Version: 1, Result: index.Stored}}, nil
		}, want: "is for z version 1"},
		{name: "verdict without sense", sink: func([]index.Document) ([]index.Verdict, error) {
			return []index.Verdict{{ID: "a", Version: 1, Result: "maybe"}}, nil
		}, want: `says "maybe"`},
		{name: "outbox cannot be read", failOn: "Pending", want: "reading the outbox: disk on fire"},
		{name: "outbox cannot be written", failOn: "Acknowledge", want: "acknowledging documents: disk on fire"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(index.SenderOptions{})
			b.outbox.failOn = tt.failOn
			b.outbox.add(doc("a", 1))
			if tt.sink != nil {
				b.sink.script = []func([]index.Document) ([]index.Verdict, error){tt.sink}
			}
			err := b.sender.Run(t.Context()) // returns although its context lives on
			if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("Run: %v, want %q", err, tt.want)
			}
			checkSums(t, b.sender.Stats())
			if len(b.outbox.rows) != 1 {
				t.Error("the row is gone")
			}
			if tt.sink != nil && b.sender.Stats().State != index.SenderStopped {
				t.Errorf("state %q", b.sender.Stats().State)
			}
		})
	}
}

func TestSenderBoundsDeliveriesByBytes(t *testing.T) {
	b := newBench(index.SenderOptions{MaxBytes: 100})
	for i := range 3 {
		d := doc(strconv.Itoa(i), 1)
		d.Body = bytes.Repeat([]byte("x"), 60)
		b.outbox.add(d)
	}
	b.drain(t)
	if len(b.sink.batches) != 3 {
		t.Errorf("deliveries: %v", b.sink.batches)
	}
}

// TestSenderDrainBesideRun proves that both together deliver each row once.
func TestSenderDrainBesideRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := newBench(index.SenderOptions{MaxDocs: 3, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	for i := range 100 {
		b.outbox.add(doc(strconv.Itoa(i), 1))
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.sender.Run(ctx) }()
	b.drain(t)
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	if st := b.sender.Stats(); st.Stored != 100 || st.Sent != 100 {
		t.Errorf("counters: %+v", st)
	}
}

// gateSink lets deliveries go only when told to, and notes what they hold.
type gateSink struct {
	*scriptSink
	arrived chan []index.Document
	leave   chan func([]index.Document) ([]index.Verdict, error)
}

func (g *gateSink) Deliver(_ context.Context, docs []index.Document) ([]index.Verdict, error) {
	g.arrived <- docs
	return (<-g.leave)(docs)
}

func (g *gateSink) stored(docs []index.Document) ([]index.Verdict, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.store(docs), nil
}

// Two deliveries are under way at once, with rows of their own; under pressure
// there is one, and two again when all is well.
func TestSenderKeepsTwoDeliveriesUnderWay(t *testing.T) {
	defer goleak.VerifyNone(t)
	b := newBench(index.SenderOptions{})
	gate := &gateSink{scriptSink: b.sink, arrived: make(chan []index.Document), leave: make(chan func([]index.Document) ([]index.Verdict, error))}
	sender := index.NewSender(b.outbox, gate, index.SenderOptions{
		MaxDocs: 10, InFlight: 2, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	for i := range 60 {
		b.outbox.add(doc(strconv.Itoa(i), 1))
	}
	done := make(chan error, 1)
	go func() { done <- sender.Drain(t.Context()) }()
	first, second := <-gate.arrived, <-gate.arrived
	if len(first) != 10 || len(second) != 10 || first[0].Seq == second[0].Seq {
		t.Fatalf("the first two deliveries hold %d and %d rows from %d and %d on", len(first), len(second), first[0].Seq, second[0].Seq)
	}
	gate.leave <- unavailable
	gate.leave <- unavailable
	<-gate.arrived // alone: the next one comes only after it has left
	select {
	case docs := <-gate.arrived:
		t.Fatalf("a second delivery of %d rows is under way under pressure", len(docs))
	case gate.leave <- gate.stored:
	}
	<-gate.arrived
	<-gate.arrived // two again
	for finished := false; !finished; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			finished = true
		case gate.leave <- gate.stored:
		case <-gate.arrived:
		}
	}
	st := sender.Stats()
	checkSums(t, st)
	if st.Stored != 60 || len(b.outbox.rows) != 0 {
		t.Errorf("%d documents stored, %d rows left", st.Stored, len(b.outbox.rows))
	}
}
