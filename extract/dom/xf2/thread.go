package xf2

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTag         = dom.Sel(".js-tagList a.tagItem, .p-description a.tagItem, .tagList a.tagItem")
	selLocked      = dom.Sel("dd.blockStatus-message--locked, dl.blockStatus .blockStatus-message--locked") // a suggestion that is closed to votes says so in a div
	selPostings    = dom.Sel(".block--messages, .js-replyNewMessageContainer")
	selPoll        = dom.Sel("form[data-xf-init~='poll-block'], form[class*='js-pollContainer-']")
	selPollOther   = dom.Sel("form:has(.pollResult)")
	selQuestion    = dom.Sel(".block-header, .block-minorHeader")
	selPollResult  = dom.Sel(".pollResult")
	selPollText    = dom.Sel(".pollResult-response")
	selPollVotes   = dom.Sel(".pollResult-votes")
	selPollPercent = dom.Sel(".pollResult-percentage")
	selChoice      = dom.Sel("input[name='responses[]']")
	selChoiceText  = dom.Sel(".iconic-label, .inputChoices-label")
	selPollVoters  = dom.Sel(".block-row--minor dl.pairs dd")
	selPollCloses  = dom.Sel(".block-row--minor time")
	selMuted       = dom.Sel(".u-muted, button, .button")
)

// ThreadID is the thread's id: html[data-content-key], else the canonical link
// and the address.
func (r *Reader) ThreadID() string {
	root := r.Doc.FirstOf(selHTML)
	candidates := []string{
		dom.IDAfter(root.AttrOr("data-content-key", ""), "thread-"),
		xfurl.ThreadID(r.Doc.Canonical()), xfurl.ThreadID(r.Doc.URL.String()), xfurl.ThreadID(r.Doc.Meta("og:url")),
		dom.IDAfter(r.Doc.FirstOf(selLightbox).AttrOr("data-lb-id", ""), "thread-"),
	}
	for _, id := range candidates {
		if id != "" {
			return id
		}
	}
	return ""
}

var (
	selLightbox  = dom.Sel("[data-lb-id^='thread-']")
	rePageSuffix = regexp.MustCompile(`page-\d+/?$`)
)

// ThreadURL is the address of the thread's first page, or "".
func (r *Reader) ThreadURL() string {
	for _, href := range []string{r.Doc.Canonical(), r.Doc.URL.String()} {
		if l, ok := canonical(href); ok && l.Kind == forum.KindThread {
			return rePageSuffix.ReplaceAllString(l.URL, "")
		}
	}
	if href := r.Doc.Canonical(); href != "" && !strings.Contains(href, "?") {
		return rePageSuffix.ReplaceAllString(href, "")
	}
	return ""
}

func canonical(href string) (forum.Link, bool) {
	u := parse(href)
	if u == nil {
		return forum.Link{}, false
	}
	return xfurl.Canonical(u)
}

// ThreadState reads tags, the lock's notice, the poll and the type that the
// template is named after.
func (r *Reader) ThreadState(t *forum.Thread) {
	r.Doc.FindMatcher(selTag).Each(func(_ int, s *goquery.Selection) {
		if tag := dom.Text(s); tag != "" {
			t.Tags = append(t.Tags, tag)
		}
	})
	locked := r.Doc.Has(selLocked)
	if locked || r.Doc.Has(selPostings) {
		t.IsLocked = new(locked) // the engine always shows the notice of a locked thread
	}
	t.Type = "discussion"
	if name, ok := strings.CutPrefix(r.Template(), "thread_view_type_"); ok {
		t.Type = name
	}
	if t.Poll = r.Poll(); t.Poll != nil {
		t.Type = "poll"
	}
}

// Counters fills views, replies and what the heading left out from the page's
// structured data, whose numbers are exact.
func (r *Reader) Counters(t *forum.Thread) {
	p := r.Posting()
	if p == nil {
		return
	}
	if t.ReplyCount == nil {
		t.ReplyCount = p.Replies
	}
	if t.ViewCount == nil {
		t.ViewCount = p.Views
	}
	if t.Title == "" {
		t.Title = p.Headline
	}
	if t.Author == nil && p.Author != "" {
		t.Author = &forum.Author{Name: p.Author, ID: xfurl.MemberID(p.AuthorURL), URL: p.AuthorURL}
		t.Author.IsGuest = t.Author.ID == ""
	}
	if t.Started.IsZero() {
		t.Started = r.Clock.Machine(p.Published, p.Published)
	}
}

// Poll reads a poll: with its results where a guest may see them, else its
// choices. Nil when there is none.
func (r *Reader) Poll() *forum.Poll {
	box := r.Doc.FirstOf(selPoll, selPollOther)
	if box.Length() == 0 {
		return nil
	}
	p := &forum.Poll{Question: dom.TextWithout(dom.First(box, selQuestion), selMuted)}
	box.FindMatcher(selPollResult).Each(func(_ int, s *goquery.Selection) {
		p.Options = append(p.Options, forum.PollOption{
			Text:    dom.Text(dom.First(s, selPollText)),
			Votes:   dom.Count(dom.TextWithout(dom.First(s, selPollVotes), selMuted)),
			Percent: dom.Percent(dom.Text(dom.First(s, selPollPercent))),
		})
	})
	if len(p.Options) == 0 {
		box.FindMatcher(selChoice).Each(func(_ int, s *goquery.Selection) {
			if text := dom.Text(dom.First(s.Parent(), selChoiceText)); text != "" {
				p.Options = append(p.Options, forum.PollOption{Text: text})
			}
		})
	}
	p.Voters = dom.Count(dom.Text(dom.First(box, selPollVoters)))
	r.pollCloses(p, box)
	if p.Question == "" && len(p.Options) == 0 {
		return nil
	}
	return p
}

// pollCloses reads when a poll closes or closed: the capture's time tells which.
func (r *Reader) pollCloses(p *forum.Poll, box *goquery.Selection) {
	t := dom.First(box, selPollCloses)
	if t.Length() == 0 {
		return
	}
	dom.ClosePoll(p, r.Clock.Element(t), r.Clock.Now())
}
