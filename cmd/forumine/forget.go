package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/privacy"

	"github.com/spf13/cobra"
)

func newForget(s streams) *cobra.Command {
	var f forgetting
	c := &cobra.Command{
		Use:   "forget --author NAME",
		Short: "Remove one person from archive, state and index for good, and keep them out",
		Long: `Remove one person, with all that they wrote, from archive, state and index: who
has that name on the site, and every account of that name under whatever name
else. Captures that name the person are replaced by what was read from them
without that person; the state's contributions, documents and revisions are made
anew; the index is built from nothing; and the state's file is rewritten. Nothing
is fetched. Where captures were destroyed, the person is found in what was read
from them, too, and taken out of it in its place.

A keyed mark stays behind, by which later crawls, imports and rebuilds leave the
person out, and a run that says that somebody was forgotten, not who. Interrupted,
the same command goes on; until it is through no other one writes to the data
folder. Exports, backups and copies are yours to look after.`,
		Example: `  forumine forget --author 'Ada Quill'
  forumine forget --author ada.quill --site forum.example.org --elasticsearch http://127.0.0.1:9200`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), s) },
	}
	dataFlag(c.Flags(), &f.data)
	c.Flags().StringVar(&f.author, "author", "", "name as the forum shows it, or its pseudonym's original; case does not matter")
	c.Flags().StringVar(&f.site, "site", "", "only on this site; default all sites of the data folder")
	c.Flags().StringVar(&f.keyFile, "privacy-key", "", "file with the key of marks and pseudonyms; default "+privacyKeyFile+" in the data folder; remembered")
	f.index.add(c.Flags())
	return c
}

// forgetting is one `forget`.
type forgetting struct {
	data, author, site, keyFile string
	index                       indexFlags
	stop                        func(stage string) error // of tests: between stages; nil for none

	people    map[string]*sought // by site
	destroyed int                // captures
	moved     []archive.Rewritten
	pages     int
}

// The stages of a forgetting, as they are kept in the state. Each begins with
// what the one before has made durable.
const (
	forgetRewrite = ""          // new archive files are written beside the old ones
	forgetPlace   = "rewritten" // the state says where captures will stand: the new files take their place
	forgetRead    = "placed"    // every page says anew what it says
	forgetIndex   = "read"      // the index is built, and the state's file rewritten
)

func (f *forgetting) run(ctx context.Context, s streams) (err error) {
	if strings.TrimSpace(f.author) == "" {
		return misuse("say who is to be forgotten: --author NAME")
	}
	if err := dataFolder(f.data); err != nil {
		return err
	}
	o := pipelineOptions{data: f.data, index: f.index, privacy: privacyFlags{keyFile: f.keyFile}, forget: true, seal: encryption{identity: identityFile(s)}}
	p, err := openPipeline(ctx, o, newLog(s, false))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.beginRun(ctx, "forget"); err != nil {
		return err
	}
	err = f.forget(ctx, s, p)
	changed, dropped := 0, 0
	for _, w := range f.moved {
		changed, dropped = changed+w.Changed, dropped+w.Dropped
	}
	if errors.Is(err, errForgotten) {
		fmt.Fprintln(s.out, err)
		return p.store.EndRun(ctx, p.run, "nothing to do", nil)
	}
	counts := map[string]int64{"captures_redacted": int64(changed), "captures_removed": int64(dropped)}
	if err := p.endRun(ctx, p.run, err, counts); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d captures redacted, %d removed, %s, %d documents delivered to a new index\n", changed, dropped, p.renewedText(f.pages), p.sender.Stats().Stored)
	return nil
}

// forget goes through the stages from where it stands.
func (f *forgetting) forget(ctx context.Context, s streams, p *pipeline) error {
	kept, err := f.begin(ctx, p)
	if err != nil {
		return err
	}
	for {
		if f.stop != nil {
			if err := f.stop(kept.Step); err != nil {
				return err
			}
		}
		switch kept.Step {
		case forgetRewrite:
			err = f.rewrite(ctx, p, &kept)
		case forgetPlace:
			if err = p.archive.FinishRewrite(); err == nil {
				kept.Step = forgetRead
				err = p.savePrivacy(ctx, kept)
			}
		case forgetRead:
			if err = f.read(ctx, s, p, kept); err == nil {
				kept.Step = forgetIndex
				err = p.savePrivacy(ctx, kept)
			}
		default:
			return f.end(ctx, s, p, kept)
		}
		if err != nil {
			return fmt.Errorf("%w; the same command goes on", err)
		}
	}
}

// begin finds out who is meant, and notes by marks that they are to be forgotten.
func (f *forgetting) begin(ctx context.Context, p *pipeline) (keptPrivacy, error) {
	kept, err := readPrivacy(ctx, p.store.Reader)
	if err != nil {
		return kept, err
	}
	sites, err := sitesByID(ctx, p.store.Reader)
	if err != nil {
		return kept, err
	}
	if f.site != "" && sites[f.site].ID == "" {
		return kept, misuse("there is no site %q in this data folder: there are %s", f.site, strings.Join(slices.Sorted(maps.Keys(sites)), ", "))
	}
	maps.DeleteFunc(sites, func(id string, _ state.Site) bool { return f.site != "" && id != f.site })
	if len(kept.Forgetting) > 0 && !f.isMarked(kept.Forgetting, p, sites) {
		return kept, errors.New("forgetting somebody else was interrupted: give that command again first")
	}
	if kept.Step != forgetRewrite {
		return kept, nil
	}
	if len(kept.Forgetting) == 0 {
		if err := p.recover(ctx); err != nil {
			return kept, err
		}
	}
	if err := f.seek(ctx, p, sites, kept.Policy.Authors); err != nil {
		return kept, err
	}
	if len(f.people) == 0 && f.isMarked(kept.Forgotten, p, sites) {
		return kept, errForgotten
	}
	if len(f.people) == 0 {
		return kept, f.nobody(kept.Policy.Authors)
	}
	if f.destroyed > 0 && kept.Policy.Authors == privacy.Drop {
		p.log.Warn("what was read from destroyed captures names nobody (--authors drop): posts that only they showed stay, without an author", "destroyed", f.destroyed)
	}
	kept.Forgetting, kept.InPlace = nil, f.destroyed > 0
	for id, who := range f.people {
		kept.Forgetting = append(kept.Forgetting, who.person().Marks(p.key, id)...)
	}
	slices.Sort(kept.Forgetting)
	return kept, p.savePrivacy(ctx, kept)
}

// errForgotten says that there is nothing left to do.
var errForgotten = errors.New("forgotten already: nothing was changed")

// isMarked tells whether the person is among those with these marks.
func (f *forgetting) isMarked(marks []string, p *pipeline, sites map[string]state.Site) bool {
	for id := range sites {
		for _, mark := range (privacy.Person{Names: []string{f.author}}).Marks(p.key, id) {
			if slices.Contains(marks, mark) {
				return true
			}
		}
	}
	return false
}

// recover settles what a crawl that died has archived: it belongs to somebody,
// too.
func (p *pipeline) recover(ctx context.Context) error {
	fetcher, err := newFetcher(crawlFlags{}, p.log)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	_, err = p.newCrawler(crawlFlags{}, fetcher).Recover(ctx)
	return err
}

// rewrite writes archive files without the person, and commits where captures
// will stand.
func (f *forgetting) rewrite(ctx context.Context, p *pipeline, kept *keptPrivacy) error {
	step, err := privacy.New(privacy.Policy{}, p.key)
	if err != nil {
		return err
	}
	moved, err := p.archive.Rewrite(ctx, func(_ archive.Ref, e archive.Exchange) (*archive.Exchange, bool, error) {
		site := p.siteOf(ctx, e.URL)
		who := f.people[site.ID]
		if who == nil {
			return nil, true, nil
		}
		return who.change(p, step.Forget(p.key, kept.Forgetting, who.names()...), site, e)
	})
	if err != nil {
		return err
	}
	files := map[string]map[int64]int64{}
	for _, w := range moved {
		files[w.File] = w.Moved
	}
	f.moved, kept.Step = moved, forgetPlace
	raw, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("noting what is forgotten: %w", err)
	}
	if err := p.store.SetMeta(ctx, metaSettledBelow, ""); err != nil { // positions that are no more
		return err
	}
	return p.store.MoveCaptures(ctx, files, metaPrivacy, string(raw))
}

// metaSettledBelow is where the crawler keeps how far the archive is settled.
const metaSettledBelow = "archive_settled_below"

func (f *forgetting) read(ctx context.Context, s streams, p *pipeline, kept keptPrivacy) error {
	step, err := privacy.New(kept.Policy, p.key)
	if err != nil {
		return err
	}
	p.reader.privacy = step.Forget(p.key, slices.Concat(kept.Forgotten, kept.Forgetting), f.author)
	bar := newProgress(s, p, nil)
	defer bar.end()
	each := func() { f.pages++; bar.step() }
	if kept.InPlace {
		return f.sayAnew(ctx, p, kept, step, each)
	}
	return p.readAnew(ctx, each)
}

func (f *forgetting) end(ctx context.Context, s streams, p *pipeline, kept keptPrivacy) error {
	if err := p.newGeneration(ctx, s, f.index); err != nil {
		return err
	}
	kept.Forgotten = slices.Compact(slices.Sorted(slices.Values(slices.Concat(kept.Forgotten, kept.Forgetting))))
	kept.Forgetting, kept.Step, kept.InPlace = nil, "", false
	if err := p.store.Compact(ctx); err != nil {
		return err
	}
	return p.savePrivacy(ctx, kept)
}
