package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/crawler/simforum"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// wholeSim is a study of a simulated forum in a real program's markup, crawled once
// a day by the whole program: archive, extraction, state and embedded index.
type wholeSim struct {
	t      *testing.T
	forum  *simforum.Forum
	markup simforum.PHPBB
	month  *month
	rows   []wholeRow
}

// wholeRow is what a day brought and cost.
type wholeRow struct {
	share              float64
	day                simforum.Day
	least, plain       int
	asked, audits, new int
	took               time.Duration
}

func (r wholeRow) ours() int { return r.asked - r.audits }

func (r wholeRow) String() string {
	return fmt.Sprintf("| %g %% | %d | %d | %d | %d | %.2f | %d | %.0f | %d | %s", r.share*100, len(r.day.Changed), len(r.day.Posts), r.ours(), r.least,
		float64(r.ours())/float64(r.least), r.plain, float64(r.plain)/float64(r.ours()), r.audits, r.took.Round(time.Millisecond))
}

// simulateDays lets days pass on which a share of the threads changes and some posts
// are edited, and crawls the forum before the first and after each.
func simulateDays(t *testing.T, o simforum.Options, shares []float64, edits int, audit string) *wholeSim {
	t.Helper()
	start := time.Date(2040, 3, 1, 3, 0, 0, 0, time.UTC)
	s := &wholeSim{t: t, markup: simforum.PHPBB{People: max(20, o.Posts/200)}}
	var clock *simClock
	o.Markup, o.Began, o.Now = s.markup, start.AddDate(-9, 0, 0), func() time.Time {
		if clock == nil {
			return start
		}
		return clock.now // it stands while the forum lives
	}
	s.forum = simforum.New(o)
	server := httptest.NewServer(s.forum)
	t.Cleanup(server.Close)
	s.month = newMonth(t, fmt.Sprintf("sites:\n  - {name: sim, start: %s/, delay: 0, allow_private: true, audit: %s, schedule: {cron: \"0 4 * * *\"}}\n", server.URL, audit), start)
	clock = s.month.clock
	began := time.Now()
	s.rows = []wholeRow{{plain: s.forum.Plain(), least: s.forum.Plain()}}
	clock.leapt = func(from, to time.Time) {
		if to.Day() == from.Day() {
			return // within a run
		}
		s.endDay(began)
		if day := len(s.rows); day <= len(shares) {
			s.beginDay(shares[day-1], edits)
		}
		began = time.Now()
	}
	s.month.live(start.AddDate(0, 0, len(shares)).Add(12*time.Hour), func(r *runner) {
		noError(t, r.p.endDelivery())
		noError(t, r.p.sender.Drain(t.Context()))
	})
	s.endDay(began)
	s.takeRuns()
	return s
}

func (s *wholeSim) beginDay(share float64, edits int) {
	day := s.forum.Live(share)
	s.forum.Edit(edits, len(s.rows))
	s.rows = append(s.rows, wholeRow{share: share, day: day, least: s.forum.Least(day), plain: s.forum.Plain()})
}

func (s *wholeSim) endDay(began time.Time) {
	row := &s.rows[len(s.rows)-1]
	for _, n := range s.forum.Asked() {
		row.asked += n
	}
	row.took = time.Since(began)
}

// takeRuns adds to the rows what the runs' records say.
func (s *wholeSim) takeRuns() {
	s.t.Helper()
	runs := s.month.records("sim")
	if len(runs) != len(s.rows) {
		s.t.Fatalf("%d runs on %d days", len(runs), len(s.rows))
	}
	for i, r := range runs {
		if r.Status != runComplete {
			s.t.Errorf("run %d ended as %s: %s", i, r.Status, r.Reason)
		}
		s.rows[i].audits, s.rows[i].new = int(r.Counts["audit_requests"]), int(r.Counts["posts_new"])
		s.t.Log(s.rows[i])
	}
}

// check wants each day's new posts to have been found that day, for little more
// requests than it takes.
func (s *wholeSim) check(most float64) {
	s.t.Helper()
	for i, row := range s.rows {
		want := len(row.day.Posts)
		if i == 0 {
			want = s.forum.Posts()
			for _, later := range s.rows[1:] {
				want -= len(later.day.Posts)
			}
		}
		if row.new != want {
			s.t.Errorf("day %d: %d posts are new, want %d", i, row.new, want)
		}
		if float64(row.ours()) > most*float64(row.least) {
			s.t.Errorf("day %d: %d requests, %d are the least", i, row.ours(), row.least)
		}
	}
}

// simPost is what the forum knows of a post.
type simPost struct {
	simforum.Post
	thread *simforum.Thread
	at     int
}

// compare holds every post as it is delivered to what the forum shows of it at the
// end, but for edits that are younger than a time, and gives how many are edited
// and not seen to be.
func (s *wholeSim) compare(bound time.Time) (unseen int) {
	t := s.t
	t.Helper()
	posts := map[string]simPost{}
	for _, th := range s.forum.Threads {
		for i, p := range th.Posts {
			posts[strconv.Itoa(p.ID)] = simPost{p, th, i}
		}
	}
	store, err := state.OpenReadOnly(t.Context(), s.month.cfg.Storage.Data)
	noError(t, err)
	defer store.Close()
	wrong := 0
	noError(t, store.Documents(t.Context(), state.DocumentFilter{Kind: forum.DocPost, LiveOnly: true}, func(d state.Document) error {
		id := d.Key[strings.LastIndexByte(d.Key, '|')+1:]
		p, ok := posts[id]
		delete(posts, id)
		differs := "no such post"
		if ok {
			differs = s.differs(p, d.Body)
		}
		if differs == otherVersion {
			unseen++
			if p.Edited.After(bound) {
				return nil
			}
		}
		if differs != "" {
			if wrong++; wrong <= 10 {
				t.Errorf("post %s: %s\n%s", id, differs, d.Body)
			}
		}
		return nil
	}))
	if wrong+len(posts) > 0 {
		t.Errorf("%d posts are not what the forum shows, %d are not held", wrong, len(posts))
	}
	return unseen
}

const otherVersion = "another version"

// differs says what a document says otherwise than the forum, "" for nothing.
func (s *wholeSim) differs(p simPost, body []byte) string {
	var d struct {
		Author      struct{ Name, ID string }
		Thread      struct{ ID, Title string }
		Post        struct{ Position int }
		Body        struct{ Text string }
		PublishedAt time.Time  `json:"published_at"`
		EditedAt    *time.Time `json:"edited_at"`
		EditCount   int        `json:"edit_count"`
		Quotes      []struct {
			Author string
			PostID string `json:"post_id"`
		}
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return err.Error()
	}
	uid, name := s.markup.Author(p.ID)
	switch {
	case d.Author.Name != name || d.Author.ID != strconv.Itoa(uid):
		return "another author"
	case d.Thread.ID != strconv.Itoa(p.thread.ID) || d.Thread.Title != s.markup.Title(p.thread):
		return "another thread"
	case !d.PublishedAt.Equal(p.At.Truncate(time.Second)):
		return fmt.Sprintf("published at another time than %s", p.At)
	}
	if q, ok := s.markup.Quoted(p.thread, p.at); ok != (len(d.Quotes) == 1) || ok && d.Quotes[0].PostID != strconv.Itoa(q.ID) {
		return "another quote"
	}
	if d.Body.Text != s.markup.Text(p.Post) || d.EditCount != p.Version {
		return otherVersion
	}
	if p.Version > 0 && (d.EditedAt == nil || !d.EditedAt.Equal(p.Edited.Truncate(time.Minute))) {
		return "edited at another time"
	}
	return ""
}

// The whole program crawls a forum day by day: every post is found on its day for
// the least requests, and in the end stands in the state as the forum shows it.
func TestSimulatedDays(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestRunSitesTogether has more at work at once there")
	}
	t.Parallel()
	for posts, rows := range map[int]int{20: 20, 7: 12, 50: 30} { // as forums choose
		t.Run(fmt.Sprintf("%d posts, %d rows a page", posts, rows), func(t *testing.T) {
			s := simulateDays(t, simforum.Options{Seed: 4, Threads: 120, Posts: 1500, Boards: 5, PostsAPage: posts, RowsAPage: rows},
				slices.Repeat([]float64{0, 0.01, 0.05}, 3), 3, "{share: 1, within: 4d}")
			s.check(1.2)
			s.compare(s.month.clock.now.AddDate(0, 0, -5))
		})
	}
}

// TestProofOfWholeCrawls is the proof of docs/incremental.md by the whole program
// and a real program's markup.
func TestProofOfWholeCrawls(t *testing.T) {
	if os.Getenv("FORUMINE_PROOF") == "" {
		t.Skip("set FORUMINE_PROOF=1: it takes half an hour and ten gigabytes")
	}
	s := simulateDays(t, simforum.Options{Seed: 1, Threads: 100_000, Posts: 1_000_000, Boards: 100}, slices.Repeat([]float64{0, 0.001, 0.01}, 3), 500, "{share: 1, within: 8d}")
	s.check(1.2)
	t.Logf("%d edits are not seen at the end", s.compare(s.month.clock.now.AddDate(0, 0, -9)))
}
