package archive

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Destroying captures, file after file:
//
//  1. The record of destructions (destroyed.jsonl, beside the files) gets a line
//     that one has begun, and before each file changes one that says what goes of
//     it. Each line is on disk before anything happens.
//  2. A file of which nothing stays is removed. Any other is written anew, with a
//     tombstone as long as what goes in its place: no other capture moves. A revisit
//     record that stays while its original goes is given a copy of its own first.
//  3. The record gets a line that the destruction has ended.
//
// Interrupted at any point, the next Destroy or FinishDestruction goes on: what is
// a tombstone already is passed over. No identity is needed: the frames of encrypted
// files say when they were fetched, and none refers to another.

const (
	destroyedName = "destroyed.jsonl"
	fieldCopyOf   = "Forumine-Copy-Of" // of a copy: the place that refers to it
	fieldMoved    = "Forumine-Moved"   // of a revisit record: its head stands at its original, too
)

// DestroyOrder says which captures are to be destroyed.
type DestroyOrder struct {
	Before time.Time         // those that were fetched (of no known time: archived) before
	Rule   string            // why, for the record
	Dry    bool              // count only
	Only   func(string) bool // files to look at; nil for all
}

// Destruction is what the record says of one destruction.
type Destruction struct {
	Begun    time.Time `json:"begun"`
	Ended    time.Time `json:"ended,omitzero"` // zero while it is under way
	Before   time.Time `json:"before"`
	Rule     string    `json:"rule,omitempty"`
	Software string    `json:"software,omitempty"`
	Captures int64     `json:"captures"`
	Bytes    int64     `json:"bytes"` // that the captures took, compressed
	Oldest   time.Time `json:"oldest,omitzero"`
	Newest   time.Time `json:"newest,omitzero"`
	Removed  int       `json:"files_removed"`
	Changed  int       `json:"files_changed"`
}

// add counts what goes of one file.
func (d *Destruction) add(f destroyedFile) {
	d.Captures += f.Captures
	d.Bytes += f.Bytes
	if d.Oldest.IsZero() || f.Oldest.Before(d.Oldest) {
		d.Oldest = f.Oldest
	}
	if f.Newest.After(d.Newest) {
		d.Newest = f.Newest
	}
	if f.Removed {
		d.Removed++
	} else {
		d.Changed++
	}
}

// destroyedFile says what goes of one file.
type destroyedFile struct {
	File     string    `json:"file"`
	Removed  bool      `json:"removed,omitempty"`
	Captures int64     `json:"captures"`
	Bytes    int64     `json:"bytes"`
	Oldest   time.Time `json:"oldest,omitzero"`
	Newest   time.Time `json:"newest,omitzero"`
}

// destroyedLine is one line of the record: a beginning, a file, or an end.
type destroyedLine struct {
	Begin *Destruction   `json:"begin,omitempty"`
	File  *destroyedFile `json:"file,omitempty"`
	End   time.Time      `json:"end,omitzero"`
}

// Destructions reads the record of the archive in dir, the oldest first.
func Destructions(dir string) ([]Destruction, error) {
	all, _, err := readDestroyed(dir)
	return all, err
}

// readDestroyed gives the record, and when which files were removed. Of a file
// that an interrupted destruction took up twice, the last line counts.
func readDestroyed(dir string) (all []Destruction, removed map[string]time.Time, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, destroyedName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the record of destructions: %w", err)
	}
	removed = map[string]time.Time{}
	files := map[string]destroyedFile{}
	var order []string
	flush := func() {
		for _, name := range order {
			all[len(all)-1].add(files[name])
			if files[name].Removed {
				removed[name] = all[len(all)-1].Begun
			}
		}
		clear(files)
		order = nil
	}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var l destroyedLine
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			continue // a line that its process did not end
		}
		switch {
		case l.Begin != nil:
			flush()
			all = append(all, *l.Begin)
		case len(all) == 0:
		case l.File != nil:
			if _, again := files[l.File.File]; !again {
				order = append(order, l.File.File)
			}
			files[l.File.File] = *l.File
		default:
			all[len(all)-1].Ended = l.End
		}
	}
	flush()
	return all, removed, nil
}

// note adds a line to the record, and has it on disk.
func (a *Archive) note(l destroyedLine) error {
	raw, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("noting a destruction: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(a.dir, destroyedName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("noting a destruction: %w", err)
	}
	line := string(raw) + "\n"
	if end, err := f.Seek(0, io.SeekEnd); err == nil && end > 0 {
		line = "\n" + line // behind a line that its process did not end
	}
	_, err = f.WriteString(line)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return a.explain(err)
	}
	return a.disk.syncDir(a.dir)
}

// Destroy destroys captures for good, once it has finished what was interrupted,
// and gives what its record says. Captures may be appended meanwhile.
func (a *Archive) Destroy(ctx context.Context, o DestroyOrder) (Destruction, error) {
	d := Destruction{Begun: a.opts.Now().UTC().Truncate(time.Second), Before: o.Before.UTC(), Rule: o.Rule, Software: a.opts.Software}
	if a.opts.ReadOnly && !o.Dry {
		return d, ErrReadOnly
	}
	if !o.Dry {
		if _, err := a.FinishDestruction(ctx); err != nil {
			return d, err
		}
	}
	return a.destroy(ctx, d, o, false)
}

// FinishDestruction goes on with a destruction that was interrupted; done is
// false where there is none.
func (a *Archive) FinishDestruction(ctx context.Context) (done bool, err error) {
	all, _, err := readDestroyed(a.dir)
	if err != nil || len(all) == 0 || !all[len(all)-1].Ended.IsZero() {
		return false, err
	}
	last := all[len(all)-1]
	_, err = a.destroy(ctx, last, DestroyOrder{Before: last.Before, Rule: last.Rule}, true)
	return true, err
}

func (a *Archive) destroy(ctx context.Context, d Destruction, o DestroyOrder, begun bool) (Destruction, error) {
	if !o.Dry {
		if err := a.DropRewrite(); err != nil {
			return d, err
		}
	}
	all, err := a.spans()
	if err != nil {
		return d, err
	}
	w := &destroying{a: a, ctx: ctx, at: d.Begun, before: o.Before, due: map[Ref]bool{}}
	var plans []destroyPlan
	for _, s := range all {
		if o.Only != nil && !o.Only(s.name) {
			continue
		}
		p, err := w.plan(s)
		if err != nil {
			return d, fmt.Errorf("looking through %s for what is to be destroyed: %w", s.name, err)
		}
		plans = append(plans, p)
	}
	if !o.Dry {
		if err := w.rehome(plans); err != nil {
			return d, err
		}
	}
	plans = slices.DeleteFunc(plans, func(p destroyPlan) bool { return len(p.going) == 0 })
	for _, p := range plans {
		if begun, err = w.carry(&d, p, o, begun); err != nil {
			return d, fmt.Errorf("destroying captures in %s: %w", p.File, err)
		}
	}
	if o.Dry || !begun {
		return d, nil
	}
	if err := removeFile(filepath.Join(a.dir, payloadsName)); err != nil {
		return d, fmt.Errorf("removing the list of payloads: %w", err)
	}
	a.payloads.drop()
	if err := a.note(destroyedLine{End: a.opts.Now().UTC().Truncate(time.Second)}); err != nil {
		return d, err
	}
	done, _, err := readDestroyed(a.dir) // with what an interrupted one had done
	if err != nil || len(done) == 0 {
		return d, err
	}
	return done[len(done)-1], nil
}

// destroying is one destruction at work.
type destroying struct {
	a      *Archive
	ctx    context.Context
	at     time.Time // that tombstones say
	before time.Time
	due    map[Ref]bool
	all    bool // every revisit record is given its own payload, whatever goes
}

// destroyPlan is what goes of one file.
type destroyPlan struct {
	destroyedFile
	span  span
	going []frame // places of the decrypted file
	refer []*record
}

// carry destroys what is planned of one file, and counts it.
func (w *destroying) carry(d *Destruction, p destroyPlan, o DestroyOrder, begun bool) (bool, error) {
	if o.Dry {
		d.add(p.destroyedFile)
		return begun, nil
	}
	if !begun {
		if err := w.a.note(destroyedLine{Begin: d}); err != nil {
			return begun, err
		}
	}
	if err := w.a.note(destroyedLine{File: &p.destroyedFile}); err != nil {
		return true, err
	}
	d.add(p.destroyedFile)
	path := p.span.path(w.a.dir)
	if p.Removed {
		if err := w.a.disk.remove(path); err != nil {
			return true, err
		}
		return true, w.a.disk.syncDir(w.a.dir)
	}
	return true, w.a.writeBeside(path, func(to io.Writer) error { return w.write(p, to) })
}

// rehome gives every revisit record that stays, and whose original goes, a copy of
// its own. The copies go into a file that is not destroyed from.
func (w *destroying) rehome(plans []destroyPlan) error {
	for _, p := range plans {
		if len(p.going) > 0 || len(p.refer) > 0 {
			if err := w.a.rollOff(p.File); err != nil {
				return err
			}
		}
	}
	for _, p := range plans {
		moved, err := w.copies(p)
		if err == nil && len(moved) > 0 {
			err = w.a.writeBeside(p.span.path(w.a.dir), func(to io.Writer) error { return w.writeParts(p, moved, to) })
		}
		if err != nil {
			return fmt.Errorf("giving captures in %s their own payload: %w", p.File, err)
		}
	}
	return nil
}

// ownPayloads has each revisit record of the plain files refer to a copy that is
// there for it alone: of the same age, it goes when the record goes.
func (a *Archive) ownPayloads(ctx context.Context) error {
	all, err := a.spans()
	if err != nil {
		return err
	}
	w := &destroying{a: a, ctx: ctx, all: true}
	var plans []destroyPlan
	for _, s := range all {
		if s.sealed {
			continue
		}
		p, err := w.plan(s)
		if err != nil {
			return err
		}
		plans = append(plans, p)
	}
	return w.rehome(plans)
}

// rollOff has the next capture begin a file, where a file is the current one.
func (a *Archive) rollOff(name string) error {
	a.mu.Lock()
	current := a.name == name
	a.mu.Unlock()
	if !current {
		return nil
	}
	return a.roll()
}
