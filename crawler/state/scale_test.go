package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// proofEnv runs the long proofs too.
const proofEnv = "FORUMINE_PROOF"

// scaleEnv names the numbers of URLs of the proof of scale, separated by commas.
const scaleEnv = "FORUMINE_SCALE"

// TestScale is the proof of scale: frontiers of one and of ten million URLs.
func TestScale(t *testing.T) {
	if os.Getenv(proofEnv) == "" {
		t.Skip("set " + proofEnv + "=1: it takes half an hour and ten gigabytes")
	}
	sizes := "1000000,10000000"
	if v := os.Getenv(scaleEnv); v != "" {
		sizes = v
	}
	for size := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(size, func(t *testing.T) { scale(t, n) })
	}
}

func scale(t *testing.T, size int) {
	s := mustOpen(t, t.TempDir(), Options{})
	if _, err := s.EnsureSite(t.Context(), Site{ID: "forum.example.org"}); err != nil {
		t.Fatal(err)
	}
	const batch = 5000
	tail := min(size/10, 500_000)
	var slow time.Time
	var work time.Duration
	for i := 0; i < size; i += batch {
		if i == size-tail {
			slow, work = time.Now(), cpu()
		}
		if n, err := s.Add(t.Context(), benchLinks(i, batch)...); err != nil || n != batch {
			t.Fatal(n, err)
		}
	}
	added := float64(tail) / time.Since(slow).Seconds()
	effort := float64(tail) / max(cpu()-work, time.Millisecond).Seconds()
	known := time.Now()
	for i := 0; i < 100_000; i += batch {
		if _, err := s.Add(t.Context(), benchLinks(i*(size/100_000), batch)...); err != nil {
			t.Fatal(err)
		}
	}
	met := 100_000 / time.Since(known).Seconds()
	next, settle := visits(t, s, 20_000)
	queue := time.Now()
	if queued, err := s.Queued(t.Context(), "forum.example.org"); err != nil || !queued {
		t.Fatal(queued, err)
	}
	t.Logf("%d URLs: new links %.0f/s (%.0f a second of processor time), known ones %.0f/s; Next p50 %s, p99 %s; Settle p50 %s, p99 %s; Queued %s; memory %d MB, at most %d MB; state %d MB",
		size, added, effort, met, next(50), next(99), settle(50), settle(99), time.Since(queue).Round(time.Microsecond),
		resident("VmRSS:"), resident("VmHWM:"), fileSize(t, s)>>20)
	if max(added, effort) < 10_000 { // other programs may have most of the machine
		t.Errorf("%.0f new links a second, %.0f a second of processor time, want 10,000", added, effort)
	}
	if next(99) > 5*time.Millisecond {
		t.Errorf("the 99th percentile of Next is %s, want 5 ms", next(99))
	}
	if m := resident("VmHWM:"); m > 400 {
		t.Errorf("%d MB of memory, want at most 400", m)
	}
}

// visits leases and settles URLs and gives percentiles of both.
func visits(t *testing.T, s *Store, n int) (next, settle func(p int) time.Duration) {
	t.Helper()
	var leasing, settling []time.Duration
	for range n {
		start := time.Now()
		l, err := s.Next(context.Background())
		if err != nil && !errors.Is(err, ErrEmpty) {
			t.Fatal(err)
		}
		leased := time.Now()
		if err := s.Settle(context.Background(), l, Settlement{Outcome: Unchanged, Status: 304}); err != nil {
			t.Fatal(err)
		}
		leasing, settling = append(leasing, leased.Sub(start)), append(settling, time.Since(leased))
	}
	slices.Sort(leasing)
	slices.Sort(settling)
	at := func(d []time.Duration) func(int) time.Duration {
		return func(p int) time.Duration { return d[len(d)*p/100].Round(time.Microsecond) }
	}
	return at(leasing), at(settling)
}

// resident is a figure of the process's memory in MB, 0 where the system does not
// tell.
func resident(name string) int {
	if runtime.GOOS != "linux" {
		return 0
	}
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), name)
	var kb int
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0
	}
	return kb >> 10
}

// cpu is the processor time that the process has used, 0 where the system does not
// tell: utime and stime of proc_pid_stat(5), in hundredths of a second.
func cpu() time.Duration {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func fileSize(t *testing.T, s *Store) int64 {
	t.Helper()
	var pages, size int64
	if err := s.Reader.db.QueryRow(`PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if err := s.Reader.db.QueryRow(`PRAGMA page_size`).Scan(&size); err != nil {
		t.Fatal(err)
	}
	return pages * size
}
