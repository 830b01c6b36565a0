package generic

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// files takes the links of an element that is named for attachments, where
// their text is a file's name, with the size that stands beside them.
func (r *reader) files(n *html.Node, post *forum.Post) {
	eachLink(n, func(a *html.Node) {
		href := r.doc.Resolve(dom.Attr(a, "href"))
		name := fileName(dom.NodeText(a))
		if name == "" {
			name = fileName(dom.Attr(a, "title"))
		}
		if name == "" || href == "" {
			return
		}
		f := dom.File(fileID(href), name, href)
		if p := a.Parent; p != nil {
			f.SizeBytes = dom.Size(dom.NodeText(p))
		}
		dom.AddFile(post, f)
	})
	dom.CountContent(post)
}

// reSized is the size that some write behind a file's name, into its link.
var reSized = regexp.MustCompile(`(?i)\s*[(\[]\s*[\d.,]+\s*[kmg]?(?:i?b|bytes)?\s*[)\]]$`)

// fileName is a text that is a name with an ending.
func fileName(s string) string {
	s = reSized.ReplaceAllString(s, "")
	if s == "" || len(s) > 200 {
		return ""
	}
	if ext := dom.Ext(s); len(ext) < 2 || len(ext) > 5 || isNumber(ext) {
		return ""
	}
	return s
}

func fileID(href string) string {
	for _, key := range [...]string{"attachmentid", "attach", "aid", "id", "file"} {
		if v := dom.Param(href, key); isNumber(v) {
			return v
		}
	}
	href, _, _ = strings.Cut(href, "?")
	segs := strings.Split(strings.Trim(href, "/"), "/")
	last := segs[len(segs)-1]
	if i := strings.LastIndexAny(last, ".-"); i >= 0 && isNumber(last[i+1:]) {
		return last[i+1:]
	}
	if isNumber(last) {
		return last
	}
	return ""
}

// reAttached finds what programs call the addresses of attached files.
var reAttached = regexp.MustCompile(`(?i)attach|download/file\.php|[/.]download\.php|file-download|downloadfile|getfile|/uploads?/|uploaded_files|/files?/\d|fileupload`)

// isAttached tells the addresses of attached files; most others are out after a
// look for what all of them hold.
func isAttached(href string) bool {
	for _, part := range [...]string{"ttach", "ownload", "pload", "file"} {
		if strings.Contains(href, part) {
			return reAttached.MatchString(href)
		}
	}
	return false
}

// reDecoration finds pictures that are the program's or an account's.
var reDecoration = regexp.MustCompile(`(?i)emoti|smil|avatar|icons?[/_.-]|attachtypes|filetype|mime_types|images/attach|/styles?/|/themes?/|signature`)

// attached reads the files of a record that stand in no box of their own:
// links and pictures whose addresses are those of attached files and that a
// file's name is beside.
func (r *reader) attached(c *cluster, e *entry, post *forum.Post) {
	before := len(post.Attachments)
	for _, root := range r.roots(c, e) {
		for n := range dom.Below(root) {
			if n.DataAtom != atom.A && n.DataAtom != atom.Img || e.signature != nil && inside(n, e.signature) || dom.Closest(n, selBlockquote) != nil && !inside(e.body, dom.Closest(n, selBlockquote)) {
				continue
			}
			if f, ok := r.file(n); ok {
				dom.AddFile(post, f)
			}
		}
	}
	if len(post.Attachments) > before {
		dom.CountContent(post)
	}
}

func inside(n, box *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == box {
			return true
		}
	}
	return false
}

// file reads a link to an attached file, or a picture that is one.
func (r *reader) file(n *html.Node) (forum.Attachment, bool) {
	href := dom.Attr(n, "href")
	if n.DataAtom == atom.Img {
		if n.Parent != nil && n.Parent.DataAtom == atom.A && isAttached(dom.Attr(n.Parent, "href")) {
			return forum.Attachment{}, false // its link is read
		}
		href = dom.Attr(n, "src")
	}
	if !isAttached(href) || reDecoration.MatchString(href) || strings.HasPrefix(href, "data:") {
		return forum.Attachment{}, false
	}
	name := shownFile(n)
	if name == "" {
		return forum.Attachment{}, false
	}
	href = r.doc.Resolve(href)
	f := dom.File(fileID(href), name, href)
	if p := n.Parent; p != nil && n.DataAtom == atom.A {
		f.SizeBytes = fileSize(p)
	}
	return f, true
}

// shownFile is the file's name that an element shows: its text, its title, a
// picture's words for those who do not see it, or what stands behind the link
// in its row.
func shownFile(n *html.Node) string {
	if name := fileName(dom.NodeText(n)); name != "" {
		return name
	}
	for _, attr := range [...]string{"title", "alt", "download"} {
		if name := fileName(dom.Attr(n, attr)); name != "" {
			return name
		}
	}
	if img := dom.Find(n, selImage); img != nil && n.DataAtom == atom.A {
		for _, attr := range [...]string{"alt", "title"} {
			if name := fileName(dom.Attr(img, attr)); name != "" {
				return name
			}
		}
	}
	return fileBeside(n)
}

var selImage = dom.Sel("img")

// fileBeside is the file's name in an element near a link: in its list item or
// its table.
func fileBeside(n *html.Node) string {
	if n.DataAtom != atom.A {
		return ""
	}
	for p, up := n.Parent, 0; p != nil && up < 4; p, up = p.Parent, up+1 {
		size := 0
		if !textWithin(p, &size, 300) || attachedLinks(p) > 1 {
			return ""
		}
		for c := range dom.Below(p) {
			if c.Type == html.TextNode && len(c.Data) < 120 {
				if name := fileName(strings.TrimSpace(strings.ReplaceAll(c.Data, "\u00a0", " "))); name != "" && !strings.Contains(name, ": ") {
					return name
				}
			}
		}
	}
	return ""
}

func attachedLinks(n *html.Node) int {
	links := 0
	eachLink(n, func(a *html.Node) {
		if isAttached(dom.Attr(a, "href")) {
			links++
		}
	})
	return links
}

func fileSize(box *html.Node) *int64 {
	for up := 0; box != nil && up < 3; box, up = box.Parent, up+1 {
		size := 0
		if !textWithin(box, &size, 300) {
			return nil
		}
		if n := dom.Size(dom.NodeText(box)); n != nil {
			return n
		}
	}
	return nil
}
