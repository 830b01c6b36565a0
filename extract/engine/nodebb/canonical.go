package nodebb

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

var reID = regexp.MustCompile(`^(?:\d{1,12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// Canonical maps links by the engine's routes: /topic/ID[/SLUG][?page=N],
// /category/ID[/SLUG][?page=N], /user/SLUG, the index. Forms that name a place
// within a topic (/topic/ID/SLUG/INDEX, /post/ID), other orders and everything
// else are not entered. Ids are numbers, or UUIDs for what came from elsewhere.
// The address of a page's data, /api before its own, leads to the page.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) {
	page, ok := pageOf(u.Query())
	if !ok {
		return forum.Link{}, false
	}
	if u.Path == "" || u.Path == "/" {
		return indexLink(u, "/", "index", page), true
	}
	base, segs := split(strings.TrimSuffix(u.Path, "/"))
	if len(segs) > 1 && segs[0] == "api" {
		segs = segs[1:]
	}
	if len(segs) == 0 {
		return forum.Link{}, false
	}
	switch segs[0] {
	case "categories":
		return indexLink(u, base+"/categories", "index/categories", page), len(segs) == 1
	case "topic":
		return listLink(u, base, segs, forum.KindThread, "thread/", page)
	case "category":
		return listLink(u, base, segs, forum.KindBoard, "board/", page)
	case "user":
		if len(segs) != 2 || page > 1 {
			return forum.Link{}, false
		}
		return forum.Link{URL: address(u, base+"/user/"+segs[1], 1), Key: "profile/" + strings.ToLower(segs[1]), Kind: forum.KindProfile, ID: segs[1]}, true
	}
	return forum.Link{}, false
}

// split cuts a path into the forum's base path and the segments from the
// engine's own first one on.
func split(p string) (base string, segs []string) {
	segs = strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
	for i, s := range segs {
		switch s {
		case "topic", "category", "user", "categories", "post", "recent", "popular", "top", "unread", "tags", "users", "groups", "login", "register", "search", "world", "api", "uid":
			if i <= 2 {
				return strings.TrimSuffix("/"+path.Join(segs[:i]...), "/"), segs[i:]
			}
		}
	}
	return "", nil
}

// pageOf reads the page; false for parameters that show something else.
func pageOf(q url.Values) (int, bool) {
	page := 1
	for key, values := range q {
		switch {
		case key == "page":
			n, err := strconv.Atoi(values[0])
			if err != nil || n < 1 {
				return 0, false
			}
			page = n
		case key == "lang", key == "loggedin", key == "ref", key == "_", key == "fbclid", key == "gclid", key == "srsltid", strings.HasPrefix(key, "utm_"):
		default:
			return 0, false
		}
	}
	return page, true
}

func address(u *url.URL, p string, page int) string {
	out := url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: p}
	if page > 1 {
		out.RawQuery = "page=" + strconv.Itoa(page)
	}
	return out.String()
}

func indexLink(u *url.URL, p, key string, page int) forum.Link {
	if page > 1 {
		key += "/" + strconv.Itoa(page)
	}
	return forum.Link{URL: address(u, p, page), Key: key, Kind: forum.KindIndex}
}

func listLink(u *url.URL, base string, segs []string, kind forum.Kind, prefix string, page int) (forum.Link, bool) {
	if len(segs) < 2 || len(segs) > 3 || !reID.MatchString(segs[1]) || (len(segs) == 3 && strings.HasSuffix(segs[2], ".rss")) {
		return forum.Link{}, false
	}
	id := segs[1]
	return forum.Link{URL: address(u, base+"/"+strings.Join(segs, "/"), page), Key: prefix + id + "/" + strconv.Itoa(page), Kind: kind, ID: id, Page: page}, true
}

// idIn is the id behind a path segment of a link ("topic", "category",
// "post"), or "".
func idIn(href, segment string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	_, segs := split(u.Path)
	if len(segs) > 1 && segs[0] == "api" {
		segs = segs[1:]
	}
	if len(segs) > 1 && segs[0] == segment {
		return segs[1]
	}
	return ""
}
