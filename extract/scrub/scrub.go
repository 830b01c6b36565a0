// Package scrub turns real pages into fixtures that may be published: the same
// structure with invented words.
//
// Its steps: Learn goes over every page of a folder and takes down what has to
// be replaced (words, names, ids) and what has to stay (page numbers, the words
// of the interface in the pages' languages); Scrub goes over them again and
// replaces. What stood for one thing is one thing again: a name in text, in
// attributes, in embedded data and in addresses, an id in a link and on the
// element that it leads to, an epoch and the date shown beside it.
package scrub

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"forumine/extract"
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/abadojack/whatlanggo"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// MaxPage is the greatest page, in bytes, that is scrubbed.
const MaxPage = 64 << 20

// ErrTooLarge is wrapped when a page is larger than MaxPage.
var ErrTooLarge = errors.New("page too large")

// Options steer a scrubbing.
type Options struct {
	Seed uint64 // the same seed and pages give the same fixtures
}

// Scrubber scrubs the pages of one folder. It is not for several goroutines.
type Scrubber struct {
	seed  uint64
	days  int // by which all dates move: whole weeks, back
	dict  *dictionary
	ids   *idMap
	lists attributeLists

	tables      *tables
	denial      []string
	names       map[string]bool // lower case: names that hold words of the interface
	people      map[string]bool // lower case: all other names
	nameNumbers map[string]bool // numbers within names
	nameParts   map[string]int  // the same, as words joined by spaces
	longest     int             // words of the longest of them
	slugs       map[string]bool
	places      map[string]bool    // numbers of pages and posts
	runs        map[[3]string]bool // of three words of the text
	tail        [3]string
	learning    bool
	hidden      bool // what is in hand is not for readers

	pageState
}

// pageState is what is known of the page in hand.
type pageState struct {
	engine    string
	lang      string
	order     string // of numeric dates, as the page proves it
	yearFirst bool   // in dates of three short numbers too
	numbered  bool   // ids of elements hold posts' numbers in their thread
	walled    bool
	answer    bool // the response is JSON and no page
	now       time.Time
	months    []monthTable
}

type attributeLists struct{ plain, address, text map[string]bool }

// New makes a scrubber. Its pages go through Learn, all of them, then through
// Scrub.
func New(o Options) *Scrubber {
	s := &Scrubber{
		seed: o.Seed, ids: newIDMap(o.Seed), tables: newTables(), denial: dom.DenialStems(),
		lists:       attributeLists{setOf(plainAttributes), setOf(addressAttributes), setOf(textAttributes)},
		names:       map[string]bool{},
		people:      map[string]bool{},
		nameNumbers: map[string]bool{},
		nameParts:   map[string]int{},
		slugs:       map[string]bool{},
		places:      map[string]bool{},
		runs:        map[[3]string]bool{},
	}
	s.days = -7 * (30 + newDice(o.Seed, "days", 0).below(100))
	s.dict = newDictionary(o.Seed, s.tables.isInterface)
	s.tables.addLanguage("en")
	return s
}

// Pages scrubs the pages of one folder together.
func Pages(captures []forum.Capture, o Options) ([]forum.Capture, error) {
	s := New(o)
	for _, c := range captures {
		if err := s.Learn(c); err != nil {
			return nil, fmt.Errorf("learning %s: %w", c.Address(), err)
		}
	}
	out := make([]forum.Capture, len(captures))
	for i, c := range captures {
		var err error
		if out[i], err = s.Scrub(c); err != nil {
			return nil, fmt.Errorf("scrubbing %s: %w", c.Address(), err)
		}
	}
	return out, nil
}

// Learn takes down what a page holds. Errors wrap extract.ErrUnreadable or
// ErrTooLarge.
func (s *Scrubber) Learn(c forum.Capture) error {
	text, _, page, err := s.open(c)
	if err != nil {
		return err
	}
	s.learnNames(page)
	s.learnPlaces(page)
	s.learning = true
	defer func() { s.learning = false }()
	s.rewrite(text)
	s.link(c.URL)
	s.link(c.FinalURL)
	return nil
}

// Scrub gives the page as a fixture: its body in the encoding that it had, its
// address, the times of its capture. Errors are those of Learn.
func (s *Scrubber) Scrub(c forum.Capture) (forum.Capture, error) {
	text, name, _, err := s.open(c)
	if err != nil {
		return forum.Capture{}, err
	}
	body, err := encode(s.rewrite(text), name)
	if err != nil {
		return forum.Capture{}, err
	}
	out := forum.Capture{Status: c.Status, Viewer: s.viewer(c.Viewer), Truncated: c.Truncated, Body: body, Header: s.header(c)}
	if c.URL != "" {
		out.URL = s.link(c.URL)
	}
	if c.FinalURL != "" {
		out.FinalURL = s.link(c.FinalURL)
	}
	if !c.FetchedAt.IsZero() {
		out.FetchedAt = c.FetchedAt.AddDate(0, 0, s.days)
	}
	return out, nil
}

// rewrite replaces what a response holds: a page's markup, or the values of an
// answer to scripts.
func (s *Scrubber) rewrite(text string) string {
	if s.answer {
		if out, ok := s.json(text); ok {
			return out
		}
	}
	return s.markup(text)
}

// viewer keeps what an account is called out of a fixture.
func (s *Scrubber) viewer(name string) string {
	if name == "" || name == "guest" {
		return name
	}
	return s.forced(name)
}

// open reads a page as far as scrubbing needs to know it.
func (s *Scrubber) open(c forum.Capture) (text, name string, page *forum.Page, err error) {
	if len(c.Body) > MaxPage {
		return "", "", nil, fmt.Errorf("%w: %d bytes, at most %d are taken", ErrTooLarge, len(c.Body), MaxPage)
	}
	d, err := dom.Parse(c)
	if err != nil {
		return "", "", nil, err
	}
	if page, err = extract.ReadDocument(c, forum.Facts{}, d, extract.Options{}); err != nil {
		return "", "", nil, fmt.Errorf("reading the page: %w", err)
	}
	text, name, err = dom.Decoded(c)
	if err != nil {
		return "", "", nil, err
	}
	s.pageState = pageState{
		engine: page.Engine, lang: d.Lang, walled: page.Kind.IsWall(),
		numbered: page.Engine == "discourse" || page.Engine == "nodebb",
		now:      dom.NewClock(c, forum.Facts{}, d).Now(),
	}
	shown := dom.NodeText(d.Nodes[0])
	if d.Data.Exists() {
		s.answer = d.Nodes[0].FirstChild == nil
		shown = dataText(d.Data)
	}
	s.order, s.yearFirst = orderOf(shown), dom.YearFirst(d)
	s.learnLanguages(d.Lang, shown)
	return text, name, page, nil
}

// dataText is what the strings of an answer say, as far as they are words.
func dataText(j dom.JSON) string {
	var b strings.Builder
	var walk func(j dom.JSON)
	walk = func(j dom.JSON) {
		for _, item := range j.List() {
			walk(item)
		}
		for _, key := range j.Keys() {
			walk(j.At(key))
		}
		if text := j.Text(); strings.Contains(text, " ") {
			b.WriteString(reTag.ReplaceAllString(text, " "))
			b.WriteByte(' ')
		}
	}
	walk(j)
	return b.String()
}

var reTag = regexp.MustCompile(`<[^>]*>`)

// learnLanguages lets the words of dates stay in the languages that the page
// names and is written in.
func (s *Scrubber) learnLanguages(named, shown string) {
	lang, _, _ := strings.Cut(named, "-")
	s.tables.addLanguage(lang)
	sample := []rune(shown)
	info := whatlanggo.Detect(string(sample[:min(len(sample), 20_000)]))
	if tag := info.Lang.Iso6391(); tag != "" {
		s.tables.addLanguage(tag)
	}
}

// learnPlaces takes down the numbers that say where something stands.
func (s *Scrubber) learnPlaces(p *forum.Page) {
	put := func(n int64) {
		if n > 0 {
			s.places[strconv.FormatInt(n, 10)] = true
		}
	}
	put(int64(p.PageNumber))
	put(int64(p.PageCount))
	if t := p.Thread; t != nil {
		put(int64(t.Page))
		put(int64(t.PageCount))
		if t.ReplyCount != nil {
			put(*t.ReplyCount)
			put(*t.ReplyCount + 1)
		}
	}
	for i := range p.Posts {
		put(p.Posts[i].Position)
	}
	for i := range p.Listing {
		put(int64(p.Listing[i].PageCount))
	}
}

// header keeps what reading needs of a response's header.
func (s *Scrubber) header(c forum.Capture) map[string][]string {
	out := map[string][]string{}
	if v := c.HeaderValue("Content-Type"); v != "" {
		out["Content-Type"] = []string{v}
	}
	if v := c.HeaderValue("Cf-Mitigated"); v != "" {
		out["Cf-Mitigated"] = []string{v}
	}
	for _, layout := range [...]string{time.RFC1123, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, c.HeaderValue("Date")); err == nil {
			out["Date"] = []string{t.AddDate(0, 0, s.days).Format(layout)}
			break
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// encode writes a page in the encoding that it was read in; characters that
// the encoding has not become references.
func encode(text, name string) ([]byte, error) {
	var enc encoding.Encoding
	switch name {
	case "utf-8":
		return []byte(text), nil
	case "utf-16le":
		enc = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be", "utf-16":
		enc = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	default:
		if enc, _ = charset.Lookup(name); enc == nil {
			return []byte(text), nil
		}
	}
	out, err := encoding.HTMLEscapeUnsupported(enc.NewEncoder()).Bytes([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("writing the page as %s: %w", name, err)
	}
	return out, nil
}

// Interface tells the words, in lower case, that stay on pages of a language
// besides English.
func (s *Scrubber) Interface(lang string) func(lower string) bool {
	lang, _, _ = strings.Cut(lang, "-")
	s.tables.addLanguage(lang)
	return s.tables.isInterface
}
