package study

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Keys are the keys that can be overridden: all values outside of lists of
// sites, as storage.data and defaults.delay.
func Keys() []string { return keysOf(reflect.TypeFor[Config](), "") }

func keysOf(t reflect.Type, path string) []string {
	var out []string
	for _, f := range fields(t) {
		name := join(path, f.name)
		switch {
		case isValue(f.typ):
			out = append(out, name)
		case f.typ.Kind() == reflect.Struct:
			out = append(out, keysOf(f.typ, name)...)
		}
	}
	return out
}

// isValue tells types that one value, or a list of texts, fills.
func isValue(t reflect.Type) bool {
	if t.Implements(reflect.TypeFor[taker]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[taker]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct:
		return false
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String
	}
	return true
}

// Variable is the environment's name for a key: FORUMINE_STORAGE_DATA for
// storage.data.
func Variable(key string) string {
	return "FORUMINE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// lay sets a value in a tree.
func lay(root *yaml.Node, o Override) error {
	known := Keys()
	if !slices.Contains(known, o.Key) {
		if near := nearest(o.Key, known); near != "" {
			return fmt.Errorf("%s: %s is no key; did you mean %s?", o.Origin, o.Key, near)
		}
		return fmt.Errorf("%s: %s is no key that can be set so; a site's own keys are set in the file, or for all sites under defaults", o.Origin, o.Key)
	}
	if root.Kind != yaml.MappingNode {
		return nil // refused when it is read
	}
	parts := strings.Split(o.Key, ".")
	n := root
	for _, part := range parts[:len(parts)-1] {
		next := child(n, part)
		if next == nil || next.Kind != yaml.MappingNode {
			next = put(n, part, &yaml.Node{Kind: yaml.MappingNode, HeadComment: o.Origin}, o)
		}
		n = next
	}
	put(n, parts[len(parts)-1], overrideNode(o), o)
	return nil
}

func overrideNode(o Override) *yaml.Node {
	scalar := func(v string) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.TrimSpace(v), HeadComment: o.Origin}
	}
	if !isList(o.Key) {
		return scalar(o.Value)
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, HeadComment: o.Origin}
	for item := range strings.SplitSeq(o.Value, ",") {
		list.Content = append(list.Content, scalar(item))
	}
	return list
}

func isList(key string) bool {
	t := reflect.TypeFor[Config]()
	for part := range strings.SplitSeq(key, ".") {
		for _, f := range fields(t) {
			if f.name == part {
				t = f.typ
				break
			}
		}
	}
	return t.Kind() == reflect.Slice
}

// child gives the value of a key, nil for none.
func child(n *yaml.Node, name string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// put sets the value of a key and gives it.
func put(n *yaml.Node, name string, v *yaml.Node, o Override) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content[i+1] = v
			return v
		}
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name, HeadComment: o.Origin}, v)
	return v
}
