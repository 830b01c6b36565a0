package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"forumine/index"
	"forumine/index/accuracy"
)

func TestReadVerdicts(t *testing.T) {
	for _, c := range []struct{ line, want, note string }{
		{"", "rrr", ""},
		{"2", "rwr", ""},
		{" 1, ?3 # off by one, or so", "wru", "off by one, or so"},
		{"# only a note", "rrr", "only a note"},
		{"4", "", ""}, {"0", "", ""}, {"x", "", ""}, {"?", "", ""}, {"-1", "", ""},
	} {
		verdicts, note, err := readVerdicts(c.line, 3)
		got := ""
		if err == nil {
			for _, v := range verdicts {
				got += string(v[:1])
			}
		}
		if got != c.want || note != c.note {
			t.Errorf("%q: %q %q %v, want %q %q", c.line, got, note, err, c.want, c.note)
		}
	}
}

// A line that a crash has left half-written is no judgement.
func TestAuditBookAfterACrash(t *testing.T) {
	name := filepath.Join(t.TempDir(), "audit.jsonl")
	head := auditHead{Seed: 1, Sample: 2, Drawn: []accuracy.Unit{{Key: "a"}, {Key: "b"}}}
	open := func() *auditBook {
		b, err := openAuditBook(name, head, func() (auditHead, error) { return head, nil })
		noError(t, err)
		return b
	}
	b := open()
	noError(t, b.keep(accuracy.Judgement{Unit: head.Drawn[0], Fields: map[string]accuracy.Verdict{"text": accuracy.Wrong}}))
	noError(t, b.Close())
	raw, err := os.ReadFile(name)
	noError(t, err)
	noError(t, os.WriteFile(name, append(raw, `{"key":"b","fie`...), 0o600))
	b = open()
	differ(t, "the first post to judge", b.first(), 1)
	noError(t, b.keep(accuracy.Judgement{Unit: head.Drawn[1]}))
	noError(t, b.keep(accuracy.Judgement{Unit: head.Drawn[0], Fields: map[string]accuracy.Verdict{"text": accuracy.Right}}))
	noError(t, b.Close())
	b = open()
	defer b.Close()
	differ(t, "judgements", len(b.judgements()), 2)
	differ(t, "the judgement that counts", b.judgements()[0].Fields["text"], accuracy.Right)
}

func TestWhereAPostBegins(t *testing.T) {
	lines := []string{"Ada", "Bread is good today.", "Ben", "Bread is good today. I agree.", "Cy", "Bread is good today. So do I."}
	for author, want := range map[string]int{"Ada": 1, "Ben": 3, "Cy": 5} {
		d := &index.RevisionDoc{}
		d.Author.Name, d.Body.Text = author, "Bread is\ngood today."
		from, at := whereIs(lines, d)
		differ(t, author, []int{from, at}, []int{want - 1, want})
	}
	from, at := whereIs(lines, &index.RevisionDoc{})
	differ(t, "nothing known", []int{from, at}, []int{0, 0})
}

// Wrapped text loses no word, is never wider than it should be, and steers no
// terminal.
func TestWrap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		var words []string
		for range rnd.IntN(40) {
			words = append(words, strings.Repeat("ü", 1+rnd.IntN(30)))
		}
		text, width := strings.Join(words, " "), 10+rnd.IntN(60)
		lines := wrap(text, width)
		for _, l := range lines {
			if len([]rune(l)) > width {
				t.Fatalf("%d characters in a column of %d", len([]rune(l)), width)
			}
		}
		if strings.ReplaceAll(strings.Join(lines, ""), " ", "") != strings.Join(words, "") {
			t.Fatalf("%q lost words in %q", text, lines)
		}
	}
	if got := wrap("a\x1b[2Jb\u009bc", 20); got[0] != "a [2Jb c" {
		t.Errorf("control characters: %q", got)
	}
}
