package gnuboard

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// target is what a link leads to.
type target struct {
	kind  forum.Kind
	board string // its name in addresses: "bo_table"
	id    string // of an article
	page  int
	dir   string // path of the program's folder, with a final slash
	only  bool   // nothing but this page: no search, order or category
}

// noise are parameters that change nothing of what is read: the way back to a
// page of the board.
var noise = map[string]bool{"page": true, "device": true, "#": true, "": true}

// reBoardName is a board's name in addresses.
var reBoardName = regexp.MustCompile(`^\w{1,40}$`)

// parse reads "/bbs/board.php?bo_table=free&wr_id=77": all that the program
// writes without rewritten addresses.
func parse(u *url.URL) (target, bool) {
	t := target{page: 1, only: true}
	p := u.EscapedPath()
	dir, ok := strings.CutSuffix(p, "bbs/board.php")
	if !ok || !strings.HasSuffix(dir, "/") {
		return t, false
	}
	t.dir = dir
	q := u.Query()
	t.board, t.id = q.Get("bo_table"), q.Get("wr_id")
	if !reBoardName.MatchString(t.board) {
		return t, false
	}
	t.kind = forum.KindBoard
	if t.id != "" {
		t.kind = forum.KindThread
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 && t.kind == forum.KindBoard {
		t.page = n
	}
	for key, values := range q {
		if key != "bo_table" && key != "wr_id" && !noise[key] && values[0] != "" {
			t.only = false
		}
	}
	return t, t.id == "" || isNumber(t.id)
}

func isNumber(s string) bool {
	n, err := strconv.ParseUint(s, 10, 63)
	return err == nil && n > 0
}

// canonical maps a link to the page it leads to. Keys are "thread/BOARD-ID/1"
// and "board/BOARD/PAGE". Searches, categories, orders and members are none.
func canonical(u *url.URL) (forum.Link, bool) {
	t, ok := parse(u)
	if !ok || !t.only || u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	l := forum.Link{Kind: t.kind, ID: t.ident(), Page: t.page, URL: t.address(u.Scheme + "://" + strings.ToLower(u.Host))}
	l.Key = string(t.kind) + "/" + l.ID + "/" + strconv.Itoa(t.page)
	return l, true
}

// ident is the id on the site: numbers count within a board.
func (t target) ident() string {
	if t.kind == forum.KindThread {
		return t.board + "-" + t.id
	}
	return t.board
}

func (t target) address(site string) string {
	base := site + t.dir + "bbs/board.php?bo_table=" + t.board
	switch {
	case t.kind == forum.KindThread:
		return base + "&wr_id=" + t.id
	case t.page > 1:
		return base + "&page=" + strconv.Itoa(t.page)
	}
	return base
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

// reShort is an address without a script: "/free/77".
var reShort = regexp.MustCompile(`^(.*/)(\w+)/(\d+)/?$`)

// address is what the page itself is: short addresses are known of a page that
// is known to be the program's.
func (r *reader) address() target {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if t, ok := r.read(href); ok {
			return t
		}
	}
	if m := reShort.FindStringSubmatch(r.doc.URL.EscapedPath()); m != nil && r.doc.Has(selArticle) {
		return target{kind: forum.KindThread, dir: m[1], board: m[2], id: m[3], page: 1}
	}
	return target{}
}
