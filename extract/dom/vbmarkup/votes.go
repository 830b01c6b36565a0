package vbmarkup

import (
	"forumine/extract/dom"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Thanks reads a line or box of names: "A, B and 115 others like this", "The
// Following 2 Users Say Thank You". The kind is the one that the mod counts.
func Thanks(box *goquery.Selection, kind string) *forum.Reactions {
	var names []string
	rest := ""
	box.FindMatcher(selLink).Each(func(_ int, a *goquery.Selection) {
		switch href := a.AttrOr("href", ""); {
		case vburl.IsMember(href):
			if name := dom.Text(a); name != "" {
				names = append(names, name)
			}
		case strings.HasSuffix(href, "#") || strings.Contains(a.AttrOr("onclick", ""), "other"):
			rest = dom.Text(a)
		}
	})
	r := dom.Others(names, rest)
	if r.Total == 0 {
		return nil
	}
	n := r.Total
	r.Types, r.ByType, r.Like = []string{kind}, map[string]int64{kind: n}, &n
	return &r
}

// Poll reads a table of results: the rows with a bar hold option, votes and
// percentage; the heading names the question.
func Poll(d *dom.Document) *forum.Poll {
	bars := d.FindMatcher(selBar)
	if bars.Length() == 0 {
		return nil
	}
	p := &forum.Poll{}
	table := bars.First().ClosestMatcher(cssTableTboxFormBlockbodyPollblock)
	p.Question = question(table)
	seen := map[*html.Node]bool{}
	bars.Each(func(_ int, bar *goquery.Selection) {
		row := bar.ClosestMatcher(cssTrTrowLiDl)
		if row.Length() == 0 || seen[row.Nodes[0]] {
			return
		}
		seen[row.Nodes[0]] = true
		if o := pollOption(row); o.Text != "" {
			p.Options = append(p.Options, o)
		}
	})
	p.Voters = dom.Count(dom.Text(table.FindMatcher(selVoters).Last()))
	if len(p.Options) == 0 {
		return nil
	}
	return p
}

// question is in an element of its own; the heading of version 3 has it behind a
// colon: "View Poll Results: QUESTION".
func question(table *goquery.Selection) string {
	text := dom.Text(dom.First(table, selTitle, selQuestion))
	return strings.TrimSpace(strings.TrimLeft(text, ":： "))
}

var (
	selBar      = dom.Sel("img[src*='polls/bar'], .pollbar, .pollbarwrapper")
	selTitle    = dom.Sel(".polltitle, .question")
	selQuestion = dom.Sel(".tcat strong, .tcat .normal, .thead strong, h3:not(.pollsubhead), h2, .question")
	selVoters   = dom.Sel("span.totalvotes, .tfoot strong, .tfoot, .pollfooter")
	selCells    = dom.Sel("td, .tcell, dt, dd, p, .numvotes, .percentvotes")
)

func pollOption(row *goquery.Selection) forum.PollOption {
	o := forum.PollOption{}
	row.FindMatcher(selCells).Each(func(i int, c *goquery.Selection) {
		text := dom.Text(c)
		switch {
		case text == "":
		case strings.HasSuffix(text, "%"):
			o.Percent = dom.Percent(text)
		case o.Text == "":
			o.Text = text
		case o.Votes == nil:
			o.Votes = dom.Count(text)
		}
	})
	return o
}

var reRating = regexp.MustCompile(`(\d+)\D+(\d+[.,]\d+)`)

// Rating reads "Thread Rating: 4 votes, 4.50 average." by its numbers.
func Rating(img *goquery.Selection) *forum.Rating {
	m := reRating.FindStringSubmatch(img.AttrOr("alt", "") + " " + img.AttrOr("title", ""))
	if m == nil {
		return nil
	}
	votes, _ := strconv.ParseInt(m[1], 10, 64)
	avg, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", "."), 64)
	if err != nil || avg > 5 {
		return nil
	}
	return &forum.Rating{Avg: avg, Count: votes}
}
