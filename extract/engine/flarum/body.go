package flarum

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selPostMention = dom.Sel(".PostMention")
	selCite        = dom.Sel("cite")
)

// body reads a comment's HTML. A comment that begins with the mention of a
// post is the reply to it: so the engine's reply button writes it.
func (r *reader) body(p *forum.Post, source string) {
	root := dom.Fragment(source)
	p.ParentID = replyTo(root)
	r.doc.ReadBody(r.rules, root).Into(p)
}

// replyTo is the post that the first words of a body mention, or "".
func replyTo(n *html.Node) string {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) == "":
			continue
		case c.Type != html.ElementNode:
			return ""
		case dom.HasClass(c, "PostMention"):
			return dom.Attr(c, "data-id")
		case c.DataAtom == atom.P || c.DataAtom == atom.Div:
			return replyTo(c)
		}
		return ""
	}
	return ""
}

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Blockquote && dom.HasClass(n, "spoiler"), dom.HasClass(n, "spoiler") && n.DataAtom == atom.Span:
		return dom.Part{Role: dom.Spoiler}
	case n.DataAtom == atom.Blockquote:
		return dom.Part{Role: dom.Quote, Quote: r.quote(n)}
	case dom.HasClass(n, "PostMention"):
		if opens(n) {
			return dom.Part{Role: dom.Drop}
		}
		source := r.resources["posts/"+dom.Attr(n, "data-id")]
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{Name: mentionName(n), ID: source.At("relationships", "user", "data", "id").Text()}}
	case dom.HasClass(n, "UserMention"):
		return dom.Part{Role: dom.Mention, Mention: forum.Mention{Name: mentionName(n), ID: r.slugs[slugIn(dom.Attr(n, "href"))]}}
	case n.DataAtom == atom.Cite && n.Parent != nil && dom.Closest(n, selQuote) != nil:
		return dom.Part{Role: dom.Drop}
	case dom.Attr(n, "data-fof-upload-download-uuid") != "":
		return uploadPart(n)
	case dom.HasClass(n, "FofUpload-TextPreview"):
		return r.previewPart(n)
	case n.DataAtom == atom.Img && strings.Contains(dom.Attr(n, "class"), "FoFUpload"):
		return dom.Part{Attachment: r.picture(n)}
	}
	return dom.Part{}
}

var selQuote = dom.Sel("blockquote")

func mentionName(n *html.Node) string { return strings.TrimPrefix(dom.NodeText(n), "@") }

func slugIn(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	_, slug, _ := strings.Cut(u.Path, "/u/")
	return strings.ToLower(strings.Trim(slug, "/"))
}

// opens tells the mention that a quote begins with: it names the source.
func opens(n *html.Node) bool {
	q := dom.Closest(n, selQuote)
	return q != nil && dom.Find(q, selPostMention) == n && startsWith(q, n)
}

func startsWith(root, n *html.Node) bool {
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c == n:
			return true
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) == "":
		case c.Type == html.ElementNode:
			return startsWith(c, n)
		default:
			return false
		}
	}
	return false
}

// quote reads the source that a quote names: the mention of a post that it
// begins with, else the citation that authors write themselves.
func (r *reader) quote(n *html.Node) forum.Quote {
	if m := dom.Find(n, selPostMention); m != nil && opens(m) {
		q := forum.Quote{Author: mentionName(m), PostID: dom.Attr(m, "data-id")}
		if post := r.resources["posts/"+q.PostID]; post.Exists() {
			q.AuthorID = post.At("relationships", "user", "data", "id").Text()
		}
		return q
	}
	if c := dom.Find(n, selCite); c != nil {
		return forum.Quote{Author: strings.TrimRight(dom.NodeText(c), ": ")}
	}
	return forum.Quote{}
}

// uploadPart reads the button of the upload extension: name and size stand in
// it, the address is made from the file's own id.
func uploadPart(n *html.Node) dom.Part {
	id := dom.Attr(n, "data-fof-upload-download-uuid")
	f := dom.File(id, "", "")
	for _, label := range dom.SplitLines(n, nil) {
		if size := dom.Size(label); size != nil && dom.Ext(label) == "" {
			f.SizeBytes = size
		} else if f.Filename == "" {
			size := f.SizeBytes
			f = dom.File(id, label, "")
			f.SizeBytes = size
		}
	}
	return dom.Part{Role: dom.Attachment, Attachment: &f}
}

var (
	selPreviewName = dom.Sel(".FofUpload-TextPreviewLabel, figcaption")
	selPreviewFile = dom.Sel("a.FofUpload-TextPreviewDownload")
)

// previewPart reads a text file that the upload extension shows the beginning
// of: those words are the file's.
func (r *reader) previewPart(n *html.Node) dom.Part {
	name, href := "", ""
	if label := dom.Find(n, selPreviewName); label != nil {
		name = dom.NodeText(label)
	}
	if link := dom.Find(n, selPreviewFile); link != nil {
		href = r.doc.Resolve(dom.Attr(link, "href"))
	}
	f := dom.File("", name, href)
	return dom.Part{Role: dom.Attachment, Attachment: &f}
}

func (r *reader) picture(n *html.Node) *forum.Attachment {
	src := r.doc.Resolve(dom.Attr(n, "src"))
	name := dom.Attr(n, "title")
	if dom.Ext(name) == "" {
		name = src[strings.LastIndex(src, "/")+1:]
	}
	f := dom.File(dom.Attr(n, "data-id"), name, src)
	f.IsInline = true
	return &f
}
