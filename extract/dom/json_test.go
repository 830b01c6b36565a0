package dom

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"forumine/extract/forum"
)

func TestJSON(t *testing.T) {
	j, err := ParseJSON(`{"id":12,"name":" Ada ","on":1,"off":false,"flag":"true","list":[{"n":"7"}],"in":"{\"deep\":[1,2]}","none":null}`)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"id": "12", "name": "Ada", "off": "", "none": "", "gone": ""}
	for key, want := range texts {
		if got := j.At(key).Text(); got != want {
			t.Errorf("At(%q).Text() = %q, want %q", key, got, want)
		}
	}
	flags := map[string]bool{"id": true, "on": true, "off": false, "flag": true, "none": false, "name": false}
	for key, want := range flags {
		if got := j.At(key).True(); got != want {
			t.Errorf("At(%q).True() = %v, want %v", key, got, want)
		}
	}
	if got := j.At("list").List()[0].At("n").Int(); got != 7 {
		t.Errorf("list[0].n = %d, want 7", got)
	}
	if got := len(j.At("in").Nested().At("deep").List()); got != 2 {
		t.Errorf("the nested list has %d items, want 2", got)
	}
	if j.At("name").Number() != nil || j.At("none").Exists() || !j.Has("none") || j.Has("gone") {
		t.Error("a name is no number, null is no value but a key")
	}
	if _, err := ParseJSON("{"); err == nil {
		t.Error("a torn object was read")
	}
}

// What scanJSON reads is what encoding/json reads.
func FuzzScanJSON(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, ` {"a":[1,-0.5e+3,"x",null,true,false,{}]} tail`, `{"a":1,"a":2}`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":0,"k":1,"l":2,"m":3,"n":4,"o":5,"p":6,"q":7,"r":8,"s":9,"t":0,"u":1,"v":2,"w":3,"x":4,"a":{"y":[]}}`, `["\u003cp\u003e \ud83d\ude00 \ud83d \udE00x \"\\\/\b\f\n\r\t"]`, `["ünï"]`, "[\"\xff\"]", "[\"a\nb\"]", `[01]`, `[1.]`, `[-]`, `[1e]`, `["\x"]`, `["\u12"]`, `[1,]`, `{"a" 1}`, `{"a":1`, `[tru]`, `[+1]`, `["a`, "[\u00a01]", `[1 2]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := scanJSON(s)
		dec := json.NewDecoder(strings.NewReader(s))
		dec.UseNumber()
		var want any
		err := dec.Decode(&want)
		if ok && (err != nil || !reflect.DeepEqual(plain(got), want)) {
			t.Errorf("%q: got %#v, want %#v, %v", s, got, want, err)
		}
		if !ok && err == nil && strings.HasPrefix(strings.TrimLeft(s, " \n\r\t"), "{") && utf8.ValidString(s) && len(s) < jsonDepth {
			t.Errorf("%q was left to encoding/json", s)
		}
	})
}

// plain is a value as encoding/json gives it.
func plain(j JSON) any {
	switch j.kind {
	case jsonString:
		return j.text
	case jsonNumber:
		return json.Number(j.text)
	case jsonTrue, jsonFalse:
		return j.kind == jsonTrue
	case jsonArray:
		out := []any{}
		for _, item := range j.List() {
			out = append(out, plain(item))
		}
		return out
	case jsonObject:
		out := map[string]any{}
		for _, key := range j.Keys() {
			out[key] = plain(j.At(key))
		}
		return out
	}
	return nil
}

func TestFragment(t *testing.T) {
	n := Fragment(`<p>One <b>two</b></p><noscript><i>three</i></noscript>`)
	if got := NodeText(Clone(n)); got != "One two" {
		t.Errorf("text = %q", got)
	}
	b := Find(n, Sel("b"))
	Replace(b, Element("img", "src", "/a.png"))
	if Find(n, Sel("b")) != nil || Attr(Find(n, Sel("img")), "src") != "/a.png" {
		t.Error("the element was not replaced")
	}
	if got := FragmentText("A &amp; <i>B</i>"); got != "A & B" {
		t.Errorf("FragmentText = %q", got)
	}
}

// An author whose fields an engine has begun takes labelled ones too.
func TestCardAddsToGivenFields(t *testing.T) {
	a := &forum.Author{Fields: map[string]string{"user_id": "7"}}
	Card{Author: a}.Add("grinder", "Grinder", "Hand")
	if a.Fields["grinder"] != "Hand" || a.Fields["user_id"] != "7" || a.FieldLabels["grinder"] != "Grinder" {
		t.Errorf("fields %v, labels %v", a.Fields, a.FieldLabels)
	}
}
