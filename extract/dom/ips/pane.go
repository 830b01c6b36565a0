package ips

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPaneLine  = dom.Sel("aside .cAuthorPane_info > li, .ipsComment_author .cAuthorPane_info > li")
	selPanePhoto = dom.Sel(".ipsUserPhoto")
	selPaneSkip  = dom.Sel(".ipsRepBadge, .ipsPip, .ipsUserPhoto, img, button, .ipsButton")
	cssDataRole  = dom.Sel("[data-role]")
)

// pane reads the lines below a name as the versions up to 4.4 write them, which
// give no line a role: a title above the picture; below it the group, the number
// of posts, and fields of a label and a value.
func (r *reader) pane(a *forum.Author, s *goquery.Selection) {
	lines := s.FindMatcher(selPaneLine)
	if lines.FilterMatcher(cssDataRole).Length() > 0 {
		return
	}
	card, below, group := dom.Card{Author: a, Clock: r.clock}, false, false
	lines.Each(func(_ int, li *goquery.Selection) {
		if dom.Has(li, selPanePhoto) {
			below = true
			return
		}
		text := dom.Text(li)
		label, value := labelled(li)
		switch {
		case text == "" || dom.Has(li, selPaneSkip):
		case !below:
			if a.Title == "" {
				a.Title = text
			}
		case label != "":
			card.Add("", label, value)
		case a.PostCount == nil && text[0] >= '0' && text[0] <= '9':
			a.PostCount = r.count(text)
		case !group:
			group = true
			r.group(a, text)
		}
	})
}

// labelled parts a line of a label and its value: by a line's break, or by a
// colon behind the label.
func labelled(li *goquery.Selection) (label, value string) {
	if label, value = dom.Text(dom.First(li, selFieldName)), dom.Text(dom.First(li, selFieldValue)); label != "" && value != "" {
		return label, value
	}
	if parts := dom.SplitLines(li.Nodes[0], nil); len(parts) > 1 {
		return parts[0], strings.Join(parts[1:], " ")
	}
	label, value, _ = strings.Cut(dom.Text(li), ": ")
	if value == "" {
		return "", ""
	}
	return label, strings.TrimSpace(value)
}

// group is the account's title where it has no other.
func (r *reader) group(a *forum.Author, name string) {
	switch {
	case a.Title == "":
		a.Title = name
	case name != "" && name != a.Title:
		a.Banners = append(a.Banners, name)
	}
}

// count reads a counter, and warns where it is rounded.
func (r *reader) count(text string) *int64 {
	n, rounded, ok := dom.Number(text)
	if !ok {
		return nil
	}
	if rounded {
		r.warn("count_rounded")
	}
	return &n
}
