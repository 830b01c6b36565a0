package extract_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// reading is a page as it was read, with its JSON.
type reading struct {
	page *forum.Page
	json map[string]any
}

// maxFields is how many fields of one thing a damage may cost: a link may be
// both the name's and the picture's.
const maxFields = 2

// damage lists what a damaged page lost beyond what the damaged element told.
func (base reading) damage(got reading, n *html.Node) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	b, g := base.page, got.page
	if b.Engine != g.Engine || b.Kind != g.Kind {
		say("%s %s became %s %s", b.Engine, b.Kind, g.Engine, g.Kind)
		return out
	}
	if len(b.Posts) != len(g.Posts) {
		say("%d posts became %d", len(b.Posts), len(g.Posts))
		return out
	}
	if b.Root != g.Root {
		say("root %q became %q", b.Root, g.Root)
	}
	for i := range b.Posts {
		out = append(out, postDamage(i, b.Posts[i], g, n)...)
	}
	out = append(out, threadDamage(b.Thread, g)...)
	out = append(out, rowDamage(base, got, n)...)
	for _, list := range []string{"posts", "listing", "boards"} {
		if n.Data != "base" { // every address on the page counts from it
			out = append(out, spread(list, base.json[list], got.json[list])...)
		}
	}
	pageFields := changed(base.json["thread"], got.json["thread"], threadField)
	if firstChanged(b, g) {
		delete(pageFields, "starter")
	}
	maps.Copy(pageFields, changed(topFields(base.json), topFields(got.json), pageField))
	delete(pageFields, "counts") // derived; checked by value
	if len(pageFields) > maxFields {
		say("%d fields of the page changed: %s", len(pageFields), keysOf(pageFields))
	}
	return out
}

// postDamage checks what names a post and when it was written.
func postDamage(i int, b forum.Post, page *forum.Page, n *html.Node) []string {
	g := page.Posts[i]
	at := fmt.Sprintf("posts[%d]", i)
	var d differ
	gap := gapsOf(page)
	d.named(at+".id", b.ID, g.ID, gap)
	ba, ga := author(b.Author), author(g.Author)
	d.named(at+".author", ba.Name, ga.Name, gap)
	d.sameOrGone(at+".author.id", ba.ID, ga.ID)
	if ga.IsGuest && !ba.IsGuest || ga.IsDeleted && !ba.IsDeleted || ga.IsOP && !ba.IsOP {
		d.say("%s.author became guest %v, deleted %v, starter %v", at, ga.IsGuest, ga.IsDeleted, ga.IsOP)
	}
	d.time(at+".published_at", b.Published, g.Published, gap)
	if g.Position != b.Position && g.Position != 0 && len(page.Posts) > 1 { // a fixture of one post is cut: no page before the last is
		d.say("%s.position %d became %d", at, b.Position, g.Position)
	}
	if g.Position == 0 && b.Position != 0 && !gap[at+".position"] {
		d.say("%s.position is gone without a gap", at)
	}
	if lost := unexplained(b.Body.Text, g.Body.Text, n); lost != "" {
		d.say("%s.body.text changed by %q, which the damaged element does not hold", at, lost)
	}
	return d.out
}

func author(a *forum.Author) forum.Author {
	if a == nil {
		return forum.Author{}
	}
	return *a
}

func threadDamage(b *forum.Thread, page *forum.Page) []string {
	g := page.Thread
	if b == nil || g == nil {
		if b != g {
			return []string{"the thread came or went"}
		}
		return nil
	}
	var d differ
	gap := gapsOf(page)
	d.named("thread.id", b.ID, g.ID, gap)
	if b.Title != "" && g.Title == "" && !gap["thread.title"] {
		d.say("thread.title is gone without a gap")
	}
	if b.Page != g.Page {
		d.say("thread.page %d became %d", b.Page, g.Page)
	}
	if g.PageCount > b.PageCount && b.PageCount > 0 || count(g.ReplyCount) > count(b.ReplyCount) && b.ReplyCount != nil {
		d.say("%d pages and %d replies became %d and %d", b.PageCount, count(b.ReplyCount), g.PageCount, count(g.ReplyCount))
	}
	return d.out
}

func count(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// rowDamage checks that no row or board is lost or added, but for those whose
// own link was damaged.
func rowDamage(base, got reading, n *html.Node) []string {
	var d differ
	d.rows("rows", titles(base.page), titles(got.page), n)
	d.rows("boards", boardNames(base.page), boardNames(got.page), n)
	return d.out
}

func titles(p *forum.Page) []string {
	var out []string
	for _, r := range p.Listing {
		out = append(out, r.Title)
	}
	return out
}

func boardNames(p *forum.Page) []string {
	var out []string
	for _, b := range p.Boards {
		out = append(out, b.Name)
	}
	return out
}

// differ collects what is wrong.
type differ struct{ out []string }

func (d *differ) say(format string, args ...any) {
	d.out = append(d.out, fmt.Sprintf(format, args...))
}

func (d *differ) sameOrGone(at, want, got string) {
	if got != "" && got != want {
		d.say("%s %q became %q", at, want, got)
	}
}

// named checks something that must be there or be a gap.
func (d *differ) named(at, want, got string, gap map[string]bool) {
	d.sameOrGone(at, want, got)
	if want != "" && got == "" && !gap[at] && !gap[at+".name"] {
		d.say("%s is gone without a gap", at)
	}
}

// time checks that a stamp is the same as far as its own precision goes, but
// for the zone where that was lost: zones are whole quarters of an hour.
func (d *differ) time(at string, want, got forum.Stamp, gap map[string]bool) {
	if !want.Known() {
		return
	}
	if !got.Known() {
		if !gap[at] {
			d.say("%s is gone without a gap", at)
		}
		return
	}
	if !sameTime(want, got) {
		d.say("%s %s became %s (%q)", at, want.At.Format(time.RFC3339), got.At.Format(time.RFC3339), got.Raw)
	}
}

func sameTime(a, b forum.Stamp) bool {
	diff := a.At.Sub(b.At).Abs()
	unit := time.Minute
	switch {
	case b.Precision == forum.PrecisionDay || a.Precision == forum.PrecisionDay:
		return diff <= 38*time.Hour
	case b.Precision == forum.PrecisionHour || a.Precision == forum.PrecisionHour:
		unit = time.Hour
	}
	if a.Zone != b.Zone || a.Raw == b.Raw {
		return diff <= 28*time.Hour && (diff%(15*time.Minute) < unit || diff%(15*time.Minute) > 15*time.Minute-unit)
	}
	return diff < 2*unit // "29 minutes ago" is of the minute before or after
}

// rows compares two lists of names; one may be missing where the damaged
// element is or holds its link.
func (d *differ) rows(what string, want, got []string, n *html.Node) {
	if len(got) > len(want) {
		d.say("%d %s became %d", len(want), what, len(got))
		return
	}
	text := dom.Fold(textOf(n))
	for i, name := range want {
		if len(got) == len(want) || i >= len(got) {
			break
		}
		if got[i] == name {
			continue
		}
		if name != "" && strings.Contains(text, name) && slices.Equal(want[i+1:], got[i:]) {
			return
		}
		break
	}
	if len(got) < len(want) && !(want[len(want)-1] != "" && strings.Contains(text, want[len(want)-1]) && slices.Equal(want[:len(want)-1], got)) {
		d.say("%d %s became %d", len(want), what, len(got))
	}
}

func gapsOf(p *forum.Page) map[string]bool {
	out := map[string]bool{}
	for _, g := range p.Gaps {
		out[g.Path] = true
	}
	return out
}

// unexplained is the text by which two texts differ and which does not stand
// in the damaged element, its attributes included: in one place, letter by
// letter, else in several, word by word.
func unexplained(want, got string, n *html.Node) string {
	lost, added := middles(bare(want), bare(got))
	held := bare(holdings(n))
	if strings.Contains(held, lost) && strings.Contains(held, added) {
		return ""
	}
	count := map[string]int{}
	for _, w := range words(want) {
		count[w]++
	}
	for _, w := range words(got) {
		count[w]--
	}
	var out []string
	for _, w := range slices.Sorted(maps.Keys(count)) {
		if count[w] != 0 && !strings.Contains(held, w) {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// middles are what two texts have between their common beginning and end.
func middles(a, b string) (string, string) {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	j := 0
	for j < len(a)-i && j < len(b)-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	return a[i : len(a)-j], b[i : len(b)-j]
}

// holdings is everything that an element says, in text and attributes.
func holdings(n *html.Node) string {
	var b strings.Builder
	b.WriteString(textOf(n))
	for _, e := range append(elements(n), n) {
		for _, a := range e.Attr {
			b.WriteString(" " + a.Val)
			if a.Key == "data-cfemail" {
				b.WriteString(" " + uncovered(a.Val))
			}
		}
	}
	return b.String()
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// bare is a text without its white space.
func bare(s string) string { return strings.Join(strings.Fields(dom.Fold(s)), "") }

// fieldOf maps the fields of a post's JSON to the field that they belong to:
// what is derived from one thing on the page is one field.
func fieldOf(key string) string {
	switch {
	case key == "id" || key == "url":
		return "id"
	case strings.HasPrefix(key, "published_"):
		return "published"
	case strings.HasPrefix(key, "edit"):
		return "edited"
	case strings.HasPrefix(key, "position") || key == "page" || key == "is_first":
		return "position"
	case key == "attachment_count":
		return "attachments"
	case key == "quotes" || key == "quote_count" || key == "mentions":
		return "references"
	case slices.Contains([]string{"links", "link_count", "media", "image_count"}, key):
		return "body"
	}
	return key
}

func rowField(key string) string {
	switch {
	case strings.HasPrefix(key, "last_"):
		return "last"
	case strings.HasPrefix(key, "started_"):
		return "started"
	case key == "id" || key == "url" || key == "redirect_to" || key == "is_moved":
		return "id"
	case strings.HasSuffix(key, "_count") || key == "counts_rounded":
		return "counts"
	}
	return key
}

func threadField(key string) string {
	switch {
	case key == "author" || strings.HasPrefix(key, "started_"):
		return "starter"
	case key == "title" || key == "prefix":
		return "title"
	case key == "type" || key == "poll":
		return "poll"
	case key == "page_count" || key == "reply_count" || key == "counts_rounded":
		return "counts"
	}
	return rowField(key)
}

func pageField(key string) string {
	if key == "next" || key == "page_count" {
		return "counts"
	}
	return key
}

// topFields are the page's fields that no other check looks at.
func topFields(page map[string]any) map[string]any {
	out := maps.Clone(page)
	for _, key := range []string{"thread", "posts", "listing", "boards", "gaps", "extract", "engine_version"} {
		delete(out, key)
	}
	return out
}

// changed are the fields by which two objects differ, keys (which follow from
// root and ids), stamps in another zone and the starter's mark aside.
func changed(want, got any, field func(string) string) map[string]bool {
	w, _ := want.(map[string]any)
	g, _ := got.(map[string]any)
	out := map[string]bool{}
	for key := range w {
		if !sameValue(key, w, g) {
			out[field(key)] = true
		}
	}
	for key := range g {
		if _, there := w[key]; !there && !sameValue(key, w, g) {
			out[field(key)] = true
		}
	}
	return out
}

func sameValue(key string, w, g map[string]any) bool {
	if key == "key" || strings.HasSuffix(key, "_key") || key == "is_op" {
		return true
	}
	a, b := w[key], g[key]
	if reflect.DeepEqual(a, b) {
		return true
	}
	if prefix, ok := strings.CutSuffix(key, "_at"); ok && w[prefix+"_raw"] == g[prefix+"_raw"] {
		return quarters(a, b)
	}
	if before, ok := strings.CutSuffix(key, "_tz"); ok {
		return w[before+"_raw"] == g[strings.TrimSuffix(key, "_tz")+"_raw"]
	}
	am, aok := a.(map[string]any)
	bm, bok := b.(map[string]any)
	return aok && bok && len(changed(am, bm, func(s string) string { return s })) == 0
}

// quarters tells whether two times differ by a zone: by whole quarters of an
// hour.
func quarters(a, b any) bool {
	as, _ := a.(string)
	bs, _ := b.(string)
	at, err := time.Parse(time.RFC3339, as)
	if err != nil {
		return false
	}
	bt, err := time.Parse(time.RFC3339, bs)
	return err == nil && at.Sub(bt).Abs() <= 28*time.Hour && at.Sub(bt)%(15*time.Minute) == 0
}

// spread checks that one item of a list changes at most, in few fields.
func spread(list string, want, got any) []string {
	w, _ := want.([]any)
	g, _ := got.([]any)
	if len(w) != len(g) {
		return nil // counted elsewhere
	}
	field := rowField
	if list == "posts" {
		field = fieldOf
	}
	var out []string
	items := 0
	for i := range w {
		fields := changed(w[i], g[i], field)
		delete(fields, "position")   // derived; checked by value
		delete(fields, "references") // a post names others by what stands beside theirs
		if len(fields) == 0 {
			continue
		}
		items++
		if items > 1 {
			out = append(out, fmt.Sprintf("%s[%d] changed too: %s", list, i, keysOf(fields)))
		}
		if len(fields) > maxFields {
			out = append(out, fmt.Sprintf("%s[%d]: %d fields changed: %s", list, i, len(fields), keysOf(fields)))
		}
	}
	return out
}

func keysOf(m map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

// firstChanged tells whether the first post lost what the thread takes from it.
func firstChanged(b, g *forum.Page) bool {
	if len(b.Posts) == 0 || len(g.Posts) == 0 {
		return false
	}
	return !reflect.DeepEqual(b.Posts[0].Author, g.Posts[0].Author) || b.Posts[0].Published != g.Posts[0].Published
}
