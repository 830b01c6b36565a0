package bbpress

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteTitle = dom.Sel("[class*='quote-title'], .bbp-quote-author, cite")
	selQuoteLink  = dom.Sel("a[href*='#post-'], a[href*='/reply/'], a[href*='?p=']")
	selStrong     = dom.Sel("strong, b")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	if selSignature.Match(n) {
		return dom.Part{Role: dom.Drop}
	}
	return r.signatureRules(n)
}

// signatureRules are the rules within a signature.
func (r *reader) signatureRules(n *html.Node) dom.Part {
	class := dom.Attr(n, "class")
	switch {
	case n.DataAtom == atom.Ul && strings.Contains(class, "-revision-log"), strings.Contains(class, "bbp-attachments"), strings.Contains(class, "gdbbx-attachments"),
		strings.Contains(class, "bbp-template-notice"), strings.Contains(class, "sharedaddy"), strings.Contains(class, "jp-relatedposts"), strings.Contains(class, "gdbbx-thanks"), strings.Contains(class, "quote-title"):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Blockquote:
		return r.quotePart(n)
	case n.DataAtom == atom.A && n.Parent != nil && isAttribution(n):
		return dom.Part{Role: dom.Drop}
	case n.Parent != nil && n.Parent.DataAtom == atom.Blockquote && sourceLine(n.Parent) == n:
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "bbcode_spoiler"), dom.HasClass(n, "d4pbbc-spoiler"), dom.HasClass(n, "su-spoiler"):
		return dom.Part{Role: dom.Spoiler}
	}
	return dom.Part{}
}

// quotePart reads a quote. The plugin itself writes none; add-ons put the
// source before the words: a line of its own, or a link to the reply that says
// who wrote. Without either the quote names nobody.
func (r *reader) quotePart(n *html.Node) dom.Part {
	q := forum.Quote{}
	if title := dom.Find(n, selQuoteTitle); title != nil && title.DataAtom != atom.Cite {
		q.Author = dom.WroteBy(dom.NodeText(title), "")
		if a := dom.Find(title, selQuoteLink); a != nil {
			q.PostID = linkedPost(dom.Attr(a, "href"))
		}
	} else if a := attribution(n); a != nil {
		q.PostID = r.quoted(dom.Attr(a, "href"))
		if strong := dom.Find(a, selStrong); strong != nil {
			q.Author = dom.NodeText(strong)
		} else {
			q.Author = dom.WroteBy(dom.NodeText(a), "")
		}
	} else if line := sourceLine(n); line != nil {
		q.Author = strings.TrimRight(dom.NodeText(firstContent(line)), ": ")
	}
	return dom.Part{Role: dom.Quote, Quote: q}
}

// sourceLine is the first line of a quote where it is a name in bold letters
// and a few words up to a colon: an attribution without a link.
func sourceLine(quote *html.Node) *html.Node {
	line := firstContent(quote)
	if line == nil || line.Type != html.ElementNode || line.DataAtom != atom.P && line.DataAtom != atom.Div {
		return nil
	}
	first := firstContent(line)
	if first == nil || first.Type != html.ElementNode || !selStrong.Match(first) {
		return nil
	}
	rest := strings.TrimSpace(strings.TrimPrefix(dom.NodeText(line), dom.NodeText(first)))
	if strings.HasSuffix(rest, ":") && len(strings.Fields(rest)) <= 3 {
		return line
	}
	return nil
}

// quoted is the post that a quote's source links to: a reply, or the topic by
// its own address.
func (r *reader) quoted(href string) string {
	href = r.doc.Resolve(href)
	if id := linkedPost(href); id != "" {
		return id
	}
	if t := r.page.Thread; t != nil && t.URL != "" && href == t.URL {
		return t.ID
	}
	return ""
}

// attribution is the link that a quote begins with, where its words end in a
// colon.
func attribution(quote *html.Node) *html.Node {
	first := firstContent(quote)
	for first != nil && first.Type == html.ElementNode && first.DataAtom != atom.A {
		first = firstContent(first)
	}
	if first == nil || first.Type != html.ElementNode {
		return nil
	}
	if text := dom.NodeText(first); !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, "：") {
		return nil
	}
	return first
}

func isAttribution(a *html.Node) bool {
	for n := a.Parent; n != nil; n = n.Parent {
		if n.DataAtom == atom.Blockquote {
			return attribution(n) == a
		}
	}
	return false
}

func firstContent(n *html.Node) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return c
		}
	}
	return nil
}
