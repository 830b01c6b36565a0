package woltlab

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteText   = dom.Sel(".quoteBoxContent, .quoteBody")
	selQuoteTitle  = dom.Sel(".quoteBoxTitle, header h3, .quoteHeader")
	selQuoteLink   = dom.Sel(".quoteBoxTitle a[href], header a[href], .quoteHeader a[href]")
	selQuoteUser   = dom.Sel(".quoteBoxIcon a[data-object-id], a.userLink[data-object-id]")
	selSpoilerText = dom.Sel(".spoilerBoxContent, .spoilerContent, .spoilerBox > div:last-child")
	selCodeText    = dom.Sel(".codeBoxCode, pre, code, ol")
	selImage       = dom.Sel("img")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "quoteBox"):
		return r.quotePart(n)
	case dom.HasClass(n, "codeBox"):
		return dom.Part{Role: dom.Code, Content: dom.Find(n, selCodeText)}
	case dom.HasClass(n, "spoilerBox"), n.Data == "woltlab-spoiler":
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilerText)}
	case dom.HasClass(n, "messageFooterNote"), dom.HasClass(n, "editNote"), dom.HasClass(n, "messageSignature"), dom.HasClass(n, "attachmentThumbnailList"), dom.HasClass(n, "attachmentFileList"), dom.HasClass(n, "pollContainer"):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.A && (dom.HasClass(n, "userMention") || dom.HasClass(n, "userLink") && strings.HasPrefix(dom.NodeText(n), "@")):
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{ID: idOf(forum.KindProfile, r.doc.Resolve(dom.Attr(n, "href")))}}
	case n.DataAtom == atom.A:
		return dom.Part{Attachment: r.linkedFile(n)}
	}
	return dom.Part{}
}

// linkedFile is the file behind an embedded picture or a link to one.
func (r *reader) linkedFile(n *html.Node) *forum.Attachment {
	href := r.doc.Resolve(dom.Attr(n, "href"))
	id := attachmentID(href)
	if id == "" {
		return nil
	}
	name := dom.NodeText(n)
	if img := dom.Find(n, selImage); img != nil && dom.Attr(img, "alt") != "" {
		name = dom.Attr(img, "alt")
	}
	if dom.Ext(name) == "" && dom.Attr(n, "title") != "" {
		name = dom.Attr(n, "title")
	}
	f := dom.File(id, name, href)
	f.IsInline = true
	return &f
}

// quotePart reads "Quote from NAME" and its link, by the element's own address
// first. The sentence is localised, with the name at its end.
func (r *reader) quotePart(n *html.Node) dom.Part {
	q := forum.Quote{}
	href := dom.Attr(n, "cite")
	if a := dom.Find(n, selQuoteLink); a != nil && href == "" {
		href = dom.Attr(a, "href")
	}
	q.PostID = linkedPost(href)
	abs := r.doc.Resolve(href)
	q.IsExternal = abs != "" && q.PostID == "" && !r.doc.SameHost(abs)
	if a := dom.Find(n, selQuoteUser); a != nil {
		q.AuthorID = dom.Digits(dom.Attr(a, "data-object-id"))
	}
	if title := dom.Find(n, selQuoteTitle); title != nil {
		q.Author = quotedName(dom.NodeText(title))
	}
	content := dom.Find(n, selQuoteText)
	if content == nil {
		content = dom.Find(n, selInnerDiv)
	}
	return dom.Part{Role: dom.Quote, Quote: q, Content: content}
}

var selInnerDiv = dom.Sel("div:not(.quoteBoxIcon):not(.containerHeadline)")

// quoteLeads stand before the name in the two languages that the program ships
// with, and in its common translations.
var quoteLeads = []string{"Zitat von ", "Quote from ", "Quote by ", "Citation de ", "Cita de ", "Citazione di ", "Citaat van ", "Cytat z ", "Цитата от "}

func quotedName(title string) string {
	for _, lead := range quoteLeads {
		if name, ok := strings.CutPrefix(title, lead); ok {
			return strings.Trim(name, "„“\"'»« ")
		}
	}
	if strings.HasSuffix(strings.TrimSpace(title), ":") {
		return dom.WroteBy(title, "") // "NAME wrote:", as themes write it
	}
	if words := strings.Fields(title); len(words) > 2 {
		return strings.Join(words[2:], " ")
	}
	return ""
}
