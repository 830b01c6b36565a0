package scrub

import (
	"encoding/binary"
	"hash/fnv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// dictionary gives every word an invented one: the same word always the same,
// different words different ones, of the same length and script.
type dictionary struct {
	seed  uint64
	real  map[string]bool   // words of the pages: never invented
	given map[string]string // real to invented
	taken map[string]bool   // invented words in use
	stays func(lower string) bool
}

func newDictionary(seed uint64, stays func(string) bool) *dictionary {
	return &dictionary{seed: seed, real: map[string]bool{}, given: map[string]string{}, taken: map[string]bool{}, stays: stays}
}

// learn makes a word known, so that it is never invented for another.
func (d *dictionary) learn(w string) { d.real[foldWord(strings.ToLower(w))] = true }

// invent gives a word's counterpart in the capitalisation of the original.
// Letters with a diacritic keep one, so that encodings stay what they are.
func (d *dictionary) invent(w string) string {
	key := foldWord(strings.ToLower(w))
	out, ok := d.given[key]
	if !ok {
		out = d.fresh(key)
		d.given[key], d.taken[out] = out, true
	}
	return dress(out, w)
}

// fresh tries candidates until one is neither real nor in use. Short words run
// out of candidates: then two may share one.
func (d *dictionary) fresh(key string) string {
	out := ""
	for attempt := range 400 {
		out = d.candidate(key, attempt)
		switch {
		case out == key:
		case attempt < 300 && (d.taken[out] || d.stays(out)):
		case attempt < 200 && d.real[out]:
		default:
			return out
		}
	}
	return out
}

func (d *dictionary) candidate(key string, attempt int) string {
	g := newDice(d.seed, key, attempt)
	rs := []rune(key)
	vowel := g.below(2) == 0
	hex := isHex(key)
	for i, r := range rs {
		switch {
		case unicode.Is(unicode.M, r):
			continue
		case r >= '0' && r <= '9':
			rs[i] = rune('0' + g.below(10))
			if i == 0 && r != '0' {
				rs[i] = rune('1' + g.below(9))
			}
		case hex:
			rs[i] = rune('a' + g.below(6))
		case len(rs) <= 2 && r < 0x80:
			rs[i] = rune('a' + g.below(26))
		default:
			rs[i] = letterLike(g, r, vowel)
		}
		vowel = !vowel
	}
	return string(rs)
}

// isHex tells tokens of hexadecimal digits that hold digits and letters.
func isHex(s string) bool {
	digits, letters := false, false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case r >= 'a' && r <= 'f':
			letters = true
		default:
			return false
		}
	}
	return digits && letters
}

// alphabet is a script whose words are spelled in turns of consonants and
// vowels.
type alphabet struct {
	script             *unicode.RangeTable
	consonants, vowels []rune
}

var alphabets = [...]alphabet{
	{unicode.Latin, []rune("bdfgklmnprstvz"), []rune("aeiou")},
	{unicode.Cyrillic, []rune("бвгдзклмнпрст"), []rune("аеиоу")},
	{unicode.Greek, []rune("βγδκλμνπρτ"), []rune("αειου")},
	{unicode.Arabic, []rune("بتجدرسكلمن"), []rune("اوي")},
	{unicode.Hebrew, []rune("בגדהכלמנרש"), []rune("אוי")},
	{unicode.Hiragana, []rune("かきさしたなにまみらり"), []rune("あいうえお")},
	{unicode.Katakana, []rune("カキサシタナニマミラリ"), []rune("アイウエオ")},
}

func letterLike(g *dice, r rune, vowel bool) rune {
	for _, a := range alphabets {
		if !unicode.Is(a.script, r) {
			continue
		}
		if vowel {
			return a.vowels[g.below(len(a.vowels))]
		}
		return a.consonants[g.below(len(a.consonants))]
	}
	switch {
	case unicode.Is(unicode.Han, r):
		return rune(0x4e00 + g.below(0x9fa5-0x4e00))
	case unicode.Is(unicode.Hangul, r):
		return rune(0xac00 + g.below(0xd7a3-0xac00))
	}
	return neighbour(g, r)
}

// neighbour is another letter of the same block and category.
func neighbour(g *dice, r rune) rune {
	block := r &^ 0x7f
	for range 64 {
		c := block + rune(g.below(0x80))
		if c != r && unicode.IsLetter(c) && unicode.IsLower(c) == unicode.IsLower(r) {
			return c
		}
	}
	return r
}

// foldWord drops diacritics of Latin letters: a slug writes a name without.
func foldWord(lower string) string {
	ascii := true
	for i := range len(lower) {
		ascii = ascii && lower[i] < 0x80
	}
	if ascii {
		return lower
	}
	rs := []rune(lower)
	for i, r := range rs {
		if r >= 0xc0 && r < 0x250 {
			if base := []rune(norm.NFD.String(string(r)))[0]; base < 0x80 {
				rs[i] = base
			}
		}
	}
	return string(rs)
}

var accents = map[rune]rune{'a': 'ä', 'e': 'é', 'i': 'í', 'o': 'ö', 'u': 'ü', 'y': 'ý'}

// dress gives an invented word the capitals and the diacritics of the original.
func dress(invented, original string) string {
	out, like := []rune(invented), []rune(original)
	if len(out) != len(like) {
		return invented
	}
	for i, r := range like {
		low := unicode.ToLower(r)
		if low >= 0xc0 && low < 0x250 && out[i] < 0x80 {
			if a, ok := accents[out[i]]; ok {
				out[i] = a
			} else {
				out[i] = low
			}
		}
		if unicode.IsUpper(r) {
			out[i] = unicode.ToUpper(out[i])
		}
	}
	return string(out)
}

// dice are numbers that follow from a seed and a word.
type dice struct {
	state uint64
}

func newDice(seed uint64, key string, attempt int) *dice {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(attempt))
	_, _ = h.Write(b[:])
	_, _ = h.Write([]byte(key))
	return &dice{h.Sum64()}
}

// below is the next number from 0 to n-1 (splitmix64).
func (g *dice) below(n int) int {
	g.state += 0x9e3779b97f4a7c15
	z := g.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}
