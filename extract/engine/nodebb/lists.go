package nodebb

import (
	"cmp"
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRowTitle  = dom.Sel("[component='topic/header'] a[href*='/topic/'], .title a[href*='/topic/'], h3 a, h2 a")
	selRowURL    = dom.Sel("link[itemprop='url'], a[itemprop='url']")
	selRowName   = dom.Sel("meta[itemprop='name']")
	selRowUser   = dom.Sel("a[href*='/user/'], a.avatar-tooltip")
	selRowTime   = dom.Sel(".timeago[title]")
	selTeaser    = dom.Sel("[component='topic/teaser'], .teaser")
	selRowPosts  = dom.Sel(".stats-postcount [title]")
	selRowPosts2 = dom.Sel("[component='topic/post-count']") // short, and first on the page, where the other is hidden from small screens
	selRowViews  = dom.Sel(".stats-viewcount [title]")
	selRowViews2 = dom.Sel("[component='topic/view-count']")
	selRowPinned = dom.Sel("[component='topic/pinned']")
	selRowLocked = dom.Sel("[component='topic/locked']")
	selRowTag    = dom.Sel("[component='topic/tags'] [data-tag], .tag-list .tag, [component='topic/tags'] .tag")
	selBoardLink = dom.Sel("h2 a[href*='/category/'], .title a[href*='/category/'], a[itemprop='url'], a[href]")
	selBoardText = dom.Sel(".description")
	selBoardStat = dom.Sel(".stats [title], .human-readable-number[title]")
	selChild     = dom.Sel(".category-children [data-cid], .category-children-item")
	selHeading   = dom.Sel("[component='category/header'] h1, h1.categoryTitle, .category-header h1, #content h1")
)

// lists reads the index, a board, and the lists of newest or tagged topics.
func (r *reader) lists() {
	if r.page.Kind == forum.KindBoard {
		r.page.Path = r.path()
		r.boardCrumb()
	}
	r.boards()
	r.rows()
	r.pages(&r.page.PageNumber, &r.page.PageCount)
}

// boardCrumb ends the path with the board itself, which the breadcrumb's
// elements name without a link.
func (r *reader) boardCrumb() {
	id := cmp.Or(r.data.At("cid").Text(), idIn(r.doc.Canonical(), "category"), idIn(r.doc.URL.String(), "category"))
	n := len(r.page.Path)
	if id == "" || (n > 0 && r.page.Path[n-1].ID == id) {
		return
	}
	name := cmp.Or(text(r.data.At("name")), dom.Text(r.doc.FirstOf(selHeading)), dom.Fold(r.doc.Meta("og:title")))
	href := r.canonical(r.page.Root + "category/" + cmp.Or(r.data.At("slug").Text(), id))
	r.page.Path = append(r.page.Path, forum.Crumb{Name: name, ID: id, URL: href})
}

func (r *reader) rows() {
	data := map[string]dom.JSON{}
	list := r.data.At("topics").List()
	for _, t := range list {
		data[t.At("tid").Text()] = t
	}
	elements := r.doc.FindMatcher(selRow)
	elements.Each(func(_ int, s *goquery.Selection) {
		if row := r.row(s, data[s.AttrOr("data-tid", "")]); row.ID != "" {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	if elements.Length() > 0 {
		return
	}
	for _, t := range list {
		if row := r.row(&goquery.Selection{}, t); row.ID != "" {
			r.page.Listing = append(r.page.Listing, row)
		}
	}
}

func (r *reader) row(s *goquery.Selection, j dom.JSON) forum.Row {
	row := forum.Row{Type: "discussion", ID: cmp.Or(s.AttrOr("data-tid", ""), j.At("tid").Text())}
	title := dom.First(s, selRowTitle)
	row.Title = cmp.Or(dom.Text(title), dom.First(s, selRowName).AttrOr("content", ""), text(j.At("title")))
	row.URL = r.topicURL(j.At("slug").Text(), row.ID)
	if !j.At("slug").Exists() {
		href := r.doc.Resolve(cmp.Or(dom.First(s, selRowURL).AttrOr("href", dom.First(s, selRowURL).AttrOr("content", "")), title.AttrOr("href", "")))
		row.URL = cmp.Or(r.canonical(href), row.URL)
	}
	r.rowState(&row, s, j)
	r.rowCounts(&row, s, j)
	r.rowPeople(&row, s, j)
	return row
}

func (r *reader) rowState(row *forum.Row, s *goquery.Selection, j dom.JSON) {
	row.IsSticky = j.At("pinned").True() || dom.Is(s, "pinned") || shown(dom.First(s, selRowPinned))
	row.IsLocked = j.At("locked").True() || dom.Is(s, "locked") || shown(dom.First(s, selRowLocked))
	if j.At("isQuestion").True() {
		row.Type, row.IsSolved = "question", j.At("isSolved").True()
	}
	for _, tag := range j.At("tags").List() {
		row.Tags = append(row.Tags, text(tag.At("value")))
	}
	if row.Tags == nil {
		s.FindMatcher(selRowTag).Each(func(_ int, e *goquery.Selection) {
			row.Tags = append(row.Tags, cmp.Or(e.AttrOr("data-tag", ""), dom.Text(e)))
		})
	}
}

func (r *reader) rowCounts(row *forum.Row, s *goquery.Selection, j dom.JSON) {
	count := func(key string, ms ...goquery.Matcher) *int64 {
		if n := j.At(key).Number(); n != nil {
			return n
		}
		e := dom.First(s, ms...)
		n, rounded, ok := dom.Number(cmp.Or(e.AttrOr("title", ""), dom.Text(e)))
		if !ok {
			return nil
		}
		row.CountsRounded = row.CountsRounded || rounded
		return &n
	}
	row.ViewCount = count("viewcount", selRowViews, selRowViews2)
	posts := count("postcount", selRowPosts, selRowPosts2)
	if posts == nil || *posts < 1 {
		return
	}
	replies := *posts - 1
	row.ReplyCount = &replies
	if size := int64(max(r.perPage, r.facts.PostsPerPage)); size > 0 {
		row.PageCount = int((*posts + size - 1) / size)
	}
}

// rowPeople reads starter and last author. The teaser shows the last post
// unless the forum is set to show another: then its time is not the last one.
func (r *reader) rowPeople(row *forum.Row, s *goquery.Selection, j dom.JSON) {
	box := dom.First(s, selTeaser)
	row.Author = r.user(j.At("user"))
	if row.Author == nil {
		row.Author = r.linkedUser(dom.First(s, selRowUser))
	}
	if id := j.At("cid").Text(); id != "" {
		row.Boards = []string{id}
	}
	row.Started = r.clock.Machine(j.At("timestampISO").Text(), "")
	row.LastPost = r.clock.Machine(j.At("lastposttimeISO").Text(), "")
	teaser := j.At("teaser")
	if at := r.clock.Machine(teaser.At("timestampISO").Text(), ""); at.Known() && at.At.Equal(row.LastPost.At) {
		row.LastPostID, row.LastAuthor = teaser.At("pid").Text(), r.user(teaser.At("user"))
	}
	if j.Exists() {
		return
	}
	s.FindMatcher(selRowTime).Each(func(_ int, e *goquery.Selection) {
		at := r.clock.Element(e)
		if row.Started.IsZero() || at.At.Before(row.Started.At) {
			row.Started = at
		}
	})
	row.LastPost = r.clock.Element(dom.First(box, selRowTime))
	row.LastAuthor = r.linkedUser(dom.First(box, selRowUser))
}

// linkedUser reads a link to an account; its name may be the picture's title.
func (r *reader) linkedUser(a *goquery.Selection) *forum.Author {
	name := cmp.Or(a.AttrOr("title", ""), dom.First(a, cssTitle).AttrOr("title", ""), dom.Text(a))
	if name == "" {
		return nil
	}
	out := &forum.Author{Name: name, ID: dom.First(a, cssDataUID).AttrOr("data-uid", ""), URL: r.doc.Resolve(a.AttrOr("href", ""))}
	if out.ID == "0" || out.URL == "" {
		out.ID, out.URL, out.IsGuest = "", "", true
	}
	return out
}

func (r *reader) boards() {
	for _, key := range [...]string{"categories", "children"} {
		if r.page.Kind != forum.KindSearch {
			r.boardData(r.data.At(key).List(), "")
		}
	}
	if len(r.page.Boards) > 0 {
		return
	}
	r.doc.FindMatcher(selCategory).Each(func(_ int, s *goquery.Selection) { r.boardElement(s) })
}

// boardData reads boards with those in them; parent is known where they stand
// within one.
func (r *reader) boardData(list []dom.JSON, parent string) {
	for _, j := range list {
		id := j.At("cid").Text()
		if id == "" || text(j.At("name")) == "" {
			continue
		}
		b := forum.Board{ID: id, Name: text(j.At("name")), URL: r.canonical(r.page.Root + "category/" + cmp.Or(j.At("slug").Text(), id)), ParentID: parent}
		if p := j.At("parentCid").Text(); p != "" && p != "0" {
			b.ParentID = p
		}
		b.Description = cmp.Or(text(j.At("descriptionParsed")), text(j.At("description")))
		b.ThreadCount, b.PostCount = j.At("topic_count").Number(), j.At("post_count").Number()
		if link := j.At("link").Text(); link != "" {
			b.IsLink, b.URL = true, r.doc.Resolve(link)
		}
		for _, p := range j.At("posts").List() {
			if at := r.clock.Machine(p.At("timestampISO").Text(), ""); at.At.After(b.LastPost.At) {
				b.LastPost, b.LastPostID = at, p.At("pid").Text()
			}
		}
		r.page.Boards = append(r.page.Boards, b)
		r.boardData(j.At("children").List(), id)
	}
}

// boardElement reads a board's line; the counts it shows include the boards
// below it.
func (r *reader) boardElement(s *goquery.Selection) {
	link := dom.First(s, selBoardLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	b := forum.Board{ID: cmp.Or(s.AttrOr("data-cid", ""), idIn(href, "category")), Name: cmp.Or(dom.Text(link), dom.First(s, selRowName).AttrOr("content", "")), URL: href}
	if b.Name == "" || b.ID == "" {
		return
	}
	b.Description = dom.Text(dom.First(s, selBoardText))
	counts := s.FindMatcher(selBoardStat)
	if counts.Length() > 1 {
		b.ThreadCount, b.PostCount = dom.Count(counts.Eq(0).AttrOr("title", "")), dom.Count(counts.Eq(1).AttrOr("title", ""))
	}
	b.LastPost = r.clock.Element(dom.First(s, selRowTime))
	r.page.Boards = append(r.page.Boards, b)
	s.FindMatcher(selChild).Each(func(_ int, c *goquery.Selection) {
		link := dom.First(c, cssAHrefCategory)
		href := r.doc.Resolve(link.AttrOr("href", ""))
		if id, name := idIn(href, "category"), dom.Text(link); id != "" && name != "" {
			r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: href, ParentID: b.ID})
		}
	})
}
