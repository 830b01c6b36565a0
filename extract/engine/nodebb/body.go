package nodebb

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selSourceLink = dom.Sel("a[href*='/post/'], a[href*='/topic/']")
	selMention    = dom.Sel("a.plugin-mentions-a, a.mention, a.plugin-mentions-user")
	selSpoiler    = dom.Sel(".ns-spoiler-content, .spoiler-content")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Blockquote:
		return r.quotePart(n)
	case n.DataAtom == atom.P && quoteOf(n) != nil:
		if _, ok := r.attribution(n); ok {
			return dom.Part{Role: dom.Drop}
		}
	case n.DataAtom == atom.A && selMention.Match(n) && !dom.HasClass(n, "plugin-mentions-group") && !dom.HasClass(n, "plugin-mentions-category"):
		return r.mentionPart(n)
	case n.DataAtom == atom.A || n.DataAtom == atom.Img:
		return dom.Part{Attachment: r.upload(n)}
	case dom.HasClass(n, "ns-spoiler"), dom.HasClass(n, "spoiler"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoiler)}
	}
	return dom.Part{}
}

// quoteOf is the quote that a paragraph introduces: the one it opens, as
// version 4 writes it, or the one that follows it, as the versions before did.
func quoteOf(p *html.Node) *html.Node {
	if parent := p.Parent; parent != nil && parent.DataAtom == atom.Blockquote && previous(p) == nil {
		return parent
	}
	for n := p.NextSibling; n != nil; n = n.NextSibling {
		if n.Type == html.ElementNode {
			if n.DataAtom == atom.Blockquote {
				return n
			}
			return nil
		}
	}
	return nil
}

// previous is the nearest element before a node, or nil.
func previous(n *html.Node) *html.Node {
	for n = n.PrevSibling; n != nil; n = n.PrevSibling {
		if n.Type == html.ElementNode {
			return n
		}
	}
	return nil
}

// attribution reads a paragraph of the form "NAME said in LINK:", in any
// language: it is short, ends with a colon, and links a post.
func (r *reader) attribution(p *html.Node) (forum.Quote, bool) {
	text := dom.NodeText(p)
	last, _ := utf8.DecodeLastRuneInString(text)
	if (last != ':' && last != '：') || utf8.RuneCountInString(text) > 300 {
		return forum.Quote{}, false
	}
	link := dom.Find(p, selSourceLink)
	if link == nil && !said(p, text) {
		return typed(p, text)
	}
	q := forum.Quote{PostID: idIn(r.doc.Resolve(dom.Attr(link, "href")), "post")}
	if m := dom.Find(p, selMention); m != nil {
		q.Author = strings.TrimPrefix(dom.NodeText(m), "@")
		q.AuthorID = r.uids[slugIn(dom.Attr(m, "href"))]
		return q, true
	}
	before, _, _ := strings.Cut(text, dom.NodeText(link))
	before = strings.TrimSpace(before)
	if name, ok := strings.CutPrefix(before, "@"); ok {
		before, _, _ = strings.Cut(name, " ")
	}
	q.Author, q.AuthorID = before, r.uids["@"+before]
	return q, before != ""
}

// reTyped is what people write above a passage that they quote by hand, and
// reSaid what follows a name in an attribution of the engine's own, in the
// languages that the engine is used in most.
var (
	reTyped = regexp.MustCompile(`^@?(.{1,80}?) ` + verbs + `\s?[:：]$`)
	reSaid  = regexp.MustCompile(`^ ` + verbs + `(?: |$)`)
)

const verbs = `(?:wrote|said|schrieb|sagte|a écrit|a dit|escribió|dijo|ha scritto|ha detto|escreveu|disse|schreef|zei|napisał\(?a?\)?|написала?|сказала?|skrev|kirjoitti|yazdı|dedi)`

// said tells an attribution whose link is damaged: a mention begins it, and a
// verb follows.
func said(p *html.Node, text string) bool {
	m := dom.Find(p, selMention)
	if m == nil {
		return false
	}
	rest, ok := strings.CutPrefix(text, dom.NodeText(m))
	return ok && reSaid.MatchString(rest)
}

// typed reads an attribution without a link, which only counts within its
// quote.
func typed(p *html.Node, text string) (forum.Quote, bool) {
	m := reTyped.FindStringSubmatch(text)
	if m == nil || p.Parent.DataAtom != atom.Blockquote {
		return forum.Quote{}, false
	}
	return forum.Quote{Author: m[1]}, true
}

func slugIn(href string) string {
	_, rest, ok := strings.Cut(href, "/user/")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	return strings.ToLower(unescape(strings.Trim(rest, "/")))
}

// quotePart reads author and post of a quote from the paragraph that
// introduces it.
func (r *reader) quotePart(n *html.Node) dom.Part {
	part := dom.Part{Role: dom.Quote, Quote: forum.Quote{Author: dom.Attr(n, "data-author")}}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if c.DataAtom == atom.P {
			if q, ok := r.attribution(c); ok {
				part.Quote = q
				return part
			}
		}
		break
	}
	if p := previous(n); p != nil && p.DataAtom == atom.P {
		if q, ok := r.attribution(p); ok {
			part.Quote = q
		}
	}
	return part
}

func (r *reader) mentionPart(n *html.Node) dom.Part {
	name := strings.TrimPrefix(dom.NodeText(n), "@")
	return dom.Part{Role: dom.Mention, Mention: forum.Mention{Name: name, ID: r.uids[slugIn(dom.Attr(n, "href"))]}}
}

var reUploadPrefix = regexp.MustCompile(`^\d{10,}-`)

// upload is the file behind a link or a picture that lies in the forum's own
// folder of uploads. Its name is the text that the author's editor has put
// there, else the address's without the time that the engine puts before it.
func (r *reader) upload(n *html.Node) *forum.Attachment {
	href, name := dom.Attr(n, "href"), dom.NodeText(n)
	if n.DataAtom == atom.Img {
		if parent := n.Parent; parent != nil && parent.DataAtom == atom.A && strings.Contains(dom.Attr(parent, "href"), "/uploads/files/") {
			return nil // the link around it is the file
		}
		href, name = dom.Attr(n, "src"), dom.Attr(n, "alt")
	}
	if !strings.Contains(href, "/uploads/files/") {
		return nil
	}
	href = r.doc.Resolve(href)
	if dom.Ext(name) == "" {
		name = reUploadPrefix.ReplaceAllString(unescape(href[strings.LastIndex(href, "/")+1:]), "")
	}
	f := dom.File("", name, href)
	f.IsInline = n.DataAtom == atom.Img
	return &f
}
