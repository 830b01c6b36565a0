package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// emojiEnd is where the emoji sequence (UTS #51) that starts at i ends; i when
// none does: a keycap, a flag of two regional indicators, or pictographs with
// their modifiers, joined by zero-width joiners.
func emojiEnd(s string, i int) int {
	if end := emojiKeycap(s, i); end > i {
		return end
	}
	if s[i] < 0x80 {
		return i
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if next, m := utf8.DecodeRuneInString(s[i+n:]); r == 0x200D && unicode.Is(pictographs, next) {
		r, n = next, n+m
	}
	if isRegional(r) {
		flag, _ := emojiTail(s, i+n)
		if r2, n2 := utf8.DecodeRuneInString(s[flag:]); isRegional(r2) {
			end, _ := emojiTail(s, flag+n2)
			return end
		}
		return i
	}
	if !unicode.Is(pictographs, r) {
		return i
	}
	end, joined := emojiTail(s, i+n)
	for joined {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !unicode.Is(pictographs, r) {
			break
		}
		end, joined = emojiTail(s, end+n)
	}
	return end
}

// emojiTail passes the selectors, skin tones, tags and marks after a
// pictograph; joined tells whether a zero-width joiner comes last. The selector
// of text presentation (U+FE0E) is left out, and only a joiner may follow the
// other one (U+FE0F), as the standard tokenizer has it.
func emojiTail(s string, i int) (end int, joined bool) {
	for last := rune(0); i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !extends(r) || r == 0xFE0E || last == 0xFE0F && r != 0x200D {
			break
		}
		last = r
		joined = r == 0x200D
		i += n
	}
	return i, joined
}

// emojiKeycap is the end of a keycap such as 1️⃣ at i, else i.
func emojiKeycap(s string, i int) int {
	c := s[i]
	if c != '#' && c != '*' && (c < '0' || c > '9') {
		return i
	}
	rest := strings.TrimPrefix(s[i+1:], "\ufe0f")
	if strings.HasPrefix(rest, "\u20e3") {
		return len(s) - len(rest) + len("\u20e3")
	}
	return i
}

func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
func isSkinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

// pictographs holds the characters with the property Extended_Pictographic;
// read only.
var pictographs = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00A9, Hi: 0x00A9, Stride: 1},
		{Lo: 0x00AE, Hi: 0x00AE, Stride: 1},
		{Lo: 0x203C, Hi: 0x203C, Stride: 1},
		{Lo: 0x2049, Hi: 0x2049, Stride: 1},
		{Lo: 0x2122, Hi: 0x2122, Stride: 1},
		{Lo: 0x2139, Hi: 0x2139, Stride: 1},
		{Lo: 0x2194, Hi: 0x2199, Stride: 1},
		{Lo: 0x21A9, Hi: 0x21AA, Stride: 1},
		{Lo: 0x231A, Hi: 0x231B, Stride: 1},
		{Lo: 0x2328, Hi: 0x2328, Stride: 1},
		{Lo: 0x2388, Hi: 0x2388, Stride: 1},
		{Lo: 0x23CF, Hi: 0x23CF, Stride: 1},
		{Lo: 0x23E9, Hi: 0x23F3, Stride: 1},
		{Lo: 0x23F8, Hi: 0x23FA, Stride: 1},
		{Lo: 0x24C2, Hi: 0x24C2, Stride: 1},
		{Lo: 0x25AA, Hi: 0x25AB, Stride: 1},
		{Lo: 0x25B6, Hi: 0x25B6, Stride: 1},
		{Lo: 0x25C0, Hi: 0x25C0, Stride: 1},
		{Lo: 0x25FB, Hi: 0x25FE, Stride: 1},
		{Lo: 0x2600, Hi: 0x2605, Stride: 1},
		{Lo: 0x2607, Hi: 0x2612, Stride: 1},
		{Lo: 0x2614, Hi: 0x2685, Stride: 1},
		{Lo: 0x2690, Hi: 0x2705, Stride: 1},
		{Lo: 0x2708, Hi: 0x2712, Stride: 1},
		{Lo: 0x2714, Hi: 0x2714, Stride: 1},
		{Lo: 0x2716, Hi: 0x2716, Stride: 1},
		{Lo: 0x271D, Hi: 0x271D, Stride: 1},
		{Lo: 0x2721, Hi: 0x2721, Stride: 1},
		{Lo: 0x2728, Hi: 0x2728, Stride: 1},
		{Lo: 0x2733, Hi: 0x2734, Stride: 1},
		{Lo: 0x2744, Hi: 0x2744, Stride: 1},
		{Lo: 0x2747, Hi: 0x2747, Stride: 1},
		{Lo: 0x274C, Hi: 0x274C, Stride: 1},
		{Lo: 0x274E, Hi: 0x274E, Stride: 1},
		{Lo: 0x2753, Hi: 0x2755, Stride: 1},
		{Lo: 0x2757, Hi: 0x2757, Stride: 1},
		{Lo: 0x2763, Hi: 0x2767, Stride: 1},
		{Lo: 0x2795, Hi: 0x2797, Stride: 1},
		{Lo: 0x27A1, Hi: 0x27A1, Stride: 1},
		{Lo: 0x27B0, Hi: 0x27B0, Stride: 1},
		{Lo: 0x27BF, Hi: 0x27BF, Stride: 1},
		{Lo: 0x2934, Hi: 0x2935, Stride: 1},
		{Lo: 0x2B05, Hi: 0x2B07, Stride: 1},
		{Lo: 0x2B1B, Hi: 0x2B1C, Stride: 1},
		{Lo: 0x2B50, Hi: 0x2B50, Stride: 1},
		{Lo: 0x2B55, Hi: 0x2B55, Stride: 1},
		{Lo: 0x3030, Hi: 0x3030, Stride: 1},
		{Lo: 0x303D, Hi: 0x303D, Stride: 1},
		{Lo: 0x3297, Hi: 0x3297, Stride: 1},
		{Lo: 0x3299, Hi: 0x3299, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1F000, Hi: 0x1F0F5, Stride: 1},
		{Lo: 0x1F10D, Hi: 0x1F10F, Stride: 1},
		{Lo: 0x1F12F, Hi: 0x1F12F, Stride: 1},
		{Lo: 0x1F16C, Hi: 0x1F171, Stride: 1},
		{Lo: 0x1F17E, Hi: 0x1F17F, Stride: 1},
		{Lo: 0x1F18E, Hi: 0x1F18E, Stride: 1},
		{Lo: 0x1F191, Hi: 0x1F19A, Stride: 1},
		{Lo: 0x1F1AD, Hi: 0x1F1AD, Stride: 1},
		{Lo: 0x1F201, Hi: 0x1F202, Stride: 1},
		{Lo: 0x1F21A, Hi: 0x1F21A, Stride: 1},
		{Lo: 0x1F22F, Hi: 0x1F22F, Stride: 1},
		{Lo: 0x1F232, Hi: 0x1F23A, Stride: 1},
		{Lo: 0x1F250, Hi: 0x1F265, Stride: 1},
		{Lo: 0x1F300, Hi: 0x1F53D, Stride: 1},
		{Lo: 0x1F546, Hi: 0x1F64F, Stride: 1},
		{Lo: 0x1F680, Hi: 0x1F6FC, Stride: 1},
		{Lo: 0x1F7D5, Hi: 0x1F7F0, Stride: 1},
		{Lo: 0x1F8B0, Hi: 0x1F8B1, Stride: 1},
		{Lo: 0x1F90C, Hi: 0x1F93A, Stride: 1},
		{Lo: 0x1F93C, Hi: 0x1F945, Stride: 1},
		{Lo: 0x1F947, Hi: 0x1FBCA, Stride: 1},
		{Lo: 0x1FBF0, Hi: 0x1FBF9, Stride: 1},
	},
	LatinOffset: 2,
}
