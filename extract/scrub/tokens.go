package scrub

import "unicode"

// kind of a token.
type kind byte

const (
	word   kind = 'w'
	number kind = 'n'
	sign   kind = 'p'
	space  kind = 's'
)

// token is a run of letters of one way of writing, a run of digits, white
// space, or one sign.
type token struct {
	text string
	kind kind
	done bool // replaced, or meant to stay
}

func tokens(s string) []token {
	rs := []rune(s)
	out := make([]token, 0, len(rs)/4+1)
	for i := 0; i < len(rs); {
		j := i + 1
		t := token{kind: sign}
		switch r := rs[i]; {
		case unicode.IsSpace(r):
			t.kind = space
			j = runEnd(rs, i, unicode.IsSpace)
		case unicode.Is(unicode.Nd, r):
			t.kind = number
			j = runEnd(rs, i, func(r rune) bool { return unicode.Is(unicode.Nd, r) })
		case isLetter(r):
			t.kind = word
			class := solidClass(r)
			j = runEnd(rs, i, func(r rune) bool { return isLetter(r) && solidClass(r) == class })
		}
		t.text = string(rs[i:j])
		out = append(out, t)
		i = j
	}
	return out
}

func runEnd(rs []rune, i int, in func(rune) bool) int {
	for i < len(rs) && in(rs[i]) {
		i++
	}
	return i
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.M, r) && r < 0xfe00 }

// solidClass tells scripts that write without spaces apart: a run of one of
// them ends where another begins. 0 is all others; marks that Japanese shares
// go with katakana.
func solidClass(r rune) int {
	switch {
	case r < 0x1100:
		return 0
	case unicode.Is(unicode.Han, r):
		return 1
	case unicode.Is(unicode.Hiragana, r):
		return 2
	case unicode.Is(unicode.Katakana, r) || r == 'ー':
		return 3
	case unicode.Is(unicode.Hangul, r):
		return 4
	}
	return 0
}

// value is the number that a run of decimal digits of any script stands for,
// -1 when it is too long.
func (t token) value() int {
	n := 0
	for i, r := range []rune(t.text) {
		if i > 8 {
			return -1
		}
		n = n*10 + digitValue(r)
	}
	return n
}

// digitValue is the value of a decimal digit: every script's ten stand in a row.
func digitValue(r rune) int {
	if r <= '9' {
		return int(r - '0')
	}
	zero := r
	for range 9 {
		if !unicode.Is(unicode.Nd, zero-1) {
			break
		}
		zero--
	}
	return int(r - zero)
}

// likeDigits writes ASCII digits in the script of the sample.
func likeDigits(ascii, sample string) string {
	r := []rune(sample)[0]
	if r <= '9' {
		return ascii
	}
	zero := r - rune(digitValue(r))
	out := []rune(ascii)
	for i := range out {
		out[i] = zero + out[i] - '0'
	}
	return string(out)
}

// asciiOf writes a run of decimal digits in ASCII.
func asciiOf(s string) string {
	out := []rune(s)
	for i, r := range out {
		out[i] = '0' + rune(digitValue(r))
	}
	return string(out)
}
