package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/extract/check"
	"forumine/extract/forum"
	"forumine/extract/privacy"
	"forumine/index"

	gocmp "github.com/google/go-cmp/cmp"
)

// saidOf is what contributions say, by document.
func saidOf(cs []forum.Contribution) map[forum.DocRef]string {
	out := map[forum.DocRef]string{}
	for _, c := range cs {
		out[c.Doc] = string(c.Body)
	}
	return out
}

// restated has contributions said anew through a step.
func restated(t *testing.T, site string, cs []forum.Contribution, step privacy.Step, grammar privacy.Canonical) []forum.Contribution {
	t.Helper()
	out, _, err := index.NewFolder().Restate(index.Saying{Contributions: cs}, func(parts []*forum.Page) []*forum.Page { return step.Parts(site, parts, grammar) })
	noError(t, err)
	var kept []forum.Contribution
	for i, r := range out {
		if r.Body != nil {
			c := cs[i]
			c.Doc, c.Body, c.Read = r.Doc, r.Body, nil
			kept = append(kept, c)
		}
	}
	return kept
}

// TestRestateIsReadingAnew holds, for every fixture, what is made of what a page has
// said against what the page says through the same step.
func TestRestateIsReadingAnew(t *testing.T) {
	fsys := os.DirFS("../../testdata/engines")
	cases, err := check.Cases(fsys)
	noError(t, err)
	key, err := privacy.NewKey([]byte(strings.Repeat("k", privacy.KeySize)))
	noError(t, err)
	documents := 0
	for _, name := range cases {
		r := check.Run(fsys, name)
		if r.Page == nil || r.Page.Kind.IsWall() {
			continue
		}
		x := restating{t: t, name: name, page: r.Page, site: cmp.Or(forum.SiteID(r.Page.Root), "forum.example.org"), key: key}
		x.grammar = pageReader{}.grammar(r.Page.Engine)
		documents += x.run()
	}
	if documents < 1000 {
		t.Errorf("%d documents are too few to tell", documents)
	}
}

// TestRestateJoinsPeople: guests whose names differ in case alone are two people by
// name, and one by pseudonym.
func TestRestateJoinsPeople(t *testing.T) {
	key, err := privacy.NewKey([]byte(strings.Repeat("k", privacy.KeySize)))
	noError(t, err)
	page := &forum.Page{URL: "https://forum.example.org/threads/1/", Engine: "xenforo1", Kind: forum.KindThread, Root: "https://forum.example.org/"}
	page.Thread = &forum.Thread{ID: "1", Title: "Who is who", Page: 1, LastAuthor: &forum.Author{Name: "BOB", IsGuest: true}}
	for i, a := range []forum.Author{
		{Name: "Bob", IsGuest: true, Location: "Hull"}, {Name: "bob", IsGuest: true, Title: "Guest", Location: "Leith"},
		{Name: "Ann", URL: "https://forum.example.org/who?name=Ann"}, {Name: "ann", IsGuest: true, Title: "Guest"},
	} {
		page.Posts = append(page.Posts, forum.Post{ID: strconv.Itoa(i + 1), Author: &a, State: forum.PostVisible, IsFirst: i == 0, Body: forum.Body{Text: "Words of @" + a.Name}})
	}
	x := restating{t: t, name: "guests", site: "forum.example.org", page: page, key: key, grammar: pageReader{}.grammar("xenforo1")}
	x.run()
	pseudonymise := x.step(privacy.Policy{Authors: privacy.Pseudonymise})
	people := 0
	for _, c := range restated(t, x.site, x.says(x.step(privacy.Policy{})), pseudonymise, x.grammar) {
		if c.Doc.Kind == forum.DocAuthor {
			people++
		}
	}
	if people != 3 { // Bob, Ann and a guest of her name
		t.Errorf("%d authors, want 3", people)
	}
}

// restating is one fixture.
type restating struct {
	t          *testing.T
	name, site string
	page       *forum.Page
	key        privacy.Key
	grammar    privacy.Canonical
}

func (x restating) says(step privacy.Step) []forum.Contribution {
	at := time.Date(2026, 10, 4, 9, 0, 0, 0, time.UTC)
	from := index.Provenance{PageKey: "page", ObservedAt: at, FetchedAt: at, URL: step.URL(x.site, x.page.URL, x.grammar), Viewer: "guest"}
	return index.Contributions(index.SiteInfo{ID: x.site, Host: x.site}, step.Page(x.site, x.page, x.grammar), from)
}

func (x restating) step(p privacy.Policy) privacy.Step {
	step, err := privacy.New(p, x.key)
	noError(x.t, err)
	return step
}

func (x restating) same(what string, want, got []forum.Contribution) {
	x.t.Helper()
	if diff := gocmp.Diff(saidOf(want), saidOf(got)); diff != "" {
		x.t.Errorf("%s: %s: the page says (-) and is made to say (+):\n%s", x.name, what, diff)
	}
}

func (x restating) run() int {
	keep := x.step(privacy.Policy{})
	said := x.says(keep)
	x.same("nothing changes", said, restated(x.t, x.site, said, keep, x.grammar))
	all := []privacy.Policy{
		{Authors: privacy.Pseudonymise}, {Authors: privacy.Drop}, {Mask: []string{privacy.MaskEmails, privacy.MaskPhones}},
		{DropFields: []string{"fields", "joined", "signature", "avatar"}}, {Authors: privacy.Pseudonymise, Mask: []string{privacy.MaskEmails}},
	}
	for _, p := range all {
		x.same(p.String(), x.says(x.step(p)), restated(x.t, x.site, said, x.step(p), x.grammar))
	}
	was, _ := all[0].Normal()
	pseudonyms := x.says(x.step(was))
	for _, p := range []privacy.Policy{all[0], all[1], all[4]} {
		x.same("pseudonyms, then "+p.String(), x.says(x.step(p)), restated(x.t, x.site, pseudonyms, x.step(p).After(was), x.grammar))
	}
	for _, who := range x.people() {
		gone := keep.Forget(x.key, who.Marks(x.key, x.site), who.Names...)
		x.same("without "+who.Names[0], x.withoutNewest(x.says(gone)), x.withoutNewest(restated(x.t, x.site, said, gone, x.grammar)))
		gone = x.step(was).Forget(x.key, who.Marks(x.key, x.site), who.Names...)
		by := who.Pseudonyms(x.key, x.site)
		after := x.step(was).After(was).Forget(x.key, by.Marks(x.key, x.site), slices.Concat(who.Names, by.Names)...)
		x.same("pseudonyms, then without "+who.Names[0], x.withoutNewest(x.says(gone)), x.withoutNewest(restated(x.t, x.site, pseudonyms, after, x.grammar)))
	}
	return len(said)
}

// withoutNewest leaves out of threads which post is the newest and which the answer:
// where the page itself names a post that goes, reading anew gives its key, and
// saying anew the newest post that is left, and no answer.
func (x restating) withoutNewest(cs []forum.Contribution) []forum.Contribution {
	out := slices.Clone(cs)
	for i, c := range out {
		if c.Doc.Kind != forum.DocThread || x.page.Thread == nil || x.page.Thread.ID == "" || c.Doc.Key != forum.Key(x.site, forum.KeyThread, x.page.Thread.ID) {
			continue
		}
		var said map[string]any
		noError(x.t, json.Unmarshal(c.Body, &said))
		doc, _ := said["doc"].(map[string]any)
		thread, _ := doc["thread"].(map[string]any)
		delete(doc, "solution_post_key")
		maps.DeleteFunc(thread, func(name string, _ any) bool { return strings.HasPrefix(name, "last_") })
		raw, err := json.Marshal(said)
		noError(x.t, err)
		out[i].Body = raw
	}
	return out
}

// people are two of those who wrote on the page, as a forgetting finds them.
func (x restating) people() []privacy.Person {
	found := map[string]privacy.Person{}
	for _, p := range x.page.Posts {
		if p.Author == nil || p.Author.Name == "" || len(found) == 2 {
			continue
		}
		who := newSought(x.site, p.Author.Name, x.key, privacy.Keep)
		who.look(x.page)
		who.settle()
		found[p.Author.Name] = who.person()
	}
	return slices.Collect(maps.Values(found))
}
