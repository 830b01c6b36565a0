package index

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

	"forumine/extract/forum"
)

// Held is what an index holds of one document. Body is nil unless asked for.
type Held struct {
	Version int64
	Body    []byte
}

// Holder is an index that tells what it holds. Retracted documents count.
type Holder interface {
	// Held gives what is held of the documents with these ids, by id; a document
	// that is not held is absent.
	Held(ctx context.Context, kind forum.DocKind, ids []string, bodies bool) (map[string]Held, error)
	// Total counts the documents of a kind that belong to a site.
	Total(ctx context.Context, kind forum.DocKind, site string) (int64, error)
}

// Fault is how an index and what was delivered to it differ in one document.
type Fault string

// The faults that Compare finds.
const (
	FaultMissing Fault = "missing" // the index does not hold it
	FaultOlder   Fault = "older"   // it holds an older version
	FaultNewer   Fault = "newer"   // it holds a version that was never made here
	FaultBody    Fault = "differs" // the version is right, the body is another
)

// Difference is one document with a fault.
type Difference struct {
	Document Document
	Fault    Fault
	Held     int64 // version in the index; 0 when missing
}

// Compare holds a batch of documents of one kind, as the state has them, against
// an index. Bodies are compared where body says so. A revision carries no version
// in an index: it is there or not.
func Compare(ctx context.Context, h Holder, kind forum.DocKind, docs []Document, body func(Document) bool) ([]Difference, error) {
	var withBody, without []string
	for _, d := range docs {
		if body(d) {
			withBody = append(withBody, d.ID)
		} else {
			without = append(without, d.ID)
		}
	}
	held := map[string]Held{}
	for _, part := range []struct {
		ids    []string
		bodies bool
	}{{withBody, true}, {without, false}} {
		if len(part.ids) == 0 {
			continue
		}
		found, err := h.Held(ctx, kind, part.ids, part.bodies)
		if err != nil {
			return nil, fmt.Errorf("reading what the index holds: %w", err)
		}
		maps.Copy(held, found)
	}
	var out []Difference
	for _, d := range docs {
		got, ok := held[d.ID]
		if fault := faultOf(d, got, ok); fault != "" {
			out = append(out, Difference{Document: d, Fault: fault, Held: got.Version})
		}
	}
	return out, nil
}

func faultOf(d Document, got Held, ok bool) Fault {
	switch {
	case !ok:
		return FaultMissing
	case d.Kind == forum.DocRevision && got.Body == nil:
		return ""
	case d.Kind != forum.DocRevision && got.Version < d.Version:
		return FaultOlder
	case d.Kind != forum.DocRevision && got.Version > d.Version:
		return FaultNewer
	case got.Body != nil && !sameJSON(d.Body, got.Body):
		return FaultBody
	}
	return ""
}

// sameJSON tells whether two JSON texts say the same. An index keeps a body as it
// was sent, but an operator's pipeline may have written it anew.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err := decodeJSON(a)
	if err != nil {
		return false
	}
	y, err := decodeJSON(b)
	return err == nil && reflect.DeepEqual(x, y)
}

// decodeJSON keeps numbers as they are written.
func decodeJSON(b []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}
