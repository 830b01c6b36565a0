package extract

import (
	"net/url"
	"slices"
	"strings"

	"forumine/extract/forum"
)

// Canonical maps a link by an engine's grammar and by the words that the forum has
// put in the place of the program's own, as Facts.Routes gives them.
func Canonical(e Engine, routes string, u *url.URL) (forum.Link, bool) {
	own, ok := e.(renamer)
	if routes == "" || !ok {
		return e.Canonical(u)
	}
	words := map[string]forum.Kind{}
	for pair := range strings.FieldsSeq(routes) {
		kind, word, _ := strings.Cut(pair, "=")
		words[word] = forum.Kind(kind)
	}
	return own.Own(u, words, e.Canonical)
}

// renamer is an engine whose forums may rename their routes.
type renamer interface {
	// OwnWord is the word of a forum's own in an address that leads to a page of
	// that kind and id, or "".
	OwnWord(address string, kind forum.Kind, id string) string
	// Own maps a link with the help of such words.
	Own(u *url.URL, words map[string]forum.Kind, canonical func(*url.URL) (forum.Link, bool)) (forum.Link, bool)
}

// ownRoutes are the words that a page's forum has for its routes: what the page
// lists as boards and threads, stands in, and is itself.
func ownRoutes(p *forum.Page, e Engine) string {
	own, ok := e.(renamer)
	if !ok {
		return ""
	}
	var found []string
	note := func(kind forum.Kind, address, id string) {
		if word := own.OwnWord(address, kind, id); word != "" {
			found = append(found, string(kind)+"="+word)
		}
	}
	for i := range p.Boards {
		if b := &p.Boards[i]; !b.IsLink {
			note(forum.KindBoard, b.URL, b.ID)
		}
	}
	for i := range p.Listing {
		note(forum.KindThread, p.Listing[i].URL, p.Listing[i].ID)
	}
	for _, crumb := range p.Path {
		note(forum.KindBoard, crumb.URL, crumb.ID)
	}
	if p.Thread != nil {
		note(forum.KindThread, p.Thread.URL, p.Thread.ID)
		note(forum.KindThread, p.URL, p.Thread.ID)
	}
	return forum.JoinRoutes("", strings.Join(slices.Compact(slices.Sorted(slices.Values(found))), " "))
}
