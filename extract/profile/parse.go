package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"go.yaml.in/yaml/v3"
)

// MaxSize is how many bytes a profile may have.
const MaxSize = 256 << 10

// ErrInvalid is wrapped by every error of Parse.
var ErrInvalid = errors.New("invalid profile")

// Parse reads a profile. Every key must be of the closed list and every
// selector must compile; an error names the line. Anchors, aliases and several
// documents in one file are refused.
func Parse(raw []byte) (*Profile, error) {
	if len(raw) > MaxSize {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrInvalid, MaxSize)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it is empty", ErrInvalid)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: one file holds one profile, and this one goes on behind ---", ErrInvalid)
	}
	p := &parser{p: &Profile{}}
	p.slots = p.p.slots()
	if err := p.document(doc.Content[0]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	p.p.identity = p.p.Identity()
	return p.p, nil
}

type parser struct {
	p     *Profile
	slots []slot
}

// pair is one entry of a mapping.
type pair struct {
	key  string
	line int
	val  *yaml.Node
}

func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: %w", n.Line, fmt.Errorf(format, args...))
}

// pairs are the entries of a mapping, each key once.
func pairs(n *yaml.Node, what string) ([]pair, error) {
	if n.Kind != yaml.MappingNode {
		return nil, at(n, "%s is no mapping of keys to selectors", what)
	}
	var out []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode || k.Anchor != "" || v.Anchor != "" || v.Kind == yaml.AliasNode:
			return nil, at(k, "%s: anchors, aliases and composed keys are not used in profiles", what)
		case slices.ContainsFunc(out, func(p pair) bool { return p.key == k.Value }):
			return nil, at(k, "%s stands there twice", k.Value)
		}
		out = append(out, pair{k.Value, k.Line, v})
	}
	return out, nil
}

func (p *parser) document(root *yaml.Node) error {
	all, err := pairs(root, "a profile")
	if err != nil {
		return err
	}
	for _, kv := range all {
		if err := p.top(kv); err != nil {
			return err
		}
	}
	if len(p.p.Sites) == 0 {
		return errors.New("site is missing: name the host, and the path where the forum has one")
	}
	return p.whole()
}

func (p *parser) top(kv pair) error {
	switch kv.key {
	case "site":
		return p.site(kv)
	case "engine":
		return scalar(kv.val, "engine", &p.p.Engine)
	}
	if s := p.slot(kv.key); s != nil {
		return p.field(s, kv.val)
	}
	if !slices.ContainsFunc(p.slots, func(s slot) bool { return strings.HasPrefix(s.name, kv.key+".") }) {
		return unknown(kv, kv.key, sections())
	}
	inner, err := pairs(kv.val, kv.key)
	if err != nil {
		return err
	}
	for _, in := range inner {
		name := kv.key + "." + in.key
		s := p.slot(name)
		if s == nil {
			return unknown(in, name, Keys())
		}
		if err := p.field(s, in.val); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) slot(name string) *slot {
	for i := range p.slots {
		if p.slots[i].name == name {
			return &p.slots[i]
		}
	}
	return nil
}

func unknown(kv pair, name string, known []string) error {
	if near := nearest(name, known); near != "" {
		return fmt.Errorf("line %d: %s is no key of a profile; did you mean %s?", kv.line, name, near)
	}
	return fmt.Errorf("line %d: %s is no key of a profile; docs/profiles.md lists them", kv.line, name)
}

func scalar(n *yaml.Node, what string, to *string) error {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || strings.TrimSpace(n.Value) == "" {
		return at(n, "%s wants a text; put it in quotes where YAML takes it for something else", what)
	}
	*to = strings.TrimSpace(n.Value)
	return nil
}

// site takes one site or a list of them.
func (p *parser) site(kv pair) error {
	list := []*yaml.Node{kv.val}
	if kv.val.Kind == yaml.SequenceNode {
		list = kv.val.Content
	}
	for _, n := range list {
		var raw string
		if err := scalar(n, "site", &raw); err != nil {
			return err
		}
		site := Site(raw)
		if site == "" {
			return at(n, "site %q is no host with a path, such as forum.example.org or example.org/forum", raw)
		}
		p.p.Sites = append(p.p.Sites, site)
	}
	return nil
}

// Site folds the name of a site: host and path prefix, without scheme, "www."
// and slashes at its end; "" for what is none.
func Site(raw string) string {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.RawQuery != "" || strings.ContainsAny(u.Host, " *") {
		return ""
	}
	return forum.SiteID(raw)
}

// field takes a selector, or a mapping of select, attr and take.
func (p *parser) field(s *slot, n *yaml.Node) error {
	f := s.field
	f.set = true
	if n.Kind != yaml.MappingNode {
		if err := scalar(n, s.name, &f.Select); err != nil {
			return err
		}
		return f.compile(s, n)
	}
	all, err := pairs(n, s.name)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return at(n, "%s says nothing: give select, attr or take", s.name)
	}
	for _, kv := range all {
		if err := f.part(s, kv); err != nil {
			return err
		}
	}
	return f.compile(s, n)
}

func (f *Field) part(s *slot, kv pair) error {
	name := s.name + "." + kv.key
	switch kv.key {
	case "select":
		return scalar(kv.val, name, &f.Select)
	case "attr":
		if s.use == each || s.use == some {
			return at(kv.val, "%s takes elements, not values: attr has no place here", s.name)
		}
		return scalar(kv.val, name, &f.Attr)
	case "take":
		if s.use != value {
			return at(kv.val, "%s takes no part of a value: take has no place here", s.name)
		}
		if err := scalar(kv.val, name, &f.Take); err != nil {
			return err
		}
		if !isTake(f.Take) {
			return at(kv.val, "%s %q is none of all, first-number, last-number, last-part, param NAME", name, f.Take)
		}
		return nil
	}
	return unknown(kv, name, []string{s.name + ".select", s.name + ".attr", s.name + ".take"})
}

func (f *Field) compile(s *slot, n *yaml.Node) error {
	switch {
	case f.Attr == "" && s.use == link:
		f.Attr = "href"
	case f.Attr == "" && s.use == image:
		f.Attr = "src"
	}
	if f.Select == "" {
		if s.use == each || s.use == some || !inContainer(s.name) {
			return at(n, "%s needs a selector", s.name)
		}
		return nil
	}
	m, err := dom.Compile(f.Select)
	if err != nil {
		return at(n, "%s: %w", s.name, err)
	}
	f.match = m
	return nil
}

// inContainer tells the fields that are looked for within a post, a quote or a
// row, which may stand on that element itself.
func inContainer(name string) bool {
	return !strings.HasPrefix(name, "thread.") && !strings.HasPrefix(name, "pages.")
}

// whole refuses profiles whose parts cannot work without one another.
func (p *parser) whole() error {
	for _, need := range []struct{ section, key string }{
		{"post.", "post.each"}, {"author.", "post.each"}, {"quote.", "quote.each"}, {"quote.", "post.body"}, {"post.drop", "post.body"},
		{"listing.", "listing.each"},
	} {
		for _, s := range p.slots {
			if s.field.set && strings.HasPrefix(s.name, need.section) && !p.slot(need.key).field.set {
				return fmt.Errorf("%s needs %s beside it", s.name, need.key)
			}
		}
	}
	if !slices.ContainsFunc(p.slots, func(s slot) bool { return s.field.set }) && p.p.Engine == "" {
		return errors.New("it names neither an engine nor a selector")
	}
	return nil
}
