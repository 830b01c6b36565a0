package tree_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forumine/extract/dom/tree"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// snippets are odd pages: each must come out as x/net reads it, and those that
// taken names by the builder itself.
var snippets = []struct {
	name, text string
	taken      bool
}{
	{"nothing but text", "a < b & c", true},
	{"nothing but blanks", " \n ", true},
	{"comment first", "<!-- x --><!DOCTYPE html><title>t</title>", true},
	{"old doctype", `<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 3.2//EN"><p><table><tr><td>x</table>`, true},
	{"new doctype", `<!doctype html><p><table><tr><td>x</table>`, true},
	{"transitional doctype", "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\r\n \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\"><p><table></table>", true},
	{"strict doctype in one", `<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd"><p><table></table>`, true},
	{"doctype with one identifier", `<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"><p><table></table>`, true},
	{"doctype with more behind it", `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd" x><p><table></table>`, true},
	{"doctype cut off", `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR><p><table></table>`, true},
	{"xml declaration", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en"><body>x`, true},
	{"cells without rows", `<table><td>a<th>b<tr><td>c<tbody><tr><td>d</table>e`, true},
	{"columns and captions", `<table><caption>c<b>d</caption><col><colgroup><col> </colgroup><thead><tr><th>h</thead></table>`, true},
	{"blanks in tables", "<table>\n<tr> <td> x </td>\n</tr>\n</table>", true},
	{"form in a table", `<table><form action=x><tr><td><input name=a></td></tr></form></table>`, true},
	{"hidden input in a table", `<table><input type=HIDDEN><tr><td>x</table>`, true},
	{"script in a table", `<table><script>a<b</script><tr><td>x</table>`, true},
	{"table in a table", `<table><tr><td><table><tr><td>x</table></table>`, true},
	{"table straight in a table", `<table><table><tr><td>x</table></table>`, true},
	{"paragraphs left open", `<p>a<p>b<div>c<p>d</div>e</p>f`, true},
	{"items left open", `<ul><li>a<ul><li>b</ul><li>c</ul><dl><dt>x<dd>y<dt>z</dl>`, true},
	{"formatting across paragraphs", `<p><b>a<p>b</b>c`, true},
	{"formatting left open", `<p><b>a</p><p>b</b>c`, true},
	{"formatting closed crosswise", `<b>a<i>b</b>c</i>d`, true},
	{"formatting around blocks", `<b><div>a</b>b</div>c`, false},
	{"four alike", `<p><b><b><b><b>x</p><p>y</b></b>z`, true},
	{"attributes of formatting", `<a title=t href=h class=c>x</a><font size=1 color=red>y`, true},
	{"links do not nest", `<a href=1>a<a href=2>b</a>c</a>`, true},
	{"links in cells", `<a href=1><table><tr><td><a href=2>x</a></table>y</a>`, true},
	{"headings do not nest", `<h1>a<h2>b</h3>c`, true},
	{"buttons do not nest", `<button>a<p>b<button>c</button>`, true},
	{"forms do not nest", `<form><div><form>a</form>b</div></form>c`, true},
	{"options", `<select><optgroup label=a><option>b<option>c<optgroup label=d><option>e</select>f`, true},
	{"select in select", `<select><option>a<select>b`, true},
	{"input ends select", `<select><option>a<input>b`, true},
	{"rule in select", `<p>x<hr><select><option>a<hr>b</select>`, true},
	{"preformatted", "<pre>\n\na</pre><textarea>\n\nb &amp; <i></textarea><listing>\nc</listing>", true},
	{"raw text", `<title>a &lt; <b></title><style>a<b</style><xmp>`, false},
	{"script hidden in a comment", `<script><!-- <script>a</script> --></script>b`, false},
	{"script in a comment", "<script><!--\na<b\n//--></SCRIPT >b", true},
	{"noscript", `<head><noscript><link rel=a><img src=b></noscript><body><noscript><p>x</noscript>`, true},
	{"noscript with text", `<head><noscript> <style>x</style> a</noscript>b`, true},
	{"templates", `<body><template><div>a<p>b</template><table><template>c</template><tr><td>d</table>`, true},
	{"rows in templates", `<template><tr><td>a</template>`, false},
	{"template left open", `<div><template><p>a`, false},
	{"drawings", `<svg viewbox="0 0 1 1"><title>a<b>c</b></title><lineargradient gradientunits=x /><path d=M0 xlink:href=#a /></svg>b`, true},
	{"drawing ended by a block", `<svg><g><p>x`, false},
	{"drawing around HTML", `<svg><foreignObject><div>a<p>b</div></foreignobject></svg>c`, true},
	{"character data", `<svg><![CDATA[x]]></svg>`, false},
	{"no character data", `<p><![CDATA[x]]>y`, true},
	{"attributes", `<p CLASS = a id='b' title="c&amp;d" hidden x=/ y=z/ class=e / =f ="g">h<br/><br x=/>`, true},
	{"character references", `<a href="?a=1&copy=2&amp;b&lt;c&notit;&not;&#39;&#x41;&#128;&bogus;&semi;&lt&section;&">&copy=&notit;&amp</a>`, true},
	{"common references", `<a title="&quot;a&lt;b&gt;&quot;c&amp;&#039;d&#39;&apos;&quot;e&quot" x='&quot=&quot;&lt;&' y="&quota;&gt">x</a>`, true},
	{"end tags without start", `x</p></br></b></div></a>x</form></table></td></template></foo>`, true},
	{"end tags with attributes", `<div>a</div class="x>y">b`, true},
	{"unknown elements", `<my-card a=b><x:y>c</x:y></my-card>`, true},
	{"behind the body", `<body>a</body> <!-- b --> </html> <!-- c --> d<p>e`, true},
	{"html and body twice", `<html lang=a><body class=b><html lang=c dir=d><body class=e id=f>x`, true},
	{"head twice", `<head><title>a</title></head> <meta name=b><head><script>c</script>d`, true},
	{"head left out", `<title>a</title><link rel=b>c<meta name=d>`, true},
	{"ruby", `<ruby>a<rp>(<rt>b<rtc>c<rb>d</ruby>`, true},
	{"objects", `<object><param name=a><b>c</object>d</b><marquee><i>e</marquee>f`, true},
	{"frames", `<frameset><frame src=a></frameset>`, false},
	{"markup cut off", `<p>a<b`, false},
	{"comment cut off", `<p>a<!-- b`, false},
	{"odd comments", `<!--><!---><!-- a --!>b`, false},
	{"empty comment", `a<!---->b<!-- c &amp; d -->e`, true},
	{"line ends", "<p title='a\r\nb'>c\rd\r\n<pre>\r\ne</pre><!-- f\r\n -->", true},
	{"NUL", "<p>a\x00b", false},
	{"list items in blocks", `<li><div><li>a<address><li>b<dd><p><dt>c`, true},
	{"nobr", `<nobr>a</nobr><nobr>b<i>c</nobr>d`, true},
	{"nobr in nobr", `<nobr>a<nobr>b`, false},
	{"upper case", `<DIV CLASS=A><IMG SRC=B><A HREF=C>D</A></DIV>`, true},
	{"iframes", `<iframe><p>a</p></iframe><noembed><b></noembed><noframes><i></noframes>`, true},
}

func TestLikeNet(t *testing.T) {
	for _, s := range snippets {
		t.Run(s.name, func(t *testing.T) {
			if taken := compare(t, s.text); taken != s.taken {
				t.Errorf("built: %v, want %v", taken, s.taken)
			}
			compareFragment(t, s.text)
		})
	}
}

// Fixtures are pages as engines write them: nearly all are built.
func TestFixturesLikeNet(t *testing.T) {
	left, pages := 0, fixtures(t)
	for _, text := range pages {
		if !compare(t, text) {
			left++
		}
	}
	if left*20 > len(pages) {
		t.Errorf("%d of %d pages are left to x/net", left, len(pages))
	}
}

// Damaged pages have every kind of misnesting: tags are dropped, doubled and
// moved.
func TestDamagedLikeNet(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, text := range fixtures(t) {
		parts := strings.SplitAfter(text, ">")
		for range 4 {
			damaged := slices.Clone(parts)
			for range 3 {
				i, j := random.IntN(len(damaged)), random.IntN(len(damaged))
				switch random.IntN(3) {
				case 0:
					damaged[i] = ""
				case 1:
					damaged[i] += damaged[j]
				default:
					damaged[i], damaged[j] = damaged[j], damaged[i]
				}
			}
			compare(t, strings.Join(damaged, ""))
			if t.Failed() {
				return
			}
		}
	}
}

func FuzzLikeNet(f *testing.F) {
	for _, s := range snippets {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compare(t, text)
		compareFragment(t, text)
	})
}

func fixtures(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("../../../testdata/engines/*/*/page.html")
	if err != nil || len(names) == 0 {
		t.Fatal("no fixtures")
	}
	var out []string
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.ToValidUTF8(string(raw), "\uFFFD"))
	}
	return out
}

// compare holds a tree against x/net's, and tells whether it was built here.
func compare(t *testing.T, text string) bool {
	t.Helper()
	got := tree.Build(text)
	if got == nil {
		return false
	}
	want, err := html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatalf("x/net refuses what was built: %v", err)
	}
	if d := difference(got, want); d != "" {
		t.Errorf("%s\nin %q", d, shortened(text))
	}
	return true
}

func compareFragment(t *testing.T, text string) {
	t.Helper()
	got, ok := tree.BuildFragment(text)
	if !ok {
		return
	}
	context := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	want, err := html.ParseFragmentWithOptions(strings.NewReader(text), context, html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatalf("x/net refuses what was built: %v", err)
	}
	if len(got) != len(want) {
		t.Errorf("a fragment of %d nodes, want %d, in %q", len(got), len(want), shortened(text))
		return
	}
	for i := range got {
		if d := difference(got[i], want[i]); d != "" {
			t.Errorf("fragment: %s\nin %q", d, shortened(text))
		}
	}
}

func shortened(s string) string { return s[:min(len(s), 400)] }

// difference is the first difference of two trees, "" where there is none.
func difference(got, want *html.Node) string {
	if a, b := line(got), line(want); a != b {
		return fmt.Sprintf("%s, want %s", a, b)
	}
	g, w := got.FirstChild, want.FirstChild
	for ; g != nil && w != nil; g, w = g.NextSibling, w.NextSibling {
		if g.Parent != got || g.NextSibling != nil && g.NextSibling.PrevSibling != g {
			return line(g) + " is linked wrongly"
		}
		if d := difference(g, w); d != "" {
			return line(want) + " > " + d
		}
	}
	switch {
	case g != nil:
		return fmt.Sprintf("%s has %s too much", line(want), line(g))
	case w != nil:
		return fmt.Sprintf("%s has no %s", line(want), line(w))
	}
	return ""
}

func line(n *html.Node) string {
	return fmt.Sprintf("%v %s %q:%d %q", n.Type, n.Namespace, n.Data, n.DataAtom, n.Attr)
}
