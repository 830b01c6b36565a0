// Package estest starts real Elasticsearch servers for tests. They come from
// testdata/elasticsearch/start.sh, which has to have been run once with
// "resolve".
package estest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// SharedVar names the environment variable that holds the URL of a server to
// use in place of starting one.
const SharedVar = "FORUMINE_TEST_ELASTICSEARCH"

// startTimeout bounds a node's start; on two busy cores it takes 8 to 25 s.
const startTimeout = 3 * time.Minute

// Options says what to start. The zero value is one open node.
type Options struct {
	Security bool     // TLS, and passwords: see Server.User, Password and CAFile
	Nodes    int      // 1 when zero
	Own      bool     // never the shared server: the test stops or damages it
	Settings []string // of every node, as "name: value"; such a server is the test's own
}

// Server is a running cluster.
type Server struct {
	URL      string   // of the first node
	URLs     []string // of all nodes
	User     string   // with Security
	Password string   // with Security
	CAFile   string   // with Security: PEM of the authority

	t      testing.TB
	script string
	opt    Options
	certs  string
	client *http.Client
	nodes  []*node
}

type node struct {
	name            string
	http, transport int
	data            string
	cmd             *exec.Cmd
	out             *tail
	done            chan struct{} // closed when the process has ended
}

// Start gives a server, and stops it at the end of the test. Without a resolved
// server the test is skipped; in CI, where CI=true, it fails.
func Start(t testing.TB, opt Options) *Server {
	t.Helper()
	opt.Nodes = max(opt.Nodes, 1)
	if u := os.Getenv(SharedVar); u != "" && !opt.Own && len(opt.Settings) == 0 && !opt.Security && opt.Nodes == 1 {
		return &Server{URL: u, URLs: []string{u}, t: t, opt: opt, client: http.DefaultClient}
	}
	s := &Server{t: t, opt: opt, script: findScript(t), client: &http.Client{Timeout: 10 * time.Second}}
	if opt.Security {
		s.secure()
	}
	s.plan()
	t.Cleanup(s.cleanUp)
	for i := range s.nodes {
		s.launch(i)
	}
	for i := range s.nodes {
		s.await(i)
	}
	return s
}

// Stop ends a node in the orderly way and waits for its end. Restart brings it
// back with its data.
func (s *Server) Stop(i int) {
	s.t.Helper()
	n := s.own(i)
	interrupt(n.cmd)
	select {
	case <-n.done:
	case <-time.After(time.Minute):
		s.t.Errorf("elasticsearch node %s did not stop within a minute", n.name)
	}
	killGroup(n.cmd)
	<-n.done
}

// Kill ends a node as a power cut would (SIGKILL).
func (s *Server) Kill(i int) {
	s.t.Helper()
	n := s.own(i)
	killGroup(n.cmd)
	<-n.done
}

// Restart starts a node that was stopped or killed and waits until it answers.
func (s *Server) Restart(i int) {
	s.t.Helper()
	s.Launch(i)
	s.await(i)
}

// Launch is Restart without the waiting.
func (s *Server) Launch(i int) {
	s.t.Helper()
	n := s.own(i)
	select {
	case <-n.done:
	default:
		s.t.Fatalf("elasticsearch node %s is still running", n.name)
	}
	s.launch(i)
}

func (s *Server) own(i int) *node {
	s.t.Helper()
	if len(s.nodes) == 0 {
		s.t.Fatalf("the shared server of %s cannot be stopped: ask for Options{Own: true}", SharedVar)
	}
	return s.nodes[i]
}

// Do sends a request with a JSON body (none when empty) past the client under
// test and gives status and answer.
func (s *Server) Do(method, path, body string) (int, string) {
	s.t.Helper()
	status, text, err := s.request(context.Background(), s.URL, method, path, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, text
}

func (s *Server) request(ctx context.Context, base, method, path, body string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.User != "" {
		req.SetBasicAuth(s.User, s.Password)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// findScript gives the start script of this repository once its server is
// there.
func findScript(t testing.TB) string {
	t.Helper()
	script, err := locate()
	if err == nil {
		err = exec.Command(script, "home").Run()
	}
	if err == nil {
		return script
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("no Elasticsearch to test against (%v): run testdata/elasticsearch/start.sh resolve before the tests, or set %s", err, SharedVar)
	}
	t.Skipf("no Elasticsearch to test against (%v): run testdata/elasticsearch/start.sh resolve once, or set %s", err, SharedVar)
	return ""
}

func locate() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "testdata", "elasticsearch", "start.sh"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("there is no go.mod above the test")
		}
		dir = parent
	}
}

func (s *Server) secure() {
	s.t.Helper()
	s.certs = s.t.TempDir()
	if err := writeCertificates(s.certs); err != nil {
		s.t.Fatalf("making certificates: %v", err)
	}
	s.User, s.Password, s.CAFile = "elastic", "correct horse battery", filepath.Join(s.certs, "ca.crt")
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		s.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	s.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
}

// plan chooses ports and folders for all nodes before the first one starts.
func (s *Server) plan() {
	s.t.Helper()
	ports := freePorts(s.t, 2*s.opt.Nodes)
	scheme := "http"
	if s.opt.Security {
		scheme = "https"
	}
	for i := range s.opt.Nodes {
		data, err := os.MkdirTemp("", "forumine-es-")
		if err != nil {
			s.t.Fatal(err)
		}
		n := &node{name: fmt.Sprintf("n%d", i+1), http: ports[2*i], transport: ports[2*i+1], data: data}
		s.nodes = append(s.nodes, n)
		s.URLs = append(s.URLs, fmt.Sprintf("%s://127.0.0.1:%d", scheme, n.http))
	}
	s.URL = s.URLs[0]
}

// freePorts holds all ports at once, so that they differ.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func (s *Server) launch(i int) {
	s.t.Helper()
	n := s.nodes[i]
	args := []string{"run", "--data", n.data, "--name", n.name, "--heap", "512m",
		"--http", strconv.Itoa(n.http), "--transport", strconv.Itoa(n.transport), "--guard", strconv.Itoa(os.Getpid())}
	if len(s.nodes) > 1 {
		var seeds, names []string
		for _, n := range s.nodes {
			seeds, names = append(seeds, fmt.Sprintf("127.0.0.1:%d", n.transport)), append(names, n.name)
		}
		args = append(args, "--seeds", strings.Join(seeds, ","), "--masters", strings.Join(names, ","))
	}
	if s.opt.Security {
		args = append(args, "--tls", s.certs)
	}
	for _, setting := range s.opt.Settings {
		args = append(args, "--set", setting)
	}
	n.cmd, n.out, n.done = exec.Command(s.script, args...), &tail{}, make(chan struct{})
	n.cmd.Stdout, n.cmd.Stderr = n.out, n.out
	n.cmd.Env = append(os.Environ(), "ES_JAVA_OPTS=-XX:-AlwaysPreTouch -XX:TieredStopAtLevel=1", "ELASTIC_PASSWORD="+s.Password)
	ownGroup(n.cmd)
	if err := n.cmd.Start(); err != nil {
		close(n.done)
		s.t.Fatalf("starting elasticsearch: %v", err)
	}
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // how it ended shows in its output
		close(done)
	}(n.cmd, n.done)
}

// await polls until the node answers as part of a formed cluster. With security
// on, passwords are refused for the first moments.
func (s *Server) await(i int) {
	s.t.Helper()
	n := s.nodes[i]
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	path := fmt.Sprintf("/_cluster/health?wait_for_status=yellow&wait_for_nodes=>=%d&timeout=1s", len(s.nodes)/2+1)
	for {
		if status, _, err := s.request(ctx, s.URLs[i], http.MethodGet, path, ""); err == nil && status == http.StatusOK {
			return
		}
		select {
		case <-n.done:
			s.t.Fatalf("elasticsearch node %s ended while it started:\n%s", n.name, n.out)
		case <-ctx.Done():
			s.t.Fatalf("elasticsearch node %s did not come up within %v:\n%s", n.name, startTimeout, n.out)
		case <-tick.C:
		}
	}
}

// cleanUp kills what still runs: a test's data is not worth an orderly end.
func (s *Server) cleanUp() {
	s.client.CloseIdleConnections()
	for _, n := range s.nodes {
		if n.cmd != nil && n.cmd.Process != nil {
			killGroup(n.cmd)
			<-n.done
		}
		if err := os.RemoveAll(n.data); err != nil {
			s.t.Logf("removing the node's data: %v", err)
		}
	}
	if s.t.Failed() && len(s.nodes) > 0 {
		s.t.Logf("elasticsearch said last:\n%s", s.nodes[0].out)
	}
}

// tail keeps the end of what a process writes.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailSize = 8 << 10

// Write keeps p.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if over := t.buf.Len() - tailSize; over > 0 {
		t.buf.Next(over)
	}
	return len(p), nil
}

// String is the end of the output.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
