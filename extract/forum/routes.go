package forum

import (
	"slices"
	"strings"
)

// maxRoutes bounds how many words of a forum's own are kept.
const maxRoutes = 16

// JoinRoutes adds to the words that a forum has for its routes, "kind=word"
// separated by spaces, others that a page shows. A word that leads to two kinds of
// pages tells nothing: the first kind that was learned stays, and of two at once
// neither is taken.
func JoinRoutes(known, more string) string {
	out := strings.Fields(known)
	kinds := map[string]map[string]bool{}
	for pair := range strings.FieldsSeq(more) {
		kind, word, _ := strings.Cut(pair, "=")
		if kinds[word] == nil {
			kinds[word] = map[string]bool{}
		}
		kinds[word][kind] = true
	}
	for pair := range strings.FieldsSeq(more) {
		_, word, _ := strings.Cut(pair, "=")
		taken := slices.ContainsFunc(out, func(p string) bool { return strings.HasSuffix(p, "="+word) })
		if !taken && len(kinds[word]) == 1 && len(out) < maxRoutes {
			out = append(out, pair)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
