package dom

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"forumine/extract/forum"
)

// rePercent is a share with its sign behind it, or before it as in Turkish and
// Basque; ٪ is Arabic, ％ of full width.
var rePercent = regexp.MustCompile(`(\d+(?:[.,٫]\d+)?)[\s\x{a0}\x{202f}]*[%٪％]|[%٪％][\s\x{a0}\x{202f}]*(\d+(?:[.,٫]\d+)?)`)

// Percent reads the first share of a text ("57.14%", "57,1 %", "%57"), nil when it
// has none.
func Percent(s string) *float64 {
	if !strings.ContainsAny(s, "%٪％") {
		return nil
	}
	m := rePercent.FindStringSubmatch(asciiDigits(s))
	if m == nil {
		return nil
	}
	f, err := strconv.ParseFloat(decimalComma.Replace(m[1]+m[2]), 64)
	if err != nil {
		return nil
	}
	return &f
}

var decimalComma = strings.NewReplacer(",", ".", "٫", ".")

// ClosePoll notes when a poll closes or closed; now, the capture's time, tells which.
func ClosePoll(p *forum.Poll, at forum.Stamp, now time.Time) {
	p.Closes = at
	if at.Known() && !now.IsZero() {
		p.Closed = new(at.At.Before(now))
	}
}
