package replies

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Formats are the names that NewWriter takes.
func Formats() []string { return []string{"jsonl", "csv", "graphml"} }

// Writer writes edges, or weights, one by one. Close ends the output.
type Writer interface {
	Edge(e Edge) error
	Weight(w Weight) error
	Close() error
}

// NewWriter makes a writer of a format. One writes edges or weights, not both.
func NewWriter(w io.Writer, format string) (Writer, error) {
	switch format {
	case "jsonl":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return &lines{enc}, nil
	case "csv":
		return &table{w: csv.NewWriter(w)}, nil
	case "graphml":
		return &graph{w: w, seen: map[string]bool{}}, nil
	}
	return nil, fmt.Errorf("format %q is none of %s", format, strings.Join(Formats(), ", "))
}

// lines writes JSON lines.
type lines struct{ enc *json.Encoder }

func (l *lines) Edge(e Edge) error     { return wrap(l.enc.Encode(e)) }
func (l *lines) Weight(w Weight) error { return wrap(l.enc.Encode(w)) }
func (l *lines) Close() error          { return nil }

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("writing an edge: %w", err)
	}
	return nil
}

// table writes CSV (RFC 4180) with the names of the JSON fields as its head.
type table struct {
	w     *csv.Writer
	begun bool
}

func (t *table) Edge(e Edge) error     { return t.row(e) }
func (t *table) Weight(w Weight) error { return t.row(w) }

func (t *table) row(v any) error {
	names, values := cells(v)
	if !t.begun {
		t.begun = true
		if err := t.w.Write(names); err != nil {
			return wrap(err)
		}
	}
	return wrap(t.w.Write(values))
}

func (t *table) Close() error {
	t.w.Flush()
	return wrap(t.w.Error())
}

// cells are a struct's fields by their JSON names, what is not known empty.
func cells(v any) (names, values []string) {
	s := reflect.ValueOf(v)
	for i := range s.NumField() {
		name, _, _ := strings.Cut(s.Type().Field(i).Tag.Get("json"), ",")
		names = append(names, name)
		values = append(values, cell(s.Field(i).Interface()))
	}
	return names, values
}

func cell(v any) string {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	case int:
		return strconv.Itoa(v)
	}
	return fmt.Sprint(v)
}

// graph writes GraphML (graphml.graphdrawing.org): of edges a graph of posts, of
// weights one of authors. Nodes stand before the first edge that needs them.
type graph struct {
	w     io.Writer
	seen  map[string]bool
	begun bool
	n     int
}

func (g *graph) begin(keys string) error {
	if g.begun {
		return nil
	}
	g.begun = true
	_, err := io.WriteString(g.w, xml.Header+`<graphml xmlns="http://graphml.graphdrawing.org/xmlns">`+"\n"+keys+`<graph id="replies" edgedefault="directed">`+"\n")
	return wrap(err)
}

func keysOf(of string, names ...string) string {
	var b strings.Builder
	for _, name := range names {
		kind := "string"
		switch name {
		case "depth", "posts", "parents", "quotes", "mentions", "threads", "weight":
			kind = "int"
		}
		fmt.Fprintf(&b, `<key id="%s_%s" for="%s" attr.name="%s" attr.type="%s"/>`+"\n", of, name, of, name, kind)
	}
	return b.String()
}

func edgeKeys() string {
	return keysOf("node", "author", "author_key", "at", "site") + keysOf("edge", "kind", "depth", "resolved", "thread_key", "thread_title", "board")
}

func weightKeys() string {
	return keysOf("node", "author", "site") + keysOf("edge", "weight", "parents", "quotes", "mentions", "threads", "first_at", "last_at")
}

func (g *graph) Edge(e Edge) error {
	if err := g.begin(edgeKeys()); err != nil {
		return err
	}
	to := e.ToPostKey
	if to == "" {
		to = who(e.Site, e.ToAuthorKey, e.ToAuthor) // which post is meant is not known: a node for the person
	}
	err := g.node(e.FromPostKey, "author", e.FromAuthor, "author_key", e.FromAuthorKey, "at", cell(e.FromAt), "site", e.Site)
	if err == nil {
		err = g.node(to, "author", e.ToAuthor, "author_key", e.ToAuthorKey, "at", cell(e.ToAt), "site", e.Site)
	}
	if err != nil {
		return err
	}
	return g.edge(e.FromPostKey, to, "kind", string(e.Kind), "depth", cell(e.Depth), "resolved", e.Resolved, "thread_key", e.ThreadKey, "thread_title", e.ThreadTitle, "board", e.Board)
}

func (g *graph) Weight(w Weight) error {
	if err := g.begin(weightKeys()); err != nil {
		return err
	}
	from, to := who(w.Site, w.FromAuthorKey, w.FromAuthor), who(w.Site, w.ToAuthorKey, w.ToAuthor)
	err := g.node(from, "author", w.FromAuthor, "site", w.Site)
	if err == nil {
		err = g.node(to, "author", w.ToAuthor, "site", w.Site)
	}
	if err != nil {
		return err
	}
	return g.edge(from, to, "weight", cell(w.Posts), "parents", cell(w.Parents), "quotes", cell(w.Quotes), "mentions", cell(w.Mentions), "threads", cell(w.Threads),
		"first_at", cell(w.FirstAt), "last_at", cell(w.LastAt))
}

func (g *graph) node(id string, data ...string) error {
	if g.seen[id] {
		return nil
	}
	g.seen[id] = true
	_, err := fmt.Fprintf(g.w, `<node id="%s">%s</node>`+"\n", escaped(id), dataOf("node", data))
	return wrap(err)
}

func (g *graph) edge(from, to string, data ...string) error {
	g.n++
	_, err := fmt.Fprintf(g.w, `<edge id="e%d" source="%s" target="%s">%s</edge>`+"\n", g.n, escaped(from), escaped(to), dataOf("edge", data))
	return wrap(err)
}

func dataOf(of string, data []string) string {
	var b strings.Builder
	for i := 0; i+1 < len(data); i += 2 {
		if data[i+1] != "" {
			fmt.Fprintf(&b, `<data key="%s_%s">%s</data>`, of, data[i], escaped(data[i+1]))
		}
	}
	return b.String()
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

func (g *graph) Close() error {
	if err := g.begin(edgeKeys()); err != nil {
		return err
	}
	_, err := io.WriteString(g.w, "</graph>\n</graphml>\n")
	return wrap(err)
}
