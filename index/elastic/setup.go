package elastic

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/index"
)

// ErrMapping is wrapped by Setup, beside index.ErrStop, when an index exists
// whose mapping is not this program's.
var ErrMapping = errors.New("mapping conflict")

// plan is what Setup wants for one alias.
type plan struct {
	alias       string
	index       string // the alias's concrete index
	schema      int
	fingerprint string // of mapping and analysis
	template    []byte
}

// Setup installs the composable index templates and makes, for each, the index
// PREFIX-NAME-vSCHEMA behind the alias PREFIX-NAME, which hides retracted
// documents. A template's key is its name with or without prefix ("forum-posts"
// or "posts"); its _meta.schema_version is the version of the index.
//
// Setup may be called any number of times. It gives the indices that it made:
// documents delivered earlier are not in them. It refuses, with ErrMapping and
// before it changes anything, an index whose mapping differs from the
// template's at the same version. A higher version gets a new index, to which
// the alias moves; the old index stays until a person deletes it.
func (c *Client) Setup(ctx context.Context, templates map[string]json.RawMessage) (created []string, err error) {
	var plans []plan
	states := map[string]map[string]indexState{}
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		p, err := c.plan(name, templates[name])
		if err != nil {
			return nil, fmt.Errorf("reading the index template %s: %w", name, err)
		}
		state, err := c.indexStates(ctx, p)
		if err != nil {
			return nil, err
		}
		if err := p.check(state); err != nil {
			return nil, fmt.Errorf("%w: %w: %w", index.ErrStop, ErrMapping, err)
		}
		plans, states[p.alias] = append(plans, p), state
	}
	for _, p := range plans {
		isNew, err := c.apply(ctx, p, states[p.alias])
		if err != nil {
			return created, err
		}
		if isNew {
			created = append(created, p.index)
		}
	}
	return created, nil
}

// plan reads a template and puts prefix, pattern and fingerprint into it.
func (c *Client) plan(name string, raw json.RawMessage) (plan, error) {
	var t map[string]any
	if err := json.Unmarshal(raw, &t); err != nil {
		return plan{}, err
	}
	short := strings.TrimPrefix(strings.TrimPrefix(name, c.cfg.Prefix+"-"), "forum-")
	p := plan{alias: c.cfg.Prefix + "-" + short}
	body, _ := t["template"].(map[string]any)
	mappings, _ := body["mappings"].(map[string]any)
	if mappings == nil {
		return plan{}, errors.New("it has no template.mappings")
	}
	meta, _ := mappings["_meta"].(map[string]any)
	version, ok := meta["schema_version"].(float64)
	if !ok || version < 1 {
		return plan{}, errors.New("its mappings have no _meta.schema_version")
	}
	p.schema = int(version)
	p.index = fmt.Sprintf("%s-v%d", p.alias, p.schema)
	if c.cfg.Generation > 1 {
		p.index += fmt.Sprintf("-g%d", c.cfg.Generation)
	}
	sum, err := fingerprint(body)
	if err != nil {
		return plan{}, err
	}
	p.fingerprint = sum
	meta["fingerprint"] = sum
	t["index_patterns"] = []string{p.alias + "-v*"}
	p.template, err = json.Marshal(t)
	return p, err
}

// fingerprint is a hash of what cannot change in a living index: mapping and
// analysis. Replicas, refresh interval and the like are the operator's.
func fingerprint(body map[string]any) (string, error) {
	mappings := maps.Clone(body["mappings"].(map[string]any))
	delete(mappings, "_meta")
	settings, _ := body["settings"].(map[string]any)
	if inner, ok := settings["index"].(map[string]any); ok {
		settings = inner
	}
	canonical, err := json.Marshal(map[string]any{"mappings": mappings, "analysis": settings["analysis"]})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:8]), nil
}

// indexState is what the server holds under the plan's names.
type indexState struct {
	Aliases map[string]struct {
		Filter       any  `json:"filter"`
		IsWriteIndex bool `json:"is_write_index"`
	} `json:"aliases"`
	Mappings struct {
		Meta struct {
			SchemaVersion int    `json:"schema_version"`
			Fingerprint   string `json:"fingerprint"`
		} `json:"_meta"`
	} `json:"mappings"`
}

func (c *Client) indexStates(ctx context.Context, p plan) (map[string]indexState, error) {
	yes := true
	a, err := c.do(ctx, esapi.IndicesGetRequest{Index: []string{p.alias, p.index}, IgnoreUnavailable: &yes, AllowNoIndices: &yes})
	if err != nil {
		return nil, err
	}
	if a.status == http.StatusNotFound && a.isES() {
		return nil, nil
	}
	if !a.ok() {
		return nil, c.refusal(a)
	}
	var states map[string]indexState
	if err := json.Unmarshal(a.body, &states); err != nil {
		return nil, fmt.Errorf("%w: reading the indices of %s: %w", index.ErrUnavailable, c.where, err)
	}
	return states, nil
}

// check refuses what Setup must not touch.
func (p plan) check(states map[string]indexState) error {
	if _, ok := states[p.alias]; ok {
		return fmt.Errorf("%s is an index, but has to be an alias; delete that index or choose another prefix", p.alias)
	}
	for name, s := range states {
		if _, behind := s.Aliases[p.alias]; behind && name != p.index && s.Mappings.Meta.SchemaVersion > p.schema {
			return fmt.Errorf("the alias %s points to %s, which a newer version of this program made (schema %d, not %d); use that version",
				p.alias, name, s.Mappings.Meta.SchemaVersion, p.schema)
		}
	}
	have, exists := states[p.index]
	switch meta := have.Mappings.Meta; {
	case !exists, meta.Fingerprint == p.fingerprint:
		return nil
	case meta.Fingerprint == "":
		return fmt.Errorf("the index %s exists, but this program did not make it; delete it or choose another prefix", p.index)
	default:
		return fmt.Errorf("the index %s has another mapping (%s) than this program's schema version %d (%s): a mapping changes only with a new schema version, which gets a new index; choose another prefix, or delete the index and send the documents again",
			p.index, meta.Fingerprint, p.schema, p.fingerprint)
	}
}

// apply makes the server as planned.
func (c *Client) apply(ctx context.Context, p plan, states map[string]indexState) (created bool, err error) {
	err = c.command(ctx, "installing the index template "+p.alias,
		esapi.IndicesPutIndexTemplateRequest{Name: p.alias, Body: bytes.NewReader(p.template)})
	if err != nil {
		return false, err
	}
	if _, exists := states[p.index]; !exists {
		if created, err = c.createIndex(ctx, p); err != nil {
			return false, err
		}
	}
	var filter any
	if err := json.Unmarshal(index.AliasFilter(), &filter); err != nil {
		return created, fmt.Errorf("reading the filter of the alias %s: %w", p.alias, err)
	}
	actions := p.aliasActions(states, filter)
	if len(actions) == 0 {
		return created, nil
	}
	body, err := json.Marshal(map[string]any{"actions": actions})
	if err != nil {
		return created, fmt.Errorf("writing the alias %s: %w", p.alias, err)
	}
	return created, c.command(ctx, "setting the alias "+p.alias, esapi.IndicesUpdateAliasesRequest{Body: bytes.NewReader(body)})
}

// createIndex makes the index; that somebody else has just made it is success.
func (c *Client) createIndex(ctx context.Context, p plan) (bool, error) {
	a, err := c.do(ctx, esapi.IndicesCreateRequest{Index: p.index})
	if err != nil {
		return false, err
	}
	if f := a.failure(); f != nil && f.Type == "resource_already_exists_exception" {
		states, err := c.indexStates(ctx, p)
		if err != nil {
			return false, err
		}
		if err := p.check(states); err != nil {
			return false, fmt.Errorf("%w: %w: %w", index.ErrStop, ErrMapping, err)
		}
		return false, nil
	}
	if !a.ok() {
		return false, fmt.Errorf("creating the index %s: %w", p.index, c.refusal(a))
	}
	return true, nil
}

// aliasActions moves the alias to the plan's index in one step: readers see the
// old index or the new one, never both and never none.
func (p plan) aliasActions(states map[string]indexState, filter any) []any {
	var actions []any
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if _, behind := states[name].Aliases[p.alias]; behind && name != p.index {
			actions = append(actions, map[string]any{"remove": map[string]any{"index": name, "alias": p.alias}})
		}
	}
	have, ok := states[p.index].Aliases[p.alias]
	if ok && have.IsWriteIndex && reflect.DeepEqual(have.Filter, filter) {
		return actions
	}
	return append(actions, map[string]any{"add": map[string]any{
		"index": p.index, "alias": p.alias, "is_write_index": true, "filter": filter,
	}})
}

// command sends a request whose answer holds nothing but success.
func (c *Client) command(ctx context.Context, what string, r esapi.Request) error {
	a, err := c.do(ctx, r)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if !a.ok() {
		return fmt.Errorf("%s: %w", what, c.refusal(a))
	}
	if !a.isES() {
		return fmt.Errorf("%s: %w", what, c.notElasticsearch(a, banner{}))
	}
	return nil
}

// Refresh makes delivered documents visible to Search and Count at once; without
// it they appear within the index's refresh interval.
func (c *Client) Refresh(ctx context.Context) error {
	return c.command(ctx, "refreshing the indices", esapi.IndicesRefreshRequest{Index: []string{c.cfg.Prefix + "-*"}})
}
