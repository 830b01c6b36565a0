package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
)

// byID keys documents by a field; a second document of one key is an error.
func byID(t *testing.T, docs []document, field string) map[string]document {
	t.Helper()
	out := map[string]document{}
	for _, d := range docs {
		id := str(d, field)
		if out[id] != nil {
			t.Errorf("%s %s is there twice", field, id)
		}
		out[id] = d
	}
	return out
}

// differ reports a difference between what is there and what should be.
func differ(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

// sameTime compares an exported time with the true one, to the precision that
// the page had.
func sameTime(d document, field string, want time.Time) bool {
	got, err := time.Parse(time.RFC3339, str(d, field+"_at"))
	if err != nil {
		return false
	}
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute}[str(d, field+"_precision")]
	return unit > 0 && got.Equal(want.UTC().Truncate(unit))
}

// TestCrawlFindsTheTruth crawls the demo forum and compares every document with
// what the forum is made of.
func TestCrawlFindsTheTruth(t *testing.T) {
	f, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url)
	docs := export(t, data)
	truth := f.Truth()
	t.Run("posts", func(t *testing.T) { comparePosts(t, docs, truth) })
	t.Run("threads", func(t *testing.T) { compareThreads(t, docs, truth) })
	t.Run("authors", func(t *testing.T) { compareAuthors(t, docs, truth) })
	t.Run("replies", func(t *testing.T) { compareReplies(t, data, truth) })
	t.Run("requests", func(t *testing.T) { checkRequests(t, f.Requests()) })
}

// smilies are pictures on the page that stand for a mood: they yield no text.
var smilies = regexp.MustCompile(`(^|\s)(:\)|;\)|:D)`)

func comparePosts(t *testing.T, docs []document, truth demoforum.Truth) {
	got := byID(t, ofKind(docs, "post"), "post.id")
	differ(t, "posts", len(got), len(truth.Posts))
	for _, want := range truth.Posts {
		d := got[want.ID]
		if d == nil {
			t.Errorf("post %s is missing", want.ID)
			continue
		}
		name := "post " + want.ID
		differ(t, name+" thread", str(d, "thread.id"), want.ThreadID)
		differ(t, name+" board", str(d, "forum.id"), want.BoardID)
		differ(t, name+" author", str(d, "author.name")+"|"+str(d, "author.id"), want.Author+"|"+want.AuthorID)
		differ(t, name+" guest", at(d, "author.is_guest"), want.Guest)
		differ(t, name+" text", words(str(d, "body.text")), words(smilies.ReplaceAllString(want.OwnText, "")))
		differ(t, name+" position", num(d, "post.position"), want.Position)
		differ(t, name+" page", num(d, "post.page"), want.Page)
		differ(t, name+" first", at(d, "post.is_first"), want.Position == 1)
		if !sameTime(d, "published", want.PublishedAt) {
			t.Errorf("%s published: got %s (%s), want %s", name, str(d, "published_at"), str(d, "published_precision"), want.PublishedAt)
		}
		switch shown := str(d, "edited_at") != ""; {
		case shown != !want.EditedAt.IsZero():
			t.Errorf("%s edit mark: got %q, want %s", name, str(d, "edited_at"), want.EditedAt)
		case shown && !sameTime(d, "edited", want.EditedAt):
			t.Errorf("%s edited: got %s, want %s", name, str(d, "edited_at"), want.EditedAt)
		}
		comparePostParts(t, name, d, want)
	}
}

func comparePostParts(t *testing.T, name string, d document, want demoforum.Post) {
	t.Helper()
	var quotes []demoforum.Quote
	for _, q := range list(d, "quotes") {
		quotes = append(quotes, demoforum.Quote{Author: firstOf(q, "author_name", "author"), PostID: keyID(firstOf(q, "post_id", "post_key")), Depth: num(q, "depth")})
	}
	differ(t, name+" quotes", quotes, want.Quotes)
	differ(t, name+" code", words(str(d, "body.code")), words(strings.Join(want.Code, " ")))
	var files, trueFiles []string
	for _, a := range list(d, "attachments") {
		inline, _ := at(a, "is_inline").(bool)
		files = append(files, fmt.Sprintf("%s %s %v", str(a, "id"), str(a, "filename"), inline))
	}
	for _, a := range want.Attachments {
		trueFiles = append(trueFiles, fmt.Sprintf("%s %s %v", a.ID, a.Name, a.Inline))
	}
	slices.Sort(files)
	slices.Sort(trueFiles)
	differ(t, name+" attachments", files, trueFiles)
	differ(t, name+" attachment count", num(d, "attachment_count"), len(want.Attachments))
	if want.Likes > 0 {
		differ(t, name+" likes", num(d, "reactions.total"), want.Likes)
	}
}

// firstOf gives the first of several fields that is there.
func firstOf(d document, names ...string) string {
	for _, n := range names {
		if s := str(d, n); s != "" {
			return s
		}
	}
	return ""
}

// keyID is the native id at the end of a key.
func keyID(key string) string { return key[strings.LastIndexByte(key, '|')+1:] }

func compareThreads(t *testing.T, docs []document, truth demoforum.Truth) {
	got := byID(t, ofKind(docs, "thread"), "thread.id")
	boards := map[string]string{}
	for _, b := range truth.Boards {
		boards[b.ID] = b.Title
	}
	n := 0
	for _, want := range truth.Threads {
		if want.RedirectTo != "" {
			continue
		}
		n++
		d := got[want.ID]
		if d == nil {
			t.Errorf("thread %s is missing", want.ID)
			continue
		}
		name := "thread " + want.ID
		differ(t, name+" title", str(d, "thread.title"), want.Title)
		differ(t, name+" board", str(d, "forum.id")+" "+str(d, "forum.name"), want.BoardID+" "+boards[want.BoardID])
		differ(t, name+" prefix", strings.Join(strs(d, "thread.prefix"), ","), want.Prefix)
		differ(t, name+" tags", strs(d, "thread.tags"), want.Tags)
		differ(t, name+" author", str(d, "author.name")+"|"+str(d, "author.id"), want.Author+"|"+want.AuthorID)
		differ(t, name+" replies", num(d, "thread.reply_count"), want.Replies)
		differ(t, name+" views", num(d, "thread.view_count"), want.Views)
		differ(t, name+" pages", num(d, "thread.page_count"), want.Pages)
		differ(t, name+" locked", at(d, "thread.is_locked") == true, want.Locked)
		differ(t, name+" sticky", at(d, "thread.is_sticky") == true, want.Sticky)
		differ(t, name+" last post", keyID(str(d, "thread.last_post_key")), want.LastPostID)
		if want.Poll != nil {
			differ(t, name+" poll", str(d, "poll.question")+fmt.Sprint(strs(d, "poll.options")), want.Poll.Question+fmt.Sprint(want.Poll.Options))
			var votes []int
			for _, o := range list(d, "poll.results") {
				votes = append(votes, num(o, "votes"))
			}
			differ(t, name+" votes", votes, want.Poll.Votes)
		}
	}
	differ(t, "threads", len(got), n)
}

func compareAuthors(t *testing.T, docs []document, truth demoforum.Truth) {
	byKey := map[string]document{}
	for _, d := range ofKind(docs, "author") {
		if id := str(d, "author.id"); id != "" {
			byKey[id] = d
		}
	}
	wrote := map[string]int{}
	for _, p := range truth.Posts {
		wrote[p.AuthorID]++
	}
	for _, want := range truth.Users {
		if wrote[want.ID] == 0 {
			continue // nothing leads to a member who has written nothing
		}
		d := byKey[want.ID]
		if d == nil {
			t.Errorf("author %s (%s) is missing", want.ID, want.Name)
			continue
		}
		name := "author " + want.ID
		differ(t, name+" name", str(d, "author.name"), want.Name)
		differ(t, name+" title", str(d, "author.title"), want.Title)
		differ(t, name+" location", str(d, "author.location"), want.Location)
		differ(t, name+" gender", str(d, "author.gender"), want.Gender)
		differ(t, name+" messages", num(d, "author.post_count"), want.Messages)
		differ(t, name+" likes", num(d, "author.reaction_score"), want.Likes)
		differ(t, name+" trophies", num(d, "author.trophy_points"), want.Trophies)
		differ(t, name+" posts seen", num(d, "observed_post_count"), wrote[want.ID])
		differ(t, name+" fields", textMap(d, "author.fields"), want.Fields)
		differ(t, name+" labels", textMap(d, "author.field_labels"), want.Labels)
		differ(t, name+" banner", strings.Join(strs(d, "author.banners"), ","), want.Banner)
		differ(t, name+" avatar", str(d, "author.avatar_url") != "", want.HasAvatar)
	}
}

func textMap(d document, path string) map[string]string {
	out := map[string]string{}
	m, _ := at(d, path).(map[string]any)
	for k, v := range m {
		out[k] = fmt.Sprint(v)
	}
	return out
}

// mustNotAsk are the addresses that a crawl of the demo forum has no business
// with: what its robots.txt forbids, forms, members' lists, duplicates, boards' own
// feeds. That of all boards and the sitemap are asked for once.
var mustNotAsk = regexp.MustCompile(`^/(search|login|register|lost-password|account|conversations|members|online|help|misc|find-new|recent-activity|tags|attachments|goto|posts|inline-mod|watched)\b|/(latest|unread|reply|preview|watch|create-thread|mark-read)$|[^-]/index\.rss$|[?&](order|direction|prefix_id|_xf)`)

func checkRequests(t *testing.T, asked map[string]int) {
	if asked["/robots.txt"] != 1 {
		t.Errorf("robots.txt was asked for %d times, want once", asked["/robots.txt"])
	}
	for _, uri := range slices.Sorted(maps.Keys(asked)) {
		if asked[uri] > 1 {
			t.Errorf("%s was asked for %d times", uri, asked[uri])
		}
		if mustNotAsk.MatchString(uri) {
			t.Errorf("%s should not have been asked for", uri)
		}
	}
	pages := map[string]string{}
	thread := regexp.MustCompile(`^/(threads|forums)/[^/]*?(\d+)/(?:page-(\d+))?`)
	for uri := range asked {
		if m := thread.FindStringSubmatch(uri); m != nil {
			key := m[1] + m[2] + "/" + m[3]
			if other, ok := pages[key]; ok {
				t.Errorf("one page under two addresses: %s and %s", uri, other)
			}
			pages[key] = uri
		}
	}
}

// TestSecondRunAsksForWhatChanged changes the forum between two runs.
func TestSecondRunAsksForWhatChanged(t *testing.T) {
	f, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url)
	id, err := f.AddReply(42, "Hester Quill", "A reply about [b]ferrules[/b].", demoNow.Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	f.ResetRequests()
	crawlLocal(t, data, url)
	for uri := range f.Requests() {
		if strings.HasPrefix(uri, "/threads/") && !strings.Contains(uri, ".42/") {
			t.Errorf("%s has not changed and was asked for", uri)
		}
	}
	posts := byID(t, ofKind(export(t, data), "post"), "post.id")
	d := posts[strconv.Itoa(id)]
	if d == nil {
		t.Fatalf("the reply %d was not found; asked for: %v", id, f.Requests())
	}
	differ(t, "reply", words(str(d, "body.text")), "A reply about ferrules.")
	comparePosts(t, export(t, data), f.Truth())

	f.ResetRequests()
	crawlLocal(t, data, url)
	for uri := range f.Requests() {
		if strings.HasPrefix(uri, "/threads/") {
			t.Errorf("third run: %s has not changed and was asked for", uri)
		}
	}
}

// TestEditIsReadWithItsThread edits the last post of a thread and adds a reply:
// the edit comes along when the thread's last page is read again.
func TestEditIsReadWithItsThread(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	f, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url)
	var edited demoforum.Post
	for _, p := range f.Truth().Posts {
		if p.ThreadID == "42" && p.Position > edited.Position {
			edited = p
		}
	}
	var id int
	if _, err := fmt.Sscan(edited.ID, &id); err != nil {
		t.Fatal(err)
	}
	if err := f.Edit(id, "Said otherwise.", demoNow.Add(-2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.AddReply(42, "Hester Quill", "Noted.", demoNow.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	crawlLocal(t, data, url)
	comparePosts(t, export(t, data), f.Truth())
	revisions := ofKind(export(t, data, "--kind", "revision"), "revision")
	if len(revisions) == 0 {
		t.Error("the text before the edit is not kept as a revision")
	}
}

// TestLinksThatLeadAstray puts addresses into a post that a crawl must never ask
// for.
func TestLinksThatLeadAstray(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	f, url := serveDemo(t)
	text := "[url=javascript:alert(1)]a[/url] [url=file:///etc/passwd]b[/url] [url=http://10.0.0.1/threads/x.5/]c[/url] [url=http://169.254.169.254/latest/]d[/url] [url=https://elsewhere.example/threads/x.5/]e[/url]"
	id, err := f.AddReply(42, "Hester Quill", text, demoNow.Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	out := crawlLocal(t, data, url)
	if !strings.HasPrefix(strings.TrimSpace(out), "complete") {
		t.Errorf("the crawl did not complete: %s", out)
	}
	checkRequests(t, f.Requests())
	d := byID(t, ofKind(export(t, data), "post"), "post.id")[strconv.Itoa(id)]
	for _, l := range list(d, "links") {
		if u := str(l, "url"); !strings.HasPrefix(u, "http") {
			t.Errorf("link %s was kept", u)
		}
	}
}
