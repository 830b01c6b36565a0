package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/local"
	"forumine/index/query"
)

// benchPosts makes posts of about 2 KB: words by Zipf's law, 200 authors, 1,000
// threads, four years.
func benchPosts(count int) []index.Document {
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.1, 10, 40_000)
	docs := make([]index.Document, count)
	for i := range docs {
		var b strings.Builder
		for b.Len() < 1700 {
			fmt.Fprintf(&b, "w%d ", zipf.Uint64())
		}
		thread, author := r.IntN(1000), r.IntN(200)
		key := fmt.Sprintf("bench.example|post|%d", i)
		body, _ := json.Marshal(map[string]any{
			"doc_kind": "post", "@timestamp": time.Unix(1_600_000_000+int64(r.IntN(126_000_000)), 0).UTC(),
			"site":   map[string]any{"id": "bench.example", "host": "bench.example", "engine": "phpbb3"},
			"forum":  map[string]any{"id": "3", "name": "General"},
			"post":   map[string]any{"id": strconv.Itoa(i), "key": key, "position": i / 1000, "state": "visible"},
			"thread": map[string]any{"id": strconv.Itoa(thread), "key": fmt.Sprintf("bench.example|thread|%d", thread), "title": fmt.Sprintf("w%d w%d", zipf.Uint64(), zipf.Uint64())},
			"author": map[string]any{"id": strconv.Itoa(author), "key": fmt.Sprintf("bench.example|user|%d", author), "name": fmt.Sprintf("Author %d", author)},
			"body":   map[string]any{"text": b.String(), "words": 300, "lang": "en"},
		})
		docs[i] = index.Document{ID: query.DocumentID(key), Kind: forum.DocPost, Key: key, Version: 1, Body: body}
	}
	return docs
}

// BenchmarkDeliver stores 20,000 posts of 2 KB in batches of 500.
func BenchmarkDeliver(b *testing.B) {
	docs := benchPosts(20_000)
	for b.Loop() {
		dir := b.TempDir()
		x := open(b, dir, local.Options{})
		for batch := range slices.Chunk(docs, 500) {
			deliver(b, x, batch...)
		}
		x.Close()
		if info, err := os.Stat(filepath.Join(dir, local.FileName)); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		}
	}
	b.ReportMetric(float64(len(docs)*b.N)/b.Elapsed().Seconds(), "docs/s")
}

// BenchmarkSearch reports the median and the 95th percentile of the queries.
func BenchmarkSearch(b *testing.B) {
	x := open(b, b.TempDir(), local.Options{})
	for batch := range slices.Chunk(benchPosts(20_000), 500) {
		deliver(b, x, batch...)
	}
	for name, form := range map[string]string{
		"rare word": "w5%03d", "common word": "w%d", "two common words": "w1 w%d", "phrase": `"w0 w1" w%d`, "prefix": "w5%03d*",
		"word author date": "w2 author:%d date:>=2022", "author newest": "author:%d",
	} {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				n, err := query.Parse(fmt.Sprintf(form, i%200))
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				if _, err := x.Search(context.Background(), query.Query{Node: n}); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// BenchmarkUpsert replaces single documents, one durable delivery each.
func BenchmarkUpsert(b *testing.B) {
	x := open(b, b.TempDir(), local.Options{})
	docs := benchPosts(2000)
	deliver(b, x, docs...)
	version := int64(1)
	for i := 0; b.Loop(); i++ {
		version++
		d := docs[i%len(docs)]
		d.Version = version
		deliver(b, x, d)
	}
}
