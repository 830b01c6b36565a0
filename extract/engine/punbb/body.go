package punbb

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selOwnCite   = dom.Sel("cite")
	selQuoteText = dom.Sel("blockquote")
	selPre       = dom.Sel("pre")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "sig-content"), dom.HasClass(n, "lastedit"), dom.HasClass(n, "post-edit"), dom.HasClass(n, "sig-line"), dom.HasClass(n, "attachments"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "quotebox"):
		q := forum.Quote{}
		if cite := dom.Find(n, selOwnCite); cite != nil && cite.Parent == n {
			q.Author = dom.WroteBy(dom.NodeText(cite), r.wrote)
		}
		return dom.Part{Role: dom.Quote, Quote: q, Content: dom.Find(n, selQuoteText)}
	case dom.HasClass(n, "codebox"):
		return dom.Part{Role: dom.Code, Content: dom.Find(n, selPre)}
	case n.DataAtom == atom.A && selFile.Match(n):
		return dom.Part{Role: dom.Drop} // read with the post's files
	}
	return dom.Part{}
}
