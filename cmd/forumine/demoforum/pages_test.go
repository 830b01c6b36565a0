package demoforum

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// readPost reads a message by the class names alone, as an outsider would.
func readPost(t *testing.T, s *goquery.Selection) Post {
	t.Helper()
	id, _ := s.Attr("id")
	p := Post{ID: strings.TrimPrefix(id, "post-"), Author: s.AttrOr("data-author", "")}
	author := s.Find(".userText a.username")
	if href, ok := author.Attr("href"); ok {
		p.AuthorID = href[strings.LastIndex(href, ".")+1 : len(href)-1]
	}
	p.Guest = p.AuthorID == ""
	if author.Text() != p.Author {
		t.Errorf("post %s: %q and %q", p.ID, author.Text(), p.Author)
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s.Find(".postNumber").Text(), "#"))
	if err != nil {
		t.Errorf("post %s: %v", p.ID, err)
	}
	p.Position = n
	s.Find(".bbCodeQuote").Each(func(_ int, q *goquery.Selection) {
		link := q.ChildrenFiltered("aside").ChildrenFiltered(".attribution").Find("a").AttrOr("href", "")
		_, src, _ := strings.Cut(link, "#post-")
		p.Quotes = append(p.Quotes, Quote{Author: q.AttrOr("data-author", ""), PostID: src, Depth: q.ParentsFiltered(".bbCodeQuote").Length()})
	})
	s.Find("img.mceSmilieSprite").Each(func(_ int, img *goquery.Selection) { img.ReplaceWithHtml(img.AttrOr("alt", "")) })
	body := s.Find(".messageContent .messageText").Clone()
	body.Find(".bbCodeQuote, .messageTextEndMarker, .bbCodeSpoilerButton, .type").Remove()
	body.Find("br, li").Each(func(_ int, br *goquery.Selection) { br.AfterHtml("\n") })
	body.Find("pre").Each(func(_ int, pre *goquery.Selection) { p.Code = append(p.Code, pre.Text()) })
	p.OwnText = strings.Join(strings.Fields(body.Text()), " ")
	s.Find(".attachedFiles li.attachment").Each(func(_ int, li *goquery.Selection) {
		a := Attachment{Name: li.AttrOr("title", ""), Image: li.HasClass("image"), Size: li.Find("dd").First().Text()}
		p.Attachments = append(p.Attachments, a)
	})
	s.Find(".LikeText a.username").Each(func(_ int, a *goquery.Selection) { p.LikedBy = append(p.LikedBy, a.Text()) })
	p.Likes = len(p.LikedBy)
	if others := s.Find(".LikeText a[href$='/likes']").Text(); others != "" {
		more, err := strconv.Atoi(strings.Fields(others)[0])
		if err != nil {
			t.Errorf("post %s: %v", p.ID, err)
		}
		p.Likes += more
	}
	p.Signature = strings.Join(strings.Fields(s.Find(".signature aside").Text()), " ")
	return p
}

func TestPagesSayWhatIsTrue(t *testing.T) {
	f := newForum(t, Options{})
	truth := f.Truth()
	read, page := map[string]Post{}, map[string]int{}
	for _, th := range truth.Threads {
		if th.RedirectTo != "" {
			continue
		}
		for n := 1; n <= th.Pages; n++ {
			doc, err := goquery.NewDocumentFromReader(get(t, f, th.URL+pageSuffix(n)).Body)
			if err != nil {
				t.Fatal(err)
			}
			checkThread(t, doc, th, n)
			doc.Find("ol#messageList > li.message[id^='post-']").Each(func(_ int, s *goquery.Selection) {
				p := readPost(t, s)
				if _, twice := read[p.ID]; twice {
					t.Errorf("post %s stands on two pages", p.ID)
				}
				read[p.ID], page[p.ID] = p, n
			})
		}
	}
	if len(read) != len(truth.Posts) {
		t.Fatalf("%d posts on the pages, %d in truth", len(read), len(truth.Posts))
	}
	for _, want := range truth.Posts {
		comparePost(t, read[want.ID], want)
		if page[want.ID] != want.Page {
			t.Errorf("post %s on page %d, want %d", want.ID, page[want.ID], want.Page)
		}
	}
}

func checkThread(t *testing.T, doc *goquery.Document, th Thread, n int) {
	t.Helper()
	h1 := doc.Find(".titleBar h1").Clone()
	if got := h1.Find(".prefix").Text(); got != th.Prefix {
		t.Errorf("thread %s: prefix %q, want %q", th.ID, got, th.Prefix)
	}
	h1.Find(".prefix").Remove()
	if got := strings.TrimSpace(h1.Text()); got != th.Title {
		t.Errorf("thread %s: title %q, want %q", th.ID, got, th.Title)
	}
	tags := doc.Find(".tagBlock a.tag").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	if !slices.Equal(tags, th.Tags) {
		t.Errorf("thread %s: tags %q, want %q", th.ID, tags, th.Tags)
	}
	if got := doc.Find(".lockedAlert").Length() == 1; got != th.Locked {
		t.Errorf("thread %s: locked %v, want %v", th.ID, got, th.Locked)
	}
	if got := doc.Find("link[rel='next']").AttrOr("href", ""); (got != "") != (n < th.Pages) {
		t.Errorf("thread %s page %d: next %q", th.ID, n, got)
	}
	if got := doc.Find("link[rel='canonical']").AttrOr("href", ""); got != base+th.URL+pageSuffix(n) {
		t.Errorf("thread %s: canonical %q", th.ID, got)
	}
	nav := doc.Find(".PageNav").First()
	if last := nav.AttrOr("data-last", "1"); last != strconv.Itoa(th.Pages) {
		t.Errorf("thread %s: %s pages, want %d", th.ID, last, th.Pages)
	}
	if u := nav.AttrOr("data-baseurl", "{{sentinel}}"); !strings.Contains(u, "{{sentinel}}") {
		t.Errorf("thread %s: base URL %q", th.ID, u)
	}
	if th.Poll != nil && doc.Find("ol.pollResults li.pollResult").Length() != len(th.Poll.Options) {
		t.Errorf("thread %s: the poll lacks options", th.ID)
	}
}

func comparePost(t *testing.T, got, want Post) {
	t.Helper()
	fields := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if got.OwnText != fields(want.OwnText) {
		t.Errorf("post %s: text\n %q\nwant\n %q", want.ID, got.OwnText, fields(want.OwnText))
	}
	if got.Author != want.Author || got.AuthorID != want.AuthorID || got.Guest != want.Guest || got.Position != want.Position {
		t.Errorf("post %s: %+v, want %+v", want.ID, got, want)
	}
	if !slices.Equal(got.Quotes, want.Quotes) || !slices.Equal(got.Code, want.Code) {
		t.Errorf("post %s: quotes %v code %q, want %v %q", want.ID, got.Quotes, got.Code, want.Quotes, want.Code)
	}
	if got.Likes != want.Likes || !slices.Equal(got.LikedBy, want.LikedBy) || got.Signature != fields(want.Signature) {
		t.Errorf("post %s: likes %d %v, signature %q; want %d %v %q", want.ID, got.Likes, got.LikedBy, got.Signature, want.Likes, want.LikedBy, want.Signature)
	}
	var listed []Attachment
	for _, a := range want.Attachments {
		if !a.Inline {
			listed = append(listed, Attachment{Name: a.Name, Size: a.Size, Image: a.Image})
		}
	}
	if !slices.Equal(got.Attachments, listed) {
		t.Errorf("post %s: files %v, want %v", want.ID, got.Attachments, listed)
	}
}

// TestTimes reads the two forms of a time, and finds the board's zone from the
// pair that recent posts show.
func TestTimes(t *testing.T) {
	f := newForum(t, Options{})
	truth := map[string]Post{}
	for _, p := range f.Truth().Posts {
		truth[p.ID] = p
	}
	zone := time.FixedZone("", 2*60*60)
	recents, olds, edits := 0, 0, 0
	var paths []string
	for _, th := range f.Truth().Threads {
		for n := 1; n <= th.Pages; n++ {
			paths = append(paths, th.URL+pageSuffix(n))
		}
	}
	for _, path := range paths {
		doc, err := goquery.NewDocumentFromReader(get(t, f, path).Body)
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("li.message").Each(func(_ int, s *goquery.Selection) {
			want := truth[strings.TrimPrefix(s.AttrOr("id", ""), "post-")]
			dt := s.Find(".messageMeta .DateTime")
			shown := want.PublishedAt.In(zone).Format("Jan 2, 2006 at 3:04 PM")
			switch goquery.NodeName(dt) {
			case "abbr":
				recents++
				if dt.AttrOr("data-time", "") != strconv.FormatInt(want.PublishedAt.Unix(), 10) || dt.Text() != shown ||
					dt.AttrOr("data-datestring", "")+" at "+dt.AttrOr("data-timestring", "") != shown {
					t.Errorf("post %s: %s, want %s", want.ID, dt.Text(), shown)
				}
			case "span":
				olds++
				if dt.AttrOr("title", "") != shown || !strings.HasPrefix(shown, dt.Text()+" at ") {
					t.Errorf("post %s: %s, want %s", want.ID, dt.AttrOr("title", ""), shown)
				}
			default:
				t.Errorf("post %s shows no time", want.ID)
			}
			note := s.Find(".editDate").Text()
			if (note != "") == want.EditedAt.IsZero() || strings.Contains(note, "by a moderator") != want.EditedByModerator {
				t.Errorf("post %s: edit note %q, edited %v", want.ID, note, want.EditedAt)
			}
			if note != "" {
				edits++
			}
		})
	}
	if recents < 15 || olds < 200 || edits < 8 {
		t.Errorf("%d recent, %d older times, %d edits", recents, olds, edits)
	}
}

func TestListings(t *testing.T) {
	f := newForum(t, Options{})
	truth := f.Truth()
	for _, b := range truth.Boards {
		if b.MembersOnly {
			continue
		}
		seen := map[string]bool{}
		for n := 1; n <= b.Pages; n++ {
			id, err := strconv.Atoi(b.ID)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := goquery.NewDocumentFromReader(get(t, f, f.m.boardByID(id).path()+pageSuffix(n)).Body)
			if err != nil {
				t.Fatal(err)
			}
			doc.Find("li.discussionListItem").Each(func(_ int, s *goquery.Selection) {
				id := strings.TrimPrefix(s.AttrOr("id", ""), "thread-")
				if seen[id] {
					t.Errorf("board %s lists thread %s twice", b.ID, id)
				}
				seen[id] = true
				i := slices.IndexFunc(truth.Threads, func(th Thread) bool { return th.ID == id })
				checkRow(t, s, truth.Threads[i])
			})
		}
		for _, th := range truth.Threads {
			if th.BoardID == b.ID && !seen[th.ID] {
				t.Errorf("board %s does not list thread %s", b.ID, th.ID)
			}
		}
	}
}

func TestIndexShowsTheBoards(t *testing.T) {
	f := newForum(t, Options{})
	doc, err := goquery.NewDocumentFromReader(get(t, f, "").Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range f.Truth().Boards {
		node := doc.Find("li.node.forum.node_" + b.ID)
		if got := node.Find(".nodeTitle a").First().Text(); got != b.Title {
			t.Errorf("board %s: %q, want %q", b.ID, got, b.Title)
		}
		if node.HasClass("level_3") {
			continue // a sub-board shows its name alone
		}
		want := num(b.ShownThreads) + " " + num(b.ShownMessages)
		if b.MembersOnly {
			want = "– –"
		}
		stats := node.Find(".nodeStats dd")
		if got := stats.Eq(0).Text() + " " + stats.Eq(1).Text(); got != want {
			t.Errorf("board %s: counts %s, want %s", b.ID, got, want)
		}
		if got := node.Find(".lastThreadTitle a").AttrOr("href", ""); b.ShownLastPostID != "" && got != "posts/"+b.ShownLastPostID+"/" {
			t.Errorf("board %s: last post %q, want %s", b.ID, got, b.ShownLastPostID)
		}
	}
}

func checkRow(t *testing.T, s *goquery.Selection, want Thread) {
	t.Helper()
	got := []any{s.HasClass("sticky"), s.HasClass("locked"), s.Find("h3.title a").Last().Text(), s.Find(".prefix").Text(),
		s.Find(".posterDate a.username").Text(), s.Find(".iconKey .redirect").Length() == 1}
	if wantRow := []any{want.Sticky, want.Locked, want.Title, want.Prefix, want.Author, want.RedirectTo != ""}; !slices.Equal(got, wantRow) {
		t.Errorf("thread %s: %v, want %v", want.ID, got, wantRow)
	}
	if want.RedirectTo == "" && s.Find(".stats .major dd").Text() != num(want.Replies) {
		t.Errorf("thread %s: %s replies, want %d", want.ID, s.Find(".stats .major dd").Text(), want.Replies)
	}
}

func TestTruthHasWhatTestsNeed(t *testing.T) {
	truth := newForum(t, Options{}).Truth()
	counts := map[string]int{"boards": len(truth.Boards), "threads": len(truth.Threads), "posts": len(truth.Posts), "users": len(truth.Users)}
	add := func(key string, is bool) {
		if is {
			counts[key]++
		}
	}
	for _, b := range truth.Boards {
		add("empty", b.ThreadCount == 0 && !b.MembersOnly)
		add("private", b.MembersOnly)
		add("boardpages", b.Pages > 1)
	}
	for _, th := range truth.Threads {
		add("sticky", th.Sticky)
		add("locked", th.Locked)
		add("moved", th.RedirectTo != "")
		add("poll", th.Poll != nil)
		add("long", th.Pages > 1)
		add("tags", len(th.Tags) > 0)
	}
	for _, p := range truth.Posts {
		add("guests", p.Guest && !p.AuthorDeleted)
		add("deleted", p.AuthorDeleted)
		add("files", len(p.Attachments) > 0)
		add("mentions", len(p.Mentions) > 0)
		for _, q := range p.Quotes {
			add("nested", q.Depth > 0)
			add("unlinked", q.PostID == "")
			add("linked", q.PostID != "")
		}
	}
	least := map[string]int{"boards": 9, "threads": 42, "posts": 300, "users": 20, "empty": 1, "private": 1, "boardpages": 2, "sticky": 4, "locked": 4,
		"moved": 1, "poll": 1, "long": 5, "tags": 15, "guests": 4, "deleted": 3, "files": 8, "mentions": 1, "nested": 2, "unlinked": 1, "linked": 25}
	for key, n := range least {
		if counts[key] < n {
			t.Errorf("%s: %d, want at least %d", key, counts[key], n)
		}
	}
	t.Log(counts)
}

func TestPageNav(t *testing.T) {
	tests := []struct {
		cur, last  int
		start, end string
		links      []string
	}{
		{1, 1, "", "", nil},
		{1, 2, "2", "1", []string{"1", "2", "Next >"}},
		{1, 11, "2", "6", []string{"1", "2", "3", "4", "5", "6", "11", "Next >"}},
		{7, 10, "5", "9", []string{"< Prev", "1", "5", "6", "7", "8", "9", "10", "Next >"}},
		{11, 11, "6", "10", []string{"< Prev", "1", "6", "7", "8", "9", "10", "11"}},
	}
	for _, tt := range tests {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(pageNav("threads/x.1/", "", tt.cur, tt.last))))
		if err != nil {
			t.Fatal(err)
		}
		nav := doc.Find(".PageNav")
		links := nav.Find("a[href]").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
		if nav.AttrOr("data-start", "") != tt.start || nav.AttrOr("data-end", "") != tt.end || !slices.Equal(links, tt.links) {
			t.Errorf("page %d of %d: %s to %s, %q", tt.cur, tt.last, nav.AttrOr("data-start", ""), nav.AttrOr("data-end", ""), links)
		}
	}
}

func TestBBCode(t *testing.T) {
	m := newForum(t, Options{}).m
	tests := []struct{ name, in, html, own string }{
		{"escaping", `a <b> & "c"`, `a &lt;b&gt; &amp; &quot;c&quot;`, `a <b> & "c"`},
		{"breaks", "a\nb", "a<br />\nb", "a\nb"},
		{"unknown and stray tags", "[blink]x[/blink] y[/b]", "[blink]x[/blink] y[/b]", "[blink]x[/blink] y[/b]"},
		{"unclosed", "[b]x", "<b>x</b>", "x"},
		{"list", "[list]\n[*]a\n[*]b\n[/list]\nc", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>c", "a\nb\nc"},
		{"code keeps tags", "[code]\n  [b]x[/b]\n[/code]", "<div class=\"bbCodeBlock bbCodeCode\">\n\t<div class=\"type\">Code:</div>\n\t<pre>  [b]x[/b]</pre>\n</div> ", "[b]x[/b]"},
		{"smilie", "well :)", `well <img src="styles/default/xenforo/clear.png" class="mceSmilieSprite mceSmilie1" alt=":)" title="Smile    :)" />`, "well :)"},
		{"mention", "[user]Wilf Garrity[/user]!", `<a href="members/wilf-garrity.12/" class="username" data-user="12, @Wilf Garrity">@Wilf Garrity</a>!`, "@Wilf Garrity!"},
		{"script address", "[url=javascript:x]y[/url]", "y", "y"},
		{"quote alone", "[quote]x[/quote]", "<div class=\"bbCodeBlock bbCodeQuote\">\n\t<aside>\n<blockquote class=\"quoteContainer\"><div class=\"quote\">x</div><div class=\"quoteExpand\">Click to expand...</div></blockquote>\n\t</aside>\n</div>", ""},
	}
	for _, tt := range tests {
		if got := bodyHTML(m, base, nil, tt.in); got != tt.html {
			t.Errorf("%s: html %q, want %q", tt.name, got, tt.html)
		}
		if got := ownText(parse(tt.in)); got != tt.own {
			t.Errorf("%s: text %q, want %q", tt.name, got, tt.own)
		}
	}
}
