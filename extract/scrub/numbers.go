package scrub

import (
	"slices"
	"strconv"
	"strings"
)

// idMap gives every id another one of the same length, in the same order: what
// was written later keeps the greater number. It learns all ids first.
type idMap struct {
	seed  uint64
	known map[int]map[string]bool // by length
	short map[string]bool         // ids of up to three digits, seen where nothing but an id can stand
	given map[string]string
}

func newIDMap(seed uint64) *idMap {
	return &idMap{seed: seed, known: map[int]map[string]bool{}, short: map[string]bool{}}
}

func (m *idMap) learn(digits string) {
	n := len(digits)
	if m.known[n] == nil {
		m.known[n] = map[string]bool{}
	}
	m.known[n][digits] = true
	if n <= 3 {
		m.short[digits] = true
	}
}

// other gives an id's counterpart. The numbers are dealt at the first question.
func (m *idMap) other(digits string) string {
	if m.given == nil {
		m.given = map[string]string{}
		for n, ids := range m.known {
			m.deal(n, ids)
		}
	}
	if out, ok := m.given[digits]; ok {
		return out
	}
	return shuffleDigits(m.seed, digits)
}

// deal draws as many numbers of a length as there are ids, and hands them out
// in order.
func (m *idMap) deal(length int, ids map[string]bool) {
	old := make([]string, 0, len(ids))
	for id := range ids {
		if id[0] != '0' {
			old = append(old, id)
		}
	}
	slices.Sort(old)
	if length > 18 {
		return
	}
	low := 1
	for range length - 1 {
		low *= 10
	}
	room := 9 * low
	if len(old)*2 > room {
		for _, id := range old {
			m.given[id] = id
		}
		return
	}
	g := newDice(m.seed, "ids", length)
	drawn := map[string]bool{}
	for tries := 0; len(drawn) < len(old); tries++ {
		c := strconv.Itoa(low + g.below(room))
		if c == "1" || ids[c] && length > 3 || tries > 50*len(old) && drawn[c] {
			continue
		}
		drawn[c] = true
	}
	numbers := make([]string, 0, len(drawn))
	for c := range drawn {
		numbers = append(numbers, c)
	}
	slices.Sort(numbers)
	for i, id := range old {
		m.given[id] = numbers[i]
	}
}

// shuffleDigits gives other digits of the same number, never a new leading
// zero.
func shuffleDigits(seed uint64, digits string) string {
	for attempt := range 8 {
		g := newDice(seed, "number "+digits, attempt)
		out := []byte(digits)
		for i := range out {
			switch {
			case i > 0:
				out[i] = byte('0' + g.below(10))
			case out[i] != '0':
				out[i] = byte('1' + g.below(9))
			}
		}
		if string(out) != digits {
			return string(out)
		}
	}
	return digits
}

// isEpoch tells digits that are a point in time between 2001 and 2036, in
// seconds or milliseconds.
func isEpoch(digits string) bool {
	switch len(digits) {
	case 10:
		return digits[0] == '1' || digits < "2090000000"
	case 13:
		return digits[0] == '1' || digits < "2090000000000"
	}
	return false
}

// shiftEpoch moves an epoch by the folder's days.
func shiftEpoch(digits string, days int) string {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return digits
	}
	step := int64(days) * 86400
	if len(digits) > 11 {
		step *= 1000
	}
	return strconv.FormatInt(n+step, 10)
}

// isTimeKey tells the names of attributes and keys that hold a time.
func isTimeKey(key string) bool {
	for _, w := range [...]string{"time", "date", "stamp", "epoch", "created", "_at"} {
		if strings.Contains(key, w) {
			return true
		}
	}
	return false
}

// role is what digits stand for where they were found.
type role int

const (
	asAny    role = iota // an id when long enough, else kept
	asID                 // an id whatever its length
	asPlace              // a page, a position, a measure: kept
	asCount              // a counter
	asMoment             // an epoch
)

// digits replaces a run of ASCII digits by its role.
func (s *Scrubber) digits(d string, as role) string {
	switch {
	case d == "" || as == asPlace:
		return d
	case as == asAny && s.nameNumbers[d]:
		return s.nameNumber(d)
	case isEpoch(d) || as == asMoment && len(d) >= 9 && len(d) <= 13:
		return shiftEpoch(d, s.days)
	case as == asCount:
		return s.counter(d)
	case as == asID && d == "1":
		return d // an index, a forum, the first account: programs know it by this number
	case as == asID && strings.Trim(d, "0") != "":
		if s.learning {
			s.ids.learn(d)
		}
		return s.ids.otherUnless(s.learning, d)
	case as == asID:
		return d
	case len(d) >= 4:
		if s.learning {
			s.ids.learn(d)
		}
		return s.ids.otherUnless(s.learning, d)
	case s.ids.short[d] && !s.numbered:
		return s.ids.otherUnless(s.learning, d)
	}
	return d
}

// isKnownID tells numbers that stand as an id elsewhere and are too great to be
// taken for a place.
func (s *Scrubber) isKnownID(d string) bool {
	return len(d) > 2 && !s.places[d] && !s.numbered && s.ids.known[len(d)][d]
}

func (m *idMap) otherUnless(learning bool, d string) string {
	if learning {
		return d
	}
	return m.other(d)
}

// counter replaces a number that counts something. Page numbers and positions
// that the folder's pages show stay.
func (s *Scrubber) counter(d string) string {
	if s.nameNumbers[d] {
		return s.nameNumber(d)
	}
	if len(d) > 4 && s.isKnownID(d) { // some programs show a post's number as its sign
		return s.ids.otherUnless(s.learning, d)
	}
	if len(d) < 2 || s.places[strings.TrimLeft(d, "0")] || strings.Trim(d, "0") == "" {
		return d
	}
	if len(d) == 4 && (strings.HasPrefix(d, "19") || strings.HasPrefix(d, "20")) {
		year, _ := strconv.Atoi(d)
		return strconv.Itoa(year + (s.days-182)/365) // a year, most likely
	}
	return shuffleDigits(s.seed, d)
}

// nameNumber replaces a number that is part of somebody's name, in text as in
// addresses.
func (s *Scrubber) nameNumber(d string) string {
	if s.learning || s.places[d] {
		return d
	}
	return s.ids.other(d)
}

// place makes a number known as a page or a position.
func (s *Scrubber) place(d string) {
	if s.learning && d != "" && len(d) < 7 {
		s.places[strings.TrimLeft(d, "0")] = true
	}
}

// keyRole is what the digits under a name of an attribute or of JSON stand for.
func keyRole(key string) role {
	key = strings.ToLower(key)
	switch {
	case key == "data-last" || key == "data-end" || key == "data-range": // XenForo's page navigation
		return asPlace
	case containsAny(key, "number", "page", "position", "index", "offset", "start", "width", "height", "level", "depth", "order", "delay", "limit", "interval", "version", "chunk", "colspan", "rowspan", "size", "posts_count", "postcount", "reply_count", "trust", "_type", "order"):
		if strings.HasSuffix(key, "pageid") || strings.HasSuffix(key, "page-id") {
			return asID
		}
		return asPlace
	case isTimeKey(key):
		return asMoment
	case isIDKey(key):
		return asID
	case containsAny(key, "count", "views", "likes", "score", "votes", "reputation", "total", "replies", "points", "reads"):
		return asCount
	}
	return asAny
}

func isIDKey(key string) bool {
	switch key {
	case "id", "pid", "tid", "uid", "cid", "fid", "mid", "qid", "stream", "topid", "topicid", "parentcid", "solvedpid", "mainpid", "teaserpid", "data-pid", "data-tid", "data-topic", "data-uid", "data-cid":
		return true
	}
	for _, end := range [...]string{"_id", "-id", "userid", "postid", "topicid", "threadid", "forumid", "commentid", "itemid", "contentid", "answerid", "parentid", "feedid", "msgid", "_ids", "-pid", "-uid", "-tid", "-cid"} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return false
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
