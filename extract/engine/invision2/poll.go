package invision2

import (
	"regexp"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPollForm  = dom.Sel("form[action*='act=Poll'], form[action*='act=poll'], .b-poll-wrapper form")
	selPollRow   = dom.Sel("tr")
	selPollBar   = dom.Sel("img[src*='bar']")
	selPollInput = dom.Sel("input[type=radio], input[type=checkbox]")
	selPollBold  = dom.Sel("b, strong")
	rePollTotal  = regexp.MustCompile(`^\D*\d[\d.,\s]*$`)
	rePollShare  = regexp.MustCompile(`\[\s*(\d+(?:[.,]\d+)?)\s*%\s*\]`)
)

// poll reads the form above the posts: the question in bold, then a row for each
// answer with its votes and a bar, or with a button to vote; the number of votes
// ends it. A thread's poll has one question: of several the first is read.
func (r *reader) poll() *forum.Poll {
	form := r.doc.FirstOf(selPollForm)
	if form.Length() == 0 {
		return nil
	}
	p, further := &forum.Poll{}, false
	form.FindMatcher(selPollRow).Each(func(_ int, tr *goquery.Selection) {
		if dom.Has(tr, selPollRow) {
			return
		}
		bold := dom.Text(dom.First(tr, selPollBold))
		switch result := dom.Has(tr, selPollBar); {
		case result || dom.Has(tr, selPollInput):
			if !further {
				p.Options = append(p.Options, pollOption(tr, result))
			}
		case len(p.Options) == 0 && p.Question == "":
			p.Question = bold
		case rePollTotal.MatchString(bold):
			p.Voters = dom.Count(bold)
		case bold != "" && len(p.Options) > 0:
			further = true
		}
	})
	if len(p.Options) == 0 {
		return nil
	}
	return p
}

// pollOption reads an answer beside its button, or the result: "ANSWER",
// "[ 12 ]" and "[57.14%]" behind a bar.
func pollOption(tr *goquery.Selection, result bool) forum.PollOption {
	if !result {
		return forum.PollOption{Text: dom.Text(tr)}
	}
	cells := tr.ChildrenMatcher(selCell)
	o := forum.PollOption{Text: dom.Text(cells.First())}
	if votes := cells.Eq(1); votes.Length() > 0 {
		o.Votes = dom.Count(dom.Text(votes))
	}
	if m := rePollShare.FindString(dom.Text(tr)); m != "" {
		o.Percent = dom.Percent(m)
	}
	return o
}
