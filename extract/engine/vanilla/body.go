package vanilla

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteText   = dom.Sel(".QuoteText, .blockquote-content")
	selQuoteAuthor = dom.Sel(".QuoteAuthor")
	selQuoteLink   = dom.Sel("a.QuoteLink[href], a[rel=nofollow][href*='comment/'], a[href*='/discussion/']")
	selAccountLink = dom.Sel("a[href*='/profile/']")
	selSpoilerText = dom.Sel(".SpoilerText, .spoiler-content")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "QuoteAuthor"), dom.HasClass(n, "SpoilerTitle"), dom.HasClass(n, "spoiler-buttonContainer"), dom.HasClass(n, "UserSignature"), dom.HasClass(n, "Attachments"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "js-embed"), dom.HasAttr(n, "data-embedjson"):
		return r.embed(n)
	case n.DataAtom == atom.Blockquote, dom.HasClass(n, "UserQuote"), dom.HasClass(n, "QuoteFolding"):
		return r.quotePart(n)
	case dom.HasClass(n, "UserSpoiler"), dom.HasClass(n, "Spoiler"), dom.HasClass(n, "spoiler"), dom.HasClass(n, "Spoiled"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilerText)}
	case n.DataAtom == atom.A && dom.HasClass(n, "atMention"):
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{Name: dom.Attr(n, "data-username"), ID: dom.Attr(n, "data-userid")}}
	}
	return dom.Part{}
}

// quotePart reads "NAME said:" with its link to the quoted comment. A quote of
// the rich editor names nobody.
func (r *reader) quotePart(n *html.Node) dom.Part {
	q := forum.Quote{Author: dom.Attr(n, "rel")} // old quotes have the name there
	at, content := dom.Find(n, selQuoteAuthor), dom.Find(n, selQuoteText)
	if at == nil {
		at, content = plainAttribution(n)
	}
	if at != nil {
		if a := dom.Find(at, selAccountLink); a != nil {
			q.Author, q.AuthorID = strings.TrimPrefix(dom.NodeText(a), "@"), dom.Attr(a, "data-userid")
		} else if q.Author == "" {
			q.Author = dom.WroteBy(dom.NodeText(at), "")
		}
		if a := dom.Find(at, selQuoteLink); a != nil {
			q.PostID = linkedComment(r.doc.Resolve(dom.Attr(a, "href")))
		}
	}
	return dom.Part{Role: dom.Quote, Quote: q, Content: content}
}

// plainAttribution is the line "NAME said:" of a quote without a mark on it, and
// what holds the words below: imported quotes have two blocks alike, Markdown's
// begin with the line. It is told by the account's link that it begins with and
// its colon.
func plainAttribution(n *html.Node) (line, content *html.Node) {
	content = dom.Find(n, selQuoteText)
	if content == nil {
		return nil, nil
	}
	if next := nextElement(content); next != nil && selQuoteText.Match(next) && beginsWithAccount(content.FirstChild) {
		return content, next
	}
	p := content.FirstChild
	for p != nil && (p.Type != html.ElementNode || p.DataAtom != atom.P) {
		p = p.NextSibling
	}
	if p == nil || !beginsWithAccount(p.FirstChild) {
		return nil, content
	}
	return cutFirstLine(p), content
}

func nextElement(n *html.Node) *html.Node {
	n = n.NextSibling
	for n != nil && n.Type != html.ElementNode {
		n = n.NextSibling
	}
	return n
}

// beginsWithAccount tells a line that is a link to an account and a few words
// that end in a colon.
func beginsWithAccount(n *html.Node) bool {
	for n != nil && n.Type == html.TextNode && strings.TrimSpace(n.Data) == "" {
		n = n.NextSibling
	}
	if n == nil || n.DataAtom != atom.A || !selAccountLink.Match(n) || n.NextSibling == nil || n.NextSibling.Type != html.TextNode {
		return false
	}
	words := strings.TrimSpace(n.NextSibling.Data)
	return len(words) <= 40 && (strings.HasSuffix(words, ":") || strings.HasSuffix(words, "："))
}

// cutFirstLine takes a paragraph's first line out of it.
func cutFirstLine(p *html.Node) *html.Node {
	line := &html.Node{Type: html.ElementNode, Data: "span", DataAtom: atom.Span}
	for p.FirstChild != nil {
		c := p.FirstChild
		p.RemoveChild(c)
		if c.DataAtom == atom.Br {
			break
		}
		line.AppendChild(c)
	}
	return line
}

// embed reads what the rich editor stores as data: quoted posts, files,
// pictures and linked pages.
func (r *reader) embed(n *html.Node) dom.Part {
	data, err := dom.ParseJSON(dom.Attr(n, "data-embedjson"))
	if err != nil || !data.Exists() {
		return dom.Part{}
	}
	kind := data.At("embedType").Text()
	if kind == "" {
		kind = data.At("type").Text()
	}
	switch kind {
	case "quote":
		q := forum.Quote{Author: data.At("insertUser", "name").Text(), AuthorID: data.At("insertUser", "userID").Text(), PostID: data.At("recordID").Text()}
		if q.PostID != "" && data.At("recordType").Text() == "discussion" {
			q.PostID = "d" + q.PostID
		}
		return dom.Part{Role: dom.Quote, Quote: q, Content: fragment(data.At("body").Text())}
	case "file":
		href := r.doc.Resolve(data.At("url").Text())
		name := data.At("name").Text()
		if href == "" && name == "" {
			return dom.Part{}
		}
		f := dom.File(data.At("mediaID").Text(), name, href)
		f.SizeBytes, f.IsInline = data.At("size").Number(), true
		return dom.Part{Role: dom.Attachment, Attachment: &f}
	case "image":
		return imagePart(n, data.At("url").Text(), data.At("name").Text())
	}
	return dom.Part{}
}

// fragment is HTML that stands in data, as an element of its own.
func fragment(s string) *html.Node {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return root
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root
}

// imagePart lets the picture in the markup stand; where the browser would draw
// it, one is read from the data.
func imagePart(n *html.Node, src, name string) dom.Part {
	if src == "" || dom.Find(n, selImage) != nil {
		return dom.Part{}
	}
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild) // the address as a link in the picture's place
	}
	n.AppendChild(&html.Node{Type: html.ElementNode, Data: "img", DataAtom: atom.Img, Attr: []html.Attribute{{Key: "src", Val: src}, {Key: "alt", Val: name}}})
	return dom.Part{}
}

var selImage = dom.Sel("img")
