package dom

import (
	"strings"
	"time"
	"unicode"
)

var selPageTitle = Sel("title")

// YearFirst tells pages in Chinese, Japanese or Korean, whose dates begin with the
// year, "12-03-09" too: by the language that the page names, else by its title.
func YearFirst(d *Document) bool {
	switch tag, _, _ := strings.Cut(d.Lang, "-"); tag {
	case "zh", "ja", "ko":
		return true
	case "":
		return strings.ContainsFunc(Text(d.FirstOf(selPageTitle)), isCJK)
	}
	return false
}

func (k *Clock) yearFirst() bool {
	if k.east == 0 {
		k.east = -1
		if YearFirst(k.doc) {
			k.east = 1
		}
	}
	return k.east > 0
}

func isCJK(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}

// cjkDate reads 2025年9月20日, 9月20日 and 2025년 9월 20일.
func (p *parser) cjkDate() (reading, bool) {
	year, month, day := 0, 0, 0
	for i := range p.toks {
		if p.at(i).kind != number {
			continue
		}
		switch p.at(i + 1).text {
		case "年", "년":
			year = p.toks[i].n
		case "月", "월":
			month = p.toks[i].n
		case "日", "일", "号", "號":
			day = p.toks[i].n
		}
	}
	if month > 0 && day == 0 && year == 0 {
		day, year = p.behindMonth()
	}
	if month == 0 || (day == 0 && year == 0) {
		return reading{}, false
	}
	if year > 0 && year < 100 {
		year += 2000
	}
	return p.date(year, month, day)
}

// behindMonth reads "2月 03, 2026", a Western order in these languages' words.
func (p *parser) behindMonth() (day, year int) {
	for i := range p.toks {
		t := p.at(i + 1).text
		if p.at(i).kind != number || t != "月" && t != "월" {
			continue
		}
		d, at := p.numberAfter(i + 1)
		y, _ := p.numberAfter(at)
		if isDay(d) && isYear(y) {
			return d.n, y.n
		}
	}
	return 0, 0
}

// past tells three short numbers that are a day before the capture, year first.
func (p *parser) past(year, month, day token) bool {
	r, ok := p.date(p.century(year.n), month.n, day.n)
	return ok && (p.k.now.IsZero() || r.at.Before(p.k.now.Add(36*time.Hour)))
}

// monthAndDay tells "09/20 21:40" and a lone "09-20", which pages that put the year
// first write of the year that they are in.
func (p *parser) monthAndDay(i int) bool {
	a, sep, b := p.at(i), p.at(i+1).text, p.at(i+2)
	if !isDay(a) || !isDay(b) || a.n > 12 || i > 0 && p.at(i-1).text == sep {
		return false
	}
	lone := len(p.toks) == 3 && sep == "-" && len(a.text) == 2 && len(b.text) == 2
	return (lone || p.hasTime) && (p.k.order == "ymd" || p.k.order == "" && p.k.yearFirst())
}
