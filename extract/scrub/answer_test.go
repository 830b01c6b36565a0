package scrub_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"forumine/extract/forum"
	"forumine/extract/scrub"
)

const answer = `{"post_stream":{"posts":[
{"id":51220,"username":"rook_tailor","name":"Ines Varga","cooked":"<p>The loft hums &amp; rattles at dawn.</p>","post_number":1,"post_type":1,"created_at":"2026-02-01T08:00:00.000Z","updated_at":"2026-02-01T08:00:00.000Z","topic_id":7744,"topic_slug":"humming-loft","user_id":3311,"avatar_template":"/user_avatar/loft.example/rook_tailor/{size}/9_2.png","actions_summary":[{"id":2,"count":3}]},
{"id":51231,"username":"may","name":"","cooked":"<aside class=\"quote\" data-username=\"rook_tailor\" data-post=\"1\" data-topic=\"7744\"><blockquote><p>The loft hums</p></blockquote></aside><p>Tighten the gutter, see <a href=\"https://loft.example/t/humming-loft/7744/1\">above</a>.</p>","post_number":2,"post_type":1,"created_at":"2026-02-02T08:00:00.000Z","updated_at":"2026-02-02T08:00:00.000Z","topic_id":7744,"topic_slug":"humming-loft","user_id":3312,"avatar_template":"/letter_avatar_proxy/v4/letter/m/ce73a5/{size}.png","actions_summary":[]}],"stream":[51220,51231]},
"id":7744,"title":"Humming loft & gutter","fancy_title":"Humming loft &amp; gutter","posts_count":2,"created_at":"2026-02-01T08:00:00.000Z","views":812,"reply_count":1,"slug":"humming-loft","category_id":6,"tags":["gutters"]}`

const answerPage = `<!DOCTYPE html><html lang="en"><head><meta name="generator" content="Discourse 3.4.0"><title>Humming loft &amp; gutter - Loft</title><link rel="canonical" href="https://loft.example/t/humming-loft/7744"></head>
<body class="crawler"><h1><a href="/t/humming-loft/7744">Humming loft &amp; gutter</a></h1><div id='post_1' class='topic-body crawler-post'><span class='creator'><a href='https://loft.example/u/rook_tailor'>rook_tailor</a></span> <div class='post'><p>The loft hums &amp; rattles at dawn.</p></div></div></body></html>`

// TestAnswersAreScrubbedAsPagesAre scrubs an answer to a forum's scripts with a
// page of the same forum.
func TestAnswersAreScrubbedAsPagesAre(t *testing.T) {
	in := []forum.Capture{
		{URL: "https://loft.example/t/7744.json", Status: 200, FetchedAt: fetched, Header: map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}, Body: []byte(answer)},
		{URL: "https://loft.example/t/humming-loft/7744", Status: 200, FetchedAt: fetched, Header: map[string][]string{"Content-Type": {"text/html"}}, Body: []byte(answerPage)},
	}
	out, err := scrub.Pages(in, scrub.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out[0].Body) {
		t.Fatalf("it is no JSON any more:\n%s", out[0].Body)
	}
	before, after := read(t, in[0]), read(t, out[0])
	if diffs := differences(shapeOf(before), shapeOf(after)); len(diffs) > 0 {
		t.Errorf("scrubbed, it reads otherwise:\n%s", strings.Join(diffs, "\n"))
	}
	all := strings.ToLower(string(out[0].Body) + string(out[1].Body) + out[0].URL + out[1].URL)
	for _, gone := range []string{"rook", "tailor", "ines", "varga", "hums", "rattles", "gutter", "loft", "7744", "51220", "51231", "3311", `"may"`} {
		if strings.Contains(all, gone) {
			t.Errorf("%q is still there:\n%s", gone, all)
		}
	}
	page := read(t, out[1])
	if len(page.Posts) != 1 || page.Posts[0].Author.Name != after.Posts[0].Author.Name || page.Posts[0].Body.Text != after.Posts[0].Body.Text || page.Thread.ID != after.Thread.ID {
		t.Errorf("page and answer tell of two threads:\n%s\n%s", out[0].Body, out[1].Body)
	}
	if a, b := skeleton(answer), skeleton(string(out[0].Body)); a != b {
		t.Errorf("keys, order or white space changed:\n%s\n%s", a, b)
	}
}

// skeleton is JSON without its strings' words and its numbers' digits.
func skeleton(s string) string {
	s = regexp.MustCompile(`: ?"(?:[^"\\]|\\.)*"`).ReplaceAllString(s, `:""`)
	s = regexp.MustCompile(`\["[^"]*"\]`).ReplaceAllString(s, `[""]`)
	return regexp.MustCompile(`\d`).ReplaceAllString(s, "0")
}
