package xfurl

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ in, key, out string }{
		{"https://f.example.org/threads/first-light.12/", "thread/12/1", "https://f.example.org/threads/first-light.12/"},
		{"https://f.example.org/threads/first-light.12", "thread/12/1", "https://f.example.org/threads/first-light.12/"},
		{"https://f.example.org/threads/12/", "thread/12/1", "https://f.example.org/threads/12/"},
		{"https://f.example.org/threads/first-light.12/page-3", "thread/12/3", "https://f.example.org/threads/first-light.12/page-3"},
		{"https://f.example.org/threads/first-light.12/page-3#post-99", "thread/12/3", "https://f.example.org/threads/first-light.12/page-3"},
		{"https://f.example.org/threads/first-light.12/page-1", "thread/12/1", "https://f.example.org/threads/first-light.12/"},
		{"https://f.example.org/threads/first-light.12/?utm_source=x", "thread/12/1", "https://f.example.org/threads/first-light.12/"},
		{"https://f.example.org/index.php?threads/first-light.12/page-2", "thread/12/2", "https://f.example.org/index.php?threads/first-light.12/page-2"},
		{"https://f.example.org/xf/index.php?forums/optics.4/", "board/4/1", "https://f.example.org/xf/index.php?forums/optics.4/"},
		{"https://f.example.org/forums/threads/first-light.12/", "thread/12/1", "https://f.example.org/forums/threads/first-light.12/"},
		{"https://f.example.org/forums/members/ada.3/", "profile/3", "https://f.example.org/forums/members/ada.3/"},
		{"https://f.example.org/forums/forums/optics.4/page-2", "board/4/2", "https://f.example.org/forums/forums/optics.4/page-2"},
		{"https://F.example.org/community/forums/news/", "board/news/1", "https://f.example.org/community/forums/news/"},
		{"https://f.example.org/categories/gear.9/", "board/9/1", "https://f.example.org/categories/gear.9/"},
		{"https://f.example.org/threads/%E6%98%9F.7/", "thread/7/1", "https://f.example.org/threads/%E6%98%9F.7/"},
		{"https://f.example.org/t/first-light.12/page-2", "thread/12/2", "https://f.example.org/t/first-light.12/page-2"},
		{"https://f.example.org/u/ada.3/", "profile/3", "https://f.example.org/u/ada.3/"},
		{"https://f.example.org/community/optics.4/page-2", "board/4/2", "https://f.example.org/community/optics.4/page-2"},
		{"https://f.example.org/foros/telefon%C3%ADa.41/", "board/41/1", "https://f.example.org/foros/telefon%C3%ADa.41/"},
		{"https://f.example.org/temas/luz.12/page-2", "thread/12/2", "https://f.example.org/temas/luz.12/page-2"},
		{"https://f.example.org/miembros/ada.3/", "profile/3", "https://f.example.org/miembros/ada.3/"},
		{"https://f.example.org/community/", "index", "https://f.example.org/community/"},
		{"https://f.example.org/community/threads/first-light.12/", "thread/12/1", "https://f.example.org/community/threads/first-light.12/"},
		{"https://f.example.org/", "index", "https://f.example.org/"},
		{"https://f.example.org/forums/", "index", "https://f.example.org/forums/"},
		{"https://f.example.org/board/index.php", "index", "https://f.example.org/board/"},
		{"https://f.example.org/threads/first-light.12/unread", "", ""},
		{"https://f.example.org/threads/first-light.12/latest", "", ""},
		{"https://f.example.org/threads/first-light.12/post-99", "", ""},
		{"https://f.example.org/threads/first-light.12/reply?quote=9", "", ""},
		{"https://f.example.org/threads/first-light.12/?sortby=newest", "", ""},
		{"https://f.example.org/threads/first-light.12/?order=reaction_score", "", ""},
		{"https://f.example.org/index.php?forums/optics.4/&order=title", "", ""},
		{"https://f.example.org/forums/optics.4/?prefix_id=2", "", ""},
		{"https://f.example.org/forums/optics.4/?prefix_id[0]=2", "", ""},
		{"https://f.example.org/forums/optics.4/index.rss", "", ""},
		{"https://f.example.org/forums/-/index.rss", "", ""},
		{"https://f.example.org/forums/-/list", "", ""},
		{"https://f.example.org/members/ada.3/recent-content", "", ""},
		{"https://f.example.org/members/", "", ""},
		{"https://f.example.org/posts/99/", "", ""},
		{"https://f.example.org/posts/99/reactions", "", ""},
		{"https://f.example.org/goto/post?id=9", "", ""},
		{"https://f.example.org/whats-new/", "", ""},
		{"https://f.example.org/whats-new/posts/", "", ""},
		{"https://f.example.org/media/", "", ""},
		{"https://f.example.org/login/", "", ""},
		{"https://f.example.org/search/?type=post", "", ""},
		{"https://f.example.org/attachments/chart-png.5/", "", ""},
		{"https://f.example.org/tags/mirror/", "", ""},
		{"https://f.example.org/help/terms/", "", ""},
		{"https://f.example.org/resources/guide.4/", "", ""},
	} {
		u, err := url.Parse(c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := Canonical(u)
		if ok != (c.key != "") || (ok && (l.Key != c.key || l.URL != c.out)) {
			t.Errorf("%s: %v %+v, want %q %q", c.in, ok, l, c.key, c.out)
		}
	}
}

func TestIDs(t *testing.T) {
	for _, c := range []struct{ have, want string }{
		{ThreadID("/threads/first-light.12/page-2"), "12"},
		{ThreadID("index.php?threads/first-light.12/"), "12"},
		{ThreadID("/t/first-light.12/"), "12"},
		{ForumID("/forums/-/list#gear.9"), "9"},
		{ForumID("/#gear.9"), "9"},
		{ForumID("/forums/"), ""},
		{ForumName("/forums/news/"), "news"},
		{ForumName("/forums/news/page-2"), "news"},
		{ForumName("/forums/"), ""},
		{MemberID("/members/ada.3/"), "3"},
		{MemberID("/u/ada.3/"), "3"},
		{MemberID("/whats-new/"), ""},
		{PostID("/threads/x.1/page-2#post-44"), "44"},
		{PostID("/goto/post?id=44"), "44"},
		{PostID("index.php?goto/post&id=44"), "44"},
		{PostID("/posts/44/"), "44"},
	} {
		if c.have != c.want {
			t.Errorf("%q, want %q", c.have, c.want)
		}
	}
}
