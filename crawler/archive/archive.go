// Package archive keeps what was fetched: WARC 1.1 files (ISO 28500:2017), the
// durable store that every later stage can be run from again.
//
// The way of an exchange:
//
//  1. Append checks it, drops its secrets, and packs the response and the request
//     as one gzip member each.
//  2. The members are written behind the last whole one and synced; only then is
//     the reference returned that the state commits.
//  3. Open cuts a torn tail (Repair); After gives the captures that no committed
//     reference names.
//  4. Read, After and Walk give exchanges back; Exchange.Capture undoes the
//     content coding for the extractor.
//  5. Check verifies every record; ReadAll reads other people's WARC and WACZ
//     files.
//
// With Options.Recipients what is written is encrypted, frame by frame (frame.go);
// everything above goes on working by the places of the decrypted content.
//
// The folder has one writer at a time, held by the state's lock. Readers need no
// lock: they open the archive with Options.ReadOnly.
package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// DefaultMaxFileBytes is the size at which a new file is begun.
const DefaultMaxFileBytes = 1 << 30

// Sentinels of the archive's own state.
var (
	ErrClosed   = errors.New("archive is closed")
	ErrReadOnly = errors.New("archive is open for reading only")
)

// Options configure an Archive. The zero value is usable.
type Options struct {
	MaxFileBytes int64            // compressed bytes after which a new file is begun; 0 means DefaultMaxFileBytes
	Software     string           // name and version, for the warcinfo record
	Operator     string           // name and contact, for the warcinfo record
	UserAgent    string           // as sent with every request, for the warcinfo record
	Robots       string           // robots policy, for the warcinfo record
	ReadOnly     bool             // no repair, no Append; safe while another process writes
	Recipients   *Recipients      // that captures are encrypted to; nil writes plain files
	Identity     *Identity        // that opens what is encrypted; nil opens none
	Log          *slog.Logger     // nil discards
	Now          func() time.Time // nil means time.Now; it names files and nothing else
}

func (o Options) withDefaults() Options {
	if o.MaxFileBytes <= 0 {
		o.MaxFileBytes = DefaultMaxFileBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// length is how much there is of a file: decrypted, and as it lies on disk.
type length struct{ size, bytes int64 }

// Archive is a folder of WARC files. Its methods may be used from many
// goroutines at once.
type Archive struct {
	dir    string
	opts   Options
	disk   disk
	info   []byte // block of the warcinfo record
	pack   packer
	report Report

	payloads payloads

	mu     sync.Mutex
	closed bool
	cur    file             // nil until the first append
	name   string           // of cur, or of the file that is to be continued
	end    length           // of the whole members of name
	synced length           // of those that are on disk
	torn   bool             // name may hold more than end: cut it before the next write
	spoilt bool             // name has lost captures: it is not continued
	lost   map[string]int64 // from where on a file lost what was written, because of a failed sync
	serial int              // of the newest file
	maps   map[string]*frameMap
}

// Open opens the archive in dir, which it makes when it is missing, and repairs
// the newest file (see Repair; Report tells what was done). The newest file is
// continued when it has room, was begun with the same software and operator, and
// nothing had to be cut off it.
func Open(dir string, opts Options) (*Archive, error) {
	return open(dir, opts, osDisk{})
}

func open(dir string, opts Options, d disk) (*Archive, error) {
	a := &Archive{dir: dir, opts: opts.withDefaults(), disk: d}
	a.info = infoBlock(a.opts)
	if a.opts.ReadOnly {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("opening the archive: %w", err)
		}
		return a, nil
	}
	if err := a.makeDir(); err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	var err error
	if a.report, err = repair(dir, d); err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	a.report.log(a.opts.Log)
	if err := a.tidy(); err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	if err := a.resume(); err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	return a, nil
}

func (a *Archive) makeDir() error {
	if _, err := os.Stat(a.dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	return a.disk.syncDir(filepath.Dir(filepath.Clean(a.dir)))
}

// tidy removes what an encryption that was interrupted has left: files that stand
// there encrypted, and the list of payloads, whose digests tell what was fetched.
func (a *Archive) tidy() error {
	files, err := listFiles(a.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.sealed {
			if err := removeFile(filepath.Join(a.dir, f.name)); err != nil {
				return err
			}
		}
	}
	if a.opts.Recipients == nil {
		return nil
	}
	return removeFile(filepath.Join(a.dir, payloadsName))
}

// removeFile removes a file that need not be there.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// resume finds the file to continue and the greatest serial number.
func (a *Archive) resume() error {
	files, err := listFiles(a.dir)
	if err != nil {
		return err
	}
	_, removed, err := readDestroyed(a.dir)
	if err != nil {
		return err
	}
	for name := range removed { // its name is not given again
		n, _ := serialOf(name)
		a.serial = max(a.serial, n)
	}
	if len(files) == 0 {
		return nil
	}
	newest := files[len(files)-1]
	n, _ := serialOf(newest.name)
	a.serial = max(a.serial, n)
	if err := a.syncFile(newest); err != nil {
		return err
	}
	st, err := os.Stat(newest.path(a.dir))
	if err != nil {
		return err
	}
	// A file that was cut is not continued: a disk that lost what it had called
	// durable would let another capture take the place that a reference names.
	if st.Size() >= a.opts.MaxFileBytes || len(a.report.Cut) > 0 || newest.sealed != (a.opts.Recipients != nil) {
		return nil
	}
	end, alike := a.begunAlike(newest, st.Size())
	if alike {
		a.name, a.end = newest.name, length{end, st.Size()}
		a.synced = a.end
	}
	return nil
}

// syncFile has on disk what a process may have written that died before it synced:
// what is read of it may be relied on from here on.
func (a *Archive) syncFile(file fileOf) error {
	f, err := a.disk.open(file.path(a.dir))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// begunAlike tells whether a file's warcinfo says what this process would say, and
// where the file's decrypted content ends. Of an encrypted file its mark tells.
func (a *Archive) begunAlike(file fileOf, size int64) (end int64, alike bool) {
	f, err := os.Open(file.path(a.dir))
	if err != nil {
		return 0, false
	}
	defer f.Close()
	if !file.sealed {
		rec, err := openMembers(context.Background(), f, 0, size).next()
		return size, err == nil && rec.typ() == typeInfo && string(rec.block) == string(a.info)
	}
	if first, err := readHead(f, 0, size); err != nil || first.mark != a.mark() {
		return 0, false
	}
	end, err = a.mapOf(file.name).refresh(f)
	return end, err == nil
}

// mark is what the first frame of a file says of recipients and warcinfo record.
func (a *Archive) mark() uint64 {
	return uint64(a.opts.Recipients.mark())<<32 | uint64(markOf(a.info))
}

// Report tells what Open found and cut.
func (a *Archive) Report() Report { return a.report }

// Append writes the response and then the request as one gzip member each, has
// the file on disk before it returns (and its name, when the file is new), and
// returns a reference to the response. A response whose payload the archive
// holds is written as a revisit record that refers to it; Read gives both alike.
//
// Cookie, Authorization, Proxy-Authorization and API key headers of the request,
// Set-Cookie of the response and the user info of the URL are dropped before
// anything is written: the archive cannot give away an account.
//
// After an error the archive is as it was before and stays usable. A full disk
// matches ErrDiskFull, an exchange that cannot be stored ErrExchange or
// ErrTooLarge.
func (a *Archive) Append(ctx context.Context, e Exchange) (Ref, error) {
	ref, err := a.Write(ctx, e)
	if err == nil {
		err = a.Sync(ref)
	}
	if err != nil {
		return Ref{}, err
	}
	return ref, nil
}

// Write is Append that does not wait for the disk: what it wrote outlives the
// process at once, and a power cut after Sync has returned for its reference.
func (a *Archive) Write(ctx context.Context, e Exchange) (Ref, error) {
	if err := ctx.Err(); err != nil {
		return Ref{}, err
	}
	e, err := e.checked()
	if err != nil {
		return Ref{}, err
	}
	from, again := a.original(ctx, e)
	members, err := a.pack.exchange(e, from, a.opts.Now())
	if err != nil {
		return Ref{}, fmt.Errorf("archiving %s: %w", e.URL, err)
	}
	first := int64(len(members[0]))
	all := members[0]
	for _, m := range members[1:] {
		all = append(all, m...)
	}
	part, err := a.part(frameCapture, e.FetchedAt, all)
	if err != nil {
		return Ref{}, fmt.Errorf("archiving %s: %w", e.URL, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	at, err := a.write(part)
	if err != nil {
		return Ref{}, fmt.Errorf("archiving %s: %w", e.URL, err)
	}
	ref := Ref{File: a.name, Offset: at, Length: first}
	if !again && a.dedupes(e) {
		a.payloads.keep(a.dir, digest(e.Body), ref)
	}
	return ref, nil
}

// part is what is written at once: members, and what the file holds of them.
type part struct {
	plain  []byte // as the decrypted file has it
	sealed []byte // nil in a plain file
	head   frame
}

// part encrypts what is to be written, where that is asked for.
func (a *Archive) part(kind rune, date time.Time, members []byte) (part, error) {
	p := part{plain: members}
	if a.opts.Recipients == nil {
		return p, nil
	}
	if date.IsZero() {
		date = a.opts.Now()
	}
	p.head = frame{kind: kind, length: int64(len(members)), date: date}
	var err error
	p.sealed, err = a.opts.Recipients.seal(members)
	return p, err
}

// bytes gives a part for an offset of the decrypted file.
func (p part) bytes(offset int64) []byte {
	if p.sealed == nil {
		return p.plain
	}
	p.head.offset = offset
	return p.head.bytes(p.sealed)
}

// write puts a part behind the last whole one.
func (a *Archive) write(p part) (at int64, err error) {
	if err := a.ready(); err != nil {
		return 0, err
	}
	at = a.end.size
	if err := a.put(p); err != nil {
		return 0, a.explain(err)
	}
	return at, nil
}

// leave closes the current file: the next capture begins another one.
func (a *Archive) leave() error {
	if err := a.sync(); err != nil {
		return err
	}
	if err := a.release(); err != nil {
		return fmt.Errorf("closing %s: %w", a.name, err)
	}
	a.endFile()
	return nil
}

// endFile has the next capture begin a file.
func (a *Archive) endFile() {
	a.name, a.end, a.synced, a.torn, a.spoilt = "", length{}, length{}, false, false
}

// ready has the current file open, clean and with room.
func (a *Archive) ready() error {
	if err := a.clean(); err != nil {
		return err
	}
	if a.name != "" && (a.spoilt || a.end.bytes >= a.opts.MaxFileBytes) {
		if err := a.leave(); err != nil {
			return err
		}
	}
	if a.cur != nil {
		return nil
	}
	if a.name == "" {
		return a.begin()
	}
	f, err := a.disk.open(a.current().path(a.dir))
	if err != nil {
		return fmt.Errorf("continuing %s: %w", a.name, err)
	}
	a.cur = f
	return nil
}

// current is the file that is written to.
func (a *Archive) current() fileOf { return fileOf{a.name, a.opts.Recipients != nil} }

// begin makes a new file with its warcinfo record and makes its name durable.
func (a *Archive) begin() error {
	now := a.opts.Now()
	a.serial++
	name := fileName(now, a.serial)
	path := fileOf{name, a.opts.Recipients != nil}.path(a.dir)
	info, err := a.pack.info(name, now, a.info)
	if err != nil {
		return err
	}
	first, err := a.part(frameInfo, now, info)
	if err != nil {
		return err
	}
	if first.sealed != nil {
		first.head.mark = a.mark()
	}
	f, err := a.disk.create(path)
	if err != nil {
		return a.explain(err)
	}
	a.cur, a.name, a.end, a.synced = f, name, length{}, length{}
	if err = a.put(first); err == nil {
		err = a.sync()
	}
	if err == nil {
		err = a.disk.syncDir(a.dir)
	}
	if err != nil {
		err = errors.Join(a.explain(err), a.release(), a.disk.remove(path))
		a.endFile()
		return err
	}
	return nil
}

// put writes a part at the end. After an error the file is cut back to where it was,
// now or before the next write.
func (a *Archive) put(p part) error {
	data := p.bytes(a.end.size)
	if _, err := a.cur.WriteAt(data, a.end.bytes); err != nil {
		a.torn = true
		return errors.Join(err, a.undo())
	}
	a.end.size += int64(len(p.plain))
	a.end.bytes += int64(len(data))
	return nil
}

func (a *Archive) undo() error {
	if err := a.cur.Truncate(a.end.bytes); err != nil {
		return fmt.Errorf("cutting a half-written member: %w", err)
	}
	if err := a.cur.Sync(); err != nil {
		a.lose()
		return fmt.Errorf("syncing the cut of a half-written member: %w", err)
	}
	a.torn, a.synced = false, a.end
	return nil
}

func (a *Archive) explain(err error) error {
	if isFull(err) {
		return fmt.Errorf("%w: no room to write in %s; free some space there, or move the folder to a larger disk, and run the same command again (what was archived before is unharmed): %w",
			ErrDiskFull, a.dir, err)
	}
	return fmt.Errorf("writing in %s: %w", a.dir, err)
}

func (a *Archive) release() error {
	if a.cur == nil {
		return nil
	}
	err := a.cur.Close()
	a.cur = nil
	return err
}

// Close releases the current file. Everything that Append returned for is on
// disk already. A second Close does nothing.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil
	}
	a.closed = true
	var err error
	if a.torn && a.cur != nil {
		err = a.undo()
	} else {
		err = a.sync()
	}
	if err = errors.Join(err, a.release(), a.payloads.close()); err != nil {
		return fmt.Errorf("closing the archive: %w", err)
	}
	return nil
}

// span is what a reader may see of one file.
type span struct {
	fileOf
	end  int64 // of the decrypted content
	open bool  // another process may be writing behind end
}

// spans gives the files with the lengths of their whole parts, oldest first.
func (a *Archive) spans() ([]span, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, ErrClosed
	}
	for again := 0; ; again++ {
		all, err := a.spansNow()
		if err == nil || again == listings || !errors.Is(err, fs.ErrNotExist) {
			return all, err
		}
	}
}

// listings is how often a folder is listed again, whose files were removed, or
// encrypted, between listing and looking at them.
const listings = 5

func (a *Archive) spansNow() ([]span, error) {
	files, err := listFiles(a.dir)
	if err != nil {
		return nil, err
	}
	var all []span
	for i, f := range files {
		if f.name == a.name {
			all = append(all, span{fileOf: f, end: a.end.size})
			continue
		}
		end, err := a.endOf(f)
		if err != nil {
			return nil, fmt.Errorf("listing the archive: %w", err)
		}
		all = append(all, span{f, end, a.opts.ReadOnly && i == len(files)-1})
	}
	return all, nil
}

// endOf is the length of a file's decrypted content.
func (a *Archive) endOf(file fileOf) (int64, error) {
	if !file.sealed {
		st, err := os.Stat(file.path(a.dir))
		if err != nil {
			return 0, err
		}
		return st.Size(), nil
	}
	f, err := os.Open(file.path(a.dir))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return a.mapOf(file.name).refresh(f)
}

// mapOf gives what is known of the frames of an encrypted file. It is called
// under the lock, or before anybody else can.
func (a *Archive) mapOf(name string) *frameMap {
	if a.maps == nil {
		a.maps = map[string]*frameMap{}
	}
	if a.maps[name] == nil {
		a.maps[name] = &frameMap{}
	}
	return a.maps[name]
}

// open opens a file for reading.
func (a *Archive) open(file fileOf) (segment, error) {
	if !file.sealed {
		return os.Open(file.path(a.dir))
	}
	a.mu.Lock()
	frames := a.mapOf(file.name)
	a.mu.Unlock()
	f, _, err := openSealed(file.path(a.dir), frames, a.opts.Identity)
	if err != nil {
		return nil, err
	}
	return f, nil
}
