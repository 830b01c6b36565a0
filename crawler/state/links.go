package state

// linkKey names a URL of the frontier.
type linkKey struct {
	site int64
	key  string
}

// linkPlace is where a URL stands in the frontier, or before.
type linkPlace struct{ priority, depth int }

// maxLinks bounds how many links are remembered: those that stand on every page of
// a forum come back at once.
const maxLinks = 20_000

// met tells whether a link changes nothing, because the frontier has it at the same
// place and it tells of no change. Most links of a page stand on every other.
func (t *tx) met(site int64, l *NewLink) bool {
	if l.Signature != "" || !l.Walk.IsZero() {
		return false
	}
	k := linkKey{site, l.Key}
	p, ok := t.links[k]
	if !ok {
		p, ok = t.s.links[k]
	}
	return ok && p.priority >= l.Priority && p.depth <= l.Depth
}

// keepLinks remembers what a transaction that is committed has met.
func (s *Store) keepLinks(links map[linkKey]linkPlace) {
	if len(s.links)+len(links) > maxLinks {
		clear(s.links)
	}
	for k, p := range links {
		if len(s.links) < maxLinks {
			s.links[k] = p
		}
	}
}

// forgetLinks is for a transaction that sets URLs aside: a link to one brings it
// back.
func (t *tx) forgetLinks() {
	clear(t.links)
	clear(t.s.links)
}
