package phpbb3

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What styles of boards' own move about: they rename the classes of prosilver
// and put its parts elsewhere, but keep the ids and the links that the engine
// writes.

var (
	selCardID    = dom.Sel("[id^='profile']")
	selJoined    = dom.Sel(".profile-joined")
	selPostSum   = dom.Sel("a[href*='author_id='][href*='sr=posts']")
	selWordsOut  = dom.Sel(".content, .signature, .notice, .attachbox, blockquote, ul, ol, script, style, [id^='sig'], [id^='profile'], .postprofile")
	selPageTitle = dom.Sel("head title")
	selWords     = dom.Sel(".content, .postbody, .post-text, .post-body")
	selIndexRef  = dom.Sel("a[accesskey='h'], a[href*='index.php'], a[href='./'], a[href='/']")
)

// cardOf is the frame beside a post: the engine writes the post's number into
// its id, whatever class a style gives it.
func cardOf(s *goquery.Selection, id string) *goquery.Selection {
	var found *goquery.Selection
	s.FindMatcher(selCardID).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if id != "" && e.AttrOr("id", "") == "profile"+id {
			found = e
		}
		return found == nil
	})
	if found != nil {
		return found
	}
	return dom.First(s, selProfile)
}

// headOf is the line with the author and the time.
func headOf(s *goquery.Selection) *goquery.Selection {
	var found *goquery.Selection
	s.FindMatcher(selHead).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Closest(e.Nodes[0], selNoTime) == nil {
			found = e
		}
		return found == nil
	})
	if found != nil {
		return found
	}
	return dom.First(s, selNothing)
}

var selNothing = dom.Sel("head")

// looseTime reads the time of styles that write it anywhere in the post but in
// its text and its card: the first line that holds one, else the line that
// stands before the post's frame and links to the post.
func (r *reader) looseTime(s *goquery.Selection, id string) forum.Stamp {
	for _, line := range dom.SplitLines(s.Nodes[0], selWordsOut) {
		if label, _, _ := dom.CutLabel(line); dom.KnownLabel(label) {
			continue // the card's
		}
		if st := r.sentenceTime(line); st.Known() {
			return st
		}
	}
	for n := s.Nodes[0].PrevSibling; n != nil; n = n.PrevSibling {
		if n.Type != html.ElementNode {
			continue
		}
		if rePostID.MatchString(dom.Attr(n, "id")) || n.DataAtom == atom.Hr {
			break
		}
		e := goquery.NewDocumentFromNode(n).Selection
		if !linksTo(e, id) {
			continue
		}
		if t := dom.First(e, selTime); t.Length() > 0 {
			return r.clock.Element(t)
		}
		if st := r.sentenceTime(dom.Text(e)); st.Known() {
			return st
		}
	}
	return forum.Stamp{}
}

func linksTo(e *goquery.Selection, id string) bool {
	found := false
	e.FindMatcher(cssAHref).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		found = id != "" && linkedPost(a.AttrOr("href", "")) == id
		return !found
	})
	return found
}

// looseCard fills what a card of a style's own shows: labels and values in
// elements of their own, a number that leads to the account's posts, and the
// one date that the engine gives to a card.
func (r *reader) looseCard(a *forum.Author, c dom.Card, box, s *goquery.Selection) {
	if box.Length() == 0 {
		return
	}
	frame := box.Nodes[0]
	for n := frame.Parent; n != nil && n != s.Nodes[0] && dom.Find(n, selWords) == nil; n = n.Parent {
		frame = n
	}
	if frame != box.Nodes[0] {
		r.unlabelled(a, frameCard(c, goquery.NewDocumentFromNode(frame).Selection))
	}
	lines := dom.SplitLines(frame, nil)
	for i, line := range lines {
		if i+1 < len(lines) && dom.KnownLabel(line) && !dom.KnownLabel(lines[i+1]) && !known(a, lines[i+1]) {
			c.Add("", line, lines[i+1])
		}
	}
	if a.PostCount == nil {
		a.PostCount = dom.Count(dom.Text(dom.First(box, selPostSum)))
	}
	if row := dom.First(s, selJoined); a.Joined.IsZero() && row.Length() > 0 {
		a.Joined = r.clock.Text(afterLabel(row, dom.Text(dom.First(row, selLabel))))
	}
}

// known tells a value that the card has named already.
func known(a *forum.Author, value string) bool {
	return value == a.Name || value == a.Title
}

// looseZone is the zone in the shortest text that names one: styles write the
// sentence of the footer into elements of their own.
func (r *reader) looseZone() bool {
	var found string
	walkText(r.doc.Nodes[0], func(text string) {
		if len(text) < 120 && reZone.MatchString(text) && (found == "" || len(text) < len(found)) {
			found = dom.Fold(text)
		}
	})
	return found != "" && r.learnZone(found)
}

func walkText(n *html.Node, do func(text string)) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			if strings.Contains(c.Data, "UTC") || strings.Contains(c.Data, "GMT") {
				do(c.Data)
			}
		case c.Type == html.ElementNode && c.DataAtom != atom.Script && c.DataAtom != atom.Style && !selContent.Match(c) && !selSignature.Match(c):
			walkText(c, do)
		}
	}
}

// looseTitle is the title where no heading of a known name shows it: the words
// of a link to the thread, else the subject of the posts, which the engine
// begins with "Re: " in every language. The title of the page must hold them.
func (r *reader) looseTitle(messages []*goquery.Selection) string {
	shown := dom.Text(r.doc.FirstOf(selPageTitle))
	var found string
	r.doc.FindMatcher(selAnchor).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		text := dom.Text(a)
		if l, ok := r.link(a.AttrOr("href", "")); ok && l.Kind == forum.KindThread && l.ID == r.own.ID && !reWholeNumber.MatchString(text) && text != "" && strings.Contains(shown, text) && !r.inPost(a.Nodes[0]) {
			found = text
		}
		return found == ""
	})
	if found != "" {
		return found
	}
	for _, s := range messages {
		subject := strings.TrimPrefix(r.subject(s), "Re: ")
		if subject != "" && strings.Contains(shown, subject) {
			return subject
		}
	}
	return ""
}

// looseCrumbs are the boards that follow the link to the index among its
// neighbours, where no list of a known name holds them.
func (r *reader) looseCrumbs() []forum.Crumb {
	var out []forum.Crumb
	r.doc.FindMatcher(selIndexRef).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		for n, up := a.Nodes[0].Parent, 0; n != nil && up < 3 && len(out) == 0 && n.DataAtom != atom.Body; n, up = n.Parent, up+1 {
			out = r.crumbsIn(n, a.Nodes[0])
		}
		return len(out) == 0
	})
	return out
}

// crumbsIn are the links to boards in an element behind one of its links, where
// nothing but them and the index stands there.
func (r *reader) crumbsIn(n, index *html.Node) []forum.Crumb {
	var out []forum.Crumb
	behind := false
	goquery.NewDocumentFromNode(n).FindMatcher(selAnchor).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if a.Nodes[0] == index {
			behind = true
			return true
		}
		c, ok := r.crumb(a)
		switch {
		case behind && ok:
			out = append(out, c)
		case ok, dom.Closest(a.Nodes[0], selNotNav) != nil:
			out = nil
			return false
		}
		return true
	})
	return out
}

// looseProfile reads a member page of a style's own: known labels, each with
// the line that follows it, and the name, with which the page's title ends.
func (r *reader) looseProfile(a *forum.Author, c dom.Card, box *goquery.Selection) {
	if box.Length() == 0 || a.Name != "" && a.Joined.Known() {
		return
	}
	shown := dom.Text(r.doc.FirstOf(selPageTitle))
	lines := dom.SplitLines(box.Nodes[0], nil)
	for i, line := range lines {
		label, value, cut := dom.CutLabel(line)
		switch {
		case a.Name == "" && strings.HasSuffix(shown, " "+line):
			a.Name = line
		case cut && value != "" && dom.KnownLabel(label):
			c.Add("", label, value)
		case i+1 < len(lines) && dom.KnownLabel(line) && !dom.KnownLabel(lines[i+1]):
			c.Add("", line, lines[i+1])
		}
	}
}
