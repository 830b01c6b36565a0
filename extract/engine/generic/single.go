package generic

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// single reads the one post of a thread without replies: where nothing recurs,
// the address has to say that the page is a thread, and the element has to be
// named or numbered as a post.
func (r *reader) single() []forum.Post {
	if !r.ofThread() {
		return nil
	}
	for _, c := range [...]*cluster{r.lone(), r.sole()} {
		if c == nil {
			continue
		}
		if p := r.cluster(c, &set{})[0].post; p.Author != nil && !p.Published.IsZero() && (letters(p.Body.Text) > 0 || len(p.Media) > 0) {
			return []forum.Post{p}
		}
	}
	return nil
}

// sole is the smallest element that holds a time, an author and most of the words of
// a page whose address is a thread's, where nothing is named as a post.
func (r *reader) sole() *cluster {
	o := r.out
	if here, _ := r.here(); here.Kind != forum.KindThread {
		return nil
	}
	plain := func(i int32) int { return sum(o.letters, i, o.items[i].end) - sum(o.linked, i, o.items[i].end) }
	best, top := int32(-1), 0
	for _, m := range o.marks {
		if o.aside[m.item] || best >= 0 && o.within(m.item, best) {
			continue
		}
		for i := m.item; i >= 0 && o.items[i].n.DataAtom != atom.Body; i = o.items[i].parent {
			if sum(o.authors, i, o.items[i].end) == 0 || sum(o.letters, i, o.items[i].end) == sum(o.letters, m.item, o.items[m.item].end) {
				continue
			}
			if p := plain(i); p > top {
				best, top = i, p
			}
		}
	}
	if best < 0 || sum(o.dates, best, o.items[best].end) > 6 {
		return nil
	}
	whole, stop := best, o.items[best].end
	for i := best + 1; i < stop; i++ {
		end := o.items[i].end
		marked := sum(o.dates, i, end) > 0 && sum(o.authors, i, end) > 0
		last := sum(o.dates, i, end)+sum(o.authors, i, end) == sum(o.dates, whole, stop)+sum(o.authors, whole, stop) && sum(o.letters, end, stop) == 0
		if marked && (last || 10*plain(i) >= 9*top) {
			best = i
		}
	}
	c := &cluster{out: o}
	c.add(-1, best, o.items[best].end, nil)
	c.learn()
	return c
}

// lone is the element that holds the most words of those that are named or
// numbered as posts and show a time.
func (r *reader) lone() *cluster {
	o := r.out
	best, top := int32(-1), 0
	for i := range o.items {
		if o.aside[i] || !namedPost(o.items[i].n) {
			continue
		}
		from := r.whole(int32(i))
		end := o.items[from].end
		if sum(o.dates, from, end) == 0 {
			continue
		}
		if plain := sum(o.letters, from, end) - sum(o.linked, from, end); plain > top {
			best, top = from, plain
		}
	}
	if best < 0 {
		return nil
	}
	c := &cluster{out: o}
	c.add(-1, best, o.items[best].end, nil)
	c.learn()
	return c
}

// whole is the post that an element numbers: some programs number its head, or its
// body, within an element that is named for the post and for no other.
func (r *reader) whole(i int32) int32 {
	o := r.out
	for up, depth := o.items[i].parent, 0; up >= 0 && depth < 3; up, depth = o.items[up].parent, depth+1 {
		if n := o.items[up].n; n.DataAtom == atom.Body || n.DataAtom == atom.Main || dom.Digits(dom.Attr(n, "id")) != "" {
			break
		}
		if slices.ContainsFunc(words(dom.Attr(o.items[up].n, "class")), ofOnePost) && !r.numbersOthers(up, i) {
			return up
		}
	}
	return i
}

// numbersOthers tells whether an element holds another one that is numbered as a
// post than that at hand and those within it.
func (r *reader) numbersOthers(up, own int32) bool {
	o := r.out
	for i := up + 1; i < o.items[up].end; i++ {
		if (i < own || i >= o.items[own].end) && namedPost(o.items[i].n) && dom.Digits(dom.Attr(o.items[i].n, "id")) != dom.Digits(dom.Attr(o.items[own].n, "id")) {
			return true
		}
	}
	return false
}

func ofOnePost(w string) bool {
	switch w {
	case "post", "message", "msg", "comment", "reply", "entry":
		return true
	}
	return false
}

// namedPost tells elements that carry a number and are named for a post.
func namedPost(n *html.Node) bool {
	id := dom.Attr(n, "id")
	if dom.Digits(id) == "" {
		return false
	}
	for _, w := range words(id + " " + dom.Attr(n, "class") + " " + n.Data) {
		switch w {
		case "post", "message", "msg", "comment", "reply", "entry", "article", "p", "pid":
			return true
		}
		if strings.HasPrefix(w, "post") {
			return true
		}
	}
	return false
}
