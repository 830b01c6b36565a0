package mybb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html/atom"
)

var (
	selProfileName  = dom.Sel("fieldset .largetext, .profile .largetext, #content .largetext, .largetext")
	selProfileSmall = dom.Sel("fieldset .smalltext, td .smalltext, .small, small")
	selProfilePhoto = dom.Sel("img[src*='avatar']")
	selLabelCell    = dom.Sel("td[class^='trow'] > strong:first-child, td > strong:only-child, div > strong:only-child, dt > strong:only-child")
	selProfileGroup = dom.Sel("img[title]:not([title=''])")
	selOwnPosts     = dom.Sel("a[href*='action=finduser&'], a[href*='action=finduser;']")
	selOwnThreads   = dom.Sel("a[href*='action=finduserthreads']")
	selBold         = dom.Sel("strong, b, h1, h2")
	selDetails      = dom.Sel(".smalltext, .small, a, form")
)

// profilePairs are the cells of labels on a member page: bold, with a cell of
// the value behind.
func (r *reader) profilePairs() *goquery.Selection {
	return r.doc.FindMatcher(selLabelCell).FilterFunction(func(_ int, s *goquery.Selection) bool {
		cell := s.Parent()
		next := cell.Next()
		return (strings.HasSuffix(dom.Text(s), ":") || twinCells(cell, next)) && next.Length() > 0 && (next.Nodes[0].DataAtom == cell.Nodes[0].DataAtom || next.Nodes[0].DataAtom == atom.Dd) && dom.Closest(s.Nodes[0], selQuick) == nil
	})
}

// twinCells tells a label's cell without a colon by its kind, which the value's
// cell shares.
func twinCells(label, value *goquery.Selection) bool {
	class := label.AttrOr("class", "")
	return strings.HasPrefix(class, "trow") && strings.HasPrefix(value.AttrOr("class", ""), class) && !dom.Has(label, selAnchors)
}

// profile reads a member page: the name with the title below it, then tables of
// pairs.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	name := r.profileName()
	a.Name = dom.Text(name)
	if dom.Has(name, selBanned) {
		a.Roles = []string{"banned"}
	}
	r.profileID(a)
	small := name.NextAllMatcher(selProfileSmall).First()
	if small.Length() == 0 {
		small = name.Parent().FindMatcher(selProfileSmall).First()
	}
	if small.Length() > 0 {
		if lines := dom.SplitLines(small.Nodes[0], nil); len(lines) > 0 {
			a.Title = strings.TrimSuffix(strings.TrimPrefix(lines[0], "("), ")")
		}
		small.FindMatcher(selProfileGroup).Each(func(_ int, img *goquery.Selection) { a.Banners = append(a.Banners, img.AttrOr("title", "")) })
	}
	if src := r.doc.Resolve(name.ClosestMatcher(selRow).FindMatcher(selProfilePhoto).First().AttrOr("src", "")); !strings.Contains(src, "default_avatar.") {
		a.AvatarURL = src
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.profilePairs().Each(func(i int, s *goquery.Selection) { r.profilePair(a, card, i, s) })
	if mark := r.doc.FirstOf(selRepMark); a.ReactionScore == nil && mark.Length() > 0 {
		a.ReactionScore = dom.Count(dom.Text(mark))
	}
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name on the member page")
	}
}

// profileName is the heading: of the engine's class, else the longest in bold
// that is part of the page's title.
func (r *reader) profileName() *goquery.Selection {
	if s := r.doc.FirstOf(selProfileName); s.Length() > 0 && dom.Text(s) != "" {
		return s
	}
	title := dom.Text(r.doc.FirstOf(selTitleTag))
	found := &goquery.Selection{}
	for _, s := range r.doc.FindMatcher(selBold).EachIter() {
		if text := dom.Text(s); len(text) > len(dom.Text(found)) && strings.HasSuffix(title, text) {
			found = s
		}
	}
	if outer := found.Parent(); outer.Length() > 0 && dom.Text(outer) == dom.Text(found) {
		return outer
	}
	return found
}

// profilePair reads one row. Reputation is known by its link, the rest by its
// label; the first is the day of joining.
func (r *reader) profilePair(a *forum.Author, card dom.Card, i int, s *goquery.Selection) {
	cell := s.Parent().Next()
	value := dateText(cell.Nodes[0], selDetails)
	switch {
	case dom.Has(cell, selRepLink):
		a.ReactionScore = reputation(cell)
	case dom.Has(cell, selOwnPosts) && dom.Count(value) != nil:
		a.PostCount = dom.Count(value)
	case dom.Has(cell, selOwnThreads) && dom.Count(value) != nil:
		card.Add("total_threads", dom.Text(s), value)
	case value == "":
		card.Add("", dom.Text(s), dom.Text(cell))
	case i == 0 && a.Joined.IsZero() && r.clock.Text(value).Known():
		a.Joined = r.clock.Text(value)
	default:
		card.Add("", dom.Text(s), value)
	}
}

func (r *reader) profileID(a *forum.Author) {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if t, ok := r.read(href); ok && t.kind == forum.KindProfile && t.id != "" {
			a.URL = r.firstPage(href)
			a.ID = digits(t.id)
			break
		}
	}
	if a.ID == "" {
		a.ID = r.uid(r.doc.Selection)
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the address nor a link names the account")
	}
}
