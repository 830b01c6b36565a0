package pttweb

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"forumine/extract/forum"
)

// target is what an address leads to.
type target struct {
	kind  forum.Kind
	board string
	id    string // an article's name: "M.1758375635.A.1B2"
	older int    // of a board: the number of a page, counted from the oldest; 0: the newest
}

var (
	reArticle = regexp.MustCompile(`^/bbs/([\w-]{1,20})/([MG]\.(\d{9,10})\.A(?:\.[0-9A-F]{3})?)\.html$`)
	reBoard   = regexp.MustCompile(`^/bbs/([\w-]{1,20})/(?:index(\d*)\.html)?$`)
)

// parse reads "/bbs/Pottery/M.1758375635.A.1B2.html", "/bbs/Pottery/index41.html" and
// "/bbs/", the list of boards.
func parse(u *url.URL) (target, bool) {
	path := u.EscapedPath()
	if m := reArticle.FindStringSubmatch(path); m != nil {
		return target{kind: forum.KindThread, board: m[1], id: m[2]}, true
	}
	if path == "/bbs/" || path == "/bbs/index.html" || path == "/bbs/hotboards.html" {
		return target{kind: forum.KindIndex}, true
	}
	if m := reBoard.FindStringSubmatch(path); m != nil {
		older, err := strconv.Atoi(m[2])
		return target{kind: forum.KindBoard, board: m[1], older: older}, m[2] == "" || err == nil && older > 0
	}
	return target{}, false
}

// canonical maps a link to the page it leads to. Keys are "thread/BOARD-NAME/1",
// "board/BOARD/1" for the newest page of a board, "board/BOARD/o41" for the one that
// is the 41st from the oldest, and "index". Searches and digests are none.
func canonical(u *url.URL) (forum.Link, bool) {
	t, ok := parse(u)
	if !ok || u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	l := forum.Link{Kind: t.kind, ID: t.ident(), Page: 1, URL: t.address(u.Scheme + "://" + strings.ToLower(u.Host))}
	switch {
	case t.kind == forum.KindIndex:
		l.Key = "index"
	case t.older > 0:
		l.Key, l.Page = "board/"+t.board+"/o"+strconv.Itoa(t.older), 2
	default:
		l.Key = string(t.kind) + "/" + l.ID + "/1"
	}
	return l, true
}

func (t target) ident() string {
	if t.kind == forum.KindThread {
		return t.board + "-" + t.id
	}
	return t.board
}

func (t target) address(site string) string {
	switch {
	case t.kind == forum.KindIndex:
		return site + "/bbs/index.html"
	case t.kind == forum.KindThread:
		return site + "/bbs/" + t.board + "/" + t.id + ".html"
	case t.older > 0:
		return site + "/bbs/" + t.board + "/index" + strconv.Itoa(t.older) + ".html"
	}
	return site + "/bbs/" + t.board + "/index.html"
}

// written is the second in which an article was written, which its name holds.
func (t target) written() time.Time {
	parts := strings.Split(t.id, ".")
	if len(parts) < 2 {
		return time.Time{}
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// read is the target of a link on the page.
func (r *reader) read(href string) (target, bool) {
	abs := r.doc.Resolve(href)
	u, err := url.Parse(abs)
	if err != nil || abs == "" || !r.doc.SameHost(abs) {
		return target{}, false
	}
	return parse(u)
}

func (r *reader) site() string { return strings.TrimSuffix(r.page.Root, "/") }
