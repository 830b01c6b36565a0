package archive

import (
	"errors"
	"fmt"
)

// Sync has captures on disk that were written: with one wait for all that wait.
// After an error they are cut off, and their references stand for nothing; the
// archive stays usable.
func (a *Archive) Sync(refs ...Ref) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	waits := false
	for _, r := range refs {
		if from, ok := a.lost[r.File]; ok && r.Offset >= from {
			return fmt.Errorf("syncing %s: it was cut off when the disk failed", r)
		}
		waits = waits || r.File == a.name && r.Offset >= a.synced.size
	}
	if !waits {
		return nil
	}
	return a.sync()
}

// sync has everything in the current file on disk. After an error nobody knows how
// much of it is, so that all that was not before is cut off. The file is not continued:
// what a reference to it stood for must not become something else.
func (a *Archive) sync() error {
	if a.cur == nil || a.synced == a.end {
		return nil
	}
	err := a.cur.Sync()
	if err == nil {
		a.synced = a.end
		return nil
	}
	a.lose()
	return a.explain(errors.Join(err, a.undo()))
}

// lose gives up what is not known to be on disk.
func (a *Archive) lose() {
	a.torn = true
	if a.synced == a.end {
		return
	}
	if a.lost == nil {
		a.lost = map[string]int64{}
	}
	a.lost[a.name] = a.synced.size
	a.end, a.spoilt = a.synced, true
}

// clean refuses to write to an archive that may not be written to, and takes back
// what a failed write has left.
func (a *Archive) clean() error {
	switch {
	case a.closed:
		return ErrClosed
	case a.opts.ReadOnly:
		return ErrReadOnly
	case !a.torn:
		return nil
	}
	if err := a.undo(); err != nil {
		return a.explain(err)
	}
	return nil
}
