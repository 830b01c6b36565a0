package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// HighlightOptions say how fragments look. The zero value gives up to three
// fragments of about 160 characters with matches in **bold**.
type HighlightOptions struct {
	Pre, Post string // set before and after a match
	Max       int    // fragments at most
	Size      int    // characters of a fragment, about
}

func (o HighlightOptions) withDefaults() HighlightOptions {
	if o.Pre == "" && o.Post == "" {
		o.Pre, o.Post = "**", "**"
	}
	if o.Max <= 0 {
		o.Max = 3
	}
	if o.Size <= 0 {
		o.Size = 160
	}
	return o
}

// Highlight gives fragments of a document that show where the query's words
// matched, each on one line. A document whose words did not match (a query of
// fields only) gives the beginning of its text without marks, or nothing when
// it has no text.
func Highlight(n Node, doc map[string]any, o HighlightOptions) []string {
	o = o.withDefaults()
	var fragments []string
	for _, path := range highlightPaths() {
		for _, text := range stringsAt(doc, path.JSON) {
			spans := spansIn(n, path.JSON, text)
			fragments = append(fragments, cutFragments(text, spans, o)...)
			if len(fragments) >= o.Max {
				return fragments[:o.Max]
			}
		}
	}
	if len(fragments) > 0 {
		return fragments
	}
	return lead(doc, o)
}

// highlightPaths are the places to show, the best first.
func highlightPaths() []Path {
	var paths []Path
	seen := map[string]bool{}
	for _, f := range append([]Field{DefaultField()}, textFields()...) {
		for _, p := range f.Paths {
			if !seen[p.JSON] {
				seen[p.JSON] = true
				paths = append(paths, p)
			}
		}
	}
	return paths
}

func lead(doc map[string]any, o HighlightOptions) []string {
	for _, path := range DefaultField().Paths {
		for _, text := range stringsAt(doc, path.JSON) {
			if f := cutAt(text, 0, o.Size); strings.TrimSpace(text[f.start:f.end]) != "" {
				return []string{f.render(text, nil, o)}
			}
		}
	}
	return nil
}

// span is a range of bytes.
type span struct{ start, end int }

// spansIn are the matches of a query's words in one text, in order, merged.
func spansIn(n Node, path, text string) []span {
	var spans []span
	split := map[bool][]Token{} // by rule, once
	Walk(n, func(leaf Node, positive bool) {
		t, ok := leaf.(Text)
		if !ok || !positive {
			return
		}
		f, _ := LookupField(t.Field)
		if !slices.ContainsFunc(f.Paths, func(p Path) bool { return p.JSON == path }) {
			return
		}
		if _, done := split[f.code]; !done {
			split[f.code] = f.Split(text)
		}
		tokens, want := split[f.code], f.Split(t.Text)
		for _, i := range occurrences(tokens, want, t.Prefix) {
			spans = append(spans, span{tokens[i].Start, tokens[i+len(want)-1].End})
		}
	})
	return mergeSpans(spans)
}

func mergeSpans(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	merged := spans[:0]
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && s.start < merged[last].end {
			merged[last].end = max(merged[last].end, s.end)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// cutFragments cuts a text around its matches; a fragment holds all matches
// that fit into it.
func cutFragments(text string, spans []span, o HighlightOptions) []string {
	var fragments []string
	for len(spans) > 0 && len(fragments) < o.Max {
		f := cutAt(text, spans[0].start, o.Size)
		f.end = max(f.end, spans[0].end)
		n := 1
		for n < len(spans) && spans[n].end <= f.end {
			n++
		}
		fragments = append(fragments, f.render(text, spans[:n], o))
		spans = spans[n:]
	}
	return fragments
}

// cutAt is about size characters of a text, a third of them before at, cut at
// spaces where there are some.
func cutAt(text string, at, size int) span {
	start := at
	for n := 0; n < size/3 && start > 0; n++ {
		_, w := utf8.DecodeLastRuneInString(text[:start])
		start -= w
	}
	if start > 0 {
		if i := strings.IndexFunc(text[start:at], unicode.IsSpace); i >= 0 {
			start += i
		}
	}
	end := start
	for n := 0; n < size && end < len(text); n++ {
		_, w := utf8.DecodeRuneInString(text[end:])
		end += w
	}
	if end < len(text) {
		if i := strings.LastIndexFunc(text[at:end], unicode.IsSpace); i > 0 {
			end = at + i
		}
	}
	return span{start, max(end, at)}
}

// render writes a fragment on one line with its matches marked and an ellipsis
// where text was cut off.
func (f span) render(text string, marks []span, o HighlightOptions) string {
	var b strings.Builder
	if strings.TrimSpace(text[:f.start]) != "" {
		b.WriteString("…")
	}
	at := f.start
	for _, m := range marks {
		b.WriteString(text[at:m.start])
		b.WriteString(o.Pre)
		b.WriteString(text[m.start:m.end])
		b.WriteString(o.Post)
		at = m.end
	}
	b.WriteString(text[at:f.end])
	if strings.TrimSpace(text[f.end:]) != "" {
		b.WriteString("…")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
