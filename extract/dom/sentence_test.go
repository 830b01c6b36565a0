package dom

import (
	"testing"
	"time"

	"forumine/extract/forum"
)

func clockOf(t *testing.T, lang, zone string) *Clock {
	t.Helper()
	c := forum.Capture{URL: "https://forum.example.org/", FetchedAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Body: []byte("<html lang=" + lang + "><body>x</body></html>")}
	d, err := Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	return NewClock(c, forum.Facts{Zone: zone, DateOrder: "dmy"}, d)
}

func TestDatesWithoutTimeKeepTheirDay(t *testing.T) {
	k := clockOf(t, "en", "UTC+02:00")
	for raw, want := range map[string]string{
		"Feb 2020":          "2020-02-01T00:00:00Z",
		"04.03.2018":        "2018-03-04T00:00:00Z",
		"2018-03-04":        "2018-03-04T00:00:00Z",
		"04.03.2018, 01:30": "2018-03-03T23:30:00Z",
		"today":             "2026-11-23T00:00:00Z",
	} {
		if got := k.Text(raw).At.Format(time.RFC3339); got != want {
			t.Errorf("%q: %s, want %s", raw, got, want)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct{ lang, text, at, raw, before, after string }{
		{"en", "Last Edit: Jun 26, 2021, 11:42 PM by van der Lamp", "2021-06-26T23:42:00Z", "Jun 26, 2021, 11:42 PM", "Last Edit:", "by van der Lamp"},
		{"en", "Maple 7 on January 18, 2021, 12:28:33 PM", "2021-01-18T12:28:33Z", "January 18, 2021, 12:28:33 PM", "Maple 7 on", ""},
		{"de", "Esche am 18. Januar 2021, 12:30", "2021-01-18T12:30:00Z", "18. Januar 2021, 12:30", "Esche am", ""},
		{"ru", "Берёза от 18 января 2021, 12:30", "2021-01-18T12:30:00Z", "18 января 2021, 12:30", "Берёза от", ""},
		{"en", "Today at 03:30 AM by Oak", "2026-11-23T03:30:00Z", "Today at 03:30 AM", "", "by Oak"},
		{"en", "no date at all", "", "", "no date at all", ""},
	} {
		st, before, after := clockOf(t, c.lang, "").Within(c.text)
		at := ""
		if st.Known() {
			at = st.At.Format(time.RFC3339)
		}
		if at != c.at || st.Raw != c.raw || before != c.before || after != c.after {
			t.Errorf("%q: %s %q, %q, %q", c.text, at, st.Raw, before, after)
		}
	}
}

func TestCutLabel(t *testing.T) {
	for text, want := range map[string][2]string{
		"Posts: 12":      {"Posts", "12"},
		"at 12:30 sharp": {"", "at 12:30 sharp"},
		"投稿数： 7":         {"投稿数", "7"},
		"On 12:30: a: b": {"On 12:30", "a: b"},
		"no label":       {"", "no label"},
	} {
		label, value, _ := CutLabel(text)
		if label != want[0] || value != want[1] {
			t.Errorf("%q: %q, %q", text, label, value)
		}
	}
}

func TestPageClock(t *testing.T) {
	c := forum.Capture{URL: "https://forum.example.org/", FetchedAt: time.Date(2026, 12, 3, 7, 51, 20, 0, time.UTC), Body: []byte("<html lang=en><body>x</body></html>")}
	d, err := Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	k := PageClock(c, forum.Facts{}, d, time.Time{}, "no clock here", "03.12.2026, 09:51")
	if f := k.Learned(); f.Zone != "UTC+02:00" || f.DateOrder != "dmy" {
		t.Errorf("learned %+v", f)
	}
	if got := k.Text("05.04.2022, 03:00").At.Format(time.RFC3339); got != "2022-04-05T01:00:00Z" {
		t.Errorf("read %s", got)
	}
	k = PageClock(c, forum.Facts{}, d, time.Time{}, "03.12.2019, 09:51")
	if f := k.Learned(); f.Zone != "" || f.DateOrder != "dmy" && f.DateOrder != "" {
		t.Errorf("an old date taught %+v", f)
	}
}

func TestKnownName(t *testing.T) {
	names := NamesOf("Ann", "Ann Lee", "", "Lee")
	for _, c := range []struct {
		text, want string
		atEnd      bool
	}{
		{"Ann Lee wrote", "Ann Lee", false}, {"Ann wrote", "Ann", false}, {"Anna wrote", "", false}, {"Ann", "Ann", false}, {"", "", false}, {"Ann: x", "Ann", false},
		{"by Ann Lee", "Ann Lee", true}, {"by:Lee", "Lee", true}, {"byLee", "", true}, {"Lee", "Lee", true}, {"by Anna", "", true}, {"", "", true},
	} {
		if got := KnownName(c.text, names, c.atEnd); got != c.want {
			t.Errorf("%q, at its end %v: %q, want %q", c.text, c.atEnd, got, c.want)
		}
	}
	if got := KnownName("Ann", Names{}, false); got != "" {
		t.Errorf("%q of no names", got)
	}
}
