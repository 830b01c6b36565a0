package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// errMessage marks a block that is no HTTP message.
var errMessage = errors.New("not an HTTP message")

// responseBlock writes the response as an HTTP/1.1 message. net/http hands over
// a map of headers, so their order is rebuilt: sorted, which makes equal
// responses equal bytes.
func (e Exchange) responseBlock() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %03d %s\r\n", textProto(e.Proto), e.Status, e.StatusText)
	h := e.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Del("Transfer-Encoding")
	if !e.bodyless() {
		h.Set("Content-Length", strconv.Itoa(len(e.Body)))
	}
	writeHeader(&b, h)
	b.WriteString("\r\n")
	b.Write(e.Body)
	return b.Bytes()
}

// bodyless tells whether Content-Length speaks of a body that was not sent
// (RFC 9110 section 8.6): then it stays as the server wrote it.
func (e Exchange) bodyless() bool {
	return len(e.Body) == 0 && (e.Method == http.MethodHead || e.Status < 200 ||
		e.Status == http.StatusNoContent || e.Status == http.StatusNotModified)
}

func (e Exchange) requestBlock() ([]byte, error) {
	u, err := url.Parse(e.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExchange, err)
	}
	h := e.RequestHeader.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("Host") == "" {
		h.Set("Host", u.Host)
	}
	method := e.Method
	if method == "" {
		method = http.MethodGet
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s %s\r\n", method, u.RequestURI(), textProto(e.Proto))
	writeHeader(&b, h)
	b.WriteString("\r\n")
	return b.Bytes(), nil
}

// textProto is the version for the message's text: HTTP/2 and later have no
// text form and are written as HTTP/1.1, with the truth in WARC-Protocol.
func textProto(proto string) string {
	if strings.HasPrefix(proto, "HTTP/1.") {
		return proto
	}
	return "HTTP/1.1"
}

// protocolID is the value of WARC-Protocol for what textProto cannot say.
func protocolID(proto string) string {
	switch {
	case strings.HasPrefix(proto, "HTTP/2"):
		return "h2"
	case strings.HasPrefix(proto, "HTTP/3"):
		return "h3"
	}
	return ""
}

func protoOf(ids []string, written string) string {
	switch {
	case slices.Contains(ids, "h2"), slices.Contains(ids, "h2c"):
		return "HTTP/2.0"
	case slices.Contains(ids, "h3"):
		return "HTTP/3.0"
	}
	return written
}

func writeHeader(b *bytes.Buffer, h http.Header) {
	keys := make([]string, 0, len(h))
	for k := range h {
		if isToken(k) && !secret(k) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		for _, v := range h[k] {
			fmt.Fprintf(b, "%s: %s\r\n", k, oneLine(v))
		}
	}
}

// oneLine keeps a header value from ending its line.
func oneLine(v string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(v))
}

// isToken tells whether s can be a header's name (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// message is an HTTP message taken apart: its first line, header and body.
type message struct {
	start  string
	header http.Header
	body   []byte
}

// parseMessage is lenient as archives need it: LF alone ends a line, folded
// lines are joined, lines that are no header are passed over. Body is a part of
// block, not a copy.
func parseMessage(block []byte) message {
	line, rest := cutLine(block)
	header, body := parseHeader(rest)
	return message{start: line, header: header, body: body}
}

func cutLine(b []byte) (line string, rest []byte) {
	raw, rest, _ := bytes.Cut(b, []byte("\n"))
	return string(bytes.TrimSuffix(raw, []byte("\r"))), rest
}

// parseHeader reads header lines up to the blank line and gives what follows.
func parseHeader(b []byte) (http.Header, []byte) {
	h := http.Header{}
	last := ""
	for len(b) > 0 {
		var line string
		line, b = cutLine(b)
		if line == "" {
			return h, b
		}
		if (line[0] == ' ' || line[0] == '\t') && last != "" {
			values := h[last]
			values[len(values)-1] = strings.TrimSpace(values[len(values)-1] + " " + strings.TrimSpace(line))
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if last = ""; !ok || !isToken(name) {
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(name)
		h[last] = append(h[last], strings.TrimSpace(value))
	}
	return h, nil
}

// setResponse fills e from the block of a response record.
func (e *Exchange) setResponse(block []byte) error {
	m := parseMessage(block)
	proto, rest, _ := strings.Cut(m.start, " ")
	if !strings.HasPrefix(proto, "HTTP/") {
		return fmt.Errorf("%w: it begins with %.40q", errMessage, m.start)
	}
	code, text, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 100 || status > 999 {
		return fmt.Errorf("%w: status line %.60q", errMessage, m.start)
	}
	e.Proto, e.Status, e.StatusText = proto, status, strings.TrimSpace(text)
	e.Header, e.Body = withoutSecrets(m.header), m.body
	e.unchunk()
	e.noteShort()
	return nil
}

// unchunk removes a transfer coding that the archiving tool left in the block.
// Some tools remove the coding and keep its header: a body that does not begin
// as chunks do is taken as it is.
func (e *Exchange) unchunk() {
	coding := e.Header.Get("Transfer-Encoding")
	if coding == "" {
		return
	}
	e.Header.Del("Transfer-Encoding")
	if !strings.Contains(strings.ToLower(coding), "chunked") || !beginsChunked(e.Body) {
		return
	}
	body, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(e.Body)))
	if err != nil && e.Truncated == "" {
		e.Truncated = TruncatedUnspecified
	}
	e.Body = body
	e.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// beginsChunked tells whether b starts with a chunk's size line (RFC 9112
// section 7.1).
func beginsChunked(b []byte) bool {
	line, _ := cutLine(b[:min(len(b), 256)])
	size, _, _ := strings.Cut(line, ";")
	_, err := strconv.ParseUint(strings.TrimSpace(size), 16, 63)
	return err == nil
}

// noteShort marks a body that is shorter than its response announced, where the
// announcement can be of this body: a tool that decoded it may have kept the
// coded length.
func (e *Exchange) noteShort() {
	want, err := strconv.ParseInt(e.Header.Get("Content-Length"), 10, 64)
	if err != nil || e.Truncated != "" || len(e.Body) == 0 || e.Header.Get("Content-Encoding") != "" {
		return
	}
	if int64(len(e.Body)) < want {
		e.Truncated = TruncatedUnspecified
	}
}

// setRequest fills the request's side of e from the block of a request record.
func (e *Exchange) setRequest(block []byte) {
	m := parseMessage(block)
	method, _, _ := strings.Cut(m.start, " ")
	if !isToken(method) {
		return
	}
	e.Method, e.RequestHeader = method, withoutSecrets(m.header)
}

// withoutSecrets drops from h what other tools have stored.
func withoutSecrets(h http.Header) http.Header {
	maps.DeleteFunc(h, func(k string, _ []string) bool { return secret(k) })
	return h
}
