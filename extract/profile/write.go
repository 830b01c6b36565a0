package profile

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAML writes a profile so that Parse reads the same again: keys in the order
// of the closed list, what is the default left out.
func (p *Profile) YAML() []byte {
	root := &yaml.Node{Kind: yaml.MappingNode}
	add := func(to *yaml.Node, key string, v *yaml.Node) {
		to.Content = append(to.Content, text(key), v)
	}
	if len(p.Sites) == 1 {
		add(root, "site", text(p.Sites[0]))
	} else {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, s := range p.Sites {
			list.Content = append(list.Content, text(s))
		}
		add(root, "site", list)
	}
	if p.Engine != "" {
		add(root, "engine", text(p.Engine))
	}
	sections := map[string]*yaml.Node{}
	for _, s := range p.slots() {
		if !s.field.set {
			continue
		}
		section, key, nested := strings.Cut(s.name, ".")
		if !nested {
			add(root, s.name, s.field.node(s.use))
			continue
		}
		if sections[section] == nil {
			sections[section] = &yaml.Node{Kind: yaml.MappingNode}
			add(root, section, sections[section])
		}
		add(sections[section], key, s.field.node(s.use))
	}
	return encode(root)
}

func encode(n *yaml.Node) []byte {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if enc.Encode(n) != nil || enc.Close() != nil {
		return nil // a tree of texts always encodes, into memory
	}
	return b.Bytes()
}

func text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}

func (f *Field) node(u use) *yaml.Node {
	attr := f.Attr
	if u == link && attr == "href" || u == image && attr == "src" {
		attr = ""
	}
	if attr == "" && f.Take == "" && f.Select != "" {
		return text(f.Select)
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, kv := range [][2]string{{"select", f.Select}, {"attr", f.Attr}, {"take", f.Take}} {
		if kv[1] != "" && (kv[0] != "attr" || attr != "" || f.Select == "") {
			n.Content = append(n.Content, text(kv[0]), text(kv[1]))
		}
	}
	return n
}
