package index

import (
	"iter"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commonWords are the words that stand most often in texts of a language. Most
// posts name their language by them, for a small part of what their trigrams
// would cost; words that several languages share count for each of them.
type commonWords struct{ code, words string }

// wordLists are languages of Latin script. Each has its neighbours in the list, so
// that a text that may be of either has no clear winner.
func wordLists() []commonWords {
	return []commonWords{
		{"en", "the and to of a in is it i that for you on was with my be have this are not but as at so if they we or there an what from he just can when do me would all your has by no one had will been about out get like than then them which some any were could who how also only more because his her she did its into up over after other these where should does"},
		{"de", "der die das und ich nicht ist ein eine zu den mit es auf auch sich dem im von wie so aber für man hat noch nur wenn oder bei als was war mir mal dann schon habe da er sie wir kann sind hier mich aus an am in einen einem einer kein keine sein werden wird über nach vor zum zur du dass daß mehr immer ja sehr gibt hab des ob bis doch jetzt ihr"},
		{"fr", "le la les de des et un une est que qui je pas il en pour dans ce sur avec ne plus au se mais par on vous nous ai a son sa ses mon ma tu sont été ou où si c d l n qu j y bien fait comme tout cette ces leur être avoir très aussi du même sans peut elle ils était aux m s"},
		{"es", "el la los las de que y en un una es no se por con para lo me mi su al del como pero más si ya yo muy está esta este eso tengo hay o le te sin porque cuando todo también donde qué he ha son ser a tiene fue era nos algo solo mas así desde"},
		{"it", "il la lo gli le di che e un una è non per in con del della dei si mi ma come più anche sono ho ha se da nel alla al questo questa ci quando perché io tu molto era essere cosa già poi dal dalla o i a delle nella ti hai solo ne sul fare"},
		{"pt", "o a os as de que e um uma é não se por com para do da dos das no na nos nas em mas como mais eu meu ao ou já você foi está tem muito isso também quando sem ser me ele ela são pelo pela tenho estou só até era seu sua"},
		{"nl", "de het een en van ik is niet dat in op te zijn met voor die er maar aan ook je als dan nog wel om bij naar of was heb kan hij wat door uit geen deze mijn we heeft zo meer al worden werd hebben dit moet toch over hier daar ze"},
		{"af", "die en nie is van het in ek dit my te wat om vir met ons jy as hy was so aan daar na maar op sal kan ook by een baie nog hulle se word moet"},
		{"sv", "och det att i en jag är på som för inte med den av har till de ett om så men man kan var vi från eller när nu mig sig min du där bara skulle mycket ska hade också vad finns han blir då"},
		{"da", "og det at i en jeg er på som for ikke med den af har til de et om så men man kan var vi fra eller når nu mig sig min du der bare skulle meget skal havde også hvad hvis han bliver da"},
		{"nb", "og det at i en jeg er på som for ikke med den av har til de et om så men man kan var vi fra eller når nå meg seg min du der bare skulle mye skal hadde også hva hvis han blir da noe noen"},
		{"pl", "i w na się nie z do to że jest jak ale co o po tak za już od przez tylko ja mi mam być dla był czy ma tego ten przy lub pod może bardzo są więc gdy ze jako by też sobie"},
		{"cs", "a se na je v to že s z do i jsem ale jak si tak pro o by ne už co ve má po za jen když mi nebo bylo být jsou ten jako tam než bych není"},
		{"sk", "a sa na je v to že s z do i som ale ako si tak pre o by nie už čo vo má po za len keď mi alebo bolo byť sú ten tam než"},
		{"hr", "i je u da se na za to ne s su što ali kao sam od bi iz ili ako samo po već nije o koji sve ja mi te ga si li"},
		{"ro", "și şi de la în nu a o un că am cu pe este mai din ce se să pentru dar are ca sunt mi au fi fost cum al le sau când"},
		{"hu", "a az és hogy nem is egy van ez de csak meg már ha mint volt még el lesz ezt azt nincs vagy én ami kell"},
		{"fi", "ja on ei se että en ole oli niin mutta kun jos myös vain sitä olen tai kuin ovat mitä nyt sen minä"},
		{"tr", "bir ve bu da de için ne çok ben var daha ama gibi mi kadar o en sonra ile bunu değil olan ki şey mı her"},
		{"id", "yang dan di ini itu dengan untuk tidak dari ada saya ke akan juga bisa atau sudah pada kalau aku lagi yg"},
		{"tl", "ang ng sa na at mga ay ko hindi po ako naman lang ba kung para din mo pa yung si"},
		{"", "el la els les de que i en un una és no per amb del al com però més si ja jo molt està aquest això tinc hi ha o et sense perquè quan tot també on què he són"}, // Catalan
		{"", "et in est non ut cum ad quod qui sed ex si per a ab de esse sunt enim autem"},                                                                                 // Latin
	}
}

// maxWord is how many bytes of UTF-8 a common word has at most.
const maxWord = 8

// wordTable gives by word, its bytes as a number, the lists that it stands in.
type wordTable struct {
	lists map[uint64]uint32
	codes []string
}

func newWordTable() *wordTable {
	t := &wordTable{lists: map[uint64]uint32{}}
	for i, l := range wordLists() {
		t.codes = append(t.codes, l.code)
		for word := range strings.FieldsSeq(l.words) {
			var key uint64
			for _, c := range []byte(word) {
				key = key<<8 | uint64(c)
			}
			t.lists[key] |= 1 << i
		}
	}
	return t
}

// The winner among the lists must have so many words of the text, such a share of
// them, and so many times those of the second.
const (
	leastWords  = 6
	wordShare   = 0.25
	wordsToNext = 1.6
)

// byWords is the language whose common words a text is full of, if there is one.
func (t *wordTable) byWords(s string) (string, float64) {
	var hits [32]int
	words := 0
	for key := range wordKeys(s) {
		words++
		if key == 0 {
			continue
		}
		for in := t.lists[key]; in != 0; in &= in - 1 {
			hits[bits.TrailingZeros32(in)]++
		}
	}
	best, second := 0, 0
	for i, n := range hits[:len(t.codes)] {
		if n > hits[best] {
			best, second = i, hits[best]
		} else if i != best {
			second = max(second, n)
		}
	}
	n := float64(hits[best])
	if hits[best] < leastWords || n < wordShare*float64(words) || n < wordsToNext*float64(second) {
		return "", 0
	}
	return t.codes[best], 1
}

// wordKeys cuts a text into words: runs of letters, in lower case, as the number
// that their bytes make, 0 for one that is longer than any common word.
func wordKeys(s string) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		key, size := uint64(0), 0
		for _, r := range s {
			if r, ok := lowerLetter(r); ok {
				var b [utf8.UTFMax]byte
				n := utf8.EncodeRune(b[:], r)
				for _, c := range b[:n] {
					key = key<<8 | uint64(c)
				}
				size += n
				continue
			}
			if size > 0 && !yield(keyOf(key, size)) {
				return
			}
			key, size = 0, 0
		}
		if size > 0 {
			yield(keyOf(key, size))
		}
	}
}

func keyOf(key uint64, size int) uint64 {
	if size > maxWord {
		return 0
	}
	return key
}

// lowerLetter is a letter in lower case, false for anything else.
func lowerLetter(r rune) (rune, bool) {
	switch {
	case 'a' <= r && r <= 'z':
		return r, true
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A', true
	case r < 0x80:
		return 0, false
	}
	return unicode.ToLower(r), unicode.IsLetter(r) || unicode.IsMark(r)
}
