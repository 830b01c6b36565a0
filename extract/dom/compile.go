package dom

import (
	"fmt"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
)

// Compile is Sel for selectors that a user wrote: an invalid one is an error
// that names it.
func Compile(css string) (goquery.Matcher, error) {
	if _, err := cascadia.ParseGroup(css); err != nil {
		return nil, fmt.Errorf("%q is no CSS selector: %w", css, err)
	}
	return Sel(css), nil
}
