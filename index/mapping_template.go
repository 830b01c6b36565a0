package index

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"forumine/extract/forum"
)

// TemplateOptions shape the index templates. The zero value is for one node.
type TemplateOptions struct {
	Prefix    string   // of index names; empty means "forum"
	Shards    int      // of each index; 0 means 1, enough up to about 50 GB
	Replicas  int      // copies of each shard
	Languages []string // sub-fields of body.text by ISO 639-1 code; none means "en"
}

// Validate names the languages that Elasticsearch cannot analyse without plugins.
func (o TemplateOptions) Validate() error {
	for _, tag := range o.Languages {
		if Analyzer(tag) == "" {
			return fmt.Errorf("no analyzer for language %q: choose from %s", tag, strings.Join(AnalyzedLanguages(), ", "))
		}
	}
	return nil
}

func (o TemplateOptions) filled() TemplateOptions {
	o.Prefix = cmp.Or(o.Prefix, "forum")
	o.Shards = max(o.Shards, 1)
	o.Replicas = max(o.Replicas, 0)
	if len(o.Languages) == 0 {
		o.Languages = []string{"en"}
	}
	return o
}

// DocKinds lists the kinds of documents, each of which has an index of its own.
func DocKinds() []forum.DocKind {
	return []forum.DocKind{forum.DocPost, forum.DocThread, forum.DocAuthor, forum.DocRevision}
}

// Alias is the name under which the documents of a kind are searched: PREFIX-posts,
// PREFIX-threads, PREFIX-authors or PREFIX-post-revisions. An empty prefix means
// "forum". The index behind it ends with -v and a number.
func Alias(prefix string, kind forum.DocKind) string {
	return cmp.Or(prefix, "forum") + "-" + indexStem(kind)
}

func indexStem(kind forum.DocKind) string {
	if kind == forum.DocRevision {
		return "post-revisions"
	}
	return string(kind) + "s"
}

// AliasFilter is the filter of every alias: retracted documents are hidden.
func AliasFilter() json.RawMessage {
	return json.RawMessage(`{"bool":{"must_not":{"term":{"retracted":true}}}}`)
}

// emptyDoc is the struct that documents of a kind are made of.
func emptyDoc(kind forum.DocKind) any {
	switch kind {
	case forum.DocThread:
		return ThreadDoc{}
	case forum.DocAuthor:
		return AuthorDoc{}
	case forum.DocRevision:
		return RevisionDoc{}
	}
	return PostDoc{}
}

// Templates are the composable index templates by name, which is the alias of the
// kind. Each matches the indices named alias-v*. Languages that Validate refuses
// get no sub-field.
func Templates(opts TemplateOptions) map[string]json.RawMessage {
	opts = opts.filled()
	out := map[string]json.RawMessage{}
	for _, kind := range DocKinds() {
		name := Alias(opts.Prefix, kind)
		out[name] = mustMarshal(template(name, kind, opts))
	}
	return out
}

func template(name string, kind forum.DocKind, opts TemplateOptions) map[string]any {
	meta := map[string]any{"schema_version": SchemaVersion}
	return map[string]any{
		"index_patterns": []string{name + "-v*"},
		"priority":       200,
		"_meta":          meta,
		"template": map[string]any{
			"settings": map[string]any{"index": settings(kind, opts)},
			"mappings": mappings(kind, opts, meta),
		},
	}
}

func mappings(kind forum.DocKind, opts TemplateOptions, meta map[string]any) map[string]any {
	fields := Fields(emptyDoc(kind))
	out := map[string]any{
		"dynamic":        false, // what is not mapped stays in _source and costs no field
		"date_detection": false,
		"_meta":          meta,
		"properties":     properties(fields, opts.Languages),
	}
	if rules := dynamicTemplates(fields); len(rules) > 0 {
		out["dynamic_templates"] = rules
	}
	return out
}

// dynamicTemplates gives the fields below a dynamic object their type.
func dynamicTemplates(fields []Field) []any {
	var rules []any
	for _, f := range fields {
		if f.Type == "object,dynamic" {
			rules = append(rules, map[string]any{strings.ReplaceAll(f.Name, ".", "_"): map[string]any{
				"path_match": f.Name + ".*", "mapping": map[string]any{"type": "long"},
			}})
		}
	}
	return rules
}

func settings(kind forum.DocKind, opts TemplateOptions) map[string]any {
	out := map[string]any{
		"number_of_shards":           opts.Shards,
		"number_of_replicas":         opts.Replicas,
		"codec":                      "best_compression",
		"refresh_interval":           "30s",
		"mapping.total_fields.limit": 400,
		"mapping.total_fields.ignore_dynamic_beyond_limit": true,
		"analysis": analysis(),
	}
	if slices.Contains([]forum.DocKind{forum.DocPost, forum.DocRevision}, kind) {
		out["sort.field"] = []string{"thread.key", "post.position"} // a thread lies together
		out["sort.order"] = []string{"asc", "asc"}
	}
	return out
}

// analysis uses what every Elasticsearch has built in.
func analysis() map[string]any {
	analyzer := func(tokenizer string, filters ...string) map[string]any {
		return map[string]any{"type": "custom", "tokenizer": tokenizer, "filter": filters}
	}
	return map[string]any{
		"analyzer": map[string]any{
			"forum_text": analyzer("standard", "lowercase", "asciifolding_keep"),
			"forum_code": analyzer("code_tok", "lowercase"),
			"forum_path": analyzer("path_tok", "lowercase"),
		},
		"filter": map[string]any{
			"asciifolding_keep": map[string]any{"type": "asciifolding", "preserve_original": true},
		},
		"tokenizer": map[string]any{
			"code_tok": map[string]any{"type": "pattern", "pattern": `[^\p{L}\p{N}]+`},
			"path_tok": map[string]any{"type": "path_hierarchy", "delimiter": ">"},
		},
		"normalizer": map[string]any{
			"lc": map[string]any{"type": "custom", "filter": []string{"lowercase", "asciifolding"}},
		},
	}
}
