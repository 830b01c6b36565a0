package profile

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

var (
	selLink  = dom.Sel("a[href]")
	selQuote = dom.Sel("blockquote")
)

// body reads a post's words. What plays another role leaves the body, wherever
// it stands: the time, the note on an edit, signature, attachments, and what
// post.drop names.
func (r *reader) body(p *forum.Post, n *html.Node, i int, apart []*html.Node) {
	f := &r.p.Post.Body
	if !f.set {
		return
	}
	bodies := within(n, f.match, r.inPosts)
	r.count(f, len(bodies) > 0, p.Body.Text != "", fmt.Sprintf("posts[%d].body", i), "post.body")
	if len(bodies) == 0 {
		return
	}
	b := &bodyRules{r: r, drop: nodes{}}
	b.leaveOut(apart...)
	for _, f := range []*Field{&r.p.Post.Drop, &r.p.Post.Signature, &r.p.Post.Attachments} {
		if f.set {
			b.leaveOut(within(n, f.match, r.inPosts)...)
		}
	}
	b.leaveOut(r.posts...)
	if len(bodies) == 1 && bodies[0] == n { // the container as a whole: without what tells of the post
		b.leaveOut(r.first(n, &r.p.Author.Name, r.inPosts), r.first(n, &r.p.Post.Position, r.inPosts), r.first(n, &r.p.Author.Title, r.inPosts))
	}
	for _, body := range bodies {
		delete(b.drop, body)
	}
	files := p.Attachments
	r.Doc.ReadBody(b.rules, bodies...).Into(p)
	p.Attachments = files
}

func (r *reader) signature(p *forum.Post, n *html.Node) {
	e := r.first(n, &r.p.Post.Signature, r.inPosts)
	if e == nil {
		return
	}
	p.Signature = nil
	if text := r.Doc.ReadBody(nil, e).Body.Text; text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
}

// bodyRules tell what the elements of a body stand for.
type bodyRules struct {
	r    *reader
	drop nodes
}

func (b *bodyRules) leaveOut(list ...*html.Node) {
	for _, n := range list {
		if n != nil {
			b.drop[n] = true
		}
	}
}

func (b *bodyRules) rules(n *html.Node) dom.Part {
	if b.drop[n] {
		return dom.Part{Role: dom.Drop}
	}
	if f := &b.r.p.Quote.Each; f.set && f.match.Match(n) {
		return b.quote(n)
	}
	return dom.Part{}
}

// quote reads whom a quote is of. The element that names them is no part of
// what they said.
func (b *bodyRules) quote(n *html.Node) dom.Part {
	f := &b.r.p.Quote
	inner := b.innerQuotes(n)
	q := forum.Quote{PostID: b.r.value(n, &f.PostID, inner)}
	if head := b.r.first(n, &f.Author, inner); head != nil {
		q.Author = f.Author.of(head)
		if f.Author.Attr == "" && strings.HasSuffix(q.Author, ":") {
			q.Author = dom.WroteBy(q.Author, "")
		}
		if head != n && f.Author.Attr == "" && dom.Find(head, selQuote) == nil {
			b.drop[head] = true
		}
	}
	part := dom.Part{Role: dom.Quote, Quote: q}
	if f.Content.set {
		if found := within(n, f.Content.match, inner); len(found) > 0 {
			part.Content = found[0]
		}
	}
	return part
}

// innerQuotes are the quotes within a quote.
func (b *bodyRules) innerQuotes(n *html.Node) nodes {
	out := nodes{}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		for _, q := range within(c, b.r.p.Quote.Each.match, nil) {
			out[q] = true
		}
	}
	return out
}
