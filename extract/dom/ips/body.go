package ips

import (
	"path"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteText   = dom.Sel(".ipsQuote_contents")
	selCitation    = dom.Sel(".ipsQuote_citation")
	selSpoilerText = dom.Sel(".ipsSpoiler_contents, .ipsSpoiler__contents")
	selFileImage   = dom.Sel("img")
)

// rules tells what an element of a text stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "ipsQuote"), dom.HasAttr(n, "data-ipsquote"):
		return quotePart(n)
	case dom.HasAttr(n, "data-excludequote"), dom.HasClass(n, "ipsEdited"), dom.HasClass(n, "ipsQuote_citation"), dom.Attr(n, "data-role") == "memberSignature":
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "ipsItemControls"), dom.HasClass(n, "ipsComment_controls"), dom.HasClass(n, "ipsReact"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "ipsSpoiler_header"), dom.HasClass(n, "ipsSpoiler__header"), n.DataAtom == atom.Summary && dom.Closest(n, selSpoilerBox) != nil:
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "ipsSpoiler"), dom.HasAttr(n, "data-ipsspoiler"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilerText)}
	case dom.HasClass(n, "ipsCode"), dom.HasClass(n, "prettyprint"):
		return dom.Part{Role: dom.Code}
	case dom.HasAttr(n, "data-emoticon"):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.A && dom.HasAttr(n, "data-mentionid"):
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{ID: dom.Attr(n, "data-mentionid"), Name: strings.TrimPrefix(dom.NodeText(n), "@")}}
	case n.DataAtom == atom.A && (dom.HasClass(n, "ipsAttachLink") || dom.HasAttr(n, "data-fileid")):
		return r.attached(n)
	}
	return dom.Part{}
}

var selSpoilerBox = dom.Sel(".ipsSpoiler, [data-ipsspoiler]")

// quotePart reads what the engine writes on every quote it makes itself.
func quotePart(n *html.Node) dom.Part {
	q := forum.Quote{Author: dom.Attr(n, "data-ipsquote-username"), AuthorID: dom.Attr(n, "data-ipsquote-userid"), PostID: dom.Attr(n, "data-ipsquote-contentcommentid")}
	if q.AuthorID == "0" || dom.Digits(q.AuthorID) != q.AuthorID {
		q.AuthorID = ""
	}
	if app := dom.Attr(n, "data-ipsquote-contentapp"); app != "" && app != "forums" {
		q.IsExternal, q.PostID = true, ""
	}
	p := dom.Part{Role: dom.Quote, Quote: q, Content: dom.Find(n, selQuoteText)}
	if cite := dom.Find(n, selCitation); cite != nil && q.PostID == "" {
		for c := cite.FirstChild; c != nil; c = c.NextSibling {
			if id := ipsurl.PostID(dom.Attr(c, "href")); id != "" {
				p.Quote.PostID = id
			}
		}
	}
	return p
}

// attached reads a file that stands in the text: a picture is a link around its
// preview, another file a link with its name.
func (r *reader) attached(n *html.Node) dom.Part {
	href := dom.Attr(n, "data-fullurl")
	if href == "" {
		href = dom.Attr(n, "href")
	}
	id := dom.Attr(n, "data-fileid")
	if id == "" {
		id = dom.Param(href, "id")
	}
	name := ""
	if img := dom.Find(n, selFileImage); img != nil {
		name = dom.Attr(img, "alt")
	} else {
		name = dom.NodeText(n)
	}
	if dom.Ext(name) == "" {
		if base := uploadName(href); base != "" {
			name = base
		}
	}
	a := dom.File(id, name, r.doc.Resolve(href))
	a.IsInline = true
	if ext := strings.ToLower(dom.Attr(n, "data-fileext")); ext != "" && a.Ext == "" {
		a.Ext = ext
	}
	p := dom.Part{Attachment: &a}
	if dom.Find(n, selFileImage) == nil {
		p.Role = dom.Attachment
	}
	return p
}

// uploadName is the name in the address of an upload, which ends with a hash
// and the extension once more: "plan.pdf.0123….pdf".
func uploadName(href string) string {
	base := path.Base(strings.SplitN(href, "?", 2)[0])
	parts := strings.Split(base, ".")
	if len(parts) >= 4 && len(parts[len(parts)-2]) == 32 && parts[len(parts)-1] == parts[len(parts)-3] {
		return strings.Join(parts[:len(parts)-2], ".")
	}
	return ""
}
