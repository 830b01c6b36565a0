package privacy

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"forumine/extract/forum"
)

// words is a turn at the texts of one post.
type words struct {
	*turn
	linked []string // names that the post links to: they go wherever it writes them
	code   string   // an @word of it is no mention, unless it is a name
}

func (t *turn) wordsOf(p *forum.Post) *words {
	w := &words{turn: t, code: p.Body.Code}
	if !t.hides() {
		return w
	}
	for _, m := range p.Mentions {
		w.link(m.Name)
	}
	for _, name := range t.linkedNames(p.Body.HTML) {
		w.link(name)
	}
	slices.SortFunc(w.linked, func(a, b string) int { return len(b) - len(a) })
	return w
}

func (w *words) link(name string) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "@")
	if utf8.RuneCountInString(name) > 1 && !slices.Contains(w.linked, name) {
		w.linked = append(w.linked, name)
	}
}

// text is a text that belongs to no post.
func (t *turn) text(s string) string { return (&words{turn: t}).text(s) }

// named is a short text of which every name of the page goes.
func (t *turn) named(s string) string {
	if !t.hides() || s == "" {
		return t.forgotten(s)
	}
	return (&words{turn: t, linked: t.people.names}).text(s)
}

// text replaces in a text what is more than a word of it: mentions, the names
// that the post links, attributions, addresses of accounts; and masks what the
// policy says.
func (w *words) text(s string) string {
	if s == "" {
		return s
	}
	s = w.forgotten(s)
	if w.hides() {
		s = w.unnamed(s)
		s = reURL.ReplaceAllStringFunc(s, w.writtenURL)
		s = w.mentioned(s)
		s = w.attributed(s)
	}
	return w.masked(s)
}

// reURL is an address within a text.
var reURL = regexp.MustCompile(`https?://[^\s<>"'\]\[)(]+`)

func (w *words) writtenURL(raw string) string {
	end := len(strings.TrimRight(raw, ".,;:!?"))
	if !w.tells(raw[:end]) {
		return raw
	}
	to := w.personURL(raw[:end])
	if to == "" {
		to = dropMark
	}
	return to + raw[end:]
}

// mentioned replaces "@name", and the names that the post links wherever they
// stand.
func (w *words) mentioned(s string) string {
	var b strings.Builder
	before := ' '
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if n, by := w.nameAt(s[i:], r, before); n > 0 {
			b.WriteString(by)
			i += n
			before = 'x'
			continue
		}
		b.WriteString(s[i : i+size])
		i += size
		before = r
	}
	return b.String()
}

// nameAt gives the length of a mention or linked name that a text begins with,
// and what stands for it.
func (w *words) nameAt(s string, r, before rune) (int, string) {
	if isWord(before) || before == '.' && r == '@' {
		return 0, ""
	}
	if r != '@' {
		if name := leading(s, w.linked); name != "" {
			return len(name), w.spoken(name)
		}
		return 0, ""
	}
	name := leading(s[1:], w.people.names)
	if name == "" {
		name = leading(s[1:], w.linked)
	}
	if name == "" {
		name = handle(s[1:])
		if name != "" && strings.Contains(w.code, "@"+name) {
			name = ""
		}
	}
	if name == "" {
		return 0, ""
	}
	return 1 + len(name), "@" + w.spoken(name)
}

// leading is the first of some names that a text begins with as a whole word.
func leading(s string, names []string) string {
	for _, name := range names {
		if len(s) < len(name) || !strings.EqualFold(s[:len(name)], name) {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(s[len(name):]); len(s) == len(name) || !isWord(next) {
			return s[:len(name)]
		}
	}
	return ""
}

// handle is the word that follows an @, as forums allow it for names.
func handle(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) && r != '.' && r != '-' })
	if end < 0 {
		end = len(s)
	}
	name := strings.TrimRight(s[:end], ".-")
	if utf8.RuneCountInString(name) < 2 {
		return ""
	}
	return name
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// maxAttribution is how much longer than a name the line may be that says who is
// quoted, in bytes.
const maxAttribution = 48

// attributed replaces the names in lines that say who is quoted: short, with a
// colon at the end or a quote's tag at the beginning.
func (w *words) attributed(s string) string {
	if !strings.Contains(s, ":") && !strings.Contains(s, "[") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		bare := strings.TrimSpace(line)
		tag := strings.HasPrefix(strings.ToLower(bare), "[quote")
		if !tag && !strings.HasSuffix(bare, ":") {
			continue
		}
		lines[i] = w.attribution(line, tag)
	}
	return strings.Join(lines, "\n")
}

func (w *words) attribution(line string, tag bool) string {
	for _, name := range w.people.names {
		if !tag && len(line) > len(name)+maxAttribution {
			continue
		}
		inner := words{turn: w.turn, linked: []string{name}}
		if out := inner.mentioned(line); out != line {
			return out
		}
	}
	return line
}

var (
	reEmail = regexp.MustCompile(`[\pL\pN._%+-]+(?:@|\s?[\[(]at[\])]\s?)[\pL\pN-]+(?:(?:\.|\s?[\[(]dot[\])]\s?)[\pL\pN-]+)*(?:\.|\s?[\[(]dot[\])]\s?)\pL{2,}`)
	rePhone = regexp.MustCompile(`(?:\+|\b00?)[1-9](?:[ .()/-]{0,2}\d){6,13}\b|\(\d{2,5}\)[ ./-]?\d(?:[ ./-]?\d){4,9}\b|\b\d{3}[-.]\d{3}[-.]\d{4}\b|\b0\d{1,4}[ /-]\d(?:[ /-]?\d){4,9}\b`)
)

// What stands for what is masked.
const (
	emailMark = "[e-mail]"
	phoneMark = "[phone]"
)

// masked masks e-mail addresses and telephone numbers, where the policy says so.
func (t *turn) masked(s string) string {
	if slices.Contains(t.policy.Mask, MaskEmails) {
		s = reEmail.ReplaceAllLiteralString(s, emailMark)
	}
	if slices.Contains(t.policy.Mask, MaskPhones) {
		s = rePhone.ReplaceAllLiteralString(s, phoneMark)
	}
	return s
}
