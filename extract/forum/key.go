package forum

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
)

// The kinds within a key. Users and guests are both authors.
const (
	KeyPost   = "post"
	KeyThread = "thread"
	KeyUser   = "user"
	KeyGuest  = "guest"
)

// Key joins site, kind and native id to the readable form of a document's
// identity. Site ids and kinds hold no "|", so that two documents cannot share
// a key. Without an id there is no key.
func Key(site, kind, id string) string {
	if id == "" {
		return ""
	}
	return site + "|" + kind + "|" + id
}

// AuthorKey is an author's key; empty for an author without id and name. A name
// alone makes a user only where the page links a profile.
func AuthorKey(site string, a *Author) string {
	if a == nil {
		return ""
	}
	name := strings.TrimSpace(a.Name)
	switch {
	case a.ID != "" && !a.IsGuest:
		return Key(site, KeyUser, a.ID)
	case name == "":
		return ""
	case a.URL != "" && !a.IsGuest:
		return Key(site, KeyUser, nameHash(strings.ToLower(name)))
	}
	return Key(site, KeyGuest, nameHash(name))
}

func nameHash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])[:16]
}

// SiteID is the id of the site with this root: host and path, without scheme,
// "www.", default port and final slash; empty when the root is no web address.
func SiteID(root string) string {
	u, err := url.Parse(root)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.TrimSuffix(FoldHost(u.Host)+"/"+strings.Trim(u.Path, "/"), "/")
}

// FoldHost is a host without "www." and default port, in lower case.
func FoldHost(host string) string {
	host = strings.ToLower(host)
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443")
	return strings.TrimPrefix(host, "www.")
}

// PostKey is the key of the post with this native id; empty without one.
func (p *Page) PostKey(site, id string) string {
	if stable, ok := p.PostKeyIDs[id]; ok {
		id = stable
	}
	return Key(site, KeyPost, id)
}

// SetKeys fills the keys of everything that the page names, for the site with
// this id. Documents without a native id get their keys when they are made.
func (p *Page) SetKeys(site string) {
	if site == "" {
		return
	}
	if t := p.Thread; t != nil {
		t.Key = Key(site, KeyThread, t.ID)
		t.SolutionPostKey = p.PostKey(site, t.SolutionPostID)
		t.LastPostKey = p.PostKey(site, t.LastPostID)
		setAuthorKeys(site, t.Author, t.LastAuthor)
	}
	for i := range p.Posts {
		p.setPostKeys(site, &p.Posts[i])
	}
	for i := range p.Listing {
		r := &p.Listing[i]
		r.Key, r.LastPostKey = Key(site, KeyThread, r.ID), p.PostKey(site, r.LastPostID)
		setAuthorKeys(site, r.Author, r.LastAuthor)
	}
	setAuthorKeys(site, p.Profile)
}

func (p *Page) setPostKeys(site string, post *Post) {
	post.Key, post.ParentKey = p.PostKey(site, post.ID), p.PostKey(site, post.ParentID)
	setAuthorKeys(site, post.Author)
	for i := range post.Quotes {
		q := &post.Quotes[i]
		if !q.IsExternal {
			q.PostKey, q.AuthorKey = p.PostKey(site, q.PostID), Key(site, KeyUser, q.AuthorID)
		}
	}
	for i := range post.Mentions {
		post.Mentions[i].AuthorKey = Key(site, KeyUser, post.Mentions[i].ID)
	}
}

func setAuthorKeys(site string, authors ...*Author) {
	for _, a := range authors {
		if a != nil {
			a.Key = AuthorKey(site, a)
		}
	}
}
