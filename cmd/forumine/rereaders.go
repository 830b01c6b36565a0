package main

import (
	"context"
	"hash/fnv"
	"runtime"
	"sync"

	"forumine/crawler/state"
)

// rereaders read archived captures again, as many at once as there are
// processors. The captures of one page go to one of them, so that their order
// holds.
type rereaders struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	read   func(context.Context, state.Site, state.Capture) error
	jobs   []chan rereadJob
	done   sync.WaitGroup
}

type rereadJob struct {
	site state.Site
	c    state.Capture
}

func newRereaders(ctx context.Context, read func(context.Context, state.Site, state.Capture) error) *rereaders {
	r := &rereaders{read: read}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	for range runtime.GOMAXPROCS(0) {
		jobs := make(chan rereadJob, 8)
		r.jobs = append(r.jobs, jobs)
		r.done.Go(func() { r.work(jobs) })
	}
	return r
}

// work reads until there is no more, or until one has failed.
func (r *rereaders) work(jobs <-chan rereadJob) {
	for j := range jobs {
		if r.ctx.Err() != nil {
			continue
		}
		if err := r.read(r.ctx, j.site, j.c); err != nil {
			r.cancel(err)
		}
	}
}

// do hands a capture on. An error is that of another one.
func (r *rereaders) do(site state.Site, c state.Capture) error {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.Site + " " + c.Key)) // never fails
	select {
	case r.jobs[h.Sum32()%uint32(len(r.jobs))] <- rereadJob{site, c}:
		return nil
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	}
}

// end waits for what is under way and gives the first error.
func (r *rereaders) end() error {
	for _, jobs := range r.jobs {
		close(jobs)
	}
	r.done.Wait()
	err := context.Cause(r.ctx)
	r.cancel(nil)
	return err
}
