package invision3

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPoll       = dom.Sel(".poll[id^='poll_'], .poll")
	selPollHead   = dom.Sel("h3")
	selPollVotes  = dom.Sel("h3 .desc")
	selQuestion   = dom.Sel(".poll_question")
	selQuestionH  = dom.Sel("h4")
	selAnswer     = dom.Sel("ol > li")
	selAnswerText = dom.Sel(".answer, label")
	selAnswerN    = dom.Sel(".votes")
	selRating     = dom.Sel("#rating_hits, [itemprop=ratingCount]")
	selRatingOf   = dom.Sel("meta[itemprop=ratingValue]")
)

// poll reads the box above the posts: the results, or the ballot where they are
// not shown. Of several questions the first is read.
func (r *reader) poll() *forum.Poll {
	box := r.doc.FirstOf(selPoll)
	first := dom.First(box, selQuestion)
	if first.Length() == 0 {
		return nil
	}
	p := &forum.Poll{Question: dom.Text(dom.First(first, selQuestionH))}
	if p.Question == "" {
		p.Question = dom.TextWithout(dom.First(box, selPollHead), selPollVotes)
	}
	first.FindMatcher(selAnswer).Each(func(_ int, li *goquery.Selection) {
		if o := answer(li); o.Text != "" {
			p.Options = append(p.Options, o)
		}
	})
	if len(p.Options) == 0 {
		return nil
	}
	p.Voters = dom.Count(dom.Text(dom.First(box, selPollVotes)))
	return p
}

// answer reads an answer and its "(12 votes [57.14%])".
func answer(li *goquery.Selection) forum.PollOption {
	o := forum.PollOption{Text: dom.Text(dom.First(li, selAnswerText))}
	votes := dom.Text(dom.First(li, selAnswerN))
	if o.Votes = dom.Count(votes); o.Votes == nil {
		return o
	}
	o.Percent = dom.Percent(votes)
	return o
}

// rating is the thread's, in whole stars.
func (r *reader) rating() *forum.Rating {
	hits := dom.Count(dom.Text(r.doc.FirstOf(selRating)))
	stars := dom.Count(r.doc.FirstOf(selRatingOf).AttrOr("content", ""))
	if hits == nil || stars == nil || *stars < 1 || *stars > 5 {
		return nil
	}
	return &forum.Rating{Avg: float64(*stars), Count: *hits}
}
