package robots

import "strings"

// Directives is what a page says of itself, by an X-Robots-Tag header or a
// robots meta element. The zero Directives restrict nothing.
type Directives struct {
	NoIndex   bool `json:"noindex,omitempty"`   // do not show the page's content
	NoFollow  bool `json:"nofollow,omitempty"`  // do not follow the page's links
	NoArchive bool `json:"noarchive,omitempty"` // do not keep a copy
}

// Meta reads the values of the X-Robots-Tag headers and the content of the
// robots meta element, which may be empty, and joins what concerns agent, a
// product token or a whole User-Agent: directives for everyone and for agent
// add up. A directive list is for everyone until a product token and a colon
// stand before a directive; that holds to the end of the value or the next
// token. The content of <meta name="forumine"> is passed as "forumine: " and
// the content; several meta elements are joined with ",", the general ones
// first.
func Meta(headerXRobots []string, meta string, agent string) Directives {
	var d Directives
	for _, value := range headerXRobots {
		d.read(value, Token(agent))
	}
	d.read(meta, Token(agent))
	return d
}

// read takes one comma-separated list.
func (d *Directives) read(list, token string) {
	concerned := true
	for part := range strings.SplitSeq(list, ",") {
		part = strings.ToLower(strings.TrimSpace(part))
		if name, rest, found := strings.Cut(part, ":"); found && isAgentName(name) {
			name = strings.TrimSpace(name)
			concerned = name == everyone || name == "robots" || Token(name) == token
			part = strings.TrimSpace(rest)
		}
		if concerned {
			d.set(part)
		}
	}
}

// isAgentName tells a product token before a colon from a directive that has a
// value, and from the colons of a date.
func isAgentName(name string) bool {
	name = strings.TrimSpace(name)
	switch name {
	case "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview":
		return false
	case everyone:
		return true
	}
	return name != "" && !strings.ContainsAny(name, " \t") && isLetter(name[0])
}

func (d *Directives) set(directive string) {
	switch directive {
	case "noindex":
		d.NoIndex = true
	case "nofollow":
		d.NoFollow = true
	case "noarchive", "nocache":
		d.NoArchive = true
	case "none":
		d.NoIndex, d.NoFollow = true, true
	}
}
