package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"forumine/crawler/state"
	"forumine/extract"
	"forumine/extract/profile"
)

// metaProfiles is where the state keeps the profiles that a data folder's pages
// are read with: later runs read them alike without being told again.
const metaProfiles = "profiles"

// metaReread is where the state keeps which sites' pages were read by another
// profile than the present one.
const metaReread = "reread_profiles"

// forgetProfiles is what --profile says to read without those that are kept.
const forgetProfiles = "none"

// given are the profiles of a command line.
type given struct {
	set    profile.Set
	forget bool
}

func givenProfiles(names []string) (given, error) {
	forget := slices.Contains(names, forgetProfiles)
	if forget && len(names) > 1 {
		return given{}, misuse("--profile none stands alone: it forgets the profiles that the data folder keeps")
	}
	if forget {
		return given{forget: true}, nil
	}
	set, err := readProfiles(names)
	return given{set: set}, err
}

// useProfiles has pages read with the profiles that are given and those that
// the data folder keeps. A site whose profile is another than its pages were
// read by gets newer facts, so that they are read again before the run ends.
func (p *pipeline) useProfiles(ctx context.Context, g given) error {
	kept, err := profilesOf(ctx, p.store.Reader)
	if err != nil {
		return err
	}
	if g.forget {
		kept = nil
	}
	for _, own := range g.set {
		kept = slices.DeleteFunc(kept, func(k *profile.Profile) bool { return sharesSite(k, own) })
	}
	set := slices.Concat(kept, g.set)
	if g.forget || len(g.set) > 0 {
		if err := p.keepProfiles(ctx, set); err != nil {
			return err
		}
	}
	p.reader.profiles = set
	return p.noticeProfiles(ctx)
}

func sharesSite(a, b *profile.Profile) bool {
	return slices.ContainsFunc(a.Sites, func(s string) bool { return slices.Contains(b.Sites, s) })
}

// profilesOf are the profiles that a data folder keeps.
func profilesOf(ctx context.Context, store *state.Reader) (profile.Set, error) {
	raw, err := store.Meta(ctx, metaProfiles)
	if errors.Is(err, state.ErrNotFound) || err == nil && raw == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var texts []string
	if err := json.Unmarshal([]byte(raw), &texts); err != nil {
		return nil, fmt.Errorf("reading the data folder's profiles: %w", err)
	}
	var set profile.Set
	for _, text := range texts {
		own, err := extract.ParseProfile([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("reading the data folder's profiles: %w; give --profile none to forget them", err)
		}
		set = append(set, own)
	}
	return set, nil
}

func (p *pipeline) keepProfiles(ctx context.Context, set profile.Set) error {
	texts := make([]string, 0, len(set))
	for _, own := range set {
		texts = append(texts, string(own.YAML()))
	}
	raw, err := json.Marshal(texts)
	if err != nil {
		return fmt.Errorf("writing the data folder's profiles: %w", err)
	}
	return p.store.SetMeta(ctx, metaProfiles, string(raw))
}

// noticeProfiles gives newer facts to the sites whose profile has changed.
func (p *pipeline) noticeProfiles(ctx context.Context) error {
	sites, err := p.store.Sites(ctx)
	if err != nil {
		return err
	}
	for _, site := range sites {
		identity := p.reader.profiles.Identity(hosts(site)...)
		if identity == site.Facts.Profile {
			continue
		}
		if err := p.store.SetMeta(ctx, metaReread, "yes"); err != nil {
			return err
		}
		f := site.Facts
		f.Profile = identity
		f.Version++
		if _, err := p.store.SaveFacts(ctx, site.ID, f); err != nil {
			return err
		}
		p.log.Info("the site's profile is another than its pages were read by; they are read again", "site", site.ID, "profile", identity)
	}
	return nil
}

// catchUp reads again what was read by another profile, before anything new is
// read by the present one: of two captures of which each is read by a profile of
// its own nobody can tell whether a post was edited in between.
func (p *pipeline) catchUp(ctx context.Context) error {
	changed, err := p.store.Meta(ctx, metaReread)
	if err != nil || changed == "" {
		return err
	}
	if _, err := p.reread(ctx, rereadOldFacts, nil); err != nil {
		return err
	}
	return p.store.SetMeta(ctx, metaReread, "")
}

// hosts are the hosts that a site is known by.
func hosts(s state.Site) []string {
	var out []string
	for _, id := range append([]string{s.ID}, s.Aliases...) {
		if u, err := url.Parse("http://" + id); err == nil {
			out = append(out, u.Host)
		}
	}
	return out
}
