package index

import (
	"fmt"
	"math/bits"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

const shingleWords = 3

// normalText is a text for comparing: NFKC, lower case, single spaces.
func normalText(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ")
}

// textHash is the sha256 of a normalised text, empty for an empty text.
func textHash(normal string) string {
	if normal == "" {
		return ""
	}
	return hexHash(normal)
}

// simhash is Charikar's similarity hash of the shingles of three words of a
// normalised text, 16 hex digits: texts that share most of their shingles differ in
// few bits. It is empty for a text without words.
func simhash(normal string) string {
	words := splitWords(normal)
	if len(words) == 0 {
		return ""
	}
	size := min(shingleWords, len(words))
	shingles := len(words) - size + 1
	var ones bitCounts
	for i := range shingles {
		ones.add(mixed(shingleHash(words[i : i+size])))
	}
	var out uint64
	for b, n := range ones.all() {
		if 2*n > shingles {
			out |= 1 << b
		}
	}
	return fmt.Sprintf("%016x", out)
}

// The offset and the prime of FNV-1a, 64 bit.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// shingleHash is the FNV-1a hash of words with a space between them.
func shingleHash(words []string) uint64 {
	h := uint64(fnvOffset)
	for i, w := range words {
		if i > 0 {
			h = (h ^ ' ') * fnvPrime
		}
		for j := range len(w) {
			h = (h ^ uint64(w[j])) * fnvPrime
		}
	}
	return h
}

// bitCounts counts for each of 64 bits how often it was set. Eight counters of a
// byte lie in one number, so that a byte of a hash takes one addition; they are
// emptied before they run over.
type bitCounts struct {
	lanes [8]uint64
	n     int // additions since the lanes were emptied
	total [64]int
}

func (c *bitCounts) add(h uint64) {
	const one = 0x0101010101010101
	for i := range c.lanes {
		eight := (h >> (8 * i) & 0xff) * one & 0x8040201008040201 // bit b, if set, in byte b
		c.lanes[i] += (eight + 0x7f*one) >> 7 & one
	}
	if c.n++; c.n == 255 {
		c.empty()
	}
}

func (c *bitCounts) empty() {
	for i, lanes := range c.lanes {
		for b := range 8 {
			c.total[8*i+b] += int(lanes >> (8 * b) & 0xff)
		}
	}
	c.lanes, c.n = [8]uint64{}, 0
}

func (c *bitCounts) all() [64]int {
	c.empty()
	return c.total
}

// mixed spreads a hash over all of its bits: FNV leaves short texts alike in the
// high ones.
func mixed(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Distance is the number of bits, 0 to 64, in which two simhashes differ; -1 if
// either is none.
func Distance(a, b string) int {
	var x, y uint64
	if _, err := fmt.Sscanf(a, "%016x", &x); err != nil {
		return -1
	}
	if _, err := fmt.Sscanf(b, "%016x", &y); err != nil {
		return -1
	}
	return bits.OnesCount64(x ^ y)
}

// splitWords cuts a text into runs of letters and digits. Scripts without spaces
// between words give one word a character.
func splitWords(s string) []string {
	words := make([]string, 0, len(s)/5)
	start := -1 // of the run
	flush := func(end int) {
		if start >= 0 {
			words = append(words, s[start:end])
			start = -1
		}
	}
	for i, r := range s {
		switch {
		case r < 0x80 && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z'):
			flush(i)
		case r >= 0x80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			flush(i)
			words = append(words, string(r))
		case r < 0x80 || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
		}
	}
	flush(len(s))
	return words
}

// domainOf is the registrable domain of an address by the public suffix list,
// the host where there is none.
func domainOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return domain
}

// excerpt is the beginning of a text on one line, cut between words.
func excerpt(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	runes := []rune(s)
	if len(runes) <= excerptLen {
		return s
	}
	cut := string(runes[:excerptLen-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
