package dom

import (
	"testing"
	"time"

	"forumine/extract/forum"
)

// TestDatesOfLanguagePacks reads dates in the forms that forums' language packs
// give them.
func TestDatesOfLanguagePacks(t *testing.T) {
	now := time.Date(2026, 2, 11, 15, 0, 0, 0, time.UTC)
	for _, c := range []struct{ lang, text, want string }{
		{"fr", "mar. 3 févr. 2026 09:12", "2026-02-03 09:12"},
		{"fr", "Mar 03 Fév 2026, 09:12", "2026-02-03 09:12"},
		{"", "mar. 3 févr. 2026 09:12", "2026-02-03 09:12"},
		{"fr", "mar. 10 mars 2025", "2025-03-10 00:00"},
		{"es", "mar, 3 feb 2026, 10:00", "2026-02-03 10:00"},
		{"it", "mar 3 feb 2026, 10:00", "2026-02-03 10:00"},
		{"it", "3 mar 2025, 10:00", "2025-03-03 10:00"},
		{"ro", "Mar Feb 03, 2026 10:00 am", "2026-02-03 10:00"},
		{"fr", "Dim 29 Oct 2017 16:46", "2017-10-29 16:46"},
		{"ru", "20 сен 2025", "2025-09-20 00:00"},
		{"de", "Heute um 14:05", "2026-02-11 14:05"},
		{"hr", "03 velj 2026, 10:00", "2026-02-03 10:00"},
		{"hr", "Jučer, 10:00", "2026-02-10 10:00"},
		{"sr", "уто феб 03, 2026 10:00 am", "2026-02-03 10:00"},
		{"sl", "Danes ob 10:00", "2026-02-11 10:00"},
		{"et", "03 Veebr 2026, 10:00", "2026-02-03 10:00"},
		{"lt", "2026 vasario 3, 10:00", "2026-02-03 10:00"},
		{"lv", "Vakar, 10:00", "2026-02-10 10:00"},
		{"ca", "Avui, 10:00", "2026-02-11 10:00"},
		{"eu", "Gaur 10:00", "2026-02-11 10:00"},
		{"is", "3. febrúar 2026, 10:00", "2026-02-03 10:00"},
		{"ku", "دوێنێ 10:00", "2026-02-10 10:00"},
		{"en", "Juče 10:00", "2026-02-10 10:00"}, // translations leave the tag as it was
		{"zh", "周二 2月 03, 2026 10:00 am", "2026-02-03 10:00"},
		{"ko", "화 2월 03, 2026 10:00 am", "2026-02-03 10:00"},
		{"fa", "3 فوریه 2026، 10:00", "2026-02-03 10:00"},
		{"de", "Vor einem Augenblick", "2026-02-11 15:00"},
		{"es", "9 años antes", "2017-02-11 15:00"},
		{"it", "un'ora fa", "2026-02-11 14:00"},
		{"pl", "godzinę temu", "2026-02-11 14:00"},
		{"ru", "опубликовано час назад", "2026-02-11 14:00"},
		{"sk", "pred 5 minútami", "2026-02-11 14:55"},
		{"sk", "Štvrtok 5. máj 2022", "2022-05-05 00:00"},
		{"hu", "5 perccel ezelőtt", "2026-02-11 14:55"},
		{"ar", "بالأمس 14:05", "2026-02-10 14:05"},
		{"ar", "30 كانون الثاني 2020", "2020-01-30 00:00"},
		{"ar", "30-01-2020, 02:05 مساءً", "2020-01-30 14:05"},
		{"ar", "30-01-2020, 12:05 ص", "2020-01-30 00:05"},
		{"el", "30/01/2020, 2:05 μ.μ.", "2020-01-30 14:05"},
		{"tr", "30.01.2020, 02:05 ÖS", "2020-01-30 14:05"},
		{"de", "Sa 30.01.2021, 12:05 Sa", "2021-01-30 12:05"},
		{"vi", "Thứ hai lúc 14:05", "2026-02-09 14:05"},
		{"vi", "30 Tháng mười hai 2020, 02:05 CH", "2020-12-30 14:05"},
		{"vi", "30 tháng 1 2020", "2020-01-30 00:00"},
		{"vi", "Thg 1 30, 2020", "2020-01-30 00:00"},
		{"vi", "3 tháng trước", "2025-11-11 15:00"},
		{"ja", "月曜日 14:05", "2026-02-09 14:05"},
		{"zh", "周一 14:05", "2026-02-09 14:05"},
		{"ko", "월요일 14:05", "2026-02-09 14:05"},
		{"th", "5 นาทีที่แล้ว", "2026-02-11 14:55"},
		{"sr", "pre 5 minuta", "2026-02-11 14:55"},
		{"sr", "Juče u 14:05", "2026-02-10 14:05"},
		{"ms", "Semalam 14:05", "2026-02-10 14:05"},
		{"fa", "1394/11/27, 00:31", "2016-02-16 00:31"},
		{"fa", "۱۴۰۳/۱۲/۳۰ 08:15", "2025-03-20 08:15"},
		{"", "27-11-1394, 10:00", "2016-02-16 10:00"},
		{"fa", "شنبه 1 فروردین 1399، 14:20", "2020-03-20 14:20"},
		{"fa", "دی 1391", "2012-12-21 00:00"},
		{"fa", "بهمن 22, 1404", "2026-02-11 00:00"},
		{"fa", "1404/12/30", "0001-01-01 00:00"}, // no leap year
		{"th", "3 ก.พ. 2569, 10:00", "2026-02-03 10:00"},
		{"th", "03/02/2569 10:00", "2026-02-03 10:00"},
		{"he", "ג' פברואר 03, 2026 10:00 am", "2026-02-03 10:00"},
		{"he", "3 בפברואר 2026, 10:00", "2026-02-03 10:00"},
		{"he", "אתמול ב 10:00", "2026-02-10 10:00"},
		{"th", "อังคาร 03 ก.พ. 2026 10:00 am", "2026-02-03 10:00"},
		{"", "Danas, 10:00", "2026-02-11 10:00"},
	} {
		d, err := Parse(forum.Capture{URL: "https://forum.example.org/", Body: []byte(`<html lang="` + c.lang + `"><body>x</body></html>`)})
		if err != nil {
			t.Fatal(err)
		}
		k := NewClock(forum.Capture{FetchedAt: now}, forum.Facts{}, d)
		if got := k.Text(c.text).At.Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.lang, c.text, got, c.want)
		}
	}
}

// TestNowStandsAsAWord holds that the words for "now" are no parts of others,
// in any script, and that another language's single word is no time.
func TestNowStandsAsAWord(t *testing.T) {
	now := time.Date(2026, 2, 11, 15, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lang, text string
		want       bool
	}{
		{"hu", "most", true},
		{"hu", "Épp most írta", true},
		{"hu", "mostanában", false},
		{"en", "Almost there", false},
		{"en", "The most liked post", false},
		{"en", "most", true},
		{"en", "Magnetic mounts", false},
		{"nl", "zojuist", true},
		{"en", "adjust nowhere", false},
		{"en", "Just now", true},
		{"tr", "şimdi", true},
		{"tr", "şimdiki", false},
		{"ru", "только что", true},
		{"ru", "вот только чтобы", false},
		{"el", "πριν λίγο", true},
		{"el", "πριν λίγους μήνες", false},
		{"ar", "الآن", true},
		{"ar", "والآنسة", false},
		{"he", "הרגע", true},
		{"he", "הרגעה", false},
		{"zh", "刚刚发布", true},
		{"ja", "たった今の投稿", true},
		{"ko", "방금전", true},
		{"th", "โพสต์เมื่อสักครู่นี้", true},
		{"en", "hari inilah", false},
		{"id", "hari ini", true},
		{"it", "ma anche no", false},
		{"hu", "ma", true},
		{"it", "Ma, 10:00", true},
	} {
		d, err := Parse(forum.Capture{URL: "https://forum.example.org/", Body: []byte(`<html lang="` + c.lang + `"><body>x</body></html>`)})
		if err != nil {
			t.Fatal(err)
		}
		k := NewClock(forum.Capture{FetchedAt: now}, forum.Facts{}, d)
		if got := k.Text(c.text).Known(); got != c.want {
			t.Errorf("%s %q: read %v, want %v (%v)", c.lang, c.text, got, c.want, k.Text(c.text))
		}
	}
}
