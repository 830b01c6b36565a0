package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"forumine/cmd/forumine/demoforum"
	"forumine/index/replies"
)

// compareReplies compares the edges that `forumine replies` prints with the
// quotes that the forum is made of.
func compareReplies(t *testing.T, data string, truth demoforum.Truth) {
	byID := map[string]demoforum.Post{}
	for _, p := range truth.Posts {
		byID[p.ID] = p
	}
	var want []string
	for _, p := range truth.Posts {
		for _, q := range p.Quotes {
			if q.Depth > 0 || q.PostID == "" && q.Author == "" {
				continue // nothing tells whom a quote without a name is of
			}
			author := q.Author
			if source, public := byID[q.PostID]; public {
				author = source.Author
			}
			want = append(want, fmt.Sprintf("%s by %s > %s by %s", p.ID, p.Author, q.PostID, author))
		}
	}
	var got []string
	ways := map[string]int{}
	for _, e := range repliesOf(t, data) {
		id := keyID(e.ToPostKey)
		ways[e.Resolved]++
		if e.Resolved != replies.ByID { // the page does not name the post
			id = ""
		}
		got = append(got, fmt.Sprintf("%s by %s > %s by %s", keyID(e.FromPostKey), e.FromAuthor, id, e.ToAuthor))
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || ways[replies.ByID] == 0 {
		t.Fatalf("the forum has %d quotes; found: %v", len(want), ways)
	}
	differ(t, "edges", strings.Join(got, "\n"), strings.Join(want, "\n"))
	t.Logf("edges by how their other end was found: %v", ways)
}

func repliesOf(t *testing.T, data string, flags ...string) []replies.Edge {
	t.Helper()
	var edges []replies.Edge
	for line := range strings.Lines(succeed(t, append([]string{"replies", "--data", data}, flags...)...)) {
		var e replies.Edge
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		edges = append(edges, e)
	}
	return edges
}
