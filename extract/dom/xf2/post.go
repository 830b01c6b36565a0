package xf2

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	selLastEdit   = dom.Sel(".message-lastEdit")
	selSignature  = dom.Sel(".message-signature .bbWrapper")
	selSignAside  = dom.Sel(".message-signature")
	selFile       = dom.Sel(".message-attachments .file, .message-attachments .attachment, .attachmentList > .file, .attachmentList > .attachment")
	selFileLink   = dom.Sel("a[href*='attachments/']")
	selFileName   = dom.Sel(".file-name, .attachment-name")
	selFileMeta   = dom.Sel(".file-meta, .attachment-details")
	selFilePicked = dom.Sel(".file-preview, .attachment-icon")
	selReactions  = dom.Sel(".reactionsBar")
	selReactKind  = dom.Sel(".reactionSummary [data-reaction-id] img, .reactionSummary .reaction img")
	selReactLink  = dom.Sel(".reactionsBar-link")
	selReactName  = dom.Sel("bdi")
	selScore      = dom.Sel(".js-voteCount, .contentVote-score")
	selCounter    = dom.Sel("[itemprop='interactionStatistic']")
	selCountKind  = dom.Sel("meta[itemprop='interactionType']")
	selCountValue = dom.Sel("meta[itemprop='userInteractionCount']")
	selOwnField   = dom.Sel(".message-fields dl[data-field]")
	reModerator   = regexp.MustCompile(`(?i)moder|модер|版主|モデ|مشرف`)
)

// Edited reads the note below a body: when, and whether a moderator did it. The
// engine shows neither name nor reason.
func (r *Reader) Edited(p *forum.Post, s *goquery.Selection) {
	note := dom.First(s, selLastEdit)
	if note.Length() == 0 {
		return
	}
	t := dom.First(note, selTime)
	p.Edited = r.Clock.Element(t)
	if p.Edited.IsZero() {
		p.Edited = r.Clock.Text(dom.Text(note))
	}
	if reModerator.MatchString(dom.TextWithout(note, selTime)) {
		p.EditedBy = "moderator"
	}
}

// Signature reads the text below a post.
func (r *Reader) Signature(p *forum.Post, s *goquery.Selection) {
	sig := dom.First(s, selSignature, selSignAside)
	if sig.Length() == 0 {
		return
	}
	if text := r.Text(sig.Nodes[0]); text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
}

// Files reads the list of attached files below a body.
func (r *Reader) Files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selFile).Each(func(_ int, f *goquery.Selection) {
		name := dom.First(f, selFileName)
		shown := dom.Fold(name.AttrOr("title", ""))
		if shown == "" {
			shown = dom.Text(name)
		}
		href := dom.First(f, selFileLink).AttrOr("href", "")
		if img := dom.First(f, selFilePicked).FindMatcher(cssImg); shown == "" && img.Length() > 0 {
			shown = img.AttrOr("alt", "")
		}
		if shown == "" && href == "" {
			return
		}
		a := dom.File(AttachmentID(href), shown, r.Doc.Resolve(href))
		meta := dom.Text(dom.First(f, selFileMeta))
		a.SizeBytes = dom.Size(meta)
		a.ViewCount = afterSize(meta)
		dom.AddFile(p, a)
	})
	dom.CountContent(p)
}

var reViews = regexp.MustCompile(`[:：]\s*(\d[\d.,\s]*)$`)

// afterSize is the counter that ends a file's line "12 KB · Views: 34".
func afterSize(meta string) *int64 {
	if m := reViews.FindStringSubmatch(meta); m != nil {
		return dom.Count(m[1])
	}
	return nil
}

// Reactions reads the bar below a post: the kinds are pictures without counts,
// the line of names ends with "and 3 others".
func (r *Reader) Reactions(s *goquery.Selection) *forum.Reactions {
	bar := dom.First(s, selReactions)
	var names, kinds []string
	link := dom.First(bar, selReactLink)
	link.FindMatcher(selReactName).Each(func(_ int, b *goquery.Selection) { names = append(names, dom.Text(b)) })
	bar.FindMatcher(selReactKind).Each(func(_ int, img *goquery.Selection) {
		if kind := reaction(img.AttrOr("alt", img.AttrOr("title", ""))); kind != "" {
			kinds = append(kinds, kind)
		}
	})
	out := dom.Others(names, dom.OwnText(link))
	if n := LikeCount(s); len(names) == 0 && n > 0 {
		out = forum.Reactions{Total: n}
	}
	if out.Total == 0 {
		return nil
	}
	out.Types = kinds
	if len(kinds) == 1 {
		out.ByType = map[string]int64{kinds[0]: out.Total}
		if like := out.Total; kinds[0] == "like" || kinds[0] == "thanks" {
			out.Like = &like
		}
	}
	return &out
}

// LikeCount is the counter of likes in a post's microdata, or 0.
func LikeCount(s *goquery.Selection) int64 {
	var n int64
	s.FindMatcher(selCounter).EachWithBreak(func(_ int, c *goquery.Selection) bool {
		if strings.HasSuffix(dom.First(c, selCountKind).AttrOr("content", ""), "LikeAction") {
			if v := dom.Count(dom.First(c, selCountValue).AttrOr("content", "")); v != nil {
				n = *v
			}
			return false
		}
		return true
	})
	return n
}

// Votes reads the score beside a post of a question or suggestion.
func (r *Reader) Votes(s *goquery.Selection) *forum.Votes {
	e := dom.First(s, selScore)
	score := dom.Count(e.AttrOr("data-score", "")) // the words are short from a thousand on
	if score == nil {
		score = dom.Count(dom.Text(e))
	}
	if score == nil {
		return nil
	}
	return &forum.Votes{Score: score}
}

// Fields keeps a thread's own fields, which stand around the first body.
func (r *Reader) Fields(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selOwnField).Each(func(_ int, dl *goquery.Selection) {
		key, value := dom.Slug(dl.AttrOr("data-field", "")), dom.Text(dom.First(dl, cssDd))
		if key == "" || value == "" {
			return
		}
		if p.Extra == nil {
			p.Extra = map[string]string{}
		}
		p.Extra[key] = value
	})
}

// Caption is the part of a lightbox's caption "NAME · TIME" behind the name: the
// time of the post in words.
func Caption(s *goquery.Selection) string {
	caption := dom.First(s, selCaption).AttrOr("data-lb-caption-desc", "")
	i := strings.LastIndex(caption, "·")
	if i < 0 {
		return ""
	}
	return dom.Fold(caption[i+len("·"):])
}

var selCaption = dom.Sel("[data-lb-caption-desc]")

// PostID is the id that a post's element names, or "".
func PostID(s *goquery.Selection) string {
	n := s.Nodes[0]
	for _, id := range []string{dom.IDAfter(dom.Attr(n, "data-content"), "post-"), dom.IDAfter(dom.Attr(n, "id"), "js-post-"),
		dom.IDAfter(dom.First(s, selAnchor).AttrOr("id", ""), "post-"), xfurl.PostID(dom.Attr(n, "itemid"))} {
		if id != "" {
			return id
		}
	}
	return ""
}

var selAnchor = dom.Sel(".u-anchorTarget[id^='post-']")

// Positions fills what the page does not show. Page one counts from 1; later
// pages need the site's posts per page, which a page that is not the last
// teaches.
func (r *Reader) Positions(t *forum.Thread) {
	perPage, shown := r.Facts.PostsPerPage, 0
	for _, p := range r.Page.Posts {
		if p.State != forum.PostDeleted {
			shown++
		}
	}
	if t.Page < t.PageCount && shown > 0 {
		perPage = shown
		r.Page.Learned.PostsPerPage = shown
	}
	before, place := dom.NumbersBefore(r.Page.Posts, func(p *forum.Post) bool { return p.State != forum.PostDeleted }), 0
	for i := range r.Page.Posts {
		p := &r.Page.Posts[i]
		if p.State == forum.PostDeleted { // deleted posts take no number
			continue
		}
		place++
		if p.Position > 0 {
			continue
		}
		if before >= 0 {
			p.Position, p.PositionSource = before+int64(place), forum.PositionComputed
			continue
		}
		if t.Page > 1 && perPage == 0 {
			r.Gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
			continue
		}
		p.Position, p.PositionSource = int64((t.Page-1)*perPage+place), forum.PositionComputed
	}
}
