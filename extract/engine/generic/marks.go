package generic

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// dateMark is an element that shows or carries a time.
type dateMark struct {
	item    int32
	source  string // what the stamp is read from
	shown   string
	machine bool
	prec    forum.Precision
	at      time.Time
	stamp   forum.Stamp // by the probing clock
}

// dateMark records whether an element carries a time: as a machine attribute,
// in its title, or as its own short text.
func (r *reader) dateMark(it *item, i int32) bool {
	m, ok := r.machineMark(it.n)
	if !ok {
		m, ok = r.shownMark(it)
	}
	if !ok {
		return false
	}
	if !m.machine && ofAccount(it.n) {
		r.out.joins[i] = 1
		return false
	}
	m.item = i
	r.out.dated[i] = int32(len(r.out.marks))
	r.out.marks = append(r.out.marks, m)
	return true
}

// ofAccount tells a time that is the author's by the label before it: the day of
// joining. It is the element's text, or a line of it among others.
func ofAccount(n *html.Node) bool {
	found := false
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.TextNode || !looksTimed(c.Data) {
			continue
		}
		label, _, ok := dom.CutLabel(dom.Fold(c.Data))
		if !ok || !dom.KnownLabel(label) {
			return false
		}
		found = true
	}
	return found
}

// machineMark reads datetime, and any attribute that is named for a time and
// holds an ISO time or an epoch.
func (r *reader) machineMark(n *html.Node) (dateMark, bool) {
	for _, a := range n.Attr {
		if len(a.Val) < 9 || len(a.Val) > 40 || !timeKey(a.Key) || a.Val[0] < '0' || a.Val[0] > '9' {
			continue
		}
		if st := r.probe.Machine(a.Val, ""); plausible(st.At) {
			return dateMark{source: a.Val, shown: shortText(n), machine: true, prec: st.Precision, at: st.At}, true
		}
	}
	return dateMark{}, false
}

func timeKey(key string) bool {
	switch key {
	case "class", "id", "href", "src", "style", "title", "alt":
		return false
	case "content":
		return true
	}
	for _, w := range [...]string{"time", "date", "created", "epoch", "posted", "published", "stamp"} {
		if strings.Contains(key, w) {
			return true
		}
	}
	return false
}

// plausible bounds times to those that a forum can show: epochs of other
// things (ids of nine digits and more) mostly fall outside.
func plausible(at time.Time) bool { return at.Year() >= 1990 && at.Year() < 2100 }

func shortText(n *html.Node) string {
	s := dom.NodeText(n)
	if len(s) > 120 {
		return ""
	}
	return s
}

// tooltips are the attributes that hold the full form of what an element shows:
// the title, and where libraries keep it.
var tooltips = [...]string{"title", "data-original-title", "data-bs-original-title", "data-tippy-content", "data-tooltip"}

// shownMark reads a title, else the element's own text, where they look like a
// time. Elements that are named for a time need no digits in it.
func (r *reader) shownMark(it *item) (dateMark, bool) {
	n, own := it.n, it.own
	for i := 0; i < len(tooltips) && mayHaveTooltip(n); i++ {
		if t := dom.Attr(n, tooltips[i]); looksTimed(t) {
			if m, ok := r.readMark(t); ok {
				return m, true
			}
		}
	}
	if own == "" && !namedForTime(it) {
		return dateMark{}, false
	}
	if whole := r.splitTime(n, own); whole != "" {
		if m, ok := r.readMark(whole); ok {
			return m, true
		}
	}
	if own == "" || !looksTimed(own) && (!namedForTime(it) || len(own) > 40) {
		return dateMark{}, false
	}
	return r.readMark(own)
}

func mayHaveTooltip(n *html.Node) bool {
	for i := range n.Attr {
		if key := n.Attr[i].Key; key == "title" || strings.HasPrefix(key, "data-") {
			return true
		}
	}
	return false
}

// splitTime is the whole text of an element that holds day and time of day in
// parts, one of them marked up ("<b>Today</b> at 12:01 PM"), or both ("<b>9:00am</b>
// On <b>Apr 24</b>").
func (r *reader) splitTime(n *html.Node, own string) string {
	if len(own) > 40 || n.FirstChild == nil || n.FirstChild.NextSibling == nil {
		return ""
	}
	size := 0
	if !textWithin(n, &size, 60) {
		return ""
	}
	whole := dom.NodeText(n)
	if len(whole) <= len(own)+2 || !looksTimed(whole) {
		return ""
	}
	if joins := len(own) <= 5 && dom.Digits(own) == ""; reDayTime.MatchString(own) || joins && n.DataAtom != atom.Time && strings.Contains(whole, ":") {
		if all, ok := r.readMark(whole); !ok || all.prec != forum.PrecisionMinute && all.prec != forum.PrecisionSecond {
			return ""
		}
		return whole
	}
	part, ok := r.readMark(own)
	if !ok || part.prec != forum.PrecisionDay {
		return ""
	}
	if all, ok := r.readMark(whole); !ok || all.prec != forum.PrecisionMinute && all.prec != forum.PrecisionSecond {
		return ""
	}
	return whole
}

var reDayTime = regexp.MustCompile(`^\D{0,6}\d{1,2}[:h.]\d{2}(:\d{2})?(\D{0,5})$`)

func (r *reader) readMark(s string) (dateMark, bool) {
	m, known := r.memo[s]
	if !known {
		st := r.probe.Text(s)
		m = dateMark{source: s, shown: dom.Fold(s), prec: st.Precision, at: st.At, stamp: st}
		r.memo[s] = m
	}
	return m, plausible(m.at)
}

func namedForTime(it *item) bool {
	return it.class.time || it.n.DataAtom == atom.Time || strings.Contains(it.n.Data, "time") || strings.HasPrefix(dom.Attr(it.n, "itemprop"), "date")
}

// classMeaning is what the words of a class say.
type classMeaning struct {
	author    int // as authorHint
	time      bool
	card      bool // a box about the author
	signature bool
	votes     bool // a score

	first, firstOfDiv   string // as firstOf
	number, numberOfDiv int32  // of those
}

func (o *outline) meaning(class string) *classMeaning {
	m, known := o.named[class]
	if !known {
		m = &classMeaning{author: classHint(class), time: timeClass(class), signature: isSignature(class), votes: votesName(class)}
		m.card = m.author > 0 || isCard(class)
		m.first, m.firstOfDiv = firstOf(class)
		m.first, m.firstOfDiv = o.unstriped(m.first), o.unstriped(m.firstOfDiv)
		m.number, m.numberOfDiv = o.number(m.first), o.number(m.firstOfDiv)
		o.named[class] = m
	}
	return m
}

func isSignature(class string) bool {
	var room someWords
	for _, w := range appendWords(room[:0], class) {
		switch w {
		case "signature", "sig", "postsignature":
			return true
		}
	}
	return false
}

func timeClass(class string) bool {
	var room someWords
	for _, w := range appendWords(room[:0], class) {
		switch w {
		case "date", "time", "datetime", "timestamp", "timeago", "ago", "age", "posted", "published", "created", "when":
			return true
		}
	}
	return false
}

// ownText is an element's own text, "" when it is longer than a line about a
// post can be.
func ownText(n *html.Node) string {
	s := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.TextNode {
			continue
		}
		part := strings.TrimSpace(c.Data)
		if len(s)+len(part) > 300 {
			return ""
		}
		if s == "" {
			s = part
		} else if part != "" {
			s += " " + part
		}
	}
	if s = dom.Fold(s); len(s) > 110 {
		return ""
	}
	return s
}

// looksTimed is a cheap test that most texts fail: digits, few words, and a
// time of day, a year, a numeric date or a lone count ("3 hours ago").
func looksTimed(s string) bool {
	if len(s) < 2 || len(s) > 110 {
		return false
	}
	digits, fields, year, joined, wide := 0, 0, false, false, false
	lettered := false
	run, space := 0, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			digits++
			run++
		} else {
			year = year || run == 4 && yearly(s[i-4:])
			if run > 0 && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' && strings.IndexByte(":/-.", c) >= 0 {
				joined = true
			}
			run = 0
			wide = wide || c >= 0x80
			lettered = lettered || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z'
		}
		if c == ' ' || c == '\n' || c == '\t' {
			space = true
		} else if space {
			fields++
			space = false
		}
	}
	year = year || run == 4 && yearly(s[len(s)-4:])
	if !year && !joined && run > 0 {
		return false // "Posts: 27"; counted times have their unit behind the number
	}
	return digits > 0 && digits <= 24 && (lettered || joined) && ((year || joined) && fields <= 14 || fields <= 5 || wide && fields <= 8)
}

func yearly(s string) bool { return strings.HasPrefix(s, "19") || strings.HasPrefix(s, "20") }

// withoutExtension is the last segment of an address without what names its
// program.
func withoutExtension(s string) string {
	for _, ext := range [...]string{".php", ".html", ".htm", ".pl", ".cgi", ".asp", ".aspx", ".jsp", ".do", ".page", ".cfm"} {
		if t, ok := strings.CutSuffix(s, ext); ok {
			return t
		}
	}
	return s
}

// infoOfUser tells scripts named for showing an account: "user_info",
// "view-profile", "member_profile".
func infoOfUser(s string) bool {
	who, shows := false, false
	var room someWords
	for _, w := range appendWords(room[:0], s) {
		switch w {
		case "user", "member", "profile", "author", "account", "poster":
			who = true
		case "info", "view", "show", "display", "details", "detail", "page", "card", "pop", "popup":
			shows = true
		default:
			return false
		}
	}
	return who && (shows || strings.HasSuffix(s, "_profile") || strings.HasSuffix(s, "-profile"))
}

// authorHint says how much an element is marked as an author's name: 0 for not
// at all, 5 for certain. It rests on rel, itemprop, link targets and class
// words that profile links carry in most forums.
func (r *reader) authorHint(n *html.Node, class *classMeaning) int {
	if n.DataAtom == atom.Img || n.DataAtom == atom.Meta || n.DataAtom == atom.Link || n.DataAtom == atom.Body {
		return 0
	}
	hint := 0
	for _, a := range n.Attr {
		switch a.Key {
		case "rel", "itemprop":
			if a.Val == "author" || a.Val == "creator" || strings.HasPrefix(a.Val, "author ") || strings.HasSuffix(a.Val, " author") {
				hint = max(hint, 5)
			}
		case "class":
			hint = max(hint, class.author)
		case "href":
			if n.DataAtom == atom.A {
				hint = max(hint, profileHint(a.Val))
			}
		case "data-username", "data-author", "data-user-name", "data-author-name":
			if a.Val != "" && n.DataAtom != atom.Blockquote {
				hint = max(hint, 3)
			}
		}
	}
	if hint == 0 {
		return 0
	}
	name := nameText(n)
	if name == "" || hint < 5 && letters(name) < 2 && (hint < 4 || counter(name)) {
		return 0 // a count of posts that leads to them, a letter for a picture
	}
	return hint
}

// nameText is an element's text where it can be a name, "" where it cannot.
func nameText(n *html.Node) string {
	size := 0
	if !textWithin(n, &size, 200) {
		return ""
	}
	s := strings.TrimPrefix(dom.NodeText(n), "@")
	if s == "" || utf8.RuneCountInString(s) > 40 || strings.HasPrefix(s, "#") || strings.HasSuffix(s, ":") || strings.Count(s, " ") > 4 {
		return ""
	}
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r > 0x2000 {
			return s
		}
	}
	return ""
}

// textWithin tells whether an element's text stays below a limit, without
// reading more than that.
func textWithin(n *html.Node, size *int, limit int) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			*size += len(strings.TrimSpace(c.Data))
		case html.ElementNode:
			if !unread(c) && !textWithin(c, size, limit) {
				return false
			}
		}
		if *size > limit {
			return false
		}
	}
	return true
}

// classHint reads the names of a class: those that end with a word for an
// author name one; those that have such a word elsewhere ("author-stats") stand
// somewhere near.
func classHint(class string) int {
	hint := 0
	var room someWords
	for name := range strings.FieldsSeq(class) {
		list := appendWords(room[:0], name)
		for i, w := range list {
			h := wordHint(w)
			if h > 2 && i+1 < len(list) && !nameEnd(list[len(list)-1]) {
				h = 2
			}
			hint = max(hint, h)
		}
	}
	return hint
}

func nameEnd(w string) bool {
	switch w {
	case "name", "link", "url", "text", "label", "display", "heading", "big", "small":
		return true
	}
	return wordHint(w) > 0
}

func wordHint(w string) int {
	switch w {
	case "author", "username", "poster", "nick", "nickname", "commenter", "byline", "hnuser", "authorname", "userid", "nameblock", "guest":
		return 4
	case "user", "member", "creator", "profile", "persona", "uname":
		return 2
	}
	if strings.HasSuffix(w, "username") || strings.HasSuffix(w, "nickname") || strings.HasSuffix(w, "author") {
		return 4
	}
	return 0
}

// profileWords are path segments and query keys that lead to accounts.
var profileWords = []string{"user", "users", "member", "members", "profile", "profiles", "author", "authors", "people", "account", "accounts", "u", "uid", "mid", "userid", "memberlist", "userinfo", "space", "community-member", "showuser"}

// mayBeProfile spares most links the parsing of their address.
func mayBeProfile(href string) bool {
	for _, w := range [...]string{"user", "User", "usr", "member", "Member", "profile", "Profile", "author", "Author", "people", "account", "/u/", "u=", "uid", "mid", "space", "@", "~"} {
		if strings.Contains(href, w) {
			return true
		}
	}
	return false
}

// profileHint tells links to accounts by their path or query.
func profileHint(href string) int {
	if len(href) > 300 || !mayBeProfile(href) {
		return 0
	}
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return 0
	}
	segs := strings.FieldsFunc(strings.ToLower(u.Path), func(r rune) bool { return r == '/' })
	if len(segs) > 0 && segs[len(segs)-1] == "search" {
		return 0 // what somebody wrote
	}
	for i, s := range segs {
		s = withoutExtension(s)
		if (slices.Contains(profileWords, s) || infoOfUser(s)) && (i+1 < len(segs) || u.RawQuery != "") {
			return 3
		}
		if i == len(segs)-1 && len(s) > 1 && !u.Query().Has("tag") && (s[0] == '@' || s[0] == '~' || strings.HasPrefix(s, "user-") || strings.HasPrefix(s, "member-") || strings.HasPrefix(s, "profile-") || strings.HasPrefix(s, "space-uid")) {
			return 3
		}
	}
	q := strings.ToLower(u.RawQuery)
	for _, w := range [...]string{"user", "usrinfo", "showuser", "profile", "viewprofile", "member", "uid=", "u=", "author"} {
		if strings.HasPrefix(q, w) || strings.Contains(q, "="+w) || strings.Contains(q, "&"+w) || strings.Contains(q, "/"+w) {
			return 3
		}
	}
	return 0
}
