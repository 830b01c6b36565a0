package dom

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Clock turns what a page says of time into stamps. It knows when the page was
// captured, the forum's language and zone, and the order of its numeric dates,
// from the site's facts and from the page itself.
type Clock struct {
	now     time.Time // when the page was made; zero when unknown
	loc     *time.Location
	zone    forum.Zone
	order   string // dmy, mdy, ymd, or "" when nothing says so
	langs   []string
	doc     *Document
	east    int // what YearFirst says of the page: 1 yes, -1 no, 0 not asked for yet
	scanned bool
	says    string // the order that the page's text proves
	learned forum.Facts
	read    map[string]textRead // texts that were read before, in the present zone
	toks    []token             // of the text that is being read; used again for the next

	dayFirst, monthFirst int // dates read that only one order fits
}

// NewClock makes the clock of one page. Relative words count from the
// response's Date header, else from the capture's time; without either they
// stay unread.
func NewClock(c forum.Capture, f forum.Facts, d *Document) *Clock {
	k := &Clock{now: captureTime(c), doc: d, order: f.DateOrder, zone: forum.ZoneAssumed, loc: time.UTC}
	k.langs = languages(f.Lang, d)
	if loc, ok := ParseZone(f.Zone); ok {
		k.loc, k.zone = loc, f.ZoneSource
		if k.zone == "" {
			k.zone = forum.ZoneConfigured
		}
	}
	return k
}

func captureTime(c forum.Capture) time.Time {
	for _, layout := range [...]string{time.RFC1123, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, c.HeaderValue("Date")); err == nil {
			return t.UTC()
		}
	}
	return c.FetchedAt.UTC()
}

// languages lists the word tables to try, the page's own first. Lists are shared.
func languages(site string, d *Document) []string {
	site, page := tagOf(site), tagOf(d.Lang)
	switch {
	case site == "" || site == page:
		return langLists[page]
	case page == "":
		return langLists[site]
	}
	return langList(site, page, "en")
}

// tagOf is the table of a language tag, "" where there is none.
func tagOf(lang string) string {
	tag, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if wordTables[tag] == nil {
		return ""
	}
	return tag
}

// langLists are the lists of pages in one language, or none.
var langLists = buildLangLists()

func buildLangLists() map[string][]string {
	lists := map[string][]string{"": langList("en")}
	for tag := range wordTables {
		lists[tag] = langList(tag, "en")
	}
	lists["en"] = lists[""] // many a translation leaves the tag as it was
	return lists
}

// langList begins with these languages. Where the page names one, rare ones
// are not tried.
func langList(tags ...string) []string {
	out := make([]string, 0, len(wordOrder)+2)
	for _, tag := range tags {
		out = appendNew(out, tag)
	}
	first := out // the order has no language twice
	for _, tag := range wordOrder {
		if (len(tags) <= 1 || !rareLangs[tag]) && !slices.Contains(first, tag) {
			out = append(out, tag)
		}
	}
	return out
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Now is the time that relative words count from; zero when unknown.
func (k *Clock) Now() time.Time { return k.now }

// Learned is what the page taught: zone, date order. The order is the one that
// the page's own clock proves, else its dates.
func (k *Clock) Learned() forum.Facts {
	f := k.learned
	if f.DateOrder == "" {
		f.DateOrder = provenOrder(k.dayFirst, k.monthFirst)
	}
	if f.DateOrder == "" {
		f.DateOrder = k.says
	}
	return f
}

// provenOrder is the order that nearly all of the proofs speak for: a date that
// somebody writes in his own habit proves nothing against a forum's.
func provenOrder(dayFirst, monthFirst int) string {
	switch {
	case dayFirst > 0 && dayFirst >= 4*monthFirst:
		return "dmy"
	case monthFirst > 0 && monthFirst >= 4*dayFirst:
		return "mdy"
	}
	return ""
}

// ParseZone reads a zone as Facts hold it: an IANA name or "UTC±hh:mm".
func ParseZone(name string) (*time.Location, bool) {
	if name == "" {
		return nil, false
	}
	if rest, ok := strings.CutPrefix(name, "UTC"); ok {
		if rest == "" {
			return time.UTC, true
		}
		if secs, ok := offsetSeconds(rest); ok {
			return time.FixedZone(name, secs), true
		}
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

// offsetSeconds reads the offset that a text begins with: "+2", "-05:00", "+0530".
func offsetSeconds(s string) (int, bool) {
	s = strings.TrimLeft(s, " \t\r\n\f")
	sign := 1
	switch {
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "−"):
		sign, s = -1, s[len("−"):]
	default:
		return 0, false
	}
	s = strings.TrimLeft(s, " \t\r\n\f")
	n := min(digitsAt(s, 0), 2)
	if n == 0 {
		return 0, false
	}
	h, mins := num(s[:n]), 0
	rest := strings.TrimPrefix(s[n:], ":")
	if digitsAt(rest, 0) >= 2 {
		mins = num(rest[:2])
	}
	secs := sign * (h*3600 + mins*60)
	return secs, secs >= -14*3600 && secs <= 14*3600
}

// digitsAt is how many ASCII digits stand at a place in a text.
func digitsAt(s string, i int) int {
	n := 0
	for i+n < len(s) && isNumeral(s[i+n]) {
		n++
	}
	return n
}

// ZoneName is an offset in seconds as Facts hold it.
func ZoneName(secs int) string {
	if secs == 0 {
		return "UTC"
	}
	sign := "+"
	if secs < 0 {
		sign, secs = "-", -secs
	}
	return "UTC" + sign + two(secs/3600) + ":" + two(secs/60%60)
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// LearnZone sets the site's zone from the page itself, unless the user has
// configured one, and reports it as learned.
func (k *Clock) LearnZone(secs int) {
	name := ZoneName(secs)
	k.learned.Zone, k.learned.ZoneSource = name, forum.ZoneCalibrated
	if k.zone == forum.ZoneConfigured {
		return
	}
	k.loc, k.zone, k.read = time.FixedZone(name, secs), forum.ZoneCalibrated, nil
}

// Calibrate learns the zone from one instant that the page gives twice: as a
// machine time and as text in the forum's zone. Offsets are multiples of a
// quarter of an hour; anything else is a disagreement and is ignored.
func (k *Clock) Calibrate(at time.Time, shown string) bool {
	s, ok := k.parse(shown, time.UTC)
	if !ok || at.IsZero() || s.prec > precMinute {
		return false
	}
	diff := s.at.Sub(at)
	quarter := diff.Round(15 * time.Minute)
	if (diff-quarter).Abs() > 2*time.Minute || quarter.Abs() > 14*time.Hour {
		return false
	}
	k.LearnZone(int(quarter / time.Second))
	return true
}

// Element reads a time element by the rule machine attribute, then absolute
// title, then text. Attributes read: datetime, data-timestamp, data-time,
// data-date, content; numbers are epochs in seconds or milliseconds.
func (k *Clock) Element(s *goquery.Selection) forum.Stamp {
	if s == nil || s.Length() == 0 {
		return forum.Stamp{}
	}
	raw := shownTime(s)
	for _, attr := range [...]string{"datetime", "data-timestamp", "data-time", "content"} {
		if v := Attr(s.Nodes[0], attr); v != "" {
			if st := k.Machine(v, raw); st.Known() {
				return st
			}
		}
	}
	for _, attr := range tooltips {
		if title := Attr(s.Nodes[0], attr); title != "" {
			if st := k.Text(title); st.Known() {
				return st
			}
		}
	}
	return k.Text(raw)
}

// tooltips are the attributes that hold what a reader sees beside the pointer:
// the title, and where libraries keep it.
var tooltips = [...]string{"title", "data-original-title", "data-bs-original-title", "data-tippy-content", "data-tooltip"}

// shownTime is what a reader sees of a time element: its title where that is
// the fuller form, else its text.
func shownTime(s *goquery.Selection) string {
	text, title := Text(s), Fold(Attr(s.Nodes[0], "title"))
	if len(title) > len(text) && strings.ContainsAny(title, "0123456789٠١٢٣٤٥٦٧٨٩") {
		return title
	}
	if text == "" {
		return Fold(Attr(s.Nodes[0], "datetime"))
	}
	return text
}

// isoParts are the parts of a time as RFC 3339 and its relatives write them: year,
// month, day, and where they stand hour, minute, second and zone.
type isoParts [7]string

// isoTime reads "2006-01-02", "2006-01-02T15:04:05.999Z", "2006-01-02 15:04 +0100".
func isoTime(s string) (m isoParts, ok bool) {
	at := 0
	take := func(part, digits int, lead string) bool {
		from := at + len(lead)
		if !strings.HasPrefix(s[at:], lead) || digitsAt(s, from) < digits {
			return false
		}
		m[part], at = s[from:from+digits], from+digits
		return true
	}
	if !take(0, 4, "") || !take(1, 2, "-") || !take(2, 2, "-") {
		return m, false
	}
	if day := at; take(3, 2, "T") || take(3, 2, " ") {
		if !take(4, 2, ":") {
			m[3], at = "", day
		} else if take(5, 2, ":") && at < len(s) && (s[at] == '.' || s[at] == ',') && digitsAt(s, at+1) > 0 {
			at += 1 + digitsAt(s, at+1)
		}
	}
	m[6] = strings.TrimLeft(s[at:], " \t\r\n\f")
	return m, m[6] == "" || isZone(m[6])
}

// isZone tells the zones that such a time ends with.
func isZone(s string) bool {
	if s == "Z" || s == "UTC" || s == "GMT" {
		return true
	}
	if s == "" || s[0] != '+' && s[0] != '-' || digitsAt(s, 1) < 2 {
		return false
	}
	rest := strings.TrimPrefix(s[3:], ":")
	return len(rest) == 2 && digitsAt(rest, 0) == 2
}

// isEpoch tells a number of seconds or milliseconds.
func isEpoch(s string) bool {
	if len(s) < 9 || len(s) > 13 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Machine reads a machine-readable time: RFC 3339 and its relatives (an offset
// without a colon, a space for the T), or an epoch. A time without an offset is
// wall-clock time in the site's zone. An unreadable one gives a zero Stamp.
func (k *Clock) Machine(v, raw string) forum.Stamp {
	v = strings.TrimSpace(v)
	if raw == "" {
		raw = v
	}
	if isEpoch(v) {
		n, _ := strconv.ParseInt(v, 10, 64)
		if len(v) > 11 {
			n /= 1000
		}
		return forum.Stamp{At: time.Unix(n, 0).UTC(), Raw: raw, Precision: forum.PrecisionSecond, Zone: forum.ZoneUTC}
	}
	if len(v) < len("2006-01-02") || v[4] != '-' {
		return forum.Stamp{}
	}
	m, ok := isoTime(v)
	if !ok {
		return forum.Stamp{}
	}
	return k.isoStamp(m, raw)
}

func (k *Clock) isoStamp(m isoParts, raw string) forum.Stamp {
	loc, zone := k.loc, k.zone
	switch {
	case m[6] == "Z" || m[6] == "UTC" || m[6] == "GMT":
		loc, zone = time.UTC, forum.ZoneUTC
	case m[6] != "":
		secs, _ := offsetSeconds(m[6])
		loc, zone = time.FixedZone("", secs), forum.ZoneOffset
		if secs == 0 {
			zone = forum.ZoneUTC
		}
	}
	prec := forum.PrecisionSecond
	switch {
	case m[3] == "":
		prec = forum.PrecisionDay
	case m[5] == "":
		prec = forum.PrecisionMinute
	}
	if m[3] == "" {
		loc = time.UTC
	}
	at := time.Date(num(m[0]), time.Month(num(m[1])), num(m[2]), num(m[3]), num(m[4]), num(m[5]), 0, loc)
	return forum.Stamp{At: at.UTC(), Raw: raw, Precision: prec, Zone: zone}
}

// calendar gives a day or month without a time of day as its own first moment
// in UTC: moved by the forum's zone, "Feb 2020" would become January.
func calendar(at time.Time, p precision) time.Time {
	if h, m, s := at.Clock(); p < precDay || h+m+s > 0 {
		return at.UTC()
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
}

func num(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// Text reads a time as forums write it, in the page's language first. What
// cannot be read keeps its raw text with precision unknown.
func (k *Clock) Text(raw string) forum.Stamp {
	raw = Fold(raw)
	if raw == "" {
		return forum.Stamp{}
	}
	if before, ok := k.read[raw]; ok {
		k.dayFirst += before.dayFirst
		k.monthFirst += before.monthFirst
		return before.stamp
	}
	dayFirst, monthFirst := k.dayFirst, k.monthFirst
	st := k.readText(raw)
	if k.read == nil {
		k.read = map[string]textRead{}
	}
	k.read[raw] = textRead{st, k.dayFirst - dayFirst, k.monthFirst - monthFirst}
	return st
}

// textRead is a text's reading, with what it proved of the order of dates.
type textRead struct {
	stamp                forum.Stamp
	dayFirst, monthFirst int
}

func (k *Clock) readText(raw string) forum.Stamp {
	if st := k.Machine(raw, raw); st.Known() {
		return st
	}
	s, ok := k.parse(raw, k.loc)
	if !ok {
		return forum.Stamp{Raw: raw, Precision: forum.PrecisionUnknown, Zone: k.zone}
	}
	st := forum.Stamp{At: calendar(s.at, s.prec), Raw: raw, Precision: s.prec.name(), Zone: k.zone}
	if s.zoned {
		st.Zone = forum.ZoneOffset
	}
	return st
}

// pageOrder is the order of numeric dates that the page's other dates prove:
// days above 12 settle it, unless they contradict one another.
func (k *Clock) pageOrder() string {
	if k.learned.DateOrder != "" {
		return k.learned.DateOrder
	}
	if k.scanned {
		return k.says
	}
	k.scanned = true
	dayFirst, monthFirst := 0, 0
	text := NodeText(k.doc.Nodes[0])
	for {
		a, b, end, ok := nextNumericDate(text)
		if !ok {
			k.says = provenOrder(dayFirst, monthFirst)
			return k.says
		}
		switch k.dateOrder(text[:end], a, b) {
		case "dmy":
			dayFirst++
		case "mdy":
			monthFirst++
		}
		text = text[end:]
	}
}

// dateOrder is the order of the numeric date that a text ends with, where a day
// above 12 or the weekday that is written before it settles that; "" else.
func (k *Clock) dateOrder(text string, a, b int) string {
	switch {
	case a > 12 && a <= 31 && b <= 12:
		return "dmy"
	case b > 12 && b <= 31 && a <= 12:
		return "mdy"
	case a == b || a > 12 || b > 12 || a == 0 || b == 0:
		return ""
	}
	i := strings.LastIndexFunc(text, unicode.IsSpace)
	year := num(text[max(0, len(text)-4):])
	if i < 0 || year < 1970 || year > 2200 {
		return ""
	}
	text = strings.TrimRightFunc(text[:i], func(r rune) bool { return !unicode.IsLetter(r) })
	day, ok := k.weekday(text[1+strings.LastIndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }):])
	if !ok {
		return ""
	}
	dayFirst := time.Date(year, time.Month(b), a, 0, 0, 0, 0, time.UTC).Weekday() == day
	monthFirst := time.Date(year, time.Month(a), b, 0, 0, 0, 0, time.UTC).Weekday() == day
	switch {
	case dayFirst && !monthFirst:
		return "dmy"
	case monthFirst && !dayFirst:
		return "mdy"
	}
	return ""
}

// weekday reads a word in the languages that the page may be in; those of two
// letters are other words elsewhere.
func (k *Clock) weekday(word string) (time.Weekday, bool) {
	word = strings.ToLower(word)
	for i, lang := range k.langs {
		if day, ok := wordTables[lang].weekdays[word]; ok && (i == 0 || len(word) > 2) {
			return time.Weekday(day), true
		}
	}
	return 0, false
}

// nextNumericDate finds the first date of the form 1/2/2003, 01-02-03 or
// 1.2.2003 that stands between other characters than letters, digits and
// underscores: its first two numbers, and where it ends.
func nextNumericDate(s string) (a, b, end int, ok bool) {
	for i := 0; i < len(s); i++ {
		if !isNumeral(s[i]) {
			continue
		}
		start := i
		for i < len(s) && isNumeral(s[i]) {
			i++
		}
		if start > 0 && isWordByte(s[start-1]) || i-start > 2 {
			continue
		}
		if b, end, ok = numericDateTail(s, i); ok {
			return num(s[start:i]), b, end, true
		}
		i--
	}
	return 0, 0, 0, false
}

// numericDateTail reads the rest of such a date behind its first number.
func numericDateTail(s string, i int) (second, end int, ok bool) {
	j := numeralsBehind(s, i)
	if n := j - i - 1; n != 1 && n != 2 {
		return 0, 0, false
	}
	end = numeralsBehind(s, j)
	if n := end - j - 1; n != 2 && n != 4 || end < len(s) && isWordByte(s[end]) {
		return 0, 0, false
	}
	return num(s[i+1 : j]), end, true
}

// numeralsBehind is the end of the digits behind a date's separator, or i-1
// where none stands.
func numeralsBehind(s string, i int) int {
	if i >= len(s) || s[i] != '-' && s[i] != '/' && s[i] != '.' {
		return i - 1
	}
	for i++; i < len(s) && isNumeral(s[i]); {
		i++
	}
	return i
}

func isNumeral(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return isNumeral(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
}
