package dom

import (
	"strings"
	"testing"
)

func TestCardLabelsNameOneField(t *testing.T) {
	of := map[string]field{}
	for f, list := range cardLabelForms {
		for form := range strings.FieldsSeq(list) {
			if other, ok := of[Slug(form)]; ok && other != f {
				t.Errorf("%q stands for two fields", form)
			}
			of[Slug(form)] = f
		}
	}
}

// The labels as the programs' language packs write them.
func TestCardLabelsOfLanguages(t *testing.T) {
	for _, c := range []struct {
		want   field
		labels string
	}{
		{fieldJoined, "Joined;Date joined;Registriert seit:;Im Board seit;Inscrit(e) le;Membre depuis;Se incorporó;Registrado em;Lid sinds;Dołączył(a);На форуме с;Реєстрація;Datum registrace;Medlem sedan;Csatlakozás;Data înscrierii;Katılma Tarihi;Ημερομηνία εγγραφής;Дата на регистрация;تاريخ الإنضمام;التسجيل;تاریخ ثبت نام;Tham gia ngày;加入日期;가입 날짜;วันที่สมัคร;הצטרף"},
		{fieldPosts, "Posts;Total de mensajes;Всего сообщений;总帖数;Anzahl der Beiträge;Nombre de messages;Postów;Повідомлень;Příspěvků;Postări;İleti;Съобщения;عدد المشاركات;Bài gửi;發文數;게시글;โพสต์;הודעות;Poruke"},
		{fieldLocation, "Location;住址;Ort;Cidade;Miejscowość;Umístění;Bulunduğu yer;Περιοχή;مكان الإقامة;Nơi ở;Lokacija"},
		{fieldReactions, "Reaction score;Zustimmungen;Waarderingsscore;リアクションスコア;Điểm tương tác;مستوى التفاعل"},
		{fieldTrophies, "Points;Punkte für Erfolge;Puan;Điểm;النقاط"},
	} {
		for label := range strings.SplitSeq(c.labels, ";") {
			if got := cardLabels[labelSlug(label)]; got != c.want {
				t.Errorf("%q names field %d, want %d", label, got, c.want)
			}
		}
	}
}
