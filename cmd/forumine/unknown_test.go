package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// TestUnknownPrograms crawls the recorded forums as if nobody had heard of their
// programs: by what recurs on their pages and by what addresses of all forums have
// in common. From the index, nearly every post is found, and none is made up.
func TestUnknownPrograms(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestCrawlFindsTheTruth runs the same code there")
	}
	for _, site := range replaySites() {
		t.Run(site.name, func(t *testing.T) {
			r := openReplay(t, site.name, site.drop)
			data := t.TempDir()
			crawlLocal(t, data, r.address(), "--engine", "generic")
			truth, got := r.truth(t), map[string]bool{}
			for _, d := range ofKind(export(t, data), "post") {
				got[str(d, "post.id")] = true
			}
			delete(got, "") // a page that numbers no posts
			var missing []string
			for _, id := range slices.Sorted(maps.Keys(truth)) {
				if !got[id] {
					missing = append(missing, fmt.Sprintf("%s of thread %d", id, truth[id].ThreadID))
				}
				delete(got, id)
			}
			found := len(truth) - len(missing)
			t.Logf("%d of %d posts found (%.4f), missing %v", found, len(truth), float64(found)/float64(len(truth)), missing)
			if 100*found < 99*len(truth) || len(got) > 0 {
				t.Errorf("%d of %d posts found, made up: %v", found, len(truth), got)
			}
		})
	}
}
