package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"forumine/extract/forum"
)

// Outcome says what became of one visit to a URL.
type Outcome string

// The outcomes. Retry alone is not final.
const (
	OK         Outcome = "ok"           // content was read
	Unchanged  Outcome = "unchanged"    // 304, or the bytes of the last reading
	Moved      Outcome = "moved"        // redirects elsewhere
	Gone       Outcome = "gone"         // 404, 410 or a page that says so
	Walled     Outcome = "walled"       // login or permission needed
	Challenged Outcome = "challenged"   // a bot check instead of content
	Robots     Outcome = "robots"       // robots.txt forbids it
	OutOfScope Outcome = "out_of_scope" // not ours to fetch
	TooLarge   Outcome = "too_large"    // over the size cap
	WrongType  Outcome = "wrong_type"   // not a page
	Unreadable Outcome = "unreadable"   // fetched and not understood
	Failed     Outcome = "failed"       // still failing after the last attempt
	Retry      Outcome = "retry"        // to be tried again
)

// Outcomes gives all outcomes, Retry last.
func Outcomes() []Outcome {
	return []Outcome{OK, Unchanged, Moved, Gone, Walled, Challenged, Robots, OutOfScope, TooLarge, WrongType, Unreadable, Failed, Retry}
}

// Content tells whether the visit saw the page's content.
func (o Outcome) Content() bool { return o == OK || o == Unchanged }

func (o Outcome) valid() bool {
	return slices.Contains(Outcomes(), o)
}

// Settlement is everything that one visit to a URL says. Outcome is required.
type Settlement struct {
	Outcome      Outcome
	Status       int    // HTTP status, 0 when there was no response
	FinalURL     string // where a redirect led
	URL          string // what the page is asked for by from now on; empty: by its address as before
	ETag         string
	LastModified string
	BodyHash     string // of content, or marked otherwise of a page that is walled or gone
	Capture      string // "file:position" in the archive, "" when nothing was archived
	Reason       string
	ObservedAt   time.Time // from Observe, or the archived capture's own time; zero means now

	Extractor     int        // Extract.Version of the reading
	FactsVersion  int        // Facts.Version that the reading used
	Kind          forum.Kind // what the page turned out to be
	Contributions []forum.Contribution
	Links         []NewLink
	Gaps          map[string]int // "engine field" to how often it is missing on the page
	Posts         int            // posts on the page

	// DropAbsent removes what the page said earlier of documents that it no
	// longer mentions. A listing moves on and posts shift between pages, so a
	// live visit leaves this false: absence is then no evidence (see MarkMissing).
	DropAbsent bool

	// Withdrawn takes back all that the page said earlier: it asks not to be indexed.
	// A document that no other page mentions is retracted.
	Withdrawn bool

	// Of a live visit, for absences to count (rule 14): Live is false for a capture
	// that was not fetched just now, Viewer names who saw the page, Truncated says
	// that it was cut short, Drifted that not all of its posts may have been read.
	Live      bool
	Viewer    string
	Truncated bool
	Drifted   bool

	Order    Order         // whether a listing's rows are sorted by their last posts
	Plan     *Plan         // of the next visit; nil for none
	Requests int           // that the visit cost, for the day's budget
	Bytes    int64         // as received
	SlotGap  time.Duration // least time between two requests to the slot; zero changes nothing

	RetryAt    time.Time // when the URL is due again: for Retry the next try, else the planned re-crawl; zero for none
	SlotNextAt time.Time // when the slot may be used again; zero for now
}

// Retry without RetryAt waits from a minute, doubling, to a day.
const (
	minRetry = time.Minute
	maxRetry = 24 * time.Hour
)

// Settle ends a lease. In one transaction it commits the outcome, the capture's
// reference, links, contributions, the documents folded from them, their outbox
// rows and the slot's times; on an error nothing of it is stored. It refuses a
// lease that is over with ErrStaleLease.
//
// Of every document that the page mentions, its contributions replace what it
// said at an earlier moment; an older observation than the stored one changes
// nothing, so that the order of settling does not matter. Settling the capture
// again that is stored as the latest is a re-reading: what it no longer mentions
// is removed, and a document that no page mentions any more is retracted.
func (s *Store) Settle(ctx context.Context, l Lease, v Settlement) error {
	return s.SettleAll(ctx, Visited{l, v})[0]
}

// Visited is a leased URL and what its visit says.
type Visited struct {
	Lease      Lease
	Settlement Settlement
}

// SettleAll settles several visits as Settle does each, with one commit where none
// of them fails, and gives the error of each.
func (s *Store) SettleAll(ctx context.Context, visits ...Visited) []error {
	errs := make([]error, len(visits))
	var fns []func(*tx) error
	var asked []int
	for i := range visits {
		l, v := visits[i].Lease, &visits[i].Settlement
		if errs[i] = wrap(v.check(), "settling %s", l.URL); errs[i] != nil {
			continue
		}
		observed := s.observed(v.ObservedAt)
		asked = append(asked, i)
		fns = append(fns, func(t *tx) error {
			if err := t.check(l); err != nil {
				return err
			}
			v := *v // a second try begins anew
			return t.settle(l, &v, observed)
		})
	}
	for n, err := range s.together(ctx, fns...) {
		errs[asked[n]] = wrap(err, "settling %s", visits[asked[n]].Lease.URL)
	}
	return errs
}

func (v *Settlement) check() error {
	if !v.Outcome.valid() {
		return fmt.Errorf("outcome %q is unknown", v.Outcome)
	}
	if len(v.Contributions) > 0 && v.Outcome != OK {
		return fmt.Errorf("outcome %s cannot carry contributions", v.Outcome)
	}
	return nil
}

func (t *tx) settle(l Lease, v *Settlement, observed int64) error {
	if err := t.retire(l, v); err != nil {
		return err
	}
	observed, again, err := t.saveCapture(l.row, v, observed)
	if err != nil {
		return err
	}
	if v.Outcome == OK {
		r := reading{
			page: l.row, key: l.Key, at: observed, extractor: v.Extractor, facts: v.FactsVersion, contributions: v.Contributions,
			dropSame: again, dropAll: v.DropAbsent, elsewhere: !v.Live && !again,
		}
		if err := t.read(r); err != nil {
			return err
		}
		if err := t.saveGaps(l.row, v.Gaps); err != nil {
			return err
		}
	}
	if v.Withdrawn {
		if err := t.withdraw(l.row, observed); err != nil {
			return err
		}
	}
	if v.Outcome == Unchanged {
		if err := t.seenAgain(l.row); err != nil {
			return err
		}
	}
	added, err := t.add(v.Links)
	if err != nil {
		return err
	}
	if err := t.saveOutcome(l, v, observed); err != nil {
		return err
	}
	if err := t.watch(l, v, observed); err != nil {
		return err
	}
	if err := t.freeSlot(l, v.SlotNextAt); err != nil {
		return err
	}
	if err := t.keepPace(l, v); err != nil {
		return err
	}
	if v.Drifted {
		t.wrote["drifted"]++
	}
	if l.Audit && v.Requests > 0 {
		t.wrote["audit_requests"] += int64(v.Requests)
	}
	t.count(map[string]int64{string(v.Outcome): 1, "posts": int64(v.Posts), "links": int64(added)}, t.wrote)
	return nil
}

// retire turns a retry after the last attempt into a failure and gives every
// other retry its time.
func (t *tx) retire(l Lease, v *Settlement) error {
	if v.Outcome != Retry {
		return nil
	}
	if l.Attempts+1 >= t.s.opt.MaxAttempts {
		v.Outcome, v.RetryAt = Failed, time.Time{}
		v.Reason = fmt.Sprintf("%d attempts, the last: %s", l.Attempts+1, cmp.Or(v.Reason, "no reason given"))
		return nil
	}
	if v.RetryAt.IsZero() {
		wait := min(minRetry<<min(l.Attempts, 16), maxRetry)
		v.RetryAt = t.s.opt.Now().Add(wait)
	}
	return nil
}

// saveOutcome writes the URL's own row and queues it again where that is due.
func (t *tx) saveOutcome(l Lease, v *Settlement, observed int64) error {
	if v.Outcome.Content() {
		if err := t.saveContent(l, v, observed); err != nil {
			return err
		}
	}
	if v.URL != "" {
		if err := t.exec(sqlReaddress, v.URL, l.row); err != nil {
			return err
		}
	}
	if (v.Outcome == Walled || v.Outcome == Gone) && v.BodyHash != "" {
		if err := t.exec(sqlHashURL, v.BodyHash, l.row); err != nil {
			return err
		}
	}
	state, due, wait := stateSettled, int64(0), int64(0)
	if !v.RetryAt.IsZero() {
		state, due, wait = stateWaiting, micros(v.RetryAt), t.waitFor(v.RetryAt)
	}
	if v.Outcome == Retry {
		return t.exec(sqlRetryURL, v.Outcome, v.Status, v.Reason, v.FinalURL, v.Kind, t.now, state, due, wait, l.row)
	}
	// What was not read under the signature that was asked for is asked for again by a listing that shows it.
	read := v.Outcome != Failed && v.Outcome != Challenged
	p := t.planVisit(l, v)
	var wanted string
	_, err := t.get(sqlSettleURL, []any{v.Outcome, v.Status, v.Reason, v.FinalURL, v.Kind, t.now, p.feedAt, p.visitAt, p.every,
		read, l.Signature, state, due, wait, l.row}, &wanted)
	if err != nil || !read || wanted == l.Signature {
		return err
	}
	return t.readAgain(l)
}

func (t *tx) saveContent(l Lease, v *Settlement, observed int64) error {
	if v.Outcome == Unchanged {
		return t.exec(sqlSeenURL, observed, v.ETag, v.ETag, v.LastModified, v.LastModified, l.row)
	}
	return t.exec(sqlContentURL, v.ETag, v.LastModified, v.BodyHash, v.Posts, observed, observed, l.row, observed)
}

// readAgain makes the URL due when a listing has shown a newer signature while
// it was being fetched.
func (t *tx) readAgain(l Lease) error {
	var ln int64
	ok, err := t.get(sqlReadyIfWanted, []any{t.now, l.row, l.Signature}, &ln)
	if err != nil || !ok {
		return err
	}
	return t.markReady(ln)
}

// saveCapture records the archived capture. One that is recorded already keeps
// the time of its observation; again says that its content was read then.
func (t *tx) saveCapture(page int64, v *Settlement, at int64) (observed int64, again bool, err error) {
	if v.Capture == "" {
		return at, false, nil
	}
	file, position, err := splitRef(v.Capture)
	if err != nil {
		return 0, false, err
	}
	var fileID int64
	if known, err := t.get(sqlFileID, []any{file}, &fileID); err != nil {
		return 0, false, err
	} else if !known {
		if fileID, err = t.insert(sqlEnsureFile, file); err != nil {
			return 0, false, err
		}
	}
	var outcome Outcome
	observed = at
	known, err := t.get(sqlCaptureAt, []any{fileID, position, page}, &observed, &outcome)
	if err != nil {
		return 0, false, err
	}
	err = t.exec(sqlSaveCapture, fileID, position, v.Capture, page, observed, v.Outcome, v.Extractor, v.FactsVersion)
	return observed, known && outcome == OK, err
}

// splitRef cuts a capture's reference "file:position" at its last colon.
func splitRef(ref string) (file string, position int64, err error) {
	i := strings.LastIndexByte(ref, ':')
	if i <= 0 {
		return "", 0, fmt.Errorf("capture reference %q is not file:position", ref)
	}
	position, err = strconv.ParseInt(ref[i+1:], 10, 64)
	if err != nil || position < 0 {
		return "", 0, errors.Join(fmt.Errorf("capture reference %q is not file:position", ref), err)
	}
	return ref[:i], position, nil
}

// saveGaps replaces what the page is known to lack.
func (t *tx) saveGaps(page int64, gaps map[string]int) error {
	if err := t.exec(sqlDropGaps, page); err != nil {
		return err
	}
	for name, n := range gaps {
		id, err := t.insert(sqlEnsureGap, name)
		if err != nil {
			return err
		}
		if err := t.exec(sqlSaveGap, page, id, n); err != nil {
			return err
		}
	}
	return nil
}
