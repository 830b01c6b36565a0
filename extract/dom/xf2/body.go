package xf2

import (
	"net/url"
	"path"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Body reads a post's body into the post.
func (r *Reader) Body(p *forum.Post, n *html.Node) {
	unproxy(n)
	cards := unfurls(n)
	r.Doc.ReadBody(r.rules, n).Into(p)
	for _, card := range cards {
		if card != "" && !linked(p.Links, card) {
			p.Links = append(p.Links, r.Doc.PostLink(card))
		}
	}
	p.LinkCount = len(p.Links)
}

// Text is the plain text of a part of the page that is written like a body.
func (r *Reader) Text(n *html.Node) string { return r.Doc.ReadBody(r.rules, n).Body.Text }

func linked(links []forum.PostLink, href string) bool {
	for _, l := range links {
		if l.URL == href {
			return true
		}
	}
	return false
}

// rules tells what an element of a body stands for.
func (r *Reader) rules(n *html.Node) dom.Part {
	switch {
	case dropped(n):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "bbCodeBlock--quote"), n.DataAtom == atom.Blockquote && dom.Attr(n, "data-quote") != "":
		return r.quotePart(n)
	case dom.HasClass(n, "bbCodeBlock--code"):
		return dom.Part{Role: dom.Code, Content: first(n, selPre)}
	case dom.HasClass(n, "bbCodeSpoiler"):
		return dom.Part{Role: dom.Spoiler, Content: first(n, selSpoilerText)}
	case dom.HasClass(n, "bbCodeInlineSpoiler"):
		return dom.Part{Role: dom.Spoiler}
	case n.DataAtom == atom.A && dom.HasClass(n, "username"):
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{ID: userID(n)}}
	case n.DataAtom == atom.A:
		return dom.Part{Attachment: r.linkedFile(n, dom.Attr(n, "href"))}
	case n.DataAtom == atom.Img:
		return dom.Part{Attachment: r.pictureFile(n)}
	case n.DataAtom == atom.Video:
		return dom.Part{Attachment: r.linkedFile(n, sourceOf(n))}
	}
	return dom.Part{}
}

// dropClasses are labels, buttons and advertisements within bodies.
var dropClasses = [...]string{"bbCodeBlock-expandLink", "bbCodeBlock-shrinkLink", "js-expandLink", "bbCodeSpoiler-button", "js-selectToQuoteEnd", "samCodeUnit", "adsbygoogle", "message-lastEdit", "message-signature", "u-anchorTarget", "cv-attach-exif"}

func dropped(n *html.Node) bool {
	for _, class := range dropClasses {
		if dom.HasClass(n, class) {
			return true
		}
	}
	return false
}

var (
	selPre         = dom.Sel("pre")
	selSpoilerText = dom.Sel(".bbCodeBlock--spoiler .bbCodeBlock-content, .bbCodeSpoiler-content, .bbCodeBlock-content")
	selQuoteText   = dom.Sel(".bbCodeBlock-expandContent")
	selQuoteOther  = dom.Sel(".bbCodeBlock-content")
	selQuoteSource = dom.Sel(".bbCodeBlock-sourceJump, .bbCodeBlock-title a[href]")
	selQuoteTitle  = dom.Sel(".bbCodeBlock-title")
	selImage       = dom.Sel("img")
	selSource      = dom.Sel("source[src]")
	selCardLink    = dom.Sel("a[href^='http']")
)

// first is the first descendant that the first matching matcher finds, else the
// node itself.
func first(n *html.Node, ms ...goquery.Matcher) *html.Node {
	for _, m := range ms {
		if f := dom.Find(n, m); f != nil {
			return f
		}
	}
	return n
}

// quotePart reads author and source of a quote: data-quote, data-source
// ("post: 12") and data-attributes ("member: 7"); where a copy of the page lost
// them, the title's link and words.
func (r *Reader) quotePart(n *html.Node) dom.Part {
	q := forum.Quote{Author: dom.Attr(n, "data-quote")}
	kind, id, _ := strings.Cut(dom.Attr(n, "data-source"), ":")
	if strings.TrimSpace(kind) == "post" {
		q.PostID = dom.Digits(id)
	}
	if _, id, ok := strings.Cut(dom.Attr(n, "data-attributes"), "member:"); ok {
		if q.AuthorID = dom.Digits(id); q.AuthorID == "0" {
			q.AuthorID = ""
		}
	}
	if jump := dom.Find(n, selQuoteSource); jump != nil && q.PostID == "" {
		q.PostID = xfurl.PostID(dom.Attr(jump, "href"))
	}
	if title := dom.Find(n, selQuoteTitle); title != nil && q.Author == "" {
		q.Author = attributed(dom.NodeText(title))
	}
	return dom.Part{Role: dom.Quote, Quote: q, Content: first(n, selQuoteText, selQuoteOther)}
}

// attributed is the name in "NAME said:": what stands before the last word and
// the colon, whatever the language.
func attributed(s string) string {
	s = strings.TrimSpace(strings.TrimRight(s, "↑ "))
	s = strings.TrimRight(s, ":： ")
	if i := strings.LastIndex(s, " "); i > 0 {
		return s[:i]
	}
	return s
}

// linkedFile is the file behind a link to attachments/name-ext.12/.
func (r *Reader) linkedFile(n *html.Node, href string) *forum.Attachment {
	id := AttachmentID(href)
	if id == "" || (r.Doc.Resolve(href) != "" && !r.Doc.SameHost(r.Doc.Resolve(href))) {
		return nil
	}
	name := ""
	if img := dom.Find(n, selImage); img != nil {
		name = pictureName(img)
	}
	if text := dom.NodeText(n); name == "" && dom.Ext(text) != "" {
		name = text
	}
	return r.inlineFile(id, name, href)
}

// pictureFile is the attached file that a picture without a link shows.
func (r *Reader) pictureFile(n *html.Node) *forum.Attachment {
	for a := n.Parent; a != nil && !dom.HasClass(a, "bbWrapper"); a = a.Parent {
		if a.DataAtom == atom.A && AttachmentID(dom.Attr(a, "href")) != "" {
			return nil // the link around it is the file
		}
	}
	for _, key := range [...]string{"data-src", "data-url", "src"} {
		if src := dom.Attr(n, key); AttachmentID(src) != "" {
			return r.inlineFile(AttachmentID(src), pictureName(n), src)
		}
	}
	return nil
}

func (r *Reader) inlineFile(id, name, href string) *forum.Attachment {
	if dom.Ext(name) == "" {
		name = slugName(href, id)
	}
	a := dom.File(id, name, r.Doc.Resolve(href))
	a.IsInline = true
	return &a
}

func pictureName(img *html.Node) string {
	for _, key := range [...]string{"alt", "title"} {
		if name := dom.Attr(img, key); dom.Ext(name) != "" {
			return name
		}
	}
	return ""
}

func sourceOf(n *html.Node) string {
	if s := dom.Find(n, selSource); s != nil {
		return dom.Attr(s, "src")
	}
	return dom.Attr(n, "src")
}

// AttachmentID is the id at the end of "attachments/name-ext.12/", or "".
func AttachmentID(href string) string {
	before, rest, ok := strings.Cut(href, "attachments/")
	if !ok || strings.HasSuffix(before, "data/") { // data/attachments/ holds thumbnails
		return ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "/")
	id := rest[strings.LastIndex(rest, ".")+1:]
	if dom.Digits(id) != id {
		return ""
	}
	return id
}

// slugName is the file name in an attachment's address, where the last dot is a
// dash.
func slugName(href, id string) string {
	_, rest, _ := strings.Cut(href, "attachments/")
	rest, _, _ = strings.Cut(rest, "?")
	slug := strings.TrimSuffix(path.Base(strings.TrimSuffix(rest, "/")), "."+id)
	if slug == id {
		return ""
	}
	if plain, err := url.PathUnescape(slug); err == nil {
		slug = plain
	}
	if i := strings.LastIndex(slug, "-"); i > 0 {
		return slug[:i] + "." + slug[i+1:]
	}
	return slug
}

// unfurls are the addresses that a body shows as cards. The card's words are
// another site's: the address that the author wrote takes their place.
func unfurls(n *html.Node) []string {
	var out []string
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || dom.HasClass(c, "bbCodeBlock--quote") {
			continue
		}
		if dom.HasClass(c, "bbCodeBlock--unfurl") {
			href := dom.Attr(c, "data-url")
			if link := dom.Find(c, selCardLink); href == "" && link != nil {
				href = dom.Attr(link, "href")
			}
			out = append(out, href)
			c.FirstChild, c.LastChild = nil, nil
			c.AppendChild(&html.Node{Type: html.TextNode, Data: href})
			continue
		}
		out = append(out, unfurls(c)...)
	}
	return out
}

// unproxy puts the real address in place of the forum's own proxy, which hides
// it in the parameter image or link of proxy.php.
func unproxy(n *html.Node) {
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "src", "data-src", "href", "data-url":
			n.Attr[i].Val = Proxied(n.Attr[i].Val)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		unproxy(c)
	}
}

// Proxied is the address behind a link to proxy.php, or the link itself.
func Proxied(href string) string {
	_, after, ok := strings.Cut(href, "proxy.php?")
	if !ok {
		return href
	}
	q, err := url.ParseQuery(after)
	if err != nil {
		return href
	}
	for _, key := range [...]string{"image", "link"} {
		if v := q.Get(key); strings.HasPrefix(v, "http") {
			return v
		}
	}
	return href
}
