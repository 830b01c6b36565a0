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
		{"generic", 1, []string{root + "feed"}, ""},
		{"", 1, nil, ""},
		{"discourse", 0, nil, ""},
	} {
		if got, ok := feed.Of(c.engine, root, c.named, c.page); got != c.want || ok != (c.want != "") {
			t.Errorf("page %d of %s: %q, want %q", c.page, c.engine, got, c.want)
		}
	}
}
