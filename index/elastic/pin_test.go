package elastic

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forumine/index"
)

// TestPinnedCertificate holds that a server's own certificate may stand for the
// authority: that server is trusted then, under its own name, and no other is.
func TestPinnedCertificate(t *testing.T) {
	t.Parallel()
	here := net.IPv4(127, 0, 0, 1)
	good, pin := selfSigned(t, here)
	other, _ := selfSigned(t, here)
	elsewhere, pinElsewhere := selfSigned(t, net.IPv4(192, 0, 2, 1))
	tests := []struct {
		name string
		cert tls.Certificate
		pin  string
		want string
	}{
		{"the pinned one", good, pin, ""},
		{"another one", other, pin, "--elasticsearch-ca"},
		{"the pinned one of another host", elsewhere, pinElsewhere, "certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(productHeader, "Elasticsearch")
				_, _ = io.WriteString(w, goodBanner)
			}))
			srv.TLS = &tls.Config{Certificates: []tls.Certificate{tt.cert}}
			srv.StartTLS()
			defer srv.Close()
			c, err := Open(t.Context(), Config{URLs: []string{srv.URL}, CAFile: tt.pin})
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				_ = c.Close()
				return
			}
			if !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

// selfSigned makes a certificate of no authority for an address, and its file.
func selfSigned(t *testing.T, ip net.IP) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{ip}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
