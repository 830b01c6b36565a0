package demoforum

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const htmlType = "text/html; charset=UTF-8"

// frame renders a content template and puts the frame around it.
func (f *Forum) frame(q request, p page, status int, name string, data any) reply {
	now := f.opts.Now
	var content, out bytes.Buffer
	if err := f.tmpl.ExecuteTemplate(&content, name, data); err != nil {
		return failure(err)
	}
	local := now.In(boardZone())
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
	p.Base, p.Content, p.Now, p.Today, p.Dow = q.base, template.HTML(content.String()), now.Unix(), midnight.Unix(), int(local.Weekday())
	p.Path = "/" + (&url.URL{Path: q.path}).EscapedPath()
	if p.Title == "" {
		p.Title = BoardTitle
	} else {
		p.Title += " | " + BoardTitle
	}
	if err := f.tmpl.ExecuteTemplate(&out, "layout", p); err != nil {
		return failure(err)
	}
	return reply{status: status, ctype: htmlType, body: out.Bytes(), modified: f.changed(f.m.visiblePosts())}
}

// failure is an answer that no test may see: a template and its data disagree.
func failure(err error) reply {
	return reply{status: http.StatusInternalServerError, ctype: "text/plain; charset=UTF-8", body: []byte("rendering: " + err.Error())}
}

// changed is the last moment at which one of the posts was written or edited.
func (f *Forum) changed(posts []*post) time.Time {
	var last time.Time
	for _, p := range posts {
		for _, t := range []time.Time{p.at, p.edited} {
			if t.After(last) {
				last = t
			}
		}
	}
	return last
}

// wall is the engine's answer to a guest who may not see a page: 403, the error
// and the login form.
func (f *Forum) wall(q request) reply {
	p := page{Title: "Error", H1: BoardTitle + " - Error", Class: "error_with_login", NoIndex: true}
	return f.frame(q, p, http.StatusForbidden, "login", map[string]string{"Message": "You must be logged-in to do that.", "Path": "/" + q.path})
}

func (f *Forum) missing(q request, text string) reply {
	p := page{Title: "Error", H1: BoardTitle + " - Error", Class: "error", NoIndex: true}
	return f.frame(q, p, http.StatusNotFound, "error", text)
}

func (f *Forum) plainPage(q request, title, text string) reply {
	p := page{Title: title, H1: template.HTML(esc(title)), Class: "page_view", NoIndex: true}
	return f.frame(q, p, http.StatusOK, "plain", text)
}

func (f *Forum) loginPage(q request) reply {
	title := map[string]string{"login": "Log in", "register": "Sign up", "lost-password": "Lost Password"}[q.at(0)]
	p := page{Title: title, H1: template.HTML(title), Class: q.at(0), NoIndex: true}
	return f.frame(q, p, http.StatusOK, "login", map[string]string{"Message": "", "Path": "/"})
}

type categoryView struct {
	Board  boardView
	Anchor string
	Kids   []nodeView
}

func (f *Forum) indexPage(q request) reply {
	var data struct {
		Categories                     []categoryView
		Discussions, Messages, Members int
		Newest                         userView
	}
	for _, b := range f.m.boards {
		if !b.isCategory() {
			continue
		}
		c := categoryView{Board: boardView{b.id, b.title, b.desc}, Anchor: slug(b.title, b.id)}
		for _, kid := range b.kids {
			n := f.viewNode(kid)
			data.Discussions += n.Discussions
			data.Messages += n.Messages
			c.Kids = append(c.Kids, n)
		}
		data.Categories = append(data.Categories, c)
	}
	newest := f.m.users[0]
	for _, u := range f.m.users {
		if u.id != 0 {
			data.Members++
		}
		if u.joined.After(newest.joined) && u.id != 0 {
			newest = u
		}
	}
	data.Newest = viewUser(newest)
	p := page{H1: BoardTitle, Class: "forum_list", Canonical: q.base, OGTitle: BoardTitle}
	return f.frame(q, p, http.StatusOK, "index", data)
}

// crumbs leads from the first category to a board, or with it to its threads.
func crumbs(base string, b *board) []crumb {
	var out []crumb
	for ; b != nil; b = b.parent {
		c := crumb{b.title, base + b.path()}
		if b.isCategory() {
			c.URL = base + ".#" + slug(b.title, b.id)
		}
		out = append(out, c)
	}
	slices.Reverse(out)
	return out
}

// nodeClass is the body's list of the boards around a page, inner first.
func nodeClass(b *board) string {
	var out []string
	for ; b != nil; b = b.parent {
		out = append(out, fmt.Sprintf("node%d", b.id))
	}
	return strings.Join(out, " ")
}

func quickNavPath(b *board) string {
	return fmt.Sprintf("misc/quick-navigation-menu?selected=node-%d", b.id)
}

// sortThreads puts a listing into the order that "?order=" asks for; the
// engine's default is the last post first.
func (f *Forum) sortThreads(ts []*thread, order, direction string) {
	key := func(t *thread) int64 {
		if t.movedTo != 0 {
			return t.stubAt.Unix()
		}
		switch order {
		case "post_date":
			return t.first().at.Unix()
		case "reply_count":
			return int64(len(t.posts))
		case "view_count":
			return int64(t.views)
		case "first_post_likes":
			return int64(len(t.first().likes) + t.first().more)
		}
		return t.lastAt().Unix()
	}
	slices.SortStableFunc(ts, func(x, y *thread) int {
		if order == "title" {
			return strings.Compare(strings.ToLower(x.title), strings.ToLower(y.title))
		}
		return int(max(-1, min(1, key(y)-key(x))))
	})
	if direction == "asc" {
		slices.Reverse(ts)
	}
}

// listing splits a board's threads into the sticky ones and the others, in order.
func (f *Forum) listing(q request, b *board) (sticky, others []*thread) {
	for _, t := range f.m.boardThreads(b) {
		if id := q.query.Get("prefix_id"); id != "" && id != strconv.Itoa(prefixID(t.prefix)) {
			continue
		}
		if t.sticky {
			sticky = append(sticky, t)
		} else {
			others = append(others, t)
		}
	}
	if order := q.query.Get("order"); order != "" {
		f.sortThreads(others, order, q.query.Get("direction"))
	}
	return sticky, others
}

func (f *Forum) boardPage(q request, b *board, n int) reply {
	sticky, others := f.listing(q, b)
	last := pageCount(len(others), f.opts.ThreadsPerPage)
	n = min(n, last)
	if a, moved := canonical(q, b.path()+pageSuffix(n)); moved {
		return a
	}
	from := (n - 1) * f.opts.ThreadsPerPage
	shown := others[from:min(len(others), from+f.opts.ThreadsPerPage)]
	var data struct {
		Subs            []nodeView
		Rows            []rowView
		Nav             template.HTML
		URL             string
		From, To, Total int
	}
	data.URL, data.From, data.To, data.Total = b.path(), from+1, from+len(shown), len(others)
	for _, kid := range b.kids {
		data.Subs = append(data.Subs, f.viewNode(kid))
	}
	if n == 1 {
		shown = slices.Concat(sticky, shown)
	}
	for _, t := range shown {
		data.Rows = append(data.Rows, f.viewRow(t))
	}
	query := ""
	if q.raw != "" {
		query = "?" + q.raw
	}
	data.Nav = pageNav(b.path(), query, n, last)
	p := page{Title: withPage(b.title, n), OGTitle: b.title, H1: template.HTML(esc(b.title)), Sub: template.HTML(esc(b.desc)), Class: "forum_view",
		BodyClass: nodeClass(b), Canonical: q.base + b.path() + pageSuffix(n), ForumRSS: b.path() + "index.rss", RSSTitle: b.title,
		QuickNav: quickNavPath(b), Crumbs: crumbs(q.base, b.parent)}
	setNeighbours(&p, b.path(), query, n, last)
	return f.frame(q, p, http.StatusOK, "board", data)
}

func withPage(title string, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s | Page %d", title, n)
	}
	return title
}

func setNeighbours(p *page, path, query string, n, last int) {
	if n > 1 {
		p.Prev = path + pageSuffix(n-1) + query
	}
	if n < last {
		p.Next = path + pageSuffix(n+1) + query
	}
}

type threadData struct {
	URL    string
	Poll   *pollView
	Tags   []crumb
	Locked bool
	Nav    template.HTML
	Posts  []messageView
}

type pollView struct {
	Question string
	Options  []optionView
}

type optionView struct {
	Text    string
	Votes   int
	Percent string
}

func viewPoll(p *poll) *pollView {
	if p == nil {
		return nil
	}
	v := &pollView{Question: p.question}
	for _, o := range p.options {
		v.Options = append(v.Options, optionView{o.Text, o.Votes, fmt.Sprintf("%.1f", 100*float64(o.Votes)/float64(max(1, p.total())))})
	}
	return v
}

func tagPath(tag string) string {
	return "tags/" + url.PathEscape(strings.ReplaceAll(tag, " ", "-")) + "/"
}

func (f *Forum) threadPage(q request, t *thread, n int) reply {
	last := pageCount(len(t.posts), f.opts.PostsPerPage)
	n = min(n, last)
	if a, moved := canonical(q, t.path()+pageSuffix(n)); moved {
		return a
	}
	data := threadData{URL: t.path(), Poll: viewPoll(t.poll), Locked: t.locked, Nav: pageNav(t.path(), "", n, last)}
	for _, tag := range t.tags {
		data.Tags = append(data.Tags, crumb{tag, tagPath(tag)})
	}
	from := (n - 1) * f.opts.PostsPerPage
	for _, p := range t.posts[from:min(len(t.posts), from+f.opts.PostsPerPage)] {
		data.Posts = append(data.Posts, f.viewPost(q.base, p))
	}
	first := t.first()
	title := t.title
	if t.prefix != "" {
		title = t.prefix + " - " + title
	}
	p := page{Title: withPage(title, n), OGTitle: title, H1: prefixHTML(t.prefix) + template.HTML(esc(t.title)), Class: "thread_view",
		BodyClass: nodeClass(t.board) + " SelectQuotable", Canonical: q.base + t.path() + pageSuffix(n), Desc: snippet(first, 155),
		QuickNav: quickNavPath(t.board), Crumbs: crumbs(q.base, t.board)}
	p.Sub = template.HTML(fmt.Sprintf("\n\tDiscussion in '<a href=\"%s\">%s</a>' started by %s, <a href=\"%s\">%s</a>.\n",
		t.board.path(), esc(t.board.title), usernameHTML(viewUser(first.user), "username", "", false), t.path(), dateHTML(first.at, f.opts.Now, "", "")))
	setNeighbours(&p, t.path(), "", n, last)
	a := f.frame(q, p, http.StatusOK, "thread", data)
	a.modified = f.changed(t.posts)
	return a
}

// snippet is the beginning of a post's own words, for descriptions and search results.
func snippet(p *post, n int) string {
	text := []rune(ownText(parse(p.text)))
	if len(text) <= n {
		return string(text)
	}
	return strings.TrimSpace(string(text[:n])) + "..."
}

func (f *Forum) memberPage(q request, u *user) reply {
	if a, moved := canonical(q, u.path()); moved {
		return a
	}
	data := struct {
		User             userView
		Self             string
		Messages         int
		Seen             time.Time
		About, Signature template.HTML
	}{User: viewUser(u), Self: u.path(), Messages: f.m.messageCount(u), Seen: u.seen,
		About: template.HTML(bodyHTML(f.m, q.base, nil, u.about)), Signature: template.HTML(bodyHTML(f.m, q.base, nil, u.sig))}
	p := page{Title: u.name, OGTitle: u.name, Class: "member_view", Canonical: q.base + u.path(), Crumbs: []crumb{{"Members", q.base + "members/"}}}
	return f.frame(q, p, http.StatusOK, "member", data)
}

type memberRow struct {
	User     userView
	Messages int
}

func (f *Forum) membersPage(q request) reply {
	var rows []memberRow
	for _, u := range f.m.users {
		if u.id != 0 {
			rows = append(rows, memberRow{viewUser(u), f.m.messageCount(u)})
		}
	}
	slices.SortStableFunc(rows, func(x, y memberRow) int { return y.Messages - x.Messages })
	p := page{Title: "Notable Members", H1: "Notable Members", Class: "member_notable", Canonical: q.base + "members/"}
	return f.frame(q, p, http.StatusOK, "members", rows)
}
