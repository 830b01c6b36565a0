package dom

import "testing"

func TestBlocksStandApart(t *testing.T) {
	for source, want := range map[string]string{
		`<div><div>March 5, 2021, 08:05:45 PM</div><span>Reply #20</span></div>`: "March 5, 2021, 08:05:45 PM Reply #20",
		`<p>one</p>two`:                   "one two",
		`<b>on</b>e <i>t</i>wo`:           "one two",
		`<div>only</div>`:                 "only",
		`<ul><li>one</li></ul><b>two</b>`: "one two",
	} {
		if got := FragmentText(source); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}
