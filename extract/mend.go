package extract

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// A theme that renames one class hides one field of every post from the engine's
// selectors, and leaves the rest. The reading by structure fills such a field
// where it agrees with the engine on which posts the page has.

// field is one that all posts of a page have, or next to all.
type field struct {
	name    string // of the gap below a post, and of the warning
	warning string
	has     func(*forum.Post) bool
	sure    func([]*forum.Post, forum.Facts) bool // whether another reading's values are good enough
	take    func(to, from *forum.Post)
}

// mendable are the fields that the reading by structure may fill.
func mendable() []field {
	return []field{
		{"published_at", "times_by_structure", func(p *forum.Post) bool { return !p.Published.IsZero() }, sureTimes, func(to, from *forum.Post) { to.Published = from.Published }},
		{"body", "bodies_by_structure", hasWords, func([]*forum.Post, forum.Facts) bool { return true }, takeWords},
		{"author", "authors_by_structure", hasAuthor, sureNames, func(to, from *forum.Post) { to.Author = from.Author }},
	}
}

func hasAuthor(p *forum.Post) bool { return p.Author != nil && p.Author.Name != "" }

// sureTimes tells times that are those of posts: with a time of day, which days
// of joining lack, and in the order of the posts, in no order of numbers that is
// but guessed. Days alone have to be many and all in order.
func sureTimes(posts []*forum.Post, f forum.Facts) bool {
	down, coarse, distinct := 0, false, map[int64]bool{}
	var last forum.Stamp
	for _, p := range posts {
		if p == nil || !p.Published.Known() {
			continue
		}
		at := p.Published
		switch at.Precision {
		case forum.PrecisionMinute, forum.PrecisionSecond, forum.PrecisionHour:
		case forum.PrecisionDay:
			coarse = true
		default:
			return false
		}
		if f.DateOrder == "" && reNumeric.MatchString(at.Raw) {
			return false
		}
		if last.Known() && at.At.Before(last.At) {
			down++
		}
		last, distinct[at.At.Unix()] = at, true
	}
	if coarse {
		return down == 0 && len(posts) > 4 && len(distinct) > 2
	}
	return 5*down <= len(posts)
}

// reNumeric is a date of numbers whose order the text does not tell.
var reNumeric = regexp.MustCompile(`(?:^|\D)(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|1[0-2])[-/.]\d`)

// sureNames tells names that are those of accounts: ranks and buttons lead to
// none.
func sureNames(posts []*forum.Post, _ forum.Facts) bool {
	linked := 0
	for _, p := range posts {
		if p != nil && p.Author != nil && (p.Author.URL != "" || p.Author.ID != "") {
			linked++
		}
	}
	return 2*linked >= len(posts)
}

// hasWords tells posts that show anything of their author's: quotes are others',
// and files stand elsewhere.
func hasWords(p *forum.Post) bool {
	return p.Body.Text != "" || len(p.Media) > 0
}

func takeWords(to, from *forum.Post) {
	to.Body, to.Quotes, to.Mentions, to.Links, to.Media = from.Body, from.Quotes, from.Mentions, from.Links, from.Media
	if len(to.Attachments) == 0 {
		to.Attachments = from.Attachments
	}
	dom.CountContent(to)
}

// missing are the fields that no post of a page has. One post proves nothing.
func missing(posts []forum.Post) []field {
	var out []field
	for _, f := range mendable() {
		if len(posts) > 1 && !slices.ContainsFunc(posts, func(p forum.Post) bool { return f.has(&p) }) {
			out = append(out, f)
		}
	}
	return out
}

// remedy is what another reading of the same posts can fill.
type remedy struct {
	with   []*forum.Post // by the page's own posts; nil for one that it does not have
	fields []field
}

// remedyFor finds those of the missing fields that another reading of the same
// posts has in nearly all of them.
func remedyFor(posts []forum.Post, lacks []field, other []forum.Post, facts forum.Facts) remedy {
	r := remedy{with: samePosts(posts, other, lacks)}
	for _, f := range lacks {
		has := 0
		for _, o := range r.with {
			if o != nil && f.has(o) {
				has++
			}
		}
		if has > 0 && 10*has >= 8*len(posts) && f.sure(r.with, facts) {
			r.fields = append(r.fields, f)
		}
	}
	return r
}

func fill(p *forum.Page, f field, with []*forum.Post) {
	for i := range p.Posts {
		if with[i] == nil || !f.has(with[i]) {
			continue
		}
		f.take(&p.Posts[i], with[i])
		closeGap(p, fmt.Sprintf("posts[%d].%s", i, f.name))
	}
	if t := p.Thread; t != nil && f.name == "published_at" && t.Started.IsZero() && p.Posts[0].Position == 1 {
		t.Started = p.Posts[0].Published
		closeGap(p, "thread.started_at")
	}
	if !slices.Contains(p.Extract.Warnings, "selector_fallback") {
		p.Extract.Warnings = append(p.Extract.Warnings, "selector_fallback")
	}
	p.Extract.Warnings = append(p.Extract.Warnings, f.warning)
}

// closeGap takes back that a field is missing, and what belongs to it.
func closeGap(p *forum.Page, path string) {
	p.Gaps = slices.DeleteFunc(p.Gaps, func(g forum.Gap) bool { return g.Path == path || strings.HasPrefix(g.Path, path+".") })
}

// samePosts pairs the posts of two readings: by their ids, else one by one. It
// is nil where the readings are not of the same posts.
func samePosts(own, other []forum.Post, lacks []field) []*forum.Post {
	by := map[string]*forum.Post{}
	for i := range other {
		if id := other[i].ID; id != "" {
			by[id] = &other[i]
		}
	}
	out, paired := make([]*forum.Post, len(own)), 0
	for i := range own {
		if o := by[lastNumber(own[i].ID)]; o != nil {
			out[i] = o
			paired++
		}
	}
	if paired > 0 {
		if 10*paired < 9*len(own) {
			return nil
		}
		return out
	}
	if len(own) != len(other) {
		return nil
	}
	for i := range own {
		if !agree(&own[i], &other[i], lacks) {
			return nil
		}
		out[i] = &other[i]
	}
	return out
}

// lastNumber is the number that an id ends with: engines may name what it counts.
func lastNumber(id string) string {
	i := len(id)
	for i > 0 && id[i-1] >= '0' && id[i-1] <= '9' {
		i--
	}
	if _, err := strconv.Atoi(id[i:]); err != nil {
		return id
	}
	return id[i:]
}

// agree tells two readings of one post: what both have is the same, and that is
// more than nothing.
func agree(a, b *forum.Post, lacks []field) bool {
	same := 0
	for _, f := range mendable() {
		if slices.ContainsFunc(lacks, func(l field) bool { return l.name == f.name }) || !f.has(a) || !f.has(b) {
			continue
		}
		switch f.name {
		case "published_at":
			if !a.Published.At.Equal(b.Published.At) {
				return false
			}
		case "body":
			if head(a.Body.Text) != head(b.Body.Text) {
				return false
			}
		case "author":
			if a.Author.Name != b.Author.Name {
				return false
			}
		}
		same++
	}
	return same > 0
}

// head is what a text begins with, without regard to its lines.
func head(s string) string {
	s = strings.Join(strings.Fields(s), "")
	return s[:min(len(s), 60)]
}
