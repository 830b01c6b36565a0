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
// before it changes anything, an alias whose index has another mapping than the
// template: PlanMigration, Prepare, DeliverInto and Swap move it to a new index.
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

// IsSetUp tells whether every template's index stands behind its alias with this
// program's mapping: then Setup would change nothing that deliveries need. It
// only reads, so that a crawler needs no right to set up.
func (c *Client) IsSetUp(ctx context.Context, templates map[string]json.RawMessage) (bool, error) {
	for name, raw := range templates {
		p, err := c.plan(name, raw)
		if err != nil {
			return false, fmt.Errorf("reading the index template %s: %w", name, err)
		}
		states, err := c.indexStates(ctx, p)
		if err != nil {
			return false, err
		}
		if len(p.behind(states)) == 0 || states[p.target(states)].Mappings.Meta.Fingerprint != p.fingerprint {
			return false, nil
		}
		p.index = p.target(states)
		if actions, err := p.aliasActions(states); err != nil || len(actions) > 0 {
			return false, err
		}
	}
	return true, nil
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

// indexStates gives the indices of all versions and generations of a plan, and
// one that stands in its alias's place.
func (c *Client) indexStates(ctx context.Context, p plan) (map[string]indexState, error) {
	yes := true
	a, err := c.do(ctx, esapi.IndicesGetRequest{Index: []string{p.alias, p.alias + "-v*"}, IgnoreUnavailable: &yes, AllowNoIndices: &yes})
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

// behind gives the indices that an alias points to, in the order of their names.
func (p plan) behind(states map[string]indexState) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if _, ok := states[name].Aliases[p.alias]; ok {
			names = append(names, name)
		}
	}
	return names
}

// target is the index that documents of the plan go to: the one behind the
// alias, else the one that Setup makes.
func (p plan) target(states map[string]indexState) string {
	for _, name := range p.behind(states) {
		if states[name].Aliases[p.alias].IsWriteIndex {
			return name
		}
	}
	if names := p.behind(states); len(names) > 0 {
		return names[0]
	}
	return p.index
}

// check refuses what Setup must not touch.
func (p plan) check(states map[string]indexState) error {
	if err := p.checkNames(states); err != nil {
		return err
	}
	name := p.target(states)
	have, exists := states[name]
	switch meta := have.Mappings.Meta; {
	case !exists, meta.Fingerprint == p.fingerprint:
		return nil
	case meta.SchemaVersion < p.schema:
		return fmt.Errorf("the index %s has schema version %d, this program writes %d: `forumine index migrate` builds a new index and moves the alias to it", name, meta.SchemaVersion, p.schema)
	default:
		return fmt.Errorf("the index %s has another mapping (%s) than this program's schema version %d (%s), which no other mapping may have; if its languages were changed on purpose, `forumine index migrate` builds a new index; else choose another prefix",
			name, meta.Fingerprint, p.schema, p.fingerprint)
	}
}

// checkNames refuses names that something else has.
func (p plan) checkNames(states map[string]indexState) error {
	if _, ok := states[p.alias]; ok {
		return fmt.Errorf("%s is an index, but has to be an alias; delete that index or choose another prefix", p.alias)
	}
	name := p.target(states)
	have, exists := states[name]
	switch meta := have.Mappings.Meta; {
	case !exists:
		return nil
	case meta.Fingerprint == "":
		return fmt.Errorf("the index %s exists, but this program did not make it; delete it or choose another prefix", name)
	case meta.SchemaVersion > p.schema:
		return fmt.Errorf("the alias %s points to %s, which a newer version of this program made (schema %d, not %d); use that version",
			p.alias, name, meta.SchemaVersion, p.schema)
	}
	return nil
}

// apply makes the server as planned.
func (c *Client) apply(ctx context.Context, p plan, states map[string]indexState) (created bool, err error) {
	if err := c.putTemplate(ctx, p); err != nil {
		return false, err
	}
	p.index = p.target(states)
	if _, exists := states[p.index]; !exists {
		if created, err = c.createIndex(ctx, p); err != nil {
			return false, err
		}
	}
	actions, err := p.aliasActions(states)
	if err != nil || len(actions) == 0 {
		return created, err
	}
	return created, c.updateAliases(ctx, actions)
}

func (c *Client) putTemplate(ctx context.Context, p plan) error {
	return c.command(ctx, "installing the index template "+p.alias,
		esapi.IndicesPutIndexTemplateRequest{Name: p.alias, Body: bytes.NewReader(p.template)})
}

func (c *Client) updateAliases(ctx context.Context, actions []any) error {
	body, err := json.Marshal(map[string]any{"actions": actions})
	if err != nil {
		return fmt.Errorf("writing the aliases: %w", err)
	}
	return c.command(ctx, "setting the aliases", esapi.IndicesUpdateAliasesRequest{Body: bytes.NewReader(body)})
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
func (p plan) aliasActions(states map[string]indexState) ([]any, error) {
	var filter any
	if err := json.Unmarshal(index.AliasFilter(), &filter); err != nil {
		return nil, fmt.Errorf("reading the filter of the alias %s: %w", p.alias, err)
	}
	var actions []any
	for _, name := range p.behind(states) {
		if name != p.index {
			actions = append(actions, map[string]any{"remove": map[string]any{"index": name, "alias": p.alias}})
		}
	}
	have, ok := states[p.index].Aliases[p.alias]
	if ok && have.IsWriteIndex && reflect.DeepEqual(have.Filter, filter) {
		return actions, nil
	}
	return append(actions, map[string]any{"add": map[string]any{
		"index": p.index, "alias": p.alias, "is_write_index": true, "filter": filter,
	}}), nil
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
