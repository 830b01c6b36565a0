package generic

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Programs that keep a board apart from all others count threads, and mostly posts,
// within it: the board's name is part of their ids.

// scoped is the board and the number in the address of a thread that counts within its
// board, and the path of the whole thread where the address asks for a part of it.
func scoped(query pairs, path string) (board, id, whole string) {
	if len(query) > 1 {
		for _, w := range [...][2]string{{"bo_table", "wr_id"}, {"id", "no"}} {
			if board, id = query.get(w[0]), query.get(w[1]); letters(board) > 1 && len(board) < 41 && isNumber(id) {
				return board, id, ""
			}
		}
		return "", "", ""
	}
	if m := reArticle.FindStringSubmatch(path); m != nil {
		return m[1], m[2], ""
	}
	segs := strings.Split(path, "/")
	for i, s := range segs {
		switch {
		case s == "read.cgi":
			return afterScript(segs, i)
		case s == "res" && i > 0 && i == len(segs)-2 && boardName(segs[i-1]):
			if id = dom.IDAfter(segs[i+1], ""); id != "" && strings.Trim(withoutExtension(segs[i+1]), "0123456789+-") == "" {
				return segs[i-1], id, strings.Join(segs[:i+1], "/") + "/" + id + segs[i+1][len(withoutExtension(segs[i+1])):]
			}
		case s == "thread" && i == 2 && segs[0] == "" && len(segs) > 3 && len(segs) < 6 && len(segs[1]) < 6 && boardName(segs[1]) && isNumber(segs[3]):
			return segs[1], segs[3], strings.Join(segs[:4], "/")
		}
	}
	return "", "", ""
}

// afterScript reads "read.cgi/pottery/1758372033/l50": a board and the second in which
// the thread was begun. Some boards have a number below a group's name.
func afterScript(segs []string, i int) (board, id, whole string) {
	rest := segs[i+1:]
	n := slices.IndexFunc(rest[min(1, len(rest)):], func(s string) bool { return len(s) > 8 && isNumber(s) }) + 1
	if n < 1 || n > 2 || !boardName(rest[0]) || n == 2 && !isNumber(rest[1]) {
		return "", "", ""
	}
	return strings.Join(rest[:n], "-"), rest[n], strings.Join(segs[:i+n+2], "/") + "/"
}

// boardName tells a board's short name in a path from what forums of other programs
// have there.
func boardName(s string) bool {
	switch s {
	case "forum", "forums", "board", "boards", "bbs", "talk", "chat", "site", "home", "app", "en", "de", "fr", "es", "it", "ru", "ja", "ko", "zh", "pt", "nl", "pl":
		return false
	}
	return s != "" && len(s) < 21 && reBoardName.MatchString(s)
}

// reArticle is an article of a bulletin board system, named after the second in which
// it was written: "/bbs/Pottery/M.1758375635.A.1B2.html".
var reArticle = regexp.MustCompile(`/([\w-]{1,20})/([MG]\.\d{9,10}\.A(?:\.[0-9A-F]{3})?)(?:\.html)?$`)

var reBoardName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// inBoard is the link to a thread that counts within its board.
func inBoard(u *url.URL, query pairs) (forum.Link, bool) {
	board, id, whole := scoped(query, u.Path)
	if id == "" {
		return forum.Link{}, false
	}
	v := *u
	if whole != "" {
		v.Path, v.RawPath = whole, ""
	}
	return linkTo(&v, forum.KindThread, board+"-"+id), true
}

// postID is a post's id on the site: one that counts within a board or a thread bears
// its name.
func (r *reader) postID(id string) string {
	if !r.scopeKnown {
		r.scopeKnown = true
		r.scope, _, _ = scoped(queryOf(r.doc.URL), r.doc.URL.Path)
		if here, ok := r.here(); ok && r.inThread() {
			r.scope = here.ID
		}
	}
	if id != "" && r.scope != "" {
		return r.scope + "-" + id
	}
	return id
}

// inThread tells pages of a program that knows a post by its number in its thread.
func (r *reader) inThread() bool {
	here, ok := r.here()
	return ok && here.Kind == forum.KindThread && strings.Contains(here.URL, "/read.cgi/")
}

// numberedWithin gives the posts of such a page their ids and addresses.
func (r *reader) numberedWithin(posts []forum.Post) {
	if !r.inThread() {
		return
	}
	here, _ := r.here()
	for i := range posts {
		if posts[i].PositionSource == forum.PositionShown {
			n := strconv.FormatInt(posts[i].Position, 10)
			posts[i].ID, posts[i].URL = r.postID(n), here.URL+n
		}
	}
}

// reCited is the text of a link to a post that is answered: ">>12".
var reCited = regexp.MustCompile(`^(?:>>|≫|＞＞)\s?(\d{1,19})$`)

// cited adds the posts that the words of an entry answer by their numbers.
func (r *reader) cited(c *cluster, e *entry, post *forum.Post) {
	seen := map[string]bool{}
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		if n.DataAtom != atom.A || e.body != nil && !inside(n, e.body) {
			continue
		}
		m := reCited.FindStringSubmatch(linkText(n))
		if m == nil || seen[m[1]] || !strings.Contains(dom.Attr(n, "href"), m[1]) {
			continue
		}
		seen[m[1]] = true
		post.Quotes = append(post.Quotes, forum.Quote{PostID: r.postID(m[1])})
	}
	if len(seen) > 0 {
		dom.CountContent(post)
	}
}

// linkText is a link's text, "" for one that is longer than a number.
func linkText(a *html.Node) string {
	size := 0
	if !textWithin(a, &size, 24) {
		return ""
	}
	return dom.NodeText(a)
}
