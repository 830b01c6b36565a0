package index_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"forumine/extract/forum"
	"forumine/index"
)

// shelf is an index that holds what it is told.
type shelf struct {
	held   map[string]index.Held
	bodies []string // ids asked for with their bodies
	err    error
}

func (s *shelf) Held(_ context.Context, _ forum.DocKind, ids []string, bodies bool) (map[string]index.Held, error) {
	out := map[string]index.Held{}
	for _, id := range ids {
		h, ok := s.held[id]
		if !ok {
			continue
		}
		if !bodies {
			h.Body = nil
		} else {
			s.bodies = append(s.bodies, id)
		}
		out[id] = h
	}
	return out, s.err
}

func (s *shelf) Total(context.Context, forum.DocKind, string) (int64, error) {
	return int64(len(s.held)), s.err
}

func TestCompare(t *testing.T) {
	t.Parallel()
	s := &shelf{held: map[string]index.Held{
		"same":    {Version: 1, Body: []byte(`{ "n": 1.0, "a": [1, 2] }`)},
		"older":   {Version: 1, Body: []byte(`{}`)},
		"newer":   {Version: 3, Body: []byte(`{}`)},
		"body":    {Version: 1, Body: []byte(`{"n":2}`)},
		"number":  {Version: 1, Body: []byte(`{"n":1}`)},
		"broken":  {Version: 1, Body: []byte(`{`)},
		"unasked": {Version: 1, Body: []byte(`{"n":2}`)},
	}}
	document := func(id string, version int64, body string) index.Document {
		return index.Document{ID: id, Kind: forum.DocPost, Key: "key of " + id, Version: version, Body: []byte(body)}
	}
	docs := []index.Document{
		document("same", 1, `{"a":[1,2],"n":1.0}`), document("missing", 1, `{}`), document("older", 2, `{}`), document("newer", 2, `{}`),
		document("body", 1, `{"n":1}`), document("number", 1, `{"n":1.0}`), document("broken", 1, `{}`), document("unasked", 1, `{"n":1}`),
	}
	diffs, err := index.Compare(t.Context(), s, forum.DocPost, docs, func(d index.Document) bool { return d.ID != "unasked" })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range diffs {
		got = append(got, fmt.Sprintf("%s %s %d", d.Document.ID, d.Fault, d.Held))
	}
	want := []string{"missing missing 0", "older older 1", "newer newer 3", "body differs 1", "number differs 1", "broken differs 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if strings.Contains(strings.Join(s.bodies, " "), "unasked") {
		t.Error("a body was read that was not asked for")
	}

	revision := index.Document{ID: "same", Kind: forum.DocRevision, Version: 9}
	if diffs, err := index.Compare(t.Context(), s, forum.DocRevision, []index.Document{revision}, func(index.Document) bool { return false }); err != nil || len(diffs) != 0 {
		t.Errorf("a revision has no version in an index: %v %v", diffs, err)
	}
	s.err = errors.New("on fire")
	if _, err := index.Compare(t.Context(), s, forum.DocPost, docs, func(index.Document) bool { return false }); err == nil {
		t.Error("the index's error is lost")
	}
}
