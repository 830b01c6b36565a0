package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/state"
	"forumine/index"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"forumine": main})
}

// scriptServers are the servers of one script.
type scriptServers struct {
	demo   *demoforum.Forum
	server *httptest.Server

	mu     sync.Mutex
	header []http.Header // of every request
}

// ServeHTTP keeps the request's header and has the forum answer.
func (s *scriptServers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.header = append(s.header, r.Header.Clone())
	s.mu.Unlock()
	s.demo.ServeHTTP(w, r)
}

const serversKey = "servers"

// TestScripts runs the command lines of testdata/script.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	if underRace {
		files = []string{"testdata/script/limit.txtar"}
	}
	testscript.Run(t, testscript.Params{
		Files:              files,
		RequireUniqueNames: true,
		Deadline:           time.Now().Add(10 * time.Minute), // ends what hangs
		Setup: func(env *testscript.Env) error {
			env.Values[serversKey] = &scriptServers{}
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"demoforum": cmdDemoForum,
			"demostop":  cmdDemoStop,
			"asked":     cmdAsked,
			"askedfor":  cmdAskedFor,
			"askedwith": cmdAskedWith,
			"holds":     cmdHolds,
			"proxy":     cmdProxy,
			"forget":    cmdForget,
			"reply":     cmdReply,
			"badserver": cmdBadServer,
			"newer":     cmdNewer,
			"hold":      cmdHold,
			"bury":      cmdBury,
			"unindex":   cmdUnindex,
			"status":    cmdStatus,
			"tear":      cmdTear,
			"lose":      cmdLose,
		},
	})
}

func servers(ts *testscript.TestScript) *scriptServers {
	return ts.Value(serversKey).(*scriptServers)
}

// cmdDemoForum serves the demo forum and sets $FORUM to its address.
func cmdDemoForum(ts *testscript.TestScript, _ bool, _ []string) {
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	ts.Check(err)
	s := servers(ts)
	s.demo = f // before the server's goroutine reads it
	s.server = httptest.NewServer(s)
	ts.Defer(s.server.Close)
	ts.Setenv("FORUM", s.server.URL)
}

// cmdDemoStop stops the demo forum.
func cmdDemoStop(ts *testscript.TestScript, _ bool, _ []string) { servers(ts).server.Close() }

// cmdAsked checks how many requests the demo forum has seen: "asked 67".
func cmdAsked(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	for _, n := range servers(ts).demo.Requests() {
		got += n
	}
	if (got == want) == neg {
		ts.Fatalf("the demo forum was asked %d times: %v", got, servers(ts).demo.Requests())
	}
}

// cmdAskedFor checks whether the demo forum was asked for an address that
// matches: "askedfor ^/threads/".
func cmdAskedFor(ts *testscript.TestScript, neg bool, args []string) {
	re, err := regexp.Compile(args[0])
	ts.Check(err)
	for uri := range servers(ts).demo.Requests() {
		if re.MatchString(uri) {
			if neg {
				ts.Fatalf("the demo forum was asked for %s", uri)
			}
			return
		}
	}
	if !neg {
		ts.Fatalf("the demo forum was not asked for %s: %v", re, servers(ts).demo.Requests())
	}
}

func cmdForget(ts *testscript.TestScript, _ bool, _ []string) {
	s := servers(ts)
	s.demo.ResetRequests()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.header = nil
}

// cmdAskedWith checks whether a request carried a header: "askedwith Cookie a=b".
func cmdAskedWith(ts *testscript.TestScript, neg bool, args []string) {
	s := servers(ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.ContainsFunc(s.header, func(h http.Header) bool { return strings.Contains(h.Get(args[0]), args[1]) })
	if found == neg {
		ts.Fatalf("a request with %s: %s was found: %v", args[0], args[1], found)
	}
}

// cmdHolds looks for a text in every file of a folder, compressed ones unpacked:
// "holds DATA TEXT".
func cmdHolds(ts *testscript.TestScript, neg bool, args []string) {
	found := false
	err := filepath.WalkDir(ts.MkAbs(args[0]), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if zr, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
			plain, _ := io.ReadAll(zr)
			b = append(b, plain...)
		}
		found = found || bytes.Contains(b, []byte(args[1]))
		return nil
	})
	ts.Check(err)
	if found == neg {
		ts.Fatalf("%s holds %q: %v", args[0], args[1], found)
	}
}

// cmdProxy serves the demo forum as a proxy would any host, and sets $PROXY.
func cmdProxy(ts *testscript.TestScript, _ bool, _ []string) {
	server := httptest.NewServer(servers(ts))
	ts.Defer(server.Close)
	ts.Setenv("PROXY", server.URL)
}

// cmdReply adds a reply to a thread: "reply 42 TEXT".
func cmdReply(ts *testscript.TestScript, _ bool, args []string) {
	id, err := strconv.Atoi(args[0])
	ts.Check(err)
	_, err = servers(ts).demo.AddReply(id, "Hester Quill", args[1], demoNow)
	ts.Check(err)
}

// cmdBadServer serves something that is no forum and sets $BAD to its address.
func cmdBadServer(ts *testscript.TestScript, _ bool, args []string) {
	mode, ok := badServers()[args[0]]
	if !ok {
		ts.Fatalf("no bad server of the kind %q", args[0])
	}
	mux := http.NewServeMux()
	mux.Handle("/robots.txt", http.NotFoundHandler())
	mux.HandleFunc("/", mode)
	server := httptest.NewServer(mux)
	ts.Defer(server.Close)
	ts.Setenv("BAD", server.URL)
}

// cmdNewer makes a data folder look as if a newer version had written it.
func cmdNewer(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", filepath.Join(ts.MkAbs(args[0]), "state.db"))
	ts.Check(err)
	res, err := db.Exec("UPDATE meta SET value = ? WHERE name = 'schema'", strconv.Itoa(state.SchemaVersion+1))
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		ts.Fatalf("%d rows changed: %v", n, err)
	}
	ts.Check(db.Close())
}

// cmdHold holds a data folder as another process would.
func cmdHold(ts *testscript.TestScript, _ bool, args []string) {
	s, err := state.Open(context.Background(), ts.MkAbs(args[0]), state.Options{Folder: folder{index.NewFolder()}})
	ts.Check(err)
	ts.Defer(func() { _ = s.Close() })
}

// cmdBury makes a dead letter of the document with a key, as a sender does whose
// index refuses it: "bury DATA KEY REASON".
func cmdBury(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	s, err := state.Open(ctx, ts.MkAbs(args[0]), state.Options{Folder: folder{index.NewFolder()}})
	ts.Check(err)
	defer func() { ts.Check(s.Close()) }()
	key := strings.ReplaceAll(args[1], "SITE", strings.TrimPrefix(ts.Getenv("FORUM"), "http://"))
	d, err := s.DocumentByKey(ctx, key)
	ts.Check(err)
	_, err = s.Redeliver(ctx, d.ID)
	ts.Check(err)
	d, err = s.DocumentByKey(ctx, key)
	ts.Check(err)
	ts.Check(s.DeadLetter(ctx, state.Refusal{ID: d.ID, Version: d.Version, Reason: args[2]}))
	ts.Setenv("DEAD", d.ID)
}

// cmdUnindex takes a document out of the embedded index behind the program's
// back: "unindex DATA KEY".
func cmdUnindex(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", filepath.Join(ts.MkAbs(args[0]), "index.db"))
	ts.Check(err)
	key := strings.ReplaceAll(args[1], "SITE", strings.TrimPrefix(ts.Getenv("FORUM"), "http://"))
	res, err := db.Exec("DELETE FROM docs WHERE key = ?", key)
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		ts.Fatalf("%d documents taken out: %v", n, err)
	}
	ts.Check(db.Close())
}

// cmdStatus runs forumine and checks its exit status: "status 2 crawl foo".
func cmdStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("forumine", args[1:]...)
	if got := exitStatus(err); got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// newestWARC is the newest file of a data folder's archive.
func newestWARC(ts *testscript.TestScript, data string) string {
	names, err := filepath.Glob(filepath.Join(ts.MkAbs(data), "archive", "*.warc.gz"))
	ts.Check(err)
	if len(names) == 0 {
		ts.Fatalf("%s has no archive", data)
	}
	return names[len(names)-1]
}

// cmdTear puts half a record behind the last one of a data folder's archive, or
// writes it to another file: "tear DATA [FILE]".
func cmdTear(ts *testscript.TestScript, _ bool, args []string) {
	name := newestWARC(ts, args[0])
	b, err := os.ReadFile(name)
	ts.Check(err)
	last := b[lastMember(b):]
	if len(args) > 1 {
		name = ts.MkAbs(args[1])
	}
	ts.Check(os.WriteFile(name, append(b, last[:len(last)/2]...), 0o600))
}

// cmdLose takes the last exchange off a data folder's archive: "lose DATA".
func cmdLose(ts *testscript.TestScript, _ bool, args []string) {
	name := newestWARC(ts, args[0])
	for range 2 {
		b, err := os.ReadFile(name)
		ts.Check(err)
		ts.Check(os.WriteFile(name, b[:lastMember(b)], 0o600))
	}
}
