package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"forumine/extract/forum"
)

// crashEnv names the data folder of a process that is there to be killed.
const crashEnv = "FORUMINE_STATE_CRASH_DIR"

const crashPages = 200

func crashURL(i int) string { return fmt.Sprintf("p%d", i) }

// crashPage is what page i says: posts of a thread that ten pages share, in its
// final form; the page links to the next two.
func crashPage(i int) Settlement {
	id := i / 10
	v := Settlement{Outcome: OK, Status: 200, Extractor: 1, Posts: 3, Capture: fmt.Sprintf("a.warc.gz:%d", i)}
	v.Contributions = append(v.Contributions, thread(id, fmt.Sprintf("thread %d", id)))
	for j := range 3 {
		user := (i*3 + j) % 17
		v.Contributions = append(v.Contributions, post(i*3+j, id, user, fmt.Sprintf("text of post %d", i*3+j)), card(user, fmt.Sprintf("user %d", user)))
	}
	for _, n := range []int{2*i + 1, 2*i + 2} {
		if n < crashPages {
			v.Links = append(v.Links, link(crashURL(n), n%3))
		}
	}
	return v
}

// crawlAll settles pages until the frontier is empty, and delivers now and then.
// It tells what it has been promised: a page after Settle, a row after
// Acknowledge.
func crawlAll(ctx context.Context, s *Store, said io.Writer) error {
	if _, err := s.EnsureSite(ctx, Site{ID: siteID}); err != nil {
		return err
	}
	if _, err := s.Add(ctx, link(crashURL(0), 0)); err != nil {
		return err
	}
	for n := 0; ; n++ {
		l, err := s.Next(ctx)
		if errors.Is(err, ErrEmpty) {
			_, err = s.FoldAuthors(ctx)
			return err
		}
		if err != nil {
			return err
		}
		var i int
		if _, err := fmt.Sscanf(l.Key, "p%d", &i); err != nil {
			return err
		}
		v := crashPage(i)
		v.ObservedAt = s.Observe()
		if err := s.Settle(ctx, l, v); err != nil {
			return err
		}
		fmt.Fprintf(said, "settled %d\n", i)
		if n%5 == 4 {
			if err := deliverSome(ctx, s); err != nil {
				return err
			}
		}
		if n%20 == 19 {
			if _, err := s.FoldAuthors(ctx); err != nil {
				return err
			}
		}
	}
}

// deliverSome acknowledges ten rows as a sink would that has stored them.
func deliverSome(ctx context.Context, s *Store) error {
	rows, err := s.Pending(ctx, 0, 10, 1<<20)
	if err != nil {
		return err
	}
	acks := make([]Ack, 0, len(rows))
	for _, r := range rows {
		acks = append(acks, Ack{r.ID, r.Version})
	}
	return s.Acknowledge(ctx, acks)
}

func crashWriter(dir string) int {
	s, err := Open(context.Background(), dir, Options{Folder: testFolder{}})
	if err == nil {
		err = crawlAll(context.Background(), s, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, "done")
	return 0
}

// TestCrash kills a crawl without warning at random points, again and again, and
// compares what it has in the end with an undisturbed crawl.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	settled := map[int]bool{}
	kills, done := 0, false
	for !done {
		if kills > 500 {
			t.Fatal("the crawl makes no headway")
		}
		var killed bool
		killed, done = crashOnce(t, dir, 1+random.IntN(20), settled)
		if killed {
			kills++
		}
		s := mustOpen(t, dir, Options{})
		checkInvariants(t, s)
		for i := range settled {
			u, err := s.URLByKey(t.Context(), siteID, crashURL(i))
			if err != nil || u.Outcome != OK {
				t.Fatalf("page %d was settled and is lost: %+v, %v", i, u, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if kills < 10 {
		t.Fatalf("only %d kills", kills)
	}
	t.Logf("%d kills", kills)
	wholeCrawl := mustOpen(t, t.TempDir(), Options{})
	if err := crawlAll(t.Context(), wholeCrawl, io.Discard); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir, Options{})
	wantEqual(t, "documents of a disturbed crawl", dump(t, s), dump(t, wholeCrawl))
	crashCounts(t, s)
}

// crashCounts looks for what was done twice.
func crashCounts(t *testing.T, s *Store) {
	t.Helper()
	st, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "outcomes", st.Outcomes, map[Outcome]int64{OK: crashPages})
	wantEqual(t, "documents", st.Documents, map[forum.DocKind]DocumentCount{
		forum.DocPost: {Live: crashPages * 3}, forum.DocThread: {Live: crashPages / 10}, forum.DocAuthor: {Live: 17}})
}

// crashOnce runs the writer and kills it after it has settled n pages more.
func crashOnce(t *testing.T, dir string, n int, settled map[int]bool) (killed, done bool) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), crashEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var i int
		if _, err := fmt.Sscanf(lines.Text(), "settled %d", &i); err == nil {
			settled[i] = true
		}
		done = lines.Text() == "done"
		if n--; n == 0 && !done {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil && !killed {
		t.Fatalf("the writer died by itself: %v", err)
	}
	return killed, done
}
