package dom

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/publicsuffix"
)

// Role is what an element of a post's body stands for.
type Role int

// The roles. Keep leaves the decision to the rules that all engines share.
const (
	Keep       Role = iota
	Drop            // no content: labels, "Click to expand", advertisements, edit notes
	Plain           // content like any other, even where the shared rules would say otherwise
	Quote           // somebody else's words
	Code            // a block of code: white space is kept
	Spoiler         // the author's words behind a cover
	Mention         // a named account: text and an entry
	Attachment      // a file of the post's own: an entry, no text
	Literal         // Part.Text stands for the element
)

// Part is an engine's reading of one element.
type Part struct {
	Role       Role
	Quote      forum.Quote       // of Quote; Depth is set by the reader
	Content    *html.Node        // of Quote, Code, Spoiler: the node that holds the content; nil: the element itself
	Mention    forum.Mention     // of Mention
	Attachment *forum.Attachment // of Attachment, and of an image that is one
	Text       string            // of Literal
}

// Rules tells the role of an element; nil parts of a page are never given.
type Rules func(n *html.Node) Part

// Content is everything that a body holds.
type Content struct {
	Body        forum.Body
	Quotes      []forum.Quote
	Mentions    []forum.Mention
	Links       []forum.PostLink
	Media       []forum.Media
	Attachments []forum.Attachment
}

// Into puts the content into a post and counts it.
func (c Content) Into(p *forum.Post) {
	p.Body, p.Quotes, p.Mentions, p.Links, p.Media = c.Body, c.Quotes, c.Mentions, c.Links, c.Media
	p.Attachments = append(p.Attachments, c.Attachments...)
	CountContent(p)
}

// CountContent sets a post's counters from its lists.
func CountContent(p *forum.Post) {
	p.LinkCount, p.QuoteCount, p.AttachmentCount = len(p.Links), 0, len(p.Attachments)
	for _, q := range p.Quotes {
		if q.Depth == 0 {
			p.QuoteCount++
		}
	}
	p.ImageCount = 0
	for _, m := range p.Media {
		if m.Kind == "image" {
			p.ImageCount++
		}
	}
}

// ReadBody reads a body in one walk over the parsed tree. Several nodes are
// read as one body, in order.
func (d *Document) ReadBody(rules Rules, nodes ...*html.Node) Content {
	r := &bodyReader{doc: d, rules: rules}
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			r.node(c)
		}
		r.breakLine(1)
	}
	return r.content()
}

type bodyReader struct {
	doc     *Document
	rules   Rules
	text    lines // own words
	full    lines // own words and quotes
	quoted  lines
	spoiler lines
	code    lines
	html    cleaner
	out     Content

	quoteDepth   int
	spoilerDepth int
}

func (r *bodyReader) content() Content {
	b := &r.out.Body
	b.Text, b.QuotedText, b.SpoilerText, b.Code = r.text.String(), r.quoted.String(), r.spoiler.String(), r.code.String()
	if full := r.full.String(); full != b.Text {
		b.FullText = full
	}
	b.HTML = r.html.String()
	b.Chars, b.Words = utf8.RuneCountInString(b.Text), countWords(b.Text)
	return r.out
}

func countWords(s string) int {
	n := 0
	in := false
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'):
			if !in {
				n++
			}
			in = true
		case r < utf8.RuneSelf:
			in = in && (r == '\'' || r == '-')
		case isSolid(r):
			n++
			in = false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			if !in {
				n++
			}
			in = true
		case r != '\'' && r != '’' && r != '-':
			in = false
		}
	}
	return n
}

func (r *bodyReader) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		r.writeText(n.Data)
	case html.ElementNode:
		r.element(n)
	}
}

func (r *bodyReader) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.node(c)
	}
}

func (r *bodyReader) element(n *html.Node) {
	part := Part{}
	if r.rules != nil {
		part = r.rules(n)
	}
	if part.Role == Keep {
		attached := part.Attachment
		part = r.shared(n)
		if part.Attachment == nil {
			part.Attachment = attached
		}
	}
	switch part.Role {
	case Drop:
	case Quote:
		r.quote(n, part)
	case Code:
		r.codeBlock(content(n, part))
	case Spoiler:
		r.spoilerBlock(content(n, part))
	case Mention:
		r.mention(n, part)
	case Attachment:
		r.attach(part.Attachment)
	case Literal:
		r.writeText(part.Text)
	default:
		r.plain(n, part)
	}
}

func content(n *html.Node, p Part) *html.Node {
	if p.Content != nil {
		return p.Content
	}
	return n
}

// shared is what elements mean in every engine.
func (r *bodyReader) shared(n *html.Node) Part {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Button, atom.Select, atom.Textarea, atom.Input, atom.Svg, atom.Title:
		return Part{Role: Drop}
	case atom.Blockquote:
		return Part{Role: Quote, Quote: forum.Quote{Author: Attr(n, "data-author")}}
	case atom.Pre:
		return Part{Role: Code}
	case atom.Details:
		return Part{Role: Spoiler}
	}
	if Attr(n, "data-cfemail") != "" {
		return Part{Role: Literal, Text: cloudflareMail(Attr(n, "data-cfemail"))}
	}
	if r.spoilerDepth == 0 && isHidden(n) {
		if strings.Contains(strings.ToLower(Attr(n, "class")+Attr(n, "id")), "spoiler") || uncovers(n) {
			return Part{Role: Spoiler}
		}
		return Part{Role: Drop}
	}
	return Part{}
}

// isHidden tells decoys that no reader sees.
func isHidden(n *html.Node) bool {
	if HasAttr(n, "hidden") {
		return true
	}
	style := Attr(n, "style")
	if style == "" {
		return false
	}
	style = strings.ReplaceAll(strings.ToLower(style), " ", "")
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// cloudflareMail decodes an address that Cloudflare hides: hex, the first byte
// is the XOR key of the others.
func cloudflareMail(hex string) string {
	if len(hex) < 4 || len(hex)%2 != 0 {
		return ""
	}
	key, ok := hexByte(hex[:2])
	if !ok {
		return ""
	}
	var b strings.Builder
	for i := 2; i < len(hex); i += 2 {
		c, ok := hexByte(hex[i : i+2])
		if !ok {
			return ""
		}
		b.WriteByte(c ^ key)
	}
	return strings.ToValidUTF8(b.String(), "")
}

func hexByte(s string) (byte, bool) {
	var v byte
	for i := range 2 {
		v <<= 4
		switch c := s[i] | 0x20; {
		case c >= '0' && c <= '9':
			v |= c - '0'
		case c >= 'a' && c <= 'f':
			v |= c - 'a' + 10
		default:
			return 0, false
		}
	}
	return v, true
}

func (r *bodyReader) quote(n *html.Node, p Part) {
	q := p.Quote
	q.Depth = r.quoteDepth
	r.out.Quotes = append(r.out.Quotes, q)
	r.breakLine(2)
	r.html.open("blockquote", quoteAttrs(q)...)
	if r.quoteDepth == 0 {
		r.quoted.block(2)
	}
	r.quoteDepth++
	r.children(content(n, p))
	r.breakLine(2)
	r.quoteDepth--
	r.html.close("blockquote")
	r.breakLine(2)
}

func quoteAttrs(q forum.Quote) []string {
	var out []string
	if q.Author != "" {
		out = append(out, "data-author", q.Author)
	}
	if q.PostID != "" {
		out = append(out, "data-post-id", q.PostID)
	}
	return out
}

func (r *bodyReader) codeBlock(n *html.Node) {
	r.breakLine(1)
	r.html.open("pre")
	code := strings.Trim(preText(n), "\n")
	r.html.text(code)
	r.html.close("pre")
	r.eachText(func(l *lines) { l.raw(code) })
	if r.quoteDepth == 0 {
		r.code.block(2)
		r.code.raw(code)
	}
	r.breakLine(1)
}

// preText is the text of a code block: white space as it stands, line breaks
// for br and for the list items and rows that highlighters number lines with.
func preText(n *html.Node) string {
	var b strings.Builder
	appendPre(&b, n)
	s := strings.ReplaceAll(b.String(), "\r\n", "\n")
	s = strings.ReplaceAll(s, "\u00a0", " ")
	rows := strings.Split(s, "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " \r")
	}
	return strings.Join(rows, "\n")
}

func appendPre(b *strings.Builder, n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.Type != html.ElementNode || isRaw(c) || c.DataAtom == atom.Button || c.DataAtom == atom.Textarea:
		case c.DataAtom == atom.Br:
			b.WriteByte('\n')
		case c.DataAtom == atom.Li || c.DataAtom == atom.Tr || c.DataAtom == atom.Div || c.DataAtom == atom.P:
			if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
				b.WriteByte('\n')
			}
			appendPre(b, c)
			if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
				b.WriteByte('\n')
			}
		default:
			appendPre(b, c)
		}
	}
}

func (r *bodyReader) spoilerBlock(n *html.Node) {
	r.breakLine(1)
	r.html.open("details")
	r.spoilerDepth++
	if r.spoilerDepth == 1 {
		r.spoiler.block(2)
	}
	r.children(n)
	r.breakLine(1)
	r.spoilerDepth--
	r.html.close("details")
}

func (r *bodyReader) mention(n *html.Node, p Part) {
	m := p.Mention
	if m.Name == "" {
		m.Name = strings.TrimPrefix(NodeText(n), "@")
	}
	if r.quoteDepth == 0 && m.Name != "" {
		r.out.Mentions = append(r.out.Mentions, m)
	}
	r.children(n)
}

func (r *bodyReader) attach(a *forum.Attachment) {
	if a == nil || r.quoteDepth > 0 {
		return
	}
	r.out.Attachments = append(r.out.Attachments, *a)
}

// plain handles content elements: structure, links, images, embeds.
func (r *bodyReader) plain(n *html.Node, p Part) {
	switch n.DataAtom {
	case atom.Br:
		r.newline()
		r.html.void("br")
	case atom.Img:
		r.image(n, p)
	case atom.A:
		r.link(n, p)
	case atom.Iframe, atom.Embed, atom.Object, atom.Video, atom.Audio:
		r.embed(n)
	case atom.Hr:
		r.breakLine(1)
		r.html.void("hr")
	default:
		r.structure(n)
	}
}

// gap is the number of line breaks around an element's content.
func gap(n *html.Node) int {
	switch n.DataAtom {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Pre:
		return 2
	case atom.Div, atom.Li, atom.Tr, atom.Section, atom.Article, atom.Aside, atom.Header, atom.Footer, atom.Dl, atom.Dt, atom.Dd, atom.Figure, atom.Figcaption, atom.Center, atom.Fieldset, atom.Details, atom.Summary, atom.Caption, atom.Main, atom.Nav:
		return 1
	}
	return 0
}

func (r *bodyReader) structure(n *html.Node) {
	lines := gap(n)
	r.breakLine(lines)
	tag := cleanTag(n)
	if tag != "" {
		r.html.open(tag)
	}
	r.children(n)
	if n.DataAtom == atom.Td || n.DataAtom == atom.Th {
		r.writeText(" ")
	}
	if tag != "" {
		r.html.close(tag)
	}
	r.breakLine(lines)
}

func (r *bodyReader) link(n *html.Node, p Part) {
	href := r.doc.Resolve(Attr(n, "href"))
	if href == "" {
		r.children(n)
		return
	}
	r.html.open("a", "href", href)
	before := len(r.out.Media)
	r.children(n)
	r.html.close("a")
	if p.Attachment != nil {
		r.attach(p.Attachment)
		return
	}
	imageOnly := len(r.out.Media) > before && NodeText(n) == ""
	if r.quoteDepth == 0 && !imageOnly {
		r.out.Links = append(r.out.Links, r.doc.PostLink(href))
	}
}

// PostLink describes an absolute link of a body.
func (d *Document) PostLink(href string) forum.PostLink {
	return forum.PostLink{URL: href, Domain: Domain(href), IsInternal: d.SameHost(href)}
}

// Domain is the registrable domain of a URL (public suffix plus one label), or
// its host where it has none.
func Domain(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// writeText adds text to every text that it belongs to, with white space folded.
func (r *bodyReader) writeText(s string) {
	own, hidden := r.parts()
	for written := false; s != ""; {
		if end := wordEnd(s); end > 0 {
			r.full.word(s[:end])
			own.word(s[:end])
			if hidden != nil {
				hidden.word(s[:end])
			}
			r.html.escaped(s[:end])
			s, written = s[end:], true
			continue
		}
		s = s[spaceEnd(s):]
		r.full.gap()
		own.gap()
		if hidden != nil {
			hidden.gap()
		}
		if s == "" && !written {
			r.html.gap()
		} else {
			r.html.blank()
		}
	}
}

func (r *bodyReader) newline() { r.eachText(func(l *lines) { l.newline() }) }

func (r *bodyReader) breakLine(n int) {
	if n > 0 {
		r.eachText(func(l *lines) { l.block(n) })
	}
}

func (r *bodyReader) eachText(do func(*lines)) {
	own, hidden := r.parts()
	do(&r.full)
	do(own)
	if hidden != nil {
		do(hidden)
	}
}

// parts are the texts, beside the full one, that the present place belongs to:
// that of quotes, or the author's own with that of spoilers within one.
func (r *bodyReader) parts() (own, hidden *lines) {
	if r.quoteDepth > 0 {
		return &r.quoted, nil
	}
	if r.spoilerDepth > 0 {
		return &r.text, &r.spoiler
	}
	return &r.text, nil
}
