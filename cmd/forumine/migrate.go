package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"forumine/crawler/state"
	"forumine/index"
	"forumine/index/elastic"

	"github.com/spf13/cobra"
)

func newIndexMigrate(s streams) *cobra.Command {
	var data string
	var f indexFlags
	var all bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Move the Elasticsearch aliases to new indices with this version's mapping",
		Long: `Move the Elasticsearch aliases to new indices with this version's mapping, after
an upgrade or when --languages changed. The new indices are filled from the state
and, with what other data folders have delivered, from the old indices; then all
aliases move in one step. Readers see the old indices until then. The data folder
is held meanwhile. An interrupted migration goes on where it stopped; the old
indices stay until you delete them.`,
		Example: "  forumine index migrate --elasticsearch http://127.0.0.1:9200",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runMigrate(c.Context(), s, data, f, all) },
	}
	dataFlag(c.Flags(), &data)
	f.add(c.Flags())
	c.Flags().BoolVar(&all, "all", false, "build new indices even where the mapping is this version's")
	return c
}

// metaMigration is where the state keeps how far a migration is.
const metaMigration = "migration"

// migration is a migration under way.
type migration struct {
	Target string            `json:"target"` // the index's identity
	Moves  []elastic.Move    `json:"moves"`
	After  map[string]string `json:"after"` // last key that the new index has, by kind
}

func runMigrate(ctx context.Context, s streams, data string, f indexFlags, all bool) (err error) {
	if f.url == "" {
		return misuse("name the server with --elasticsearch: the embedded index is rebuilt by `forumine index rebuild`")
	}
	if err := dataFolder(data); err != nil {
		return err
	}
	log := newLog(s, false)
	store, err := openState(ctx, data, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	client, err := openElastic(ctx, f, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	m := migrator{store: store, client: client, templates: index.Templates(f.templates()), out: s}
	return m.run(ctx, all)
}

type migrator struct {
	store     *state.Store
	client    *elastic.Client
	templates map[string]json.RawMessage
	out       streams
	replace   bool // the old indices are deleted
}

func (m migrator) run(ctx context.Context, all bool) error {
	plan, err := m.plan(ctx, all)
	if err != nil {
		return err
	}
	if len(plan.Moves) == 0 {
		fmt.Fprintln(m.out.out, "nothing to migrate: every alias has an index with this version's mapping")
		return nil
	}
	if err := m.client.Prepare(ctx, m.templates, plan.Moves); err != nil {
		return err
	}
	for _, move := range plan.Moves {
		fmt.Fprintf(m.out.out, "filling %s\n", move.To)
		if err := m.fill(ctx, &plan, move); err != nil {
			return err
		}
	}
	if err := m.copyOthers(ctx, plan.Moves); err != nil {
		return err
	}
	if err := m.client.RefreshIndices(ctx, plan.Moves); err != nil {
		return err
	}
	if err := m.client.Swap(ctx, plan.Moves); err != nil {
		return err
	}
	for _, move := range plan.Moves {
		if m.replace {
			if err := m.client.DeleteOld(ctx, move); err != nil {
				return err
			}
			fmt.Fprintf(m.out.out, "%s is %s now; %s is deleted\n", move.Alias, move.To, move.From)
			continue
		}
		fmt.Fprintf(m.out.out, "%s is %s now; %s stays until you delete it\n", move.Alias, move.To, move.From)
	}
	return m.store.SetMeta(ctx, metaMigration, "")
}

// plan goes on with an interrupted migration to the same place, or begins one.
func (m migrator) plan(ctx context.Context, all bool) (migration, error) {
	var saved migration
	raw, err := m.store.Meta(ctx, metaMigration)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return saved, err
	}
	if raw != "" && json.Unmarshal([]byte(raw), &saved) == nil && saved.Target == m.client.Identity() {
		return saved, nil
	}
	moves, err := m.client.PlanMigration(ctx, m.templates, all)
	if err != nil {
		return saved, err
	}
	begun := migration{Target: m.client.Identity(), Moves: moves, After: map[string]string{}}
	return begun, m.save(ctx, begun)
}

func (m migrator) save(ctx context.Context, plan migration) error {
	raw, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("noting the migration: %w", err)
	}
	return m.store.SetMeta(ctx, metaMigration, string(raw))
}

// fill delivers all documents of a kind to its new index.
func (m migrator) fill(ctx context.Context, plan *migration, move elastic.Move) error {
	p := pipeline{store: m.store}
	after := plan.After[string(move.Kind)]
	return p.eachBatchAfter(ctx, move.Kind, after, verifyBatch, func(docs []index.Document) error {
		if err := m.deliver(ctx, plan.Moves, docs); err != nil {
			return err
		}
		plan.After[string(move.Kind)] = docs[len(docs)-1].Key
		return m.save(ctx, *plan)
	})
}

// migrateTries is how often a batch is sent to an index that is away or under
// pressure, with a pause that doubles from one to the next.
const migrateTries = 8

func (m migrator) deliver(ctx context.Context, moves []elastic.Move, docs []index.Document) error {
	pause := 250 * time.Millisecond
	var failed error
	for range migrateTries {
		verdicts, err := m.client.DeliverInto(ctx, moves, docs)
		if err != nil && !errors.Is(err, index.ErrUnavailable) {
			return err
		}
		if failed = err; err == nil {
			if docs, failed = undelivered(docs, verdicts); len(docs) == 0 {
				return nil
			}
			if !errors.Is(failed, index.ErrUnavailable) {
				return failed
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
	return fmt.Errorf("%w; the same command goes on from here", failed)
}

// undelivered gives the documents that have to go again, and why. A document that
// the new index refuses ends the migration.
func undelivered(docs []index.Document, verdicts []index.Verdict) (left []index.Document, why error) {
	for i, v := range verdicts {
		switch v.Result {
		case index.Refused:
			return docs, fmt.Errorf("the new index refuses %s: %s; the alias stays where it is", docs[i].Key, v.Reason)
		case index.Retry:
			left, why = append(left, docs[i]), fmt.Errorf("%w: %s", index.ErrUnavailable, v.Reason)
		}
	}
	return left, why
}

// copyOthers takes along what other data folders have delivered.
func (m migrator) copyOthers(ctx context.Context, moves []elastic.Move) error {
	sites, err := m.store.Sites(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, site := range sites {
		ids = append(ids, site.ID)
	}
	slices.Sort(ids)
	for _, move := range moves {
		n, err := m.client.CopyOthers(ctx, move, ids)
		if err != nil {
			return err
		}
		if n > 0 {
			fmt.Fprintf(m.out.out, "%d documents of other data folders copied to %s\n", n, move.To)
		}
	}
	return nil
}
