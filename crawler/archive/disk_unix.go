//go:build unix

package archive

import (
	"errors"
	"os"
	"syscall"
)

// syncDir makes the names within dir durable: a new file survives a power
// failure only once its directory has been synced as well.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
