package check

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"forumine/extract"
	"forumine/extract/profile"
)

// profileName is the file that holds a profile for the cases of its folder and
// of those below.
const profileName = "profile.yaml"

// nearProfiles is the profile that is nearest to a case and covers its address.
// One in the case's own folder has to cover it: it is there for nothing else.
func nearProfiles(fsys fs.FS, dir, address string) (profile.Set, error) {
	for at := dir; ; at = path.Dir(at) {
		p, err := readProfile(fsys, path.Join(at, profileName))
		switch {
		case err != nil:
			return nil, err
		case p != nil && p.Covers(address):
			return profile.Set{p}, nil
		case p != nil && at == dir:
			return nil, fmt.Errorf("%s is for %v, and the page is at %s: correct its site", path.Join(at, profileName), p.Sites, address)
		case at == ".":
			return nil, nil
		}
	}
}

// readProfile gives nil where there is no such file.
func readProfile(fsys fs.FS, name string) (*profile.Profile, error) {
	raw, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	p, err := extract.ParseProfile(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}
