package state

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"forumine/extract/forum"
)

// Site is one forum. ID is "host[/path]" as fixed at first contact; other
// schemes, www and later hosts are Aliases of it.
type Site struct {
	ID            string
	Engine        string // engine id, empty until detected
	EngineVersion string
	Lang          string // BCP 47 tag of the interface
	Aliases       []string
	Facts         forum.Facts
	StartURLs     []string
}

// siteRow is a Site as stored.
type siteRow struct {
	id               int64
	site             Site
	facts, startURLs string
}

func (r *siteRow) decode() error {
	if err := json.Unmarshal([]byte(r.facts), &r.site.Facts); err != nil {
		return fmt.Errorf("reading facts of %s: %w", r.site.ID, err)
	}
	return wrap(json.Unmarshal([]byte(r.startURLs), &r.site.StartURLs), "reading start URLs of %s", r.site.ID)
}

// dst gives the scan targets in the order of sqlSite.
func (r *siteRow) dst() []any {
	s := &r.site
	return []any{&r.id, &s.ID, &s.Engine, &s.EngineVersion, &s.Lang, &r.facts, &r.startURLs}
}

// EnsureSite records a site and gives it as stored. A site that is known, by its
// id or by an alias, keeps its id; engine, version and language are replaced
// where given, aliases and start URLs are added, facts are taken when newer.
func (s *Store) EnsureSite(ctx context.Context, site Site) (Site, error) {
	if site.ID == "" {
		return Site{}, errors.New("recording a site: its id is missing")
	}
	var out Site
	var id int64
	err := s.write(ctx, durable, func(t *tx) error {
		row, err := t.mergeSite(site)
		if err != nil {
			return err
		}
		out, id = row.site, row.id
		return nil
	})
	if err != nil {
		return Site{}, wrap(err, "recording site %s", site.ID)
	}
	s.mu.Lock()
	s.sites[out.ID] = id
	s.mu.Unlock()
	s.known.forget()
	return out, nil
}

func (t *tx) mergeSite(site Site) (siteRow, error) {
	row, known, err := t.site(site.ID)
	if err != nil {
		return row, err
	}
	if !known {
		row.site = Site{ID: site.ID}
	}
	merged := &row.site
	merged.Engine = cmp.Or(site.Engine, merged.Engine)
	merged.EngineVersion = cmp.Or(site.EngineVersion, merged.EngineVersion)
	merged.Lang = cmp.Or(site.Lang, merged.Lang)
	merged.StartURLs = union(merged.StartURLs, site.StartURLs)
	merged.Aliases = union(merged.Aliases, site.Aliases)
	if !known || site.Facts.Version > merged.Facts.Version {
		merged.Facts = site.Facts
	}
	if err := t.saveSite(&row); err != nil {
		return row, err
	}
	row, _, err = t.site(row.site.ID) // an alias that another site has already is not taken
	return row, err
}

func (t *tx) saveSite(row *siteRow) error {
	s := &row.site
	facts, err := json.Marshal(s.Facts)
	if err != nil {
		return err
	}
	urls, err := json.Marshal(s.StartURLs)
	if err != nil {
		return err
	}
	row.id, err = t.insert(sqlSaveSite, s.ID, s.Engine, s.EngineVersion, s.Lang, string(facts), s.Facts.Version, string(urls))
	if err != nil {
		return err
	}
	for _, a := range s.Aliases {
		if a == s.ID {
			continue
		}
		if err := t.exec(sqlSaveAlias, a, row.id); err != nil {
			return err
		}
	}
	return nil
}

// site finds a site by its id or an alias.
func (t *tx) site(name string) (siteRow, bool, error) {
	var row siteRow
	ok, err := t.get(sqlSite, []any{name, name}, row.dst()...)
	if err != nil || !ok {
		return row, false, err
	}
	if err := row.decode(); err != nil {
		return row, false, err
	}
	err = t.each(sqlAliases, []any{row.id}, func(scan func(...any) error) error {
		var a string
		err := scan(&a)
		row.site.Aliases = append(row.site.Aliases, a)
		return err
	})
	return row, true, err
}

// siteID gives the row of a recorded site.
func (t *tx) siteID(name string) (int64, error) {
	if id, ok := t.s.sites[name]; ok {
		return id, nil
	}
	var id int64
	ok, err := t.get(sqlSiteID, []any{name}, &id)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, fmt.Errorf("site %s: %w: record it with EnsureSite first", name, ErrNotFound)
	}
	return id, nil
}

// SaveFacts stores what is known of a site unless facts.Version is older than what
// is stored, and tells whether it was.
func (s *Store) SaveFacts(ctx context.Context, site string, facts forum.Facts) (bool, error) {
	b, err := json.Marshal(facts)
	if err != nil {
		return false, fmt.Errorf("coding facts: %w", err)
	}
	var n int64
	err = s.write(ctx, durable, func(t *tx) error {
		id, err := t.siteID(site)
		if err != nil {
			return err
		}
		n, err = t.execN(sqlSaveFacts, string(b), facts.Version, id, facts.Version)
		return err
	})
	s.known.forget()
	return n > 0, wrap(err, "saving facts of %s", site)
}

// siteBook remembers sites as stored: every page asks for its own.
type siteBook struct {
	mu      sync.Mutex
	edition int // counts what was forgotten: what was read before that is not kept
	sites   map[string]Site
}

// maxSites bounds how many sites are remembered.
const maxSites = 1000

func (b *siteBook) get(id string) (s Site, edition int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok = b.sites[id]
	return s, b.edition, ok
}

func (b *siteBook) keep(id string, s Site, edition int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if edition != b.edition || len(b.sites) >= maxSites {
		return
	}
	if b.sites == nil {
		b.sites = map[string]Site{}
	}
	b.sites[id] = s
}

func (b *siteBook) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.edition++
	clear(b.sites)
}

// Site gives a site by its id or an alias; ErrNotFound when there is none.
func (s *Store) Site(ctx context.Context, id string) (Site, error) {
	site, edition, ok := s.known.get(id)
	if !ok {
		var err error
		if site, err = s.Reader.Site(ctx, id); err != nil {
			return site, err
		}
		s.known.keep(id, site, edition)
	}
	site.Aliases, site.StartURLs = slices.Clone(site.Aliases), slices.Clone(site.StartURLs)
	return site, nil
}

// Site gives a site by its id or an alias; ErrNotFound when there is none.
func (r *Reader) Site(ctx context.Context, id string) (Site, error) {
	var row siteRow
	if err := r.one(ctx, sqlSite, []any{id, id}, row.dst()...); err != nil {
		return Site{}, wrap(err, "reading site %s", id)
	}
	err := r.fill(ctx, &row)
	return row.site, err
}

func (r *Reader) fill(ctx context.Context, row *siteRow) error {
	if err := row.decode(); err != nil {
		return err
	}
	return r.each(ctx, sqlAliases, []any{row.id}, func(scan func(...any) error) error {
		var a string
		err := scan(&a)
		row.site.Aliases = append(row.site.Aliases, a)
		return err
	})
}

// Sites gives all sites in the order of their ids.
func (r *Reader) Sites(ctx context.Context) ([]Site, error) {
	var rows []*siteRow
	err := r.each(ctx, sqlSites, nil, func(scan func(...any) error) error {
		row := &siteRow{}
		rows = append(rows, row)
		return scan(row.dst()...)
	})
	out := make([]Site, 0, len(rows))
	for _, row := range rows {
		if err == nil {
			err = r.fill(ctx, row)
		}
		out = append(out, row.site)
	}
	return out, wrap(err, "reading sites")
}

// union appends what is new in more, keeping order.
func union(have, more []string) []string {
	for _, v := range more {
		if !slices.Contains(have, v) {
			have = append(have, v)
		}
	}
	return have
}
