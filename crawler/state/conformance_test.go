package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"forumine/extract/forum"
)

// store is what every store of the state must do; conformance proves it.
type store interface {
	io.Closer
	Observe() time.Time
	EnsureSite(context.Context, Site) (Site, error)
	SaveFacts(context.Context, string, forum.Facts) (bool, error)
	Site(context.Context, string) (Site, error)
	Sites(context.Context) ([]Site, error)
	Add(context.Context, ...NewLink) (int, error)
	Schedule(context.Context, Selection, time.Time) (int, error)
	Retry(ctx context.Context, site string, outcomes ...Outcome) (int, error)
	Next(context.Context, ...string) (Lease, error)
	NextAfter(ctx context.Context, done Lease, most int, sites ...string) ([]Lease, error)
	ReleaseRest(ctx context.Context, keep Lease, rest ...Lease) (Lease, error)
	LeaseURL(ctx context.Context, site, key string) (Lease, error)
	Settle(context.Context, Lease, Settlement) error
	Release(context.Context, Lease) error
	SlotPause(ctx context.Context, slot string, until time.Time, reason string) error
	SlotState(ctx context.Context, slot string) (SlotState, error)
	SaveRobots(ctx context.Context, slot string, policy json.RawMessage, fetchedAt time.Time) error
	Robots(ctx context.Context, slot string) (json.RawMessage, time.Time, error)
	SlotStrike(ctx context.Context, slot string, named time.Duration, reason string) (time.Duration, error)
	Spend(ctx context.Context, site string, requests int, bytes int64) error
	Spent(ctx context.Context, site string, at time.Time) (requests, bytes int64, err error)
	Refresh(ctx context.Context, site string, parents ...string) (due, later int, err error)
	Listing(ctx context.Context, site, parent string) (Listing, error)
	LastPage(ctx context.Context, site, parent string, before int) (LastPage, error)
	Queued(ctx context.Context, site string) (bool, error)
	Park(context.Context, Lease) error
	Focus(ctx context.Context, site string, wants func(Queued) bool) (int, error)
	Audit(ctx context.Context, site string, o AuditOptions) (int, error)
	NextVisit(ctx context.Context, site string) (time.Time, error)
	FoldAuthors(context.Context) (int, error)
	MarkMissing(ctx context.Context, thread string, passStart time.Time) (int, error)
	SetDeleted(context.Context, Deleted) error
	DeletedKeys(context.Context) (map[string]bool, error)
	EachStored(context.Context, func(Stored) error) error
	Reread(context.Context, Reading) (bool, error)
	Restate(context.Context, Restatement) (int, error)
	Captures(context.Context, CaptureFilter, func(Capture) error) error
	HasCapture(ctx context.Context, ref string) (bool, error)
	LastCapture(ctx context.Context, file string) (int64, bool, error)
	Pending(ctx context.Context, after int64, limit int, maxBytes int64) ([]OutboxRow, error)
	Acknowledge(context.Context, []Ack) error
	DeadLetter(context.Context, ...Refusal) error
	DeadLetters(context.Context, func(DeadLetter) error) error
	DeadLetterByID(ctx context.Context, id string) (DeadLetter, error)
	ReplayDeadLetters(ctx context.Context, ids ...string) (int, error)
	DropDeadLetters(ctx context.Context, ids ...string) (int, error)
	OutboxSize(context.Context) (rows, bytes int64, err error)
	Requeue(context.Context) (int64, error)
	Redeliver(ctx context.Context, ids ...string) (int, error)
	LastSequence(context.Context) (int64, error)
	Changes(ctx context.Context, after, upTo int64, f DocumentFilter, fn func(Document) error) error
	Documents(context.Context, DocumentFilter, func(Document) error) error
	ThreadPosts(ctx context.Context, thread string) ([]Document, error)
	DocumentByID(ctx context.Context, id string) (Document, error)
	DocumentByKey(ctx context.Context, key string) (Document, error)
	ContributionsTo(context.Context, forum.DocRef) ([]forum.Contribution, error)
	URLs(context.Context, URLFilter, func(URL) error) error
	URLByKey(ctx context.Context, site, key string) (URL, error)
	Status(context.Context) (Status, error)
	QueueSize(context.Context) (int64, error)
	BeginRun(ctx context.Context, o RunOrder) (int64, error)
	EndRun(ctx context.Context, id int64, status string, counts map[string]int64) error
	Runs(ctx context.Context, limit int) ([]Run, error)
	Meta(ctx context.Context, name string) (string, error)
	SetMeta(ctx context.Context, name, value string) error
}

var _ store = (*Store)(nil)

// testClock is a clock that stands until it is moved.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock {
	return &testClock{now: time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is one store under test, on a site with two slots.
type rig struct {
	t     *testing.T
	ctx   context.Context
	clock *testClock
	store
	captures int
}

const (
	siteID = "brew.example.org"
	slotA  = "brew.example.org:443"
	slotB  = "cdn.example.net:443"
)

func newRig(t *testing.T, open func(*testing.T, Options) store) *rig {
	t.Helper()
	clock := newClock()
	r := &rig{t: t, ctx: t.Context(), clock: clock}
	r.store = open(t, Options{Folder: testFolder{}, Now: clock.Now})
	r.must(r.EnsureSite(r.ctx, Site{ID: siteID}))
	return r
}

// must fails the test on the error that comes last.
func (r *rig) must(results ...any) {
	r.t.Helper()
	if err, ok := results[len(results)-1].(error); ok && err != nil {
		r.t.Fatal(err)
	}
}

func link(key string, priority int) NewLink {
	return NewLink{Link: forum.Link{URL: "https://brew.example.org/" + key, Key: key, Kind: forum.KindThread}, Site: siteID, Slot: slotA, Priority: priority}
}

func (r *rig) add(want int, links ...NewLink) {
	r.t.Helper()
	n, err := r.Add(r.ctx, links...)
	if err != nil || n != want {
		r.t.Fatalf("Add = %d, %v; want %d", n, err, want)
	}
}

func (r *rig) next(key string) Lease {
	r.t.Helper()
	l, err := r.Next(r.ctx)
	if err != nil || l.Key != key {
		r.t.Fatalf("Next = %q, %v; want %q", l.Key, err, key)
	}
	return l
}

func (r *rig) wait(d time.Duration) {
	r.t.Helper()
	_, err := r.Next(r.ctx)
	w, ok := errors.AsType[*WaitError](err)
	if !ok {
		r.t.Fatalf("Next: %v; want a WaitError", err)
	}
	if got := w.Until.Sub(r.clock.Now()); got != d {
		r.t.Fatalf("Next says to wait %v, want %v", got, d)
	}
}

func (r *rig) empty() {
	r.t.Helper()
	if l, err := r.Next(r.ctx); !errors.Is(err, ErrEmpty) {
		r.t.Fatalf("Next = %q, %v; want ErrEmpty", l.Key, err)
	}
}

// page settles a page of the site with content, whatever its due time.
func (r *rig) page(key string, cs ...forum.Contribution) {
	r.t.Helper()
	r.clock.add(time.Second)
	r.settlePage(key, Settlement{ObservedAt: r.Observe(), Contributions: cs})
}

func (r *rig) settlePage(key string, v Settlement) {
	r.t.Helper()
	_, err := r.Add(r.ctx, link(key, 0))
	r.must(err)
	l, err := r.LeaseURL(r.ctx, siteID, key)
	r.must(err)
	if v.Outcome == "" {
		v.Outcome = OK
	}
	v.Extractor = max(v.Extractor, 1)
	if v.Capture == "" {
		r.captures++
		v.Capture = fmt.Sprintf("a.warc.gz:%d", r.captures*100)
	}
	r.must(r.Settle(r.ctx, l, v))
}

func (r *rig) doc(key string) (Document, testDoc) {
	r.t.Helper()
	d, err := r.DocumentByKey(r.ctx, key)
	r.must(err)
	var body testDoc
	r.must(json.Unmarshal(d.Body, &body))
	return d, body
}

func (r *rig) pending() []OutboxRow {
	r.t.Helper()
	rows, err := r.Pending(r.ctx, 0, 1000, 1<<30)
	r.must(err)
	return rows
}

// drainOutbox acknowledges everything and gives the keys in order of delivery.
func (r *rig) drainOutbox() []string {
	r.t.Helper()
	keys := []string{}
	var acks []Ack
	for _, row := range r.pending() {
		keys = append(keys, row.Key)
		acks = append(acks, Ack{row.ID, row.Version})
	}
	r.must(r.Acknowledge(r.ctx, acks))
	return keys
}

func say(kind forum.DocKind, key string, rank int, v says) forum.Contribution {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return forum.Contribution{Doc: forum.DocRef{Kind: kind, Key: key}, Rank: rank, Body: b}
}

func threadKey(id int) string { return fmt.Sprintf("%s|thread|%d", siteID, id) }
func postKey(id int) string   { return fmt.Sprintf("%s|post|%d", siteID, id) }
func userKey(id int) string   { return fmt.Sprintf("%s|user|%d", siteID, id) }

func thread(id int, title string) forum.Contribution {
	return say(forum.DocThread, threadKey(id), forum.RankPage, says{Title: title})
}

func post(id, thread, user int, text string) forum.Contribution {
	return say(forum.DocPost, postKey(id), forum.RankPage, says{Thread: threadKey(thread), Author: userKey(user), Text: text, At: int64(id * 1000)})
}

func card(id int, name string) forum.Contribution {
	return say(forum.DocAuthor, userKey(id), forum.RankCard, says{Name: name})
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.AllowUnexported(testDoc{})); d != "" {
		t.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

// conformance runs the behaviour that is asked of every store. open gives an
// empty one.
func conformance(t *testing.T, open func(*testing.T, Options) store) {
	for _, c := range slices.Concat(frontierCases(), planCases(), documentCases(), bookCases()) {
		t.Run(c.name, func(t *testing.T) { c.run(newRig(t, open)) })
	}
}

type conformanceCase struct {
	name string
	run  func(*rig)
}

func openTemp(t *testing.T, o Options) store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) { conformance(t, openTemp) }
