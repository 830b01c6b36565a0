package dom

import (
	"regexp"
	"testing"
	"time"

	"forumine/extract/forum"
)

func TestClockText(t *testing.T) {
	cases := []struct{ lang, raw, want, prec string }{
		{"en", "30th March 2025, 16:26", "2025-03-30T16:26:00Z", "minute"},
		{"en", "12-December 06", "2006-12-12T00:00:00Z", "day"},
		{"fr", "Dim 29 Oct 2017 16:46", "2017-10-29T16:46:00Z", "minute"},
		{"de", "Heute um 14:05", "2026-11-23T14:05:00Z", "minute"},
		{"ru", "20 сен 2025", "2025-09-20T00:00:00Z", "day"},
		{"zh", "2025年9月20日", "2025-09-20T00:00:00Z", "day"},
		{"zh", "2025年9月20日 下午3:05", "2025-09-20T15:05:00Z", "minute"},
		{"ko", "12-03-09 22:01", "2012-03-09T22:01:00Z", "minute"},
		{"ko", "작성일 : 12.03.09", "2012-03-09T00:00:00Z", "day"},
		{"ja", "05/11/02(水) 21:40:33", "2005-11-02T21:40:33Z", "second"},
		{"ja", "2025/09/20(土) 21:40:33.56 ID:kLmn0pQ1", "2025-09-20T21:40:33Z", "second"},
		{"zh-tw", "09/20 21:40", "2026-09-20T21:40:00Z", "minute"},
		{"zh-tw", "Sat Sep 20 21:40:33 2025", "2025-09-20T21:40:33Z", "second"},
		{"zh", "25-12-09", "2025-12-09T00:00:00Z", "day"},
		{"zh", "09-20", "2026-09-20T00:00:00Z", "day"},
		{"en", "Sat Sep 20 21:40:33 2025", "2025-09-20T21:40:33Z", "second"},
		{"en", "Sat Sep 20 21:40:33 CEST 2025", "", "unknown"},
		{"zh", "09/20/25", "2025-09-20T00:00:00Z", "day"},
		{"en", "12-03-09 22:01", "2009-12-03T22:01:00Z", "minute"},
		{"zh", "昨天 09:15", "2026-11-22T09:15:00Z", "minute"},
		{"zh", "前天 21:40", "2026-11-21T21:40:00Z", "minute"},
		{"zh", "半小时前", "2026-11-23T14:30:00Z", "hour"},
		{"zh", "2个小时前", "2026-11-23T13:00:00Z", "hour"},
		{"zh", "两年前", "2024-11-23T15:00:00Z", "year"},
		{"zh", "三天前", "2026-11-20T15:00:00Z", "day"},
		{"zh", "十二天前", "2026-11-11T15:00:00Z", "day"},
		{"zh", "二十个小时前", "2026-11-22T19:00:00Z", "hour"},
		{"zh", "一个月前", "2026-10-23T15:00:00Z", "month"},
		{"zh", "半年前", "2026-05-23T15:00:00Z", "month"},
		{"zh", "半个月前", "2026-11-08T15:00:00Z", "month"},
		{"ja", "3カ月前", "2026-08-23T15:00:00Z", "month"},
		{"ja", "きのう 21:40", "2026-11-22T21:40:00Z", "minute"},
		{"ko", "3달 전", "2026-08-23T15:00:00Z", "month"},
		{"ko", "한 달 전", "2026-10-23T15:00:00Z", "month"},
		{"ko", "하루 전", "2026-11-22T15:00:00Z", "day"},
		{"zh", "3 小时前", "2026-11-23T12:00:00Z", "hour"},
		{"zh", "5 天前", "2026-11-18T15:00:00Z", "day"},
		{"en", "Yesterday at 9:15 AM", "2026-11-22T09:15:00Z", "minute"},
		{"en", "3 minutes ago", "2026-11-23T14:57:00Z", "minute"},
		{"en", "4 years, 1 month ago", "2022-10-23T15:00:00Z", "month"},
		{"en", "May 11, 2024 at 9:22 AM", "2024-05-11T09:22:00Z", "minute"},
		{"en", "Nov 14, 2015 at 4:23 AM", "2015-11-14T04:23:00Z", "minute"},
		{"en", "04-09-2005, 06:46 PM", "2005-04-09T18:46:00Z", "minute"},
		{"en", "Feb 14, 2026 | 9:05 pm", "2026-02-14T21:05:00Z", "minute"},
		{"en", "Jan 18, 2021, 01:28 AM", "2021-01-18T01:28:00Z", "minute"},
		{"en", "Today at 12:20 AM", "2026-11-23T00:20:00Z", "minute"},
		{"de", "03.12.2022, 09:51", "2022-12-03T09:51:00Z", "minute"},
		{"en", "03-18-2021, 11:36 AM", "2021-03-18T11:36:00Z", "minute"},
		{"en", "2021-01-18 01:28:33", "2021-01-18T01:28:33Z", "second"},
		{"en", "Today 00:20:00", "2026-11-23T00:20:00Z", "second"},
		{"en", "October 20, 2022 at 10:38 am", "2022-10-20T10:38:00Z", "minute"},
		{"fr", "11/2014", "2014-11-01T00:00:00Z", "month"},
		{"de", "03.2016", "2016-03-01T00:00:00Z", "month"},
		{"en", "Mar 2016", "2016-03-01T00:00:00Z", "month"},
		{"en", "Tuesday at 4:25 AM", "2026-11-17T04:25:00Z", "minute"},
		{"en", "Monday at 9:00 AM", "2026-11-23T09:00:00Z", "minute"},
		{"en", "A moment ago", "2026-11-23T15:00:00Z", "minute"},
		{"es", "20 de septiembre de 2025 a las 14:30", "2025-09-20T14:30:00Z", "minute"},
		{"es", "4 Ago 2019", "2019-08-04T00:00:00Z", "day"},
		{"fr", "il y a 3 heures", "2026-11-23T12:00:00Z", "hour"},
		{"de", "vor 2 Stunden", "2026-11-23T13:00:00Z", "hour"},
		{"ru", "Сегодня, 10:12", "2026-11-23T10:12:00Z", "minute"},
		{"ru", "2 часа назад", "2026-11-23T13:00:00Z", "hour"},
		{"ko", "2025년 9월 20일 오후 3:05", "2025-09-20T15:05:00Z", "minute"},
		{"ja", "3 時間前", "2026-11-23T12:00:00Z", "hour"},
		{"en", "Sun Aug 03, 2014 5:07 pm", "2014-08-03T17:07:00Z", "minute"},
		{"en", "Fri Nov 20, 2026 8:00 am", "2026-11-20T08:00:00Z", "minute"},
		{"en", "May 28, 2024", "2024-05-28T00:00:00Z", "day"},
		{"en", "Nov 14", "2026-11-14T00:00:00Z", "day"},
		{"en", "14 Dec", "2025-12-14T00:00:00Z", "day"},
		{"en", "2024-01-25 12:59:33 UTC", "2024-01-25T12:59:33Z", "second"},
		{"en", "Jun 4, 2024 at 3:00 PM GMT+2", "2024-06-04T13:00:00Z", "minute"},
		{"fi", "20.9.2025 klo 14.05", "2025-09-20T14:05:00Z", "minute"},
		{"da", "20. sep 2025 kl. 14.05", "2025-09-20T14:05:00Z", "minute"},
		{"en", "4d", "2026-11-19T15:00:00Z", "day"},
		{"en", "Jun '12", "2012-06-01T00:00:00Z", "month"},
		{"en", "23 Nov 2026, 09:14 PM", "2026-11-23T21:14:00Z", "minute"},
		{"en", "31 June 2020", "", "unknown"},
		{"en", "99-99-9999", "", "unknown"},
		{"en", "never", "", "unknown"},
		{"en", "Posts: 12", "", "unknown"},
		{"en", "may be 3 of them", "", "unknown"},
	}
	for _, c := range cases {
		t.Run(c.lang+" "+c.raw, func(t *testing.T) {
			k := testClock(t, c.lang, "<p>x</p>", forum.Facts{})
			got := k.Text(c.raw)
			shown := ""
			if got.Known() {
				shown = got.At.Format(time.RFC3339)
			}
			if shown != c.want || string(got.Precision) != c.prec {
				t.Errorf("got %q %s, want %q %s", shown, got.Precision, c.want, c.prec)
			}
			if got.Raw != c.raw {
				t.Errorf("raw %q", got.Raw)
			}
		})
	}
}

var testNow = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func testClock(t *testing.T, lang, body string, f forum.Facts) *Clock {
	t.Helper()
	c := forum.Capture{URL: "http://forum.example/", Body: []byte("<html lang='" + lang + "'><body>" + body), FetchedAt: testNow}
	d, err := Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	return NewClock(c, f, d)
}

func TestClockLearnsOrderFromThePage(t *testing.T) {
	k := testClock(t, "en", "<p>27/03/2020</p><p>04/03/2020</p>", forum.Facts{})
	if got := k.Text("04/03/2020 10:00").At; got.Month() != time.March {
		t.Errorf("month %s, want March", got.Month())
	}
	if k.Learned().DateOrder != "dmy" {
		t.Errorf("learned %q", k.Learned().DateOrder)
	}
}

func TestClockRelativeNeedsTheCaptureTime(t *testing.T) {
	c := forum.Capture{URL: "http://forum.example/", Body: []byte("<p>x")}
	d, err := Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	if s := NewClock(c, forum.Facts{}, d).Text("Today at 9:15"); s.Known() || s.Raw == "" {
		t.Errorf("got %+v, want the raw text alone", s)
	}
}

func TestCalibrate(t *testing.T) {
	k := testClock(t, "en", "x", forum.Facts{})
	if !k.Calibrate(time.Unix(1521794858, 0), "Mar 23, 2018 at 1:47 AM") {
		t.Fatal("not calibrated")
	}
	if k.Learned().Zone != "UTC-07:00" {
		t.Errorf("zone %q", k.Learned().Zone)
	}
	s := k.Text("Mar 23, 2018 at 1:47 AM")
	if s.Zone != forum.ZoneCalibrated || s.At.Hour() != 8 {
		t.Errorf("got %+v", s)
	}
}

func TestDatesWithoutATimeKeepTheirDay(t *testing.T) {
	k := testClock(t, "en", "x", forum.Facts{Zone: "UTC+02:00", ZoneSource: forum.ZoneCalibrated})
	for raw, want := range map[string]string{"Dec 1, 2020": "2020-12-01T00:00:00Z", "Mar 2016": "2016-03-01T00:00:00Z", "Dec 1, 2020 12:30 AM": "2020-11-30T22:30:00Z"} {
		if got := k.Text(raw).At.Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// TestLearnedOrder holds what a page teaches of the order of numeric dates: the
// dates that were read prove it, be none of them in doubt; text that
// contradicts itself proves nothing.
func TestLearnedOrder(t *testing.T) {
	for _, tt := range []struct{ page, read, order, want string }{
		{"x", "25/04/2025", "dmy", "2025-04-25"},
		{"x", "04/25/2025", "mdy", "2025-04-25"},
		{"x", "03/04/2025", "", "2025-03-04"},
		{"<p>25/04/2025", "03/04/2025", "dmy", "2025-04-03"},
		{"<p>Sent on Wed, 08/07/2015 - 16:32", "03/04/2025", "dmy", "2025-04-03"},
		{"<p>Sent on Fri, 08/07/2015 - 16:32", "03/04/2025", "mdy", "2025-03-04"},
		{"<p>Sent on Sun, 08/07/2015 - 16:32", "03/04/2025", "", "2025-03-04"},
		{"<p>Sent on Monday, 01/06/2015, and so 08/07/2015", "03/04/2025", "dmy", "2025-04-03"},
		{"<p>25/04/2025 04/25/2025", "03/04/2025", "", "2025-03-04"},
		{"<p>25/04/2025 26/04/2025 27/04/2025 28/04/2025 and one says 04/25/2025", "03/04/2025", "dmy", "2025-04-03"},
	} {
		k := testClock(t, "en", tt.page, forum.Facts{})
		if got := k.Text(tt.read).At.Format("2006-01-02"); got != tt.want {
			t.Errorf("%s beside %q is %s, want %s", tt.read, tt.page, got, tt.want)
		}
		if got := k.Learned().DateOrder; got != tt.order {
			t.Errorf("%s beside %q teaches %q, want %q", tt.read, tt.page, got, tt.order)
		}
	}
}

// The scanner finds what this pattern finds.
func TestNumericDatesAreFound(t *testing.T) {
	pattern := regexp.MustCompile(`\b(\d{1,2})([-/.])(\d{1,2})[-/.](?:\d{4}|\d{2})\b`)
	for _, text := range []string{
		"", "1/2/2003", "x1/2/2003", "1/2/2003x", "1.2.3.2004 5.6.07", "01-02-03", "1/2-2003", "12.34", "v1.2.33", "10.0.0.12", "123/4/2005", "1/234/2005", "1/2/200", "1/2/20045",
		"am 31.12.1999, 1.1.00.", "1/2/2003/4/5/06", "é1/2/2003é", "1//2003", "1/2/", "_1/2/03", "2003-01-02", "1-2-03-04-05-06", "99/99/9999 and 12/31/2020",
	} {
		m := pattern.FindStringSubmatchIndex(text)
		a, b, end, ok := nextNumericDate(text)
		if ok != (m != nil) || ok && (end != m[1] || a != num(text[m[2]:m[3]]) || b != num(text[m[6]:m[7]])) {
			t.Errorf("%q: %d %d up to %d %v, want %v", text, a, b, end, ok, m)
		}
	}
}
