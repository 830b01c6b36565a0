package elastic

import (
	"encoding/base64"
	"testing"
)

func TestCloudURL(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{
		{"eu.cloud.example$abc$kib", "https://abc.eu.cloud.example:443"},
		{"eu.cloud.example:9243$abc$kib", "https://abc.eu.cloud.example:9243"},
		{"eu.cloud.example:9243$abc:9244$", "https://abc.eu.cloud.example:9244"},
		{"eu.cloud.example$abc", "https://abc.eu.cloud.example:443"},
		{"eu.cloud.example$", ""},
		{"eu.cloud.example", ""},
		{"evil.example/x?$abc$kib", ""},
	}
	for _, tt := range tests {
		got, err := CloudURL("my-deployment:" + base64.StdEncoding.EncodeToString([]byte(tt.raw)))
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v, want %q", tt.raw, got, err, tt.want)
		}
	}
	for _, id := range []string{"", "no colon", "label:not base64!"} {
		if got, err := CloudURL(id); err == nil {
			t.Errorf("CloudURL(%q) = %q", id, got)
		}
	}
}
