package dom

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// token is a number, a word or a sign of a text. Characters of scripts that
// write without spaces are words of their own.
type token struct {
	text string
	n    int // value of a number
	kind byte
	used bool
}

const (
	number = 'n'
	word   = 'w'
	sign   = 'p'
)

// tokens appends a text's tokens to a list.
func tokens(out []token, s string) []token {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		end := i + size
		t := token{kind: sign}
		switch {
		case unicode.IsSpace(r):
			i = end
			continue
		case r >= '0' && r <= '9':
			for end < len(s) && s[end] >= '0' && s[end] <= '9' {
				end++
			}
			t.kind = number
			n, err := strconv.Atoi(s[i:end])
			if t.n = n; err != nil {
				t.n = -1
			}
		case isSolid(r):
			t.kind = word
		case isLetter(r):
			t.kind = word
			end = wordTail(s, end)
		}
		t.text = s[i:end]
		out = append(out, t)
		i = end
	}
	return out
}

// abbreviates tells the point within a month's short name in Thai, "ก.พ.".
func abbreviates(s string, i int) bool {
	if s[i] != '.' {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	behind, _ := utf8.DecodeRuneInString(s[i+1:])
	return unicode.Is(unicode.Thai, before) && unicode.Is(unicode.Thai, behind)
}

// isLetter tells the characters that words are made of.
func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.IsLetter(r) || unicode.Is(unicode.M, r)
}

// wordTail is where the word ends whose first letter stands before i.
func wordTail(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isLetter(r) && r != '\'' && r != '’' && !abbreviates(s, i) || isSolid(r) {
			break
		}
		i += size
	}
	return i
}

func isSolid(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}
