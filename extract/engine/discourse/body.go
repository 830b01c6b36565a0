package discourse

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteTitle  = dom.Sel(".title")
	selQuoteText   = dom.Sel("blockquote")
	selOneboxLink  = dom.Sel("header a[href], .title a[href], a.onebox[href], h3 a[href], a[href]")
	selImage       = dom.Sel("img")
	selInformation = dom.Sel(".informations")
)

// body reads a post's HTML. Root is the reader's own: what the engine has made
// of bare links and of pictures is taken back first.
func (r *reader) body(p *forum.Post, root *html.Node) {
	w := &rewriter{doc: r.doc}
	w.walk(root)
	content := r.doc.ReadBody(r.rules, root)
	content.Attachments = append(content.Attachments, w.files...)
	content.Into(p)
}

// rewriter turns the engine's presentation of a body into what its author put
// there: a preview into its link, a framed picture into the picture, a player's
// still into the player.
type rewriter struct {
	doc   *dom.Document
	files []forum.Attachment
	quote int // quotes around the present node: files in them are others'
}

func (w *rewriter) walk(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			w.element(c)
		}
		c = next
	}
}

func (w *rewriter) element(n *html.Node) {
	switch {
	case n.DataAtom == atom.Aside && dom.HasClass(n, "quote") && dom.Attr(n, "data-username") == "" && dom.Attr(n, "data-topic") != "" && dom.Find(n, selOneboxLink) != nil:
		w.link(n) // a link to another topic, shown as a quote of its first post
	case n.DataAtom == atom.Aside && dom.HasClass(n, "onebox"), dom.HasClass(n, "onebox-result"):
		w.link(n)
	case dom.HasClass(n, "lazy-video-container"), dom.HasClass(n, "lazyYT"), dom.HasClass(n, "lazyYT-container"), dom.HasClass(n, "video-placeholder-container"):
		w.player(n)
	case n.DataAtom == atom.A && dom.HasClass(n, "lightbox"):
		w.picture(n)
	case n.DataAtom == atom.A && dom.HasClass(n, "attachment"):
		w.size(n)
	case dom.HasClass(n, "poll"), dom.HasClass(n, "meta") && n.DataAtom == atom.Div:
		dom.Replace(n, nil)
	case n.DataAtom == atom.Aside && dom.HasClass(n, "quote"), n.DataAtom == atom.Blockquote:
		w.quote++
		w.walk(n)
		w.quote--
	default:
		w.walk(n)
	}
}

// link leaves of a preview its address alone.
func (w *rewriter) link(n *html.Node) {
	href := dom.Attr(n, "data-onebox-src")
	if a := dom.Find(n, selOneboxLink); a != nil && href == "" {
		href = dom.Attr(a, "href")
	}
	if href == "" {
		dom.Replace(n, nil)
		return
	}
	dom.Replace(n, dom.Element("a", "href", href, "class", "onebox"))
}

func (w *rewriter) player(n *html.Node) {
	id := dom.Attr(n, "data-video-id")
	if id == "" {
		id = dom.Attr(n, "data-youtube-id")
	}
	src := dom.Attr(n, "data-video-src")
	switch provider := dom.Attr(n, "data-provider-name"); {
	case src != "":
		dom.Replace(n, dom.Element("video", "src", src))
	case id != "" && (provider == "youtube" || provider == ""):
		dom.Replace(n, dom.Element("iframe", "src", "https://www.youtube.com/embed/"+id))
	case id != "" && provider == "vimeo":
		dom.Replace(n, dom.Element("iframe", "src", "https://player.vimeo.com/video/"+id))
	default:
		w.link(n)
	}
}

// picture puts the original in the place of its frame, and lists it as a file
// with the name and size that the frame shows.
func (w *rewriter) picture(n *html.Node) {
	img := dom.Find(n, selImage)
	alt := ""
	if img != nil {
		alt = dom.Attr(img, "alt")
	}
	href := w.doc.Resolve(dom.Attr(n, "href"))
	if name := fileName(dom.Attr(n, "title"), href); w.quote == 0 && href != "" {
		f := dom.File("", name, href)
		f.IsInline = true
		if info := dom.Find(n, selInformation); info != nil {
			f.SizeBytes = pictureSize(dom.NodeText(info))
		}
		w.files = append(w.files, f)
	}
	dom.Replace(n, dom.Element("img", "src", href, "alt", alt))
}

// fileName is the title where it is a file's name; the engine drops the
// extension of pictures there, so the address's is added.
func fileName(title, href string) string {
	base := href[strings.LastIndex(href, "/")+1:]
	if title == "" {
		return base
	}
	if ext := dom.Ext(base); dom.Ext(title) == "" && ext != "" {
		return title + "." + ext
	}
	return title
}

// pictureSize is the size behind the dimensions: "690×344 12.3 KB".
func pictureSize(s string) *int64 {
	if i := strings.IndexAny(s, "×x"); i >= 0 {
		if _, rest, ok := strings.Cut(s[i:], " "); ok {
			return dom.Size(rest)
		}
	}
	return dom.Size(s)
}

var reSize = regexp.MustCompile(`^\s*\(([^()]{2,16})\)`)

// size moves the size that stands behind a file's link onto the link.
func (w *rewriter) size(n *html.Node) {
	next := n.NextSibling
	if next == nil || next.Type != html.TextNode {
		return
	}
	m := reSize.FindStringSubmatch(next.Data)
	if m == nil {
		return
	}
	if size := dom.Size(m[1]); size != nil {
		n.Attr = append(n.Attr, html.Attribute{Key: "data-size", Val: strconv.FormatInt(*size, 10)})
		next.Data = next.Data[len(m[0]):]
	}
}

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Aside && dom.HasClass(n, "quote"):
		return r.quotePart(n)
	case dom.HasClass(n, "chat-transcript"):
		return r.chatPart(n)
	case n.DataAtom == atom.A && dom.HasClass(n, "mention"):
		name := strings.TrimPrefix(dom.NodeText(n), "@")
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{Name: name, ID: r.name(name)}}
	case n.DataAtom == atom.A && dom.HasClass(n, "attachment"):
		return r.filePart(n)
	case n.DataAtom == atom.A && (dom.HasClass(n, "mention-group") || dom.HasClass(n, "hashtag") || dom.HasClass(n, "hashtag-cooked")):
		return dom.Part{Role: dom.Literal, Text: dom.NodeText(n)} // the engine's links, not the author's
	case n.DataAtom == atom.A && dom.HasClass(n, "anchor"), n.DataAtom == atom.Img && dom.HasClass(n, "site-icon"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "spoiler"), dom.HasClass(n, "spoiled"), dom.HasClass(n, "spoiler-alert"):
		return dom.Part{Role: dom.Spoiler}
	}
	return dom.Part{}
}

var selChatMessages = dom.Sel(".chat-transcript-messages")

// chatPart reads messages that somebody has copied out of the site's chat.
func (r *reader) chatPart(n *html.Node) dom.Part {
	name := dom.Attr(n, "data-username")
	q := forum.Quote{Author: name}
	if name != "" {
		q.AuthorID = r.name(name)
	}
	return dom.Part{Role: dom.Quote, Quote: q, Content: dom.Find(n, selChatMessages)}
}

// quotePart reads whom a quote names. Its post is known by number; the id is
// given where the quoted post's own is known.
func (r *reader) quotePart(n *html.Node) dom.Part {
	q := forum.Quote{Author: dom.Attr(n, "data-username")}
	if q.Author == "" {
		q.Author = r.namedIn(dom.Find(n, selQuoteTitle))
	}
	if q.Author != "" {
		q.AuthorID = r.name(q.Author)
	}
	number, topic := dom.Attr(n, "data-post"), dom.Attr(n, "data-topic")
	q.PostID = r.postID(topic, number)
	p := dom.Part{Role: dom.Quote, Quote: q}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.DataAtom == atom.Blockquote {
			p.Content = c
		}
	}
	if p.Content == nil {
		p.Content = dom.Find(n, selQuoteText)
	}
	return p
}

// namedIn is the account of the page that a quote's heading begins with, "NAME
// said:" in version 1, which names it nowhere else.
func (r *reader) namedIn(title *html.Node) string {
	text, best := strings.ToLower(dom.NodeText(title)), ""
	for lower, name := range r.names {
		rest, ok := strings.CutPrefix(text, lower)
		if ok && strings.HasSuffix(rest, ":") && (rest == ":" || rest[0] == ' ') && len(lower) > len(best) {
			best = name
		}
	}
	return best
}

// postID is the id of a post of a topic by its number, or "": the native id
// where the page tells it.
func (r *reader) postID(topic, number string) string {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return ""
	}
	if topic == "" {
		topic = r.topic
	}
	if id := r.posts[n]; topic == r.topic && id != "" {
		return id
	}
	if topic == "" {
		return ""
	}
	return plainID(topic, number)
}

func (r *reader) filePart(n *html.Node) dom.Part {
	href := r.doc.Resolve(dom.Attr(n, "href"))
	f := dom.File("", dom.NodeText(n), href)
	if f.Ext == "" {
		f = dom.File("", fileName(f.Filename, href), href)
	}
	if size, err := strconv.ParseInt(dom.Attr(n, "data-size"), 10, 64); err == nil {
		f.SizeBytes = &size
	}
	return dom.Part{Role: dom.Attachment, Attachment: &f}
}
