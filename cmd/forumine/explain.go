package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"forumine/crawler/state"
)

// report compares what a census has found: members, boards, threads.
func (c *census) report() []covered {
	threads := map[string]covered{}
	var lines []covered
	for _, id := range slices.Sorted(maps.Keys(c.threads)) {
		if t := c.threads[id]; !t.stub {
			threads[id] = c.coverNamed(t)
		}
	}
	if c.members.count > 0 {
		lines = append(lines, c.coverMembers())
	}
	for _, id := range slices.Sorted(maps.Keys(c.boards)) {
		lines = append(lines, c.coverBoard(c.boards[id], threads))
	}
	for _, id := range slices.Sorted(maps.Keys(threads)) {
		lines = append(lines, threads[id])
	}
	return lines
}

func (c *census) coverMembers() covered {
	m := c.members
	line := covered{Site: c.site.ID, Of: "members", Name: fmt.Sprintf("%d members", m.count), Held: m.held, Claimed: &m.claimed}
	if m.held < m.claimed {
		line.Why = whyMembers
		line.Detail = "or deleted, or beyond what was crawled: cards count a member's posts everywhere"
	}
	return line
}

// coverNamed compares one thread, and says so where only the sitemap names it.
func (c *census) coverNamed(t *threadCount) covered {
	line := c.coverThread(t)
	if t.named {
		line.Detail = strings.TrimSuffix("only the sitemap names it; "+line.Detail, "; ")
	}
	return line
}

// coverThread compares one thread with the greatest number that the forum gives
// for it.
func (c *census) coverThread(t *threadCount) covered {
	line := covered{Site: c.site.ID, Of: "thread", ID: t.id, Name: t.title, Held: t.held}
	claimed, source := t.claim(c.site.Facts.PostsPerPage)
	if claimed > 0 {
		line.Claimed, line.Source = &claimed, source
	}
	switch {
	case claimed == 0 && t.held > 0 && len(c.unsettled("thread/"+t.id)) == 0:
		return line // nothing to compare with
	case claimed == t.held && claimed > 0:
		return line
	}
	line.Why, line.Detail = c.explainThread(t, claimed)
	return line
}

// claim is how many posts the forum says a thread has: by its row or itself, by
// the positions of its posts, by the number of its pages.
func (t *threadCount) claim(perPage int) (n int64, source string) {
	if t.replies != nil {
		n, source = *t.replies+1, t.source
	}
	if t.last > n {
		n, source = t.last, "the position of a post"
	}
	if least := int64(t.pages-1)*int64(perPage) + 1; t.pages > 1 && perPage > 0 && least > n {
		n, source = least, fmt.Sprintf("at least, by its %d pages", t.pages)
	}
	return n, source
}

func (c *census) explainThread(t *threadCount, claimed int64) (why, detail string) {
	key := "thread/" + t.id
	pages := c.pages[key]
	if len(pages) == 0 && t.held == 0 {
		return whyScope, "only its row was seen"
	}
	if waiting := c.unsettled(key); len(waiting) > 0 {
		return whyPending, fmt.Sprintf("%d pages wait", len(waiting))
	}
	if why, detail := lostPages(pages); why != "" {
		return why, detail
	}
	if seen := settledPages(pages); t.pages > seen && seen > 0 && t.held < claimed {
		return whyPending, fmt.Sprintf("%d of its %d pages are known", seen, t.pages)
	}
	switch {
	case t.rounded:
		return whyRounded, ""
	case t.held > claimed && t.source == "its row in the listing":
		return whyNewer, "its listing was read before it"
	case t.held+t.gone >= claimed && t.gone > 0:
		return whyDeleted, fmt.Sprintf("%d posts were seen once", t.gone)
	}
	return whyUnexplained, ""
}

// unsettled are the pages that wait to be fetched.
func (c *census) unsettled(parent string) []state.URL {
	var out []state.URL
	for _, u := range c.pages[parent] {
		if u.State != "settled" {
			out = append(out, u)
		}
	}
	return out
}

func settledPages(pages []state.URL) int {
	n := 0
	for _, u := range pages {
		if u.Outcome.Content() {
			n++
		}
	}
	return n
}

// lostPages says why pages have given no content, the most telling first.
func lostPages(pages []state.URL) (why, detail string) {
	reasons := map[state.Outcome]string{
		state.Walled: whyMembers, state.Gone: whyDeleted, state.Moved: whyMoved, state.Robots: whyRobots,
		state.OutOfScope: whyScope, state.Challenged: whyFailed, state.Failed: whyFailed, state.TooLarge: whyFailed,
		state.WrongType: whyFailed, state.Unreadable: whyFailed,
	}
	for _, u := range pages {
		if reason := reasons[u.Outcome]; reason != "" && why == "" {
			why, detail = reason, fmt.Sprintf("%s: %s", u.Outcome, cmp.Or(u.Reason, u.URL))
		}
	}
	return why, detail
}

// coverBoard compares one board with its counters. A forum may count the boards
// within it too: the number that fits is taken.
func (c *census) coverBoard(b *boardCount, threads map[string]covered) covered {
	line := covered{Site: c.site.ID, Of: "board", ID: b.id, Name: b.name, Claimed: b.posts}
	if b.posts != nil {
		line.Source = "its counter"
	}
	within := c.within(b.id)
	own := c.tally(threads, func(id string) bool { return id == b.id })
	all := c.tally(threads, func(id string) bool { return slices.Contains(within, id) })
	line.Held = own.held
	if b.posts != nil && *b.posts != own.held {
		line.Held = all.held
	}
	if b.posts != nil && *b.posts == line.Held || b.posts == nil && len(c.unsettled("board/"+b.id)) == 0 && settledPages(c.pages["board/"+b.id]) > 0 {
		return line
	}
	line.Why, line.Detail = c.explainBoard(b, within, all)
	return line
}

// within are a board and all boards below it.
func (c *census) within(id string) []string {
	ids := []string{id}
	for i := 0; i < len(ids); i++ {
		for _, child := range slices.Sorted(maps.Keys(c.boards)) {
			if c.boards[child].parent == ids[i] && !slices.Contains(ids, child) {
				ids = append(ids, child)
			}
		}
	}
	return ids
}

// tallied is what the threads of some boards come to.
type tallied struct {
	held, claimed int64
	differing     map[string]int // reasons
}

func (c *census) tally(threads map[string]covered, in func(board string) bool) tallied {
	out := tallied{differing: map[string]int{}}
	for id, line := range threads {
		if !in(c.threads[id].board) {
			continue
		}
		out.held += line.Held
		claimed := line.Held
		if line.Claimed != nil {
			claimed = max(claimed, *line.Claimed)
		}
		out.claimed += claimed
		if line.differs() {
			out.differing[line.Why]++
		}
	}
	return out
}

func (c *census) explainBoard(b *boardCount, within []string, t tallied) (why, detail string) {
	if len(c.pages["board/"+b.id]) == 0 {
		return whyScope, "its listing is none of what was crawled"
	}
	for _, id := range within {
		if waiting := c.unsettled("board/" + id); len(waiting) > 0 {
			return whyPending, fmt.Sprintf("%d pages of its listing wait", len(waiting))
		}
		if why, detail := lostPages(c.pages["board/"+id]); why != "" {
			return why, detail
		}
		if pages, seen := c.boards[id].pages, settledPages(c.pages["board/"+id]); pages > seen {
			return whyPending, fmt.Sprintf("%d of the %d pages of its listing are known", seen, pages)
		}
	}
	switch {
	case b.posts == nil:
		return whyUnexplained, "it says no number"
	case len(t.differing) > 0 && (t.claimed == *b.posts || t.differing[whyUnexplained] == 0):
		return whyParts, ""
	case b.rounded:
		return whyRounded, ""
	case t.held > *b.posts:
		return whyNewer, "its counter was read before its threads"
	}
	return whyUnexplained, ""
}
