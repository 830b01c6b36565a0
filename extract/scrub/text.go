package scrub

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Within running text, addresses and e-mail addresses are replaced as what they
// are, before words are looked at.
var reAddress = regexp.MustCompile(`(?i)\b(?:https?:)?//[^\s<>"'()\[\]{}]+|\bwww\.[^\s<>"'()\[\]{}]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)

// text replaces what a reader reads.
func (s *Scrubber) text(raw string) string {
	if !utf8.ValidString(raw) {
		raw = strings.ToValidUTF8(raw, "\uFFFD")
	}
	spans := reAddress.FindAllStringIndex(raw, -1)
	if len(spans) == 0 {
		return s.plain(raw)
	}
	var b strings.Builder
	from := 0
	for _, span := range spans {
		b.WriteString(s.plain(raw[from:span[0]]))
		b.WriteString(s.address(raw[span[0]:span[1]]))
		from = span[1]
	}
	b.WriteString(s.plain(raw[from:]))
	return b.String()
}

// address replaces an address that stands in text.
func (s *Scrubber) address(raw string) string {
	if strings.Contains(raw, "//") {
		return s.link(raw)
	}
	if strings.Contains(raw, "@") {
		return s.mail(raw)
	}
	return strings.TrimPrefix(s.link("//"+raw), "//")
}

// mail invents an e-mail address.
func (s *Scrubber) mail(raw string) string {
	local, host, _ := strings.Cut(raw, "@")
	return s.forced(local) + "@" + s.host(host)
}

// plain replaces words, numbers and dates.
func (s *Scrubber) plain(raw string) string {
	if strings.TrimSpace(raw) == "" {
		return raw
	}
	toks := tokens(raw)
	if s.learning && !s.hidden {
		s.learnRuns(toks)
	}
	if s.isName(raw) {
		s.replaceAll(toks)
		return join(toks)
	}
	s.shiftDates(toks)
	s.forceNames(toks)
	s.numbers(toks)
	s.words(toks)
	return join(toks)
}

// forced replaces every word, those of the interface too.
func (s *Scrubber) forced(raw string) string {
	toks := tokens(raw)
	s.replaceAll(toks)
	return join(toks)
}

func join(toks []token) string {
	var b strings.Builder
	for i := range toks {
		b.WriteString(toks[i].text)
	}
	return b.String()
}

func (s *Scrubber) replaceAll(toks []token) {
	for i := 0; i < len(toks); i++ {
		if toks[i].done || toks[i].kind != word && toks[i].kind != number {
			continue
		}
		end := runOf(toks, i)
		s.replaceRun(toks[i:end])
		i = end - 1
	}
}

// runOf is the end of the letters and digits that stand together with a token.
func runOf(toks []token, i int) int {
	end := i + 1
	if solid(toks[i]) {
		return end
	}
	for end < len(toks) && !toks[end].done && (toks[end].kind == word || toks[end].kind == number) && !solid(toks[end]) {
		end++
	}
	return end
}

func solid(t token) bool { return t.kind == word && solidClass([]rune(t.text)[0]) != 0 }

// replaceRun replaces one word; letters and digits in one are one word.
func (s *Scrubber) replaceRun(run []token) {
	whole := join(run)
	out := ""
	switch {
	case len(run) == 1 && run[0].kind == number:
		out = s.digits(asciiOf(whole), asAny)
	case solidClass([]rune(whole)[0]) == 1:
		for _, r := range whole {
			out += s.word(string(r))
		}
	default:
		out = s.word(whole)
	}
	run[0].text = out
	for i := range run {
		run[i].done = true
		if i > 0 {
			run[i].text = ""
		}
	}
}

// word gives a word's counterpart, or learns it.
func (s *Scrubber) word(w string) string {
	if s.learning {
		s.dict.learn(w)
		return w
	}
	return s.dict.invent(w)
}

// numbers replaces counters; what stands for a place, a time or a measure
// stays.
func (s *Scrubber) numbers(toks []token) {
	for i := 0; i < len(toks); i++ {
		if toks[i].done || toks[i].kind != number {
			continue
		}
		end := group(toks, i)
		switch {
		case inWord(toks, i, end):
			i = end - 1
			continue
		case i > 0 && strings.ContainsAny(toks[i-1].text, "#№"):
			if d := asciiOf(toks[i].text); end == i+1 && s.isKnownID(d) {
				toks[i].text = likeDigits(s.ids.otherUnless(s.learning, d), toks[i].text)
			}
		default:
			s.replaceNumber(toks[i:end])
		}
		for k := i; k < end; k++ {
			toks[k].done = true
		}
		i = end - 1
	}
}

// group is the end of a number that is written in groups of three digits.
func group(toks []token, i int) int {
	end := i + 1
	for end+1 < len(toks) && runeLen(toks[i].text) <= 3 && (strings.ContainsAny(toks[end].text, ",.'’") || toks[end].text == "\u00a0" || toks[end].text == "\u202f") && toks[end+1].kind == number && runeLen(toks[end+1].text) == 3 {
		end += 2
	}
	return end
}

// inWord tells digits that are part of a name or a word from a number with a
// unit.
func inWord(toks []token, from, end int) bool {
	if from > 0 && toks[from-1].kind == word && !toks[from-1].done && !solid(toks[from-1]) {
		return true
	}
	if end >= len(toks) || toks[end].kind != word || toks[end].done || solid(toks[end]) {
		return false
	}
	switch strings.ToLower(toks[end].text) {
	case "st", "nd", "rd", "th", "k", "m", "b", "d", "h", "s", "w", "y", "x", "px", "am", "pm", "kb", "mb", "gb", "tb", "min", "mins", "hr", "hrs", "mo", "yr", "yrs", "к", "тыс":
		toks[end].done = toks[end].text != "x"
		return false
	}
	return true
}

func (s *Scrubber) replaceNumber(run []token) {
	var whole strings.Builder
	for _, t := range run {
		if t.kind == number {
			whole.WriteString(asciiOf(t.text))
		}
	}
	out := s.counter(whole.String())
	if len(out) != len(whole.String()) {
		return
	}
	for i := range run {
		if run[i].kind == number {
			n := runeLen(run[i].text)
			run[i].text, out = likeDigits(out[:n], run[i].text), out[n:]
		}
	}
}

// words replaces words that are none of the interface's.
func (s *Scrubber) words(toks []token) {
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.done || t.kind != word && t.kind != number:
			continue
		case solid(t):
			s.solidRun(toks, i)
			continue
		}
		end := runOf(toks, i)
		if end == i+1 && s.stays(strings.ToLower(t.text)) {
			continue
		}
		s.replaceRun(toks[i:end])
		i = end - 1
	}
}

func (s *Scrubber) stays(lower string) bool {
	return s.tables.isInterface(lower) || s.keepsDenial(lower)
}

// keepsDenial tells words of a refusal on pages that are one.
func (s *Scrubber) keepsDenial(lower string) bool {
	if !s.walled {
		return false
	}
	for _, stem := range s.denial {
		if strings.Contains(lower, stem) {
			return true
		}
	}
	return false
}

func isExtension(w string) bool {
	switch strings.ToLower(w) {
	case "jpg", "jpeg", "png", "gif", "webp", "svg", "pdf", "zip", "rar", "txt", "log", "csv", "doc", "docx", "xls", "xlsx", "mp", "mov", "webm", "html", "htm", "php", "gz", "exe", "json", "xml", "css", "js", "mjs", "ico", "avif", "bmp", "woff", "ttf", "eot", "asp", "aspx", "ogg", "wav", "heic":
		return true
	}
	return false
}

// solidRun replaces a run of a script that writes without spaces: phrases of
// the interface stay, the longest first, and single signs of it beside numbers.
func (s *Scrubber) solidRun(toks []token, at int) {
	rs := []rune(toks[at].text)
	out := make([]rune, 0, len(rs))
	kept := at > 0 && toks[at-1].kind == number || at > 1 && toks[at-1].kind == space && toks[at-2].kind == number
	before := at+1 < len(toks) && (toks[at+1].kind == number || toks[at+1].kind == space && at+2 < len(toks) && toks[at+2].kind == number)
	han := solidClass(rs[0]) == 1
	if !han && s.tables.words[string(rs)] {
		return
	}
	for i := 0; i < len(rs); {
		n := s.phraseAt(rs[i:])
		switch {
		case n > 1 || n == 1 && (kept || before && i+1 == len(rs)):
			out = append(out, rs[i:i+n]...)
			kept = true
		case !han:
			n = len(rs) - i
			out = append(out, []rune(s.word(string(rs[i:])))...)
		default:
			n, kept = 1, false
			out = append(out, []rune(s.word(string(rs[i])))...)
		}
		i += n
	}
	toks[at].text, toks[at].done = string(out), true
}

func (s *Scrubber) phraseAt(rs []rune) int {
	for n := min(len(rs), 6); n > 0; n-- {
		phrase := string(rs[:n])
		if s.tables.words[phrase] || n > 1 && (s.tables.labels[phrase] || s.walled && slices.Contains(s.denial, phrase)) {
			return n
		}
	}
	return 0
}
