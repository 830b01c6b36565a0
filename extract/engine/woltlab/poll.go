package woltlab

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPoll      = dom.Sel(".pollContainer, .jsPoll, .poll")
	selQuestion  = dom.Sel("h2, .sectionTitle, legend, h3")
	selVoters    = dom.Sel(".pollTotalVotesBadge, .jsPollTotalVotes")
	selOption    = dom.Sel(".pollResultItem, .pollResultList > li, .pollResult > li, .jsPollVote dd label, .pollInnerContainer label")
	selOptText   = dom.Sel(".pollOptionName, .pollResultItemCaption, .caption, .pollOption")
	selRelation  = dom.Sel(".pollOptionRelativeValue, .relativePollVotes, .colMeter, .pollMeter")
	selShare     = dom.Sel(".pollOptionRelativeValue, .relativePollVotes")
	selPollNotes = dom.Sel(".pollInnerContainer small")
)

// poll reads a poll (poll.tpl, pollResult.tpl and pollVote.tpl of the program):
// its results where a guest may see them, else its choices.
func (r *reader) poll() *forum.Poll {
	box := r.doc.FirstOf(selPoll)
	if box.Length() == 0 {
		return nil
	}
	p := &forum.Poll{Question: dom.TextWithout(dom.First(box, selQuestion), selNotTitle)}
	p.Voters = dom.Count(dom.Text(dom.First(box, selVoters)))
	box.FindMatcher(selOption).Each(func(_ int, s *goquery.Selection) {
		if o := option(s); o.Text != "" {
			p.Options = append(p.Options, o)
		}
	})
	box.FindMatcher(selPollNotes).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		at, _, _ := r.clock.Within(dom.Text(s))
		dom.ClosePoll(p, at, r.clock.Now())
		return !at.Known()
	})
	if p.Question == "" || len(p.Options) == 0 {
		return nil
	}
	return p
}

// option reads an answer: the number of votes stands in brackets behind it.
func option(s *goquery.Selection) forum.PollOption {
	o := forum.PollOption{Text: dom.TextWithout(dom.First(s, selOptText), selRelation), Percent: dom.Percent(dom.Text(dom.First(s, selShare)))}
	if o.Text == "" {
		o.Text = dom.TextWithout(s, selRelation)
	}
	if i := strings.LastIndex(o.Text, " ("); i > 0 && strings.HasSuffix(o.Text, ")") {
		o.Votes, o.Text = dom.Count(o.Text[i:]), o.Text[:i]
	}
	return o
}
