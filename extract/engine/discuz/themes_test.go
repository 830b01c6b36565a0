package discuz

import (
	"strings"
	"testing"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Posts whose theme names neither text, time nor number as the program does.
func TestPostsWithoutTheProgramsClasses(t *testing.T) {
	cases := []struct{ name, post, text string }{
		{"head over text", `<div class="top"><a href="space-uid-9.html"><img src="avatar.php?uid=9"></a><a href="space-uid-9.html">望灯</a><i class="when">2025-9-8 06:02</i><b>12 floor</b></div><div class="talk">灯还没亮。</div>`, "灯还没亮。"},
		{"number after the time", `<div><div class="who"><a href="space-uid-9.html">望灯</a><p>2025-9-8 06:02</p></div><p>12楼</p></div><div class="talk">灯还没亮。</div>`, "灯还没亮。"},
		{"tools within", `<div class="card"><a href="space-uid-9.html">望灯</a><p>积分: 310</p></div><div><i>2025-9-8 06:02</i><p>#12</p><div><div class="talk">灯还没亮。</div><div><a href="forum.php?mod=post&amp;action=reply">回复</a></div></div></div>`, "灯还没亮。"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := readPost(t, `<div id="post_8112">`+c.post+`</div>`)
			if p.Author == nil || p.Author.Name != "望灯" || p.Author.ID != "9" {
				t.Errorf("author %+v", p.Author)
			}
			if got := p.Published.At.Format("2006-01-02 15:04"); got != "2025-09-08 06:02" {
				t.Errorf("written %s", got)
			}
			if p.Body.Text != c.text || p.Position != 12 {
				t.Errorf("%q at %d", p.Body.Text, p.Position)
			}
		})
	}
}

func readPost(t *testing.T, post string) forum.Post {
	t.Helper()
	c := forum.Capture{URL: "https://ferry.example/thread-303-2-1.html", FetchedAt: time.Date(2025, 9, 9, 0, 0, 0, 0, time.UTC), Body: []byte(`<html><head><title>x</title></head><body>` + post + `</body></html>`)}
	d, err := dom.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Engine{}.Read(c, forum.Facts{}, d)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Posts) != 1 {
		t.Fatalf("%d posts, want 1: %s", len(p.Posts), strings.TrimSpace(post))
	}
	return p.Posts[0]
}
