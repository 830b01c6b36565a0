package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"forumine/extract/forum"
	"forumine/index"
)

// startGrace is how long a password that used to work may be refused before
// that is final: a node that has just started cannot check passwords yet.
const startGrace = time.Minute

// Deliver writes documents through the bulk API and gives one verdict each:
//
//	200, 201                       stored
//	409 version conflict           stale: the index holds this version or a newer one
//	429, 5xx, rejected, blocked    retry
//	other 4xx                      refused, with Elasticsearch's reason
//
// A request that is too large is halved, one that is refused as a whole is
// bisected until the documents at fault are found. Posts, threads and authors
// carry an external version; a revision is created once. The error wraps
// index.ErrUnavailable (outage, overload, an answer that cannot be read) or
// index.ErrStop (credentials, permissions, missing or closed index, not
// Elasticsearch), or is the context's.
func (c *Client) Deliver(ctx context.Context, docs []index.Document) ([]index.Verdict, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	return c.deliver(ctx, docs, nil)
}

// deliver writes documents through the aliases or, with into, to indices by kind.
func (c *Client) deliver(ctx context.Context, docs []index.Document, into map[forum.DocKind]string) ([]index.Verdict, error) {
	verdicts := make([]index.Verdict, len(docs))
	items := make([]item, 0, len(docs))
	for i, d := range docs {
		verdicts[i] = index.Verdict{ID: d.ID, Version: d.Version}
		it, err := c.encode(i, d, into)
		if err != nil {
			verdicts[i].Result, verdicts[i].Reason = index.Refused, err.Error()
			continue
		}
		items = append(items, it)
	}
	if err := c.send(ctx, request{items, into == nil}, verdicts); err != nil {
		return nil, err
	}
	return verdicts, nil
}

// ready checks and prepares the server before the first delivery.
func (c *Client) ready(ctx context.Context) error {
	c.mu.Lock()
	checked, prepared := c.server.ClusterUUID != "", c.prepared
	c.mu.Unlock()
	if !checked {
		if _, err := c.Check(ctx); err != nil {
			return err
		}
	}
	if prepared || c.cfg.Prepare == nil {
		return nil
	}
	if err := c.cfg.Prepare(ctx, c); err != nil {
		return fmt.Errorf("preparing Elasticsearch: %w", err)
	}
	c.mu.Lock()
	c.prepared = true
	c.mu.Unlock()
	return nil
}

// request is one bulk request: its items, and whether they name aliases.
type request struct {
	items     []item
	aliasOnly bool
}

// send delivers a request and writes its items' verdicts at their places.
func (c *Client) send(ctx context.Context, r request, out []index.Verdict) error {
	if len(r.items) == 0 {
		return nil
	}
	a, err := c.bulk(ctx, r.items, r.aliasOnly)
	if err != nil {
		return err
	}
	switch {
	case a.ok():
		return c.judge(a, r.items, out)
	case a.status == http.StatusRequestEntityTooLarge, a.status == http.StatusBadRequest && blamesDocuments(a):
		return c.split(ctx, a, r, out)
	}
	return c.refusal(a)
}

// blamesDocuments tells whether a request that was refused as a whole was
// refused for what is in it. A 400 that is not Elasticsearch's own, or that
// concerns headers or parameters, says nothing about any document.
func blamesDocuments(a answer) bool {
	f := a.failure()
	return a.isES() && f != nil && f.Type != "media_type_header_exception" &&
		!strings.Contains(f.Reason, "unrecognized parameter")
}

// split halves a request that was refused as a whole; a single item that is
// still refused is at fault itself.
func (c *Client) split(ctx context.Context, a answer, r request, out []index.Verdict) error {
	items := r.items
	if len(items) == 1 {
		v := &out[items[0].at]
		v.Result, v.Reason = index.Refused, a.why()
		if a.status == http.StatusRequestEntityTooLarge {
			v.Reason = "larger than the server accepts (status 413); raise http.max_content_length, or the limit of the proxy before it"
		}
		return nil
	}
	first, second := items[:len(items)/2], items[len(items)/2:]
	if err := c.send(ctx, request{first, r.aliasOnly}, out); err != nil {
		return err
	}
	err := c.send(ctx, request{second, r.aliasOnly}, out)
	if !errors.Is(err, index.ErrUnavailable) {
		return err
	}
	for _, it := range second { // the first half has its verdicts: keep them
		out[it.at].Result, out[it.at].Reason = index.Retry, err.Error()
	}
	return nil
}

// refusal turns an answer without verdicts into an error.
func (c *Client) refusal(a answer) error {
	f := a.failure()
	switch {
	case a.status == http.StatusTooManyRequests, a.status >= 500, f != nil && f.Type == "cluster_block_exception":
		return fmt.Errorf("%w: %s answers: %s", index.ErrUnavailable, c.where, a.why())
	case a.status == http.StatusUnauthorized:
		return c.unauthorized(a)
	case a.status == http.StatusForbidden:
		return c.forbidden(a)
	case !a.isES():
		return fmt.Errorf("%w: something other than Elasticsearch answers at %s: %s", index.ErrStop, c.where, a.why())
	}
	return fmt.Errorf("%w: %s answers: %s", index.ErrStop, c.where, a.why())
}

type bulkAnswer struct {
	Items []map[string]struct {
		ID     string `json:"_id"`
		Status int    `json:"status"`
		Error  *cause `json:"error"`
	} `json:"items"`
}

// judge reads the verdicts. An answer that does not fit the request says
// nothing about any item: everything goes again, which is harmless.
func (c *Client) judge(a answer, items []item, out []index.Verdict) error {
	c.accepted()
	var w bulkAnswer
	unreadable := func(what string) error {
		return fmt.Errorf("%w: reading the bulk answer of %s: %s", index.ErrUnavailable, c.where, what)
	}
	if !a.isES() {
		return unreadable("it does not come from Elasticsearch: " + a.text())
	}
	if err := json.Unmarshal(a.body, &w); err != nil {
		return unreadable(err.Error())
	}
	if len(w.Items) != len(items) {
		return unreadable(fmt.Sprintf("%d results for %d documents", len(w.Items), len(items)))
	}
	for i, entry := range w.Items {
		for _, r := range entry {
			if r.ID != items[i].id || len(entry) != 1 {
				return unreadable(fmt.Sprintf("result %d is for %q, not for %q", i, r.ID, items[i].id))
			}
			if stopsAll(r.Status, r.Error) {
				return fmt.Errorf("%w: %s answers: status %d, %s", index.ErrStop, c.where, r.Status, r.Error)
			}
			v := &out[items[i].at]
			v.Result, v.Reason = verdict(r.Status, r.Error)
		}
		if len(entry) == 0 {
			return unreadable(fmt.Sprintf("result %d is empty", i))
		}
	}
	return nil
}

// stopsAll tells the failures of an item that concern every other item too.
func stopsAll(status int, f *cause) bool {
	if status == http.StatusUnauthorized {
		return true
	}
	if f == nil {
		return false
	}
	switch f.Type {
	case "security_exception", "index_not_found_exception", "index_closed_exception":
		return true
	case "illegal_argument_exception":
		return strings.Contains(f.Reason, "no write index is defined") ||
			strings.Contains(f.Reason, "Number of documents in the")
	}
	return false
}

// verdict is what becomes of one item.
func verdict(status int, f *cause) (index.Result, string) {
	if status >= 200 && status < 300 {
		return index.Stored, ""
	}
	reason := fmt.Sprintf("status %d, %s", status, f)
	switch {
	case f != nil && (f.Type == "fail_processor_exception" || f.Type == "ingest_processor_exception"):
		return index.Refused, reason // an ingest pipeline's word, which comes as a 500
	case status == http.StatusConflict:
		return index.Stale, ""
	case status == http.StatusTooManyRequests, status >= 500, status < 400:
		return index.Retry, reason
	}
	if f != nil {
		switch f.Type {
		case "es_rejected_execution_exception", "circuit_breaking_exception",
			"cluster_block_exception", "unavailable_shards_exception":
			return index.Retry, reason
		}
	}
	return index.Refused, reason
}

// unauthorized is final, except shortly after a password that used to work is
// first refused: the node may just have started.
func (c *Client) unauthorized(a answer) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.cfg.Now()
	if c.server.ClusterUUID != "" {
		if c.refused.IsZero() {
			c.refused = now
		}
		if now.Sub(c.refused) < startGrace {
			return fmt.Errorf("%w: %s does not take the credentials it used to take; it may still be starting: %s", index.ErrUnavailable, c.where, a.why())
		}
	}
	who := "credentials are needed: give a user name and password, or an API key"
	switch {
	case c.cfg.APIKey != "":
		who = "the API key is wrong, expired or revoked"
	case c.cfg.Username != "":
		who = fmt.Sprintf("the password of user %q is wrong, or there is no such user", c.cfg.Username)
	}
	return fmt.Errorf("%w: %s refuses the credentials (status 401): %s", index.ErrStop, c.where, who)
}

// accepted notes that the credentials work.
func (c *Client) accepted() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = time.Time{}
}

func (c *Client) forbidden(a answer) error {
	return fmt.Errorf("%w: %s does not permit this (status 403): %s; the user or API key needs the cluster privileges monitor and manage_index_templates, and all privileges on the indices %s-*",
		index.ErrStop, c.where, a.why(), c.cfg.Prefix)
}
