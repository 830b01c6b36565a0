package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"forumine/extract/forum"
)

// countdown is a context that is cancelled once it was looked at some times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// renamed has user 7 called 70, and says everything without user 8. Words that were
// said anew begin with an X, and are never said anew.
func renamed(said PageSaid) ([]Restated, []RestatedVersion, error) {
	out, versions := make([]Restated, len(said.Contributions)), make([]RestatedVersion, len(said.Versions))
	for i, c := range said.Contributions {
		var s says
		if err := json.Unmarshal(c.Body, &s); err != nil {
			return nil, nil, err
		}
		if s.Author == userKey(8) || c.Doc.Key == userKey(8) {
			continue
		}
		if err := rename(&s); err != nil {
			return nil, nil, err
		}
		if c.Doc.Key == userKey(7) {
			c.Doc.Key = userKey(70)
		}
		out[i] = Restated{Doc: c.Doc, Body: say(c.Doc.Kind, c.Doc.Key, c.Rank, s).Body}
	}
	for i, raw := range said.Versions {
		var d testDoc
		err := json.Unmarshal(raw, &d)
		if err == nil {
			err = rename(&d.says)
		}
		if err != nil {
			return nil, nil, err
		}
		body, err := json.Marshal(d)
		if err != nil {
			return nil, nil, err
		}
		versions[i] = RestatedVersion{Body: body, Author: d.Author, Content: digest(d.Text)}
	}
	return out, versions, nil
}

func rename(s *says) error {
	if strings.HasPrefix(s.Text, "X") || strings.HasPrefix(s.Name, "X") || s.Author == userKey(70) {
		return fmt.Errorf("%+v is said anew twice", s)
	}
	if s.Text != "" {
		s.Text = "X" + s.Text
	}
	if s.Name != "" {
		s.Name = "X" + s.Name
	}
	if s.Author == userKey(7) {
		s.Author = userKey(70)
	}
	return nil
}

// restated: everything is said anew in its place, interrupted after every
// transaction, and nothing is anew twice. What is known of documents stays; nobody
// has edited anything.
func restated(r *rig) {
	for page := range 50 {
		id := 10 * (page + 1)
		r.page(fmt.Sprint("p", page), thread(id, "Hops"), post(id, id, 7, "by seven"), post(id+1, id, 8, "by eight"), card(7, "seven"), card(8, "eight"))
	}
	r.page("p0", thread(10, "Hops"), post(10, 10, 7, "by seven, edited"), card(7, "seven"))
	r.must(r.FoldAuthors(r.ctx))
	before, _ := r.doc(postKey(10))
	seven, _ := r.doc(userKey(7))
	r.must(r.DeadLetter(r.ctx, Refusal{ID: before.ID, Version: before.Version, Reason: "no"}))

	calls, pages := 0, 0
	for done := false; !done; calls++ {
		n, err := r.Restate(&countdown{r.ctx, 1}, Restatement{Say: renamed, Deleted: KeepDeleted, Name: "step", Value: "read", Step: func() { pages++ }})
		if err != nil && !errors.Is(err, context.Canceled) {
			r.t.Fatal(err)
		}
		if done = err == nil; n > restatePageBatch {
			r.t.Fatalf("%d pages in one transaction", n)
		}
	}
	wantEqual(r.t, "pages, in more than a few transactions", []any{pages, calls > 8}, []any{50, true})
	after, body := r.doc(postKey(10))
	wantEqual(r.t, "post", body.says, says{Thread: threadKey(10), Author: userKey(70), Text: "Xby seven, edited", At: 10000})
	wantEqual(r.t, "what is known of it", []any{after.FirstSeenAt, after.ChangedAt, after.LastSeenAt, after.Revision}, []any{before.FirstSeenAt, before.ChangedAt, before.LastSeenAt, 2})
	if after.Version <= before.Version || body.Version != after.Version || after.Sequence <= before.Sequence {
		r.t.Errorf("version %d (%d in the body), sequence %d; before %d and %d", after.Version, body.Version, after.Sequence, before.Version, before.Sequence)
	}
	wantEqual(r.t, "earlier versions", r.revisions(), []string{"Xby seven"})
	author, person := r.doc(userKey(70))
	wantEqual(r.t, "author", []any{person.Name, author.FirstSeenAt, strings.Contains(string(person.Totals), `"observed_post_count":50`)}, []any{"Xseven", seven.FirstSeenAt, true})
	for _, key := range []string{userKey(7), userKey(8), postKey(11)} {
		if _, err := r.DocumentByKey(r.ctx, key); !errors.Is(err, ErrNotFound) {
			r.t.Errorf("%s is still there: %v", key, err)
		}
	}
	wantEqual(r.t, "places that name user 8", r.written("eight"), 0)
	step, err := r.Meta(r.ctx, "step")
	r.must(err)
	dead := 0
	r.must(r.DeadLetters(r.ctx, func(DeadLetter) error { dead++; return nil }))
	wantEqual(r.t, "step and dead letters", []any{step, dead}, []any{"read", 0})

	r.page("p0", thread(10, "Hops"), post(10, 10, 70, "Xby seven, edited"))
	wantEqual(r.t, "seen again, nothing is edited", len(r.revisions()), 1)
	r.page("p0", thread(10, "Hops"), post(10, 10, 70, "Xby seven, again"))
	wantEqual(r.t, "an edit afterwards", r.revisions(), []string{"Xby seven", "Xby seven, edited"})
	kinds := map[forum.DocKind]int{}
	r.must(r.Documents(r.ctx, DocumentFilter{LiveOnly: true}, func(d Document) error { kinds[d.Kind]++; return nil }))
	wantEqual(r.t, "documents", kinds, map[forum.DocKind]int{forum.DocPost: 50, forum.DocThread: 50, forum.DocAuthor: 1, forum.DocRevision: 2})
}
