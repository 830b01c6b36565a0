package xf2

import "forumine/extract/dom"

// Label gives the English label for one that a language pack of XenForo writes
// in a way of its own, else the label as it is.
func Label(label string) string {
	switch dom.Slug(label) {
	case "zustimmungen", "likes_erhalten", "reacciones", "j_aime", "apprecies", "me_gusta", "curtidas", "curtidas_recebidas", "gostos", "polubienia_otrzymane", "otrzymane_polubienia", "gillanden", "likes_ontvangen", "ontvangen_likes", "begenileri", "aldığı_begeniler":
		return "Likes Received"
	case "punkte_reaktionen", "reaktionswert", "reaktionspunktzahl", "score_de_reactions", "puntuacion_de_reaccion", "puntos_de_reaccion", "punteggio_reazione", "pontuacao_de_reacao", "waarderingsscore", "reactie_score", "wynik_reakcji", "reaktioner_modtaget", "реакций", "оценка_реакций", "reaksiyon_puanı", "tepki_puanı":
		return "Reaction score"
	case "punkte_fur_erfolge", "erfolgspunkte", "points_trophees", "puntos_de_trofeos", "pontos_de_trofeu", "punkty_za_osiągniecia", "punkty_osiągniecia", "kupa_puanı":
		return "Trophy Points"
	}
	return label
}

// reaction is the slug of a kind of reaction: the stock like under one name in
// every language, others as the forum calls them.
func reaction(name string) string {
	switch slug := dom.Slug(name); slug {
	case "gefallt_mir", "j_aime", "me_gusta", "mi_piace", "vind_ik_leuk", "leuk", "lubie_to", "curtir", "gosto", "gostei", "gilla", "begen", "beğen", "нравится", "мне_нравится", "подобається", "赞", "讚", "いいね", "좋아요", "إعجاب", "thich":
		return "like"
	default:
		return slug
	}
}
