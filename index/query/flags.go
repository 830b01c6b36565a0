package query

import "slices"

// test is a way to look at a place in a document.
type test uint8

const (
	isTrue   test = iota // the boolean is true
	exists               // there is a value
	positive             // the number is greater than 0
	equals               // one of the values is Value
)

// condition is one place and what must hold there.
type condition struct {
	path  string
	test  test
	value string
}

// flagList is the closed list of flags; any of a flag's conditions suffices.
func flagList(field string) []struct {
	name string
	any  []condition
} {
	type flags = []struct {
		name string
		any  []condition
	}
	if field == "has" {
		return flags{
			{"attachment", []condition{{"attachment_count", positive, ""}}},
			{"image", []condition{{"image_count", positive, ""}}},
			{"link", []condition{{"link_count", positive, ""}}},
			{"quote", []condition{{"quote_count", positive, ""}}},
			{"reaction", []condition{{"reactions.total", positive, ""}}},
			{"code", []condition{{"body.code", exists, ""}}},
			{"spoiler", []condition{{"body.spoiler_text", exists, ""}}},
			{"signature", []condition{{"signature.text", exists, ""}}},
			{"poll", []condition{{"poll.question", exists, ""}}},
			{"video", []condition{{"media.kind", equals, "video"}}},
			{"audio", []condition{{"media.kind", equals, "audio"}}},
		}
	}
	return flags{
		{"first", []condition{{"post.is_first", isTrue, ""}}},
		{"solution", []condition{{"post.is_solution", isTrue, ""}}},
		{"edited", []condition{{"edited_at", exists, ""}, {"edited_raw", exists, ""}, {"edit_count", positive, ""}}},
		{"deleted", []condition{{"post.state", equals, "deleted"}}},
		{"missing", []condition{{"post.state", equals, "missing"}, {"missing_since", exists, ""}}},
		{"event", []condition{{"post.state", equals, "event"}}},
		{"reply", []condition{{"post.parent_key", exists, ""}}},
		{"guest", []condition{{"author.is_guest", isTrue, ""}}},
		{"op", []condition{{"author.is_op", isTrue, ""}}},
		{"locked", []condition{{"thread.is_locked", isTrue, ""}}},
		{"sticky", []condition{{"thread.is_sticky", isTrue, ""}}},
		{"solved", []condition{{"thread.is_solved", isTrue, ""}}},
	}
}

func flagConditions(field, name string) ([]condition, bool) {
	for _, f := range flagList(field) {
		if f.name == name {
			return f.any, true
		}
	}
	return nil, false
}

func flagNames(field string) []string {
	var names []string
	for _, f := range flagList(field) {
		names = append(names, f.name)
	}
	return names
}

// FlagOf is one flag of the closed list, and what a document with it holds.
type FlagOf struct {
	name string // as a query writes it
	any  []condition
}

// AllFlags is the closed list.
func AllFlags() []FlagOf {
	var all []FlagOf
	for _, field := range []string{"is", "has"} {
		for _, f := range flagList(field) {
			all = append(all, FlagOf{field + ":" + f.name, f.any})
		}
	}
	return all
}

// Flags are those of a list that a document has, as a query writes them: "is:first".
func Flags(doc map[string]any, list []FlagOf) []string {
	var set []string
	for _, f := range list {
		if holdsAny(f.any, doc) {
			set = append(set, f.name)
		}
	}
	return set
}

func holdsAny(conditions []condition, doc map[string]any) bool {
	for _, c := range conditions {
		if v, ok := valueAt(doc, c.path); ok {
			if v != nil && c.holds(v) {
				return true
			}
			continue
		}
		if slices.ContainsFunc(valuesAt(doc, c.path), c.holds) {
			return true
		}
	}
	return false
}

func (c condition) holds(v any) bool {
	switch c.test {
	case isTrue:
		return v == true
	case positive:
		n, ok := numberOf(v)
		return ok && n > 0
	case equals:
		return v == c.value
	}
	return v != "" // an empty text holds no word
}
