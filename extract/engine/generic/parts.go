package generic

import (
	"strings"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// part is what an element of a post is, by the words of its class and id.
// Themes invent names freely, and still nearly all say what they mean.
type part uint8

const (
	partNone part = iota
	partBody
	partCard
	partSignature
	partEdit
	partFiles
	partReactions
	partRank    // the title or role of an author
	partTools   // buttons and menus
	partSubject // a post's own title
)

// partWords say what a name means whose last word is this one. Names of two
// words that are written as one are cut at these too ("postbody").
var partWords = map[string]part{
	"body": partBody, "content": partBody, "text": partBody, "message": partBody, "msg": partBody, "cooked": partBody, "markup": partBody, "markdown": partBody, "bbcode": partBody, "inhalt": partBody, "contents": partBody, "texte": partBody, "usertext": partBody, "commtext": partBody,
	"signature": partSignature, "sig": partSignature, "signatur": partSignature, "signatura": partSignature,
	"edit": partEdit, "edited": partEdit, "editnote": partEdit, "modified": partEdit, "editedby": partEdit, "lastedit": partEdit, "updated": partEdit, "lastedited": partEdit, "editing": partEdit,
	"attachment": partFiles, "attachments": partFiles, "attach": partFiles, "attachbox": partFiles, "files": partFiles, "attached": partFiles, "attachs": partFiles,
	"reactions": partReactions, "likes": partReactions, "thanks": partReactions, "reaction": partReactions, "likers": partReactions, "liked": partReactions, "react": partReactions, "kudos": partReactions,
	"rank": partRank, "usertitle": partRank, "role": partRank, "ranktitle": partRank, "usergroup": partRank, "membergroup": partRank, "postergroup": partRank,
	"buttons": partTools, "actions": partTools, "controls": partTools, "tools": partTools, "toolbar": partTools, "menu": partTools, "buttonbar": partTools, "moderation": partTools, "options": partTools, "navigation": partTools, "pager": partTools, "pagination": partTools, "nav": partTools,
	"subject": partSubject, "posttitle": partSubject,
}

// partSuffixes are the parts that names of one word end with.
var partSuffixes = []struct {
	suffix string
	part   part
}{
	{"signature", partSignature}, {"attachments", partFiles}, {"attachment", partFiles}, {"attachbox", partFiles}, {"buttons", partTools}, {"subject", partSubject},
	{"body", partBody}, {"content", partBody}, {"text", partBody}, {"message", partBody}, {"msg", partBody}, {"rank", partRank}, {"usertitle", partRank},
}

// partOf reads one name, be it a class or an id without its number.
func partOf(name string) part {
	var room someWords
	list := appendWords(room[:0], name)
	if len(list) == 0 {
		return partNone
	}
	switch list[0] {
	case "score", "dislikes":
		return partNone
	case "js", "quote", "code", "spoiler", "no", "has", "is", "small", "smalltext", "middletext", "with":
		return partNone
	case "text", "bg", "border", "visited", "hover", "focus", "justify", "items", "flex", "max", "min", "fill", "align", "font", "color":
		if len(list) > 1 {
			return partNone // how it looks, not what it is: "text-neutral-content"
		}
	}
	last := list[len(list)-1]
	if len(list) > 1 && (last == "title" || last == "heading") {
		return titlePart(list)
	}
	if p, ok := partWords[last]; ok {
		if p == partBody && (ofAuthor(list) || strings.ContainsAny(name, "0123456789")) || p == partEdit && last == "edit" && len(list) == 1 {
			return partNone
		}
		return p
	}
	if p := ofBox(list); p != partNone {
		return p
	}
	for _, s := range partSuffixes {
		if strings.HasSuffix(last, s.suffix) && !strings.HasPrefix(last, "quote") && !strings.HasPrefix(last, "small") && !strings.HasPrefix(last, "middle") && !strings.HasPrefix(last, "large") {
			return s.part
		}
	}
	return partNone
}

// ofBox reads names of boxes: "reactionsBar", "attachment-list-item".
func ofBox(list []string) part {
	for n := len(list); n > 1; n-- {
		switch list[n-1] {
		case "bar", "list", "box", "wrap", "wrapper", "container", "block", "area", "holder", "summary", "row", "info", "note", "notice", "section", "link", "count", "item", "icons", "button", "label", "message":
		default:
			return partNone
		}
		if p := partWords[list[n-2]]; p > partBody && p != partSubject && p != partRank && (p != partEdit || list[n-1] != "link") {
			return p
		}
	}
	return partNone
}

// titlePart tells an author's title from a post's.
func titlePart(list []string) part {
	switch list[len(list)-2] {
	case "user", "author", "member", "poster", "custom":
		return partRank
	case "post", "message", "reply", "comment":
		return partSubject
	}
	return partNone
}

// ofAuthor tells names of an author's card: "author-text".
func ofAuthor(list []string) bool {
	for _, w := range list {
		switch w {
		case "author", "user", "poster", "profile", "avatar", "member", "sidebar", "header", "footer", "head", "foot", "nav", "menu", "date", "time", "meta", "signature", "attachment", "photo", "panel", "caption", "button", "link", "label", "icon", "share", "search", "breadcrumb", "banner", "stats", "tooltip", "modal", "popup":
			return w != "user" || list[len(list)-1] != "content" && list[len(list)-1] != "text"
		}
	}
	return false
}

// part is what an element is by its own names; ids count less than classes.
func (o *outline) part(n *html.Node) part {
	if dom.HasClass(n, "score") {
		return partNone
	}
	for w := range strings.FieldsSeq(dom.Attr(n, "class")) {
		if p := o.partNamed(w); p != partNone {
			return p
		}
	}
	if strings.Contains(n.Data, "-") {
		return o.partNamed(n.Data)
	}
	if id := dom.Attr(n, "id"); id != "" {
		return o.partNamed(strings.TrimRight(pattern(id), "#_-"))
	}
	return partNone
}

// bodyName is the name by which an element is called a body, "" for none.
func (o *outline) bodyName(n *html.Node) string {
	if n.DataAtom == atom.A || n.DataAtom == atom.Span {
		return ""
	}
	for w := range strings.FieldsSeq(dom.Attr(n, "class")) {
		if p := o.partNamed(w); p != partNone {
			if p == partBody {
				return w
			}
			return ""
		}
	}
	if strings.Contains(n.Data, "-") && o.partNamed(n.Data) == partBody {
		return n.Data
	}
	if id := strings.TrimRight(pattern(dom.Attr(n, "id")), "#_-"); id != "" && o.partNamed(id) == partBody {
		return id
	}
	return ""
}

func (o *outline) partNamed(name string) part {
	p, known := o.parts[name]
	if !known {
		p = partOf(name)
		o.parts[name] = p
	}
	return p
}
