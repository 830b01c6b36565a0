package state

import "context"

// withdraw takes back all that a page said. Its next visit reads it as a new one.
func (t *tx) withdraw(page, at int64) error {
	if err := t.read(reading{page: page, at: at, dropAll: true}); err != nil {
		return err
	}
	if err := t.exec(sqlDropGaps, page); err != nil {
		return err
	}
	return t.exec(sqlForgetReading, page)
}

// Withdraw takes back what those pages of a site said that lack something by name:
// a gap, whatever the engine. It settles them with an outcome and gives how many
// they are.
func (s *Store) Withdraw(ctx context.Context, site, gap string, o Outcome, reason string) (int, error) {
	total, at := 0, s.Observe().UnixMicro()
	for {
		n := 0
		err := s.write(ctx, durable, func(t *tx) error {
			pages, err := t.ids(sqlPagesWithGap, site, gap, withdrawBatch)
			for _, page := range pages {
				if err != nil {
					return err
				}
				if err = t.withdraw(page, at); err == nil {
					err = t.exec(sqlSettleWithdrawn, o, reason, page)
				}
			}
			n = len(pages)
			return err
		})
		if err != nil || n == 0 {
			return total, wrap(err, "withdrawing pages of %s", site)
		}
		total += n
	}
}

// withdrawBatch bounds how many pages one transaction withdraws.
const withdrawBatch = 100
