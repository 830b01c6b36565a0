package index

import (
	"context"
	"fmt"
	"time"
)

// lingering is the pause of a round that sent nothing because little was there.
const lingering time.Duration = -1

// flights are the deliveries of a round that are under way.
type flights struct {
	open   int
	after  int64 // Seq of the last row that is on its way
	landed chan landing
}

// landing is the end of one delivery.
type landing struct {
	pause time.Duration
	err   error
}

// round sends what is pending, from the oldest row on, with a window of
// deliveries at once, until nothing is left or a delivery meets trouble; then it
// waits for those under way. again tells whether the outbox had rows; pause is
// how long to wait before the next round.
func (s *Sender) round(ctx context.Context, linger time.Duration) (again bool, pause time.Duration, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	f := flights{landed: make(chan landing, s.opt.InFlight)}
	more := true
	for {
		for more && f.open < s.windowSize() {
			docs, failed := s.next(ctx, f.after, s.batchLimit())
			if failed == nil && linger > 0 && !again && len(docs) > 0 && s.isSmall(docs) {
				return true, lingering, nil
			}
			if more = failed == nil && len(docs) > 0; !more {
				err = firstError(err, failed)
				break
			}
			again = true
			s.launch(ctx, &f, docs)
		}
		if f.open == 0 {
			break
		}
		l := <-f.landed
		f.open--
		more = more && l.err == nil && l.pause == 0
		pause, err = max(pause, l.pause), firstError(err, l.err)
	}
	if !again && err == nil {
		s.setState(SenderIdle)
	}
	return again, pause, err
}

// next reads the rows behind the one numbered after: as many as a delivery takes,
// and limit at most.
func (s *Sender) next(ctx context.Context, after int64, limit int) ([]Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	docs, err := s.outbox.Pending(ctx, after, limit, s.opt.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	return docs, nil
}

func (s *Sender) launch(ctx context.Context, f *flights, docs []Document) {
	s.setState(SenderSending)
	f.open++
	f.after = docs[len(docs)-1].Seq
	go func() {
		pause, err := s.deliver(ctx, docs)
		f.landed <- landing{pause, err}
	}()
}

func firstError(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
