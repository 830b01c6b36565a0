package dom

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"forumine/extract/forum"
)

// precision is the smallest unit that a text showed.
type precision int

const (
	precSecond precision = iota
	precMinute
	precHour
	precDay
	precMonth
	precYear
)

func (p precision) name() forum.Precision {
	return [...]forum.Precision{forum.PrecisionSecond, forum.PrecisionMinute, forum.PrecisionHour,
		forum.PrecisionDay, forum.PrecisionMonth, forum.PrecisionYear}[p]
}

// reading is a time that was found in a text.
type reading struct {
	at    time.Time
	prec  precision
	zoned bool // the text itself names the zone
}

// parse reads a date in any of the clock's languages; wall-clock times are
// taken in loc unless the text names an offset.
func (k *Clock) parse(raw string, loc *time.Location) (reading, bool) {
	if len(raw) > 400 {
		return reading{}, false
	}
	s := strings.ToLower(asciiDigits(Fold(raw)))
	p := parser{k: k, s: s, toks: tokens(k.toks[:0], s), loc: loc}
	k.toks = p.toks
	p.takeZone()
	p.takeTime()
	speak := p.languages()
	if speak == 0 && !p.hasNumbers() {
		return reading{}, false
	}
	for i, lang := range k.langs {
		if i > 0 && speak == 0 {
			break
		}
		p.w, p.lang = wordTables[lang], lang
		if i > 0 && p.w.bit&speak == 0 {
			continue
		}
		if r, ok := p.read(i == 0); ok {
			r.zoned = p.zoned
			return r, true
		}
	}
	return reading{}, false
}

// parser reads one text. Time of day and zone look the same in all languages
// and are taken first; what is left is tried language by language.
type parser struct {
	k         *Clock
	s         string
	toks      []token
	w         *words
	lang      string
	loc       *time.Location
	zoned     bool
	hasTime   bool
	hasSecs   bool
	h, m, sec int
}

// languages are the bits of the languages that have a word for anything in the
// text. Of a text that is not all ASCII it is all of them where one has: some
// scripts part words at will.
func (p *parser) languages() uint64 {
	bits, phrases, plain := uint64(0), lexicon.phrases, isASCII(p.s)
	for i := range p.toks {
		if t := &p.toks[i]; t.kind == word {
			bits |= lexicon.words[t.text]
			if trimmed := trimQuotes(t.text); len(trimmed) < len(t.text) {
				bits |= lexicon.words[trimmed]
			}
		}
	}
	if plain {
		phrases = lexicon.plain
	}
	bytes := bytesOf(p.s)
	for i := range phrases {
		if f := &phrases[i]; f.bytes&^bytes == 0 && f.bits&^bits != 0 && (plain || bits == 0) && strings.Contains(p.s, f.text) {
			bits |= f.bits
		}
	}
	if bits != 0 && !plain {
		return ^uint64(0)
	}
	return bits
}

func (p *parser) hasNumbers() bool {
	for i := range p.toks {
		if p.toks[i].kind == number {
			return true
		}
	}
	return false
}

// read reads in one language. Dates of numbers alone are the same in all, and
// read with the first.
func (p *parser) read(first bool) (reading, bool) {
	if first {
		if r, ok := p.cjkDate(); ok {
			return r, true
		}
		if r, ok := p.solarDate(); ok {
			return r, true
		}
	}
	if r, ok := p.namedMonth(); ok {
		return r, true
	}
	if first {
		if r, ok := p.numericDate(); ok {
			return r, true
		}
	}
	if p.k.now.IsZero() {
		return reading{}, false
	}
	return p.relative()
}

// takeZone consumes "utc", "gmt+2", "utc -05:00" or an offset behind a time.
func (p *parser) takeZone() {
	for i := range p.toks {
		t := p.toks[i].text
		if t != "utc" && t != "gmt" && t != "z" {
			continue
		}
		if t == "z" && (i == 0 || p.toks[i-1].kind != number) {
			continue
		}
		secs, end := 0, i+1
		if rest := p.join(i+1, i+6); t != "z" {
			if v, ok := offsetSeconds(rest); ok {
				secs, end = v, p.offsetEnd(i+1)
			}
		}
		p.use(i, end)
		p.loc, p.zoned = time.FixedZone("", secs), true
		return
	}
}

func (p *parser) offsetEnd(i int) int {
	end := i + 2 // sign and hours
	if end+1 < len(p.toks) && p.toks[end].text == ":" {
		end += 2
	}
	return min(end, len(p.toks))
}

func (p *parser) join(from, to int) string {
	var b strings.Builder
	for i := from; i < min(to, len(p.toks)); i++ {
		b.WriteString(p.toks[i].text)
	}
	return b.String()
}

func (p *parser) use(from, to int) {
	for i := from; i < min(to, len(p.toks)); i++ {
		p.toks[i].used = true
	}
}

func (p *parser) at(i int) token {
	if i < 0 || i >= len(p.toks) || p.toks[i].used {
		return token{}
	}
	return p.toks[i]
}

// takeTime consumes the first time of day: 16:26, 4:26:05 pm, 16h46, 9 PM,
// kl. 14.05, 下午 3:05.
func (p *parser) takeTime() {
	for i := range p.toks {
		if p.at(i).kind != number || len(p.at(i).text) > 2 || p.at(i).n > 24 {
			continue
		}
		if p.clockAt(i) {
			return
		}
	}
	for i := range p.toks {
		if t := p.at(i); t.kind == number && len(t.text) <= 2 && t.n <= 12 && p.isMeridiem(i+1) {
			p.h, p.hasTime = t.n, true
			p.use(i, i+1)
			p.takeMeridiem(i + 1)
			return
		}
	}
}

func (p *parser) clockAt(i int) bool {
	sep := p.at(i + 1).text
	mins := p.at(i + 2)
	pointed := sep == "." && p.afterClockWord(i)
	if (sep != ":" && sep != "h" && sep != "時" && sep != "时" && sep != "시" && !pointed) || mins.kind != number || len(mins.text) != 2 || mins.n > 59 {
		return false
	}
	p.h, p.m, p.hasTime = p.toks[i].n, mins.n, true
	end := i + 3
	if s := p.at(end).text; s == ":" || (pointed && s == ".") || s == "분" || s == "分" {
		if secs := p.at(end + 1); secs.kind == number && len(secs.text) == 2 && secs.n <= 60 {
			p.sec, p.hasSecs = secs.n, true
			end += 2
		} else if s == "분" || s == "分" {
			end++
		}
	}
	p.use(i, end)
	p.takeMeridiem(end)
	p.takeMeridiemBefore(i)
	return true
}

// afterClockWord tells "kl. 14.05" and "klo 14.05" from the date 14.05.
func (p *parser) afterClockWord(i int) bool {
	prev := p.at(i - 1)
	if prev.text == "." {
		prev = p.at(i - 2)
	}
	return prev.text == "kl" || prev.text == "klo" || prev.text == "klockan" || prev.text == "uhr"
}

func (p *parser) takeMeridiem(i int) {
	if half, end := p.meridiem(i); half != 0 {
		p.setHalf(half == 'p')
		p.use(i, end)
	}
}

// takeMeridiemBefore reads 上午/下午, 午前/午後, 오전/오후 in front of the time,
// and the Arabic and Greek letters behind it.
func (p *parser) takeMeridiemBefore(i int) {
	switch p.join(max(0, i-2), i) {
	case "下午", "午後", "오후", "晚上":
		p.setHalf(true)
	case "上午", "午前", "오전", "凌晨":
		p.setHalf(false)
	default:
		return
	}
	p.use(i-2, i)
}

func (p *parser) setHalf(afternoon bool) {
	switch {
	case afternoon && p.h < 12:
		p.h += 12
	case !afternoon && p.h == 12:
		p.h = 0
	}
}

// namedMonth reads dates whose month is a word: "20 Sep 2025", "Sep 20, 2025",
// "30th March 2025", "20 de septiembre de 2025", "Mar 2016", "14 Nov".
func (p *parser) namedMonth() (reading, bool) {
	for i := range p.toks {
		t := p.at(i)
		if t.kind != word {
			continue
		}
		month, ok := p.monthAt(i)
		if !ok || p.isWeekday(i) {
			continue
		}
		if r, ok := p.aroundMonth(i, month); ok {
			return r, true
		}
	}
	return reading{}, false
}

// monthAt is the month that a token names. A month of two words uses up the
// second one.
func (p *parser) monthAt(i int) (int, bool) {
	if month, ok := p.w.months[trimQuotes(p.at(i).text)]; ok {
		return month, true
	}
	month, end := p.longMonth(i)
	p.use(i+1, end)
	return month, month > 0
}

// isWeekday tells a weekday that is short for a month too ("mar. 3 févr. 2026"):
// the month stands behind it.
func (p *parser) isWeekday(i int) bool {
	if _, ok := p.w.weekdays[p.at(i).text]; !ok {
		return false
	}
	for j := i + 1; j < len(p.toks); j++ {
		if _, ok := p.monthAt(j); ok && p.at(j).kind == word {
			return true
		}
	}
	return false
}

// unreadYear tells a year that stands too far away to belong to a day and a
// month: words of another language lie between.
func (p *parser) unreadYear() bool {
	for i := range p.toks {
		if isYear(p.at(i)) {
			return true
		}
	}
	return false
}

// trimQuotes drops the apostrophes around a word.
func trimQuotes(s string) string {
	if s == "" {
		return ""
	}
	if s[0] == '\'' || s[len(s)-1] == '\'' || s[len(s)-1] >= utf8.RuneSelf || s[0] >= utf8.RuneSelf {
		return strings.Trim(s, "'’")
	}
	return s
}

func (p *parser) aroundMonth(i, month int) (reading, bool) {
	before, bi := p.numberBefore(i)
	after, ai := p.numberAfter(i)
	second, _ := p.numberAfter(ai)
	switch {
	case isDay(before) && isYear(after):
		return p.date(year4(after), month, before.n)
	case isDay(before) && len(after.text) == 2 && (p.shortYear(ai) || p.joined(bi, i, ai)):
		return p.date(p.century(after.n), month, before.n)
	case isYear(before) && isDay(after):
		return p.date(before.n, month, after.n)
	case isDay(after) && isYear(second):
		return p.date(year4(second), month, after.n)
	case isDay(after) && len(second.text) == 2 && second.kind == number:
		return p.date(p.century(second.n), month, after.n)
	case isDay(before) && bi >= 0 && !p.unreadYear():
		return p.date(0, month, before.n)
	case isYear(after):
		return p.date(after.n, month, 0)
	case isYear(before):
		return p.date(before.n, month, 0)
	case len(after.text) == 2 && p.apostrophe(ai):
		return p.date(p.century(after.n), month, 0)
	case isDay(after) && !p.unreadYear():
		return p.date(0, month, after.n)
	}
	return reading{}, false
}

func isDay(t token) bool { return t.kind == number && len(t.text) <= 2 && t.n >= 1 && t.n <= 31 }
func isYear(t token) bool {
	return t.kind == number && len(t.text) == 4 && (t.n >= 1970 && t.n < 2200 || isBuddhist(t.n))
}

// isBuddhist tells a year of the Buddhist era, as Thai boards count: 543 ahead.
func isBuddhist(year int) bool { return year >= 1970+buddhistAhead && year < 2200+buddhistAhead }

const buddhistAhead = 543

func year4(t token) int { return t.n }

// shortYear tells a year of two digits behind a day and a month from another
// number: nothing but signs stand between, or an apostrophe marks it.
func (p *parser) shortYear(i int) bool { return i > 0 && p.at(i-1).kind != word }

// joined tells "12-December 06": a hyphen joins the day to the month, so what
// follows is a year and no hour.
func (p *parser) joined(day, month, year int) bool {
	return day == month-2 && p.at(day+1).text == "-" && year == month+1
}

func (p *parser) apostrophe(i int) bool {
	return i > 0 && (p.at(i-1).text == "'" || p.at(i-1).text == "’")
}

// fillers stand between the parts of a date without meaning anything.
var fillers = []string{"de", "del", "of", "th", "st", "nd", "rd", "er", "e", "dei", "den", "der", "the", "º", "ª", "."}

func (p *parser) numberBefore(i int) (token, int) {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		t := p.at(j)
		if t.kind == number {
			return t, j
		}
		if t.kind == word && !slices.Contains(fillers, t.text) {
			break
		}
		if t.text == "," || t.text == "|" || t.text == ")" {
			break
		}
	}
	return token{}, -1
}

func (p *parser) numberAfter(i int) (token, int) {
	if i < 0 {
		return token{}, -1
	}
	for j, left := i+1, 4; j < len(p.toks) && left > 0; j++ {
		t := p.at(j)
		if t.kind == number {
			return t, j
		}
		if !p.toks[j].used { // "Sep 20 21:40:33 2025"
			left--
		}
		if t.kind == word && !slices.Contains(fillers, t.text) {
			break
		}
	}
	return token{}, -1
}

// numericDate reads 2021-01-18, 18.01.2021, 01/18/21.
func (p *parser) numericDate() (reading, bool) {
	for i := range p.toks {
		a, b, c := p.at(i), p.at(i+2), p.at(i+4)
		sep := p.at(i + 1).text
		if a.kind != number || b.kind != number || (sep != "-" && sep != "/" && sep != ".") || len(b.text) > 2 {
			continue
		}
		if p.at(i+3).text != sep || c.kind != number {
			if sep == "." && p.at(i+3).text == "." && isDay(a) && isDay(b) {
				return p.date(0, b.n, a.n)
			}
			if p.monthAndDay(i) {
				return p.date(0, a.n, b.n)
			}
			continue
		}
		if r, ok := p.triple(a, b, c, sep); ok {
			return r, true
		}
	}
	return p.monthOfYear()
}

// monthOfYear reads a whole text of "11/2014", as cards show when an account
// was made.
func (p *parser) monthOfYear() (reading, bool) {
	month, sep, year := p.at(0), p.at(1).text, p.at(2)
	if len(p.toks) != 3 || month.kind != number || len(month.text) > 2 || len(year.text) != 4 || sep != "-" && sep != "/" && sep != "." {
		return reading{}, false
	}
	return p.date(year.n, month.n, 0)
}

func (p *parser) triple(a, b, c token, sep string) (reading, bool) {
	if len(a.text) == 4 {
		if b.n > 12 {
			return p.date(a.n, c.n, b.n)
		}
		return p.date(a.n, b.n, c.n)
	}
	if (len(c.text) != 4 && len(c.text) != 2) || len(a.text) > 2 {
		return reading{}, false
	}
	year := c.n
	if len(c.text) == 2 {
		if p.k.order == "ymd" || p.k.order == "" && (a.n > 31 || p.k.yearFirst() && p.past(a, b, c)) {
			return p.date(p.century(a.n), b.n, c.n)
		}
		year = p.century(c.n)
	}
	switch p.numericOrder(a.n, b.n, sep) {
	case "mdy":
		return p.likelier(year, a.n, b.n)
	default:
		return p.likelier(year, b.n, a.n)
	}
}

// likelier takes the other order when this one gives no date or one after the
// capture.
func (p *parser) likelier(year, month, day int) (reading, bool) {
	r, ok := p.date(year, month, day)
	future := ok && !p.k.now.IsZero() && r.at.After(p.k.now.Add(36*time.Hour))
	if ok && !future {
		return r, true
	}
	if other, ok2 := p.date(year, day, month); ok2 && (!ok || !other.at.After(p.k.now.Add(36*time.Hour))) {
		return other, true
	}
	return r, ok
}

// numericOrder decides between day-first and month-first: by a value above 12,
// by what is known of the site, by the page's other dates, by the separator and
// the language.
func (p *parser) numericOrder(a, b int, sep string) string {
	switch {
	case a > 12:
		p.prove(&p.k.dayFirst, a, b)
		return "dmy"
	case b > 12:
		p.prove(&p.k.monthFirst, b, a)
		return "mdy"
	case p.k.order == "dmy" || p.k.order == "mdy":
		return p.k.order
	}
	if o := p.k.pageOrder(); o != "" {
		return o
	}
	if sep != "." && (p.k.doc.Lang == "" || p.k.doc.Lang == "en" || p.k.doc.Lang == "en-us") {
		return "mdy"
	}
	return "dmy"
}

// prove counts a date that only one order fits.
func (p *parser) prove(to *int, day, month int) {
	if day <= 31 && month >= 1 && month <= 12 {
		*to++
	}
}

// century completes a year of two digits: not later than the year after the
// capture.
func (p *parser) century(n int) int {
	limit := 2100
	if !p.k.now.IsZero() {
		limit = p.k.now.Year() + 1
	}
	if 2000+n <= limit {
		return 2000 + n
	}
	return 1900 + n
}

// date builds a reading; year 0 means the latest such day that is not after the
// capture, day 0 means the month alone.
func (p *parser) date(year, month, day int) (reading, bool) {
	if month < 1 || month > 12 || day < 0 || day > 31 {
		return reading{}, false
	}
	if year == 0 {
		return p.withoutYear(month, day)
	}
	if isBuddhist(year) {
		year -= buddhistAhead
	}
	if year < 1970 || year > 2200 {
		return reading{}, false
	}
	if day == 0 {
		return reading{at: time.Date(year, time.Month(month), 1, 0, 0, 0, 0, p.loc), prec: precMonth}, true
	}
	at := time.Date(year, time.Month(month), day, p.h, p.m, p.sec, 0, p.loc)
	if at.Day() != day && p.h < 24 {
		return reading{}, false // 31 June
	}
	return reading{at: at, prec: p.timePrecision()}, true
}

func (p *parser) withoutYear(month, day int) (reading, bool) {
	if p.k.now.IsZero() || day == 0 {
		return reading{}, false
	}
	r, ok := p.date(p.k.now.In(p.loc).Year(), month, day)
	if ok && r.at.After(p.k.now.Add(36*time.Hour)) {
		return p.date(p.k.now.In(p.loc).Year()-1, month, day)
	}
	return r, ok
}

func (p *parser) timePrecision() precision {
	switch {
	case p.hasSecs:
		return precSecond
	case p.hasTime:
		return precMinute
	}
	return precDay
}
