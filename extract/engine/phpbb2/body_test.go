package phpbb2

import (
	"testing"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Boards that changed the templates of quotes put them into div elements.
func TestQuotesInDivs(t *testing.T) {
	page := `<table class="forumline"><tr><td><span class="name"><a name="5"></a><b>Ida</b></span></td><td>
<span class="postbody">Look.</span><div align="center"><div class="quotetitle"><nobr>&laquo; Old Dai &raquo; wrote:</nobr></div><div class="quotediv">Bright fire.</div></div><span class="postbody">Indeed.</span></td></tr></table>`
	c := forum.Capture{URL: "http://h.example/viewtopic.php?t=1", Body: []byte(page)}
	d, err := dom.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Engine{}.Read(c, forum.Facts{}, d)
	if err != nil || len(p.Posts) != 1 {
		t.Fatalf("%d posts, %v", len(p.Posts), err)
	}
	post := p.Posts[0]
	if post.Body.Text != "Look.\nIndeed." && post.Body.Text != "Look.\n\nIndeed." {
		t.Errorf("text %q", post.Body.Text)
	}
	if len(post.Quotes) != 1 || post.Quotes[0].Author != "Old Dai" {
		t.Errorf("quotes %+v", post.Quotes)
	}
}
