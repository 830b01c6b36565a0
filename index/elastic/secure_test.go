package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"forumine/index"
	"forumine/index/elastic/estest"
)

// TestSecureServer runs what needs TLS, passwords, and a server that may be
// killed.
func TestSecureServer(t *testing.T) {
	srv := estest.Start(t, estest.Options{Security: true})
	t.Run("Credentials", func(t *testing.T) { testCredentials(t, srv) })
	t.Run("Permissions", func(t *testing.T) { testPermissions(t, srv) })
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
