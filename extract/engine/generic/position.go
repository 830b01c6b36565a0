package generic

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Numbers with a sign that says what they are: "#12", "Post #12", "12#", "12楼".
var (
	reSignBefore = regexp.MustCompile(`^(?:(\pL[\pL.]{0,13}):?\s)?[#№]\s?(\d{1,6})(?:$|[.,]?[^\d\pL.,]|[.,]$)`)
	reSignBehind = regexp.MustCompile(`^第?\s?(\d{1,6})\s?(?:#|楼|樓|层|層|층|번째)$`)
)

// signedNumber is the number of a post that a text shows with its sign, counted
// from one. The first places have names in Chinese forums; a text that speaks of
// replies counts from the second post.
func signedNumber(s string) (int, bool) {
	if len(s) < 2 || len(s) > 80 {
		return 0, false
	}
	for i, name := range [...]string{"楼主", "沙发", "板凳", "地板"} {
		if s == name {
			return i + 1, true
		}
	}
	text := ""
	if m := reSignBefore.FindStringSubmatch(s); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(text); err == nil && replyWord(m[1]) {
			return n + 1, n > 0
		}
	} else if m := reSignBehind.FindStringSubmatch(s); m != nil {
		text = m[1]
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0
}

// replyWord tells words for an answer.
func replyWord(s string) bool {
	switch strings.ToLower(s) {
	case "reply", "antwort", "respuesta", "réponse", "resposta", "risposta", "antwoord", "odpověď", "odpowiedź", "svar", "vastaus", "yanıt", "cevap", "ответ", "відповідь", "válasz":
		return true
	}
	return false
}

// signs notes for each entry the number that it shows with a sign, at the place
// where most entries do. A number that is the entry's id is none.
func (c *cluster) signs(role idRole) {
	votes, best := map[int32]int{}, int32(-1)
	numbers := make([]map[int32]int, len(c.entries))
	for k, e := range c.entries {
		numbers[k] = map[int32]int{}
		id := c.nativeID(e, role)
		for _, ce := range e.cells {
			if _, seen := numbers[k][ce.path]; seen || c.inBody(e, ce.item) || ce.part == partCard || ce.part == partSignature {
				continue
			}
			n, ok := signedNumber(c.signText(ce.item))
			if !ok || id == strconv.Itoa(n) {
				continue
			}
			numbers[k][ce.path] = n
			if votes[ce.path]++; best < 0 || votes[ce.path] > votes[best] {
				best = ce.path
			}
		}
	}
	for k, e := range c.entries {
		e.sign = numbers[k][best]
	}
}

// signText is the own text of an element, its title where that counts replies,
// or all of it where that is a number and its sign in parts.
func (c *cluster) signText(i int32) string {
	it := &c.out.items[i]
	if m := reSignBefore.FindStringSubmatch(dom.Attr(it.n, "title")); m != nil && replyWord(m[1]) {
		return m[0]
	}
	if n := it.end - i; n > 1 && n < 4 && len(it.own) < 2 && strings.ContainsAny(it.own+c.out.items[i+1].own, "0123456789") {
		return dom.NodeText(it.n)
	}
	return it.own
}

// signed takes the numbers that posts show with a sign, where nearly all do and
// they rise down the page, which on a first page begins with small ones: others
// are the posts' own. A first post without one is the one before the next.
func signed(all []placed, firstPage bool) {
	shown, last := 0, 0
	for i := range all {
		if all[i].sign == 0 {
			continue
		}
		if all[i].sign <= last || all[i].sign < i+1 || firstPage && shown == 0 && all[i].sign > i+20 {
			return
		}
		shown, last = shown+1, all[i].sign
	}
	if shown == 0 || 10*shown < 6*len(all) && shown < len(all)-1 || last-all[0].sign > 4*len(all)+20 && all[0].sign > 0 {
		return
	}
	for i := range all {
		if n := all[i].sign; n > 0 {
			all[i].post.Position, all[i].post.PositionSource = int64(n), forum.PositionShown
		}
	}
}

// offsetPositions counts on from the number of posts that the address says to
// stand before the page, where no post shows its own number.
func (r *reader) offsetPositions() {
	offset := offsetOf(r.doc.URL)
	if offset < 5 || r.page.Next == "" && r.page.Thread.Page < 2 {
		return
	}
	for i := range r.page.Posts {
		if r.page.Posts[i].Position > 0 {
			return
		}
	}
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		p.Position, p.PositionSource = int64(offset+i+1), forum.PositionComputed
	}
}

// pageAt is the number of a page by the posts before it: by the site's known
// page size, else by that of the links to other pages; 0 where neither tells.
func (r *reader) pageAt(u *url.URL, bar *pageBar) int {
	offset := offsetOf(u)
	per := r.facts.PostsPerPage
	if per == 0 {
		per = bar.per
	}
	if offset == 0 || per == 0 || offset%per != 0 {
		return 0
	}
	return offset/per + 1
}
