package dom

import (
	"testing"

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
