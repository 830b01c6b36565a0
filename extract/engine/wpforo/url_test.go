package wpforo

import "testing"

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"https://H.example/community/", "index", "https://h.example/community/"},
		{"https://h.example/community", "index", "https://h.example/community"},
		{"https://h.example/community/main-forum/", "board/main-forum/1", "https://h.example/community/main-forum/"},
		{"https://h.example/community/main-forum/paged/3/", "board/main-forum/3", "https://h.example/community/main-forum/paged/3/"},
		{"https://h.example/community/main-forum/?wpfpaged=3", "board/main-forum/3", "https://h.example/community/main-forum/?wpfpaged=3"},
		{"https://h.example/community/main-forum/cold-halls/", "thread/cold-halls/1", "https://h.example/community/main-forum/cold-halls/"},
		{"https://h.example/community/main-forum/Cold-Halls", "thread/cold-halls/1", "https://h.example/community/main-forum/Cold-Halls"},
		{"https://h.example/community/main-forum/cold-halls/paged/2/#post-9", "thread/cold-halls/2", "https://h.example/community/main-forum/cold-halls/paged/2/"},
		{"https://h.example/community/main-forum/cold-halls/paged/1/", "thread/cold-halls/1", "https://h.example/community/main-forum/cold-halls/"},
		{"https://h.example/community/main-forum/cold-halls/?utm_source=x", "thread/cold-halls/1", "https://h.example/community/main-forum/cold-halls/"},
		{"https://h.example/de/forum/haupt/%C3%BCbung/", "thread/%c3%bcbung/1", "https://h.example/de/forum/haupt/%C3%BCbung/"},
		{"https://h.example/choir/topicid/12/", "thread/12/1", "https://h.example/choir/topicid/12/"},
		{"https://h.example/participant/maeve/", "profile/maeve", "https://h.example/participant/maeve/"},
		{"https://h.example/community/profile/maeve/", "profile/maeve", "https://h.example/community/profile/maeve/"},
		{"https://h.example/participant/maeve/activity/", "", ""},
		{"https://h.example/community/profile/maeve/activity/", "", ""},
		{"https://h.example/community/postid/610/", "", ""},
		{"https://h.example/community/recent/", "", ""},
		{"https://h.example/community/recent/?view=unread", "", ""},
		{"https://h.example/community/members/paged/2/", "", ""},
		{"https://h.example/community/add-topic/", "", ""},
		{"https://h.example/community/?wpfs=hall", "", ""},
		{"https://h.example/community/main-forum/?foro=read", "", ""},
		{"https://h.example/community/main-forum/cold-halls/feed/", "", ""},
		{"https://h.example/community/main-forum/cold-halls/?orderby=votes", "", ""},
		{"https://h.example/community/main-forum/paged/0/", "", ""},
		{"https://h.example/wp-content/uploads/wpforo/default_attachments/1759-part.pdf", "", ""},
		{"https://h.example/2025/10/warm-up/", "", ""},
		{"https://h.example/about/", "", ""},
		{"mailto:choir@h.example", "", ""},
	}
	for _, c := range cases {
		l, _ := linkOf(c.in)
		if l.Key != c.key || l.URL != c.url {
			t.Errorf("%s: got %q %q, want %q %q", c.in, l.Key, l.URL, c.key, c.url)
		}
	}
}
