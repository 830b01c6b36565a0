package query

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// FieldType says how a field compares.
type FieldType uint8

// The field types.
const (
	TextField    FieldType = iota // by words
	KeywordField                  // by whole values
	NumberField                   // by size; one value a document
	DateField                     // by time, in milliseconds UTC; one value a document
	FlagField                     // by named properties
)

// Path is a place in a document that a field looks at. Objects within arrays
// are looked through.
type Path struct {
	JSON    string  // dotted path in the document
	Elastic string  // field name in the mapping; JSON when empty
	Fold    bool    // compares without case and accents
	Kind    string  // looked at in documents of this kind only; empty: in all
	Boost   float64 // weight in the ranking; 0 means 1
}

// Field is a field that a query can name.
type Field struct {
	Name  string
	Type  FieldType
	Paths []Path
	lower bool // a keyword whose lower-case form is tried as well: hosts, ids of programs
	whole bool // a number whose mapping is a 32-bit integer
	code  bool // text split by CodeWords
}

// DefaultField is what a word without a field looks at: the author's own words
// and titles, and what an author says of himself.
func DefaultField() Field {
	return Field{Type: TextField, Paths: []Path{
		{JSON: "body.text"}, {JSON: "title", Boost: 2}, {JSON: "thread.title", Boost: 2}, {JSON: "about"},
	}}
}

// Fields lists all named fields in the order of docs/search.md. Besides them,
// "field.<slug>" names an author's custom field.
func Fields() []Field {
	return slices.Concat(textFields(), keywordFields(), numberFields(), dateFields(), []Field{
		{Name: "is", Type: FlagField}, {Name: "has", Type: FlagField},
	})
}

func textFields() []Field {
	text := func(name string, paths ...string) Field {
		f := Field{Name: name, Type: TextField}
		for _, p := range paths {
			f.Paths = append(f.Paths, Path{JSON: p})
		}
		return f
	}
	name := Field{Name: "name", Type: TextField, Paths: []Path{{JSON: "author.name", Elastic: "author.name.text"}}}
	code := text("code", "body.code")
	code.code = true
	file := Field{Name: "file", Type: TextField, code: true, Paths: []Path{{JSON: "attachments.filename", Elastic: "attachments.filename.text"}}}
	return []Field{
		text("body", "body.text"),
		text("title", "title", "thread.title"),
		text("quoted", "body.quoted_text"),
		code,
		text("spoiler", "body.spoiler_text"),
		text("signature", "signature.text"),
		text("about", "about"),
		name,
		file,
	}
}

func keywordFields() []Field {
	keyword := func(name string, paths ...string) Field {
		f := Field{Name: name, Type: KeywordField}
		for _, p := range paths {
			f.Paths = append(f.Paths, Path{JSON: p})
		}
		return f
	}
	lowered := func(f Field) Field { f.lower = true; return f }
	folded := func(f Field) Field {
		f.Paths[0].Fold, f.Paths[0].Elastic = true, f.Paths[0].JSON+".lc"
		return f
	}
	return []Field{
		lowered(keyword("site", "site.id", "site.host")),
		lowered(keyword("engine", "site.engine")),
		folded(keyword("board", "forum.name", "forum.id", "forum.url", "forum.path")),
		folded(keyword("author", "author.name", "author.id", "author.key")),
		keyword("thread", "thread.id", "thread.key", "thread.url"),
		{Name: "id", Type: KeywordField, Paths: idPaths()},
		keyword("kind", "doc_kind"),
		keyword("tag", "thread.tags"),
		keyword("prefix", "thread.prefix"),
		keyword("type", "thread.type"),
		keyword("lang", "body.lang"),
		lowered(keyword("state", "post.state")),
		lowered(keyword("domain", "links.domain")),
		keyword("link", "links.url"),
		keyword("mention", "mentions.name", "mentions.author_key"),
		keyword("quotes", "quotes.author", "quotes.author_key", "quotes.post_id", "quotes.post_key"),
		lowered(keyword("ext", "attachments.ext")),
		lowered(keyword("media", "media.kind")),
		keyword("precision", "published_precision"),
		keyword("zone", "published_tz"),
		keyword("author.key", "author.key"),
		keyword("author.title", "author.title"),
		keyword("author.banner", "author.banners"),
		lowered(keyword("author.role", "author.roles")),
		keyword("author.location", "author.location"),
		keyword("author.gender", "author.gender"),
	}
}

// idPaths are the names of a document itself: a post's thread is no name of it.
func idPaths() []Path {
	var paths []Path
	for _, k := range []struct{ kind, object string }{
		{KindPost, "post"}, {KindRevision, "post"}, {KindThread, "thread"}, {KindAuthor, "author"},
	} {
		for _, p := range []string{".id", ".key", ".url"} {
			paths = append(paths, Path{JSON: k.object + p, Kind: k.kind})
		}
	}
	return paths
}

func numberFields() []Field {
	number := func(name, path string, whole bool) Field {
		return Field{Name: name, Type: NumberField, Paths: []Path{{JSON: path}}, whole: whole}
	}
	return []Field{
		number("position", "post.position", false),
		number("page", "post.page", true),
		number("words", "body.words", true),
		number("chars", "body.chars", true),
		number("attachments", "attachment_count", true),
		number("images", "image_count", true),
		number("links", "link_count", true),
		number("edits", "edit_count", true),
		number("revision", "revision", true),
		number("reactions", "reactions.total", false),
		number("likes", "reactions.like", false),
		number("votes", "votes.score", false),
		number("replies", "thread.reply_count", false),
		number("views", "thread.view_count", false),
		number("author.posts", "author.post_count", false),
	}
}

func dateFields() []Field {
	date := func(name, path string) Field {
		return Field{Name: name, Type: DateField, Paths: []Path{{JSON: path}}}
	}
	return []Field{
		date("date", "@timestamp"),
		date("published", "published_at"),
		date("edited", "edited_at"),
		date("started", "thread.started_at"),
		date("lastpost", "thread.last_post_at"),
		date("changed", "changed_at"),
		date("seen", "first_seen_at"),
		date("missing", "missing_since"),
		date("joined", "author.joined_at"),
	}
}

// customPrefix begins the names of authors' custom fields.
const customPrefix = "field."

// LookupField finds a field by its name in any case. "field.<slug>" is the
// custom field of that slug, whose case counts: some are an engine's own names.
func LookupField(given string) (Field, bool) {
	name := strings.ToLower(given)
	if name == "" {
		return DefaultField(), true
	}
	for _, f := range Fields() {
		if f.Name == name {
			return f, true
		}
	}
	if slug := given[min(len(customPrefix), len(given)):]; slug != "" && strings.HasPrefix(name, customPrefix) {
		return Field{Name: customPrefix + slug, Type: KeywordField, Paths: []Path{{JSON: "author.fields." + slug}}}, true
	}
	return Field{}, false
}

// Split cuts a text into the tokens that this text field compares.
func (f Field) Split(text string) []Token {
	if f.code {
		return CodeWords(text)
	}
	return Words(text)
}

// Texts are the texts of a document that this text field looks at.
func (f Field) Texts(doc map[string]any) []string {
	var texts []string
	for _, p := range f.Paths {
		texts = append(texts, stringsAt(doc, p.JSON)...)
	}
	return texts
}

// Term is a keyword as it is compared: Value is folded already if Fold is set.
type Term struct {
	Value string
	Fold  bool
}

// Terms are the keywords of a document under this field, as they are compared.
func (f Field) Terms(doc map[string]any) []Term {
	var terms []Term
	add := func(v string, fold bool) {
		if fold {
			v = Fold(v)
		}
		if t := (Term{v, fold}); v != "" && !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	for _, p := range f.Paths {
		if p.Kind != "" && !slices.Contains(stringsAt(doc, "doc_kind"), p.Kind) {
			continue
		}
		for _, v := range stringsAt(doc, p.JSON) {
			add(v, p.Fold)
			if f.Name == "id" && strings.HasSuffix(p.JSON, ".key") && p.Kind != KindRevision {
				add(DocumentID(v), false)
			}
		}
	}
	return terms
}

// Wanted are the terms any of which answers a keyword of a query.
func (f Field) Wanted(value string) []Term {
	var wanted []Term
	add := func(t Term) {
		if !slices.Contains(wanted, t) {
			wanted = append(wanted, t)
		}
	}
	for _, p := range f.Paths {
		if p.Fold {
			add(Term{Fold(value), true})
			continue
		}
		add(Term{value, false})
		if f.lower {
			add(Term{strings.ToLower(value), false})
		}
	}
	return wanted
}

// DocumentID is the id of the document with this key: the first 40 hex digits
// of the key's SHA-256.
func DocumentID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:20])
}

// nearestField is the field that looks at a place of this name in the documents,
// else the one whose name is spelled most like it.
func nearestField(name string) string {
	for _, f := range slices.Backward(Fields()) { // whole values before words
		if slices.ContainsFunc(f.Paths, func(p Path) bool { return p.JSON == name }) {
			return f.Name
		}
	}
	best, least := "", 1<<30
	for _, f := range Fields() {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), f.Name); d < least {
			best, least = f.Name, d
		}
	}
	return best
}

// CustomFields are the fields "field.<slug>" of a document's author, sorted.
func CustomFields(doc map[string]any) []Field {
	var fields []Field
	for _, v := range valuesAt(doc, "author.fields") {
		object, _ := v.(map[string]any)
		for slug := range object {
			if f, ok := LookupField(customPrefix + slug); ok {
				fields = append(fields, f)
			}
		}
	}
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}
