package scrub

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"forumine/extract/dom"
)

// monthTable holds one language's months.
type monthTable struct {
	lang  string
	forms [][]string
	month map[string]time.Month
}

func monthTables() []monthTable {
	var out []monthTable
	for _, lang := range dom.Languages() {
		forms := dom.Months(lang)
		if forms == nil {
			continue
		}
		t := monthTable{lang, forms, map[string]time.Month{}}
		for i, list := range forms {
			for _, f := range list {
				t.month[f] = time.Month(i + 1)
			}
		}
		out = append(out, t)
	}
	return out
}

// other is the form of another month that stands where the given form stood:
// abbreviated as it was, and in its case where the language has several.
func (t monthTable) other(form string, month time.Month) string {
	list := t.forms[month-1]
	old := t.forms[t.month[form]-1]
	at := slices.Index(old, form)
	if isShort := len([]rune(form)) <= 4 && len([]rune(old[0])) > len([]rune(form)); !isShort {
		if at == 1 && len(list) > 1 && len([]rune(list[1])) > 4 {
			return list[1] // the genitive of Slavic languages
		}
		return list[0]
	}
	best := list[0]
	for _, f := range list {
		if len([]rune(f)) <= 4 && (len([]rune(best)) > 4 || distance(f, form) < distance(best, form)) {
			best = f
		}
	}
	return best
}

func distance(a, b string) int {
	d := len([]rune(a)) - len([]rune(b))
	return max(d, -d)
}

// dateText is a text while its dates are moved.
type dateText struct {
	s    *Scrubber
	toks []token
}

// shiftDates moves every date that the text names by day or month; times of
// day, weekdays and relative words stay as they are, for the days are whole
// weeks.
func (s *Scrubber) shiftDates(toks []token) {
	d := dateText{s, toks}
	for i := range toks {
		if toks[i].done {
			continue
		}
		switch toks[i].kind {
		case number:
			if !d.numeric(i) && !d.monthOfYear(i) && !d.solid(i) {
				d.clock(i)
			}
		case word:
			d.named(i)
		}
	}
}

func (d dateText) at(i int) token {
	if i < 0 || i >= len(d.toks) {
		return token{}
	}
	return d.toks[i]
}

// next is the next token that is no white space.
func (d dateText) next(i int) int {
	i++
	for i < len(d.toks) && d.toks[i].kind == space {
		i++
	}
	return i
}

func (d dateText) prev(i int) int {
	i--
	for i >= 0 && d.toks[i].kind == space {
		i--
	}
	return i
}

func (d dateText) isNumber(i, low, high int) bool {
	t := d.at(i)
	return t.kind == number && !t.done && t.value() >= low && t.value() <= high
}

func (d dateText) isYear(i int) bool { return len(d.at(i).text) >= 4 && d.isNumber(i, 1970, 2199) }
func (d dateText) isDay(i int) bool  { return runeLen(d.at(i).text) <= 2 && d.isNumber(i, 1, 31) }

func runeLen(s string) int { return len([]rune(s)) }

// clock marks a time of day as one that stays: 16:26, 4:26:05, 16h46.
func (d dateText) clock(i int) {
	sep := d.at(i + 1).text
	if runeLen(d.toks[i].text) > 2 || sep != ":" && sep != "h" && sep != "." || d.at(i+2).kind != number || runeLen(d.at(i+2).text) != 2 {
		return
	}
	if sep == "." && !slices.Contains([]string{"kl", "klo", "klockan", "um"}, strings.ToLower(d.at(d.prev(i)).text)) {
		return
	}
	d.toks[i].done, d.toks[i+1].done, d.toks[i+2].done = true, true, true
	end := i + 3
	if d.at(end).text == sep && d.at(end+1).kind == number {
		d.toks[end+1].done = true
		end += 2
		if d.at(end).text == "." && d.at(end+1).kind == number {
			d.toks[end+1].done = true
			end += 2
		}
	}
	d.mark(end, "Z")
}

// mark lets a sign of ISO 8601 stay.
func (d dateText) mark(i int, text string) {
	if d.at(i).text == text {
		d.toks[i].done = true
	}
}

// numeric moves 2021-01-18, 18.01.2021, 01/18/21 and 18.01.
func (d dateText) numeric(i int) bool {
	sep := d.at(i + 1).text
	if sep != "-" && sep != "/" && sep != "." || d.at(i+2).kind != number || runeLen(d.at(i+2).text) > 2 {
		return false
	}
	if prev := d.at(i - 1).text; prev == sep || i > 1 && prev == "." && d.at(i-2).kind == number {
		return false // in the middle of a version or an address
	}
	if d.at(i+3).text != sep || d.at(i+4).kind != number {
		if sep == "." && d.at(i+3).text == "." && d.isDay(i) && d.isNumber(i+2, 1, 12) {
			return d.write(-1, i+2, i)
		}
		if clock := d.next(i + 2); d.s.yearFirst && d.isNumber(i, 1, 12) && d.isDay(i+2) && d.at(clock).kind == number && d.at(clock+1).text == ":" {
			return d.write(-1, i, i+2)
		}
		return false
	}
	if d.isYear(i) && d.isNumber(i+2, 1, 12) && d.isDay(i+4) {
		d.mark(i+5, "T")
		return d.write(i, i+2, i+4)
	}
	if !d.isYear(i+4) && runeLen(d.at(i+4).text) != 2 || d.at(i+5).text == sep {
		return false
	}
	if d.s.yearFirst && runeLen(d.at(i).text) == 2 && runeLen(d.at(i+4).text) == 2 && d.isNumber(i+2, 1, 12) && d.isDay(i+4) {
		return d.write(i, i+2, i+4)
	}
	day, month := i, i+2
	if d.s.monthFirst(d.toks[i].value(), d.at(i+2).value(), sep) {
		day, month = i+2, i
	}
	if !d.isDay(day) || !d.isNumber(month, 1, 12) {
		return false
	}
	return d.write(i+4, month, day)
}

// monthOfYear moves 11/2014 and 11.2014.
func (d dateText) monthOfYear(i int) bool {
	sep := d.at(i + 1).text
	if sep != "-" && sep != "/" && sep != "." || runeLen(d.at(i).text) > 2 || !d.isNumber(i, 1, 12) || !d.isYear(i+2) {
		return false
	}
	if d.at(i-1).text == sep || d.at(i+3).text == sep {
		return false
	}
	return d.write(i+2, i, -1)
}

// monthFirst decides the order of a numeric date as extract/dom does.
func (s *Scrubber) monthFirst(a, b int, sep string) bool {
	switch {
	case a > 12:
		return false
	case b > 12:
		return true
	case s.order != "":
		return s.order == "mdy"
	}
	return sep != "." && (s.lang == "" || s.lang == "en" || s.lang == "en-us")
}

// solid moves 2025年9月20日 and its kin.
func (d dateText) solid(i int) bool {
	unit := func(at int, words string) bool {
		t := d.at(d.next(at))
		return t.kind == word && strings.ContainsAny(words, string([]rune(t.text)[0]))
	}
	year, at := -1, i
	if d.isYear(i) && unit(i, "年년") {
		year = i
		at = d.next(d.next(i))
	}
	if !d.isNumber(at, 1, 12) || !unit(at, "月월") {
		return false
	}
	day := d.next(d.next(at))
	if !d.isDay(day) || !unit(day, "日일号號") {
		day = -1
	}
	if day < 0 && year < 0 {
		return false
	}
	for _, n := range [...]int{year, at, day} {
		if n >= 0 {
			d.toks[d.next(n)].done = true
		}
	}
	return d.write(year, at, day)
}

// named moves dates whose month is a word.
func (d dateText) named(i int) {
	lower := strings.ToLower(d.toks[i].text)
	for _, t := range d.s.monthOrder() {
		m, ok := t.month[lower]
		if !ok {
			continue
		}
		year, day := d.around(i)
		if year >= 0 && day >= 0 || (year >= 0 || day >= 0) && d.s.tables.langs[t.lang] {
			d.writeNamed(year, m, day, i, t)
		}
		return
	}
}

// around finds the numbers of a day and a year beside a month's name.
func (d dateText) around(i int) (year, day int) {
	before, after := d.near(i, -1), d.near(i, 1)
	second := -1
	if after >= 0 {
		second = d.near(after, 1)
	}
	short := func(n int) bool { return n >= 0 && runeLen(d.at(n).text) == 2 && d.at(n).kind == number }
	quoted := func(n int) bool { return n > 0 && strings.ContainsAny(d.at(n-1).text, "'’") }
	switch {
	case before >= 0 && d.isDay(before) && after >= 0 && d.isYear(after):
		return after, before
	case before >= 0 && d.isDay(before) && short(after) && d.at(after+1).text != ":" && d.at(d.next(after)).text != ":":
		return after, before
	case before >= 0 && d.isYear(before) && after >= 0 && d.isDay(after):
		return before, after
	case after >= 0 && d.isDay(after) && second >= 0 && d.isYear(second):
		return second, after
	case after >= 0 && d.isDay(after) && short(second) && d.at(second+1).text != ":":
		return second, after
	case before >= 0 && d.isDay(before):
		return -1, before
	case after >= 0 && d.isYear(after):
		return after, -1
	case before >= 0 && d.isYear(before):
		return before, -1
	case short(after) && quoted(after):
		return after, -1
	case after >= 0 && d.isDay(after) && d.at(after+1).text != ":":
		return -1, after
	}
	return -1, -1
}

// near is the number that stands beside a token, with nothing between but
// signs and the words that dates are filled with.
func (d dateText) near(i, step int) int {
	for n, steps := i+step, 0; n >= 0 && n < len(d.toks) && steps < 6; n += step {
		t := d.toks[n]
		switch {
		case t.kind == space:
			continue
		case t.kind == number && !t.done:
			return n
		case t.kind == word && !slices.Contains([]string{"de", "del", "of", "th", "st", "nd", "rd", "er", "e", "dei", "den", "der", "the", "º", "ª"}, strings.ToLower(t.text)):
			return -1
		case t.kind == sign && !strings.ContainsAny(t.text, ".,'’-/º"):
			return -1
		case t.kind == sign && step < 0 && t.text == ",":
			return -1
		}
		steps++
	}
	return -1
}

// moved is the date behind the tokens, moved by the folder's days. What is not
// shown is taken from the capture: the latest such day, the middle of a month.
func (d dateText) moved(year int, month time.Month, day int) time.Time {
	y, dd := d.year(year), 15
	if day >= 0 {
		dd = d.at(day).value()
	}
	if y == 0 {
		now := d.s.now
		y = 2023
		if !now.IsZero() {
			y = now.Year()
			if time.Date(y, month, dd, 0, 0, 0, 0, time.UTC).After(now.Add(36 * time.Hour)) {
				y--
			}
		}
	}
	return time.Date(y, month, dd, 12, 0, 0, 0, time.UTC).AddDate(0, 0, d.s.days)
}

func (d dateText) year(i int) int {
	if i < 0 {
		return 0
	}
	y := d.at(i).value()
	if y >= 100 {
		return y
	}
	limit := 2100
	if !d.s.now.IsZero() {
		limit = d.s.now.Year() + 1
	}
	if 2000+y <= limit {
		return 2000 + y
	}
	return 1900 + y
}

// write puts a moved date into its tokens; -1 is a part that is not shown.
func (d dateText) write(year, month, day int) bool {
	to := d.moved(year, time.Month(d.at(month).value()), day)
	padded := runeLen(d.at(month).text) == 2 && (day < 0 || runeLen(d.at(day).text) == 2)
	d.put(year, to.Year())
	d.put(month, int(to.Month()))
	d.put(day, to.Day())
	for _, i := range [...]int{month, day} {
		if i >= 0 && padded && runeLen(d.toks[i].text) == 1 {
			d.toks[i].text = likeDigits("0", d.toks[i].text) + d.toks[i].text
		}
	}
	return true
}

func (d dateText) writeNamed(year int, month time.Month, day, at int, t monthTable) {
	to := d.moved(year, month, day)
	d.put(year, to.Year())
	d.put(day, to.Day())
	form := t.other(strings.ToLower(d.toks[at].text), to.Month())
	d.toks[at].text = likeCase(form, d.toks[at].text)
	d.toks[at].done = true
	if day >= 0 {
		d.ordinal(day+1, to.Day())
	}
}

// ordinal makes the ending of an English day fit its number.
func (d dateText) ordinal(i, day int) {
	if !slices.Contains([]string{"st", "nd", "rd", "th"}, strings.ToLower(d.at(i).text)) {
		return
	}
	end := "th"
	switch {
	case day%100/10 == 1:
	case day%10 == 1:
		end = "st"
	case day%10 == 2:
		end = "nd"
	case day%10 == 3:
		end = "rd"
	}
	d.toks[i].text, d.toks[i].done = likeCase(end, d.toks[i].text), true
}

// put writes a number over a token, padded or cut as that was.
func (d dateText) put(i, n int) {
	if i < 0 {
		return
	}
	old := d.toks[i].text
	text := strconv.Itoa(n)
	switch {
	case runeLen(old) == 2 && n >= 1000:
		text = text[2:]
	case digitValue([]rune(old)[0]) == 0 && len(text) == 1:
		text = "0" + text
	}
	d.toks[i].text, d.toks[i].done = likeDigits(text, old), true
}

// likeCase writes a word with the capitals of another.
func likeCase(form, like string) string {
	rs := []rune(like)
	switch {
	case len(rs) > 1 && like == strings.ToUpper(like) && like != strings.ToLower(like):
		return strings.ToUpper(form)
	case like != strings.ToLower(like):
		f := []rune(form)
		return strings.ToUpper(string(f[0])) + string(f[1:])
	}
	return form
}

// monthOrder lists the months of the page's language first, as the reader
// tries them.
func (s *Scrubber) monthOrder() []monthTable {
	if s.months == nil {
		s.months = slices.Clone(s.tables.months)
		lang, _, _ := strings.Cut(s.lang, "-")
		rank := func(t monthTable) int {
			switch t.lang {
			case lang:
				return 0
			case "en":
				return 1
			}
			return 2
		}
		slices.SortStableFunc(s.months, func(a, b monthTable) int { return rank(a) - rank(b) })
	}
	return s.months
}

// orderOf is the order of numeric dates that a day above 12 proves, or "".
func orderOf(text string) string {
	for _, m := range reNumericDate.FindAllStringSubmatch(text, -1) {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		switch {
		case a > 12 && a <= 31 && b <= 12:
			return "dmy"
		case b > 12 && b <= 31 && a <= 12:
			return "mdy"
		}
	}
	return ""
}

var reNumericDate = regexp.MustCompile(`\b(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})\b`)
