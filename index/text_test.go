package index

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextHash(t *testing.T) {
	if a, b := textHash(normalText("The  Pump\nleaks")), textHash(normalText("the pump leaks ")); a != b || len(a) != 64 {
		t.Errorf("%s, %s", a, b)
	}
	if textHash(normalText("the pump leaks")) == textHash(normalText("the pump leak")) {
		t.Error("two texts, one hash")
	}
	if have := textHash(normalText(" \n")); have != "" {
		t.Errorf("an empty text: %q", have)
	}
	if textHash(normalText("ﬁne")) != textHash(normalText("fine")) {
		t.Error("a ligature makes another text")
	}
}

func TestSimhash(t *testing.T) {
	text := strings.Repeat("the lower seal of the pump was worn and water ran along the shaft into the motor housing ", 3) +
		"so I ordered two new seals from the maker and fitted them with a little silicone grease last Sunday"
	near := strings.Replace(text, "last Sunday", "last Monday", 1)
	far := "my tomato plants have yellow leaves since the rain, does anybody here know a cure that is not a spray from the shop"
	if d := Distance(simhash(normalText(text)), simhash(normalText(near))); d < 0 || d > 12 {
		t.Errorf("near texts differ in %d bits", d)
	}
	if d := Distance(simhash(normalText(text)), simhash(normalText(far))); d < 16 {
		t.Errorf("far texts differ in %d bits", d)
	}
	if have := simhash(normalText("?!")); have != "" {
		t.Errorf("no words: %q", have)
	}
	if have := simhash(normalText("yes")); len(have) != 16 {
		t.Errorf("one word: %q", have)
	}
	if simhash(normalText("水が漏れている")) == simhash(normalText("水は漏れていない")) {
		t.Error("two sentences without spaces are alike")
	}
	var long strings.Builder
	for i := range 400 {
		fmt.Fprintf(&long, "word%d ", i*i%97)
	}
	if have, want := simhash(normalText(long.String())), "dc8e9aa5e14c58ad"; have != want { // stored documents have it
		t.Errorf("a long text: %s, want %s", have, want)
	}
	if Distance("", simhash(normalText("yes"))) != -1 {
		t.Error("no hash has a distance")
	}
}

func TestDomainOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.parts.example.co.uk/seal": "example.co.uk", "http://WWW.Example.org": "example.org",
		"http://127.0.0.1/x": "127.0.0.1", "http://localhost:8080/": "localhost", "mailto:ada@example.org": "", "http://[": "",
	} {
		if have := domainOf(address); have != want {
			t.Errorf("%s: %q, want %q", address, have, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	if have := excerpt("one\n two"); have != "one two" {
		t.Errorf("%q", have)
	}
	for _, long := range []string{strings.Repeat("wörter ", 100), strings.Repeat("ö", 1000)} {
		have := excerpt(long)
		if n := utf8.RuneCountInString(have); n > excerptLen || n < excerptLen/2 || !strings.HasSuffix(have, "…") || !utf8.ValidString(have) {
			t.Errorf("%d characters: %q", n, have)
		}
	}
}
