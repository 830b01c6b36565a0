package accuracy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Verdict is what a person says of one field of one post.
type Verdict string

// The verdicts. Unclear is of a field that the page does not let one judge; it
// counts for nothing.
const (
	Right   Verdict = "right"
	Wrong   Verdict = "wrong"
	Unclear Verdict = "unclear"
)

// Judgement is what a person says of one post.
type Judgement struct {
	Unit
	Fields map[string]Verdict `json:"fields"`
	Note   string             `json:"note,omitempty"`
}

// Score is how accurate one field is.
type Score struct {
	Field                 string
	Right, Wrong, Unclear int
}

// Judged is how many posts the score rests on.
func (s Score) Judged() int { return s.Right + s.Wrong }

// Scores sums judgements up by field, in the order of fields; those that are not
// listed come last.
func Scores(js []Judgement, fields []string) []Score {
	sums := map[string]*Score{}
	for _, j := range js {
		for field, v := range j.Fields {
			s := sums[field]
			if s == nil {
				s = &Score{Field: field}
				sums[field] = s
			}
			switch v {
			case Right:
				s.Right++
			case Wrong:
				s.Wrong++
			default:
				s.Unclear++
			}
		}
	}
	place := func(f string) int {
		if i := slices.Index(fields, f); i >= 0 {
			return i
		}
		return len(fields)
	}
	out := make([]Score, 0, len(sums))
	for _, f := range slices.SortedFunc(maps.Keys(sums), func(a, b string) int { return cmp.Or(place(a)-place(b), cmp.Compare(a, b)) }) {
		out = append(out, *sums[f])
	}
	return out
}

// Markdown is the result of an audit as a table with a sentence on its method.
// drawn is the size of the sample, of the posts that it was drawn from.
func Markdown(js []Judgement, fields []string, drawn, of int, seed uint64) string {
	var b strings.Builder
	engines, boards := map[string]int{}, map[string]bool{}
	for _, j := range js {
		engines[j.Engine]++
		boards[j.stratum()] = true
	}
	fmt.Fprintf(&b, "%d of %d posts were drawn at random (seed %d), spread over engines and boards in proportion to their posts; a person compared "+
		"%d of them, from %d boards, with the archived pages. %s.\n\n", drawn, of, seed, len(js), len(boards), Method)
	table(&b, Scores(js, fields))
	if len(engines) > 1 {
		for _, engine := range slices.Sorted(maps.Keys(engines)) {
			part := slices.DeleteFunc(slices.Clone(js), func(j Judgement) bool { return j.Engine != engine })
			fmt.Fprintf(&b, "\n%s, %d posts:\n\n", engine, len(part))
			table(&b, Scores(part, fields))
		}
	}
	return b.String()
}

func table(b *strings.Builder, scores []Score) {
	b.WriteString("| field | judged | right | accuracy | 95 % interval | not clear |\n|---|---:|---:|---:|---|---:|\n")
	for _, s := range scores {
		low, high := Interval(s.Right, s.Judged())
		share := "–"
		if s.Judged() > 0 {
			share = percent(float64(s.Right) / float64(s.Judged()))
		}
		fmt.Fprintf(b, "| %s | %d | %d | %s | %s to %s | %d |\n", s.Field, s.Judged(), s.Right, share, percent(low), percent(high), s.Unclear)
	}
}

func percent(p float64) string { return fmt.Sprintf("%.1f %%", 100*p) }
