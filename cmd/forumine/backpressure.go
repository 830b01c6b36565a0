package main

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler/state"
)

// valve holds back what makes documents while too many of them wait for the
// index. It closes when the outbox reaches its limit and opens when a quarter of
// that has been delivered.
type valve struct {
	store *state.Store
	log   *slog.Logger
	limit int64 // bytes of documents; 0 for none

	mu     sync.Mutex
	closed bool
	ended  error         // of the sender: nothing will be delivered any more
	moved  chan struct{} // closed when rows have left the outbox, or the sender has ended
}

func newValve(store *state.Store, limit int64, log *slog.Logger) *valve {
	return &valve{store: store, log: log, limit: limit, moved: make(chan struct{})}
}

// metaHeld is where the state keeps since when a crawl is held back, for
// `forumine status`.
const metaHeld = "held"

// hold returns when more documents may be made. Its error is the sender's, which
// a person has to see to; the end of ctx is none.
func (v *valve) hold(ctx context.Context) error {
	for ctx.Err() == nil {
		moved, wait, err := v.look(ctx)
		if err != nil || !wait {
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
		}
	}
	return nil
}

// look tells whether to wait, and gives what is closed when that may have changed.
func (v *valve) look(ctx context.Context) (moved <-chan struct{}, wait bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended != nil {
		return nil, false, v.ended
	}
	waiting := v.store.Backlog()
	switch {
	case !v.closed && v.limit > 0 && waiting.Bytes >= v.limit:
		v.closed = true
		err = v.store.SetMeta(ctx, metaHeld, time.Now().UTC().Format(time.RFC3339))
		v.log.Warn("the outbox is full: nothing more is fetched until the index has taken documents",
			"documents", waiting.Rows, "size", byteSize(waiting.Bytes), "limit", byteSize(v.limit))
	case v.closed && waiting.Bytes <= v.limit*3/4:
		v.closed = false
		v.log.Info("the index has taken documents: going on", "documents", waiting.Rows, "size", byteSize(waiting.Bytes))
		err = v.store.SetMeta(ctx, metaHeld, "")
	}
	return v.moved, v.closed, err
}

// isFull tells whether hold would wait, or has an error to give.
func (v *valve) isFull() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.closed || v.ended != nil || v.limit > 0 && v.store.Backlog().Bytes >= v.limit
}

// isClosed tells whether documents are held back.
func (v *valve) isClosed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.closed
}

// stir has those who wait look again.
func (v *valve) stir() {
	v.mu.Lock()
	defer v.mu.Unlock()
	close(v.moved)
	v.moved = make(chan struct{})
}

// end notes that the sender has ended.
func (v *valve) end(err error) {
	v.mu.Lock()
	v.ended = err
	v.mu.Unlock()
	v.stir()
}

// reopen begins anew: what a process that died has left there says nothing of
// this one.
func (v *valve) reopen(ctx context.Context) error {
	before, err := v.store.Meta(ctx, metaHeld)
	if errors.Is(err, state.ErrNotFound) || err == nil && before == "" {
		return nil
	}
	if err != nil {
		return err
	}
	return v.store.SetMeta(ctx, metaHeld, "")
}

// byteSize is a number of bytes that people read and write: 1.5 GB, with units of
// a thousand each.
type byteSize int64

func byteUnits() []string { return []string{"B", "kB", "MB", "GB", "TB"} }

// String is the size in the greatest unit of which there is one.
func (b byteSize) String() string {
	size, units := float64(b), byteUnits()
	i := 0
	for size >= 1000 && i < len(units)-1 {
		size /= 1000
		i++
	}
	digits := 1
	if i == 0 || size >= 100 {
		digits = 0
	}
	return strings.TrimSuffix(strconv.FormatFloat(size, 'f', digits, 64), ".0") + " " + units[i]
}

// Set reads a size as a flag: 500MB, 1.5GB, 1000000.
func (b *byteSize) Set(s string) error {
	n, err := study.ParseSize(s)
	*b = byteSize(n)
	return err
}

// Type is the flag's type in the help.
func (b *byteSize) Type() string { return "size" }
