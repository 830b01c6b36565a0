package extract

import (
	"fmt"

	"forumine/extract/dom"
	"forumine/extract/engine/generic"
	"forumine/extract/forum"
	"forumine/extract/profile"
)

// ParseProfile reads a profile and checks that its engine is known.
func ParseProfile(raw []byte) (*profile.Profile, error) {
	p, err := profile.Parse(raw)
	if err != nil {
		return nil, err
	}
	if p.Engine != "" {
		if _, err := ByName(p.Engine); err != nil {
			return nil, fmt.Errorf("%w: %w", profile.ErrInvalid, err)
		}
	}
	return p, nil
}

// readOwn reads a page of a site that the user has given selectors for: first
// by its engine, where it has one, then by the profile. Where the profile finds
// nothing, the page is read as if there were none.
func readOwn(own *profile.Profile, e Engine, score int, c forum.Capture, f forum.Facts, d *dom.Document, o Options) (*forum.Page, error) {
	page, reads := &forum.Page{Kind: forum.KindOther}, Engine(generic.Engine{})
	if e != nil {
		var err error
		if page, err = readAs(e, score, c, f, d); err != nil {
			return nil, err
		}
		reads = e
	}
	found := own.Apply(profile.Input{Capture: c, Facts: f, Doc: d, Page: page, Canonical: reads.Canonical})
	switch {
	case found:
	case e == nil:
		page = guess(c, f, d)
		page.Learned.Profile = o.Profiles.Identity(d.URL.Host)
		return page, nil
	default:
		rescue(page, c, f, d)
	}
	if kind := statusWall(c, page); kind != "" {
		page.Kind = kind
	}
	page.Extract.Profile = own.Identity()
	page.Learned.Profile = o.Profiles.Identity(d.URL.Host)
	return finish(page, reads, c, d), nil
}
