package phpbb2

import (
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle     = dom.Sel("a.maintitle[href], .maintitle a[href*='t=']")
	selTitleText = dom.Sel("td.maintitle, h1, .maintitle")
	selNav       = dom.Sel("span.nav a[href], td.nav a[href], a.nav[href]")
	selNavText   = dom.Sel("span.nav, .nav, .gensmall")
	selBold      = dom.Sel("b")
	selLink      = dom.Sel("a[href]")
	selPageLink  = dom.Sel(".nav a[href*='start='], .gensmall a[href*='start='], .nav a[href$='.html'], .gensmall a[href$='.html'], .paging a[href^='/'], .pagination a[href^='/']")
	selReplyLock = dom.Sel("a[href*='mode=reply'] img[src*='lock'], a[href*='mode=reply'] img[src*='closed']")
	selReply     = dom.Sel("a[href*='mode=reply']")
	selBar       = dom.Sel("img[src*='voting_bar'], img[src*='vote_lcap'], img[src*='vote_rcap']")
	selChoice    = dom.Sel("img[src*='voting_bar'], img[src*='vote_lcap'], input[name='vote_id']")
	selHeadTitle = dom.Sel("title")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.page.Path = r.crumbs()
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no link to a board above the posts")
	}
	title := r.doc.FirstOf(selTitle, selTitleText)
	if t.Title = dom.Text(title); t.Title == "" {
		if _, after, ok := strings.Cut(dom.Text(r.doc.FirstOf(selHeadTitle)), " - "); ok {
			t.Title = after
		}
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	for _, href := range []string{r.doc.Resolve(title.AttrOr("href", "")), r.doc.URL.String(), r.doc.Canonical()} {
		if t.ID = idOf(forum.KindThread, href); t.ID != "" {
			t.URL = first(forum.KindThread, href, t.ID)
			break
		}
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the heading nor the address names the thread")
	}
	r.pages(forum.KindThread, t.ID, &t.Page, &t.PageCount)
	switch {
	case r.doc.Has(selReplyLock):
		t.IsLocked = new(true)
	case r.doc.Has(selReply):
		t.IsLocked = new(false)
	}
	if t.Poll = r.poll(); t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t)
	per := r.facts.PostsPerPage
	if r.start > 0 && t.Page > 1 {
		per = r.start / (t.Page - 1)
	}
	dom.FillPositions(r.page, per, &r.gaps)
	dom.StartFromFirst(r.page, &r.gaps)
}

// crumbs are the boards in the first line of navigation.
func (r *reader) crumbs() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selNav).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		id, name := idOf(forum.KindBoard, href), dom.Text(a)
		if id == "" || name == "" || seen[id] || startOf(href) > 0 || strings.Contains(href, "mark=") || dom.Digits(name) == name {
			return
		}
		seen[id] = true
		out = append(out, forum.Crumb{Name: name, URL: first(forum.KindBoard, href, id), ID: id})
	})
	return out
}

// pages reads "Page 2 of 9", two bold numbers in a line without links, and the
// links to other pages by their offsets.
func (r *reader) pages(kind forum.Kind, id string, current, last *int) {
	*current, *last = 1, 1
	r.start = startOf(r.doc.URL.String())
	r.doc.FindMatcher(selNavText).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		bold := s.FindMatcher(selBold)
		if bold.Length() != 2 || dom.Has(s, selLink) {
			return true
		}
		a, errA := strconv.Atoi(dom.Text(bold.Eq(0)))
		b, errB := strconv.Atoi(dom.Text(bold.Eq(1)))
		if errA != nil || errB != nil || a < 1 || b < a {
			return true
		}
		*current, *last = a, b
		return false
	})
	next, per := 0, 0
	r.doc.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		start := startOf(href)
		if idOf(kind, href) != id || start == 0 {
			return
		}
		if n, err := strconv.Atoi(dom.Text(a)); err == nil && n > 1 {
			*last = max(*last, n)
			per = start / (n - 1)
		}
		if start > r.start && (next == 0 || start < next) {
			next, r.page.Next = start, href
		}
	})
	if *current == 1 && r.start > 0 {
		*current = r.pageAt(kind, per)
	}
	*last = max(*last, *current)
}

// pageAt is the page of an offset where no line tells it: by the offsets of
// other pages, by the bold number among their links, by what is usual.
func (r *reader) pageAt(kind forum.Kind, per int) int {
	if per > 0 {
		return r.start/per + 1
	}
	page := 0
	r.doc.FindMatcher(selNavText).Each(func(_ int, s *goquery.Selection) {
		s.FindMatcher(selBold).Each(func(_ int, b *goquery.Selection) {
			if n, err := strconv.Atoi(dom.Text(b)); err == nil && n > 1 && s.FindMatcher(selPageLink).Length()+s.FindMatcher(selLink).Length() > 0 && page == 0 {
				page = n
			}
		})
	})
	if page == 0 {
		page = max(2, r.start/perPage(kind)+1)
	}
	return page
}

// poll reads the rows around the bars of results, or the choices of a form.
func (r *reader) poll() *forum.Poll {
	p := &forum.Poll{}
	seen := map[string]bool{}
	r.doc.FindMatcher(selChoice).Each(func(_ int, mark *goquery.Selection) {
		row := dom.Closest(mark.Nodes[0], selTableRow)
		if row != nil && selBar.Match(mark.Nodes[0]) && dom.Closest(row.Parent, selTableRow) != nil {
			row = dom.Closest(row.Parent, selTableRow) // bars stand in a table of their own
		}
		if row == nil {
			return
		}
		tr := r.doc.FindNodes(row)
		cells := tr.ChildrenMatcher(cssTd)
		o := forum.PollOption{}
		cells.Each(func(_ int, td *goquery.Selection) {
			text := dom.Text(td)
			if share := dom.Percent(text); share != nil && o.Text != "" {
				o.Percent = share
			} else if strings.HasPrefix(text, "[") {
				o.Votes = dom.Count(text)
			} else if o.Text == "" && text != "" {
				o.Text = text
			}
		})
		if o.Text == "" || seen[o.Text] {
			return
		}
		seen[o.Text] = true
		if p.Question == "" {
			p.Question = dom.Text(tr.ClosestMatcher(cssTable).ParentsMatcher(cssTable).First().FindMatcher(cssB).First())
		}
		p.Options = append(p.Options, o)
	})
	if len(p.Options) < 2 || p.Question == "" {
		return nil
	}
	return p
}
