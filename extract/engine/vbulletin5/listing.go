package vbulletin5

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTopicTitle  = dom.Sel("a.topic-title, a.js-topic-title, .topic-title a")
	selTopicPrefix = dom.Sel(".js-topic-prefix, .topic-prefix, .js-prefix")
	selTopicInfo   = dom.Sel(".topic-info, .cell-topic .topic-info")
	selCategory    = dom.Sel("a, .category-header-title, th, td")
	selTopicUser   = dom.Sel(".topic-info a[href*='/member/'], .topic-info a")
	selReplies     = dom.Sel(".posts-count, .cell-count .posts-count")
	selViews       = dom.Sel(".views-count")
	selLastCell    = dom.Sel(".lastpost, .cell-lastpost")
	selLastDate    = dom.Sel(".post-date, time")
	selLastUser    = dom.Sel(".lastpost-by a[href*='/member/']")
	selLastUserBox = dom.Sel("a[href*='/member/']:not(.avatar)")
	selLastUserAny = dom.Sel(".lastpost-by")
	selLastLink    = dom.Sel("a.go-to-last-post[href], a[href*='#post'], a[href*='?p=']")
	selTopicPages  = dom.Sel(".multipage a[href], .topic-pages a[href], .pagenav a[href]")
	selForumTitle  = dom.Sel("a.forum-title, .forum-title")
	selForumAbout  = dom.Sel(".forum-desc")
	selForumTopics = dom.Sel(".topics-count")
	selForumPosts  = dom.Sel(".posts-count")
	selIndexRow    = dom.Sel("tr.category-header, .category-header, tr.forum-item, .forum-item")
	selSubForum    = dom.Sel(".subforum-list a[href], .subforum-info a[href], a.subforum-title")
	selSubRow      = dom.Sel(".subforum-list")
	selSubCount    = dom.Sel(".counts")
	reTwoCounts    = regexp.MustCompile(`\(([\d.,\s]+)/([\d.,\s]+)\)`)
)

// listings reads the index or a board.
func (r *reader) listings() {
	r.page.Path = r.path()
	if l, ok := linkOf(r.doc.URL.String()); ok && r.page.Kind == forum.KindBoard && l.Kind == forum.KindBoard {
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != l.ID {
			name := r.title()
			r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: firstPage(l.URL), ID: l.ID})
		}
	}
	r.boards()
	r.doc.FindMatcher(selTopic).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	if r.page.Kind == forum.KindSearch {
		r.found()
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
}

var (
	selFoundTitle = dom.Sel("a.b-post__stream-post-title[href]")
	selFoundFirst = dom.Sel("[data-node-type='starter']")
)

// found reads a stream of posts: each names its thread, and one that starts it
// says by whom and when.
func (r *reader) found() {
	seen := map[string]bool{}
	r.doc.FindMatcher(selFound).Each(func(_ int, s *goquery.Selection) {
		link := dom.First(s, selFoundTitle)
		href := r.doc.Resolve(link.AttrOr("href", ""))
		row := forum.Row{ID: idOf(href, forum.KindThread), Title: dom.Text(link), URL: firstPage(href), Type: "discussion"}
		if row.ID == "" || row.Title == "" || seen[row.ID] {
			return
		}
		seen[row.ID] = true
		if dom.Has(s, selFoundFirst) {
			row.Author, row.Started = r.author(s), r.published(s)
			if row.Author != nil {
				row.Author = &forum.Author{Name: row.Author.Name, ID: row.Author.ID, URL: row.Author.URL, IsGuest: row.Author.IsGuest}
			}
		}
		r.page.Listing = append(r.page.Listing, row)
	})
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	link := dom.First(s, selTopicTitle)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	row := forum.Row{ID: s.AttrOr("data-node-id", ""), Title: dom.Text(link), Type: "discussion", PageCount: 1}
	if row.ID == "" || row.Title == "" {
		return row, false
	}
	row.URL = firstPage(href)
	class := " " + s.AttrOr("class", "") + " "
	row.IsSticky = strings.Contains(class, " sticky ") || strings.Contains(class, " topic-sticky ")
	row.IsLocked = strings.Contains(class, " locked ") || strings.Contains(class, " closed ") || strings.Contains(class, " topic-closed ")
	s.FindMatcher(selTopicPrefix).Each(func(_ int, e *goquery.Selection) {
		if text := dom.Text(e); text != "" && !strings.HasSuffix(text, ":") {
			row.Prefix = append(row.Prefix, text)
		}
	})
	if strings.Contains(class, " redirect ") || s.AttrOr("data-redirect", "") != "" || strings.Contains(class, " is-redirect ") {
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", href
	}
	if strings.Contains(class, " poll ") || dom.Has(s, cssIconPollBIconPoll) {
		row.Type = "poll"
	}
	r.rowDetails(&row, s)
	return row, true
}

func (r *reader) rowDetails(row *forum.Row, s *goquery.Selection) {
	info := dom.First(s, selTopicInfo)
	if user := dom.First(s, selTopicUser); user.Length() > 0 {
		row.Author = r.user(user)
		if _, rest, ok := strings.Cut(dom.Text(info), dom.Text(user)); ok {
			if st := r.clock.Element(dom.First(info, cssTime)); st.Known() {
				row.Started = st
			} else if st := r.clock.Text(strings.Trim(rest, " ,")); st.Known() {
				row.Started = st
			}
		}
	}
	row.ReplyCount = dom.Count(dom.Text(dom.First(s, selReplies)))
	row.ViewCount = dom.Count(dom.Text(dom.First(s, selViews)))
	last := dom.First(s, selLastCell)
	row.LastPost = r.lastPost(s, last)
	if user := dom.First(last, selLastUser, selLastUserBox, selLastUserAny); user.Length() > 0 {
		row.LastAuthor = r.user(user)
	}
	row.LastPostID = postID(dom.First(last, selLastLink).AttrOr("href", ""))
	s.FindMatcher(selTopicPages).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, pageNumber(a.AttrOr("href", "")))
	})
}

// lastPost is the time in a last post's cell: the row carries it as an epoch.
// The stub of a moved topic shows no cell, and its epoch is that of the topic.
func (r *reader) lastPost(row, cell *goquery.Selection) forum.Stamp {
	shown := dom.First(cell, selLastDate)
	if shown.Length() == 0 {
		return forum.Stamp{}
	}
	if st := r.clock.Machine(row.AttrOr("data-lastcontent", ""), dom.Text(shown)); st.Known() {
		return st
	}
	return r.clock.Element(shown)
}

func (r *reader) user(s *goquery.Selection) *forum.Author {
	a := &forum.Author{Name: dom.Text(s)}
	href := r.doc.Resolve(s.AttrOr("href", ""))
	if l, ok := linkOf(href); ok && l.Kind == forum.KindProfile {
		a.ID, a.URL = l.ID, l.URL
	} else {
		a.IsGuest = true
	}
	if a.Name == "" {
		return nil
	}
	return a
}

func (r *reader) boards() {
	category := ""
	r.doc.FindMatcher(selIndexRow).Each(func(_ int, s *goquery.Selection) {
		if dom.Is(s, "category-header") {
			category = dom.Text(dom.First(s, selCategory))
			return
		}
		link := dom.First(s, selForumTitle)
		href := r.doc.Resolve(link.AttrOr("href", ""))
		b := forum.Board{Name: dom.Text(link), URL: firstPage(href), ID: idOf(href, forum.KindBoard), Category: category}
		if b.Name == "" {
			return
		}
		if b.ID == "" {
			b.URL, b.IsLink = href, true
		}
		b.Description = dom.Text(dom.First(s, selForumAbout))
		b.ThreadCount = dom.Count(dom.Text(dom.First(s, selForumTopics)))
		b.PostCount = dom.Count(dom.Text(dom.First(s, selForumPosts)))
		last := dom.First(s, selLastCell)
		b.LastPost = r.lastPost(s, last)
		b.LastPostID = postID(dom.First(last, selLastLink).AttrOr("href", ""))
		r.page.Boards = append(r.page.Boards, b)
		r.subBoards(s, b)
		if next := s.Next(); next.IsMatcher(selSubRow) {
			r.subBoards(next, b) // a row of its own below the board's
		}
	})
}

// subBoards reads links to boards with their counters, "(30/1,129)".
func (r *reader) subBoards(s *goquery.Selection, parent forum.Board) {
	s.FindMatcher(selSubForum).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		b := forum.Board{ID: idOf(href, forum.KindBoard), Name: dom.Text(a), URL: firstPage(href), ParentID: parent.ID, Category: parent.Category}
		if b.ID == "" || b.Name == "" {
			return
		}
		if m := reTwoCounts.FindStringSubmatch(dom.Text(a.SiblingsMatcher(selSubCount).First())); m != nil {
			b.ThreadCount, b.PostCount = dom.Count(m[1]), dom.Count(m[2])
		}
		r.page.Boards = append(r.page.Boards, b)
	})
}
