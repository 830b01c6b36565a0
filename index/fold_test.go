package index

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
)

func day(n int) time.Time { return time.Date(2024, 3, n, 0, 0, 0, 0, time.UTC) }

// contribution wraps a partial document as page number n, read n seconds in.
func contribution[D any](kind forum.DocKind, key string, n, rank int, from source, doc D) forum.Contribution {
	return forum.Contribution{
		Doc: forum.DocRef{Kind: kind, Key: key}, Page: fmt.Sprintf("page-%d", n), Rank: rank,
		ObservedAt: time.Unix(1700000000+int64(n), 0).UTC(), Extractor: 1,
		Body: mustMarshal(body[D]{Source: from, Doc: doc}),
	}
}

// randomPages are pages of one site whose readings disagree wherever they can.
func randomPages(r *rand.Rand) []forum.Contribution {
	var all []forum.Contribution
	for n := range 6 {
		page := randomThreadPage(r)
		all = append(all, Contributions(testSite(), page, randomProv(r, fmt.Sprint("t", n)))...)
		row := forum.Row{ID: "1", Title: pick(r, "The pump", "The p…", ""), ReplyCount: number(r), ViewCount: number(r),
			CountsRounded: r.IntN(2) == 0, IsSticky: r.IntN(2) == 0, Author: randomAuthor(r), Started: randomStamp(r), LastPost: randomStamp(r), LastPostID: pick(r, "", "11")}
		board := &forum.Page{Kind: forum.KindBoard, Listing: []forum.Row{row}, Path: []forum.Crumb{{Name: pick(r, "Pumps", "Seals")}}}
		all = append(all, Contributions(testSite(), board, randomProv(r, fmt.Sprint("b", n)))...)
		profile := &forum.Page{Kind: forum.KindProfile, Profile: randomAuthor(r)}
		all = append(all, Contributions(testSite(), profile, randomProv(r, fmt.Sprint("p", n)))...)
	}
	return all
}

func randomThreadPage(r *rand.Rand) *forum.Page {
	post := forum.Post{ID: "10", State: forum.PostVisible, IsFirst: r.IntN(2) == 0, Author: randomAuthor(r),
		Published: randomStamp(r), Edited: randomStamp(r), EditCount: r.IntN(3), Body: forum.Body{Text: pick(r, "one", "two", "")}}
	if r.IntN(2) == 0 {
		post.Signature, post.Reactions = &forum.Signature{Text: pick(r, "a", "b")}, &forum.Reactions{Total: 2}
	}
	thread := &forum.Thread{ID: "1", Title: pick(r, "The pump", "The pumps"), Page: r.IntN(3), Author: randomAuthor(r),
		Started: randomStamp(r), ReplyCount: number(r), Tags: texts([]string{pick(r, "", "seal")})}
	if r.IntN(2) == 0 {
		thread.Poll = &forum.Poll{Question: pick(r, "Which?", "Why?")}
	}
	kind := forum.KindThread
	if r.IntN(4) == 0 {
		kind = forum.KindPost
	}
	return &forum.Page{Kind: kind, Thread: thread, Posts: []forum.Post{post}, Extract: forum.Extract{Version: r.IntN(2)}}
}

// randomProv lets times of observation collide, so that rank and page decide.
func randomProv(r *rand.Rand, page string) Provenance {
	return Provenance{PageKey: page, ObservedAt: time.Unix(1700000000+int64(r.IntN(4)), 0), Viewer: pick(r, "guest", "ada")}
}

func randomAuthor(r *rand.Rand) *forum.Author {
	if r.IntN(4) == 0 {
		return nil
	}
	return &forum.Author{ID: pick(r, "7", "8"), Name: pick(r, "Ada", "Ada Fenn"), PostCount: number(r), Joined: randomStamp(r),
		Location: pick(r, "", "Marsh"), Fields: map[string]string{pick(r, "a", "b"): pick(r, "x", "y")}}
}

func randomStamp(r *rand.Rand) forum.Stamp {
	if r.IntN(4) == 0 {
		return forum.Stamp{}
	}
	at := day(1).Add(time.Duration(r.IntN(40)) * 20 * time.Minute)
	p := forum.Precision(pick(r, "minute", "hour", "day", "unknown"))
	return forum.Stamp{At: at, Raw: strconv.Itoa(r.IntN(100)), Precision: p, Zone: forum.Zone(pick(r, "utc", "assumed"))}
}

func pick(r *rand.Rand, all ...string) string { return all[r.IntN(len(all))] }

func number(r *rand.Rand) *int64 {
	if r.IntN(3) == 0 {
		return nil
	}
	n := []int64{3000, 3412, 5000}[r.IntN(3)]
	return &n
}

// The outcome of a fold depends on the set of contributions, not on their order.
func TestFoldIgnoresOrder(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		all := randomPages(r)
		want := foldedText(foldAll(t, all))
		for range 5 {
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			if have := foldedText(foldAll(t, all)); have != want {
				t.Fatalf("seed %d: another order, another document\n%s", seed, firstDifference([]byte(have), []byte(want)))
			}
		}
	}
}

func foldedText(docs []renderedDoc) string {
	var lines []string
	for _, d := range docs {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", d.ref.Key, d.body, d.folded.Digest, d.folded.Content, d.folded.Summary))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func stamp(at time.Time, p forum.Precision, z forum.Zone, raw string) PublishedTime {
	return PublishedTime{at, raw, p, z}
}

func TestMoments(t *testing.T) {
	noon := day(5).Add(12*time.Hour + 34*time.Minute)
	tests := []struct {
		name   string
		oldest []PublishedTime // in the order of observation
		want   int
	}{
		{"the newest wins", []PublishedTime{stamp(day(5), "day", "utc", "a"), stamp(day(7), "day", "utc", "b")}, 1},
		{"a finer one that agrees stays", []PublishedTime{stamp(noon, "minute", "utc", "a"), stamp(day(5), "day", "utc", "b")}, 0},
		{"a finer one that contradicts goes", []PublishedTime{stamp(noon, "minute", "utc", "a"), stamp(day(9), "day", "utc", "b")}, 1},
		{"finer and newer wins", []PublishedTime{stamp(day(5), "day", "utc", "a"), stamp(noon, "minute", "utc", "b")}, 1},
		{"the first of two vague ones stays", []PublishedTime{stamp(noon, "hour", "utc", "3 hours ago"), stamp(noon.Add(9*time.Minute), "hour", "utc", "4 hours ago")}, 0},
		{"a better zone wins", []PublishedTime{stamp(noon, "hour", "assumed", "a"), stamp(noon.Add(9*time.Minute), "hour", "calibrated", "b")}, 1},
		{"the same moment in newer words", []PublishedTime{stamp(noon, "minute", "utc", "today 12:34"), stamp(noon, "minute", "utc", "Mar 5, 12:34")}, 1},
		{"unreadable words do not erase", []PublishedTime{stamp(noon, "minute", "utc", "a"), stamp(time.Time{}, "unknown", "", "a while ago")}, 0},
		{"a shifted zone replaces", []PublishedTime{stamp(noon, "minute", "assumed", "a"), stamp(noon.Add(-5*time.Hour), "minute", "calibrated", "a")}, 1},
		{"only words", []PublishedTime{stamp(time.Time{}, "unknown", "", "a"), stamp(time.Time{}, "unknown", "", "b")}, 1},
	}
	for _, tt := range tests {
		var cs []forum.Contribution
		for n, s := range tt.oldest {
			cs = append(cs, contribution(forum.DocPost, "s|post|1", n, forum.RankPage, sourcePage, PostDoc{PublishedTime: s}))
		}
		if have := foldDoc[PostDoc](t, cs).PublishedTime; have != tt.oldest[tt.want] {
			t.Errorf("%s: %+v", tt.name, have)
		}
	}
}

func foldDoc[D any](t *testing.T, cs []forum.Contribution) *D {
	t.Helper()
	folded, err := NewFolder().Fold(cs[0].Doc, cs, nil)
	if err != nil {
		t.Fatal(err)
	}
	return folded.Doc.(*D)
}

func thread(n, rank int, from source, change func(*ThreadDoc)) forum.Contribution {
	var doc ThreadDoc
	change(&doc)
	return contribution(forum.DocThread, "s|thread|1", n, rank, from, doc)
}

func TestThreadRules(t *testing.T) {
	title := func(s string) func(*ThreadDoc) { return func(d *ThreadDoc) { d.Thread.Title = s } }
	count := func(n int64, rounded bool) func(*ThreadDoc) {
		return func(d *ThreadDoc) { d.Thread.ReplyCount, d.Thread.CountsRounded = &n, rounded }
	}
	last := func(key string, at time.Time) func(*ThreadDoc) {
		return func(d *ThreadDoc) {
			d.Thread.LastPostTime = LastPostTime{LastPostAt: at, LastPostPrecision: "minute", LastPostKey: key}
		}
	}
	person := func(key, name string) func(*ThreadDoc) {
		return func(d *ThreadDoc) { d.Author = AuthorRef{Key: key, Name: name} }
	}
	lastAt := func(key string, at time.Time, p forum.Precision) func(*ThreadDoc) {
		return func(d *ThreadDoc) {
			d.Thread.LastPostTime = LastPostTime{LastPostAt: at, LastPostPrecision: p, LastPostKey: key}
		}
	}
	shown := func(d *ThreadDoc) string {
		if d.Thread.LastPostPrecision != "" && d.Thread.LastPostPrecision != "minute" {
			return fmt.Sprintf(" 0 false %s %s ", d.Thread.LastPostKey, d.Thread.LastPostAt.Format("15:04"))
		}
		return fmt.Sprintf("%s %d %v %s %s", d.Thread.Title, deref(d.Thread.ReplyCount), d.Thread.CountsRounded, d.Thread.LastPostKey, d.Author.Name)
	}
	tests := []struct {
		name       string
		page, list func(*ThreadDoc) // the listing is newer
		want       string
	}{
		{"a newer title wins", title("The old pump"), title("The new pump"), "The new pump 0 false  "},
		{"a title cut short does not", title("The old pump in the cellar"), title("The old pump…"), "The old pump in the cellar 0 false  "},
		{"unless it is another", title("The old pump in the cellar"), title("The new pump..."), "The new pump... 0 false  "},
		{"a newer count wins", count(3412, false), count(3413, false), " 3413 false  "},
		{"a rounded one does not", count(3412, false), count(3000, true), " 3412 false  "},
		{"unless it is another", count(2100, false), count(4000, true), " 4000 true  "},
		{"an id is kept for the same time", last("p", day(3)), last("", day(3)), " 0 false p "},
		{"and not for another", last("p", day(3)), last("", day(4)), " 0 false  "},
		{"a starter's card says more than a row", person("a", "from the card"), person("a", "from the row"), " 0 false  from the card"},
		{"an id and a finer time for a day", lastAt("p", day(3).Add(time.Hour), "second"), lastAt("p", day(3), "day"), " 0 false p 01:00 "},
		{"another id, another post", lastAt("p", day(3).Add(time.Hour), "second"), lastAt("q", day(3), "day"), " 0 false q 00:00 "},
		{"of the same person only", person("a", "from the card"), person("b", "from the row"), " 0 false  from the row"},
	}
	for _, tt := range tests {
		doc := foldDoc[ThreadDoc](t, []forum.Contribution{
			thread(1, forum.RankPage, sourceFirst, tt.page), thread(2, forum.RankListing, sourceListing, tt.list),
		})
		if have := shown(doc); have != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, have, tt.want)
		}
	}
}

func deref(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// What two sources show in different forms must not change with whichever was
// read last.
func TestBestSource(t *testing.T) {
	form := func(id, path, url, kind string) func(*ThreadDoc) {
		return func(d *ThreadDoc) {
			d.Forum, d.Thread.URL, d.Thread.Type = BoardRef{ID: id, Path: path}, url, kind
		}
	}
	page, row := form("5", "Home > Pumps", "/t/41", "question"), form("5", "Pumps", "/t/41?new", "discussion")
	doc := foldDoc[ThreadDoc](t, []forum.Contribution{thread(1, forum.RankPage, sourcePage, page), thread(2, forum.RankListing, sourceListing, row)})
	if doc.Forum.Path != "Home > Pumps" || doc.Thread.URL != "/t/41" || doc.Thread.Type != "question" {
		t.Errorf("%+v %+v", doc.Forum, doc.Thread.ThreadRef)
	}
	moved := form("6", "Seals", "", "")
	if doc := foldDoc[ThreadDoc](t, []forum.Contribution{thread(1, forum.RankPage, sourcePage, page), thread(2, forum.RankListing, sourceListing, moved)}); doc.Forum.Path != "Seals" {
		t.Errorf("a listing elsewhere does not move the thread: %+v", doc.Forum)
	}
	author := func(n int, from source, name, avatar string) forum.Contribution {
		return contribution(forum.DocAuthor, "s|user|1", n, forum.RankCard, from, AuthorDoc{Author: AuthorRef{Name: name, AvatarURL: avatar}})
	}
	ada := foldDoc[AuthorDoc](t, []forum.Contribution{author(1, sourceCard, "Ada Fenn", "large"), author(2, sourceCell, "Ada F…", "small")})
	if ada.Author.Name != "Ada Fenn" || ada.Author.AvatarURL != "large" || ada.NameHistory != nil {
		t.Errorf("%+v %v", ada.Author, ada.NameHistory)
	}
}

func TestEditTimes(t *testing.T) {
	edit := func(n, count int, at time.Time) forum.Contribution {
		return contribution(forum.DocPost, "s|post|1", n, forum.RankPage, sourcePage,
			PostDoc{EditedTime: EditedTime{EditedAt: at, EditedPrecision: forum.PrecisionHour, EditCount: count}})
	}
	noon := day(5).Add(12 * time.Hour)
	if doc := foldDoc[PostDoc](t, []forum.Contribution{edit(1, 1, noon), edit(2, 1, noon.Add(20*time.Minute))}); !doc.EditedAt.Equal(noon) {
		t.Errorf("one edit seen twice moves to %v", doc.EditedAt)
	}
	if doc := foldDoc[PostDoc](t, []forum.Contribution{edit(1, 1, noon), edit(2, 2, noon.Add(20*time.Minute))}); doc.EditedAt.Equal(noon) {
		t.Error("a second edit is not seen")
	}
}

func TestRankAndPageDecideAtOneMoment(t *testing.T) {
	named := func(page string, rank int, name string) forum.Contribution {
		c := contribution(forum.DocAuthor, "s|user|1", 1, rank, sourceCard, AuthorDoc{Author: AuthorRef{Name: name}})
		c.Page = page
		return c
	}
	if have := foldDoc[AuthorDoc](t, []forum.Contribution{named("z", forum.RankCard, "card"), named("a", forum.RankPage, "page")}); have.Author.Name != "page" {
		t.Errorf("rank: %s", have.Author.Name)
	}
	if have := foldDoc[AuthorDoc](t, []forum.Contribution{named("z", forum.RankCard, "late"), named("a", forum.RankCard, "early")}); have.Author.Name != "late" {
		t.Errorf("page: %s", have.Author.Name)
	}
}

func TestAbsence(t *testing.T) {
	three := int64(3)
	post := func(n int, viewer string, with bool) forum.Contribution {
		doc := PostDoc{Post: PostRef{State: forum.PostVisible, URL: "u"}}
		doc.Crawl.Viewer = viewer
		if with {
			doc.Reactions.Total, doc.Signature.Text, doc.Extra = &three, "sig", map[string]string{"a": "b"}
		}
		return contribution(forum.DocPost, "s|post|1", n, forum.RankPage, sourcePage, doc)
	}
	gone := foldDoc[PostDoc](t, []forum.Contribution{post(1, "guest", true), post(2, "guest", false)})
	if gone.Reactions.Total != nil || gone.Signature.Text != "" {
		t.Error("what a thread page always shows survives its absence")
	}
	if gone.Extra == nil {
		t.Error("what a page may leave out is erased by its absence")
	}
	if kept := foldDoc[PostDoc](t, []forum.Contribution{post(1, "ada", true), post(2, "guest", false)}); kept.Signature.Text != "sig" {
		t.Error("what a guest cannot see is erased by a guest's page")
	}
	sticky := func(n int, from source, set bool) forum.Contribution {
		return thread(n, forum.RankPage, from, func(d *ThreadDoc) { d.Thread.Title = "x"; d.Thread.IsSticky = truth(set) })
	}
	if doc := foldDoc[ThreadDoc](t, []forum.Contribution{sticky(1, sourceListing, true), sticky(2, sourcePage, false)}); doc.Thread.IsSticky == nil {
		t.Error("a thread's page, which shows no pin, erases a listing's")
	}
	if doc := foldDoc[ThreadDoc](t, []forum.Contribution{sticky(1, sourceListing, true), sticky(2, sourceListing, false)}); doc.Thread.IsSticky != nil {
		t.Error("a pin survives a listing without it")
	}
}

// A misspelt rule would silently be the newest claim.
func TestRulesAreKnown(t *testing.T) {
	known := []string{"unit", "moment", "edit", "last", "title", "count", "person", "board", "best", "merge"}
	f := NewFolder()
	for _, units := range [][]unit{f.posts.units, f.threads.units, f.authors.units} {
		for _, u := range units {
			if !slices.Contains(known, u.rule) {
				t.Errorf("%s has the rule %q", u.name, u.rule)
			}
		}
	}
}

// The names in alwaysShown are those of units: a field that is renamed must not
// slip out of the table.
func TestAlwaysShownNamesUnits(t *testing.T) {
	var names []string
	f := NewFolder()
	for _, units := range [][]unit{f.posts.units, f.threads.units, f.authors.units} {
		for _, u := range units {
			for _, from := range []source{sourceFirst, sourcePage, sourceListing, sourceCard, sourceCell} {
				if alwaysShown(u.name, from) && !slices.Contains(names, u.name) {
					names = append(names, u.name)
				}
			}
		}
	}
	slices.Sort(names)
	if want := []string{"Content", "EditedTime", "poll", "reactions", "signature", "thread.is_sticky", "votes"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func TestAuthorFold(t *testing.T) {
	author := func(n, rank int, name, profile string, fields map[string]string) forum.Contribution {
		return contribution(forum.DocAuthor, "s|user|1", n, rank, sourceCard,
			AuthorDoc{Author: AuthorRef{Name: name, Fields: fields}, ProfileSource: profile})
	}
	cs := []forum.Contribution{
		author(1, forum.RankPage, "ada", "profile_page", map[string]string{"tool": "lathe", "since": "1998"}),
		author(2, forum.RankCard, "Ada Fenn", "card", map[string]string{"tool": "file"}),
	}
	observed := json.RawMessage(`{"observed_post_count":4,"first_post_at":"2024-03-01T00:00:00Z","last_post_at":"2024-03-09T00:00:00Z"}`)
	folded, err := NewFolder().Fold(cs[0].Doc, cs, observed)
	if err != nil {
		t.Fatal(err)
	}
	doc := folded.Doc.(*AuthorDoc)
	if !slices.Equal(doc.NameHistory, []string{"ada"}) || doc.ProfileSource != "profile_page" ||
		!slices.Equal(doc.Author.FieldPairs, []string{"since=1998", "tool=file"}) {
		t.Errorf("%+v", doc)
	}
	if doc.ObservedPostCount != 4 || !doc.LastPostAt.Equal(day(9)) {
		t.Errorf("%+v", doc.Observed)
	}
	if _, err := NewFolder().Fold(cs[0].Doc, cs, json.RawMessage(`[]`)); err == nil {
		t.Error("a parent that is none is taken")
	}
}

// changed folds a page again after a change and tells whether digest and content
// of a post differ from before.
func changed(t *testing.T, kind forum.DocKind, id string, change func(*forum.Page, *Provenance)) (digest, content bool) {
	t.Helper()
	one := func(change func(*forum.Page, *Provenance)) Folded {
		page, prov := readPage(t), testProv("threads/41", 1)
		change(page, &prov)
		for _, d := range foldAll(t, Contributions(testSite(), page, prov)) {
			if d.ref.Kind == kind && strings.HasSuffix(d.ref.Key, "|"+id) {
				return d.folded
			}
		}
		t.Fatalf("no %s %s", kind, id)
		return Folded{}
	}
	a, b := one(func(*forum.Page, *Provenance) {}), one(change)
	return a.Digest != b.Digest, a.Content != b.Content
}

func TestDigest(t *testing.T) {
	views := int64(900)
	tests := []struct {
		name            string
		kind            forum.DocKind
		id              string
		change          func(*forum.Page, *Provenance)
		digest, content bool
	}{
		{"another fetch", forum.DocPost, "9001", func(_ *forum.Page, p *Provenance) { *p = testProv("threads/41", 40); p.RunID = "run-2"; p.WARC = "b" }, false, false},
		{"the author's post count", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Posts[0].Author.PostCount = &views }, false, false},
		{"another author", forum.DocPost, "9002", func(p *forum.Page, _ *Provenance) { p.Posts[1].Author.ID = "99" }, true, false},
		{"an attachment's views", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Posts[0].Attachments[0].ViewCount = &views }, false, false},
		{"words for a known time", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Posts[0].Published.Raw = "yesterday" }, false, false},
		{"the time", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Posts[0].Published.At = day(1) }, true, false},
		{"a word of the body", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Posts[0].Body.Text += " Thanks." }, true, true},
		{"white space of the body", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) {
			p.Posts[0].Body.Text = strings.ReplaceAll(p.Posts[0].Body.Text, "\n", " \n\n")
		}, true, false},
		{"the post's own title", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Posts[0].Title = "Solved" }, true, true},
		{"a reaction", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Posts[0].Reactions.Total = 4 }, true, false},
		{"the thread's title", forum.DocPost, "9002", func(p *forum.Page, _ *Provenance) { p.Thread.Title = "Seal found" }, true, false},
		{"the board", forum.DocPost, "9002", func(p *forum.Page, _ *Provenance) { p.Path = p.Path[:1] }, true, false},
		{"the starter", forum.DocPost, "9002", func(p *forum.Page, _ *Provenance) { p.Thread.Author.ID = "12" }, true, false},
		{"another extractor", forum.DocPost, "9001", func(p *forum.Page, _ *Provenance) { p.Extract.Version = 4 }, true, false},
		{"the thread's views", forum.DocThread, "41", func(p *forum.Page, _ *Provenance) { p.Thread.ViewCount = &views }, false, false},
		{"the thread's replies", forum.DocThread, "41", func(p *forum.Page, _ *Provenance) { p.Thread.ReplyCount = &views }, true, false},
		{"an author's post count", forum.DocAuthor, "7", func(p *forum.Page, _ *Provenance) { p.Posts[0].Author.PostCount = &views }, true, false},
	}
	for _, tt := range tests {
		digest, content := changed(t, tt.kind, tt.id, tt.change)
		if digest != tt.digest || content != tt.content {
			t.Errorf("%s: digest changes %v, content %v; want %v, %v", tt.name, digest, content, tt.digest, tt.content)
		}
	}
}

// A digest that changes by itself would have every document written again.
func TestDigestIsStable(t *testing.T) {
	var b bytes.Buffer
	for _, d := range renderPage(t, readPage(t)) {
		fmt.Fprintf(&b, "%s %s %s\n", d.ref.Key, d.folded.Digest, d.folded.Content)
	}
	checkFile(t, "testdata/digests.golden", b.Bytes())
}

// A listing read again says nothing new of a thread whose page was read.
func TestListingAgainWritesNothing(t *testing.T) {
	cs := Contributions(testSite(), readPage(t), testProv("threads/41", 1))
	three := int64(3)
	row := forum.Row{ID: "41", URL: "https://forum.example.org/threads/which-seal.41/", Title: "Which seal for the…",
		Author: &forum.Author{ID: "7", Name: "Ada Fenn"}, ReplyCount: &three, ViewCount: &three,
		Started: forum.Stamp{At: day(1), Raw: "Mar 1", Precision: forum.PrecisionDay, Zone: forum.ZoneAssumed}}
	board := readPage(t)
	board.Kind, board.Thread, board.Posts, board.Gaps = forum.KindBoard, nil, nil, nil
	board.Listing, board.Extract.Strategy = []forum.Row{row}, "json_embedded"
	both := append(slices.Clone(cs), Contributions(testSite(), board, testProv("forums/5", 9))...)
	before, after := foldAll(t, cs), foldAll(t, both)
	for i := range before {
		if a, b := before[i].folded, after[i].folded; a.Digest != b.Digest || !bytes.Equal(a.Summary, b.Summary) {
			t.Errorf("%s changes\n%s\n%s", before[i].ref.Key, before[i].body, after[i].body)
		}
	}
}

// A thread rests on its first page, whichever page was read last.
func TestBase(t *testing.T) {
	at := func(url string) func(*ThreadDoc) { return func(d *ThreadDoc) { d.Crawl.URL = url } }
	doc := foldDoc[ThreadDoc](t, []forum.Contribution{
		thread(1, forum.RankPage, sourceFirst, at("page 1, read early")), thread(2, forum.RankPage, sourceFirst, at("page 1")),
		thread(3, forum.RankPage, sourcePage, at("page 2")), thread(4, forum.RankListing, sourceListing, at("listing")),
	})
	if doc.Crawl.URL != "page 1" {
		t.Errorf("it rests on %q", doc.Crawl.URL)
	}
}

func TestRender(t *testing.T) {
	f := NewFolder()
	ref := forum.DocRef{Kind: forum.DocPost, Key: "forum.example.org|post|9001"}
	cs := Contributions(testSite(), readPage(t), testProv("threads/41", 1))
	cs = slices.DeleteFunc(cs, func(c forum.Contribution) bool { return c.Doc != ref })
	folded, err := f.Fold(ref, cs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if folded.Site != "forum.example.org" || folded.Parent != "forum.example.org|thread|41" || folded.Author != "forum.example.org|user|7" ||
		folded.State != forum.PostVisible || folded.PublishedAt.IsZero() {
		t.Errorf("%+v", folded)
	}
	meta := Meta{FirstSeenAt: day(2), ChangedAt: day(3), MissingSince: day(4), Revision: 2}
	checkHolds(t, f, folded, meta, `"state":"missing"`, `"missing_since":"2024-03-04T00:00:00Z"`, `"revision":2`, `"doc_kind":"post"`)
	if folded.Doc.(*PostDoc).Post.State != forum.PostVisible {
		t.Error("rendering changes the folded document")
	}
	body, err := f.Render(folded, Meta{Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	revision, err := f.Revise(body, day(5))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"doc_kind":"revision"`, `"replaced_at":"2024-03-05T00:00:00Z"`, `"revision":1`, `"key":"forum.example.org|post|9001"`} {
		if !bytes.Contains(revision, []byte(want)) {
			t.Errorf("no %s in %s", want, revision)
		}
	}
	retracted, err := f.Fold(ref, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkHolds(t, f, retracted, Meta{Retracted: true, FirstSeenAt: day(2)}, `"retracted":true`, `"site":{"id":"forum.example.org"}`, `"post":{"key":"forum.example.org|post|9001"}`)
}

func checkHolds(t *testing.T, f Folder, folded Folded, meta Meta, wants ...string) {
	t.Helper()
	raw, err := f.Render(folded, meta)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range wants {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
}

func TestFoldErrors(t *testing.T) {
	f := NewFolder()
	bad := contribution(forum.DocPost, "s|post|1", 1, 1, sourcePage, PostDoc{})
	bad.Body = json.RawMessage(`{"doc":3}`)
	if _, err := f.Fold(bad.Doc, []forum.Contribution{bad}, nil); err == nil || !strings.Contains(err.Error(), "page-1") {
		t.Errorf("a broken contribution: %v", err)
	}
	if _, err := f.Fold(forum.DocRef{Kind: "poem", Key: "s|poem|1"}, nil, nil); err == nil {
		t.Error("a kind that is none is folded")
	}
	if _, err := f.Render(Folded{Doc: 3}, Meta{}); err == nil {
		t.Error("a number is rendered")
	}
	if _, err := f.Revise([]byte("no JSON"), day(1)); err == nil {
		t.Error("a body that is no JSON is revised")
	}
}

func BenchmarkFoldPost(b *testing.B) {
	ref := forum.DocRef{Kind: forum.DocPost, Key: "forum.example.org|post|10"}
	cs := slices.DeleteFunc(randomPages(rand.New(rand.NewPCG(1, 1))), func(c forum.Contribution) bool { return c.Doc != ref })
	f := NewFolder()
	for b.Loop() {
		folded, err := f.Fold(ref, cs, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.Render(folded, Meta{}); err != nil {
			b.Fatal(err)
		}
	}
}
