package index

import (
	"bytes"
	"encoding/json"
	"fmt"

	"forumine/extract/forum"
)

// RuntimeField is a field that Elasticsearch computes when it is asked for.
type RuntimeField struct {
	Type   string `json:"type"`
	Script struct {
		Source string `json:"source"`
	} `json:"script"`
}

func runtimeField(kind, source string) RuntimeField {
	f := RuntimeField{Type: kind}
	f.Script.Source = source
	return f
}

// daysBetween emits the days from one date to another, where both are known.
func daysBetween(from, to string) RuntimeField {
	return runtimeField("double", fmt.Sprintf(
		"if (doc['%[1]s'].size() > 0 && doc['%[2]s'].size() > 0) emit(ChronoUnit.MINUTES.between(doc['%[1]s'].value, doc['%[2]s'].value) / 1440.0)", from, to))
}

// RuntimeFields are the computed fields that the data view of a kind brings along.
func RuntimeFields(kind forum.DocKind) map[string]RuntimeField {
	switch kind {
	case forum.DocPost:
		return map[string]RuntimeField{
			"days_to_edit":    daysBetween("published_at", "edited_at"),
			"days_to_missing": daysBetween("published_at", "missing_since"),
		}
	case forum.DocThread:
		return map[string]RuntimeField{"life_days": daysBetween("thread.started_at", "thread.last_post_at")}
	case forum.DocRevision:
		return map[string]RuntimeField{"days_shown": daysBetween("published_at", "replaced_at")}
	}
	return map[string]RuntimeField{}
}

// savedObject is one line of Kibana's import format.
type savedObject struct {
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	Attributes map[string]any `json:"attributes"`
	References []reference    `json:"references"`
}

type reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

// KibanaObjects are a data view for each kind of document and a saved search over
// the posts, in the NDJSON that Kibana's saved objects import reads.
func KibanaObjects(prefix string) ([]byte, error) {
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	for _, kind := range DocKinds() {
		view, err := dataView(prefix, kind)
		if err != nil {
			return nil, err
		}
		if err := lines.Encode(view); err != nil {
			return nil, fmt.Errorf("writing a data view: %w", err)
		}
	}
	if err := lines.Encode(postSearch(prefix)); err != nil {
		return nil, fmt.Errorf("writing a saved search: %w", err)
	}
	return out.Bytes(), nil
}

func dataView(prefix string, kind forum.DocKind) (savedObject, error) {
	alias := Alias(prefix, kind)
	runtime, err := json.Marshal(RuntimeFields(kind))
	if err != nil {
		return savedObject{}, fmt.Errorf("writing runtime fields: %w", err)
	}
	return savedObject{ID: alias, Type: "index-pattern", References: []reference{}, Attributes: map[string]any{
		"title": alias, "name": alias, "timeFieldName": "@timestamp", "runtimeFieldMap": string(runtime),
	}}, nil
}

func postSearch(prefix string) savedObject {
	alias := Alias(prefix, forum.DocPost)
	return savedObject{ID: alias + "-by-time", Type: "search", References: []reference{
		{ID: alias, Name: "kibanaSavedObjectMeta.searchSourceJSON.index", Type: "index-pattern"},
	}, Attributes: map[string]any{
		"title":       "Posts by time (" + alias + ")",
		"description": "",
		"columns":     []string{"forum.name", "thread.title", "author.name", "body.text"},
		"sort":        [][]string{{"@timestamp", "desc"}},
		"kibanaSavedObjectMeta": map[string]any{
			"searchSourceJSON": `{"query":{"query":"","language":"kuery"},"filter":[],"indexRefName":"kibanaSavedObjectMeta.searchSourceJSON.index"}`,
		},
	}}
}
