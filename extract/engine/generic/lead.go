package generic

import (
	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// leadPost is a first post that looks other than the rest, as a question does
// beside its answers: the innermost element before the records that shows a
// time, an author and words.
func (r *reader) leadPost(s *set, all []placed) []placed {
	o := r.out
	if len(all) == 0 || all[0].post.Position > 1 || all[0].post.Position == 1 || pageOf(r.doc.URL) > 1 {
		return nil
	}
	start := all[0].from
	best, top := int32(-1), 24
	for _, m := range o.marks {
		if m.item >= start || o.aside[m.item] {
			continue
		}
		for i := m.item; i >= 0; i = o.items[i].parent {
			end := o.items[i].end
			if end > start {
				break
			}
			plain := sum(o.letters, i, end) - sum(o.linked, i, end)
			if plain >= 60 || plain >= 25 && numberedLead(o.items[i].n) {
				if sum(o.authors, i, end) == 0 {
					continue
				}
				if plain > top && sum(o.dates, i, end) <= 6 {
					best, top = i, plain
				}
				break
			}
		}
	}
	c := &cluster{out: o}
	if best >= 0 {
		c.add(-1, best, o.items[best].end, nil)
	} else if !r.frame(c, s, all) {
		return nil
	}
	c.learn()
	p := r.cluster(c, s)
	if len(p) == 0 || p[0].post.Author == nil || p[0].post.Published.IsZero() || letters(p[0].post.Body.Text) < 40 && !(best >= 0 && numberedLead(o.items[best].n) && letters(p[0].post.Body.Text) > 19) {
		return nil
	}
	if a, b := p[0].post.Published, all[0].post.Published; a.Known() && b.Known() && a.At.After(b.At.AddDate(0, 0, 2)) {
		return nil
	}
	return p
}

// numberedLead tells elements whose id is a number behind a word for a question
// or a post: they need few words to be a thread's first.
func numberedLead(n *html.Node) bool {
	id := dom.Attr(n, "id")
	if dom.Digits(id) == "" || len(id) > 24 {
		return false
	}
	for _, w := range words(id) {
		switch w {
		case "q", "question", "topic", "thread", "post", "msg", "message", "entry", "p":
			return true
		}
	}
	return false
}

// frame takes the element around all records for the first post, without them,
// where a time and words of its own stand in it before the first: boards that put
// short replies below a text put them into its element.
func (r *reader) frame(c *cluster, s *set, all []placed) bool {
	o := r.out
	up := o.items[all[0].from].parent
	if up < 0 || o.items[up].n.DataAtom == atom.Body || o.items[up].n.DataAtom == atom.Tbody || ownLetters(o.items[up].n) < 20 || sum(o.dates, up, all[0].from) == 0 {
		return false
	}
	var holes []record
	for i := range s.records {
		if rec := s.records[i]; rec.parent < 0 && o.items[rec.from].parent == up {
			holes = append(holes, rec)
		}
	}
	if len(holes) < len(s.records) {
		return false
	}
	c.add(-1, up, o.items[up].end, holes)
	return true
}
