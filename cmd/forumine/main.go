// Command forumine ingests forums: it crawls their pages, archives them, reads
// posts, authors and metadata out of them, and delivers documents to an index.
//
// main.go holds the shell around run; each command has a file of its own;
// config.go alone reads the environment; pipeline.go ties the stages together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // the work could not be done, or not all of it
	exitMisuse = 2 // the command line is wrong
)

func main() {
	undo := leanHeap()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends what does not stop, at once: nothing that was committed is lost
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	undo()
	os.Exit(code)
}

// heapGrowth is by how many percent the heap may grow before it is collected.
// A page's tree is ten times the page at most and gone when the page is read:
// at the runtime's own 100 percent its remains would double that.
const heapGrowth = 50

// heapFloor is what the runtime takes the heap to hold beside what is alive: half
// of it is how much a small heap may grow in any case. A crawl keeps little alive
// and makes much that is gone with its page; without a floor it would be collected
// several times a page. Twice as much would save a crawl 4 % of its processor time, and
// take one with a million documents in its outbox beyond 256 MB.
const heapFloor = 48 << 20

// leanHeap sets both, unless GOGC says otherwise, and gives what undoes it. The
// floor is never touched, so that there is no memory behind it.
func leanHeap() (undo func()) {
	set := debug.SetGCPercent(heapGrowth)
	if set != 100 {
		debug.SetGCPercent(set)
		return func() {}
	}
	floor := make([]byte, heapFloor)
	return func() {
		runtime.KeepAlive(floor)
		debug.SetGCPercent(set)
	}
}

// run carries out one command line and gives the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "forumine: internal error: %v\nNothing that was committed is lost: run the same command again. Please report this with the lines below.\n%s", p, debug.Stack())
			code = exitFailed
		}
	}()
	root := newRoot(streams{in: stdin, out: stdout, err: stderr, jsonLog: new(bool), identity: new(string)})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if status, ok := errors.AsType[statusError](err); ok {
		if status.err != nil {
			fmt.Fprintf(stderr, "forumine: %v\n", status.err)
		}
		return status.code
	}
	if isMisuse(err) {
		fmt.Fprintf(stderr, "forumine: %v\nSee `forumine --help`\n", err)
		return exitMisuse
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		fmt.Fprintln(stderr, "forumine: stopped; the same command goes on from here")
		return exitFailed
	}
	fmt.Fprintf(stderr, "forumine: %v\n", err)
	return exitFailed
}

// isMisuse tells the errors that the command library makes of a wrong command
// line before a command of ours is asked. It has no types for them.
func isMisuse(err error) bool {
	for _, head := range []string{"unknown command ", "accepts ", "requires at "} {
		if strings.HasPrefix(err.Error(), head) {
			return true
		}
	}
	return false
}

// streams are the standard streams of one run.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer

	jsonLog  *bool   // whether the log is JSON, as --json-log says; nil for text
	identity *string // file of an age identity, as --identity says; nil for none
}

// statusError carries an exit status other than 1; a nil err prints nothing.
type statusError struct {
	code int
	err  error
}

func (e statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e statusError) Unwrap() error { return e.err }

// misuse is an error of the command line.
func misuse(format string, args ...any) error {
	return statusError{exitMisuse, fmt.Errorf(format, args...)}
}
