package simforum

import (
	"fmt"
	"html"
	"math"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// PHPBB is the markup of phpBB 3.3's own style, as a guest sees it. What people
// write and who they are follows from posts' ids.
type PHPBB struct{ People int }

// Author gives who wrote a post: a few write most.
func (m PHPBB) Author(post int) (id int, name string) {
	rnd := rand.New(rand.NewPCG(uint64(post), 1))
	id = 2 + int(math.Pow(rnd.Float64(), 3)*float64(m.People))
	return id, vocabulary[id%len(vocabulary)] + strconv.Itoa(id)
}

// Text gives a post's own words, as they are since its last edit.
func (PHPBB) Text(p Post) string {
	rnd := rand.New(rand.NewPCG(uint64(p.ID), 2))
	var b strings.Builder
	for n := 8 + rnd.IntN(80); n > 0; n-- {
		b.WriteString(vocabulary[rnd.IntN(len(vocabulary))] + " ")
	}
	fmt.Fprintf(&b, "number %d", p.ID)
	if p.Version > 0 {
		fmt.Fprintf(&b, ", put otherwise %d times", p.Version)
	}
	return b.String()
}

// Title gives a thread's title.
func (PHPBB) Title(t *Thread) string {
	return fmt.Sprintf("The %s of the %s, %d", vocabulary[t.ID%len(vocabulary)], vocabulary[t.ID/7%len(vocabulary)], t.ID)
}

// Quoted gives the post that a post quotes, which stands at an index of its
// thread; false for one that quotes none.
func (PHPBB) Quoted(t *Thread, at int) (Post, bool) {
	if at == 0 || t.Posts[at].ID%4 != 0 {
		return Post{}, false
	}
	return t.Posts[at-1-t.Posts[at].ID/4%min(at, 5)], true
}

// Missing is phpBB's message for an address that leads nowhere.
func (m PHPBB) Missing() string {
	return m.frame("app", "Information", "", `<div class="panel" id="message"><div class="inner"><h2 class="message-title">Information</h2><p>The requested topic does not exist.</p></div></div>`)
}

// Page answers index.php, viewforum.php and viewtopic.php.
func (m PHPBB) Page(f *Forum, uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", false
	}
	q := u.Query()
	start, _ := strconv.Atoi(q.Get("start"))
	switch u.Path {
	case "/", "/index.php":
		return m.index(f), true
	case "/viewforum.php":
		id, _ := strconv.Atoi(q.Get("f"))
		return m.board(f, id-1, start/f.RowsAPage+1)
	case "/viewtopic.php":
		id, _ := strconv.Atoi(q.Get("t"))
		return m.thread(f, id, start/f.PostsAPage+1)
	}
	return "", false
}

func boardName(board int) string { return fmt.Sprintf("On %s", vocabulary[board%len(vocabulary)]) }

// frame is what stands around every page.
func (PHPBB) frame(section, title, crumbs, body string) string {
	return `<!DOCTYPE html>
<html dir="ltr" lang="en-gb">
<head>
<meta charset="utf-8" />
<title>` + html.EscapeString(title) + ` - The Simulated Room</title>
<!--
	phpBB style name: prosilver
	Based on style:   prosilver (this is the default phpBB3 style)
-->
<link href="./styles/prosilver/theme/stylesheet.css?assets_version=7" rel="stylesheet">
</head>
<body id="phpbb" class="nojs notouch section-` + section + ` ltr ">
<div id="wrap" class="wrap">
	<div id="page-header">
		<div class="navbar" role="navigation">
	<ul id="nav-breadcrumbs" class="nav-breadcrumbs linklist navlinks" role="menubar">
		<li class="breadcrumbs" itemscope itemtype="https://schema.org/BreadcrumbList">
			<span class="crumb" itemtype="https://schema.org/ListItem" itemprop="itemListElement" itemscope><a itemprop="item" href="./index.php" accesskey="h" data-navbar-reference="index"><span itemprop="name">Board index</span></a><meta itemprop="position" content="1" /></span>` + crumbs + `
		</li>
		<li class="rightside"><a href="./ucp.php?mode=login">Login</a></li>
	</ul>
		</div>
	</div>
	<div id="page-body" class="page-body" role="main">
` + body + `
	</div>
<div id="page-footer" class="page-footer" role="contentinfo">
	<ul id="nav-footer" class="nav-footer linklist" role="menubar">
		<li class="rightside">All times are <span title="UTC">UTC</span></li>
	</ul>
	<div class="copyright"><p class="footer-row"><span class="footer-copyright">Powered by <a href="https://www.phpbb.com/">phpBB</a>&reg; Forum Software &copy; phpBB Limited</span></p></div>
</div>
</div>
</body>
</html>
`
}

func (PHPBB) crumb(board int) string {
	return fmt.Sprintf(`
			<span class="crumb" itemtype="https://schema.org/ListItem" itemprop="itemListElement" itemscope data-forum-id="%d"><a itemprop="item" href="./viewforum.php?f=%[1]d"><span itemprop="name">%s</span></a><meta itemprop="position" content="2" /></span>`,
		board+1, boardName(board))
}

func shown(at time.Time) string { return at.UTC().Format("Mon Jan 02, 2006 3:04 pm") }

func timeTag(at time.Time) string {
	return fmt.Sprintf(`<time datetime="%s">%s</time>`, at.UTC().Format("2006-01-02T15:04:05-07:00"), shown(at))
}

func (m PHPBB) userLink(post int) string {
	id, name := m.Author(post)
	return fmt.Sprintf(`<a href="./memberlist.php?mode=viewprofile&amp;u=%d" class="username">%s</a>`, id, name)
}

func (m PHPBB) index(f *Forum) string {
	var b strings.Builder
	b.WriteString(`<div class="forabg"><div class="inner">
		<ul class="topiclist"><li class="header"><dl class="row-item"><dt><div class="list-inner"><a href="./viewforum.php?f=100000">Everything</a></div></dt><dd class="topics">Topics</dd><dd class="posts">Posts</dd><dd class="lastpost"><span>Last post</span></dd></dl></li></ul>
		<ul class="topiclist forums">`)
	for i, threads := range f.Boards {
		posts := 0
		for _, t := range threads {
			posts += len(t.Posts)
		}
		fmt.Fprintf(&b, `
			<li class="row">
				<dl class="row-item forum_read">
					<dt title="No unread posts"><div class="list-inner"><a href="./viewforum.php?f=%d" class="forumtitle">%s</a><br />All that is said of it.<div class="responsive-show" style="display: none;">Topics: <strong>%d</strong></div></div></dt>
					<dd class="topics">%[3]d <dfn>Topics</dfn></dd>
					<dd class="posts">%d <dfn>Posts</dfn></dd>
					<dd class="lastpost">%s</dd>
				</dl>
			</li>`, i+1, boardName(i), len(threads), posts, m.lastOf(threads))
	}
	b.WriteString("\n\t\t</ul>\n\t</div></div>")
	return m.frame("index", "Index page", "", b.String())
}

func (m PHPBB) lastOf(threads []*Thread) string {
	if len(threads) == 0 {
		return `<span>No posts</span>`
	}
	t := threads[len(threads)-1]
	p := t.Posts[len(t.Posts)-1]
	return fmt.Sprintf(`<span><dfn>Last post</dfn> <a href="./viewtopic.php?p=%d#p%[1]d" title="%s" class="lastsubject">%[2]s</a> <br />by %s <a href="./viewtopic.php?p=%[1]d#p%[1]d" title="View the latest post"><span class="sr-only">View the latest post</span></a><br />%s</span>`,
		p.ID, m.Title(t), m.userLink(p.ID), timeTag(p.At))
}

// pagination is the bar of page numbers of what takes so many pages.
func pagination(total string, address string, page, pages, size int) string {
	if pages <= 1 {
		return fmt.Sprintf("<div class=\"pagination\">\n\t\t%s &bull; Page <strong>1</strong> of <strong>1</strong>\n\t</div>", total)
	}
	link := func(n int) string {
		if n == 1 {
			return address
		}
		return fmt.Sprintf("%s&amp;start=%d", address, (n-1)*size)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<div class=\"pagination\">\n\t\t%s\n\t\t<ul>", total)
	if page > 1 {
		fmt.Fprintf(&b, `<li class="arrow previous"><a class="button button-icon-only" href="%s" rel="prev" role="button"><span class="sr-only">Previous</span></a></li>`, link(page-1))
	}
	before := 0
	for n := 1; n <= pages; n++ {
		if n > 1 && n < pages && (n < page-2 || n > page+2) {
			continue
		}
		if n > before+1 {
			b.WriteString(`<li class="ellipsis" role="separator"><span>…</span></li>`)
		}
		before = n
		if n == page {
			fmt.Fprintf(&b, `<li class="active"><span>%d</span></li>`, n)
			continue
		}
		fmt.Fprintf(&b, `<li><a class="button" href="%s" role="button">%d</a></li>`, link(n), n)
	}
	if page < pages {
		fmt.Fprintf(&b, `<li class="arrow next"><a class="button button-icon-only" href="%s" rel="next" role="button"><span class="sr-only">Next</span></a></li>`, link(page+1))
	}
	b.WriteString("</ul>\n\t</div>")
	return b.String()
}
