package elastic

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"forumine/index"
	"forumine/index/elastic/estest"
	"forumine/index/query"
)

// TestCluster delivers to three nodes with one replica, kills the node that the
// client speaks to first, and expects every document from the other two.
func TestCluster(t *testing.T) {
	srv := estest.Start(t, estest.Options{Nodes: 3})
	c := openTest(t, Config{URLs: srv.URLs, Prefix: "cluster"})
	templates := testTemplates()
	for name, raw := range templates {
		templates[name] = bytes.Replace(raw, []byte(`"number_of_replicas":0`), []byte(`"number_of_replicas":1`), 1)
	}
	if _, err := c.Setup(t.Context(), templates); err != nil {
		t.Fatal(err)
	}
	if status, body := srv.Do("GET", "/_cluster/health?wait_for_status=green&timeout=120s", ""); status != 200 {
		t.Fatalf("the cluster is not green: %d %s", status, body)
	}
	outbox := newMemOutbox(posts(1000)...)
	kill, killed := make(chan struct{}), make(chan struct{})
	var said bytes.Buffer
	errs := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError}))
	sender := index.NewSender(outbox, killer{c, kill}, index.SenderOptions{MaxDocs: 10, Log: errs, Sleep: func(ctx context.Context, d time.Duration) error {
		select {
		case <-ctx.Done():
		case <-time.After(min(d, 500*time.Millisecond)):
		}
		return ctx.Err()
	}})
	go func() {
		defer close(killed)
		<-kill
		srv.Kill(0)
	}()
	if err := sender.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-killed
	if said.Len() > 0 {
		t.Errorf("worse than a warning was said:\n%s", said.String())
	}
	if n := len(outbox.rows) + len(outbox.dead); n != 0 {
		t.Errorf("%d documents still wait or were refused", n)
	}
	for i := range 3 { // idle connections to the dead node may cost a try each
		err := c.Refresh(t.Context())
		if err == nil {
			break
		}
		t.Logf("refresh %d: %v", i, err)
	}
	a, err := c.Matching(t.Context(), query.Query{Node: query.Not{Node: query.Keyword{Field: "kind", Value: "revision"}}})
	if err != nil || a != 1000 {
		t.Errorf("%d documents, %v", a, err)
	}
	t.Logf("%+v", sender.Stats())
}
