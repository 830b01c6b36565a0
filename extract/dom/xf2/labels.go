package xf2

import (
	"strings"

	"forumine/extract/dom"
)

// labels are those that a language pack of XenForo writes in a way of its own,
// as dom.Slug folds them, by the English one.
var labels = byForm(map[string]string{
	"Likes Received": "zustimmungen likes_erhalten reacciones j_aime apprecies me_gusta curtidas curtidas_recebidas gostos polubienia_otrzymane otrzymane_polubienia gillanden likes_ontvangen ontvangen_likes begenileri aldığı_begeniler",
	"Reaction score": "punkte_reaktionen reaktionswert reaktionspunktzahl score_de_reactions puntuacion_de_reaccion puntos_de_reaccion punteggio_reazione pontuacao_de_reacao waarderingsscore reactie_score wynik_reakcji reaktioner_modtaget реакций оценка_реакций reaksiyon_puanı tepki_puanı",
	"Trophy Points":  "punkte_fur_erfolge erfolgspunkte points_trophees puntos_de_trofeos pontos_de_trofeu punkty_za_osiągniecia punkty_osiągniecia kupa_puanı",
})

// kinds are the stock reactions in other languages than English.
var kinds = byForm(map[string]string{
	"like": "gefallt_mir j_aime me_gusta mi_piace vind_ik_leuk leuk lubie_to curtir gosto gostei gilla begen beğen нравится мне_нравится подобається 赞 讚 いいね 좋아요 إعجاب thich",
})

func byForm(lists map[string]string) map[string]string {
	out := map[string]string{}
	for meaning, list := range lists {
		for form := range strings.FieldsSeq(list) {
			out[form] = meaning
		}
	}
	return out
}

// Label gives the English label for one that a language pack of XenForo writes
// in a way of its own, else the label as it is.
func Label(label string) string {
	if english := labels[dom.Slug(label)]; english != "" {
		return english
	}
	return label
}

// reaction is the slug of a kind of reaction: the stock like under one name in
// every language, others as the forum calls them.
func reaction(name string) string {
	slug := dom.Slug(name)
	if kind := kinds[slug]; kind != "" {
		return kind
	}
	return slug
}

// Words are the words of labels and reactions that are known in other languages
// than English, as dom.Slug folds them, for those who rewrite pages and must
// leave these alone.
func Words() []string {
	var out []string
	for _, table := range [...]map[string]string{labels, kinds} {
		for form := range table {
			out = append(out, strings.Split(form, "_")...)
		}
	}
	return out
}
