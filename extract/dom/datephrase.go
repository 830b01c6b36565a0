package dom

import (
	"slices"
	"strings"
)

// What takes more than one token in some languages: halves of the day, months
// and weekdays of several words, units that their scripts glue to what follows.

// halves are the words for the halves of the day that stand behind a time.
var halves = map[string]byte{
	"am": 'a', "ص": 'a', "صباحا": 'a', "صباحاً": 'a', "صباحًا": 'a', "πμ": 'a', "öö": 'a',
	"pm": 'p', "م": 'p', "مساء": 'p', "مساءا": 'p', "مساءً": 'p', "μμ": 'p', "ös": 'p', "عصر": 'p',
}

// meridiem tells the half of the day that is named from token i on, 'a' or 'p',
// and where its words end; 0 where none is.
func (p *parser) meridiem(i int) (half byte, end int) {
	t := p.at(i).text
	if t == "" || t == "." || p.at(i).kind == number {
		return 0, i
	}
	if half = halves[t]; half != 0 {
		return half, i + 1
	}
	if p.k.langs[0] == "vi" && (t == "sa" || t == "ch") {
		return map[string]byte{"sa": 'a', "ch": 'p'}[t], i + 1
	}
	if p.at(i+1).text != "." {
		return 0, i
	}
	switch last := p.at(i + 2).text; {
	case t == "a" && last == "m", t == "π" && last == "μ", t == "ق" && last == "ظ":
		half = 'a'
	case t == "p" && last == "m", t == "μ" && last == "μ", t == "ب" && last == "ظ":
		half = 'p'
	default:
		return 0, i
	}
	if end = i + 3; p.at(end).text == "." {
		end++
	}
	return half, end
}

func (p *parser) isMeridiem(i int) bool {
	half, _ := p.meridiem(i)
	return half != 0
}

// longMonth is a month of two words, and Vietnamese's "tháng 1" and "thg 1",
// with where it ends; 0 where none stands at token i.
func (p *parser) longMonth(i int) (month, end int) {
	if p.lang == "vi" {
		return p.countedMonth(i)
	}
	if !p.w.longMonths || p.at(i+1).kind != word {
		return 0, i
	}
	if month = p.w.months[p.at(i).text+" "+p.at(i+1).text]; month == 0 {
		return 0, i
	}
	return month, i + 2
}

// vietNumbers are the words that Vietnamese counts months with.
var vietNumbers = []string{"", "một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"}

func (p *parser) countedMonth(i int) (month, end int) {
	if t := p.at(i).text; t != "tháng" && t != "thg" {
		return 0, i
	}
	next := p.at(i + 1)
	if next.kind == number && next.n >= 1 && next.n <= 12 && len(next.text) <= 2 {
		return next.n, i + 2
	}
	for n, name := range vietNumbers {
		switch {
		case n == 0 || next.text != name:
			continue
		case n == 10 && (p.at(i+2).text == "một" || p.at(i+2).text == "hai"):
			return n + map[string]int{"một": 1, "hai": 2}[p.at(i+2).text], i + 3
		}
		return n, i + 2
	}
	return 0, i
}

// weekdayAt is the weekday that is named from token i on: solid scripts spell it
// over three tokens at most, Vietnamese writes two words.
func (p *parser) weekdayAt(i int) (int, bool) {
	first := p.at(i)
	if first.kind != word {
		return 0, false
	}
	if day, ok := p.w.weekdays[first.text]; ok {
		return day, true
	}
	if !isWordRune(first.text) {
		for n := 3; n > 1; n-- {
			if day, ok := p.w.weekdays[p.join(i, i+n)]; ok {
				return day, true
			}
		}
		return 0, false
	}
	if !p.w.longWeekdays {
		return 0, false
	}
	day, ok := p.w.weekdays[first.text+" "+p.at(i+1).text]
	return day, ok
}

// oneAgo reads "час назад": an hour, where the language needs no number for
// one. The unit stands right beside the word for the past: "πριν λίγους μήνες"
// has one that is no number between.
func (p *parser) oneAgo() (reading, bool) {
	if !p.isOwn() || p.hasTime || p.hasNumbers() {
		return reading{}, false
	}
	for i := range p.toks {
		u, end, ok := p.unitAt(i)
		if ok && p.at(i).kind == word && (slices.Contains(p.w.ago, p.at(i-1).text) || slices.Contains(p.w.ago, p.at(end).text)) {
			return p.back(1, u), true
		}
	}
	return reading{}, false
}

// gluedUnit reads a unit in a script that does not part words: what follows it
// is part of the token.
func (p *parser) gluedUnit(i int) (unit, int, bool) {
	text, best := p.at(i).text, ""
	if text == "" || isParted(text) {
		return unit{}, i, false
	}
	for form := range p.w.units {
		if len(form) > len(best) && strings.HasPrefix(text, form) {
			best = form
		}
	}
	return p.w.units[best], i + 1, best != ""
}
