package pttweb

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The renderer writes an article as the terminal shows it: lines end with a line
// break in the text, colours are spans, and what is quoted begins with a colon.

var (
	selNoWords = dom.Sel(".article-metaline, .article-metaline-right, .push, .richcontent, script, style")
	reStation  = regexp.MustCompile(`^\s*※ (?:發信站|來自|文章網址|轉錄者)`)
	reEdited   = regexp.MustCompile(`^\s*※ 編輯: (\w+) \(.*\), (\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d(?::\d\d)?)`)
	reQuoted   = regexp.MustCompile(`^\s*※ 引述《(\w+)(?: \(.*\))?》之銘言`)
	reRule     = regexp.MustCompile(`(?m)^--[ \t]*$`)
)

// writer puts an article's lines into a tree that shows them as such.
type writer struct {
	root  *html.Node
	quote *html.Node // that the present line is part of
	by    map[*html.Node]string
	next  string // whom the next quotation quotes
}

// words reads the article's own text, its signature and the note on its last edit.
func (r *reader) words(p *forum.Post) {
	box := r.doc.FirstOf(selArticle)
	if box.Length() == 0 {
		r.gaps.Add("posts[0].body", "no element that holds the article's text")
		return
	}
	text, sign := r.parts(box.Nodes[0], p)
	w := &writer{root: &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}, by: map[*html.Node]string{}}
	for _, n := range text {
		w.add(n)
	}
	r.doc.ReadBody(w.rules, w.root).Into(p)
	var b strings.Builder
	for _, n := range sign {
		b.WriteString(raw(n))
	}
	if s := strings.TrimSpace(b.String()); s != "" {
		p.Signature = &forum.Signature{Text: dom.Fold(s)}
	}
}

// parts are the nodes of the text and those of the signature: what stands between the
// last line of two hyphens and the station's own line.
func (r *reader) parts(box *html.Node, p *forum.Post) (text, sign []*html.Node) {
	station := -1
	for n := box.FirstChild; n != nil; n = n.NextSibling {
		if n.Type == html.ElementNode && (selNoWords.Match(n) || dom.Find(n, selPushed) != nil) {
			continue
		}
		s := raw(n)
		if m := reEdited.FindStringSubmatch(s); m != nil {
			p.Edited, p.EditedBy = r.clock.Text(m[4]+"-"+m[2]+"-"+m[3]+" "+m[5]), m[1]
			p.Edited.Raw = m[2] + "/" + m[3] + "/" + m[4] + " " + m[5]
			continue
		}
		if reStation.MatchString(s) {
			if station < 0 {
				station = len(text)
			}
			continue
		}
		text = append(text, n)
	}
	for i := station - 1; i >= 0; i-- {
		if at := reRule.FindAllStringIndex(text[i].Data, -1); text[i].Type == html.TextNode && len(at) > 0 {
			cut := at[len(at)-1]
			head, tail := textNode(text[i].Data[:cut[0]]), textNode(text[i].Data[cut[1]:])
			sign = append([]*html.Node{tail}, text[i+1:station]...)
			return append(append(append([]*html.Node{}, text[:i]...), head), text[station:]...), sign
		}
	}
	return text, nil
}

func textNode(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

func raw(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func (w *writer) add(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		w.text(n.Data)
	case n.Type != html.ElementNode:
	case n.DataAtom == atom.Span && dom.HasClass(n, "f6") && strings.HasPrefix(strings.TrimLeft(raw(n), "\n"), ":"):
		w.quoted(n)
	case n.DataAtom == atom.Span && reQuoted.MatchString(raw(n)):
		w.next, w.quote = reQuoted.FindStringSubmatch(raw(n))[1], nil
	case n.DataAtom == atom.Span || n.DataAtom == atom.Div:
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			w.add(c)
		}
	default:
		w.put(dom.Clone(n))
	}
}

func (w *writer) put(n *html.Node) {
	if w.quote != nil {
		w.quote.AppendChild(n)
		return
	}
	w.root.AppendChild(n)
}

// text adds a text whose line breaks count. It ends a quotation.
func (w *writer) text(s string) {
	if strings.TrimSpace(s) != "" {
		w.quote = nil
	}
	w.lines(s)
}

func (w *writer) lines(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.put(&html.Node{Type: html.ElementNode, Data: "br", DataAtom: atom.Br})
		}
		if line != "" {
			w.put(textNode(line))
		}
	}
}

// quoted adds a line of a quotation, without its colons.
func (w *writer) quoted(n *html.Node) {
	if w.quote == nil {
		w.quote = &html.Node{Type: html.ElementNode, Data: "blockquote", DataAtom: atom.Blockquote}
		w.by[w.quote], w.next = w.next, ""
		w.root.AppendChild(w.quote)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.TextNode {
			w.put(dom.Clone(c))
			continue
		}
		w.lines(reColons.ReplaceAllString(c.Data, ""))
	}
}

var reColons = regexp.MustCompile(`(?m)^(?:: ?)+`)

// rules give a quotation its author.
func (w *writer) rules(n *html.Node) dom.Part {
	if n.DataAtom == atom.Blockquote {
		return dom.Part{Role: dom.Quote, Quote: forum.Quote{Author: w.by[n], AuthorID: w.by[n]}}
	}
	return dom.Part{}
}

func plain(*html.Node) dom.Part { return dom.Part{} }
