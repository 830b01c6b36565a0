package local

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"forumine/index/query"
)

// schemaVersion numbers the tables, the tokens in them and the set of fields.
// Any change of these needs a new number: files of another number are refused
// and rebuilt by `forumine reindex`.
const schemaVersion = 1

// applicationID marks the file as a forumine index ("fmix").
const applicationID = 0x666d6978

// column is a column of the full-text table: the places of a document that it
// holds, and its weight in the ranking.
type column struct {
	name   string
	paths  []string
	weight float64
}

// textColumns are the columns of the full-text table in its order. The last one
// holds keywords and flags, which do not rank.
func textColumns() []column {
	return []column{
		{"body", []string{"body.text"}, 1},
		{"title", []string{"title", "thread.title"}, 2},
		{"quoted", []string{"body.quoted_text"}, 1},
		{"code", []string{"body.code"}, 1},
		{"spoiler", []string{"body.spoiler_text"}, 1},
		{"signature", []string{"signature.text"}, 1},
		{"about", []string{"about"}, 1},
		{"name", []string{"author.name"}, 1},
		{"file", []string{"attachments.filename"}, 1},
		{factsColumn, nil, 0},
	}
}

const factsColumn = "facts"

// rangeFields are the fields that compare by size or time: a column each.
func rangeFields() []query.Field {
	var fields []query.Field
	for _, f := range query.Fields() {
		if f.Type == query.NumberField || f.Type == query.DateField {
			fields = append(fields, f)
		}
	}
	return fields
}

// rangeColumn is the column of a number or date field.
func rangeColumn(field string) string { return "f_" + strings.ReplaceAll(field, ".", "_") }

// ddl is the whole schema. Rows are kept narrow: the JSON lies in a table of
// its own, so that a filter by number or date reads little.
func ddl() []string {
	var ranges, texts []string
	for _, f := range rangeFields() {
		ranges = append(ranges, rangeColumn(f.Name)+" NUMERIC")
	}
	for _, c := range textColumns() {
		texts = append(texts, c.name)
	}
	return []string{
		`CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
		`CREATE TABLE docs (
			n INTEGER PRIMARY KEY,
			id TEXT NOT NULL UNIQUE,
			key TEXT NOT NULL,
			kind TEXT NOT NULL,
			version INTEGER NOT NULL,
			hidden INTEGER NOT NULL,
			thread_key TEXT,
			` + strings.Join(ranges, ",\n\t\t\t") + `)`,
		`CREATE INDEX docs_key ON docs (key)`,
		`CREATE INDEX docs_thread ON docs (thread_key, f_position) WHERE thread_key IS NOT NULL`,
		`CREATE INDEX docs_date ON docs (f_date)`,
		`CREATE TABLE bodies (n INTEGER PRIMARY KEY, json TEXT NOT NULL)`,
		`CREATE VIRTUAL TABLE words USING fts5(` + strings.Join(texts, ", ") + `, content='', contentless_delete=1, tokenize='ascii')`,
		fmt.Sprintf(`PRAGMA application_id = %d`, applicationID),
		fmt.Sprintf(`PRAGMA user_version = %d`, schemaVersion),
	}
}

// prepare creates the schema in an empty file and checks it in any other.
func (x *Index) prepare(ctx context.Context) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var tables int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		return checkVersion(ctx, tx)
	}
	for _, statement := range ddl() {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func checkVersion(ctx context.Context, q querier) error {
	var app, version int
	if err := q.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&app); err != nil {
		return err
	}
	if err := q.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	switch {
	case app != applicationID:
		return fmt.Errorf("%w: %s is another program's database: move it away and run `forumine reindex`", ErrVersion, FileName)
	case version > schemaVersion:
		return fmt.Errorf("%w: %s was written by a newer forumine (version %d, this program reads %d): update forumine, or delete the file and run `forumine reindex`", ErrVersion, FileName, version, schemaVersion)
	case version < schemaVersion:
		return fmt.Errorf("%w: %s was written by an older forumine (version %d, this program reads %d): delete the file and run `forumine reindex`", ErrVersion, FileName, version, schemaVersion)
	}
	return nil
}

// StartRebuild empties the index and marks it as being rebuilt, in one
// transaction.
func (x *Index) StartRebuild(ctx context.Context) error {
	return x.explain("emptying the index", x.inWrite(ctx, func(tx *sql.Tx) error {
		return execAll(ctx, tx,
			`DELETE FROM docs`, `DELETE FROM bodies`,
			`INSERT INTO words (words) VALUES ('delete-all')`,
			`INSERT OR REPLACE INTO meta VALUES ('rebuilding', '1')`)
	}))
}

// FinishRebuild removes the mark of StartRebuild.
func (x *Index) FinishRebuild(ctx context.Context) error {
	return x.explain("finishing the index", x.inWrite(ctx, func(tx *sql.Tx) error {
		return execAll(ctx, tx, `DELETE FROM meta WHERE name = 'rebuilding'`)
	}))
}

// Rebuilding tells whether a rebuild was started and has not finished: results
// are then incomplete.
func (x *Index) Rebuilding(ctx context.Context) (bool, error) {
	var marks int
	err := x.read.QueryRowContext(ctx, `SELECT count(*) FROM meta WHERE name = 'rebuilding'`).Scan(&marks)
	return marks > 0, x.explain("reading the index", err)
}

func execAll(ctx context.Context, tx *sql.Tx, statements ...string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
