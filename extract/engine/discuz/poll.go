package discuz

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPoll      = dom.Sel("form#poll, .pcht, .poll")
	selPollHead  = dom.Sel(".pinf")
	selPollEnd   = dom.Sel(".ptmr")
	selPollText  = dom.Sel(".pvt label, .pvt")
	selPollRow   = dom.Sel("tr")
	selPollCells = dom.Sel("td")
	selPollVotes = dom.Sel("em")
)

var (
	reOption = regexp.MustCompile(`^\d+\s*\.\s*(.+)$`)
	reVotes  = regexp.MustCompile(`\((\d[\d,]*)`)
)

// poll reads a thread's poll: the thread's title is its question. An option is
// a row with its text, followed by a row with its share where guests see that.
func (r *reader) poll(t *forum.Thread) {
	form := r.doc.FirstOf(selPoll)
	if form.Length() == 0 {
		return
	}
	p := &forum.Poll{Question: t.Title}
	rows := form.FindMatcher(selPollRow)
	rows.Each(func(i int, row *goquery.Selection) {
		m := reOption.FindStringSubmatch(dom.Text(dom.First(row, selPollText)))
		if m == nil {
			return
		}
		p.Options = append(p.Options, pollOption(m[1], rows.Eq(i+1)))
	})
	if len(p.Options) == 0 {
		touchOptions(p, form)
	}
	if len(p.Options) == 0 {
		return
	}
	if head := dom.First(form, selPollHead); head.Length() > 0 {
		p.Voters = lastNumber(dom.Text(head))
	}
	if end := dom.Text(dom.First(form, selPollEnd)); end != "" {
		p.Closed = new(dom.Digits(end) == "") // a countdown, or that it is over
	}
	t.Type, t.Poll = "poll", p
}

// touchOptions reads the poll of the touch templates: lines, each with an
// option, its share and its votes.
func touchOptions(p *forum.Poll, form *goquery.Selection) {
	form.FindMatcher(selTouchOption).Each(func(_ int, label *goquery.Selection) {
		m := reOption.FindStringSubmatch(dom.Text(label))
		if m == nil {
			return
		}
		line := label.Parent()
		o := forum.PollOption{Text: strings.TrimSpace(m[1])}
		if s := dom.TextWithout(line, selTouchOption); strings.Contains(s, "%") {
			o.Percent = dom.Percent(s)
			if m := reVotes.FindStringSubmatch(s); m != nil {
				o.Votes = dom.Count(m[1])
			}
		}
		p.Options = append(p.Options, o)
	})
	if p.Voters == nil && len(p.Options) > 0 {
		p.Voters = lastNumber(dom.TextWithout(form, selTouchLines))
	}
}

var (
	selTouchOption = dom.Sel("label[for^='option_']")
	selTouchLines  = dom.Sel("p, label")
)

func pollOption(text string, result *goquery.Selection) forum.PollOption {
	o := forum.PollOption{Text: strings.TrimSpace(text)}
	if dom.First(result, selPollText).Length() > 0 {
		return o
	}
	cell := result.ChildrenMatcher(selPollCells).Last()
	o.Votes = dom.Count(dom.Text(cell.FindMatcher(selPollVotes).Last()))
	o.Percent = dom.Percent(dom.Text(cell))
	return o
}

var reNumber = regexp.MustCompile(`\d[\d,]*`)

// lastNumber is the number of voters, which ends the line above a poll: before
// it stands how many answers may be chosen.
func lastNumber(text string) *int64 {
	all := reNumber.FindAllString(text, -1)
	if len(all) == 0 {
		return nil
	}
	return dom.Count(all[len(all)-1])
}
