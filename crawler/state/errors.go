package state

import (
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Errors that callers branch on.
var (
	ErrLocked     = errors.New("data folder is in use")
	ErrNewer      = errors.New("data folder was written by a newer forumine")
	ErrEmpty      = errors.New("frontier is empty")
	ErrLeased     = errors.New("URL is leased already")
	ErrStaleLease = errors.New("lease is no longer valid")
	ErrNotFound   = errors.New("not found")
	ErrFull       = errors.New("no space left for the state")
)

// WaitError says that URLs are queued and none may be fetched before Until:
// their slots pause, their time has not come, or others hold their leases.
type WaitError struct{ Until time.Time }

// Error tells until when to wait.
func (e *WaitError) Error() string {
	return "no URL is ready before " + e.Until.UTC().Format(time.RFC3339)
}

// LockedError is the ErrLocked of one folder. PID is the process that holds the
// lock, 0 when unknown.
type LockedError struct {
	Dir string
	PID int
}

// Error names the holder and the way out.
func (e *LockedError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("data folder %s is in use by %s: wait for it, stop it, or choose another folder", e.Dir, who)
}

// Is makes errors.Is(err, ErrLocked) hold.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// wrap adds what was being done to err; nil stays nil.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// storage turns a full disk into an ErrFull that names folder and next step.
func storage(err error, dir string) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	// The second is for the file that readers share, which cannot grow.
	if !ok || e.Code()&0xff != sqlitelib.SQLITE_FULL && e.Code() != sqlitelib.SQLITE_IOERR_SHMSIZE {
		return err
	}
	return fmt.Errorf("writing state in %s: %w: free space there and run the same command again; nothing of this step was stored (%w)", dir, ErrFull, err)
}
