package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/index"
	"forumine/index/elastic"
	"forumine/index/local"
)

// A changed privacy is a new generation of everything behind the archive: the
// state forgets what pages have said, every archived page says it anew through
// the step, and the index is built from nothing.

// renewalRead is how far a renewal is once all pages have been read again.
const renewalRead = "read"

// checkSink refuses to renew a data folder without the index that it delivers to.
func (p *pipeline) checkSink(ctx context.Context, f indexFlags) error {
	sink, err := p.store.Meta(ctx, metaSink)
	if err == nil && strings.HasPrefix(sink, "elasticsearch") && f.url == "" {
		err = misuse("this data folder delivers to %s, which would go on holding what is to go: name the server with --elasticsearch", sink)
	}
	return err
}

// renew brings about the privacy that the data folder is to have. It may be
// called again after any interruption.
func (p *pipeline) renew(ctx context.Context, s streams, f indexFlags) (pages int, err error) {
	kept, err := p.beginRenewal(ctx)
	if err != nil {
		return 0, err
	}
	if kept.Step != renewalRead {
		if err := p.store.SetDeleted(ctx, state.Deleted(kept.Pending.Deleted)); err != nil {
			return 0, err
		}
		bar := newProgress(s, p, nil)
		err := p.readAnew(ctx, func() { pages++; bar.step() })
		bar.end()
		if err != nil {
			return pages, err
		}
		kept.Step = renewalRead
		if err := p.savePrivacy(ctx, kept); err != nil {
			return pages, err
		}
	}
	return pages, p.endRenewal(ctx, s, f, kept)
}

// beginRenewal notes what is to come, so that nothing else is done before it is
// through.
func (p *pipeline) beginRenewal(ctx context.Context) (keptPrivacy, error) {
	kept, err := readPrivacy(ctx, p.store.Reader)
	if err != nil || kept.Pending != nil {
		return kept, err
	}
	migrating, err := p.store.Meta(ctx, metaMigration)
	if err != nil {
		return kept, err
	}
	if migrating != "" {
		return kept, errors.New("a migration of the index was interrupted: finish it with `forumine index migrate` first")
	}
	kept.Pending, kept.Step = p.privacyChange, ""
	return kept, p.savePrivacy(ctx, kept)
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
	if err := p.checkCaptures(ctx); err != nil {
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

// checkCaptures makes sure that the archive has every page, before anything goes
// that only the archive can bring back.
func (p *pipeline) checkCaptures(ctx context.Context) error {
	missing, destroyed, first := 0, 0, error(nil)
	err := p.store.CapturesInOrder(ctx, func(c state.Capture) error {
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
			return err
		case err != nil:
			missing++
			first = errors.Join(first, err)
		}
		return nil
	})
	if err == nil && destroyed > 0 {
		return fmt.Errorf("%d captures were destroyed, and what they said cannot be read again in another way; nothing was changed. Export what you need, and begin another data folder for what is to be kept otherwise", destroyed)
	}
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d archived pages cannot be read, and what they said would be lost; nothing was changed. `forumine archive check` names them: bring the files back first: %w", missing, first)
	}
	return err
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
	n, err := p.renew(ctx, s, f)
	if err := p.endRun(ctx, p.run, err, nil); err != nil {
		return fmt.Errorf("%w; the same command begins again", err)
	}
	stats := p.sender.Stats()
	fmt.Fprintf(s.out, "%d pages read again, %d documents delivered to a new index\n", n, stats.Stored)
	return nil
}
