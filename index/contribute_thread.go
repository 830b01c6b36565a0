package index

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"forumine/extract/forum"
)

// excerptLen bounds a thread's excerpt, in characters.
const excerptLen = 300

func (c *cutter) threadKey() string {
	t := c.page.Thread
	if t == nil {
		return ""
	}
	return threadKey(c.site, t.ID, cmp.Or(t.URL, c.prov.PageKey))
}

// cutThread takes the thread of a thread's or a post's page.
func (c *cutter) cutThread() {
	t := c.page.Thread
	if t == nil || (c.page.Kind != forum.KindThread && c.page.Kind != forum.KindPost) {
		return
	}
	from := sourcePage
	doc := c.threadDoc(t)
	if opening := c.opening(); c.isFirstPage(opening) {
		from = sourceFirst
		c.putOpening(&doc, opening)
	}
	if c.isLastPage() {
		c.putNewest(&doc)
	}
	c.addAuthor(t.LastAuthor, sourceCell)
	c.add(forum.DocThread, doc.Thread.Key, forum.RankPage, body[ThreadDoc]{Source: from, Doc: doc})
}

// threadDoc is what every page of a thread says of it.
func (c *cutter) threadDoc(t *forum.Thread) ThreadDoc {
	doc := ThreadDoc{Common: c.shared("thread."), RedirectTo: t.RedirectTo}
	doc.Thread = ThreadInfo{
		ThreadRef: ThreadRef{
			ID: t.ID, Key: c.threadKey(), URL: t.URL, Title: strings.TrimSpace(t.Title),
			Prefix: texts(t.Prefix), Tags: texts(t.Tags), Type: t.Type,
		},
		IsLocked: t.IsLocked, IsSticky: t.IsSticky, IsSolved: t.IsSolved,
		ReplyCount: t.ReplyCount, ViewCount: t.ViewCount, ParticipantCount: t.ParticipantCount,
		CountsRounded: t.CountsRounded, PageCount: small(t.PageCount),
	}
	doc.Thread.LastPostTime = c.lastPost(t.LastPost, t.LastPostID, t.LastAuthor)
	if t.Rating != nil {
		doc.Rating = Rating{Avg: finite(t.Rating.Avg), Count: t.Rating.Count}
	}
	doc.SolutionPostKey = c.page.PostKey(c.site, t.SolutionPostID)
	for i := range c.page.Posts {
		if doc.SolutionPostKey == "" && c.page.Posts[i].IsSolution {
			doc.SolutionPostKey = c.postKey(i)
		}
	}
	return doc
}

// opening is the index of the post that opens the thread, or -1.
func (c *cutter) opening() int {
	for i := range c.page.Posts {
		if c.page.Posts[i].IsFirst {
			return i
		}
	}
	return -1
}

func (c *cutter) isFirstPage(opening int) bool {
	t := c.page.Thread
	return c.page.Kind == forum.KindThread && (t.Page == 1 || t.Page == 0 && opening >= 0)
}

// putOpening adds what only the first page is believed: starter, start and poll.
// Where the page names no starter, the author of the opening post is the one.
func (c *cutter) putOpening(doc *ThreadDoc, opening int) {
	t := c.page.Thread
	starter, started := t.Author, t.Started
	if opening >= 0 {
		p := &c.page.Posts[opening]
		if starter == nil || authorKey(c.site, starter) == authorKey(c.site, p.Author) {
			starter = p.Author // the card says more
		}
		if !started.Known() && !p.Published.IsZero() {
			started = p.Published
		}
		doc.Excerpt = excerpt(p.Body.Text)
	}
	c.addAuthor(t.Author, sourceCell)
	doc.Author = authorRef(c.site, starter)
	doc.Poll = pollOf(t.Poll)
	th := &doc.Thread
	put(started, &th.StartedAt, &th.StartedRaw, &th.StartedPrecision, &th.StartedTZ)
}

func (c *cutter) isLastPage() bool {
	t := c.page.Thread
	if c.page.Kind != forum.KindThread || c.page.Next != "" || t.Page < t.PageCount {
		return false
	}
	for _, w := range c.page.Extract.Warnings {
		if strings.Contains(w, "truncated") {
			return false
		}
	}
	return true
}

// putNewest takes the newest post of the last page, where the page does not name
// it.
func (c *cutter) putNewest(doc *ThreadDoc) {
	last := &doc.Thread.LastPostTime
	i := c.newest()
	if last.LastPostKey != "" || i < 0 {
		return
	}
	p := &c.page.Posts[i]
	stamp, author := c.page.Thread.LastPost, c.page.Thread.LastAuthor
	if !stamp.Known() {
		stamp = p.Published
	}
	if author == nil {
		author = p.Author
	}
	*last = c.lastPost(stamp, "", author)
	last.LastPostKey = c.postKey(i)
}

// newest is the index of the visible post written last, or -1. Pages sorted by
// votes do not end with it.
func (c *cutter) newest() int {
	best := -1
	for i := range c.page.Posts {
		p := &c.page.Posts[i]
		if p.State != forum.PostVisible {
			continue
		}
		if best < 0 || !p.Published.Known() || !p.Published.At.Before(c.page.Posts[best].Published.At) {
			best = i
		}
	}
	return best
}

func (c *cutter) lastPost(at forum.Stamp, id string, author *forum.Author) LastPostTime {
	last := LastPostTime{LastPostKey: c.page.PostKey(c.site, id), LastAuthorKey: authorKey(c.site, author)}
	put(at, &last.LastPostAt, &last.LastPostRaw, &last.LastPostPrecision, &last.LastPostTZ)
	return last
}

// cutRows takes the threads of a listing.
func (c *cutter) cutRows() {
	for i := range c.page.Listing {
		r := &c.page.Listing[i]
		c.addAuthor(r.Author, sourceCell)
		c.addAuthor(r.LastAuthor, sourceCell)
		if r.IsMoved && (r.RedirectTo == "" || r.RedirectTo == r.URL) {
			continue // the stub bears the identity of the thread that moved away
		}
		doc := c.rowDoc(i)
		c.add(forum.DocThread, doc.Thread.Key, forum.RankListing, body[ThreadDoc]{Source: sourceListing, Doc: doc})
	}
}

func (c *cutter) rowDoc(i int) ThreadDoc {
	r := &c.page.Listing[i]
	doc := ThreadDoc{Common: c.shared(fmt.Sprintf("listing[%d].", i)), Author: authorRef(c.site, r.Author)}
	th := &doc.Thread
	*th = ThreadInfo{
		ThreadRef: ThreadRef{
			ID: r.ID, Key: threadKey(c.site, r.ID, r.URL), URL: r.URL, Title: strings.TrimSpace(r.Title),
			Prefix: texts(r.Prefix), Tags: texts(r.Tags), Type: r.Type,
		},
		IsLocked: truth(r.IsLocked), IsSticky: truth(r.IsSticky), IsSolved: truth(r.IsSolved),
		ReplyCount: r.ReplyCount, ViewCount: r.ViewCount, CountsRounded: r.CountsRounded,
		PageCount: small(r.PageCount), LastPostTime: c.lastPost(r.LastPost, r.LastPostID, r.LastAuthor),
	}
	put(r.Started, &th.StartedAt, &th.StartedRaw, &th.StartedPrecision, &th.StartedTZ)
	doc.ListingSignature = signature(r)
	if r.Type == "announcement" {
		doc.Forum = BoardRef{} // every board lists it
	}
	if r.IsMoved {
		th.Type, doc.RedirectTo = "redirect", r.RedirectTo
	}
	return doc
}

// signature is what tells an incremental crawl that a thread has changed.
func signature(r *forum.Row) string {
	at := r.LastPost.Raw
	if r.LastPost.Known() {
		at = r.LastPost.At.UTC().Format(time.RFC3339)
	}
	replies := ""
	if r.ReplyCount != nil {
		replies = strconv.FormatInt(*r.ReplyCount, 10)
	}
	var flags strings.Builder
	for _, f := range []struct {
		set  bool
		name string
	}{{r.IsLocked, "l"}, {r.IsMoved, "m"}, {r.IsSolved, "a"}, {r.IsSticky, "s"}} {
		if f.set {
			flags.WriteString(f.name)
		}
	}
	return strings.Join([]string{at, r.LastPostID, replies, flags.String()}, "|")
}

func pollOf(p *forum.Poll) Poll {
	if p == nil {
		return Poll{}
	}
	out := Poll{Question: p.Question, Voters: p.Voters, Closed: p.Closed}
	put(p.Closes, &out.ClosesAt, &out.ClosesRaw, &out.ClosesPrecision, &out.ClosesTZ)
	for _, o := range p.Options {
		out.Options = append(out.Options, o.Text)
		result := PollResult{Text: o.Text, Votes: o.Votes}
		if o.Percent != nil {
			percent := finite(*o.Percent)
			result.Percent = &percent
		}
		out.Results = append(out.Results, result)
	}
	out.Options = texts(out.Options)
	return out
}
