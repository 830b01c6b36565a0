package study

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxSize is how many bytes a study may have.
const maxSize = 1 << 20

// ErrInvalid is wrapped by every error of Parse.
var ErrInvalid = errors.New("invalid study")

// Override is a value that environment or flags lay over the file's.
type Override struct {
	Key    string // as storage.data
	Value  string // a list's items are separated by commas
	Origin string // for messages: the variable, or the flag
}

// Parse reads a study, lays overrides over it, fills in defaults and checks it.
// An unknown key is an error that names its line and the nearest name.
func Parse(raw []byte, over ...Override) (*Config, error) {
	c, err := parse(raw, over)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	c.fill()
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return c, nil
}

func parse(raw []byte, over []Override) (*Config, error) {
	root, err := document(raw)
	if err != nil {
		return nil, err
	}
	for _, o := range over {
		if err := lay(root, o); err != nil {
			return nil, err
		}
	}
	c := &Config{}
	d := decoder{}
	if defaults := child(root, "defaults"); defaults != nil {
		if err := d.value(defaults, reflect.ValueOf(&c.Defaults).Elem(), "defaults"); err != nil {
			return nil, err
		}
	}
	d.terms = c.Defaults
	return c, d.value(root, reflect.ValueOf(c).Elem(), "")
}

func document(raw []byte) (*yaml.Node, error) {
	if len(raw) > maxSize {
		return nil, fmt.Errorf("more than %d bytes", maxSize)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty; `forumine init` writes one")
	} else if err != nil {
		return nil, fmt.Errorf("%w (a value that begins with * @ ! or %% needs quotes)", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("one file holds one study, and this one goes on behind ---")
	}
	return doc.Content[0], nil
}

// decoder fills the types of this package from a tree.
type decoder struct {
	terms Terms // what a site begins with
}

// at is an error with its place: a line, or where an override came from.
func at(n *yaml.Node, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if n.Line == 0 {
		return fmt.Errorf("%s: %w", n.HeadComment, err)
	}
	return fmt.Errorf("line %d: %w", n.Line, err)
}

// taker is a type that reads itself from a scalar.
type taker interface {
	take(s string) error
	pattern() string
}

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return at(n, "%s: anchors and aliases are not used here; what sites share goes under defaults", path)
	}
	if n.Tag == "!!null" {
		return nil // a key without a value is as good as none
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if t, ok := reflect.TypeAssert[taker](v.Addr()); ok {
		return d.taken(n, t, path)
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.mapping(n, v, path)
	case reflect.Slice:
		return d.list(n, v, path)
	}
	return d.scalar(n, v, path)
}

func (d *decoder) taken(n *yaml.Node, t taker, path string) error {
	if n.Kind != yaml.ScalarNode {
		return at(n, "%s wants one value", path)
	}
	if err := t.take(n.Value); err != nil {
		return at(n, "%s: %w", path, err)
	}
	return nil
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "%s wants keys and values", orWhole(path))
	}
	if schedule, ok := reflect.TypeAssert[*Schedule](v.Addr()); ok && child(n, "cron") != nil {
		schedule.Every = Duration{} // of the defaults
	} else if ok && child(n, "every") != nil {
		schedule.Cron = ""
	}
	all := fields(v.Type())
	var seen []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		j := slices.IndexFunc(all, func(f field) bool { return f.name == key.Value })
		if j < 0 {
			return unknownKey(key, path, all)
		}
		if slices.Contains(seen, key.Value) {
			return at(key, "%s stands there twice", join(path, key.Value))
		}
		seen = append(seen, key.Value)
		if err := d.field(val, v, all[j], join(path, key.Value)); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) field(val *yaml.Node, v reflect.Value, f field, path string) error {
	if err := d.value(val, v.FieldByIndex(f.index), path); err != nil {
		return err
	}
	return among(val, f.enum, path)
}

// among holds a value, or a list's items, to those that are known.
func among(n *yaml.Node, known []string, path string) error {
	if len(known) == 0 || n.Tag == "!!null" {
		return nil
	}
	for _, item := range append([]*yaml.Node{n}, n.Content...) {
		if item.Kind != yaml.ScalarNode || slices.Contains(known, item.Value) {
			continue
		}
		return at(item, "%s: %q is none of %s", path, item.Value, strings.Join(known, ", "))
	}
	return nil
}

func unknownKey(key *yaml.Node, path string, all []field) error {
	names := make([]string, 0, len(all))
	for _, f := range all {
		names = append(names, f.name)
	}
	if near := nearest(key.Value, names); near != "" {
		return at(key, "%s is no key; did you mean %s?", join(path, key.Value), near)
	}
	return at(key, "%s is no key; here stand %s", join(path, key.Value), strings.Join(names, ", "))
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.SequenceNode {
		if n.Kind != yaml.ScalarNode || v.Type().Elem().Kind() != reflect.String {
			return at(n, "%s wants a list: each item on a line of its own that begins with -", path)
		}
		n = &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line, Content: []*yaml.Node{n}} // one is a list of one
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		if site, ok := reflect.TypeAssert[*Site](out.Index(i).Addr()); ok {
			site.Terms = d.terms
		}
		if err := d.value(item, out.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.ScalarNode {
		return at(n, "%s wants one value", path)
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(n.Value))
		return nil
	case reflect.Bool:
		if n.Value != "true" && n.Value != "false" {
			return at(n, "%s: %q is neither true nor false", path, n.Value)
		}
		v.SetBool(n.Value == "true")
		return nil
	case reflect.Int, reflect.Int64:
		var i int64
		if i, err = strconv.ParseInt(n.Value, 10, 64); err == nil && i >= 0 {
			v.SetInt(i)
			return nil
		}
		return at(n, "%s: %q is no whole number from 0 on", path, n.Value)
	case reflect.Float64:
		var f float64
		if f, err = strconv.ParseFloat(n.Value, 64); err == nil {
			v.SetFloat(f)
			return nil
		}
		return at(n, "%s: %q is no number", path, n.Value)
	}
	return at(n, "%s cannot be read", path)
}

// field is one key of a mapping.
type field struct {
	name, doc string
	enum      []string
	required  bool
	index     []int
	typ       reflect.Type
}

// fields gives the keys of a type, those of inlined types among them.
func fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if option == "inline" {
			for _, in := range fields(f.Type) {
				in.index = append([]int{i}, in.index...)
				out = append(out, in)
			}
			continue
		}
		one := field{name: name, doc: f.Tag.Get("doc"), required: f.Tag.Get("required") != "", index: []int{i}, typ: f.Type}
		if enum := f.Tag.Get("enum"); enum != "" {
			one.enum = strings.Split(enum, "|")
		}
		out = append(out, one)
	}
	return out
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func orWhole(path string) string {
	if path == "" {
		return "a study"
	}
	return path
}
