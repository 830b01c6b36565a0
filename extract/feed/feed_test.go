package feed_test

import (
	"testing"

	"forumine/extract/feed"
)

func TestOf(t *testing.T) {
	const root = "https://forum.example.org/talk/"
	for _, c := range []struct {
		engine string
		page   int
		named  []string
		want   string
	}{
		{"discourse", 1, nil, root + "latest.json?order=activity"},
		{"discourse", 3, nil, root + "latest.json?order=activity&page=2"},
		{"nodebb", 2, []string{root + "recent.rss"}, root + "api/recent?page=2"},
		{"flarum", 2, nil, root + "api/discussions?sort=-lastPostedAt&page%5Blimit%5D=50&page%5Boffset%5D=50"},
		{"xenforo2", 1, []string{root + "chat/general.2/index.rss", root + "chat/-/index.rss"}, root + "chat/-/index.rss"},
		{"xenforo1", 1, nil, root + "forums/-/index.rss"},
		{"xenforo1", 2, nil, ""},
		{"phpbb3", 1, []string{root + "app.php/feed/topics", root + "app.php/feed"}, root + "app.php/feed"},
		{"phpbb3", 1, []string{root + "feed/forum/3"}, root + "feed.php"},
		{"smf", 1, []string{root + "index.php?type=rss;action=.xml"}, root + "index.php?action=.xml;sa=recent;type=rss2;limit=255"},
		{"mybb", 1, []string{root + "syndication.php"}, ""},
		{"generic", 1, []string{root + "feed"}, ""},
		{"", 1, nil, ""},
		{"discourse", 0, nil, ""},
	} {
		if got, ok := feed.Of(c.engine, root, c.named, c.page); got != c.want || ok != (c.want != "") {
			t.Errorf("page %d of %s: %q, want %q", c.page, c.engine, got, c.want)
		}
	}
}
