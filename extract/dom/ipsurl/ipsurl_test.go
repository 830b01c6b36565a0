package ipsurl

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	const h = "https://c.example"
	cases := []struct{ in, key, url string }{
		{"/topic/12-a-slug/", "thread/12/1", "/topic/12-a-slug/"},
		{"/topic/12-a-slug", "thread/12/1", "/topic/12-a-slug/"},
		{"/topic/12-a-slug/page/3/", "thread/12/3", "/topic/12-a-slug/page/3/"},
		{"/topic/12-a-slug/page/3/#comments", "thread/12/3", "/topic/12-a-slug/page/3/"},
		{"/topic/12-a-slug/?page=3", "thread/12/3", "/topic/12-a-slug/?page=3"},
		{"/topic/12-a-slug/page-2", "thread/12/2", "/topic/12-a-slug/page-2"},
		{"/topic/12-a-slug/page__st__20", "thread/12/s20", "/topic/12-a-slug/page__st__20"},
		{"/forums/topic/12-a-slug/?page=2", "thread/12/2", "/forums/topic/12-a-slug/?page=2"},
		{"/board/topic/12-a-slug/", "thread/12/1", "/board/topic/12-a-slug/"},
		{"/index.php?/topic/12-a-slug/", "thread/12/1", "/index.php?/topic/12-a-slug/"},
		{"/index.php?/topic/12-a-slug/&page=2", "thread/12/2", "/index.php?/topic/12-a-slug/&page=2"},
		{"/index.php?/topic/12-a-slug/page/2/", "thread/12/2", "/index.php?/topic/12-a-slug/page/2/"},
		{"/index.php/topic/12-a-slug/", "thread/12/1", "/index.php?/topic/12-a-slug/"},
		{"/index.php?showtopic=12", "thread/12/1", "/index.php?showtopic=12"},
		{"/index.php?s=abc&showtopic=12&st=20", "thread/12/s20", "/index.php?showtopic=12&st=20"},
		{"/forum/7-name/", "board/7/1", "/forum/7-name/"},
		{"/forum/7-name/page/2/", "board/7/2", "/forum/7-name/page/2/"},
		{"/community/", "index", "/community/"},
		{"/forums/forum/7-name/", "board/7/1", "/forums/forum/7-name/"},
		{"/index.php?showforum=7", "board/7/1", "/index.php?showforum=7"},
		{"/index.php?showforum=7&prune_day=100&sort_by=Z-A&sort_key=last_post&topicfilter=all&st=30", "board/7/s30", "/index.php?showforum=7&st=30&prune_day=100"},
		{"/index.php?showforum=7&prune_day=100&sort_by=Z-A&sort_key=last_post&st=30", "board/7/s30", "/index.php?showforum=7&st=30&prune_day=100"},
		{"/index.php?showforum=7&prune_day=100&sort_by=A-Z&sort_key=start_date&topicfilter=all&st=30", "board/7/s30", "/index.php?showforum=7&st=30&prune_day=100"},
		{"/forum/7-name/page__prune_day__100__sort_by__Z-A__sort_key__last_post__topicfilter__all__st__30", "board/7/s30", "/forum/7-name/page__st__30?prune_day=100"},
		{"/index.php/forum/7-name/page__prune_day__100__sort_by__Z-A__sort_key__last_post__topicfilter__all__st__30", "board/7/s30", "/index.php?/forum/7-name/page__st__30&prune_day=100"},
		{"/forum/7-name/page-2?prune_day=100&sort_by=Z-A&sort_key=last_post&topicfilter=all", "board/7/2", "/forum/7-name/page-2?prune_day=100"},
		{"/forum/7-name/page/2/?sortby=last_post&sortdirection=desc", "board/7/2", "/forum/7-name/page/2/"},
		{"/forum/7-name/page/2/?sortby=title&sortdirection=asc", "board/7/2", "/forum/7-name/page/2/"},
		{"/profile/5-anna/", "profile/5", "/profile/5-anna/"},
		{"/user/5-anna/", "profile/5", "/user/5-anna/"},
		{"/index.php?showuser=5", "profile/5", "/index.php?showuser=5"},
		{"/", "index", "/"},
		{"/forums/", "index", "/"},
		{"/index.php", "index", "/"},
		{"/index.php?/forums/", "index", "/"},

		{"/topic/12-a-slug/?do=findComment&comment=9", "", ""},
		{"/topic/12-a-slug/?do=getNewComment", "", ""},
		{"/index.php?/topic/12-a-slug/&do=getLastComment", "", ""},
		{"/topic/12-a-slug/?view=findpost&p=9", "", ""},
		{"/topic/12-a-slug/?tab=comments", "", ""},
		{"/topic/12-a-slug/unread/", "", ""},
		{"/topic/12-a-slug/?recommended=comments", "", ""},
		{"/forum/7-name/?sortby=title&sortdirection=asc", "", ""},
		{"/forum/7-name/?filter=solved", "", ""},
		{"/index.php?showforum=7&prune_day=30&sort_by=Z-A&sort_key=last_post&topicfilter=all&st=30", "", ""},
		{"/forum/7-name/page__prune_day__30__sort_by__Z-A__sort_key__last_post__topicfilter__all__st__30", "", ""},
		{"/forum/7-name/page/2/?filter=solved", "", ""},
		{"/profile/5-anna/content/", "", ""},
		{"/profile/5-anna/?do=hovercard", "", ""},
		{"/search/?q=x", "", ""},
		{"/discover/", "", ""},
		{"/login", "", ""},
		{"/index.php?app=core&module=search", "", ""},
		{"/index.php?act=Search", "", ""},
		{"/topic/12-a-slug/?setlanguage=1", "", ""},
		{"/blogs/entry/3-x/", "", ""},
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
		if again, err := url.Parse(l.URL); ok && err == nil {
			if l2, _ := Canonical(again); l2 != l {
				t.Errorf("%s: %+v becomes %+v", c.in, l, l2)
			}
		}
	}
}

func TestPostID(t *testing.T) {
	for in, want := range map[string]string{
		"https://c.example/topic/1-x/?do=findComment&comment=9": "9",
		"https://c.example/topic/1-x/#comment-9":                "9",
		"https://c.example/topic/1-x/#entry9":                   "9",
		"https://c.example/index.php?showtopic=1&p=9":           "9",
		"https://c.example/topic/1-x/":                          "",
	} {
		if got := PostID(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestMemberURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://c.example/profile/5-anna/content/":           "https://c.example/profile/5-anna/",
		"https://c.example/profile/5-anna/?do=hovercard":      "https://c.example/profile/5-anna/",
		"https://c.example/index.php?/profile/5-anna/content": "https://c.example/index.php?/profile/5-anna/",
		"https://c.example/topic/5-anna/":                     "",
	} {
		if got := MemberURL(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
