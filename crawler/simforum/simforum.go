// Package simforum simulates a forum for tests: boards of very different sizes,
// threads of very different lengths, and days on which a few threads get most
// replies, as on real forums. It is served over HTTP in the markup of a forum
// program, and knows what a crawl has to find and at what cost.
package simforum

import (
	"cmp"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Post is a post. Versions count its edits from 0.
type Post struct {
	ID, Version int
	At, Edited  time.Time
}

// Thread is a thread with those of its posts that are there.
type Thread struct {
	ID    int // from 1
	Board int // from 0
	Posts []Post
	Last  int // id of the newest post there ever was
	Gone  bool

	size int // posts on a page
}

// Pages is how many pages the thread takes.
func (t *Thread) Pages() int { return max(1, (len(t.Posts)+t.size-1)/t.size) }

// On gives the posts on a page, numbered from 1, and the index of the first one.
func (t *Thread) On(page int) ([]Post, int) {
	first := min((page-1)*t.size, len(t.Posts))
	return t.Posts[first:min(first+t.size, len(t.Posts))], first
}

// Markup is the forum program. It is asked while the forum stands still.
type Markup interface {
	// Page is what the forum answers to a path with its query; false for 404.
	Page(f *Forum, uri string) (string, bool)
	// Missing is the page of a 404.
	Missing() string
}

// Options say what forum it is.
type Options struct {
	Seed                   uint64
	Threads, Posts, Boards int // at the beginning
	PostsAPage, RowsAPage  int // of threads and of listings; 0 for twenty
	Markup                 Markup
	Began                  time.Time        // when the first post was written
	Now                    func() time.Time // the clock; nil for one that stands at Began
}

// Forum is a simulated forum. Its methods may be called while it is crawled; its
// fields are for its markup.
type Forum struct {
	Boards  [][]*Thread // the one with the newest post last
	Threads []*Thread   // by id, from 1
	Recent  []*Thread   // in the order of activity, with repeats: the newest last

	PostsAPage, RowsAPage int

	mu     sync.Mutex
	rnd    *rand.Rand
	posts  int
	asked  map[string]int
	markup Markup
	now    func() time.Time
}

// New makes a forum of about as many posts as said, in threads whose lengths fall
// off like those of forums do.
func New(o Options) *Forum {
	if o.Now == nil {
		o.Now = func() time.Time { return o.Began }
	}
	f := &Forum{PostsAPage: cmp.Or(o.PostsAPage, 20), RowsAPage: cmp.Or(o.RowsAPage, 20), rnd: rand.New(rand.NewPCG(o.Seed, 7)), Boards: make([][]*Thread, o.Boards), asked: map[string]int{}, markup: o.Markup}
	pace := o.Now().Sub(o.Began) / time.Duration(o.Posts+o.Threads)
	f.now = func() time.Time { return o.Began.Add(time.Duration(f.posts) * pace) }
	for range o.Threads {
		f.open(f.someBoard())
	}
	for f.posts < o.Posts {
		f.reply(f.anyThread())
	}
	f.now = o.Now
	return f
}

// someBoard chooses a board: the first ones get most threads.
func (f *Forum) someBoard() int {
	return int(math.Pow(f.rnd.Float64(), 2) * float64(len(f.Boards)))
}

// anyThread chooses a thread of any age with skew: a few get most replies.
func (f *Forum) anyThread() *Thread {
	return f.Threads[int(math.Pow(f.rnd.Float64(), 3)*float64(len(f.Threads)))]
}

// lively chooses a thread as replies do: mostly one that is active already.
func (f *Forum) lively() *Thread {
	if f.rnd.Float64() < 0.1 {
		return f.anyThread()
	}
	n := min(len(f.Recent), max(50, len(f.Threads)/10))
	back := int(math.Pow(f.rnd.Float64(), 2) * float64(n))
	return f.Recent[len(f.Recent)-1-back]
}

func (f *Forum) open(board int) *Thread {
	t := &Thread{ID: len(f.Threads) + 1, Board: board, size: f.PostsAPage}
	f.Threads = append(f.Threads, t)
	f.Boards[board] = append(f.Boards[board], t)
	f.reply(t)
	return t
}

// reply adds a post and moves the thread to the top of its board.
func (f *Forum) reply(t *Thread) int {
	f.posts++
	t.Posts = append(t.Posts, Post{ID: f.posts, At: f.now()})
	t.Last = f.posts
	f.Recent = append(f.Recent, t)
	b := f.Boards[t.Board]
	if b[len(b)-1] != t {
		i := slices.Index(b, t)
		copy(b[i:], b[i+1:])
		b[len(b)-1] = t
	}
	return f.posts
}

// Rows gives the threads on a page of a board's listing, which are numbered from
// 1, and whether there are more; false where there is no such page.
func (f *Forum) Rows(board, page int) (rows []*Thread, more, ok bool) {
	if board < 0 || board >= len(f.Boards) {
		return nil, false, false
	}
	all := f.Boards[board]
	last := len(all) - (page-1)*f.RowsAPage
	if page < 1 || last <= 0 && page > 1 {
		return nil, false, false
	}
	first := max(0, last-f.RowsAPage)
	rows = slices.Clone(all[first:last])
	slices.Reverse(rows)
	return rows, first > 0, true
}

// Thread gives a thread that has a page; false where there is none.
func (f *Forum) Thread(id, page int) (*Thread, bool) {
	if id < 1 || id > len(f.Threads) || page < 1 {
		return nil, false
	}
	t := f.Threads[id-1]
	return t, !t.Gone && page <= t.Pages()
}

// Posts is how many posts were ever written.
func (f *Forum) Posts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.posts
}

// ServeHTTP answers and counts a request.
func (f *Forum) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	uri := r.URL.RequestURI()
	f.asked[uri]++
	page, ok := f.markup.Page(f, uri)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		page = f.markup.Missing()
	}
	_, _ = w.Write([]byte(page))
}

// Asked gives how often what was asked for since the last call, robots.txt aside.
func (f *Forum) Asked() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = map[string]int{}
	delete(asked, "/robots.txt")
	return asked
}
