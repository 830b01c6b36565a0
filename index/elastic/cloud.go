package elastic

import (
	"encoding/base64"
	"errors"
	"net"
	"strings"
)

// CloudURL is the address of Elasticsearch that a cloud id of Elastic's hosted
// service stands for: "label:BASE64" of "host[:port]$elasticsearch[:port]$kibana".
func CloudURL(id string) (string, error) {
	_, encoded, ok := strings.Cut(id, ":")
	if !ok {
		return "", errors.New("reading the cloud id: it has no colon; copy it whole from the deployment's page")
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", errors.New("reading the cloud id: what follows its colon is no base64; copy it whole from the deployment's page")
	}
	parts := strings.Split(string(raw), "$")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" || strings.ContainsAny(string(raw), "/?#@ ") {
		return "", errors.New("reading the cloud id: it names no Elasticsearch")
	}
	host, port := parts[0], "443"
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	name := parts[1]
	if n, p, err := net.SplitHostPort(name); err == nil {
		name, port = n, p
	}
	return "https://" + name + "." + host + ":" + port, nil
}
