package vbmarkup

import (
	"testing"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Notes as the language packs write them, without the element that stock themes
// put around the clock.
func TestReadEditOfLanguages(t *testing.T) {
	for _, c := range []struct{ lang, note, by, reason string }{
		{"en", "Last edited by Anna Berg; March 12th, 2010 at 10:15 AM. Reason: typo", "Anna Berg", "typo"},
		{"en", "Edited by Anna Berg, 12 March 2010 - 10:15 AM.", "Anna Berg", ""},
		{"de", "Geändert von Anna Berg (12.03.2010 um 10:15 Uhr) Grund: typo", "Anna Berg", "typo"},
		{"de", "Zuletzt geändert von Anna Berg; 12.03.2010 um 10:15. Grund: typo", "Anna Berg", "typo"},
		{"fr", "Dernière modification par Anna Berg ; 12/03/2010 à 10h15. Motif: typo", "Anna Berg", "typo"},
		{"es", "Última edición por Anna Berg fecha: 12-03-2010 a las 10:15. Razón: typo", "Anna Berg", "typo"},
		{"ru", "Последний раз редактировалось Anna Berg; 12.03.2010 в 10:15. Причина: typo", "Anna Berg", "typo"},
		{"tr", "Konu Anna Berg tarafından (12-03-2010 Saat 10:15 ) değiştirilmiştir. Sebep: typo", "Anna Berg", "typo"},
		{"ar", "التعديل الأخير تم بواسطة Anna Berg ; 12-03-2010 الساعة 10:15 AM سبب آخر: typo", "Anna Berg", "typo"},
		{"sv", "Senast redigerad av Anna Berg den 2010-03-12 klockan 10:15. Anledning: typo", "Anna Berg", "typo"},
		{"el", "Τελευταία επεξεργασία από Anna Berg : 12-03-10 στις 10:15. Αιτία: typo", "Anna Berg", "typo"},
		{"fi", "Viimeksi muokannut Anna Berg; 12.03.2010 klo 10:15. Syy: typo", "Anna Berg", "typo"},
		{"vi", "thay đổi nội dung bởi: Anna Berg, 12-03-2010 lúc 10:15 AM Lý do: typo", "Anna Berg", "typo"},
		{"zh", "此帖于 12-03-2010 10:15 被 Anna Berg 编辑. 原因: typo", "Anna Berg", "typo"},
	} {
		d, err := dom.Parse(forum.Capture{URL: "https://kiln.example/", Body: []byte(`<html lang="` + c.lang + `"><body><div id=e>` + c.note + `</div></body></html>`)})
		if err != nil {
			t.Fatal(err)
		}
		k := dom.NewClock(forum.Capture{FetchedAt: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)}, forum.Facts{DateOrder: "dmy"}, d)
		got := ReadEdit(d.Find("#e").Nodes[0], "Bert", k)
		if at := got.When.At.Format("2006-01-02 15:04"); at != "2010-03-12 10:15" || got.By != c.by || got.Reason != c.reason {
			t.Errorf("%s: at %s, by %q, reason %q, raw %q", c.note, at, got.By, got.Reason, got.When.Raw)
		}
	}
}
