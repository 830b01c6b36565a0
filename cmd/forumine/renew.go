package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/privacy"
	"forumine/index"
	"forumine/index/elastic"
	"forumine/index/local"
)

// A changed privacy is a new generation of everything behind the archive: the
// state forgets what pages have said, every archived page says it anew through
// the step, and the index is built from nothing.

// Where captures were destroyed, what the state holds of their pages is all there
// is: it goes through the step in its place, that of all pages alike.

// How far a renewal is, as it is kept in the state.
const (
	renewalReading = "reading"  // pages are being read again
	renewalInPlace = "in place" // what pages have said is being said anew
	renewalRead    = "read"     // either is done
)

// checkSink refuses to renew a data folder without the index that it delivers to.
func (p *pipeline) checkSink(ctx context.Context, f indexFlags) error {
	sink, err := p.store.Meta(ctx, metaSink)
	if err == nil && strings.HasPrefix(sink, "elasticsearch") && f.url == "" {
		err = misuse("this data folder delivers to %s, which would go on holding what is to go: name the server with --elasticsearch", sink)
	}
	return err
}

// renew brings about the privacy that the data folder is to have, from where that
// stands. It may be called again after any interruption.
func (p *pipeline) renew(ctx context.Context, s streams, f indexFlags, kept keptPrivacy) (pages int, err error) {
	bar := newProgress(s, p, nil)
	step := func() { pages++; bar.step() }
	switch kept.Step {
	case renewalReading:
		if err = p.store.SetDeleted(ctx, state.Deleted(kept.Pending.Deleted)); err == nil {
			err = p.readAnew(ctx, step)
		}
		if kept.Step = renewalRead; err == nil {
			err = p.savePrivacy(ctx, kept)
		}
	case renewalInPlace:
		p.inPlace = true
		kept.Step = renewalRead
		if through, ok := p.reader.privacy.(privacy.Step); ok {
			err = p.sayAnew(ctx, kept, through.After(kept.Policy), state.Deleted(kept.Pending.Deleted), step)
		}
	}
	bar.end()
	if err != nil {
		return pages, err
	}
	return pages, p.endRenewal(ctx, s, f, kept)
}

// beginRenewal finds out how the change can be brought about, and notes what is to
// come, so that nothing else is done before it is through. A change that cannot be
// brought about is refused, and changes nothing.
func (p *pipeline) beginRenewal(ctx context.Context) (keptPrivacy, error) {
	kept, err := readPrivacy(ctx, p.store.Reader)
	if err != nil || kept.Step != "" {
		return kept, err
	}
	migrating, err := p.store.Meta(ctx, metaMigration)
	if err != nil {
		return kept, err
	}
	if migrating != "" {
		return kept, errors.New("a migration of the index was interrupted: finish it with `forumine index migrate` first")
	}
	destroyed, err := p.checkCaptures(ctx)
	if err != nil {
		return kept, p.refuse(ctx, kept, err)
	}
	if kept.Step = renewalReading; destroyed > 0 {
		kept.Step = renewalInPlace
	}
	kept.Pending = p.privacyChange
	return kept, p.savePrivacy(ctx, kept)
}

// checkTighter refuses wishes that only destroyed captures could meet.
func (p *pipeline) checkTighter(ctx context.Context, kept keptPrivacy, want privacy.Policy) error {
	loosened := kept.Policy.Loosened(want)
	if len(loosened) == 0 || kept.Step != "" {
		return nil
	}
	destroyed, err := p.checkCaptures(ctx)
	if err == nil && destroyed > 0 {
		err = fmt.Errorf("%s destroyed, and what this data folder has left out of their pages is nowhere any more: %s cannot be met; nothing was changed. A stricter privacy can be had at any time; for a looser one, begin another data folder and crawl anew",
			plural(destroyed, "capture was", "captures were"), strings.Join(loosened, ", "))
	}
	if err != nil {
		return p.refuse(ctx, kept, err)
	}
	return nil
}

// refuse gives up a change that an older version has noted before it looked whether
// it can be brought about.
func (p *pipeline) refuse(ctx context.Context, kept keptPrivacy, why error) error {
	if kept.Pending == nil {
		return why
	}
	kept.Pending, kept.Step = nil, ""
	return errors.Join(why, p.savePrivacy(ctx, kept))
}

func (p *pipeline) endRenewal(ctx context.Context, s streams, f indexFlags, kept keptPrivacy) error {
	if err := p.newGeneration(ctx, s, f); err != nil {
		return err
	}
	if err := p.store.Compact(ctx); err != nil {
		return err
	}
	kept.Policy, kept.Pending, kept.Step = *kept.Pending, nil, ""
	return p.savePrivacy(ctx, kept)
}

// readAnew has every archived page say anew what it says, in the order in which
// the pages were observed.
func (p *pipeline) readAnew(ctx context.Context, step func()) error {
	destroyed, err := p.checkCaptures(ctx)
	if err == nil && destroyed > 0 {
		err = fmt.Errorf("%s destroyed meanwhile, and cannot be read again; nothing was changed", plural(destroyed, "capture was", "captures were"))
	}
	if err != nil {
		return err
	}
	sites := map[string]state.Site{}
	all, err := p.store.Sites(ctx)
	if err != nil {
		return err
	}
	for _, site := range all {
		sites[site.ID] = site
	}
	if err := p.store.Unread(ctx); err != nil {
		return err
	}
	err = p.store.CapturesInOrder(ctx, func(c state.Capture) error {
		if c.Outcome == state.Robots { // what a page asked for is kept to
			return nil
		}
		if step != nil {
			step()
		}
		return p.rereadOne(ctx, sites[c.Site], c, true, &passedOver{})
	})
	if err != nil {
		return fmt.Errorf("reading archived pages again: %w", err)
	}
	if _, err := p.store.FoldAuthors(ctx); err != nil {
		return fmt.Errorf("folding authors: %w", err)
	}
	_, err = p.store.DropUnread(ctx)
	return err
}

// checkCaptures makes sure that the archive has every page but those that were
// destroyed, before anything goes that only the archive can bring back. It gives
// how many were.
func (p *pipeline) checkCaptures(ctx context.Context) (destroyed int, err error) {
	missing, first := 0, error(nil)
	err = p.store.CapturesInOrder(ctx, func(c state.Capture) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		ref, err := archive.ParseRef(c.Ref)
		if err == nil {
			_, err = p.archive.Read(ctx, ref)
		}
		switch {
		case errors.Is(err, archive.ErrDestroyed):
			destroyed++
		case errors.Is(err, archive.ErrLocked):
			return lockedError(err)
		case err != nil:
			missing++
			first = errors.Join(first, err)
		}
		return nil
	})
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d archived pages cannot be read, and what they said would be lost; nothing was changed. `forumine archive check` names them: bring the files back first: %w", missing, first)
	}
	return destroyed, err
}

// lockedError says what can be done about captures that nobody opens.
func lockedError(err error) error {
	return fmt.Errorf("%w; nothing was changed. Where the identity is gone for good, destroy those captures first, which takes none (`forumine archive destroy --before DATE`): then what was read from them is changed in its place", err)
}

// sayAnew has all that pages have said go through a step, and keeps what is to be
// kept of privacy from then on.
func (p *pipeline) sayAnew(ctx context.Context, kept keptPrivacy, step privacy.Step, deleted state.Deleted, each func()) error {
	raw, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("writing what the data folder keeps of people: %w", err)
	}
	sites, err := sitesByID(ctx, p.store.Reader)
	if err != nil {
		return err
	}
	fold := index.NewFolder()
	_, err = p.store.Restate(ctx, state.Restatement{
		Deleted: deleted, Name: metaPrivacy, Value: string(raw), Step: each,
		Say: func(said state.PageSaid) ([]state.Restated, []state.RestatedVersion, error) {
			grammar := p.reader.grammar(sites[said.Site].Engine)
			saying := index.Saying{Contributions: said.Contributions, Captures: said.Captures, Versions: said.Versions, VersionCaptures: said.VersionCaptures}
			out, versions, err := fold.Restate(saying, func(parts []*forum.Page) []*forum.Page {
				return step.Parts(said.Site, parts, grammar)
			})
			return restatedAs(out), versionsAs(versions), err
		},
	})
	return err
}

func restatedAs(all []index.Restated) []state.Restated {
	out := make([]state.Restated, len(all))
	for i, r := range all {
		out[i] = state.Restated(r)
	}
	return out
}

func versionsAs(all []index.RestatedVersion) []state.RestatedVersion {
	out := make([]state.RestatedVersion, len(all))
	for i, v := range all {
		out[i] = state.RestatedVersion(v)
	}
	return out
}

// newGeneration builds the index from nothing out of the state.
func (p *pipeline) newGeneration(ctx context.Context, s streams, f indexFlags) error {
	client, remote := p.sink.(*elastic.Client)
	if remote {
		m := migrator{store: p.store, client: client, templates: index.Templates(f.templates()), out: s, replace: true}
		if err := m.run(ctx, true); err != nil {
			return err
		}
		if err := p.purgeOlder(ctx, s, client); err != nil {
			return err
		}
		if err := local.Remove(p.dir); err != nil {
			return err
		}
	} else if err := p.newLocal(); err != nil {
		return err
	}
	if _, err := p.store.Requeue(ctx); err != nil {
		return err
	}
	p.sender = index.NewSender(outbox{p.store, p.valve.stir}, p.sink, index.SenderOptions{InFlight: f.inFlight(), Log: p.log})
	return p.sender.Drain(ctx)
}

// purgeOlder takes what this data folder has delivered out of the indices that
// earlier migrations have left.
func (p *pipeline) purgeOlder(ctx context.Context, s streams, client *elastic.Client) error {
	sites, err := p.store.Sites(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, site := range sites {
		ids = append(ids, site.ID)
	}
	for _, kind := range index.DocKinds() {
		deleted, err := client.PurgeOlder(ctx, kind, ids)
		for _, name := range deleted {
			fmt.Fprintf(s.out, "%s, which an earlier migration left, is deleted\n", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newLocal puts an empty embedded index in the place of the old one.
func (p *pipeline) newLocal() error {
	if err := p.sink.Close(); err != nil {
		return err
	}
	p.sink = nil
	if err := local.Remove(p.dir); err != nil {
		return err
	}
	x, err := local.Open(p.dir, local.Options{})
	if err != nil {
		return err
	}
	p.sink = x
	return nil
}

// runRenew is a renewal as a run of its own.
func runRenew(ctx context.Context, s streams, p *pipeline, f indexFlags, command string) error {
	if err := p.beginRun(ctx, command); err != nil {
		return err
	}
	kept, err := p.beginRenewal(ctx)
	if err != nil {
		return p.endRun(ctx, p.run, err, nil)
	}
	n, err := p.renew(ctx, s, f, kept)
	if err := p.endRun(ctx, p.run, err, nil); err != nil {
		return fmt.Errorf("%w; the same command goes on", err)
	}
	fmt.Fprintf(s.out, "%s, %d documents delivered to a new index\n", p.renewedText(n), p.sender.Stats().Stored)
	return nil
}

// renewedText says how what pages say was made anew.
func (p *pipeline) renewedText(pages int) string {
	if !p.inPlace {
		return fmt.Sprintf("%d pages read again", pages)
	}
	return fmt.Sprintf("what %s said was changed in its place (captures were destroyed)", plural(pages, "page", "pages"))
}
