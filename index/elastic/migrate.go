package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/extract/forum"
	"forumine/index"
)

// Move is one alias on its way to a new index.
type Move struct {
	Kind  forum.DocKind `json:"kind"`
	Alias string        `json:"alias"`
	From  string        `json:"from"` // the index behind the alias now
	To    string        `json:"to"`
}

// PlanMigration gives the moves that bring every alias to an index with this
// program's mapping; with all, also those that have it already. The new index is
// PREFIX-NAME-vSCHEMA, or that name with -gN where it is taken. Indices that
// Setup has yet to make need no move. It changes nothing.
func (c *Client) PlanMigration(ctx context.Context, templates map[string]json.RawMessage, all bool) ([]Move, error) {
	var moves []Move
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		p, err := c.plan(name, templates[name])
		if err != nil {
			return nil, fmt.Errorf("reading the index template %s: %w", name, err)
		}
		states, err := c.indexStates(ctx, p)
		if err != nil {
			return nil, err
		}
		if err := p.checkNames(states); err != nil {
			return nil, fmt.Errorf("%w: %w: %w", index.ErrStop, ErrMapping, err)
		}
		behind := p.behind(states)
		if len(behind) == 0 {
			continue
		}
		from := p.target(states)
		if !all && states[from].Mappings.Meta.Fingerprint == p.fingerprint {
			continue
		}
		moves = append(moves, Move{Kind: c.kindOf(p.alias), Alias: p.alias, From: from, To: p.free(states)})
	}
	return moves, nil
}

func (c *Client) kindOf(alias string) forum.DocKind {
	for _, kind := range index.DocKinds() {
		if c.alias(kind) == alias {
			return kind
		}
	}
	return ""
}

// free is the first name of the plan's schema version that no index has.
func (p plan) free(states map[string]indexState) string {
	name := p.index
	for n := 2; ; n++ {
		if _, taken := states[name]; !taken {
			return name
		}
		name = p.index + "-g" + strconv.Itoa(n)
	}
}

// Prepare installs the templates and makes the indices of the moves; those that
// an interrupted migration has made stay as they are.
func (c *Client) Prepare(ctx context.Context, templates map[string]json.RawMessage, moves []Move) error {
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		p, err := c.plan(name, templates[name])
		if err != nil {
			return fmt.Errorf("reading the index template %s: %w", name, err)
		}
		i := slices.IndexFunc(moves, func(m Move) bool { return m.Alias == p.alias })
		if i < 0 {
			continue
		}
		if err := c.putTemplate(ctx, p); err != nil {
			return err
		}
		if err := c.prepareIndex(ctx, p, moves[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) prepareIndex(ctx context.Context, p plan, m Move) error {
	states, err := c.indexStates(ctx, p)
	if err != nil {
		return err
	}
	if have, ok := states[m.To]; ok {
		if have.Mappings.Meta.Fingerprint != p.fingerprint {
			return fmt.Errorf("%w: %w: the index %s of an interrupted migration has another mapping; delete it and migrate again", index.ErrStop, ErrMapping, m.To)
		}
		return nil
	}
	p.index = m.To
	_, err = c.createIndex(ctx, p)
	return err
}

// DeliverInto is Deliver into the new indices of the moves. Documents of other
// kinds are refused.
func (c *Client) DeliverInto(ctx context.Context, moves []Move, docs []index.Document) ([]index.Verdict, error) {
	into := map[forum.DocKind]string{}
	for _, m := range moves {
		into[m.Kind] = m.To
	}
	return c.deliver(ctx, docs, into)
}

// copyPoll is how often a running copy is asked how far it is.
const copyPoll = 500 * time.Millisecond

// CopyOthers copies, for one move, the documents of the sites that are not among
// these from the old index to the new one: those that other data folders have
// delivered. A document that the new index holds in the same or a newer version
// stays. It gives how many were copied.
func (c *Client) CopyOthers(ctx context.Context, m Move, sites []string) (int64, error) {
	body, err := json.Marshal(map[string]any{
		"conflicts": "proceed",
		"source":    map[string]any{"index": m.From, "query": map[string]any{"bool": map[string]any{"must_not": map[string]any{"terms": map[string]any{"site.id": sites}}}}},
		"dest":      map[string]any{"index": m.To, "version_type": "external"},
	})
	if err != nil {
		return 0, fmt.Errorf("writing the request: %w", err)
	}
	wait := false
	var started struct {
		Task string `json:"task"`
	}
	if err := c.ask(ctx, "copying documents to "+m.To, esapi.ReindexRequest{Body: bytes.NewReader(body), WaitForCompletion: &wait}, &started); err != nil {
		return 0, err
	}
	for {
		done, n, err := c.copied(ctx, m, started.Task)
		if err != nil || done {
			return n, err
		}
		select {
		case <-ctx.Done():
			return n, ctx.Err()
		case <-time.After(copyPoll):
		}
	}
}

// copied asks after a copy that Elasticsearch runs by itself.
func (c *Client) copied(ctx context.Context, m Move, task string) (done bool, n int64, err error) {
	var w struct {
		Completed bool   `json:"completed"`
		Error     *cause `json:"error"`
		Task      struct {
			Status struct {
				Created, Updated int64
			} `json:"status"`
		} `json:"task"`
		Response struct {
			Failures []json.RawMessage `json:"failures"`
		} `json:"response"`
	}
	if err := c.ask(ctx, "copying documents to "+m.To, esapi.TasksGetRequest{TaskID: task}, &w); err != nil {
		return false, 0, err
	}
	n = w.Task.Status.Created + w.Task.Status.Updated
	switch {
	case w.Error != nil:
		return true, n, fmt.Errorf("copying documents to %s: %s", m.To, w.Error)
	case len(w.Response.Failures) > 0:
		return true, n, fmt.Errorf("copying documents to %s: %d were refused, the first: %s", m.To, len(w.Response.Failures), excerpt(string(w.Response.Failures[0]), 300))
	}
	return w.Completed, n, nil
}

// Swap moves all aliases to their new indices in one step. The old indices stay
// until a person deletes them.
func (c *Client) Swap(ctx context.Context, moves []Move) error {
	var filter any
	if err := json.Unmarshal(index.AliasFilter(), &filter); err != nil {
		return fmt.Errorf("reading the filter of the aliases: %w", err)
	}
	var actions []any
	for _, m := range moves {
		actions = append(actions,
			map[string]any{"remove": map[string]any{"index": m.From, "alias": m.Alias}},
			map[string]any{"add": map[string]any{"index": m.To, "alias": m.Alias, "is_write_index": true, "filter": filter}})
	}
	return c.updateAliases(ctx, actions)
}

// DeleteOld deletes the index that a move has left. One that is gone already is
// no error.
func (c *Client) DeleteOld(ctx context.Context, m Move) error {
	ignore := true
	return c.command(ctx, "deleting "+m.From, esapi.IndicesDeleteRequest{Index: []string{m.From}, IgnoreUnavailable: &ignore})
}

// RefreshIndices makes what the new indices of the moves hold visible.
func (c *Client) RefreshIndices(ctx context.Context, moves []Move) error {
	var names []string
	for _, m := range moves {
		names = append(names, m.To)
	}
	return c.command(ctx, "refreshing "+strings.Join(names, ", "), esapi.IndicesRefreshRequest{Index: names})
}

// CountIn counts the documents of a site in an index, retracted ones included; 0
// for an index that does not exist.
func (c *Client) CountIn(ctx context.Context, name, site string) (int64, error) {
	body, err := json.Marshal(map[string]any{"query": map[string]any{"term": map[string]any{"site.id": site}}})
	if err != nil {
		return 0, fmt.Errorf("writing the query: %w", err)
	}
	a, err := c.do(ctx, esapi.CountRequest{Index: []string{name}, Body: bytes.NewReader(body)})
	if err != nil {
		return 0, err
	}
	if a.status == http.StatusNotFound && a.isES() {
		return 0, nil
	}
	if !a.ok() {
		return 0, fmt.Errorf("counting documents in %s: %w", name, c.refusal(a))
	}
	var w struct {
		Count  int64  `json:"count"`
		Shards shards `json:"_shards"`
	}
	if err := json.Unmarshal(a.body, &w); err != nil {
		return 0, fmt.Errorf("%w: reading the count of %s: %w", index.ErrUnavailable, name, err)
	}
	return w.Count, errors.Join(w.Shards.check(c.where))
}
