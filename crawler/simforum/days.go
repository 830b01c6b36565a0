package simforum

import (
	"math"
	"slices"
)

// Day is what happened on one day.
type Day struct {
	Changed map[*Thread]int // threads with new posts, with how many there were before
	Posts   []int           // new ones
}

// Live lets a day pass on which a share of the threads gets new posts: one in ten
// of them is new.
func (f *Forum) Live(share float64) Day {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := Day{Changed: map[*Thread]int{}}
	want := int(math.Round(share * float64(len(f.Threads))))
	for len(d.Changed) < want {
		if f.rnd.IntN(10) == 0 {
			t := f.open(f.someBoard())
			d.Changed[t] = 0
			d.Posts = append(d.Posts, t.Last)
			continue
		}
		t := f.lively()
		if t.Gone {
			continue
		}
		if _, ok := d.Changed[t]; !ok {
			d.Changed[t] = len(t.Posts)
		}
		d.Posts = append(d.Posts, f.reply(t))
	}
	return d
}

// Edit is an edit and the day that it was made on.
type Edit struct{ Thread, Post, Version, Day int }

// Edit edits some posts, mostly new ones.
func (f *Forum) Edit(n, day int) []Edit {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Edit
	for len(out) < n {
		t := f.lively()
		if t.Gone || len(t.Posts) == 0 {
			continue
		}
		p := &t.Posts[f.rnd.IntN(len(t.Posts))]
		p.Version, p.Edited = p.Version+1, f.now()
		out = append(out, Edit{t.ID, p.ID, p.Version, day})
	}
	return out
}

// Remove deletes posts in the middle of threads, and a thread, and gives the posts
// that are gone.
func (f *Forum) Remove(n int) map[int]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := map[int]bool{}
	for len(gone) < n {
		t := f.anyThread()
		if len(t.Posts) < 3 {
			continue
		}
		i := 1 + f.rnd.IntN(len(t.Posts)-2)
		gone[t.Posts[i].ID] = true
		t.Posts = slices.Delete(t.Posts, i, i+1)
	}
	t := f.Threads[len(f.Threads)/2]
	t.Gone = true
	for _, p := range t.Posts {
		gone[p.ID] = true
	}
	f.Boards[t.Board] = slices.DeleteFunc(f.Boards[t.Board], func(o *Thread) bool { return o == t })
	return gone
}

// Plain is what a crawl of everything asks for.
func (f *Forum) Plain() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 1
	for _, b := range f.Boards {
		n += max(1, (len(b)+f.RowsAPage-1)/f.RowsAPage)
	}
	for _, t := range f.Threads {
		if !t.Gone {
			n += t.Pages()
		}
	}
	return n
}

// Least is what a crawl must ask for after a day that knows what the last one
// knew, and guesses right wherever it can: the index, of every listing the pages
// down to its last changed row and the first in any case, and of every changed
// thread the pages from the one on that held its last known post.
func (f *Forum) Least(d Day) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 1
	for _, b := range f.Boards {
		deepest := 1
		for i, t := range b {
			if _, ok := d.Changed[t]; ok {
				deepest = (len(b)-1-i)/f.RowsAPage + 1
				break
			}
		}
		n += deepest
	}
	for t, before := range d.Changed {
		held := max(1, (before+f.PostsAPage-1)/f.PostsAPage)
		n += t.Pages() - held + 1
	}
	return n
}
