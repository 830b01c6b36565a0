package generic

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// number is a counter of a row: its text, the words beside it, the names of the
// elements that it stands in and of the picture before it, and its column.
type number struct {
	value  string
	label  string
	names  string
	icon   string
	column int
}

// numbers are the elements of a row that hold a counter, with or without its
// label.
func (r *reader) numbers(l line) []number {
	o := r.out
	var out []number
	column := -1
	term := ""
	for i := l.from; i < l.end; i++ {
		n := o.items[i].n
		if n.DataAtom == atom.Td || n.DataAtom == atom.Th || o.items[i].parent == l.from {
			column = columnOf(n)
		}
		own := o.items[i].own
		if own == "" || o.items[i].n == o.items[l.item].n {
			continue
		}
		if o.dated[i] >= 0 {
			continue
		}
		pairs := labelledAll(own)
		if n.DataAtom == atom.Dt && len(pairs) == 0 {
			term = own
			continue
		}
		if len(pairs) == 0 || n.DataAtom == atom.A && r.pageLink(n) {
			continue
		}
		for _, p := range pairs {
			if n.DataAtom == atom.Dd && p.label == "" {
				p.label = term
			}
			if p.label == "" {
				p.label = besides(n)
			}
			p.names, p.icon, p.column = r.namesAround(i, l.from), iconBeside(n), column
			out = append(out, p)
		}
	}
	return out
}

// columnOf is an element's place among its parent's elements, with the columns
// that those before it span.
func columnOf(n *html.Node) int {
	k := 0
	for p := n.PrevSibling; p != nil; p = p.PrevSibling {
		if p.Type != html.ElementNode {
			continue
		}
		span, err := strconv.Atoi(dom.Attr(p, "colspan"))
		if err != nil || span < 1 || span > 20 {
			span = 1
		}
		k += span
	}
	return k
}

// pageLink tells links to a thread's later pages.
func (r *reader) pageLink(n *html.Node) bool {
	if strings.Contains(strings.ToLower(dom.Attr(n.Parent, "class")), "pag") {
		return true
	}
	link, ok := r.linkOf(n)
	return ok && link.Page > 1
}

// labelledAll splits "14 Replies 312 Views" and "Replies: 14 Views: 312".
func labelledAll(s string) []number {
	if len(s) > 80 || !strings.ContainsAny(s, "0123456789") {
		return nil
	}
	if value, label := labelled(s); value != "" {
		return []number{{value: value, label: label}}
	}
	fields := strings.FieldsFunc(strings.ReplaceAll(s, ", ", " "), betweenNumbers)
	var out []number
	var before []string
	leads := len(fields) > 0 && counter(fields[0])
	for _, f := range fields {
		switch {
		case counter(f) && leads:
			out = append(out, number{value: f})
		case counter(f):
			out = append(out, number{value: f, label: strings.Join(before, " ")})
			before = nil
		case leads && len(out) > 0:
			last := &out[len(out)-1]
			last.label = strings.TrimSpace(last.label + " " + f)
		default:
			before = append(before, f)
		}
	}
	for _, n := range out {
		if countOf(n.label) == countsNothing {
			return nil
		}
	}
	return out
}

// betweenNumbers tells the signs between pairs of number and label.
func betweenNumbers(r rune) bool {
	return unicode.IsSpace(r) || r == ':' || r == '/' || r == '·' || r == '|' || r == '•'
}

// labelled splits "14 replies" and "Replies: 14"; the label of a bare number is
// empty.
func labelled(s string) (value, label string) {
	if len(s) > 40 {
		return "", ""
	}
	fields := strings.Fields(strings.ReplaceAll(s, ":", " "))
	if len(fields) == 0 || len(fields) > 4 {
		return "", ""
	}
	counts := 0
	for _, f := range fields {
		if counter(f) {
			counts++
		}
	}
	if counts != 1 {
		return "", ""
	}
	if counter(fields[0]) {
		return fields[0], strings.Join(fields[1:], " ")
	}
	if last := fields[len(fields)-1]; counter(last) {
		return last, strings.Join(fields[:len(fields)-1], " ")
	}
	return "", ""
}

// besides is the short text next to an element, or that its parent begins with;
// a label with a colon stands before its number.
func besides(n *html.Node) string {
	if p := n.PrevSibling; p != nil && p.Type == html.TextNode {
		if text, ok := strings.CutSuffix(dom.Fold(p.Data), ":"); ok && text != "" && len(text) < 30 && dom.Digits(text) == "" {
			return text
		}
	}
	if label := labelBefore(n); label != "" {
		return label
	}
	for s := n.NextSibling; s != nil; s = s.NextSibling {
		text := dom.Fold(textData(s))
		if s.Type == html.ElementNode {
			text = dom.NodeText(s)
		}
		if text != "" {
			if len(text) < 30 && dom.Digits(text) == "" {
				return text
			}
			break
		}
	}
	if n.Parent != nil && n.Parent.DataAtom != atom.Tr {
		if text := ownText(n.Parent); len(text) < 30 && dom.Digits(text) == "" {
			return text
		}
	}
	return ""
}

// labelBefore is the element right before a number that says what is counted, where
// what follows it does not: "<i>댓글</i><b>3</b><i>개</i>".
func labelBefore(n *html.Node) string {
	p := n.PrevSibling
	for p != nil && p.Type == html.TextNode && strings.TrimSpace(p.Data) == "" {
		p = p.PrevSibling
	}
	size := 0
	if p == nil || p.Type != html.ElementNode || !textWithin(p, &size, 30) {
		return ""
	}
	label := dom.NodeText(p)
	if dom.Digits(label) != "" || countOf(label) == countsNothing {
		return ""
	}
	if next := n.NextSibling; next != nil && countOf(textOf(next)) != countsNothing {
		return ""
	}
	return label
}

func textOf(n *html.Node) string {
	if n.Type == html.ElementNode {
		return dom.NodeText(n)
	}
	return textData(n)
}

// namesAround are the names of an element and of those around it in its row.
func (r *reader) namesAround(i, top int32) string {
	o := r.out
	var b strings.Builder
	for depth := 0; i > top && depth < 3; depth, i = depth+1, o.items[i].parent {
		for _, key := range [...]string{"title", "aria-label", "data-title", "data-th", "data-label", "itemprop", "class"} {
			if v := dom.Attr(o.items[i].n, key); v != "" && len(v) < 80 {
				b.WriteString(" " + v)
			}
		}
	}
	return b.String()
}

// iconBeside are the names of the picture that stands in front of a number or in its
// element.
func iconBeside(n *html.Node) string {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if names := iconNames(c); names != "" {
			return names
		}
	}
	p := n.PrevSibling
	for p != nil && p.Type == html.TextNode && strings.TrimSpace(p.Data) == "" {
		p = p.PrevSibling
	}
	return iconNames(p)
}

// iconNames are the names of an element without text, as pictures are.
func iconNames(n *html.Node) string {
	if n == nil || n.Type != html.ElementNode || n.DataAtom != atom.Svg && dom.NodeText(n) != "" {
		return ""
	}
	var names strings.Builder
	for _, key := range [...]string{"class", "alt", "title", "aria-label", "href", "xlink:href"} {
		if v := dom.Attr(n, key); len(v) < 120 {
			names.WriteString(" " + v)
		}
	}
	if c := n.FirstChild; c != nil && c.Type == html.ElementNode {
		names.WriteString(" " + iconNames(c))
	}
	return strings.TrimSpace(names.String())
}

// countIcon reads the names of pictures as icon sets have them.
func countIcon(names string) counted {
	for _, w := range words(names) {
		switch w {
		case "comment", "comments", "reply", "replies", "chat", "chats", "bubble", "bubbles", "answers":
			return countsReplies
		case "eye", "eyes", "view", "views", "visibility":
			return countsViews
		}
	}
	return countsNothing
}

// counted is what a counter counts.
type counted int

const (
	countsNothing counted = iota
	countsReplies
	countsViews
	countsThreads
	countsPosts
)

// countStems begin the words by which boards name their counters, by language.
var countStems = []struct {
	kind  counted
	stems []string
}{
	{countsReplies, []string{"repl", "antwort", "répons", "repons", "respuest", "responses", "rispost", "respost", "reactie", "antwoord", "odpowied", "ответ", "відпов", "odpov", "svar", "vastau", "válasz", "hozzászól", "răspuns", "yanıt", "cevap", "απαντ", "отговор", "回复", "回覆", "返信", "回應", "回帖", "跟帖", "コメント", "답글", "댓글", "ردود", "balas", "trả lời", "comment", "answer", "kommentar"}},
	{countsViews, []string{"view", "zugriff", "aufruf", "hits", "gelesen", "vues", "affichage", "lectures", "vistas", "visitas", "visite", "visualizza", "letture", "visualiza", "exibiç", "weergave", "gelezen", "bekeken", "wyświetl", "odsłon", "просмотр", "перегляд", "zobrazen", "zhlédnut", "visning", "lästa", "luettu", "katsel", "megtekint", "vizualiz", "görüntü", "okunma", "προβολ", "преглед", "查看", "阅读", "瀏覽", "浏览", "閲覧", "조회", "مشاهد", "dilihat", "xem"}},
	{countsThreads, []string{"topic", "thread", "themen", "thema", "sujet", "discussion", "temas", "hilos", "argomenti", "discussioni", "tópicos", "onderwerp", "topik", "tematy", "wątk", "темы", "тем", "témat", "trådar", "tråde", "ämnen", "emner", "aiheet", "aiheita", "témák", "subiecte", "konu", "θέματα", "主题", "主題", "帖子数", "スレッド", "トピック", "주제", "مواضيع", "chủ đề"}},
	{countsPosts, []string{"post", "message", "beitr", "nachricht", "mensaj", "messaggi", "mensag", "bericht", "wiadom", "сообщ", "повідомл", "příspěv", "inlägg", "indlæg", "innlegg", "viest", "hozzászól", "mesaj", "δημοσι", "мнения", "帖子", "貼文", "投稿", "게시", "مشاركات", "bài viết", "articles"}},
}

// countOf reads a label; the word that stands first decides.
func countOf(label string) counted {
	label = strings.ToLower(label)
	best, at := countsNothing, len(label)
	for _, c := range countStems {
		for _, stem := range c.stems {
			for from := 0; ; {
				i := strings.Index(label[from:], stem)
				if i < 0 {
					break
				}
				i += from
				from = i + len(stem)
				if i < at && (i == 0 || !isLetterByte(label[i-1]) || label[i] >= 0x80) {
					best, at = c.kind, i
					break
				}
			}
		}
	}
	return best
}

// countNamed reads the names of elements: "bbp-topic-reply-count" counts the
// replies of a topic.
func countNamed(names string) counted {
	for _, c := range countStems[:2] {
		for _, w := range words(names) {
			for _, stem := range c.stems {
				if strings.HasPrefix(w, stem) {
					return c.kind
				}
			}
		}
	}
	for name := range strings.FieldsSeq(names) {
		if kind := countLast(name); kind != countsNothing {
			return kind
		}
	}
	return countsNothing
}

// countLast reads one name by its last word that says something: "topic-posts" counts
// posts.
func countLast(name string) counted {
	list := words(name)
	for _, w := range slices.Backward(list) {
		if kind := countOf(w); kind != countsNothing {
			return kind
		}
	}
	return countsNothing
}

func isLetterByte(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }

// withoutCount is a link's text without the number of replies that stands in it as an
// element of its own: "TITLE [5]".
func withoutCount(a *html.Node, whole string) string {
	last := a.LastChild
	for last != nil && last.Type == html.TextNode && strings.TrimSpace(last.Data) == "" {
		last = last.PrevSibling
	}
	if last == nil || last.Type != html.ElementNode || last == a.FirstChild {
		return whole
	}
	count := dom.NodeText(last)
	if bare := strings.Trim(count, "()[] +"); !isNumber(bare) && (dom.Digits(count) == "" || len(count) > 24 || countOf(count) != countsReplies) {
		return whole
	}
	if rest := strings.TrimSpace(strings.TrimSuffix(whole, count)); letters(rest) > 1 {
		return rest
	}
	return whole
}
