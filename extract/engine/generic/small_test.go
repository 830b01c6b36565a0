package generic

import (
	"fmt"
	"strings"
	"testing"
)

// cardRows is a thread as boards of tables show it: a cell about the author beside
// one that begins with the time. Nothing is named or numbered as a post.
func cardRows(texts ...string) string {
	var b strings.Builder
	b.WriteString(`<title>Felt</title><table><tr><td><a href="default.asp">All boards</a> <a href="forum.asp?FORUM_ID=3">Wool</a></td></tr></table><table><tr><td><b>Author</b></td><td><b>Topic</b></td></tr>`)
	for i, text := range texts {
		fmt.Fprintf(&b, `<tr><td><b><a href="pop_profile.asp?id=%d">Ada Lund %[1]d</a></b><br><small>Old hand</small><br><small>Hull<br>%d Posts</small></td><td><a name="%d"></a><font size="1">Posted - 05 Jan 2026 : 10:0%[1]d:11 <a href="post.asp?quote=%[3]d"><img src="q.gif"></a></font><hr><font size="2"><span>%s</span></font></td></tr>`, i+1, 90+i, 70+i, text)
	}
	return b.String() + "</table>"
}

// TestSmallThreads reads threads of one or two posts and of a word each, where the
// address says that the page is a thread.
func TestSmallThreads(t *testing.T) {
	for _, tt := range []struct {
		name, address string
		texts         []string
		want          string
	}{
		{"one post", "/topic.asp?TOPIC_ID=9", []string{"Which felt keeps its shape when it is wet? Mine does not."}, "Ada Lund 1: Which felt keeps its shape when it is wet? Mine does not."},
		{"one word", "/topic.asp?TOPIC_ID=9", []string{"Sold."}, "Ada Lund 1: Sold."},
		{"two words", "/topic.asp?TOPIC_ID=9", []string{"Sold.", "Thanks!"}, "Ada Lund 1: Sold. | Ada Lund 2: Thanks!"},
		{"of nobody knows what", "/felt-and-wool", []string{"Sold."}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := read(t, "https://f.example"+tt.address, cardRows(tt.texts...))
			var got []string
			for i := range p.Posts {
				if !p.Posts[i].Published.Known() {
					t.Errorf("post %d has no time", i+1)
				}
				got = append(got, p.Posts[i].Author.Name+": "+p.Posts[i].Body.Text)
			}
			if s := strings.Join(got, " | "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

// TestNameBesideTitle tells a name from the rank that stands beside it.
func TestNameBesideTitle(t *testing.T) {
	var b strings.Builder
	for i := range 3 {
		fmt.Fprintf(&b, `<div class="row" id="%d"><div class="author-box"><h4 class="author-name"><a href="/user/ada%[1]d">Ada Lund %[1]d</a></h4><h5 class="author-title">Old hand</h5></div><a href="/post/%[1]d">Jan 5, 2026, 10:0%[1]d AM</a><div class="content"><p>Which felt keeps its shape when it is wet, asked the %[1]d. time?</p></div></div>`, i+1)
	}
	p := read(t, "https://f.example/topic/9-felt", "<h1>Felt</h1>"+b.String())
	if len(p.Posts) != 3 || p.Posts[0].Author == nil || p.Posts[0].Author.Name != "Ada Lund 1" {
		t.Errorf("got %+v", p.Posts)
	}
}
