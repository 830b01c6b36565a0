package main

import (
	"strconv"
	"strings"
	"testing"

	"forumine/index/elastic/estest"
)

// TestSmallServer delivers to a server with one thread for writing and room for
// one more task, which rejects single documents of a request, and that takes no
// requests above a small size.
func TestSmallServer(t *testing.T) {
	server := estest.Start(t, estest.Options{Settings: []string{
		"node.processors: 1", "thread_pool.write.queue_size: 1", "http.max_content_length: 200kb",
	}})
	tr := trials(t, server, 100)(t, "small")
	cli(t, "index", "setup", "--elasticsearch", server.URL, "--elasticsearch-prefix", tr.prefix, "--elasticsearch-shards", "4")
	st := tr.ends(begin(t.Context(), tr.index("rebuild", tr.proxy.URL, "--elasticsearch-shards", "4")...))
	if st.Retried == 0 || st.Dead != 0 || st.Stored+st.Stale+st.Coalesced != tr.docs {
		t.Errorf("%d documents, counts %+v", tr.docs, st)
	}
	_, pools := server.Do("GET", "/_cat/thread_pool/write?h=rejected", "")
	if n, err := strconv.Atoi(strings.TrimSpace(pools)); err != nil || n == 0 {
		t.Errorf("the server has rejected %q writes", pools)
	}
	tr.check()
	t.Logf("%d requests, %s rejected, %+v", tr.proxy.Count(), strings.TrimSpace(pools), st)
}
