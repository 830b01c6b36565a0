package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"

	"github.com/PuerkitoBio/goquery"
	"github.com/gocolly/colly/v2"
)

// keptForum serves what a forum has answered before from memory, so that serving
// costs next to nothing, and keeps the order in which pages were asked for.
type keptForum struct {
	forum http.Handler

	mu    sync.Mutex
	pages map[string]*httptest.ResponseRecorder
	order []string
}

func (k *keptForum) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	uri := r.URL.RequestURI()
	k.mu.Lock()
	page := k.pages[uri]
	if page == nil {
		page = httptest.NewRecorder()
		k.forum.ServeHTTP(page, r)
		k.pages[uri] = page
		k.order = append(k.order, uri)
	}
	k.mu.Unlock()
	maps.Copy(w.Header(), page.Header())
	w.WriteHeader(page.Code)
	_, _ = w.Write(page.Body.Bytes())
}

// longForum is the demo forum with many more replies.
func longForum(t testing.TB, replies int) *demoforum.Forum {
	t.Helper()
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	var threads []int
	for _, th := range f.Truth().Threads {
		id, err := strconv.Atoi(th.ID)
		if err != nil {
			t.Fatal(err)
		}
		threads = append(threads, id)
	}
	words := strings.Fields("the earth rod stays dry under the eaves so the noise came back after rain and nobody could say whether the balun or the feeder was to blame until the loft was opened again")
	rnd := rand.New(rand.NewPCG(5, 6))
	for i := range replies {
		var b strings.Builder
		for range 30 + rnd.IntN(120) {
			b.WriteString(words[rnd.IntN(len(words))] + " ")
		}
		author := fmt.Sprintf("Reader %d", rnd.IntN(200))
		_, err := f.AddReply(threads[i%len(threads)], author, b.String(), demoNow.Add(-time.Duration(replies-i)*time.Minute))
		if err != nil && !errors.Is(err, demoforum.ErrUnknown) { // a thread that was moved takes none
			t.Fatal(err)
		}
	}
	return f
}

// script is what a short script knows of an engine's pages: selectors.
type script struct{ post, author, time, text string }

// demoScript reads the demo forum.
func demoScript() script {
	return script{"li.message", "a.username", ".DateTime", "blockquote.messageText"}
}

// bareLoop fetches pages one after the other with Colly, on one connection, and
// reads what a short script would: every post's author, time and text, and the
// page's links.
func bareLoop(t testing.TB, base string, uris []string, sel script) (posts int) {
	t.Helper()
	c := colly.NewCollector(colly.AllowURLRevisit(), colly.ParseHTTPErrorResponse())
	transport := &http.Transport{MaxConnsPerHost: 1}
	defer transport.CloseIdleConnections()
	c.WithTransport(transport)
	read := 0
	c.OnResponse(func(r *colly.Response) {
		doc, err := goquery.NewDocumentFromReader(bytes.NewReader(r.Body))
		if err != nil {
			t.Error(err)
			return
		}
		doc.Find(sel.post).Each(func(_ int, s *goquery.Selection) {
			posts++
			read += len(s.Find(sel.author).First().Text()) + len(s.Find(sel.time).First().Text()) + len(s.Find(sel.text).Text())
		})
		doc.Find("a[href]").Each(func(_ int, s *goquery.Selection) { read += len(s.AttrOr("href", "")) })
	})
	for _, uri := range uris {
		if err := c.Visit(base + uri); err != nil {
			t.Fatal(err)
		}
	}
	if read == 0 {
		t.Fatal("nothing was read")
	}
	return posts
}

// BenchmarkCrawl compares the rate of a whole crawl (robots.txt, archive, extraction,
// state, embedded index) with that of bare loops over the same pages in the same
// run: of one forum on one connection, and of as many forums at once as keep every
// core busy in both.
func BenchmarkCrawl(b *testing.B) {
	for name, forums := range map[string]int{"one": 1, "busy": 2 * runtime.GOMAXPROCS(0)} {
		b.Run(name, func(b *testing.B) {
			var all []http.Handler
			for range forums {
				all = append(all, longForum(b, 2000))
			}
			benchmarkCrawl(b, all, "/", demoScript())
		})
	}
}

// BenchmarkReplay is BenchmarkCrawl with recordings of forums, whose pages are as
// large as those of forums are.
func BenchmarkReplay(b *testing.B) {
	for name, sel := range map[string]script{
		"smf":   {".post_wrapper", ".poster h4", ".keyinfo", ".inner"},
		"mybb":  {".post", ".author_information a", ".post_date", ".post_body"},
		"phpbb": {".post", ".username, .username-coloured", "time", ".content"},
	} {
		for load, forums := range map[string]int{"one": 1, "busy": 2 * runtime.GOMAXPROCS(0)} {
			b.Run(name+"/"+load, func(b *testing.B) {
				var all []http.Handler
				var r *replay
				for range forums {
					r = openReplay(b, name, "")
					all = append(all, r)
				}
				benchmarkCrawl(b, all, r.start, sel)
			})
		}
	}
}

// benchmarkCrawl crawls forums that have their index at start.
func benchmarkCrawl(b *testing.B, forums []http.Handler, start string, sel script) {
	b.Helper()
	var kept []*keptForum
	var bases []string
	for _, f := range forums {
		k := &keptForum{forum: f, pages: map[string]*httptest.ResponseRecorder{}}
		server := httptest.NewServer(k)
		defer server.Close()
		kept, bases = append(kept, k), append(bases, server.URL)
	}
	var starts []string
	for _, base := range bases {
		starts = append(starts, base+start)
	}
	crawlAll(b, starts) // the forums keep their pages
	pages := 0
	for _, k := range kept {
		pages += len(k.order)
	}
	var whole, bare, busy time.Duration
	for b.Loop() {
		began := time.Now()
		var wg sync.WaitGroup
		for i, k := range kept {
			wg.Go(func() { bareLoop(b, bases[i], k.order, sel) })
		}
		wg.Wait()
		bare += time.Since(began)
		undo := leanHeap() // as the program does; the bare loop is a program of its own
		began, before := time.Now(), processorTime(b)
		crawlAll(b, starts)
		whole += time.Since(began)
		busy += processorTime(b) - before
		undo()
	}
	n := float64(pages * b.N)
	b.ReportMetric(n/whole.Seconds(), "pages/s")
	b.ReportMetric(n/bare.Seconds(), "bare-pages/s")
	b.ReportMetric(bare.Seconds()/whole.Seconds(), "ratio")
	b.ReportMetric(1000*busy.Seconds()/n, "cpu-ms/page")
}

// crawlAll crawls forums into a new data folder.
func crawlAll(b *testing.B, bases []string) {
	b.Helper()
	var out, stderr bytes.Buffer
	args := append([]string{"crawl", "--data", b.TempDir(), "--allow-private", "--delay", "0"}, bases...)
	if code := run(b.Context(), args, strings.NewReader(""), &out, &stderr); code != exitOK {
		b.Fatalf("exit status %d\n%s%s", code, out.String(), stderr.String())
	}
}
