package index

import (
	"fmt"
	"hash/fnv"
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

// textHash is the sha256 of the normalised text, empty for an empty text.
func textHash(s string) string {
	if s = normalText(s); s == "" {
		return ""
	}
	return hexHash(s)
}

// simhash is Charikar's similarity hash of a text's shingles of three words, 16
// hex digits: texts that share most of their shingles differ in few bits. It is
// empty for a text without words.
func simhash(s string) string {
	words := splitWords(normalText(s))
	if len(words) == 0 {
		return ""
	}
	size := min(shingleWords, len(words))
	var sums [64]int
	for i := 0; i+size <= len(words); i++ {
		h := fnv.New64a()
		h.Write([]byte(strings.Join(words[i:i+size], " ")))
		bitsOf := mixed(h.Sum64())
		for b := range sums {
			if bitsOf>>b&1 == 1 {
				sums[b]++
			} else {
				sums[b]--
			}
		}
	}
	var out uint64
	for b, sum := range sums {
		if sum > 0 {
			out |= 1 << b
		}
	}
	return fmt.Sprintf("%016x", out)
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
	var words []string
	var run strings.Builder
	flush := func() {
		if run.Len() > 0 {
			words = append(words, run.String())
			run.Reset()
		}
	}
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			flush()
			words = append(words, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			run.WriteRune(r)
		default:
			flush()
		}
	}
	flush()
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
