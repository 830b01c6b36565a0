// Package flarum reads Flarum from its last betas to 2.
//
// The engine sends its pages as a JSON:API document for its scripts
// (#flarum-json-payload; betas call a function with it) and, in a noscript
// element, as plain HTML without ids and times. Its steps: Read takes the
// document, tells the page's kind from the type of its data, and reads the
// discussion (discussion.go, post.go), lists (lists.go) or an account
// (profile.go); without a document it reads what the plain HTML has (plain.go).
//
// A tag is a board: its id is the slug, which is all that addresses have.
package flarum

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads Flarum.
type Engine struct{}

// Name is "flarum".
func (Engine) Name() string { return "flarum" }

var (
	selPayload = dom.Sel("script#flarum-json-payload")
	selPlain   = dom.Sel("#flarum-content")
	selLoading = dom.Sel("#flarum-loading, #flarum-loading-error")
	selScript  = dom.Sel("script:not([src])")
	selFrame   = dom.Sel("div#app.App")
	selAssets  = dom.Sel("link[href*='/assets/forum'], script[src*='/assets/forum']")
	selApp     = dom.Sel("#app.App #header-navigation, #app.App .App-composer")
)

var marks = []dom.Mark{
	{Name: "script#flarum-json-payload", Weight: 70, Match: selPayload},
	{Name: "#flarum-content", Weight: 50, Match: selPlain},
	{Name: "#flarum-loading", Weight: 40, Match: selLoading},
	{Name: "div#app.App", Weight: 15, Match: selFrame},
	{Name: "the application's assets", Weight: 20, Match: selAssets},
	{Name: "the application's frame", Weight: 20, Match: selApp},
}

// Detect lists the marks that are on the page, or in an answer of the engine's
// API: a JSON:API document of its discussions.
func (Engine) Detect(d *dom.Document) []dom.Signal {
	if !d.Data.Exists() {
		return d.Signals(marks)
	}
	j := d.Data.At("data")
	if list := j.List(); len(list) > 0 {
		j = list[0]
	}
	if j.At("type").Text() == "discussions" && j.At("attributes").Has("commentCount") {
		return []dom.Signal{{Name: "JSON:API document of discussions", Weight: 80}}
	}
	return nil
}

// reader reads one page.
type reader struct {
	doc       *dom.Document
	clock     *dom.Clock
	facts     forum.Facts
	page      *forum.Page
	gaps      dom.Gaps
	resources map[string]dom.JSON // by "type/id"
	order     []dom.JSON          // the included resources in the document's order
	tags      []dom.JSON          // all that the page knows, in its order
	slugs     map[string]string   // account ids by slug
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}, resources: map[string]dom.JSON{}, slugs: map[string]string{}}
	payload := r.payload()
	r.index(payload)
	r.page.Root = r.root()
	r.page.Extract.Strategy = "json_embedded"
	if d.Data.Exists() {
		r.page.Extract.Strategy = "api"
	}
	switch data := document(payload).At("data"); {
	case data.At("type").Text() == "discussions":
		r.discussion(data)
	case data.At("type").Text() == "users":
		r.profile(data)
	case data.List() != nil:
		r.lists(data.List())
	default:
		r.plain()
		r.shell(c)
	}
	r.page.Gaps = r.gaps
	r.page.Learned.Lang = d.Lang
	return r.page, nil
}

// betaCall is what the betas hand their document to.
const betaCall = "app.load("

func (r *reader) payload() dom.JSON {
	if r.doc.Data.Exists() {
		return dom.Object(map[string]dom.JSON{"apiDocument": r.doc.Data})
	}
	if j, err := dom.ParseJSON(r.doc.FirstOf(selPayload).Text()); err == nil {
		return j
	}
	var out dom.JSON
	r.doc.FindMatcher(selScript).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		_, rest, ok := strings.Cut(s.Text(), betaCall)
		if !ok {
			return true
		}
		j, err := dom.ParseJSON(rest)
		if err == nil {
			out = j
		}
		return err != nil
	})
	return out
}

// shell reads a discussion's first page that has neither document nor plain HTML:
// the API has them.
func (r *reader) shell(c forum.Capture) {
	l, ok := Engine{}.Canonical(r.doc.URL)
	if r.page.Kind != forum.KindOther || c.Status >= 400 || !ok || l.Kind != forum.KindThread {
		return
	}
	r.page.Kind = forum.KindThread
	r.page.Thread = &forum.Thread{ID: l.ID, Page: l.Page, URL: r.page.Root + "d/" + l.ID, Title: dom.Fold(r.doc.Meta("og:title")), Type: "discussion"}
	if r.page.Thread.Title == "" {
		r.gaps.Add("thread.title", "the page does not name it outside its document")
	}
	r.gaps.Add("posts", "the page carries neither its document nor the plain HTML for readers without scripts")
	if l.Page == 1 {
		r.page.ContentURL = r.page.Root + "api/discussions/" + l.ID
	}
}

// document is the page's JSON:API document, which the betas name shorter.
func document(payload dom.JSON) dom.JSON {
	if doc := payload.At("apiDocument"); doc.Exists() {
		return doc
	}
	return payload.At("document")
}

// index files every resource of the page under its type and id.
func (r *reader) index(payload dom.JSON) {
	doc := document(payload)
	all := append(payload.At("resources").List(), doc.At("included").List()...)
	if data := doc.At("data"); data.List() != nil {
		all = append(all, data.List()...)
	} else {
		all = append(all, data)
	}
	for _, j := range all {
		kind := j.At("type").Text()
		key := kind + "/" + j.At("id").Text()
		_, known := r.resources[key]
		r.resources[key] = j
		switch {
		case kind == "tags" && !known:
			r.tags = append(r.tags, j)
		case kind == "users":
			r.slugs[strings.ToLower(userSlug(j))] = j.At("id").Text()
		}
	}
	r.order = doc.At("included").List()
}

// one follows a relationship to one resource. The zero value stands for none,
// and for one that the page does not have.
func (r *reader) one(j dom.JSON, name string) dom.JSON {
	return r.resources[ref(j.At("relationships", name, "data"))]
}

// many follows a relationship to several; those that the page has.
func (r *reader) many(j dom.JSON, name string) []dom.JSON {
	var out []dom.JSON
	for _, d := range j.At("relationships", name, "data").List() {
		if found := r.resources[ref(d)]; found.Exists() {
			out = append(out, found)
		}
	}
	return out
}

func ref(d dom.JSON) string { return d.At("type").Text() + "/" + d.At("id").Text() }

// attr is an attribute's text.
func attr(j dom.JSON, key string) string { return j.At("attributes", key).Text() }

// forum is the forum's own resource.
func (r *reader) forum() dom.JSON { return r.resources["forums/1"] }

// root is the forum's root as it says itself, when that is on the page's host.
func (r *reader) root() string {
	if base := attr(r.forum(), "baseUrl"); base != "" && r.doc.SameHost(base) {
		return strings.TrimSuffix(base, "/") + "/"
	}
	if r.doc.URL.Host == "" {
		return ""
	}
	base, _ := split(r.doc.URL.Path)
	return r.doc.URL.Scheme + "://" + r.doc.URL.Host + base + "/"
}

func userSlug(j dom.JSON) string {
	if slug := attr(j, "slug"); slug != "" {
		return slug
	}
	return attr(j, "username")
}

// user describes an account's resource.
func (r *reader) user(j dom.JSON) *forum.Author {
	name := attr(j, "displayName")
	if name == "" {
		name = attr(j, "username")
	}
	if name == "" {
		return nil
	}
	a := &forum.Author{ID: j.At("id").Text(), Name: name, URL: r.page.Root + "u/" + url.PathEscape(userSlug(j)), AvatarURL: r.doc.Resolve(attr(j, "avatarUrl"))}
	if username := attr(j, "username"); username != "" && username != name {
		a.Fields = map[string]string{"username": username}
	}
	return a
}

// discussionURL: the slug holds the id; in the betas it did not.
func (r *reader) discussionURL(j dom.JSON) string {
	id, slug := j.At("id").Text(), attr(j, "slug")
	switch {
	case slug == "":
		slug = id
	case slug != id && !strings.HasPrefix(slug, id+"-"):
		slug = id + "-" + slug
	}
	return r.page.Root + "d/" + url.PathEscape(unescape(slug))
}

func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}
