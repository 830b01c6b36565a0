package privacy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What has been through a step can go through a stricter one: what is kept of
// pages whose captures were destroyed is all that there is of them.

// strictness orders the modes of authors and of deleted posts, the loosest first.
func strictness[M ~string](m M) int {
	return slices.Index([]string{string(Keep), string(Pseudonymise), string(RedactDeleted), string(Drop)}, string(m))
}

// Loosened gives, as flags, what policy q would show of people that is gone once
// pages have been through p; none where q is as strict as p in everything. Both
// are normal.
func (p Policy) Loosened(q Policy) []string {
	var out []string
	if strictness(q.Authors) < strictness(p.Authors) {
		out = append(out, fmt.Sprintf("--authors %s (it is %s)", q.Authors, p.Authors))
	}
	if strictness(q.Deleted) < strictness(p.Deleted) {
		out = append(out, fmt.Sprintf("--deleted %s (it is %s)", q.Deleted, p.Deleted))
	}
	if lacking := without(p.Mask, q.Mask); len(lacking) > 0 {
		out = append(out, "--mask without "+strings.Join(lacking, ","))
	}
	if lacking := without(p.DropFields, q.DropFields); len(lacking) > 0 && q.Authors != Drop {
		if slices.Contains(q.DropFields, "fields") {
			lacking = slices.DeleteFunc(lacking, func(f string) bool { return !slices.Contains(OwnFields(), f) })
		}
		if len(lacking) > 0 {
			out = append(out, "--drop-fields without "+strings.Join(lacking, ","))
		}
	}
	return out
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}

// After gives the step that makes of what has been through p what s makes of the
// page: no pseudonym is made of a pseudonym, and where names go, pseudonyms go.
// The policy of s must not be looser than p (see Loosened).
func (s Step) After(p Policy) Step {
	s.after = p.Authors
	if s.policy.Authors == p.Authors {
		s.policy.Authors = Keep // nobody is left to be hidden
	}
	return s
}

// rePseudonym is what stands for a name or an address within a text.
var rePseudonym = regexp.MustCompile(`\b(?:author-|urn:pseudonym:)[a-z2-7]{16}\b`)

// IsPseudonym tells what stands for an address that tells who somebody is.
func IsPseudonym(address string) bool { return strings.HasPrefix(address, pseudonymURL) }

// bearsPseudonym tells addresses that stand for somebody who is to be dropped.
func (t *turn) bearsPseudonym(address string) bool {
	return t.after == Pseudonymise && t.policy.Authors == Drop && IsPseudonym(address)
}

// unnamed puts the mark of a dropped name in the place of pseudonyms.
func (t *turn) unnamed(s string) string {
	if t.after != Pseudonymise || t.policy.Authors != Drop {
		return s
	}
	return rePseudonym.ReplaceAllLiteralString(s, dropMark)
}

// otherWarnings are a page's warnings without what an earlier step said.
func (t *turn) otherWarnings(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(w string) bool { return t.after != "" && w == warningOf(t.after) })
}
