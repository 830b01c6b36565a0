package query_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"forumine/index/query"
)

func surfaces(tokens []query.Token) []string {
	out := []string{}
	for _, t := range tokens {
		out = append(out, t.Text)
	}
	return out
}

func TestWords(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"Don't stop", "don't|stop"},
		{"don’t", "don't"},
		{"'quoted' rock'n'roll", "quoted|rock'n'roll"},
		{"3.14 1,000.5 12:30 v1.2.3-rc1", "3.14|1,000.5|12|30|v1.2.3|rc1"},
		{"foo_bar _x_ __", "foo_bar|_x_"},
		{"http://Example.com/a_b?c=1", "http|example.com|a_b|c|1"},
		{"end.Next foo:bar", "end.next|foo:bar"},
		{"C++ C# .NET", "c|c|net"},
		{"Straße ÆSIR Łódź Đà œuvre", "strasse|aesir|lodz|da|oeuvre"},
		{"e\u0301", "e\u0301"},
		{"кофе Ёлки й", "кофе|ёлки|й"},
		{"咖啡很好", "咖|啡|很|好"},
		{"コーヒーとカフェ", "コーヒー|と|カフェ"},
		{"한국어 포럼abc", "한국어|포럼abc"},
		{"สวัสดีครับ abc", "สวัสดีครับ|abc"},
		{"القهوة العربية", "القهوة|العربية"},
		{`צה"ל ג'ירפה`, `צה"ל|ג'ירפה`},
		{"ＡＢＣ１２３", "abc123"},
		{"👍🏽a👍👨‍👩‍👧🇯🇵🇩 1️⃣ 2", "👍🏽|a|👍|👨‍👩‍👧|🇯🇵|1️⃣|2"},
		{"x² ½", "x"},
		{"soft\u00adhyphen zero\u200bwidth", "soft\u00adhyphen|zero|width"},
	}
	for _, test := range tests {
		if got := strings.Join(surfaces(query.Words(test.in)), "|"); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}

// testdata/tokens.jsonl holds random texts and what Elasticsearch 8.19 makes of
// them with tokenizer standard and filters lowercase and asciifolding.
func TestWordsAsElasticsearch(t *testing.T) {
	f, err := os.Open("testdata/tokens.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, n := bufio.NewScanner(f), 0
	for lines.Scan() {
		var pair [2]json.RawMessage
		var in string
		var want []string
		if err := json.Unmarshal(lines.Bytes(), &pair); err != nil {
			t.Fatal(err)
		}
		if err := errorsOf(json.Unmarshal(pair[0], &in), json.Unmarshal(pair[1], &want)); err != nil {
			t.Fatal(err)
		}
		if got := surfaces(query.Words(in)); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		n++
	}
	if n < 100 {
		t.Errorf("only %d texts compared", n)
	}
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestLongTokensAreCut(t *testing.T) {
	got := query.Words(strings.Repeat("x", 600) + " " + strings.Repeat("𝒳", 200))
	var lengths []int
	for _, tok := range got {
		lengths = append(lengths, tok.End-tok.Start)
	}
	if want := []int{255, 255, 90, 127 * 4, 73 * 4}; !slices.Equal(lengths, want) {
		t.Errorf("got %v, want %v", lengths, want)
	}
}

func TestCodeWords(t *testing.T) {
	got := surfaces(query.CodeWords(`m["Foo_bar"]++ // été v1.2`))
	if want := []string{"m", "foo", "bar", "été", "v1", "2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzWords(f *testing.F) {
	f.Add("Don't 咖啡 👨‍👩‍👧 \xff _a_ 1,2")
	f.Fuzz(func(t *testing.T, s string) {
		for _, tokens := range [][]query.Token{query.Words(s), query.CodeWords(s)} {
			last := 0
			for _, tok := range tokens {
				if tok.Start < last || tok.End <= tok.Start || tok.End > len(s) || tok.Text == "" {
					t.Fatalf("%q: token %+v after %d", s, tok, last)
				}
				last = tok.End
			}
		}
	})
}

// Long runs that hold no word are passed in time that grows with their length,
// not with its square: each of these would take minutes otherwise.
func TestWordsOfHostileTexts(t *testing.T) {
	for _, unit := range []string{"_", "\u0301", "\u200d", ".", "'", "🇩\u0301", "_\u0301", "\ufe0f", "א'", "#", "1\ufe0f"} {
		text := strings.Repeat(unit, 2_000_000/len(unit))
		for _, tok := range query.Words(text) {
			if tok.End > len(text) {
				t.Fatalf("%q: %+v", unit, tok)
			}
		}
	}
}
