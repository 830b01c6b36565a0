package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"forumine/cmd/forumine/demoforum"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic/estest"
)

// faultDocuments is about how many documents each fault is tried on: several
// bulk requests.
const faultDocuments = 3000

// trial delivers one data folder to a server of which something fails.
type trial struct {
	*testing.T
	server *estest.Server
	proxy  *estest.Proxy
	data   string
	prefix string
	docs   int64 // documents of the data folder
}

// trials makes a trial each, over copies of one data folder.
func trials(t *testing.T, server *estest.Server, more int64) func(*testing.T, string) *trial {
	t.Helper()
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	noError(t, err)
	site := httptest.NewServer(f)
	t.Cleanup(site.Close)
	base := t.TempDir()
	crawlLocal(t, base, site.URL+"/")
	multiply(t, base, more)
	return func(t *testing.T, name string) *trial {
		t.Helper()
		data := filepath.Join(t.TempDir(), "data")
		noError(t, os.CopyFS(data, os.DirFS(base)))
		return &trial{
			T: t, server: server, proxy: estest.NewProxy(t, server), data: data, prefix: strings.ReplaceAll(name, " ", "-"),
			docs: number(data, "state.db", `SELECT count(*) FROM documents WHERE version > 0`),
		}
	}
}

func (tr *trial) index(command string, more ...string) []string {
	return append([]string{"index", command, "--data", tr.data, "--elasticsearch-prefix", tr.prefix, "--elasticsearch"}, more...)
}

// deliver begins to deliver everything through the proxy.
func (tr *trial) deliver() *under {
	return begin(tr.Context(), tr.index("rebuild", tr.proxy.URL)...)
}

// waits is what a sender says when it has to wait.
const waits = "takes no documents for now"

// once is a fault that happens while a request waits: then the request passes.
func (tr *trial) once(happens func()) estest.Fault {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		happens()
		tr.proxy.Pass(w, r, body)
	}
}

// blocked sets or lifts the block that a server sets by itself when its disk is
// full.
func (tr *trial) blocked(value string) {
	must(tr.T, tr.server, "PUT", "/"+tr.prefix+"-posts/_settings", `{"index.blocks.read_only_allow_delete":`+value+`}`)
}

var reDelivery = regexp.MustCompile(`msg=delivery sent=(\d+) stored=(\d+) stale=(\d+) retried=(\d+) dead=(\d+) coalesced=(\d+)`)

// ends waits for a delivery's end and holds it to having succeeded, and its
// counts to adding up. It gives them.
func (tr *trial) ends(u *under) index.SenderStats {
	tr.Helper()
	code, log := <-u.end, u.errs.String()
	if code != exitOK {
		tr.Fatalf("exit status %d\n%s", code, log)
	}
	m := reDelivery.FindStringSubmatch(log)
	if m == nil {
		tr.Fatalf("the log does not say what was sent:\n%s", log)
	}
	n := make([]int64, len(m))
	for i, text := range m[1:] {
		var err error
		n[i], err = strconv.ParseInt(text, 10, 64)
		noError(tr.T, err)
	}
	st := index.SenderStats{Sent: n[0], Stored: n[1], Stale: n[2], Retried: n[3], Dead: n[4], Coalesced: n[5]}
	if st.Sent != st.Stored+st.Stale+st.Retried+st.Dead {
		tr.Errorf("the counts do not add up: %+v", st)
	}
	return st
}

// check holds the server to having every document once, in its newest version,
// and the data folder to having nothing left to do.
func (tr *trial) check() {
	tr.Helper()
	tr.proxy.Next()
	if out := cli(tr.T, tr.index("verify", tr.proxy.URL, "--every", "1")...); !strings.HasPrefix(out, strconv.FormatInt(tr.docs, 10)+" documents compared, 0 differ, 0 only in the index") {
		tr.Errorf("verify: %s", out)
	}
	total := 0
	for _, kind := range []forum.DocKind{forum.DocPost, forum.DocThread, forum.DocAuthor, forum.DocRevision} {
		total += countIn(tr.T, tr.server, index.Alias(tr.prefix, kind))
	}
	if int64(total) != tr.docs {
		tr.Errorf("the server has %d documents, the state %d", total, tr.docs)
	}
	for _, table := range []string{"outbox", "dead_letters"} {
		if n := number(tr.data, "state.db", `SELECT count(*) FROM `+table); n != 0 {
			tr.Errorf("%d rows are left in %s", n, table)
		}
	}
}

// faultCase is one way in which a delivery fails for a while.
type faultCase struct {
	name string
	// faults of the coming bulk requests
	faults func(*trial) []estest.Fault
	// mend ends what faults began, when the sender has said that it waits
	mend func(*trial)
}

const overloaded = `{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution of coordinating operation"},"status":429}`

func passingFaults() []faultCase {
	down, dead := make(chan struct{}), make(chan struct{})
	return []faultCase{
		{"connection refused", func(tr *trial) []estest.Fault {
			return []estest.Fault{nil, nil, func(w http.ResponseWriter, r *http.Request, _ []byte) {
				go func() { defer close(down); tr.proxy.Down() }()
				<-r.Context().Done()
			}}
		}, func(tr *trial) { <-down; tr.proxy.Up() }},
		{"reset in the middle", func(tr *trial) []estest.Fault {
			return []estest.Fault{nil, tr.proxy.Half, nil, tr.proxy.Half, estest.Reset, tr.proxy.Half}
		}, nil},
		{"answers lost and torn", func(tr *trial) []estest.Fault {
			return []estest.Fault{tr.proxy.Lost, nil, tr.proxy.Torn, tr.proxy.Torn, tr.proxy.Lost}
		}, nil},
		{"storm of 429", func(*trial) []estest.Fault { return estest.Repeat(estest.ElasticSays(429, overloaded), 4) }, nil},
		{"read-only block", func(tr *trial) []estest.Fault {
			return []estest.Fault{nil, tr.once(func() { tr.blocked("true") })}
		}, func(tr *trial) { tr.blocked("null") }},
		{"password changed", func(tr *trial) []estest.Fault {
			return []estest.Fault{nil, nil, tr.once(func() { tr.password("another password") })}
		}, func(tr *trial) { tr.password(trialPassword) }},
		{"server killed", func(tr *trial) []estest.Fault {
			return []estest.Fault{nil, nil, tr.once(func() { defer close(dead); tr.server.Kill(0) })}
		}, func(tr *trial) { <-dead; tr.server.Restart(0) }},
	}
}

const trialUser, trialPassword = "trial", "a password for trials"

func (tr *trial) password(word string) {
	must(tr.T, tr.server, "POST", "/_security/user/"+trialUser+"/_password", `{"password":"`+word+`"}`)
}

// TestDeliveryThroughFaults delivers to a server with TLS and passwords through a
// proxy that fails in every way, through the server's own failures, and through
// the death of either side. After each, every document is there once, in its
// newest version, and what was sent adds up.
func TestDeliveryThroughFaults(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector: the server is started three times")
	}
	server := estest.Start(t, estest.Options{Own: true, Security: true})
	must(t, server, "PUT", "/_security/user/"+trialUser, `{"password":"`+trialPassword+`","roles":["superuser"]}`)
	t.Setenv("ELASTICSEARCH_USERNAME", trialUser)
	t.Setenv("ELASTICSEARCH_PASSWORD", trialPassword)
	newTrial := trials(t, server, faultDocuments)
	for _, c := range passingFaults() {
		t.Run(c.name, func(t *testing.T) {
			tr := newTrial(t, c.name)
			tr.proxy.Next(c.faults(tr)...)
			u := tr.deliver()
			if c.mend != nil {
				u.await(t, waits)
				c.mend(tr)
			}
			st := tr.ends(u)
			if st.Retried == 0 || st.Dead != 0 || st.Stored+st.Stale+st.Coalesced != tr.docs {
				t.Errorf("%d documents, counts %+v", tr.docs, st)
			}
			tr.check()
			t.Logf("%+v", st)
		})
	}
	t.Run("413", func(t *testing.T) { requestsTooLarge(newTrial(t, "too large")) })
	t.Run("index deleted", func(t *testing.T) { indexDeleted(newTrial(t, "deleted")) })
	t.Run("wrong password", func(t *testing.T) { wrongPassword(newTrial(t, "wrong")) })
	t.Run("forumine killed", func(t *testing.T) { killedDelivering(newTrial(t, "killed"), false) })
	t.Run("both killed", func(t *testing.T) { killedDelivering(newTrial(t, "both"), true) })
}

// requestsTooLarge has a proxy refuse every request above a size.
func requestsTooLarge(tr *trial) {
	tr.proxy.Next(estest.Repeat(tr.proxy.TooLarge(60_000), 1000)...)
	if st := tr.ends(tr.deliver()); st.Stored != tr.docs || tr.proxy.Count() < 20 {
		tr.Errorf("%d documents, %d requests, counts %+v", tr.docs, tr.proxy.Count(), st)
	}
	tr.check()
}

// indexDeleted deletes the index of posts under the delivery, which stops and
// says so; the same command makes it anew and delivers everything.
func indexDeleted(tr *trial) {
	tr.proxy.Next(nil, nil, tr.once(func() {
		must(tr.T, tr.server, "DELETE", "/"+tr.prefix+"-posts-v"+strconv.Itoa(index.SchemaVersion), "")
	}))
	u := tr.deliver()
	if code := <-u.end; code != exitFailed || !strings.Contains(u.errs.String(), tr.prefix+"-posts") {
		tr.Errorf("exit status %d\n%s", code, u.errs.String())
	}
	tr.ends(tr.deliver())
	tr.check()
}

// wrongPassword begins with a wrong password: nothing is sent and nothing lost.
func wrongPassword(tr *trial) {
	tr.Setenv("ELASTICSEARCH_PASSWORD", "not this one")
	u := tr.deliver()
	if code := <-u.end; code != exitFailed || !strings.Contains(u.errs.String(), `the password of user "trial" is wrong`) || tr.proxy.Count() != 0 {
		tr.Errorf("exit status %d, %d deliveries\n%s", code, tr.proxy.Count(), u.errs.String())
	}
	tr.Setenv("ELASTICSEARCH_PASSWORD", trialPassword)
	tr.ends(tr.deliver())
	tr.check()
}

// killedDelivering kills deliveries by force while the server works on a request,
// with the server or without, and lets the last one end.
func killedDelivering(tr *trial, server bool) {
	kills := 3
	if server {
		kills = 1 // each costs a start
	}
	for n := range kills {
		process := exec.CommandContext(tr.Context(), os.Args[0], tr.index("rebuild", tr.proxy.URL)...)
		process.Env = append(os.Environ(), asProgram+"=1")
		var out bytes.Buffer
		process.Stdout, process.Stderr = &out, &out
		strike := func(w http.ResponseWriter, r *http.Request, body []byte) {
			_ = process.Process.Kill()
			if server {
				tr.server.Kill(0)
			}
			tr.proxy.Lost(w, r, body)
		}
		tr.proxy.Next(append(make([]estest.Fault, 1+n), strike)...)
		noError(tr.T, process.Start())
		if err := process.Wait(); !killed(err) {
			tr.Fatalf("it was not killed: %v\n%s", err, out.String())
		}
		if server {
			tr.proxy.Await()
			tr.server.Restart(0)
		}
	}
	tr.proxy.Next()
	tr.ends(tr.deliver())
	tr.check()
}
