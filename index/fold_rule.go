package index

import (
	"cmp"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"forumine/extract/forum"
)

// choose applies a unit's rule to its candidates, of which there is at least one.
// Its outcome depends on their order alone.
func choose(rule string, all []candidate) candidate {
	switch rule {
	case "moment":
		return chooseMoment(all)
	case "title":
		return chooseTitle(all)
	case "count":
		return chooseCount(all)
	case "last":
		return chooseLast(all)
	case "edit":
		return chooseEdit(all)
	case "person":
		return chooseBest(all, func(a reflect.Value) string { return a.Interface().(AuthorRef).Key })
	case "board":
		return chooseBest(all, func(a reflect.Value) string { return boardName(a.Interface().(BoardRef)) })
	case "best":
		return chooseBest(all, func(reflect.Value) string { return "" })
	case "merge":
		return mergePairs(all)
	}
	return all[0]
}

// stampIn reads the time that a unit begins with: at, raw, precision, zone.
func stampIn(v reflect.Value) forum.Stamp {
	return forum.Stamp{
		At: v.Field(0).Interface().(time.Time), Raw: v.Field(1).String(),
		Precision: forum.Precision(v.Field(2).String()), Zone: forum.Zone(v.Field(3).String()),
	}
}

// chooseMoment is for times that do not change. The newest reading decides the
// day; among readings that agree with it the finest stands, then the one of the
// best zone. Of two that are equally good and differ ("3 hours ago" at two
// crawls) the older stands, so that looking again changes nothing.
func chooseMoment(all []candidate) candidate {
	anchor := 0
	for anchor < len(all) && !stampIn(all[anchor].value).Known() {
		anchor++
	}
	if anchor == len(all) {
		return all[0]
	}
	truth := stampIn(all[anchor].value)
	best, won := truth, all[anchor]
	for _, c := range all[anchor+1:] {
		s := stampIn(c.value)
		if s.Known() && agrees(truth, s) && preferred(s, best) {
			best, won = s, c
		}
	}
	return won
}

// agrees tells whether an older reading may be the same moment as the newest.
func agrees(newest, older forum.Stamp) bool {
	size := unitLen(newest.Precision)
	if newest.Precision != older.Precision && size >= 24*time.Hour {
		size += 14 * time.Hour // a day's border depends on the zone
	}
	apart := newest.At.Sub(older.At).Abs()
	return apart == 0 || apart < size
}

// preferred tells whether an older reading stands before the best one so far.
func preferred(older, best forum.Stamp) bool {
	if a, b := unitLen(older.Precision), unitLen(best.Precision); a != b {
		return a != 0 && (a < b || b == 0)
	}
	if a, b := zoneTrust(older.Zone), zoneTrust(best.Zone); a != b {
		return a > b
	}
	return !older.At.Equal(best.At)
}

// unitLen is the length of a precision's unit, 0 when unknown.
func unitLen(p forum.Precision) time.Duration {
	switch p {
	case forum.PrecisionSecond:
		return time.Second
	case forum.PrecisionMinute:
		return time.Minute
	case forum.PrecisionHour:
		return time.Hour
	case forum.PrecisionDay:
		return 24 * time.Hour
	case forum.PrecisionMonth:
		return 31 * 24 * time.Hour
	case forum.PrecisionYear:
		return 366 * 24 * time.Hour
	}
	return 0
}

func zoneTrust(z forum.Zone) int {
	switch z {
	case forum.ZoneUTC, forum.ZoneOffset:
		return 3
	case forum.ZoneCalibrated:
		return 2
	case forum.ZoneConfigured:
		return 1
	}
	return 0
}

// chooseTitle prefers the whole title to the same one cut short, as listings
// show long ones.
func chooseTitle(all []candidate) candidate {
	stem, short := cutShort(all[0].value.String())
	if !short {
		return all[0]
	}
	for _, c := range all[1:] {
		whole := c.value.String()
		if _, short := cutShort(whole); !short && len(whole) > len(stem) && strings.HasPrefix(whole, stem) {
			return c
		}
	}
	return all[0]
}

func cutShort(title string) (stem string, short bool) {
	for _, dots := range []string{"…", "..."} {
		if stem, short = strings.CutSuffix(title, dots); short {
			return strings.TrimSpace(stem), stem != ""
		}
	}
	return title, false
}

// chooseCount prefers an exact number to the same one rounded.
func chooseCount(all []candidate) candidate {
	if !all[0].rounded {
		return all[0]
	}
	for _, c := range all[1:] {
		if !c.rounded && roundsTo(c.value.Elem().Int(), all[0].value.Elem().Int()) {
			return c
		}
	}
	return all[0]
}

// roundsTo tells whether a number may be shown as a rounded one: 3,412 as 3K, up,
// down or to the nearest.
func roundsTo(exact, rounded int64) bool {
	step := int64(1)
	for rounded != 0 && rounded%(step*10) == 0 && step < math.MaxInt64/100 {
		step *= 10
	}
	return exact > rounded-step && exact < rounded+step
}

// chooseEdit treats the time of the newest edit as a moment.
func chooseEdit(all []candidate) candidate {
	edit := func(c candidate) EditedTime {
		e := c.value.Interface().(EditedTime)
		return EditedTime{EditedBy: e.EditedBy, EditReason: e.EditReason, EditCount: e.EditCount}
	}
	same := all[:1:1]
	for _, c := range all[1:] {
		if edit(c) == edit(all[0]) {
			same = append(same, c)
		}
	}
	return chooseMoment(same)
}

// chooseLast treats the time of the newest post as a moment. Where the newest
// claim does not name the post, an older one of the same minute does.
func chooseLast(all []candidate) candidate {
	newest := all[0].value.Interface().(LastPostTime)
	same := all[:1:1]
	for _, c := range all[1:] {
		older := c.value.Interface().(LastPostTime)
		if newest.LastPostKey == "" && older.LastPostKey != "" && sameMinute(newest, older) {
			return c
		}
		if newest.LastPostKey != "" && newest.LastPostKey == older.LastPostKey {
			same = append(same, c)
		}
	}
	return chooseMoment(same)
}

func sameMinute(newest, older LastPostTime) bool {
	size := unitLen(newest.LastPostPrecision)
	return size > 0 && size <= time.Minute && older.LastPostAt.Truncate(size).Equal(newest.LastPostAt.Truncate(size))
}

// chooseBest takes the newest claim of the best source among those that name the
// same as the newest of all.
func chooseBest(all []candidate, name func(reflect.Value) string) candidate {
	won := all[0]
	for _, c := range all[1:] {
		if c.from.weight() > won.from.weight() && name(c.value) == name(all[0].value) {
			won = c
		}
	}
	return won
}

func boardName(b BoardRef) string { return cmp.Or(b.ID, b.Name) }

// mergePairs takes every pair that any claim shows: a card shows some of the
// fields, a profile others.
func mergePairs(all []candidate) candidate {
	merged := map[string]string{}
	for _, a := range slices.Backward(all) {
		maps.Copy(merged, a.value.Interface().(map[string]string))
	}
	return candidate{reflect.ValueOf(merged), all[0].from, all[0].rounded, all[0].claim}
}
