package discuz

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"https://h.example/thread-12-1-1.html", "thread/12/1", "https://h.example/thread-12-1-1.html"},
		{"https://h.example/thread-12-3-7.html#pid99", "thread/12/3", "https://h.example/thread-12-3-1.html"},
		{"https://h.example/bbs/thread-12-3.html", "thread/12/3", "https://h.example/bbs/thread-12-3.html"},
		{"https://h.example/forum.php?mod=viewthread&tid=12", "thread/12/1", "https://h.example/forum.php?mod=viewthread&tid=12"},
		{"https://h.example/forum.php?mod=viewthread&tid=12&extra=page%3D1&page=3&mobile=2", "thread/12/3", "https://h.example/forum.php?mod=viewthread&tid=12&page=3"},
		{"https://H.example/bbs/forum.php?mod=viewthread&amp;tid=12&amp;page=1&amp;fromuid=4", "thread/12/1", "https://h.example/bbs/forum.php?mod=viewthread&tid=12"},
		{"http://h.example/viewthread.php?tid=12&extra=page%3D1%26amp%3Bfilter%3D0&page=2&sid=A608M0", "thread/12/2", "http://h.example/viewthread.php?tid=12&page=2"},
		{"https://h.example/forum-2-1.html", "board/2/1", "https://h.example/forum-2-1.html"},
		{"https://h.example/forum-garden-4.html", "board/garden/4", "https://h.example/forum-garden-4.html"},
		{"https://h.example/group-9-2.html", "board/9/2", "https://h.example/group-9-2.html"},
		{"https://h.example/forum.php?mod=forumdisplay&fid=2&page=4", "board/2/4", "https://h.example/forum.php?mod=forumdisplay&fid=2&page=4"},
		{"http://h.example/forumdisplay.php?fid=2", "board/2/1", "http://h.example/forumdisplay.php?fid=2"},
		{"https://h.example/space-uid-5.html", "profile/5", "https://h.example/space-uid-5.html"},
		{"https://h.example/home.php?mod=space&uid=5&do=profile", "profile/5", "https://h.example/home.php?mod=space&uid=5"},
		{"http://h.example/space.php?uid=5", "profile/5", "http://h.example/space.php?uid=5"},
		{"https://h.example/forum.php", "index", "https://h.example/forum.php"},
		{"https://h.example/bbs/", "index", "https://h.example/bbs/"},
		{"https://h.example", "index", "https://h.example/"},
		{"http://h.example/index.php?sid=A608M0", "index", "http://h.example/index.php"},
		{"https://h.example/forum.php?gid=4", "", ""},
		{"http://h.example/index.php?gid=4", "", ""},
		{"https://h.example/forum.php?mod=viewthread&tid=12&page=1&authorid=7", "", ""},
		{"https://h.example/forum.php?mod=viewthread&tid=12&extra=&ordertype=1", "", ""},
		{"https://h.example/forum.php?mod=viewthread&action=printable&tid=12", "", ""},
		{"https://h.example/forum.php?mod=viewthread&tid=12&from=album", "", ""},
		{"https://h.example/forum.php?mod=redirect&goto=findpost&ptid=12&pid=99", "", ""},
		{"https://h.example/forum.php?mod=redirect&tid=12&goto=lastpost#lastpost", "", ""},
		{"http://h.example/redirect.php?tid=12&goto=lastpost", "", ""},
		{"https://h.example/forum.php?mod=forumdisplay&fid=2&filter=typeid&typeid=3", "", ""},
		{"https://h.example/forum.php?mod=post&action=reply&fid=2&tid=12", "", ""},
		{"https://h.example/forum.php?mod=attachment&aid=MTIz", "", ""},
		{"https://h.example/forum.php?mod=rss&fid=2", "", ""},
		{"https://h.example/forum.php?mod=guide&view=hot", "", ""},
		{"https://h.example/home.php?mod=space&username=anna", "", ""},
		{"https://h.example/home.php?mod=space&uid=5&do=thread&view=me", "", ""},
		{"https://h.example/space-username-anna.html", "", ""},
		{"https://h.example/member.php?mod=logging&action=login", "", ""},
		{"https://h.example/misc.php?mod=tag&id=3", "", ""},
		{"https://h.example/search.php?mod=forum", "", ""},
		{"https://h.example/archiver/tid-12.html", "", ""},
		{"https://h.example/portal.php", "", ""},
		{"https://h.example/forum.php?mod=viewthread&tid=abc", "", ""},
		{"javascript:;", "", ""},
	}
	for _, c := range cases {
		u, err := url.Parse(c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := canonical(u)
		if ok != (c.key != "") || ok && (l.Key != c.key || l.URL != c.url) {
			t.Errorf("%s: got %v %q %q, want %q %q", c.in, ok, l.Key, l.URL, c.key, c.url)
		}
	}
}
