package extract_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// thread is a fixture whose page is made longer by repeating one post with
// other ids: the post stands between from and to, and its id is id.
type thread struct{ engine, page, from, to, id string }

var threads = []thread{
	{"phpbb3", "phpbb3/thread-first", `<div id="p5004"`, `<div id="p5005"`, "5004"},
	{"xenforo2", "xenforo2/first", `<article class="message message--post`, `<div class="samCodeUnit">`, "9001"},
	{"smf", "smf/thread-first-21", `<div class="windowbg" id="msg503">`, `<div class="windowbg" id="msg504">`, "503"},
}

// longer repeats the fixture's post until there are so many.
func longer(t testing.TB, from thread, posts int) forum.Capture {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(fixtures, from.page, "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	start, end := bytes.Index(raw, []byte(from.from)), bytes.Index(raw, []byte(from.to))
	if start < 0 || end < start {
		t.Fatalf("%s has no such post", from.page)
	}
	var body bytes.Buffer
	body.Write(raw[:start])
	for i := range posts {
		body.Write(bytes.ReplaceAll(raw[start:end], []byte(from.id), []byte(strconv.Itoa(900000+i))))
	}
	body.Write(raw[end:])
	return forum.Capture{URL: "http://forum.example/threads/1/", Body: body.Bytes(), FetchedAt: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
}

// cost is what one reading allocates.
func cost(t *testing.T, c forum.Capture, posts int) (objects, size float64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p, err := extract.Read(c, forum.Facts{}, extract.Options{})
	runtime.ReadMemStats(&after)
	if err != nil || len(p.Posts) < posts {
		t.Fatalf("%d posts read, want %d; error %v", len(p.Posts), posts, err)
	}
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// Small pages are mostly fixed costs. What reading them allocates, in objects and
// in bytes, is held against what a bare html.Parse of the same bytes allocates.
func TestSmallPagesAreReadLean(t *testing.T) {
	var known spent
	for _, e := range extract.Engines() {
		pages := fixturePages(t, e.Name())
		spend(t, pages) // what is made once a process
		s := spend(t, pages)
		objects, size := s.ratios()
		t.Logf("%s: %.2f times the objects, %.2f times the bytes of a parse", e.Name(), objects, size)
		switch {
		case e.Name() != "generic":
			known.add(s)
			if objects > 1.25 {
				t.Errorf("%s: %.2f times the objects of a parse, want at most 1.25", e.Name(), objects)
			}
		case objects > 1.6 || size > 5.5 && !underRace:
			t.Errorf("generic: %.2f times the objects and %.2f times the bytes of a parse, want at most 1.6 and 5.5", objects, size)
		}
	}
	if objects, size := known.ratios(); objects > 0.45 || size > 1.9 && !underRace {
		t.Errorf("known engines: %.2f times the objects and %.2f times the bytes of a parse, want at most 0.45 and 1.9", objects, size)
	}
}

// spent is what parsing and reading pages allocates.
type spent struct{ parseObjects, parseSize, readObjects, readSize uint64 }

func (s *spent) add(o spent) {
	s.parseObjects, s.parseSize = s.parseObjects+o.parseObjects, s.parseSize+o.parseSize
	s.readObjects, s.readSize = s.readObjects+o.readObjects, s.readSize+o.readSize
}

func (s *spent) ratios() (objects, size float64) {
	return float64(s.readObjects) / float64(s.parseObjects), float64(s.readSize) / float64(s.parseSize)
}

func spend(t *testing.T, pages []forum.Capture) spent {
	t.Helper()
	var before, parsed, read runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, c := range pages {
		if _, err := html.Parse(bytes.NewReader(c.Body)); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&parsed)
	for _, c := range pages {
		if _, err := extract.Read(c, forum.Facts{}, extract.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&read)
	return spent{parsed.Mallocs - before.Mallocs, parsed.TotalAlloc - before.TotalAlloc, read.Mallocs - parsed.Mallocs, read.TotalAlloc - parsed.TotalAlloc}
}

// A post of a long page costs what one of a short page costs, and not much.
func TestLongPagesCostNoMorePerPost(t *testing.T) {
	for _, from := range threads {
		t.Run(from.engine, func(t *testing.T) {
			const short, long = 20, 600
			cost(t, longer(t, from, short), short) // what is made once a process
			shortObjects, shortSize := cost(t, longer(t, from, short), short)
			longObjects, longSize := cost(t, longer(t, from, long), long)
			if a, b := shortObjects/short, longObjects/long; b > 1.05*a {
				t.Errorf("%.0f allocations a post on a long page, %.0f on a short one", b, a)
			}
			if a, b := shortSize/short, longSize/long; b > 1.25*a { // lists grow by doubling
				t.Errorf("%.0f bytes a post on a long page, %.0f on a short one", b, a)
			}
			if perPost := longObjects / long; perPost > 400 {
				t.Errorf("%.0f allocations a post, want at most 400", perPost)
			}
		})
	}
}

// What is alive when a page is read, with the page itself, is at most two thirds
// of what the process may take: it collects when half as much again is added.
func TestLongPagesAreHeldLean(t *testing.T) {
	const most = 16 * 2.0 / 3
	for _, from := range threads {
		t.Run(from.engine, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			c := longer(t, from, 1000)
			d, err := dom.Parse(c)
			if err != nil {
				t.Fatal(err)
			}
			p, err := extract.ReadDocument(c, forum.Facts{}, d, extract.Options{})
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if ratio := float64(after.HeapAlloc-before.HeapAlloc) / float64(len(c.Body)); ratio > most {
				t.Errorf("%.1f times the page's bytes are alive, want at most %.1f", ratio, most)
			} else {
				t.Logf("%.1f times the page's bytes are alive", ratio)
			}
			runtime.KeepAlive(d)
			runtime.KeepAlive(p)
			runtime.KeepAlive(c)
		})
	}
}
