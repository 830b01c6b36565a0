package extract

import (
	"net/url"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// A board may show only threads with recent posts by itself: an operator sets so
// many days, and what is older is there for those who ask. How each program is
// asked, by its own templates:

var (
	selDaysPrune = dom.Sel(`select[name="daysprune"] option[selected]`) // vBulletin 3 and 4: the form below the threads
	selDateCut   = dom.Sel(`select[name="datecut"] option[selected]`)   // MyBB: likewise
	selPruneDay  = dom.Sel(`select[name="prune_day"] option[selected]`) // IP.Board 2 and 3: likewise
	selNoLimit   = dom.Sel(`a[href*="no_date_limit=1"]`)                // XenForo: a row below the last thread
)

// older is how a program shows that a board leaves out old threads, and how it is
// asked for all.
type older struct {
	chosen goquery.Matcher // the choice of days in a form; nil where a link says it
	all    string          // the query that asks for threads of any age
}

func olderOf(engine string) (older, bool) {
	switch engine {
	case "vbulletin3", "vbulletin4":
		return older{selDaysPrune, "daysprune=-1"}, true
	case "mybb":
		return older{selDateCut, "datecut=9999"}, true
	case "invision2", "invision3":
		return older{selPruneDay, "prune_day=100"}, true
	case "xenforo1", "xenforo2", "xenforo2vs":
		return older{all: "no_date_limit=1"}, true
	}
	return older{}, false
}

// wholeListing is the address of a board's page among all its threads, where the
// board shows only recent ones by itself; "" where it shows all.
func wholeListing(d *dom.Document, e Engine, routes string, p *forum.Page) string {
	how, ok := olderOf(e.Name())
	if !ok || p.Kind != forum.KindBoard {
		return ""
	}
	own, ok := Canonical(e, routes, d.URL)
	if !ok || own.Kind != forum.KindBoard {
		return ""
	}
	if how.chosen == nil {
		for _, a := range d.FindMatcher(selNoLimit).EachIter() {
			if l, ok := canonical(d, e, routes, a.AttrOr("href", "")); ok && l.Kind == own.Kind && l.ID == own.ID {
				return with(own.URL, how.all)
			}
		}
		return ""
	}
	days, _ := strconv.Atoi(d.FirstOf(how.chosen).AttrOr("value", ""))
	if _, all, _ := strings.Cut(how.all, "="); days <= 0 || strconv.Itoa(days) == all {
		return ""
	}
	return with(own.URL, how.all)
}

// with adds to an address's query.
func with(address, query string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || strings.Contains(u.RawQuery, query):
		return ""
	case u.RawQuery == "":
		return address + "?" + query
	}
	return address + "&" + query
}
