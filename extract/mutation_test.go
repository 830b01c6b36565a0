package extract_test

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forumine/extract"
	"forumine/extract/check"
	"forumine/extract/forum"
)

// mutationsPerCase is how many damages the usual run tries on a fixture, and
// how many it tries under the race detector; FORUMINE_PROOF=1 tries them all.
const (
	mutationsPerCase     = 150
	mutationsPerCaseRace = 40
)

// TestMutations takes one leaf element or one attribute at a time from each
// fixture that shows a thread, and from a listing of each engine, and reads
// what is left. A damage costs at most the field that was told by it:
//
//   - kind and engine stay, and no post, row or board is lost or added (a row
//     or a board whose own link was damaged may go);
//   - one post, or one row, changes at most, in at most two of its fields, a
//     field being one with all that is derived from it (fieldOf);
//   - what names things (ids, names, titles, times, positions) is the same or
//     absent, never something else;
//   - the words that the author's own text gains or loses stand in the damaged
//     element;
//   - a lost id, author or time is a gap.
//
// The generic reader is left out: it knows no marks, and reads what repeats.
func TestMutations(t *testing.T) {
	listings := map[string]bool{}
	for _, c := range allCases(t) {
		c := knownCase{c, factsOf(t, c.name)}
		p, err := extract.Read(c.capture, c.facts, extract.Options{})
		if err != nil {
			t.Fatal(err)
		}
		switch p.Kind {
		case forum.KindThread:
			if p.Engine == "generic" || p.Extract.Strategy == "api" { // nor has an engine's answer to its scripts any element
				continue
			}
		case forum.KindBoard:
			if listings[p.Engine] || p.Extract.Strategy == "api" {
				continue
			}
			listings[p.Engine] = true
		default:
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mutate(t, c)
		})
	}
}

// knownCase is a fixture with what is known of its site.
type knownCase struct {
	fixture
	facts forum.Facts
}

func factsOf(t *testing.T, name string) forum.Facts {
	t.Helper()
	var c check.Capture
	readJSON(t, filepath.Join(fixtures, name, "capture.json"), &c)
	return c.Facts
}

func mutate(t *testing.T, c knownCase) {
	tree := parsed(t, decoded(t, c.capture))
	nodes := elements(tree)
	base := readTree(t, c, rendered(t, tree))
	all := mutations(nodes, containersOf(nodes, things(base.page)))
	failed := 0
	for _, m := range sampled(c.name, all) {
		undo := m.apply(nodes)
		got := readTree(t, c, rendered(t, tree))
		undo()
		if broken := base.damage(got, nodes[m.at]); len(broken) > 0 {
			failed++
			t.Errorf("without %s:\n    %s", m.what, strings.Join(broken, "\n    "))
		}
	}
	if failed > 0 {
		t.Logf("%d of %d mutations", failed, len(all))
	}
}

// things are a page's posts and rows, each by its id and its first words.
func things(p *forum.Page) []forum.Post {
	out := slices.Clone(p.Posts)
	for _, r := range p.Listing {
		if r.ID != "" {
			out = append(out, forum.Post{ID: r.ID, Body: forum.Body{Text: r.Title}})
		}
	}
	return out
}

// sampled draws the same mutations every time.
func sampled(name string, all []mutation) []mutation {
	limit := mutationsPerCase
	if underRace {
		limit = mutationsPerCaseRace
	}
	if os.Getenv("FORUMINE_PROOF") == "1" || len(all) <= limit {
		return all
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	rng := rand.New(rand.NewPCG(h.Sum64(), 1))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:limit]
}

func readTree(t *testing.T, c knownCase, body []byte) reading {
	t.Helper()
	capture := c.capture
	capture.Body = body
	capture.Header = maps.Clone(capture.Header)
	if capture.Header != nil {
		capture.Header["Content-Type"] = []string{"text/html; charset=utf-8"} // as the tree was written
	}
	page, err := extract.Read(capture, c.facts, extract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	r := reading{page: page}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&r.json); err != nil {
		t.Fatal(err)
	}
	return r
}
