package dom

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// JSON is a value of the data that an engine embeds in its pages. Reading is
// lenient: engines and their versions write one id as a number or a string, a
// flag as true, 1 or "1", and leave out what they do not know. A value that is
// not there is the zero JSON, of which everything is empty.
type JSON struct {
	kind byte
	text string    // a string, or a number's digits
	in   *contents // of an object or an array
}

// The kinds of values; null is what is not there.
const (
	jsonString = 's'
	jsonNumber = 'n'
	jsonTrue   = 't'
	jsonFalse  = 'f'
	jsonObject = '{'
	jsonArray  = '['
)

// contents holds the values within a value.
type contents struct {
	items   []JSON
	members []member
	byKey   map[string]JSON // in the place of members where there are many
}

// member is one key of an object; of several that are called alike the last
// counts.
type member struct {
	key   string
	value JSON
}

// manyMembers is from when on an object is worth a table.
const manyMembers = 24

// ParseJSON reads one JSON value; numbers keep their digits.
func ParseJSON(s string) (JSON, error) {
	if j, ok := scanJSON(s); ok {
		return j, nil
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return JSON{}, fmt.Errorf("reading embedded data: %w", err)
	}
	return decoded(v), nil
}

// decoded is what encoding/json has read.
func decoded(v any) JSON {
	switch v := v.(type) {
	case string:
		return JSON{kind: jsonString, text: v}
	case json.Number:
		return JSON{kind: jsonNumber, text: v.String()}
	case bool:
		if v {
			return JSON{kind: jsonTrue}
		}
		return JSON{kind: jsonFalse}
	case []any:
		items := make([]JSON, len(v))
		for i := range v {
			items[i] = decoded(v[i])
		}
		return JSON{kind: jsonArray, in: &contents{items: items}}
	case map[string]any:
		members := make(map[string]JSON, len(v))
		for key := range v {
			members[key] = decoded(v[key])
		}
		return Object(members)
	}
	return JSON{}
}

// Object is an object made of these members.
func Object(members map[string]JSON) JSON {
	return JSON{kind: jsonObject, in: &contents{byKey: members}}
}

// At follows keys of objects.
func (j JSON) At(keys ...string) JSON {
	for _, key := range keys {
		j, _ = j.member(key)
	}
	return j
}

// member is an object's member, and whether there is one, be it null.
func (j JSON) member(key string) (JSON, bool) {
	if j.kind != jsonObject {
		return JSON{}, false
	}
	if j.in.byKey != nil {
		value, ok := j.in.byKey[key]
		return value, ok
	}
	for i := len(j.in.members) - 1; i >= 0; i-- {
		if m := &j.in.members[i]; m.key == key {
			return m.value, true
		}
	}
	return JSON{}, false
}

// Exists tells a value from none and from null.
func (j JSON) Exists() bool { return j.kind != 0 }

// Has tells whether an object has a key, be its value null.
func (j JSON) Has(key string) bool {
	_, ok := j.member(key)
	return ok
}

// Keys are an object's keys in alphabetical order.
func (j JSON) Keys() []string {
	if j.kind != jsonObject {
		return nil
	}
	keys := make([]string, 0, len(j.in.members)+len(j.in.byKey))
	for key := range j.in.byKey {
		keys = append(keys, key)
	}
	for i := range j.in.members {
		keys = append(keys, j.in.members[i].key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// List is the items of an array, which are not to be changed.
func (j JSON) List() []JSON {
	if j.kind != jsonArray {
		return nil
	}
	return j.in.items
}

// Text is a string as it stands, trimmed, or a number's digits; else "".
func (j JSON) Text() string {
	switch j.kind {
	case jsonString:
		return strings.TrimSpace(j.text)
	case jsonNumber:
		return j.text
	}
	return ""
}

// Number is a whole number, or a string that is one; else nil.
func (j JSON) Number() *int64 {
	text := j.Text()
	if text == "" || !isNumeral(text[len(text)-1]) { // an error costs more than a look
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
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
	switch j.kind {
	case jsonTrue:
		return true
	case jsonNumber:
		return j.text != "0"
	case jsonString:
		return j.text == "1" || j.text == "true"
	}
	return false
}

// Nested reads a string that holds JSON of its own; other values stay.
func (j JSON) Nested() JSON {
	if j.kind != jsonString {
		return j
	}
	out, err := ParseJSON(j.text)
	if err != nil {
		return JSON{}
	}
	return out
}
