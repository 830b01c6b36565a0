package index

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
)

func testSite() SiteInfo {
	return SiteInfo{ID: "forum.example.org", Host: "forum.example.org", Timezone: "Europe/London"}
}

func testProv(page string, second int) Provenance {
	at := time.Date(2024, 4, 1, 9, 0, second, 0, time.UTC)
	return Provenance{
		PageKey: page, ObservedAt: at, FetchedAt: at, RunID: "run-1", Status: 200,
		WARC: "a.warc.gz:120", Viewer: "guest", FactsVersion: 2,
	}
}

func readPage(t *testing.T) *forum.Page {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "thread.json"))
	if err != nil {
		t.Fatal(err)
	}
	page := new(forum.Page)
	if err := json.Unmarshal(raw, page); err != nil {
		t.Fatal(err)
	}
	return page
}

type renderedDoc struct {
	ref    forum.DocRef
	folded Folded
	body   []byte
}

// foldAll folds every document that contributions speak of, threads first.
func foldAll(t *testing.T, cs []forum.Contribution) []renderedDoc {
	t.Helper()
	folder, byDoc := NewFolder(), map[forum.DocRef][]forum.Contribution{}
	var refs []forum.DocRef
	for _, c := range cs {
		if byDoc[c.Doc] == nil {
			refs = append(refs, c.Doc)
		}
		byDoc[c.Doc] = append(byDoc[c.Doc], c)
	}
	slices.SortStableFunc(refs, func(a, b forum.DocRef) int { return strings.Compare(string(b.Kind), string(a.Kind)) })
	summaries := map[string]json.RawMessage{}
	var out []renderedDoc
	for _, ref := range refs {
		folded, err := folder.Fold(ref, byDoc[ref], nil)
		if err == nil && summaries[folded.Parent] != nil {
			folded, err = folder.Fold(ref, byDoc[ref], summaries[folded.Parent])
		}
		if err != nil {
			t.Fatal(err)
		}
		if folded.Summary != nil {
			summaries[ref.Key] = folded.Summary
		}
		seen := time.Date(2024, 4, 1, 9, 0, 0, 0, time.UTC)
		raw, err := folder.Render(folded, Meta{ID: ID(ref.Key), Key: ref.Key, FirstSeenAt: seen, ChangedAt: seen, Revision: revisionOf(ref)})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, renderedDoc{ref, folded, raw})
	}
	return out
}

func revisionOf(ref forum.DocRef) int {
	if ref.Kind == forum.DocPost {
		return 1
	}
	return 0
}

func renderPage(t *testing.T, page *forum.Page) []renderedDoc {
	t.Helper()
	return foldAll(t, Contributions(testSite(), page, testProv("threads/41", 1)))
}

func TestThreadPageGolden(t *testing.T) {
	var b bytes.Buffer
	for _, d := range renderPage(t, readPage(t)) {
		checkBody(t, d)
		fmt.Fprintf(&b, "%s\n", d.ref.Key)
		if err := json.Indent(&b, d.body, "", " "); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n\n")
	}
	checkFile(t, filepath.Join("testdata", "thread.golden"), b.Bytes())
}

// checkBody holds what is true of every body: one line, no escaped markup,
// nothing empty, every field mapped.
func checkBody(t *testing.T, d renderedDoc) {
	t.Helper()
	for _, noise := range []string{"\n", `\u003c`, `\u0026`, "null", `:""`, ":[]", ":{}", "0001-01-01"} {
		if bytes.Contains(d.body, []byte(noise)) {
			t.Errorf("%s holds %q: %s", d.ref.Key, noise, d.body)
		}
	}
	mapped := map[string]string{}
	for _, f := range Fields(emptyDoc(d.ref.Kind)) {
		mapped[f.Name] = f.Type
	}
	var body map[string]any
	if err := json.Unmarshal(d.body, &body); err != nil {
		t.Fatal(err)
	}
	checkMapped(t, mapped, "", body)
}

func checkMapped(t *testing.T, mapped map[string]string, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if kind := mapped[path]; strings.HasPrefix(kind, "object") || strings.HasPrefix(kind, "flattened") {
			return
		}
		for name, inner := range v {
			checkMapped(t, mapped, strings.TrimPrefix(path+"."+name, "."), inner)
		}
	case []any:
		for _, inner := range v {
			checkMapped(t, mapped, path, inner)
		}
	default:
		if mapped[path] == "" {
			t.Errorf("%s is in a document and not in its mapping", path)
		}
	}
}

func TestWallsSayNothing(t *testing.T) {
	for _, kind := range []forum.Kind{forum.KindLogin, forum.KindMissing, forum.KindChallenge} {
		page := readPage(t)
		page.Kind = kind
		if cs := Contributions(testSite(), page, testProv("p", 1)); len(cs) != 0 {
			t.Errorf("a %s page speaks of %d documents", kind, len(cs))
		}
	}
	if cs := Contributions(testSite(), nil, testProv("p", 1)); cs != nil {
		t.Error("no page speaks")
	}
}

func TestLaterPageLeavesGaps(t *testing.T) {
	page := readPage(t)
	page.Thread.Page, page.Thread.PageCount = 7, 9
	for i := range page.Posts {
		page.Posts[i].IsFirst = false
	}
	doc := docOf[ThreadDoc](t, renderPage(t, page), forum.DocThread, "41")
	if doc.Author.Key != "" || !doc.Thread.StartedAt.IsZero() || doc.Poll.Question != "" || doc.Excerpt != "" || doc.Thread.LastPostKey != "" {
		t.Errorf("page 7 tells of the start or the end: %+v", doc)
	}
	if doc.Thread.Title == "" || doc.Thread.ReplyCount == nil {
		t.Errorf("page 7 tells nothing: %+v", doc)
	}
}

// docOf finds a folded document by the end of its key.
func docOf[D any](t *testing.T, docs []renderedDoc, kind forum.DocKind, id string) *D {
	t.Helper()
	for _, d := range docs {
		if d.ref.Kind == kind && strings.HasSuffix(d.ref.Key, "|"+id) {
			return d.folded.Doc.(*D)
		}
	}
	t.Fatalf("no %s %s", kind, id)
	return nil
}

func TestStarterFromTheOpeningPost(t *testing.T) {
	page := readPage(t)
	page.Thread.Author, page.Thread.Started = nil, forum.Stamp{}
	docs := renderPage(t, page)
	doc := docOf[ThreadDoc](t, docs, forum.DocThread, "41")
	if doc.Author.ID != "7" || !doc.Thread.StartedAt.Equal(page.Posts[0].Published.At) {
		t.Errorf("starter %q, start %v", doc.Author.ID, doc.Thread.StartedAt)
	}
	for id, want := range map[string]bool{"9001": true, "9002": false} {
		if op := docOf[PostDoc](t, docs, forum.DocPost, id).Author.IsOP; op == nil || *op != want {
			t.Errorf("%s: is_op %v, want %v", id, op, want)
		}
	}
}

func boardPage() *forum.Page {
	ten := int64(10)
	return &forum.Page{
		URL: "https://forum.example.org/forums/pumps.5/", Engine: "xenforo2", Kind: forum.KindBoard,
		Path: []forum.Crumb{{Name: "Workshop", ID: "1"}, {Name: "Pumps", ID: "5"}},
		Listing: []forum.Row{
			{
				ID: "41", URL: "https://forum.example.org/threads/which-seal.41/", Title: "Which seal for…",
				Author:     &forum.Author{ID: "7", Name: "Ada Fenn"},
				ReplyCount: &ten, IsSticky: true, IsLocked: true,
				LastPost:   forum.Stamp{At: time.Date(2024, 3, 5, 7, 0, 0, 0, time.UTC), Raw: "Mar 5", Precision: forum.PrecisionDay},
				LastPostID: "9010", LastAuthor: &forum.Author{ID: "12", Name: "Bo Quill"},
			},
			{ID: "41", Title: "the same thread among the recent ones"},
			{ID: "50", URL: "https://forum.example.org/threads/away.50/", Title: "Moved away", IsMoved: true},
			{ID: "51", URL: "https://forum.example.org/threads/stub.51/", Title: "Stub", IsMoved: true, RedirectTo: "https://forum.example.org/threads/there.52/"},
		},
	}
}

func TestListing(t *testing.T) {
	cs := Contributions(testSite(), boardPage(), testProv("forums/5", 2))
	var keys []string
	for _, c := range cs {
		keys = append(keys, fmt.Sprint(strings.TrimPrefix(c.Doc.Key, "forum.example.org|"), " ", c.Rank))
	}
	if want := []string{"thread|41 20", "thread|51 20", "user|7 10", "user|12 10"}; !slices.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
	docs := foldAll(t, cs)
	row := docOf[ThreadDoc](t, docs, forum.DocThread, "41")
	if want := "2024-03-05T07:00:00Z|9010|10|ls"; row.ListingSignature != want {
		t.Errorf("signature %q, want %q", row.ListingSignature, want)
	}
	if row.Forum.Path != "Workshop > Pumps" || row.Thread.LastPostKey != "forum.example.org|post|9010" || row.Author.ID != "7" {
		t.Errorf("%+v", row)
	}
	if stub := docOf[ThreadDoc](t, docs, forum.DocThread, "51"); stub.Thread.Type != "redirect" || stub.RedirectTo == "" {
		t.Errorf("%+v", stub)
	}
	search := boardPage()
	search.Kind = forum.KindSearch
	if row := docOf[ThreadDoc](t, foldAll(t, Contributions(testSite(), search, testProv("search", 2))), forum.DocThread, "41"); row.Forum.Path != "" {
		t.Errorf("a search puts a thread on the board %q", row.Forum.Path)
	}
}

func TestOneContributionADocument(t *testing.T) {
	page := readPage(t)
	page.Posts = append(page.Posts, page.Posts[0])
	page.Posts[1].Author = &forum.Author{ID: "7", Location: "Upper Marsh", Gender: "f"}
	seen := map[forum.DocRef]bool{}
	for _, c := range Contributions(testSite(), page, testProv("p", 1)) {
		if seen[c.Doc] {
			t.Errorf("two contributions to %s", c.Doc.Key)
		}
		seen[c.Doc] = true
	}
	ada := docOf[AuthorDoc](t, renderPage(t, page), forum.DocAuthor, "7").Author
	if ada.Location != "Lower Marsh" || ada.Gender != "f" || ada.Title == "" {
		t.Errorf("cards of one page do not complete one another: %+v", ada)
	}
}

func TestProfileStandsBeforeCards(t *testing.T) {
	page := &forum.Page{Kind: forum.KindProfile, URL: "https://forum.example.org/members/7",
		Profile: &forum.Author{ID: "7", Name: "Ada Fenn", Location: "Lower Marsh", About: "Pumps."},
		Gaps:    []forum.Gap{{Path: "profile.joined_at", Reason: "not shown"}}}
	cs := Contributions(testSite(), page, testProv("members/7", 3))
	if len(cs) != 1 || cs[0].Rank != forum.RankPage || cs[0].Doc.Kind != forum.DocAuthor {
		t.Fatalf("%+v", cs)
	}
	doc := docOf[AuthorDoc](t, foldAll(t, cs), forum.DocAuthor, "7")
	if doc.About != "Pumps." || doc.ProfileSource != "profile_page" || !slices.Equal(doc.Extract.Gaps, []string{"joined_at"}) {
		t.Errorf("%+v", doc)
	}
}

// Pages hold whatever a site sent: nothing of it may stop the fold.
func TestImpossibleValues(t *testing.T) {
	page := readPage(t)
	nan := math.NaN()
	page.Extract.Confidence = math.Inf(1)
	page.Thread.Rating = &forum.Rating{Avg: nan}
	page.Thread.Poll.Options[0].Percent = &nan
	page.Posts[0].Published.At = time.Date(12024, 1, 1, 0, 0, 0, 0, time.UTC)
	page.Posts[0].EditCount, page.Posts[0].Page, page.Thread.PageCount = 1<<40, -1, 1<<31
	page.Posts[0].Body.Text = "half a rune \xc3"
	page.Posts[0].Extra = map[string]string{"": "x", "a\x00b": "y", "c": ""}
	page.Posts[0].Reactions.ByType = map[string]int64{"": 1, "a.b": 1, "..": 1}
	docs := renderPage(t, page)
	for _, d := range docs {
		checkBody(t, d)
	}
	post := docOf[PostDoc](t, docs, forum.DocPost, "9001")
	if !post.PublishedAt.IsZero() || post.PublishedRaw == "" || post.PublishedPrecision != forum.PrecisionUnknown {
		t.Errorf("a year of five digits: %+v", post.PublishedTime)
	}
	if post.EditCount != 0 || post.Post.Page != 0 || docOf[ThreadDoc](t, docs, forum.DocThread, "41").Thread.PageCount != 0 {
		t.Error("a count that no integer of the index holds")
	}
	if post.Reactions.ByType["other"] != 3 || len(post.Reactions.ByType) != 1 {
		t.Errorf("%v", post.Reactions.ByType)
	}
	if !reflect.DeepEqual(post.Extra, map[string]string{"ab": "y"}) {
		t.Errorf("%v", post.Extra)
	}
}

// filler gives every field of a value another content.
type filler struct {
	n     int
	texts []string
}

func (f *filler) fill(v reflect.Value, path string) {
	f.n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("q%dq", f.n))
		f.texts = append(f.texts, v.String()+" "+path)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(100000 + f.n))
		f.texts = append(f.texts, fmt.Sprint(v.Int(), " ", path))
	case reflect.Float64:
		v.SetFloat(float64(10000+f.n) + 0.5)
		f.texts = append(f.texts, fmt.Sprint(v.Float(), " ", path))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), path)
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		f.fill(value, path)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(fmt.Sprintf("k%dk", f.n)), value)
		f.texts = append(f.texts, fmt.Sprintf("k%dk %s", f.n, path))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			at := time.Date(2001, 1, 1, 0, 0, f.n*7, 0, time.UTC)
			v.Set(reflect.ValueOf(at))
			f.texts = append(f.texts, at.Format(time.RFC3339)+" "+path)
			return
		}
		for i := range v.NumField() {
			f.fill(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	}
}

// Whatever a post, a thread, an author or a row can hold stands somewhere in the
// documents.
func TestEveryNounHasAPlace(t *testing.T) {
	f := &filler{}
	thread := &forum.Page{Kind: forum.KindThread, Posts: make([]forum.Post, 1), Thread: &forum.Thread{}}
	board := &forum.Page{Kind: forum.KindBoard, Listing: make([]forum.Row, 1)}
	profile := &forum.Page{Kind: forum.KindProfile, Profile: &forum.Author{}}
	f.fill(reflect.ValueOf(thread.Thread).Elem(), "thread")
	f.fill(reflect.ValueOf(&thread.Posts[0]).Elem(), "post")
	f.fill(reflect.ValueOf(&board.Listing[0]).Elem(), "row")
	f.fill(reflect.ValueOf(profile.Profile).Elem(), "profile")
	thread.Thread.Page, thread.Posts[0].IsFirst = 1, true
	board.Listing[0].RedirectTo = ""
	var all []forum.Contribution
	for i, page := range []*forum.Page{thread, board, profile} {
		all = append(all, Contributions(testSite(), page, testProv(fmt.Sprint("page", i), i))...)
	}
	var out strings.Builder
	for _, d := range foldAll(t, all) {
		out.Write(d.body)
	}
	for _, text := range f.texts {
		value, path, _ := strings.Cut(text, " ")
		switch path {
		case "thread.Page": // of the page, not of the thread: posts have it
			continue
		case "row.RedirectTo": // of stubs only: TestListing
			continue
		case "row.Boards": // of feeds, for the crawl: pages say where a thread stands
			continue
		}
		if strings.HasPrefix(path, "row.Active.") { // orders a list, for the crawl
			continue
		}
		if strings.HasSuffix(path, "Key") { // made anew from site and ids
			continue
		}
		if !strings.Contains(out.String(), value) {
			t.Errorf("%s has no place", path)
		}
	}
}
