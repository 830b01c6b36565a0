package dom

import (
	"slices"
	"strings"
	"time"
)

// Iranian boards write dates of the solar calendar, in words ("27 بهمن 1394")
// and numbers ("1394/11/27"). Its years tell it from the Gregorian one: those of
// the web lie in the fourteenth and fifteenth centuries.

const (
	solarFirst = 1370 // began on 21 March 1991
	solarLast  = 1450
)

// solarMonths are the months of the solar calendar, with their other spellings.
var solarMonths = [12][]string{{"فروردین", "فروردين"}, {"اردیبهشت", "ارديبهشت"}, {"خرداد"}, {"تیر", "تير"}, {"مرداد", "امرداد"}, {"شهریور", "شهريور"}, {"مهر"}, {"آبان", "ابان"}, {"آذر", "اذر"}, {"دی", "دي"}, {"بهمن"}, {"اسفند"}}

// solarDate reads a date of the solar calendar; false without a year of it.
func (p *parser) solarDate() (reading, bool) {
	for i := range p.toks {
		year := p.at(i)
		if year.kind != number || len(year.text) != 4 || year.n < solarFirst || year.n > solarLast {
			continue
		}
		if month, day, ok := p.aroundSolarYear(i); ok {
			return p.solar(year.n, month, day)
		}
	}
	return reading{}, false
}

// aroundSolarYear is the month and the day that stand beside a year, day 0 for a
// month alone.
func (p *parser) aroundSolarYear(i int) (month, day int, ok bool) {
	if sep := p.at(i + 1).text; isDateSign(sep) && isDay(p.at(i+2)) && p.at(i+3).text == sep && isDay(p.at(i+4)) {
		return p.at(i + 2).n, p.at(i + 4).n, true
	}
	if sep := p.at(i - 1).text; isDateSign(sep) && isDay(p.at(i-2)) && p.at(i-3).text == sep && isDay(p.at(i-4)) {
		return p.at(i - 2).n, p.at(i - 4).n, true
	}
	for j := range p.toks {
		month = slices.IndexFunc(solarMonths[:], func(names []string) bool {
			return p.at(j).kind == word && slices.Contains(names, strings.Trim(p.at(j).text, "\u200c"))
		}) + 1
		if month == 0 {
			continue
		}
		if d, _ := p.numberBefore(j); isDay(d) {
			day = d.n
		} else if d, at := p.numberAfter(j); at != i && isDay(d) {
			day = d.n
		}
		return month, day, true
	}
	return 0, 0, false
}

func isDateSign(s string) bool { return s == "/" || s == "-" || s == "." }

// solar builds a reading of a solar date by its day of the Gregorian calendar.
func (p *parser) solar(year, month, day int) (reading, bool) {
	if month < 1 || month > 12 || day > solarDays(year, month) {
		return reading{}, false
	}
	days := max(day, 1) - 1
	for y := solarFirst; y < year; y++ {
		for m := 1; m <= 12; m++ {
			days += solarDays(y, m)
		}
	}
	for m := 1; m < month; m++ {
		days += solarDays(year, m)
	}
	at := time.Date(1991, time.March, 21+days, 0, 0, 0, 0, time.UTC)
	r, ok := p.date(at.Year(), int(at.Month()), at.Day())
	if day == 0 {
		r.prec = precMonth
	}
	return r, ok
}

// solarDays is the length of a month: six of 31 days, five of 30, and the last
// one of 29, or of 30 in eight years out of 33.
func solarDays(year, month int) int {
	switch {
	case month <= 6:
		return 31
	case month < 12 || (8*year+29)%33 < 8:
		return 30
	}
	return 29
}
