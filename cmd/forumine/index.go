package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic"

	"github.com/spf13/cobra"
)

func newIndex(s streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "index",
		Short: "Set up, fill, verify and migrate the index that documents are delivered to",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newIndexSetup(s), newIndexRebuild(s), newIndexVerify(s), newIndexMigrate(s), newIndexRoles(s))
	return c
}

func newIndexSetup(s streams) *cobra.Command {
	var f indexFlags
	var show bool
	c := &cobra.Command{
		Use:   "setup",
		Short: "Install index templates, indices and aliases in Elasticsearch",
		Long: `Install index templates, indices and aliases in Elasticsearch. Every command
that delivers does so itself; this one is for operators who want it done with
other credentials, or want to see it first (--print).`,
		Example: `  forumine index setup --elasticsearch http://127.0.0.1:9200
  forumine index setup --print | jq .`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runIndexSetup(c.Context(), s, f, show) },
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&show, "print", false, "print the index templates as JSON instead of installing them")
	return c
}

func runIndexSetup(ctx context.Context, s streams, f indexFlags, show bool) (err error) {
	templates := index.Templates(f.templates())
	if show {
		out := json.NewEncoder(s.out)
		out.SetIndent("", "  ")
		return out.Encode(templates)
	}
	if f.url == "" {
		return misuse("name the server with --elasticsearch: the embedded index needs no setup")
	}
	client, err := openElastic(ctx, f, newLog(s, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	created, err := client.Setup(ctx, templates)
	if err != nil {
		return err
	}
	for _, name := range created {
		fmt.Fprintf(s.out, "created %s\n", name)
	}
	fmt.Fprintf(s.out, "%d templates are installed, %d indices were created\n", len(templates), len(created))
	return nil
}

func newIndexRoles(s streams) *cobra.Command {
	var f indexFlags
	var show bool
	c := &cobra.Command{
		Use:   "roles",
		Short: "Install Elasticsearch roles with the least privileges: operator, crawler, analyst",
		Long: `Install Elasticsearch roles with the least privileges, named after the prefix:
forum-operator may run index setup, migrate and verify; forum-crawler delivers
into indices that are set up; forum-analyst searches and opens Kibana's data
views. The credentials in the environment need manage_security.`,
		Example: `  forumine index roles --print | jq .
  forumine index roles --elasticsearch https://127.0.0.1:9200 --elasticsearch-ca ca.pem`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runIndexRoles(c.Context(), s, f, show) },
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&show, "print", false, "print the roles as JSON instead of installing them")
	return c
}

func runIndexRoles(ctx context.Context, s streams, f indexFlags, show bool) (err error) {
	if show {
		out := json.NewEncoder(s.out)
		out.SetIndent("", "  ")
		return out.Encode(elastic.Roles(f.prefix))
	}
	if f.url == "" {
		return misuse("name the server with --elasticsearch")
	}
	client, err := openElastic(ctx, f, newLog(s, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	names, err := client.PutRoles(ctx)
	for _, name := range names {
		fmt.Fprintf(s.out, "installed the role %s\n", name)
	}
	return err
}

func newIndexRebuild(s streams) *cobra.Command {
	var data, from string
	var f indexFlags
	c := &cobra.Command{
		Use:   "rebuild",
		Short: "Deliver every document again, to fill an empty index or a new cluster",
		Long: `Deliver every document again: from the state as it stands, or after reading
every archived page again. Nothing is fetched. An index that holds a document in
this version already keeps it.`,
		Example: `  forumine index rebuild --from state --elasticsearch http://127.0.0.1:9200
  forumine index rebuild --from archive`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runIndexRebuild(c.Context(), s, data, from, f) },
	}
	dataFlag(c.Flags(), &data)
	f.add(c.Flags())
	c.Flags().StringVar(&from, "from", "state", "state: documents as they stand; archive: read every page again first")
	return c
}

func runIndexRebuild(ctx context.Context, s streams, data, from string, f indexFlags) (err error) {
	if from != "state" && from != "archive" {
		return misuse("--from %q is neither state nor archive", from)
	}
	if err := dataFolder(data); err != nil {
		return err
	}
	p, err := openPipeline(ctx, pipelineOptions{data: data, index: f, seal: encryption{identity: identityFile(s)}}, newLog(s, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.begin(ctx, "index rebuild --from "+from); err != nil {
		return err
	}
	if err := p.rebuild(ctx, from); err != nil {
		return errors.Join(err, p.finish(ctx, "failed"))
	}
	if err := p.finish(ctx, "complete"); err != nil {
		return err
	}
	stats := p.sender.Stats()
	fmt.Fprintf(s.out, "%d documents delivered, %d were there already, %d refused\n", stats.Stored, stats.Stale, stats.Dead)
	if stats.Dead > 0 {
		return statusError{exitFailed, errors.New("the index refused documents: see `forumine dead-letters list`")}
	}
	return nil
}

func (p *pipeline) rebuild(ctx context.Context, from string) error {
	if from == "archive" {
		if _, err := p.reread(ctx, rereadAll, nil); err != nil {
			return err
		}
		if _, err := p.store.FoldAuthors(ctx); err != nil {
			return fmt.Errorf("folding authors: %w", err)
		}
	}
	_, err := p.store.Requeue(ctx)
	return err
}

func newIndexVerify(s streams) *cobra.Command {
	var v verifying
	c := &cobra.Command{
		Use:   "verify",
		Short: "Compare the index with the state, document by document, and repair it",
		Long: `Compare the index with the state: what waits in the outbox is delivered first,
then every document's version is compared and, for one document in --every, its
whole body; the totals show documents that the state does not know. What differs
is named, one line each: fault, kind, key. The exit status is 1 when something
does. With --repair it is delivered again and compared once more.`,
		Example: `  forumine index verify --elasticsearch http://127.0.0.1:9200
  forumine index verify --every 1 --repair`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return v.run(c.Context(), s) },
	}
	dataFlag(c.Flags(), &v.data)
	v.index.add(c.Flags())
	c.Flags().BoolVar(&v.repair, "repair", false, "deliver what differs again")
	c.Flags().Uint32Var(&v.every, "every", 20, "compare the bodies of one document in this many; 1 for all")
	return c
}

// verifying is one `index verify`.
type verifying struct {
	data   string
	index  indexFlags
	repair bool
	every  uint32
}

// verifyBatch is how many documents are compared at a time.
const verifyBatch = 500

func (v verifying) run(ctx context.Context, s streams) (err error) {
	if v.every == 0 {
		return misuse("--every 0 compares nothing: 1 compares every body")
	}
	if err := dataFolder(v.data); err != nil {
		return err
	}
	p, err := openPipeline(ctx, pipelineOptions{data: v.data, index: v.index, seal: encryption{identity: identityFile(s)}}, newLog(s, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	faults, err := v.pass(ctx, s, p, true)
	if err != nil || faults == 0 {
		return err
	}
	if !v.repair {
		return statusError{exitFailed, fmt.Errorf("the index differs in %d places; --repair delivers these documents again", faults)}
	}
	if faults, err = v.pass(ctx, s, p, false); err != nil {
		return err
	}
	if faults > 0 {
		return statusError{exitFailed, fmt.Errorf("%d places differ after the repair: documents that only the index has are left alone, and a refused one is a dead letter", faults)}
	}
	fmt.Fprintln(s.out, "repaired")
	return nil
}

// pass delivers what waits, compares everything, and gives the number of faults.
func (v verifying) pass(ctx context.Context, s streams, p *pipeline, first bool) (int, error) {
	if err := p.sender.Drain(ctx); err != nil {
		return 0, err
	}
	if err := p.refresh(ctx); err != nil {
		return 0, err
	}
	totals := map[totalOf]int64{}
	faults, compared := 0, 0
	for _, kind := range index.DocKinds() {
		err := p.eachBatch(ctx, kind, verifyBatch, func(docs []index.Document) error {
			for _, d := range docs {
				totals[totalOf{kind, index.KeySite(d.Key)}]++
			}
			compared += len(docs)
			n, err := v.compare(ctx, s, p, kind, docs, first)
			faults += n
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	extra, err := v.compareTotals(ctx, s, p, totals)
	if first {
		fmt.Fprintf(s.out, "%d documents compared, %d differ, %d only in the index\n", compared, faults, extra)
	}
	return faults + int(extra), err
}

// totalOf names one count of documents.
type totalOf struct {
	kind forum.DocKind
	site string
}

func (v verifying) compare(ctx context.Context, s streams, p *pipeline, kind forum.DocKind, docs []index.Document, first bool) (int, error) {
	diffs, err := index.Compare(ctx, p.sink, kind, docs, v.sampled)
	if err != nil {
		return 0, err
	}
	ids := make([]string, len(diffs))
	for i, d := range diffs {
		ids[i] = d.Document.ID
		fmt.Fprintf(s.out, "%s\t%s\t%s\n", d.Fault, kind, d.Document.Key)
	}
	if v.repair && first && len(ids) > 0 {
		if _, err := p.store.Redeliver(ctx, ids...); err != nil {
			return 0, err
		}
	}
	return len(diffs), nil
}

// sampled chooses the documents whose bodies are compared: always the same ones.
func (v verifying) sampled(d index.Document) bool {
	b, err := hex.DecodeString(d.ID[:8])
	return err != nil || binary.BigEndian.Uint32(b)%v.every == 0
}

// compareTotals gives how many documents of the state's sites the index has
// beside those that the state knows.
func (v verifying) compareTotals(ctx context.Context, s streams, p *pipeline, totals map[totalOf]int64) (int64, error) {
	keys := slices.SortedFunc(maps.Keys(totals), func(a, b totalOf) int {
		return strings.Compare(string(a.kind)+a.site, string(b.kind)+b.site)
	})
	extra := int64(0)
	for _, k := range keys {
		n, err := p.sink.Total(ctx, k.kind, k.site)
		if err != nil {
			return 0, err
		}
		if n > totals[k] {
			extra += n - totals[k]
			fmt.Fprintf(s.out, "unknown\t%s\t%s: the index has %d, the state %d; did another data folder deliver here?\n", k.kind, k.site, n, totals[k])
		}
	}
	return extra, nil
}

// refresh makes delivered documents visible to searches.
func (p *pipeline) refresh(ctx context.Context) error {
	if r, ok := p.sink.(interface{ Refresh(context.Context) error }); ok {
		return r.Refresh(ctx)
	}
	return nil
}

// eachBatch calls fn for all delivered documents of a kind, some at a time; dead
// letters are left out.
func (p *pipeline) eachBatch(ctx context.Context, kind forum.DocKind, size int, fn func([]index.Document) error) error {
	return p.eachBatchAfter(ctx, kind, "", size, fn)
}

// eachBatchAfter is eachBatch from behind a key on.
func (p *pipeline) eachBatchAfter(ctx context.Context, kind forum.DocKind, after string, size int, fn func([]index.Document) error) error {
	dead := map[string]bool{}
	if err := p.store.DeadLetters(ctx, func(d state.DeadLetter) error { dead[d.ID] = true; return nil }); err != nil {
		return err
	}
	batch := make([]index.Document, 0, size)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := fn(batch)
		batch = batch[:0]
		return err
	}
	err := p.store.Documents(ctx, state.DocumentFilter{Kind: kind, After: after}, func(d state.Document) error {
		if dead[d.ID] {
			return nil
		}
		batch = append(batch, index.Document{ID: d.ID, Kind: d.Kind, Key: d.Key, Version: d.Version, Body: index.WithSequence(d.Body, d.Sequence)})
		if len(batch) < size {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}
