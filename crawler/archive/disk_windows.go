package archive

import (
	"errors"

	"golang.org/x/sys/windows"
)

// syncDir does nothing: Windows has no handle on a directory that could be
// flushed, and NTFS journals names by itself.
func syncDir(string) error { return nil }

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
