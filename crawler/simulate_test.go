package crawler_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// The simulated forum speaks the tests' forum program. Its boards are of very
// different sizes, its threads of very different lengths, and a few threads get
// most replies, as on real forums. It is served over HTTP and crawled by the real
// crawler over real stores, with a reader that costs little; days pass by an
// injected clock.
const (
	rowsAPage  = 20
	postsAPage = 20
)

type simPost struct {
	id, version int
}

type simThread struct {
	id, board int
	posts     []simPost
	last      int // id of the newest post there ever was
	gone      bool
}

func (t *simThread) pages() int { return max(1, (len(t.posts)+postsAPage-1)/postsAPage) }

type simForum struct {
	mu      sync.Mutex
	rnd     *rand.Rand
	boards  [][]*simThread // newest post last
	threads []*simThread   // by id, from 1
	recent  []*simThread   // in the order of activity, with repeats: the newest last
	posts   int
	asked   map[string]int
	fromAll int // entries on a page of the feed of all boards
	mapped  int // threads in a file of the sitemap
}

// newSim makes a forum of about as many posts as said, in threads whose lengths
// fall off like those of forums do.
func newSim(seed uint64, threads, posts, boards int) *simForum {
	f := &simForum{rnd: rand.New(rand.NewPCG(seed, 7)), boards: make([][]*simThread, boards), asked: map[string]int{}}
	for range threads {
		f.open(f.someBoard())
	}
	for f.posts < posts {
		f.reply(f.anyThread())
	}
	return f
}

// someBoard chooses a board: the first ones get most threads.
func (f *simForum) someBoard() int {
	return int(math.Pow(f.rnd.Float64(), 2) * float64(len(f.boards)))
}

// anyThread chooses a thread of any age with skew: a few get most replies.
func (f *simForum) anyThread() *simThread {
	return f.threads[int(math.Pow(f.rnd.Float64(), 3)*float64(len(f.threads)))]
}

// lively chooses a thread as replies do: mostly one that is active already.
func (f *simForum) lively() *simThread {
	if f.rnd.Float64() < 0.1 {
		return f.anyThread()
	}
	n := min(len(f.recent), max(50, len(f.threads)/10))
	back := int(math.Pow(f.rnd.Float64(), 2) * float64(n))
	return f.recent[len(f.recent)-1-back]
}

func (f *simForum) open(board int) *simThread {
	t := &simThread{id: len(f.threads) + 1, board: board}
	f.threads = append(f.threads, t)
	f.boards[board] = append(f.boards[board], t)
	f.reply(t)
	return t
}

// reply adds a post and moves the thread to the top of its board.
func (f *simForum) reply(t *simThread) int {
	f.posts++
	t.posts = append(t.posts, simPost{id: f.posts})
	t.last = f.posts
	f.recent = append(f.recent, t)
	b := f.boards[t.board]
	if b[len(b)-1] != t {
		i := slices.Index(b, t)
		copy(b[i:], b[i+1:])
		b[len(b)-1] = t
	}
	return f.posts
}

// page is what the forum answers; false for 404.
func (f *simForum) page(path string) (string, bool) {
	if rest, ok := strings.CutPrefix(path, "/news"); ok && f.fromAll > 0 {
		n, _ := strconv.Atoi(strings.TrimPrefix(rest, "/"))
		return f.feedPage(max(n, 1)), true
	}
	if rest, ok := strings.CutPrefix(path, "/map"); ok && f.mapped > 0 {
		return f.sitemap(strings.Trim(rest, "/")), true
	}
	m := reAddress.FindStringSubmatch(path)
	if m == nil {
		return "", false
	}
	n := 1
	if m[3] != "" {
		n, _ = strconv.Atoi(m[3])
	}
	id, _ := strconv.Atoi(m[2])
	switch m[1] {
	case "b":
		return f.boardPage(id-1, n)
	case "t":
		return f.threadPage(id, n)
	}
	var b strings.Builder
	b.WriteString("kind index\n")
	for i := range f.boards {
		fmt.Fprintf(&b, "board /b/%d\n", i+1)
	}
	return b.String(), true
}

// sitemap is the index of the sitemap, or one of its files.
func (f *simForum) sitemap(file string) string {
	var entries []string
	if n, err := strconv.Atoi(file); err == nil {
		for _, t := range f.threads[(n-1)*f.mapped : min(n*f.mapped, len(f.threads))] {
			entries = append(entries, fmt.Sprintf("/t/%d", t.id))
		}
		return strings.ReplaceAll(xmlText("urlset", "url", entries...), "BASE", "")
	}
	for i := 0; i*f.mapped < len(f.threads); i++ {
		entries = append(entries, fmt.Sprintf("/map/%d", i+1))
	}
	return strings.ReplaceAll(xmlText("sitemapindex", "sitemap", entries...), "BASE", "")
}

// feedPage lists the threads of all boards by their newest posts.
func (f *simForum) feedPage(n int) string {
	var b strings.Builder
	b.WriteString("kind feed\n")
	seen, skip := map[*simThread]bool{}, (n-1)*f.fromAll
	for i := len(f.recent) - 1; i >= 0 && len(seen) < n*f.fromAll; i-- {
		t := f.recent[i]
		if seen[t] || t.gone {
			continue
		}
		if seen[t] = true; len(seen) > skip {
			fmt.Fprintf(&b, "entry /t/%d %d %d\n", t.id, t.last, t.board+1)
		}
	}
	return b.String()
}

func (f *simForum) boardPage(board, n int) (string, bool) {
	rows := f.boards[board]
	var b strings.Builder
	b.WriteString("kind board\n")
	first := len(rows) - 1 - (n-1)*rowsAPage
	if first < 0 && n > 1 {
		return "", false
	}
	for i := first; i >= 0 && i > first-rowsAPage; i-- {
		fmt.Fprintf(&b, "row /t/%d %d\n", rows[i].id, rows[i].last)
	}
	if first-rowsAPage >= 0 {
		fmt.Fprintf(&b, "next /b/%d/%d\n", board+1, n+1)
	}
	return b.String(), true
}

func (f *simForum) threadPage(id, n int) (string, bool) {
	if id > len(f.threads) || f.threads[id-1].gone || n > f.threads[id-1].pages() {
		return "", false
	}
	t := f.threads[id-1]
	var b strings.Builder
	b.WriteString("kind thread\n")
	for _, p := range t.posts[(n-1)*postsAPage : min(n*postsAPage, len(t.posts))] {
		fmt.Fprintf(&b, "post %d version %d of a post that says nothing else\n", p.id, p.version)
	}
	if n < t.pages() {
		fmt.Fprintf(&b, "next /t/%d/%d\nlink /t/%d/%d\n", id, n+1, id, t.pages())
	}
	return b.String(), true
}

func (f *simForum) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[r.URL.Path]++
	page, ok := f.page(r.URL.Path)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		page = "kind missing\n"
	}
	_, _ = w.Write([]byte(page))
}

// plain is what a crawl of everything asks for.
func (f *simForum) plain() int {
	n := 1
	for _, b := range f.boards {
		n += max(1, (len(b)+rowsAPage-1)/rowsAPage)
	}
	for _, t := range f.threads {
		if !t.gone {
			n += t.pages()
		}
	}
	return n
}

// simDay is what happened on one day.
type simDay struct {
	changed map[*simThread]int // threads with new posts, with how many there were before
	posts   []int              // new ones
}

// live lets a day pass on which a share of the threads gets new posts: one in ten
// of them is new.
func (f *simForum) live(share float64) simDay {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := simDay{changed: map[*simThread]int{}}
	want := int(math.Round(share * float64(len(f.threads))))
	for len(d.changed) < want {
		if f.rnd.IntN(10) == 0 {
			t := f.open(f.someBoard())
			d.changed[t] = 0
			d.posts = append(d.posts, t.last)
			continue
		}
		t := f.lively()
		if t.gone {
			continue
		}
		if _, ok := d.changed[t]; !ok {
			d.changed[t] = len(t.posts)
		}
		d.posts = append(d.posts, f.reply(t))
	}
	return d
}

// least is what a crawl must ask for that knows what the last one knew, and
// guesses right wherever it can: the index, of every listing the pages down to
// its last changed row and the first in any case, and of every changed thread the
// pages from the one on that held its last known post.
func (f *simForum) least(d simDay) int {
	n := 1
	for _, b := range f.boards {
		deepest := 1
		for i, t := range b {
			if _, ok := d.changed[t]; ok {
				deepest = (len(b)-1-i)/rowsAPage + 1
				break
			}
		}
		n += deepest
	}
	for t, before := range d.changed {
		held := max(1, (before+postsAPage-1)/postsAPage)
		n += t.pages() - held + 1
	}
	return n
}

// simRun is a crawl of a simulated forum over days.
type simRun struct {
	t      testing.TB
	forum  *simForum
	server *httptest.Server
	clock  *moving
	dir    string
	audit  crawler.Audit
	feed   string // as in setup

	sitemap string // as in setup
}

func newSimRun(t *testing.T, f *simForum, audit crawler.Audit) *simRun {
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
	r.forum.mu.Lock()
	clear(r.forum.asked)
	r.forum.mu.Unlock()
	b = r.open(t)
	if err := b.Refresh(t.Context(), b.start(r.server.URL+"/")); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.forum.mu.Lock()
	defer r.forum.mu.Unlock()
	for path, n := range r.forum.asked {
		if path != "/robots.txt" {
			requests += n
		}
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

// edit is an edit and the day that it was made on.
type edit struct{ thread, post, version, day int }

// edits edits some posts, mostly new ones.
func (f *simForum) edits(n, day int) []edit {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []edit
	for len(out) < n {
		t := f.lively()
		if t.gone {
			continue
		}
		i := f.rnd.IntN(len(t.posts))
		t.posts[i].version++
		out = append(out, edit{t.id, t.posts[i].id, t.posts[i].version, day})
	}
	return out
}

// unseen counts the edits before a day that the state does not know of.
func (r *simRun) unseen(b *bench, edits []edit, before int) int {
	n := 0
	for _, e := range edits {
		text, _ := r.text(b, e.post)
		_, after, _ := strings.Cut(text, "version ")
		seen, _ := strconv.Atoi(strings.SplitN(after, " ", 2)[0])
		if e.day < before && seen < e.version {
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
func (r *simRun) days(t *testing.T, shares []float64, editsADay int) ([]simRow, []edit) {
	t.Helper()
	var rows []simRow
	var edits []edit
	for day, share := range shares {
		r.clock.add(24 * time.Hour)
		d := r.forum.live(share)
		edits = append(edits, r.forum.edits(editsADay, day)...)
		ours, audits, b := r.crawl(t)
		rows = append(rows, simRow{share: share, day: day + 1, changed: len(d.changed), posts: len(d.posts), ours: ours, audits: audits,
			least: r.forum.least(d), plain: r.forum.plain(), missed: r.missed(b, d.posts)})
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
	f := newSim(1, 500, 5000, 4)
	if underRace {
		f = newSim(1, 60, 500, 2)
	}
	r := newSimRun(t, f, crawler.Audit{Bounds: crawler.Bounds{Min: 24 * time.Hour, Max: bound * 24 * time.Hour}})
	first, _, b := r.crawl(t)
	if want := f.plain(); first != want {
		t.Errorf("the first crawl asked for %d pages, want %d", first, want)
	}
	if n := len(b.posts()); n != f.posts {
		t.Errorf("the first crawl holds %d of %d posts", n, f.posts)
	}
	if n, err := b.store.Schedule(t.Context(), state.Selection{}, r.clock.Now()); n != first || err != nil {
		t.Fatalf("a plain re-crawl has %d pages, %v; want %d", n, err, first)
	}
	b.close()
	if plain, _, b := r.crawl(t); plain != f.plain() {
		t.Errorf("a plain re-crawl made %d requests, want %d", plain, f.plain())
	} else {
		b.close()
	}
	rows, edits := r.days(t, []float64{0, 0.002, 0.02, 0, 0.02, 0.002}, 5)
	r.check(t, rows, 1.2)
	gone := f.remove(8)
	more, last := r.days(t, slices.Repeat([]float64{0.01, 0}, bound+1), 0)
	r.check(t, more, 1.2)
	b = r.open(t)
	if n := r.unseen(b, slices.Concat(edits, last), bound+1); n > 0 {
		t.Errorf("%d of %d edits were not seen within the bound", n, len(edits))
	}
	r.checkMissing(t, b, gone)
}

// remove deletes posts in the middle of threads, and a thread.
func (f *simForum) remove(n int) map[int]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := map[int]bool{}
	for len(gone) < n {
		t := f.anyThread()
		if len(t.posts) < 3 {
			continue
		}
		i := 1 + f.rnd.IntN(len(t.posts)-2)
		gone[t.posts[i].id] = true
		t.posts = slices.Delete(t.posts, i, i+1)
	}
	t := f.threads[len(f.threads)/2]
	t.gone = true
	for _, p := range t.posts {
		gone[p.id] = true
	}
	f.boards[t.board] = slices.DeleteFunc(f.boards[t.board], func(o *simThread) bool { return o == t })
	return gone
}

// checkMissing wants exactly the deleted posts to be missing.
func (r *simRun) checkMissing(t *testing.T, b *bench, gone map[int]bool) {
	t.Helper()
	wrong, live := 0, map[int]bool{}
	for _, th := range r.forum.threads {
		for _, p := range th.posts {
			live[p.id] = !th.gone
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
	f := newSim(1, 100_000, 1_000_000, 100)
	r := newSimRun(t, f, crawler.Audit{Share: 1, Bounds: crawler.Bounds{Min: 24 * time.Hour, Max: bound * 24 * time.Hour}})
	start := time.Now()
	first, _, b := r.crawl(t)
	t.Logf("first crawl: %d requests, %d pages in the forum, %d posts, %s", first, f.plain(), f.posts, time.Since(start).Round(time.Second))
	st, err := b.store.Status(t.Context())
	if err != nil || st.Documents[forum.DocPost].Live != int64(f.posts) {
		t.Errorf("the first crawl holds %d of %d posts, %v", st.Documents[forum.DocPost].Live, f.posts, err)
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
