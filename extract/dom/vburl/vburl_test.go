package vburl

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	const h = "https://b.example/f/"
	cases := []struct{ in, key, url string }{
		{"showthread.php?t=12", "thread/12/1", "showthread.php?t=12"},
		{"showthread.php?s=0123456789abcdef0123456789abcdef&t=12&page=3", "thread/12/3", "showthread.php?t=12&page=3"},
		{"showthread.php?t=12&page=2&pp=15", "thread/12/2", "showthread.php?t=12&page=2"},
		{"showthread.php?t=12&highlight=word", "thread/12/1", "showthread.php?t=12"},
		{"showthread.php?t=12&mode=linear", "thread/12/1", "showthread.php?t=12"},
		{"showthread.php?threadid=12", "thread/12/1", "showthread.php?t=12"},
		{"showthread.php?12-a-slug", "thread/12/1", "showthread.php?12-a-slug"},
		{"showthread.php?12-a-slug/page4", "thread/12/4", "showthread.php?12-a-slug/page4"},
		{"showthread.php?12-a-slug&s=0123456789abcdef0123456789abcdef", "thread/12/1", "showthread.php?12-a-slug"},
		{"showthread.php/12-a-slug/page2", "thread/12/2", "showthread.php/12-a-slug/page2"},
		{"threads/12-a-slug", "thread/12/1", "threads/12-a-slug"},
		{"threads/12-a-slug/page2?s=0123456789abcdef0123456789abcdef", "thread/12/2", "threads/12-a-slug/page2"},
		{"travel/12-how-to-fly.html", "thread/12/1", "travel/12-how-to-fly.html"},
		{"travel/12-how-to-fly-2.html#post9", "thread/12/2", "travel/12-how-to-fly-2.html"},
		{"travel/12-in-2024-a.html", "thread/12/1", "travel/12-in-2024-a.html"},
		{"f9/how-to-fly-12/", "thread/12/1", "f9/how-to-fly-12/"},
		{"f9/how-to-fly-12/index3.html", "thread/12/3", "f9/how-to-fly-12/index3.html"},
		{"f9/how-to-fly-12.html", "thread/12/1", "f9/how-to-fly-12.html"},
		{"f9/how-to-fly-12-2.html", "thread/12/2", "f9/how-to-fly-12-2.html"},
		{"forumdisplay.php?f=7", "board/7/1", "forumdisplay.php?f=7"},
		{"forumdisplay.php?s=&f=7&page=2&order=desc", "board/7/2", "forumdisplay.php?f=7&page=2"},
		{"forumdisplay.php?f=7&page=2&sort=lastpost&order=&pp=20&daysprune=-1", "board/7/2", "forumdisplay.php?f=7&page=2&daysprune=-1"},
		{"forumdisplay.php?7-a-board/page2&daysprune=-1", "board/7/2", "forumdisplay.php?7-a-board/page2&daysprune=-1"},
		{"forums/7-a-board?daysprune=-1", "board/7/1", "forums/7-a-board?daysprune=-1"},
		{"forumdisplay.php?7-slug/page2&order=desc", "board/7/2", "forumdisplay.php?7-slug/page2"},
		{"forums/7-slug/page2", "board/7/2", "forums/7-slug/page2"},
		{"f7/", "board/7/1", "f7/"},
		{"f7/index2.html", "board/7/2", "f7/index2.html"},
		{"forum7/", "board/7/1", "forum7/"},
		{"trip-reports-7/", "board/7/1", "trip-reports-7/"},
		{"7-trip-reports/", "board/7/1", "7-trip-reports/"},
		{"7-model-929/index2.html", "board/7/2", "7-model-929/index2.html"},
		{"f7-trip-reports", "board/7/1", "f7-trip-reports"},
		{"f7-trip-reports-12.html", "board/7/12", "f7-trip-reports-12.html"},
		{"trip-reports/", "board/name:trip-reports/1", "trip-reports/"},
		{"trip-reports/index4.html", "board/name:trip-reports/4", "trip-reports/index4.html"},
		{"t12-how-to-fly.html", "thread/12/1", "t12-how-to-fly.html"},
		{"t12-how-to-fly-3.html", "thread/12/3", "t12-how-to-fly-3.html"},
		{"thread12-3.html#post5", "thread/12/3", "thread12-3.html"},
		{"trip-reports/how-to-fly-1234.html", "thread/1234/1", "trip-reports/how-to-fly-1234.html"},
		{"trip-reports/how-to-fly-1234-5.html", "thread/1234/5", "trip-reports/how-to-fly-1234-5.html"},
		{"trip-reports-7/how-to-fly-12/", "thread/12/1", "trip-reports-7/how-to-fly-12/"},
		{"members/anna-5/", "profile/5", "members/anna-5/"},
		{"member5.html", "profile/5", "member5.html"},
		{"member.php?u=5", "profile/5", "member.php?u=5"},
		{"member.php?s=0123456789abcdef0123456789abcdef&u=5", "profile/5", "member.php?u=5"},
		{"member.php?5-anna", "profile/5", "member.php?5-anna"},
		{"members/5-anna", "profile/5", "members/5-anna"},
		{"members/Anna.html", "profile/name:anna", "members/Anna.html"},
		{"index.php?s=0123456789abcdef0123456789abcdef", "index", ""},
		{"forum.php", "index", "forum.php"},
		{"", "index", ""},

		{"showthread.php?p=99#post99", "", ""},
		{"showthread.php?t=12&p=99#post99", "", ""},
		{"threads/12-a-slug?p=99#post99", "", ""},
		{"showthread.php?t=12&goto=newpost", "", ""},
		{"showthread.php?goto=lastpost&t=12", "", ""},
		{"showthread.php?t=12&mode=hybrid", "", ""},
		{"t12-how-to-fly-post99.html", "", ""},
		{"trip-reports/12-how-to-fly-post99.html#post99", "", ""},
		{"blogs/12-my-day.html", "", ""},
		{"reviews/best-bikes-2016.html", "", ""},
		{"showpost.php?p=99&postcount=2", "", ""},
		{"99-post2.html", "", ""},
		{"travel/99-post2.html", "", ""},
		{"travel/12-how-to-fly-print.html", "", ""},
		{"travel/12-how-to-fly-new-post.html", "", ""},
		{"printthread.php?t=12", "", ""},
		{"archive/index.php/t-12.html", "", ""},
		{"archive/index.php", "", ""},
		{"forumdisplay.php?f=7&order=asc", "", ""},
		{"forumdisplay.php?f=7&sort=views", "", ""},
		{"forumdisplay.php?f=7&daysprune=30", "", ""},
		{"forumdisplay.php?f=7&prefixid=x", "", ""},
		{"forumdisplay.php?do=markread&f=7", "", ""},
		{"member.php?find=lastposter&t=12", "", ""},
		{"member.php?u=5&tab=friends", "", ""},
		{"members/albums.html", "", ""},
		{"memberlist.php", "", ""},
		{"search.php?do=finduser&u=5", "", ""},
		{"newreply.php?do=newreply&p=99", "", ""},
		{"attachment.php?attachmentid=3", "", ""},
		{"external.php?type=RSS2", "", ""},
		{"login.php?do=login", "", ""},
		{"calendar.php", "", ""},
		{"forumdisplay.php", "", ""},
	}
	for _, c := range cases {
		u, err := url.Parse(h + c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := Canonical(u)
		if ok != (c.key != "") || l.Key != c.key {
			t.Errorf("%s: key %q %v, want %q", c.in, l.Key, ok, c.key)
			continue
		}
		if ok && l.URL != h+c.url {
			t.Errorf("%s: url %s, want %s", c.in, l.URL, h+c.url)
		}
		if ok { // canonical addresses are their own canonical form
			again, err := url.Parse(l.URL)
			if err != nil {
				t.Fatal(err)
			}
			if l2, _ := Canonical(again); l2 != l {
				t.Errorf("%s: %+v becomes %+v", c.in, l, l2)
			}
		}
	}
}

func TestFirstPage(t *testing.T) {
	for in, want := range map[string]string{
		"https://b.example/showthread.php?t=12&page=3":        "https://b.example/showthread.php?t=12",
		"https://b.example/travel/12-how-to-fly-2.html":       "https://b.example/travel/12-how-to-fly.html",
		"https://b.example/f9/how-to-fly-12/index3.html":      "https://b.example/f9/how-to-fly-12/",
		"https://b.example/threads/12-slug/page9":             "https://b.example/threads/12-slug",
		"https://b.example/showthread.php?p=4#post4":          "",
		"https://b.example/trip-reports/index4.html":          "https://b.example/trip-reports/",
		"https://b.example/thread12-3.html":                   "https://b.example/thread12.html",
		"https://b.example/forumdisplay.php?7-s/page2&pp=100": "https://b.example/forumdisplay.php?7-s",
	} {
		if got := FirstPage(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestPostID(t *testing.T) {
	for in, want := range map[string]string{
		"showthread.php?p=99#post99":             "99",
		"showthread.php?t=1&p=99":                "99",
		"travel/12-x.html#post7":                 "7",
		"https://b.example/37597544-post3.html":  "37597544",
		"t12-how-to-fly-post99.html":             "99",
		"f-7/how-to-fly-12-post99/":              "99",
		"showthread.php?t=12":                    "",
		"showthread.php?s=1&postid=4&page=2":     "4",
		"https://b.example/travel/12-x-2.html":   "",
		"https://b.example/threads/1-a?p=5#post": "5",
	} {
		if got := PostID(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
