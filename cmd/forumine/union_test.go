package main

import (
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/archive"
)

// deadForum is a forum of which snapshots alone are left: what every snapshot saw
// of each post, in the order of time.
type deadForum struct {
	t     *testing.T
	forum *demoforum.Forum
	dice  *rand.Rand
	texts map[string][]string // own text of each post, by id, without repeats
}

const deadBase = "http://tillerby.example/"

// saved is one page of a snapshot.
type saved struct {
	url  string
	at   time.Time
	head http.Header
	code int
	body []byte
}

func (d *deadForum) get(path string, at time.Time) saved {
	rec := httptest.NewRecorder()
	d.forum.ServeHTTP(rec, httptest.NewRequestWithContext(d.t.Context(), http.MethodGet, "/"+path, nil))
	return saved{deadBase + path, at, rec.Header(), rec.Code, rec.Body.Bytes()}
}

// snapshot saves a part of the forum's pages, as tools of those years would have
// come by it, and notes what they show.
func (d *deadForum) snapshot(year int, share float64) []saved {
	at := time.Date(year, 3, 1, 12, 0, 0, 0, time.UTC)
	index := d.get("", at)
	pages := []saved{index}
	for _, m := range regexp.MustCompile(`href="(?:`+deadBase+`)?(forums/[^"#/]+/)"`).FindAllStringSubmatch(string(index.body), -1) {
		pages = append(pages, d.get(m[1], at))
	}
	truth := d.forum.Truth()
	for _, th := range truth.Threads {
		for n := 1; n <= th.Pages && th.RedirectTo == ""; n++ {
			if d.dice.Float64() > share {
				continue
			}
			path := th.URL
			if n > 1 {
				path += "page-" + strconv.Itoa(n)
			}
			pages = append(pages, d.get(path, at))
			d.note(truth, th.ID, n)
		}
	}
	return pages
}

func (d *deadForum) note(truth demoforum.Truth, thread string, page int) {
	for _, p := range truth.Posts {
		text := words(smilies.ReplaceAllString(p.OwnText, ""))
		if seen := d.texts[p.ID]; p.ThreadID == thread && p.Page == page && (len(seen) == 0 || seen[len(seen)-1] != text) {
			d.texts[p.ID] = append(seen, text)
		}
	}
}

// live lets a year pass: replies, edits, and a post that goes.
func (d *deadForum) live(year int) {
	truth := d.forum.Truth()
	at := time.Date(year, 6, 1, 12, 0, 0, 0, time.UTC)
	for i := range 25 {
		p := truth.Posts[d.dice.IntN(len(truth.Posts))]
		id, err := strconv.Atoi(p.ID)
		if err != nil {
			d.t.Fatal(err)
		}
		thread, err := strconv.Atoi(p.ThreadID)
		if err != nil {
			d.t.Fatal(err)
		}
		_ = d.forum.Edit(id, fmt.Sprintf("Said otherwise in %d, for the %d. time.", year, i), at)
		_, _ = d.forum.AddReply(thread, "Hester Quill", fmt.Sprintf("A reply of %d, number %d.", year, i), at)
	}
	last := truth.Posts[d.dice.IntN(len(truth.Posts))]
	if id, err := strconv.Atoi(last.ID); err == nil && last.Position > 1 {
		_ = d.forum.Delete(id)
	}
}

// record writes a page as a tool of old wrote it: WARC 1.0, no digests.
func (s saved) record(w io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d x\r\n", s.code)
	for name, values := range s.head {
		fmt.Fprintf(&b, "%s: %s\r\n", name, values[0])
	}
	block := b.String() + "\r\n" + string(s.body)
	fmt.Fprintf(w, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:%x>\r\nWARC-Date: %s\r\nWARC-Target-URI: %s\r\n"+
		"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		len(s.url)+len(block), s.at.Format(time.RFC3339), s.url, len(block), block)
}

// files write snapshots in the forms that they come in.
func files(t *testing.T, dir string, snapshots [][]saved) []string {
	t.Helper()
	names := []string{"own", "old.warc", "zipped.warc.gz", "pages.wacz", "by-hand"}
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	a, err := archive.Open(names[0], archive.Options{Software: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snapshots[0] {
		if _, err := a.Append(t.Context(), archive.Exchange{URL: s.url, FetchedAt: s.at, Method: http.MethodGet, Status: s.code, Header: s.head, Body: s.body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	writeTo(t, names[1], func(w io.Writer) { each(snapshots[1], w) })
	writeTo(t, names[2], func(w io.Writer) { zw := gzip.NewWriter(w); each(snapshots[2], zw); _ = zw.Close() })
	writeTo(t, names[3], func(w io.Writer) {
		z := zip.NewWriter(w)
		in, err := z.Create("archive/data.warc")
		if err != nil {
			t.Fatal(err)
		}
		each(snapshots[3], in)
		_ = z.Close()
	})
	for i, s := range snapshots[4] {
		page := fmt.Sprintf("<!-- saved from url=(%04d)%s -->\n%s", len(s.url), s.url, s.body)
		writeTo(t, filepath.Join(names[4], fmt.Sprintf("page %d.html", i)), func(w io.Writer) { _, _ = io.WriteString(w, page) })
	}
	return names
}

func each(pages []saved, w io.Writer) {
	for _, s := range pages {
		s.record(w)
	}
}

func writeTo(t *testing.T, name string, write func(io.Writer)) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	write(f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestUnionOfSnapshots imports five partial, overlapping snapshots of a dead
// forum, of different years and in different forms, in one command and in no
// order: the union comes out, each post once, with its edits in order.
func TestUnionOfSnapshots(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestScripts and TestImport run the same code there")
	}
	d, paths := snapshots(t)
	d.dice.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	data := t.TempDir()
	d.take(data, paths...)
	d.compare(data)
}

// TestUnionInSeveralCommands imports the newest snapshot first, and each older one
// by a command of its own: the union is the same.
func TestUnionInSeveralCommands(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestConformance runs the same code there")
	}
	d, paths := snapshots(t)
	slices.Reverse(paths)
	data := t.TempDir()
	for _, path := range paths {
		d.take(data, path)
	}
	d.compare(data)
}

// snapshots gives a dead forum and where its five snapshots lie, the oldest first.
func snapshots(t *testing.T) (*deadForum, []string) {
	t.Helper()
	f, err := demoforum.New(demoforum.Options{Now: demoNow, BaseURL: deadBase})
	if err != nil {
		t.Fatal(err)
	}
	d := &deadForum{t: t, forum: f, dice: rand.New(rand.NewPCG(7, 7)), texts: map[string][]string{}}
	var taken [][]saved
	for i := range 5 {
		taken = append(taken, d.snapshot(2019+i, 0.6))
		d.live(2019 + i)
	}
	return d, files(t, t.TempDir(), taken)
}

// take imports snapshots with one command.
func (d *deadForum) take(data string, paths ...string) {
	d.t.Helper()
	r := forumine(d.t, append([]string{"import", "--data", data, "--fetched-at", "2023-03-01T12:00:00Z"}, paths...)...)
	if r.code != exitOK && !strings.Contains(r.out, "pages imported") {
		d.t.Fatalf("exit status %d\n%s%s", r.code, r.out, r.stderr)
	}
}

// compare holds what was imported against what the snapshots showed.
func (d *deadForum) compare(data string) {
	t := d.t
	t.Helper()
	got := byID(t, ofKind(export(t, data), "post"), "post.id")
	found := 0
	for id, texts := range d.texts {
		switch post := got[id]; {
		case post == nil:
			t.Logf("post %s is missing", id)
		case words(str(post, "body.text")) != texts[len(texts)-1]:
			t.Errorf("post %s says %q, and said last %q", id, words(str(post, "body.text")), texts[len(texts)-1])
		default:
			found++
		}
	}
	if found*100 < 99*len(d.texts) {
		t.Errorf("%d of %d posts of the union were found", found, len(d.texts))
	}
	d.compareEdits(data)
	t.Logf("%d of %d posts of the union, %d documents", found, len(d.texts), len(got))
}

// compareEdits compares the earlier texts of every post with its revisions.
func (d *deadForum) compareEdits(data string) {
	d.t.Helper()
	revisions := map[string][]document{}
	for _, r := range ofKind(export(d.t, data, "--kind", "revision"), "revision") {
		id := keyID(str(r, "post.key"))
		revisions[id] = append(revisions[id], r)
	}
	edited := 0
	for id, texts := range d.texts {
		rs := revisions[id]
		slices.SortFunc(rs, func(a, b document) int { return strings.Compare(str(a, "replaced_at"), str(b, "replaced_at")) })
		var got []string
		for _, r := range rs {
			got = append(got, words(str(r, "body.text")))
		}
		if want := texts[:len(texts)-1]; !slices.Equal(got, want) {
			d.t.Errorf("post %s said before: %q, want %q", id, got, want)
		}
		edited += len(got)
	}
	if edited == 0 {
		d.t.Error("no post has an earlier text: the test shows nothing")
	}
}
