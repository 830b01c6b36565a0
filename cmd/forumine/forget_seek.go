package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/privacy"
	"forumine/index"
)

// sought is one person on one site, as the archive shows them, and where captures
// were destroyed what is kept of them.
type sought struct {
	site    string
	key     privacy.Key     // of pseudonyms
	mode    privacy.Authors // of what is kept
	name    string
	alias   string // that stands for it; "" where none may
	found   bool
	shown   map[string]bool // names
	ids     map[string]bool // of accounts with that name
	namesOf sets            // of every account, by id
	threads sets            // started, by name
	files   sets            // addresses of pictures and attachments, by name
	pages   sets            // addresses of profiles, by name
	posts   sets            // native ids, by name
}

func newSought(site, name string, key privacy.Key, mode privacy.Authors) *sought {
	w := &sought{
		site: site, key: key, mode: mode, name: privacy.FoldName(name), shown: map[string]bool{name: true}, ids: map[string]bool{},
		namesOf: sets{}, threads: sets{}, files: sets{}, pages: sets{}, posts: sets{},
	}
	if mode == privacy.Pseudonymise {
		w.alias = key.Name(site, name)
	}
	return w
}

// seek reads the archive for whoever has the name and, where captures were
// destroyed, what the state holds of pages.
func (f *forgetting) seek(ctx context.Context, p *pipeline, sites map[string]state.Site, mode privacy.Authors) error {
	f.people, f.destroyed = map[string]*sought{}, 0
	for id := range sites {
		f.people[id] = newSought(id, f.author, p.key, mode)
	}
	err := p.store.CapturesInOrder(ctx, func(c state.Capture) error {
		who := f.people[c.Site]
		if who == nil {
			return nil
		}
		page, err := readOriginal(ctx, p.archive, pageReader{profiles: p.reader.profiles}, sites[c.Site], c)
		switch {
		case errors.Is(err, archive.ErrDestroyed):
			f.destroyed++
			return nil
		case errors.Is(err, archive.ErrLocked):
			return lockedError(err)
		case err != nil:
			p.log.Warn("an archived page cannot be read; whom it names is not known", "ref", c.Ref, "error", err)
			return ctx.Err()
		}
		who.look(page)
		return nil
	})
	if err == nil && f.destroyed > 0 {
		err = f.seekSaid(ctx, p)
	}
	for id, who := range f.people {
		if who.settle(); !who.found {
			delete(f.people, id)
		}
	}
	return err
}

// seekSaid looks through what the state holds of pages.
func (f *forgetting) seekSaid(ctx context.Context, p *pipeline) error {
	return p.store.EachStored(ctx, func(d state.Stored) (err error) {
		who := f.people[index.KeySite(d.Key)]
		var part *forum.Page
		switch {
		case who == nil || len(d.Body) == 0:
			return ctx.Err()
		case d.What == "contribution":
			part, err = index.Part(forum.Contribution{Doc: forum.DocRef{Kind: d.Kind, Key: d.Key}, Body: d.Body})
		case d.What == "document" && d.Kind == forum.DocRevision:
			part, err = index.PartOfVersion(d.Body)
		}
		if part != nil {
			who.look(part)
		}
		return err
	})
}

// nobody says why nobody was found.
func (f *forgetting) nobody(mode privacy.Authors) error {
	switch {
	case f.destroyed == 0:
		return fmt.Errorf("nobody is called %q in the archive: nothing was changed", f.author)
	case mode == privacy.Drop:
		return fmt.Errorf("nobody is called %q in the captures that are left, and what was read from the %d destroyed ones names nobody (--authors drop), so that nobody can be found in it by name: nothing was changed", f.author, f.destroyed)
	}
	return fmt.Errorf("nobody is called %q in the captures that are left, nor in what was read from the %d destroyed ones: nothing was changed", f.author, f.destroyed)
}

// sayAnew has everything said anew without the person, in its place.
func (f *forgetting) sayAnew(ctx context.Context, p *pipeline, kept keptPrivacy, step privacy.Step, each func()) error {
	p.inPlace = true
	names := []string{f.author}
	sites, err := sitesByID(ctx, p.store.Reader)
	if err != nil {
		return err
	}
	if kept.Policy.Authors == privacy.Pseudonymise {
		for id := range sites {
			names = append(names, p.key.Name(id, f.author))
		}
	}
	step = step.After(kept.Policy).Forget(p.key, slices.Concat(kept.Forgotten, kept.Forgetting), names...)
	kept.Step = forgetIndex
	return p.sayAnew(ctx, kept, step, state.Deleted(kept.Policy.Deleted), each)
}

func (w *sought) look(p *forum.Page) {
	see := func(a *forum.Author) string {
		if a == nil {
			return ""
		}
		name := w.see(a.Name, a.ID)
		w.files.add(name, a.AvatarURL)
		w.pages.add(name, a.URL)
		return name
	}
	see(p.Profile)
	if t := p.Thread; t != nil {
		see(t.LastAuthor)
		w.threads.add(see(t.Author), t.ID)
	}
	for i := range p.Listing {
		see(p.Listing[i].LastAuthor)
		w.threads.add(see(p.Listing[i].Author), p.Listing[i].ID)
	}
	for i := range p.Posts {
		by := see(p.Posts[i].Author)
		if p.Posts[i].IsFirst && p.Thread != nil {
			w.threads.add(by, p.Thread.ID)
		}
		for _, a := range p.Posts[i].Attachments {
			w.files.add(by, a.URL)
		}
		if w.mode == privacy.Drop {
			w.posts.add(by, p.Posts[i].ID)
		}
		w.lookAside(&p.Posts[i])
	}
}

// sets are sets of texts, each of something that has a name.
type sets map[string]map[string]bool

func (s sets) add(name, value string) {
	if name == "" || value == "" {
		return
	}
	if s[name] == nil {
		s[name] = map[string]bool{}
	}
	s[name][value] = true
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
	if folded == w.name || w.alias != "" && folded == w.alias {
		w.found, w.shown[strings.TrimSpace(name)] = true, true
		if id != "" {
			w.ids[id] = true
		}
	}
	w.namesOf.add(id, strings.TrimSpace(name))
	return folded
}

// settle adds the other names of the person's accounts.
func (w *sought) settle() {
	if w.alias != "" {
		for _, id := range slices.Collect(maps.Keys(w.ids)) {
			w.ids[w.key.ID(w.site, id)] = true
		}
	}
	for id := range w.ids {
		maps.Copy(w.shown, w.namesOf[id])
	}
}

func (w *sought) names() []string { return slices.Sorted(maps.Keys(w.shown)) }

func (w *sought) person() privacy.Person {
	p := privacy.Person{Names: w.names(), IDs: slices.Sorted(maps.Keys(w.ids))}
	for _, name := range p.Names {
		folded := privacy.FoldName(name)
		p.Threads = slices.AppendSeq(p.Threads, maps.Keys(w.threads[folded]))
		p.Posts = slices.AppendSeq(p.Posts, maps.Keys(w.posts[folded]))
		for _, addresses := range []map[string]bool{w.pages[folded], w.files[folded]} {
			for address := range addresses {
				if privacy.IsPseudonym(address) {
					p.URLs = append(p.URLs, address)
				}
			}
		}
	}
	return p
}

func (w *sought) hasFile(address string) bool {
	pseudonym := ""
	if w.alias != "" {
		pseudonym = w.key.URL(w.site, address)
	}
	return slices.ContainsFunc(w.names(), func(name string) bool {
		files := w.files[privacy.FoldName(name)]
		return files[address] || files[pseudonym]
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
