package query_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/index/query"
)

func mustParse(t *testing.T, s string) query.Node {
	t.Helper()
	n, err := query.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRanges(t *testing.T) {
	at := func(s string) map[string]any { return map[string]any{"published_at": s} }
	tests := []struct {
		query, time string
		want        bool
	}{
		{"published:2024", "2024-01-01T00:00:00Z", true},
		{"published:2024", "2024-12-31T23:59:59.999Z", true},
		{"published:2024", "2025-01-01T00:00:00Z", false},
		{"published:2024-02", "2024-02-29T23:59:59Z", true},
		{"published:2024-02", "2024-03-01T00:00:00Z", false},
		{"published:2024-03-05", "2024-03-06T00:30:00+01:00", true},
		{"published:>2024-03", "2024-03-31T23:59:59Z", false},
		{"published:>2024-03", "2024-04-01T00:00:00Z", true},
		{"published:>=2024-03", "2024-03-01T00:00:00Z", true},
		{"published:<2024-03", "2024-03-01T00:00:00Z", false},
		{"published:<=2024-03", "2024-03-31T23:59:59Z", true},
		{"published:2024-03-05T10:30", "2024-03-05T10:30:59Z", true},
		{"published:2024-03-05T10:30+02:00", "2024-03-05T08:30:00Z", true},
		{"published:2024-03-05T10:30:07", "2024-03-05T10:30:08Z", false},
		{"published:2023..2024-02", "2024-02-10T00:00:00Z", true},
		{"published:..2023", "2024-01-01T00:00:00Z", false},
		{"published:2023..", "2024-01-01T00:00:00Z", true},
		{"published:>=2000", "unreadable", false},
		{"-published:>=2000", "unreadable", true},
	}
	for _, test := range tests {
		if got := query.Matches(mustParse(t, test.query), at(test.time)); got != test.want {
			t.Errorf("%s at %s: %v", test.query, test.time, got)
		}
	}
}

func TestFilter(t *testing.T) {
	f := query.Filter{Site: []string{"a.example"}, Author: []string{"Ada", "O\"K*"}, Since: "2024-01", Until: "2024-03"}
	n, err := f.Node()
	if err != nil {
		t.Fatal(err)
	}
	want := `site:a.example (author:Ada OR author:"O\"K*") date:>=2024-01 date:<=2024-03`
	if n.String() != want {
		t.Errorf("got %s, want %s", n, want)
	}
	if n, err := (query.Filter{}).Node(); err != nil || n != (query.All{}) {
		t.Errorf("empty: %v, %v", n, err)
	}
	if _, err := (query.Filter{Until: "soon"}).Node(); err == nil || !strings.Contains(err.Error(), "--until") {
		t.Errorf("got %v", err)
	}
}

func TestRevisionsOnRequestOnly(t *testing.T) {
	doc := map[string]any{"doc_kind": "revision", "body": map[string]any{"text": "old words"}}
	for q, want := range map[string]bool{"old": false, "": false, "old kind:revision": true, "-kind:revision old": false} {
		if got := (query.Query{Node: mustParse(t, q)}).Matches(doc); got != want {
			t.Errorf("%q: %v", q, got)
		}
	}
	if !(query.Query{Kind: query.KindRevision}).Matches(doc) {
		t.Error("not found by its kind")
	}
	doc["retracted"] = true
	if (query.Query{Kind: query.KindRevision}).Matches(doc) {
		t.Error("a retracted document was found")
	}
}

func TestSort(t *testing.T) {
	for in, want := range map[string]query.Sort{"": query.Relevance, "Newest": query.Newest, "oldest": query.Oldest} {
		if got, err := query.ParseSort(in); err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	if _, err := query.ParseSort("best"); err == nil || !strings.Contains(err.Error(), "newest") {
		t.Errorf("got %v", err)
	}
}

func TestDSL(t *testing.T) {
	tests := []struct{ query, want string }{
		{"", `{"match_all":{}}`},
		{"title:stuck", `{"multi_match":{"fields":["title","thread.title"],"query":"stuck","type":"phrase"}}`},
		{"don't -lang:de is:first", `{"bool":{
			"must":[{"multi_match":{"fields":["body.text","title^2","thread.title^2","about"],"query":"don't","type":"phrase"}}],
			"filter":[{"term":{"post.is_first":true}}],
			"must_not":[{"terms":{"body.lang":["de"]}}]}}`},
		{"body:CAFÉ*", `{"prefix":{"body.text":{"value":"cafe"}}}`},
		{"code:Été*", `{"prefix":{"body.code":{"value":"été"}}}`},
		{"author:Zoé", `{"bool":{"minimum_should_match":1,"should":[
			{"terms":{"author.name.lc":["zoe"]}},{"terms":{"author.id":["Zoé"]}},{"terms":{"author.key":["Zoé"]}}]}}`},
		{"engine:SMF", `{"terms":{"site.engine":["SMF","smf"]}}`},
		{"field.kit:a", `{"terms":{"author.fields.kit":["a"]}}`},
		{"published:2024", `{"range":{"published_at":{"format":"strict_date_optional_time","gte":"2024-01-01T00:00:00.000Z","lt":"2025-01-01T00:00:00.000Z"}}}`},
		{"position:>10", `{"range":{"post.position":{"gt":10}}}`},
		{"page:>3000000000", `{"match_none":{}}`},
		{"page:<3000000000", `{"exists":{"field":"post.page"}}`},
		{"is:deleted OR has:code", `{"bool":{"minimum_should_match":1,"should":[{"term":{"post.state":"deleted"}},{"exists":{"field":"body.code"}}]}}`},
	}
	for _, test := range tests {
		b, err := json.Marshal(query.DSL(mustParse(t, test.query)))
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := errorsOf(json.Unmarshal(b, &got), json.Unmarshal([]byte(test.want), &want)); err != nil {
			t.Fatal(test.query, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", test.query, b, test.want)
		}
	}
}

func TestSearchBody(t *testing.T) {
	body := query.SearchBody(query.Query{Node: mustParse(t, "kettle"), Kind: query.KindPost, Limit: 5, Offset: 10})
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"from":10`, `"size":5`, `"track_total_hits":true`, `{"_score":{"order":"desc"}}`, `{"terms":{"doc_kind":["post"]}}`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}

func TestFieldsAreConsistent(t *testing.T) {
	var names []string
	for _, f := range query.Fields() {
		if slices.Contains(names, f.Name) {
			t.Errorf("%s stands twice", f.Name)
		}
		names = append(names, f.Name)
		if (f.Type == query.NumberField || f.Type == query.DateField) && len(f.Paths) != 1 {
			t.Errorf("%s has %d paths", f.Name, len(f.Paths))
		}
		if found, ok := query.LookupField(strings.ToUpper(f.Name)); !ok || found.Name != f.Name {
			t.Errorf("%s is not found by its name", f.Name)
		}
	}
}

func TestHighlight(t *testing.T) {
	doc := map[string]any{
		"thread": map[string]any{"title": "Café talk"},
		"body":   map[string]any{"text": "Un café noir.\nDeux cafés, un CAFE crème.", "quoted_text": "thé ou café ?"},
	}
	tests := []struct {
		query string
		want  []string
	}{
		{"cafe", []string{"Un **café** noir. Deux cafés, un **CAFE** crème.", "**Café** talk"}},
		{`"café noir"`, []string{"Un **café noir**. Deux cafés, un CAFE crème."}},
		{"title:cafe*", []string{"**Café** talk"}},
		{"quoted:café", []string{"thé ou **café** ?"}},
		{"noir -cafe", []string{"Un café **noir**. Deux cafés, un CAFE crème."}},
		{"kind:post", []string{"Un café noir. Deux cafés, un CAFE crème."}},
	}
	for _, test := range tests {
		if got := query.Highlight(mustParse(t, test.query), doc, query.HighlightOptions{}); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q", test.query, got)
		}
	}
}

func TestHighlightCutsLongTexts(t *testing.T) {
	filler := strings.Repeat("water boils slowly ", 40)
	doc := map[string]any{"body": map[string]any{"text": filler + "kettle " + filler + "kettle " + strings.Repeat("咖", 500)}}
	got := query.Highlight(mustParse(t, "kettle"), doc, query.HighlightOptions{Pre: "<b>", Post: "</b>", Size: 60})
	if len(got) != 2 {
		t.Fatalf("got %q", got)
	}
	for _, f := range got {
		if n := len([]rune(f)); n > 90 || !strings.HasPrefix(f, "…") || !strings.HasSuffix(f, "…") || !strings.Contains(f, "<b>kettle</b>") {
			t.Errorf("fragment %q of %d characters", f, n)
		}
	}
}

func TestNumberReadsDates(t *testing.T) {
	f, _ := query.LookupField("published")
	want := float64(time.Date(2024, 3, 5, 9, 30, 0, int(7*time.Millisecond), time.UTC).UnixMilli())
	got, ok := f.Number(map[string]any{"published_at": "2024-03-05T10:30:00.0079+01:00"})
	if !ok || got != want {
		t.Errorf("got %v, %v, want %v", got, ok, want)
	}
}

// docs/search.md names every field and flag, and its examples parse.
func TestDocumentationIsComplete(t *testing.T) {
	b, err := os.ReadFile("../../docs/search.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, f := range query.Fields() {
		name := "`" + f.Name + "`"
		if f.Type == query.FlagField {
			name = "`" + f.Name + ":`"
		}
		if !strings.Contains(text, name) {
			t.Errorf("field %s is missing", f.Name)
		}
	}
	for _, field := range []string{"is", "has"} {
		_, err := query.Parse(field + ":?")
		_, list, _ := strings.Cut(err.Error(), "use one of ")
		for flag := range strings.SplitSeq(list, ", ") {
			if !strings.Contains(text, "`"+flag+"`") {
				t.Errorf("flag %s:%s is missing", field, flag)
			}
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		example, ok := strings.CutPrefix(line, "    forumine search '")
		if !ok {
			continue
		}
		example = example[:strings.LastIndex(example, "'")]
		if _, err := query.Parse(example); err != nil {
			t.Errorf("%s: %v", example, err)
		}
	}
}
