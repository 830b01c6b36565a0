package pttweb

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selMetaLine = dom.Sel(".article-metaline, .article-metaline-right")
	selMetaTag  = dom.Sel(".article-meta-tag")
	selMetaText = dom.Sel(".article-meta-value")
	selPushed   = dom.Sel(".push-userid, .push-content")
	selPushTag  = dom.Sel(".push-tag")
	selPushUser = dom.Sel(".push-userid")
	selPushText = dom.Sel(".push-content")
	selPushTime = dom.Sel(".push-ipdatetime")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "article", ID: r.here.ident()}
	r.page.Thread = t
	if r.here.kind != forum.KindThread {
		t.ID = ""
		r.gaps.Add("thread.id", "the address names no article")
	} else if r.page.Root != "" {
		t.URL = r.here.address(r.site())
	}
	head := r.head()
	if t.Title = head["標題"]; t.Title == "" {
		t.Title = dom.Fold(r.doc.Meta("og:title"))
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no line of the head has the title")
	}
	if r.page.Path = r.path(r.here.board); r.page.Path == nil {
		r.page.Path = r.path(head["看板"])
	}
	r.article(head)
	r.pushes()
	dom.FillPositions(r.page, 0, &r.gaps)
	r.page.Learned.PostsPerPage = 0
	dom.StartFromFirst(r.page, &r.gaps)
}

// head are the lines over an article: its author, board, title and time.
func (r *reader) head() map[string]string {
	out := map[string]string{}
	r.doc.FindMatcher(selMetaLine).Each(func(_ int, s *goquery.Selection) {
		tag, value := dom.Text(dom.First(s, selMetaTag)), dom.Text(dom.First(s, selMetaText))
		switch tag {
		case "站內":
			tag = "看板"
		case "發信人", "發訊人":
			tag = "作者"
		case "日期":
			tag = "時間"
		}
		if out[tag] == "" {
			out[tag] = value
		}
	})
	return out
}

func (r *reader) article(head map[string]string) {
	p := forum.Post{State: forum.PostVisible, Page: 1, ID: r.page.Thread.ID, URL: r.page.Thread.URL, Position: 1, PositionSource: forum.PositionShown}
	if p.ID == "" {
		r.gaps.Add("posts[0].id", "the address names no article")
	}
	if p.Author = account(head["作者"]); p.Author == nil {
		r.gaps.Add("posts[0].author", "no line of the head has the author")
	}
	if shown := head["時間"]; shown != "" {
		r.clock.Calibrate(r.here.written(), shown)
		p.Published = r.clock.Text(shown)
	}
	if !p.Published.Known() {
		p.Published = r.written(r.here, "")
	}
	if !p.Published.Known() {
		r.gaps.Add("posts[0].published_at", "neither head nor address has a readable time")
	}
	r.words(&p)
	p.Votes = r.votes()
	r.page.Posts = append(r.page.Posts, p)
}

// reAccount reads "kilnboy (窯邊的人)": an account, and the name that it goes by.
var reAccount = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{1,11})(?:\.bbs@\S+)?(?:\s*\((.*)\))?$`)

func account(text string) *forum.Author {
	if text == "" {
		return nil
	}
	m := reAccount.FindStringSubmatch(text)
	if m == nil {
		return &forum.Author{Name: text}
	}
	a := &forum.Author{Name: m[1], ID: m[1]}
	if m[2] != "" {
		a.Fields = map[string]string{"nickname": m[2]}
	}
	return a
}

// votes are the marks of the pushes: 推 speaks for an article, 噓 against it.
func (r *reader) votes() *forum.Votes {
	var up, down, all int64
	for _, s := range r.lines() {
		all++
		switch dom.Text(dom.First(s, selPushTag)) {
		case "推":
			up++
		case "噓":
			down++
		}
	}
	if all == 0 {
		return nil
	}
	return &forum.Votes{Up: &up, Down: &down, Score: new(up - down)}
}

// pushes reads the lines below the article. They have no numbers: their ids count
// them.
func (r *reader) pushes() {
	last := r.page.Posts[0].Published.At.In(r.zone())
	for i, s := range r.lines() {
		gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i+1, field), reason) }
		p := forum.Post{State: forum.PostVisible, Page: 1, Position: int64(i) + 2, PositionSource: forum.PositionShown}
		if id := r.page.Thread.ID; id != "" {
			p.ID, p.ParentID = id+"-"+strconv.Itoa(i+1), id
		} else {
			gap("id", "the address names no article")
		}
		if p.Author = account(dom.Text(dom.First(s, selPushUser))); p.Author == nil {
			gap("author", "the line names nobody")
		}
		if p.Published, last = r.pushTime(dom.Text(dom.First(s, selPushTime)), last); !p.Published.Known() {
			gap("published_at", "no readable time in the line")
		}
		r.pushText(s, &p, gap)
		r.page.Posts = append(r.page.Posts, p)
	}
}

// lines are the elements around a reader's name and words; a note on a file that is
// too large has the class of one.
func (r *reader) lines() []*goquery.Selection {
	var out []*goquery.Selection
	var last *html.Node
	for _, n := range r.doc.FindMatcher(selPushed).Nodes {
		if box := n.Parent; box != last && box != nil {
			last = box
			out = append(out, goquery.NewDocumentFromNode(box).Selection)
		}
	}
	return out
}

func (r *reader) pushText(s *goquery.Selection, p *forum.Post, gap func(field, reason string)) {
	text := dom.First(s, selPushText)
	if text.Length() == 0 {
		gap("body", "no element that holds the line's words")
		return
	}
	n := dom.Clone(text.Nodes[0])
	if c := n.FirstChild; c != nil {
		c.Data = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(c.Data, " \n"), ":"), " ")
	}
	r.doc.ReadBody(plain, n).Into(p)
}

var rePushTime = regexp.MustCompile(`(\d\d)/(\d\d)(?: (\d\d:\d\d))?\s*$`)

// pushTime reads "203.0.113.9 09/20 21:55": lines stand in the order of time, which
// tells the year.
func (r *reader) pushTime(raw string, last time.Time) (forum.Stamp, time.Time) {
	m := rePushTime.FindStringSubmatch(raw)
	if m == nil {
		return forum.Stamp{}, last
	}
	if last.Year() < 1990 {
		return r.clock.Text(strings.TrimSpace(m[0])), last
	}
	for year := last.Year(); year < last.Year()+2; year++ {
		st := r.clock.Text(strings.TrimSpace(strconv.Itoa(year) + "-" + m[1] + "-" + m[2] + " " + m[3]))
		if st.Known() && !st.At.Before(last.Add(-25*time.Hour)) && !r.future(st.At) {
			st.Raw = strings.TrimSpace(m[0])
			return st, st.At.In(last.Location())
		}
	}
	return forum.Stamp{}, last
}

func (r *reader) future(at time.Time) bool {
	return !r.clock.Now().IsZero() && at.After(r.clock.Now().Add(25*time.Hour))
}

func (r *reader) zone() *time.Location {
	if loc, ok := dom.ParseZone(r.clock.Learned().Zone); ok {
		return loc
	}
	return time.UTC
}
