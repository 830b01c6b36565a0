package dom

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
		"[data-k='A B' i]", "[data-k*='A' i]", "[data-k^='']", "[data-k!='a b']", "[id|=a]", "[class~='y']", "[class~='Y' i]", "[class*='x']", "[rel]", "[class]", "[id$='2']", "p:not(.x, .y)",
		"ul:has(.m)", "ul:haschild(.n)", "li:not(:first-child)", "div > p ~ ul > li + li b", ".x:not(:has(p)) .x", "a[href$='#p'][rel]", ":root", "div *", "p:empty", "li:nth-of-type(1)",
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

// What is true of these is true of every selector that stands in the source, on
// a page of every engine.
func TestSelectorsOfTheSource(t *testing.T) {
	pages, err := filepath.Glob("../../testdata/engines/*/[a-t]*/page.html")
	if err != nil || len(pages) == 0 {
		t.Fatal("no fixtures")
	}
	selectors := sourceSelectors(t)
	if len(selectors) < 500 {
		t.Fatalf("only %d selectors found in the source", len(selectors))
	}
	for i, page := range pages {
		if i%6 != 0 {
			continue
		}
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		d := parse(t, string(raw))
		for _, css := range selectors {
			if got, want := d.FindMatcher(Sel(css)).Nodes, cascadia.QueryAll(d.Nodes[0], cascadia.MustCompile(css)); !slices.Equal(got, want) {
				t.Errorf("%s: %s: %d elements, want %d", page, css, len(got), len(want))
			}
		}
	}
}

var reSel = regexp.MustCompile("\\bSel\\((\"(?:[^\"\\\\]|\\\\.)*\")\\)")

func sourceSelectors(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range reSel.FindAllSubmatch(source, -1) {
			css, unquoteErr := strconv.Unquote(string(m[1]))
			err = errors.Join(err, unquoteErr)
			out = append(out, css)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A selection finds its own children too, as goquery's selectors do.
func TestChildrenAreFound(t *testing.T) {
	d := parse(t, `<table><tr><td class="a">1</td><td><b class="a">2</b></td></tr></table>`)
	if n := d.FindMatcher(Sel("tr")).FindMatcher(Sel(".a")).Length(); n != 2 {
		t.Errorf("%d elements below the row, want 2", n)
	}
}
