package gnuboard

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// selSaved are the fields that every skin keeps a comment's text in, as its
// author wrote it, for the script that edits it.
var selSaved = dom.Sel("textarea[id^='save_comment_']")

var (
	selCommentText = dom.Sel(".cmt_contents, .comment_content, .cmt_txt, span.ct.lh")
	selTools       = dom.Sel("form, script, textarea, .bo_vc_w, .bo_vc_act, .bo_vl_opt")
	selTime        = dom.Sel("time")
	selIndent      = dom.Sel("[style*='margin-left'], [style*='padding-left']")
)

// comment is one comment: its number, the element around it, and its own text
// where the page keeps that.
type comment struct {
	id    string
	box   *html.Node
	saved *html.Node
}

func (r *reader) comments() {
	var above []level
	for i, c := range r.commentBoxes() {
		p := forum.Post{State: forum.PostVisible, Page: 1, ID: r.postID(c.id), Position: int64(i) + 2, PositionSource: forum.PositionShown}
		if r.page.Thread.URL != "" {
			p.URL = r.page.Thread.URL + "#c_" + c.id
		}
		r.comment(&p, c, i+1)
		d := depth(c.box)
		for len(above) > 0 && above[len(above)-1].depth >= d {
			above = above[:len(above)-1]
		}
		if n := len(above); n > 0 && d > 0 {
			p.ParentID = above[n-1].id
		}
		above = append(above, level{d, p.ID})
		r.page.Posts = append(r.page.Posts, p)
	}
}

// level is how far a comment is moved to the right: an answer stands below its
// comment, one step further.
type level struct {
	depth int
	id    string
}

func (r *reader) postID(id string) string {
	if r.here.board == "" {
		return id
	}
	return r.here.board + "-" + id
}

// commentBoxes finds the comments by the field of their text and by their
// anchors: an element's id in Gnuboard 5, a name before a table in 4.
func (r *reader) commentBoxes() []comment {
	var out []comment
	seen := map[string]bool{}
	r.doc.FindMatcher(selAnchored).Each(func(_ int, s *goquery.Selection) {
		c := commentAt(s.Nodes[0])
		if c.id == "" || c.box == nil || seen[c.id] {
			return
		}
		seen[c.id] = true
		c.saved = dom.Find(c.box, dom.Sel("#save_comment_"+c.id))
		out = append(out, c)
	})
	return out
}

var selAnchored = dom.Sel("textarea[id^='save_comment_'], #bo_vc [id^='c_'], #commentContents > a[name^='c_']")

func commentAt(n *html.Node) comment {
	if id := dom.IDAfter(dom.Attr(n, "id"), "save_comment_"); id != "" {
		return comment{id: id, box: commentBox(n, id)}
	}
	if id := dom.IDAfter(dom.Attr(n, "id"), "c_"); id != "" {
		return comment{id: id, box: n}
	}
	box := n.NextSibling
	for box != nil && box.Type != html.ElementNode {
		box = box.NextSibling
	}
	return comment{id: dom.IDAfter(dom.Attr(n, "name"), "c_"), box: box}
}

// commentBox is the element with the comment's anchor as id, else the largest
// one that holds no other comment.
func commentBox(n *html.Node, id string) *html.Node {
	at := n.Parent
	for ; at != nil && at.Parent != nil; at = at.Parent {
		if dom.Attr(at, "id") == "c_"+id || selTalk.Match(at.Parent) || others(at.Parent, n) {
			return at
		}
	}
	return at
}

func others(n, own *html.Node) bool {
	for c := range n.Descendants() {
		if c != own && c.Type == html.ElementNode && selSaved.Match(c) {
			return true
		}
	}
	return false
}

func (r *reader) comment(p *forum.Post, c comment, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	box := goquery.NewDocumentFromNode(c.box).Selection
	if p.Author = r.author(box); p.Author == nil {
		gap("author", "the comment names nobody")
	}
	text := r.commentText(box, c)
	if p.Published = r.commentTime(box, c.box, text); !p.Published.Known() {
		gap("published_at", "no readable time at the comment")
	}
	if text == nil {
		gap("body", "no element that holds the comment's text")
		return
	}
	r.doc.ReadBody(toolless, text).Into(p)
}

func toolless(n *html.Node) dom.Part {
	if selTools.Match(n) {
		return dom.Part{Role: dom.Drop}
	}
	return dom.Part{}
}

// commentTime is the time before the text; the element for it has it with
// seconds that are not known.
func (r *reader) commentTime(box *goquery.Selection, n, text *html.Node) forum.Stamp {
	if t := dom.First(box, selTime); t.Length() > 0 {
		if st := r.stamp(dom.Text(t)); st.Known() {
			return st
		}
		return r.clock.Element(t)
	}
	var b strings.Builder
	textUpTo(&b, n, text)
	return r.stamp(dom.Fold(b.String()))
}

// commentText is the element with the text: by its class, else the innermost one
// that shows what the comment's field keeps, else a copy of that field.
func (r *reader) commentText(box *goquery.Selection, c comment) *html.Node {
	if s := dom.First(box, selCommentText); s.Length() > 0 {
		return s.Nodes[0]
	}
	if c.saved == nil {
		return below(c.box)
	}
	kept := squeezed(rawText(c.saved))
	if n := innermost(c.box, kept); n != nil {
		return n
	}
	if kept == "" {
		return nil
	}
	div := &html.Node{Type: html.ElementNode, Data: "div"}
	for line := range strings.Lines(rawText(c.saved)) {
		div.AppendChild(&html.Node{Type: html.TextNode, Data: strings.TrimSpace(line)})
		div.AppendChild(&html.Node{Type: html.ElementNode, Data: "br"})
	}
	return div
}

// below is what follows the line with the name.
func below(box *html.Node) *html.Node {
	for n := dom.Find(box, selMember); n != nil && n != box; n = n.Parent {
		for c := n.NextSibling; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && dom.NodeText(c) != "" && !reDate.MatchString(dom.NodeText(c)) && !selTools.Match(c) {
				return c
			}
		}
	}
	return nil
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// squeezed leaves all spaces out: line ends of the one text are elements in the
// other.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// innermost is the smallest element that shows a text, tools and fields aside.
func innermost(n *html.Node, text string) *html.Node {
	shown := dom.TextWithout(goquery.NewDocumentFromNode(n).Selection, selTools)
	if text == "" || !strings.Contains(squeezed(shown), text) {
		return nil
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && !selTools.Match(c) {
			if in := innermost(c, text); in != nil {
				return in
			}
		}
	}
	return n
}

var reIndent = regexp.MustCompile(`(?:margin|padding)-left:\s*(\d+)`)

// depth is how far a comment is moved to the right.
func depth(n *html.Node) int {
	style := dom.Attr(n, "style")
	if style == "" {
		if in := dom.Find(n, selIndent); in != nil && in.Parent == n {
			style = dom.Attr(in, "style")
		}
	}
	if m := reIndent.FindStringSubmatch(style); m != nil {
		d, _ := strconv.Atoi(m[1])
		return d
	}
	if first := firstCell(n); first != nil { // Gnuboard 4 sets spaces before an answer
		return strings.Count(rawText(first), "\u00a0")
	}
	return 0
}

var selCell = dom.Sel("td")

func firstCell(n *html.Node) *html.Node {
	if n.Data != "table" {
		return nil
	}
	if c := dom.Find(n, selCell); c != nil && dom.NodeText(c) == "" {
		return c
	}
	return nil
}
