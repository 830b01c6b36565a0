package query

import (
	"unicode"
	"unicode/utf8"
)

// wordClass is a character's Word_Break class (UAX #29, table 3), with the
// scripts that the standard tokenizer treats on their own.
type wordClass uint8

const (
	wbOther wordClass = iota
	wbLetter
	wbHebrew
	wbNumeric
	wbKatakana
	wbHan
	wbHiragana
	wbComplex // scripts written without spaces: Thai, Lao, Khmer, Myanmar
	wbExtendNumLet
	wbMidLetter
	wbMidNum
	wbMidNumLet
	wbSingleQuote
	wbDoubleQuote
	wbExtend // marks, format characters and the zero-width joiner
)

func classOf(r rune) wordClass {
	if r < 0x80 {
		return asciiClass(r)
	}
	if c := punctuationClass(r); c != wbOther {
		return c
	}
	if isSkinTone(r) {
		return wbExtend
	}
	if c := scriptClass(r); c != wbOther {
		return c
	}
	switch {
	case unicode.In(r, unicode.Mn, unicode.Mc, unicode.Me, unicode.Cf):
		if r == 0x200B { // zero width space: a boundary
			return wbOther
		}
		return wbExtend
	case unicode.Is(unicode.Nd, r):
		return wbNumeric
	case unicode.Is(unicode.Pc, r):
		return wbExtendNumLet
	case r == 0x3006:
		return wbOther
	case unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic), isLetterlike(r):
		return wbLetter
	}
	return wbOther
}

// extends tells whether a character belongs to the one before it (WB4).
func extends(r rune) bool {
	return classOf(r) == wbExtend || unicode.Is(complexContext, r) && unicode.In(r, unicode.Mn, unicode.Mc)
}

func asciiClass(r rune) wordClass {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		return wbLetter
	case r >= '0' && r <= '9':
		return wbNumeric
	}
	switch r {
	case '_':
		return wbExtendNumLet
	case ':':
		return wbMidLetter
	case ',', ';':
		return wbMidNum
	case '.':
		return wbMidNumLet
	case '\'':
		return wbSingleQuote
	case '"':
		return wbDoubleQuote
	}
	return wbOther
}

func punctuationClass(r rune) wordClass {
	switch r {
	case 0x00B7, 0x0387, 0x05F4, 0x2027, 0xFE13, 0xFE55, 0xFF1A:
		return wbMidLetter
	case 0x037E, 0x0589, 0x060C, 0x060D, 0x066C, 0x07F8, 0x2044, 0xFE10, 0xFE14, 0xFE50, 0xFE54, 0xFF0C, 0xFF1B:
		return wbMidNum
	case 0x2018, 0x2019, 0x2024, 0xFE52, 0xFF07, 0xFF0E:
		return wbMidNumLet
	case 0x202F:
		return wbExtendNumLet
	case 0x066B:
		return wbNumeric
	}
	return wbOther
}

// scriptClass is the class of the characters that their script decides.
func scriptClass(r rune) wordClass {
	switch {
	case r < 0x0590 || r > 0x1FFFF && r < 0x20000:
		return wbOther
	case unicode.Is(unicode.Hebrew, r) && unicode.IsLetter(r):
		return wbHebrew
	case unicode.Is(complexContext, r):
		if unicode.IsDigit(r) {
			return wbNumeric
		}
		return wbComplex
	case r < 0x2E80:
		return wbOther
	case r == 0xFF9E, r == 0xFF9F:
		return wbExtend
	case unicode.Is(katakanaMarks, r), unicode.Is(unicode.Katakana, r):
		return wbKatakana
	case unicode.Is(unicode.Hiragana, r):
		return wbHiragana
	case r == 0x3005, r == 0x303B: // iteration marks
		return wbLetter
	case unicode.Is(unicode.Han, r) && r != 0x3006:
		return wbHan
	}
	return wbOther
}

// The tables below are read only.

// complexContext holds the blocks of the scripts whose lines break by
// dictionary (Line_Break=SA): Thai, Lao, Myanmar, Khmer, Tai Le, New Tai Lue,
// Tai Tham, Tai Viet, Ahom.
var complexContext = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0E01, Hi: 0x0E3A, Stride: 1},
		{Lo: 0x0E40, Hi: 0x0E4E, Stride: 1},
		{Lo: 0x0E80, Hi: 0x0ECF, Stride: 1},
		{Lo: 0x0EDC, Hi: 0x0EDF, Stride: 1},
		{Lo: 0x1000, Hi: 0x103F, Stride: 1},
		{Lo: 0x1050, Hi: 0x108F, Stride: 1},
		{Lo: 0x109A, Hi: 0x109F, Stride: 1},
		{Lo: 0x1780, Hi: 0x17D3, Stride: 1},
		{Lo: 0x17D7, Hi: 0x17D7, Stride: 1},
		{Lo: 0x17DC, Hi: 0x17DD, Stride: 1},
		{Lo: 0x1950, Hi: 0x19C9, Stride: 1},
		{Lo: 0x19DA, Hi: 0x19DF, Stride: 1},
		{Lo: 0x1A20, Hi: 0x1A7C, Stride: 1},
		{Lo: 0x1AA0, Hi: 0x1AAD, Stride: 1},
		{Lo: 0xA9E0, Hi: 0xA9EF, Stride: 1},
		{Lo: 0xA9FA, Hi: 0xA9FE, Stride: 1},
		{Lo: 0xAA60, Hi: 0xAAC2, Stride: 1},
		{Lo: 0xAADB, Hi: 0xAADF, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0x11700, Hi: 0x1172B, Stride: 1}},
}

// katakanaMarks are shared marks that count as Katakana.
var katakanaMarks = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x3031, Hi: 0x3035, Stride: 1},
	{Lo: 0x309B, Hi: 0x309C, Stride: 1},
	{Lo: 0x30A0, Hi: 0x30A0, Stride: 1},
	{Lo: 0x30FC, Hi: 0x30FC, Stride: 1},
	{Lo: 0xFF70, Hi: 0xFF70, Stride: 1},
}}

// isLetterlike tells the symbols that UAX #29 counts among the letters.
func isLetterlike(r rune) bool {
	switch {
	case r >= 0x02C2 && r <= 0x02C5, r >= 0x02D2 && r <= 0x02D7, r >= 0x02DE && r <= 0x02DF, r >= 0x02EC && r <= 0x02FF:
		return true
	case r == 0xA720, r == 0xA721, r == 0xA789, r == 0xA78A, r == 0xAB5B, r == 0x055B, r == 0x055C, r == 0x055E, r == 0x05F3:
		return true
	case r >= 0x24B6 && r <= 0x24E9, r >= 0x1F130 && r <= 0x1F149, r >= 0x1F150 && r <= 0x1F169, r >= 0x1F170 && r <= 0x1F189:
		return true
	}
	return false
}

func isLetterOrNumber(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

func lowerRune(r rune) rune { return unicode.ToLower(r) }
