package index

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"forumine/extract/forum"
)

// cutProfile takes the account of a profile page.
func (c *cutter) cutProfile() {
	c.addAuthor(c.page.Profile, sourcePage)
}

// addAuthor notes an author. What a page says of one person in several places is
// one contribution: the profile first, then cards, then cells.
func (c *cutter) addAuthor(a *forum.Author, from source) {
	key := authorKey(c.site, a)
	if key == "" {
		return
	}
	doc := c.authorDoc(a, from)
	known := c.byKey[key]
	if known == nil {
		known = &seenAuthor{key: key, source: from, doc: doc}
		c.byKey[key] = known
		c.authors = append(c.authors, known)
		return
	}
	fill := newFolding[AuthorDoc]().fill
	if from.weight() > known.source.weight() {
		fill(&doc, &known.doc)
		known.source, known.doc = from, doc
		return
	}
	fill(&known.doc, &doc)
}

func (c *cutter) cutAuthors() {
	for _, a := range c.authors {
		rank := forum.RankCard
		if a.source == sourcePage {
			rank = forum.RankPage
		}
		c.add(forum.DocAuthor, a.key, rank, body[AuthorDoc]{Source: a.source, Doc: a.doc})
	}
}

func (c *cutter) authorDoc(a *forum.Author, from source) AuthorDoc {
	prefix, profile := "\x00", "card" // a card's gaps belong to its post
	if from == sourcePage {
		prefix, profile = "profile.", "profile_page"
	}
	doc := AuthorDoc{
		Common: c.shared(prefix), Author: authorRef(c.site, a), About: a.About,
		Websites: texts(a.Websites), ProfileSource: cmp.Or(a.ProfileSource, profile),
	}
	doc.Forum = BoardRef{} // an author belongs to no board
	put(a.LastActive, &doc.LastActiveAt, &doc.LastActiveRaw, &doc.LastActivePrecision, &doc.LastActiveTZ)
	return doc
}

// authorRef is an author as a page shows it.
func authorRef(site string, a *forum.Author) AuthorRef {
	if a == nil {
		return AuthorRef{}
	}
	ref := AuthorRef{
		Key: authorKey(site, a), ID: a.ID, Name: strings.TrimSpace(a.Name), URL: a.URL, AvatarURL: a.AvatarURL,
		IsGuest: truth(a.IsGuest), IsDeleted: truth(a.IsDeleted),
		Title: a.Title, Banners: texts(a.Banners), Roles: texts(a.Roles),
		PostCount: a.PostCount, ReactionScore: a.ReactionScore, TrophyPoints: a.TrophyPoints,
		Location: a.Location, Gender: a.Gender,
		Fields: slugged(a.Fields), FieldLabels: slugged(a.FieldLabels),
	}
	if !a.IsGuest && (a.ID != "" || a.URL != "") {
		ref.IsGuest = new(bool)
	}
	put(a.Joined, &ref.JoinedAt, &ref.JoinedRaw, &ref.JoinedPrecision, &ref.JoinedTZ)
	return ref
}

// put writes a stamp into its flat fields. A time that no index takes stays raw.
func put(s forum.Stamp, at *time.Time, raw *string, precision *forum.Precision, zone *forum.Zone) {
	*at, *raw = goodTime(s.At), s.Raw
	if s.IsZero() {
		return
	}
	*precision, *zone = s.Precision, s.Zone
	if at.IsZero() {
		*precision, *zone = forum.PrecisionUnknown, ""
	}
}

// goodTime is a time in UTC, zero when its year has not the four digits that
// JSON and the index's date format ask for.
func goodTime(t time.Time) time.Time {
	t = t.UTC()
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// finite is a number that a half_float holds, else 0.
func finite(f float64) float64 {
	if math.IsNaN(f) || math.Abs(f) > 65504 {
		return 0
	}
	return f
}

// small is a count that an integer of the index holds, else 0.
func small(n int) int {
	if n < 0 || n > math.MaxInt32 {
		return 0
	}
	return n
}

// truth is a flag that is told only when it is set.
func truth(set bool) *bool {
	if !set {
		return nil
	}
	return &set
}

func counted(n int) *int {
	n = small(n)
	return &n
}

// texts leaves out what is blank.
func texts(all []string) []string {
	var kept []string
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// slugged leaves out pairs without a key or a value. A flattened field takes no
// key that holds a zero byte.
func slugged(pairs map[string]string) map[string]string {
	var kept map[string]string
	for _, given := range slices.Sorted(maps.Keys(pairs)) {
		key := strings.TrimSpace(strings.ReplaceAll(given, "\x00", ""))
		value := strings.TrimSpace(pairs[given])
		if key == "" || value == "" {
			continue
		}
		if kept == nil {
			kept = map[string]string{}
		}
		kept[key] = value
	}
	return kept
}
