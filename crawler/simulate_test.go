package crawler_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/simforum"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// plainMarkup is that of the tests' own forum program, whose pages cost little to
// read. The forum is served over HTTP and crawled by the real crawler over real
// stores; days pass by an injected clock.
type plainMarkup struct {
	fromAll int // entries on a page of the feed of all boards; 0 for no feed
	mapped  int // threads in a file of the sitemap; 0 for no sitemap
}

// newSim makes a forum of that program.
func newSim(seed uint64, threads, posts, boards int, m plainMarkup) *simforum.Forum {
	return simforum.New(simforum.Options{Seed: seed, Threads: threads, Posts: posts, Boards: boards, Markup: m})
}

func (plainMarkup) Missing() string { return "kind missing\n" }

func (m plainMarkup) Page(f *simforum.Forum, path string) (string, bool) {
	if rest, ok := strings.CutPrefix(path, "/news"); ok && m.fromAll > 0 {
		n, _ := strconv.Atoi(strings.TrimPrefix(rest, "/"))
		return m.feedPage(f, max(n, 1)), true
	}
	if rest, ok := strings.CutPrefix(path, "/map"); ok && m.mapped > 0 {
		return m.sitemap(f, strings.Trim(rest, "/")), true
	}
	at := reAddress.FindStringSubmatch(path)
	if at == nil {
		return "", false
	}
	n := 1
	if at[3] != "" {
		n, _ = strconv.Atoi(at[3])
	}
	id, _ := strconv.Atoi(at[2])
	switch at[1] {
	case "b":
		return m.boardPage(f, id-1, n)
	case "t":
		return m.threadPage(f, id, n)
	}
	var b strings.Builder
	b.WriteString("kind index\n")
	for i := range f.Boards {
		fmt.Fprintf(&b, "board /b/%d\n", i+1)
	}
	return b.String(), true
}

// sitemap is the index of the sitemap, or one of its files.
func (m plainMarkup) sitemap(f *simforum.Forum, file string) string {
	var entries []string
	if n, err := strconv.Atoi(file); err == nil {
		for _, t := range f.Threads[(n-1)*m.mapped : min(n*m.mapped, len(f.Threads))] {
			entries = append(entries, fmt.Sprintf("/t/%d", t.ID))
		}
		return strings.ReplaceAll(xmlText("urlset", "url", entries...), "BASE", "")
	}
	for i := 0; i*m.mapped < len(f.Threads); i++ {
		entries = append(entries, fmt.Sprintf("/map/%d", i+1))
	}
	return strings.ReplaceAll(xmlText("sitemapindex", "sitemap", entries...), "BASE", "")
}

// feedPage lists the threads of all boards by their newest posts.
func (m plainMarkup) feedPage(f *simforum.Forum, n int) string {
	var b strings.Builder
	b.WriteString("kind feed\n")
	seen, skip := map[*simforum.Thread]bool{}, (n-1)*m.fromAll
	for i := len(f.Recent) - 1; i >= 0 && len(seen) < n*m.fromAll; i-- {
		t := f.Recent[i]
		if seen[t] || t.Gone {
			continue
		}
		if seen[t] = true; len(seen) > skip {
			fmt.Fprintf(&b, "entry /t/%d %d %d\n", t.ID, t.Last, t.Board+1)
		}
	}
	return b.String()
}

func (plainMarkup) boardPage(f *simforum.Forum, board, n int) (string, bool) {
	rows, more, ok := f.Rows(board, n)
	if !ok {
		return "", false
	}
	var b strings.Builder
	b.WriteString("kind board\n")
	for _, t := range rows {
		fmt.Fprintf(&b, "row /t/%d %d\n", t.ID, t.Last)
	}
	if more {
		fmt.Fprintf(&b, "next /b/%d/%d\n", board+1, n+1)
	}
	return b.String(), true
}

func (plainMarkup) threadPage(f *simforum.Forum, id, n int) (string, bool) {
	t, ok := f.Thread(id, n)
	if !ok {
		return "", false
	}
	var b strings.Builder
	b.WriteString("kind thread\n")
	posts, _ := t.On(n)
	for _, p := range posts {
		fmt.Fprintf(&b, "post %d version %d of a post that says nothing else\n", p.ID, p.Version)
	}
	if n < t.Pages() {
		fmt.Fprintf(&b, "next /t/%d/%d\nlink /t/%d/%d\n", id, n+1, id, t.Pages())
	}
	return b.String(), true
}

// simRun is a crawl of a simulated forum over days.
type simRun struct {
	t      testing.TB
	forum  *simforum.Forum
	server *httptest.Server
	clock  *moving
	dir    string
	audit  crawler.Audit
	feed   string // as in setup

	sitemap string // as in setup
}

func newSimRun(t *testing.T, f *simforum.Forum, audit crawler.Audit) *simRun {
	r := &simRun{t: t, forum: f, server: httptest.NewServer(f), clock: newMoving(), dir: t.TempDir(), audit: audit}
	t.Cleanup(r.server.Close)
	return r
}

func (r *simRun) open(t *testing.T) *bench {
	return open(t, r.dir, setup{now: r.clock.Now, feed: r.feed, sitemap: r.sitemap, Options: crawler.Options{
		Workers: 1, Interval: crawler.Bounds{Max: 24 * time.Hour}, Audit: r.audit}})
}

// crawl runs the same command once more and gives what it asked for: without
// robots.txt and the audit lane, and by the audit lane.
func (r *simRun) crawl(t *testing.T) (requests, audits int, b *bench) {
	t.Helper()
	r.forum.Asked()
	b = r.open(t)
	if err := b.Refresh(t.Context(), b.start(r.server.URL+"/")); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, n := range r.forum.Asked() {
		requests += n
	}
	audits = b.Stats().Audits
	return requests - audits, audits, b
}

// text is what the state holds of a post, "" for nothing.
func (r *simRun) text(b *bench, id int) (text string, missing bool) {
	site := strings.TrimPrefix(r.server.URL, "http://")
	d, err := b.store.DocumentByKey(context.Background(), site+"|post|"+strconv.Itoa(id))
	if err != nil {
		return "", false
	}
	return string(d.Body), !d.MissingSince.IsZero()
}

// missed counts the posts that the state does not hold.
func (r *simRun) missed(b *bench, posts []int) int {
	n := 0
	for _, id := range posts {
		if text, _ := r.text(b, id); text == "" {
			n++
		}
	}
	return n
}

// unseen counts the edits before a day that the state does not know of.
func (r *simRun) unseen(b *bench, edits []simforum.Edit, before int) int {
	n := 0
	for _, e := range edits {
		text, _ := r.text(b, e.Post)
		_, after, _ := strings.Cut(text, "version ")
		seen, _ := strconv.Atoi(strings.SplitN(after, " ", 2)[0])
		if e.Day < before && seen < e.Version {
			n++
		}
	}
	return n
}

// simRow is a row of the proof's table.
type simRow struct {
	share                                                   float64
	day, changed, posts, ours, least, plain, missed, audits int
}

func (r simRow) String() string {
	return fmt.Sprintf("| %g %% | %d | %d | %d | %d | %d | %.2f | %d | %d | %.0f | %d |", r.share*100, r.day, r.changed, r.posts, r.ours, r.least,
		float64(r.ours)/float64(r.least), r.missed, r.plain, float64(r.plain)/float64(r.ours), r.audits)
}

// days lets days pass with a share of changed threads each and crawls after each.
func (r *simRun) days(t *testing.T, shares []float64, editsADay int) ([]simRow, []simforum.Edit) {
	t.Helper()
	var rows []simRow
	var edits []simforum.Edit
	for day, share := range shares {
		r.clock.add(24 * time.Hour)
		d := r.forum.Live(share)
		edits = append(edits, r.forum.Edit(editsADay, day)...)
		ours, audits, b := r.crawl(t)
		rows = append(rows, simRow{share: share, day: day + 1, changed: len(d.Changed), posts: len(d.Posts), ours: ours, audits: audits,
			least: r.forum.Least(d), plain: r.forum.Plain(), missed: r.missed(b, d.Posts)})
		t.Log(rows[len(rows)-1])
		b.close()
	}
	return rows, edits
}

func (r *simRun) check(t *testing.T, rows []simRow, most float64) {
	t.Helper()
	for _, row := range rows {
		if row.missed > 0 {
			t.Errorf("day %d: %d posts were missed", row.day, row.missed)
		}
		// One more is a thread that lost its last page: the one before is read again.
		if ratio := float64(row.ours) / float64(row.least); ratio > most && row.ours > row.least+1 {
			t.Errorf("day %d: %d requests, %d are the least: %.2f times as many, want at most %.2f", row.day, row.ours, row.least, ratio, most)
		}
	}
}

// On a small forum a day's crawl asks for little more than it must, misses no
// post, and the audit lane sees every edit, every deletion and nothing else
// within its bound.
func TestSimulation(t *testing.T) {
	t.Parallel()
	const bound = 6
	f := newSim(1, 500, 5000, 4, plainMarkup{})
	if underRace {
		f = newSim(1, 60, 500, 2, plainMarkup{})
	}
	r := newSimRun(t, f, crawler.Audit{Bounds: crawler.Bounds{Min: 24 * time.Hour, Max: bound * 24 * time.Hour}})
	first, _, b := r.crawl(t)
	if want := f.Plain(); first != want {
		t.Errorf("the first crawl asked for %d pages, want %d", first, want)
	}
	if n := len(b.posts()); n != f.Posts() {
		t.Errorf("the first crawl holds %d of %d posts", n, f.Posts())
	}
	if n, err := b.store.Schedule(t.Context(), state.Selection{}, r.clock.Now()); n != first || err != nil {
		t.Fatalf("a plain re-crawl has %d pages, %v; want %d", n, err, first)
	}
	b.close()
	if plain, _, b := r.crawl(t); plain != f.Plain() {
		t.Errorf("a plain re-crawl made %d requests, want %d", plain, f.Plain())
	} else {
		b.close()
	}
	rows, edits := r.days(t, []float64{0, 0.002, 0.02, 0, 0.02, 0.002}, 5)
	r.check(t, rows, 1.2)
	gone := f.Remove(8)
	more, last := r.days(t, slices.Repeat([]float64{0.01, 0}, bound+1), 0)
	r.check(t, more, 1.2)
	b = r.open(t)
	if n := r.unseen(b, slices.Concat(edits, last), bound+1); n > 0 {
		t.Errorf("%d of %d edits were not seen within the bound", n, len(edits))
	}
	r.checkMissing(t, b, gone)
}

// checkMissing wants exactly the deleted posts to be missing.
func (r *simRun) checkMissing(t *testing.T, b *bench, gone map[int]bool) {
	t.Helper()
	wrong, live := 0, map[int]bool{}
	for _, th := range r.forum.Threads {
		for _, p := range th.Posts {
			live[p.ID] = !th.Gone
		}
	}
	for id := range b.posts() {
		n, _ := strconv.Atoi(id)
		if _, missing := r.text(b, n); missing != gone[n] {
			wrong++
			t.Logf("post %s: missing %v, on a page %v", id, missing, live[n])
		}
	}
	if wrong > 0 {
		t.Errorf("%d posts are said to be missing that are not, or the other way round; %d were deleted", wrong, len(gone))
	}
}

// proofEnv runs the long proofs too.
const proofEnv = "FORUMINE_PROOF"

// TestProofOfIncrementalCrawls is the proof of docs/incremental.md: a hundred
// thousand threads and a million posts.
func TestProofOfIncrementalCrawls(t *testing.T) {
	if os.Getenv(proofEnv) == "" || underRace {
		t.Skip("set " + proofEnv + "=1, without the race detector: it takes a quarter of an hour and two gigabytes")
	}
	const bound = 8
	f := newSim(1, 100_000, 1_000_000, 100, plainMarkup{})
	r := newSimRun(t, f, crawler.Audit{Share: 1, Bounds: crawler.Bounds{Min: 24 * time.Hour, Max: bound * 24 * time.Hour}})
	start := time.Now()
	first, _, b := r.crawl(t)
	t.Logf("first crawl: %d requests, %d pages in the forum, %d posts, %s", first, f.Plain(), f.Posts(), time.Since(start).Round(time.Second))
	st, err := b.store.Status(t.Context())
	if err != nil || st.Documents[forum.DocPost].Live != int64(f.Posts()) {
		t.Errorf("the first crawl holds %d of %d posts, %v", st.Documents[forum.DocPost].Live, f.Posts(), err)
	}
	b.close()
	rows, edits := r.days(t, []float64{0, 0.001, 0.01, 0, 0.001, 0.01, 0, 0.001, 0.01}, 500)
	r.check(t, rows, 1.2)
	b = r.open(t)
	if n := r.unseen(b, edits, len(rows)-bound); n > 0 {
		t.Errorf("%d edits were not seen within the bound", n)
	}
	for before := range len(rows) + 1 {
		t.Logf("edits of the days before day %d that are not seen at the end: %d", before+1, r.unseen(b, edits, before))
	}
	size := int64(0)
	for _, name := range []string{"state.db"} {
		if info, err := os.Stat(filepath.Join(r.dir, name)); err == nil {
			size += info.Size()
		}
	}
	t.Logf("the state takes %d MB; %s in all", size>>20, time.Since(start).Round(time.Second))
}
