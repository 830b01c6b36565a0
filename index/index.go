// Package index turns what pages say into documents and delivers them.
//
// Its steps: Contributions cuts a page into what it says of each post, thread
// and author; Folder folds a document's contributions into its body; Sender
// takes documents from the outbox to a Sink and settles each by its verdict.
// The sinks (package local, package elastic) are siblings that know nothing of
// one another.
package index

import (
	"context"
	"errors"

	"forumine/extract/forum"
)

// Document is one document on its way to a Sink.
type Document struct {
	ID      string // first 40 hex digits of sha256 of Key
	Kind    forum.DocKind
	Key     string // "site|kind|native id"
	Version int64  // external version: a greater one always wins
	Seq     int64  // delivery sequence of the outbox
	Body    []byte // one JSON object without line breaks

	// Rewrites is set for a revision whose words are withheld: it takes the place of
	// what the index holds, while any other revision is stored once and stays.
	Rewrites bool
}

// Result is what became of one delivered document.
type Result string

// The results of a delivery.
const (
	Stored  Result = "stored"  // durable in the index
	Stale   Result = "stale"   // the index holds this version or a newer one: counts as acknowledged
	Retry   Result = "retry"   // not now: pressure or an outage
	Refused Result = "refused" // never: the document goes to the dead letters
)

// Verdict is the result of one document, in the order of delivery.
type Verdict struct {
	ID      string
	Version int64
	Result  Result
	Reason  string // for Retry and Refused: what the index said
}

// ErrUnavailable is wrapped by a Sink whose whole delivery failed for a cause
// that may pass: connection refused, overload, a server that is starting.
var ErrUnavailable = errors.New("index unavailable")

// ErrStop is wrapped by a Sink when going on is pointless until a person acts:
// a refused password, a missing index, a server that is not Elasticsearch.
var ErrStop = errors.New("index refuses delivery")

// Sink stores documents. Deliver gives one verdict a document in the same
// order; an error means that no verdict is known for any of them. Delivering a
// document again is harmless.
type Sink interface {
	Deliver(ctx context.Context, docs []Document) ([]Verdict, error)
	Close() error
}
