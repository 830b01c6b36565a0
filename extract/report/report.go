// Package report sums up the readings of many pages, so that a change of
// markup shows before it costs data.
//
// Its steps: Build goes over the readings once and keeps numbers only; then it
// compares the posts found with those that the pages themselves lead to expect
// (expect.go), and counts which fields are filled, what the readings call gaps,
// and what they read by another way than an engine's own (fields.go). WriteText
// prints the whole in aligned columns (text.go).
package report

import (
	"iter"
	"regexp"

	"forumine/extract/forum"
)

// Entry is one page's reading; Page is nil where Err is not.
type Entry struct {
	File string // what the page is called in messages
	Page *forum.Page
	Err  error
}

// Report is what many readings come to. All lists are in a fixed order: by
// engine, then as their fields say.
type Report struct {
	Pages  int        `json:"pages"` // readings, errors included
	Kinds  []Kind     `json:"kinds"`
	Posts  []Posts    `json:"posts"`
	Off    []Off      `json:"off"` // pages whose posts are not as many as expected
	Fields []Field    `json:"fields"`
	Gaps   []Gap      `json:"gaps"`
	Drift  []Drift    `json:"drift"`
	Errors []PageFail `json:"errors"`
}

// Kind counts an engine's pages of one kind. The engine of pages that belong
// to none is "".
type Kind struct {
	Engine string     `json:"engine"`
	Kind   forum.Kind `json:"kind"`
	Pages  int        `json:"pages"`
}

// Posts compares, over an engine's pages of threads, the posts that were read
// with those that the pages lead to expect. Pages that lead to expect nothing
// are in Unknown; their posts are in Unjudged and in neither other number.
type Posts struct {
	Engine   string `json:"engine"`
	Pages    int    `json:"pages"`
	Expected int    `json:"expected"`
	Found    int    `json:"found"`
	Missing  int    `json:"missing"` // over the pages with too few
	Extra    int    `json:"extra"`   // over the pages with too many
	Unknown  int    `json:"unknown"`
	Unjudged int    `json:"unjudged"`
}

// Off is one page that has not as many posts as expected.
type Off struct {
	File     string `json:"file"`
	URL      string `json:"url"`
	Engine   string `json:"engine"`
	Expected int    `json:"expected"`
	Found    int    `json:"found"`
	By       string `json:"by"` // what the number is expected from: see expect.go
}

// Field is how many things of one kind have a field: of an engine's posts,
// threads, rows or boards. Of leaves out what cannot have it: guests have no
// account.
type Field struct {
	Engine string `json:"engine"`
	Thing  string `json:"thing"` // post, thread, row, board
	Name   string `json:"name"`  // path of the field in the thing's own JSON
	Have   int    `json:"have"`
	Of     int    `json:"of"`
}

// Gap counts what readings of one engine missed: Path is the gap's path without
// the numbers in it, Reason the first one given.
type Gap struct {
	Engine string `json:"engine"`
	Path   string `json:"path"`
	Times  int    `json:"times"`
	Pages  int    `json:"pages"`
	Reason string `json:"reason"`
}

// Drift counts the pages that were read by another way than the engine's own
// (What is "strategy jsonld"), hesitantly ("confidence below 0.5") or with a
// warning ("warning count_rounded").
type Drift struct {
	Engine string `json:"engine"`
	What   string `json:"what"`
	Pages  int    `json:"pages"`
	File   string `json:"file"` // the first of them
}

// PageFail is a page that could not be read.
type PageFail struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Build sums readings up, in one pass and without keeping the pages.
func Build(readings iter.Seq[Entry]) Report {
	b := builder{
		kinds: map[Kind]int{}, fields: map[Field]*Field{}, gaps: map[Gap]*Gap{}, drift: map[Drift]*Drift{},
	}
	for e := range readings {
		b.pages++
		if e.Err != nil || e.Page == nil {
			b.errors = append(b.errors, PageFail{e.File, reasonOf(e.Err)})
			continue
		}
		b.add(e.File, e.Page)
	}
	return b.report()
}

func reasonOf(err error) string {
	if err == nil {
		return "no reading"
	}
	return err.Error()
}

type builder struct {
	pages   int
	kinds   map[Kind]int
	threads []threadPage
	fields  map[Field]*Field
	gaps    map[Gap]*Gap
	drift   map[Drift]*Drift
	errors  []PageFail
}

func (b *builder) add(file string, p *forum.Page) {
	b.kinds[Kind{Engine: p.Engine, Kind: p.Kind}]++
	if p.Kind == forum.KindThread && p.Thread != nil {
		b.threads = append(b.threads, threadOf(file, p))
	}
	b.fill(p)
	b.missed(p)
	b.drifted(file, p)
}

var reIndex = regexp.MustCompile(`\[\d+\]`)

func (b *builder) missed(p *forum.Page) {
	seen := map[string]bool{}
	for _, g := range p.Gaps {
		path := reIndex.ReplaceAllString(g.Path, "[]")
		key := Gap{Engine: p.Engine, Path: path}
		if b.gaps[key] == nil {
			b.gaps[key] = &Gap{Engine: p.Engine, Path: path, Reason: g.Reason}
		}
		b.gaps[key].Times++
		if !seen[path] {
			seen[path] = true
			b.gaps[key].Pages++
		}
	}
}

// hesitant is the confidence below which a reading is named.
const hesitant = 0.5

func (b *builder) drifted(file string, p *forum.Page) {
	x := p.Extract
	switch x.Strategy {
	case "dom", "json_embedded", "":
	default:
		b.drifts(file, p.Engine, "strategy "+x.Strategy)
	}
	if p.Engine != "" && x.Confidence > 0 && x.Confidence < hesitant {
		b.drifts(file, p.Engine, "confidence below 0.5")
	}
	for _, w := range x.Warnings {
		b.drifts(file, p.Engine, "warning "+w)
	}
}

func (b *builder) drifts(file, engine, what string) {
	key := Drift{Engine: engine, What: what}
	if b.drift[key] == nil {
		b.drift[key] = &Drift{Engine: engine, What: what, File: file}
	}
	b.drift[key].Pages++
}
