package demoforum

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// node is a piece of a post: plain text (tag "") or a BBCode tag with its argument.
type node struct {
	tag, arg, text string
	kids           []*node
}

var tagForm = regexp.MustCompile(`\[(/?)([a-z]+|\*)(?:=([^\]]*))?\]`)

func knownTag(tag string) bool {
	switch tag {
	case "b", "i", "u", "s", "size", "color", "quote", "code", "html", "list", "*", "url", "img", "attach", "spoiler", "media", "user":
		return true
	}
	return false
}

// parse reads BBCode. Unknown tags, and closing tags without their opening one,
// are text, as in the engine.
func parse(s string) *node {
	root := &node{}
	stack := []*node{root}
	for s != "" {
		loc := tagForm.FindStringSubmatchIndex(s)
		if loc == nil {
			addText(stack[len(stack)-1], s)
			break
		}
		addText(stack[len(stack)-1], s[:loc[0]])
		whole, closing, tag, arg := s[loc[0]:loc[1]], loc[2] != loc[3], s[loc[4]:loc[5]], ""
		if loc[6] >= 0 {
			arg = strings.Trim(s[loc[6]:loc[7]], `"`)
		}
		s = s[loc[1]:]
		switch {
		case !knownTag(tag):
			addText(stack[len(stack)-1], whole)
		case closing:
			stack = closeTag(stack, tag, whole)
		default:
			stack, s = openTag(stack, tag, arg, s)
		}
	}
	return root
}

func addText(n *node, s string) {
	if s == "" {
		return
	}
	if k := len(n.kids); k > 0 && n.kids[k-1].tag == "" {
		n.kids[k-1].text += s
		return
	}
	n.kids = append(n.kids, &node{text: s})
}

// openTag pushes a tag; the content of code is taken whole, and an item of a
// list ends the item before it.
func openTag(stack []*node, tag, arg, rest string) ([]*node, string) {
	if tag == "*" && stack[len(stack)-1].tag == "*" {
		stack = stack[:len(stack)-1]
	}
	n := &node{tag: tag, arg: arg}
	top := stack[len(stack)-1]
	top.kids = append(top.kids, n)
	if tag == "code" || tag == "html" {
		end := "[/" + tag + "]"
		if inner, after, ok := strings.Cut(rest, end); ok {
			addText(n, strings.Trim(inner, "\n"))
			return stack, after
		}
	}
	return append(stack, n), rest
}

func closeTag(stack []*node, tag, whole string) []*node {
	for i := len(stack) - 1; i > 0; i-- {
		if stack[i].tag == tag {
			return stack[:i]
		}
	}
	addText(stack[len(stack)-1], whole)
	return stack
}

func isBlock(tag string) bool {
	switch tag {
	case "quote", "code", "html", "list", "spoiler", "media", "*":
		return true
	}
	return false
}

// plain is the text of a node alone: what stands between its tags.
func plain(n *node) string {
	if n.tag == "" && n.kids == nil {
		return n.text
	}
	var b strings.Builder
	for _, k := range n.kids {
		b.WriteString(plain(k))
	}
	return b.String()
}

// ownText is what a reader would say the author wrote: words, code and the
// content of spoilers, one line a block or break; no quotes, pictures or media.
func ownText(n *node) string {
	var b strings.Builder
	writeOwn(&b, n)
	var lines []string
	for line := range strings.SplitSeq(b.String(), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func writeOwn(b *strings.Builder, n *node) {
	switch n.tag {
	case "quote", "img", "attach", "media":
		if isBlock(n.tag) {
			b.WriteByte('\n')
		}
		return
	case "user":
		b.WriteString("@" + plain(n))
		return
	}
	if isBlock(n.tag) {
		b.WriteByte('\n')
		defer b.WriteByte('\n')
	}
	b.WriteString(n.text)
	for _, k := range n.kids {
		writeOwn(b, k)
	}
}

// walk calls visit for every node with the number of quotes around it.
func walk(n *node, depth int, visit func(n *node, depth int)) {
	visit(n, depth)
	if n.tag == "quote" {
		depth++
	}
	for _, k := range n.kids {
		walk(k, depth, visit)
	}
}

var (
	quotePlace = regexp.MustCompile(`\[quote=([^\]#]*?) #(?:(\d+)\.)?(\d+)\]`)
	quoteArg   = regexp.MustCompile(`^(.*?)(?:, post: (\d+))?(?:, member: (\d+))?$`)
)

// resolveQuotes turns "[quote=Name #3]" (the third post of this thread) and
// "[quote=Name #12.3]" (of thread 12) into the engine's own form with the post's id.
func (l *loader) resolveQuotes(p *post) error {
	var err error
	p.text = quotePlace.ReplaceAllStringFunc(p.text, func(s string) string {
		c := quotePlace.FindStringSubmatch(s)
		t := p.thread
		if c[2] != "" {
			id, _ := strconv.Atoi(c[2])
			t = l.m.threads[id]
		}
		n, _ := strconv.Atoi(c[3])
		if t == nil || n < 1 || n > len(t.posts) || t.posts[n-1].user.name != c[1] || t.posts[n-1].at.After(p.at) {
			err = fmt.Errorf("thread %d post #%d: %s names no earlier post by %s", p.thread.id, p.thread.position(p), s, c[1])
			return s
		}
		src := t.posts[n-1]
		return fmt.Sprintf("[quote=%s, post: %d, member: %d]", src.user.name, src.id, src.user.id)
	})
	return err
}

// source reads a quote's argument; post and member are 0 when it names none.
func source(arg string) (author string, postID, memberID int) {
	c := quoteArg.FindStringSubmatch(arg)
	postID, _ = strconv.Atoi(c[2])
	memberID, _ = strconv.Atoi(c[3])
	return c[1], postID, memberID
}

// render holds what a post's text needs of its surroundings.
type render struct {
	m    *model
	base string
	post *post // nil for a signature
	b    strings.Builder
}

// bodyHTML renders BBCode as the engine does: breaks for newlines, no paragraphs.
func bodyHTML(m *model, base string, p *post, text string) string {
	r := &render{m: m, base: base, post: p}
	r.kids(parse(text))
	return r.b.String()
}

func (r *render) kids(n *node) {
	for i, k := range n.kids {
		if k.tag == "" {
			text := k.text
			if i > 0 && isBlock(n.kids[i-1].tag) {
				text = strings.TrimPrefix(text, "\n")
			}
			if n.tag == "list" {
				continue // nothing stands between a list and its items
			}
			if n.tag == "*" || n.tag == "quote" || n.tag == "spoiler" {
				if i == 0 {
					text = strings.TrimLeft(text, " \n")
				}
				if i == len(n.kids)-1 {
					text = strings.TrimRight(text, " \n")
				}
			}
			r.text(text)
			continue
		}
		r.tag(k)
	}
}

func (r *render) wrap(open string, n *node, end string) {
	r.b.WriteString(open)
	r.kids(n)
	r.b.WriteString(end)
}

func (r *render) tag(n *node) {
	switch n.tag {
	case "b", "i":
		r.wrap("<"+n.tag+">", n, "</"+n.tag+">")
	case "u":
		r.wrap(`<span style="text-decoration: underline">`, n, "</span>")
	case "s":
		r.wrap(`<span style="text-decoration: line-through">`, n, "</span>")
	case "size":
		r.wrap(`<span style="font-size: `+fontSize(n.arg)+`">`, n, "</span>")
	case "color":
		r.wrap(`<span style="color: `+esc(n.arg)+`">`, n, "</span>")
	case "list":
		list := "ul"
		if n.arg == "1" {
			list = "ol"
		}
		r.wrap("<"+list+">", n, "\n</"+list+">")
	case "*":
		r.wrap("\n<li>", n, "</li>")
	case "quote":
		r.quote(n)
	case "code":
		r.code("bbCodeCode", "Code:", n)
	case "html":
		r.code("bbCodeHTML", "HTML:", n)
	case "spoiler":
		r.spoiler(n)
	default:
		r.link(n)
	}
}

func fontSize(arg string) string {
	sizes := []string{"9px", "10px", "12px", "15px", "18px", "22px", "26px"}
	i, err := strconv.Atoi(arg)
	if err != nil || i < 1 || i > len(sizes) {
		i = 4
	}
	return sizes[i-1]
}

func (r *render) quote(n *node) {
	author, postID, _ := source(n.arg)
	if author == "" {
		r.b.WriteString(`<div class="bbCodeBlock bbCodeQuote">` + "\n\t<aside>\n")
	} else {
		fmt.Fprintf(&r.b, "<div class=\"bbCodeBlock bbCodeQuote\" data-author=\"%s\">\n\t<aside>\n\t\t<div class=\"attribution type\">%s said:\n", esc(author), esc(author))
		if postID != 0 {
			fmt.Fprintf(&r.b, "\t\t\t<a href=\"goto/post?id=%d#post-%d\" class=\"AttributionLink\">&uarr;</a>\n", postID, postID)
		}
		r.b.WriteString("\t\t</div>\n")
	}
	r.wrap(`<blockquote class="quoteContainer"><div class="quote">`, n,
		`</div><div class="quoteExpand">Click to expand...</div></blockquote>`+"\n\t</aside>\n</div>")
}

func (r *render) code(class, label string, n *node) {
	fmt.Fprintf(&r.b, "<div class=\"bbCodeBlock %s\">\n\t<div class=\"type\">%s</div>\n\t<pre>%s</pre>\n</div> ", class, label, esc(plain(n)))
}

func (r *render) spoiler(n *node) {
	title := ""
	if n.arg != "" {
		title = `: <span class="SpoilerTitle">` + esc(n.arg) + "</span>"
	}
	r.wrap(`<div class="ToggleTriggerAnchor bbCodeSpoilerContainer">
	<button class="button bbCodeSpoilerButton ToggleTrigger Tooltip JsOnly" title="Click to reveal or hide spoiler" data-target="> .SpoilerTarget"><span>Spoiler`+title+`</span></button>
	<div class="SpoilerTarget bbCodeSpoilerText">`, n, "</div>\n</div>")
}

// link renders the tags that lead elsewhere.
func (r *render) link(n *node) {
	switch n.tag {
	case "url":
		r.url(n)
	case "img":
		fmt.Fprintf(&r.b, `<img src="%s" class="bbCodeImage LbImage" alt="[&#x200B;IMG]" data-url="%s" />`, esc(plain(n)), esc(plain(n)))
	case "media":
		fmt.Fprintf(&r.b, `<iframe width="500" height="300" src="https://www.youtube.com/embed/%s?wmode=opaque" frameborder="0" allowfullscreen></iframe>`, esc(plain(n)))
	case "user":
		name := plain(n)
		if u := r.m.userByName(name); u != nil && u.id != 0 {
			fmt.Fprintf(&r.b, `<a href="%s" class="username" data-user="%d, @%s">@%s</a>`, esc(u.path()), u.id, esc(name), esc(name))
			return
		}
		r.b.WriteString("@" + esc(name))
	case "attach":
		r.attachment(n)
	}
}

func (r *render) url(n *node) {
	target := n.arg
	if target == "" {
		target = plain(n)
	}
	if id, ok := strings.CutPrefix(target, "thread:"); ok {
		n2, _ := strconv.Atoi(id)
		if t := r.m.threads[n2]; t != nil {
			r.wrap(`<a href="`+esc(r.base+t.path())+`" class="internalLink">`, n, "</a>")
			return
		}
	}
	if !strings.HasPrefix(target, "http://") && !strings.HasPrefix(target, "https://") {
		r.kids(n)
		return
	}
	r.wrap(`<a href="`+esc(target)+`" target="_blank" class="externalLink" rel="nofollow">`, n, "</a>")
}

// attachment renders a file put into the text: a thumbnail that opens the
// picture, the picture itself ("=full"), or a plain link.
func (r *render) attachment(n *node) {
	if r.post == nil {
		return
	}
	i := slices.IndexFunc(r.post.files, func(f *file) bool { return f.name == plain(n) })
	if i < 0 {
		return
	}
	f := r.post.files[i]
	switch {
	case !f.isImage():
		fmt.Fprintf(&r.b, `<a href="%s" target="_blank">View attachment %d</a>`, esc(f.path()), f.id)
	case n.arg == "full":
		fmt.Fprintf(&r.b, `<img src="%s" class="bbCodeImage LbImage" alt="%s" />`, esc(r.base+f.path()), esc(f.name))
	default:
		fmt.Fprintf(&r.b, `<a href="%s" target="_blank" class="LbTrigger" data-href="misc/lightbox"><img src="%s" class="LbImage bbCodeImage" alt="%s" /></a>`,
			esc(f.path()), thumbPath(f), esc(f.name))
	}
}

// inText tells whether a post's text shows the file: the list below leaves it out.
func inText(p *post, f *file) bool {
	found := false
	walk(parse(p.text), 0, func(n *node, _ int) {
		found = found || n.tag == "attach" && plain(n) == f.name
	})
	return found
}

func thumbPath(f *file) string { return fmt.Sprintf("data/attachments/0/%d-%s.jpg", f.id, f.thumb) }

// text writes words: escaped, with breaks, and with smilies as sprites.
func (r *render) text(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			r.b.WriteString("<br />\n")
		}
		for j, word := range strings.Split(line, " ") {
			if j > 0 {
				r.b.WriteByte(' ')
			}
			if n, name := smilie(word); n > 0 {
				fmt.Fprintf(&r.b, `<img src="styles/default/xenforo/clear.png" class="mceSmilieSprite mceSmilie%d" alt="%s" title="%s    %s" />`, n, word, name, word)
				continue
			}
			r.b.WriteString(esc(word))
		}
	}
}

func smilie(word string) (int, string) {
	switch word {
	case ":)":
		return 1, "Smile"
	case ";)":
		return 2, "Wink"
	case ":(":
		return 3, "Frown"
	case ":D":
		return 8, "Big Grin"
	case ":p":
		return 7, "Stick Out Tongue"
	}
	return 0, ""
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#039;")

// esc is the engine's escaping: of quotes too, in text as in attributes.
func esc(s string) string { return escaper.Replace(s) }
