package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
)

// bigEnv makes the benchmarks use a million URLs instead of 100,000.
const bigEnv = "FORUMINE_BIG"

func benchSize() int {
	if os.Getenv(bigEnv) != "" {
		return 1_000_000
	}
	return 100_000
}

func benchLinks(from, n int) []NewLink {
	out := make([]NewLink, n)
	for i := range out {
		id := (from + i) * 7919 % 100_000_007
		out[i] = NewLink{
			Link: forum.Link{URL: fmt.Sprintf("https://forum.example.org/threads/some-topic.%d/", id), Key: fmt.Sprintf("thread/%d/1", id), Kind: forum.KindThread},
			Site: "forum.example.org", Slot: fmt.Sprintf("h%d.example.org:443", id%50), Priority: id % 5, Parent: fmt.Sprintf("thread/%d", id), Page: 1, Signature: "s",
		}
	}
	return out
}

func benchStore(b *testing.B) *Store {
	b.Helper()
	s, err := Open(context.Background(), b.TempDir(), Options{Folder: testFolder{}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if _, err := s.EnsureSite(context.Background(), Site{ID: "forum.example.org"}); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkAdd(b *testing.B) {
	size := benchSize()
	links := benchLinks(0, size)
	for b.Loop() {
		s := benchStore(b)
		start := time.Now()
		for i := 0; i < size; i += 10_000 {
			if n, err := s.Add(context.Background(), links[i:i+10_000]...); err != nil || n != 10_000 {
				b.Fatal(n, err)
			}
		}
		b.ReportMetric(float64(size)/time.Since(start).Seconds(), "new/s")
		start = time.Now()
		if n, err := s.Add(context.Background(), links[:size/4]...); err != nil || n != 0 {
			b.Fatal(n, err)
		}
		b.ReportMetric(float64(size/4)/time.Since(start).Seconds(), "known/s")
	}
}

// BenchmarkNextSettle leases and settles bare URLs out of a large frontier.
func BenchmarkNextSettle(b *testing.B) {
	s := benchStore(b)
	if _, err := s.Add(context.Background(), benchLinks(0, benchSize())...); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := s.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Settle(context.Background(), l, Settlement{Outcome: Unchanged, Status: 304}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNext leases and releases.
func BenchmarkNext(b *testing.B) {
	s := benchStore(b)
	if _, err := s.Add(context.Background(), benchLinks(0, benchSize())...); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := s.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Release(context.Background(), l); err != nil {
			b.Fatal(err)
		}
	}
}

// benchPage is a thread page of 20 posts by 20 authors with 30 links.
func benchPage(l Lease, n int) Settlement {
	thread := l.Parent
	say := func(kind forum.DocKind, key string, v says) forum.Contribution {
		body, _ := json.Marshal(v)
		return forum.Contribution{Doc: forum.DocRef{Kind: kind, Key: key}, Rank: forum.RankPage, Body: body}
	}
	v := Settlement{Outcome: OK, Status: 200, Extractor: 1, Kind: forum.KindThread, Posts: 20, Capture: fmt.Sprintf("a.warc.gz:%d", n)}
	v.Contributions = append(v.Contributions, say(forum.DocThread, thread, says{Title: "Some topic " + l.Key}))
	for i := range 20 {
		author := fmt.Sprintf("forum.example.org|user|%d", (n*20+i*31)%5000)
		v.Contributions = append(v.Contributions,
			say(forum.DocPost, fmt.Sprintf("forum.example.org|post|%d", n*20+i), says{Thread: thread, Author: author, Text: benchText(n + i), At: int64(n + 1)}),
			say(forum.DocAuthor, author, says{Name: author}))
	}
	v.Links = benchLinks(2_000_000+n*30, 30)
	return v
}

func benchText(n int) string {
	words := strings.Fields("the boil was short and hops went in late so bitterness stayed low while aroma lasted until bottling day when yeast had settled")
	var b strings.Builder
	for i := range 250 {
		b.WriteString(words[(i*i*7+n*13+i)%len(words)])
		b.WriteByte(" \n,."[(i+n)%4])
		if i%9 == 0 {
			fmt.Fprintf(&b, "%d ", i*n)
		}
	}
	return b.String()
}

// BenchmarkSettlePage settles whole thread pages.
func BenchmarkSettlePage(b *testing.B) {
	s := benchStore(b)
	if _, err := s.Add(context.Background(), benchLinks(0, benchSize())...); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		l, err := s.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Settle(context.Background(), l, benchPage(l, n)); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pages/s")
}

func BenchmarkNextEmpty(b *testing.B) {
	s := benchStore(b)
	for b.Loop() {
		if _, err := s.Next(context.Background()); !errors.Is(err, ErrEmpty) {
			b.Fatal(err)
		}
	}
}

func BenchmarkCodec(b *testing.B) {
	c := newCodec()
	body := []byte(benchText(3))
	var stored []byte
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			stored = c.encode(body)
		}
		b.ReportMetric(float64(len(stored))/float64(len(body)), "ratio")
		b.ReportMetric(float64(len(body)), "bytes")
	})
	b.Run("decode", func(b *testing.B) {
		stored = c.encode(body)
		for b.Loop() {
			if _, err := c.decode(stored); err != nil {
				b.Fatal(err)
			}
		}
	})
}
