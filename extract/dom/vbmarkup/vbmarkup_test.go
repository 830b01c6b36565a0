package vbmarkup

import (
	"testing"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

func page(t *testing.T, body string) (*dom.Document, *dom.Clock) {
	t.Helper()
	c := forum.Capture{URL: "https://b.example/", Body: []byte("<html lang=en><body>" + body), FetchedAt: time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)}
	d, err := dom.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	return d, dom.NewClock(c, forum.Facts{}, d)
}

func TestLearnZone(t *testing.T) {
	for body, want := range map[string]string{
		`<div class="smallfont">All times are GMT +1. The time now is <span class="time">01:00 PM</span>.</div>`:     "UTC+01:00",
		`<div id="footer_time">All times are GMT -4. The time now is <span class="time">08:15 AM</span>.</div>`:      "UTC-04:00",
		`<div class="smallfont">All times are GMT +5.5. The time now is <span class="time">05:30 PM</span>.</div>`:   "UTC+05:30",
		`<div class="smallfont">All times are GMT. The time now is <span class="time">12:00 PM</span>.</div>`:        "UTC",
		`<div class="smallfont">Alle Zeitangaben in WEZ +2. Es ist jetzt <span class="time">14:00</span> Uhr.</div>`: "UTC+02:00",
		`<div class="smallfont">所有时间均为北京时间。现在的时间是 <span class="time">08:01 PM</span>.</div>`:                         "UTC+08:00",
		`<div id="posts"><div>GMT +9 <span class="time">09:00 PM</span></div></div>`:                                 "",
		`<div>Last edited by Eve; <span class="time">03-11-2017, 09:59 PM</span>.</div>`:                             "",
		`<div>04-09-2026, <span class="time">06:46 PM</span></div>`:                                                  "",
		`<div>Today, <span class="time">06:00 PM</span></div>`:                                                       "",
		`<div id="footer-current-datetime">All times are GMT-8. This page was generated at 05:50 PM.</div>`:          "UTC-08:00",
		`<div class="smallfont">Last visit <span class="time">03:07 AM</span></div>`:                                 "",
	} {
		d, k := page(t, body)
		LearnZone(d, k)
		if got := k.Learned().Zone; got != want {
			t.Errorf("%s: zone %q, want %q", body, got, want)
		}
	}
}

func TestReadEdit(t *testing.T) {
	cases := []struct{ html, author, by, reason, at string }{
		{`Last edited by Ada B; 03-08-2026 at <span class="time">05:20 PM</span>. <br>Reason: typo`, "Ada B", "Ada B", "typo", "2026-03-08T17:20:00Z"},
		{`Last edited by Mod; 03-08-2026 at <span class="time">05:20 PM</span>.`, "Ada B", "Mod", "", "2026-03-08T17:20:00Z"},
		{`Geändert von Ada B (08.03.2026 um <span class="time">17:20</span> Uhr) Grund: Tippfehler`, "Ada B", "Ada B", "Tippfehler", "2026-03-08T17:20:00Z"},
		{`Zuletzt berührt durch Eve; 08.03.2026, <span class="time">17:20</span>`, "Ada B", "", "", "2026-03-08T17:20:00Z"},
	}
	for _, c := range cases {
		d, k := page(t, "<em>"+c.html+"</em>")
		e := ReadEdit(d.Find("em").Nodes[0], c.author, k)
		if e.By != c.by || e.Reason != c.reason || e.When.At.Format(time.RFC3339) != c.at {
			t.Errorf("%s: %+v", c.html, e)
		}
	}
}

func TestRulesOfOldBoxes(t *testing.T) {
	d, _ := page(t, `<div id=b>Mine.<div style="margin:20px"><div class="smallfont">Zitat:</div><table><tr><td class="alt2">Ohne Namen</td></tr></table></div>
<div><b>Note:</b><div>stays</div></div><div class="x"><div>Two:</div><p>paragraphs</p></div></div>`)
	c := d.ReadBody(Rules(d), d.Find("#b").Nodes[0])
	if len(c.Quotes) != 1 || c.Body.QuotedText != "Ohne Namen" {
		t.Errorf("quotes %+v, quoted %q", c.Quotes, c.Body.QuotedText)
	}
	if want := "Mine.\n\nNote:\nstays\nTwo:\n\nparagraphs"; c.Body.Text != want {
		t.Errorf("text %q, want %q", c.Body.Text, want)
	}
}

func TestAttachmentID(t *testing.T) {
	for href, want := range map[string]string{
		"attachment.php?attachmentid=12&d=3":        "12",
		"attachment.php?s=ab&attachmentid=12":       "12",
		"filedata/fetch?id=9&d=1":                   "9",
		"https://b.example/attachments/f9/77d12-x/": "77",
		"showthread.php?t=12":                       "",
	} {
		if got := AttachmentID(href); got != want {
			t.Errorf("%s: %q, want %q", href, got, want)
		}
	}
}

func TestLastTime(t *testing.T) {
	for body, want := range map[string]string{
		`<div>05-05-2025 <span>10:40 PM</span><br>by <a>Ada</a></div>`: "05-05-2025 10:40 PM",
		`<div>A talk of 04-03-2024</div><div>Today, 09:15 AM</div>`:    "Today, 09:15 AM",
		`<div>by Ada</div>`: "",
	} {
		d, _ := page(t, "<p id=c>"+"</p>"+body)
		c := forum.Capture{URL: "https://b.example/"} // nothing dates "today"
		if got := LastTime(dom.NewClock(c, forum.Facts{}, d), d.Find("body")).Raw; got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
