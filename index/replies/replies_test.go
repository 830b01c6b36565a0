package replies_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/replies"

	"github.com/google/go-cmp/cmp"
)

// written is a post as the tests write it down.
type written struct {
	id, author, text, html string
	at                     int // minutes after noon
	parent                 string
	quotes                 []index.Quote
	mentions               []index.Mention
}

const site = "kites.example"

func postKey(id string) string { return forum.Key(site, forum.KeyPost, id) }

func userKey(name string) string {
	return forum.Key(site, forum.KeyUser, strings.ToLower(strings.ReplaceAll(name, " ", "-")))
}

func (w written) document(t *testing.T, position int) json.RawMessage {
	t.Helper()
	var d index.PostDoc
	d.DocKind, d.Site.ID, d.Forum.Path = forum.DocPost, site, "Workshop > Frames"
	d.Thread.Key, d.Thread.Title = forum.Key(site, forum.KeyThread, "31"), "Spars"
	d.Post.ID, d.Post.Key, d.Post.Position = w.id, postKey(w.id), int64(position)
	d.Author.Name, d.Author.Key = w.author, userKey(w.author)
	d.PublishedAt = time.Date(2026, 5, 18, 12, w.at, 0, 0, time.UTC)
	d.Body.Text, d.Body.HTML = w.text, w.html
	d.Quotes, d.Mentions = w.quotes, w.mentions
	if w.parent != "" {
		d.Post.ParentKey = postKey(w.parent)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func documents(t *testing.T, posts ...written) []json.RawMessage {
	t.Helper()
	var out []json.RawMessage
	for i, w := range posts {
		if w.at == 0 {
			w.at = i + 1
		}
		out = append([]json.RawMessage{w.document(t, i+1)}, out...) // whatever order they come in
	}
	return out
}

func all(json.RawMessage) (bool, error) { return true, nil }

func nowhere(context.Context, string) (json.RawMessage, bool, error) { return nil, false, nil }

// short is an edge in a line.
func short(e replies.Edge) string {
	id := func(key string) string { return key[strings.LastIndexByte(key, '|')+1:] }
	to := id(e.ToPostKey)
	if to == "" {
		to = "?"
	}
	return fmt.Sprintf("%s %s>%s %s>%s %s", e.Kind, id(e.FromPostKey), to, e.FromAuthor, e.ToAuthor, e.Resolved)
}

func edgesOf(t *testing.T, o replies.Options, look replies.Lookup, posts ...written) []string {
	t.Helper()
	edges, err := replies.Edges(t.Context(), documents(t, posts...), o, all, look)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range edges {
		out = append(out, short(e))
	}
	return out
}

// thread is what the tests quote from.
func thread() []written {
	return []written{
		{id: "1", author: "Ilse Thorn", text: "Bamboo splits along the grain, so I taper it by hand."},
		{id: "2", author: "Marek Dole", text: "What about ash?"},
		{id: "3", author: "Ilse Thorn", text: "Ash is heavier. Bamboo splits along the grain.\nIt never surprises me."},
	}
}

// TestQuotes finds the other end by id, by words, by name, or not at all.
func TestQuotes(t *testing.T) {
	quote := func(author, words string) written {
		return written{id: "9", author: "Marek Dole", text: "Yes.", quotes: []index.Quote{{Author: author}}, html: "<blockquote>" + words + "</blockquote>Yes."}
	}
	for _, c := range []struct {
		name string
		post written
		want []string
	}{
		{"by id", written{id: "9", author: "Marek Dole", quotes: []index.Quote{{Author: "Ilse Thorn", PostID: "1", PostKey: postKey("1")}}}, []string{"quote 9>1 Marek Dole>Ilse Thorn id"}},
		{"by id, not known", written{id: "9", author: "Marek Dole", quotes: []index.Quote{{Author: "Odile", PostKey: postKey("77")}}}, []string{"quote 9>77 Marek Dole>Odile id"}},
		{"by words, the latest", quote("Ilse Thorn", "Bamboo splits along the grain"), []string{"quote 9>3 Marek Dole>Ilse Thorn text"}},
		{"by words of an older one", quote("ilse  thorn", "so I <b>taper</b> it by hand."), []string{"quote 9>1 Marek Dole>Ilse Thorn text"}},
		{"by words with a gap", quote("Ilse Thorn", "Ash is heavier. […] never surprises me"), []string{"quote 9>3 Marek Dole>Ilse Thorn text"}},
		{"lines in parts", quote("Ilse Thorn", "<p>Ash is heavier</p><p>It never surprises me</p>"), []string{"quote 9>3 Marek Dole>Ilse Thorn text"}},
		{"whole words only", quote("Ilse Thorn", "so I taper it by han"), []string{"quote 9>? Marek Dole>Ilse Thorn author"}},
		{"words of nobody's", quote("Ilse Thorn", "Cedar is best for everything"), []string{"quote 9>? Marek Dole>Ilse Thorn author"}},
		{"too few words", quote("Ilse Thorn", "it"), []string{"quote 9>? Marek Dole>Ilse Thorn author"}},
		{"no words", quote("Ilse Thorn", ""), []string{"quote 9>? Marek Dole>Ilse Thorn author"}},
		{"a stranger", quote("Odile", "Bamboo splits along the grain"), []string{"quote 9>? Marek Dole>Odile none"}},
		{"nobody named", quote("", "Bamboo splits along the grain"), []string{"quote 9>3 Marek Dole>Ilse Thorn text"}},
		{"nobody named, few words", quote("", "What about ash?"), nil},
		{"nobody named, words of nobody's", quote("", "Cedar is best for everything that flies"), nil},
		{"escaped", quote("Marek Dole", "What about &#34;ash&#34;?"), []string{"quote 9>2 Marek Dole>Marek Dole text"}},
		{"elsewhere", written{id: "9", author: "Marek Dole", quotes: []index.Quote{{Author: "Ilse Thorn", IsExternal: true}}}, nil},
	} {
		if diff := cmp.Diff(c.want, edgesOf(t, replies.Options{}, nowhere, append(thread(), c.post)...)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

// TestNested takes the words of each quote without those of quotes within it,
// and leaves inner quotes out unless asked for.
func TestNested(t *testing.T) {
	p := written{
		id: "9", author: "Odile", html: "<blockquote data-author=\"Ilse Thorn\">Ash is heavier <blockquote>What about ash?</blockquote></blockquote> And <pre>if a < b</pre> <blockquote>taper it by hand</blockquote>",
		quotes: []index.Quote{{Author: "Ilse Thorn"}, {Author: "Marek Dole", Depth: 1}, {Author: "Ilse Thorn"}},
	}
	p.html = strings.Replace(p.html, "a < b", "a &lt; b", 1)
	posts := append(thread(), p)
	outer := []string{"quote 9>3 Odile>Ilse Thorn text", "quote 9>1 Odile>Ilse Thorn text"}
	if diff := cmp.Diff(outer, edgesOf(t, replies.Options{}, nowhere, posts...)); diff != "" {
		t.Error(diff)
	}
	every := []string{outer[0], "quote 9>2 Odile>Marek Dole text", outer[1]}
	if diff := cmp.Diff(every, edgesOf(t, replies.Options{Nested: true}, nowhere, posts...)); diff != "" {
		t.Error(diff)
	}
}

// TestParentsAndMentions are edges of their own, in the order of posts and, of
// one post, of kinds.
func TestParentsAndMentions(t *testing.T) {
	posts := thread()
	posts[1].parent = "1"
	posts[2].parent, posts[2].mentions = "2", []index.Mention{{Name: "marek dole"}, {Name: "Odile", AuthorKey: userKey("Odile")}, {Name: "nobody"}, {}}
	posts[2].quotes = []index.Quote{{Author: "Marek Dole", PostKey: postKey("2")}}
	want := []string{"parent 2>1 Marek Dole>Ilse Thorn id", "parent 3>2 Ilse Thorn>Marek Dole id", "quote 3>2 Ilse Thorn>Marek Dole id"}
	if diff := cmp.Diff(want, edgesOf(t, replies.Options{}, nowhere, posts...)); diff != "" {
		t.Error(diff)
	}
	want = []string{"mention 3>? Ilse Thorn>Marek Dole author", "mention 3>? Ilse Thorn>Odile author", "mention 3>? Ilse Thorn>nobody none"}
	if diff := cmp.Diff(want, edgesOf(t, replies.Options{Kinds: []replies.Kind{replies.Mention}}, nowhere, posts...)); diff != "" {
		t.Error(diff)
	}
}

// TestOtherThread follows a quote's id out of the thread, and passes errors on.
func TestOtherThread(t *testing.T) {
	p := written{id: "9", author: "Odile", quotes: []index.Quote{{Author: "x", PostKey: postKey("55")}}}
	far := written{id: "55", author: "Börje", text: "From another thread."}.document(t, 4)
	look := func(_ context.Context, key string) (json.RawMessage, bool, error) {
		return far, key == postKey("55"), nil
	}
	if diff := cmp.Diff([]string{"quote 9>55 Odile>Börje id"}, edgesOf(t, replies.Options{}, look, p)); diff != "" {
		t.Error(diff)
	}
	broken := errors.New("broken")
	_, err := replies.Edges(t.Context(), documents(t, p), replies.Options{}, all, func(context.Context, string) (json.RawMessage, bool, error) { return nil, false, broken })
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if _, err := replies.Edges(t.Context(), []json.RawMessage{[]byte("no document")}, replies.Options{}, all, nowhere); err == nil {
		t.Error("takes what is no document")
	}
}

// TestInclude leaves out answers, not what they answer.
func TestInclude(t *testing.T) {
	posts := thread()
	posts[1].parent, posts[2].parent = "1", "2"
	edges, err := replies.Edges(t.Context(), documents(t, posts...), replies.Options{}, func(doc json.RawMessage) (bool, error) {
		return bytes.Contains(doc, []byte(`"post":{"id":"3"`)), nil
	}, nowhere)
	if err != nil || len(edges) != 1 || short(edges[0]) != "parent 3>2 Ilse Thorn>Marek Dole id" {
		t.Errorf("%v, %v", edges, err)
	}
}

func sampleEdges(t *testing.T) []replies.Edge {
	t.Helper()
	posts := append(thread(), written{
		id: "9", author: "Marek Dole", parent: "3",
		quotes: []index.Quote{{Author: "Ilse Thorn", PostKey: postKey("1")}, {Author: `O"Dile, <jr>`}, {Author: "Ilse Thorn", PostKey: postKey("3")}},
	}, written{id: "10", author: "Ilse Thorn", parent: "9"})
	edges, err := replies.Edges(t.Context(), documents(t, posts...), replies.Options{}, all, nowhere)
	if err != nil {
		t.Fatal(err)
	}
	return edges
}

// TestTable counts answering posts, edges by kind, and threads.
func TestTable(t *testing.T) {
	table := replies.NewTable()
	for _, e := range sampleEdges(t) {
		table.Add(e)
	}
	at := func(m int) time.Time { return time.Date(2026, 5, 18, 12, m, 0, 0, time.UTC) }
	want := []replies.Weight{
		{Site: site, FromAuthorKey: userKey("Ilse Thorn"), FromAuthor: "Ilse Thorn", ToAuthorKey: userKey("Marek Dole"), ToAuthor: "Marek Dole", Posts: 1, Parents: 1, Threads: 1, FirstAt: at(5), LastAt: at(5)},
		{Site: site, FromAuthorKey: userKey("Marek Dole"), FromAuthor: "Marek Dole", ToAuthor: `O"Dile, <jr>`, Posts: 1, Quotes: 1, Threads: 1, FirstAt: at(4), LastAt: at(4)},
		{Site: site, FromAuthorKey: userKey("Marek Dole"), FromAuthor: "Marek Dole", ToAuthorKey: userKey("Ilse Thorn"), ToAuthor: "Ilse Thorn", Posts: 1, Parents: 1, Quotes: 2, Threads: 1, FirstAt: at(4), LastAt: at(4)},
	}
	if diff := cmp.Diff(want, table.Weights()); diff != "" {
		t.Error(diff)
	}
}

// TestFormats writes edges and weights so that the formats' own readers read
// them back.
func TestFormats(t *testing.T) {
	edges := sampleEdges(t)
	write := func(format string) string {
		var b bytes.Buffer
		w, err := replies.NewWriter(&b, format)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range edges {
			if err := w.Edge(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var first replies.Edge
	if err := json.Unmarshal([]byte(strings.SplitN(write("jsonl"), "\n", 2)[0]), &first); err != nil || !cmp.Equal(first, edges[0]) {
		t.Errorf("jsonl: %v, %+v", err, first)
	}
	rows, err := csv.NewReader(strings.NewReader(write("csv"))).ReadAll()
	if err != nil || len(rows) != len(edges)+1 || rows[0][0] != "site" || rows[3][13] != `O"Dile, <jr>` {
		t.Errorf("csv: %v, %v", err, rows)
	}
	g := graphOf(t, write("graphml"))
	if len(g.Edges) != len(edges) || len(g.Nodes) != 5 {
		t.Errorf("graphml: %d nodes, %d edges", len(g.Nodes), len(g.Edges))
	}
	if _, err := replies.NewWriter(nil, "dot"); err == nil || !strings.Contains(err.Error(), "graphml") {
		t.Errorf("dot: %v", err)
	}
}

// TestEmptyGraph is a graph without nodes, and of weights one of authors.
func TestEmptyGraph(t *testing.T) {
	var b bytes.Buffer
	w, _ := replies.NewWriter(&b, "graphml")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if g := graphOf(t, b.String()); len(g.Nodes)+len(g.Edges) != 0 {
		t.Errorf("%+v", g)
	}
	b.Reset()
	w, _ = replies.NewWriter(&b, "graphml")
	table := replies.NewTable()
	for _, e := range sampleEdges(t) {
		table.Add(e)
	}
	for _, weight := range table.Weights() {
		if err := w.Weight(weight); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if g := graphOf(t, b.String()); len(g.Nodes) != 3 || len(g.Edges) != 3 {
		t.Errorf("%d nodes, %d edges", len(g.Nodes), len(g.Edges))
	}
}

// parsedGraph is what the tests read of GraphML.
type parsedGraph struct {
	Nodes []struct {
		ID string `xml:"id,attr"`
	} `xml:"graph>node"`
	Edges []struct {
		Source string `xml:"source,attr"`
		Target string `xml:"target,attr"`
	} `xml:"graph>edge"`
}

// graphOf reads GraphML; every edge's ends have to be nodes of it, each there
// once.
func graphOf(t *testing.T, text string) parsedGraph {
	t.Helper()
	var g parsedGraph
	if err := xml.Unmarshal([]byte(text), &g); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	nodes := map[string]bool{}
	for _, n := range g.Nodes {
		if nodes[n.ID] {
			t.Errorf("node %s twice", n.ID)
		}
		nodes[n.ID] = true
	}
	for _, e := range g.Edges {
		if !nodes[e.Source] || !nodes[e.Target] {
			t.Errorf("edge from %s to %s: not both are nodes", e.Source, e.Target)
		}
	}
	return g
}
