package phpbb3

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	const h = "https://board.example.org/forum/"
	cases := []struct{ in, key, url string }{
		{h + "index.php", "index", h + "index.php"},
		{h + "index.php?sid=0123456789abcdef0123456789abcdef", "index", h + "index.php"},
		{h + "?sid=0123456789abcdef0123456789abcdef", "index", h},
		{h + "viewtopic.php?t=12", "thread/12/1", h + "viewtopic.php?t=12"},
		{h + "viewtopic.php?f=3&t=12", "thread/12/1", h + "viewtopic.php?t=12"},
		{h + "viewtopic.php?t=12&start=0#top", "thread/12/1", h + "viewtopic.php?t=12"},
		{h + "viewtopic.php?f=3&t=12&sid=a:0123456789abcdef&start=30", "thread/12/s30", h + "viewtopic.php?t=12&start=30"},
		{h + "viewtopic.php?f=3&t=12&st=0&sk=t&sd=a&start=15", "thread/12/s15", h + "viewtopic.php?t=12&start=15"},
		{h + "viewtopic.php?t=12&hilit=solder&utm_source=x", "thread/12/1", h + "viewtopic.php?t=12"},
		{"https://BOARD.example.org/forum/viewtopic.php?t=12&amp;start=10", "thread/12/s10", h + "viewtopic.php?t=12&start=10"},
		{h + "viewforum.php?f=3", "board/3/1", h + "viewforum.php?f=3"},
		{h + "viewforum.php?f=3&sk=t&sd=d&st=0&start=50", "board/3/s50", h + "viewforum.php?f=3&start=50"},
		{h + "memberlist.php?mode=viewprofile&u=7&sid=ab", "profile/7", h + "memberlist.php?mode=viewprofile&u=7"},
		{h + "tools-f3/old-planes-t12.html", "thread/12/1", h + "tools-f3/old-planes-t12.html"},
		{h + "tools-f3/old-planes-t12-s10.html", "thread/12/s10", h + "tools-f3/old-planes-t12-s10.html"},
		{h + "old-planes-t12-15.html?sid=ab", "thread/12/s15", h + "old-planes-t12-15.html"},
		{h + "topic12-20.html", "thread/12/s20", h + "topic12-20.html"},
		{h + "old-planes-t12.html?start=20", "thread/12/s20", h + "old-planes-t12.html?start=20"},
		{h + "tools-f3/", "board/3/1", h + "tools-f3/"},
		{h + "tools-f3.html", "board/3/1", h + "tools-f3.html"},
		{h + "tools-f3/page25.html", "board/3/s25", h + "tools-f3/page25.html"},
		{h + "tools-f3/index-s25.html", "board/3/s25", h + "tools-f3/index-s25.html"},
		{h + "forum3-50.html", "board/3/s50", h + "forum3-50.html"},
		{h + "ilse-brandt-u7.html", "profile/7", h + "ilse-brandt-u7.html"},
		{h + "member7.html", "profile/7", h + "member7.html"},

		{h + "viewtopic.php?p=45#p45", "", ""},
		{h + "viewtopic.php?f=3&t=12&p=45#p45", "", ""},
		{h + "viewtopic.php?t=12&start=7", "thread/12/s7", h + "viewtopic.php?t=12&start=7"},
		{h + "viewtopic.php?t=12&start=-10", "", ""},
		{h + "viewtopic.php?t=12&view=print", "", ""},
		{h + "viewtopic.php?t=12&view=unread#unread", "", ""},
		{h + "viewtopic.php?t=12&view=viewpoll", "", ""},
		{h + "viewtopic.php?t=12&sk=t&sd=d", "", ""},
		{h + "viewtopic.php?t=12&st=7", "", ""},
		{h + "viewtopic.php?t=12&watch=topic&hash=ab", "", ""},
		{h + "viewtopic.php?id=12", "", ""},
		{h + "viewforum.php?f=3&sk=s&sd=a", "", ""},
		{h + "viewforum.php?f=3&mark=topics&hash=ab", "", ""},
		{h + "index.php?mark=forums", "", ""},
		{h + "posting.php?mode=reply&t=12", "", ""},
		{h + "memberlist.php", "", ""},
		{h + "memberlist.php?mode=group&g=4", "", ""},
		{h + "memberlist.php?mode=viewprofile&u=1", "", ""},
		{h + "search.php?search_id=active_topics", "", ""},
		{h + "ucp.php?mode=login", "", ""},
		{h + "download/file.php?id=3", "", ""},
		{h + "app.php/feed", "", ""},
		{h + "feed.php?f=3", "", ""},
		{h + "viewonline.php", "", ""},
		{h, "", ""},
		{"https://board.example.org/blog/", "", ""},
		{"mailto:someone@example.org", "", ""},
	}
	for _, c := range cases {
		u, err := url.Parse(c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := Engine{}.Canonical(u)
		if ok != (c.key != "") || l.Key != c.key || l.URL != c.url {
			t.Errorf("%s\n got %v %q %q\nwant %q %q", c.in, ok, l.Key, l.URL, c.key, c.url)
		}
	}
}

// A canonical link is its own canonical link: crawls may hand it in again.
func TestCanonicalIsStable(t *testing.T) {
	for _, in := range []string{"https://e.example/viewtopic.php?t=5&start=40&sid=1", "https://e.example/a-f3/b-t5-s40.html?sid=1", "https://e.example/a-f3/page50.html", "https://e.example/viewforum.php?f=2&sid=3"} {
		u, _ := url.Parse(in)
		first, ok := Engine{}.Canonical(u)
		if !ok {
			t.Fatalf("%s: not canonical", in)
		}
		u, _ = url.Parse(first.URL)
		if again, ok := (Engine{}).Canonical(u); !ok || again != first {
			t.Errorf("%s: %+v, then %+v", in, first, again)
		}
	}
}

func TestFirstPage(t *testing.T) {
	for in, want := range map[string]string{
		"https://e.example/viewtopic.php?t=15&start=15": "https://e.example/viewtopic.php?t=15",
		"https://e.example/f-f15/x-t15-s15.html":        "https://e.example/f-f15/x-t15.html",
		"https://e.example/x-t15-15.html":               "https://e.example/x-t15.html",
		"https://e.example/f-f15/page15.html":           "https://e.example/f-f15/",
		"https://e.example/f-f15/index-s15.html":        "https://e.example/f-f15/",
		"https://e.example/viewforum.php?f=15":          "https://e.example/viewforum.php?f=15",
	} {
		u, _ := url.Parse(in)
		l, ok := Engine{}.Canonical(u)
		if got := firstPage(l); !ok || got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// An address tells how many posts it skips: how many a page has, forums choose.
func TestLaterPagesSkip(t *testing.T) {
	for in, want := range map[string]int{"viewtopic.php?t=1": 0, "viewtopic.php?t=1&start=7": 7, "viewtopic.php?t=1&start=30": 30, "viewforum.php?f=1&start=50": 50} {
		u, _ := url.Parse("https://e.example/" + in)
		if l, _ := (Engine{}).Canonical(u); l.Skips != want || l.Page != want+1 {
			t.Errorf("%s: page %d skips %d, want %d", in, l.Page, l.Skips, want)
		}
	}
}

func TestAttributed(t *testing.T) {
	for in, want := range map[string]string{
		"Ilse Brandt wrote:":           "Ilse Brandt",
		"Ilse Brandt hat geschrieben:": "Ilse Brandt",
		"Jean Petit a écrit :":         "Jean Petit",
		"Mara ha scritto:":             "Mara",
		"Иван Петров писал(а):":        "Иван Петров",
		"松本さんが書きました:":                  "松本",
		"old hand napsal:":             "old hand",
		"Ilse Brandt wrote: ↑":         "Ilse Brandt",
		"Ilse":                         "Ilse",
	} {
		if got := attributed(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestLinkedPost(t *testing.T) {
	for in, want := range map[string]string{
		"./viewtopic.php?p=45#p45": "45", "./viewtopic.php?f=2&t=3&p=45": "45", "#p45": "45", "/post45.html#p45": "45", "./viewtopic.php?t=45": "",
	} {
		if got := linkedPost(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if id := memberID("./memberlist.php?mode=viewprofile&u=1"); id != "" {
		t.Errorf("the guest's account has id %q", id)
	}
}
