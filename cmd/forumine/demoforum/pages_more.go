package demoforum

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"time"
)

type resultView struct {
	ID       int
	User     userView
	Title    string
	Snippet  string
	At       time.Time
	Board    string
	BoardURL string
}

// resultsPage lists the newest posts, of one member or of all.
func (f *Forum) resultsPage(q request, title string, u *user) reply {
	var rows []resultView
	for _, p := range slices.Backward(f.m.visiblePosts()) {
		if (u == nil || p.user == u) && len(rows) < 20 {
			rows = append(rows, resultView{p.id, viewUser(p.user), p.thread.title, snippet(p, 100), p.at, p.thread.board.title, p.thread.board.path()})
		}
	}
	p := page{Title: title, H1: template.HTML(esc(title)), Class: "search_results", NoIndex: true}
	return f.frame(q, p, http.StatusOK, "results", rows)
}

// newest is every thread that a guest may see, last posted first, without stubs.
func (f *Forum) newest() []*thread {
	var out []*thread
	for _, b := range f.m.boards {
		if b.isCategory() || b.membersOnly {
			continue
		}
		for _, t := range f.m.boardThreads(b) {
			if t.movedTo == 0 {
				out = append(out, t)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y *thread) int { return y.lastAt().Compare(x.lastAt()) })
	return out
}

func (f *Forum) rows(ts []*thread) []rowView {
	var rows []rowView
	for _, t := range ts {
		v := f.viewRow(t)
		v.InBoard = t.board.title
		rows = append(rows, v)
	}
	return rows
}

func (f *Forum) newThreadsPage(q request) reply {
	ts := f.newest()
	p := page{Title: "Recent Posts", H1: "Recent Posts", Class: "find_new_posts", NoIndex: true}
	return f.frame(q, p, http.StatusOK, "threads", f.rows(ts[:min(20, len(ts))]))
}

func (f *Forum) tagPage(q request) reply {
	var ts []*thread
	for _, t := range f.newest() {
		if slices.ContainsFunc(t.tags, func(tag string) bool { return strings.ReplaceAll(tag, " ", "-") == q.at(1) }) {
			ts = append(ts, t)
		}
	}
	if q.at(1) != "" && ts == nil {
		return f.missing(q, "The requested tag could not be found.")
	}
	p := page{Title: "Tags", H1: template.HTML(esc(strings.ReplaceAll(q.at(1), "-", " "))), Class: "tag_view", NoIndex: true}
	return f.frame(q, p, http.StatusOK, "threads", f.rows(ts))
}

func (f *Forum) likersPage(q request, p *post) reply {
	var users []userView
	for _, u := range p.likes {
		users = append(users, viewUser(u))
	}
	pg := page{Title: "Members Who Liked Message", H1: template.HTML(fmt.Sprintf("Members Who Liked Message #%d", p.thread.position(p))), Class: "post_likes", NoIndex: true}
	return f.frame(q, pg, http.StatusOK, "likers", users)
}

type jumpView struct {
	Depth     int
	Name, URL string
}

func (f *Forum) quickNav(q request) reply {
	var rows []jumpView
	for _, b := range f.m.boards {
		depth := 0
		for up := b.parent; up != nil; up = up.parent {
			depth++
		}
		v := jumpView{depth, b.title, b.path()}
		if b.isCategory() {
			v.URL = ".#" + slug(b.title, b.id)
		}
		rows = append(rows, v)
	}
	p := page{Title: "Quick Navigation", H1: "Quick Navigation", Class: "quick_navigation_menu", NoIndex: true}
	return f.frame(q, p, http.StatusOK, "quicknav", rows)
}

// fileRoutes serves what pages point at: pictures of one colour, empty scripts.
func (f *Forum) fileRoutes(q request) reply {
	switch q.at(0) {
	case "css.php":
		return reply{status: http.StatusOK, ctype: "text/css; charset=UTF-8", body: []byte("/* plain on purpose */\n")}
	case "js":
		return reply{status: http.StatusOK, ctype: "application/javascript", body: []byte("/* nothing to run */\n")}
	case "attachments":
		return f.attachment(q)
	}
	return picture(len(q.path), 8, 8)
}

func (f *Forum) attachment(q request) reply {
	for _, p := range f.m.visiblePosts() {
		for _, fl := range p.files {
			if fl.id != idOf(q.at(1)) {
				continue
			}
			if a, moved := canonical(q, fl.path()); moved {
				return a
			}
			if fl.isImage() {
				return picture(fl.id, fl.width/16, fl.height/16)
			}
			return reply{status: http.StatusOK, ctype: "application/octet-stream", body: []byte(fl.name + "\n")}
		}
	}
	return f.missing(q, "The requested attachment could not be found.")
}

// picture is a PNG of one colour, which stands for a photograph.
func picture(seed, width, height int) reply {
	img := image.NewPaletted(image.Rect(0, 0, max(1, width), max(1, height)), color.Palette{color.RGBA{uint8(seed * 37), uint8(seed * 91), 120, 255}})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return failure(err)
	}
	return reply{status: http.StatusOK, ctype: "image/png", body: b.Bytes()}
}

func (f *Forum) robotRoutes(q request) reply {
	if q.at(0) == "robots.txt" {
		var b strings.Builder
		b.WriteString("User-agent: *\n")
		for _, path := range []string{"find-new", "account", "attachments", "goto", "posts", "login", "register", "search", "recent-activity", "online", "admin.php", "misc"} {
			suffix := "/"
			if strings.Contains(path, ".") {
				suffix = ""
			}
			b.WriteString("Disallow: /" + path + suffix + "\n")
		}
		b.WriteString("Allow: /\n\nSitemap: " + q.base + "sitemap.xml\n")
		return reply{status: http.StatusOK, ctype: "text/plain; charset=UTF-8", body: []byte(b.String())}
	}
	return f.sitemap(q)
}

type siteURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

func (f *Forum) sitemap(q request) reply {
	var set struct {
		XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []siteURL `xml:"url"`
	}
	for _, b := range f.m.boards {
		if !b.isCategory() && !b.membersOnly {
			set.URLs = append(set.URLs, siteURL{Loc: q.base + b.path()})
		}
	}
	for _, t := range f.newest() {
		set.URLs = append(set.URLs, siteURL{q.base + t.path(), t.lastAt().Format(time.RFC3339)})
	}
	for _, u := range f.m.users {
		if u.id != 0 {
			set.URLs = append(set.URLs, siteURL{Loc: q.base + u.path()})
		}
	}
	return xmlReply("application/xml; charset=UTF-8", set)
}

func xmlReply(ctype string, v any) reply {
	body, err := xml.MarshalIndent(v, "", " ")
	if err != nil {
		return failure(err)
	}
	return reply{status: http.StatusOK, ctype: ctype, body: append([]byte(xml.Header), body...)}
}

type rssItem struct {
	Title    string `xml:"title"`
	PubDate  string `xml:"pubDate"`
	Link     string `xml:"link"`
	GUID     string `xml:"guid"`
	Author   string `xml:"author"`
	Creator  string `xml:"http://purl.org/dc/elements/1.1/ creator"`
	Content  string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
	Comments int    `xml:"http://purl.org/rss/1.0/modules/slash/ comments"`
}

// feed is the forum's or one board's RSS: threads by their last post, dated by
// it in UTC, with the first post's text.
func (f *Forum) feed(q request, b *board) reply {
	var rss struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Channel struct {
			Title   string    `xml:"title"`
			Desc    string    `xml:"description"`
			PubDate string    `xml:"pubDate"`
			Link    string    `xml:"link"`
			Items   []rssItem `xml:"item"`
		} `xml:"channel"`
	}
	rss.Version = "2.0"
	ch := &rss.Channel
	ch.Title, ch.Desc, ch.Link, ch.PubDate = BoardTitle, "All forums", q.base, f.opts.Now.Format(time.RFC1123Z)
	if b != nil {
		ch.Title, ch.Desc, ch.Link = b.title, b.desc, q.base+b.path()
	}
	for _, t := range f.newest() {
		if b != nil && t.board != b || len(ch.Items) == 20 {
			continue
		}
		link := q.base + t.path()
		ch.Items = append(ch.Items, rssItem{Title: t.title, PubDate: t.lastAt().Format(time.RFC1123Z), Link: link, GUID: link,
			Author: "invalid@example.com (" + t.first().user.name + ")", Creator: t.first().user.name,
			Content: bodyHTML(f.m, q.base, t.first(), t.first().text), Comments: len(t.posts) - 1})
	}
	return xmlReply("application/rss+xml; charset=UTF-8", rss)
}
