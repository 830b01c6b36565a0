package invision3

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selOldQuote = dom.Sel(".quote")
	selSpoiler  = dom.Sel(".bbc_spoiler_content")
	selSpoilerW = dom.Sel(".bbc_spoiler_wrapper")
	selImage    = dom.Sel("img")
)

// rules tells what an element of a text stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "ipsBlockquote"):
		return quotePart(n)
	case n.DataAtom == atom.Div && dom.HasClass(n, "blockquote"):
		return r.oldQuote(n)
	case dom.HasClass(n, "citation"), dom.HasClass(n, "edit"), dom.HasClass(n, "signature"), dom.HasClass(n, "attachments"), dom.HasClass(n, "citation-anchor"):
		return dom.Part{Role: dom.Drop}
	case dom.Attr(n, "id") == "attach_wrap":
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "bbc_spoiler"):
		return spoilerPart(n)
	case dom.HasClass(n, "_prettyXprint"), dom.HasClass(n, "prettyprint"):
		return dom.Part{Role: dom.Code}
	case n.DataAtom == atom.Img && dom.HasClass(n, "bbc_emoticon"):
		return dom.Part{Role: dom.Drop}
	case selPicture.Match(n):
		a := r.picture(n)
		a.IsInline = true
		return dom.Part{Attachment: &a}
	case n.DataAtom == atom.A && strings.Contains(dom.Attr(n, "href"), "attach_id="):
		href := dom.Attr(n, "href")
		name := dom.NodeText(n)
		if img := dom.Find(n, selImage); img != nil {
			name = strings.TrimSpace(dom.Attr(img, "alt"))
			if i := strings.LastIndex(name, ": "); i >= 0 {
				name = name[i+2:]
			}
		}
		a := dom.File(dom.Param(href, "attach_id"), name, r.doc.Resolve(href))
		a.IsInline = true
		return dom.Part{Attachment: &a}
	}
	return dom.Part{}
}

// quotePart reads what the engine writes on a quote: author, post, time.
func quotePart(n *html.Node) dom.Part {
	return dom.Part{Role: dom.Quote, Quote: forum.Quote{Author: dom.Attr(n, "data-author"), PostID: dom.Attr(n, "data-cid")}}
}

// oldQuote reads a quote of versions 3.0 to 3.2, whose line stands before it:
// "NAME, on DATE, said:" with a link to the post.
func (r *reader) oldQuote(n *html.Node) dom.Part {
	p := dom.Part{Role: dom.Quote, Content: dom.Find(n, selOldQuote)}
	head := heading(n, "citation")
	if head == nil {
		return p
	}
	if a := dom.Find(head, selNavLink); a != nil {
		p.Quote.PostID = ipsurl.PostID(dom.Attr(a, "href"))
	}
	st, before, _ := r.clock.Within(dom.NodeText(head))
	if !st.Known() {
		return p
	}
	if i := strings.LastIndexAny(before, ",("); i > 0 {
		p.Quote.Author = strings.TrimSpace(before[:i])
	} else {
		p.Quote.Author = dom.WroteBy(before, "")
	}
	return p
}

// heading is the element of a class right before another.
func heading(n *html.Node, class string) *html.Node {
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if c.Type == html.ElementNode {
			if dom.HasClass(c, class) {
				return c
			}
			return nil
		}
	}
	return nil
}

var rePicture = regexp.MustCompile(`^ipb-attach-url-(\d+)`)

// picture reads an attached picture: its link is named after the file's number,
// and its title holds name and size.
func (r *reader) picture(n *html.Node) forum.Attachment {
	id, name, title := "", "", dom.Attr(n, "title")
	if m := rePicture.FindStringSubmatch(dom.Attr(n, "id")); m != nil {
		id = m[1]
	}
	if img := dom.Find(n, selImage); img != nil {
		name = strings.TrimSpace(dom.Attr(img, "alt"))
		if i := strings.LastIndex(name, ": "); i >= 0 {
			name = name[i+2:]
		}
	}
	a := dom.File(id, name, r.doc.Resolve(dom.Attr(n, "href")))
	a.SizeBytes = dom.Size(strings.TrimPrefix(title, name))
	return a
}

func spoilerPart(n *html.Node) dom.Part {
	if text := dom.Find(n, selSpoiler); text != nil {
		return dom.Part{Role: dom.Spoiler, Content: text}
	}
	return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilerW)}
}
