package scrub_test

import (
	"errors"
	"testing"

	"forumine/extract/dom"
	"forumine/extract/forum"
	"forumine/extract/scrub"
)

// FuzzScrub throws damaged pages at the scrubber: it never panics, and one seed
// gives one fixture.
func FuzzScrub(f *testing.F) {
	f.Add([]byte(thread))
	f.Add([]byte(`<a href="//[::1]:80/a%zz?b=c;d#e=f">5. 3. 2020 '16 May 31 3時間前 １２月３１日</a><script type="application/json">[{"a":[1e5,-3.5,"\u0000<b>"]}]</script>`))
	f.Add([]byte(`<noscript><p title="Mai 2021">&lt;b&gt; 12,345 ١٢/٠٥/٢٠٢٠</noscript><div data-cfemail="5a3b" style="x:url(data:,a)" onclick="f('a','b">`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := []forum.Capture{{URL: "https://gears.test/threads/one.1/page-2", Body: body, FetchedAt: fetched}}
		one, err := scrub.Pages(c, scrub.Options{Seed: 1})
		if errors.Is(err, dom.ErrUnreadable) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := scrub.Pages(c, scrub.Options{Seed: 1})
		if err != nil || string(one[0].Body) != string(again[0].Body) {
			t.Errorf("scrubbed twice, two fixtures (%v):\n%s\n%s", err, one[0].Body, again[0].Body)
		}
	})
}
