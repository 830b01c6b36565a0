package phpbb3

import (
	"strings"
	"unicode"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selCite       = dom.Sel("cite")
	selCitePost   = dom.Sel("a[data-post-id], a[href*='p='], a[href*='#p']")
	selCiteMember = dom.Sel("a[href*='viewprofile'], a[href*='member']")
	selCiteURL    = dom.Sel("a.postlink[href]")
	selNotAuthor  = dom.Sel("[data-post-id], [data-msg-id], .responsive-hide, a[href*='viewtopic'], a[href*='#p']")
	selCode       = dom.Sel("pre, code")
	selFile       = dom.Sel("dl.file, dl.thumbnail")
	selHiddenPart = dom.Sel("div[style*='none']:only-child")
	selToggle     = dom.Sel("input[type='button'], button, [onclick]")
	selSpoilText  = dom.Sel(".spoilercontent, .spoiler-content, .spoiler_content, .spoiler-body, .spoilerbody, [style*='none']")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Cite, dom.HasClass(n, "codetitle"), dom.HasClass(n, "attachtitle"), dom.HasClass(n, "attachbox"), dom.HasClass(n, "post-buttons"):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Blockquote:
		return dom.Part{Role: dom.Quote, Quote: r.quote(n)}
	case dom.HasClass(n, "codebox"), dom.HasClass(n, "codecontent"):
		return dom.Part{Role: dom.Code, Content: codeOf(n)}
	case dom.HasClass(n, "quotetitle"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "quotecontent"):
		return titled(n)
	case n.DataAtom == atom.Dl && selFile.Match(n):
		return r.filePart(n)
	case dom.HasClass(n, "inline-attachment"), dom.HasClass(n, "attachcontent"):
		return r.inlinePart(n)
	case dom.HasClass(n, "spoilertitle"), dom.HasClass(n, "spoiler-title"), dom.HasClass(n, "spoiler-header"), dom.HasClass(n, "spoiler_title"), dom.HasClass(n, "spoilerheader"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "spoiler"), dom.HasClass(n, "spoilwrapper"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selSpoilText)}
	case covered(n):
		return dom.Part{Role: dom.Spoiler}
	case dom.HasClass(n, "mention"):
		return mentionPart(n)
	}
	return dom.Part{}
}

var selFrame = dom.Sel("h3, h2, .author, .post-buttons, .profile-icons, .notice, .signature, [id^='sig'], .attachbox, [id^='list_thanks'], .post-notice, .back2top, p[class*='date']")

// frameRules read a post whose text has no element of its own: everything in
// the post's frame that the engine writes beside the text is left out.
func (r *reader) frameRules(n *html.Node) dom.Part {
	if selFrame.Match(n) || headLine(n) {
		return dom.Part{Role: dom.Drop}
	}
	return r.rules(n)
}

// headLine tells the line of a style's own with the author and the time: it has
// the link to the post.
func headLine(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.A && strings.Contains(dom.Attr(c, "href"), "#p") {
			return true
		}
	}
	return false
}

// codeOf is the code itself, without the line that offers to select it.
func codeOf(n *html.Node) *html.Node {
	if c := dom.Find(n, selCode); c != nil {
		return c
	}
	return n
}

// titled tells the box below a title of subsilver2: a quote, unless the title
// has a button. Then a BBCode of the board's own covers the text with it.
func titled(n *html.Node) dom.Part {
	title := previous(n)
	if title != nil && dom.Find(title, selToggle) != nil || dom.Find(n, selHiddenPart) != nil {
		return dom.Part{Role: dom.Spoiler}
	}
	if title == nil || !dom.HasClass(title, "quotetitle") {
		return dom.Part{Role: dom.Quote}
	}
	text := dom.NodeText(title)
	if b := title.FirstChild; b != nil && b.DataAtom == atom.B && dom.NodeText(b) == text {
		return dom.Part{Role: dom.Quote} // the label alone, in bold type
	}
	return dom.Part{Role: dom.Quote, Quote: forum.Quote{Author: attributed(text)}}
}

func previous(n *html.Node) *html.Node {
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

// covered tells a hidden block beside something that shows it: the spoiler of
// a BBCode that the board has made itself.
func covered(n *html.Node) bool {
	style := strings.ReplaceAll(strings.ToLower(dom.Attr(n, "style")), " ", "")
	if !strings.Contains(style, "display:none") || n.Parent == nil {
		return false
	}
	for p, depth := n.Parent, 0; p != nil && depth < 3; p, depth = p.Parent, depth+1 {
		if selPostPart.Match(p) {
			return false
		}
		if dom.Find(p, selToggle) != nil {
			return true
		}
	}
	return false
}

// quote reads a quote's source: since 3.2 the post, the author's account and
// the time stand in the citation; before, the author's name alone.
func (r *reader) quote(n *html.Node) forum.Quote {
	q := forum.Quote{PostID: linkedPost(dom.Attr(n, "cite"))}
	cite := citation(n)
	if cite == nil {
		return q
	}
	if link := dom.Find(cite, selCitePost); link != nil {
		if id := dom.Attr(link, "data-post-id"); id != "" {
			q.PostID = id
		} else if id := linkedPost(dom.Attr(link, "href")); id != "" {
			q.PostID = id
		}
	}
	if m := dom.Find(cite, selCiteMember); m != nil {
		q.Author, q.AuthorID = dom.NodeText(m), memberID(dom.Attr(m, "href"))
		return q
	}
	if link := dom.Find(cite, selCiteURL); link != nil {
		href := r.doc.Resolve(dom.Attr(link, "href"))
		q.Author, q.IsExternal = dom.NodeText(link), href != "" && !r.doc.SameHost(href)
		return q
	}
	text := textWithout(cite)
	if link := dom.Find(cite, selCitePost); link != nil && strings.IndexFunc(dom.NodeText(link), unicode.IsLetter) >= 0 {
		q.Author = strings.TrimRight(text, ":： ") // the words themselves are the link
		return q
	}
	q.Author = attributed(text)
	return q
}

// citation is the quote's own, not one of a quote within it.
func citation(n *html.Node) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type != html.ElementNode:
		case selCite.Match(c):
			return c
		case c.DataAtom == atom.Div:
			return citation(c)
		}
	}
	return nil
}

func textWithout(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && selNotAuthor.Match(c) {
			continue
		}
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
			continue
		}
		b.WriteString(dom.NodeText(c))
	}
	return dom.Fold(b.String())
}

// wroteEndings are what the language packs put between a name and its words
// where that is more than one word, or is not set apart by a space.
var wroteEndings = []string{" hat geschrieben", " schrieb", " a écrit", " a scris", " ha scritto", " ha escrit", " писал(а)", " писал (а)", " пише", "さんが書きました", "님이 작성", " 写道", "写道", " 寫", " wrote", " escribió", " escreveu", " schreef", " pisze", " napisał(a)", " skrev"}

// attributed is the name in "NAME wrote:": what stands before the known words,
// else before the last word, when a colon closes the line.
func attributed(s string) string {
	s = strings.TrimRight(s, "↑ ")
	bare := strings.TrimRight(s, ":： ")
	for _, end := range wroteEndings {
		if rest, ok := strings.CutSuffix(bare, end); ok {
			return strings.TrimSpace(rest)
		}
	}
	if bare == s {
		return s // the words stood in a link that was left out
	}
	if i := strings.LastIndex(bare, " "); i > 0 {
		return bare[:i]
	}
	return bare
}

func mentionPart(n *html.Node) dom.Part {
	id := memberID(dom.Attr(n, "href"))
	if id == "" {
		id = dom.Attr(n, "data-user-id")
	}
	return dom.Part{Role: dom.Mention, Mention: forum.Mention{ID: id}}
}
