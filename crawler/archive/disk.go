package archive

import (
	"errors"
	"io"
	"os"
)

// ErrDiskFull marks an append that found no room. The archive is as it was
// before and can be appended to again once there is room.
var ErrDiskFull = errors.New("disk full")

// file is what the archive writes through.
type file interface {
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Close() error
}

// disk is the seam between the archive and the operating system's durability:
// tests put a disk that fills up, or one that writes down the order of calls,
// in its place.
type disk interface {
	create(path string) (file, error) // refuses an existing file
	open(path string) (file, error)   // for writing; the file exists
	remove(path string) error
	syncDir(dir string) error // makes a new name durable
}

type osDisk struct{}

func (osDisk) create(path string) (file, error) {
	return osFile(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600))
}

func (osDisk) open(path string) (file, error) {
	return osFile(os.OpenFile(path, os.O_RDWR, 0))
}

func osFile(f *os.File, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osDisk) remove(path string) error { return os.Remove(path) }

func (osDisk) syncDir(dir string) error { return syncDir(dir) }
