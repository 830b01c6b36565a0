package query

import (
	"encoding/json"
	"reflect"
	"testing"
)

// checkDecode holds Decode to what encoding/json reads.
func checkDecode(t *testing.T, body []byte) {
	t.Helper()
	var want map[string]any
	err := json.Unmarshal(body, &want)
	have, failed := Decode(body)
	switch {
	case (failed != nil) != (err != nil || want == nil):
		t.Errorf("%q: %v, encoding/json says %v", body, failed, err)
	case failed == nil && !reflect.DeepEqual(have, want):
		t.Errorf("%q: %v, want %v", body, have, want)
	}
}

func decodeSeeds() []string {
	return []string{
		`{"a":1,"b":[true,false,null,-2.5,"x"],"c":{"d":"e"}}`, ` { "a" : [ ] , "b" : { } } `, `{"a":"one\ntwo \"three\" \\ \/ \t"}`,
		`{"a":"\u00e9\ud83d\ude00"}`, `{"a":1e3,"b":0.5,"c":-0}`, `{"a":01}`, `{"a":1.}`, `{"a":"` + "\xff" + `"}`, `{"a":"` + "\x01" + `"}`, `{"a":1,"a":2}`,
		`{"a":1,}`, `{,"a":1}`, `{"a":1 "b":2}`, `{"a":[1,]}`, `{"a"}`, `{"a":`, `{"a":"\`, `[]`, `null`, `1`, ``, `{} x`, `{"a":nul}`, `{"é":"日本"}`, `{"a":"\x"}`,
		`{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`, `{"a":-}`, `{"a":1` + "\x00}", `{"a":99999999999999999999999999}`,
	}
}

func TestDecode(t *testing.T) {
	for _, s := range decodeSeeds() {
		checkDecode(t, []byte(s))
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range decodeSeeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkDecode(t, body) })
}
