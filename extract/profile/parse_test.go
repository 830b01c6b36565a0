package profile_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forumine/extract/profile"
)

// TestParseRefuses names the line of everything that is wrong, and the nearest
// key where a key is.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"empty", "", "empty"},
		{"no mapping", "- a\n- b", "line 1: a profile is no mapping"},
		{"no site", "post: {each: .p}", "site is missing"},
		{"bad site", "site: 'a b'\npost: {each: .p}", `line 1: site "a b" is no host`},
		{"nothing said", "site: f.example", "neither an engine nor a selector"},
		{"unknown key", "site: f.example\npost:\n  each: .p\n  pubished: .d", "line 4: post.pubished is no key of a profile; did you mean post.published?"},
		{"unknown section", "site: f.example\nposts: {each: .p}", "line 2: posts is no key of a profile; did you mean post?"},
		{"unknown far", "site: f.example\nxyzzyquux: .p", "docs/profiles.md"},
		{"unknown part", "site: f.example\npost:\n  each: .p\n  id: {select: a, atr: href}", "line 4: post.id.atr is no key of a profile; did you mean post.id.attr?"},
		{"bad selector", "site: f.example\npost:\n  each: '.p >> q'", `line 3: post.each: ".p >> q" is no CSS selector`},
		{"bad take", "site: f.example\npost:\n  each: .p\n  id: {attr: id, take: digits}", `line 4: post.id.take "digits" is none of all, first-number`},
		{"take of elements", "site: f.example\npost:\n  each: {select: .p, take: all}", "line 3: post.each takes no part of a value"},
		{"attr of elements", "site: f.example\npost:\n  each: {select: .p, attr: id}", "line 3: post.each takes elements"},
		{"no selector", "site: f.example\nthread: {title: {attr: x}}", "line 2: thread.title needs a selector"},
		{"nothing in a field", "site: f.example\npost:\n  each: .p\n  id: {}", "line 4: post.id says nothing"},
		{"number", "site: f.example\npost: {each: 12}", "line 2: post.each wants a text"},
		{"list", "site: f.example\npost: {each: [a, b]}", "line 2: post.each wants a text"},
		{"twice", "site: f.example\npost:\n  each: .p\n  each: .q", "line 4: each stands there twice"},
		{"alias", "site: &s f.example\nengine: *s", "anchors, aliases"},
		{"two documents", "site: f.example\npost: {each: .p}\n---\nsite: g.example", "goes on behind ---"},
		{"without containers", "site: f.example\nauthor: {name: .a}", "author.name needs post.each beside it"},
		{"quote without body", "site: f.example\npost: {each: .p}\nquote: {each: .q}", "quote.each needs post.body beside it"},
		{"no YAML", "site: f.example\n\tpost: x", "line 2"},
		{"too large", "site: f.example\n#" + strings.Repeat("x", profile.MaxSize), "more than"},
	} {
		_, err := profile.Parse([]byte(c.yaml))
		if err == nil || !errors.Is(err, profile.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestRoundTrip writes profiles so that they read the same again, and documents
// every key.
func TestRoundTrip(t *testing.T) {
	files, err := filepath.Glob("../../testdata/profiles/*/*.yaml")
	more, _ := filepath.Glob("../../testdata/profiles/*/*/*.yaml")
	if files = append(files, more...); err != nil || len(files) < 2 {
		t.Fatalf("profiles %v: %v", files, err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := profile.Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := profile.Parse(p.YAML())
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, p.YAML())
		}
		if string(again.YAML()) != string(p.YAML()) || again.Identity() != p.Identity() || !slices.Equal(again.Sites, p.Sites) {
			t.Errorf("%s reads otherwise once written:\n%s", name, again.YAML())
		}
	}
}

// TestIdentity is the same for other comments and layout, and another for
// another selector.
func TestIdentity(t *testing.T) {
	one := parsed(t, "site: f.example\npost: {each: .p, body: .b}")
	same := parsed(t, "# mended\nsite: https://www.F.example/\npost:\n  body: .b\n  each: '.p'\n")
	other := parsed(t, "site: f.example\npost: {each: .p, body: .c}")
	if one.Identity() != same.Identity() || one.Identity() == other.Identity() {
		t.Errorf("identities %s, %s, %s", one.Identity(), same.Identity(), other.Identity())
	}
	set := profile.Set{one, parsed(t, "site: g.example\npost: {each: .p}")}
	if set.Identity("h.example") != "" || set.Identity("www.f.example") != one.Identity() || set.Identity("f.example", "g.example") == one.Identity() {
		t.Error("a set's identity is not that of its hosts")
	}
}

// TestFor chooses by host and whole path segments, the longest first.
func TestFor(t *testing.T) {
	wide := parsed(t, "site: f.example\npost: {each: .wide}")
	deep := parsed(t, "site: [f.example/club, www.g.example:8080]\npost: {each: .deep}")
	set := profile.Set{deep, wide}
	for address, want := range map[string]*profile.Profile{
		"https://www.f.example/":         wide,
		"http://F.example/clubs/1":       wide,
		"https://f.example/club":         deep,
		"https://f.example/club/t/1?x=y": deep,
		"http://g.example:8080/a":        deep,
		"http://g.example/a":             nil,
		"https://sub.f.example/":         nil,
		"not an address":                 nil,
	} {
		if got := set.For(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func parsed(t *testing.T, yaml string) *profile.Profile {
	t.Helper()
	p, err := profile.Parse([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// FuzzParse holds that no text panics, and that what is read can be written.
func FuzzParse(f *testing.F) {
	f.Add("site: f.example\npost: {each: '.p:has(a[href*=\"x\"])', id: {attr: id, take: last-number}}")
	f.Add("site: [a.b, c.d/e]\nengine: smf\nlisting:\n  each: tr\n  sticky: .s")
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := profile.Parse([]byte(raw))
		if err != nil {
			return
		}
		if _, err := profile.Parse(p.YAML()); err != nil {
			t.Errorf("%v\n%s", err, p.YAML())
		}
	})
}

// TestDocumented finds every key in the documentation, with an example that is
// a value of it.
func TestDocumented(t *testing.T) {
	raw, err := os.ReadFile("../../docs/profiles.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range profile.Keys() {
		_, row, ok := strings.Cut(string(raw), "| `"+key+"` |")
		if !ok {
			t.Errorf("%s is not documented", key)
			continue
		}
		row, _, _ = strings.Cut(row, "\n")
		parts := strings.Split(row, "`")
		yaml := exampleOf(key, parts[len(parts)-2])
		if _, err := profile.Parse([]byte(yaml)); err != nil {
			t.Errorf("the example of %s: %v\n%s", key, err, yaml)
		}
	}
}

// exampleOf is a profile with this value, and what it needs beside it.
func exampleOf(key, value string) string {
	if !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		value = strconv.Quote(value)
	}
	values := map[string]string{"site": "f.example", "post.each": ".p", "post.body": ".b", "quote.each": ".q", "listing.each": ".r"}
	values[key] = value
	var b strings.Builder
	open := ""
	for _, k := range slices.Sorted(maps.Keys(values)) {
		section, name, nested := strings.Cut(k, ".")
		if nested && section != open {
			b.WriteString(section + ":\n")
			open = section
		}
		if nested {
			b.WriteString("  ")
		} else {
			name = k
		}
		b.WriteString(name + ": " + values[k] + "\n")
	}
	return b.String()
}
