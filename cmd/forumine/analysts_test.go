package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic/estest"

	"github.com/google/go-cmp/cmp"
)

// desk asks a real server the questions of docs/analysts.md.
type desk struct {
	server *estest.Server
	asks   map[string][]ask // by heading
	truth  demoforum.Truth
	boards map[string]string // titles by id
}

// ask is one query of the document.
type ask struct{ path, body string }

var (
	reHeading = regexp.MustCompile(`(?m)^## (.+)$`)
	reAsk     = regexp.MustCompile("(?s)`POST ([a-z-]+/_search)`\n```json\n(.*?)\n```")
)

func newDesk(t *testing.T, server *estest.Server, truth demoforum.Truth) *desk {
	t.Helper()
	raw, err := os.ReadFile("../../docs/analysts.md")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{server: server, asks: map[string][]ask{}, truth: truth, boards: map[string]string{}}
	for _, b := range truth.Boards {
		d.boards[b.ID] = b.Title
	}
	text := string(raw)
	heads := reHeading.FindAllStringSubmatchIndex(text, -1)
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		name := text[h[2]:h[3]]
		for _, m := range reAsk.FindAllStringSubmatch(text[h[1]:end], -1) {
			d.asks[name] = append(d.asks[name], ask{m[1], m[2]})
		}
	}
	return d
}

// deskAnswer is what a search gives, as far as the questions need it.
type deskAnswer struct {
	Hits struct {
		Hits []struct {
			Source struct {
				Post, Author struct{ ID string }
				Thread       struct{ ID string }
			} `json:"_source"`
		} `json:"hits"`
	} `json:"hits"`
	Aggregations map[string]struct{ Buckets []bucket } `json:"aggregations"`
}

type bucket struct {
	Key       any    `json:"key"`
	AsString  string `json:"key_as_string"`
	Count     int    `json:"doc_count"`
	Month     struct{ Buckets []bucket }
	Whom      struct{ Buckets []bucket }
	Reactions struct{ Value float64 }
	Days      struct {
		Count int
		Max   float64
	}
}

func (d *desk) ask(t *testing.T, heading string, n int, replace ...string) deskAnswer {
	t.Helper()
	if n >= len(d.asks[heading]) {
		t.Fatalf("docs/analysts.md has no query %d under %q", n+1, heading)
	}
	q := d.asks[heading][n]
	status, text := d.server.Do("POST", "/"+q.path, strings.NewReplacer(replace...).Replace(q.body))
	var a deskAnswer
	if err := json.Unmarshal([]byte(text), &a); status != 200 || err != nil {
		t.Fatalf("%s: status %d, %v\n%s", heading, status, err, text)
	}
	return a
}

func (a deskAnswer) posts() []string {
	out := []string{}
	for _, h := range a.Hits.Hits {
		out = append(out, h.Source.Post.ID)
	}
	slices.Sort(out)
	return out
}

// testAnalysts holds every query of docs/analysts.md against the forum's truth.
func testAnalysts(t *testing.T, server *estest.Server, truth demoforum.Truth) {
	d := newDesk(t, server, truth)
	checks := map[string]func(*testing.T){
		"Posts per month and board":     d.perMonth,
		"Who quotes whom":               d.quoting,
		"Words with and without quotes": d.words,
		"Authors by a custom field":     d.byField,
		"Edited after N days":           d.edited,
		"Unanswered threads":            d.unanswered,
		"Life span of threads":          d.lifeSpan,
		"Reactions per post":            d.reactions,
		"Linked domains":                d.domains,
		"New since a run":               func(*testing.T) {}, // testNewSince
		"Deleted after N days":          func(*testing.T) {}, // testDeleted
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(checks)), slices.Sorted(maps.Keys(d.asks))); diff != "" {
		t.Fatalf("questions (-tested +documented):\n%s", diff)
	}
	for name, check := range checks {
		t.Run(name, check)
	}
	t.Run("runtime fields of the data views", d.runtimeFields)
}

// runtimeFields has the server compute what Kibana's data views would.
func (d *desk) runtimeFields(t *testing.T) {
	for _, kind := range index.DocKinds() {
		fields := index.RuntimeFields(kind)
		body, err := json.Marshal(map[string]any{"runtime_mappings": fields, "fields": append([]string{}, slices.Sorted(maps.Keys(fields))...), "size": 1000})
		if err != nil {
			t.Fatal(err)
		}
		status, text := d.server.Do("POST", "/"+index.Alias("", kind)+"/_search", string(body))
		if status != 200 {
			t.Errorf("%s: status %d\n%s", kind, status, text)
		}
		if kind == forum.DocThread && !strings.Contains(text, `"life_days":[`) {
			t.Errorf("no thread has a life span:\n%s", text)
		}
	}
}

func same[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func (d *desk) perMonth(t *testing.T) {
	want, got := map[string]int{}, map[string]int{}
	for _, p := range d.truth.Posts {
		want[d.boards[p.BoardID]+p.PublishedAt.Format(" 2006-01")]++
	}
	for _, board := range d.ask(t, "Posts per month and board", 0).Aggregations["board"].Buckets {
		for _, month := range board.Month.Buckets {
			got[fmt.Sprintf("%s %s", board.Key, month.AsString[:7])] += month.Count
		}
	}
	same(t, want, got)
}

func (d *desk) quoting(t *testing.T) {
	want, got := map[string]int{}, map[string]int{}
	for _, p := range d.truth.Posts {
		seen := map[string]bool{}
		for _, q := range p.Quotes {
			if !seen[q.Author] && q.Author != "" {
				want[p.Author+" > "+q.Author]++
			}
			seen[q.Author] = true
		}
	}
	for _, who := range d.ask(t, "Who quotes whom", 0).Aggregations["who"].Buckets {
		for _, whom := range who.Whom.Buckets {
			got[fmt.Sprintf("%s > %s", who.Key, whom.Key)] = whom.Count
		}
	}
	same(t, want, got)
}

var reMetres = regexp.MustCompile(`(?i)\bmetres\b`)

func (d *desk) words(t *testing.T) {
	own, says := []string{}, map[string]bool{}
	for _, p := range d.truth.Posts {
		if reMetres.MatchString(p.OwnText) {
			own = append(own, p.ID)
			says[p.Author] = true
		}
	}
	slices.Sort(own)
	same(t, own, d.ask(t, "Words with and without quotes", 0).posts())
	with := d.ask(t, "Words with and without quotes", 1).posts()
	for _, id := range with {
		if !slices.Contains(own, id) && !d.quotesOne(id, says) {
			t.Errorf("post %s neither says it nor quotes somebody who does", id)
		}
	}
	if len(with) <= len(own) {
		t.Errorf("%d posts with quotes, %d without", len(with), len(own))
	}
}

// quotesOne tells whether a post quotes one of these authors, or nobody by name.
func (d *desk) quotesOne(id string, authors map[string]bool) bool {
	i := slices.IndexFunc(d.truth.Posts, func(p demoforum.Post) bool { return p.ID == id })
	return slices.ContainsFunc(d.truth.Posts[i].Quotes, func(q demoforum.Quote) bool { return q.Author == "" || authors[q.Author] })
}

func (d *desk) byField(t *testing.T) {
	want := []string{}
	for _, u := range d.truth.Users {
		if u.Fields["repairing_since"] == "1983" {
			want = append(want, u.ID)
		}
	}
	for n := range 2 {
		got := []string{}
		for _, h := range d.ask(t, "Authors by a custom field", n).Hits.Hits {
			got = append(got, h.Source.Author.ID)
		}
		same(t, want, got)
	}
}

func (d *desk) edited(t *testing.T) {
	want := []string{}
	for _, p := range d.truth.Posts {
		if !p.EditedAt.IsZero() && p.EditedAt.Truncate(time.Minute).Sub(p.PublishedAt.Truncate(time.Minute)) >= 30*24*time.Hour {
			want = append(want, p.ID)
		}
	}
	slices.Sort(want)
	if len(want) == 0 {
		t.Fatal("nothing to find")
	}
	same(t, want, d.ask(t, "Edited after N days", 0).posts())
}

func (d *desk) unanswered(t *testing.T) {
	want, got := []string{}, []string{}
	for _, th := range d.truth.Threads {
		if th.Replies == 0 && th.RedirectTo == "" {
			want = append(want, th.ID)
		}
	}
	for _, h := range d.ask(t, "Unanswered threads", 0).Hits.Hits {
		got = append(got, h.Source.Thread.ID)
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 {
		t.Fatal("nothing to find")
	}
	same(t, want, got)
}

func (d *desk) lifeSpan(t *testing.T) {
	want, got := map[string]float64{}, map[string]float64{}
	for _, th := range d.truth.Threads {
		if th.RedirectTo == "" {
			days := th.LastAt.Truncate(time.Minute).Sub(th.StartedAt.Truncate(time.Minute)).Hours() / 24
			want[d.boards[th.BoardID]] = max(want[d.boards[th.BoardID]], math.Round(days*1000))
		}
	}
	for _, b := range d.ask(t, "Life span of threads", 0).Aggregations["board"].Buckets {
		got[fmt.Sprint(b.Key)] = math.Round(b.Days.Max * 1000)
	}
	same(t, want, got)
}

func (d *desk) reactions(t *testing.T) {
	want, got := map[string]float64{}, map[string]float64{}
	for _, p := range d.truth.Posts {
		want[d.boards[p.BoardID]] += float64(p.Likes)
	}
	for _, b := range d.ask(t, "Reactions per post", 0).Aggregations["board"].Buckets {
		got[fmt.Sprint(b.Key)] = b.Reactions.Value
	}
	same(t, want, got)
}

func (d *desk) domains(t *testing.T) {
	got := map[string]int{}
	for _, b := range d.ask(t, "Linked domains", 0).Aggregations["domain"].Buckets {
		got[fmt.Sprint(b.Key)] = b.Count
	}
	if got["example.org"] != 1 {
		t.Errorf("domains %v, want one post that links to example.org", got)
	}
}

// testDeleted asks for posts that their forum has deleted.
func testDeleted(t *testing.T, server *estest.Server, truth demoforum.Truth, want []string) {
	t.Helper()
	d := newDesk(t, server, truth)
	same(t, want, d.ask(t, "Deleted after N days", 0).posts())
}

// testNewSince asks for what a second crawl was the first to see.
func testNewSince(t *testing.T, server *estest.Server, truth demoforum.Truth, since time.Time, want []string) {
	t.Helper()
	d := newDesk(t, server, truth)
	got := d.ask(t, "New since a run", 0, "2026-11-23T00:00:00Z", since.UTC().Format(time.RFC3339Nano)).posts()
	same(t, want, got)
}
