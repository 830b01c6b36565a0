package generic

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Most boards say somewhere on a page which zone their times are in: as a line
// at its foot ("All times are GMT +1"), as the board's own time, or by giving
// one time twice, for machines and for readers.

var (
	selTimes  = dom.Sel("time[datetime], [data-time][title], [data-timestamp][title], abbr[title][data-time]")
	selClocks = dom.Sel("[class*=current_time], [id*=current_time], [class*=currenttime], [class*=time-now], [id*=clock], [class*=servertime], [class*=server-time], [class*=user_time]")
	reOffset  = regexp.MustCompile(`(?i)\b(?:GMT|UTC|WEZ)\s*(?:([+\-−])\s*(\d{1,2})(?:[:.](\d{1,2}))?)?`)
	rePlace   = regexp.MustCompile(`(?i)foot|time|zone|copy|bottom|nav|small|gentext`)
)

// pageClock makes the page's clock.
func pageClock(c forum.Capture, f forum.Facts, d *dom.Document) *dom.Clock {
	var shown []string
	for _, n := range d.FindMatcher(selClocks).Nodes {
		text := dom.NodeText(n)
		if _, value, ok := dom.CutLabel(text); ok {
			text = value
		}
		if text != "" && len(text) < 60 {
			shown = append(shown, text)
		}
	}
	shown = append(shown, saidNow(d)...)
	k := dom.PageClock(c, f, d, time.Time{}, shown...)
	if k.Learned().Zone == "" && !pairZone(d, k) {
		lineZone(d, k)
	}
	return k
}

// nowPhrases begin the lines in which boards tell their own time.
var nowPhrases = []string{"it is currently", "current time", "the time now is", "time is now", "server time", "aktuelle zeit", "es ist jetzt", "es ist", "aktuelles datum", "nous sommes le", "nous sommes actuellement", "il est actuellement", "fecha actual", "hora actual", "son las", "ora attuale", "la data di oggi", "hora atual", "data/hora", "сейчас", "текущее время", "текущее", "obecny czas", "aktualny czas", "obecnie", "het is nu", "huidige tijd", "právě je", "nu är klockan", "şu an", "şuan", "当前时间", "現在"}

// saidNow lists what the lines about the board's own time say.
func saidNow(d *dom.Document) []string {
	var out []string
	for _, root := range d.Nodes {
		out = appendNow(out, root)
	}
	return out
}

func appendNow(out []string, n *html.Node) []string {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type != html.TextNode:
			out = appendNow(out, c)
		case len(c.Data) > 160 || len(c.Data) < 8 || n.DataAtom == atom.Script || n.DataAtom == atom.P && n.Parent != nil && n.Parent.DataAtom == atom.Blockquote:
		default:
			if s, ok := nowIn(c); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// nowIn is what a text says of now.
func nowIn(n *html.Node) (string, bool) {
	text := strings.TrimSpace(n.Data)
	if text == "" || text[0] < utf8.RuneSelf && strings.IndexByte(nowLetters, text[0]|0x20) < 0 {
		return "", false
	}
	text = strings.ToLower(text)
	for _, phrase := range nowPhrases {
		rest, ok := strings.CutPrefix(text, phrase)
		if !ok {
			continue
		}
		if rest = strings.Trim(rest, " :："); dom.Digits(rest) == "" {
			rest = strings.TrimSpace(strings.TrimPrefix(strings.ToLower(dom.NodeText(n.Parent)), phrase))
		}
		return strings.Trim(rest, " :："), len(rest) < 60
	}
	return "", false
}

// nowLetters are the first letters of nowPhrases that are ASCII.
const nowLetters = "itcsaenfhlodp"

// pairZone learns the zone from times that are given twice. Scripts may have
// written the shown one in the zone of whoever saved the page: what counts is
// what nearly all pairs say.
func pairZone(d *dom.Document, k *dom.Clock) bool {
	for i, n := range d.FindMatcher(selTimes).Nodes {
		if i > 20 {
			break
		}
		at := forum.Stamp{}
		for _, key := range [...]string{"datetime", "data-time", "data-timestamp"} {
			if at = k.Machine(dom.Attr(n, key), ""); at.Known() {
				break
			}
		}
		if !at.Known() || at.Zone == forum.ZoneAssumed || at.Precision != forum.PrecisionSecond && at.Precision != forum.PrecisionMinute {
			continue
		}
		for _, text := range [...]string{dom.Attr(n, "title"), dom.NodeText(n)} {
			if strings.Contains(text, ":") && len(text) < 60 && k.Calibrate(at.At, text) {
				return true
			}
		}
	}
	return false
}

// lineZone learns the zone from a line that names its distance from Greenwich,
// the last one of the page: what people write stands above it.
func lineZone(d *dom.Document, k *dom.Clock) {
	var last *html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type == html.TextNode && (strings.Contains(c.Data, "GMT") || strings.Contains(c.Data, "UTC") || strings.Contains(c.Data, "WEZ")) && len(c.Data) < 300:
				if reLeadZone.MatchString(c.Data) && notQuoted(n) || zoneLine(n) {
					last = n
				}
			case c.Type == html.ElementNode && !unread(c):
				walk(c)
			}
		}
	}
	for _, root := range d.Nodes {
		walk(root)
	}
	if last == nil {
		return
	}
	m := reOffset.FindStringSubmatch(dom.NodeText(last))
	if m == nil {
		return
	}
	if secs, ok := offset(m); ok {
		k.LearnZone(secs)
	}
}

// reLeadZone is a line that begins with the zone, as in "GMT+8, 2026-4-2 10:20".
var reLeadZone = regexp.MustCompile(`^\s*(?:GMT|UTC)\s*[+\-−]\s*\d{1,2}(?:[:.]\d{1,2})?\s*(?:$|[,;|])`)

// notQuoted tells lines of the page from what people write.
func notQuoted(n *html.Node) bool {
	return dom.Closest(n, selWritten) == nil
}

var selWritten = dom.Sel("blockquote, pre, code, article, [id*=post], [class*=post], [class*=message], [class*=comment]")

// zoneLine tells the line about the board's times by where it stands.
func zoneLine(n *html.Node) bool {
	for p, depth := n, 0; p != nil && depth < 4; p, depth = p.Parent, depth+1 {
		switch p.DataAtom {
		case atom.Blockquote, atom.Pre, atom.Code, atom.Time, atom.A:
			return false
		case atom.Footer:
			return true
		}
		if rePlace.MatchString(dom.Attr(p, "class") + " " + dom.Attr(p, "id")) {
			return true
		}
	}
	return false
}

// offset reads "+1", "-3:30" and "+5.5": some boards write half hours as a
// decimal fraction.
func offset(m []string) (int, bool) {
	h, _ := strconv.Atoi(m[2])
	if h > 14 {
		return 0, false
	}
	secs := h * 3600
	switch m[3] {
	case "5", "50", "30":
		secs += 1800
	case "75", "45":
		secs += 2700
	case "25", "15":
		secs += 900
	}
	if m[1] != "" && m[1] != "+" {
		secs = -secs
	}
	return secs, true
}
