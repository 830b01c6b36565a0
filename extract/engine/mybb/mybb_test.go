package mybb

import (
	"net/url"
	"strings"
	"testing"

	"forumine/extract/dom"
)

func TestCanonical(t *testing.T) {
	const base = "https://forum.example.org/board/"
	for link, want := range map[string]string{
		"showthread.php?tid=12":                         "thread/12/1 showthread.php?tid=12",
		"showthread.php?tid=12&page=1":                  "thread/12/1 showthread.php?tid=12",
		"showthread.php?tid=12&page=3":                  "thread/12/3 showthread.php?tid=12&page=3",
		"showthread.php?page=3&tid=12&highlight=oak":    "thread/12/3 showthread.php?tid=12&page=3",
		"showthread.php?mode=linear&tid=12":             "thread/12/1 showthread.php?tid=12",
		"thread-12.html":                                "thread/12/1 thread-12.html",
		"thread-12-page-3.html":                         "thread/12/3 thread-12-page-3.html",
		"thread-12-page-1.html":                         "thread/12/1 thread-12.html",
		"forum-4.html":                                  "board/4/1 forum-4.html",
		"forum-4-page-2.html":                           "board/4/2 forum-4-page-2.html",
		"forumdisplay.php?fid=4&page=2":                 "board/4/2 forumdisplay.php?fid=4&page=2",
		"user-9.html":                                   "profile/9 user-9.html",
		"member.php?action=profile&uid=9":               "profile/9 member.php?action=profile&uid=9",
		"Thread-A-long-plank?page=2":                    "thread/A-long-plank/2 Thread-A-long-plank?page=2",
		"Forum-Wood":                                    "board/Wood/1 Forum-Wood",
		"index.php":                                     "index index.php",
		"":                                              "index ",
		"showthread.php?tid=12&pid=40#pid40":            "",
		"showthread.php?pid=40#pid40":                   "",
		"thread-12-post-40.html#pid40":                  "",
		"post-40.html#pid40":                            "",
		"showthread.php?tid=12&action=lastpost":         "",
		"showthread.php?tid=12&action=nextnewest":       "",
		"showthread.php?mode=threaded&tid=12&pid=40":    "",
		"thread-12-lastpost.html":                       "",
		"thread-12-nextoldest.html":                     "",
		"forumdisplay.php?fid=4&sortby=views&order=asc": "",
		"forumdisplay.php?fid=4&datecut=9999&prefix=0":  "board/4/1 forumdisplay.php?fid=4&datecut=9999",
		"forum-4.html?datecut=9999&prefix=0&page=2":     "board/4/2 forum-4-page-2.html?datecut=9999",
		"Forum-Wood?page=2&datecut=9999":                "board/Wood/2 Forum-Wood?page=2&datecut=9999",
		"forumdisplay.php?fid=4&datecut=30":             "",
		"forumdisplay.php?fid=4&prefix=2":               "",
		"member.php?action=login":                       "",
		"memberlist.php":                                "",
		"printthread.php?tid=12":                        "",
		"archive/index.php?thread-12.html":              "",
		"search.php?action=finduser&uid=9":              "",
		"misc.php?action=whoposted&tid=12":              "",
		"attachment.php?aid=5":                          "",
		"syndication.php?fid=4":                         "",
		"reputation.php?uid=9":                          "",
		"announcement-3.html":                           "",
		"newreply.php?tid=12":                           "",
		"index.php?language=deutsch":                    "index index.php",
		"images/":                                       "",
	} {
		u, err := url.Parse(base + link)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if l, ok := (Engine{}).Canonical(u); ok {
			got = l.Key + " " + strings.TrimPrefix(l.URL, base)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	r := &reader{names: dom.NamesOf("Ash", "Ash Grove")}
	for text, want := range map[string]string{
		"Ash Grove Wrote:":          "Ash Grove",
		"Old Elm Wrote:":            "Old Elm",
		"Old Elm schrieb:":          "Old Elm",
		"Vieux Saule a écrit :":     "Vieux Saule",
		"Salice ha scritto:":        "Salice",
		"Quote:":                    "",
		"The Manual, page 3 Wrote:": "The Manual, page 3",
	} {
		if got := r.quoted(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
