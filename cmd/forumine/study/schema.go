package study

import (
	"encoding/json"
	"reflect"
)

// Schema gives the JSON Schema (draft 2020-12) of a study, made from the same
// types that Parse fills: editors complete and check the file by it.
func Schema() ([]byte, error) {
	s := schemaOf(reflect.TypeFor[Config]())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "forumine.yaml"
	s["required"] = []string{"sites"}
	out, err := json.MarshalIndent(s, "", "  ")
	return append(out, '\n'), err
}

func schemaOf(t reflect.Type) map[string]any {
	if t.Kind() == reflect.Pointer {
		return schemaOf(t.Elem())
	}
	if v, ok := reflect.TypeAssert[taker](reflect.New(t)); ok {
		return map[string]any{"anyOf": []any{
			map[string]any{"type": "string", "pattern": v.pattern()},
			map[string]any{"type": "integer", "minimum": 0},
		}}
	}
	switch t.Kind() {
	case reflect.Struct:
		return objectSchema(t)
	case reflect.Slice:
		list := map[string]any{"type": "array", "items": schemaOf(t.Elem())}
		if t.Elem().Kind() == reflect.String {
			return map[string]any{"anyOf": []any{map[string]any{"type": "string"}, list}}
		}
		return list
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	}
	return map[string]any{"type": "string"}
}

func objectSchema(t reflect.Type) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, f := range fields(t) {
		p := schemaOf(f.typ)
		if len(f.enum) > 0 {
			p = enumSchema(f)
		}
		p["description"] = f.doc
		properties[f.name] = p
		if f.required {
			required = append(required, f.name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func enumSchema(f field) map[string]any {
	one := map[string]any{"enum": f.enum}
	if f.typ.Kind() != reflect.Slice {
		return one
	}
	return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": map[string]any{"enum": f.enum}}}}
}
