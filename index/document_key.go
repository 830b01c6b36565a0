package index

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// The kinds within a key.
const (
	keyPost   = forum.KeyPost
	keyThread = forum.KeyThread
	keyUser   = forum.KeyUser
)

// ID is the id of a document in every index: the first 40 hex digits of the
// sha256 of its key.
func ID(key string) string { return hexHash(key)[:40] }

// Key joins site, kind and native id to the readable form of a document's
// identity.
func Key(site, kind, id string) string { return forum.Key(site, kind, id) }

// KeySite is the site id within a key.
func KeySite(key string) string {
	site, _, _ := strings.Cut(key, "|")
	return site
}

// threadKey is the key of the thread that a page or a row shows; empty when
// nothing identifies it.
func threadKey(site, id, address string) string {
	switch {
	case id != "":
		return Key(site, keyThread, id)
	case address != "":
		return Key(site, keyThread, hashed(address, "0"))
	}
	return ""
}

// postKey is the key of a post without a native id: it is known by its thread's
// address and its position; without a position by its place on the page.
func postKey(site, threadURL, pageKey string, p *forum.Post, place int) string {
	if threadURL != "" && p.Position > 0 {
		return Key(site, keyPost, hashed(threadURL, strconv.FormatInt(p.Position, 10)))
	}
	return Key(site, keyPost, hashed(pageKey, "#"+strconv.Itoa(place)))
}

// authorKey is an author's key; empty for an author without id and name.
func authorKey(site string, a *forum.Author) string { return forum.AuthorKey(site, a) }

func hashed(address, position string) string {
	return hexHash(plainAddress(address) + "|" + position)[:16]
}

// plainAddress leaves out what may differ between two addresses of one page:
// scheme, www and fragment.
func plainAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	u.Scheme, u.Fragment, u.RawFragment = "", "", ""
	u.Host = strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	return strings.TrimPrefix(u.String(), "//")
}

func hexHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
