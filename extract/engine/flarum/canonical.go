package flarum

import (
	"net/url"
	"path"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Canonical maps links by the engine's routes: /d/ID-SLUG[?page=N], /t/TAG,
// /u/NAME, /all, /tags and the index. /d/ID-SLUG/NUMBER names a place within a
// discussion and is not entered, nor are other orders and searches. The API's
// /api/discussions/ID leads to the discussion's first page.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) {
	page, ok := pageOf(u.Query())
	if !ok {
		return forum.Link{}, false
	}
	if u.Path == "" || u.Path == "/" {
		return indexLink(u, "/", "index", page), true
	}
	base, segs := split(strings.TrimSuffix(u.Path, "/"))
	if len(segs) == 0 {
		return forum.Link{}, false
	}
	switch segs[0] {
	case "all", "tags":
		return indexLink(u, base+"/"+segs[0], "index/"+segs[0], page), len(segs) == 1
	case "d":
		return discussionLink(u, base, segs, page)
	case "api":
		if len(segs) != 3 || segs[1] != "discussions" || page > 1 {
			return forum.Link{}, false
		}
		return discussionLink(u, base, []string{"d", segs[2]}, page)
	case "t":
		if len(segs) != 2 {
			return forum.Link{}, false
		}
		return forum.Link{URL: address(u, base+"/t/"+segs[1], page), Key: "board/" + segs[1] + "/" + strconv.Itoa(page), Kind: forum.KindBoard, ID: segs[1], Page: page}, true
	case "u":
		if len(segs) != 2 {
			return forum.Link{}, false
		}
		return forum.Link{URL: address(u, base+"/u/"+segs[1], 1), Key: "profile/" + strings.ToLower(segs[1]), Kind: forum.KindProfile, ID: segs[1]}, true
	}
	return forum.Link{}, false
}

func discussionLink(u *url.URL, base string, segs []string, page int) (forum.Link, bool) {
	if len(segs) != 2 {
		return forum.Link{}, false
	}
	id := discussionID(segs[1])
	if id == "" {
		return forum.Link{}, false
	}
	return forum.Link{URL: address(u, base+"/d/"+segs[1], page), Key: "thread/" + id + "/" + strconv.Itoa(page), Kind: forum.KindThread, ID: id, Page: page}, true
}

// discussionID is the number that a discussion's slug begins with, or "".
func discussionID(slug string) string {
	id := dom.IDAfter(slug, "")
	if rest := slug[len(id):]; id == "" || (rest != "" && rest[0] != '-') {
		return ""
	}
	return id
}

func split(p string) (base string, segs []string) {
	segs = strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
	for i, s := range segs {
		switch s {
		case "d", "t", "u", "api", "all", "tags", "settings", "notifications", "following", "private":
			if i <= 2 {
				return strings.TrimSuffix("/"+path.Join(segs[:i]...), "/"), segs[i:]
			}
		}
	}
	return "", nil
}

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
		case key == "ref", key == "fbclid", key == "gclid", key == "srsltid", key == "locale", strings.HasPrefix(key, "utm_"):
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
