package vanilla

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Sites of newer versions show pages that scripts lay out from data: a tree of
// components, each with the properties that the server has filled in
// (Vanilla\Layout\LayoutPage). For readers without scripts stand names and words
// alone, so the data are read.

// layoutVariable is what the page hands the tree over in.
const layoutVariable = "vanillaInitialLayout"

var (
	selReact      = dom.Sel("div[data-react], #app")
	selInlineCode = dom.Sel("script:not([src])")
)

// layoutCode is the script's code from the tree on; "" for none.
func layoutCode(d *dom.Document) string {
	if !d.Has(selReact) {
		return ""
	}
	for _, s := range d.FindMatcher(selInlineCode).EachIter() {
		if _, rest, ok := strings.Cut(s.Text(), layoutVariable); ok {
			_, rest, _ = strings.Cut(rest, "=")
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// layoutOf is the tree with the query that it answers; the zero value for none.
func layoutOf(d *dom.Document) dom.JSON {
	code := layoutCode(d)
	if code == "" {
		return dom.JSON{}
	}
	j, err := dom.ParseJSON(code)
	if err != nil {
		return dom.JSON{}
	}
	return j
}

// parts are the properties of the page's components that hold content.
type parts struct {
	post       dom.JSON   // of the discussion's own post
	threads    []dom.JSON // of the comments below it
	lists      []dom.JSON // of the page's own list of discussions
	categories []dom.JSON
	crumbs     []dom.JSON
}

// maxDepth bounds how deep components stand in one another.
const maxDepth = 30

// collect walks the tree in the order of the page.
func (p *parts) collect(j dom.JSON, depth int) {
	if depth > maxDepth {
		return
	}
	if props := j.At("$reactProps"); props.Exists() {
		p.take(j.At("$reactComponent").Text(), props)
	}
	for _, child := range j.List() {
		p.collect(child, depth+1)
	}
	for _, key := range j.Keys() {
		p.collect(j.At(key), depth+1)
	}
}

func (p *parts) take(component string, props dom.JSON) {
	switch {
	case component == "OriginalPostAsset" && props.At("discussion", "discussionID").Exists():
		p.post = props
	case component != "OriginalPostAsset" && (props.At("comments", "data").List() != nil || props.At("commentsThread", "data", "commentsByID").Exists()):
		p.threads = append(p.threads, props)
	case props.At("isAsset").True() && props.At("discussions").List() != nil:
		p.lists = append(p.lists, props)
	case props.At("isAsset").True() && props.At("itemData").List() != nil:
		p.categories = append(p.categories, props)
	case props.At("breadcrumbs").List() != nil && len(p.crumbs) == 0:
		p.crumbs = props.At("breadcrumbs").List()
	}
}

// layout reads a page from its tree; false when that holds nothing of a forum.
func (r *reader) layout(j dom.JSON) bool {
	var p parts
	p.collect(j.At("data", "layout"), 0)
	if len(p.crumbs) == 0 {
		p.crumbs = j.At("data", "layout", "breadcrumbs").List()
	}
	r.page.Extract.Strategy = "json_embedded"
	switch {
	case p.post.Exists():
		r.page.Kind = forum.KindThread
		r.layoutThread(p)
	case len(p.lists)+len(p.categories) > 0:
		r.layoutListing(p)
	default:
		r.page.Extract.Strategy = ""
		return false
	}
	return true
}

func (r *reader) layoutThread(p parts) {
	d := p.post.At("discussion")
	t := &forum.Thread{ID: d.At("discussionID").Text(), Title: dom.FragmentText(d.At("name").Text()), Page: 1, PageCount: 1}
	r.page.Thread = t
	t.URL = firstPage(r.doc.Resolve(cmp.Or(d.At("canonicalUrl").Text(), d.At("url").Text())))
	if t.Title == "" {
		r.gaps.Add("thread.title", "the discussion's data has no name")
	}
	r.page.Path = layoutPath(r, d.At("breadcrumbs").List(), p.post.At("category", "breadcrumbs").List(), p.crumbs)
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb that names a board")
	}
	r.layoutState(t, d)
	r.layoutPages(t, p.threads)
	r.layoutPosts(t, d, p.threads)
}

// layoutPath is the boards of the first of these lists of steps that has some.
func layoutPath(r *reader, lists ...[]dom.JSON) []forum.Crumb {
	for _, list := range lists {
		var out []forum.Crumb
		for _, step := range list {
			l, ok := linkOf(r.doc.Resolve(step.At("url").Text()))
			if name := dom.FragmentText(step.At("name").Text()); ok && l.Kind == forum.KindBoard && name != "" {
				out = append(out, forum.Crumb{Name: name, URL: firstPage(l.URL), ID: l.ID})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// layoutPages reads the paging of the comments; an answer's own list has none.
func (r *reader) layoutPages(t *forum.Thread, threads []dom.JSON) {
	for _, props := range threads {
		paging := props.At("comments", "paging")
		if props.At("commentsThread").Exists() {
			paging = props.At("commentsThread", "paging")
		}
		t.Page = max(t.Page, paging.At("currentPage").Int())
		limit, total := paging.At("limit").Int(), paging.At("total").Int()
		if limit > 0 && total > 0 {
			r.page.Learned.PostsPerPage, t.PageCount = limit, (total+limit-1)/limit
		}
	}
	t.PageCount = max(t.PageCount, t.Page)
	if t.Page < t.PageCount && t.URL != "" {
		r.page.Next = t.URL + "/p" + strconv.Itoa(t.Page+1)
	}
}

// layoutPosts reads the discussion's own post, which stands above every page of
// comments, and the comments, once each.
func (r *reader) layoutPosts(t *forum.Thread, d dom.JSON, threads []dom.JSON) {
	add := func(p forum.Post) {
		r.page.Posts = append(r.page.Posts, p)
	}
	first := r.record(d, "d"+t.ID, len(r.page.Posts))
	t.Author, t.Started = first.Author, first.Published
	if t.Page == 1 {
		first.Position, first.PositionSource = 1, forum.PositionComputed
		add(first)
	}
	seen, whole := map[string]bool{}, true
	for _, props := range threads {
		for i, c := range r.comments(props) {
			if !c.Exists() {
				whole = false // from a hole on, places are unknown
				continue
			}
			id := c.At("commentID").Text()
			if id == "" || seen[id] {
				continue
			}
			seen[id] = true
			p := r.record(c, id, len(r.page.Posts))
			per, flat := r.page.Learned.PostsPerPage, !props.At("commentsThread").Exists()
			if whole && (t.Page == 1 || flat && per > 0) {
				p.Position, p.PositionSource = int64((t.Page-1)*per+i+2), forum.PositionComputed
			} else {
				r.gaps.Add(fmt.Sprintf("posts[%d].position", len(r.page.Posts)), "how many answers stand before it is not known")
			}
			if p.IsSolution && t.SolutionPostID == "" {
				t.IsSolved, t.SolutionPostID = new(true), p.ID
			}
			add(p)
		}
	}
}

// comments are a component's comments in the order of the page: a list, or a
// tree, where the zero value stands for branches that are left out.
func (r *reader) comments(props dom.JSON) []dom.JSON {
	nested := props.At("commentsThread", "data")
	if !nested.At("commentsByID").Exists() {
		return props.At("comments", "data").List()
	}
	var out []dom.JSON
	var walk func(list []dom.JSON, depth int)
	walk = func(list []dom.JSON, depth int) {
		for _, item := range list {
			if item.At("type").Text() == "hole" {
				r.gaps.Add("posts", "answers to comments are left out until a reader asks for them")
				out = append(out, dom.JSON{})
			}
			if c := nested.At("commentsByID", item.At("commentID").Text()); c.Exists() {
				out = append(out, c)
			}
			if depth < maxDepth {
				walk(item.At("children").List(), depth+1)
			}
		}
	}
	walk(nested.At("threadStructure").List(), 0)
	return out
}

// layoutListing reads a list of discussions, of boards, or both.
func (r *reader) layoutListing(p parts) {
	r.page.Kind = forum.KindSearch // the newest of all boards
	switch {
	case r.addressed(forum.KindBoard):
		r.page.Kind = forum.KindBoard
		r.page.Path = layoutPath(r, p.crumbs)
		r.boardCrumb()
	case len(p.categories) > 0:
		r.page.Kind = forum.KindIndex
	}
	for _, props := range p.categories {
		r.layoutBoards(props.At("itemData").List(), "", "")
	}
	r.page.PageNumber, r.page.PageCount = 1, 1
	for _, props := range p.lists {
		for _, d := range props.At("discussions").List() {
			r.page.Listing = append(r.page.Listing, r.layoutRow(d))
		}
		paging := props.At("initialPaging")
		r.page.PageNumber = max(1, paging.At("currentPage").Int())
		if limit, total := paging.At("limit").Int(), paging.At("total").Int(); limit > 0 {
			r.page.PageCount = max(1, (total+limit-1)/limit)
		}
	}
	if next := r.doc.NextLink(); next != "" {
		r.page.Next = next
	} else if l, ok := linkOf(r.doc.URL.String()); ok && r.page.PageNumber < r.page.PageCount {
		r.page.Next = firstPage(l.URL) + "/p" + strconv.Itoa(r.page.PageNumber+1)
	}
}

// layoutBoards reads boards with those below them. A heading holds none of its
// own and has no list.
func (r *reader) layoutBoards(items []dom.JSON, parent, heading string) {
	for _, j := range items {
		l, ok := linkOf(r.doc.Resolve(j.At("to").Text()))
		name := dom.FragmentText(j.At("name").Text())
		if j.At("displayAs").Text() == "heading" {
			r.layoutBoards(j.At("children").List(), parent, name)
			continue
		}
		if !ok || l.Kind != forum.KindBoard || name == "" {
			continue
		}
		b := forum.Board{ID: l.ID, Name: name, URL: firstPage(l.URL), ParentID: parent, Category: heading, Description: dom.FragmentText(j.At("description").Text())}
		for _, c := range j.At("counts").List() {
			switch n := c.At("countAll").Number(); c.At("labelCode").Text() {
			case "discussions":
				b.ThreadCount = n
			case "posts":
				b.PostCount = n
			}
		}
		b.LastPost = r.clock.Machine(j.At("lastPost", "dateInserted").Text(), "")
		r.page.Boards = append(r.page.Boards, b)
		r.layoutBoards(j.At("children").List(), b.ID, heading)
	}
}
