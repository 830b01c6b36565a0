package wpforo

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteName  = dom.Sel(".wpforo-post-quote-author")
	selSpoilBody  = dom.Sel(".wpf-spoiler-body")
	selSpoilTitle = dom.Sel(".wpf-spoiler-head")
	selFileLink   = dom.Sel("a.wpforo-default-attachment[href], a[href]")
)

// rules tells what an element of a post's text stands for. In two layouts notes,
// signature and buttons stand within it.
func (r *reader) rules(n *html.Node) dom.Part {
	if selSignature.Match(n) {
		return dom.Part{Role: dom.Drop}
	}
	return r.partRules(n)
}

func (r *reader) partRules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "wpf-post-edit-wrap"), dom.HasClass(n, "wpf-post-edited"), dom.HasClass(n, "wpf-post-button-actions"), dom.HasClass(n, "wpforo-post-quote-head"),
		dom.HasClass(n, "wpf-mod-message"), dom.HasClass(n, "reacted-users"), dom.HasClass(n, "wpforo-action-buttons-wrap"), dom.HasClass(n, "wpf-reaction-wrap"), selSpoilTitle.Match(n):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Blockquote && (dom.HasAttr(n, "data-postid") || dom.HasAttr(n, "data-userid") || dom.HasAttr(n, "data-mention")):
		return dom.Part{Role: dom.Quote, Quote: r.quoted(n)}
	case n.DataAtom == atom.Blockquote:
		return dom.Part{Role: dom.Quote}
	case dom.HasClass(n, "wpf-spoiler-wrap"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilBody)}
	case dom.HasClass(n, "wpforo-attached-file"), n.DataAtom == atom.A && dom.HasClass(n, "wpforo-default-attachment"):
		return r.file(n)
	}
	return dom.Part{}
}

// quoted reads whom a quote is of: its data names post and account, 0 where it
// knows none; the name stands behind a colon.
func (r *reader) quoted(n *html.Node) forum.Quote {
	q := forum.Quote{}
	if id := dom.Attr(n, "data-postid"); isNumber(id) && id != "0" {
		q.PostID = id
	}
	if id := dom.Attr(n, "data-userid"); isNumber(id) && id != "0" {
		q.AuthorID = id
	}
	if box := dom.Find(n, selQuoteName); box != nil {
		if _, name, ok := dom.CutLabel(dom.NodeText(box)); ok {
			q.Author = strings.TrimPrefix(name, "@")
		}
	}
	return q
}

// file reads a file of the post, whose name is also in the link's title.
func (r *reader) file(n *html.Node) dom.Part {
	link := n
	if n.DataAtom != atom.A {
		link = dom.Find(n, selFileLink)
	}
	if link == nil {
		return dom.Part{}
	}
	name := dom.NodeText(link)
	if title := dom.Fold(dom.Attr(link, "title")); title != "" {
		name = title
	}
	a := dom.File(dom.IDAfter(dom.Attr(n, "id"), "wpfa-"), name, r.doc.Resolve(dom.Attr(link, "href")))
	a.IsInline = true
	return dom.Part{Role: dom.Attachment, Attachment: &a}
}
