package dom

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/saintfish/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// decode turns a body into UTF-8 text: by byte order mark, HTTP header, meta
// element, then by sniffing. Declarations are held against the bytes: a body
// that is plainly UTF-8 is read as UTF-8 whatever it says of itself, and one
// that says UTF-8 and plainly is not is sniffed.
func decode(body []byte, contentType string) (text, name string, err error) {
	declared := declaredCharset(body, contentType)
	if declared == "utf-16le" || declared == "utf-16be" || declared == "utf-16" {
		return decodeAs(body, declared)
	}
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return toValid(body[3:]), "utf-8", nil
	}
	runes, broken := countUTF8(body)
	switch {
	case broken == 0 && (runes >= proof(declared) || runes == 0 || declared == "" || declared == "utf-8"):
		if runes == 0 && isEscaped(declared) {
			return decodeAs(body, declared)
		}
		return string(body), "utf-8", nil
	case declared == "utf-8" && broken*20 <= runes:
		return toValid(body), "utf-8", nil // a few torn bytes in a UTF-8 page
	case declared == "utf-8" || declared == "":
		return decodeAs(body, sniff(body))
	}
	return decodeAs(body, declared)
}

// proof is how many characters must be well-formed UTF-8, none being malformed,
// to outweigh another declaration: next to none where every byte is a character
// of its own, more where pairs of bytes look alike.
func proof(declared string) int {
	if strings.HasPrefix(declared, "windows-") || strings.HasPrefix(declared, "iso-8859") || strings.HasPrefix(declared, "koi8") || strings.HasPrefix(declared, "mac") {
		return 2
	}
	return 8
}

// isEscaped tells encodings whose text consists of ASCII bytes only.
func isEscaped(name string) bool { return strings.HasPrefix(name, "iso-2022") || name == "hz-gb-2312" }

// declaredCharset is the name that the bytes or the header give, in its
// canonical form, or "". BOMs of UTF-16 win (Encoding Standard §6).
func declaredCharset(body []byte, contentType string) string {
	if bytes.HasPrefix(body, []byte("\xff\xfe")) {
		return "utf-16le"
	}
	if bytes.HasPrefix(body, []byte("\xfe\xff")) {
		return "utf-16be"
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		if name := canonicalCharset(params["charset"]); name != "" {
			return name
		}
	}
	return metaCharset(body)
}

// metaCharset looks for a charset in the first KiBs of the page, where the
// meta element stands.
func metaCharset(body []byte) string {
	head := body[:min(len(body), 4096)]
	for {
		i := indexCharset(head)
		if i < 0 {
			return ""
		}
		rest := bytes.TrimLeft(head[i+len("charset"):], " \t\r\n")
		head = head[i+len("charset"):]
		if len(rest) == 0 || rest[0] != '=' {
			continue
		}
		value := bytes.TrimLeft(rest[1:], " \t\r\n\"'")
		end := bytes.IndexAny(value, " \t\r\n\"';/>")
		if end < 0 {
			return ""
		}
		if name := canonicalCharset(string(value[:end])); name != "" {
			if strings.HasPrefix(name, "utf-16") {
				return "utf-8" // a page that could be read so far is not UTF-16 (HTML §13.2.3.2)
			}
			return name
		}
	}
}

// indexCharset is where the word "charset" stands first, whatever its case.
func indexCharset(b []byte) int {
	const word = "charset"
	for i := 0; i+len(word) <= len(b); i++ {
		if b[i]|0x20 == 'c' && bytes.EqualFold(b[i:i+len(word)], []byte(word)) {
			return i
		}
	}
	return -1
}

func canonicalCharset(label string) string {
	label = strings.Trim(strings.TrimSpace(label), "\"'")
	if label == "" {
		return ""
	}
	if _, name := charset.Lookup(label); name != "" {
		return name
	}
	return ""
}

// countUTF8 counts the multi-byte characters of a body and its bytes that are
// not UTF-8. A sequence cut by the end of the body counts as neither.
func countUTF8(body []byte) (runes, broken int) {
	for len(body) > 0 {
		if n := asciiLen(body); n > 0 {
			body = body[n:]
			continue
		}
		r, size := utf8.DecodeRune(body)
		switch {
		case r != utf8.RuneError || size > 1:
			runes++
		case len(body) < utf8.UTFMax && !utf8.FullRune(body):
			return runes, broken
		default:
			broken++
		}
		body = body[size:]
	}
	return runes, broken
}

// asciiLen is how many ASCII bytes a body starts with.
func asciiLen(body []byte) int {
	i := 0
	for ; i+8 <= len(body); i += 8 {
		if binary.LittleEndian.Uint64(body[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for i < len(body) && body[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// sniff guesses the encoding of a body that says nothing true of itself.
func sniff(body []byte) string {
	result, err := chardet.NewHtmlDetector().DetectBest(body)
	if err != nil {
		return "windows-1252"
	}
	if result.Charset == "GB-18030" { // chardet's own spelling
		return "gb18030"
	}
	if name := canonicalCharset(result.Charset); name != "" && !strings.HasPrefix(name, "utf-") {
		return name
	}
	return "windows-1252"
}

func decodeAs(body []byte, name string) (string, string, error) {
	enc, err := lookup(name)
	if err != nil {
		return "", "", fmt.Errorf("%w: charset %q is not known", ErrUnreadable, name)
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return "", "", fmt.Errorf("%w: decoding %s: %w", ErrUnreadable, name, err)
	}
	return toValid(out), name, nil
}

func lookup(name string) (encoding.Encoding, error) {
	if enc, canonical := charset.Lookup(name); canonical != "" {
		return enc, nil
	}
	return htmlindex.Get(name)
}

func toValid(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
