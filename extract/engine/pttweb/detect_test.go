package pttweb

import (
	"testing"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// TestDetect: names that many sites give their main part are no sign of the program.
func TestDetect(t *testing.T) {
	cases := []struct {
		page string
		own  bool
	}{
		{`<div id="main-container"><div id="main-content"><div class="title">Kettles</div></div></div>`, false},
		{`<div class="push"><div id="main-container"><div class="title">Kettles</div></div></div>`, false},
		{`<div id="main-container"><div id="main-content" class="bbs-screen bbs-content">words</div></div>`, true},
		{`<div class="r-list-container bbs-screen"><div class="r-ent"><div class="title">Kettles</div></div></div>`, true},
	}
	for _, c := range cases {
		d, err := dom.Parse(forum.Capture{Body: []byte(c.page), Header: map[string][]string{"Content-Type": {"text/html"}}})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, s := range (Engine{}).Detect(d) {
			sum += s.Weight
		}
		if (sum >= 50) != c.own {
			t.Errorf("%s: %d", c.page, sum)
		}
	}
}
