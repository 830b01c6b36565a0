package main

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/feed"
)

// replaySite is one recorded forum and what its pages cannot show.
type replaySite struct {
	name, engine string
	drop         string // query parameter that the recording leaves out
	noQuoteIDs   bool   // quotes do not name the quoted post
	noEditor     bool   // an edit by nobody that has an account shows no mark

	// A page tells the time of an edit as a span of years and months, rounded
	// down, with years of 365 days and months of 30. A reading at that precision
	// is right when the truth lies in the month before the time that it gives, or
	// as many days behind it as such years and months are short.
	roundedEdits bool

	// WordPress keeps names escaped for HTML, and its pages set typographic
	// quotes in them. The truth has what is kept; a reading should have what a
	// reader sees, and does. So the comparison unescapes and folds quotes: an
	// extraction that straightened them would change names that are spelt so.
	typographicNames bool

	// The truth counts a picture that was uploaded into a post as an image only.
	// It is a file of the forum's own that belongs to that post, which is what an
	// attachment is, so a reading names it there too, as an inline one.
	uploadsAreFiles bool
}

func replaySites() []replaySite {
	return []replaySite{
		{name: "smf", engine: "smf"},
		{name: "mybb", engine: "mybb", noEditor: true},
		{name: "mybbseo", engine: "mybb", noEditor: true},
		{name: "phpbb", engine: "phpbb3"},
		{name: "fluxbb", engine: "fluxbb", noQuoteIDs: true},
		{name: "punbb", engine: "punbb", noQuoteIDs: true},
		{name: "nodebb", engine: "nodebb", drop: "lang", uploadsAreFiles: true},
		{name: "bbpress", engine: "bbpress", roundedEdits: true, typographicNames: true},
	}
}

// enough is the share of a field's values that has to be right.
const enough = 0.99

// TestReplay crawls recordings of real forum programs and compares every post
// with what was written into them.
func TestReplay(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	for _, site := range replaySites() {
		t.Run(site.name, func(t *testing.T) {
			r := openReplay(t, site.name, site.drop)
			if _, err := extract.ByName(site.engine); err != nil {
				t.Fatalf("the engine of this recording is missing: %v", err)
			}
			data := t.TempDir()
			t.Log(lastLines(crawlLocal(t, data, r.address()), 3))
			checkReplayRequests(t, r)
			s := &score{t: t, site: site, fields: map[string]*fieldScore{}}
			s.compare(export(t, data), r.truth(t))
			s.report()
		})
	}
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func itoa(n int) string { return strconv.Itoa(n) }

// checkReplayRequests holds the requests against the recording: nothing twice,
// nothing that a crawl should leave alone.
func checkReplayRequests(t *testing.T, r *replay) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	held, seen := 0, map[string]string{}
	var absent []string
	for _, uri := range slices.Sorted(maps.Keys(r.asked)) {
		if n := r.asked[uri]; n > 1 {
			t.Errorf("%s was asked for %d times", uri, n)
		}
		p, ok := r.pages[uri]
		if !ok {
			if uri != "/robots.txt" && !isSource(uri) {
				absent = append(absent, uri)
			}
			continue
		}
		held++
		if p.avoided() && !isSource(uri) {
			t.Errorf("%s (%s) should not have been asked for", uri, p.Kind)
		}
		if page := p.page(); page != "" {
			if other, twice := seen[page]; twice {
				t.Errorf("one page under two addresses: %s and %s", uri, other)
			}
			seen[page] = uri
		}
	}
	t.Logf("%d addresses asked for, %d of them recorded", len(r.asked), held)
	for _, uri := range absent {
		t.Errorf("%s is not in the recording", uri)
	}
}

// fieldScore counts the right values of one field.
type fieldScore struct {
	right, all int
	misses     []string
}

// score compares posts field by field.
type score struct {
	t      *testing.T
	site   replaySite
	fields map[string]*fieldScore
}

func (s *score) field(name, id string, got, want any) {
	f := s.fields[name]
	if f == nil {
		f = &fieldScore{}
		s.fields[name] = f
	}
	f.all++
	g, w := fmt.Sprint(got), fmt.Sprint(want)
	if g == w {
		f.right++
		return
	}
	f.misses = append(f.misses, fmt.Sprintf("post %s: got %.200q, want %.200q", id, g, w))
}

func (s *score) compare(docs []document, truth map[string]replayPost) {
	got := byID(s.t, ofKind(docs, "post"), "post.id")
	for id := range got {
		if _, ok := truth[id]; !ok {
			s.t.Errorf("post %s was not written: %.200s", id, str(got[id], "body.text"))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(truth)) {
		want := truth[id]
		d := got[id]
		if d == nil {
			s.t.Errorf("post %s of thread %d is missing", id, want.ThreadID)
			continue
		}
		s.post(id, d, want)
	}
}

func (s *score) post(id string, d document, want replayPost) {
	s.field("thread", id, str(d, "thread.id"), want.ThreadID)
	s.field("author", id, s.name(str(d, "author.name")), s.name(want.Author))
	s.field("own text", id, words(str(d, "body.text")), words(want.OwnText))
	s.field("published", id, shownTime(d, "published"), truncated(want.Timestamp, d, "published"))
	if s.site.noEditor && want.EditedBy == "" {
		want.Edited = time.Time{}
	}
	s.field("edit mark", id, str(d, "edited_raw")+str(d, "edited_at") != "", !want.Edited.IsZero())
	if !want.Edited.IsZero() {
		s.edited(id, d, want.Edited)
	}
	if len(want.Code) > 0 || str(d, "body.code") != "" {
		s.field("code", id, words(str(d, "body.code")), words(strings.Join(want.Code, " ")))
	}
	s.quotes(id, d, want)
	var files, names []string
	for _, a := range list(d, "attachments") {
		files = append(files, str(a, "filename"))
	}
	for _, a := range want.Attachments {
		names = append(names, a.Name)
	}
	if s.site.uploadsAreFiles {
		names = append(names, uploads(want.Images)...)
	}
	if len(files)+len(names) > 0 {
		slices.Sort(files)
		slices.Sort(names)
		s.field("attachments", id, files, names)
	}
}

// name is an author's name as both sides can have it.
func (s *score) name(name string) string {
	if !s.site.typographicNames {
		return name
	}
	return strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`).Replace(html.UnescapeString(name))
}

// edited compares the time of an edit, at the precision that the page had.
func (s *score) edited(id string, d document, want time.Time) {
	got, err := time.Parse(time.RFC3339, str(d, "edited_at"))
	if err != nil || !s.site.roundedEdits {
		s.field("edited at", id, shownTime(d, "edited"), truncated(want, d, "edited"))
		return
	}
	if short := 10 * 24 * time.Hour; want.After(got.AddDate(0, -1, -1)) && want.Before(got.Add(short)) {
		got = want
	}
	s.field("edited at", id, got, want)
}

// uploads are the names of the images that are files of the forum.
func uploads(images []string) []string {
	var out []string
	for _, address := range images {
		if i := strings.LastIndex(address, "/"); strings.Contains(address, "/uploads/") {
			out = append(out, address[i+1:])
		}
	}
	return out
}

func (s *score) quotes(id string, d document, want replayPost) {
	var authors, ids, trueAuthors, trueIDs []string
	for _, q := range list(d, "quotes") {
		authors = append(authors, fmt.Sprintf("%s/%d", firstOf(q, "author_name", "author"), num(q, "depth")))
		ids = append(ids, keyID(firstOf(q, "post_id", "post_key")))
	}
	for _, q := range want.Quotes {
		trueAuthors = append(trueAuthors, fmt.Sprintf("%s/%d", q.Author, q.Depth))
		trueIDs = append(trueIDs, strings.TrimPrefix(itoa(q.PostID), "0")) // 0: of no post
	}
	if len(authors)+len(trueAuthors) == 0 {
		return
	}
	s.field("quote authors", id, authors, trueAuthors)
	if !s.site.noQuoteIDs {
		s.field("quote ids", id, ids, trueIDs)
	}
}

// shownTime is a time of a document in UTC; truncated is the true one at the
// precision that the page had.
func shownTime(d document, field string) string {
	return str(d, field+"_at")
}

func truncated(at time.Time, d document, field string) string {
	unit := time.Minute
	if str(d, field+"_precision") == "second" {
		unit = time.Second
	}
	return at.UTC().Truncate(unit).Format(time.RFC3339)
}

func (s *score) report() {
	s.t.Helper()
	var table strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		f := s.fields[name]
		share := float64(f.right) / float64(f.all)
		fmt.Fprintf(&table, "\n%-14s %4d of %4d  %.4f", name, f.right, f.all, share)
		if share < enough {
			s.t.Errorf("%s: %d of %d are right, less than %.2f", name, f.right, f.all, enough)
		}
		for _, miss := range f.misses {
			s.t.Logf("%s: %s", name, miss)
		}
	}
	s.t.Log(table.String())
}

// isSource tells the address of a feed of all boards or of a sitemap, which most
// recordings do not hold: the answer is then that there is none.
func isSource(uri string) bool {
	return strings.Contains(uri, "sitemap") || strings.HasSuffix(uri, "/feed") || slices.ContainsFunc(extract.Engines(), func(e extract.Engine) bool {
		path, ok := feed.Of(e.Name(), "/", nil, 1)
		return ok && strings.HasSuffix(uri, path)
	})
}
