package extract_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
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

// BenchmarkCorpus does the same over real pages, where they are at hand: pages
// of known engines apart from those that the generic reader reads.
func BenchmarkCorpus(b *testing.B) { benchmarkByReader(b, corpusPages(b)) }

// BenchmarkSites does the same over recorded sites, where they are at hand.
func BenchmarkSites(b *testing.B) {
	archives, err := filepath.Glob("../../shared/sites/*.tar.xz")
	if err != nil || len(archives) == 0 {
		b.Skip("needs ../shared/sites")
	}
	for _, archive := range archives {
		name := strings.TrimSuffix(filepath.Base(archive), ".tar.xz")
		b.Run(name, func(b *testing.B) { benchmarkByReader(b, archivedPages(b, archive)) })
	}
}

func benchmarkByReader(b *testing.B, pages []forum.Capture) {
	b.Helper()
	var known, generic []forum.Capture
	for _, c := range pages {
		p, err := extract.Read(c, forum.Facts{}, extract.Options{})
		switch {
		case err != nil || p.Engine == "":
		case p.Engine == "generic":
			generic = append(generic, c)
		default:
			known = append(known, c)
		}
	}
	b.Run("known", func(b *testing.B) { benchmarkPages(b, known) })
	b.Run("generic", func(b *testing.B) { benchmarkPages(b, generic) })
}

func fixturePages(b testing.TB, engine string) []forum.Capture {
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
	return archivedPages(b, archive)
}

func archivedPages(b *testing.B, archive string) []forum.Capture {
	b.Helper()
	dir := b.TempDir()
	if out, err := exec.Command("tar", "-xJf", archive, "-C", dir).CombinedOutput(); err != nil {
		b.Fatalf("unpacking: %v: %s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*", "pages", "*.html"))
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

// benchmarkPages reports the median, over every page in every round, of
// reading's time over that of a bare parse right before it, and the ratio of
// the sums.
func benchmarkPages(b *testing.B, pages []forum.Capture) {
	if len(pages) == 0 {
		b.Skip("no pages")
	}
	var parsing, reading time.Duration
	var ratios []float64
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range pages {
			start := time.Now()
			if _, err := html.Parse(bytes.NewReader(c.Body)); err != nil {
				continue
			}
			parsed := time.Since(start)
			start = time.Now()
			if _, err := extract.Read(c, forum.Facts{}, extract.Options{}); err != nil {
				b.Fatal(err)
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
	b.ReportMetric(float64(len(ratios))/reading.Seconds(), "pages/s")
	b.ReportMetric(float64(len(ratios))/parsing.Seconds(), "parse-pages/s")
}

// BenchmarkLength reads pages of 20 and of 10,000 posts and reports the time a
// post.
func BenchmarkLength(b *testing.B) {
	for _, from := range threads {
		for _, posts := range []int{20, 10000} {
			b.Run(fmt.Sprintf("%s/%d", from.engine, posts), func(b *testing.B) {
				c := longer(b, from, posts)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := extract.Read(c, forum.Facts{}, extract.Options{}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*posts), "ns/post")
			})
		}
	}
}
