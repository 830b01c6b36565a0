package crawler

import (
	"maps"
	"sync"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Stats counts what a run has done so far. Its methods may be called from any
// goroutine.
type Stats struct {
	mu sync.Mutex
	s  Snapshot
}

// Snapshot is the state of Stats at one moment.
type Snapshot struct {
	Pages     int // pages fetched and settled
	Requests  int // requests made, robots.txt and redirect hops included
	Posts     int // posts read
	Gaps      int
	Bytes     int64 // bodies as received
	Audited   int   // pages that the audit lane asked for, of Pages
	Audits    int   // requests that those took, of Requests
	Outcomes  map[state.Outcome]int
	Files     map[state.Outcome]int // of posts, counted apart from pages
	FileBytes int64                 // that the archived ones took
	Host      string                // of the latest request
	URL       string                // of the latest request
	WaitUntil time.Time             // when workers wait for a host's time to come
	reserved  int
}

// Stats gives the counts of the current run.
func (c *Crawler) Stats() Snapshot {
	c.stats.mu.Lock()
	defer c.stats.mu.Unlock()
	out := c.stats.s
	out.Outcomes = make(map[state.Outcome]int, len(c.stats.s.Outcomes))
	maps.Copy(out.Outcomes, c.stats.s.Outcomes)
	out.Files = maps.Clone(c.stats.s.Files)
	return out
}

// reserve takes one page of the limit; false when none is left.
func (s *Stats) reserve(limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit > 0 && s.s.reserved >= limit {
		return false
	}
	s.s.reserved++
	return true
}

func (s *Stats) unreserve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.reserved--
}

func (s *Stats) request(host, url string, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.Requests++
	s.s.Host, s.s.URL = host, url
	s.s.Bytes += int64(bytes)
	s.s.WaitUntil = time.Time{}
}

func (s *Stats) waiting(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.WaitUntil = until
}

// file counts a file; s.mu is held.
func (s *Stats) file(v state.Settlement) {
	if s.s.Files == nil {
		s.s.Files = map[state.Outcome]int{}
	}
	s.s.Files[v.Outcome]++
	if v.Outcome == state.OK {
		s.s.FileBytes += v.Bytes
	}
}

func (s *Stats) settled(l state.Lease, v state.Settlement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.Kind == forum.KindFile {
		s.file(v)
		return
	}
	if l.Audit {
		s.s.Audited++
		s.s.Audits += v.Requests
	}
	if s.s.Outcomes == nil {
		s.s.Outcomes = map[state.Outcome]int{}
	}
	s.s.Outcomes[v.Outcome]++
	s.s.Pages++
	s.s.Posts += v.Posts
	for _, n := range v.Gaps {
		s.s.Gaps += n
	}
}
