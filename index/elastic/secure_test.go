package elastic

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forumine/index"
	"forumine/index/elastic/estest"
	"forumine/index/query"
)

// TestSecureServer runs what needs TLS, passwords, and a server that may be
// killed.
func TestSecureServer(t *testing.T) {
	srv := estest.Start(t, estest.Options{Security: true})
	t.Run("Credentials", func(t *testing.T) { testCredentials(t, srv) })
	t.Run("Permissions", func(t *testing.T) { testPermissions(t, srv) })
	t.Run("Roles", func(t *testing.T) { testRoles(t, srv) })
	t.Run("Killed", func(t *testing.T) { testKilled(t, srv) })
}

func secureConfig(srv *estest.Server) Config {
	return Config{URLs: []string{srv.URL}, Username: srv.User, Password: srv.Password, CAFile: srv.CAFile, Prefix: "secure"}
}

func testCredentials(t *testing.T, srv *estest.Server) {
	openTest(t, secureConfig(srv))
	_, body := srv.Do("POST", "/_security/api_key", `{"name":"k"}`)
	var key struct{ Encoded string }
	if err := json.Unmarshal([]byte(body), &key); err != nil {
		t.Fatal(err)
	}
	_, stranger := selfSigned(t, net.IPv4(127, 0, 0, 1))
	pin := presented(t, srv)
	elsewhere := forwarded(t, srv.URL)
	tests := []struct {
		name   string
		change func(*Config)
		want   string // empty: Open succeeds
		is     error
	}{
		{"API key", func(c *Config) { c.Username, c.Password, c.APIKey = "", "", key.Encoded }, "", nil},
		{"wrong password", func(c *Config) { c.Password = "guess" }, `password of user "elastic" is wrong`, index.ErrStop},
		{"wrong API key", func(c *Config) { c.Username, c.Password, c.APIKey = "", "", "bm86bm8=" }, "API key is wrong", index.ErrStop},
		{"no credentials", func(c *Config) { c.Username, c.Password = "", "" }, "give a user name and password", index.ErrStop},
		{"no authority", func(c *Config) { c.CAFile = "" }, "--elasticsearch-ca", index.ErrStop},
		{"another authority", func(c *Config) { c.CAFile = stranger }, "--elasticsearch-ca", index.ErrStop},
		{"its own certificate", func(c *Config) { c.CAFile = pin }, "", nil},
		{"certificate of another host", func(c *Config) { c.URLs = []string{elsewhere} }, "certificate", index.ErrStop},
		{"http", func(c *Config) { c.URLs = []string{"http" + strings.TrimPrefix(srv.URL, "https")} }, "write https://", index.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := secureConfig(srv)
			tt.change(&cfg)
			c, err := Open(t.Context(), cfg)
			if tt.want == "" {
				if err != nil {
					t.Fatalf("Open: %v", err)
				}
				_ = c.Close()
				return
			}
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "guess") {
				t.Errorf("Open: %v\nwant %v and %q", err, tt.is, tt.want)
			}
		})
	}
	t.Run("password changed under way", func(t *testing.T) { testPasswordChange(t, srv) })
}

// presented is the certificate that a server shows, in a file.
func presented(t *testing.T, srv *estest.Server) string {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(srv.URL, "https://"), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // to see what it shows
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	file := filepath.Join(t.TempDir(), "server.pem")
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw})
	if err := os.WriteFile(file, own, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// forwarded is the server at an address that its certificate is not for.
func forwarded(t *testing.T, server string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("a second loopback address is needed, as Linux has: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(server, "https://"))
			if err != nil {
				_ = in.Close()
				return
			}
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
	return "https://" + l.Addr().String()
}

// testPasswordChange holds that a password that stops working is first taken
// for a server that is starting, then for what it is.
func testPasswordChange(t *testing.T, srv *estest.Server) {
	srv.Do("PUT", "/_security/user/changer", `{"password":"first-password","roles":["superuser"]}`)
	now := time.Unix(1_700_000_000, 0)
	cfg := secureConfig(srv)
	cfg.Username, cfg.Password, cfg.Prefix = "changer", "first-password", "changer"
	cfg.Now = func() time.Time { return now }
	c := openTest(t, cfg)
	srv.Do("POST", "/_security/user/changer/_password", `{"password":"second-password"}`)
	if _, err := c.Deliver(t.Context(), posts(1)); !errors.Is(err, index.ErrUnavailable) || !strings.Contains(err.Error(), "may still be starting") {
		t.Errorf("at once: %v", err)
	}
	now = now.Add(startGrace + time.Second)
	if _, err := c.Deliver(t.Context(), posts(1)); !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), `password of user "changer" is wrong`) {
		t.Errorf("later: %v", err)
	}
}

func testPermissions(t *testing.T, srv *estest.Server) {
	admin := openTest(t, secureConfig(srv))
	if _, err := admin.Setup(t.Context(), testTemplates()); err != nil {
		t.Fatal(err)
	}
	srv.Do("PUT", "/_security/role/reader", `{"cluster":["monitor"],"indices":[{"names":["secure-*"],"privileges":["read"]}]}`)
	srv.Do("PUT", "/_security/user/reader", `{"password":"reading-only","roles":["reader"]}`)
	srv.Do("PUT", "/_security/user/nobody", `{"password":"nothing-at-all","roles":[]}`)
	cfg := secureConfig(srv)
	cfg.Username, cfg.Password = "reader", "reading-only"
	reader := openTest(t, cfg)
	_, err := reader.Deliver(t.Context(), posts(2))
	if !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "reader") || !strings.Contains(err.Error(), "security_exception") {
		t.Errorf("Deliver as reader: %v", err)
	}
	if _, err := reader.Setup(t.Context(), map[string]json.RawMessage{"new": template(1, testProperties)}); !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "manage_index_templates") {
		t.Errorf("Setup as reader: %v", err)
	}
	cfg.Username, cfg.Password = "nobody", "nothing-at-all"
	if _, err := Open(t.Context(), cfg); !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "status 403") {
		t.Errorf("Open as nobody: %v", err)
	}
}

// testRoles holds the shipped roles to what each needs, and to no more.
func testRoles(t *testing.T, srv *estest.Server) {
	cfg := secureConfig(srv)
	cfg.Prefix = "roles"
	if names, err := openTest(t, cfg).PutRoles(t.Context()); err != nil || len(names) != 3 {
		t.Fatalf("PutRoles: %v %v", names, err)
	}
	as := map[string]*Client{}
	for _, who := range []string{"operator", "crawler", "analyst"} {
		srv.Do("PUT", "/_security/user/"+who, `{"password":"a long password","roles":["roles-`+who+`"]}`)
		user := cfg
		user.Username, user.Password = who, "a long password"
		c, err := New(user) // Check needs monitor, which an analyst lacks
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		as[who] = c
	}
	ctx := t.Context()
	if _, err := as["crawler"].Setup(ctx, testTemplates()); !errors.Is(err, index.ErrStop) {
		t.Errorf("a crawler sets up: %v", err)
	}
	if _, err := as["operator"].Setup(ctx, testTemplates()); err != nil {
		t.Fatalf("an operator sets up: %v", err)
	}
	if done, err := as["crawler"].IsSetUp(ctx, testTemplates()); err != nil || !done {
		t.Errorf("a crawler asks whether all is set up: %v %v", done, err)
	}
	if vs, err := as["crawler"].Deliver(ctx, posts(2)); err != nil || results(vs) != allStored(posts(2)) {
		t.Errorf("a crawler delivers: %v %v", vs, err)
	}
	if err := as["crawler"].Refresh(ctx); err != nil {
		t.Errorf("a crawler refreshes: %v", err)
	}
	if _, err := as["analyst"].deliver(ctx, posts(1), nil); !errors.Is(err, index.ErrStop) {
		t.Errorf("an analyst delivers: %v", err)
	}
	if n, err := as["analyst"].Matching(ctx, query.Query{}); err != nil || n != 2 {
		t.Errorf("an analyst counts %d documents: %v", n, err)
	}
	moves, err := as["operator"].PlanMigration(ctx, testTemplates(), true)
	if err != nil || len(moves) != 4 {
		t.Fatalf("an operator plans: %v %v", moves, err)
	}
	if err := as["operator"].Prepare(ctx, testTemplates(), moves); err != nil {
		t.Fatalf("an operator prepares: %v", err)
	}
	if n, err := as["operator"].CopyOthers(ctx, moves[len(moves)-1], []string{"nowhere"}); err != nil {
		t.Errorf("an operator copies %d: %v", n, err)
	}
	if err := as["operator"].Swap(ctx, moves); err != nil {
		t.Errorf("an operator swaps: %v", err)
	}
}

// testKilled kills the server (SIGKILL) in the middle of a drain, starts it
// again and expects every document; the sender is never told.
func testKilled(t *testing.T, srv *estest.Server) {
	cfg := secureConfig(srv)
	cfg.Prefix = "killed"
	c := openTest(t, cfg)
	if _, err := c.Setup(t.Context(), testTemplates()); err != nil {
		t.Fatal(err)
	}
	outbox := newMemOutbox(posts(1000)...)
	kill := make(chan struct{})
	pauses := 0
	sender := index.NewSender(outbox, killer{c, kill}, index.SenderOptions{MaxDocs: 10, Sleep: func(ctx context.Context, d time.Duration) error {
		pauses++
		select {
		case <-ctx.Done():
		case <-time.After(min(d, 200*time.Millisecond)):
		}
		return ctx.Err()
	}})
	done := make(chan error, 1)
	go func() { done <- sender.Drain(t.Context()) }()
	<-kill
	srv.Kill(0)
	srv.Restart(0)
	if err := <-done; err != nil {
		t.Fatalf("Drain: %v", err)
	}
	st := sender.Stats()
	if pauses == 0 || st.Retried == 0 || st.Sent != st.Stored+st.Stale+st.Retried+st.Dead || st.Stored+st.Stale != 1000 {
		t.Errorf("%d pauses, counters %+v", pauses, st)
	}
	if err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, body := srv.Do("GET", "/killed-posts/_count", ""); !strings.Contains(body, `"count":1000,`) {
		t.Errorf("documents after the kill: %s", body)
	}
	t.Logf("killed in mid-drain: %+v", st)
}

// killer is a sink that asks for the kill at its fifth delivery and goes on
// delivering meanwhile.
type killer struct {
	index.Sink
	kill chan struct{}
}

func (k killer) Deliver(ctx context.Context, docs []index.Document) ([]index.Verdict, error) {
	if docs[0].ID == "p050" {
		select {
		case <-k.kill:
		default:
			close(k.kill)
		}
	}
	return k.Sink.Deliver(ctx, docs)
}
