package index

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The es tag of a document's field names its Elasticsearch type and, after
// semicolons, its sub-fields:
//
//	keyword,N        exact, at most N characters are indexed
//	text,ANALYZER    searchable; text,noindex is kept only
//	flattened,N      open-ended pairs, values of at most N characters
//	object,disabled  kept only;  object,dynamic grows a field by key
//	date, long, integer, short, boolean, half_float
//
// Sub-fields: lc (exact, any case), text or text=ANALYZER, keyword,N, tree (path
// hierarchy), lang (one a configured language).

// dateFormat is what the documents' dates are written in.
const dateFormat = "strict_date_optional_time||epoch_millis"

// Field is one mapped field of a document, for the mapping and docs/schema.md.
type Field struct {
	Name string // dotted
	Type string // the es tag
	Many bool   // holds a list
	Doc  string // meaning and unit
}

// Fields lists the mapped fields of a document's struct in its order.
func Fields(doc any) []Field { return appendFields(nil, reflect.TypeOf(doc), "") }

func appendFields(out []Field, t reflect.Type, prefix string) []Field {
	for f := range t.Fields() {
		kind, mapped := f.Tag.Lookup("es")
		inner, many := f.Type, false
		if inner.Kind() == reflect.Slice {
			inner, many = inner.Elem(), true
		}
		name := prefix + fieldName(f)
		switch {
		case mapped:
			out = append(out, Field{name, kind, many, f.Tag.Get("doc")})
		case f.Anonymous:
			out = appendFields(out, inner, prefix)
		case isObject(inner):
			out = appendFields(out, inner, name+".")
		default:
			panic(fmt.Sprintf("index: the field %s of %s has no es tag", name, t))
		}
	}
	return out
}

// properties is the mapping of a document's fields, as Elasticsearch nests it.
func properties(fields []Field, languages []string) map[string]any {
	root := map[string]any{}
	for _, f := range fields {
		at := root
		steps := strings.Split(f.Name, ".")
		for _, step := range steps[:len(steps)-1] {
			object, ok := at[step].(map[string]any)
			if !ok {
				object = map[string]any{"properties": map[string]any{}}
				at[step] = object
			}
			at = object["properties"].(map[string]any)
		}
		at[steps[len(steps)-1]] = property(f.Type, languages)
	}
	return root
}

// property is the mapping that an es tag stands for.
func property(tag string, languages []string) map[string]any {
	parts := strings.Split(tag, ";")
	out := fieldType(parts[0])
	subs := map[string]any{}
	for _, sub := range parts[1:] {
		addSubField(subs, sub, languages)
	}
	if len(subs) > 0 {
		out["fields"] = subs
	}
	return out
}

func fieldType(spec string) map[string]any {
	name, option, _ := strings.Cut(spec, ",")
	out := map[string]any{"type": name}
	switch {
	case name == "keyword":
		out["ignore_above"] = limit(option)
	case name == "flattened":
		out["ignore_above"] = limit(option)
		out["split_queries_on_whitespace"] = false
	case name == "date":
		out["format"] = dateFormat
	case option == "noindex":
		out["index"] = false
	case option == "disabled":
		out["enabled"] = false
	case option == "dynamic":
		out["dynamic"] = true
	case name == "text":
		out["analyzer"] = option
	}
	return out
}

func addSubField(subs map[string]any, spec string, languages []string) {
	name, option, _ := strings.Cut(spec, "=")
	switch {
	case name == "lc":
		subs["lc"] = map[string]any{"type": "keyword", "normalizer": "lc", "ignore_above": 256}
	case name == "tree":
		subs["tree"] = map[string]any{"type": "text", "analyzer": "forum_path"}
	case name == "text":
		subs["text"] = map[string]any{"type": "text", "analyzer": cmp.Or(option, "forum_text")}
	case name == "lang":
		for _, tag := range languages {
			if analyzer := Analyzer(tag); analyzer != "" {
				subs[tag] = map[string]any{"type": "text", "analyzer": analyzer}
			}
		}
	default:
		kind, _, _ := strings.Cut(spec, ",")
		subs[kind] = fieldType(spec)
	}
}

func limit(option string) int {
	n, err := strconv.Atoi(option)
	if err != nil {
		panic("index: an es tag has no number: " + err.Error())
	}
	return n
}

// Analyzer is the built-in analyzer of a language by its ISO 639-1 code, empty
// when Elasticsearch has none without plugins (reference/analysis-lang-analyzer).
func Analyzer(tag string) string {
	i := slices.IndexFunc(analyzers(), func(a [2]string) bool { return a[0] == tag })
	if i < 0 {
		return ""
	}
	return analyzers()[i][1]
}

// AnalyzedLanguages lists the codes for which Analyzer has an answer.
func AnalyzedLanguages() []string {
	var tags []string
	for _, a := range analyzers() {
		tags = append(tags, a[0])
	}
	return tags
}

func analyzers() [][2]string {
	return [][2]string{
		{"ar", "arabic"}, {"bg", "bulgarian"}, {"bn", "bengali"}, {"ca", "catalan"},
		{"cs", "czech"}, {"da", "danish"}, {"de", "german"}, {"el", "greek"}, {"en", "english"},
		{"es", "spanish"}, {"et", "estonian"}, {"eu", "basque"}, {"fa", "persian"}, {"fi", "finnish"},
		{"fr", "french"}, {"ga", "irish"}, {"gl", "galician"}, {"hi", "hindi"}, {"hu", "hungarian"},
		{"hy", "armenian"}, {"id", "indonesian"}, {"it", "italian"}, {"ja", "cjk"}, {"ko", "cjk"},
		{"lt", "lithuanian"}, {"lv", "latvian"}, {"nl", "dutch"}, {"no", "norwegian"}, {"pt", "portuguese"},
		{"ro", "romanian"}, {"ru", "russian"}, {"sr", "serbian"}, {"sv", "swedish"}, {"th", "thai"},
		{"tr", "turkish"}, {"zh", "cjk"},
	}
}
