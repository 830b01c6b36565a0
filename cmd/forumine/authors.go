package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How often the authors that settled pages have touched are folded while a run
// goes on: after so many pages, and no more of the time than one part in so many.
// An author who is met again is folded again from all that was said of them, so
// that the more is held, the more a round costs.
const (
	foldEvery = 300
	foldShare = 20
)

// authorFolds folds authors now and then while pages are settled.
type authorFolds struct {
	fold func(context.Context) (int, error)
	now  func() time.Time
	log  *slog.Logger

	mu    sync.Mutex
	pages int       // settled since the last round
	rest  time.Time // until when there is none
	busy  bool
}

// settled is called after every settled page.
func (a *authorFolds) settled(ctx context.Context) {
	if !a.due() {
		return
	}
	began := a.now()
	if _, err := a.fold(ctx); err != nil {
		a.log.Warn("folding authors failed; the end of the run folds them", "error", err)
	}
	a.done(began)
}

// due counts a page, and tells whether a round begins with it.
func (a *authorFolds) due() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pages++
	if a.busy || a.pages < foldEvery || a.now().Before(a.rest) {
		return false
	}
	a.pages, a.busy = 0, true
	return true
}

func (a *authorFolds) done(began time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ended := a.now()
	a.busy, a.rest = false, ended.Add((foldShare-1)*ended.Sub(began))
}
