package dom

import (
	"slices"
	"testing"

	"github.com/andybalholm/cascadia"
)

// The inventory gives what asking every element gives.
func TestFindMatcherEqualsTheWalk(t *testing.T) {
	d := parse(t, `<div id=a class="x y"><p class=y data-k="a b">1</p><ul class="l"><li id="post-1" class="m">one</li><li id="post-2" class="m n">two<b class=x>b</b></li></ul></div>
		<section class="x"><p>2</p><a href="/t?x=1#p" rel="next">n</a><input type="hidden" name="q[]"><p class="y" hidden>3</p></section><div class="x"><div class="x">deep</div></div><my-tag id="a-b" class="c-d e_f w:1">t</my-tag>`)
	for _, css := range []string{
		"p", ".x", "#a", ".x p", ".x > p", "ul li", "li[id^='post-']", "li[id^=post-].n", "[data-k]", "[data-k~=b]", "a[href*='?x=']", "a[rel=next]", ".y:not([hidden])",
		"p:first-child", "li:nth-child(2)", ".x .x", "b, .m, #a, p", "li + li", "p ~ a", ".none", "#none p", ".x:has(b)", "*", ":not(p)", "div:not(.x)", "input[name='q[]']", "[hidden]", ".l .m b",
		"li:contains('two')", "section *", "a[href]:not([rel='prev'])", ".x.y", "html body .x", "i, .m.n", ".c-d", "#a-b", "my-tag", "my-tag.c-d.e_f", ".w\\:1", "section ~ .c-d", ".c-d, .x",
	} {
		want := cascadia.QueryAll(d.Nodes[0], cascadia.MustCompile(css))
		got := d.FindMatcher(Sel(css)).Nodes
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d elements, want %d", css, len(got), len(want))
		}
		body := d.Find("body").Nodes[0]
		if got, want := d.Find("body").FindMatcher(Sel(css)).Nodes, cascadia.QueryAll(body, cascadia.MustCompile(css)); !slices.Equal(got, want) {
			t.Errorf("%s below body: %d elements, want %d", css, len(got), len(want))
		}
	}
}

// A selection finds its own children too, as goquery's selectors do.
func TestChildrenAreFound(t *testing.T) {
	d := parse(t, `<table><tr><td class="a">1</td><td><b class="a">2</b></td></tr></table>`)
	if n := d.FindMatcher(Sel("tr")).FindMatcher(Sel(".a")).Length(); n != 2 {
		t.Errorf("%d elements below the row, want 2", n)
	}
}
