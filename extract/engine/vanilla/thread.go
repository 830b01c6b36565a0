package vanilla

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle    = dom.Sel("#Item_0 h1, .PageTitle h1, .MessageList h1, main h1, #Content h1")
	selInBoard  = dom.Sel(".DiscussionMeta .Category a[href], .DiscussionHeader .Category a[href]")
	selCrumb    = dom.Sel(".Breadcrumbs .CrumbLabel:not(.HomeCrumb) a[href], .Breadcrumbs [class^='Category-'] a[href]")
	selTag      = dom.Sel(".TagsBox a, .InlineTags a, .DiscussionTags a, .tagModule a")
	selClosed   = dom.Sel(".Foot.Closed .Note.Closed:not(.SignInOrRegister), .DiscussionAboutClosed, .MessageList .Tag-Closed, .PageTitle .Tag-Closed")
	selPager    = dom.Sel(".Pager a[href], .PagerWrap a[href]")
	selPageHere = dom.Sel(".Pager .Highlight, .Pager [aria-current]")
	selPageNext = dom.Sel(".Pager a.Next[href]")
	selPoll     = dom.Sel(".Poll, .DiscussionPoll")
	selPollHead = dom.Sel(".PollQuestion, h2, .Title")
	selPollRow  = dom.Sel(".PollOption, li")
	selPollText = dom.Sel(".PollOptionTitle, .Title, .DP_ResultQuestion")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.page.Path = r.crumbs()
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb that names a board")
	}
	if t.Title = dom.Text(r.doc.FirstOf(selTitle)); t.Title == "" {
		if t.Title = dom.Fold(r.doc.Meta("og:title")); t.Title == "" {
			r.gaps.Add("thread.title", "no heading")
		}
	}
	r.threadID(t)
	r.pages(&t.Page, &t.PageCount)
	seen := map[string]bool{}
	r.doc.FindMatcher(selTag).Each(func(_ int, a *goquery.Selection) {
		if tag := dom.Text(a); tag != "" && !seen[tag] {
			seen[tag] = true
			t.Tags = append(t.Tags, tag)
		}
	})
	if r.doc.Has(selClosed) {
		t.IsLocked = new(true)
	}
	r.poll(t)
	r.posts(t)
	r.positions(t)
	dom.StartFromFirst(r.page, &r.gaps)
}

// crumbs are the boards of the breadcrumb, by the codes of their addresses.
func (r *reader) crumbs() []forum.Crumb {
	links := r.doc.FindMatcher(selCrumb)
	if links.Length() == 0 {
		links = r.doc.FirstOf(selInBoard)
	}
	var out []forum.Crumb
	links.Each(func(_ int, a *goquery.Selection) {
		l, ok := linkOf(r.doc.Resolve(a.AttrOr("href", "")))
		if name := dom.Text(a); ok && l.Kind == forum.KindBoard && name != "" {
			out = append(out, forum.Crumb{Name: name, URL: firstPage(l.URL), ID: l.ID})
		}
	})
	return out
}

func (r *reader) threadID(t *forum.Thread) {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String(), r.doc.Meta("og:url")} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindThread {
			t.ID, t.URL = l.ID, firstPage(href)
			return
		}
	}
	for _, s := range r.messages() {
		if id := dom.IDAfter(s.AttrOr("id", ""), "Discussion_"); id != "" {
			t.ID, t.URL = id, r.page.Root+"discussion/"+id
			return
		}
	}
	r.gaps.Add("thread.id", "neither an address nor a post names the discussion")
}

// pages reads the pager, of which there are two, above and below.
func (r *reader) pages(current, last *int) {
	*current, *last = 1, 1
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if l, ok := linkOf(href); ok && l.Page > *current {
			*current = l.Page
		}
	}
	if n := dom.Count(dom.Text(r.doc.FirstOf(selPageHere))); n != nil && *n > 0 {
		*current = int(*n)
	}
	*last = *current
	r.doc.FindMatcher(selPager).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		n := pageOf(href)
		*last = max(*last, n)
		if n == *current+1 && r.page.Next == "" {
			r.page.Next = href
		}
	})
	if next := r.doc.Resolve(r.doc.FirstOf(selPageNext).AttrOr("href", "")); next != "" {
		r.page.Next = next
	}
	if next := r.doc.NextLink(); next != "" {
		r.page.Next = next
		*last = max(*last, pageOf(next))
	}
}

// pageOf is the page number at the end of a link of any listing.
func pageOf(href string) int {
	if l, ok := linkOf(href); ok {
		return l.Page
	}
	if i := strings.LastIndex(href, "/p"); i > 0 {
		if n := dom.Count(href[i+2:]); n != nil && dom.Digits(href[i+2:]) == href[i+2:] {
			return int(*n)
		}
	}
	return 0
}

func (r *reader) poll(t *forum.Thread) {
	box := r.doc.FirstOf(selPoll)
	if box.Length() == 0 {
		return
	}
	p := &forum.Poll{Question: dom.Text(dom.First(box, selPollHead))}
	box.FindMatcher(selPollRow).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(dom.First(s, selPollText)); text != "" {
			p.Options = append(p.Options, forum.PollOption{Text: text})
		}
	})
	if p.Question != "" && len(p.Options) > 0 {
		t.Poll, t.Type = p, "poll"
	}
}

// positions: the discussion is the first, comments are numbered from 1 by the
// name of their anchor. Without it they are counted on the page.
func (r *reader) positions(t *forum.Thread) {
	comments := len(r.page.Posts)
	if t.Page == 1 && comments > 0 && strings.HasPrefix(r.page.Posts[0].ID, "d") {
		comments--
	}
	per := r.facts.PostsPerPage
	if t.Page < t.PageCount && comments > 0 {
		per = comments
		r.page.Learned.PostsPerPage = per
	}
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		switch {
		case p.Position > 0:
		case t.Page == 1:
			p.Position, p.PositionSource = int64(i+1), forum.PositionComputed
		case per > 0:
			p.Position, p.PositionSource = int64((t.Page-1)*per+i+2), forum.PositionComputed
		default:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		}
	}
}
