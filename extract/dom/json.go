package dom

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// JSON is a value of the data that an engine embeds in its pages. Reading is
// lenient: engines and their versions write one id as a number or a string, a
// flag as true, 1 or "1", and leave out what they do not know. A value that is
// not there is the zero JSON, of which everything is empty.
type JSON struct{ v any }

// ParseJSON reads one JSON value; numbers keep their digits.
func ParseJSON(s string) (JSON, error) {
	if v, ok := scanJSON(s); ok {
		return JSON{v}, nil
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return JSON{}, fmt.Errorf("reading embedded data: %w", err)
	}
	return JSON{v}, nil
}

// Object is an object made of these members.
func Object(members map[string]JSON) JSON {
	m := make(map[string]any, len(members))
	for key, j := range members {
		m[key] = j.v
	}
	return JSON{m}
}

// At follows keys of objects.
func (j JSON) At(keys ...string) JSON {
	for _, key := range keys {
		m, ok := j.v.(map[string]any)
		if !ok {
			return JSON{}
		}
		j = JSON{m[key]}
	}
	return j
}

// Exists tells a value from none and from null.
func (j JSON) Exists() bool { return j.v != nil }

// Has tells whether an object has a key, be its value null.
func (j JSON) Has(key string) bool {
	m, ok := j.v.(map[string]any)
	if !ok {
		return false
	}
	_, ok = m[key]
	return ok
}

// Keys are an object's keys in alphabetical order.
func (j JSON) Keys() []string {
	m, ok := j.v.(map[string]any)
	if !ok {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// List is the items of an array.
func (j JSON) List() []JSON {
	a, ok := j.v.([]any)
	if !ok {
		return nil
	}
	out := make([]JSON, len(a))
	for i, v := range a {
		out[i] = JSON{v}
	}
	return out
}

// Text is a string as it stands, trimmed, or a number's digits; else "".
func (j JSON) Text() string {
	switch v := j.v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// Number is a whole number, or a string that is one; else nil.
func (j JSON) Number() *int64 {
	n, err := json.Number(j.Text()).Int64()
	if err != nil {
		return nil
	}
	return &n
}

// Int is Number, 0 for none.
func (j JSON) Int() int {
	if n := j.Number(); n != nil {
		return int(*n)
	}
	return 0
}

// True tells true, a number other than 0, "1" and "true".
func (j JSON) True() bool {
	switch v := j.v.(type) {
	case bool:
		return v
	case json.Number:
		return v.String() != "0"
	case string:
		return v == "1" || v == "true"
	}
	return false
}

// Nested reads a string that holds JSON of its own; other values stay.
func (j JSON) Nested() JSON {
	s, ok := j.v.(string)
	if !ok {
		return j
	}
	out, err := ParseJSON(s)
	if err != nil {
		return JSON{}
	}
	return out
}
