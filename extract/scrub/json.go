package scrub

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// json replaces the values of embedded data one by one. The text around them,
// order and white space included, stays. False says that it is no JSON.
func (s *Scrubber) json(raw string) (string, bool) {
	if !json.Valid([]byte(raw)) {
		return "", false
	}
	w := jsonWriter{s: s, raw: raw}
	w.value("")
	w.space()
	return w.out.String(), true
}

// jsonWriter walks valid JSON.
type jsonWriter struct {
	s   *Scrubber
	raw string
	at  int
	out strings.Builder
}

func (w *jsonWriter) space() {
	for w.at < len(w.raw) && strings.IndexByte(" \t\r\n", w.raw[w.at]) >= 0 {
		w.take()
	}
}

func (w *jsonWriter) take() {
	w.out.WriteByte(w.raw[w.at])
	w.at++
}

func (w *jsonWriter) value(key string) {
	w.space()
	switch c := w.raw[w.at]; {
	case c == '{':
		w.object(key)
	case c == '[':
		w.list(key)
	case c == '"':
		w.put(w.s.jsonString(key, w.str()))
	case c == '-' || c >= '0' && c <= '9':
		w.number(key)
	default:
		for w.at < len(w.raw) && w.raw[w.at] >= 'a' && w.raw[w.at] <= 'z' {
			w.take()
		}
	}
}

// object replaces an object's values.
func (w *jsonWriter) object(of string) {
	w.take()
	for w.space(); w.raw[w.at] != '}'; w.space() {
		key := w.str()
		w.put(w.s.jsonKey(key))
		w.space()
		w.take() // colon
		w.value(keyWithin(of, key))
		w.comma()
	}
	w.take()
}

// keyWithin is the key by which a value is replaced. What stands in a template
// is the program's, its name too (NodeBB); the ids in a summary are kinds of
// what readers did (Discourse); the class of a tag is its name (NodeBB).
func keyWithin(of, key string) string {
	switch {
	case of == "template":
		return of
	case of == "actions_summary" && key == "id":
		return "action_type"
	case of == "tags" && key == "class":
		return "value"
	}
	return key
}

func (w *jsonWriter) list(key string) {
	w.take()
	for w.space(); w.raw[w.at] != ']'; w.space() {
		w.value(key)
		w.comma()
	}
	w.take()
}

func (w *jsonWriter) comma() {
	w.space()
	if w.raw[w.at] == ',' {
		w.take()
	}
}

// str reads a string.
func (w *jsonWriter) str() string {
	end := w.at + 1
	for w.raw[end] != '"' {
		if w.raw[end] == '\\' {
			end++
		}
		end++
	}
	var out string
	_ = json.Unmarshal([]byte(w.raw[w.at:end+1]), &out) // valid as a whole: valid here
	w.at = end + 1
	return out
}

// put writes a string. Within a page signs of HTML are escaped, as they could
// end the script that the data stands in.
func (w *jsonWriter) put(v string) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(!w.s.answer)
	if err := enc.Encode(strings.ToValidUTF8(v, "\uFFFD")); err != nil {
		b.Reset()
		b.WriteString(`""`)
	}
	w.out.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func (w *jsonWriter) number(key string) {
	end := w.at
	for end < len(w.raw) && strings.IndexByte("+-.0123456789eE", w.raw[end]) >= 0 {
		end++
	}
	n := w.raw[w.at:end]
	w.at = end
	sign := ""
	if n[0] == '-' {
		sign, n = "-", n[1:]
	}
	if whole, rest, _ := strings.Cut(n, "."); isDigits(whole) && (rest == "" || isDigits(rest)) {
		n = w.s.digits(whole, keyRole(key)) + n[len(whole):]
	}
	w.out.WriteString(sign + n)
}

// jsonKey replaces keys that are ids or names.
func (s *Scrubber) jsonKey(key string) string {
	switch {
	case isDigits(key):
		return s.digits(key, asAny)
	case strings.Contains(key, "://"):
		return s.link(key)
	case strings.ContainsAny(key, " ") || !isASCII(key):
		return s.text(key)
	case s.slugs[strings.ToLower(key)] && !s.tables.address[strings.ToLower(key)] && !s.stays(strings.ToLower(key)):
		return s.mixed(key, false)
	}
	return key
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Keys whose values are words of the program's own.
var programKeys = setOf(`@type @context type template archetype action_code status reaction reaction_type icon color text_color flair_icon flair_url flair_bg_color
event cardtype trust default_view default_top_period encodingformat format mimetype mediatype state visibility locale lang inlanguage filter sort bgcolor background
notification_level topic_id_type data-type style display uploaded_name_type interactiontype availability section_type datatype error_type embedtype icon:bgcolor icon:text admin moderator
$reactcomponent recordtype layoutviewtype layoutid
subfolder_list_style category_setting_format sort_order sort_ascending version classname class imageclass`)

// Keys whose values are slugs: words without spaces.
var slugKeys = setOf(`slug userslug category_slug topic_slug titleslug parentslug group_slug primary_group_name flair_name selectedgroup`)

func (s *Scrubber) jsonString(key, v string) string {
	lower := strings.ToLower(key)
	trimmed := strings.TrimSpace(v)
	switch {
	case trimmed == "" || programKeys[lower] && !strings.Contains(trimmed, " ") && (lower == "template" || !strings.Contains(trimmed, "/")):
		return v
	case trimmed[0] == '{' || trimmed[0] == '[':
		if out, ok := s.json(v); ok {
			return out
		}
	case isDigits(trimmed):
		return s.digits(trimmed, keyRole(lower))
	case strings.HasSuffix(lower, "mediatype") || strings.HasSuffix(lower, "mimetype"):
		return v
	case lower == "bodyclass":
		return s.classes(v)
	case strings.Contains(v, "@") && !strings.ContainsAny(v, " <>&/"):
		return s.text(v)
	case (lower == "id" || lower == "emoji") && reProgramID.MatchString(trimmed) && !s.slugs[trimmed] && !s.isContent(trimmed):
		return v
	case slugKeys[lower] && !strings.Contains(trimmed, " "):
		if id, rest, ok := strings.Cut(v, "/"); ok && isDigits(id) {
			return s.digits(id, asID) + "/" + s.path(rest, "")
		}
		return s.path(v, "")
	}
	switch {
	case strings.Contains(v, "<") && strings.Contains(v, ">"):
		return s.markup(v)
	case isLink(trimmed) || (strings.HasSuffix(lower, "url") || lower == "href" || lower == "@id" || lower == "path" || lower == "picture" || lower == "avatar_template") && !strings.Contains(trimmed, " "):
		return s.link(v)
	case html.UnescapeString(v) != v:
		return s.entities(v)
	}
	return s.text(v)
}

// reProgramID is an id that is a program's own word: "heart", "+1".
var reProgramID = regexp.MustCompile(`^[a-z+-][a-z_+1-]{0,20}$`)

// isLink tells addresses from text.
func isLink(v string) bool {
	if strings.ContainsAny(v, " \n\t<>") || len(v) < 2 {
		return false
	}
	for _, p := range [...]string{"http://", "https://", "//", "/", "./", "../", "mailto:", "data:", "?", "www."} {
		if strings.HasPrefix(v, p) && v != p {
			return true
		}
	}
	return false
}
