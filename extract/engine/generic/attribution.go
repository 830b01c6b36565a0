package generic

import (
	"slices"
	"strings"
	"unicode"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// quoteLeads are what boards write before the name of whom they quote, in lower
// case.
var quoteLeads = []string{"originally posted by", "originally written by", "posted by", "quote from", "quote by", "quoting", "quote of", "ursprünglich geschrieben von", "ursprünglich gepostet von", "zitat von", "citation de", "posté par", "envoyé par", "initialement publié par", "cita de", "publicado originalmente por", "escrito por", "iniciado por", "citação de", "postado originalmente por", "citazione di", "citazione da", "originariamente inviato da", "scritto da", "citaat van", "oorspronkelijk geplaatst door", "cytat z", "napisane przez", "цитата от", "сообщение от", "цитата из", "цитата", "citat från", "citat fra", "opprinnelig postet av", "lainaus käyttäjältä", "alıntı", "původně napsal", "引用自", "原帖由", "原文由"}

// afterLead is what follows such words in a line.
func afterLead(text string) (rest string, ok bool) {
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		return text, false
	}
	for _, lead := range quoteLeads {
		behind, led := strings.CutPrefix(lower, lead)
		if !led {
			continue
		}
		first := []rune(behind + " ")[0]
		if unicode.IsLetter(first) && first < 0x2e80 {
			continue // a longer word
		}
		if rest = strings.TrimLeft(text[len(lead):], " :：@"); rest != "" {
			return rest, true
		}
	}
	return text, false
}

// source reads a quote's head: the name that it marks, one that posts here, or
// what its sentence leaves.
func (b *bodyReader) source(head *html.Node) source {
	s := source{post: postOf(head)}
	text, led := b.attribution(head)
	if isQuoteLabel(text) || text == "" {
		return s
	}
	s.author = b.quoted(head, text, led)
	if len(s.author) > 60 {
		s.author = ""
	}
	return s
}

// postOf is the number of the post that a link of a quote's head leads to.
func postOf(head *html.Node) string {
	for n := range dom.Below(head) {
		if n.DataAtom == atom.A {
			if id := postNumber(dom.Attr(n, "href")); id != "" {
				return id
			}
		}
	}
	if head.DataAtom == atom.A {
		return postNumber(dom.Attr(head, "href"))
	}
	return ""
}

// attribution is what a head says without times, labels and what leads up to
// the name; led says that such words stood before it.
func (b *bodyReader) attribution(head *html.Node) (text string, led bool) {
	text = b.textWithoutTime(head)
	if st, before, after := b.r.clock.Within(text); st.Known() {
		text = aroundTime(strings.Trim(before, "(, "), strings.Trim(after, "), "))
	}
	text = strings.TrimPrefix(inBrackets(text), "@")
	if text, led = afterLead(text); led {
		return strings.TrimRight(text, " :：»↑@"), true
	}
	if _, value, ok := dom.CutLabel(text); ok && strings.IndexFunc(value, unicode.IsLetter) >= 0 {
		text = strings.TrimPrefix(value, "@")
	}
	return text, false
}

// inBrackets reads "QUOTE (NAME" and "QUOTE(NAME @": what stands behind the word
// for a quote.
func inBrackets(text string) string {
	word, rest, ok := strings.Cut(text, "(")
	if !ok || !isQuoteLabel(word) {
		return text
	}
	return strings.TrimRight(rest, " @)")
}

// quoted is the name in an attribution.
func (b *bodyReader) quoted(head *html.Node, text string, led bool) string {
	if name := dom.KnownName(text, b.r.names, false); name != "" {
		return name
	}
	bare := strings.TrimRight(text, " :：»↑")
	if name := dom.KnownName(bare, b.r.names, true); name != "" {
		return name
	}
	if led && !strings.ContainsAny(bare, ":：") {
		return bare
	}
	for n := range dom.Below(head) {
		if n.Type == html.ElementNode && selName.Match(n) {
			if name := nameText(n); name != "" && !isQuoteLabel(name) && len(name) < len(bare) {
				return name
			}
		}
	}
	switch {
	case bare == text && dom.HasAttr(head, "class") || head.DataAtom == atom.Cite && bare == text:
		name := dom.NameAfter(text, "")
		if lead, _, _ := strings.Cut(text, " "); name == "" || lead == text || len(name) == len(text)-strings.LastIndexByte(text, ' ')-1 {
			return text
		}
		return name
	case bare != text:
		return dom.WroteBy(text, "")
	}
	return ""
}

// textWithoutTime is a head's text without the elements that hold a time and
// nothing else.
func (b *bodyReader) textWithoutTime(n *html.Node) string {
	var out strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		text := textData(c)
		if c.Type == html.ElementNode {
			if text = dom.NodeText(c); c.DataAtom == atom.Time || looksTimed(text) && b.isTime(text) {
				text = ""
			}
			text = " " + text + " "
		}
		out.WriteString(text)
	}
	return dom.Fold(out.String())
}

// isTime tells a text that is a time and little else.
func (b *bodyReader) isTime(text string) bool {
	st, before, after := b.r.clock.Within(text)
	return !st.Known() || len(strings.Trim(before+after, " (),:»-")) <= 4
}

// timedHead tells the first line of a quote that ends with a time and says
// before it who wrote: "NAME posted on TIME".
func (b *bodyReader) timedHead(n *html.Node) bool {
	size := 0
	if !textWithin(n, &size, 120) {
		return false
	}
	st, before, after := b.r.clock.Within(dom.NodeText(n))
	return st.Known() && st.Precision != "year" && before != "" && len(after) <= 12 && (n.NextSibling != nil && n.NextSibling.DataAtom == atom.Br || n.DataAtom == atom.Div || n.DataAtom == atom.Font || b.attributes(n))
}

// timeWords lead up to a time behind a name.
var timeWords = []string{"发表于", "發表於", "发布于", "发表", "于", "wrote on", "said on", "posted on", "on"}

// aroundTime joins what stands around a time, without the word that leads up to
// it: "NAME on TIME", "NAME, on TIME, said:".
func aroundTime(before, after string) string {
	lead := func(w string) bool { return strings.HasSuffix(before, " "+w) }
	if k := slices.IndexFunc(timeWords, lead); k >= 0 {
		before = strings.TrimRight(strings.TrimSuffix(before, timeWords[k]), ", ")
	} else if i := strings.LastIndexByte(before, ' '); i > 0 && len(before)-i <= 4 && !strings.Contains(before[i:], "(") {
		before = strings.TrimRight(before[:i], ", ") // the day of the week
		if k := slices.IndexFunc(timeWords, lead); k >= 0 {
			before = strings.TrimRight(strings.TrimSuffix(before, timeWords[k]), ", ")
		}
	}
	if strings.HasSuffix(after, ":") && before != "" {
		return before
	}
	return strings.TrimSpace(before + " " + after)
}
