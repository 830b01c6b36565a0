package discourse

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPlainTitle    = dom.Sel("#topic-title h1 a, #topic-title h1, .title-wrapper h1 a, #main-outlet h1 a")
	selHeadline      = dom.Sel("meta[itemprop='headline']")
	selPlainCrumb    = dom.Sel(".topic-category [itemprop='itemListElement'], .topic-category .badge-wrapper, #breadcrumbs [itemtype$='Breadcrumb']")
	selCrumbName     = dom.Sel("[itemprop='name'], [itemprop='title'], .category-name, .badge-category-name, .badge-category__name")
	selPlainTag      = dom.Sel(".topic-category .discourse-tag, #topic-title .discourse-tag, .topic-category .discourse-tags a, .tags-list [itemprop='name']")
	selLink          = dom.Sel("a[href]")
	selCreator       = dom.Sel(".creator, .crawler-post-meta [itemprop='author']")
	selCreatorName   = dom.Sel("[itemprop='name'], a, b")
	selPostTime      = dom.Sel("time.post-time[datetime], .crawler-post-infos time[datetime], time[datetime], meta[itemprop='datePublished']")
	selModified      = dom.Sel("meta[itemprop='dateModified']")
	selPosition      = dom.Sel("[itemprop='position']")
	selText          = dom.Sel(".post[itemprop='text'], .post, [itemprop='text'], [itemprop='articleBody']")
	selStatistic     = dom.Sel("[itemprop='interactionStatistic']")
	selAction        = dom.Sel("[itemprop='interactionType']")
	selActionCount   = dom.Sel("[itemprop='userInteractionCount']")
	selLikesOld      = dom.Sel("meta[itemprop='interactionCount'][content^='UserLikes']")
	selLikes         = dom.Sel(".post-likes")
	selPosting       = dom.Sel("[itemtype$='DiscussionForumPosting'] > meta[itemprop='datePublished']")
	selNextNav       = dom.Sel("#main-outlet a[rel='next'], a[rel='next'][itemprop='url']")
	selPlainRow      = dom.Sel("table.topic-list .topic-list-item, table.topic-list tbody tr")
	selRowTitle      = dom.Sel("a.title, a.raw-topic-link, td.main-link a[href], a[href*='/t/']")
	selRowReplies    = dom.Sel("td.replies .posts, .replies, .posts")
	selRowViews      = dom.Sel("td.views .views, .views")
	selRowDate       = dom.Sel(".relative-date[data-time]")
	selRowTag        = dom.Sel(".discourse-tags a, a.discourse-tag")
	selPosters       = dom.Sel("td.posters a[href], .posters a[href]")
	selCategoryTable = dom.Sel("table.category-list tbody tr")
	selCategoryLink  = dom.Sel("td.category h3 a[href], td.category a[href]")
	selCategoryAbout = dom.Sel("[itemprop='description']")
	selCategoryCount = dom.Sel("td.topics div, td.topics")
	selBoardHeading  = dom.Sel("#main-outlet h1 a[href], .topic-category a[href]")
	selSubCategory   = dom.Sel("#main-outlet > a[href*='/c/']")
)

// plainID is the id of a post that is known by its number only.
func plainID(topic, number string) string { return topic + "/" + number }

// plainTopic reads a topic from the HTML for readers without scripts.
func (r *reader) plainTopic() {
	r.page.Kind = forum.KindThread
	t := &forum.Thread{Page: 1, Type: "discussion"}
	r.page.Thread = t
	t.Title = dom.Text(r.doc.FirstOf(selPlainTitle))
	if t.Title == "" {
		t.Title = dom.Fold(r.doc.FirstOf(selHeadline).AttrOr("content", ""))
	}
	if t.Title == "" {
		t.Title = dom.Fold(r.doc.Meta("og:title"))
	}
	r.plainTopicID(t)
	r.page.Path = r.plainPath()
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no board above the title")
	}
	t.Tags = texts(r.doc.Selection, selPlainTag)
	t.Started = r.clock.Element(r.doc.FirstOf(selPosting))
	r.plainPages(t)
	r.doc.FindMatcher(selCrawlerPost).Each(func(i int, s *goquery.Selection) {
		r.page.Posts = append(r.page.Posts, r.plainPost(s, i))
	})
	for _, p := range r.page.Posts {
		if p.Position == 1 {
			t.Author = p.Author
			if t.Started.IsZero() {
				t.Started = p.Published
			}
		}
	}
	r.answers(t)
}

func (r *reader) plainTopicID(t *forum.Thread) {
	for _, href := range []string{r.doc.Canonical(), r.doc.Meta("og:url"), r.doc.URL.String(),
		r.doc.Resolve(r.doc.FirstOf(selPlainTitle).AttrOr("href", ""))} {
		u, err := url.Parse(href)
		if err != nil {
			continue
		}
		_, segs := split(u.Path)
		if len(segs) < 2 || segs[0] != "t" {
			continue
		}
		if slug, id, ok := topicSegments(segs[1:]); ok {
			r.topic, t.ID, t.URL = id, id, r.topicURL(slug, id)
			return
		}
	}
	r.gaps.Add("thread.id", "neither the canonical link nor the address names a topic")
}

// plainPath reads the boards above the title. Some versions give every step
// the innermost board's address: then only that one is a board's own.
func (r *reader) plainPath() []forum.Crumb {
	var out []forum.Crumb
	r.doc.FindMatcher(selPlainCrumb).Each(func(_ int, s *goquery.Selection) {
		link := dom.First(s, selLink)
		if s.IsMatcher(cssA) {
			link = s
		}
		name := dom.Text(dom.First(s, selCrumbName))
		if name == "" {
			return
		}
		href := r.doc.Resolve(link.AttrOr("href", ""))
		c := forum.Crumb{Name: name, URL: href, ID: categoryID(href)}
		if n := len(out); n > 0 && out[n-1].ID == c.ID && c.ID != "" {
			if out[n-1].Name == c.Name {
				return // the same badge once more
			}
			out[n-1].ID, out[n-1].URL = "", ""
		}
		out = append(out, c)
	})
	return out
}

// plainPages: the page shows links to its neighbours and no number of pages.
func (r *reader) plainPages(t *forum.Thread) {
	if n, err := strconv.Atoi(r.doc.URL.Query().Get("page")); err == nil && n > 0 {
		t.Page = n
	}
	r.page.Next = r.doc.NextLink()
	if r.page.Next == "" {
		r.page.Next = r.doc.Resolve(r.doc.FirstOf(selNextNav).AttrOr("href", ""))
	}
	if r.page.Next == "" {
		t.PageCount = t.Page
		return
	}
	r.page.Learned.PostsPerPage = chunk
}

func (r *reader) plainPost(s *goquery.Selection, i int) forum.Post {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p := forum.Post{State: forum.PostVisible, Page: r.page.Thread.Page}
	number := dom.IDAfter(s.AttrOr("id", ""), "post_")
	if number == "" {
		number = dom.Digits(dom.Text(dom.First(s, selPosition)))
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil && n > 0 {
		p.Position, p.PositionSource = n, forum.PositionPostNumber
	} else {
		gap("position", "the post shows no number")
	}
	if number != "" && r.topic != "" {
		p.ID, p.URL = plainID(r.topic, number), r.page.Thread.URL+"/"+number
	} else {
		gap("id", "neither the topic nor the post's number is known")
	}
	var event bool
	if p.Author, event = r.plainAuthor(s); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsDeleted {
		gap("author.id", "the name leads to no account")
	}
	r.plainTimes(&p, s)
	if !p.Published.Known() {
		gap("published_at", "no readable time in the post's own line")
	}
	if text := dom.First(s, selText); event {
		p.State, p.Extra = forum.PostEvent, map[string]string{"event_text": dom.Text(text)}
	} else if text.Length() > 0 {
		r.body(&p, dom.Clone(text.Nodes[0]))
	}
	p.Reactions = plainLikes(s)
	return p
}

// plainAuthor reads the line above a post: the account, its full name in
// brackets, and, on the engine's own lines, what was done. Without a link the
// account is gone.
func (r *reader) plainAuthor(s *goquery.Selection) (a *forum.Author, event bool) {
	line := dom.First(s, selCreator)
	name := dom.Text(dom.First(line, selCreatorName))
	if name == "" {
		rest := dom.OwnText(line)
		return nil, rest != "" && !strings.HasPrefix(rest, "(")
	}
	a = &forum.Author{Name: name}
	link := dom.First(line, selLink)
	if u, err := url.Parse(r.doc.Resolve(link.AttrOr("href", ""))); err == nil {
		if l, ok := (Engine{}).Canonical(u); ok && l.Kind == forum.KindProfile {
			a.ID, a.URL = l.ID, l.URL
		}
	}
	a.IsDeleted = a.ID == "" && !dom.Has(line, cssA)
	r.know(a.ID)
	rest := dom.OwnText(line)
	if old := link.Parent(); rest == "" && !old.IsMatcher(selCreator) {
		rest = dom.OwnText(old)
	}
	if full, ok := strings.CutPrefix(rest, "("); ok {
		if full = strings.TrimSuffix(full, ")"); full != a.Name {
			a.Fields = map[string]string{"name": full}
		}
		return a, false
	}
	return a, rest != ""
}

// plainTimes: the engine writes a post's last edit as its modification, and
// its own time where there was none.
func (r *reader) plainTimes(p *forum.Post, s *goquery.Selection) {
	p.Published = r.clock.Element(dom.First(s, selPostTime))
	edited := r.clock.Element(dom.First(s, selModified))
	if edited.Known() && edited.At.Sub(p.Published.At) > 0 && p.Published.Known() {
		p.Edited = edited
	}
}

func plainLikes(s *goquery.Selection) *forum.Reactions {
	var n *int64
	s.FindMatcher(selStatistic).Each(func(_ int, e *goquery.Selection) {
		if strings.Contains(dom.First(e, selAction).AttrOr("content", ""), "LikeAction") && n == nil {
			n = dom.Count(dom.First(e, selActionCount).AttrOr("content", ""))
		}
	})
	if n == nil {
		n = dom.Count(dom.Text(dom.First(s, selLikes)))
	}
	if _, count, ok := strings.Cut(dom.First(s, selLikesOld).AttrOr("content", ""), ":"); ok && n == nil {
		n = dom.Count(count)
	}
	if n == nil || *n < 1 {
		return nil
	}
	return &forum.Reactions{Total: *n, Like: n, Types: []string{"like"}, ByType: map[string]int64{"like": *n}}
}

var selLinkedData = dom.Sel("script[type='application/ld+json']")

// answers reads the page's linked data, which the plugin for solved topics
// writes where a topic can have an answer.
func (r *reader) answers(t *forum.Thread) {
	r.doc.FindMatcher(selLinkedData).Each(func(_ int, s *goquery.Selection) {
		j, err := dom.ParseJSON(s.Text())
		if err != nil || j.At("@type").Text() != "QAPage" {
			return
		}
		if t.Type != "poll" {
			t.Type = "question"
		}
		answer := j.At("mainEntity", "acceptedAnswer")
		if t.IsSolved == nil {
			t.IsSolved = new(answer.Exists())
		}
		number := answer.At("url").Text()
		number = number[strings.LastIndex(number, "/")+1:]
		for i := range r.page.Posts {
			if p := &r.page.Posts[i]; p.Position > 0 && strconv.FormatInt(p.Position, 10) == number {
				p.IsSolution, t.SolutionPostID = true, p.ID
			}
		}
	})
}

// plainLists reads the tables of topics and boards; false when there is none.
func (r *reader) plainLists() bool {
	rows, boards := r.doc.FindMatcher(selPlainRow), r.doc.FindMatcher(selCategoryTable)
	if rows.Length() == 0 && boards.Length() == 0 && !r.emptyList() {
		return false
	}
	r.listKind()
	if r.page.Kind == forum.KindBoard && len(r.page.Path) == 0 {
		r.page.Path = r.headingPath()
	}
	boards.Each(func(_ int, s *goquery.Selection) { r.plainBoard(s) })
	r.doc.FindMatcher(selSubCategory).Each(func(_ int, s *goquery.Selection) { r.plainSubBoard(s) })
	rows.Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.plainRow(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	r.page.Next = r.doc.NextLink()
	if next := r.doc.FirstOf(selNextNav); r.page.Next == "" && next.Length() > 0 {
		r.page.Next = r.doc.Resolve(next.AttrOr("href", ""))
	}
	if r.page.Next == "" {
		r.page.PageCount = r.page.PageNumber
		return true
	}
	r.page.Next = r.canonicalOr(r.page.Next)
	return true
}

var selTopicTable = dom.Sel("#main-outlet table.topic-list")

// emptyList tells a board without topics: the table stands there all the same.
func (r *reader) emptyList() bool { return r.doc.Has(selTopicTable) }

// headingPath reads a board's page, whose heading links the boards down to it.
func (r *reader) headingPath() []forum.Crumb {
	var out []forum.Crumb
	r.doc.FindMatcher(selBoardHeading).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if id, name := categoryID(href), dom.Text(a); id != "" && name != "" {
			out = append(out, forum.Crumb{Name: name, URL: href, ID: id})
		}
	})
	return out
}

func (r *reader) plainBoard(s *goquery.Selection) {
	link := dom.First(s, selCategoryLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	b := forum.Board{Name: dom.Text(link), URL: href, ID: categoryID(href)}
	if b.Name == "" || b.ID == "" {
		return
	}
	b.Description = dom.Text(dom.First(s, selCategoryAbout))
	b.ThreadCount = dom.Count(dom.Text(dom.First(s, selCategoryCount)))
	r.page.Boards = append(r.page.Boards, b)
}

func (r *reader) plainSubBoard(a *goquery.Selection) {
	href := r.doc.Resolve(a.AttrOr("href", ""))
	b := forum.Board{Name: dom.Text(a), URL: href, ID: categoryID(href)}
	if b.Name == "" || b.ID == "" {
		return
	}
	if n := len(r.page.Path); n > 0 {
		b.ParentID = r.page.Path[n-1].ID
	}
	if next := a.Next(); next.IsMatcher(cssItempropDescription) {
		b.Description = dom.Text(next)
	}
	r.page.Boards = append(r.page.Boards, b)
}

func (r *reader) plainRow(s *goquery.Selection) (forum.Row, bool) {
	title := dom.First(s, selRowTitle)
	row := forum.Row{Title: dom.Text(title), Type: "discussion"}
	u, err := url.Parse(r.doc.Resolve(title.AttrOr("href", "")))
	if err != nil {
		return row, false
	}
	l, ok := (Engine{}).Canonical(u)
	if !ok || l.Kind != forum.KindThread {
		return row, false
	}
	row.ID, row.URL = l.ID, l.URL
	row.Tags = texts(s, selRowTag)
	row.ReplyCount = dom.Count(dom.Text(dom.First(s, selRowReplies)))
	row.ViewCount = dom.Count(dom.Text(dom.First(s, selRowViews)))
	if row.ReplyCount != nil {
		row.PageCount = int(*row.ReplyCount/chunk) + 1
	}
	last := s.FindMatcher(cssTd).Last()
	if drawn := dom.First(last, selRowDate); drawn.Length() > 0 {
		row.LastPost = r.clock.Element(drawn)
	} else {
		row.LastPost = r.clock.Text(dom.Text(last))
	}
	r.plainPosters(&row, s)
	return row, true
}

func (r *reader) plainPosters(row *forum.Row, s *goquery.Selection) {
	s.FindMatcher(selPosters).Each(func(i int, a *goquery.Selection) {
		u, err := url.Parse(r.doc.Resolve(a.AttrOr("href", "")))
		if err != nil {
			return
		}
		l, ok := (Engine{}).Canonical(u)
		if !ok || l.Kind != forum.KindProfile {
			return
		}
		author := &forum.Author{ID: l.ID, Name: l.ID, URL: l.URL}
		if i == 0 {
			row.Author = author
		}
		if dom.Is(a, "latest") {
			row.LastAuthor = author
		}
	})
}
