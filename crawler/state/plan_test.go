package state

import (
	"strings"
	"testing"
)

// TestNextIsIndexDriven asks the database how it runs the statements of every
// visit: none may scan a table that grows with the crawl.
func TestNextIsIndexDriven(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	for _, q := range []string{
		sqlReadySlot, sqlReadySlotOfSite, sqlLanesOfSlot, sqlFirstURL, sqlPromote, sqlReclaim,
		sqlNextLane, sqlNextLaneOfSite, sqlNextDueAt, sqlNextDueAtOfSite, sqlNextExpiry, sqlNextExpiryOfSite,
		sqlLeasedURL, sqlLeaseURL, sqlFindURL, sqlTokenOf, sqlReleaseURL, sqlKnownURL, sqlReadyURL, sqlPaceLanes,
		sqlSettleURL, sqlSaidBy, sqlContributions, sqlAuthorContributions, sqlKeepSeen, sqlDocumentByKey, sqlPostsOf, sqlUnseenPosts, sqlMissedOnPage,
		sqlAuthorTotals, sqlForgetPages, sqlHasCapture, sqlLastCapture, sqlRereadCapture, sqlPending, sqlURLsOfParent, sqlListed, sqlReadDocument, sqlThreadPosts, sqlLastSequence,
		sqlListing, sqlListingOf, sqlLastPage, sqlFeedPages, sqlAudit, sqlOverdue, sqlAuditURL, sqlAuditSoon, sqlNextVisit, sqlGroup, sqlPass, sqlMissedOf, sqlSpent, sqlQueued, sqlStrikes, sqlDeadly,
		sqlReadySlots, sqlNextLanes, sqlNextDueAts, sqlNextExpires,
		sqlSources, sqlPageCaptures, sqlSaid, sqlRevisions, sqlAuthorTotalsAt,
	} {
		rows, err := s.Reader.db.Query("EXPLAIN QUERY PLAN "+q, make([]any, strings.Count(q, "?"))...)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		plan := ""
		err = drain(rows, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan += detail + "\n"
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(plan) {
			if scansTable(line) {
				t.Errorf("%s\n%s", q, plan)
				break
			}
		}
	}
}

// scansTable tells whether a step of a plan walks all rows. Walking a partial
// index in its order, or the outbox in order of delivery, stops at LIMIT; g is one row.
func scansTable(step string) bool {
	if !strings.HasPrefix(step, "SCAN ") {
		return false
	}
	for _, fine := range []string{"USING INDEX lanes_ready", "USING COVERING INDEX lanes_ready", "USING INDEX urls_leased", "USING COVERING INDEX urls_leased", "USING INDEX urls_waiting\n", "USING COVERING INDEX urls_waiting\n", "SCAN o\n", "SCAN g\n", "SCAN (subquery", "SCAN CONSTANT ROW"} {
		if strings.Contains(step, fine) {
			return false
		}
	}
	return true
}
