package mybb

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selCodeBody = dom.Sel(".body code, .body, code")
	selCover    = dom.Sel(".spoiler_body, .spoiler_content, .spoiler-content, .spoiler_text, .spoilerbody")
	selJump     = dom.Sel("a[href]")
	selCite     = dom.Sel("blockquote > cite")
	selCiteDrop = dom.Sel("span, a")
	selFileBox  = dom.Sel("fieldset, .post_attachments, .attachments")
	selFileLink = dom.Sel("a[href*='attachment.php?aid='], img[src*='attachment.php?aid=']")
	selFileImg  = dom.Sel("img")
	selThanks   = dom.Sel("[id^='tyl_data_'], [id^='thx_list'], .tyl_data, .thx_list")
	selThankAll = dom.Sel("[id^='tyl_title_']:not([id*='collapsed'])")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Cite && n.Parent != nil && n.Parent.DataAtom == atom.Blockquote:
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Blockquote:
		return dom.Part{Role: dom.Quote, Quote: r.quote(n)}
	case dom.HasClass(n, "codeblock"), dom.HasClass(n, "phpcodeblock"):
		return dom.Part{Role: dom.Code, Content: codeOf(n)}
	case dom.HasClass(n, "spoiler"), dom.HasClass(n, "spoiler_wrap"), dom.HasClass(n, "mycode_spoiler"):
		return dom.Part{Role: dom.Spoiler, Content: dom.Find(n, selCover)}
	case dom.HasClass(n, "spoiler_title"), dom.HasClass(n, "spoiler_header"), dom.HasClass(n, "spoiler_button"):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.A && dom.HasClass(n, "mycode_mention"), n.DataAtom == atom.A && strings.HasPrefix(dom.NodeText(n), "@") && r.linked(dom.Attr(n, "href"), forum.KindProfile) != "":
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{ID: r.linked(dom.Attr(n, "href"), forum.KindProfile)}}
	case n.DataAtom == atom.Fieldset && dom.Find(n, selFileLink) != nil:
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.A, n.DataAtom == atom.Img:
		return dom.Part{Attachment: r.inlineFile(n)}
	}
	return dom.Part{}
}

// codeOf is the code of a block, without the title above it. The engine writes
// a line's end as a br with a line feed behind it: one of the two counts.
func codeOf(n *html.Node) *html.Node {
	code := dom.Find(n, selCodeBody)
	if code == nil {
		return nil
	}
	code = dom.Clone(code)
	trimBreaks(code)
	return code
}

func trimBreaks(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && c.PrevSibling != nil && c.PrevSibling.DataAtom == atom.Br {
			c.Data = strings.TrimPrefix(strings.TrimPrefix(c.Data, "\r"), "\n")
		}
		trimBreaks(c)
	}
}

// quote reads "(DATE) NAME wrote: →": a span, the name with words of the
// language, a link to the source post.
func (r *reader) quote(n *html.Node) forum.Quote {
	var cite *html.Node
	for c := n.FirstChild; c != nil && cite == nil; c = c.NextSibling {
		if c.DataAtom == atom.Cite {
			cite = c
		}
	}
	if cite == nil {
		return forum.Quote{Author: dom.Attr(n, "data-author")}
	}
	q := forum.Quote{}
	if a := dom.Find(cite, selJump); a != nil {
		if t, ok := r.read(dom.Attr(a, "href")); ok && t.post != "" {
			q.PostID = t.post
		}
	}
	q.Author = r.quoted(r.cited(cite))
	return q
}

// quoted is the name in "NAME wrote:"; a cite of one word ("Quote:"), or without
// the words that follow names elsewhere on the page, names nobody. Names that the
// page knows settle where the name ends.
func (r *reader) quoted(text string) string {
	text = strings.TrimSpace(text)
	if name := dom.KnownName(text, r.names, false); name != "" && name != strings.TrimRight(text, ":： ") {
		return name
	}
	if r.wrote != "" && !strings.HasSuffix(text, r.wrote) {
		return ""
	}
	return dom.WroteBy(text, r.wrote)
}

// cited is the text of a quote's attribution without its date and link.
func (r *reader) cited(cite *html.Node) string {
	return dom.TextWithout(goquery.NewDocumentFromNode(cite).Selection, selCiteDrop)
}

func fileID(href string) string {
	if !strings.Contains(href, "attachment.php") {
		return ""
	}
	if id := dom.Digits(dom.Param(href, "aid")); id != "" {
		return id
	}
	return dom.Digits(dom.Param(href, "thumbnail"))
}

// inlineFile is the file that a link or picture within the body stands for.
func (r *reader) inlineFile(n *html.Node) *forum.Attachment {
	href := dom.Attr(n, "href")
	if n.DataAtom == atom.Img {
		href = dom.Attr(n, "src")
	}
	if fileID(href) == "" {
		return nil
	}
	a := r.file(n, href)
	a.IsInline = true
	return &a
}

var reParens = regexp.MustCompile(`\(([^()]*)\)`)

// file describes an attachment. A listed one is a link of its name with
// "(Size: 12 KB / Downloads: 3)" behind it; a picture has name and size as the
// lines of its title.
func (r *reader) file(n *html.Node, href string) forum.Attachment {
	name := dom.NodeText(n)
	img := n
	if n.DataAtom == atom.A {
		img = dom.Find(n, selFileImg)
	}
	if name == "" {
		return r.picture(img, href)
	}
	a := dom.File(fileID(href), name, r.doc.Resolve(href))
	var details strings.Builder
	for c := n.NextSibling; c != nil && c.Data != "a" && c.Data != "br"; c = c.NextSibling {
		details.WriteString(" " + dom.NodeText(c))
	}
	if m := reParens.FindStringSubmatch(details.String()); m != nil {
		size, count, _ := strings.Cut(m[1], "/")
		a.SizeBytes = dom.Size(size)
		a.ViewCount = dom.Count(count)
	}
	return a
}

func (r *reader) picture(img *html.Node, href string) forum.Attachment {
	lines := strings.FieldsFunc(rawAttr(img, "title"), func(r rune) bool { return r == '\r' || r == '\n' })
	name := dom.Attr(img, "alt")
	a := forum.Attachment{}
	for i, line := range lines {
		_, value, ok := dom.CutLabel(line)
		switch {
		case i == 0 && ok:
			name = value
		case i == 1 && ok:
			a.SizeBytes = dom.Size(value)
		}
	}
	size := a.SizeBytes
	a = dom.File(fileID(href), name, r.doc.Resolve(href))
	a.SizeBytes = size
	return a
}

func rawAttr(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// files reads the list below a post.
func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selFileBox).FindMatcher(selFileLink).Each(func(_ int, e *goquery.Selection) {
		n := e.Nodes[0]
		href := e.AttrOr("href", e.AttrOr("src", ""))
		if fileID(href) == "" || dom.Closest(n.Parent, selFileLink) != nil {
			return
		}
		dom.AddFile(p, r.file(n, href))
	})
	dom.CountContent(p)
}

// reactions reads the lists of the thank-you plugins: the accounts linked in
// them, each one like.
func (r *reader) reactions(s *goquery.Selection) *forum.Reactions {
	var names []string
	s.FindMatcher(selThanks).FindMatcher(selAnchors).Each(func(_ int, a *goquery.Selection) {
		if r.linked(a.AttrOr("href", ""), forum.KindProfile) != "" {
			names = append(names, dom.Text(a))
		}
	})
	total := int64(len(names))
	if n := dom.Count(dom.Text(dom.First(s, selThankAll))); n != nil && *n > total {
		total = *n
	}
	if total == 0 {
		return nil
	}
	like := total
	return &forum.Reactions{Total: total, Like: &like, Types: []string{"like"}, ByType: map[string]int64{"like": total}, Users: names, UsersComplete: total == int64(len(names))}
}
