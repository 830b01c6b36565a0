package dom

import (
	"forumine/extract/forum"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// image records a picture, writes a character that stands as a picture, and
// lets smilies go: they yield nothing.
func (r *bodyReader) image(n *html.Node, p Part) {
	alt := Attr(n, "alt")
	if isSmiley(n) {
		if isPictograph(alt) {
			r.writeText(alt)
		}
		return
	}
	src := r.doc.Picture(n)
	if p.Attachment != nil {
		r.attach(p.Attachment)
	}
	if src == "" {
		return
	}
	r.html.void("img", "src", src, "alt", alt)
	if r.quoteDepth == 0 {
		r.out.Media = append(r.out.Media, forum.Media{Kind: "image", URL: src})
	}
}

// Picture is the address of an image, absolute, also where lazy loaders move it
// aside; "" for none.
func (d *Document) Picture(n *html.Node) string {
	for _, key := range [...]string{"data-src", "data-url", "data-original", "data-lazy-src", "src"} {
		if src := d.Resolve(Attr(n, key)); src != "" {
			return src
		}
	}
	return ""
}

// isSmiley tells pictures that stand for a mood or a character, by the words
// that engines and their add-ons use for them.
func isSmiley(n *html.Node) bool {
	class := strings.ToLower(Attr(n, "class"))
	for _, w := range [...]string{"smil", "emoji", "emoticon"} {
		if strings.Contains(class, w) {
			return true
		}
	}
	src := strings.ToLower(Attr(n, "src"))
	for _, w := range [...]string{"/smilies/", "/smileys/", "/smiles/", "/emoticons/", "/emoji/", "/emojis/", "/smilie/", "/twemoji"} {
		if strings.Contains(src, w) {
			return true
		}
	}
	return Attr(n, "data-shortname") != "" || strings.HasPrefix(src, "data:image/gif") && Attr(n, "data-src") == "" && Attr(n, "data-url") == ""
}

// isPictograph tells a character (an emoji) from a name (":smile:", "wink").
func isPictograph(alt string) bool {
	if alt == "" || utf8.RuneCountInString(alt) > 12 {
		return false
	}
	for _, r := range alt {
		if r < 0x80 && r != '#' && r != '*' && (r < '0' || r > '9') {
			return false
		}
	}
	r, _ := utf8.DecodeRuneInString(alt)
	return r >= 0x203c || r < 0x80 || r == 0xa9 || r == 0xae
}

func (r *bodyReader) embed(n *html.Node) {
	src := ""
	for _, key := range [...]string{"data-src", "src", "data"} {
		if src = r.doc.Resolve(Attr(n, key)); src != "" {
			break
		}
	}
	if src == "" {
		if s := Find(n, selSource); s != nil {
			src = r.doc.Resolve(Attr(s, "src"))
		}
	}
	if src == "" || r.quoteDepth > 0 {
		return
	}
	m := forum.Media{Kind: "embed", URL: src}
	m.Provider, m.ID = provider(src)
	switch {
	case n.DataAtom == atom.Audio:
		m.Kind = "audio"
	case n.DataAtom == atom.Video || m.ID != "":
		m.Kind = "video"
	}
	r.out.Media = append(r.out.Media, m)
}

var selSource = Sel("source[src]")

// provider names a player's host and the medium's id there.
func provider(src string) (name, id string) {
	u, err := url.Parse(src)
	if err != nil {
		return "", ""
	}
	name, _, _ = strings.Cut(Domain(src), ".")
	last := path.Base(u.Path)
	switch name {
	case "youtube", "youtube-nocookie", "youtu":
		return "youtube", last
	case "vimeo", "dailymotion", "streamable":
		return name, last
	}
	return name, ""
}
