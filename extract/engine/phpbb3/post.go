package phpbb3

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selByID       = dom.Sel("[id^='p']")
	selPostPart   = dom.Sel(".postbody, .content, .post-body, .postcontent")
	selByName     = dom.Sel("a[name^='p']")
	selByCell     = dom.Sel("a[name^='p'], b.postauthor, td.profile")
	selTable      = dom.Sel("table")
	selPostClass  = dom.Sel(".post:has(.postbody):has(.postprofile)")
	selNotPost    = dom.Sel("#preview, #topicreview, .search.post, .topicreview")
	selHead       = dom.Sel("p.author, .author, .post-meta, .postinfo")
	selHeadTime   = dom.Sel("p.author time[datetime], .author time[datetime], time[itemprop='datePublished'], .postbody time[datetime], time[datetime]")
	selNoTime     = dom.Sel(".content, .signature, .notice, blockquote, .postprofile, .attachbox, [id^='list_thanks']")
	selHeadName   = dom.Sel("strong, .username, .username-coloured, a[href*='viewprofile'], .icon, i, .sr-only, b")
	selHeadLink   = dom.Sel("p.author a[href], .author a[href], h3 a[href], .post-subject a[href], a.imageset[href*='p='], td.gensmall a[href*='p='], a[href*='viewtopic.php?p='], a[href*='&p=']")
	selCellNoise  = dom.Sel("b, a, img, .imageset")
	selCellLine   = dom.Sel("td.gensmall div, td.gensmall, td.gensmall > div")
	selSubject    = dom.Sel(".postbody h3 a, h3 a, .post-subject a, h3.first, .postbody h3, td.gensmall a[href^='#p']")
	selShownNo    = dom.Sel("p.author a, .post-number, .postnumber, .post_number, .post-buttons a, h3 a, .author a")
	selContent    = dom.Sel(".postbody .content, .content, .post-text")
	selCellBody   = dom.Sel("div.postbody, span.postbody")
	selCellLabel  = dom.Sel("td.gensmall > b, td.gensmall > div > b")
	selSignature  = dom.Sel(".signature, [id^='sig']")
	selHiddenNote = dom.Sel(".ignore, [id^='post_hidden']")
	selDeleted    = dom.Sel(".post_deleted_msg, .post-notice.deleted")
	selUnapproved = dom.Sel(".post-notice.unapproved")
	rePostID      = regexp.MustCompile(`^p_?(\d+)$`)
	reShownNo     = regexp.MustCompile(`^#\s*(\d{1,7})$`)
	reRule        = regexp.MustCompile(`^_{5,}\s*`)
)

// messages are the posts on the page. Every style keeps the anchor that links
// to posts lead to: as the id of the post itself, or in subsilver2 as the name
// of an anchor in the table that is the post.
func (r *reader) messages() []*goquery.Selection {
	if found := r.byID(); len(found) > 0 {
		return found
	}
	if found := r.byAnchor(); len(found) > 0 {
		return found
	}
	var out []*goquery.Selection
	r.doc.FindMatcher(selPostClass).Each(func(_ int, s *goquery.Selection) {
		if dom.Closest(s.Nodes[0], selNotPost) == nil && postID(s) != "" {
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) byID() []*goquery.Selection {
	var out []*goquery.Selection
	var last *html.Node
	r.doc.FindMatcher(selByID).Each(func(_ int, s *goquery.Selection) {
		n := s.Nodes[0]
		if !rePostID.MatchString(dom.Attr(n, "id")) || within(n, last) || dom.Closest(n, selNotPost) != nil {
			return
		}
		if !dom.HasClass(n, "post") && !dom.Has(s, selPostPart) {
			return
		}
		out, last = append(out, s), n
	})
	return out
}

func within(n, outer *html.Node) bool {
	for ; n != nil && outer != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

// byAnchor finds the tables that are subsilver2's posts: by the anchor, and on
// a page of the engine's threads by the cell with the author too.
func (r *reader) byAnchor() []*goquery.Selection {
	cells := selByName
	if r.script() == "viewtopic" {
		cells = selByCell
	}
	var tables []*html.Node
	rows := map[*html.Node][]*html.Node{} // that begin posts, by table
	r.doc.FindMatcher(cells).Each(func(_ int, a *goquery.Selection) {
		table := dom.Closest(a.Nodes[0], selTable)
		anchor := a.IsMatcher(cssA) && rePostID.MatchString(a.AttrOr("name", ""))
		if table == nil || !anchor && (a.IsMatcher(cssA) || dom.Find(table, selPostPart) == nil) {
			return
		}
		if _, seen := rows[table]; !seen {
			tables = append(tables, table)
			rows[table] = nil
		}
		if tr := dom.Closest(a.Nodes[0], cssTr); (anchor || a.IsMatcher(selCellAuthor)) && tr != nil && !slices.Contains(rows[table], tr) {
			rows[table] = append(rows[table], tr)
		}
	})
	var out []*goquery.Selection
	for _, table := range tables {
		for _, n := range postTables(table, rows[table]) {
			out = append(out, goquery.NewDocumentFromNode(n).Selection)
		}
	}
	return out
}

// postTables gives a table for each post: styles that write all posts into one
// have it divided before the rows with the anchors.
func postTables(table *html.Node, begins []*html.Node) []*html.Node {
	if len(begins) < 2 {
		return []*html.Node{table}
	}
	out := make([]*html.Node, 0, len(begins))
	for _, tr := range begins {
		part := dom.Element("table")
		for n := tr; n != nil && (n == tr || !slices.Contains(begins, n)); n = n.NextSibling {
			part.AppendChild(dom.Clone(n))
		}
		out = append(out, part)
	}
	return out
}

func (r *reader) posts(t *forum.Thread, messages []*goquery.Selection) {
	for i, s := range messages {
		p := forum.Post{State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		r.page.Posts = append(r.page.Posts, p)
	}
	r.positions(t)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	if p.ID = postID(s); p.ID == "" {
		gap("id", "neither the element nor a link names the post")
	}
	p.URL = r.permalink(s, p.ID)
	p.State = state(s)
	p.Title = r.subject(s)
	p.Author = r.author(s, p.ID)
	switch {
	case p.Author == nil:
		gap("author", "the post names nobody")
	case p.Author.ID == "" && !p.Author.IsGuest:
		gap("author.id", "no link to the account")
	}
	if p.Published = r.published(s, p.ID); !p.Published.Known() {
		gap("published_at", "no readable time in the post's head")
	}
	bodies, rules := s.FindMatcher(selContent), dom.Rules(r.rules)
	if bodies.Length() == 0 && p.State != forum.PostMissing {
		bodies = cellBodies(s)
		if dom.Has(s, selHead) || !s.IsMatcher(cssTable) {
			rules = r.frameRules
		}
	}
	if bodies.Length() > 0 {
		r.doc.ReadBody(rules, bodies.Nodes[0]).Into(p)
	} else if p.State == forum.PostVisible {
		gap("body", "the post shows no text")
	}
	r.signature(p, s, bodies)
	r.notices(p, s)
	r.files(p, s)
	p.Reactions = r.reactions(s)
	p.Position, p.PositionSource = shownNumber(s)
}

// cellBodies are subsilver2's text and signature, which have one class. Where
// the signature is all that has it, the text stands before it.
func cellBodies(s *goquery.Selection) *goquery.Selection {
	found := s.FindMatcher(selCellBody)
	if found.Length() == 0 || !reRule.MatchString(dom.Text(found.First())) {
		return found
	}
	before := found.First().PrevAllMatcher(cssDiv).Last()
	if before.Length() == 0 {
		return before
	}
	return before.AddSelection(found)
}

// postID is the id that links to the post lead to.
func postID(s *goquery.Selection) string {
	if m := rePostID.FindStringSubmatch(s.AttrOr("id", "")); m != nil {
		return m[1]
	}
	var id string
	s.FindMatcher(selByName).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if m := rePostID.FindStringSubmatch(a.AttrOr("name", "")); m != nil {
			id = m[1]
		}
		return id == ""
	})
	if id != "" {
		return id
	}
	s.FindMatcher(selHeadLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		id = linkedPost(a.AttrOr("href", ""))
		return id == ""
	})
	return id
}

// permalink is the post's own link as the page has it, else built by the
// engine's grammar.
func (r *reader) permalink(s *goquery.Selection, id string) string {
	if id == "" {
		return ""
	}
	var found string
	s.FindMatcher(selHeadLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", "")
		if strings.HasPrefix(href, "#") || !strings.HasSuffix(href, "#p"+id) || dom.Closest(a.Nodes[0], selNoTime) != nil {
			return true
		}
		found = r.resolve(href)
		return found == ""
	})
	if found == "" && r.page.Root != "" {
		found = r.page.Root + "viewtopic.php?p=" + id + "#p" + id
	}
	return found
}

func state(s *goquery.Selection) string {
	switch {
	case dom.Is(s, "deleted") || dom.Has(s, selDeleted):
		return forum.PostDeleted
	case dom.Has(s, selUnapproved):
		return forum.PostModerated
	case !dom.Has(s, selContent) && (dom.Has(s, selHiddenNote) || bareNote(s)):
		return forum.PostMissing // an ignored author's: 3.0 leaves the text out
	}
	return forum.PostVisible
}

// bareNote tells a post that has neither card nor head: a note stands in its
// place.
func bareNote(s *goquery.Selection) bool {
	return !s.IsMatcher(cssTable) && dom.First(s, selProfile, selHead, selSubject, selDeleted).Length() == 0
}

func (r *reader) subject(s *goquery.Selection) string {
	if title := dom.TextWithout(dom.First(s, selSubject), selNoTitle); title != "" || !s.IsMatcher(cssTable) {
		return title
	}
	var title string // behind its label, in subsilver2 and its descendants
	s.FindMatcher(selCellLabel).EachWithBreak(func(_ int, label *goquery.Selection) bool {
		text := strings.TrimSpace(strings.Trim(dom.OwnText(label.Parent()), "\u00a0 "))
		if strings.HasSuffix(dom.Text(label), ":") && text != "" && !r.clock.Text(text).Known() {
			title = text
		}
		return title == ""
	})
	return title
}

// published reads the post's time: the machine's, else what stands in the
// post's head beside its author.
func (r *reader) published(s *goquery.Selection, id string) forum.Stamp {
	var found forum.Stamp
	s.FindMatcher(selHeadTime).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Closest(e.Nodes[0], selNoTime) == nil {
			found = r.clock.Element(e)
		}
		return !found.Known()
	})
	if found.Known() {
		return r.shownAs(found, s)
	}
	if st := r.headTime(s); st.Known() {
		return st
	}
	if found = r.besideHead(s); found.Known() {
		return found
	}
	return r.looseTime(s, id)
}

// headTime reads the line with the author's name, or subsilver2's cell.
func (r *reader) headTime(s *goquery.Selection) forum.Stamp {
	head := headOf(s)
	if head.Length() == 0 {
		return r.cellTime(s)
	}
	text := dom.TextWithout(head, selHeadName)
	if i := strings.LastIndex(text, "»"); i >= 0 {
		if st := r.clock.Text(text[i+len("»"):]); st.Known() {
			return st
		}
	}
	return r.clock.Text(strings.Trim(text, "»« |•·-"))
}

var selDateLike = dom.Sel("[class*='date'], [class*='time']")

// besideHead reads the time of styles that leave the head empty and write it
// into an element of their own.
func (r *reader) besideHead(s *goquery.Selection) forum.Stamp {
	var found forum.Stamp
	s.FindMatcher(selDateLike).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Closest(e.Nodes[0], selNoTime) == nil {
			found = r.sentenceTime(dom.Text(e))
		}
		return !found.Known()
	})
	return found
}

// shownAs replaces a machine's own form by what a reader sees, where a style
// hides the time element and writes the time beside it.
func (r *reader) shownAs(st forum.Stamp, s *goquery.Selection) forum.Stamp {
	if len(st.Raw) < 11 || st.Raw[10] != 'T' {
		return st
	}
	if title := dom.First(s, selTimeSpan).AttrOr("title", ""); title != "" {
		st.Raw = dom.Fold(title)
	}
	return st
}

var selTimeSpan = dom.Sel(".timespan[title]")

// cellTime reads subsilver2, which writes the subject and the time into one
// cell, each behind its label.
func (r *reader) cellTime(s *goquery.Selection) forum.Stamp {
	var found forum.Stamp
	s.FindMatcher(selCellLine).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Has(e, cssDiv) || dom.Has(e, cssAHrefP) {
			return true
		}
		st := r.clock.Text(strings.Trim(dom.TextWithout(e, selCellNoise), ": "))
		if st.Known() {
			found = st
		}
		return !found.Known()
	})
	return found
}

func shownNumber(s *goquery.Selection) (int64, string) {
	var n int64
	s.FindMatcher(selShownNo).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if m := reShownNo.FindStringSubmatch(dom.Text(e)); m != nil && dom.Closest(e.Nodes[0], selNoTime) == nil {
			n = int64(number(m[1]))
		}
		return n == 0
	})
	if n == 0 {
		return 0, ""
	}
	return n, forum.PositionShown
}

// signature reads the text below the post. subsilver2 gives it the class of the
// text itself and begins it with a line of underscores.
func (r *reader) signature(p *forum.Post, s, bodies *goquery.Selection) {
	var sig *html.Node
	if e := dom.First(s, selSignature); e.Length() > 0 {
		sig = e.Nodes[0]
	}
	for i, n := range bodies.Nodes {
		if i > 0 && sig == nil && reRule.MatchString(dom.NodeText(n)) {
			sig = n
		}
	}
	if sig == nil {
		return
	}
	text := strings.TrimSpace(reRule.ReplaceAllString(r.doc.ReadBody(r.rules, sig).Body.Text, ""))
	if text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
}

// positions fills what the page does not show: by the offset that the page
// begins with. In another order than that of writing nothing can be said.
func (r *reader) positions(t *forum.Thread) {
	if t.Page < t.PageCount && r.per > 0 {
		r.page.Learned.PostsPerPage = r.per
	}
	start := r.start
	if start < 0 {
		switch {
		case t.Page <= 1:
			start = 0
		case r.per > 0:
			start = (t.Page - 1) * r.per
		}
	}
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		if p.Position > 0 {
			continue
		}
		if start < 0 || r.sorted {
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and where the page begins in the thread is not known")
			continue
		}
		p.Position, p.PositionSource = int64(start+i+1), forum.PositionComputed
	}
}
