package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"forumine/crawler/state"

	"github.com/spf13/cobra"
)

func newDeadLetters(s streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "dead-letters",
		Short: "List, show, send again or drop documents that the index refused",
		Long: `A document that the index refuses for good, for what is in it, becomes a dead
letter: it keeps its reason and its body, the crawl goes on, and the pages that
it came from are read again when they are next due. A newer version of the
document that the index takes removes it from the list.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newDeadList(s), newDeadShow(s), newDeadReplay(s), newDeadDrop(s))
	return c
}

func newDeadList(s streams) *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List dead letters: id, kind, key, when, and why",
		Example: "  forumine dead-letters list",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runDeadList(c.Context(), s, data) },
	}
	dataFlag(c.Flags(), &data)
	return c
}

func runDeadList(ctx context.Context, s streams, data string) error {
	return withReader(ctx, data, func(store *state.Reader) error {
		return store.DeadLetters(ctx, func(d state.DeadLetter) error {
			_, err := fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\t%s\n", d.ID, d.Kind, d.Key, d.At.UTC().Format(time.RFC3339), d.Reason)
			return err
		})
	})
}

func newDeadShow(s streams) *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:     "show ID",
		Short:   "Print one dead letter with its document as JSON",
		Example: "  forumine dead-letters show 3f0c… | jq .document",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return runDeadShow(c.Context(), s, data, args[0]) },
	}
	dataFlag(c.Flags(), &data)
	return c
}

// shownDeadLetter is what `dead-letters show` prints.
type shownDeadLetter struct {
	ID       string          `json:"id"`
	Key      string          `json:"key"`
	Version  int64           `json:"version"`
	At       time.Time       `json:"at"`
	Reason   string          `json:"reason"`
	Document json.RawMessage `json:"document"`
}

func runDeadShow(ctx context.Context, s streams, data, id string) error {
	return withReader(ctx, data, func(store *state.Reader) error {
		d, err := store.DeadLetterByID(ctx, id)
		if errors.Is(err, state.ErrNotFound) {
			return fmt.Errorf("there is no dead letter %q: `forumine dead-letters list` names them", id)
		}
		if err != nil {
			return err
		}
		shown := shownDeadLetter{d.ID, d.Key, d.Version, d.At.UTC(), d.Reason, d.Body}
		if !json.Valid(d.Body) { // that may be why it was refused
			if shown.Document, err = json.Marshal(string(d.Body)); err != nil {
				return fmt.Errorf("writing the document: %w", err)
			}
		}
		out := json.NewEncoder(s.out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(shown)
	})
}

// withReader opens the state of a data folder for reading.
func withReader(ctx context.Context, data string, fn func(*state.Reader) error) (err error) {
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return fn(store)
}

// deadChoice names dead letters: some by id, or all.
type deadChoice struct {
	data string
	all  bool
	ids  []string
}

func (d *deadChoice) flags(c *cobra.Command) {
	dataFlag(c.Flags(), &d.data)
	c.Flags().BoolVar(&d.all, "all", false, "all dead letters")
}

func (d *deadChoice) take(args []string) error {
	d.ids = args
	if d.all == (len(args) > 0) {
		return misuse("name dead letters by their ids, or give --all; `forumine dead-letters list` names them")
	}
	return nil
}

func newDeadReplay(s streams) *cobra.Command {
	var d deadChoice
	var f indexFlags
	c := &cobra.Command{
		Use:   "replay [ID]…",
		Short: "Send dead letters to the index again, in their present version",
		Example: `  forumine dead-letters replay --all
  forumine dead-letters replay 3f0c… --elasticsearch http://127.0.0.1:9200`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := d.take(args); err != nil {
				return err
			}
			return runDeadReplay(c.Context(), s, d, f)
		},
	}
	d.flags(c)
	f.add(c.Flags())
	return c
}

func runDeadReplay(ctx context.Context, s streams, d deadChoice, f indexFlags) (err error) {
	if err := dataFolder(d.data); err != nil {
		return err
	}
	p, err := openPipeline(ctx, pipelineOptions{data: d.data, index: f, seal: encryption{identity: identityFile(s)}}, newLog(s, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	n, err := p.store.ReplayDeadLetters(ctx, d.ids...)
	if err != nil {
		return explainDead(err)
	}
	if err := p.sender.Drain(ctx); err != nil {
		return err
	}
	refused := p.sender.Stats().Dead
	fmt.Fprintf(s.out, "%d sent again, %d refused again\n", n, refused)
	if refused > 0 {
		return statusError{code: exitFailed}
	}
	return nil
}

func newDeadDrop(s streams) *cobra.Command {
	var d deadChoice
	c := &cobra.Command{
		Use:   "drop [ID]…",
		Short: "Forget dead letters; their pages are read again when they are next due",
		Example: `  forumine dead-letters drop 3f0c…
  forumine dead-letters drop --all`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := d.take(args); err != nil {
				return err
			}
			return runDeadDrop(c.Context(), s, d)
		},
	}
	d.flags(c)
	return c
}

func runDeadDrop(ctx context.Context, s streams, d deadChoice) (err error) {
	if err := dataFolder(d.data); err != nil {
		return err
	}
	store, err := openState(ctx, d.data, newLog(s, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	n, err := store.DropDeadLetters(ctx, d.ids...)
	if err != nil {
		return explainDead(err)
	}
	fmt.Fprintf(s.out, "%d dropped\n", n)
	return nil
}

func explainDead(err error) error {
	if errors.Is(err, state.ErrNotFound) {
		return fmt.Errorf("%w; `forumine dead-letters list` names them", err)
	}
	return err
}
