package bbpress

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selCandidate   = dom.Sel("[class*='post-'].reply, [class*='post-'].topic, [class*='post-'].type-reply, [class*='post-'].type-topic, [class*='bbp-reply-position-'], .bbp-reply-header[id^='post-'] + *, [id^='post-']:has(.bbp-reply-permalink) + *, .bbp-lead-topic [id^='post-']")
	selCandidateOr = dom.Sel("[class*='post-'].reply, [class*='post-'].topic, [class*='post-'].type-reply, [class*='post-'].type-topic, [class*='bbp-reply-position-'], .bbp-reply-header[id^='post-'] + *, [id^='post-']:has(.bbp-reply-permalink) + *, .bbp-lead-topic [id^='post-'], .bbp-reply-content, .bbp-topic-content")
	selOwnClasses  = dom.Sel("[id^='post-']:has(.bbp-author-link)")
	selAside       = dom.Sel(".bbp-reply-author, .bbp-topic-author, .bbp-meta, .bbp-reply-header, .bbp-topic-header, .bbp-reply-title, .bbp-reply-to, h1, h2, h3, h4, script, style")
	selContent     = dom.Sel(".bbp-reply-content, .bbp-topic-content, .type-topic .topic-content, .type-reply .reply-content, .type-topic [itemprop=text], .type-reply [itemprop=text]")
	selDate        = dom.Sel(".bbp-reply-post-date, .bbp-topic-post-date, time[datetime], .bs-timestamp, .bbp-reply-date, .bbp-topic-date, .type-topic [itemprop=datePublished], .reply-date, .topic-date, .post-date")
	selPermalink   = dom.Sel("a.bbp-reply-permalink[href], a.bbp-topic-permalink[href], a[href*='#post-']")
	selAuthorBox   = dom.Sel(".bbp-reply-author, .bbp-topic-author")
	selAuthorName  = dom.Sel(".bbp-author-name, a.bbp-author-link:not(:has(.bbp-author-name)):not(:has(img))")
	selAccount     = dom.Sel("a.bbp-author-link[href], a.bbp-author-name[href], a.bbp-author-avatar[href], a[href*='/users/']") // up to version 2.5 picture and name are links of their own
	selAccountBare = dom.Sel(".bbp-author-link")
	selRole        = dom.Sel(".bbp-author-role")
	selNoName      = dom.Sel(".bbp-author-role, .bbp-reply-date, .bbp-topic-date, .bbp-reply-post-date, .bbp-topic-post-date, time")
	selAvatar      = dom.Sel(".bbp-author-avatar img, img.avatar")
	selLinked      = dom.Sel("a[href]")
	selNamed       = dom.Sel(".bbp-author-link, .bbp-author-name")
	selKnown       = dom.Sel(".bbp-author-link, .bbp-author-name, .bbp-author-role, .bbp-author-avatar, .bbp-reply-ip, .bbp-topic-ip, .bbp-author-ip")
	selRevisions   = dom.Sel(".bbp-reply-revision-log, .bbp-topic-revision-log")
	selRevision    = dom.Sel("li")
	selEditor      = dom.Sel(".bbp-author-name, a.bbp-author-link")
	selSignature   = dom.Sel(".bbp-signature, .d4p-bbp-signature, .bbp-reply-signature, .gdbbx-signature")
	selFiles       = dom.Sel(".bbp-attachments li, .gdbbx-attachments li")
	selThreaded    = dom.Sel(".bbp-threaded-replies")
	selItem        = dom.Sel("li")
)

// message is one post: the part with the plugin's classes, and the header
// before it where the template has one.
type message struct {
	body   *goquery.Selection
	header *goquery.Selection // empty when the body holds everything
	class  string
	id     string
	lead   bool
}

func (m *message) isTopic() bool {
	return m.lead || strings.Contains(" "+m.class+" ", " type-topic ") || strings.Contains(" "+m.class+" ", " topic ")
}

// first looks in the header, then in the body outside of the content.
func (m *message) first(s goquery.Matcher) *goquery.Selection {
	if f := m.header.FindMatcher(s); f.Length() > 0 {
		return f.First()
	}
	return m.body.FindMatcher(s).FilterFunction(func(_ int, e *goquery.Selection) bool {
		return dom.Closest(e.Nodes[0], selContent) == nil
	}).First()
}

func (m *message) permalink() string { return m.first(selPermalink).AttrOr("href", "") }
func (m *message) date() string      { return dom.Text(m.first(selDate)) }

// messages are the innermost elements with the classes of a post that hold a
// content: themes wrap the whole page in such an element too.
func (r *reader) messages() []*message {
	out := r.messagesAmong(r.candidates(), selCandidate, hasContent)
	if len(out) > 0 || r.doc.FindMatcher(selRow).Length()+r.doc.FindMatcher(selBoard).Length() > 0 {
		return out
	}
	var own []*goquery.Selection // of themes that keep the posts' ids and none of the classes
	r.doc.FindMatcher(selOwnClasses).Each(func(_ int, s *goquery.Selection) { own = append(own, s) })
	return r.messagesAmong(own, selOwnClasses, hasAuthor)
}

func (r *reader) messagesAmong(candidates []*goquery.Selection, like goquery.Matcher, isPost func(*goquery.Selection) bool) []*message {
	var out []*message
	seen := map[string]bool{}
	for _, s := range candidates {
		if dom.Has(s, like) || !isPost(s) || dom.Closest(s.Nodes[0], selSearch) != nil {
			continue
		}
		m := r.message(s)
		if m.id != "" && seen[m.id] {
			continue
		}
		seen[m.id] = true
		out = append(out, m)
	}
	return out
}

// candidates are the elements that may be posts, by their classes or ids, else
// what stands around a content and an author.
func (r *reader) candidates() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[*html.Node]bool{}
	r.doc.FindMatcher(selCandidateOr).Each(func(_ int, s *goquery.Selection) {
		if !selCandidate.Match(s.Nodes[0]) {
			s = s.Parent()
			if dom.Closest(s.Nodes[0], selCandidate) != nil || s.FindMatcher(selContent).Length() != 1 || !dom.Has(s, selNamed) {
				return
			}
		}
		if !seen[s.Nodes[0]] {
			seen[s.Nodes[0]] = true
			out = append(out, s)
		}
	})
	return out
}

// hasContent tells a post from what has its classes too: rows of a listing, the
// page as a whole.
func hasContent(s *goquery.Selection) bool {
	return dom.Has(s, selContent) || dom.Has(s, selAuthorBox) && besideAuthor(s.Nodes[0]) != nil
}

// hasAuthor tells a post where ids are all that is like one.
func hasAuthor(s *goquery.Selection) bool {
	return dom.Has(s, selNamed) && (dom.Has(s, selDate) || besideAuthor(s.Nodes[0]) != nil)
}

func (r *reader) message(s *goquery.Selection) *message {
	m := &message{body: s, header: &goquery.Selection{}, class: s.AttrOr("class", ""), lead: dom.Closest(s.Nodes[0], selLead) != nil}
	if m.id = dom.ClassNumber(m.class, "post-"); m.id == "" {
		m.id = dom.IDAfter(s.AttrOr("id", ""), "post-")
	}
	m.header = r.header(s, m.id)
	if m.id == "" {
		m.id = dom.IDAfter(m.header.AttrOr("id", ""), "post-")
	}
	if m.id == "" {
		m.id = linkedPost(m.permalink())
	}
	return m
}

var selLead = dom.Sel(".bbp-lead-topic")

// contentOf is the element with a post's text: by its class, else what stands
// behind the author's box.
func contentOf(s *goquery.Selection) *html.Node {
	if c := s.FindMatcher(selContent); c.Length() > 0 {
		return c.Nodes[0]
	}
	if !dom.Has(s, selAuthorBox) && !dom.Has(s, selNamed) {
		return nil
	}
	return besideAuthor(s.Nodes[0])
}

// besideAuthor is the child with the most text that is none of the author's:
// themes give it a class of their own. A text may name others.
func besideAuthor(n *html.Node) *html.Node {
	if found := longestChild(n, func(c *html.Node) bool { return dom.Find(c, selNamed) == nil }); found != nil {
		return found
	}
	return longestChild(n, func(c *html.Node) bool { return dom.Find(c, selDate) == nil && dom.Find(c, selAuthorBox) == nil })
}

func longestChild(n *html.Node, fits func(*html.Node) bool) *html.Node {
	var found *html.Node
	most := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || selAside.Match(c) || !fits(c) {
			continue
		}
		if size := len(dom.NodeText(c)); size > most {
			found, most = c, size
		}
	}
	return found
}

// header is the element before a post's body that belongs to it: it has the
// post's id, or, for a topic above its replies, the class of a header.
func (r *reader) header(s *goquery.Selection, id string) *goquery.Selection {
	prev := s.Prev()
	if prev.Length() == 0 {
		return &goquery.Selection{}
	}
	own := dom.IDAfter(prev.AttrOr("id", ""), "post-")
	if own != "" && (own == id || id == "") || own == "" && (dom.Is(prev, "bbp-reply-header") || dom.Is(prev, "bbp-topic-header")) {
		return prev
	}
	return &goquery.Selection{}
}

func (r *reader) posts(t *forum.Thread, all []*message) {
	for _, m := range all {
		r.lead = r.lead || m.lead
		r.dated = r.dated || m.date() != ""
	}
	for _, m := range all {
		if m.lead && t.Page > 1 {
			continue // repeated above every page
		}
		p := forum.Post{State: forum.PostVisible, Page: t.Page}
		r.post(&p, m, len(r.page.Posts))
		r.page.Posts = append(r.page.Posts, p)
	}
	r.state(t, all)
}

// state reads what the topic's own post says of the thread.
func (r *reader) state(t *forum.Thread, all []*message) {
	for _, m := range all {
		if !m.isTopic() {
			continue
		}
		class := " " + m.class + " "
		if strings.Contains(class, " status-") {
			t.IsLocked = new(strings.Contains(class, " status-closed "))
			t.IsSticky = new(strings.Contains(class, " sticky ") || strings.Contains(class, " super-sticky "))
		}
		return
	}
}

func (r *reader) post(p *forum.Post, m *message, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	if p.ID = m.id; p.ID == "" {
		gap("id", "neither a class nor a link names the post")
	}
	p.URL = r.doc.Resolve(m.permalink())
	if t := r.page.Thread; p.URL == "" && t.URL != "" && p.ID != "" {
		p.URL = t.URL + "#post-" + p.ID
	}
	if p.Published = r.published(m); !p.Published.Known() {
		gap("published_at", "no readable time in the post's heading")
	}
	if p.Author = r.author(m); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsGuest && !p.Author.IsDeleted {
		gap("author.id", "no class names the account")
	}
	r.position(p, m)
	p.ParentID = m.parent()
	if content := contentOf(m.body); content != nil {
		rules := r.rules
		if !selContent.Match(content) {
			rules = r.looseRules
		}
		r.doc.ReadBody(rules, content).Into(p)
	} else {
		gap("body", "no text beside the author")
	}
	r.revisions(p, dom.First(m.body, selRevisions))
	if sig := dom.First(m.body, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.signatureRules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	r.files(p, m)
}

// published is the time by its class; where no post of the page has one, the
// first that stands by itself.
func (r *reader) published(m *message) forum.Stamp {
	if st := r.clock.Element(m.first(selDate)); st.Known() || r.dated {
		return st
	}
	if st := r.clock.Element(r.plainDate(m.header)); st.Known() {
		return st
	}
	return r.clock.Element(r.plainDate(m.body))
}

// position counts replies and the topic before them; with the topic set apart
// the plugin begins to count after it.
func (r *reader) position(p *forum.Post, m *message) {
	if m.lead {
		p.Position, p.PositionSource = 1, forum.PositionComputed
		return
	}
	shown := dom.ClassNumber(m.class, "bbp-reply-position-")
	if shown == "" {
		return
	}
	if n := dom.Count(shown); n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
		if r.lead {
			p.Position++
		}
	}
}

// parent is the post around whose list of replies this one stands in, on sites
// that show replies as a tree.
func (m *message) parent() string {
	list := dom.Closest(m.body.Nodes[0], selThreaded)
	if list == nil || list.Parent == nil {
		return ""
	}
	item := dom.Closest(list.Parent, selItem)
	if item == nil {
		return ""
	}
	for c := item.FirstChild; c != nil && c != list; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if id := dom.ClassNumber(dom.Attr(c, "class"), "post-"); id != "" && id != m.id {
			return id
		}
		if id := dom.IDAfter(dom.Attr(c, "id"), "post-"); id != "" && id != m.id {
			return id
		}
	}
	return ""
}

// author reads the box beside a post. The class has the account's number: 0 is
// a guest, and a number without a link is an account that is gone.
func (r *reader) author(m *message) *forum.Author {
	box := dom.First(m.body, selAuthorBox)
	if box.Length() == 0 {
		box = dom.First(m.header, selAuthorBox)
	}
	a := r.user(box)
	if a == nil { // themes put the name beside the box with the picture
		name := m.first(selAuthorName)
		if link := name.ClosestMatcher(selAccountBare); link.Length() > 0 {
			name = link
		}
		if a = r.user(name); a == nil {
			return nil
		}
		box = name.Parent()
	}
	link := dom.First(box, selAccount, selAccountBare)
	if link.Length() == 0 {
		link = m.first(selAuthorName).ParentsMatcher(selLinked).First()
	}
	id := dom.ClassNumber(m.class, "user-id-")
	switch {
	case id == "0", id == "" && goquery.NodeName(link) != "a": // guests' names are no links
		a.IsGuest, a.URL = true, ""
	case link.Length() == 0 && id != "":
		a.IsDeleted = true
	default:
		a.ID = id
	}
	if id == "0" {
		if href := r.doc.Resolve(link.AttrOr("href", "")); href != "" {
			a.Websites = []string{href} // guests may leave an address
		}
	}
	role := dom.First(box, selRole)
	if role.Length() == 0 {
		role = m.first(selRole)
	}
	r.role(a, dom.Text(role))
	if img := m.first(selAvatar); img.Length() > 0 && !a.IsDeleted {
		a.AvatarURL = r.doc.Picture(img.Nodes[0])
	}
	card := dom.Card{Author: a, Clock: r.clock}
	if box.Length() > 0 {
		for _, line := range dom.SplitLines(box.Nodes[0], selKnown) {
			if label, value, ok := dom.CutLabel(line); ok && label != "" && len(label) < 60 {
				card.Add("", label, value)
			}
		}
	}
	return a
}

// role keeps the forum role as it is shown, and those of the plugin's own words
// by their usual name.
func (r *reader) role(a *forum.Author, role string) {
	a.Title = role
	switch strings.ToLower(role) {
	case "keymaster", "administrator", "admin":
		a.Roles = []string{"admin"}
	case "moderator":
		a.Roles = []string{"moderator"}
	case "blocked":
		a.Roles = []string{"banned"}
	}
}

// user reads a name with its link.
func (r *reader) user(box *goquery.Selection) *forum.Author {
	name := dom.Text(dom.First(box, selAuthorName))
	if name == "" {
		name = dom.TextWithout(box, selNoName)
	}
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name}
	link := dom.First(box, selAccount)
	if link.Length() == 0 && (dom.Is(box, "bbp-author-link") || dom.Is(box, "bbp-author-name")) {
		link = box
	}
	if l, ok := linkOf(r.doc.Resolve(link.AttrOr("href", ""))); ok && l.Kind == forum.KindProfile {
		a.URL = l.URL
	} else {
		a.URL = r.doc.Resolve(link.AttrOr("href", ""))
	}
	return a
}

// revisions reads the log below a post: one line an edit, the last one newest.
func (r *reader) revisions(p *forum.Post, log *goquery.Selection) {
	items := log.FindMatcher(selRevision)
	if items.Length() == 0 {
		return
	}
	p.EditCount = items.Length()
	last := items.Last()
	editor := last.FindMatcher(selEditor).Last()
	p.EditedBy = dom.Text(editor)
	before, after := around(last.Nodes[0], editor)
	var rest string
	if p.Edited, _, rest = r.clock.Within(before); p.EditedBy == "" {
		after = rest // the editor's account is gone
	}
	if p.Edited.IsZero() {
		p.Edited = forum.Stamp{Raw: before, Precision: forum.PrecisionUnknown}
	}
	if _, reason, ok := dom.CutLabel(after); ok {
		p.EditReason = strings.TrimSuffix(reason, ".")
	}
}

// around is a line's text before and behind the editor.
func around(n *html.Node, editor *goquery.Selection) (before, after string) {
	text, name := dom.NodeText(n), dom.Text(editor)
	if i := strings.LastIndex(text, name); i >= 0 && name != "" {
		return strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+len(name):])
	}
	return text, ""
}

// files reads the list of the attachments add-on.
func (r *reader) files(p *forum.Post, m *message) {
	m.body.FindMatcher(selFiles).Each(func(_ int, li *goquery.Selection) {
		link := li.FindMatcher(selCrumbLink).Last()
		href := r.doc.Resolve(link.AttrOr("href", ""))
		if href == "" {
			return
		}
		name := dom.Text(link)
		if dom.Ext(name) == "" {
			name = fileName(href)
		}
		f := dom.File("", name, href)
		f.SizeBytes = dom.Size(dom.Text(li))
		dom.AddFile(p, f)
	})
	dom.CountContent(p)
}

func fileName(href string) string {
	href, _, _ = strings.Cut(href, "?")
	return href[strings.LastIndexByte(href, '/')+1:]
}
