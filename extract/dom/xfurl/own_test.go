package xfurl

import (
	"net/url"
	"testing"

	"forumine/extract/forum"
)

func TestOwnWords(t *testing.T) {
	words := map[string]forum.Kind{"chatter": forum.KindThread, "halls": forum.KindBoard}
	for href, want := range map[string]string{
		"https://h.example/chatter/first-light.12/":           "thread/12/1 https://h.example/chatter/first-light.12/",
		"https://h.example/f/chatter/first-light.12/page-3":   "thread/12/3 https://h.example/f/chatter/first-light.12/page-3",
		"https://h.example/index.php?chatter/first-light.12/": "thread/12/1 https://h.example/index.php?chatter/first-light.12/",
		"https://h.example/halls/great-hall.3/page-2":         "board/3/2 https://h.example/halls/great-hall.3/page-2",
		"https://h.example/chatter/%D0%BF%D1%80%D0%B8.7/":     "thread/7/1 https://h.example/chatter/%D0%BF%D1%80%D0%B8.7/",
		"https://h.example/threads/first-light.12/":           "thread/12/1 https://h.example/threads/first-light.12/",
		"https://h.example/chatter/first-light.12/reply":      "",
		"https://h.example/halls/great-hall.3/?order=title":   "",
		"https://h.example/halls/-/index.rss":                 "",
		"https://h.example/gossip/first-light.12/":            "",
		"https://h.example/chatter/":                          "",
	} {
		u, err := url.Parse(href)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if l, ok := (Routes{}).Own(u, words, Canonical); ok && l.Kind != forum.KindIndex {
			got = l.Key + " " + l.URL
		}
		if got != want {
			t.Errorf("%s: %q, want %q", href, got, want)
		}
	}
	for href, want := range map[string]string{
		"https://h.example/chatter/first-light.12/":           "chatter",
		"https://h.example/chatter/first-light.12/page-3":     "chatter",
		"https://h.example/index.php?chatter/first-light.12/": "chatter",
		"https://h.example/threads/first-light.12/":           "",
		"https://h.example/chatter/first-light.13/":           "",
		"https://h.example/":                                  "",
	} {
		if got := (Routes{}).OwnWord(href, forum.KindThread, "12"); got != want {
			t.Errorf("the word in %s is %q, want %q", href, got, want)
		}
	}
}
