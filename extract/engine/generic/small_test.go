package generic

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
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

// TestJoinedInCards takes the day of joining, which stands with a time of day among the
// lines of a card, for no post's time: here the rows of one table are posts two by two.
func TestJoinedInCards(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<h1>Felt</h1><table>`)
	for i := range 4 {
		fmt.Fprintf(&b, `<tr><td colspan="2"><table><tr><td class="small"><a name="8%d"></a>1%[2]d/02/2026 10:00:00 <b>Subject:</b> Felt</td></tr></table></td></tr><tr><td class="row"><b>Ada Lund %[2]d</b><br><span class="small">Old hand<br>Joined: 1%[2]d/07/2017 00:00:00<br>Messages: 9%[2]d</span></td><td class="row"><span class="postbody">Which felt keeps its shape when it is wet, asked the %[2]d. time?</span></td></tr><tr><td class="row"><a href="/user/profile/%[2]d.page"><img></a></td></tr>`, i, i+3)
	}
	p := read(t, "https://f.example/topic/9.page", b.String()+"</table>")
	if len(p.Posts) != 4 {
		t.Fatalf("got %d posts", len(p.Posts))
	}
	for i, post := range p.Posts {
		if want := fmt.Sprintf("2026-02-1%dT10:00", i+3); !strings.HasPrefix(post.Published.At.Format(time.RFC3339), want) || !strings.HasPrefix(post.Body.Text, "Which felt") {
			t.Errorf("post %d: %v, %q", i+1, post.Published.At, post.Body.Text)
		}
	}
}

// TestHeadLikeBody tells the head of a post from its body where both have a framework's
// word for a first class, and accounts by the script that shows them.
func TestHeadLikeBody(t *testing.T) {
	var b strings.Builder
	for i := range 4 {
		fmt.Fprintf(&b, `<div class="event" id="note-%d"><div class="content comment-container"><div class="ui top attached header comment-header"><div class="comment-header-left"><a class="author" href="member_profile.asp?PF=%[1]d">Ada Lund %[1]d</a> wrote <time datetime="2026-01-0%[1]dT10:00:00Z">then</time></div><div>Owner</div></div><div class="ui attached comment-body"><div class="markup"><p>Which felt keeps its shape when it is wet, asked the %[1]d. time?</p></div></div></div></div>`, i+1)
	}
	p := read(t, "https://f.example/felt/wool/issues/9", "<h1>Felt</h1>"+b.String())
	if len(p.Posts) != 4 || p.Posts[1].Author == nil || p.Posts[1].Author.Name != "Ada Lund 2" || !strings.HasPrefix(p.Posts[1].Body.Text, "Which felt") {
		t.Errorf("got %+v", p.Posts)
	}
}

// TestScraps leaves out what has neither name nor words, unless it is hidden or much of
// the page is like it.
func TestScraps(t *testing.T) {
	named := placed{post: forum.Post{Author: &forum.Author{Name: "Ada"}}}
	hidden, words := placed{post: forum.Post{State: forum.PostDeleted}}, placed{post: forum.Post{Body: forum.Body{Text: "Felt"}}}
	for _, tt := range []struct {
		all  []placed
		want int
	}{
		{[]placed{named, named, named, {}}, 3},
		{[]placed{named, named, named, hidden}, 4},
		{[]placed{named, named, named, words}, 4},
		{[]placed{named, named, {}}, 3},
	} {
		if got := withoutScraps(tt.all); len(got) != tt.want {
			t.Errorf("%d of %d are left, want %d", len(got), len(tt.all), tt.want)
		}
	}
}

// TestOrdinalsAreNoIDs tells the numbers of posts from their places in the thread: those
// of two threads would be one post's. A lone post has one too, and so have later pages.
func TestOrdinalsAreNoIDs(t *testing.T) {
	post := func(i int, more string) string {
		return fmt.Sprintf(`<div class="comment" id="c%d"%s><h4><a href="/user/%[1]d/ada">Ada Lund %[1]d</a></h4><time datetime="2026-01-02T10:%02[3]d:00Z">then</time><div class="body">Which felt keeps its shape when it is wet, asked the %[1]d. time?</div></div>`, i, more, i%60)
	}
	for _, tt := range []struct {
		address, body, want string
	}{
		{"/topic/9/felt/", post(1, ""), " "},
		{"/topic/9/felt/", post(1, ` data-post-id="1"`), "1 "},
		{"/topic/9/felt/", post(1, "") + post(2, ""), "  "},
		{"/topic/9/felt/?page=2", post(21, "") + post(22, ""), "  "},
		{"/topic/9/felt/?page=3", post(41, ""), " "},
		{"/topic/9/felt/?page=2", post(21, "") + post(23, ""), "21 23 "},
		{"/topic/9/felt/?page=2", post(921, "") + post(922, ""), "921 922 "},
	} {
		got := ""
		for _, p := range read(t, "https://f.example"+tt.address, "<h1>Felt</h1>"+tt.body).Posts {
			got += p.ID + " "
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.address, got, tt.want)
		}
	}
}

// TestQuoteHeads reads whom quotes quote by lines that end with no colon or stand behind
// a word or a picture.
func TestQuoteHeads(t *testing.T) {
	for name, quote := range map[string]string{
		"a cite before it":          `<cite>Bo Rask wrote on Mon, 05 January 2026 10:00</cite><blockquote>%s</blockquote>`,
		"a line behind the word":    `<blockquote id="quote"><font>quote:<hr><i>Originally posted by Bo Rask</i><br><br>%s<hr></font></blockquote>`,
		"a name behind a picture":   `<table><tr><td class="boxquote"><img src="q.png"> <strong>Bo Rask wrote:</strong><br><br>%s</td></tr></table>`,
		"a line that leads nowhere": `<blockquote><i>Posted by</i> %s</blockquote>`,
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for i := range 3 {
				fmt.Fprintf(&b, `<div class="post" id="post-%d"><a class="author" href="/user/%[1]d">Ada Lund %[1]d</a> <time datetime="2026-01-0%[2]dT10:00:00Z">then</time><div class="content">`+quote+`Mine keeps it for the %[2]d. year.</div></div>`, i+71, i+6, "Does it keep its shape?")
			}
			p := read(t, "https://f.example/topic/9", b.String())
			if len(p.Posts) != 3 || len(p.Posts[1].Quotes) != 1 || !strings.HasPrefix(p.Posts[1].Body.Text, "Mine") {
				t.Fatalf("got %+v", p.Posts)
			}
			want := "Bo Rask"
			if strings.Contains(name, "nowhere") {
				want = ""
			}
			if q := p.Posts[1].Quotes[0]; q.Author != want {
				t.Errorf("got %q, want %q", q.Author, want)
			}
		})
	}
}

// TestStripedNames reads posts whose cells bear another name in every other post.
func TestStripedNames(t *testing.T) {
	var b strings.Builder
	for i := range 4 {
		fmt.Fprintf(&b, `<table class="frame"><tr><td class="table%[2]s"><b><a href="profile.php?userid=%[1]d">Ada Lund %[1]d</a></b><br><span class="small">Old hand<br>Joined: 2%[1]d.11.2018</span></td><td class="table%[2]s"><span class="normal">Which felt keeps its shape when it is wet, asked the %[1]d. time?</span></td></tr><tr><td class="table%[2]s"><a href="thread.php?postid=9%[1]d#post9%[1]d"><img></a> <span class="small">1%[1]d.09.2024 <span class="time">10:00</span></span></td><td class="table%[2]s"></td></tr></table>`, i+1, "ab"[i%2:i%2+1])
	}
	if p := read(t, "https://f.example/thread.php?threadid=9", b.String()); len(p.Posts) != 4 || !strings.HasPrefix(p.Posts[1].Body.Text, "Which") || p.Posts[1].Published.At.Day() != 12 {
		t.Errorf("got %d posts: %+v", len(p.Posts), p.Posts)
	}
}
