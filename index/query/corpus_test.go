package query_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"forumine/index/query"
)

// record is one line of testdata/search/documents.jsonl.
type record struct {
	ID, Kind, Key string
	Version       int64
	Body          json.RawMessage
}

func loadRecords(t testing.TB) []record {
	t.Helper()
	f, err := os.Open("../../testdata/search/documents.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var records []record
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return records
}

func loadQueries(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("../../testdata/search/queries.txt")
	if err != nil {
		t.Fatal(err)
	}
	var queries []string
	for line := range strings.SplitSeq(string(b), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line != "" && !strings.HasPrefix(line, "#") {
			queries = append(queries, line)
		}
	}
	return queries
}

func decode(t testing.TB, body []byte) map[string]any {
	t.Helper()
	doc, err := query.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
