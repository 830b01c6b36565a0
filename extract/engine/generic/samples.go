package generic

import (
	"cmp"
	"slices"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// Sample is one post as the reading by structure sees it, with the elements that
// it was read from; nil for those that it has none of.
type Sample struct {
	Post             forum.Post
	Root             *html.Node // holds the post and nothing of another, but for replies within it
	Body, Name, Date *html.Node
	ID               *html.Node // carries the post's number in the attribute IDAttr
	IDAttr           string
}

// Samples shows what a thread's reading rests on: the recurring elements that
// were taken for posts, in page order. There are none where the reading finds
// no posts, or where a post is not in one element.
func Samples(c forum.Capture, f forum.Facts, d *dom.Document) []Sample {
	r := newReader(c, f, d)
	r.survey()
	l := r.structured()
	s, posts := r.firstCredible(&l)
	if s == nil || len(posts) == 0 {
		return nil
	}
	var out []Sample
	at := map[*html.Node]int32{}
	for _, k := range r.out.clusters(s) {
		roles := k.assign()
		for _, e := range k.entries {
			if s.records[e.rec].to != r.out.items[e.from].end {
				return nil
			}
			sample := r.sample(k, e, roles, s)
			at[sample.Root] = e.from
			out = append(out, sample)
		}
	}
	slices.SortFunc(out, func(a, b Sample) int { return cmp.Compare(at[a.Root], at[b.Root]) })
	return out
}

func (r *reader) sample(c *cluster, e *entry, roles roles, s *set) Sample {
	out := Sample{Post: r.post(c, e, roles, s), Root: r.out.items[e.from].n, Body: e.body, Name: e.name, IDAttr: roles.id.attr}
	if _, i := r.stamp(c, e, roles.date); i >= 0 {
		out.Date = r.out.items[i].n
	}
	if ce, ok := e.find(roles.id.path); ok && roles.id.path >= 0 && out.Post.ID != "" {
		out.ID = r.out.items[ce.item].n
	}
	return out
}
