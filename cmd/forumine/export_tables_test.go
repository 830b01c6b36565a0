package main

import (
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/index/tables"
)

// hashes are those of the files of a folder.
func hashes(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	noError(t, err)
	out := map[string]string{}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		noError(t, err)
		out[e.Name()] = fmt.Sprintf("%x", sha256.Sum256(raw))
	}
	return out
}

// exportSet writes a data set and gives the hashes of its files.
func exportSet(t *testing.T, data, format string, more ...string) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	succeed(t, append([]string{"export", "--data", data, "--format", format, "--out", dir}, more...)...)
	return hashes(t, dir)
}

// A data set as of a time is the same bytes after the forum, and the data folder,
// have gone on: edits, a new and a deleted post, new counters.
func TestDataSetIsFrozen(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; nothing here is concurrent")
	}
	t.Parallel()
	d := newDaily(t)
	thread := strings.TrimPrefix(d.url, "http://") + "|thread|42"
	var ids []int
	d.crawl(func() { ids = d.posts()[thread] })
	at := "--as-of=" + d.now.Add(time.Hour).Format(time.RFC3339)
	before := map[string]map[string]string{}
	for _, format := range tables.Formats() {
		before[format] = exportSet(t, d.dir, format, at)
		if now := exportSet(t, d.dir, format); now["posts."+format] != before[format]["posts."+format] || now["authors."+format] != before[format]["authors."+format] {
			t.Errorf("%s: what is folded again differs from what is stored", format)
		}
	}
	pages := succeed(t, "export", "--data", d.dir, "--format", "warc", at)
	noError(t, d.forum.Edit(ids[3], "Said otherwise.", demoNow.Add(time.Hour)))
	noError(t, d.forum.Delete(ids[5]))
	for range 4 {
		d.now = d.now.Add(2 * 24 * time.Hour)
		_, err := d.forum.AddReply(42, "Hester Quill", "Noted.", d.now.Add(-time.Hour))
		noError(t, err)
		d.crawl(func() {})
	}
	for _, format := range tables.Formats() {
		if after := exportSet(t, d.dir, format, at); !maps.Equal(before[format], after) {
			t.Errorf("%s: the data set as of then has changed: %v, %v", format, before[format], after)
		}
		if now := exportSet(t, d.dir, format); now["posts."+format] == before[format]["posts."+format] {
			t.Errorf("%s: the data set as of now has not changed", format)
		}
	}
	if after := succeed(t, "export", "--data", d.dir, "--format", "warc", at); headless(t, after) != headless(t, pages) || len(pages) < 10_000 {
		t.Errorf("the captures as of then are %d bytes, and were %d", len(after), len(pages))
	}
	if now := succeed(t, "export", "--data", d.dir, "--format", "warc"); headless(t, now) == headless(t, pages) {
		t.Error("the captures as of now are those of then")
	}
	middle := strings.Count(succeed(t, "export", "--data", d.dir, "--kind", "post", "--as-of", demoNow.Add(7*24*time.Hour).Format(time.RFC3339)), `"body":{"text":"Noted."`)
	differ(t, "replies as of a week later", middle, 3)
}

// headless is a WARC file without its first record, which says when it was written.
func headless(t *testing.T, warc string) string {
	t.Helper()
	raw, err := gzip.NewReader(strings.NewReader(warc))
	noError(t, err)
	all, err := io.ReadAll(raw)
	noError(t, err)
	_, rest, _ := strings.Cut(string(all), "\r\n\r\nWARC/1.1\r\n")
	return rest
}

// The same pages, taken in by two machines at two times, give the same bytes.
func TestDataSetIsTheSameOnTwoMachines(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; nothing here is concurrent")
	}
	t.Parallel()
	_, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url)
	warc := filepath.Join(t.TempDir(), "all.warc.gz")
	succeed(t, "export", "--data", data, "--format", "warc", "--out", warc)
	var first map[string]string
	for range 2 {
		folder := t.TempDir()
		succeed(t, "import", warc, "--data", folder)
		for _, format := range tables.Formats() {
			got := exportSet(t, folder, format, "--as-of", "2100-01-01")
			if first == nil {
				first = map[string]string{}
			}
			for name, hash := range got {
				if want, ok := first[format+name]; ok && want != hash {
					t.Errorf("%s differs", name)
				}
				first[format+name] = hash
			}
		}
	}
	differ(t, "files", len(first), 12)
}

// pandas and DuckDB read the tables back as they were written: rows, types,
// nulls, texts with line ends and quotation marks.
func TestPandasAndDuckDBReadTables(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.CommandContext(t.Context(), python, "-c", "import pandas, pyarrow, duckdb").Run() != nil {
		t.Skip("needs python3 with the packages pandas, pyarrow and duckdb (pip install pandas pyarrow duckdb) on the path")
	}
	t.Parallel()
	f, url := serveDemo(t)
	if _, err := f.AddReply(42, "Hester Quill", "One \"two\",\nthree; ünï çödé 🜚", demoNow.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	crawlLocal(t, data, url)
	dir := t.TempDir()
	for _, format := range tables.Formats() {
		succeed(t, "export", "--data", data, "--format", format, "--out", filepath.Join(dir, format))
	}
	truth := f.Truth()
	const code = `
import sys, json, pandas as pd, duckdb
d = sys.argv[1]
for name in ["posts", "threads", "authors", "quotes"]:
    csv = pd.read_csv(f"{d}/csv/{name}.csv", low_memory=False)
    pq = pd.read_parquet(f"{d}/parquet/{name}.parquet")
    a = duckdb.sql(f"from read_csv('{d}/csv/{name}.csv', all_varchar=true)").arrow().read_all()
    b = duckdb.sql(f"from '{d}/parquet/{name}.parquet'").arrow().read_all()
    assert a.column_names == b.column_names, name
    assert list(csv.columns) == list(pq.columns), name
    assert len(csv) == len(pq) == len(a) == len(b), (name, len(csv), len(pq), len(a), len(b))
    print(name, len(pq))
posts = pd.read_parquet(f"{d}/parquet/posts.parquet")
csv = pd.read_csv(f"{d}/csv/posts.csv", low_memory=False)
assert str(posts.published_at.dtype).startswith("datetime64[us, UTC"), posts.published_at.dtype
assert (pd.to_datetime(csv.published_at, utc=True, format="ISO8601") == posts.published_at).all()
assert (csv.body_text.fillna("").str.replace("\r\n", "\n") == posts.body_text.fillna("").str.replace("\r\n", "\n")).all()
assert posts.edited_at.isna().any() and posts.edited_at.notna().any()
assert list(posts.forum_breadcrumbs.iloc[0]) == json.loads(csv.forum_breadcrumbs.iloc[0])
types = dict(duckdb.sql(f"select column_name, column_type from (describe select * from '{d}/parquet/posts.parquet')").fetchall())
assert types["published_at"] == "TIMESTAMP WITH TIME ZONE" and types["post_position"] == "BIGINT" and types["post_is_first"] == "BOOLEAN" and types["forum_breadcrumbs"] == "VARCHAR[]", types
text = duckdb.sql(f"select body_text from '{d}/parquet/posts.parquet' where contains(body_text, 'ünï')").fetchall()
print(repr(text[0][0]))
`
	script := filepath.Join(dir, "read.py")
	noError(t, os.WriteFile(script, []byte(code), 0o600))
	out, err := exec.CommandContext(t.Context(), python, script, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	differ(t, "posts", lines[0], "posts "+strconv.Itoa(len(truth.Posts)))
	if text := lines[4]; !strings.Contains(text, `"two"`) || !strings.Contains(text, "ünï çödé 🜚") {
		t.Errorf("the text: %s", text)
	}
}
