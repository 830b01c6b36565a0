package smf

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selLink     = dom.Sel("a[href]")
	selHeadBody = dom.Sel(".sp-body, .spoiler_body, .spoilerbody, .spoiler-body, .bbc_spoiler_content")
	selImage    = dom.Sel("img")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Cite && n.Parent != nil && n.Parent.DataAtom == atom.Blockquote:
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "quoteheader"), dom.HasClass(n, "quotefooter"), dom.HasClass(n, "codeheader"), dom.HasClass(n, "sp-head"), dom.HasClass(n, "spoiler_head"), dom.HasClass(n, "approve_post"):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Blockquote, n.DataAtom == atom.Div && dom.HasClass(n, "quote"):
		return dom.Part{Role: dom.Quote, Quote: r.quote(n)}
	case dom.HasClass(n, "bbc_code"), n.DataAtom == atom.Div && dom.HasClass(n, "code"):
		return dom.Part{Role: dom.Code}
	case dom.HasClass(n, "sp-wrap"), dom.HasClass(n, "bbc_spoiler"), n.DataAtom == atom.Div && dom.HasClass(n, "spoiler"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selHeadBody)}
	case n.DataAtom == atom.A && (dom.HasClass(n, "mention") || dom.Attr(n, "data-mention") != ""):
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{ID: memberID(dom.Attr(n, "href"))}}
	case n.DataAtom == atom.A || n.DataAtom == atom.Img:
		return dom.Part{Attachment: r.inlineFile(n)}
	}
	return dom.Part{}
}

// inlineFile is the file that a link or picture within the body stands for.
func (r *reader) inlineFile(n *html.Node) *forum.Attachment {
	href := dom.Attr(n, "href")
	if n.DataAtom == atom.Img {
		href = dom.Attr(n, "src")
		if p := n.Parent; p != nil && p.DataAtom == atom.A && fileID(dom.Attr(p, "href")) != "" {
			return nil // the link around it is the file
		}
	}
	id := fileID(href)
	if id == "" || !strings.Contains(href, "dlattach") || strings.Contains(href, "thumb") {
		return nil
	}
	name := dom.NodeText(n)
	if img := n; name == "" {
		if n.DataAtom == atom.A {
			img = dom.Find(n, selImage)
		}
		name = dom.Attr(img, "alt")
	}
	a := dom.File(id, name, r.clean(href))
	a.IsInline = true
	return &a
}

// quote reads "Quote from: NAME on DATE" in the cite of SMF 2.1, or in the
// heading in front of the block of 2.0 and 1.1. The link is the source post's.
func (r *reader) quote(n *html.Node) forum.Quote {
	head := childOf(n, atom.Cite)
	if head == nil {
		head = headBefore(n)
	}
	if head == nil {
		return forum.Quote{Author: dom.Attr(n, "data-author")}
	}
	_, text, ok := dom.CutLabel(dom.NodeText(head))
	if !ok {
		return forum.Quote{}
	}
	link := dom.Find(head, selLink)
	if link == nil {
		return forum.Quote{Author: text}
	}
	q := forum.Quote{Author: r.quoted(text)}
	if href := dom.Attr(link, "href"); r.sameForum(href) {
		q.PostID = messageID(href)
	} else {
		q.IsExternal = true
	}
	return q
}

func (r *reader) sameForum(href string) bool {
	abs := r.doc.Resolve(href)
	return abs == "" || r.doc.SameHost(abs)
}

func childOf(n *html.Node, tag atom.Atom) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == tag {
			return c
		}
	}
	return nil
}

// headBefore is the quoteheader in front of a quoted block.
func headBefore(n *html.Node) *html.Node {
	for p := n.PrevSibling; p != nil; p = p.PrevSibling {
		if p.Type == html.ElementNode {
			if dom.HasClass(p, "quoteheader") {
				return p
			}
			return nil
		}
		if p.Type == html.TextNode && strings.TrimSpace(p.Data) != "" {
			return nil
		}
	}
	return nil
}

// quoted is the name in "NAME on DATE": a name that the page knows, else what
// stands before the date without the word between them.
func (r *reader) quoted(text string) string {
	st, before, _ := r.clock.Within(text)
	if !st.Known() || before == "" {
		return text
	}
	if name := dom.KnownName(before, r.names, false); name != "" && strings.Count(before[len(name):], " ") <= 1 {
		return name
	}
	if i := strings.LastIndex(before, " "); i > 0 {
		return strings.TrimRight(before[:i], ", ")
	}
	return before
}
