package scrub_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"
	"forumine/extract/scrub"
)

var fetched = time.Date(2026, 2, 9, 18, 30, 0, 0, time.UTC)

const thread = `<!DOCTYPE html>
<html id="XenForo" lang="en-US"><head><meta charset="utf-8"><title>Tuning the kitchen clock | Brass Gears</title>
<!-- served by node seven --><meta name="generator" content="Some Program 1.5"><meta property="og:title" content="Tuning the kitchen clock">
<script>var visitor = "Orla Finch"; track(visitor);</script>
<script type="application/ld+json">{"@context":"https://schema.org","@type":"DiscussionForumPosting","author":{"@type":"Person","name":"Orla Finch"},"datePublished":"2026-01-31T09:15:00+00:00"}</script>
</head><body class="thread_view"><div class="titleBar"><h1>Tuning the kitchen clock</h1></div>
<form><ol class="messageList" id="messageList">
<li id="post-90312" class="message" data-author="Orla Finch"><div class="messageUserInfo"><a class="avatar" href="members/orla-finch.71/"><img src="data/avatars/m/0/71.jpg?1706692500" alt="Orla Finch"></a>
<h3 class="userText"><a href="members/orla-finch.71/" class="username">Orla Finch</a></h3><div class="extraUserInfo"><dl class="pairsJustified"><dt>Joined:</dt> <dd>Mar 2, 2019</dd></dl><dl class="pairsJustified"><dt>Messages:</dt> <dd>1,288</dd></dl></div></div>
<div class="messageInfo primaryContent"><div class="messageContent"><article><blockquote class="messageText">The pendulum drifts eleven seconds daily. Write to orla@brassgears.test or see https://www.brassgears.test/threads/tuning-the-kitchen-clock.530/.</blockquote></article></div>
<div class="messageMeta"><div class="privateControls"><a href="threads/tuning-the-kitchen-clock.530/" class="datePermalink"><abbr class="DateTime" data-time="1769850900" data-datestring="Jan 31, 2026" data-timestring="9:15 AM">Jan 31, 2026 at 9:15 AM</abbr></a></div><div class="publicControls"><a href="threads/tuning-the-kitchen-clock.530/" class="item muted postNumber">#1</a></div></div></div></li>
<li id="post-90355" class="message" data-author="May"><div class="messageUserInfo"><h3 class="userText"><a href="members/may.104/" class="username">May</a></h3></div>
<div class="messageInfo primaryContent"><div class="messageContent"><article><blockquote class="messageText"><div class="bbCodeBlock bbCodeQuote" data-author="Orla Finch"><aside><div class="attribution type">Orla Finch said: <a href="goto/post?id=90312#post-90312" class="AttributionLink">&uarr;</a></div><blockquote class="quoteContainer"><div class="quote">The pendulum drifts eleven seconds daily.</div></blockquote></aside></div>Shorten the bob by half a turn.</blockquote></article></div>
<div class="messageMeta"><div class="privateControls"><span class="DateTime" title="Feb 1, 2026 at 10:00 AM">Feb 1, 2026</span></div></div></div></li>
</ol></form><div style="background: url('https://brassgears.test/walnut.png') no-repeat">Page 1 of 9</div></body></html>`

func scrubOne(t *testing.T, body string, seed uint64) (forum.Capture, string) {
	t.Helper()
	c := forum.Capture{
		URL: "https://www.brassgears.test/threads/tuning-the-kitchen-clock.530/", Status: 200, FetchedAt: fetched, Body: []byte(body),
		Header: map[string][]string{"Content-Type": {"text/html; charset=utf-8"}, "Date": {"Mon, 09 Feb 2026 18:30:00 GMT"}, "Set-Cookie": {"xf_session=abc"}},
	}
	out, err := scrub.Pages([]forum.Capture{c}, scrub.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return out[0], string(out[0].Body)
}

func TestThreadKeepsItsStructure(t *testing.T) {
	out, body := scrubOne(t, thread, 1)
	p := read(t, out)
	if p.Engine != "xenforo1" || p.Kind != forum.KindThread || len(p.Posts) != 2 {
		t.Fatalf("read as %s, %s, with %d posts\n%s", p.Engine, p.Kind, len(p.Posts), body)
	}
	first, second := p.Posts[0], p.Posts[1]
	if len(second.Quotes) != 1 || second.Quotes[0].PostID != first.ID || second.Quotes[0].Author != first.Author.Name {
		t.Errorf("the quote %+v is not of post %s by %s", second.Quotes, first.ID, first.Author.Name)
	}
	if len(first.ID) != 5 || first.ID >= second.ID {
		t.Errorf("ids %s and %s: want five digits, in order", first.ID, second.ID)
	}
	if first.Author.PostCount == nil || *first.Author.PostCount < 1000 || *first.Author.PostCount > 9999 || *first.Author.PostCount == 1288 {
		t.Errorf("post count %v, want another of four digits", first.Author.PostCount)
	}
	if !strings.HasPrefix(second.Body.FullText, first.Body.Text[:41]) {
		t.Errorf("the quote's text is not the post's:\n%s\n%s", second.Body.FullText, first.Body.Text)
	}
	if !strings.Contains(body, "Page 1 of 9") || first.Position != 1 {
		t.Errorf("page or position changed: %d\n%s", first.Position, body)
	}
}

func TestDatesMoveTogether(t *testing.T) {
	out, _ := scrubOne(t, thread, 1)
	before, after := read(t, forum.Capture{Body: []byte(thread), FetchedAt: fetched}), read(t, out)
	want := out.FetchedAt.Sub(fetched)
	if want == 0 || want%(7*24*time.Hour) != 0 {
		t.Fatalf("the capture moved by %v, want whole weeks", want)
	}
	for i := range before.Posts {
		if got := after.Posts[i].Published.At.Sub(before.Posts[i].Published.At); got != want {
			t.Errorf("post %d moved by %v, its capture by %v", i, got, want)
		}
	}
	if got := after.Posts[0].Author.Joined.At.Sub(before.Posts[0].Author.Joined.At); got != want {
		t.Errorf("joined moved by %v, want %v", got, want)
	}
	if got := out.HeaderValue("Date"); got != fetched.Add(want).Format(time.RFC1123) && !strings.Contains(got, fetched.Add(want).Format("02 Jan 2006")) {
		t.Errorf("Date header %q, want the capture's time", got)
	}
}

func TestNothingOfThePageIsLeft(t *testing.T) {
	out, body := scrubOne(t, thread, 1)
	all := strings.ToLower(body + out.URL)
	for _, gone := range []string{"orla", "finch", "pendulum", "brassgears", "brass gears", "kitchen", "walnut", "90312", "90355", ".530", "served by", "track(", ">may<", `"may"`, "may.104", "1769850900"} {
		if strings.Contains(all, gone) {
			t.Errorf("%q is still there", gone)
		}
	}
	if _, has := out.Header["Set-Cookie"]; has {
		t.Error("a cookie is still there")
	}
	p := read(t, out)
	name := p.Posts[0].Author.Name
	if n := strings.Count(body, name); n != strings.Count(thread, "Orla Finch")-1 {
		t.Errorf("%q stands %d times, want it wherever the real name stood outside of scripts", name, n)
	}
	if slug := strings.ReplaceAll(strings.ToLower(name), " ", "-"); !strings.Contains(body, "members/"+slug+".") {
		t.Errorf("no address of %q", slug)
	}
}

func TestSeedDecides(t *testing.T) {
	_, one := scrubOne(t, thread, 1)
	_, again := scrubOne(t, thread, 1)
	_, other := scrubOne(t, thread, 2)
	if one != again {
		t.Error("one seed gave two fixtures")
	}
	if one == other {
		t.Error("two seeds gave one fixture")
	}
}

func TestPagesOfAFolderAgree(t *testing.T) {
	second := strings.ReplaceAll(thread, "Shorten the bob", "Leave it alone")
	out, err := scrub.Pages([]forum.Capture{{Body: []byte(thread)}, {Body: []byte(second)}}, scrub.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	a, b := read(t, out[0]), read(t, out[1])
	if a.Posts[0].Author.Name != b.Posts[0].Author.Name || a.Posts[0].ID != b.Posts[0].ID || a.Thread.Title != b.Thread.Title {
		t.Errorf("names, ids or titles differ: %+v, %+v", a.Posts[0].Author, b.Posts[0].Author)
	}
}

func TestEncodingIsKept(t *testing.T) {
	body := []byte("<html><head><meta charset=\"windows-1251\"><title>x</title></head><body><p>\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe0\xff\xf2\xed\xe8\xea! \xc7\xe0\xf0\xe5\xe3\xe8\xf1\xf2\xf0\xe8\xf0\xee\xe2\xe0\xed: 5 \xec\xe0\xff 2020</p></body></html>")
	out, err := scrub.Pages([]forum.Capture{{Body: body}}, scrub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, charset, err := dom.Decoded(out[0])
	if err != nil || charset != "windows-1251" || len(out[0].Body) != len(body) && !strings.Contains(text, "20") {
		t.Fatalf("read as %s: %v\n%s", charset, err, text)
	}
	if strings.Contains(text, "маятник") || !strings.Contains(text, "Зарегистрирован: ") {
		t.Errorf("words that should go stay, or labels that should stay go: %s", text)
	}
}

func TestEmbeddedData(t *testing.T) {
	page := `<html><body><div id="data-preloaded" data-preloaded='{"topic_53012":"{\"id\":53012,\"title\":\"Tuning clocks\",\"views\":4711,\"created_at\":\"2026-01-31T09:15:00.000Z\",\"posts_count\":25,\"post_stream\":{\"stream\":[880123,880129],\"posts\":[{\"id\":880123,\"username\":\"orla_f\",\"cooked\":\"<p>The pendulum drifts<\/p>\",\"post_number\":1}]}}"}'></div>
<a href="/u/orla_f">orla_f</a><a href="/t/tuning-clocks/53012/2">two</a></body></html>`
	out, err := scrub.Pages([]forum.Capture{{Body: []byte(page)}}, scrub.Options{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dom.Parse(out[0])
	if err != nil {
		t.Fatal(err)
	}
	j, err := dom.ParseJSON(d.Find("#data-preloaded").AttrOr("data-preloaded", ""))
	if err != nil {
		t.Fatal(err)
	}
	topic := j.At(j.Keys()[0]).Nested()
	post := topic.At("post_stream", "posts").List()[0]
	if topic.At("post_stream", "stream").List()[0].Text() != post.At("id").Text() || post.At("id").Text() == "880123" {
		t.Errorf("ids do not agree: %s", out[0].Body)
	}
	if topic.At("posts_count").Int() != 25 || post.At("post_number").Int() != 1 || topic.At("views").Int() == 4711 {
		t.Errorf("counts that are structure change, or others stay: %s", out[0].Body)
	}
	name := post.At("username").Text()
	if name == "orla_f" || !strings.Contains(string(out[0].Body), `href="/u/`+name+`"`) || !strings.Contains(string(out[0].Body), "/"+topic.At("id").Text()+"/2\"") {
		t.Errorf("the account %q or the topic %s is not linked: %s", name, topic.At("id").Text(), out[0].Body)
	}
	if strings.Contains(string(out[0].Body), "pendulum") {
		t.Errorf("the post's words are still there: %s", out[0].Body)
	}
}

func TestAddresses(t *testing.T) {
	tests := []struct{ name, in, keeps string }{
		{"phpBB", "https://gears.test/viewtopic.php?f=12&t=34567&start=20", "/viewtopic.php?f= &t= &start=20"},
		{"XenForo", "/threads/brass-gears.34567/page-3", "/threads/ . /page-3"},
		{"SMF", "https://gears.test/index.php?topic=34567.40", "/index.php?topic= .40"},
		{"MyBB", "/thread-34567-page-2.html", "/thread- -page-2.html"},
		{"style sheet", "https://gears.test/styles/prosilver/theme/stylesheet.css?assets_version=35", "/styles/prosilver/theme/ .css?assets_version=35"},
		{"picture", "/uploads/monthly_2026_01/walnut_case.jpg", "/uploads/ .jpg"},
		{"script", "javascript:quote('Orla')", "javascript:void(0)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := scrub.Pages([]forum.Capture{{Body: []byte(`<p><a href="` + strings.ReplaceAll(tt.in, "&", "&amp;") + `">x</a></p>`)}}, scrub.Options{Seed: 9})
			if err != nil {
				t.Fatal(err)
			}
			d, err := dom.Parse(out[0])
			if err != nil {
				t.Fatal(err)
			}
			got, rest := d.Find("a").AttrOr("href", ""), d.Find("a").AttrOr("href", "")
			for part := range strings.FieldsSeq(tt.keeps) {
				_, after, ok := strings.Cut(rest, part)
				if !ok {
					t.Fatalf("%s became %s: %q is gone", tt.in, got, part)
				}
				rest = after
			}
			for _, gone := range []string{"gears", "34567", "walnut", "Orla"} {
				if strings.Contains(got, gone) {
					t.Errorf("%s became %s: %q is still there", tt.in, got, gone)
				}
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	if _, err := scrub.Pages([]forum.Capture{{}}, scrub.Options{}); !errors.Is(err, dom.ErrUnreadable) {
		t.Errorf("an empty page: %v", err)
	}
	big := forum.Capture{Body: bytes.Repeat([]byte("a"), scrub.MaxPage+1)}
	if _, err := scrub.Pages([]forum.Capture{big}, scrub.Options{}); !errors.Is(err, scrub.ErrTooLarge) {
		t.Errorf("a page that is too large: %v", err)
	}
}
