package main

import (
	"os"
	"testing"
	"time"

	"forumine/extract/check"
	"forumine/extract/forum"
	"forumine/index"

	"github.com/google/go-cmp/cmp"
)

// TestReadBack folds what every fixture says as the reading hands it on and as the
// state stores it: one document, whichever of both is at hand.
func TestReadBack(t *testing.T) {
	fsys := os.DirFS("../../testdata/engines")
	cases, err := check.Cases(fsys)
	noError(t, err)
	f := index.NewFolder()
	at := time.Date(2026, 7, 1, 8, 30, 0, 123456000, time.UTC)
	handed := 0
	for _, dir := range cases {
		r := check.Run(fsys, dir)
		noError(t, r.Err)
		prov := index.Provenance{PageKey: "page", ObservedAt: at, FetchedAt: at, Status: 200, Viewer: "guest"}
		said := index.Contributions(index.SiteInfo{ID: "forum.example.org", Engine: r.Page.Engine}, r.Page, prov)
		for _, c := range said {
			if c.Read == nil {
				continue
			}
			handed++
			stored := c
			stored.Read = nil
			a, err := f.Fold(c.Doc, []forum.Contribution{c}, nil)
			noError(t, err)
			b, err := f.Fold(c.Doc, []forum.Contribution{stored}, nil)
			noError(t, err)
			if d := cmp.Diff(b, a); d != "" {
				t.Errorf("%s, %s: as stored (-) and as handed on (+):\n%s", dir, c.Doc.Key, d)
			}
		}
	}
	if handed < 500 {
		t.Errorf("only %d contributions were handed on", handed)
	}
}
