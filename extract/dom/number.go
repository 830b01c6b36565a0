package dom

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Number reads the first counter in a text. Rounded tells abbreviated
// counters ("3K"), which are never exact. Groups of three after a comma, point,
// apostrophe or space are thousands; a short unit makes the last separator a
// decimal point.
func Number(s string) (n int64, rounded, ok bool) {
	s = asciiDigits(s)
	from, to := numberAt(s)
	if from < 0 {
		return 0, false, false
	}
	digits, rest := s[from:to], strings.TrimLeft(s[to:], " \u00a0\u202f")
	if factor := shortUnit(rest); factor > 1 {
		f, err := strconv.ParseFloat(decimal(digits), 64)
		if err != nil || math.Abs(f*factor) > math.MaxInt64/2 {
			return 0, false, false
		}
		return int64(math.Round(f * factor)), true, true
	}
	n, err := strconv.ParseInt(ungroup(digits), 10, 64)
	if err != nil {
		return 0, false, false
	}
	return n, false, true
}

// numberAt finds the first number with grouping in any habit: "1,188", "1.188",
// "1 188", "12". From is -1 where there is none.
func numberAt(s string) (from, to int) {
	from = strings.IndexAny(s, "0123456789")
	if from < 0 {
		return -1, -1
	}
	to = from + 1
	for i := to; i < len(s); i++ {
		if isNumeral(s[i]) {
			to = i + 1
			continue
		}
		if strings.HasPrefix(s[i:], "’") {
			i += len("’") - 1
			continue
		}
		if !strings.ContainsRune(".,' \t\n\f\r", rune(s[i])) {
			break
		}
	}
	if strings.HasSuffix(s[:from], "-") {
		from--
	} else if strings.HasSuffix(s[:from], "−") {
		from -= len("−")
	}
	return from, to
}

// Count is Number as a pointer, nil when the text holds no counter.
func Count(s string) *int64 {
	n, _, ok := Number(s)
	if !ok {
		return nil
	}
	return &n
}

// shortUnit is the factor of an abbreviating letter that ends the number.
func shortUnit(rest string) float64 {
	if rest == "" {
		return 1
	}
	r := []rune(rest)
	if len(r) > 1 && unicode.IsLetter(r[1]) && !isCJKUnit(r[0]) {
		return longUnit(rest)
	}
	switch r[0] {
	case 'k', 'K':
		return 1e3
	case 'm', 'M':
		return 1e6
	case 'b', 'B':
		return 1e9
	case '万', '萬':
		return 1e4
	case '億', '亿':
		return 1e8
	}
	return 1
}

func longUnit(rest string) float64 {
	lower := strings.ToLower(rest)
	for _, u := range [...]struct {
		word   string
		factor float64
	}{{"тыс", 1e3}, {"млн", 1e6}, {"tsd", 1e3}, {"mio", 1e6}, {"mil ", 1e3}, {"mln", 1e6}} {
		if strings.HasPrefix(lower, u.word) {
			return u.factor
		}
	}
	return 1
}

func isCJKUnit(r rune) bool { return r == '万' || r == '萬' || r == '億' || r == '亿' }

// ungroup drops everything but digits and a sign. What follows a separator and
// is not a group of three ends the number ("4.5 of 5" has the counter 4).
func ungroup(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−") {
		sign = "-"
		s = strings.TrimLeft(s, "-−")
	}
	if hasOnly(s, isNumeral) {
		return sign + s
	}
	groups := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	if len(groups) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString(groups[0])
	for i, g := range groups[1:] {
		last := i == len(groups)-2
		if len(groups[0]) > 3 || (len(g) != 3 && (len(g) != 2 || last)) {
			break
		}
		out.WriteString(g)
	}
	return sign + out.String()
}

// decimal gives a number with one point as its decimal mark.
func decimal(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, s)
	i := strings.LastIndexAny(s, ".,")
	if i < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s[:i], ".", ""), ",", "") + "." + s[i+1:]
}

// asciiDigits maps the digits of other scripts to ASCII.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r >= '०' && r <= '९':
			return '0' + r - '०'
		case r >= '０' && r <= '９':
			return '0' + r - '０'
		}
		return r
	}, s)
}

var reSize = regexp.MustCompile(`(?i)(\d[\d.,\s]*)\s*(bytes?|octets?|байт\w*|б|[kmgкмг]?i?[bбo])(?:[^\p{L}]|$)`)

// Size reads a file size in bytes, rounded to the shown precision: "45.2 KB",
// "12,3 КБ", "1 MiB", "812 bytes". Forums count in powers of 1024 whatever
// they write.
func Size(s string) *int64 {
	if s = asciiDigits(s); !strings.ContainsAny(s, "0123456789") {
		return nil
	}
	m := reSize.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	f, err := strconv.ParseFloat(decimal(strings.TrimSpace(m[1])), 64)
	if err != nil {
		return nil
	}
	switch []rune(strings.ToLower(m[2]))[0] {
	case 'k', 'к':
		f *= 1 << 10
	case 'm', 'м':
		f *= 1 << 20
	case 'g', 'г':
		f *= 1 << 30
	}
	n := int64(math.Round(f))
	return &n
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
