package index

import (
	"fmt"
	"strings"

	"forumine/extract/forum"
)

// SchemaMarkdown is docs/schema.md: every field of every document, made from the
// structs that the documents are made of.
func SchemaMarkdown() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, schemaIntro, SchemaVersion)
	common := map[string]bool{}
	b.WriteString("\n## Fields of every document\n")
	for _, f := range commonFields() {
		common[f.Name] = true
	}
	writeFields(&b, commonFields(), nil)
	for _, section := range schemaSections() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", section.title, section.intro)
		skip := common
		if section.kind == forum.DocRevision {
			skip = named(Fields(PostDoc{}))
		}
		writeFields(&b, Fields(emptyDoc(section.kind)), skip)
	}
	return []byte(b.String())
}

type schemaSection struct {
	kind         forum.DocKind
	title, intro string
}

func schemaSections() []schemaSection {
	return []schemaSection{
		{forum.DocPost, "Post (`forum-posts`)", "One document a post. `thread.*` and `forum.*` are copied from its thread in its latest state; `author.*` is the author as shown on the day of the fetch: post counts, title and banners are of that day, not of the day of writing."},
		{forum.DocThread, "Thread (`forum-threads`)", "One document a thread in its latest state. `author.*` is who started it."},
		{forum.DocAuthor, "Author (`forum-authors`)", "One document an account, or a guest's name, in its latest state. `author.post_count` is what the board claims, `observed_post_count` what is held."},
		{forum.DocRevision, "Revision (`forum-post-revisions`)", "An older version of a post: all fields of a post, and:"},
	}
}

func commonFields() []Field { return Fields(Common{}) }

func named(fields []Field) map[string]bool {
	names := map[string]bool{}
	for _, f := range fields {
		names[f.Name] = true
	}
	return names
}

func writeFields(b *strings.Builder, fields []Field, skip map[string]bool) {
	b.WriteString("\n| field | type | meaning, unit |\n|---|---|---|\n")
	for _, f := range fields {
		if !skip[f.Name] {
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name, shownType(f), strings.ReplaceAll(f.Doc, "|", `\|`))
		}
	}
}

// shownType is an es tag as a person reads it: keyword[] (+ lc, text).
func shownType(f Field) string {
	parts := strings.Split(f.Type, ";")
	name, option, _ := strings.Cut(parts[0], ",")
	if f.Many {
		name += "[]"
	}
	switch option {
	case "noindex", "disabled":
		name += ", not searchable"
	}
	var subs []string
	for _, sub := range parts[1:] {
		sub, _, _ = strings.Cut(sub, ",")
		sub, _, _ = strings.Cut(sub, "=")
		if sub == "lang" {
			sub = "en, …"
		}
		subs = append(subs, "."+sub)
	}
	if len(subs) > 0 {
		name += " (+ " + strings.Join(subs, ", ") + ")"
	}
	return name
}

const schemaIntro = `# The documents

Made from the structs in index/document.go; schema version %d. Change it there, then run
` + "`go test ./index -run TestGenerated -update`" + `.

- Documents are flat: no nested, no join, so that Lens and ES|QL read them. Lists of objects lose the pairing of
  their fields in queries: the author of one quote and the post of another match together.
- A field of which nothing is known is absent, never null and never empty. A count of 0 and a false flag are
  known and stand there.
- Ids are strings, counters are numbers, times are UTC. Each shown time has companions: ` + "`*_raw`" + ` as shown,
  ` + "`*_precision`" + ` its smallest unit, ` + "`*_tz`" + ` where its zone came from: utc and offset (the page says so), calibrated
  (learned from the site), configured (set by the user), assumed (nothing said so: UTC was taken).
- The id of a document is the first 40 hex digits of the sha256 of its key, ` + "`site|kind|native id`" + `; kind is post,
  thread, user or guest. What has no native id has a hash of its address and position in its place. A revision's
  key is its post's key, a bar and the time of its reading in microseconds.
- A document is never deleted: ` + "`missing_since`" + ` and ` + "`post.state`" + ` say that it is gone from the board, ` + "`retracted`" + ` that
  a better reading no longer finds it.
- ` + "`extract.gaps`" + ` names what the page should show and does not; an absent field that stands in no gap is one that
  the page has no place for.
- Keywords longer than their limit are kept, not indexed.
`
