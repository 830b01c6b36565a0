package dom

import (
	"strings"

	"forumine/extract/forum"
)

// Card fills an author from the label and value pairs that engines show beside
// a post or on a profile. Labels are recognised by the engine's own key where
// it has one, else by the words that the engines' translations use; what is no
// common field becomes a custom one.
type Card struct {
	Author *forum.Author
	Clock  *Clock
}

// field is a common field of an author.
type field int

const (
	fieldCustom field = iota
	fieldJoined
	fieldPosts
	fieldReactions
	fieldTrophies
	fieldGender
	fieldLocation
	fieldTitle
	fieldWebsite
	fieldLastActive
	fieldAbout
	fieldIgnored
)

// cardLabels are the labels of the common fields by their slug, as the engines'
// own translations write them.
var cardLabels = buildLabels(cardLabelForms)

// cardLabelForms are the labels as they are written, blanks as underscores; none
// stands for two fields.
var cardLabelForms = map[field]string{
	fieldJoined: "registered_on date_joined joined_on on_board_since user_since im_board_seit im_forum_seit anmeldedatum inscrit_e_le membre_depuis depuis se_incorporó registrado_desde ingreso membro_dal data_de_ingresso cadastrado registrado_em inscrição lid_sinds berichten_sinds dołączył_a data_rejestracji на_форуме_с реєстрація дата_реєстрації datum_registrace registrovaný medlem_sedan tilmeldingsdato medlem_siden ble_medlem csatlakozás regisztráció data_înscrierii katılma_tarihi ημερομηνία_εγγραφής регистриран_на дата_на_регистрация التسجيل تاریخ_ثبت_نام عضو_شده bergabung_tanggal tham_gia_ngày gia_nhập 加入日期 加入時間 登録日時 가입_날짜 เข้าร่วมเมื่อ วันที่สมัคร הצטרף תאריך_הצטרפות pridružen pridružio registriran učlanjen datum_pridruživanja liitunud prisijungė reģistrējies " +
		"joined join_date registered registration_date member_since date_registered beigetreten registriert registriert_seit mitglied_seit registrierungsdatum dabei_seit angemeldet_seit " +
		"inscription inscrit inscrit_le date_d_inscription registrado registrado_el se_unio desde fecha_de_ingreso miembro_desde iscritto iscritto_dal registrato iscritto_il data_registrazione cadastrado_em entrou_em registado ingressou membro_desde " +
		"lid_geworden lid_geworden_op geregistreerd geregistreerd_op toegetreden dołączył dolaczył dołączyła rejestracja zarejestrowany регистрация зарегистрирован зарегистрирована дата_регистрации с_нами_с приєднався зареєстрований з_нами_з " +
		"registrovan registrace zalozen registrerad gick_med blev_medlem reg_datum tilmeldt registreret ble_med registrert liittynyt rekisteroitynyt csatlakozott regisztralt inscris membru_din katılım kayıt_tarihi uyelik_tarihi εγγραφη μελος_απο регистриран " +
		"注册时间 注册 注册日期 加入于 加入时间 註冊時間 註冊日期 登録日 参加日 가입일 가입 تاريخ_التسجيل انضم تاريخ_الانضمام تاریخ_عضویت عضویت bergabung ngay_tham_gia tham_gia",
	fieldPosts: "total_de_mensajes total_de_mensagens всего_сообщений wszystkich_postów totale_messaggi totaal_aantal_berichten nombre_total_de_messages beiträge_gesamt 总帖数 總帖數 forum_posts anzahl_der_beiträge mensajes_totales messages_postés nombre_de_messages post_totali aantal_berichten postów публикаций повідомлень дописи příspěvků antal_indlæg üzenetek_száma postări ileti съобщения عدد_المشاركات مشاركات tulisan kiriman số_bài_viết bài_gởi bài_gửi 发帖 文章數 發文數 投稿 記事 게시글 โพสต์ ข้อความ הודעות postovi poruke poruka postitusi pranešimai ziņas " +
		"messages posts post_count total_posts total_cumulative_posts number_of_posts total_messages replies_created beitrage beitraege nachrichten mensajes publicaciones mensagens messaggi berichten posty posty_ogolnie wiadomosci liczba_postow сообщения сообщений сообщении повідомлення постов посты " +
		"prispevky pocet_prispevku zpravy inlagg meddelanden indlæg beskeder innlegg meldinger viesteja viestit hozzaszolasok uzenetek mesaje mesajlar mesaj_sayısı mesaj δημοσιευσεις μηνυματα мнения 帖子 帖子数 帖子數 帖數 消息 發文 文章 投稿数 メッセージ 게시물 메시지 المشاركات الرسائل نوشته نوشته_ها ارسال_ها پست_ها bai_viet mensagens_publicadas postagens comments total_comments",
	fieldReactions: "punkte_reaktionen reaktionspunktzahl zustimmungen puntuación_reacciones punteggio_reazione waarderingsscore wynik_reakcji реакційний_бал reaktionspoäng gillanden reaction_point điểm_tương_tác 反应 反馈评分 反應 リアクションスコア 반응 التفاعلات مستوى_التفاعل امتیاز_واکنش " +
		"likes_received reaction_score reactions_received likes reputation karma thanks_received erhaltene_likes punkte_fur_reaktionen reaktionspunkte reaktionen j_aime_recus score_reaction score_de_reaction me_gusta_recibidos puntuacion_de_reacciones mi_piace punteggio_reazioni " +
		"leuk_bevonden reactiescore waardering_score симпатии реакции репутация симпатии_получены полученные_симпатии polubienia punkty_reakcji reaktioner begeistringer_modtaget beğeniler tepkime_puanı 获得的点赞 获赞 点赞 赞 いいね 좋아요 반응_점수 الإعجابات rating community_reputation",
	fieldTrophies: "punkte_erfolge punkte_für_erfolge puntos_de_trofeos punti pontos punten punkty punkty_za_osiągnięcia бали poäng puanları puan điểm 積分 النقاط " +
		"trophy_points points punkte trophaen points_de_trophee puntos_de_trofeo puntos punti_trofei trofeepunten баллы очки punkty_osiągniec trofæpoint pokalpoang 积分 点数 ポイント 포인트 نقاط_الجائزة",
	fieldGender: "gender sex geschlecht sexe genre genero sexo sesso geslacht пол стать płec plec kon kön køn kjønn sukupuoli nem cinsiyet φυλο 性别 性別 성별 الجنس جنسیت",
	fieldLocation: "住所 şehir de_onde_vem lokation bydliště localització localização locație luogo staðsetning frá kokapena nongoa شهر شوێن المنطقة τοποθεσία από местонахождение din fra från des_de gönderen iz místo 住址 localidade cidade miejscowość umístění lokalitet bosted lakhely hely bulunduğu_yer περιοχή الدولة مكان_الإقامة موقعیت lokasi đến_từ nơi_ở nơi_cư_ngụ địa_chỉ 場所 ที่อยู่ מיקום מקום lokacija mjesto " +
		"location from ort wohnort standort herkunft localisation lieu localite ubicacion localizacion lugar localita provenienza residenza localizacao local de_onde woonplaats locatie plaats lokalizacja skad откуда город местоположение адрес звідки місто bydliste misto ort_ plats bopæl sted paikkakunta sijainti tartozkodasi_hely localitate konum yer nerden τοποθεσια местоположение_ 来自 地点 所在地 居住地 來自 위치 거주지 محل_سکونت الموقع المكان الإقامة",
	fieldTitle:      "user_title",
	fieldWebsite:    "website home_page homepage web_site webseite internetseite site_web sito_web sitio_web pagina_web www strona_www сайт веб_сайт webbplats kotisivu hjemmeside 网站 个人主页 個人主頁 ウェブサイト 웹사이트",
	fieldLastActive: "last_seen last_activity last_visit last_active last_visited letzte_aktivitat letzter_besuch derniere_visite derniere_activite ultima_visita ultima_attivita ultima_actividad laatste_bezoek laatst_gezien последняя_активность был_а ostatnia_wizyta ostatnio_widziany senast_aktiv son_gorulme 最后活动 最后登录 最后访问 上次活动时间 最後登錄 最後訪問 上次活動時間 最終訪問",
	fieldAbout:      "about about_me about_you uber_mich biography biographie bio",
}

func buildLabels(by map[field]string) map[string]field {
	out := map[string]field{}
	for f, list := range by {
		for slug := range strings.FieldsSeq(list) {
			out[Slug(slug)] = f
		}
	}
	return out
}

// labelSlug is the slug that labels are looked up by.
func labelSlug(label string) string { return Slug(strings.TrimRight(label, ":： \u00a0")) }

// Add takes one pair. Key is the engine's own key of a custom field, "" when it
// gives none; label and value are as shown. Empty values are no pairs.
func (c Card) Add(key, label, value string) {
	label = strings.TrimSpace(strings.TrimRight(Fold(label), ":： "))
	if value = Fold(value); value == "" || (label == "" && key == "") {
		return
	}
	slug := labelSlug(label)
	if key == "" && c.common(cardLabels[slug], value) {
		return
	}
	switch key {
	case "location", "gender", "occupation":
		if c.common(cardLabels[key], value) {
			return
		}
	case "":
		key = slug
	default:
		key = Slug(key)
	}
	c.custom(key, label, value)
}

func (c Card) custom(key, label, value string) {
	if key == "" {
		return
	}
	if c.Author.Fields == nil {
		c.Author.Fields = map[string]string{}
	}
	c.Author.Fields[key] = value
	if label == "" {
		return
	}
	if c.Author.FieldLabels == nil {
		c.Author.FieldLabels = map[string]string{}
	}
	c.Author.FieldLabels[key] = label
}

// common fills a common field; false when the value does not fit it.
func (c Card) common(f field, value string) bool {
	a := c.Author
	switch f {
	case fieldJoined:
		if a.Joined.IsZero() {
			a.Joined = c.Clock.Text(value)
		}
		return true
	case fieldPosts:
		return setCount(&a.PostCount, value)
	case fieldReactions:
		return setCount(&a.ReactionScore, value)
	case fieldTrophies:
		return setCount(&a.TrophyPoints, value)
	case fieldGender:
		a.Gender = value
	case fieldLocation:
		a.Location = value
	case fieldTitle:
		a.Title = value
	case fieldWebsite:
		a.Websites = append(a.Websites, value)
	case fieldLastActive:
		a.LastActive = c.Clock.Text(value)
	case fieldAbout:
		a.About = value
	default:
		return false
	}
	return true
}

func setCount(to **int64, value string) bool {
	n := Count(value)
	if n == nil {
		return false
	}
	*to = n
	return true
}
