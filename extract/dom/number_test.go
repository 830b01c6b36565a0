package dom

import (
	"regexp"
	"testing"
)

// The scanner finds what this pattern finds.
func TestNumbersAreFound(t *testing.T) {
	pattern := regexp.MustCompile(`[-−]?\d[\d.,'’\s]*\d|[-−]?\d`)
	for _, text := range []string{
		"", "none", "1", "a 12 b", "1,188 replies", "1.188.000", "1 188", "1\u00a0188", "1’188’000x", "12.", "12, ", "-5", "−5 x", "--7", "– 7", "a-1-2", "3K", "1’", "1’’2", "1 2 3 x 4", "12 . 13", "٣4", "v1.2.3-4", "'5'6'",
	} {
		from, to := numberAt(text)
		want := pattern.FindStringIndex(text)
		if want == nil {
			want = []int{-1, -1}
		}
		if from != want[0] || to != want[1] {
			t.Errorf("%q: %d to %d, want %v", text, from, to, want)
		}
	}
}
