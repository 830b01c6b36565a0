package xfurl

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/forum"
)

// Forums may call their routes by words of their own ("chatter/slug.12/" in the
// place of "threads/slug.12/"). Which word leads to what is told by the pages: a
// row's link leads to its thread whatever it looks like.

// Routes makes an engine one whose forums may rename their routes.
type Routes struct{}

// standard is the program's own word for a kind of page.
func standard(kind forum.Kind) string {
	if kind == forum.KindBoard {
		return "forums"
	}
	return "threads"
}

// OwnWord is the word that a forum uses in an address which leads to a thread or
// board of that id, where the grammar does not know it; else "".
func (Routes) OwnWord(address string, kind forum.Kind, id string) string {
	u, err := url.Parse(address)
	if err != nil || id == "" {
		return ""
	}
	for _, text := range []string{u.EscapedPath(), "/" + u.RawQuery} {
		m := ownWord.FindStringSubmatch(text)
		if m == nil || !strings.HasSuffix(m[2], "."+id) || kindBefore(m[1], m[2]) != "" {
			continue
		}
		return m[1]
	}
	return ""
}

// ownWord is a word before a slug with an id.
var ownWord = regexp.MustCompile(`/([^/.?&=]+)/([^/?&]*\.\d+)(?:/(?:page-\d+)?)?$`)

// Own maps a link of a forum with words of its own: words gives the kind of page
// that each leads to before a slug with an id.
func (Routes) Own(u *url.URL, words map[string]forum.Kind, canonical func(*url.URL) (forum.Link, bool)) (forum.Link, bool) {
	out := *u
	path, from, to := exchange(u.EscapedPath(), words)
	if from == "" {
		out.RawQuery, from, to = exchange(u.RawQuery, words)
	} else if decoded, err := url.PathUnescape(path); err == nil {
		out.Path, out.RawPath = decoded, path
	}
	l, ok := canonical(&out)
	if ok && from != "" {
		l.URL = strings.Replace(l.URL, to, from, 1)
	}
	return l, ok
}

// exchange puts the program's word in the place of the forum's own, and gives both
// with the slug behind them; "" where there is none.
func exchange(text string, words map[string]forum.Kind) (changed, own, program string) {
	steps := strings.Split(text, "/")
	for i := len(steps) - 2; i >= 0; i-- {
		kind, ok := words[steps[i]]
		if !ok || !slugID.MatchString(steps[i+1]) {
			continue
		}
		own = steps[i] + "/" + steps[i+1]
		steps[i] = standard(kind)
		return strings.Join(steps, "/"), own, steps[i] + "/" + steps[i+1]
	}
	return text, "", ""
}
