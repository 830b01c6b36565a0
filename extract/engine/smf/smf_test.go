package smf

import (
	"net/url"
	"strings"
	"testing"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

func TestCanonical(t *testing.T) {
	const base = "https://forum.example.org/smf/index.php"
	for link, want := range map[string]string{
		"?topic=12.0":                          "thread/12/1 ?topic=12.0",
		"?topic=12":                            "thread/12/1 ?topic=12.0",
		"?PHPSESSID=0a1b2c3d&topic=12.0":       "thread/12/1 ?topic=12.0",
		"?topic=12.15;PHPSESSID=0a1b2c3d":      "thread/12/s15 ?topic=12.15",
		"?topic=12.15#msg40":                   "thread/12/s15 ?topic=12.15",
		"?topic=12;start=30":                   "thread/12/s30 ?topic=12.30",
		"?topic=12.0;topicseen":                "thread/12/1 ?topic=12.0",
		"/topic,12.15.html":                    "thread/12/s15 ?topic=12.15",
		"/board,3.0.html":                      "board/3/1 ?board=3.0",
		"?board=3":                             "board/3/1 ?board=3.0",
		"?board=3.20":                          "board/3/s20 ?board=3.20",
		"?action=profile;u=7":                  "profile/7 ?action=profile;u=7",
		"?action=profile;area=summary;u=7":     "profile/7 ?action=profile;u=7",
		"":                                     "index ",
		"?PHPSESSID=0a1b2c3d":                  "index ",
		"#c2":                                  "index ",
		"?topic=12.7":                          "thread/12/s7 ?topic=12.7",
		"?topic=12.msg40#msg40":                "",
		"?topic=12.new;topicseen#new":          "",
		"?topic=12.from1611000000":             "",
		"?msg=40":                              "",
		"?topic=12.0;all":                      "",
		"?topic=12.0;prev_next=next#new":       "",
		"?topic=12.0;wap2":                     "",
		"?topic=12.0;imode":                    "",
		"?board=3.0;sort=subject":              "",
		"?action=printpage;topic=12.0":         "",
		"?action=post;topic=12.0;last_msg=40":  "",
		"?action=dlattach;topic=12.0;attach=5": "",
		"?action=mlist":                        "",
		"?action=login":                        "",
		"?action=.xml;type=rss2":               "",
		"?action=profile;u=7;area=showposts":   "",
		"?action=profile":                      "",
		"?wap2":                                "",
		"?topic=abc.0":                         "",
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

func TestCanonicalOutsideIndexPHP(t *testing.T) {
	for link, want := range map[string]string{
		"https://forum.example.org/":              "index",
		"https://example.org/forum/":              "index",
		"https://example.org/blog/":               "",
		"https://example.org/about.html":          "",
		"https://example.org/forum/?topic=3.0":    "thread/3/1",
		"https://example.org/Themes/x/style.css":  "",
		"https://example.org/forum/index.php?u=3": "",
	} {
		u, _ := url.Parse(link)
		l, _ := (Engine{}).Canonical(u)
		if l.Key != want {
			t.Errorf("%s: %q, want %q", link, l.Key, want)
		}
	}
}

func TestMessageID(t *testing.T) {
	for href, want := range map[string]string{
		"https://f.example/index.php?msg=40":                    "40",
		"index.php?topic=12.msg40#msg40":                        "40",
		"index.php?topic=12.15#msg41":                           "41",
		"index.php?PHPSESSID=ab12&topic=12.msg42;topicseen#new": "42",
		"index.php/topic,12.msg43.html#msg43":                   "43",
		"index.php?topic=12.0":                                  "",
	} {
		if got := messageID(href); got != want {
			t.Errorf("%s: %q, want %q", href, got, want)
		}
	}
}

func TestKarma(t *testing.T) {
	for text, want := range map[string]int64{"Karma: 12": 12, "Karma: +5/-2": 3, "Karma: +0/-0": 0} {
		if got := karma(text); got == nil || *got != want {
			t.Errorf("%s: %v, want %d", text, got, want)
		}
	}
}

// TestClaims fails when another program's page is taken for SMF's.
func TestClaims(t *testing.T) {
	page := `<html><head><script>var elk_scripturl = "https://f.example/index.php";</script></head><body>
<div id="forumposts"><form id="quickModForm"><h5 id="subject_3">x</h5></form></div></body></html>`
	d, err := dom.Parse(forum.Capture{URL: "https://f.example/", Body: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	if score := dom.Sum((Engine{}).Detect(d)); score >= 50 {
		t.Errorf("score %d of a page with ElkArte's variables", score)
	}
}
