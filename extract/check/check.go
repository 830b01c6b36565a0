// Package check runs extraction tests: folders that hold a saved page, how it
// was captured, and what is expected of it.
//
// A case is a folder with capture.json (address, status, header, time of the
// capture, facts of the site), the page itself (page.html unless capture.json
// names another) and want.json, the reading as `forumine extract --pretty`
// prints it. An optional expect.json holds a few expectations written by hand,
// which updating never touches. Fields that the reading has and want.json has
// not are tolerated, and extractor versions are ignored: a case holds across
// releases until a field that it names changes. A profile.yaml beside the cases,
// or above them, holds selectors for their site.
package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"time"

	"forumine/extract"
	"forumine/extract/forum"
	"forumine/extract/profile"
)

// Capture is the content of capture.json.
type Capture struct {
	URL       string              `json:"url"`
	FinalURL  string              `json:"final_url,omitempty"`
	Status    int                 `json:"status,omitempty"`
	Header    map[string][]string `json:"header,omitempty"`
	FetchedAt time.Time           `json:"fetched_at,omitzero"`
	Viewer    string              `json:"viewer,omitempty"`
	Page      string              `json:"page,omitempty"`   // file name of the body, page.html by default
	Engine    string              `json:"engine,omitempty"` // pins the engine; else it is detected
	Facts     forum.Facts         `json:"facts,omitzero"`
	Evidence  string              `json:"evidence,omitempty"` // what the page's markup rests on
}

// Expect is the content of expect.json: what a person has read off the page.
// Nil and empty fields are not compared.
type Expect struct {
	Engine      string     `json:"engine,omitempty"`
	Kind        forum.Kind `json:"kind,omitempty"`
	Posts       *int       `json:"posts,omitempty"`
	FirstAuthor string     `json:"first_author,omitempty"`
	LastAuthor  string     `json:"last_author,omitempty"`
	FirstWords  string     `json:"first_words,omitempty"` // the first post's text begins with these
	LastWords   string     `json:"last_words,omitempty"`  // the last post's text ends with these
	Rows        *int       `json:"rows,omitempty"`
	Boards      *int       `json:"boards,omitempty"`
	Name        string     `json:"name,omitempty"` // of a profile
}

// Diff is one difference. Path is that of a field in the reading's JSON.
type Diff struct {
	Path string
	Want string // JSON, or "nothing"
	Got  string
}

// Result is the outcome of one case.
type Result struct {
	Name  string // path of the case's folder below the root
	Diffs []Diff
	Err   error         // the case itself is broken
	Got   []byte        // the reading as want.json would hold it
	Took  time.Duration // set by callers that have a clock
	Page  *forum.Page
	Have  Capture
}

// OK tells whether the case holds.
func (r Result) OK() bool { return r.Err == nil && len(r.Diffs) == 0 }

// ErrNoCases says that a folder holds no case.
var ErrNoCases = errors.New("no cases: a case is a folder with capture.json, page.html and want.json")

// Cases lists the folders of cases below the root of a file system, in order.
func Cases(fsys fs.FS) ([]string, error) {
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !e.IsDir() && e.Name() == "capture.json" {
			out = append(out, path.Dir(name))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for cases: %w", err)
	}
	if len(out) == 0 {
		return nil, ErrNoCases
	}
	slices.Sort(out)
	return out, nil
}

// Run reads one case and compares it. Profiles are for the cases whose address
// they cover; a profile.yaml in the case's folder, or in one above it, comes
// before them.
func Run(fsys fs.FS, dir string, profiles ...*profile.Profile) Result {
	r := Result{Name: dir}
	c, capture, err := load(fsys, dir)
	if err != nil {
		r.Err = err
		return r
	}
	r.Have = c
	near, err := nearProfiles(fsys, dir, capture.Address())
	if err != nil {
		r.Err = err
		return r
	}
	r.Page, err = extract.Read(capture, c.Facts, extract.Options{Engine: c.Engine, Profiles: slices.Concat(profiles, near)})
	if err != nil {
		r.Err = fmt.Errorf("reading the page: %w", err)
		return r
	}
	if r.Got, err = Golden(r.Page); err != nil {
		r.Err = err
		return r
	}
	r.compare(fsys, dir)
	return r
}

func load(fsys fs.FS, dir string) (Capture, forum.Capture, error) {
	var c Capture
	raw, err := fs.ReadFile(fsys, path.Join(dir, "capture.json"))
	if err != nil {
		return c, forum.Capture{}, fmt.Errorf("reading capture.json: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, forum.Capture{}, fmt.Errorf("reading capture.json: %w", err)
	}
	if c.Page == "" {
		c.Page = "page.html"
	}
	body, err := fs.ReadFile(fsys, path.Join(dir, c.Page))
	if err != nil {
		return c, forum.Capture{}, fmt.Errorf("reading the page: %w", err)
	}
	return c, forum.Capture{URL: c.URL, FinalURL: c.FinalURL, Status: c.Status, Header: c.Header, FetchedAt: c.FetchedAt, Viewer: c.Viewer, Body: body}, nil
}

// Golden is a reading as want.json holds it: indented, without the extractor's
// version and the profile's identity, with a final line break.
func Golden(p *forum.Page) ([]byte, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encoding the reading: %w", err)
	}
	var v map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("encoding the reading: %w", err)
	}
	if e, ok := v["extract"].(map[string]any); ok {
		delete(e, "version")
		delete(e, "profile")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the reading: %w", err)
	}
	return b.Bytes(), nil
}

func (r *Result) compare(fsys fs.FS, dir string) {
	if raw, err := fs.ReadFile(fsys, path.Join(dir, "expect.json")); err == nil {
		r.expectations(raw)
	}
	raw, err := fs.ReadFile(fsys, path.Join(dir, "want.json"))
	if err != nil {
		r.Diffs = append(r.Diffs, Diff{Path: "want.json", Want: "a file", Got: "nothing: write it with --update, then read it with care"})
		return
	}
	want, err := decode(raw)
	if err != nil {
		r.Err = fmt.Errorf("reading want.json: %w", err)
		return
	}
	got, err := decode(r.Got)
	if err != nil {
		r.Err = err
		return
	}
	diff("", want, got, &r.Diffs)
}

func decode(raw []byte) (any, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err := dec.Decode(&v)
	return v, err
}

// diff walks what is wanted; what is only in the reading is tolerated, but for
// the items of lists.
func diff(at string, want, got any, out *[]Diff) {
	if at == "extract.version" {
		return
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			*out = append(*out, Diff{at, show(want), show(got)})
			return
		}
		for _, key := range sortedKeys(w) {
			value, there := g[key]
			if !there {
				*out = append(*out, Diff{join(at, key), show(w[key]), "nothing"})
				continue
			}
			diff(join(at, key), w[key], value, out)
		}
	case []any:
		diffList(at, w, got, out)
	default:
		if show(want) != show(got) {
			*out = append(*out, Diff{at, show(want), show(got)})
		}
	}
}

func diffList(at string, want []any, got any, out *[]Diff) {
	g, ok := got.([]any)
	if !ok {
		*out = append(*out, Diff{at, show(want), show(got)})
		return
	}
	for i := range max(len(want), len(g)) {
		item := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case i >= len(want):
			*out = append(*out, Diff{item, "nothing", show(g[i])})
		case i >= len(g):
			*out = append(*out, Diff{item, show(want[i]), "nothing"})
		default:
			diff(item, want[i], g[i], out)
		}
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func show(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
