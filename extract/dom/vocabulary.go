package dom

import (
	"slices"
	"strings"

	"forumine/extract/forum"
)

// The words that reading rests on, for those who rewrite pages and must leave
// these alone.

// Languages lists the tags of the languages whose dates can be read, in the
// order in which they are tried.
func Languages() []string { return slices.Clone(wordOrder) }

// DateWords are the words and phrases of one language's dates, in lower case:
// months, weekdays, days ("today"), units and what turns them into the past.
// Nil for a language that is not known.
func DateWords(lang string) []string {
	w := wordTables[lang]
	if w == nil {
		return nil
	}
	var out []string
	for form := range w.months {
		out = append(out, form)
	}
	for form := range w.weekdays {
		out = append(out, form)
	}
	for form := range w.days {
		out = append(out, form)
	}
	for form := range w.units {
		out = append(out, form)
	}
	out = slices.Concat(out, w.now, w.ago, w.one)
	slices.Sort(out)
	return slices.Compact(out)
}

// Months are the forms of one language's twelve months, in lower case, the full
// name first; nil for a language that writes months as numbers.
func Months(lang string) [][]string {
	for _, s := range wordSources {
		if s.lang != lang || s.months == "" {
			continue
		}
		out := make([][]string, 12)
		each(s.months, func(i int, form string) { out[i] = append(out[i], form) })
		return out
	}
	return nil
}

// LabelWords are the words of the labels of the common fields, as Slug folds
// them.
func LabelWords() []string {
	var out []string
	for slug := range cardLabels {
		out = append(out, strings.Split(slug, "_")...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// KnownLabel tells whether a label is one of a common field of an author, in
// any of the languages that the engines are translated into.
func KnownLabel(label string) bool { return cardLabels[labelSlug(label)] != fieldCustom }

// AttributionPhrases are the usual phrases around a name: "has written", "last
// edited by".
func AttributionPhrases() []string { return slices.Concat(wroteTails, byLeads) }

// DenialStems are the stems of words that speak of missing permission.
func DenialStems() []string { return slices.Clone(denialWords) }

// Decoded is a capture's body as text, and the name of the encoding that it was
// read in. Errors wrap ErrUnreadable.
func Decoded(c forum.Capture) (text, charset string, err error) {
	return decode(c.Body, c.HeaderValue("Content-Type"))
}

// nobodies are the names that boards give to all who give none, in lower case.
var nobodies = []string{
	"anonymous", "anon", "anonyme", "anonym", "anónimo", "anônimo", "anonimo", "anonim", "аноним", "анон", "nameless", "no name", "noname", "unregistered",
	"匿名", "匿名さん", "匿名用户", "名無し", "名無しさん", "名无し", "익명", "ㅇㅇ",
}

// IsNobody tells a name that a board gives to all who give none. Japanese boards
// have names of their own around the word for it.
func IsNobody(name string) bool {
	return slices.Contains(nobodies, strings.ToLower(name)) || strings.Contains(name, "名無し")
}

// Nobodies are the names that IsNobody knows.
func Nobodies() []string { return slices.Clone(nobodies) }
