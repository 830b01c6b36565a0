package query

import (
	"strings"
	"unicode/utf8"
)

// maxTokenLen is the greatest length of a token in UTF-16 units; the standard
// tokenizer cuts longer ones into pieces.
const maxTokenLen = 255

// Token is one searchable token of a text. Start and End are byte offsets of
// its surface in the text that was split.
type Token struct {
	Text       string // lower-cased, accents folded; as it is indexed and compared
	Start, End int
}

// Words splits a text into tokens by the rule of both indexes: the word
// boundaries of Unicode (UAX #29) as Elasticsearch's standard tokenizer draws
// them, then lower case, then accents folded. "don't", "3.14", "foo_bar" and
// "example.com" are one token each; every Han and Hiragana character is a token
// of its own; runs of Katakana, of Hangul, of Thai stay whole; an emoji sequence
// is one token.
func Words(text string) []Token {
	tokens := make([]Token, 0, len(text)/6+1)
	for i := 0; i < len(text); {
		end := wordEnd(text, i)
		if end == i {
			i = pastNoWord(text, i)
			continue
		}
		tokens = appendPieces(tokens, text, i, end)
		i = end
	}
	return tokens
}

// pastNoWord is where to look on when no token starts at i. A run of connectors
// is passed at once: looking at each would cost the square of its length.
func pastNoWord(s string, i int) int {
	r, n := utf8.DecodeRuneInString(s[i:])
	if classOf(r) == wbExtendNumLet {
		return runEnd(s, i, wbExtendNumLet)
	}
	return i + n
}

// CodeWords splits program text and file names: maximal runs of letters and
// digits, lower-cased, accents kept. It is the rule of the forum_code analyzer.
func CodeWords(text string) []Token {
	var tokens []Token
	start := -1
	for i, r := range text {
		if isLetterOrNumber(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			tokens = append(tokens, Token{lower(text[start:i]), start, i})
			start = -1
		}
	}
	if start >= 0 {
		tokens = append(tokens, Token{lower(text[start:]), start, len(text)})
	}
	return tokens
}

// appendPieces adds text[start:end] as a token, cut where it is too long.
func appendPieces(tokens []Token, text string, start, end int) []Token {
	if end-start <= maxTokenLen {
		return append(tokens, Token{Fold(text[start:end]), start, end})
	}
	units, from := 0, start
	for i := start; i < end; {
		r, n := utf8.DecodeRuneInString(text[i:])
		width := 1
		if r > 0xFFFF {
			width = 2
		}
		if units+width > maxTokenLen {
			tokens = append(tokens, Token{Fold(text[from:i]), from, i})
			units, from = 0, i
		}
		units += width
		i += n
	}
	return append(tokens, Token{Fold(text[from:end]), from, end})
}

// Fold lower-cases a text and folds its accents: the form in which words, and
// the names that compare case-insensitively, are compared.
func Fold(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		r = lowerRune(r)
		if r >= 0x80 {
			if f := foldRune(r); f != "" {
				b.WriteString(f)
				continue
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

func lower(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(lowerRune, s)
}

// isPlain tells whether a text is ASCII without capitals.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] >= 'A' && s[i] <= 'Z' {
			return false
		}
	}
	return true
}

// wordEnd is where the token that starts at i ends; i itself when none starts.
func wordEnd(s string, i int) int {
	return max(emojiEnd(s, i), plainWordEnd(s, i)) // the longest match wins
}

func plainWordEnd(s string, i int) int {
	if r, _ := utf8.DecodeRuneInString(s[i:]); classOf(r) == wbExtend {
		return i // a mark without a letter before it
	}
	c, next := cluster(s, i)
	switch c {
	case wbHan, wbHiragana:
		return next
	case wbComplex:
		return runEnd(s, i, wbComplex)
	case wbLetter, wbHebrew, wbNumeric, wbKatakana:
		return growWord(s, c, next)
	case wbExtendNumLet:
		return growFromConnector(s, i, next)
	}
	return i
}

// growFromConnector is the end of a word that begins with connectors such as
// "_"; connectors alone are no word.
func growFromConnector(s string, start, next int) int {
	for next < len(s) {
		c, after := cluster(s, next)
		if c != wbExtendNumLet {
			if c == wbLetter || c == wbHebrew || c == wbNumeric || c == wbKatakana {
				return growWord(s, c, after)
			}
			return start
		}
		next = after
	}
	return start
}

// growWord follows the rules WB5 to WB13b of UAX #29 from a cluster of class
// prev that ends at i.
func growWord(s string, prev wordClass, i int) int {
	for i < len(s) {
		c, next := cluster(s, i)
		if joins(prev, c) {
			prev, i = c, next
			continue
		}
		if prev == wbHebrew && c == wbSingleQuote { // WB7a, with WB7 first
			if after, end := cluster(s, next); end > next && (after == wbHebrew || after == wbLetter) {
				prev, i = after, end
				continue
			}
			prev, i = wbLetter, next
			continue
		}
		after, end := cluster(s, next)
		if end == next || !joinsAcross(prev, c, after) {
			return i
		}
		prev, i = after, end
	}
	return i
}

func runEnd(s string, i int, class wordClass) int {
	for i < len(s) {
		c, next := cluster(s, i)
		if c != class {
			return i
		}
		i = next
	}
	return i
}

// joins tells whether no boundary stands between two clusters (WB5, 8 to 10,
// 13 to 13b).
func joins(a, b wordClass) bool {
	switch {
	case a == wbKatakana && b == wbKatakana:
		return true
	case isAlphaNumeric(a) && isAlphaNumeric(b):
		return true
	case b == wbExtendNumLet:
		return isAlphaNumeric(a) || a == wbKatakana || a == wbExtendNumLet
	case a == wbExtendNumLet:
		return isAlphaNumeric(b) || b == wbKatakana
	}
	return false
}

// joinsAcross tells whether mid, a cluster between a and b, joins them (WB6 and
// 7, 7b and 7c, 11 and 12).
func joinsAcross(a, mid, b wordClass) bool {
	switch mid {
	case wbMidLetter:
		return isAlpha(a) && isAlpha(b)
	case wbMidNum:
		return a == wbNumeric && b == wbNumeric
	case wbMidNumLet, wbSingleQuote:
		return isAlpha(a) && isAlpha(b) || a == wbNumeric && b == wbNumeric
	case wbDoubleQuote:
		return a == wbHebrew && b == wbHebrew
	}
	return false
}

func isAlpha(c wordClass) bool        { return c == wbLetter || c == wbHebrew }
func isAlphaNumeric(c wordClass) bool { return isAlpha(c) || c == wbNumeric }

// cluster is the class of the character at i and the end of it with the marks
// and format characters that follow (WB4). At the end of the text the end is i.
func cluster(s string, i int) (wordClass, int) {
	if i >= len(s) {
		return wbOther, i
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	c := classOf(r)
	i += n
	for i < len(s) && s[i] >= 0x80 {
		r, n = utf8.DecodeRuneInString(s[i:])
		if !extends(r) {
			break
		}
		i += n
	}
	return c, i
}
