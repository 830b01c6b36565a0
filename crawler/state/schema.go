package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
)

// SchemaVersion is the newest schema that this program knows.
const SchemaVersion = 7

// migrations gives the steps of the schema: step n leads from version n to n+1.
// A step that was released is never edited.
func migrations() []string {
	return []string{schema1, schema2, schemaRuns, schemaSequences, schemaCoding, schemaParents, schemaSkips}
}

const sqlTableExists = `SELECT count(*) FROM sqlite_master WHERE type='table' AND name='meta'`

// querier is what migrate needs of a connection.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaOf reads the schema's version; 0 means an empty file.
func schemaOf(ctx context.Context, q querier) (int, error) {
	var n int
	if err := q.QueryRowContext(ctx, sqlTableExists).Scan(&n); err != nil || n == 0 {
		return 0, wrap(err, "reading the schema")
	}
	var v string
	err := q.QueryRowContext(ctx, sqlMeta, "schema").Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errors.New("reading the schema: its version is missing: this is not a state of forumine")
	}
	if err != nil {
		return 0, fmt.Errorf("reading the schema: %w", err)
	}
	version, err := strconv.Atoi(v)
	return version, wrap(err, "reading the schema's version")
}

// checkSchema refuses a schema that this program cannot use.
func checkSchema(version int) error {
	if version > SchemaVersion {
		return fmt.Errorf("%w: its schema is version %d, this program knows versions up to %d: use a newer forumine or another data folder",
			ErrNewer, version, SchemaVersion)
	}
	return nil
}

// migrate brings the schema up to date, one transaction a step.
func migrate(ctx context.Context, q querier) error {
	version, err := schemaOf(ctx, q)
	if err != nil {
		return err
	}
	if err := checkSchema(version); err != nil {
		return err
	}
	steps := migrations()
	for v := version; v < len(steps); v++ {
		if err := step(ctx, q, steps[v], v+1); err != nil {
			return fmt.Errorf("bringing the schema to version %d: %w", v+1, err)
		}
	}
	return nil
}

func step(ctx context.Context, q querier, script string, version int) error {
	if _, err := q.ExecContext(ctx, sqlBegin); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx, script)
	if err == nil {
		_, err = q.ExecContext(ctx, sqlSetMeta, "schema", strconv.Itoa(version))
	}
	if err == nil {
		_, err = q.ExecContext(ctx, sqlCommit)
	}
	if err != nil {
		_, undo := q.ExecContext(context.WithoutCancel(ctx), sqlRollback)
		return errors.Join(err, undo)
	}
	return nil
}

// schema1 is the first schema. All times are µs since 1970, 0 for none.
//
// urls.state: 0 ready, 1 waiting for due_at, 2 leased, 3 settled. A lane is one
// site on one slot; has_ready may be stale when 1 and is never stale when 0.
const schema1 = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE sites (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  engine TEXT NOT NULL, engine_version TEXT NOT NULL, lang TEXT NOT NULL,
  facts TEXT NOT NULL, facts_version INTEGER NOT NULL, start_urls TEXT NOT NULL
);
CREATE TABLE aliases (alias TEXT PRIMARY KEY, site INTEGER NOT NULL REFERENCES sites) WITHOUT ROWID;

CREATE TABLE slots (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  next_at INTEGER NOT NULL DEFAULT 0, next_wait INTEGER NOT NULL DEFAULT 0,
  paused_until INTEGER NOT NULL DEFAULT 0, pause_wait INTEGER NOT NULL DEFAULT 0, pause_reason TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0, token INTEGER NOT NULL DEFAULT 0,
  robots BLOB, robots_at INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE lanes (
  id INTEGER PRIMARY KEY, slot INTEGER NOT NULL REFERENCES slots, site INTEGER NOT NULL REFERENCES sites,
  ready_at INTEGER NOT NULL DEFAULT 0, has_ready INTEGER NOT NULL DEFAULT 0,
  UNIQUE (slot, site)
);
CREATE INDEX lanes_ready ON lanes (ready_at, id) WHERE has_ready = 1;
CREATE INDEX lanes_site ON lanes (site, ready_at, id) WHERE has_ready = 1;

CREATE TABLE urls (
  id INTEGER PRIMARY KEY, site INTEGER NOT NULL REFERENCES sites, key TEXT NOT NULL,
  url TEXT NOT NULL, kind TEXT NOT NULL, lane INTEGER NOT NULL REFERENCES lanes,
  state INTEGER NOT NULL, prior INTEGER NOT NULL DEFAULT 0, priority INTEGER NOT NULL,
  due_at INTEGER NOT NULL, due_wait INTEGER NOT NULL DEFAULT 0,
  token INTEGER NOT NULL DEFAULT 0, lease_until INTEGER NOT NULL DEFAULT 0,
  depth INTEGER NOT NULL, parent TEXT NOT NULL, page INTEGER NOT NULL,
  wanted TEXT NOT NULL, signature TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '', status INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
  final_url TEXT NOT NULL DEFAULT '', page_kind TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,
  etag TEXT NOT NULL DEFAULT '', last_modified TEXT NOT NULL DEFAULT '', body_hash TEXT NOT NULL DEFAULT '',
  posts INTEGER NOT NULL DEFAULT 0,
  content_at INTEGER NOT NULL DEFAULT 0, seen_at INTEGER NOT NULL DEFAULT 0, settled_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (site, key)
);
CREATE INDEX urls_ready ON urls (lane, priority DESC, due_at, id) WHERE state = 0;
CREATE INDEX urls_waiting ON urls (due_at) WHERE state = 1;
CREATE INDEX urls_waiting_site ON urls (site, due_at) WHERE state = 1;
CREATE INDEX urls_leased ON urls (lease_until) WHERE state = 2;
CREATE INDEX urls_parent ON urls (site, parent, page) WHERE parent <> '';

CREATE TABLE files (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE captures (
  file INTEGER NOT NULL REFERENCES files, position INTEGER NOT NULL, ref TEXT NOT NULL,
  page INTEGER NOT NULL REFERENCES urls, observed_at INTEGER NOT NULL, outcome TEXT NOT NULL,
  extractor INTEGER NOT NULL, facts_version INTEGER NOT NULL,
  PRIMARY KEY (file, position)
) WITHOUT ROWID;
CREATE INDEX captures_page ON captures (page, observed_at);

CREATE TABLE documents (
  id INTEGER PRIMARY KEY, docid BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
  site TEXT NOT NULL DEFAULT '', parent TEXT NOT NULL DEFAULT '', author TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 0, retracted INTEGER NOT NULL DEFAULT 0,
  digest TEXT NOT NULL DEFAULT '', content TEXT NOT NULL DEFAULT '', summary BLOB,
  published_at INTEGER NOT NULL DEFAULT 0, first_seen_at INTEGER NOT NULL DEFAULT 0,
  changed_at INTEGER NOT NULL DEFAULT 0, last_seen_at INTEGER NOT NULL DEFAULT 0,
  missing_since INTEGER NOT NULL DEFAULT 0, missed_at INTEGER NOT NULL DEFAULT 0,
  content_at INTEGER NOT NULL DEFAULT 0, extractor INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX documents_parent ON documents (parent, kind) WHERE parent <> '';
CREATE INDEX documents_author ON documents (author, published_at) WHERE kind = 'post' AND author <> '' AND retracted = 0;
CREATE TABLE bodies (document INTEGER PRIMARY KEY REFERENCES documents, body BLOB NOT NULL);

CREATE TABLE contributions (
  id INTEGER PRIMARY KEY, page INTEGER NOT NULL REFERENCES urls, document INTEGER NOT NULL REFERENCES documents,
  ord INTEGER NOT NULL, rank INTEGER NOT NULL, observed_at INTEGER NOT NULL,
  extractor INTEGER NOT NULL, facts_version INTEGER NOT NULL, body BLOB NOT NULL,
  UNIQUE (page, document, ord)
);
CREATE INDEX contributions_document ON contributions (document, observed_at);
CREATE TABLE dirty_authors (document INTEGER PRIMARY KEY);

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL UNIQUE REFERENCES documents,
  version INTEGER NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE dead_letters (
  document INTEGER PRIMARY KEY REFERENCES documents, version INTEGER NOT NULL,
  reason TEXT NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL
);

CREATE TABLE gap_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE page_gaps (
  page INTEGER NOT NULL REFERENCES urls, gap INTEGER NOT NULL REFERENCES gap_names, n INTEGER NOT NULL,
  PRIMARY KEY (page, gap)
) WITHOUT ROWID;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL
);
CREATE TABLE run_counts (
  run INTEGER NOT NULL REFERENCES runs, name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (run, name)
) WITHOUT ROWID;
`

// schema2 plans visits. feed_at and visit_at are when a settled URL is to be
// looked at again, as a source of news or by the audit lane, 0 for no plan;
// every is the interval that the plan was made with. shown_at is when a listing
// last brought another signature; walk_at the start of the walk over a listing
// that asked for its page; audited says that the audit lane asked; deaths counts
// the processes that ended with the URL in hand; viewer is who saw the content,
// doubtful that it may not have been all.
//
// Pages that were settled before are spread over thirty days.
const schema2 = `
ALTER TABLE urls ADD COLUMN shown_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN walk_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN audited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN feed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN visit_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN every INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN viewer TEXT NOT NULL DEFAULT '';
ALTER TABLE urls ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;
UPDATE urls SET every = 30 * 86400000000, visit_at = settled_at + (id * 7919 % 30 + 1) * 86400000000
WHERE state = 3 AND content_at > 0 AND (kind = 'thread' OR kind = 'board' AND page > 1);
CREATE INDEX urls_visit ON urls (site, visit_at) WHERE visit_at <> 0;
CREATE INDEX urls_feed ON urls (site, kind, parent, page) WHERE kind IN ('index', 'board');

ALTER TABLE slots ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slots ADD COLUMN struck_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slots ADD COLUMN gap INTEGER NOT NULL DEFAULT 0;

CREATE TABLE listings (
  site INTEGER NOT NULL REFERENCES sites, parent TEXT NOT NULL,
  pass_at INTEGER NOT NULL DEFAULT 0, whole INTEGER NOT NULL DEFAULT 0, sorted INTEGER NOT NULL DEFAULT 0,
  ordered_at INTEGER NOT NULL DEFAULT 0, disordered_at INTEGER NOT NULL DEFAULT 0, full_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, parent)
) WITHOUT ROWID;
CREATE TABLE passes (
  site INTEGER NOT NULL REFERENCES sites, parent TEXT NOT NULL,
  started_at INTEGER NOT NULL, running INTEGER NOT NULL, missed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, parent)
) WITHOUT ROWID;
CREATE TABLE spent (
  site INTEGER NOT NULL REFERENCES sites, day INTEGER NOT NULL, requests INTEGER NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY (site, day)
) WITHOUT ROWID;
`

// schemaSequences numbers documents by their latest delivery. What was delivered before
// is numbered in the order of its versions, below everything that the outbox will
// still give out: each of these documents has passed through it.
const schemaSequences = `
ALTER TABLE documents ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
UPDATE documents SET sequence = n.sequence
FROM (SELECT id, row_number() OVER (ORDER BY version, id) AS sequence FROM documents WHERE version > 0) n WHERE n.id = documents.id;
CREATE INDEX documents_sequence ON documents (sequence);
`

// schemaCoding changes no table: from here on bodies are stored in a coding that
// programs before it cannot read.
const schemaCoding = `UPDATE meta SET value = value WHERE name = 'schema'`

// schemaParents leaves the index of parents to the pages whose keys do not begin with
// their parent's name: the others are found by their keys, and a link that is found
// lands anywhere in one index less.
const schemaParents = `
DROP INDEX IF EXISTS urls_parent;
CREATE INDEX IF NOT EXISTS urls_odd ON urls (site, parent) WHERE parent <> '' AND key <> parent AND substr(key, 1, length(parent) + 1) <> parent || '/';
`

// schemaSkips puts the pages whose addresses tell how many posts or rows they skip in
// order by that: what stood there was a guess at their number.
const schemaSkips = `
UPDATE urls SET page = 1 + CAST(substr(key, length(parent) + 3) AS INTEGER)
WHERE kind IN ('thread', 'board') AND parent <> '' AND substr(key, 1, length(parent) + 2) = parent || '/s' AND substr(key, length(parent) + 3) GLOB '[0-9]*';
`
