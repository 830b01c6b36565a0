package generic

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// extras reads what stands around a post's words: edit note, signature, files,
// reactions. Elements are told by their names; edit notes and signatures of
// boards that name nothing also by what they say.
func (r *reader) extras(c *cluster, e *entry, post *forum.Post) {
	r.findEdit(c, e, post)
	if e.body != nil {
		e.signature = c.cutSignature(e.body)
	}
	seen := map[part]bool{}
	until := int32(-1)
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		if ce.item < until || ce.part == partNone || ce.part == partBody {
			continue
		}
		until = c.out.items[ce.item].end
		switch ce.part {
		case partSignature:
			if e.signature == nil && !r.innerTime(n).Known() { // else it signs the post: who wrote when
				e.signature = n
			}
		case partFiles:
			r.files(n, post)
		case partReactions:
			if !seen[partReactions] {
				r.reactions(n, post)
			}
		}
		seen[ce.part] = true
	}
	r.attached(c, e, post)
	if e.signature != nil {
		if text := r.doc.ReadBody(nil, e.signature).Body.Text; text != "" {
			post.Signature = &forum.Signature{Text: text}
		}
	}
}

// editStems are the stems of the words with which boards say that a post was
// changed, by language.
var editStems = stemsOf("edited", "last edit", "modified", "bearbeitet", "geändert", "edité", "édité", "modifié", "editado", "modificado", "editada", "modificat", "ultima modifica", "bewerkt", "aangepast", "edytowan", "редактир", "изменен", "изменён", "upraven", "upravil", "redigera", "redigeret", "rettet af", "redigert", "muoka", "szerkeszt", "düzenle", "επεξεργασία", "редагув", "编辑", "編輯", "編集", "수정", "تعديل", "diedit", "sửa lần")

// findEdit looks for the note that says when a post was last changed, by whom
// and why: an element that is named for it, else a short one that says so and
// shows a time.
func (r *reader) findEdit(c *cluster, e *entry, post *forum.Post) {
	o := c.out
	for _, ce := range e.cells {
		n := o.items[ce.item].n
		if ce.part == partEdit && ce.item != e.from && n.DataAtom != atom.A && r.readEdit(n, post) {
			e.edit = n
			return
		}
	}
	for i := len(e.cells) - 1; i > 0; i-- {
		ce := e.cells[i]
		n := o.items[ce.item].n
		size := 0
		if n == e.body || n.DataAtom == atom.A || sum(o.letters, ce.item, o.items[ce.item].end) < 6 || ce.part != partNone && ce.part != partBody || !textWithin(n, &size, 260) {
			continue
		}
		if says(dom.NodeText(n), editStems) && dom.Closest(n, selBlockquote) == nil && r.readEdit(n, post) {
			e.edit = n
			for p := o.items[ce.item].parent; p > e.from && o.items[p].n != e.body; p = o.items[p].parent {
				if sum(o.letters, p, o.items[p].end) != sum(o.letters, ce.item, o.items[ce.item].end) {
					break
				}
				e.edit = o.items[p].n
			}
			return
		}
	}
}

// stems are the beginnings of words, at most 64 of them.
type stems struct {
	list  []string
	first [256]uint64 // those that begin with a byte
}

func stemsOf(list ...string) *stems {
	s := &stems{list: list}
	for i, stem := range list {
		s.first[stem[0]] |= 1 << i
	}
	return s
}

// says tells whether a text holds one of some stems, near its beginning, or at
// the end of a line: what an author says of changes stands in longer sentences.
// Of each stem the first place counts.
func says(text string, s *stems) bool {
	text = strings.ToLower(text)
	open := ^uint64(0)
	for i := 0; i < len(text) && open != 0; i++ {
		for left := s.first[text[i]] & open; left != 0; left &= left - 1 {
			k := bits.TrailingZeros64(left)
			if stem := s.list[k]; !strings.HasPrefix(text[i:], stem) || !startsWord(text, i) {
				continue
			} else if i < 40 || len(text) < 120 && len(text)-i-len(stem) < 4 {
				return true
			}
			open &^= 1 << k
		}
	}
	return false
}

// startsWord tells whether no letter stands before a place in a text, but of a
// script that does not part words.
func startsWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return i == 0 || before >= 0x2e80 || !unicode.IsLetter(before)
}

// wordAt is where a word of a text begins with a stem, -1 for nowhere.
func wordAt(text, stem string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], stem)
		if i < 0 {
			return -1
		}
		i += from
		if startsWord(text, i) {
			return i
		}
		from = i + len(stem)
	}
}

func (r *reader) readEdit(n *html.Node, post *forum.Post) bool {
	text := dom.NodeText(n)
	if t := dom.Attr(n, "title"); looksTimed(t) && says(t, editStems) {
		text = t
	}
	st, before, after := r.editTime(text)
	if m := r.innerTime(n); m.Known() {
		if !st.Known() || !st.At.Equal(m.At) {
			_, before, after = m, strings.Replace(text, m.Raw, "", 1), ""
		}
		st = m
	}
	if !st.Known() || st.At.Equal(post.Published.At) {
		return false
	}
	post.Edited = st
	post.EditedBy = r.editor(n, before, after)
	return true
}

// editTime is the time behind the word for the edit: the line may show before it
// when the post was written.
func (r *reader) editTime(text string) (st forum.Stamp, before, after string) {
	lower := strings.ToLower(text)
	for _, stem := range editStems.list {
		i := wordAt(lower, stem)
		if i <= 0 || len(lower) != len(text) {
			continue
		}
		if st, before, after = r.clock.Within(text[i:]); st.Known() {
			return st, before, after
		}
	}
	return r.clock.Within(text)
}

// innerTime is the time of an element within an edit note that carries one for
// machines.
func (r *reader) innerTime(n *html.Node) forum.Stamp {
	for c := range dom.Below(n) {
		if c.Type != html.ElementNode {
			continue
		}
		if m, ok := r.machineMark(c); ok {
			return r.stampOf(&m)
		}
		if t := dom.Attr(c, "title"); looksTimed(t) {
			if m, ok := r.readMark(t); ok {
				return r.stampOf(&m)
			}
		}
	}
	return forum.Stamp{}
}

// editor is who changed a post: the account that the note links, a name that
// posts here, or what the usual sentences leave.
func (r *reader) editor(n *html.Node, before, after string) string {
	for c := range dom.Below(n) {
		if c.DataAtom == atom.A && profileHint(dom.Attr(c, "href")) > 0 {
			return dom.NodeText(c)
		}
	}
	trim := func(s string) string { return strings.Trim(s, " ()[]«».,;:-–—") }
	for _, s := range [...]string{trim(before), trim(after)} {
		if name := dom.KnownName(s, r.names, true); name != "" {
			return name
		}
		for _, lead := range [...]string{"by ", "von ", "par ", "por ", "da ", "door ", "przez ", "av ", "af "} {
			if i := strings.LastIndex(" "+s, " "+lead); i >= 0 {
				name, _, _ := strings.Cut(s[i+len(lead):], ";")
				name, _, _ = strings.Cut(name, ".")
				if known := dom.KnownName(name, r.names, false); known != "" {
					return known
				}
				if name = trim(name); name != "" && strings.Count(name, " ") < 3 {
					return name
				}
			}
		}
	}
	return ""
}

// cutSignature finds what stands below a line of underscores, with which old
// boards set a signature off, and gathers it in one element.
func (c *cluster) cutSignature(body *html.Node) *html.Node {
	for n := range dom.Below(body) {
		if n.Type != html.TextNode || !underscores(n.Data) {
			continue
		}
		at := n
		for at.Parent != body && at.Parent != nil && at.NextSibling == nil {
			at = at.Parent
		}
		sig := dom.Element("div", "class", "signature")
		at.Parent.InsertBefore(sig, at)
		n.Data = strings.TrimLeft(strings.TrimSpace(n.Data), "_")
		for x := at; x != nil && (x.Type != html.ElementNode || c.out.part(x) <= partBody); {
			next := x.NextSibling
			x.Parent.RemoveChild(x)
			sig.AppendChild(x)
			x = next
		}
		return sig
	}
	return nil
}

func underscores(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) >= 8 && strings.HasPrefix(s, "________")
}

// reactions reads a bar of reactions: the accounts that it names and the number
// of the others, else the numbers that it shows.
func (r *reader) reactions(n *html.Node, post *forum.Post) {
	size := 0
	if !textWithin(n, &size, 400) {
		return
	}
	var names []string
	rest := ""
	for c := range dom.Below(n) {
		if c.DataAtom != atom.A {
			continue
		}
		if text := nameText(c); text != "" && profileHint(dom.Attr(c, "href")) > 0 {
			names = append(names, text)
		} else if t := dom.NodeText(c); len(names) > 0 && dom.Digits(t) != "" {
			rest = t
		}
	}
	if len(names) > 0 {
		got := dom.Others(names, rest)
		post.Reactions = &got
		return
	}
	total, seen := int64(0), false
	for c := range dom.Below(n) {
		if c.Type != html.TextNode || c.Parent.DataAtom == atom.Script || c.Parent.DataAtom == atom.Style {
			continue
		}
		text := strings.Trim(strings.TrimSpace(c.Data), "+x×()")
		if v := dom.Count(text); isNumber(text) && len(text) < 7 && v != nil {
			total, seen = total+*v, true
		}
	}
	if seen && total > 0 {
		post.Reactions = &forum.Reactions{Total: total}
	}
}
