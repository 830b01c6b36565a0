package report

import (
	"cmp"
	"slices"

	"forumine/extract/forum"
)

// What a page's number of posts is expected from.
const (
	ByPositions = "positions" // the numbers shown beside its first and last post
	ByCounter   = "counter"   // the thread's count of replies, on its last page
	ByPages     = "pages"     // what the site's other full pages have
)

// threadPage is what the comparison needs of a page of a thread.
type threadPage struct {
	file, url, engine, site string
	found, page, pages      int
	replies                 int // -1 when not shown
	span                    int // posts from the first to the last shown number; 0 when none is shown
}

func threadOf(file string, p *forum.Page) threadPage {
	t := threadPage{
		file: file, url: p.URL, engine: p.Engine, site: p.Root,
		found: len(p.Posts), page: p.Thread.Page, pages: p.Thread.PageCount, replies: -1, span: span(p),
	}
	if n := p.Thread.ReplyCount; n != nil && !p.Thread.CountsRounded {
		t.replies = int(*n)
	}
	return t
}

// span counts from the first to the last number that the page shows; a
// thread's first page begins with 1. Numbers that were computed tell nothing
// but how many posts were found.
func span(p *forum.Page) int {
	first, last := int64(0), int64(0)
	for _, post := range p.Posts {
		if post.Position <= 0 || post.PositionSource == forum.PositionComputed {
			continue
		}
		if first == 0 {
			first = post.Position
		}
		last = max(last, post.Position)
	}
	switch {
	case last == 0:
		return 0
	case p.Thread.Page == 1:
		first = 1
	}
	return int(last-first) + 1
}

// site is what tells a site's posts per page apart from those of others, which
// other engines of the same site may page differently.
type site struct{ engine, root string }

// compare finds the pages whose posts are not as many as expected.
func compare(threads []threadPage) ([]Posts, []Off) {
	per := perPage(threads)
	sums := map[string]*Posts{}
	var off []Off
	for _, t := range threads {
		sum := sums[t.engine]
		if sum == nil {
			sum = &Posts{Engine: t.engine}
			sums[t.engine] = sum
		}
		sum.Pages++
		want, by := t.expected(per[site{t.engine, t.site}])
		if want == 0 {
			sum.Unknown++
			sum.Unjudged += t.found
			continue
		}
		sum.Expected += want
		sum.Found += t.found
		sum.Missing += max(0, want-t.found)
		sum.Extra += max(0, t.found-want)
		if want != t.found {
			off = append(off, Off{t.file, t.url, t.engine, want, t.found, by})
		}
	}
	var out []Posts
	for _, sum := range sums {
		out = append(out, *sum)
	}
	slices.SortFunc(out, func(a, b Posts) int { return cmp.Compare(a.Engine, b.Engine) })
	return out, off
}

// expected is the greatest number that something on the page speaks for; 0
// when nothing does. The numbers beside the posts do not tell of posts after
// the last one that was read, the others do.
func (t threadPage) expected(per int) (int, string) {
	want, by := t.span, ByPositions
	total := t.replies + 1
	switch {
	case t.page <= 0 || t.pages <= 0:
	case t.page < t.pages && per > want:
		want, by = per, ByPages
	case t.page == t.pages && total > 0 && (t.page == 1 || per > 0):
		if rest := total - (t.page-1)*per; rest > want {
			want, by = rest, ByCounter
		}
	}
	return want, by
}

// perPage is, for each site, how many posts most of its full pages have: the
// pages that are not a thread's last. Of equally many the greater number wins.
func perPage(threads []threadPage) map[site]int {
	counts := map[site]map[int]int{}
	for _, t := range threads {
		if t.page <= 0 || t.page >= t.pages || t.found == 0 {
			continue
		}
		key := site{t.engine, t.site}
		if counts[key] == nil {
			counts[key] = map[int]int{}
		}
		counts[key][max(t.found, t.span)]++
	}
	out := map[site]int{}
	for key, by := range counts {
		most := 0
		for n, times := range by {
			if times > most || times == most && n > out[key] {
				out[key], most = n, times
			}
		}
	}
	return out
}
