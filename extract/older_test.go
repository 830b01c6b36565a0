package extract_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"forumine/extract"
	"forumine/extract/forum"
)

// daysForm is the form below the threads of a board, with one choice made.
func daysForm(name, chosen string, days ...string) string {
	var b strings.Builder
	b.WriteString(`<form action="x" method="get"><select name="` + name + `">`)
	for _, d := range days {
		mark := ""
		if d == chosen {
			mark = ` selected="selected"`
		}
		fmt.Fprintf(&b, `<option value="%s"%s>%s</option>`, d, mark, d)
	}
	b.WriteString(`</select></form>`)
	return b.String()
}

// TestBoardsOfRecentThreads adds to listings what the programs write where a board
// shows only recent threads by itself: the forms of vBulletin, MyBB and IP.Board
// with a number of days chosen, XenForo's row "show older items" (showDateLimitDisabler).
func TestBoardsOfRecentThreads(t *testing.T) {
	cases := []struct{ fixture, add, want string }{
		{"vbulletin3/board", daysForm("daysprune", "30", "1", "30", "-1"), "daysprune=-1"},
		{"vbulletin3/board", daysForm("daysprune", "-1", "1", "30", "-1"), ""},
		{"vbulletin3/board", daysForm("daysprune", "", "1", "30", "-1"), ""},
		{"vbulletin3/board-seo", daysForm("daysprune", "365", "1", "365", "-1"), "daysprune=-1"},
		{"vbulletin4/board", daysForm("daysprune", "7", "7", "-1"), "daysprune=-1"},
		{"mybb/board", daysForm("datecut", "100", "1", "100", "9999"), "datecut=9999"},
		{"mybb/board", daysForm("datecut", "9999", "1", "100", "9999"), ""},
		{"invision2/board_23", daysForm("prune_day", "30", "1", "30", "100"), "prune_day=100"},
		{"invision2/board_23", daysForm("prune_day", "100", "1", "30", "100"), ""},
		{"invision3/board", daysForm("prune_day", "60", "60", "100"), "prune_day=100"},
		{"xenforo2/board", `<div class="structItem structItem--note"><div class="structItem-cell"><a href="%s?no_date_limit=1">Show older items</a></div></div>`, "no_date_limit=1"},
		{"xenforo1/board", `<ol><li class="discussionListItem"><div class="noteRow secondary"><a href="%s?no_date_limit=1">Older threads</a></div></li></ol>`, "no_date_limit=1"},
		{"xenforo2/board", `<a href="/forums/elsewhere.77/?no_date_limit=1">Show older items</a>`, ""},
	}
	fixtures := map[string]forum.Capture{}
	for _, c := range allCases(t) {
		fixtures[c.name] = c.capture
	}
	for _, c := range cases {
		t.Run(c.fixture+" "+c.want, func(t *testing.T) {
			capture, ok := fixtures[c.fixture]
			if !ok {
				t.Fatal("no such fixture")
			}
			add := strings.ReplaceAll(c.add, "%s", strings.SplitN(capture.URL, "?no", 2)[0])
			capture.Body = bytes.Replace(capture.Body, []byte("</body>"), []byte(add+"</body>"), 1)
			p, err := extract.Read(capture, factsOf(t, c.fixture), extract.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" && p.WholeURL == "" {
				return
			}
			e, err := extract.ByName(p.Engine)
			if err != nil {
				t.Fatal(err)
			}
			own, _ := canonical(e, "", capture.URL)
			whole, ok := canonical(e, "", p.WholeURL)
			if !strings.HasSuffix(p.WholeURL, c.want) || !ok || whole.Key != own.Key || whole.URL != p.WholeURL {
				t.Errorf("all threads are asked for by %q (%s, %v), want %s of %s", p.WholeURL, whole.URL, ok, c.want, own.Key)
			}
		})
	}
}
