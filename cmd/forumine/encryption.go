package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
)

// metaEncryption is where the state keeps to whom captures are encrypted.
const metaEncryption = "encryption"

// keptEncryption is what a data folder remembers of it. An identity is never kept,
// only where its file lies, where a study says that.
type keptEncryption struct {
	Recipients   []string `json:"recipients,omitempty"`
	IdentityFile string   `json:"identity_file,omitempty"`
}

func readEncryption(ctx context.Context, r *state.Reader) (kept keptEncryption, err error) {
	raw, err := r.Meta(ctx, metaEncryption)
	if err != nil || raw == "" {
		return kept, err
	}
	if err := json.Unmarshal([]byte(raw), &kept); err != nil {
		return kept, fmt.Errorf("reading to whom captures are encrypted: %w", err)
	}
	return kept, nil
}

// encryption says how captures are encrypted and opened. What is not given is as
// the data folder remembers it.
type encryption struct {
	recipients []string // none alone ends it
	identity   string   // file, of this command
	remembered string   // file, of a study
}

const recipientUsage = "age recipient (age1…) that captures are encrypted to, so that only its identity opens them; may be repeated; remembered by the data folder; none writes plain files again (docs/privacy.md)"

// over gives what a command asks for, over what is remembered.
func (e encryption) over(kept keptEncryption) (keptEncryption, *archive.Recipients, error) {
	if len(e.recipients) > 0 {
		kept.Recipients = listed(e.recipients)
	}
	if e.remembered != "" {
		path, err := filepath.Abs(e.remembered)
		if err != nil {
			return kept, nil, fmt.Errorf("finding the identity file: %w", err)
		}
		kept.IdentityFile = path
	}
	to, err := archive.ParseRecipients(kept.Recipients)
	if err != nil {
		return kept, nil, misuse("encrypting captures: %w", err)
	}
	return kept, to, nil
}

// useEncryption gives how the archive is written and read, and remembers what the
// command says of it.
func (p *pipeline) useEncryption(ctx context.Context, e encryption) (*archive.Recipients, *archive.Identity, error) {
	before, err := readEncryption(ctx, p.store.Reader)
	if err != nil {
		return nil, nil, err
	}
	kept, to, err := e.over(before)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Equal(kept.Recipients, before.Recipients) || kept.IdentityFile != before.IdentityFile {
		raw, err := json.Marshal(kept)
		if err != nil {
			return nil, nil, fmt.Errorf("noting to whom captures are encrypted: %w", err)
		}
		if err := p.store.SetMeta(ctx, metaEncryption, string(raw)); err != nil {
			return nil, nil, err
		}
	}
	return to, identityIn(cmp.Or(e.identity, kept.IdentityFile)), nil
}

// openArchive opens a data folder's archive for reading. The store tells where the
// identity is, where the command does not; nil where there is none.
func openArchive(ctx context.Context, s streams, data string, store *state.Reader) (*archive.Archive, error) {
	id, err := identityOf(ctx, s, store)
	if err != nil {
		return nil, err
	}
	return archive.Open(filepath.Join(data, "archive"), archive.Options{ReadOnly: true, Identity: id, Software: "forumine/" + version, Log: newLog(s, false)})
}

// identityOf gives the identity that opens a data folder's captures.
func identityOf(ctx context.Context, s streams, store *state.Reader) (*archive.Identity, error) {
	file := identityFile(s)
	if file == "" && store != nil {
		kept, err := readEncryption(ctx, store)
		if err != nil {
			return nil, err
		}
		file = kept.IdentityFile
	}
	return identityIn(file), nil
}

// folderIdentity is identityOf for a data folder that need not have a state.
func folderIdentity(ctx context.Context, s streams, data string) (id *archive.Identity, err error) {
	store, err := state.OpenReadOnly(ctx, data)
	if errors.Is(err, state.ErrNotFound) {
		return identityOf(ctx, s, nil)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return identityOf(ctx, s, store)
}

// identityIn gives the identity in a file, which is read when something has to be
// opened.
func identityIn(file string) *archive.Identity {
	return archive.NewIdentity(func() ([]byte, error) {
		if file == "" {
			return nil, fmt.Errorf("name the file with the age identity that opens it: --identity FILE, %s, or storage.encryption.identity_file of the study", envIdentity)
		}
		raw, err := readSecret(file)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("the identity that opens it is not in %s: bring the file there, or name another with --identity", file)
		}
		return raw, err
	})
}

// readSecret reads a file that nobody else may read.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the identity: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read the identity %s: take that away with `chmod 600`", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the identity: %w", plainPath(err))
	}
	return raw, nil
}

// writeSecret makes a file that nobody else may read; it must not exist.
func writeSecret(path string, raw []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return misuse("%s is there already: name a new file", path)
	}
	if err != nil {
		return fmt.Errorf("making the identity: %w", plainPath(err))
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("making the identity: %w", err)
	}
	return nil
}

// recipientsText says to whom captures are encrypted.
func recipientsText(recipients []string) string {
	if len(listed(recipients)) == 0 {
		return "in plain"
	}
	short := make([]string, len(recipients))
	for i, r := range recipients {
		if short[i] = r; len(r) > 70 {
			short[i] = r[:60] + "…"
		}
	}
	return "encrypted to " + strings.Join(short, ", ")
}
