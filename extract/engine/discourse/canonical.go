package discourse

import (
	"net/url"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// Canonical maps links by the engine's routes: /t/SLUG/ID[/POST], /t/ID,
// /c/SLUG/…/ID, /u/NAME, the index and its two forms /categories and /latest.
// A link to a post leads to its topic's first page: which page holds it cannot
// be told from its number. Lists count their pages from 0, topics from 1. The
// address of a page's data leads to the page; data that is of no page keeps its
// own address.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) {
	if u.Path == "" || u.Path == "/" {
		return index(u, "/", "index")
	}
	base, segs := split(strings.TrimSuffix(u.Path, "/"))
	if len(segs) == 0 {
		return forum.Link{}, false
	}
	switch segs[0] {
	case "t":
		if l, ok := postsLink(u, segs[1:]); ok {
			return l, true
		}
		return topicLink(u, base, segs[1:])
	case "c":
		return boardLink(u, base, segs[1:])
	case "u", "users":
		return userLink(u, base, segs[1:])
	case "categories", "latest":
		if len(segs) == 1 {
			return listLink(u, base+"/"+segs[0], "index/"+segs[0])
		}
	}
	return forum.Link{}, false
}

// index enters first pages only: what stands on later ones stands in the
// boards' own lists too.
func index(u *url.URL, path, key string) (forum.Link, bool) {
	if page, ok := listPage(u.Query()); !ok || page > 1 {
		return forum.Link{}, false
	}
	return forum.Link{URL: address(u, path, ""), Key: key, Kind: forum.KindIndex}, true
}

// listLink enters later pages as data, where somebody has kept them.
func listLink(u *url.URL, path, key string) (forum.Link, bool) {
	if page, ok := listPage(u.Query()); ok && page > 1 && strings.HasSuffix(u.Path, dataSuffix) {
		return forum.Link{URL: address(u, path+dataSuffix, "page="+strconv.Itoa(page-1)), Key: key + "/" + strconv.Itoa(page), Kind: forum.KindIndex, Page: page}, true
	}
	return index(u, path, key)
}

// postsLink reads the addresses of some posts of a topic as data: those around a
// number (/t/SLUG/ID/NUMBER.json) and those of a list of ids
// (/t/ID/posts.json?post_ids[]=…). They are parts of no page of the topic.
func postsLink(u *url.URL, segs []string) (forum.Link, bool) {
	n := len(segs)
	if !strings.HasSuffix(u.Path, dataSuffix) || n < 2 || n > 3 || !isNumber(segs[n-2]) {
		return forum.Link{}, false
	}
	id, part, query := segs[n-2], segs[n-1], u.Query()
	switch ids := query["post_ids[]"]; {
	case isNumber(part):
		part = "at/" + part
	case part == "posts" && len(ids) > 0 && isNumber(ids[0]):
		part = "posts/" + ids[0]
	case part == "posts" && isNumber(query.Get("post_number")):
		part = "posts/after/" + query.Get("post_number")
	case part != "posts" || len(query) > 0:
		return forum.Link{}, false
	}
	return forum.Link{URL: address(u, u.Path, query.Encode()), Key: "thread/" + id + "/" + part, Kind: forum.KindThread, ID: id}, true
}

func address(u *url.URL, path, query string) string {
	out := url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: path, RawQuery: query}
	return out.String()
}

// listPage reads the page of a list, 1-based; false for other orders and
// filters of the list.
func listPage(q url.Values) (int, bool) {
	page := 1
	for key, values := range q {
		switch key {
		case "page":
			n, err := strconv.Atoi(values[0])
			if err != nil || n < 0 {
				return 0, false
			}
			page = n + 1
		case "no_definitions", "lang", "_escaped_fragment_":
		case "no_subcategories":
			if values[0] != "false" {
				return 0, false
			}
		default:
			if !isNoise(key) {
				return 0, false
			}
		}
	}
	return page, true
}

// isNoise tells parameters that say who sent the reader.
func isNoise(key string) bool {
	switch key {
	case "u", "ref", "fbclid", "gclid", "srsltid", "silent", "source", "tl":
		return true
	}
	return strings.HasPrefix(key, "utm_")
}

func topicLink(u *url.URL, base string, segs []string) (forum.Link, bool) {
	slug, id, ok := topicSegments(segs)
	if !ok {
		return forum.Link{}, false
	}
	page := 1
	for key, values := range u.Query() {
		switch {
		case key == "page":
			n, err := strconv.Atoi(values[0])
			if err != nil || n < 1 {
				return forum.Link{}, false
			}
			page = n
		case !isNoise(key) && key != "lang":
			return forum.Link{}, false // print views, filters
		}
	}
	path, query := base+"/t/"+id, ""
	if slug != "" {
		path = base + "/t/" + slug + "/" + id
	}
	if page > 1 {
		query = "page=" + strconv.Itoa(page)
	}
	return forum.Link{URL: address(u, path, query), Key: "thread/" + id + "/" + strconv.Itoa(page), Kind: forum.KindThread, ID: id, Page: page}, true
}

// topicSegments reads what follows /t/. The engine never makes a slug of
// digits alone, so a number in the first place is an id.
func topicSegments(segs []string) (slug, id string, ok bool) {
	switch {
	case len(segs) > 0 && isNumber(segs[0]):
		id, segs = segs[0], segs[1:]
	case len(segs) > 1 && isNumber(segs[1]):
		slug, id, segs = segs[0], segs[1], segs[2:]
	default:
		return "", "", false
	}
	return slug, id, len(segs) == 0 || (len(segs) == 1 && isNumber(segs[0]))
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) < 12
}

func boardLink(u *url.URL, base string, segs []string) (forum.Link, bool) {
	page, ok := listPage(u.Query())
	if !ok || len(segs) == 0 {
		return forum.Link{}, false
	}
	if n := len(segs); n > 2 && segs[n-2] == "l" {
		if segs[n-1] != "latest" {
			return forum.Link{}, false
		}
		segs = segs[:n-2]
	}
	last := segs[len(segs)-1]
	if last == "none" || last == "all" || last == "show" || strings.Contains(last, ".rss") || len(segs) > 5 {
		return forum.Link{}, false
	}
	id := boardID(segs)
	path, query := base+"/c/"+strings.Join(segs, "/"), ""
	if page > 1 {
		query = "page=" + strconv.Itoa(page-1)
	}
	return forum.Link{URL: address(u, path, query), Key: "board/" + id + "/" + strconv.Itoa(page), Kind: forum.KindBoard, ID: id, Page: page}, true
}

// boardID is a category's number, or its slugs where the address is of a
// version that wrote none.
func boardID(segs []string) string {
	if last := segs[len(segs)-1]; isNumber(last) {
		return last
	}
	return strings.Join(segs, "/")
}

// categoryID is the board in a link to a category, or "".
func categoryID(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	l, ok := Engine{}.Canonical(u)
	if !ok || l.Kind != forum.KindBoard {
		return ""
	}
	return l.ID
}

func userLink(u *url.URL, base string, segs []string) (forum.Link, bool) {
	if len(segs) == 0 || len(segs) > 2 || (len(segs) == 2 && segs[1] != "summary") {
		return forum.Link{}, false
	}
	name := segs[0]
	return forum.Link{URL: address(u, base+"/u/"+name, ""), Key: "profile/" + strings.ToLower(name), Kind: forum.KindProfile, ID: name}, true
}
