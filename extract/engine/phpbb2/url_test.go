package phpbb2

import "testing"

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"http://h.example/viewtopic.php?t=12", "thread/12/1", "http://h.example/viewtopic.php?t=12"},
		{"http://h.example/viewtopic.php?t=12&start=0&postdays=0&postorder=asc&highlight=&sid=0123456789abcdef0123456789abcdef", "thread/12/1", "http://h.example/viewtopic.php?t=12"},
		{"http://h.example/f/viewtopic.php?t=12&postdays=0&postorder=asc&start=30#99", "thread/12/s30", "http://h.example/f/viewtopic.php?t=12&start=30"},
		{"http://h.example/viewtopic.php?t=12&start=7", "thread/12/s7", "http://h.example/viewtopic.php?t=12&start=7"},
		{"http://h.example/viewtopic.php?p=99#99", "", ""},
		{"http://h.example/viewtopic.php?t=12&view=next", "", ""},
		{"http://h.example/viewtopic.php?t=12&postorder=desc", "", ""},
		{"http://h.example/viewtopic.php?t=12&watch=topic", "", ""},
		{"http://h.example/viewforum.php?f=4&topicdays=0&start=50", "board/4/s50", "http://h.example/viewforum.php?f=4&start=50"},
		{"http://h.example/viewforum.php?f=4&mark=topics", "", ""},
		{"http://h.example/profile.php?mode=viewprofile&u=8", "profile/8", "http://h.example/profile.php?mode=viewprofile&u=8"},
		{"http://h.example/profile.php?mode=viewprofile&u=-1", "", ""},
		{"http://h.example/profile.php?mode=register", "", ""},
		{"http://h.example/index.php?sid=0123", "index", "http://h.example/index.php"},
		{"http://h.example/index.php?c=1", "", ""},
		{"http://h.example/ftopic12-15.html", "thread/12/s15", "http://h.example/ftopic12-15.html"},
		{"http://h.example/ftopic12-0.html", "thread/12/1", "http://h.example/ftopic12.html"},
		{"https://h.example/t55-loose-bow-hair", "thread/55/1", "https://h.example/t55-loose-bow-hair"},
		{"https://h.example/t55p15-loose-bow-hair#812", "thread/55/s15", "https://h.example/t55p15-loose-bow-hair"},
		{"https://h.example/f3p50-bows", "board/3/s50", "https://h.example/f3p50-bows"},
		{"https://h.example/u4", "profile/4", "https://h.example/u4"},
		{"https://h.example/club/t55-loose-bow-hair", "", ""},
		{"https://h.example/t55p7-loose-bow-hair", "thread/55/s7", "https://h.example/t55p7-loose-bow-hair"},
		{"http://h.example/posting.php?mode=reply&t=12", "", ""},
		{"http://h.example/search.php?search_id=unanswered", "", ""},
		{"http://h.example/memberlist.php", "", ""},
		{"http://h.example/login.php", "", ""},
		{"http://h.example/download.php?id=4", "", ""},
	}
	for _, c := range cases {
		l, _ := linkOf(c.in)
		url := l.URL
		if l.Key != c.key || c.key != "" && url != c.url {
			t.Errorf("%s: got %q %q, want %q %q", c.in, l.Key, l.URL, c.key, c.url)
		}
	}
}
