package extract_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/check"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// BenchmarkRead reads each engine's fixtures and reports the time of the whole
// extraction over that of a bare html.Parse of the same bytes in the same run.
func BenchmarkRead(b *testing.B) {
	for _, e := range extract.Engines() {
		pages := fixturePages(b, e.Name())
		if len(pages) > 0 {
			b.Run(e.Name(), func(b *testing.B) { benchmarkPages(b, pages) })
		}
	}
}

// BenchmarkCorpus does the same over real pages, where they are at hand.
func BenchmarkCorpus(b *testing.B) {
	pages := corpusPages(b)
	b.Run("all", func(b *testing.B) { benchmarkPages(b, pages) })
}

func fixturePages(b *testing.B, engine string) []forum.Capture {
	b.Helper()
	root := filepath.Join(fixtures, engine)
	cases, err := check.Cases(os.DirFS(root))
	if err != nil {
		return nil
	}
	var out []forum.Capture
	for _, c := range cases {
		body, err := os.ReadFile(filepath.Join(root, c, "page.html"))
		if err != nil {
			continue
		}
		out = append(out, forum.Capture{URL: "http://forum.example/threads/1/", Body: body, FetchedAt: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	}
	return out
}

func corpusPages(b *testing.B) []forum.Capture {
	b.Helper()
	archive, err := filepath.Abs("../../shared/corpus/wcxb-dev.tar.xz")
	if err == nil {
		_, err = os.Stat(archive)
	}
	if err != nil {
		b.Skip("needs ../shared/corpus")
	}
	dir := b.TempDir()
	if out, err := exec.Command("tar", "-xJf", archive, "-C", dir).CombinedOutput(); err != nil {
		b.Fatalf("unpacking: %v: %s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "wcxb-dev", "pages", "*.html"))
	if err != nil || len(names) == 0 {
		b.Fatal("no pages")
	}
	sort.Strings(names)
	var out []forum.Capture
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, forum.Capture{URL: "http://forum.example/t/1", Body: body})
	}
	return out
}

func benchmarkPages(b *testing.B, pages []forum.Capture) {
	ratios := make([]float64, 0, len(pages))
	var reading, parsing time.Duration
	b.ReportAllocs()
	for b.Loop() {
		ratios = ratios[:0]
		for _, c := range pages {
			start := time.Now()
			if _, err := html.Parse(bytes.NewReader(c.Body)); err != nil {
				continue
			}
			parsed := time.Since(start)
			start = time.Now()
			if _, err := extract.Read(c, forum.Facts{}, extract.Options{}); err != nil {
				continue
			}
			read := time.Since(start)
			parsing += parsed
			reading += read
			ratios = append(ratios, float64(read)/float64(parsed))
		}
	}
	sort.Float64s(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "median-ratio")
	b.ReportMetric(float64(reading)/float64(parsing), "total-ratio")
	b.ReportMetric(float64(len(pages)*b.N)/reading.Seconds(), "pages/s")
	b.ReportMetric(float64(len(pages)*b.N)/parsing.Seconds(), "parse-pages/s")
}
