package index

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
)

func TestLanguage(t *testing.T) {
	tests := []struct{ text, want string }{
		{"I think the pump needs a new seal, has anyone replaced theirs lately?", "en"},
		{"Ich glaube, die Pumpe braucht eine neue Dichtung, hat jemand seine schon ersetzt?", "de"},
		{"Думаю, насосу нужна новая прокладка, кто-нибудь уже менял её у себя?", "ru"},
		{"Мабуть, насосу потрібна нова прокладка, чи хтось уже міняв її у себе вдома?", "uk"},
		{"ポンプには新しいシールが必要だと思います。最近交換した人はいますか。", "ja"},
		{"有人试过新固件吗？我这边一直不行。", "zh"},
		{"새 펌웨어 써 본 사람 있나요?", "ko"},
		{"Έχει δοκιμάσει κανείς το νέο λογισμικό;", "el"},
		{"Minulý týden jsem vyměnil těsnění.", "cs"},
		{"Moja też się zepsuła po dwóch latach.", "pl"},
		{"Benimki de iki yıl sonra bozuldu.", "tr"},
		{"thanks a lot", ""},
		{"lol good one mate", ""},
		{"1234567890 1234567890 1234567890", ""},
		{"", ""},
	}
	language := newDetector().language
	for _, tt := range tests {
		lang, trust := language(tt.text)
		if lang != tt.want || (lang == "") != (trust == 0) || trust > 1 {
			t.Errorf("%q: %q %v, want %q", tt.text, lang, trust, tt.want)
		}
	}
}

// TestLanguageOfShortPosts holds that a short post's language is right or
// unknown: each of these once got another one's.
func TestLanguageOfShortPosts(t *testing.T) {
	language := newDetector().language
	for text, want := range map[string]string{
		"Ni idea, nunca tuve ese problema.":               "es",
		"Ce adeziv ai folosit pentru ramă?":               "ro",
		"Quelqu'un a essayé le nouveau firmware ?":        "fr",
		"Yeni yazılımı deneyen oldu mu?":                  "tr",
		"Nejdřív zkontroluj pojistku.":                    "cs",
		"Non lo comprerei a quel prezzo.":                 "it",
		"Ik heb vorige week de pakking vervangen.":        "nl",
		"Geen idee, nooit dat probleem gehad.":            "nl",
		"Ingen aning, har aldrig haft det problemet.":     "sv",
		"Кто-нибудь уже пробовал новую прошивку?":         "ru",
		"На прошлой неделе поменял прокладку.":            "ru",
		"Моя тоже сломалась через два года.":              "ru",
		"Магазин опять прислал не ту деталь.":             "ru",
		"Ada yang sudah coba firmware baru belum?":        "id",
		"Minggu lalu saya ganti segelnya dan masih bocor": "id",
	} {
		if lang, trust := language(text); lang != "" && lang != want {
			t.Errorf("%q: %q %v, want %q or nothing", text, lang, trust, want)
		}
	}
}

// TestLanguageByWords tells a text full of a language's common words by them, and
// leaves one that may be of two languages, or is of both, to the trigrams.
func TestLanguageByWords(t *testing.T) {
	words := newWordTable()
	for text, want := range map[string]string{
		"The seller said it was tested, but the fuse was blown on arrival.":                                     "en",
		"Ich habe die Dichtung letzte Woche getauscht, und es ist immer noch nicht dicht.":                      "de",
		"Je ne comprends toujours pas pourquoi elle fuit encore, et je ne sais plus que faire.":                 "fr",
		"No sé por qué todavía pierde agua, pero ya cambié la junta que me dijo el vendedor.":                   "es",
		"Non so perché perde ancora, ma la guarnizione è stata cambiata con quella che mi hanno mandato.":       "it",
		"Não sei por que ainda vaza, mas eu já troquei a junta que o vendedor me mandou com isso.":              "pt",
		"Ik weet niet waarom het nog lekt, maar ik heb de pakking die bij de pomp zat vervangen.":               "nl",
		"Jag vet inte varför det läcker, men jag har bytt den packning som fanns i lådan och det är bättre nu.": "sv",
		"Nie wiem czy to się da zrobić, ale ja już tak próbowałem i u mnie nie działa jak jest na rysunku.":     "pl",
		"Det er ikke så lett å si, men jeg har en og den er god":                                                "", // Norwegian or Danish
		"quick brown fox jumps over lazy dogs near quiet river banks":                                           "",
		"": "",
	} {
		if code, trust := words.byWords(text); code != want || (code == "") != (trust == 0) {
			t.Errorf("%q: %q %v, want %q", text, code, trust, want)
		}
	}
}

// TestLooksEnglish tries fewer languages on a text full of English's small words,
// and on no other.
func TestLooksEnglish(t *testing.T) {
	for text, want := range map[string]bool{
		"The seller said it was tested, but the fuse was blown on arrival.":                                            true,
		"The manual says 12 V, but the label on the board reads 9 V.":                                                  true,
		"Das Heft \"The Care of the Pump\" kenne ich nicht, aber die Dichtung habe ich letzte Woche selbst getauscht.": false,
		"Je ne comprends toujours pas pourquoi elle fuit encore.":                                                      false,
		"": false,
	} {
		if looksEnglish(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
	if lang, trust := newDetector().language("The seller said it was tested, but the fuse was blown on arrival."); lang != "en" || trust < 0.8 {
		t.Errorf("%q %v", lang, trust)
	}
}

// TestBorrowedLetters rules no language out of a text for a foreign name in it.
func TestBorrowedLetters(t *testing.T) {
	text := "My neighbour Jörg swears by the old seal, but the one that Łukasz sent me from the shop has kept the pump dry for two winters now, and it was half the price of the other."
	if lang, _ := newDetector().language(text); lang != "en" {
		t.Errorf("%q", lang)
	}
}

// TestProse is what a post's language is told by: neither code nor addresses.
func TestProse(t *testing.T) {
	text := "Setze das so:\nif err != nil {\n\treturn err\n}\nund sieh https://go.example/doc nach, oder frag ada@example.org."
	have := strings.Fields(prose(text, "if err != nil {\n\treturn err\n}"))
	if got, want := strings.Join(have, " "), "Setze das so: und sieh nach, oder frag"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if strings.TrimSpace(prose("no code here", "")) != "no code here" {
		t.Error("prose without code is lost")
	}
}

// TestLanguageOnlyOfChangedPosts asks for a post's language when it is rendered,
// which the state does when the digest changes, and not when it is folded.
func TestLanguageOnlyOfChangedPosts(t *testing.T) {
	var asked []string
	f := NewFolderWith(func(text string) (string, float64) {
		asked = append(asked, strings.TrimSpace(text))
		return "eo", 0.5
	})
	see := func(at time.Time, text, code string) Folded {
		t.Helper()
		page := &forum.Page{Kind: forum.KindThread, Thread: &forum.Thread{ID: "31"}, Posts: []forum.Post{{ID: "1", Body: forum.Body{Text: text, Code: code}}}}
		for _, c := range Contributions(SiteInfo{ID: "kites.example"}, page, Provenance{PageKey: "thread/31/1", ObservedAt: at}) {
			if c.Doc.Kind != forum.DocPost {
				continue
			}
			folded, err := f.Fold(c.Doc, []forum.Contribution{c}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return folded
		}
		t.Fatal("the page says nothing of its post")
		return Folded{}
	}
	noon := time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)
	first, again, edited := see(noon, "one", ""), see(noon.Add(time.Hour), "one", ""), see(noon.Add(2*time.Hour), "two\nx := 1", "x := 1")
	if len(asked) != 0 {
		t.Errorf("folding asks for the language of %q", asked)
	}
	if first.Digest != again.Digest || first.Digest == edited.Digest {
		t.Fatalf("digests %s, %s, %s", first.Digest, again.Digest, edited.Digest)
	}
	raw, err := f.Render(edited, Meta{Key: "kites.example|post|1"})
	if err != nil || len(asked) != 1 || asked[0] != "two" {
		t.Fatalf("asked for %q, %v", asked, err)
	}
	var doc PostDoc
	if err := json.Unmarshal(raw, &doc); err != nil || doc.Body.Lang != "eo" || doc.Body.LangConfidence != 0.5 {
		t.Errorf("%+v, %v", doc.Body, err)
	}
}
