package elastic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/index"
	"forumine/index/elastic/estest"
)

func testFaults(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "faults").setup(t)
	const items429 = `{"items":[{"index":{"_id":"p000","status":201}},{"index":{"_id":"p001","status":429,"error":{"type":"es_rejected_execution_exception","reason":"queue full"}}},{"index":{"_id":"p002","status":503,"error":{"type":"unavailable_shards_exception","reason":"primary gone"}}}]}`
	const blocked = `{"items":[{"index":{"_id":"p000","status":403,"error":{"type":"cluster_block_exception","reason":"disk"}}},{"index":{"_id":"p001","status":201}},{"index":{"_id":"p002","status":201}}]}`
	tests := []struct {
		name   string
		fault  estest.Fault
		want   string // verdicts, or the text of the error
		failed error
	}{
		{name: "429", fault: estest.ElasticSays(429, `{"error":{"type":"es_rejected_execution_exception","reason":"full"}}`), failed: index.ErrUnavailable, want: "es_rejected_execution_exception"},
		{name: "429 of a proxy", fault: estest.Says(429, "slow down"), failed: index.ErrUnavailable, want: "slow down"},
		{name: "503", fault: estest.Says(503, ""), failed: index.ErrUnavailable, want: "status 503"},
		{name: "reset", fault: estest.Reset, failed: index.ErrUnavailable, want: "connecting to"},
		{name: "hang", fault: estest.Hang, failed: index.ErrUnavailable, want: "no answer from"},
		{name: "torn answer", fault: e.proxy.Torn, failed: index.ErrUnavailable, want: "reading the bulk answer"},
		{name: "foreign 200", fault: estest.Says(200, "<html>log in</html>"), failed: index.ErrUnavailable, want: "does not come from Elasticsearch"},
		{name: "too few items", fault: estest.ElasticSays(200, `{"items":[{"index":{"_id":"p000","status":201}}]}`), failed: index.ErrUnavailable, want: "1 results for 3 documents"},
		{name: "no items", fault: estest.ElasticSays(200, `{}`), failed: index.ErrUnavailable, want: "0 results for 3"},
		{name: "an empty item", fault: estest.ElasticSays(200, `{"items":[{},{},{}]}`), failed: index.ErrUnavailable, want: "result 0 is empty"},
		{name: "items of others", fault: estest.ElasticSays(200, `{"items":[{"index":{"_id":"z","status":201}},{"index":{"_id":"z","status":201}},{"index":{"_id":"z","status":201}}]}`), failed: index.ErrUnavailable, want: `for "z"`},
		{name: "items again", fault: estest.ElasticSays(200, items429), want: "p000@1 stored\np001@1 retry\np002@1 retry"},
		{name: "a blocked item", fault: estest.ElasticSays(200, blocked), want: "p000@1 retry\np001@1 stored\np002@1 stored"},
		{name: "blocked cluster", fault: estest.ElasticSays(403, `{"error":{"type":"cluster_block_exception","reason":"read only"}}`), failed: index.ErrUnavailable, want: "read only"},
		{name: "400 of a proxy", fault: estest.Says(400, "plain HTTP sent to HTTPS port"), failed: index.ErrStop, want: "something other than Elasticsearch"},
		{name: "400 for the headers", fault: estest.ElasticSays(400, `{"error":{"type":"media_type_header_exception","reason":"Invalid media-type"}}`), failed: index.ErrStop, want: "media_type_header_exception"},
		{name: "403", fault: estest.ElasticSays(403, `{"error":{"type":"security_exception","reason":"action [indices:data/write/bulk] is unauthorized"}}`), failed: index.ErrStop, want: "is unauthorized"},
		{name: "no write index", fault: estest.ElasticSays(200, `{"items":[{"index":{"_id":"p000","status":400,"error":{"type":"illegal_argument_exception","reason":"no write index is defined for alias [a]"}}},{"index":{"_id":"p001","status":201}},{"index":{"_id":"p002","status":201}}]}`), failed: index.ErrStop, want: "no write index"},
	}
	docs := posts(3)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e.proxy.Next(tt.fault)
			got, err := e.faulty.Deliver(t.Context(), docs)
			if tt.failed == nil {
				if err != nil || results(got) != tt.want {
					t.Errorf("verdicts %q %v, want %q", results(got), err, tt.want)
				}
				return
			}
			if !errors.Is(err, tt.failed) || !strings.Contains(err.Error(), tt.want) || got != nil {
				t.Errorf("got %v, error %v\nwant %v and %q", got, err, tt.failed, tt.want)
			}
			other := map[error]error{index.ErrStop: index.ErrUnavailable, index.ErrUnavailable: index.ErrStop}[tt.failed]
			if errors.Is(err, other) {
				t.Errorf("the error wraps both sentinels: %v", err)
			}
		})
	}
	t.Run("half of a split fails", func(t *testing.T) {
		e.proxy.Next(estest.Says(413, ""), nil, estest.Says(503, "")) // 3 = 1 + 2
		got, err := e.faulty.Deliver(t.Context(), docs)
		if want := "p000@1 stale\np001@1 retry\np002@1 retry"; err != nil || results(got) != want {
			t.Errorf("verdicts %q %v, want %q", results(got), err, want)
		}
	})
	t.Run("the context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e.proxy.Next(estest.Hang)
		go func() {
			for e.proxy.Count() == 0 {
				runtime.Gosched()
			}
			cancel()
		}()
		if _, err := e.faulty.Deliver(ctx, docs); !errors.Is(err, context.Canceled) || errors.Is(err, index.ErrUnavailable) {
			t.Errorf("Deliver: %v", err)
		}
	})
}

// testStops holds that nothing is written where no alias is: neither by
// accident nor into an index that Elasticsearch would make up.
func testStops(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "stops")
	_, err := e.direct.Deliver(t.Context(), posts(2))
	if !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "is not an alias") {
		t.Errorf("without Setup: %v", err)
	}
	if status, body := srv.Do("GET", "/"+e.prefix+"-*?allow_no_indices=true", ""); status != 200 || body != "{}" {
		t.Errorf("an index appeared: %d %s", status, body)
	}
	e.setup(t)
	srv.Do("POST", "/"+e.prefix+"-posts-v1/_close", "")
	if _, err := e.direct.Deliver(t.Context(), posts(2)); !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "index_closed_exception") {
		t.Errorf("closed index: %v", err)
	}
	srv.Do("POST", "/"+e.prefix+"-posts-v1/_open", "")
	srv.Do("PUT", "/"+e.prefix+"-posts-v1/_settings", `{"index.blocks.write":true}`)
	got, err := e.direct.Deliver(t.Context(), posts(1))
	if err != nil || results(got) != "p000@1 retry" {
		t.Errorf("blocked index: %s %v", results(got), err)
	}
}

// memOutbox is an outbox in memory.
type memOutbox struct {
	mu   sync.Mutex
	rows []index.Document
	dead []string
}

func newMemOutbox(docs ...index.Document) *memOutbox {
	o := &memOutbox{}
	for i, d := range docs {
		d.Seq = int64(i + 1)
		o.rows = append(o.rows, d)
	}
	return o
}

func (o *memOutbox) Pending(_ context.Context, after int64, limit, maxBytes int) ([]index.Document, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []index.Document
	size := 0
	for _, d := range o.rows {
		if d.Seq <= after {
			continue
		}
		if size += len(d.Body); len(out) == limit || len(out) > 0 && size > maxBytes {
			break
		}
		out = append(out, d)
	}
	return out, nil
}

func (o *memOutbox) Acknowledge(_ context.Context, vs []index.Verdict) error {
	gone := map[string]bool{}
	for _, v := range vs {
		gone[fmt.Sprint(v.ID, v.Version)] = true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = slices.DeleteFunc(o.rows, func(d index.Document) bool { return gone[fmt.Sprint(d.ID, d.Version)] })
	return nil
}

func (o *memOutbox) DeadLetter(ctx context.Context, vs []index.Verdict) error {
	o.mu.Lock()
	for _, v := range vs {
		o.dead = append(o.dead, v.ID)
	}
	o.mu.Unlock()
	return o.Acknowledge(ctx, vs)
}

// testSenderThroughFaults drives the sender through every kind of fault and
// expects each document in the index in its newest version, but for the poison.
func testSenderThroughFaults(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "sender").setup(t)
	docs := posts(300)
	for i := range 50 {
		docs = append(docs, post(fmt.Sprintf("p%03d", i*3), 2, fmt.Sprintf(`{"n":%d}`, 1000+i*3)))
	}
	outbox := newMemOutbox(append(docs, post("poison", 1, `{"n":"x"}`), post("p001", 5, `{"n":5001}`))...)
	e.proxy.Next(estest.Reset, e.proxy.Lost, e.proxy.Torn, estest.Says(429, ""), e.proxy.TooLarge(200), estest.Says(503, ""),
		estest.ElasticSays(200, `{"items":[]}`), e.proxy.Lost, e.proxy.Torn, estest.Reset)
	sender := index.NewSender(outbox, e.faulty, index.SenderOptions{
		MaxDocs: 100, InFlight: 2, Log: slog.New(slog.DiscardHandler),
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err := sender.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	st := sender.Stats()
	if st.Sent != st.Stored+st.Stale+st.Retried+st.Dead || st.Retried == 0 || st.Stale == 0 {
		t.Errorf("counters: %+v", st)
	}
	if len(outbox.rows) != 0 || len(outbox.dead) != 1 || outbox.dead[0] != "poison" {
		t.Errorf("outbox: %d rows, dead %v", len(outbox.rows), outbox.dead)
	}
	for i := range 300 {
		wantVersion, wantN := int64(1), int64(i)
		if i%3 == 0 && i < 150 {
			wantVersion, wantN = 2, int64(1000+i)
		}
		if i == 1 {
			wantVersion, wantN = 5, 5001
		}
		if version, n := e.stored(t, fmt.Sprintf("p%03d", i)); version != wantVersion || n != wantN {
			t.Errorf("p%03d: version %d n %d, want %d and %d", i, version, n, wantVersion, wantN)
		}
	}
}
