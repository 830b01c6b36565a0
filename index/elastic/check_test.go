package elastic

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"forumine/index"
)

// banners of things that are not the right server, as they answer GET /.
const (
	openSearchBanner = `{"name":"os1","cluster_name":"os","cluster_uuid":"u1","version":{"distribution":"opensearch","number":"2.19.1"},"tagline":"The OpenSearch Project: https://opensearch.org/"}`
	oldBanner        = `{"name":"e1","cluster_name":"old","cluster_uuid":"u2","version":{"number":"7.10.2","build_flavor":"oss"},"tagline":"You Know, for Search"}`
	sevenBanner      = `{"name":"e1","cluster_name":"seven","cluster_uuid":"u3","version":{"number":"7.17.28"},"tagline":"You Know, for Search"}`
	bannerOfNone     = `{"name":"e1","cluster_name":"c","cluster_uuid":"_na_","version":{"number":"8.19.13"},"tagline":"You Know, for Search"}`
	goodBanner       = `{"name":"e1","cluster_name":"c","cluster_uuid":"u4","version":{"number":"8.19.13"},"tagline":"You Know, for Search"}`
)

func TestCheckNamesWhatAnswers(t *testing.T) {
	tests := []struct {
		name    string
		product string
		status  int
		body    string
		is      error
		want    string
	}{
		{name: "OpenSearch", status: 200, body: openSearchBanner, is: index.ErrStop, want: "OpenSearch 2.19.1 answers at"},
		{name: "OpenSearch behind a header", product: "Elasticsearch", status: 200, body: `<html>`, is: index.ErrStop, want: "is not Elasticsearch"},
		{name: "old Elasticsearch", status: 200, body: oldBanner, is: index.ErrStop, want: "older than 7.14"},
		{name: "Elasticsearch 7", product: "Elasticsearch", status: 200, body: sevenBanner, is: index.ErrStop, want: "Elasticsearch 7.17.28 at"},
		{name: "a web site", status: 200, body: "<html>Welcome</html>", is: index.ErrStop, want: "is not Elasticsearch: it answers 200 OK"},
		{name: "another API", status: 404, body: "nothing here", is: index.ErrStop, want: "something other than Elasticsearch answers"},
		{name: "a redirect", status: 302, is: index.ErrStop, want: "something other than Elasticsearch answers"},
		{name: "password", product: "Elasticsearch", status: 401, is: index.ErrStop, want: "give a user name and password, or an API key"},
		{name: "permission", product: "Elasticsearch", status: 403, is: index.ErrStop, want: "cluster privileges monitor"},
		{name: "starting", product: "Elasticsearch", status: 503, body: `{"error":"starting"}`, is: index.ErrUnavailable, want: "error: starting"},
		{name: "without a master", product: "Elasticsearch", status: 200, body: bannerOfNone, is: index.ErrUnavailable, want: "has no master yet"},
		{name: "proxy without a server", status: 502, body: "<html>Bad Gateway", is: index.ErrUnavailable, want: "status 502"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.product != "" {
					w.Header().Set(productHeader, tt.product)
				}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer srv.Close()
			_, err := Open(t.Context(), Config{URLs: []string{srv.URL}})
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open: %v\nwant %v and %q", err, tt.is, tt.want)
			}
		})
	}
}

func TestCheckConnections(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	closed.Close()
	tlsServer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(productHeader, "Elasticsearch")
		_, _ = io.WriteString(w, goodBanner)
	}))
	defer tlsServer.Close()
	plain := httptest.NewServer(tlsServer.Config.Handler)
	defer plain.Close()
	hangsUp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hangsUp.Close()
	go func() {
		for {
			conn, err := hangsUp.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			conn.Close()
		}
	}()
	tests := []struct {
		name, url string
		is        error
		want      string
	}{
		{"nobody listens", nobody, index.ErrUnavailable, "is it running"},
		{"unknown authority", tlsServer.URL, index.ErrStop, "--elasticsearch-ca"},
		{"https to http", "https" + strings.TrimPrefix(plain.URL, "http"), index.ErrStop, "write http://"},
		{"http to https", "http://" + hangsUp.Addr().String(), index.ErrUnavailable, "write https://"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), Config{URLs: []string{tt.url}})
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open: %v\nwant %v and %q", err, tt.is, tt.want)
			}
		})
	}
}

func TestNewRefusesConfigurations(t *testing.T) {
	tests := []struct {
		name string
		cfg  Config
		want string
	}{
		{"no address", Config{}, "--elasticsearch"},
		{"no scheme", Config{URLs: []string{"localhost:9200"}}, "http://host:9200"},
		{"query", Config{URLs: []string{"http://h:9200/?a=b"}}, "must end with host"},
		{"no password", Config{URLs: []string{"http://h"}, Username: "u"}, `password of user "u" is missing`},
		{"no user", Config{URLs: []string{"http://h"}, Password: "p"}, "without a user name"},
		{"two ways in", Config{URLs: []string{"http://h"}, Username: "u", Password: "p", APIKey: "k"}, "not both"},
		{"prefix", Config{URLs: []string{"http://h"}, Prefix: "Forum*"}, "lower-case letters"},
		{"no CA file", Config{URLs: []string{"https://h"}, CAFile: "testdata/none.pem"}, "--elasticsearch-ca"},
		{"not a CA file", Config{URLs: []string{"https://h"}, CAFile: "check_test.go"}, "no PEM certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New: %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMessagesHoldNoPassword(t *testing.T) {
	for _, raw := range []string{"http://me:s3cret@127.0.0.1:1", "ftp://me:s3cret@h", "http://me:s3cret@h:port", "http://me:s3cret@h/?x=y"} {
		_, err := Open(t.Context(), Config{URLs: []string{raw}})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Open(%q): %v", raw, err)
		}
	}
}

// TestCloseTwice holds Close to being harmless.
func TestCloseTwice(t *testing.T) {
	c, err := New(Config{URLs: []string{"http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	if _, err := c.Check(t.Context()); err == nil {
		t.Error("a closed client asks on")
	}
}
