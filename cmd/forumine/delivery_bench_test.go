package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic"
	"forumine/index/elastic/estest"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esutil"
)

// benchDocuments is how many documents BenchmarkDelivery delivers at a time.
const benchDocuments = 10_000

// leastShare is how fast delivery has to be, measured by the client's own bulk
// helper.
const leastShare = 0.95

// BenchmarkDelivery compares the whole path of a delivery, from reading the
// outbox to deleting the acknowledged rows, with the client's own bulk helper,
// which gets the same rows of the same outbox and acknowledges nothing: both with
// gzip, two workers and the same server, in turns.
func BenchmarkDelivery(b *testing.B) {
	server := estest.Start(b, estest.Options{Own: true})
	d := &deliveries{b: b, server: server, data: benchData(b)}
	d.ours(0)
	d.helpers(0)
	var ours, helper []float64
	round := 0
	for b.Loop() {
		round++
		if round%2 == 0 {
			ours, helper = append(ours, d.ours(round)), append(helper, d.helpers(round))
		} else {
			helper, ours = append(helper, d.helpers(round)), append(ours, d.ours(round))
		}
	}
	share := median(ours) / median(helper)
	b.ReportMetric(median(ours), "docs/s")
	b.ReportMetric(median(helper), "helper-docs/s")
	b.ReportMetric(share, "share")
	if share < leastShare && len(ours) >= 5 {
		b.Errorf("delivery is %.2f times as fast as the client's own helper, want %.2f (%.0f against %.0f)", share, leastShare, ours, helper)
	}
}

// helperItem is a document as the helper takes it.
func helperItem(doc index.Document, prefix string) esutil.BulkIndexerItem {
	item := esutil.BulkIndexerItem{
		Index: index.Alias(prefix, doc.Kind), Action: "index", DocumentID: doc.ID, Body: bytes.NewReader(doc.Body),
	}
	if doc.Kind == forum.DocRevision {
		item.Action = "create"
		return item
	}
	item.Version, item.VersionType = &doc.Version, "external"
	return item
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// benchData is a data folder whose documents are the demo forum's, many times
// over.
func benchData(b *testing.B) string {
	b.Helper()
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		b.Fatal(err)
	}
	site := httptest.NewServer(f)
	b.Cleanup(site.Close)
	data := b.TempDir()
	var out bytes.Buffer
	if code := run(b.Context(), []string{"crawl", site.URL + "/", "--data", data, "--allow-private", "--delay", "0"}, strings.NewReader(""), &out, &out); code != exitOK {
		b.Fatal(out.String())
	}
	multiply(b, data, benchDocuments)
	return data
}

// deliveries are the two ways of delivering the same outbox.
type deliveries struct {
	b      *testing.B
	server *estest.Server
	data   string
}

// fill opens the state with every document in the outbox, and sets up an empty
// index.
func (d *deliveries) fill(prefix string) (*state.Store, *elastic.Client, int64) {
	d.b.Helper()
	ctx := d.b.Context()
	client, err := elastic.Open(ctx, elastic.Config{URLs: []string{d.server.URL}, Prefix: prefix})
	if err != nil {
		d.b.Fatal(err)
	}
	if _, err := client.Setup(ctx, index.Templates(index.TemplateOptions{Prefix: prefix})); err != nil {
		d.b.Fatal(err)
	}
	store, err := state.Open(ctx, d.data, state.Options{Folder: folder{index.NewFolder()}})
	if err != nil {
		d.b.Fatal(err)
	}
	if _, err := store.Requeue(ctx); err != nil {
		d.b.Fatal(err)
	}
	return store, client, store.Backlog().Rows
}

// clear closes what fill opened and deletes the index.
func (d *deliveries) clear(store *state.Store, client *elastic.Client, prefix string) {
	d.b.Helper()
	if err := store.Close(); err != nil {
		d.b.Error(err)
	}
	if err := client.Close(); err != nil {
		d.b.Error(err)
	}
	for _, kind := range index.DocKinds() {
		d.server.Do("DELETE", "/"+index.Alias(prefix, kind)+"-v"+strconv.Itoa(index.SchemaVersion), "")
	}
}

// ours gives the documents a second of the path that documents take.
func (d *deliveries) ours(round int) float64 {
	d.b.Helper()
	prefix := "ours-" + strconv.Itoa(round)
	store, client, n := d.fill(prefix)
	defer d.clear(store, client, prefix)
	sender := index.NewSender(outbox{store, func() {}}, client, index.SenderOptions{InFlight: 2})
	began := time.Now()
	if err := sender.Drain(d.b.Context()); err != nil {
		d.b.Fatal(err)
	}
	took := time.Since(began)
	if st := sender.Stats(); st.Stored != n || store.Backlog().Rows != 0 {
		d.b.Fatalf("%d documents, %+v", n, st)
	}
	return float64(n) / took.Seconds()
}

// helpers gives the documents a second of the client's own bulk helper.
func (d *deliveries) helpers(round int) float64 {
	d.b.Helper()
	prefix := "helper-" + strconv.Itoa(round)
	store, client, n := d.fill(prefix)
	defer d.clear(store, client, prefix)
	began := time.Now()
	stored := d.helped(outbox{store, func() {}}, prefix)
	took := time.Since(began)
	if stored != n {
		d.b.Fatalf("%d documents, the helper stored %d", n, stored)
	}
	return float64(n) / took.Seconds()
}

// helped delivers an outbox by the helper and gives how many were stored.
func (d *deliveries) helped(from index.Outbox, prefix string) int64 {
	d.b.Helper()
	address, err := url.Parse(d.server.URL)
	if err != nil {
		d.b.Fatal(err)
	}
	transport, err := elastictransport.New(elastictransport.Config{ //nolint:staticcheck // deprecated, and the form that takes a transport as it is
		URLs: []*url.URL{address}, CompressRequestBody: true, CompressRequestBodyLevel: gzip.BestSpeed, PoolCompressor: true,
	})
	if err != nil {
		d.b.Fatal(err)
	}
	bulk, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{NumWorkers: 2, FlushBytes: 5_000_000, Client: transport})
	if err != nil {
		d.b.Fatal(err)
	}
	var stored atomic.Int64
	ctx, after := d.b.Context(), int64(0)
	for {
		docs, err := from.Pending(ctx, after, 1000, 5_000_000)
		if err != nil {
			d.b.Fatal(err)
		}
		if len(docs) == 0 {
			break
		}
		after = docs[len(docs)-1].Seq
		for _, doc := range docs {
			item := helperItem(doc, prefix)
			item.OnSuccess = func(context.Context, esutil.BulkIndexerItem, esutil.BulkIndexerResponseItem) { stored.Add(1) }
			if err := bulk.Add(ctx, item); err != nil {
				d.b.Fatal(err)
			}
		}
	}
	if err := bulk.Close(ctx); err != nil {
		d.b.Fatal(err)
	}
	_ = transport.Close(ctx)
	return stored.Load()
}
