package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
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
is fetched.

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

	people map[string]*sought // by site
	moved  []archive.Rewritten
	pages  int
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
	fmt.Fprintf(s.out, "%d captures redacted, %d removed, %d pages read again, %d documents delivered to a new index\n", changed, dropped, f.pages, p.sender.Stats().Stored)
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
	if f.people, err = seek(ctx, p, sites, f.author); err != nil {
		return kept, err
	}
	if len(f.people) == 0 && f.isMarked(kept.Forgotten, p, sites) {
		return kept, errForgotten
	}
	if len(f.people) == 0 {
		return kept, fmt.Errorf("nobody is called %q in the archive: nothing was changed", f.author)
	}
	kept.Forgetting = nil
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
	return p.readAnew(ctx, func() { f.pages++; bar.step() })
}

func (f *forgetting) end(ctx context.Context, s streams, p *pipeline, kept keptPrivacy) error {
	if err := p.newGeneration(ctx, s, f.index); err != nil {
		return err
	}
	kept.Forgotten = slices.Compact(slices.Sorted(slices.Values(slices.Concat(kept.Forgotten, kept.Forgetting))))
	kept.Forgetting, kept.Step = nil, ""
	if err := p.store.Compact(ctx); err != nil {
		return err
	}
	return p.savePrivacy(ctx, kept)
}

// sought is one person on one site, as the archive shows them.
type sought struct {
	name    string
	found   bool
	shown   map[string]bool            // names
	ids     map[string]bool            // of accounts with that name
	namesOf map[string]map[string]bool // of every account, by id
	threads map[string][]string        // started, by name
	files   map[string][]string        // addresses of pictures and attachments, by name
}

// seek reads the archive for whoever has a name.
func seek(ctx context.Context, p *pipeline, sites map[string]state.Site, name string) (map[string]*sought, error) {
	people := map[string]*sought{}
	for id := range sites {
		people[id] = &sought{name: privacy.FoldName(name), shown: map[string]bool{name: true}, ids: map[string]bool{},
			namesOf: map[string]map[string]bool{}, threads: map[string][]string{}, files: map[string][]string{}}
	}
	err := p.store.CapturesInOrder(ctx, func(c state.Capture) error {
		who := people[c.Site]
		if who == nil {
			return nil
		}
		page, err := readOriginal(ctx, p.archive, pageReader{profiles: p.reader.profiles}, sites[c.Site], c)
		switch {
		case errors.Is(err, archive.ErrDestroyed):
			return errors.New("captures were destroyed, and what they said cannot be made anew without a person; nothing was changed. Export what you need, and begin another data folder")
		case errors.Is(err, archive.ErrLocked):
			return err
		case err != nil:
			p.log.Warn("an archived page cannot be read; whom it names is not known", "ref", c.Ref, "error", err)
			return ctx.Err()
		}
		who.look(page)
		return nil
	})
	for id, who := range people {
		if who.settle(); !who.found {
			delete(people, id)
		}
	}
	return people, err
}

func (w *sought) look(p *forum.Page) {
	see := func(a *forum.Author) string {
		if a == nil {
			return ""
		}
		name := w.see(a.Name, a.ID)
		if a.AvatarURL != "" {
			w.files[name] = append(w.files[name], a.AvatarURL)
		}
		return name
	}
	see(p.Profile)
	if t := p.Thread; t != nil {
		see(t.LastAuthor)
		if by := see(t.Author); by != "" && t.ID != "" {
			w.threads[by] = append(w.threads[by], t.ID)
		}
	}
	for i := range p.Listing {
		see(p.Listing[i].LastAuthor)
		if by := see(p.Listing[i].Author); by != "" && p.Listing[i].ID != "" {
			w.threads[by] = append(w.threads[by], p.Listing[i].ID)
		}
	}
	for i := range p.Posts {
		by := see(p.Posts[i].Author)
		if p.Posts[i].IsFirst && p.Thread != nil && p.Thread.ID != "" {
			w.threads[by] = append(w.threads[by], p.Thread.ID)
		}
		for _, a := range p.Posts[i].Attachments {
			w.files[by] = append(w.files[by], a.URL)
		}
		w.lookAside(&p.Posts[i])
	}
}

// lookAside sees whom a post names beside its author.
func (w *sought) lookAside(p *forum.Post) {
	w.see(p.EditedBy, "")
	for _, q := range p.Quotes {
		w.see(q.Author, q.AuthorID)
	}
	for _, m := range p.Mentions {
		w.see(m.Name, m.ID)
	}
	if p.Reactions != nil {
		for _, name := range p.Reactions.Users {
			w.see(name, "")
		}
	}
}

// see notes a name with an id and gives the name folded.
func (w *sought) see(name, id string) string {
	folded := privacy.FoldName(name)
	if folded == w.name {
		w.found, w.shown[strings.TrimSpace(name)] = true, true
		if id != "" {
			w.ids[id] = true
		}
	}
	if id != "" && name != "" {
		if w.namesOf[id] == nil {
			w.namesOf[id] = map[string]bool{}
		}
		w.namesOf[id][strings.TrimSpace(name)] = true
	}
	return folded
}

// settle adds the other names of the person's accounts.
func (w *sought) settle() {
	for id := range w.ids {
		maps.Copy(w.shown, w.namesOf[id])
	}
}

func (w *sought) names() []string { return slices.Sorted(maps.Keys(w.shown)) }

func (w *sought) person() privacy.Person {
	p := privacy.Person{Names: w.names(), IDs: slices.Sorted(maps.Keys(w.ids))}
	for _, name := range p.Names {
		p.Threads = append(p.Threads, w.threads[privacy.FoldName(name)]...)
	}
	return p
}

func (w *sought) hasFile(address string) bool {
	return slices.ContainsFunc(w.names(), func(name string) bool {
		return slices.Contains(w.files[privacy.FoldName(name)], address)
	})
}

// change says what becomes of one capture.
func (w *sought) change(p *pipeline, step privacy.Step, site state.Site, e archive.Exchange) (*archive.Exchange, bool, error) {
	if w.hasFile(e.URL) {
		return nil, false, nil
	}
	capture, err := e.Capture()
	if err != nil {
		return nil, !w.isIn(e.Body), nil //nolint:nilerr // what cannot be decoded stays unless it names the person
	}
	page, err := pageReader{profiles: p.reader.profiles}.page(site, capture)
	if err != nil {
		return nil, !w.isIn(capture.Body), nil //nolint:nilerr // likewise
	}
	grammar := p.reader.grammar(cmp.Or(page.Engine, site.Engine))
	names, found := step.Lost(site.ID, page, grammar)
	if !found && !w.isIn(capture.Body) {
		return nil, true, nil
	}
	by, err := writeRedacted(e, step.Page(site.ID, page, grammar), names)
	return &by, true, err
}

// isIn tells whether bytes bear one of the person's names.
func (w *sought) isIn(body []byte) bool {
	text := strings.ToLower(string(body))
	return slices.ContainsFunc(w.names(), func(name string) bool {
		name = strings.ToLower(name)
		return strings.Contains(text, name) || strings.Contains(text, strings.ReplaceAll(name, "'", "&#039;")) ||
			strings.Contains(text, privacy.Slug(name)+".")
	})
}
