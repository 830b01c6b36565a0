package index_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"forumine/extract/forum"
	"forumine/index"
)

func TestKibanaObjects(t *testing.T) {
	t.Parallel()
	raw, err := index.KibanaObjects("desk")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for line := range bytes.Lines(raw) {
		var o struct {
			ID, Type   string
			Attributes map[string]any
			References []struct{ ID, Type string }
		}
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatal(err)
		}
		ids[o.ID] = true
		for _, ref := range o.References {
			if !ids[ref.ID] {
				t.Errorf("%s refers to %s, which does not stand before it", o.ID, ref.ID)
			}
		}
		if o.Type != "index-pattern" {
			continue
		}
		var runtime map[string]index.RuntimeField
		if err := json.Unmarshal([]byte(o.Attributes["runtimeFieldMap"].(string)), &runtime); err != nil || o.Attributes["title"] != o.ID {
			t.Errorf("%s: title %v, %v", o.ID, o.Attributes["title"], err)
		}
		mapped(t, o.ID, runtime)
	}
	if len(ids) != 5 || !ids["desk-posts"] {
		t.Errorf("objects %v", ids)
	}
}

// mapped holds the scripts to fields that documents have.
func mapped(t *testing.T, view string, runtime map[string]index.RuntimeField) {
	t.Helper()
	template := string(index.Templates(index.TemplateOptions{Prefix: "desk"})[view])
	for name, f := range runtime {
		for _, part := range strings.Split(f.Script.Source, "doc['")[1:] {
			field, _, _ := strings.Cut(part, "'")
			leaf := field[strings.LastIndexByte(field, '.')+1:]
			if !strings.Contains(template, `"`+leaf+`"`) {
				t.Errorf("%s of %s reads %s, which is not mapped", name, view, field)
			}
		}
	}
	if len(index.RuntimeFields(forum.DocAuthor)) != 0 {
		t.Error("authors have a runtime field that this test does not know")
	}
}
