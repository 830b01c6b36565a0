package dom

import (
	"strings"
	"unicode"
)

// Attributions are sentences around a name, in the forum's language: "NAME
// wrote:", "Last edited by NAME". Which words are the sentence's own shows on
// the page itself, wherever the name is that of somebody who posts there.

// wroteTails are the attributions of more than one word, as translations of the
// engines write them; of all others the last word is left out.
var wroteTails = []string{"a écrit", "a ecrit", "a dit", "ha scritto", "ha escrito", "ha escrit", "hat geschrieben", "hat folgendes geschrieben", "hat gesagt", "has written", "je napisao", "je napisao/la", "je napisal", "je napisal/a", "je napisala", "je napísal", "a scris", "đã viết", "har skrevet", "har skrivit", "har skrevet følgende", "نوشته است", "heeft geschreven", "skrev følgende", "está escribiendo"}

// byLeads are what stands before a name in the usual translations.
var byLeads = []string{"last edited by", "edited by", "last modified by", "dernière modification par", "édité par", "zuletzt bearbeitet von", "zuletzt geändert von", "bearbeitet von", "última edición por", "editado por última vez por", "última edição por", "editado por", "ultima modifica di", "ultima modifica da", "modificato da", "laatst bewerkt door", "laatst aangepast door", "bewerkt door", "ostatnio edytowany przez", "ostatnio edytowane przez", "edytowany przez", "отредактировано", "последний раз редактировалось", "отредактировано:", "сообщение отредактировал", "сообщение отредактировала", "редактирован", "ändrad av", "redigeret af", "востаннє редагував", "senast redigerad av", "sidst rettet af", "sist redigert av", "viimeksi muokannut", "utoljára szerkesztette", "ultima modificare făcută de", "son düzenleyen", "naposledy upravil", "naposledy editoval", "upravil", "τελευταία επεξεργασία από", "последно редактирано от", "最后由", "最後由", "最終更新者", "by", "par", "von", "por", "di", "da", "door", "przez", "от", "автор", "від", "av", "af", "de", "od", "από"}

// WroteTail is what follows the names in a page's attributions ("wrote:"), read
// off those whose names are known; "" when none is.
func WroteTail(texts []string, known Names) string {
	return commonFrame(texts, func(text string) string {
		if name := KnownName(text, known, false); name != "" {
			return strings.TrimSpace(text[len(name):])
		}
		return ""
	}, strings.HasSuffix)
}

// ByLead is what stands before the names in a page's notes ("Last edited by"),
// read off those whose names are known; "" when none is.
func ByLead(texts []string, known Names) string {
	return commonFrame(texts, func(text string) string {
		if name := KnownName(text, known, true); name != "" {
			return strings.TrimSpace(text[:len(text)-len(name)])
		}
		return ""
	}, strings.HasPrefix)
}

// commonFrame is the candidate that frames the most texts, the shortest of
// several: a name may begin with another one.
func commonFrame(texts []string, frame func(string) string, fits func(s, part string) bool) string {
	best, votes := "", 0
	counted := map[string]bool{}
	for _, text := range texts {
		candidate := frame(text)
		if candidate == "" || counted[candidate] {
			continue
		}
		counted[candidate] = true
		n := 0
		for _, other := range texts {
			if fits(other, candidate) {
				n++
			}
		}
		if n > votes || n == votes && len(candidate) < len(best) {
			best, votes = candidate, n
		}
	}
	return best
}

// WroteBy is the name in "NAME wrote:". Tail is the page's own (WroteTail);
// without one the usual phrases are tried, then the last word is left out.
func WroteBy(text, tail string) string {
	text = Fold(text)
	if name, ok := strings.CutSuffix(text, tail); ok && tail != "" && strings.TrimSpace(name) != "" {
		return strings.TrimSpace(name)
	}
	text = strings.TrimRightFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ':' || r == '：' || r == '↑' })
	for _, phrase := range wroteTails {
		if n := len(text) - len(phrase); n > 1 && text[n-1] == ' ' && strings.EqualFold(text[n:], phrase) {
			return strings.TrimSpace(text[:n])
		}
	}
	if i := strings.LastIndexByte(text, ' '); i > 0 {
		return strings.TrimSpace(text[:i])
	}
	for _, glued := range [...]string{"写道", "寫道", "说道", "說道", "さんの発言", "さんは書きました"} {
		if name, ok := strings.CutSuffix(text, glued); ok && name != "" {
			return name
		}
	}
	return ""
}

// NameAfter is the name in "Last edited by NAME". Lead is the page's own
// (ByLead); without one the usual phrases are tried, then the last word is
// taken.
func NameAfter(text, lead string) string {
	text = strings.TrimRight(Fold(text), " ,;:")
	if name, ok := strings.CutPrefix(text, lead); ok && lead != "" && name != "" {
		return strings.TrimSpace(name)
	}
	for _, phrase := range byLeads {
		if n := len(phrase); len(text) > n+1 && text[n] == ' ' && strings.EqualFold(text[:n], phrase) {
			return strings.TrimSpace(text[n:])
		}
	}
	return text[strings.LastIndexByte(text, ' ')+1:]
}

// denialWords tell a refusal for want of permission from a page that is not
// there, where an engine shows both alike. They are stems of the words that its
// translations use.
var denialWords = []string{"permission", "not allowed", "must be logged in", "log in to", "login to", "private", "restricted", "members only", "not authorized", "not authorised", "forbidden", "access denied",
	"berechtig", "nicht erlaubt", "kein zugriff", "keine rechte", "anmelden", "einloggen", "autoris", "accès", "interdit", "droits", "permiso", "permitido", "acceso", "permess", "accesso", "autorizz", "permiss", "acesso", "rechten", "toestemming", "geen toegang", "uprawnie", "dostęp", "доступ", "прав", "дозвол", "oprávn", "behörig", "tillstånd", "rettighed", "adgang", "tilgang", "tillatelse", "oikeu", "jogosult", "permisiun", "yetki", "izin", "δικαίωμα", "άδεια", "权限", "權限", "許可", "権限", "권한", "로그인", "회원이시라면", "صلاحية", "غير مسموح", "مجوز", "הרשאה", "réttindi", "baimenik", "dozvol", "دەسەڵات", "inloggen", "quyền", "oprávnění"}

// SaysDenied tells whether a message speaks of missing permission.
func SaysDenied(text string) bool {
	text = strings.ToLower(text)
	for _, w := range denialWords {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
