package index

import (
	"cmp"
	"math"
	"strings"
	"unicode"

	"github.com/abadojack/whatlanggo"
)

// Language tells the language of a text (ISO 639-1 where it has a code, else
// 639-3) and the trust in it, 0 to 1; "" and 0 where it cannot tell.
type Language func(text string) (code string, trust float64)

const (
	minLangLetters = 24   // shorter texts tell too little of their language
	maxLangRunes   = 2000 // longer texts tell nothing more
)

// detector tells languages: by the words that stand most often in them, else by
// trigrams.
type detector struct{ words *wordTable }

func newDetector() detector { return detector{newWordTable()} }

// language is the Language of a text. It is unknown for short texts and where two
// languages fit alike: the choice by trigrams between those varies.
func (d detector) language(s string) (string, float64) {
	s, letters := beginning(s)
	if letters < minLangLetters {
		return "", 0
	}
	if code, trust := d.words.byWords(s); code != "" {
		return code, trust
	}
	return byTrigrams(s, letters)
}

func byTrigrams(s string, letters int) (string, float64) {
	found := whatlanggo.DetectWithOptions(s, candidates(s, letters))
	trust := math.Round(found.Confidence*100) / 100
	if found.Lang < 0 || trust < neededTrust(letters) {
		return "", 0
	}
	return cmp.Or(found.Lang.Iso6391(), found.Lang.Iso6393()), trust
}

// candidates are the languages that a text may be in. Each that is tried costs as
// much as all else about a post, so that a text full of English's small words is
// tried as English and as what English looks like by its trigrams alone (measured
// on 6,400 English posts: one of these comes second for 98 of 100).
func candidates(s string, letters int) whatlanggo.Options {
	out := ruledOut(s, letters)
	if !looksEnglish(s) {
		return whatlanggo.Options{Blacklist: out}
	}
	near := map[whatlanggo.Lang]bool{whatlanggo.Eng: true}
	for _, lang := range []whatlanggo.Lang{
		whatlanggo.Dan, whatlanggo.Fra, whatlanggo.Nob, whatlanggo.Afr, whatlanggo.Nld, whatlanggo.Nno, whatlanggo.Deu, whatlanggo.Ita,
		whatlanggo.Por, whatlanggo.Spa, whatlanggo.Ron, whatlanggo.Swe,
	} {
		if !out[lang] {
			near[lang] = true
		}
	}
	return whatlanggo.Options{Whitelist: near}
}

// looksEnglish tells a text of whose words one in six is one of English's
// commonest that no other language has.
func looksEnglish(s string) bool {
	words, english := 0, 0
	for word := range strings.FieldsSeq(s) {
		words++
		switch strings.ToLower(strings.Trim(word, ".,;:!?()\"'")) {
		case "the", "and", "to", "that", "with", "you", "this", "not", "but", "they", "are", "from", "would", "which", "have", "what", "your", "there", "when":
			english++
		}
	}
	return english >= 3 && 6*english >= words
}

// neededTrust is the trust below which a language is a guess: few trigrams fit
// several languages. Measured on sentences of 25 languages, one, two and four in
// a row.
func neededTrust(letters int) float64 {
	switch {
	case letters < 60:
		return 0.8
	case letters < 120:
		return 0.4
	}
	return 0.1
}

// prose is a post's text without its code and addresses, which are of no
// language; quotes are no part of it.
func prose(text, code string) string {
	inCode := map[string]bool{}
	for line := range strings.Lines(code) {
		inCode[strings.TrimSpace(line)] = true
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if inCode[strings.TrimSpace(line)] {
			continue
		}
		for word := range strings.FieldsSeq(line) {
			if !strings.Contains(word, "://") && !strings.HasPrefix(word, "www.") && !strings.Contains(word, "@") {
				b.WriteString(word + " ")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// alphabet names letters and the languages that are written with them: where
// they occur, others of the script are ruled out.
type alphabet struct {
	letters string
	langs   []whatlanggo.Lang
}

// latinAlphabets are letters that few of the languages of Latin script have.
func latinAlphabets() []alphabet {
	type langs = []whatlanggo.Lang
	return []alphabet{
		{"ß", langs{whatlanggo.Deu}},
		{"ä", langs{whatlanggo.Deu, whatlanggo.Swe, whatlanggo.Fin, whatlanggo.Est, whatlanggo.Tuk}},
		{"ö", langs{whatlanggo.Deu, whatlanggo.Swe, whatlanggo.Fin, whatlanggo.Est, whatlanggo.Hun, whatlanggo.Tur, whatlanggo.Azj, whatlanggo.Tuk, whatlanggo.Uig}},
		{"å", langs{whatlanggo.Swe, whatlanggo.Dan, whatlanggo.Nob, whatlanggo.Nno, whatlanggo.Fin}},
		{"æø", langs{whatlanggo.Dan, whatlanggo.Nob, whatlanggo.Nno}},
		{"ñ¿¡", langs{whatlanggo.Spa, whatlanggo.Tgl, whatlanggo.Ilo, whatlanggo.Ceb}},
		{"ã", langs{whatlanggo.Por, whatlanggo.Vie}},
		{"õ", langs{whatlanggo.Por, whatlanggo.Est, whatlanggo.Vie}},
		{"œ", langs{whatlanggo.Fra}},
		{"ąę", langs{whatlanggo.Pol, whatlanggo.Lit}},
		{"łńśźż", langs{whatlanggo.Pol}},
		{"ěřůťď", langs{whatlanggo.Ces}},
		{"ý", langs{whatlanggo.Ces, whatlanggo.Tuk, whatlanggo.Vie}},
		{"čž", langs{whatlanggo.Ces, whatlanggo.Slv, whatlanggo.Hrv, whatlanggo.Lit, whatlanggo.Lav}},
		{"ć", langs{whatlanggo.Pol, whatlanggo.Hrv}},
		{"đ", langs{whatlanggo.Hrv, whatlanggo.Vie}},
		{"őű", langs{whatlanggo.Hun}},
		{"ğ", langs{whatlanggo.Tur, whatlanggo.Azj}},
		{"ı", langs{whatlanggo.Tur, whatlanggo.Azj}},
		{"ş", langs{whatlanggo.Tur, whatlanggo.Azj, whatlanggo.Tuk, whatlanggo.Kur, whatlanggo.Ron}},
		{"ə", langs{whatlanggo.Azj}},
		{"ățș", langs{whatlanggo.Ron, whatlanggo.Vie}},
		{"āēīģķļņ", langs{whatlanggo.Lav}},
		{"ėįų", langs{whatlanggo.Lit}},
		{"ĉĝĥĵŝŭ", langs{whatlanggo.Epo}},
		{"ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", langs{whatlanggo.Vie}},
	}
}

// latinLanguages are those that the detector knows of Latin script and that an
// alphabet may rule out.
func latinLanguages() []whatlanggo.Lang {
	return []whatlanggo.Lang{
		whatlanggo.Spa, whatlanggo.Eng, whatlanggo.Por, whatlanggo.Ind, whatlanggo.Fra, whatlanggo.Deu, whatlanggo.Jav, whatlanggo.Vie, whatlanggo.Ita,
		whatlanggo.Tur, whatlanggo.Pol, whatlanggo.Orm, whatlanggo.Ron, whatlanggo.Hau, whatlanggo.Hrv, whatlanggo.Nld, whatlanggo.Kur, whatlanggo.Yor,
		whatlanggo.Uzb, whatlanggo.Ibo, whatlanggo.Ceb, whatlanggo.Tgl, whatlanggo.Hun, whatlanggo.Azj, whatlanggo.Ces, whatlanggo.Mlg, whatlanggo.Nya,
		whatlanggo.Kin, whatlanggo.Zul, whatlanggo.Swe, whatlanggo.Som, whatlanggo.Ilo, whatlanggo.Uig, whatlanggo.Hat, whatlanggo.Aka, whatlanggo.Sna,
		whatlanggo.Afr, whatlanggo.Fin, whatlanggo.Run, whatlanggo.Tuk, whatlanggo.Dan, whatlanggo.Nob, whatlanggo.Nno, whatlanggo.Lit, whatlanggo.Slv,
		whatlanggo.Epo, whatlanggo.Lav, whatlanggo.Est,
	}
}

// Letters rule a language out where they are one in so many or more: a name or
// a borrowed word rules nothing out of a longer text. Cyrillic languages write
// such words with letters of their own.
const (
	latinShare    = 64
	cyrillicShare = 200
)

// ruledOut lists the languages whose alphabet lacks letters that a text uses.
func ruledOut(s string, letters int) map[whatlanggo.Lang]bool {
	counts := map[rune]int{}
	for _, r := range strings.ToLower(s) {
		if r >= 0x80 {
			counts[r]++
		}
	}
	out := map[whatlanggo.Lang]bool{}
	if len(counts) == 0 {
		return nil
	}
	often := func(share int) func(string) bool {
		return func(some string) bool {
			n := 0
			for _, r := range some {
				n += counts[r]
			}
			return n > 0 && n*share >= letters
		}
	}
	ruleOutCyrillic(out, letters, often(cyrillicShare))
	ruleOutLatin(out, often(latinShare))
	if len(out) == 0 {
		return nil
	}
	return out
}

// ruleOutCyrillic is needed for short Russian texts, which look Serbian by
// trigrams. Nor is a language likely whose own letters a text lacks that is long
// enough for them.
func ruleOutCyrillic(out map[whatlanggo.Lang]bool, letters int, occur func(string) bool) {
	for lang, foreign := range map[whatlanggo.Lang]string{
		whatlanggo.Bel: "ищъїєђћџјљњ",
		whatlanggo.Bul: "ыэёіїєґђћџјљњ",
		whatlanggo.Mkd: "ыэёйщъьяюіїєґђћ",
		whatlanggo.Rus: "іїєґўђћџјљњ",
		whatlanggo.Srp: "ыэёйщъьяюіїєґ",
		whatlanggo.Ukr: "ыэёъўђћџјљњ",
	} {
		if occur(foreign) {
			out[lang] = true
		}
	}
	for _, own := range []struct {
		letters string
		within  int // letters in which one of these nearly always stands
		langs   []whatlanggo.Lang
	}{
		{"әөүҝғһҹҗң", minLangLetters, []whatlanggo.Lang{whatlanggo.Azj, whatlanggo.Tuk}},
		{"іїєґў", 60, []whatlanggo.Lang{whatlanggo.Ukr, whatlanggo.Bel}},
		{"ъ", 200, []whatlanggo.Lang{whatlanggo.Bul}},
	} {
		if letters < own.within || !occur("аеио") || occur(own.letters) {
			continue
		}
		for _, lang := range own.langs {
			out[lang] = true
		}
	}
}

func ruleOutLatin(out map[whatlanggo.Lang]bool, occur func(string) bool) {
	for _, a := range latinAlphabets() {
		if !occur(a.letters) {
			continue
		}
		has := map[whatlanggo.Lang]bool{}
		for _, lang := range a.langs {
			has[lang] = true
		}
		for _, lang := range latinLanguages() {
			if !has[lang] {
				out[lang] = true
			}
		}
	}
}

// beginning is the part of a text that language looks at, with its letters. A
// letter of a script that one language has, or that stands for a syllable or a
// word, tells as much as three.
func beginning(s string) (string, int) {
	runes, letters := 0, 0
	for i, r := range s {
		if runes == maxLangRunes {
			return s[:i], letters
		}
		runes++
		switch {
		case r >= 0x370 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Greek, unicode.Thai, unicode.Georgian):
			letters += 3
		case unicode.IsLetter(r):
			letters++
		}
	}
	return s, letters
}
