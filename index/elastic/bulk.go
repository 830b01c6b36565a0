package elastic

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/extract/forum"
	"forumine/index"
)

// maxDocument is the greatest body that is worth sending: half of the smallest
// http.max_content_length that a default installation has (100 MB).
const maxDocument = 50 << 20

// action is the first line of a bulk item.
type action struct {
	Index *target `json:"index,omitempty"`
	// Create takes no external version, so only documents that do not change by
	// themselves use it.
	Create *target `json:"create,omitempty"`
}

type target struct {
	Index       string `json:"_index"`
	ID          string `json:"_id"`
	Version     *int64 `json:"version,omitempty"`
	VersionType string `json:"version_type,omitempty"`
}

// item is one document as the bulk API reads it: an action and a body, a line
// each. at is its place in the delivery.
type item struct {
	at    int
	id    string
	lines []byte
}

// encode makes the lines of a document. Its error is a reason to refuse the
// document, for it could never be stored.
func (c *Client) encode(at int, d index.Document, into map[forum.DocKind]string) (item, error) {
	body, err := oneLine(d.Body)
	if err != nil {
		return item{}, err
	}
	name := into[d.Kind]
	if into == nil {
		name = c.alias(d.Kind)
	}
	switch {
	case name == "":
		return item{}, fmt.Errorf("there is no index for documents of kind %q", d.Kind)
	case d.ID == "":
		return item{}, errors.New("the id is empty")
	case !utf8.ValidString(d.ID):
		return item{}, errors.New("the id is not UTF-8")
	case d.Version < 0:
		return item{}, fmt.Errorf("version %d is negative", d.Version)
	}
	a := action{Index: &target{Index: name, ID: d.ID, Version: &d.Version, VersionType: "external"}}
	if d.Kind == forum.DocRevision && !d.Rewrites {
		a = action{Create: &target{Index: name, ID: d.ID}}
	}
	head, err := json.Marshal(a)
	if err != nil {
		return item{}, fmt.Errorf("writing the action: %w", err)
	}
	lines := make([]byte, 0, len(head)+len(body)+2)
	lines = append(append(lines, head...), '\n')
	lines = append(append(lines, body...), '\n')
	return item{at: at, id: d.ID, lines: lines}, nil
}

// oneLine is a JSON object without line breaks: a break would end the item and
// turn the rest of the request into nonsense.
func oneLine(body []byte) ([]byte, error) {
	if len(body) > maxDocument {
		return nil, fmt.Errorf("the body has %d bytes, more than %d", len(body), maxDocument)
	}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 || trimmed[0] != '{' || !json.Valid(trimmed) {
		return nil, errors.New("the body is not a JSON object")
	}
	if bytes.IndexByte(trimmed, '\n') < 0 && bytes.IndexByte(trimmed, '\r') < 0 {
		return trimmed, nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, trimmed); err != nil {
		return nil, fmt.Errorf("writing the body on one line: %w", err)
	}
	return b.Bytes(), nil
}

// pack is the gzipped body of a request. It is made anew for each one and never
// reused: a server that answers before it has read everything leaves the HTTP
// client reading the body after the answer.
func pack(items []item) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("packing documents: %w", err)
	}
	for _, it := range items {
		if _, err := z.Write(it.lines); err != nil {
			return nil, fmt.Errorf("packing documents: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("packing documents: %w", err)
	}
	return b.Bytes(), nil
}

// bulk sends one request. Items go through aliases, so that a missing alias is
// an error and not an index with guessed mappings; a migration alone names the
// indices that it has made.
func (c *Client) bulk(ctx context.Context, items []item, aliasOnly bool) (answer, error) {
	body, err := pack(items)
	if err != nil {
		return answer{}, err
	}
	return c.do(ctx, esapi.BulkRequest{
		Body:         bytes.NewReader(body),
		RequireAlias: &aliasOnly,
		FilterPath:   []string{"items.*._id", "items.*.status", "items.*.error"},
		Header: http.Header{
			"Content-Type":     {ndjsonType},
			"Content-Encoding": {"gzip"},
		},
	})
}

// cause is Elasticsearch's account of a failure.
type cause struct {
	Type     string  `json:"type"`
	Reason   string  `json:"reason"`
	CausedBy *cause  `json:"caused_by"`
	Root     []cause `json:"root_cause"`
}

func (c *cause) String() string {
	if c == nil {
		return "no reason given"
	}
	s := c.Type + ": " + c.Reason
	if c.CausedBy != nil && c.CausedBy.Reason != "" {
		s += " (" + c.CausedBy.Type + ": " + c.CausedBy.Reason + ")"
	}
	return excerpt(s, 600)
}

// failure reads the cause out of an answer that is not 2xx; nil when the answer
// holds none.
func (a answer) failure() *cause {
	var w struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(a.body, &w) != nil || len(w.Error) == 0 {
		return nil
	}
	var c cause
	if json.Unmarshal(w.Error, &c) == nil && c.Type != "" {
		return &c
	}
	var s string
	if json.Unmarshal(w.Error, &s) == nil {
		return &cause{Type: "error", Reason: s}
	}
	return nil
}

// why is the failure of an answer as text.
func (a answer) why() string {
	if f := a.failure(); f != nil {
		return fmt.Sprintf("status %d, %s", a.status, f)
	}
	if len(a.body) == 0 {
		return fmt.Sprintf("status %d", a.status)
	}
	return fmt.Sprintf("status %d, %q", a.status, a.text())
}
