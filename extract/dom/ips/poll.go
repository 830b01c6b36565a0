package ips

import (
	"cmp"
	"regexp"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPoll       = dom.Sel("[data-controller*='core.poll'], .ipsBox--topicPoll, .cPoll, .ipsPoll, section.ipsBox--poll")
	selPollTitle  = dom.Sel(".ipsType_sectionTitle, .ipsBox__header, .ipsWidget__header, h2")
	selPollVoters = dom.Sel(".fa-check-square-o, .fa-check-square, .fa-square-check")
	selVoterCount = dom.Sel(":haschild(.fa-check-square-o), :haschild(.fa-check-square), :haschild(.fa-square-check)")
	selQuestion   = dom.Sel(":haschild([class*='ollList_choices']) > h3, :haschild([class*='ollList_choices']) > h4")
	selNumber     = dom.Sel(".cPollList_number, .ipsPollList_number")
	selChoice     = dom.Sel("[class*='ollList_choices'] > li")
	selChoiceBar  = dom.Sel("[data-votes], progress")
	selChoiceIcon = dom.Sel(".fa-user, .fa-users")
	selClosed     = dom.Sel("p .fa-lock, div > .fa-lock, span > .fa-lock")
	selCloseDate  = dom.Sel(".cPollCloseDate, [class*='PollCloseDate']")
	selBallot     = dom.Sel("input[type='radio'], input[type='checkbox']")
	selButton     = dom.Sel("a, button")
	cssDiv        = dom.Sel("div, label")
	cssLi         = dom.Sel("li")
)

// poll reads the box above the posts (core/front/system/poll of the program's
// templates): with the results, or as the ballot that those see who may vote.
func (r *reader) poll() *forum.Poll {
	box := r.doc.FirstOf(selPoll)
	if box.Length() == 0 {
		return nil
	}
	p := &forum.Poll{}
	box.FindMatcher(selChoice).Each(func(_ int, li *goquery.Selection) {
		if o := choice(li); o.Text != "" {
			p.Options = append(p.Options, o)
		}
	})
	if len(p.Options) == 0 {
		p.Options = ballot(box)
	}
	if len(p.Options) == 0 {
		return nil
	}
	p.Question = question(box)
	if icon := dom.First(box, selPollVoters); icon.Length() > 0 {
		p.Voters = dom.Count(dom.Text(icon.Parent()))
	}
	r.pollState(p, box)
	return p
}

var reQuestionNumber = regexp.MustCompile(`^\d+\s*\.\s+`)

// question is the one question that a poll asks, or the title of a poll that
// asks several. The program numbers them.
func question(box *goquery.Selection) string {
	heads := box.FindMatcher(selQuestion)
	if heads.Length() == 1 {
		if text := dom.TextWithout(heads, selNumber); text != "" {
			return reQuestionNumber.ReplaceAllString(text, "")
		}
	}
	return dom.TextWithout(dom.First(box, selPollTitle), selVoterCount)
}

// choice reads an answer with its result: a bar that is labelled with the share,
// and the number of votes beside the picture of a person.
func choice(li *goquery.Selection) forum.PollOption {
	o := forum.PollOption{Text: dom.Text(dom.First(li, cssDiv))}
	bar := dom.First(li, selChoiceBar)
	for _, key := range [...]string{"data-votes", "title"} {
		if o.Percent == nil {
			o.Percent = dom.Percent(bar.AttrOr(key, ""))
		}
	}
	if icon := dom.First(li, selChoiceIcon); icon.Length() > 0 {
		o.Votes = dom.Count(dom.Text(icon.Parent()))
	}
	return o
}

// ballot reads the answers of a poll whose results are not shown.
func ballot(box *goquery.Selection) []forum.PollOption {
	var out []forum.PollOption
	box.FindMatcher(selBallot).Each(func(_ int, in *goquery.Selection) {
		if li := dom.Closest(in.Nodes[0], cssLi); li != nil {
			out = append(out, forum.PollOption{Text: dom.NodeText(li)})
		}
	})
	return out
}

// pollState: a lock that is no button tells that the poll is closed.
func (r *reader) pollState(p *forum.Poll, box *goquery.Selection) {
	box.FindMatcher(selClosed).Each(func(_ int, icon *goquery.Selection) {
		if dom.Closest(icon.Nodes[0], selButton) == nil {
			p.Closed = new(true)
		}
	})
	closed := p.Closed
	at, _, _ := r.clock.Within(dom.Text(dom.First(box, selCloseDate)))
	dom.ClosePoll(p, at, r.clock.Now())
	p.Closed = cmp.Or(closed, p.Closed)
}
