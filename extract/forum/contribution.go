package forum

import (
	"encoding/json"
	"time"
)

// DocKind is the kind of a delivered document.
type DocKind string

// The document kinds. A revision is an older version of a post.
const (
	DocPost     DocKind = "post"
	DocThread   DocKind = "thread"
	DocAuthor   DocKind = "author"
	DocRevision DocKind = "revision"
)

// DocRef names a document. Key is its readable form, "site|kind|native id"
// (kind is post, thread, user or guest); the document's id is a hash of it.
type DocRef struct {
	Kind DocKind
	Key  string
}

// Source ranks of a contribution: where fields disagree at the same moment of
// observation, the greater rank wins.
const (
	RankCard    = 10 // an author's card beside a post, a last-post cell
	RankListing = 20 // a board listing's row
	RankPage    = 30 // the document's own page
)

// Contribution is what one page says of one document. A document is the
// deterministic fold of its contributions, whatever order they came in.
type Contribution struct {
	Doc          DocRef
	Page         string          // canonical key of the page within its site
	Rank         int             // RankCard, RankListing or RankPage
	ObservedAt   time.Time       // strictly rising within one state database, µs
	Extractor    int             // Extract.Version of the reading
	FactsVersion int             // Facts.Version that the reading used
	Body         json.RawMessage // fields, in a shape that only the fold reads
	Read         any             // Body as the fold would read it, where it was made in this process; never stored
}
