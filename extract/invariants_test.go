package extract_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/forum"
)

// TestInvariants holds every fixture against what is true of any reading.
func TestInvariants(t *testing.T) {
	for _, c := range allCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, broken := broken(t, c.capture, factsOf(t, c.name))
			for _, b := range broken {
				t.Errorf("%s: %s", p.Kind, b)
			}
		})
	}
}

// broken reads a page and lists what cannot be true of any reading: that it is
// not the same twice, that it says what the page does not, that ids come twice,
// positions fall, or times lie behind the capture.
func broken(t *testing.T, c forum.Capture, f forum.Facts) (*forum.Page, []string) {
	t.Helper()
	p, err := extract.Read(c, f, extract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := extract.Read(c, f, extract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &breaches{page: showing(t, decoded(t, c)), now: capturedAt(c)}
	if !bytes.Equal(everything(t, p), everything(t, again)) {
		b.say("read twice, read differently")
	}
	b.thread(p.Thread)
	b.posts(p.Posts)
	for i := range p.Listing {
		b.row(fmt.Sprintf("listing[%d]", i), &p.Listing[i])
	}
	for i, board := range p.Boards {
		at := fmt.Sprintf("boards[%d]", i)
		b.text(at+".name", board.Name)
		b.text(at+".description", board.Description)
		b.text(at+".category", board.Category)
		b.stamp(at+".last_post", board.LastPost)
	}
	b.author("profile", p.Profile)
	for i, crumb := range p.Path {
		b.text(fmt.Sprintf("path[%d]", i), crumb.Name)
	}
	b.next(p, c.Address(), forum.JoinRoutes(f.Routes, p.Learned.Routes))
	b.led(p, forum.JoinRoutes(f.Routes, p.Learned.Routes))
	return p, b.out
}

// led checks that a crawl comes from a listing's rows to their threads and from
// boards to their listings.
func (b *breaches) led(p *forum.Page, routes string) {
	e, err := extract.ByName(p.Engine)
	if err != nil {
		return
	}
	for i, row := range p.Listing {
		l, ok := canonical(e, routes, row.URL)
		if !row.IsMoved && row.URL != "" && (!ok || l.Kind != forum.KindThread) {
			b.say("listing[%d]: the engine's grammar takes %s for %q", i, row.URL, l.Key)
		}
	}
	for i, board := range p.Boards {
		l, ok := canonical(e, routes, board.URL)
		if !board.IsLink && board.URL != "" && (!ok || l.Kind != forum.KindBoard) {
			b.say("boards[%d]: the engine's grammar takes %s for %q", i, board.URL, l.Key)
		}
	}
}

// next checks that the link to the next page is one that a crawl can follow: the
// engine's grammar knows it for another page of the same thread or board.
func (b *breaches) next(p *forum.Page, address, routes string) {
	e, err := extract.ByName(p.Engine)
	if err != nil || p.Next == "" {
		return
	}
	own, known := canonical(e, routes, address)
	next, ok := canonical(e, routes, p.Next)
	switch {
	case !known, own.Kind == forum.KindIndex: // no crawl turns the pages of an index
	case !ok:
		b.say("next: the engine's grammar refuses %s", p.Next)
	case next.Kind != own.Kind || next.ID != own.ID || next.Key == own.Key:
		b.say("next: %s leads from %s to %s", p.Next, own.Key, next.Key)
	}
}

func canonical(e extract.Engine, routes, address string) (forum.Link, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return forum.Link{}, false
	}
	return extract.Canonical(e, routes, u)
}

// everything is a reading as bytes, with what its JSON leaves out.
func everything(t *testing.T, p *forum.Page) []byte {
	t.Helper()
	raw, err := json.Marshal(struct {
		Page    *forum.Page
		Links   []forum.Link
		Learned forum.Facts
	}{p, p.Links, p.Learned})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func capturedAt(c forum.Capture) time.Time {
	if at, err := time.Parse(time.RFC1123, c.HeaderValue("Date")); err == nil {
		return at
	}
	return c.FetchedAt
}

// roleOfEditor stands for the name of an editor whom a page tells by office
// alone.
const roleOfEditor = "moderator"

// breaches collects what is wrong with a reading.
type breaches struct {
	page shownPage
	now  time.Time
	out  []string
}

func (b *breaches) say(format string, args ...any) {
	b.out = append(b.out, fmt.Sprintf(format, args...))
}

// text checks that each line of a text stands on the page.
func (b *breaches) text(at, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if !b.page.holds(line) {
			b.say("%s: %q is not on the page", at, clip(line, 200))
		}
	}
}

// stamp checks that a time stands on the page as shown, and that it does not
// lie behind the capture, as far as its precision and zone tell.
func (b *breaches) stamp(at string, s forum.Stamp) {
	for word := range strings.FieldsSeq(s.Raw) { // a day may stand in an attribute, its hour in the text
		b.text(at, strings.Trim(word, ","))
	}
	if !s.Known() || b.now.IsZero() {
		return
	}
	slack := 5 * time.Minute
	if s.Zone == forum.ZoneAssumed {
		slack = 14 * time.Hour
	}
	switch s.Precision {
	case forum.PrecisionHour:
		slack += time.Hour
	case forum.PrecisionDay:
		slack += 24 * time.Hour
	}
	if s.At.After(b.now.Add(slack)) {
		b.say("%s: %s is behind the capture of %s", at, s.At.Format(time.RFC3339), b.now.Format(time.RFC3339))
	}
}

func (b *breaches) author(at string, a *forum.Author) {
	if a == nil {
		return
	}
	b.text(at+".name", a.Name)
	b.text(at+".title", a.Title)
	b.text(at+".location", a.Location)
	b.text(at+".about", a.About)
	for key, value := range a.Fields {
		b.text(at+".fields."+key, value)
	}
	b.stamp(at+".joined", a.Joined)
	b.stamp(at+".last_active", a.LastActive)
	if a.ID != "" && a.IsGuest {
		b.say("%s is a guest with an account", at)
	}
}

func (b *breaches) thread(t *forum.Thread) {
	if t == nil {
		return
	}
	b.text("thread.title", t.Title)
	b.author("thread.author", t.Author)
	b.author("thread.last_author", t.LastAuthor)
	b.stamp("thread.started", t.Started)
	b.stamp("thread.last_post", t.LastPost)
	for _, s := range slices.Concat(t.Prefix, t.Tags) {
		b.text("thread.prefix or tag", s)
	}
	if t.PageCount > 0 && t.Page > t.PageCount {
		b.say("page %d of %d", t.Page, t.PageCount)
	}
	if t.Poll != nil {
		b.text("thread.poll", t.Poll.Question)
		for _, o := range t.Poll.Options {
			b.text("thread.poll.options", o.Text)
		}
	}
}

func (b *breaches) posts(posts []forum.Post) {
	ids := map[string]bool{}
	last := int64(0)
	for i := range posts {
		p, at := &posts[i], fmt.Sprintf("posts[%d]", i)
		if p.ID != "" && ids[p.ID] {
			b.say("%s.id %s comes twice", at, p.ID)
		}
		ids[p.ID] = true
		if p.Position > 0 && p.Position <= last {
			b.say("%s.position %d follows %d", at, p.Position, last)
		}
		last = max(last, p.Position)
		b.post(at, p)
	}
}

func (b *breaches) post(at string, p *forum.Post) {
	b.author(at+".author", p.Author)
	b.text(at+".title", p.Title)
	b.text(at+".body.text", p.Body.Text)
	b.text(at+".body.quoted_text", p.Body.QuotedText)
	b.text(at+".body.spoiler_text", p.Body.SpoilerText)
	b.stamp(at+".published", p.Published)
	b.stamp(at+".edited", p.Edited)
	if p.EditedBy != roleOfEditor {
		b.text(at+".edited_by", p.EditedBy)
	}
	b.text(at+".edit_reason", p.EditReason)
	if p.Signature != nil {
		b.text(at+".signature", p.Signature.Text)
	}
	for _, q := range p.Quotes {
		b.text(at+".quotes", q.Author)
	}
	for _, a := range p.Attachments {
		b.text(at+".attachments", strings.TrimSuffix(a.Filename, path.Ext(a.Filename))) // the address may lend the ending
	}
	if p.Reactions != nil {
		for _, name := range p.Reactions.Users {
			b.text(at+".reactions.users", name)
		}
	}
}

func (b *breaches) row(at string, r *forum.Row) {
	b.text(at+".title", r.Title)
	b.author(at+".author", r.Author)
	b.author(at+".last_author", r.LastAuthor)
	b.stamp(at+".started", r.Started)
	b.stamp(at+".last_post", r.LastPost)
	for _, s := range slices.Concat(r.Prefix, r.Tags) {
		b.text(at+".prefix or tag", s)
	}
}

// recorded is one page of a recorded site.
type recorded struct {
	File      string    `json:"file"`
	URL       string    `json:"url"`
	FinalURL  string    `json:"final_url"`
	Status    int       `json:"status"`
	Type      string    `json:"content_type"`
	Kind      string    `json:"kind"`
	ThreadID  int       `json:"thread_id"`
	Page      int       `json:"page"`
	FetchedAt time.Time `json:"fetched_at"`
	body      []byte
}

func (r recorded) capture() forum.Capture {
	return forum.Capture{URL: r.URL, FinalURL: r.FinalURL, Status: r.Status, Header: map[string][]string{"Content-Type": {r.Type}}, FetchedAt: r.FetchedAt, Body: r.body}
}

// engineOf names the engine of each recorded forum.
var engineOf = map[string]string{"bbpress": "bbpress", "fluxbb": "fluxbb", "mybb": "mybb", "mybbseo": "mybb", "nodebb": "nodebb", "phpbb": "phpbb3", "punbb": "punbb", "smf": "smf"}

// TestInvariantsRecorded holds the same against recorded forums, and checks
// that each page of a thread goes on where the one before it ended.
func TestInvariantsRecorded(t *testing.T) {
	sites, err := filepath.Glob("../../shared/sites/*.tar.xz")
	if err != nil || len(sites) == 0 {
		t.Skip("needs the recorded forums in ../shared/sites")
	}
	for _, archive := range sites {
		site := strings.TrimSuffix(filepath.Base(archive), ".tar.xz")
		t.Run(site, func(t *testing.T) {
			t.Parallel()
			engine := engineOf[site]
			if _, err := extract.ByName(engine); err != nil {
				t.Skip(err)
			}
			threads := map[int][]recorded{}
			for _, r := range recordedPages(t, archive, site) {
				threads[r.ThreadID] = append(threads[r.ThreadID], r)
			}
			for _, pages := range threads {
				slices.SortFunc(pages, func(a, b recorded) int { return a.Page - b.Page })
				continuous(t, engine, pages)
			}
		})
	}
}

func recordedPages(t *testing.T, archive, site string) []recorded {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "tar", "-xJf", archive, "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("unpacking: %v: %s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, site, "urls.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []recorded
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Kind != "thread" || r.Status != 200 {
			continue
		}
		if r.body, err = os.ReadFile(filepath.Join(dir, site, "pages", r.File)); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// continuous reads the pages of one thread in order, each with what the first
// has taught.
func continuous(t *testing.T, engine string, pages []recorded) {
	t.Helper()
	var facts forum.Facts
	ids := map[string]bool{}
	last := int64(0)
	for i, r := range pages {
		p, broken := broken(t, r.capture(), facts)
		for _, b := range broken {
			t.Errorf("%s: %s", r.File, b)
		}
		if p.Engine != engine {
			t.Errorf("%s: read as %q, want %q", r.File, p.Engine, engine)
		}
		if i == 0 {
			facts = p.Learned
		}
		if p.Kind != forum.KindThread || len(p.Posts) == 0 {
			t.Errorf("%s: %s with %d posts", r.File, p.Kind, len(p.Posts))
			return
		}
		if p.Thread.Page != r.Page || p.Thread.PageCount != len(pages) {
			t.Errorf("%s: page %d of %d, want %d of %d", r.File, p.Thread.Page, p.Thread.PageCount, r.Page, len(pages))
		}
		if first := p.Posts[0].Position; first != last+1 {
			t.Errorf("%s begins with post %d after %d", r.File, first, last)
		}
		for _, post := range p.Posts {
			if ids[post.ID] {
				t.Errorf("%s: post %s stands on an earlier page too", r.File, post.ID)
			}
			ids[post.ID] = true
		}
		last = p.Posts[len(p.Posts)-1].Position
	}
}
