package dom_test

import (
	"testing"

	"forumine/extract/dom"
)

func TestPercent(t *testing.T) {
	for text, want := range map[string]float64{
		"57.14%": 57.14, "(12 votes [57.14%])": 57.14, "57,1 %": 57.1, "57,1\u202f%": 57.1, "%57": 57, "4 (% 12,5)": 12.5,
		"٥٧٪": 57, "٥٧٫٥٪": 57.5, "57％": 57, "0%": 0,
	} {
		if got := dom.Percent(text); got == nil || *got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "57", "%", "n/a %", "12 votes"} {
		if got := dom.Percent(text); got != nil {
			t.Errorf("%q: %v, want none", text, *got)
		}
	}
}
