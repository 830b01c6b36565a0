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
	short bool   // without a script
	only  bool   // nothing but this page: no search, order or category
}

// noise are parameters that change nothing of what is read: the way back to a
// page of the board.
var noise = map[string]bool{"page": true, "device": true, "#": true, "": true}

// reBoardName is a board's name in addresses.
var reBoardName = regexp.MustCompile(`^\w{1,40}$`)

// parse reads "/bbs/board.php?bo_table=free&wr_id=77", and with short addresses
// "/free/77" and "/free".
func parse(u *url.URL) (target, bool) {
	t := target{page: 1, only: true}
	q := u.Query()
	switch dir, ok := strings.CutSuffix(u.EscapedPath(), "bbs/board.php"); {
	case ok && strings.HasSuffix(dir, "/"):
		t.dir, t.board, t.id = dir, q.Get("bo_table"), q.Get("wr_id")
	case !t.readShort(u.EscapedPath()):
		return t, false
	}
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

// reShort is an address without a script: "/free/77", and of a board "/free". The
// program may stand in a folder, which the latter does not tell from a board.
var reShort = regexp.MustCompile(`^(/(?:[\w-]+/)??)([A-Za-z]\w*)(?:/(\d+))?/?$`)

// folders are the program's own, which are no boards.
var folders = map[string]bool{"bbs": true, "adm": true, "data": true, "theme": true, "skin": true, "plugin": true, "mobile": true, "shop": true, "lib": true, "js": true, "css": true, "img": true, "extend": true, "install": true, "content": true, "rss": true}

func (t *target) readShort(path string) bool {
	m := reShort.FindStringSubmatch(path)
	if m == nil || folders[m[2]] || m[3] == "" && m[1] != "/" && m[1] != "/board/" {
		return false
	}
	t.dir, t.board, t.id, t.short = m[1], m[2], m[3], true
	return !folders[strings.Trim(t.dir, "/")]
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
	if t.short {
		return t.shortAddress(site + t.dir + t.board)
	}
	base := site + t.dir + "bbs/board.php?bo_table=" + t.board
	switch {
	case t.kind == forum.KindThread:
		return base + "&wr_id=" + t.id
	case t.page > 1:
		return base + "&page=" + strconv.Itoa(t.page)
	}
	return base
}

func (t target) shortAddress(board string) string {
	switch {
	case t.kind == forum.KindThread:
		return board + "/" + t.id
	case t.page > 1:
		return board + "?page=" + strconv.Itoa(t.page)
	}
	return board
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

// address is what the page itself is.
func (r *reader) address() target {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if t, ok := r.read(href); ok {
			return t
		}
	}
	return target{}
}
