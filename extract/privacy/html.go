package privacy

import (
	"net/url"
	"strings"

	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// maxLinkName is the greatest length, in words, of a link's text that is taken
// for the name of the account that it leads to.
const maxLinkName = 3

// linkedNames gives the texts of the links to accounts in a cleaned fragment.
func (t *turn) linkedNames(fragment string) []string {
	if !strings.Contains(fragment, "<a ") {
		return nil
	}
	var out []string
	var text strings.Builder
	inside, href := false, ""
	z := html.NewTokenizer(strings.NewReader(fragment))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken:
			if tok := z.Token(); tok.Data == "a" && t.tells(attribute(tok, "href")) {
				inside, href = true, attribute(tok, "href")
				text.Reset()
			}
		case html.TextToken:
			if inside {
				text.WriteString(z.Token().Data)
			}
		case html.EndTagToken:
			if tok := z.Token(); tok.Data == "a" && inside {
				inside = false
				if name := strings.Join(strings.Fields(text.String()), " "); t.isNameOf(href, name) {
					out = append(out, name)
				}
			}
		}
	}
}

// isNameOf tells whether a link's text is the name of the account that it leads
// to: a name of the page, one that the address bears, or a few words on a link to
// the profile itself.
func (t *turn) isNameOf(href, text string) bool {
	slug := Slug(text)
	switch n := strings.Count(text, " ") + 1; {
	case slug == "" || strings.Contains(text, "://"):
		return false
	case t.people.slugs[slug]:
		return true
	case n > maxLinkName:
		return false
	}
	u, err := url.Parse(href)
	if err != nil || t.canonical == nil {
		return false
	}
	l, ok := t.canonical(u)
	return ok && l.Kind == forum.KindProfile || strings.Contains(Slug(u.Path), slug)
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// html replaces in a cleaned fragment what text replaces in texts, and besides
// the addresses and the names of who is quoted.
func (w *words) html(fragment string) string {
	if fragment == "" {
		return ""
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(fragment))
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			b.WriteString(raw)
			return b.String()
		case html.TextToken:
			was := z.Token().Data
			if is := w.text(was); is != was {
				raw = html.EscapeString(is)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			if w.attributes(&tok) {
				raw = tok.String()
			}
		}
		b.WriteString(raw)
	}
}

// attributes replaces in a tag's attributes, and tells whether anything was.
func (w *words) attributes(tok *html.Token) bool {
	changed := false
	kept := tok.Attr[:0]
	for _, a := range tok.Attr {
		was := a.Val
		switch a.Key {
		case "href", "src", "cite", "poster", "data-src":
			a.Val = w.linkURL(a.Val)
		case "data-author":
			a.Val = w.name(a.Val)
		case "alt", "title":
			a.Val = w.named(w.text(a.Val))
		}
		changed = changed || a.Val != was
		if a.Val != "" || was == "" {
			kept = append(kept, a)
		}
	}
	tok.Attr = kept
	return changed
}

// html looks through a cleaned fragment: its addresses and names of who is
// quoted as fields, its text as text.
func (o *Originals) html(fragment string, add func(what, trace string)) {
	z := html.NewTokenizer(strings.NewReader(fragment))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			o.text(z.Token().Data, add)
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range z.Token().Attr {
				switch a.Key {
				case "href", "src", "cite", "poster", "data-src":
					o.link(a.Val, FoundLink, add)
				case "data-author":
					o.person("author", a.Val, add)
				default:
					o.text(a.Val, add)
				}
			}
		}
	}
}
