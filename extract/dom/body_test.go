package dom

import (
	"strings"
	"testing"

	"forumine/extract/forum"

	"golang.org/x/net/html"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, body string) *Document {
	t.Helper()
	d, err := Parse(forum.Capture{URL: "http://forum.example/board/thread.html", Body: []byte("<html><body>" + body)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func readBody(t *testing.T, body string, rules Rules) Content {
	t.Helper()
	d := parse(t, "<div id=body>"+body+"</div>")
	return d.ReadBody(rules, d.Find("#body").Nodes[0])
}

func TestBodyText(t *testing.T) {
	cases := []struct{ name, html, text string }{
		{"white space folds", "one \n\t two&nbsp; three", "one two three"},
		{"line breaks", "one<br>two<br><br>three<br><br><br>four", "one\ntwo\n\nthree\n\nfour"},
		{"paragraphs", "<p>one</p><p>two</p>", "one\n\ntwo"},
		{"divs", "<div>one</div><div>two</div>tail", "one\ntwo\ntail"},
		{"inline elements do not split words", "w<b>o</b>rd", "word"},
		{"lists", "head<ul><li>a</li><li>b</li></ul>tail", "head\n\na\nb\n\ntail"},
		{"tables", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"scripts are silent", "a<script>var x</script><style>p{}</style>b", "ab"},
		{"hidden decoys", "a<span style='display: none'>SPAM</span><p hidden>X</p>b", "ab"},
		{"what a button shows", "a <span><span style='visibility: hidden'>twist</span><input type=button value=Show onclick=\"this.previousSibling.style.visibility=''\"></span> b", "a\ntwist\nb"},
		{"what a link shows", "<a href=\"javascript:toggle('x')\">Show</a><div id=x style='display:none'>twist</div>", "Show\ntwist"},
		{"decoys beside other buttons", "<button onclick='like(3)'>+</button><span style='display:none'>SPAM</span>b", "b"},
		{"code keeps its lines", "see:<pre>if x:\n    y()\n</pre>end", "see:\nif x:\n    y()\nend"},
		{"code of list items", "<pre><ol><li>a</li><li>  b</li></ol></pre>", "a\n  b"},
		{"smilies yield nothing", "a <img class='smilie' src='/s.png' alt=':)'> b", "a b"},
		{"emoji yield their character", "a <img class='emoji' src='/e.png' alt='🔥'>", "a 🔥"},
		{"hidden mail", "<a href='#' data-cfemail='422360'>[email protected]</a>", "a\""},
		{"empty", " <br> ", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := readBody(t, c.html, nil).Body.Text; got != c.text {
				t.Errorf("got %q, want %q", got, c.text)
			}
		})
	}
}

func TestBodyQuotes(t *testing.T) {
	got := readBody(t, `<blockquote data-author="Ada">first<blockquote data-author="Ben">inner</blockquote></blockquote>own <b>words</b><blockquote>last</blockquote>`, nil)
	if got.Body.Text != "own words" || got.Body.QuotedText != "first\n\ninner\n\nlast" {
		t.Errorf("text %q, quoted %q", got.Body.Text, got.Body.QuotedText)
	}
	if want := "first\n\ninner\n\nown words\n\nlast"; got.Body.FullText != want {
		t.Errorf("full %q, want %q", got.Body.FullText, want)
	}
	want := []forum.Quote{{Author: "Ada"}, {Author: "Ben", Depth: 1}, {}}
	if diff := cmp.Diff(want, got.Quotes); diff != "" {
		t.Error(diff)
	}
}

func TestBodyPartsOfEngines(t *testing.T) {
	rules := func(n *html.Node) Part {
		switch {
		case HasClass(n, "note"):
			return Part{Role: Drop}
		case HasClass(n, "hide"):
			return Part{Role: Spoiler}
		case HasClass(n, "who"):
			return Part{Role: Mention, Mention: forum.Mention{ID: "7"}}
		case n.Data == "a" && HasClass(n, "file"):
			f := File("3", "a.PNG", "http://forum.example/a")
			return Part{Attachment: &f}
		}
		return Part{}
	}
	got := readBody(t, `hello <a class=who href="/u/7">@Ada</a><div class=hide>secret</div><span class=note>edited</span>
		<a class=file href="/a"><img src="/t.png"></a> <a href="https://www.example.co.uk/x?y=1#z">site</a> <a href="javascript:alert(1)">no</a> <a href="/local">in</a>`, rules)
	if got.Body.Text != "hello @Ada\nsecret\nsite no in" || got.Body.SpoilerText != "secret" {
		t.Errorf("text %q, spoiler %q", got.Body.Text, got.Body.SpoilerText)
	}
	if diff := cmp.Diff([]forum.Mention{{Name: "Ada", ID: "7"}}, got.Mentions); diff != "" {
		t.Error(diff)
	}
	if len(got.Attachments) != 1 || got.Attachments[0].MediaType != "image/png" {
		t.Errorf("attachments %+v", got.Attachments)
	}
	wantLinks := []forum.PostLink{
		{URL: "http://forum.example/u/7", Domain: "forum.example", IsInternal: true},
		{URL: "https://www.example.co.uk/x?y=1#z", Domain: "example.co.uk"},
		{URL: "http://forum.example/local", Domain: "forum.example", IsInternal: true},
	}
	if diff := cmp.Diff(wantLinks[1:], got.Links); diff != "" {
		t.Error(diff)
	}
}

func TestCleanedHTML(t *testing.T) {
	got := readBody(t, `<p onclick="x()" style="color:red">a &lt;b&gt; <i class=z>c</i></p><a href="javascript:x">d</a><a href="/e" onmouseover=x>e</a><iframe src="https://www.youtube.com/embed/abc"></iframe><img src=/p.png onerror=x>`, nil)
	want := `<p>a &lt;b&gt; <i>c</i></p>d<a href="http://forum.example/e">e</a><img src="http://forum.example/p.png">`
	if got.Body.HTML != want {
		t.Errorf("got  %s\nwant %s", got.Body.HTML, want)
	}
	if len(got.Media) != 2 || got.Media[0].Provider != "youtube" || got.Media[0].ID != "abc" {
		t.Errorf("media %+v", got.Media)
	}
}

func TestCharsets(t *testing.T) {
	cases := []struct {
		name, contentType string
		body              string
		want              string
	}{
		{"utf-8 by nothing", "", "<p>Grüße an alle</p>", "Grüße an alle"},
		{"latin-1 header means windows-1252", "text/html; charset=ISO-8859-1", "<p>\x80 gr\xfc\xdfe</p>", "€ grüße"},
		{"meta", "text/html", "<meta charset='windows-1251'><p>\xcf\xf0\xe8\xe2\xe5\xf2</p>", "Привет"},
		{"http-equiv", "", "<meta http-equiv='Content-Type' content='text/html; charset=gbk'><p>\xc4\xe3\xba\xc3</p>", "你好"},
		{"bom", "text/html; charset=iso-8859-1", "\xef\xbb\xbf<p>ü</p>", "ü"},
		{"a header that lies about utf-8", "text/html; charset=iso-8859-1", "<p>Größenänderung für Überflüssiges</p>", "Größenänderung für Überflüssiges"},
		{"a header that claims utf-8", "text/html; charset=utf-8", "<p>\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0? \xd5\xee\xf0\xee\xf8\xee, \xf1\xef\xe0\xf1\xe8\xe1\xee</p>", "Привет, как дела? Хорошо, спасибо"},
		{"one torn byte", "text/html; charset=utf-8", "<p>" + strings.Repeat("ü", 40) + "\xff</p>", strings.Repeat("ü", 40) + "\uFFFD"},
		{"utf-16", "", "\xff\xfe<\x00p\x00>\x00h\x00i\x00", "hi"},
		{"escape sequences", "text/html; charset=iso-2022-jp", "<p>\x1b$B$3$s\x1b(B</p>", "こん"},
		{"an unknown name", "text/html; charset=klingon", "<p>plain</p>", "plain"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse(forum.Capture{URL: "http://f.example/", Body: []byte(c.body), Header: map[string][]string{"Content-Type": {c.contentType}}})
			if err != nil {
				t.Fatal(err)
			}
			if got := Text(d.Find("p")); got != c.want {
				t.Errorf("got %q as %s, want %q", got, d.Charset, c.want)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	for name, body := range map[string]string{"empty": " \n", "deep": strings.Repeat("<div>", 600)} {
		_, err := Parse(forum.Capture{URL: "http://f.example/", Body: []byte(body)})
		if err == nil || !strings.Contains(err.Error(), "unreadable") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNumber(t *testing.T) {
	cases := []struct {
		in      string
		n       int64
		rounded bool
		ok      bool
	}{
		{"1,188", 1188, false, true}, {"1.188", 1188, false, true}, {"1 188", 1188, false, true}, {"1’188", 1188, false, true},
		{"12", 12, false, true}, {"3K", 3000, true, true}, {"6.5k", 6500, true, true}, {"1.2M views", 1200000, true, true},
		{"Replies: 4", 4, false, true}, {"#12", 12, false, true}, {"1,23,456", 123456, false, true}, {"2.3万", 23000, true, true},
		{"١٢٣", 123, false, true}, {"none", 0, false, false}, {"-7", -7, false, true}, {"4.5 of 5", 4, false, true}, {"12 kinds", 12, false, true},
		{"99999999999999999999", 0, false, false}, {"1 тыс.", 1000, true, true},
	}
	for _, c := range cases {
		n, rounded, ok := Number(c.in)
		if n != c.n || rounded != c.rounded || ok != c.ok {
			t.Errorf("%q: got %d %v %v", c.in, n, rounded, ok)
		}
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]int64{"45.2 KB": 46285, "12,3 КБ": 12595, "1 MiB": 1 << 20, "812 bytes": 812, "(12.3 KiB) Downloaded 4 times": 12595, "2 Mo": 2 << 20, "1.5 GB": 1610612736} {
		if got := Size(in); got == nil || *got != want {
			t.Errorf("%q: got %v, want %d", in, got, want)
		}
	}
	if Size("4 files") != nil || Size("Views: 12") != nil {
		t.Error("a size where there is none")
	}
}

func TestCard(t *testing.T) {
	k := testClock(t, "en", "x", forum.Facts{})
	a := &forum.Author{}
	c := Card{Author: a, Clock: k}
	for _, p := range [][3]string{
		{"", "Joined:", "May 28, 2024"}, {"", "Messages:", "1,188"}, {"", "Likes Received:", "2"}, {"", "Trophy Points:", "1,970"},
		{"", "Gender:", "Female"}, {"practicing_in", "Practising in:", "Egypt"}, {"", "Best Answers", "3"}, {"", "Empty", ""},
	} {
		c.Add(p[0], p[1], p[2])
	}
	if !a.Joined.Known() || *a.PostCount != 1188 || *a.ReactionScore != 2 || *a.TrophyPoints != 1970 || a.Gender != "Female" {
		t.Errorf("%+v", a)
	}
	want := map[string]string{"practicing_in": "Egypt", "best_answers": "3"}
	if diff := cmp.Diff(want, a.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestCardInOtherLanguages(t *testing.T) {
	for _, label := range []string{"Beiträge", "Messages", "Сообщения", "帖子", "Mensajes", "Příspěvky", "投稿数"} {
		a := &forum.Author{}
		Card{Author: a, Clock: testClock(t, "en", "x", forum.Facts{})}.Add("", label+":", "12")
		if a.PostCount == nil || *a.PostCount != 12 {
			t.Errorf("%q is not seen as the number of posts: %+v", label, a.Fields)
		}
	}
}

func FuzzClock(f *testing.F) {
	for _, s := range []string{"30th March 2025, 16:26", "Heute um 14:05", "2025年9月20日 下午3:05", "3 minutes ago", "99-99-9999", "4 Ago 2019", "Jun '12"} {
		f.Add(s)
	}
	c := forum.Capture{URL: "http://f.example/", Body: []byte("<p>x"), FetchedAt: testNow}
	d, err := Parse(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := NewClock(c, forum.Facts{}, d)
		got := k.Text(s)
		if got.Known() && got.Precision == forum.PrecisionUnknown {
			t.Errorf("%q: a time of unknown precision", s)
		}
		if again := NewClock(c, forum.Facts{}, d).Text(s); again != got {
			t.Errorf("%q: %v, then %v", s, got, again)
		}
		Number(s)
		Size(s)
		Slug(s)
	})
}
