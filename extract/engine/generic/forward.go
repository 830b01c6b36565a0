package generic

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// nextWords are how forums' programs call the link to the next page, and
// pagesWords what stands beside them, in lower case.
var (
	nextWords = []string{
		"next", "forward", "older", "weiter", "vor", "vorwärts", "nächste", "nächster", "suivant", "suivante", "siguiente", "próxima", "próximo", "proxima", "proximo", "seguinte", "avançar",
		"avanti", "successiva", "successivo", "prossima", "prossimo", "volgende", "nästa", "neste", "næste", "seuraava", "seuraavat", "następna", "następny", "dalej", "další", "následující", "ďalšia", "ďalšie", "következő",
		"следующая", "следующий", "следующие", "след", "след.", "вперед", "вперёд", "далее", "дальше", "наступна", "наступні", "далі", "уперед", "следваща", "sledeća", "sljedeća", "sljedeće", "naslednja", "următoarea", "următor", "înainte",
		"sonraki", "ileri", "επόμενη", "επόμενο", "επόμενα", "berikutnya", "selanjutnya", "tiếp", "sau", "ถัดไป", "หน้าถัดไป", "التالي", "التالية", "بعدی", "הבא", "הבאה",
		"次", "次へ", "次の", "次ページ", "次のページ", "下一页", "下一頁", "下页", "下頁", "后页", "다음", "다음페이지",
	}
	pagesWords = []string{"page", "pages", "posts", "results", "seite", "la", "página", "pagina", "sida", "side", "sivu", "strona", "strana", "oldal", "страница", "сторінка", "sayfa", "σελίδα", "halaman", "trang", "页", "ページ", "»", "›", ">", "→"}
)

// forwardRank says how surely a link is named for the next page: 4 by its text
// or label, 3 by its class, 2 by a lone arrow, 1 by a double one, which may mean
// the last page. It is 0 for any other.
func forwardRank(a *html.Node) int {
	if isInactive(a) {
		return 0
	}
	text := dom.NodeText(a)
	label := dom.Attr(a, "aria-label") + " " + dom.Attr(a, "title")
	if img := dom.Find(a, selImg); img != nil && text == "" {
		label += " " + dom.Attr(img, "alt") + " " + dom.Attr(img, "title")
	}
	switch {
	case len(text) > 60:
		return 0
	case saysNext(text), saysNext(dom.Attr(a, "aria-label")), saysNext(dom.Attr(a, "title")), text == "" && saysNext(label):
		return 4
	case text == "" || len(text) < 12 && letters(text) == 0:
		if class := words(dom.Attr(a, "class") + " " + dom.Attr(a, "id") + " " + dom.Attr(a.Parent, "class")); slices.Contains(class, "next") && !ofThread(class) {
			return 3
		}
	case slices.Contains(words(dom.Attr(a, "class")+" "+dom.Attr(a.Parent, "class")), "next") && !ofThread(words(text+" "+dom.Attr(a, "class")+" "+dom.Attr(a.Parent, "class"))):
		return 3
	}
	switch strings.TrimSpace(text) {
	case "›", ">", "→", "▶", "►", "❯", "⟩":
		return 2
	case "»", ">>":
		return 1
	}
	return 0
}

var selImg = dom.Sel("img")

// ofThread tells names of links to the next thread.
func ofThread(list []string) bool {
	for _, w := range list {
		switch w {
		case "thread", "topic", "unread", "newer", "newest", "discussion", "article", "post", "thema", "sujet", "tema", "tópico", "тема":
			return true
		}
	}
	return false
}

// saysNext tells a text that is a word for "next", alone or with one for "page".
func saysNext(s string) bool {
	s = strings.Trim(strings.ToLower(s), " \u00a0<>«»‹›→▶►…|[]()-–:")
	if s == "" || len(s) > 48 {
		return false
	}
	if slices.Contains(nextWords, s) {
		return true
	}
	fields := strings.Fields(s)
	if len(fields) > 4 {
		return false
	}
	found := false
	for _, w := range fields {
		switch {
		case slices.Contains(nextWords, w):
			found = true
		case slices.Contains(pagesWords, w) || isNumber(w):
		default:
			return false
		}
	}
	return found
}

// forward is the link on the page that is named best for the next page, and
// that may be it by its address: of this list, and not of a page at or before
// this one.
func (r *reader) forward(page int) *html.Node {
	var best *html.Node
	top := 0
	for i := range r.out.items {
		a := r.out.items[i].n
		if a.DataAtom != atom.A || dom.Attr(a, "href") == "" {
			continue
		}
		rank := forwardRank(a)
		if rank <= top {
			continue
		}
		u, err := r.doc.Base.Parse(dom.Attr(a, "href"))
		if err != nil || !r.sibling(u) || u.RawQuery == r.doc.URL.RawQuery && u.Path == r.doc.URL.Path {
			continue
		}
		n, offset := pageOf(u), offsetOf(u)
		if n == 0 && offset == 0 || n > 0 && n != page+1 && n != page || n == 0 && offset <= offsetOf(r.doc.URL) {
			continue
		}
		best, top = a, rank
	}
	return best
}

// pageKeys are the keys of a page's number in a query, and offsetKeys those of
// the number of posts before it, in lower case.
var (
	pageKeys   = []string{"page", "p", "pg", "pn", "pag", "pagina", "seite", "strona", "pageno", "pagenum", "pagenumber", "page_no", "whichpage", "paged", "curpage", "currentpage", "cpage", "page_id", "comments_page"}
	offsetKeys = []string{"start", "st", "offset", "from", "limitstart", "skip", "startat", "first", "begin", "pstart", "poststart"}
)

func pageKey(key string) bool {
	key = strings.ToLower(key)
	return slices.Contains(pageKeys, key) || slices.Contains(offsetKeys, key)
}

// offsetOf is how many posts stand before a page by its address, 0 for none.
func offsetOf(u *url.URL) int {
	if u.RawQuery == "" {
		last := strings.ToLower(u.Path[strings.LastIndexByte(u.Path, '/')+1:])
		if id := glued(last, []string{"t", "f"}); id != "" {
			if m := rePart.FindStringSubmatch(strings.TrimPrefix(last[1:], id)); m != nil {
				n, _ := strconv.Atoi(m[1])
				return n
			}
		}
		if _, numbers := action(segments(u)); len(numbers) == 2 {
			n, _ := strconv.Atoi(numbers[0])
			return n
		}
		return 0
	}
	query := queryOf(u)
	for i, pair := range query {
		if value := pair[1]; value == "" || !isDigit(value[len(value)-1]) || !slices.Contains(offsetKeys, strings.ToLower(pair[0])) {
			continue
		}
		if n, err := strconv.Atoi(pair[1]); err == nil && n > 0 && query.leads(i) {
			return n
		}
	}
	for _, key := range [...]string{"topic=", "board=", "num="} { // SMF: "topic=12.40", YaBB: "num=12/15"
		_, rest, ok := strings.Cut(u.RawQuery, key)
		if at := rest[min(len(rest), strings.IndexAny(rest+".", "./")+1):]; ok && at != "" {
			if n, err := strconv.Atoi(dom.IDAfter(at, "")); err == nil && n > 0 {
				return n
			}
		}
	}
	return 0
}

// pageOf is the page number that an address carries, 0 for none.
func pageOf(u *url.URL) int {
	if u.RawQuery != "" {
		q := queryOf(u)
		for _, key := range pageKeys {
			if n := pageIn(q, key); n > 0 && !(key == "p" && showsPost(u)) {
				return n
			}
		}
	}
	route, _, _ := strings.Cut(u.RawQuery, "&") // "index.php?threads/slug.12/page-3"
	segs := strings.Split(strings.Trim(u.Path+"/"+route, "/"), "/")
	for i, s := range segs {
		s = withoutExtension(strings.ToLower(s))
		if pageWord(s) && i+1 < len(segs) {
			s += "-" + withoutExtension(segs[i+1])
		}
		if n := pageSegment(s); n > 0 {
			return n
		}
	}
	return 0
}

// showsPost tells addresses of a script for threads that name nothing but a
// number: a post's.
func showsPost(u *url.URL) bool {
	if strings.Contains(u.RawQuery, "&") {
		return false
	}
	for _, w := range words(u.Path[strings.LastIndexByte(u.Path, '/')+1:]) {
		switch w {
		case "viewtopic", "showthread", "showpost", "viewthread", "topic", "thread", "read":
			return true
		}
	}
	return false
}

// pageIn is the page number under a key, however that is written.
func pageIn(q pairs, key string) int {
	value := q.get(key)
	for i := range q {
		if k := q[i][0]; value == "" && len(k) == len(key) && strings.EqualFold(k, key) && q.leads(i) {
			value = q[i][1]
		}
	}
	if value == "" || !isDigit(value[len(value)-1]) {
		return 0
	}
	if n, err := strconv.Atoi(value); err == nil && n > 0 && n < 100000 {
		return n
	}
	return 0
}

// pageWord tells the words before a page's number in a path.
func pageWord(s string) bool {
	switch s {
	case "page", "paged", "seite", "pagina", "página", "strona", "strana", "sivu", "sida", "side", "oldal", "stranica":
		return true
	}
	return false
}

// pageSegment is the number of "page-3", "page3", "seite_3", and of what ends like
// that, "forum-4-page-3", 0 for any other.
func pageSegment(s string) int {
	if k := strings.LastIndexAny(strings.TrimRight(s, "0123456789-_=,."), "-_."); k > 0 && dom.Digits(s[:k]) != "" {
		s = s[k+1:]
	}
	i := strings.IndexAny(s, "0123456789")
	if i < 3 || !pageWord(strings.TrimRight(s[:i], "-_=,.")) {
		return 0
	}
	if n, err := strconv.Atoi(s[i:]); err == nil && n > 0 && n < 100000 {
		return n
	}
	return 0
}
