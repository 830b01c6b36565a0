package scrub

import (
	"encoding/json"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// markup rewrites HTML token by token, so that everything stands where it
// stood: unclosed elements and misnested ones included. Comments go.
func (s *Scrubber) markup(source string) string {
	w := markupWriter{s: s, z: html.NewTokenizer(strings.NewReader(source))}
	for w.next() {
	}
	return w.out.String()
}

type markupWriter struct {
	s   *Scrubber
	z   *html.Tokenizer
	out strings.Builder
	raw string // the element whose raw text follows
	tag html.Token
}

func (w *markupWriter) next() bool {
	kind := w.z.Next()
	if kind == html.ErrorToken {
		return false
	}
	switch kind {
	case html.DoctypeToken:
		w.out.Write(w.z.Raw())
	case html.TextToken:
		w.text()
	case html.EndTagToken:
		w.raw = ""
		w.out.WriteString("</" + w.z.Token().Data + ">")
	case html.StartTagToken, html.SelfClosingTagToken:
		t := w.z.Token()
		w.open(t, kind == html.SelfClosingTagToken)
	}
	return true
}

func (w *markupWriter) open(t html.Token, closed bool) {
	w.raw = ""
	switch t.Data {
	case "script", "style", "iframe", "noembed", "noframes", "xmp", "plaintext":
		w.raw = t.Data
	case "noscript":
		w.z.NextIsNotRawText() // what readers without scripts see is content
	}
	w.tag = t
	w.out.WriteByte('<')
	w.out.WriteString(t.Data)
	for _, a := range t.Attr {
		value, keep := w.s.attr(t, a)
		if !keep {
			continue
		}
		w.out.WriteByte(' ')
		w.out.WriteString(a.Key)
		if value != "" || a.Val != "" {
			w.out.WriteString(`="` + html.EscapeString(value) + `"`)
		}
	}
	if closed {
		w.out.WriteString(" /")
	}
	w.out.WriteByte('>')
}

func (w *markupWriter) text() {
	switch w.raw {
	case "":
		w.out.WriteString(w.s.entities(string(w.z.Raw())))
	case "script":
		w.out.WriteString(w.s.script(w.tag, string(w.z.Raw())))
	case "style":
		w.out.WriteString(w.s.css(string(w.z.Raw())))
	case "xmp", "plaintext":
		w.out.WriteString(w.s.text(string(w.z.Raw())))
	}
}

// entities replaces text that is written with character references.
func (s *Scrubber) entities(raw string) string {
	if trimmed := strings.TrimSpace(raw); len(trimmed) > 80 && isJSON(trimmed) { // an answer that a browser has saved as a page
		if out, ok := s.json(html.UnescapeString(raw)); ok {
			return html.EscapeString(out)
		}
	}
	return html.EscapeString(s.text(html.UnescapeString(raw)))
}

// script keeps the data that engines read from scripts: JSON with its values
// replaced, a post's data that is assigned to a variable, the addresses,
// the ids and the page size that a script declares. The rest goes.
func (s *Scrubber) script(t html.Token, raw string) string {
	kind := strings.ToLower(attrOf(t, "type"))
	if strings.Contains(kind, "json") || attrOf(t, "id") == "ajaxify-data" || attrOf(t, "id") == "flarum-json-payload" {
		out, ok := s.json(strings.TrimSpace(raw))
		if !ok {
			return ""
		}
		return strings.ReplaceAll(out, "</", `<\/`)
	}
	if kind != "" && !strings.Contains(kind, "javascript") && kind != "module" {
		return ""
	}
	if out, ok := s.assigned(raw); ok {
		return out
	}
	if out, ok := s.handedOver(raw); ok {
		return out
	}
	if out, ok := s.laidOut(raw); ok {
		return out
	}
	return s.declared(raw)
}

var (
	reAssigned = regexp.MustCompile(`([A-Za-z]\w*_)(\d+) = \{`)
	reDeclared = regexp.MustCompile(`(?i)([\w.$]*(?:\[['"])?[\w.$]*(?:url|base|root|home)\w*["']?\]?\s*[:=]\s*["'])((?:https?:)?(?:\\?/){2}[^"'\s<>]+)(["'])|"postsPerPage":\s*"?\d{1,4}"?`)
	// The ids that a script declares ("ipb.topic.forum_id = 12").
	reNumbered = regexp.MustCompile(`(?i)([\w.$]*(?:topic|thread|forum|board|discussion)_?id\s*[:=]\s*["']?)(\d+)(["']?)`)
	// The likes that Invision 3 tells its scripts alone.
	reRated = regexp.MustCompile(`(domLikeStripId:\s*'like_[a-z_]*?)(\d+)'[^}]*\}\s*,\s*parseInt\(\s*'(\d+)'`)
)

// assigned keeps "post_data_12 = {…}".
func (s *Scrubber) assigned(raw string) (string, bool) {
	m := reAssigned.FindStringSubmatchIndex(raw)
	end := strings.LastIndexByte(raw, '}')
	if m == nil || end < m[1] {
		return "", false
	}
	out, ok := s.json(raw[m[1]-1 : end+1])
	if !ok {
		return "", false
	}
	return raw[m[2]:m[3]] + s.digits(raw[m[4]:m[5]], asID) + " = " + strings.ReplaceAll(out, "</", `<\/`) + ";", true
}

// reHandedOver are the calls by which old versions of Discourse and Flarum hand
// their data to their scripts.
var reHandedOver = regexp.MustCompile(`(PreloadStore\.store\(\s*["'][a-zA-Z_/.-]*)(\d*)(["']\s*,\s*)|app\.load\(`)

// handedOver keeps `PreloadStore.store("topic_12", {…})` and `app.load({…})`.
func (s *Scrubber) handedOver(raw string) (string, bool) {
	var out []string
	for _, m := range reHandedOver.FindAllStringSubmatchIndex(raw, 100) {
		var value json.RawMessage
		if err := json.NewDecoder(strings.NewReader(raw[m[1]:])).Decode(&value); err != nil {
			continue
		}
		data, ok := s.json(string(value))
		if !ok {
			continue
		}
		call := raw[m[0]:m[1]]
		if m[2] >= 0 {
			call = raw[m[2]:m[3]] + s.digits(raw[m[4]:m[5]], asID) + raw[m[6]:m[7]]
		}
		out = append(out, call+strings.ReplaceAll(data, "</", `<\/`)+");")
	}
	return strings.Join(out, "\n"), len(out) > 0
}

// reLaidOut is the variable in which newer Vanilla hands over what its scripts lay
// the page out from.
var reLaidOut = regexp.MustCompile(`window\[?\.?['"]?vanillaInitialLayout['"]?\]?\s*=\s*`)

// laidOut keeps `window["vanillaInitialLayout"] = {…}`.
func (s *Scrubber) laidOut(raw string) (string, bool) {
	m := reLaidOut.FindStringIndex(raw)
	if m == nil {
		return "", false
	}
	var value json.RawMessage
	if err := json.NewDecoder(strings.NewReader(raw[m[1]:])).Decode(&value); err != nil {
		return "", false
	}
	out, ok := s.json(string(value))
	return raw[m[0]:m[1]] + strings.ReplaceAll(out, "</", `<\/`) + ";", ok
}

func (s *Scrubber) declared(raw string) string {
	var out []string
	for _, m := range reDeclared.FindAllStringSubmatch(raw, 40) {
		if m[2] == "" {
			out = append(out, m[0])
			continue
		}
		out = append(out, m[1]+s.link(strings.ReplaceAll(m[2], `\/`, "/"))+m[3])
	}
	for _, m := range reNumbered.FindAllStringSubmatch(raw, 40) {
		out = append(out, m[1]+s.digits(m[2], asID)+m[3]+";")
	}
	for _, m := range reRated.FindAllStringSubmatch(raw, 40) {
		out = append(out, m[1]+s.digits(m[2], asID)+"' }, parseInt('"+s.counter(m[3])+"');")
	}
	return strings.Join(out, "\n")
}

var (
	reCSSComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	reCSSURL     = regexp.MustCompile(`(?i)url\(\s*(["']?)([^"')]*)["']?\s*\)`)
	reCSSString  = regexp.MustCompile(`(content\s*:\s*)(["'])([^"'\\]*)["']`)
)

// css drops comments and replaces addresses and shown strings.
func (s *Scrubber) css(raw string) string {
	raw = reCSSComment.ReplaceAllString(raw, "")
	raw = reCSSURL.ReplaceAllStringFunc(raw, func(m string) string {
		p := reCSSURL.FindStringSubmatch(m)
		return "url(" + p[1] + s.link(p[2]) + p[1] + ")"
	})
	return reCSSString.ReplaceAllStringFunc(raw, func(m string) string {
		p := reCSSString.FindStringSubmatch(m)
		return p[1] + p[2] + s.text(p[3]) + p[2]
	})
}
