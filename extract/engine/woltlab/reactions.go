package woltlab

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selReaction = dom.Sel("woltlab-core-reaction-summary[data]")
	selReactOld = dom.Sel(".reactionSummaryList .reactCountButton[data-reaction-type-id], .reactionSummaryList [data-reaction-type-id]")
	selReactImg = dom.Sel("img[alt]")
	selLikes    = dom.Sel(".likeSummaryContent, .likesWidget .likesBadge, .jsLikeButton + .likesCount")
	selScript   = dom.Sel("script:not([src])")
)

// tally counts reactions by kind.
type tally struct{ *forum.Reactions }

func (t tally) add(kind string, n int64) {
	if kind == "" || n <= 0 || t.ByType[kind] > 0 {
		return
	}
	t.ByType[kind] = n
	t.Types = append(t.Types, kind)
	t.Total += n
}

// reactions reads the summary below a post: pairs of the kind's number and its
// count, in older versions a button for each kind.
func (r *reader) reactions(s *goquery.Selection) *forum.Reactions {
	out := tally{&forum.Reactions{ByType: map[string]int64{}}}
	if data, err := dom.ParseJSON(dom.First(s, selReaction).AttrOr("data", "")); err == nil {
		for _, pair := range data.List() {
			if v := pair.List(); len(v) == 2 && v[1].Number() != nil {
				out.add(r.reactionKind(v[0].Text(), ""), *v[1].Number())
			}
		}
	}
	if out.Total == 0 {
		s.FindMatcher(selReactOld).Each(func(_ int, e *goquery.Selection) {
			if n := dom.Count(dom.Text(e)); n != nil {
				out.add(r.reactionKind(e.AttrOr("data-reaction-type-id", ""), dom.First(e, selReactImg).AttrOr("alt", "")), *n)
			}
		})
	}
	if n := dom.Count(dom.Text(dom.First(s, selLikes))); n != nil && out.Total == 0 {
		out.add("like", *n)
	}
	if out.Total == 0 {
		return nil
	}
	if n, ok := out.ByType["like"]; ok {
		out.Like = &n
	}
	return out.Reactions
}

// reactionKind names one of the forum's reactions: by its title where the page
// tells it, else by its number. The first kind of every installation is "like".
func (r *reader) reactionKind(id, title string) string {
	switch id {
	case "":
		return ""
	case "1":
		return "like"
	}
	if title == "" {
		title = r.reactionTypes().At(id, "title").Text()
	}
	if kind := dom.Slug(title); kind != "" {
		return kind
	}
	return "reaction_" + id
}

// typesVariable is what the page's head hands the titles of its reactions over
// in (headIncludeJavaScript.tpl).
const typesVariable = "REACTION_TYPES = "

func (r *reader) reactionTypes() dom.JSON {
	if r.types != nil {
		return *r.types
	}
	r.types = &dom.JSON{}
	for _, s := range r.doc.FindMatcher(selScript).EachIter() {
		_, rest, ok := strings.Cut(s.Text(), typesVariable)
		if !ok {
			continue
		}
		if j, err := dom.ParseJSON(rest); err == nil {
			r.types = &j
			break
		}
	}
	return *r.types
}
