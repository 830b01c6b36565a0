package dom

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// coverLevels and coverNodes bound the search for what uncovers an element.
const (
	coverLevels = 4
	coverNodes  = 60
)

// uncovers tells a hidden element that a button, a link or a heading near it
// shows: boards have made covers of that kind since before engines had spoilers,
// as a tag of their own that is a few lines of script. What nothing on the page
// shows is a decoy.
func uncovers(n *html.Node) bool {
	for level, p := 0, n.Parent; p != nil && level < coverLevels; level, p = level+1, p.Parent {
		budget := coverNodes
		if hasSwitch(p, n, &budget) {
			return true
		}
	}
	return false
}

// hasSwitch looks below n, but for what is hidden, for an element that changes
// what is shown when it is clicked.
func hasSwitch(n, hidden *html.Node, budget *int) bool {
	for c := n.FirstChild; c != nil && *budget > 0; c = c.NextSibling {
		if c.Type != html.ElementNode || c == hidden {
			continue
		}
		*budget--
		if isSwitch(c) || hasSwitch(c, hidden, budget) {
			return true
		}
	}
	return false
}

func isSwitch(n *html.Node) bool {
	script := Attr(n, "onclick")
	if n.DataAtom == atom.A && script == "" {
		script, _ = strings.CutPrefix(Attr(n, "href"), "javascript:")
		if script == Attr(n, "href") {
			return false
		}
	}
	if script == "" {
		return false
	}
	script = strings.ToLower(script)
	for _, word := range [...]string{".display", ".visibility", "toggle", "spoil"} {
		if strings.Contains(script, word) {
			return true
		}
	}
	return false
}
