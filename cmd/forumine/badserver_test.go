package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
)

// badServers are the ways in which a server can fail a crawl, by name.
func badServers() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"unknown":   page(200, "<title>A shop</title><p>No forum here."),
		"login":     page(403, "<title>Log in</title><form action=/login method=post><input name=user><input type=password name=password></form>"),
		"unauth":    page(401, "<title>Log in</title><p>Please log in."),
		"challenge": page(503, "<title>Just a moment...</title><div id=challenge-running></div>", "Cf-Mitigated", "challenge"),
		"guard":     page(403, "<title>Just a moment...</title><div id=challenge-running></div>", "Cf-Mitigated", "challenge"),
		"empty":     page(200, ""),
		"missing":   page(404, "<title>Not found</title>"),
		"broken":    page(500, "<title>Oops</title>"),
		"busy":      page(429, "<title>Slow down</title>", "Retry-After", "3600"),
		"picture":   page(200, "\x89PNG\r\n\x1a\n", "Content-Type", "image/png"),
		"deep":      page(200, strings.Repeat("<div>", 5000)+"deep"),
		"truncated": truncatedGzip,
		"huge":      huge,
		"loop": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/again?"+r.URL.Path, http.StatusFound)
		},
		"scheme":   redirectTo("javascript:alert(1)"),
		"file":     redirectTo("file:///etc/passwd"),
		"private":  redirectTo("http://192.0.2.1:9/"),
		"html":     page(200, "<title>Not a cluster</title>"),
		"json":     page(200, `{"name":"other","version":{"number":"2.11.0","distribution":"opensearch"},"tagline":"The OpenSearch Project"}`, "Content-Type", "application/json"),
		"password": page(401, `{"error":{"type":"security_exception","reason":"unable to authenticate user"},"status":401}`, "Content-Type", "application/json", "X-Elastic-Product", "Elasticsearch"),
	}
}

// page answers with one body; header fields follow in pairs.
func page(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func redirectTo(target string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusFound)
	}
}

// truncatedGzip sends half of a compressed page and ends as if it were whole.
func truncatedGzip(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, "<title>Half</title>", strings.Repeat("<p>words and words", 500))
	_ = z.Close()
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(b.Bytes()[:b.Len()/2])
}

// huge sends a page of 20 MB.
func huge(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	line := []byte(strings.Repeat("<p>words and words ", 1000))
	for sent := 0; sent < 20<<20; sent += len(line) {
		if _, err := w.Write(line); err != nil {
			return
		}
	}
}
