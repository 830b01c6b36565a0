package index

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"forumine/extract/forum"
)

// A document is folded unit by unit. A unit is a field, or a struct whose fields
// only make sense together; the fold tag of the document's struct names its rule:
//
//	(none), unit  the newest claim
//	moment        the newest claim, unless an older one says the same more finely
//	edit          moment, among the claims on the newest edit
//	last          moment, among the claims on the newest post
//	title         the newest claim, unless it is an older one cut short
//	count         the newest claim, unless it is an older one rounded
//	person        whom the newest claim names, as the best source shows them
//	board         the board that the newest claim names, as the best source does
//	best          the newest claim of the best source: page, listing, card, cell
//	merge         pair by pair, the newest claim
//	-             computed, not folded
//
// Newer is the greater (time of observation, rank, page).
type unit struct {
	name  string // dotted JSON names; the Go name of an embedded struct
	index []int
	rule  string
}

// unitsOf lists the units of a document's struct.
func unitsOf(t reflect.Type) []unit { return appendUnits(nil, t, "", nil) }

func appendUnits(units []unit, t reflect.Type, prefix string, at []int) []unit {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(at), i)
		rule, tagged := f.Tag.Lookup("fold")
		name := prefix + fieldName(f)
		switch {
		case rule == "-":
		case tagged:
			units = append(units, unit{name, index, rule})
		case f.Anonymous:
			units = appendUnits(units, f.Type, prefix, index)
		case isObject(f.Type):
			units = appendUnits(units, f.Type, name+".", index)
		default:
			units = append(units, unit{name, index, "unit"})
		}
	}
	return units
}

func fieldName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

func isObject(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]()
}

// alwaysShown tells whether a source shows a unit whenever there is one: its
// absence there erases what the same sort of source said before to the same
// viewer. A unit that some engine leaves out of such a page is not listed.
func alwaysShown(unit string, from source) bool {
	switch unit {
	case "Content", "EditedTime", "signature", "reactions", "votes":
		return from.sort() == sourcePage
	case "poll":
		return from == sourceFirst
	case "thread.is_sticky":
		return from == sourceListing
	}
	return false
}

// claim is one contribution, decoded.
type claim[D any] struct {
	at      time.Time
	rank    int
	page    string
	raw     []byte
	from    source
	viewer  string
	rounded bool
	doc     *D
}

// candidate is what a claim says of one unit.
type candidate struct {
	value   reflect.Value
	from    source
	rounded bool
	claim   int // place in the order, 0 is newest
}

// folding folds the claims on documents of type D.
type folding[D any] struct{ units []unit }

func newFolding[D any]() folding[D] { return folding[D]{unitsOf(reflect.TypeFor[D]())} }

// claims decodes contributions and puts them in order, newest first.
func (f folding[D]) claims(cs []forum.Contribution) ([]claim[D], error) {
	out := make([]claim[D], 0, len(cs))
	for _, c := range cs {
		b, read := c.Read.(body[D])
		if !read {
			if err := json.Unmarshal(c.Body, &b); err != nil {
				return nil, fmt.Errorf("reading what %s says of %s: %w", c.Page, c.Doc.Key, err)
			}
		}
		cl := claim[D]{at: c.ObservedAt, rank: c.Rank, page: c.Page, raw: c.Body, from: b.Source, doc: &b.Doc}
		cl.viewer = any(cl.doc).(interface{ common() *Common }).common().Crawl.Viewer
		if t, ok := any(cl.doc).(*ThreadDoc); ok {
			cl.rounded = t.Thread.CountsRounded
		}
		out = append(out, cl)
	}
	slices.SortFunc(out, func(a, b claim[D]) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.rank, a.rank), cmp.Compare(b.page, a.page), bytes.Compare(b.raw, a.raw))
	})
	return out, nil
}

func (c *Common) common() *Common { return c }

// fold is the document of the claims, and by unit the place of the claim that
// won.
func (f folding[D]) fold(claims []claim[D]) (*D, map[string]int) {
	doc, winners := new(D), map[string]int{}
	target := reflect.ValueOf(doc).Elem()
	for _, u := range f.units {
		candidates := f.candidates(u, claims)
		if len(candidates) == 0 {
			continue
		}
		won := choose(u.rule, candidates)
		target.FieldByIndex(u.index).Set(won.value)
		winners[u.name] = won.claim
	}
	return doc, winners
}

// candidates is what the claims say of a unit, newest first, without what a later
// absence erased.
func (f folding[D]) candidates(u unit, claims []claim[D]) []candidate {
	type eye struct {
		sort   source
		viewer string
	}
	var out []candidate
	erased := map[eye]bool{}
	for i, c := range claims {
		value := reflect.ValueOf(c.doc).Elem().FieldByIndex(u.index)
		who := eye{c.from.sort(), c.viewer}
		switch {
		case !value.IsZero() && !erased[who]:
			out = append(out, candidate{value, c.from, c.rounded, i})
		case value.IsZero() && alwaysShown(u.name, c.from):
			erased[who] = true
		}
	}
	return out
}

// fill copies to dst the units that only src has.
func (f folding[D]) fill(dst, src *D) {
	to, from := reflect.ValueOf(dst).Elem(), reflect.ValueOf(src).Elem()
	for _, u := range f.units {
		if to.FieldByIndex(u.index).IsZero() {
			to.FieldByIndex(u.index).Set(from.FieldByIndex(u.index))
		}
	}
}

// base is the claim that crawl, extract and site are taken from: the newest one
// of the best rank, a thread's first page before its others. Neither a listing
// nor a later page changes what a thread rests on.
func base[D any](claims []claim[D]) *claim[D] {
	best := &claims[0]
	for i := range claims {
		c := &claims[i]
		if c.rank > best.rank || c.rank == best.rank && c.from == sourceFirst && best.from != sourceFirst {
			best = c
		}
	}
	return best
}
