package query_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"forumine/index/query"
)

func text(s string) query.Text          { return query.Text{Text: s} }
func keyword(f, v string) query.Keyword { return query.Keyword{Field: f, Value: v} }
func and(n ...query.Node) query.Node    { return query.And{Nodes: n} }
func or(n ...query.Node) query.Node     { return query.Or{Nodes: n} }
func not(n query.Node) query.Node       { return query.Not{Node: n} }

// bare is a query without columns, so that shapes compare.
func bare(n query.Node) query.Node {
	each := func(nodes []query.Node) []query.Node {
		out := make([]query.Node, len(nodes))
		for i, c := range nodes {
			out[i] = bare(c)
		}
		return out
	}
	switch n := n.(type) {
	case query.And:
		return query.And{Nodes: each(n.Nodes)}
	case query.Or:
		return query.Or{Nodes: each(n.Nodes)}
	case query.Not:
		return query.Not{Node: bare(n.Node)}
	case query.Text:
		n.Col = 0
		return n
	case query.Keyword:
		n.Col = 0
		return n
	case query.Flag:
		n.Col = 0
		return n
	case query.Range:
		n.Col = 0
		return n
	}
	return n
}

func TestParse(t *testing.T) {
	tests := []struct {
		in   string
		want query.Node
	}{
		{"", query.All{}},
		{" \t\u3000", query.All{}},
		{"stuck", text("stuck")},
		{"stuck sparge", and(text("stuck"), text("sparge"))},
		{"stuck AND sparge", and(text("stuck"), text("sparge"))},
		{"a b OR c", or(and(text("a"), text("b")), text("c"))},
		{"a (b OR c)", and(text("a"), or(text("b"), text("c")))},
		{"(a OR b) OR c", or(text("a"), text("b"), text("c"))},
		{"-a b", and(not(text("a")), text("b"))},
		{"NOT a", not(text("a"))},
		{"--a", text("a")},
		{"-(a b)", not(and(text("a"), text("b")))},
		{"well-known", text("well-known")},
		{"ORANGE NOTE ANDES", and(text("ORANGE"), text("NOTE"), text("ANDES"))},
		{`"OR" or`, and(text("OR"), text("or"))},
		{`"a \"b\" \\c"`, text(`a "b" \c`)},
		{"“stuck sparge”", text("stuck sparge")},
		{"micro*", query.Text{Text: "micro", Prefix: true}},
		{`"micro"*`, query.Text{Text: "micro", Prefix: true}},
		{`"micro*"`, text("micro*")},
		{"咖*", text("咖")},
		{"https://a.example/x", text("https://a.example/x")},
		{"12:30", text("12:30")},
		{"title:stuck", query.Text{Field: "title", Text: "stuck"}},
		{`TITLE:"stuck sparge"`, query.Text{Field: "title", Text: "stuck sparge"}},
		{`author:"Tom O'Hara"`, keyword("author", "Tom O'Hara")},
		{"author:To*", query.Keyword{Field: "author", Value: "To", Prefix: true}},
		{"-author:Tom", not(keyword("author", "Tom"))},
		{"kind:Post", keyword("kind", "post")},
		{"field.userField_X:a", keyword("field.userField_X", "a")},
		{"author.title:Brewer", keyword("author.title", "Brewer")},
		{"thread:https://a.example/t/1", keyword("thread", "https://a.example/t/1")},
		{"is:First", query.Flag{Field: "is", Value: "first"}},
		{"a\xffb", text("a\uFFFDb")},
	}
	for _, test := range tests {
		n, err := query.Parse(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if !reflect.DeepEqual(bare(n), test.want) {
			t.Errorf("%s:\n got %#v\nwant %#v", test.in, bare(n), test.want)
		}
		roundTrip(t, test.in, n)
	}
}

// roundTrip checks that a query's text reads back as the same query.
func roundTrip(t *testing.T, in string, n query.Node) {
	t.Helper()
	again, err := query.Parse(n.String())
	if err != nil {
		t.Errorf("%q gives %q, which does not parse: %v", in, n.String(), err)
		return
	}
	if !reflect.DeepEqual(bare(again), bare(n)) {
		t.Errorf("%q gives %q, which is another query:\n got %#v\nwant %#v", in, n.String(), bare(again), bare(n))
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		in     string
		column int
		want   string
	}{
		{"autor:Tom", 1, `there is no field "autor", the nearest is "author"`},
		{"author.name:Tom", 1, `there is no field "author.name", the nearest is "author"`},
		{"body.text:Tom", 1, `the nearest is "body"`},
		{"x publshed:2024", 3, `the nearest is "published"`},
		{"note: this", 1, `write "note:" in quotes`},
		{`café "open`, 6, "never closed"},
		{"(a", 1, `"(" is never closed`},
		{"a)", 2, "closes nothing"},
		{"()", 1, "nothing stands in these parentheses"},
		{"OR a", 1, "nothing stands before OR"},
		{"a OR", 3, "nothing stands after OR"},
		{"a OR OR b", 3, "nothing stands after OR"},
		{"a AND", 3, "nothing stands after AND"},
		{"AND a", 1, "nothing stands before AND"},
		{"a - b", 3, "nothing to exclude"},
		{"a -", 3, "nothing to exclude"},
		{"!!!", 1, "no letter and no digit"},
		{"*", 1, "no letter and no digit"},
		{"title:", 1, `nothing stands after "title:"`},
		{"title:(a b)", 7, "write (title:a OR title:b)"},
		{`author:""`, 8, "write a value"},
		{"foo-ba*", 1, `write "foo" ba*`},
		{"is:frist", 4, "use one of first, solution"},
		{"has:*", 5, ""},
		{"position:abc", 10, "is not a number"},
		{"position:0x10", 10, "is not a number"},
		{"position:1e300", 10, "beyond"},
		{"position:9..3", 10, "swap its ends"},
		{"position:..", 10, "at least one end"},
		{"published:yesterday", 11, "is not a date"},
		{"published:2024-13", 11, "is not a date"},
		{"published:2023-02-29", 11, "is not a date"},
		{"published:2024-01-01T10:00:00.5", 11, "is not a date"},
		{"id:abc*", 4, "compared as a whole"},
		{strings.Repeat("(", 500) + "a", 66, "levels of parentheses"},
		{strings.Repeat("-", 500) + "a", 66, "levels of parentheses"},
		{strings.Repeat("a ", 300), 513, "more than 256 words"},
		{strings.Repeat("a", 9000), 1, "at most 8192"},
	}
	for _, test := range tests {
		n, err := query.Parse(test.in)
		var e *query.Error
		if !errors.As(err, &e) {
			t.Errorf("%.40s: got %v, %v", test.in, n, err)
			continue
		}
		if test.want != "" && (e.Column != test.column || !strings.Contains(e.Reason, test.want)) {
			t.Errorf("%.40s: got column %d: %s", test.in, e.Column, e.Reason)
		}
	}
}

func TestQueriesOfCorpusRoundTrip(t *testing.T) {
	for _, q := range loadQueries(t) {
		n, err := query.Parse(q)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		roundTrip(t, q, n)
	}
}

func FuzzParse(f *testing.F) {
	for _, q := range loadQueries(f) {
		f.Add(q)
	}
	for _, q := range []string{`a:"`, "-", "((", `"\`, "is:x", "NOT-", "-OR", "a*b*", "“„", "OR(", "\u0600*", "field.:x", "published:>..2"} {
		f.Add(q)
	}
	var doc map[string]any
	for _, r := range loadRecords(f) {
		doc = decode(f, r.Body)
		break
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := query.Parse(s)
		if err != nil {
			var e *query.Error
			if !errors.As(err, &e) || e.Column < 1 || e.Reason == "" {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if len(n.String()) < 8000 { // quoting can make it longer than Parse takes
			roundTrip(t, s, n)
		}
		query.DSL(n)
		query.Matches(n, doc)
		query.Highlight(n, doc, query.HighlightOptions{})
	})
}
