package gnuboard

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selTitle    = dom.Sel("#bo_v_title")
	selTitleOwn = dom.Sel(".bo_v_tit")
	selCategory = dom.Sel("#bo_v_title .bo_v_cate, .bo_v_cate")
	selInfo     = dom.Sel("#bo_v_info, #bo_v .bo_v_info")
	selMember   = dom.Sel(".sv_member, .sv_guest, .member, .guest")
	selMenu     = dom.Sel(".sv, noscript, .sound_only, img")
	selPicture  = dom.Sel(".pf_img img, .sv_member .profile_img img")
	selSign     = dom.Sel("#bo_v_atc > p")
	selFile     = dom.Sel("#bo_v_file li")
	selFileLink = dom.Sel("a.view_file_download[href], a[href*='download.php']")
	selFileName = dom.Sel("strong")
	selOldFile  = dom.Sel("a[href^='javascript:file_download('], img[src*='icon_file'] + a")
	selPictures = dom.Sel("#bo_v_img img")
	selUp       = dom.Sel("#good_button strong, .bo_v_good strong")
	selDown     = dom.Sel("#nogood_button strong, .bo_v_nogood strong")
	selHead     = dom.Sel("title")
	selBoardTop = dom.Sel("#bo_v_table, #container_title")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "article", ID: r.here.ident()}
	r.page.Thread = t
	if r.here.id == "" {
		t.ID = ""
		r.gaps.Add("thread.id", "the address names no article")
	} else if r.page.Root != "" {
		t.URL = r.articleURL()
	}
	r.title(t)
	r.page.Path = r.path()
	head := r.headText()
	t.ViewCount, t.ReplyCount = after(reViews, head), after(reComments, head)
	r.article(head)
	r.comments()
	dom.FillPositions(r.page, 0, &r.gaps)
	r.page.Learned.PostsPerPage = 0
	dom.StartFromFirst(r.page, &r.gaps)
}

func (r *reader) articleURL() string {
	return r.here.address(r.doc.URL.Scheme + "://" + r.doc.URL.Host)
}

// title reads the heading; skins of Gnuboard 4 have none that could be told, and
// end the page's title with it.
func (r *reader) title(t *forum.Thread) {
	heading := r.doc.FirstOf(selTitle)
	if t.Title = dom.Text(dom.First(heading, selTitleOwn)); t.Title == "" {
		t.Title = dom.TextWithout(heading, selCategory)
	}
	if t.Title == "" {
		parts := strings.Split(dom.Text(r.doc.FirstOf(selHead)), " > ")
		t.Title = strings.TrimSpace(parts[len(parts)-1])
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	if word := dom.Text(r.doc.FirstOf(selCategory)); word != "" {
		t.Prefix = []string{word}
	}
}

// path is the board, whose name stands behind the article's in the page's title
// or in the heading over it.
func (r *reader) path() []forum.Crumb {
	name := dom.Text(r.doc.FirstOf(selBoardTop))
	if _, rest, ok := strings.Cut(dom.Text(r.doc.FirstOf(selHead)), " > "); ok && r.doc.Has(selTitle) {
		name, _, _ = strings.Cut(rest, " | ")
	}
	if name == "" || r.here.board == "" {
		r.gaps.Add("path", "no heading names the board")
		return nil
	}
	c := forum.Crumb{Name: strings.TrimSpace(name), ID: r.here.board}
	if r.page.Root != "" {
		board := r.here
		board.kind, board.page = forum.KindBoard, 1
		c.URL = board.address(r.doc.URL.Scheme + "://" + r.doc.URL.Host)
	}
	return []forum.Crumb{c}
}

var (
	reViews    = regexp.MustCompile(`조회(?:수)?\s*:?\s*([\d,]+)`)
	reComments = regexp.MustCompile(`댓글\s*:?\s*([\d,]+)`)
	reThisYear = regexp.MustCompile(`^\d\d-\d\d$`)
	reDate     = regexp.MustCompile(`(?:^|\D)((?:20)?\d\d)[-.](\d\d)[-.](\d\d)(?: (\d\d:\d\d(?::\d\d)?))?(?:\D|$)`)
)

func after(re *regexp.Regexp, text string) *int64 {
	m := re.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	return dom.Count(m[1])
}

// headText is what stands over the article's text: in its own element, or,
// where a skin has none, all that comes before the text.
func (r *reader) headText() string {
	if info := r.doc.FirstOf(selInfo); info.Length() > 0 {
		return dom.Text(info)
	}
	box, end := r.articleBox(), r.doc.FirstOf(selArticle, selTalk)
	if box == nil || end.Length() == 0 {
		return ""
	}
	var b strings.Builder
	textUpTo(&b, box, end.Nodes[0])
	return dom.Fold(b.String())
}

// articleBox is the element around title, head and text: the largest without
// comments, or, where a skin does not tell the text, the page's body.
func (r *reader) articleBox() *html.Node {
	n := r.doc.FirstOf(selArticle, selBody).Nodes[0]
	if box := dom.Closest(n, selBox); box != nil {
		return box
	}
	for n.Parent != nil && n.Data != "body" && dom.Find(n.Parent, selTalk) == nil {
		n = n.Parent
	}
	return n
}

var selBody = dom.Sel("body")

var selBox = dom.Sel("#bo_v")

// textUpTo writes the text before a node and tells whether it came to it.
func textUpTo(b *strings.Builder, n, end *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c == end:
			return true
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.Type == html.ElementNode && c.Data != "script" && c.Data != "style" && textUpTo(b, c, end):
			return true
		}
	}
	b.WriteByte(' ')
	return false
}

// article reads the first post.
func (r *reader) article(head string) {
	p := forum.Post{State: forum.PostVisible, Page: 1, ID: r.page.Thread.ID, URL: r.page.Thread.URL, Position: 1, PositionSource: forum.PositionShown}
	if p.ID == "" {
		r.gaps.Add("posts[0].id", "the address names no article")
	}
	if p.Author = r.articleAuthor(); p.Author == nil {
		r.gaps.Add("posts[0].author", "no name over the text")
	}
	if p.Published = r.stamp(head); !p.Published.Known() {
		r.gaps.Add("posts[0].published_at", "no readable time over the text")
	}
	if text := r.doc.FirstOf(selArticle); text.Length() > 0 {
		r.doc.ReadBody(toolless, text.Nodes[0]).Into(&p)
	} else {
		r.gaps.Add("posts[0].body", "no element that holds the article's text")
	}
	if text := dom.Text(r.doc.FirstOf(selSign)); text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
	p.Votes = r.votes()
	r.files(&p)
	r.page.Posts = append(r.page.Posts, p)
}

// articleAuthor is the name in the article's head, or the first on the page that
// is no comment's.
func (r *reader) articleAuthor() *forum.Author {
	if a := r.author(r.doc.FirstOf(selInfo)); a != nil {
		return a
	}
	box := r.articleBox()
	name := dom.Find(box, selMember)
	if name == nil || dom.Closest(name, selTalk) != nil {
		return nil
	}
	return r.author(goquery.NewDocumentFromNode(box).Selection)
}

func (r *reader) votes() *forum.Votes {
	up, down := dom.Count(dom.Text(r.doc.FirstOf(selUp))), dom.Count(dom.Text(r.doc.FirstOf(selDown)))
	if up == nil && down == nil {
		return nil
	}
	v := &forum.Votes{Up: up, Down: down}
	if up != nil && down != nil {
		v.Score = new(*up - *down)
	}
	return v
}

// stamp reads "26-02-03 18:00": the year is in front, with two digits or four; lists
// leave out the one that they are in.
func (r *reader) stamp(text string) forum.Stamp {
	m := reDate.FindStringSubmatch(text)
	if m == nil {
		if text = strings.TrimSpace(text); reThisYear.MatchString(text) {
			return r.clock.Text(text)
		}
		return forum.Stamp{}
	}
	year := m[1]
	if len(year) == 2 {
		year = "20" + year
	}
	st := r.clock.Text(strings.TrimSpace(year + "-" + m[2] + "-" + m[3] + " " + m[4]))
	if st.Known() {
		st.Raw = strings.TrimSpace(strings.Trim(m[0], "():|·,"))
	}
	return st
}

// author reads the name that opens the menu of an account, or a guest's.
func (r *reader) author(places ...*goquery.Selection) *forum.Author {
	for _, s := range places {
		link := dom.First(s, selMember)
		name := dom.TextWithout(link, selMenu)
		if name == "" {
			continue
		}
		a := &forum.Author{Name: name, ID: account(link)}
		a.IsGuest = a.ID == "" && link.IsMatcher(selGuest)
		if a.ID != "" && r.page.Root != "" {
			a.URL = r.page.Root + "bbs/profile.php?mb_id=" + a.ID
		}
		pic := dom.First(s, selPicture)
		if src := r.doc.Resolve(pic.AttrOr("src", "")); src != "" && !strings.Contains(src, "no_profile") {
			a.AvatarURL = src
		}
		return a
	}
	return nil
}

var (
	selGuest = dom.Sel(".sv_guest, .guest")
	reOpens  = regexp.MustCompile(`showSideView\(this,\s*'([^']+)'`)
)

// account is the account's name in addresses, from the link or from the script
// that opens its menu.
func account(link *goquery.Selection) string {
	if id := dom.Param(link.AttrOr("href", ""), "mb_id"); id != "" {
		return id
	}
	if m := reOpens.FindStringSubmatch(link.AttrOr("onclick", "") + link.Parent().AttrOr("onclick", "")); m != nil {
		return m[1]
	}
	return ""
}

// files reads the list of files, and pictures that stand over the text.
func (r *reader) files(p *forum.Post) {
	r.doc.FindMatcher(selFile).Each(func(_ int, li *goquery.Selection) {
		link := dom.First(li, selFileLink)
		name := dom.Text(dom.First(link, selFileName))
		if link.Length() == 0 || name == "" {
			return
		}
		a := dom.File("", name, r.doc.Resolve(link.AttrOr("href", "")))
		a.SizeBytes = size(dom.TextWithout(link, selFileName))
		a.ViewCount = after(reDownloads, dom.TextWithout(li, selFileLink))
		dom.AddFile(p, a)
	})
	r.doc.FindMatcher(selOldFile).Each(func(_ int, link *goquery.Selection) {
		m := reOldFile.FindStringSubmatch(dom.Text(link))
		if m == nil {
			return
		}
		a := dom.File("", m[1], "")
		if q := reOldLink.FindStringSubmatch(link.AttrOr("href", "")); q != nil {
			a = dom.File("", m[1], r.doc.Resolve(q[1]))
		}
		a.SizeBytes, a.ViewCount = size(m[2]), dom.Count(m[3]+m[4])
		dom.AddFile(p, a)
	})
	r.doc.FindMatcher(selPictures).Each(func(_ int, img *goquery.Selection) {
		if src := r.doc.Resolve(img.AttrOr("src", "")); src != "" {
			p.Media = append(p.Media, forum.Media{URL: src, Kind: "image"})
		}
	})
	dom.CountContent(p)
}

var (
	reDownloads = regexp.MustCompile(`([\d,]+)회 다운로드`)
	reOldFile   = regexp.MustCompile(`^(.+?) \(([\d.]+\s*[KMG]?B?)\)(?: \[([\d,]+)\]|, Down : ([\d,]+))?`)
	reOldLink   = regexp.MustCompile(`file_download\('([^']+)'`)
	reSize      = regexp.MustCompile(`([\d.]+)\s*([KMG])B?\b`)
)

// size reads "24.5K".
func size(text string) *int64 {
	if m := reSize.FindStringSubmatch(text); m != nil {
		return dom.Size(m[1] + " " + m[2] + "B")
	}
	return dom.Size(text)
}
