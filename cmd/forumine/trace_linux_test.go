package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"forumine/crawler/archive"
)

// call is one system call on a file of the data folder.
type call struct {
	name string // pwrite64, ftruncate, fsync, unlink
	file string // within the data folder
	data []byte // of a write
	at   int64  // offset of a write, length of a cut
	over bool   // of a sync: it has returned
}

// traced is a file as the trace has it: what was written, and how much of that
// a sync has returned for. What lies beyond may or may not survive the machine.
type traced struct {
	calls   []call
	synced  int // calls that are durable
	syncing int // calls that the sync under way covers
}

// content gives the file after its first n calls; false when it is not there.
func (f *traced) content(n int) ([]byte, bool) {
	var b []byte
	there := false
	for _, c := range f.calls[:n] {
		switch c.name {
		case "unlink":
			b, there = nil, false
			continue
		case "ftruncate":
			b = append(b, make([]byte, max(0, c.at-int64(len(b))))...)[:c.at]
		case "pwrite64":
			end := c.at + int64(len(c.data))
			b = append(b, make([]byte, max(0, end-int64(len(b))))...)
			copy(b[c.at:], c.data)
		}
		there = true
	}
	return b, there
}

var (
	reCall    = regexp.MustCompile(`^(\d+) +(pwrite64|ftruncate|fsync|fdatasync)\(\d+<([^>]*)>(?:, "([^"]*)"(?:, \d+)?)?(?:, (\d+))?`)
	reUnlink  = regexp.MustCompile(`^(\d+) +unlink(?:at)?\((?:AT_FDCWD<[^>]*>, )?"([^"]*)"`)
	reResumed = regexp.MustCompile(`^(\d+) +<\.\.\. (fsync|fdatasync) resumed>`)
)

// readTrace gives the calls on files below a folder, in order. A sync comes
// twice: where it begins, and where it has returned.
func readTrace(t *testing.T, name, folder string) []call {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var calls []call
	waiting := map[string]call{} // syncs under way, by thread
	lines := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return calls
		}
		if m := reResumed.FindStringSubmatch(line); m != nil {
			if c, ok := waiting[m[1]]; ok {
				calls = append(calls, c)
				delete(waiting, m[1])
			}
			continue
		}
		thread, c, ok := parseCall(t, line, folder)
		if !ok {
			continue
		}
		calls = append(calls, c)
		if c.name != "fsync" {
			continue
		}
		c.over = true
		if strings.Contains(line, "<unfinished") {
			waiting[thread] = c
			continue
		}
		calls = append(calls, c)
	}
}

func parseCall(t *testing.T, line, folder string) (thread string, c call, ok bool) {
	t.Helper()
	path, data := "", ""
	switch m, u := reCall.FindStringSubmatch(line), reUnlink.FindStringSubmatch(line); {
	case m != nil:
		thread, c.name, path, data = m[1], strings.Replace(m[2], "fdata", "f", 1), m[3], m[4]
		c.at, _ = strconv.ParseInt(m[5], 10, 64)
	case u != nil:
		thread, c.name, path = u[1], "unlink", u[2]
	default:
		return "", c, false
	}
	rel, err := filepath.Rel(folder, string(unhex(t, path)))
	if err != nil || strings.HasPrefix(rel, "..") {
		return "", c, false
	}
	c.file, c.data = rel, unhex(t, data)
	return thread, c, true
}

// unhex reads strace's form of a string, which is \x and two digits a byte.
func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		t.Fatalf("reading the trace: %v in %.80s", err, s)
	}
	return b
}

// powerCut is a data folder as a trace builds it up.
type powerCut struct {
	t     *testing.T
	files map[string]*traced
	dir   string
	looks int
}

func (r *powerCut) apply(c call) {
	if c.name == "fsync" && (c.file == "." || c.file == "archive") {
		r.removals(c)
		return
	}
	f := r.files[c.file]
	if f == nil {
		f = &traced{}
		r.files[c.file] = f
	}
	switch {
	case c.name != "fsync":
		f.calls = append(f.calls, c)
	case c.over:
		f.synced = max(f.synced, f.syncing)
	default:
		f.syncing = len(f.calls)
	}
}

// removals makes what a folder has lost durable once the folder is synced.
func (r *powerCut) removals(c call) {
	for name, f := range r.files {
		last := len(f.calls) - 1
		if c.over && filepath.Dir(name) == c.file && last >= 0 && f.calls[last].name == "unlink" {
			f.synced = len(f.calls)
		}
	}
}

// lay puts files down as the trace has them: all that was written, or what is
// durable alone.
func (r *powerCut) lay(durable bool, belongs func(name string) bool) {
	for name, f := range r.files {
		if !belongs(name) || strings.HasSuffix(name, "-shm") { // shared memory: rebuilt when it is not there
			continue
		}
		n := len(f.calls)
		if durable {
			n = f.synced
		}
		path := filepath.Join(r.dir, name)
		b, there := f.content(n)
		if !there {
			_ = os.Remove(path)
			continue
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
}

func ofArchive(name string) bool { return strings.HasPrefix(name, "archive") }
func ofState(name string) bool   { return strings.HasPrefix(name, "state.db") }
func ofIndex(name string) bool   { return strings.HasPrefix(name, "index.db") }

// documentsIn gives the versions of documents by their ids, of a database that
// may not have come into being yet.
func (r *powerCut) documentsIn(file, query string) map[string]int64 {
	out := map[string]int64{}
	r.rows(file, query, func(rows *sql.Rows) error {
		var id string
		var version int64
		err := rows.Scan(&id, &version)
		out[strings.ToLower(id)] = version
		return err
	})
	return out
}

func (r *powerCut) rows(file, query string, each func(*sql.Rows) error) {
	r.t.Helper()
	path := filepath.Join(r.dir, file)
	if st, err := os.Stat(path); err != nil || st.Size() == 0 {
		return
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=locking_mode(exclusive)")
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(r.t.Context(), query)
	if err != nil {
		if strings.Contains(err.Error(), "no such table") {
			return
		}
		r.t.Fatalf("%s: %v", file, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			r.t.Fatalf("%s: %v", file, err)
		}
	}
	if err := rows.Err(); err != nil {
		r.t.Fatalf("%s: %v", file, err)
	}
}

// look takes the power away at this point of the trace, in the two ways that
// could show a step out of order: the state keeps everything and what comes
// before and after it what is durable alone; and the other way round.
func (r *powerCut) look(at int) {
	r.t.Helper()
	r.looks++
	r.lay(true, func(name string) bool { return ofArchive(name) || ofIndex(name) })
	r.lay(false, ofState)
	r.capturesAreThere(at)
	delivered := r.documentsIn("state.db", `SELECT hex(docid), version FROM documents WHERE version > 0 AND id NOT IN (SELECT document FROM outbox)`)
	indexed := r.documentsIn("index.db", `SELECT id, version FROM docs`)
	for id, version := range delivered {
		if indexed[id] < version {
			r.t.Errorf("call %d: the outbox row of %s is gone, and the index does not hold version %d durably (it has %d)", at, id, version, indexed[id])
		}
	}
	r.lay(true, ofState)
	r.lay(false, ofIndex)
	known := r.documentsIn("state.db", `SELECT hex(docid), version FROM documents`)
	for id, version := range r.documentsIn("index.db", `SELECT id, version FROM docs`) {
		if known[id] < version {
			r.t.Errorf("call %d: the index holds version %d of %s, and the state has %d of it durably", at, version, id, known[id])
		}
	}
}

// capturesAreThere reads every capture that the state names.
func (r *powerCut) capturesAreThere(at int) {
	r.t.Helper()
	a, err := archive.Open(filepath.Join(r.dir, "archive"), archive.Options{ReadOnly: true})
	if err != nil {
		r.t.Fatal(err)
	}
	defer a.Close()
	r.rows("state.db", `SELECT ref FROM captures`, func(rows *sql.Rows) error {
		var raw string
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		ref, err := archive.ParseRef(raw)
		if err != nil {
			return err
		}
		if _, err := a.Read(r.t.Context(), ref); err != nil {
			r.t.Errorf("call %d: the state names %s, which is not durable: %v", at, raw, err)
		}
		return nil
	})
}

// trace runs the program under strace and gives its calls on the data folder.
func trace(t *testing.T, data string, args ...string) []call {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: install it to see the order of system calls")
	}
	out := filepath.Join(t.TempDir(), "trace")
	watch := []string{"-f", "-y", "-xx", "-s", "2097152", "-e", "trace=pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat", "-e", "signal=none", "-o", out, "--"}
	cmd := exec.CommandContext(t.Context(), strace, append(append(watch, os.Args[0]), args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		if strings.Contains(said.String(), "ptrace") || strings.Contains(said.String(), "PTRACE") {
			t.Skipf("strace may not trace here: %s", said.String())
		}
		t.Fatalf("%v\n%s", err, said.String())
	}
	return readTrace(t, out, data)
}

// TestOrderOfDurableSteps traces the system calls of a short crawl and takes the
// power away wherever they turn to another file: what the state names is
// durable in the archive, what has left the outbox is durable in the index, and
// what the index holds is durable in the state.
func TestOrderOfDurableSteps(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector: every system call is traced")
	}
	_, url := serveDemo(t)
	data := filepath.Join(t.TempDir(), "data")
	calls := trace(t, data, "crawl", url+"forums/loft-and-balcony-aerials.7/", "--allow-private", "--delay", "0", "--data", data)
	r := &powerCut{t: t, files: map[string]*traced{}, dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(r.dir, "archive"), 0o700); err != nil {
		t.Fatal(err)
	}
	syncs := map[string]int{}
	last := ""
	for i, c := range calls {
		r.apply(c)
		switch {
		case ofArchive(c.file) && c.name == "fsync":
			syncs["archive"]++
		case c.name == "fsync":
			syncs[c.file]++
		}
		turned := c.name == "fsync" || c.file != last
		last = c.file
		if turned && !t.Failed() {
			r.look(i)
		}
	}
	r.look(len(calls))
	t.Logf("%d calls, %d looks, syncs: %v", len(calls), r.looks, syncs)
	for _, name := range []string{"archive", "state.db-wal", "index.db-wal"} {
		if syncs[name] == 0 {
			t.Errorf("nothing has synced %s: %v", name, syncs)
		}
	}
	r.lay(true, func(string) bool { return true })
	if n := len(r.documentsIn("index.db", `SELECT id, version FROM docs`)); n == 0 {
		t.Error("the trace has led to no document in the index")
	}
}
