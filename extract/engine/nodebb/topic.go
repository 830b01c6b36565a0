package nodebb

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle      = dom.Sel("[component='topic/title'], [component='post/header'] .topic-title, [component='post/header']")
	selTags       = dom.Sel("[component='topic/tags'] [data-tag], [component='topic/tags'] .tag")
	selPinned     = dom.Sel("[component='topic/labels'] [component='topic/pinned'], [component='topic/pinned']")
	selLocked     = dom.Sel("[component='topic/labels'] [component='topic/locked'], [component='topic/locked']")
	selPostCount  = dom.Sel("[component='topic/post-count']")
	selViewIcon   = dom.Sel("[component='topic/stats'] .fa-eye, .topic-info .fa-eye, .stats .fa-eye")
	selUserIcon   = dom.Sel("[component='topic/stats'] .fa-user, .topic-info .fa-user, .stats .fa-user")
	selCount      = dom.Sel("[title]:not(i)")
	selPosting    = dom.Sel("[itemtype$='DiscussionForumPosting']")
	selStarted    = dom.Sel("meta[itemprop='datePublished']")
	selBreadcrumb = dom.Sel(".breadcrumb li, .breadcrumb .breadcrumb-item")
	selCrumbLink  = dom.Sel("a[href*='/category/']")
	selPager      = dom.Sel("[component='pagination']")
	selPagerLink  = dom.Sel("a[data-page]")
	selActive     = dom.Sel(".active a[data-page], a.active[data-page]")
)

func (r *reader) topic() {
	j := r.data
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	box := r.doc.FirstOf(selTopic)
	t.ID = cmp.Or(box.AttrOr("data-tid", ""), j.At("tid").Text(), idIn(r.doc.URL.String(), "topic"))
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the topic's element nor the address names it")
	}
	t.Title = cmp.Or(dom.Text(r.doc.FirstOf(selTitle)), text(j.At("title")), dom.Fold(r.doc.Meta("og:title")))
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading and no title in the data")
	}
	t.URL = r.topicURL(cmp.Or(j.At("slug").Text(), r.slugFromLinks()), t.ID)
	if r.page.Path = r.path(); len(r.page.Path) == 0 {
		r.gaps.Add("path", "no board in the breadcrumb or the data")
	}
	r.tags(t)
	r.topicState(t)
	r.topicCounts(t)
	r.topicPeople(t)
	r.pages(&t.Page, &t.PageCount)
	r.posts(t)
	n := len(r.page.Posts)
	if n > 0 && t.Page == t.PageCount {
		t.LastPostID = r.page.Posts[n-1].ID
	}
	r.starterID(t)
	if t.Author == nil && n > 0 && r.page.Posts[0].Position == 1 {
		t.Author = r.page.Posts[0].Author
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "neither the data nor the page's head names the starter")
	}
}

// slugFromLinks is "ID/SLUG" from the page's own canonical link or address.
func (r *reader) slugFromLinks() string {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		u, err := url.Parse(href)
		if err != nil {
			continue
		}
		if _, segs := split(u.Path); len(segs) > 1 && segs[0] == "topic" {
			return strings.Join(segs[1:min(len(segs), 3)], "/")
		}
	}
	return ""
}

func (r *reader) topicURL(slug, id string) string {
	if r.page.Root == "" || id == "" {
		return ""
	}
	return r.canonical(r.page.Root + "topic/" + cmp.Or(slug, id))
}

func (r *reader) userURL(slug string) string {
	if slug == "" || r.page.Root == "" {
		return ""
	}
	return r.page.Root + "user/" + url.PathEscape(unescape(slug))
}

func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

// path is the breadcrumb's boards: the data gives them with their ids.
func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	for _, b := range r.data.At("breadcrumbs").List() {
		if id := b.At("cid").Text(); id != "" {
			out = append(out, forum.Crumb{Name: text(b.At("text")), ID: id, URL: r.doc.Resolve(b.At("url").Text())})
		}
	}
	if len(out) == 0 {
		r.doc.FindMatcher(selBreadcrumb).Each(func(_ int, s *goquery.Selection) {
			link := dom.First(s, selCrumbLink)
			href := r.doc.Resolve(link.AttrOr("href", ""))
			if id := idIn(href, "category"); id != "" {
				out = append(out, forum.Crumb{Name: dom.Text(link), ID: id, URL: href})
			}
		})
	}
	if len(out) == 0 {
		out = r.linkedPath()
	}
	if c := r.data.At("category"); len(out) == 0 && c.At("cid").Exists() {
		out = append(out, forum.Crumb{Name: text(c.At("name")), ID: c.At("cid").Text(), URL: r.page.Root + "category/" + c.At("slug").Text()})
	}
	return out
}

var (
	selLinkedData = dom.Sel("script[type='application/ld+json']")
	selOwnBoard   = dom.Sel(".topic-info a[component='topic/category'][href]")
)

// linkedPath is the breadcrumb where a theme shows none: the page's linked data,
// else the board's badge below the title.
func (r *reader) linkedPath() []forum.Crumb {
	var out []forum.Crumb
	r.doc.FindMatcher(selLinkedData).Each(func(_ int, s *goquery.Selection) {
		j, err := dom.ParseJSON(s.Text())
		if err != nil || j.At("@type").Text() != "BreadcrumbList" {
			return
		}
		for _, step := range j.At("itemListElement").List() {
			href := r.doc.Resolve(step.At("item").Text())
			if id := idIn(href, "category"); id != "" {
				out = append(out, forum.Crumb{Name: text(step.At("name")), ID: id, URL: href})
			}
		}
	})
	if badge := r.doc.FirstOf(selOwnBoard); len(out) == 0 && badge.Length() > 0 {
		href := r.doc.Resolve(badge.AttrOr("href", ""))
		if id := idIn(href, "category"); id != "" {
			out = append(out, forum.Crumb{Name: dom.Text(badge), ID: id, URL: href})
		}
	}
	return out
}

func (r *reader) tags(t *forum.Thread) {
	for _, tag := range r.data.At("tags").List() {
		if name := text(tag.At("value")); name != "" {
			t.Tags = append(t.Tags, name)
		}
	}
	if len(t.Tags) > 0 {
		return
	}
	r.doc.FindMatcher(selTags).Each(func(_ int, s *goquery.Selection) {
		if name := cmp.Or(s.AttrOr("data-tag", ""), dom.Text(s)); name != "" {
			t.Tags = append(t.Tags, name)
		}
	})
}

func (r *reader) topicState(t *forum.Thread) {
	j := r.data
	state := func(key string, label goquery.Matcher) *bool {
		if j.Has(key) {
			return new(j.At(key).True())
		}
		if s := r.doc.FirstOf(label); s.Length() > 0 {
			return new(shown(s))
		}
		return nil
	}
	t.IsLocked, t.IsSticky = state("locked", selLocked), state("pinned", selPinned)
	if j.At("isQuestion").True() {
		t.Type = "question"
		t.IsSolved = new(j.At("isSolved").True())
		if id := j.At("solvedPid").Text(); id != "0" {
			t.SolutionPostID = id
		}
	}
}

// topicCounts: the elements abbreviate and give the number as their title.
func (r *reader) topicCounts(t *forum.Thread) {
	j := r.data
	posts := j.At("postcount").Number()
	if posts == nil {
		s := r.doc.FirstOf(selPostCount)
		posts = dom.Count(cmp.Or(s.AttrOr("title", ""), dom.Text(s)))
	}
	if posts != nil && *posts > 0 {
		replies := *posts - 1
		t.ReplyCount = &replies
	}
	if t.ViewCount = j.At("viewcount").Number(); t.ViewCount == nil {
		t.ViewCount = iconCount(r.doc.FirstOf(selViewIcon))
	}
	if t.ParticipantCount = j.At("postercount").Number(); t.ParticipantCount == nil {
		t.ParticipantCount = iconCount(r.doc.FirstOf(selUserIcon))
	}
}

// iconCount is the number that stands beside an icon.
func iconCount(icon *goquery.Selection) *int64 {
	if icon.Length() == 0 {
		return nil
	}
	return dom.Count(icon.Parent().FindMatcher(selCount).First().AttrOr("title", ""))
}

func (r *reader) topicPeople(t *forum.Thread) {
	j := r.data
	t.Author = r.user(j.At("author"))
	if t.Author == nil {
		box := r.doc.FirstOf(selPosting).ChildrenMatcher(cssItempropAuthor)
		if name := box.FindMatcher(cssMetaItempropName).AttrOr("content", ""); name != "" {
			t.Author = &forum.Author{Name: name, URL: r.doc.Resolve(box.FindMatcher(cssMetaItempropURL).AttrOr("content", ""))}
		}
	}
	t.Started = r.clock.Machine(cmp.Or(j.At("timestampISO").Text(), r.doc.FirstOf(selPosting).ChildrenMatcher(selStarted).AttrOr("content", "")), "")
	t.LastPost = r.clock.Machine(cmp.Or(j.At("lastposttimeISO").Text(), r.doc.FirstOf(selPosting).ChildrenMatcher(selModified).AttrOr("content", "")), "")
}

// starterID gives the starter, whom the page's head names without a number, that
// of the post by the same account.
func (r *reader) starterID(t *forum.Thread) {
	if t.Author == nil || t.Author.ID != "" || t.Author.URL == "" {
		return
	}
	for _, p := range r.page.Posts {
		if p.Author != nil && p.Author.URL == t.Author.URL {
			t.Author.ID = p.Author.ID
			return
		}
	}
}

// user describes an account by one of the data's user objects.
func (r *reader) user(j dom.JSON) *forum.Author {
	name := cmp.Or(text(j.At("displayname")), text(j.At("username")))
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name, ID: j.At("uid").Text(), URL: r.userURL(j.At("userslug").Text()), AvatarURL: r.doc.Resolve(j.At("picture").Text())}
	if a.ID == "0" || a.ID == "-1" {
		a.ID, a.IsGuest = "", true
	}
	return a
}

// pages reads the pager, from the data, else from its links.
func (r *reader) pages(current, last *int) {
	p := r.data.At("pagination")
	*current, *last = p.At("currentPage").Int(), p.At("pageCount").Int()
	if *current < 1 {
		*current = pageNumber(r.doc.FirstOf(selPager).FindMatcher(selActive).First())
	}
	if *current < 1 { // the address tells it where nothing is marked
		n, _ := strconv.Atoi(r.doc.URL.Query().Get("page"))
		*current = max(1, n)
	}
	r.doc.FirstOf(selPager).FindMatcher(selPagerLink).Each(func(_ int, s *goquery.Selection) { *last = max(*last, pageNumber(s)) })
	*last = max(*last, *current)
	r.page.Next = r.canonical(r.doc.NextLink())
	if r.page.Next == "" && *current < *last {
		r.page.Next = r.canonical(r.withPage(*current + 1))
	}
}

func pageNumber(s *goquery.Selection) int {
	n, _ := strconv.Atoi(s.AttrOr("data-page", ""))
	return n
}

func (r *reader) withPage(n int) string {
	u := *r.doc.URL
	u.RawQuery, u.Fragment = "page="+strconv.Itoa(n), ""
	return u.String()
}

// canonical is the canonical form of a link, or the link where it has none.
func (r *reader) canonical(href string) string {
	u, err := url.Parse(href)
	if err != nil || href == "" {
		return ""
	}
	if l, ok := (Engine{}).Canonical(u); ok {
		return l.URL
	}
	return href
}
