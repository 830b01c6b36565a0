package invision2

import (
	"fmt"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle     = dom.Sel(".b-posts__topic__title, .maintitle b, .maintitle strong, .topic_title")
	selTitleBar  = dom.Sel(".maintitle, .topictitle, h1")
	selCrumb     = dom.Sel("#navstrip a[href], .navstrip a[href], .b-breadcrumbs a[href]")
	selClosed    = dom.Sel("img[src*='t_closed'], .topic-closed-posts")
	selReply     = dom.Sel("a[href] > img[src*='t_reply']")
	selStep      = dom.Sel("a[href*='st=']")
	selTopicHint = dom.Sel("a[href*='act=Track'][href*='t='], a[href*='act=Print'][href*='t='], a[href*='act=Forward'][href*='t='], a[href*='showtopic='][href*='view=old'], a[href*='act=post'][href*='t=']")
	selPollBox   = dom.Sel("form[action*='act=Poll'], input[name='poll_vote'], .b-poll-wrapper form")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.page.Path = r.path()
	t.Title = r.title()
	if t.ID = r.topicID(); t.ID != "" && r.page.Root != "" {
		t.URL = r.page.Root + "index.php?showtopic=" + t.ID
	}
	switch {
	case r.doc.Has(selClosed):
		t.IsLocked = new(true)
	case r.doc.Has(selReply):
		t.IsLocked = new(false)
	}
	if t.Poll = r.poll(); t.Poll != nil || r.doc.Has(selPollBox) {
		t.Type = "poll"
	}
	perPage := r.pages("showtopic="+t.ID, &t.Page, &t.PageCount)
	r.posts(t, perPage)
	if t.Page == 1 && len(r.page.Posts) > 0 {
		first := r.page.Posts[0]
		t.Started = first.Published
		if a := first.Author; a != nil {
			t.Author = &forum.Author{ID: a.ID, Name: a.Name, URL: a.URL, IsGuest: a.IsGuest}
		}
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the address nor a link of the page names a thread")
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "only the first page shows who started the thread")
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

// title is the bold part of a heading, behind which the description stands. The
// page's own title tells it from the headings of other boxes, and stands for it
// where none is in it: "Board -> Title" or "Title - Board".
func (r *reader) title() string {
	head := dom.Text(r.doc.FirstOf(cssTitle))
	for _, m := range []goquery.Matcher{selTitle, selTitleBar} {
		found := ""
		r.doc.FindMatcher(m).EachWithBreak(func(_ int, s *goquery.Selection) bool {
			if text := dom.Text(s); text != "" && strings.Contains(head, text) {
				found = text
			}
			return found == ""
		})
		if found != "" {
			return found
		}
	}
	if _, title, ok := strings.Cut(head, " -> "); ok {
		return title
	}
	if title, _, ok := cutLast(head, " - "); ok {
		return title
	}
	return dom.Text(dom.First(r.doc.Selection, selTitle))
}

// topicID is in the address, or in a link that acts on the thread.
func (r *reader) topicID() string {
	if id := ipsurl.TopicID(r.doc.URL.String()); id != "" {
		return id
	}
	if q := r.doc.URL.Query(); strings.EqualFold(q.Get("act"), "ST") {
		return dom.Digits(q.Get("t"))
	}
	id := dom.Digits(r.doc.FirstOf(cssDataTopicID).AttrOr("data-topic-id", ""))
	r.doc.FindMatcher(selTopicHint).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if id == "" {
			id = ipsurl.TopicID(href)
		}
		if id == "" {
			id = dom.Digits(dom.Param(href, "t"))
		}
		return id == ""
	})
	return id
}

func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		id, name := ipsurl.ForumID(href), dom.Text(s)
		if id == "" || name == "" || seen[id] {
			return
		}
		seen[id] = true
		out = append(out, forum.Crumb{Name: name, URL: ipsurl.FirstPage(href), ID: id})
	})
	return out
}

// pages reads the links to the pages of what the address is about: a link that
// shows a number tells how many posts a page holds, which it gives.
func (r *reader) pages(own string, current, last *int) int {
	per, far := 0, 0
	next := map[int]string{}
	r.doc.FindMatcher(selStep).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if !holds(href, own) {
			return
		}
		st, err := strconv.Atoi(dom.Param(href, "st"))
		if err != nil || st < 0 {
			return
		}
		if n, err := strconv.Atoi(strings.Trim(dom.Text(a), "[] ")); err == nil && n > 1 && n < 1e6 && st%(n-1) == 0 && st > 0 {
			per = st / (n - 1)
		}
		far, next[st] = max(far, st), href
	})
	st, _ := strconv.Atoi(r.doc.URL.Query().Get("st"))
	*current, *last = 1, 1
	if per == 0 && (st > 0 || far > 0) {
		per = gcd(st, far)
	}
	if per > 0 {
		*current = max(1, st/per+1)
		*last = max(*current, far/per+1)
	}
	if *current < *last {
		if r.page.Next = next[*current*per]; r.page.Next != "" && r.page.Root != "" {
			r.page.Next = r.page.Root + "index.php?" + own + "&st=" + strconv.Itoa(*current*per)
		}
	}
	return per
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// holds tells whether a link carries a parameter, whole.
func holds(href, param string) bool {
	i := strings.Index(href, param)
	if i < 0 || strings.HasSuffix(param, "=") {
		return false
	}
	rest := href[i+len(param):]
	return rest == "" || rest[0] < '0' || rest[0] > '9'
}

func (r *reader) posts(t *forum.Thread, perPage int) {
	for i, m := range r.messages() {
		p := forum.Post{ID: m.id, State: forum.PostVisible, Page: t.Page}
		r.post(&p, m, t, i)
		r.page.Posts = append(r.page.Posts, p)
	}
	if perPage > 0 {
		r.page.Learned.PostsPerPage = perPage
	} else {
		perPage = r.facts.PostsPerPage
	}
	before := dom.NumbersBefore(r.page.Posts, func(*forum.Post) bool { return true })
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		switch {
		case p.Position > 0:
		case before >= 0:
			p.Position, p.PositionSource = before+int64(i)+1, forum.PositionComputed
		case t.Page == 1 || perPage > 0:
			p.Position, p.PositionSource = int64((t.Page-1)*perPage+i+1), forum.PositionComputed
		default:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		}
	}
}
