package invision3

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selSpoiler  = dom.Sel(".bbc_spoiler_content")
	selSpoilerW = dom.Sel(".bbc_spoiler_wrapper")
	selImage    = dom.Sel("img")
)

// rules tells what an element of a text stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "ipsBlockquote"):
		return quotePart(n)
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

func spoilerPart(n *html.Node) dom.Part {
	if text := dom.Find(n, selSpoiler); text != nil {
		return dom.Part{Role: dom.Spoiler, Content: text}
	}
	return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilerW)}
}
