package dom

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// relative reads words that count from the capture: "today at 9:15",
// "Tuesday at 4:25 AM", "3 minutes ago", "a moment ago".
func (p *parser) relative() (reading, bool) {
	if slices.ContainsFunc(p.w.now, p.saysNow) {
		return reading{at: p.k.now, prec: precMinute}, true
	}
	if r, ok := p.counted(); ok {
		return r, true
	}
	if r, ok := p.namedDay(); ok {
		return r, true
	}
	return p.weekday()
}

// saysNow tells whether the text says that it is of now. A single word does so
// in its own language's pages alone, or as the whole of the text: "most" is
// Hungarian for now, "net" Dutch.
func (p *parser) saysNow(phrase string) bool {
	if !saysPhrase(p.s, phrase) {
		return false
	}
	return p.isOwn() || strings.Contains(phrase, " ") || !isParted(phrase) || p.isWhole(phrase)
}

// isOwn tells whether the language in hand is the page's.
func (p *parser) isOwn() bool { return p.lang == p.k.langs[0] }

func (p *parser) isWhole(form string) bool { return strings.Trim(p.s, ".,;:()!… ") == form }

func (p *parser) counted() (reading, bool) {
	if !p.saysAgo() {
		return reading{}, false
	}
	for i := range p.toks {
		if r, ok := p.halfHour(i); ok {
			return r, true
		}
		n, behind, ok := p.countFrom(i)
		if !ok {
			continue
		}
		if u, end, ok := p.unitAt(behind); ok {
			r := p.back(n, u)
			// "3 years, 2 months ago": smaller units follow
			for n2, ok2 := p.countAt(p.skipSigns(end)); ok2; n2, ok2 = p.countAt(p.skipSigns(end)) {
				u2, end2, ok := p.unitAt(p.skipSigns(end) + 1)
				if !ok {
					break
				}
				r = reading{at: backFrom(r.at, n2, u2), prec: precision(u2.prec)}
				end = end2
			}
			return r, true
		}
	}
	return p.oneAgo()
}

// halfHour reads 半小时前, 半天前, 半个月前 and 半年前: no number stands in them.
func (p *parser) halfHour(i int) (reading, bool) {
	if p.at(i).text != "半" {
		return reading{}, false
	}
	u, _, ok := p.unitAt(i + 1)
	if !ok {
		return reading{}, false
	}
	if u.months > 1 {
		return reading{at: p.k.now.AddDate(0, -u.months/2, 0), prec: precMonth}, true
	}
	half := time.Duration(u.seconds) * time.Second / 2
	if u.months == 1 {
		half = 15 * 24 * time.Hour
	}
	return reading{at: p.k.now.Add(-half), prec: precision(u.prec)}, true
}

// hanDigits are the numbers that Chinese and Japanese write as words.
var hanDigits = map[string]int{"一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}

// countFrom is the count that begins at a token, and where it ends: of several
// characters where it is written as words, "十二".
func (p *parser) countFrom(i int) (n, end int, ok bool) {
	if n, ok = p.countAt(i); ok && hanDigits[p.at(i).text] == 0 {
		return n, i + 1, true
	}
	n = 0
	for end = i; hanDigits[p.at(end).text] > 0; end++ {
		switch d := hanDigits[p.at(end).text]; {
		case d == 10:
			n = 10 * max(n, 1)
		case n%10 > 0:
			return 0, i, false
		default:
			n += d
		}
	}
	return n, end, end > i && (i == 0 || hanDigits[p.at(i-1).text] == 0)
}

func (p *parser) skipSigns(i int) int {
	for p.at(i).kind == sign || p.at(i).text == "and" || p.at(i).text == "und" || p.at(i).text == "et" {
		i++
	}
	return i
}

func (p *parser) saysAgo() bool {
	for _, a := range p.w.ago {
		if !isParted(a) {
			if strings.Contains(p.s, a) {
				return true
			}
			continue
		}
		for i := range p.toks {
			if p.toks[i].text == a {
				return true
			}
		}
		if strings.Contains(a, " ") && saysPhrase(p.s, a) {
			return true
		}
	}
	// short forms carry no such word: "4d", "36 min"
	return len(p.toks) == 2 && p.toks[0].kind == number && p.toks[1].kind == word && !p.hasTime
}

// saysPhrase tells whether a phrase stands in a text as words of its own. Where
// a script does not part words, or hangs endings on them, no border is asked
// for.
func saysPhrase(s, phrase string) bool {
	for from := 0; ; {
		at := strings.Index(s[from:], phrase)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(phrase)
		if bordered(s[:at], phrase, s[end:]) {
			return true
		}
		_, size := utf8.DecodeRuneInString(phrase)
		from = at + size
	}
}

func bordered(before, phrase, behind string) bool {
	first, _ := utf8.DecodeRuneInString(phrase)
	last, _ := utf8.DecodeLastRuneInString(phrase)
	left, _ := utf8.DecodeLastRuneInString(before)
	right, _ := utf8.DecodeRuneInString(behind)
	return (before == "" || !isLetter(left) || isUnparted(first)) && (behind == "" || !isLetter(right) || isUnparted(last))
}

// isUnparted tells scripts in which words stand without spaces.
func isUnparted(r rune) bool { return isSolid(r) || unicode.Is(unicode.Thai, r) }

func isParted(phrase string) bool {
	r, _ := utf8.DecodeRuneInString(phrase)
	return !isUnparted(r)
}

func isWordRune(s string) bool {
	for _, r := range s {
		if isSolid(r) {
			return false
		}
	}
	return true
}

func (p *parser) countAt(i int) (int, bool) {
	t := p.at(i)
	if t.kind == number && t.n >= 0 && t.n < 1000 {
		return t.n, true
	}
	return 1, t.kind == word && slices.Contains(p.w.one, t.text)
}

// unitAt reads the unit of a count; solid scripts spell it over several tokens.
func (p *parser) unitAt(i int) (unit, int, bool) {
	for n := 3; n >= 1; n-- {
		if i+n > len(p.toks) || (n > 1 && !isSolid([]rune(p.toks[i].text)[0])) {
			continue
		}
		if u, ok := p.w.units[p.join(i, i+n)]; ok {
			return u, i + n, true
		}
	}
	return p.gluedUnit(i)
}

func (p *parser) back(n int, u unit) reading {
	return reading{at: backFrom(p.k.now, n, u), prec: precision(u.prec)}
}

func backFrom(t time.Time, n int, u unit) time.Time {
	if u.months > 0 {
		return t.AddDate(0, -n*u.months, 0)
	}
	return t.Add(-time.Duration(n) * time.Duration(u.seconds) * time.Second)
}

// namedDay reads "today at 9:15". A very short word of another language than the
// page's counts beside a time of day, or alone: Hungarian "ma" is Italian for
// but.
func (p *parser) namedDay() (reading, bool) {
	best, days := "", 0
	for _, form := range p.w.dayForms {
		if len(form) > len(best) && p.says(form) && (p.isOwn() || p.hasTime || len(form) > 3 || p.isWhole(form)) {
			best, days = form, p.w.days[form]
		}
	}
	if best == "" {
		return reading{}, false
	}
	return p.dayAt(days), true
}

// says tells whether a word, or a phrase of several, stands in the text.
func (p *parser) says(form string) bool {
	if isPhrase(form) {
		return saysPhrase(p.s, form)
	}
	for i := range p.toks {
		if p.toks[i].text == form {
			return true
		}
	}
	return false
}

// dayAt is the time of day on the day that lies this many days from today, in
// the forum's zone.
func (p *parser) dayAt(days int) reading {
	y, m, d := p.k.now.In(p.loc).Date()
	return reading{at: time.Date(y, m, d+days, p.h, p.m, p.sec, 0, p.loc), prec: p.timePrecision()}
}

// weekday reads "Tuesday at 4:25 AM": the latest such day that is not after
// the capture.
func (p *parser) weekday() (reading, bool) {
	if !p.hasTime || p.unreadYear() {
		return reading{}, false
	}
	for i := range p.toks {
		day, ok := p.weekdayAt(i)
		if !ok {
			continue
		}
		back := (int(p.k.now.In(p.loc).Weekday()) - day + 7) % 7
		r := p.dayAt(-back)
		if r.at.After(p.k.now.Add(time.Minute)) {
			r = p.dayAt(-back - 7)
		}
		return r, true
	}
	return reading{}, false
}
