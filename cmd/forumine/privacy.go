package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/privacy"

	"github.com/spf13/pflag"
)

// metaPrivacy is where the state keeps what a data folder keeps of people.
const metaPrivacy = "privacy"

// privacyKeyFile is the name of the key of pseudonyms within a data folder.
const privacyKeyFile = "privacy.key"

// privacyFlags say what is kept of people. What is not given is as the data
// folder remembers it.
type privacyFlags struct {
	authors string
	deleted string
	mask    []string
	fields  []string
	keyFile string
	set     *pflag.FlagSet // tells what was given
	whole   bool           // says all: what is not given is kept
}

func (f *privacyFlags) add(fl *pflag.FlagSet) {
	f.set = fl
	fl.StringVar(&f.authors, "authors", "", "what index, state and exports hold of people: keep, pseudonymise (names, ids, profile links and mentions become keyed pseudonyms) or drop; remembered by the data folder, keep at first (docs/privacy.md)")
	fl.StringVar(&f.deleted, "deleted", "", "what becomes of posts that their forum has deleted (it says so, or complete passes do not find them), with their earlier versions: keep, redact (words and author go) or drop; remembered, keep at first")
	fl.StringSliceVar(&f.mask, "mask", nil, "mask emails, phones or both in bodies, titles and fields; none masks nothing; remembered")
	fl.StringSliceVar(&f.fields, "drop-fields", nil, "custom fields of authors, by slug, that are not kept, or fields for all of them; also "+strings.Join(privacy.OwnFields(), ", ")+"; none drops nothing; remembered")
	fl.StringVar(&f.keyFile, "privacy-key", "", "file with the key of the pseudonyms, made with mode 0600 where there is none; default "+privacyKeyFile+" in the data folder; remembered")
}

// none is what empties a list that is remembered.
const none = "none"

// given tells whether a command says anything of people.
func (f privacyFlags) given() bool {
	return f.authors != "" || f.deleted != "" || f.set != nil && (f.set.Changed("mask") || f.set.Changed("drop-fields"))
}

// over gives the policy that a command asks for, over the one that is
// remembered.
func (f privacyFlags) over(p privacy.Policy) (privacy.Policy, error) {
	if f.authors != "" {
		p.Authors = privacy.Authors(f.authors)
	}
	if f.deleted != "" {
		p.Deleted = privacy.Deleted(f.deleted)
	}
	if f.whole || f.set != nil && f.set.Changed("mask") {
		p.Mask = listed(f.mask)
	}
	if f.whole || f.set != nil && f.set.Changed("drop-fields") {
		p.DropFields = listed(f.fields)
	}
	p, err := p.Normal()
	if err != nil {
		return p, misuse("what is kept of people: %w", err)
	}
	return p, nil
}

func listed(names []string) []string {
	if len(names) == 1 && names[0] == none {
		return nil
	}
	return names
}

// keptPrivacy is what a data folder remembers.
type keptPrivacy struct {
	Policy  privacy.Policy  `json:"policy"`
	Key     string          `json:"key,omitempty"`      // fingerprint
	KeyFile string          `json:"key_file,omitempty"` // where it is not in the data folder
	Pending *privacy.Policy `json:"pending,omitempty"`  // a change that is under way
	Step    string          `json:"step,omitempty"`     // how far it is, or how far a forgetting is

	Forgotten  []string `json:"forgotten,omitempty"`  // keyed marks of people who are left out
	Forgetting []string `json:"forgetting,omitempty"` // of whoever is being forgotten
	InPlace    bool     `json:"in_place,omitempty"`   // that is, in what the state holds: captures were destroyed
}

// readPrivacy gives what a data folder remembers: everything is kept where it has
// never been told.
func readPrivacy(ctx context.Context, r *state.Reader) (kept keptPrivacy, err error) {
	raw, err := r.Meta(ctx, metaPrivacy)
	if err != nil {
		return kept, err
	}
	if raw == "" {
		kept.Policy, err = privacy.Policy{}.Normal()
		return kept, err
	}
	if err := json.Unmarshal([]byte(raw), &kept); err != nil {
		return kept, fmt.Errorf("reading what the data folder keeps of people: %w", err)
	}
	return kept, nil
}

func (p *pipeline) savePrivacy(ctx context.Context, kept keptPrivacy) error {
	raw, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("writing what the data folder keeps of people: %w", err)
	}
	return p.store.SetMeta(ctx, metaPrivacy, string(raw))
}

// usePrivacy has pages read with what the data folder keeps of people. A folder
// without a page takes what the command asks for; any other one refuses another
// policy, unless it is to change.
func (p *pipeline) usePrivacy(ctx context.Context, o pipelineOptions) error {
	f, change := o.privacy, o.change
	kept, err := readPrivacy(ctx, p.store.Reader)
	if err != nil {
		return err
	}
	want, err := f.over(kept.Policy)
	if err != nil {
		return err
	}
	if kept.Pending != nil && (!change || !want.Equal(*kept.Pending)) {
		return fmt.Errorf("what this data folder keeps of people is being changed, and that was interrupted: finish it with `forumine reindex %s`", *kept.Pending)
	}
	if len(kept.Forgetting) > 0 && !o.forget {
		return errors.New("forgetting somebody was interrupted: give that `forumine forget` command again first")
	}
	empty, err := p.isEmpty(ctx)
	if err != nil {
		return err
	}
	if !want.Equal(kept.Policy) && !empty && !change {
		return misuse("this data folder keeps people by %s, and the command says %s: leave these flags out, change the whole folder with `forumine reindex %s`, or take another --data", kept.Policy, want, want)
	}
	changes := kept.Pending != nil || !want.Equal(kept.Policy) && !empty
	if changes {
		if err := p.checkTighter(ctx, kept, want); err != nil {
			return err
		}
	}
	key, err := p.privacyKey(f, &kept, want.Authors == privacy.Pseudonymise || o.forget)
	if err != nil {
		return err
	}
	if changes {
		p.privacyChange = &want
		if err := p.checkSink(ctx, o.index); err != nil {
			return err
		}
	} else {
		kept.Policy = want
		if err := p.store.SetDeleted(ctx, state.Deleted(want.Deleted)); err != nil {
			return err
		}
	}
	if o.forget {
		if err := p.checkSink(ctx, o.index); err != nil {
			return err
		}
	}
	if err := p.savePrivacy(ctx, kept); err != nil {
		return err
	}
	step, err := privacy.New(want, key)
	if err != nil {
		return err
	}
	if p.forgets = len(kept.Forgotten) > 0; p.forgets {
		step = step.Forget(key, kept.Forgotten)
	}
	p.reader.privacy, p.key = step, key
	return nil
}

// folderPrivacy is the privacy step of a data folder that is only read, and the
// keys of the posts and threads whose words it withholds.
func folderPrivacy(ctx context.Context, dir string, r *state.Reader) (privacyStep, map[string]bool, error) {
	kept, err := readPrivacy(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	var key privacy.Key
	if kept.Key != "" {
		path := cmp.Or(kept.KeyFile, filepath.Join(dir, privacyKeyFile))
		if key, err = readKey(path); err != nil {
			return nil, nil, fmt.Errorf("reading the key of this data folder's pseudonyms: %w", err)
		}
	}
	var deleted map[string]bool
	if kept.Policy.Deleted != privacy.KeepDeleted {
		if deleted, err = r.DeletedKeys(ctx); err != nil {
			return nil, nil, err
		}
	}
	step, err := privacy.New(kept.Policy, key)
	if len(kept.Forgotten) > 0 {
		step = step.Forget(key, kept.Forgotten)
	}
	return step, deleted, err
}

// isEmpty tells whether no page has come into the data folder yet.
func (p *pipeline) isEmpty(ctx context.Context) (bool, error) {
	sites, err := p.store.Sites(ctx)
	return len(sites) == 0, err
}

// privacyKey reads the key of the pseudonyms. Where one is needed and there has
// never been one, it is made.
func (p *pipeline) privacyKey(f privacyFlags, kept *keptPrivacy, needed bool) (privacy.Key, error) {
	if f.keyFile != "" {
		path, err := filepath.Abs(f.keyFile)
		if err != nil {
			return privacy.Key{}, fmt.Errorf("finding the key file: %w", err)
		}
		kept.KeyFile = path
	}
	if !needed && kept.Key == "" {
		return privacy.Key{}, nil
	}
	path := kept.KeyFile
	if path == "" {
		path = filepath.Join(p.dir, privacyKeyFile)
	}
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) && kept.Key == "" {
		key, err = makeKey(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return key, fmt.Errorf("the key of this data folder's pseudonyms is not in %s: name its file with --privacy-key", path)
	case err != nil:
		return key, err
	case kept.Key != "" && kept.Key != key.Fingerprint():
		return key, fmt.Errorf("%s holds another key than this data folder's pseudonyms were made with: name the right file with --privacy-key", path)
	}
	kept.Key = key.Fingerprint()
	return key, nil
}

// readKey reads a key that nobody else may read.
func readKey(path string) (privacy.Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return privacy.Key{}, fmt.Errorf("reading the privacy key: %w", plainPath(err))
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return privacy.Key{}, fmt.Errorf("others may read the privacy key %s: take that away with `chmod 600`", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return privacy.Key{}, fmt.Errorf("reading the privacy key: %w", plainPath(err))
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil {
		return privacy.Key{}, fmt.Errorf("the privacy key %s is not one that forumine made: want %d hexadecimal digits", path, 2*privacy.KeySize)
	}
	key, err := privacy.NewKey(secret)
	if err != nil {
		return key, fmt.Errorf("reading the privacy key %s: %w", path, err)
	}
	return key, nil
}

// makeKey makes a key file that is durable before a pseudonym is.
func makeKey(path string) (privacy.Key, error) {
	secret := make([]byte, privacy.KeySize)
	_, _ = rand.Read(secret) // never fails: it ends the program instead
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return privacy.Key{}, fmt.Errorf("making the privacy key: %w", plainPath(err))
	}
	_, err = file.WriteString(hex.EncodeToString(secret) + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return privacy.Key{}, fmt.Errorf("making the privacy key: %w", err)
	}
	return privacy.NewKey(secret)
}

// privacyStep is what stands between reading and keeping.
type privacyStep interface {
	Page(site string, p *forum.Page, c privacy.Canonical) *forum.Page
	URL(site, raw string, c privacy.Canonical) string
}

var _ privacyStep = privacy.Step{}

// grammar is an engine's own mapping of addresses.
func (r pageReader) grammar(engine string) privacy.Canonical {
	return func(u *url.URL) (forum.Link, bool) { return r.Canonical(engine, "", u) }
}
