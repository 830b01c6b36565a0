package wpforo

import (
	"regexp"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selCrumb      = dom.Sel(".wpf-breadcrumb .wpf-item-element:not(.wpf-root):not(.active) a[href], .wpf-breadcrumb [itemprop=itemListElement]:not(.wpf-root) a[href]")
	selCrumbHere  = dom.Sel(".wpf-breadcrumb .active:not(.wpf-root)")
	selStatus     = dom.Sel(".wpf-status-title")
	selThreadHead = dom.Sel("[data-topicid]")
	selStatBox    = dom.Sel(".wpf-post-stat-box:not(.wpf-pb-more)")
	selStat       = dom.Sel(".wpf-tstat")
	selInfo       = dom.Sel(".wpf-post-info")
	selPostLink   = dom.Sel("a[href*='#post-'], a[href*='/postid/']")
	selMemberLink = dom.Sel("a[title][href*='/participant/'], a[title][href*='/profile/'], a[title]:not([href*='#post-']):not([href*='/postid/']), a.is_guest")
	selAgo        = dom.Sel(".wpforo-date")
	selTag        = dom.Sel(".wpforo-topic-meta tag a, .wpforo-tags tag a")
	selNavi       = dom.Sel(".wpf-navi")
	selNaviInfo   = dom.Sel(".wpf-page-info")
	selNaviHere   = dom.Sel("option[selected]")
	selNaviPage   = dom.Sel("option")
	selNaviNext   = dom.Sel("a.wpf-next-button[href], a[rel=next][href]")
	selNested     = dom.Sel(".wpfl-3, .wpfl-4, .wpforo-qa-item-wrap, .wpf-parent-post")
	selLinkedData = dom.Sel("script[type='application/ld+json']")
	selScript     = dom.Sel("script:not([src]):not([type='application/ld+json'])")
)

func (r *reader) thread(all []*message) {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.page.Path = r.crumbs()
	r.boardIDs()
	r.heading(t)
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindThread && t.URL == "" {
			t.URL = firstPage(href)
		}
	}
	r.pages(&t.Page, &t.PageCount)
	r.calibrate(t, all)
	r.stats(t)
	r.doc.FindMatcher(selTag).Each(func(_ int, a *goquery.Selection) {
		if tag := dom.Text(a); tag != "" {
			t.Tags = append(t.Tags, tag)
		}
	})
	if r.doc.FindMatcher(selVoting).Length() > 0 {
		t.Type = "question"
	}
	for _, m := range all {
		if t.Page > 1 && m.first {
			continue // repeated above every page
		}
		p := forum.Post{State: forum.PostVisible, Page: t.Page}
		r.post(&p, m, len(r.page.Posts))
		r.page.Posts = append(r.page.Posts, p)
		if p.IsSolution {
			t.SolutionPostID, t.IsSolved = p.ID, new(true)
		}
	}
	r.positions(t)
	dom.StartFromFirst(r.page, &r.gaps)
}

// positions: where replies stand below posts a page counts the latter alone, so
// that nothing tells how many came before it.
func (r *reader) positions(t *forum.Thread) {
	if r.doc.FindMatcher(selNested).Length() == 0 {
		dom.FillPositions(r.page, r.facts.PostsPerPage, &r.gaps)
		return
	}
	if t.Page > 1 {
		r.gaps.Add("posts", "no positions: pages count posts without the replies below them")
		return
	}
	dom.FillPositions(r.page, 0, &r.gaps)
	r.page.Learned.PostsPerPage = 0
}

// crumbs are the boards of the breadcrumb; long names stand in the title.
func (r *reader) crumbs() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, a *goquery.Selection) {
		c := forum.Crumb{Name: full(a), URL: r.doc.Resolve(a.AttrOr("href", ""))}
		if c.Name == "" || seen[c.URL] || c.URL == r.page.Root {
			return
		}
		seen[c.URL] = true
		out = append(out, c)
	})
	return out
}

// full is a link's whole text: the plugin cuts names and keeps them in the
// title.
func full(a *goquery.Selection) string {
	if title := dom.Fold(a.AttrOr("title", "")); title != "" {
		return title
	}
	return dom.Text(a)
}

var reBoardURL = regexp.MustCompile(`"forum_(\d+)":"([^"]+)"`)

// boardIDs gives the boards of the path their numbers: the thread's head has
// that of its own, the list to jump to all of them.
func (r *reader) boardIDs() {
	n := len(r.page.Path)
	if n == 0 {
		r.gaps.Add("path", "no breadcrumb that names a board")
		return
	}
	r.doc.FindMatcher(selScript).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		c := s.Nodes[0].FirstChild
		if c == nil || !strings.Contains(c.Data, "wpf_forum_json") {
			return true
		}
		for _, m := range reBoardURL.FindAllStringSubmatch(c.Data, -1) {
			href := strings.TrimSuffix(strings.ReplaceAll(m[2], `\/`, "/"), "/")
			for i := range r.page.Path {
				if strings.TrimSuffix(r.page.Path[i].URL, "/") == href {
					r.page.Path[i].ID = m[1]
				}
			}
		}
		return false
	})
	if id := r.doc.FindMatcher(selThreadHead).First().AttrOr("data-forumid", ""); r.page.Path[n-1].ID == "" && isNumber(id) && id != "0" {
		r.page.Path[n-1].ID = id
	}
}

// heading reads title and number. The state stands before the title in one word
// of the site's language.
func (r *reader) heading(t *forum.Thread) {
	h := r.doc.FindMatcher(selTitle).First()
	t.Title = dom.TextWithout(h, selStatus)
	if status := strings.Trim(dom.Text(h.FindMatcher(selStatus).First()), "[] "); status != "" {
		t.Prefix = []string{status}
	}
	if t.Title == "" {
		here := r.doc.FindMatcher(selCrumbHere).First()
		if t.Title = dom.Text(here); t.Title == "" {
			r.gaps.Add("thread.title", "neither heading nor breadcrumb")
		}
	}
	if id := r.doc.FindMatcher(selThreadHead).First().AttrOr("data-topicid", ""); isNumber(id) {
		t.ID = id
		return
	}
	if l, ok := linkOf(r.doc.URL.String()); ok && l.Kind == forum.KindThread && strings.Contains(l.URL, "/topicid/") {
		t.ID = l.ID
		return
	}
	r.gaps.Add("thread.id", "the page does not show the topic's number")
}

// stats reads the four counters above the posts, which have a fixed order:
// posts, users, reactions, views.
func (r *reader) stats(t *forum.Thread) {
	boxes := r.doc.FindMatcher(selStatBox)
	count := func(i int) *int64 { return dom.Count(dom.Text(boxes.Eq(i).FindMatcher(selStat).First())) }
	if boxes.Length() == 4 {
		if n := count(0); n != nil && *n > 0 {
			t.ReplyCount = new(*n - 1)
		}
		t.ParticipantCount, t.ViewCount = count(1), count(3)
		for _, i := range []int{0, 3} {
			_, rounded, _ := dom.Number(dom.Text(boxes.Eq(i).FindMatcher(selStat).First()))
			t.CountsRounded = t.CountsRounded || rounded
		}
	}
	info := r.doc.FindMatcher(selInfo).First()
	t.LastPostID = linkedPost(r.doc.Resolve(info.FindMatcher(selPostLink).First().AttrOr("href", "")))
	t.LastPost = r.ago(info.FindMatcher(selAgo).First())
	if t.LastPostID != "" || !t.LastPost.IsZero() {
		t.LastAuthor = r.member(info.FindMatcher(selMemberLink).First())
	}
}

// ago is a date that may stand behind a comma.
func (r *reader) ago(s *goquery.Selection) forum.Stamp {
	text := strings.TrimLeft(dom.Text(s), " ,،、")
	if text == "" {
		return forum.Stamp{}
	}
	return r.clock.Text(text)
}

// calibrate learns the zone from the head's description of the thread: it has
// the first post's time as UTC.
func (r *reader) calibrate(t *forum.Thread, all []*message) {
	if t.Page != 1 || len(all) == 0 {
		return
	}
	r.doc.FindMatcher(selLinkedData).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		j, err := dom.ParseJSON(s.Text())
		if err != nil {
			return true
		}
		at := j.At("datePublished").Text()
		if at == "" {
			at = j.At("mainEntity", "dateCreated").Text()
		}
		if typ := j.At("@type").Text(); typ != "DiscussionForumPosting" && typ != "QAPage" || at == "" {
			return true
		}
		if stamp := r.clock.Machine(at, ""); stamp.Zone == forum.ZoneUTC || stamp.Zone == forum.ZoneOffset {
			r.clock.Calibrate(stamp.At.Truncate(time.Minute), all[0].date())
		}
		return false
	})
}

var rePageOf = regexp.MustCompile(`(\d+)\D+(\d+)\s*$`)

// pages reads the page links: "Page 1 / 3", and a list with the address of each.
func (r *reader) pages(current, last *int) {
	*current, *last = pageIn(r.doc.URL.String()), 1
	navi := r.doc.FindMatcher(selNavi).First()
	if n := dom.Count(dom.Text(navi.FindMatcher(selNaviHere).First())); n != nil && *n > 0 {
		*current = int(*n)
	}
	if m := rePageOf.FindStringSubmatch(dom.Text(navi.FindMatcher(selNaviInfo).First())); m != nil {
		*last = int(*dom.Count(m[2]))
		if *current == 1 {
			*current = int(*dom.Count(m[1]))
		}
	}
	navi.FindMatcher(selNaviPage).Each(func(_ int, o *goquery.Selection) {
		n := pageIn(o.AttrOr("value", ""))
		*last = max(*last, n)
		if n == *current+1 {
			r.page.Next = r.doc.Resolve(o.AttrOr("value", ""))
		}
	})
	*last = max(*last, *current)
	if next := r.doc.Resolve(navi.FindMatcher(selNaviNext).First().AttrOr("href", "")); next != "" {
		r.page.Next = next
	} else if next := r.doc.NextLink(); next != "" && r.page.Next == "" && *last > *current {
		r.page.Next = next
	}
}
