package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/index"
)

// minMajor is the oldest major version that speaks the API this package uses.
const minMajor = 8

// banner is the answer to GET /.
type banner struct {
	ClusterName string `json:"cluster_name"`
	ClusterUUID string `json:"cluster_uuid"`
	Tagline     string `json:"tagline"`
	Version     struct {
		Number       string `json:"number"`
		Distribution string `json:"distribution"`
	} `json:"version"`
}

// Check asks the server what it is. The error wraps index.ErrStop when it is
// not Elasticsearch 8 or later, refuses the credentials or the permission, or
// shows a certificate that is not trusted; and index.ErrUnavailable when it is
// not to be reached or not ready.
func (c *Client) Check(ctx context.Context) (Server, error) {
	a, err := c.doPlain(ctx, esapi.InfoRequest{})
	if err != nil {
		return Server{}, c.explain(err)
	}
	if !a.ok() {
		return Server{}, c.refusal(a)
	}
	var b banner
	if err := json.Unmarshal(a.body, &b); err != nil || !a.isES() {
		return Server{}, c.notElasticsearch(a, b)
	}
	major, _, _ := strings.Cut(b.Version.Number, ".")
	if n, err := strconv.Atoi(major); err != nil || n < minMajor {
		return Server{}, fmt.Errorf("%w: Elasticsearch %s at %s is too old; version %d or later is needed",
			index.ErrStop, b.Version.Number, c.where, minMajor)
	}
	s := Server{ClusterUUID: b.ClusterUUID, ClusterName: b.ClusterName, Version: b.Version.Number}
	if s.ClusterUUID == "" || s.ClusterUUID == "_na_" { // no master yet
		return Server{}, fmt.Errorf("%w: the cluster at %s has no master yet", index.ErrUnavailable, c.where)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.server.ClusterUUID; known != "" && known != s.ClusterUUID {
		return Server{}, fmt.Errorf("%w: another cluster than before answers at %s", index.ErrStop, c.where)
	}
	c.server = s
	return s, nil
}

// explain adds what a person may do about a server that cannot be reached.
func (c *Client) explain(err error) error {
	switch {
	case !errors.Is(err, index.ErrUnavailable):
		return err
	case isHTTPForHTTPS(err, c.where):
		return fmt.Errorf("%w; if the server expects TLS, write https:// in place of http://", err)
	}
	return fmt.Errorf("%w; is it running, and is the address right?", err)
}

// notElasticsearch names what answers instead.
func (c *Client) notElasticsearch(a answer, b banner) error {
	what := fmt.Sprintf("the HTTP server at %s is not Elasticsearch: it answers %d %s", c.where, a.status, http.StatusText(a.status))
	switch {
	case b.Version.Distribution == "opensearch" || strings.Contains(b.Tagline, "OpenSearch"):
		what = fmt.Sprintf("OpenSearch %s answers at %s; Elasticsearch %d or later is needed", b.Version.Number, c.where, minMajor)
	case b.Tagline == "You Know, for Search":
		what = fmt.Sprintf("what answers at %s calls itself Elasticsearch %s but does not send the header %s: it is older than 7.14 or not the original; Elasticsearch %d or later is needed",
			c.where, b.Version.Number, productHeader, minMajor)
	}
	return fmt.Errorf("%w: %s", index.ErrStop, what)
}
