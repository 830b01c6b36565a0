// Package extract reads forum pages.
//
// Its steps: Read parses a capture once, tells walls that show no content,
// detects the engine by signals on the page (never by the host's name), lets
// that engine read, and finishes the page: counts, links to follow, robots
// directives, what the page teaches about its site. Reading is a function of
// the capture and the site's facts alone; it reaches neither network nor clock.
package extract

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/engine/generic"
	"forumine/extract/feed"
	"forumine/extract/forum"
	"forumine/extract/profile"
)

// Engine reads the pages of one forum program.
type Engine interface {
	// Name is the engine's id, as in Page.Engine.
	Name() string
	// Detect lists the signals of this engine on a page. Weights that sum to
	// 50 and more mean a page of the engine's own.
	Detect(d *dom.Document) []dom.Signal
	// Read reads a page of this engine. Missing elements are gaps, not errors.
	Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error)
	// Canonical maps an absolute link to the page it leads to; false for links
	// that are never entered.
	Canonical(u *url.URL) (forum.Link, bool)
}

// certain is the score from which a page counts as an engine's own.
const certain = 50

// full is the highest score.
const full = 100

// ErrNoEngine is wrapped when a page belongs to no known engine.
var ErrNoEngine = errors.New("no known forum engine")

// ErrUnreadable is wrapped when a body cannot be parsed at all.
var ErrUnreadable = dom.ErrUnreadable

// Options steer a reading.
type Options struct {
	Engine   string      // pin an engine by name instead of detecting it
	Profiles profile.Set // selectors of a user's, for the sites that they cover
}

// Score is what one engine sees of itself on a page.
type Score struct {
	Engine  string
	Score   int // 1 to 100
	Signals []dom.Signal
}

// Detect scores every engine on a page, best first; engines without a signal
// are left out.
func Detect(d *dom.Document) []Score {
	var out []Score
	for _, e := range Engines() {
		if signals := e.Detect(d); len(signals) > 0 {
			out = append(out, Score{e.Name(), dom.Sum(signals), signals})
		}
	}
	slices.SortStableFunc(out, func(a, b Score) int { return b.Score - a.Score })
	return out
}

// Known tells whether a capture bears the signals of a forum program.
func Known(c forum.Capture) bool {
	d, err := dom.Parse(c)
	if err != nil {
		return false
	}
	scores := Detect(d)
	return len(scores) > 0 && scores[0].Score >= certain
}

// ByName is the engine of that name; the error names the nearest one.
func ByName(name string) (Engine, error) {
	var names []string
	for _, e := range Engines() {
		if e.Name() == name {
			return e, nil
		}
		names = append(names, e.Name())
	}
	return nil, fmt.Errorf("engine %q is not known; known are %s", name, strings.Join(names, ", "))
}

// Read reads one capture. An error wraps ErrUnreadable when the body is no
// page; a page of an unknown engine is no error but a page of kind other with
// a gap that says so.
func Read(c forum.Capture, f forum.Facts, o Options) (*forum.Page, error) {
	if feed.Is(c) {
		return readFeed(c, o)
	}
	d, err := dom.Parse(c)
	if err != nil {
		return nil, err
	}
	return ReadDocument(c, f, d, o)
}

// ReadDocument is Read for a capture that is parsed already.
func ReadDocument(c forum.Capture, f forum.Facts, d *dom.Document, o Options) (*forum.Page, error) {
	own := o.Profiles.For(c.Address())
	if own != nil && own.Engine != "" {
		o.Engine = own.Engine
	}
	e, score, err := choose(d, o)
	if err != nil {
		return nil, err
	}
	if kind := challenge(c, d, e != nil); kind != "" {
		return finish(wall(kind), e, c, d), nil
	}
	if e == nil && own == nil {
		return guess(c, f, d), nil
	}
	if own != nil {
		return readOwn(own, e, score, c, f, d, o)
	}
	page, err := readAs(e, score, c, f, d)
	if err != nil {
		return nil, err
	}
	rescue(page, c, f, d)
	if kind := statusWall(c, page); kind != "" {
		page.Kind = kind
	}
	page = finish(page, e, c, d)
	if o.Engine == (generic.Engine{}).Name() {
		leading(page, e, d)
	}
	return page, nil
}

// readAs reads a page by one engine alone.
func readAs(e Engine, score int, c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	page, err := e.Read(c, f, d)
	if err != nil {
		return nil, fmt.Errorf("reading as %s: %w", e.Name(), err)
	}
	if page.Extract.Confidence == 0 {
		page.Extract.Confidence = float64(score) / 100
	}
	return page, nil
}

func choose(d *dom.Document, o Options) (Engine, int, error) {
	if o.Engine != "" {
		e, err := ByName(o.Engine)
		return e, 100, err
	}
	engines := Engines()
	best, score := likeliest(d, engines)
	if score < certain {
		return nil, 0, nil
	}
	return engines[best], score, nil
}

// likeliest is the place of the engine with the highest score, of equals the
// first; it counts only where the score is certain. Each is glanced at; one that
// looks like the page's own is asked at once, else the one of which most is seen,
// and the others only if they can have as much.
func likeliest(d *dom.Document, engines []Engine) (best, score int) {
	r := ranking{doc: d, engines: engines, glances: make([]glance, 0, len(engines)), best: -1}
	most := 0
	for i, e := range engines {
		seen, unseen := d.Glance(e.Detect)
		if r.glances = append(r.glances, glance{seen: seen, unseen: unseen}); seen >= certain {
			r.ask(i)
		}
		if r.score == full { // none can have more, and of equals the first counts
			return r.best, r.score
		}
		if seen > r.glances[most].seen {
			most = i
		}
	}
	if g := r.glances[most]; r.score < certain && g.seen > 0 && g.seen+g.unseen >= certain {
		r.ask(most)
	}
	r.askOthers()
	return r.best, r.score
}

// ranking is what is known of the engines' scores on a page.
type ranking struct {
	doc         *dom.Document
	engines     []Engine
	glances     []glance
	best, score int
}

// glance is the score that an engine has at least, and what may come to it.
type glance struct {
	seen, unseen int
	asked        bool
}

func (r *ranking) ask(i int) {
	r.glances[i].asked = true
	if n := dom.Sum(r.engines[i].Detect(r.doc)); n > r.score || n == r.score && i < r.best {
		r.best, r.score = i, n
	}
}

// askOthers asks the engines that may have the highest score.
func (r *ranking) askOthers() {
	for i, g := range r.glances {
		least := max(r.score, certain)
		if i > r.best && r.score >= certain {
			least++
		}
		if !g.asked && least <= full && r.doc.CanHave(least, r.engines[i].Detect, g.seen, g.unseen) {
			r.ask(i)
		}
	}
}

func wall(kind forum.Kind) *forum.Page { return &forum.Page{Kind: kind} }

func unknown(c forum.Capture, d *dom.Document) *forum.Page {
	p := &forum.Page{Kind: forum.KindOther}
	if kind := statusWall(c, p); kind != "" {
		p.Kind = kind
		return p
	}
	p.Gaps = append(p.Gaps, forum.Gap{Path: "engine", Reason: "no known forum engine left its signals on this page"})
	return p
}
