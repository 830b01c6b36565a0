package xenforo1

import (
	"path"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteText   = dom.Sel(".quote")
	selAttribution = dom.Sel(".attribution")
	selSourceLink  = dom.Sel("a.AttributionLink[href], .attribution a[href]")
	selSpoilerText = dom.Sel(".bbCodeSpoilerText, .quotetitle + .quotecontent")
	selImage       = dom.Sel("img")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "messageTextEndMarker"), dom.HasClass(n, "quoteExpand"), dom.HasClass(n, "editDate"), dom.HasClass(n, "funbox"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "bbCodeQuote"):
		return r.quotePart(n)
	case dom.HasClass(n, "bbCodeCode"), dom.HasClass(n, "bbCodePHP"), dom.HasClass(n, "bbCodeHTML"):
		return codePart(n)
	case dom.HasClass(n, "bbCodeSpoilerContainer"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilerText)}
	case n.DataAtom == atom.A && isBanner(n):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.A && dom.HasClass(n, "username"):
		return mentionPart(n)
	case n.DataAtom == atom.A:
		return dom.Part{Attachment: r.file(n, "href")}
	case n.DataAtom == atom.Img && (n.Parent == nil || attachmentID(dom.Attr(n.Parent, "href")) == ""):
		return dom.Part{Attachment: r.file(n, "src")} // in full size a picture has no link around it
	}
	return dom.Part{}
}

// isBanner tells advertisements that add-ons put into bodies: a linked picture
// and behind it a counting pixel of no size.
func isBanner(n *html.Node) bool {
	next := n.NextSibling
	for next != nil && next.Type == html.TextNode && strings.TrimSpace(next.Data) == "" {
		next = next.NextSibling
	}
	if next == nil || next.DataAtom != atom.Img || dom.Find(n, selImage) == nil {
		return false
	}
	return dom.Attr(next, "width") == "0" || dom.Attr(next, "height") == "0"
}

// codePart is the code itself, without the label above it; a label alone is no
// code.
func codePart(n *html.Node) dom.Part {
	if p := dom.Find(n, selPre); p != nil {
		return dom.Part{Role: dom.Code, Content: p}
	}
	if label := dom.Find(n, selCodeLabel); label != nil && dom.NodeText(label) == dom.NodeText(n) {
		return dom.Part{Role: dom.Drop}
	}
	return dom.Part{Role: dom.Code, Content: n}
}

var (
	selPre       = dom.Sel("pre, .code")
	selCodeLabel = dom.Sel(".type")
)

// quotePart reads author and source of a quote. A quote of something outside
// the forum has no source link, but one of a post that is gone has none either:
// so only the link tells.
func (r *reader) quotePart(n *html.Node) dom.Part {
	q := forum.Quote{Author: dom.Attr(n, "data-author")}
	if link := dom.Find(n, selSourceLink); link != nil {
		q.PostID = xfurl.PostID(dom.Attr(link, "href"))
	}
	if at := dom.Find(n, selAttribution); at != nil && q.Author == "" {
		q.Author = attributed(dom.NodeText(at))
	}
	p := dom.Part{Role: dom.Quote, Quote: q, Content: dom.Find(n, selQuoteText)}
	return p
}

// attributed is the name in "NAME said: ↑": what stands before the last word
// and the colon, whatever the language.
func attributed(s string) string {
	s = strings.TrimSpace(strings.TrimRight(s, "↑ "))
	s = strings.TrimSuffix(s, ":")
	if i := strings.LastIndex(s, " "); i > 0 {
		return s[:i]
	}
	return s
}

func mentionPart(n *html.Node) dom.Part {
	id, name, _ := strings.Cut(dom.Attr(n, "data-user"), ",")
	m := forum.Mention{ID: strings.TrimSpace(id), Name: strings.TrimPrefix(strings.TrimSpace(name), "@")}
	if m.ID == "" {
		m.ID = xfurl.MemberID(dom.Attr(n, "href"))
	}
	return dom.Part{Role: dom.Mention, Mention: m}
}

// file is the file that an address of the form attachments/name-ext.12/ names.
// The picture's alt text is the file name; the address has it with its last dot
// turned into a dash.
func (r *reader) file(n *html.Node, attr string) *forum.Attachment {
	href := dom.Attr(n, attr)
	id := attachmentID(href)
	if id == "" || dom.Digits(id) != id {
		return nil
	}
	name := dom.Attr(n, "alt")
	if img := dom.Find(n, selImage); img != nil {
		name = dom.Attr(img, "alt")
	}
	if dom.Ext(name) == "" {
		name = slugName(href, id)
	}
	a := dom.File(id, name, r.doc.Resolve(href))
	a.IsInline = true
	return &a
}

func slugName(href, id string) string {
	_, rest, _ := strings.Cut(href, "attachments/")
	slug := strings.TrimSuffix(path.Base(strings.TrimSuffix(rest, "/")), "."+id)
	if i := strings.LastIndex(slug, "-"); i > 0 {
		return slug[:i] + "." + slug[i+1:]
	}
	return slug
}
