package state

import "strings"

// Every statement on the state stands in this file and in schema.go. Parameters
// are positional; times are µs since 1970.

// Connections: one writer, which holds the folder's lock, and readers.

func writerPragmas() []string {
	return []string{
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(off)",
		"cache_size(-65536)", "temp_store(memory)", "wal_autocheckpoint(2000)", "journal_size_limit(67108864)",
	}
}

func readerPragmas() []string {
	return []string{"busy_timeout(10000)", "query_only(1)", "cache_size(-8192)", "temp_store(memory)"}
}

const (
	sqlSyncFull   = `PRAGMA synchronous = FULL`
	sqlSyncNormal = `PRAGMA synchronous = NORMAL`
	sqlBegin      = `BEGIN IMMEDIATE`
	sqlCommit     = `COMMIT`
	sqlRollback   = `ROLLBACK`

	sqlMeta    = `SELECT value FROM meta WHERE name = ?`
	sqlSetMeta = `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
)

// Sites.
const (
	siteColumns = `id, name, engine, engine_version, lang, facts, start_urls`

	sqlSite      = `SELECT ` + siteColumns + ` FROM sites WHERE id = coalesce((SELECT id FROM sites WHERE name = ?), (SELECT site FROM aliases WHERE alias = ?))`
	sqlSites     = `SELECT ` + siteColumns + ` FROM sites ORDER BY name`
	sqlSiteID    = `SELECT id FROM sites WHERE name = ?`
	sqlAliases   = `SELECT alias FROM aliases WHERE site = ? ORDER BY alias`
	sqlSaveAlias = `INSERT INTO aliases (alias, site) VALUES (?, ?) ON CONFLICT DO NOTHING`
	sqlSaveSite  = `INSERT INTO sites (name, engine, engine_version, lang, facts, facts_version, start_urls) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET engine = excluded.engine, engine_version = excluded.engine_version, lang = excluded.lang,
  facts = excluded.facts, facts_version = excluded.facts_version, start_urls = excluded.start_urls
RETURNING id`
	sqlSaveFacts = `UPDATE sites SET facts = ?, facts_version = ? WHERE id = ? AND facts_version <= ?`
)

// Slots and lanes.
const (
	sqlEnsureSlot  = `INSERT INTO slots (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`
	sqlPauseSlot   = `UPDATE slots SET paused_until = ?, pause_wait = ?, pause_reason = ? WHERE id = ?`
	sqlSaveRobots  = `UPDATE slots SET robots = ?, robots_at = ? WHERE id = ?`
	sqlRobots      = `SELECT robots, robots_at FROM slots WHERE name = ? AND robots IS NOT NULL`
	sqlSlot        = `SELECT next_at, paused_until, pause_reason, lease_until, robots_at FROM slots WHERE name = ?`
	sqlPausedSlots = `SELECT name, next_at, paused_until, pause_reason, lease_until, robots_at FROM slots WHERE paused_until > ? ORDER BY name`

	// A slot that is leased may be used again after its gap, whatever becomes of the process.
	sqlLeaseSlot = `UPDATE slots SET token = ?, lease_until = ?, next_at = CASE WHEN gap > 0 THEN max(next_at, ? + gap) ELSE next_at END,
  next_wait = CASE WHEN gap > 0 THEN max(next_wait, gap) ELSE next_wait END WHERE id = ?`
	sqlFreeSlot   = `UPDATE slots SET token = 0, lease_until = 0 WHERE id = ? AND token = ?`
	sqlFreeSlots  = `UPDATE slots SET token = 0, lease_until = 0 WHERE lease_until <> 0`
	sqlSlotNext   = `UPDATE slots SET next_at = ?, next_wait = ? WHERE id = ?`
	sqlSlotGap    = `UPDATE slots SET gap = ? WHERE id = ? AND gap <> ?`
	sqlGapOf      = `SELECT gap FROM slots WHERE id = ?`
	sqlStrikes    = `SELECT strikes, max(struck_at, paused_until) FROM slots WHERE id = ?`
	sqlStrike     = `UPDATE slots SET strikes = ?, struck_at = ? WHERE id = ?`
	sqlClampSlots = `UPDATE slots SET next_at = min(next_at, ? + next_wait), paused_until = min(paused_until, ? + pause_wait), lease_until = min(lease_until, ?)`

	sqlEnsureLane = `INSERT INTO lanes (slot, site, ready_at) VALUES (?, ?, (SELECT max(next_at, paused_until, lease_until) FROM slots WHERE id = ?))
ON CONFLICT (slot, site) DO UPDATE SET slot = excluded.slot RETURNING id`
	sqlPaceLanes    = `UPDATE lanes SET ready_at = (SELECT max(next_at, paused_until, lease_until) FROM slots WHERE id = lanes.slot) WHERE slot = ?`
	sqlPaceAllLanes = `UPDATE lanes SET ready_at = (SELECT max(next_at, paused_until, lease_until) FROM slots WHERE id = lanes.slot)`
	sqlMarkReady    = `UPDATE lanes SET has_ready = 1 WHERE id = ? AND has_ready = 0`
	sqlUnmarkReady  = `UPDATE lanes SET has_ready = 0 WHERE id = ?`
)

// Frontier: choosing. None of these may scan a table (see the query plan test).
const (
	sqlReadySlot       = `SELECT slot, ready_at FROM lanes WHERE has_ready = 1 AND ready_at <= ? ORDER BY ready_at, id LIMIT 1`
	sqlReadySlotOfSite = `SELECT slot, ready_at FROM lanes WHERE has_ready = 1 AND site = ? AND ready_at <= ? ORDER BY ready_at, id LIMIT 1`
	sqlLanesOfSlot     = `SELECT id, site FROM lanes WHERE slot = ? AND has_ready = 1`
	sqlFirstURL        = `SELECT id, priority, due_at FROM urls WHERE lane = ? AND state = 0 ORDER BY priority DESC, due_at, id LIMIT 1`
	sqlPromote         = `UPDATE urls SET state = 0 WHERE id IN (SELECT id FROM urls WHERE state = 1 AND due_at <= ? ORDER BY due_at LIMIT ?) RETURNING lane`
	sqlReclaim         = `UPDATE urls SET state = prior, token = 0, lease_until = 0 WHERE id IN (SELECT id FROM urls WHERE state = 2 AND lease_until <= ? ORDER BY lease_until LIMIT ?) RETURNING lane`

	// For scopes of many sites: the order of all, from which those of others are left out.
	sqlReadySlots  = `SELECT slot, site FROM lanes WHERE has_ready = 1 AND ready_at <= ? ORDER BY ready_at, id`
	sqlNextLanes   = `SELECT id, site, ready_at FROM lanes WHERE has_ready = 1 ORDER BY ready_at, id`
	sqlNextDueAts  = `SELECT due_at, site FROM urls WHERE state = 1 ORDER BY due_at`
	sqlNextExpires = `SELECT lease_until, site FROM urls WHERE state = 2 ORDER BY lease_until`

	sqlNextLane        = `SELECT id, ready_at FROM lanes WHERE has_ready = 1 ORDER BY ready_at, id LIMIT 1`
	sqlNextLaneOfSite  = `SELECT id, ready_at FROM lanes WHERE has_ready = 1 AND site = ? ORDER BY ready_at, id LIMIT 1`
	sqlNextDueAt       = `SELECT due_at FROM urls WHERE state = 1 ORDER BY due_at LIMIT 1`
	sqlNextDueAtOfSite = `SELECT due_at FROM urls WHERE state = 1 AND site = ? ORDER BY due_at LIMIT 1`
	sqlNextExpiry      = `SELECT lease_until FROM urls WHERE state = 2 ORDER BY lease_until LIMIT 1`
	// Leases are few: those of other sites are passed over.
	sqlNextExpiryOfSite = `SELECT lease_until FROM urls INDEXED BY urls_leased WHERE state = 2 AND site = ? ORDER BY lease_until LIMIT 1`

	sqlLeasedURL = `SELECT s.name, u.key, u.url, u.kind, sl.name, sl.id, u.priority, u.depth, u.parent, u.page, u.wanted, u.attempts,
  u.etag, u.last_modified, u.body_hash, u.outcome, u.content_at, u.settled_at, u.walk_at, u.audited, u.every, u.deaths, u.viewer, u.doubtful
FROM urls u JOIN sites s ON s.id = u.site JOIN lanes l ON l.id = u.lane JOIN slots sl ON sl.id = l.slot WHERE u.id = ?`
	sqlLeaseURL   = `UPDATE urls SET prior = CASE WHEN state = 2 THEN prior ELSE state END, state = 2, token = ?, lease_until = ? WHERE id = ?`
	sqlFindURL    = `SELECT id, state, lease_until FROM urls WHERE site = ? AND key = ?`
	sqlTokenOf    = `SELECT token FROM urls WHERE id = ? AND state = 2`
	sqlReleaseURL = `UPDATE urls SET state = prior, token = 0, lease_until = 0 WHERE id = ? RETURNING state, lane`
	// A URL that was in hand when two processes ended is a suspect: it comes last.
	sqlFreeLeases = `UPDATE urls SET state = prior, token = 0, lease_until = 0, deaths = deaths + 1,
  priority = CASE WHEN deaths > 0 THEN min(priority, -deaths) ELSE priority END WHERE state = 2 RETURNING lane, id, deaths`
	sqlDeadly = `UPDATE urls SET state = 3, outcome = 'failed', attempts = 0, settled_at = ?, feed_at = 0, visit_at = 0,
  reason = 'the process ended ' || deaths || ' times while this page was in hand' WHERE id = ?`

	sqlClampURLs   = `UPDATE urls SET due_at = ? + due_wait WHERE state = 1 AND due_at > ? + due_wait`
	sqlClampLeases = `UPDATE urls SET lease_until = ? WHERE state = 2 AND lease_until > ?`
)

// The pages of a thread or listing, whose ids pagesOf gives: their keys begin with its
// name (forum.Link), so that the index of keys serves. Those that keep to no such rule
// have an index of their own. ofSite and ofID take the site and the name.
const (
	ofSite  = `WITH g(site, parent) AS (SELECT (SELECT id FROM sites WHERE name = ?), ?) `
	ofID    = `WITH g(site, parent) AS (SELECT ?, ?) `
	pagesOf = `SELECT k.id FROM g CROSS JOIN urls k ON k.site = g.site AND k.key >= g.parent || '/' AND k.key < g.parent || '0' AND k.parent = g.parent WHERE g.parent <> ''
UNION ALL SELECT k.id FROM g CROSS JOIN urls k ON k.site = g.site AND k.key = g.parent AND k.parent = g.parent WHERE g.parent <> ''
UNION ALL SELECT k.id FROM g CROSS JOIN urls k INDEXED BY urls_odd ON k.site = g.site AND k.parent = g.parent
  WHERE k.parent <> '' AND k.key <> k.parent AND substr(k.key, 1, length(k.parent) + 1) <> k.parent || '/'`
)

// Frontier: filling.
const (
	sqlAddURL = `INSERT INTO urls (site, key, url, kind, lane, state, priority, due_at, depth, parent, page, wanted, shown_at, walk_at)
VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (site, key) DO NOTHING`
	sqlKnownURL    = `SELECT id, state, lane, priority, depth, wanted, signature, outcome, settled_at FROM urls WHERE site = ? AND key = ?`
	sqlUpdateURL   = `UPDATE urls SET priority = ?, depth = ?, shown_at = CASE WHEN wanted <> ? THEN ? ELSE shown_at END, wanted = ? WHERE id = ?`
	sqlWalkURL     = `UPDATE urls SET walk_at = ? WHERE id = ?`
	sqlReadyURL    = `UPDATE urls SET state = 0, due_at = ?, audited = 0 WHERE id = ? AND state IN (1, 3) RETURNING lane`
	sqlWaitURL     = `UPDATE urls SET state = 1, due_at = ?, due_wait = ? WHERE id = ? AND (state = 3 OR state = 1 AND due_at > ?)`
	sqlForgetTries = `UPDATE urls SET attempts = 0, deaths = 0 WHERE id = ?`
	// A parked URL keeps in prior what it was: ready, or waiting for its time.
	sqlQueue       = `SELECT id, state, lane, key, url, parent, kind, page, wanted FROM urls WHERE site = ? AND id > ? AND state IN (0, 1, 4) ORDER BY id LIMIT ?`
	sqlParked      = `SELECT id, state, lane, key, url, parent, kind, page, wanted FROM urls WHERE site = ? AND id > ? AND state = 4 ORDER BY id LIMIT ?`
	sqlPark        = `UPDATE urls SET prior = state, state = 4 WHERE id = ? AND state IN (0, 1)`
	sqlParkLeased  = `UPDATE urls SET state = 4, token = 0, lease_until = 0 WHERE id = ?`
	sqlUnpark      = `UPDATE urls SET state = prior WHERE id = ? AND state = 4`
	sqlReadyParked = `UPDATE urls SET state = 0, due_at = ? WHERE id = ? AND state = 4 RETURNING lane`
	sqlListed      = ofSite + `SELECT DISTINCT d.key FROM urls u JOIN contributions c ON c.page = u.id JOIN documents d ON d.id = c.document
WHERE u.id IN (` + pagesOf + `) AND d.kind = 'thread'`

	sqlMentioned = `SELECT DISTINCT d.key FROM urls u JOIN contributions c ON c.page = u.id JOIN documents d ON d.id = c.document
WHERE u.site = (SELECT id FROM sites WHERE name = ?) AND u.key = ? AND +d.kind = ?` // +: else SQLite compiles it anew for each kind, to see whether an index of one kind serves

	sqlForgetContent  = `UPDATE urls SET etag = '', last_modified = '', body_hash = '', feed_at = 0 WHERE site = ? AND kind IN ('index', 'board')`
	sqlForgetListings = `DELETE FROM listings WHERE site = ?`

	sqlReadyIfWanted = `UPDATE urls SET state = 0, due_at = ? WHERE id = ? AND wanted <> ? AND state IN (1, 3) RETURNING lane`
)

// sqlSelectURLs is the query for a batch of settled and waiting URLs behind a row.
func sqlSelectURLs(sel Selection, after int64, limit int) (string, []any) {
	var q strings.Builder
	q.WriteString(`SELECT u.id FROM urls u JOIN sites s ON s.id = u.site WHERE u.id > ? AND u.state IN (1, 3)`)
	args := []any{after}
	args = in(&q, args, "s.name", sel.Sites)
	args = in(&q, args, "u.key", sel.Keys)
	args = in(&q, args, "u.kind", sel.Kinds)
	args = in(&q, args, "u.outcome", sel.Outcomes)
	if !sel.SettledBefore.IsZero() {
		q.WriteString(` AND u.settled_at < ?`)
		args = append(args, micros(sel.SettledBefore))
	}
	q.WriteString(` ORDER BY u.id LIMIT ?`)
	return q.String(), append(args, limit)
}

func in[T any](q *strings.Builder, args []any, column string, values []T) []any {
	if len(values) == 0 {
		return args
	}
	q.WriteString(` AND ` + column + ` IN (?` + strings.Repeat(`, ?`, len(values)-1) + `)`)
	for _, v := range values {
		args = append(args, v)
	}
	return args
}

// Settling.
const (
	settleURL = `UPDATE urls SET outcome = ?, status = ?, reason = ?, final_url = ?, page_kind = coalesce(nullif(?, ''), page_kind), settled_at = ?,
  deaths = 0, token = 0, lease_until = 0, `
	sqlRetryURL  = settleURL + `attempts = attempts + 1, state = ?, due_at = ?, due_wait = ? WHERE id = ?`
	sqlSettleURL = settleURL + `attempts = 0, walk_at = 0, audited = 0, feed_at = ?, visit_at = ?, every = ?,
  signature = CASE WHEN ? THEN ? ELSE signature END, state = ?, due_at = ?, due_wait = ? WHERE id = ? RETURNING wanted`
	sqlViewURL    = `UPDATE urls SET viewer = ?, doubtful = ? WHERE id = ?`
	sqlContentURL = `UPDATE urls SET etag = ?, last_modified = ?, body_hash = ?, posts = ?, content_at = ?, seen_at = max(seen_at, ?) WHERE id = ? AND content_at <= ?`
	sqlSeenURL    = `UPDATE urls SET seen_at = max(seen_at, ?), etag = CASE WHEN ? <> '' THEN ? ELSE etag END,
  last_modified = CASE WHEN ? <> '' THEN ? ELSE last_modified END WHERE id = ?`
	sqlReaddress = `UPDATE urls SET url = ? WHERE id = ?`
	sqlHashURL   = `UPDATE urls SET body_hash = ? WHERE id = ?`

	sqlFileID      = `SELECT id FROM files WHERE name = ?`
	sqlEnsureFile  = `INSERT INTO files (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`
	sqlCaptureAt   = `SELECT observed_at, outcome FROM captures WHERE file = ? AND position = ? AND page = ?`
	sqlSaveCapture = `INSERT INTO captures (file, position, ref, page, observed_at, outcome, extractor, facts_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (file, position) DO UPDATE SET page = excluded.page, observed_at = excluded.observed_at, outcome = excluded.outcome,
  extractor = excluded.extractor, facts_version = excluded.facts_version`

	sqlDropGaps     = `DELETE FROM page_gaps WHERE page = ?`
	sqlPagesWithGap = `SELECT p.page FROM page_gaps p JOIN gap_names g ON g.id = p.gap JOIN urls u ON u.id = p.page JOIN sites s ON s.id = u.site
WHERE s.name = ? AND g.name LIKE '% ' || ? AND u.state = 3 LIMIT ?`
	sqlSettleWithdrawn = `UPDATE urls SET outcome = ?, reason = ? WHERE id = ?`
	sqlForgetReading   = `UPDATE urls SET etag = '', last_modified = '', body_hash = '', content_at = 0, posts = 0 WHERE id = ?`

	sqlEnsureGap = `INSERT INTO gap_names (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`
	sqlSaveGap   = `INSERT INTO page_gaps (page, gap, n) VALUES (?, ?, ?)`
)

// Contributions.
const (
	sqlSaidBy = `SELECT document, max(observed_at) FROM contributions WHERE page = ? GROUP BY document`
	sqlSay    = `INSERT INTO contributions (page, document, ord, rank, observed_at, extractor, facts_version, body) VALUES ` // see bulk
	sqlUnsay  = `DELETE FROM contributions WHERE page = ? AND document = ?`

	sqlSaidOf      = `SELECT id, body FROM contributions WHERE document = ? ORDER BY id`
	sqlRewriteSaid = `UPDATE contributions SET body = ? WHERE id = ?`

	contributionColumns = `u.key, c.rank, c.observed_at, c.extractor, c.facts_version, c.body FROM contributions c JOIN urls u ON u.id = c.page`

	sqlContributions       = `SELECT ` + contributionColumns + ` WHERE c.document = ? ORDER BY c.observed_at, c.rank, u.key, c.ord`
	sqlAuthorContributions = `SELECT * FROM (SELECT ` + contributionColumns + ` WHERE c.document = ?
  ORDER BY (c.rank >= ?) DESC, c.observed_at DESC, c.rank DESC, u.key DESC, c.ord DESC LIMIT ?) ORDER BY 3, 2, 1`
	sqlContributionsByKey = `SELECT ` + contributionColumns + ` JOIN documents d ON d.id = c.document WHERE d.key = ? ORDER BY c.observed_at, c.rank, u.key, c.ord`

	// A page that is unchanged goes on showing what its last reading found.
	sqlLastSeen = `max(d.last_seen_at, coalesce((SELECT max(CASE WHEN c.observed_at = u.content_at THEN u.seen_at ELSE c.observed_at END)
  FROM contributions c JOIN urls u ON u.id = c.page WHERE c.document = d.id), 0))`
	sqlKeepSeen = `UPDATE documents SET last_seen_at = (SELECT ` + sqlLastSeen + ` FROM documents d WHERE d.id = ?) WHERE id = ?`
)

// Documents.
const (
	documentRow = `SELECT id, kind, key, site, parent, author, state, version, revision, retracted, digest, content, summary,
  published_at, first_seen_at, changed_at, missing_since, missed_at, content_at, extractor, sequence FROM documents `

	sqlDocument       = documentRow + `WHERE id = ?`
	sqlDocumentByKey  = documentRow + `WHERE key = ?`
	sqlDocumentsIn    = documentRow + `WHERE key IN `
	sqlLastDocument   = `SELECT coalesce(max(id), 0) FROM documents`
	sqlDocumentByID   = `SELECT id FROM documents WHERE docid = ?`
	sqlNewAuthor      = `INSERT INTO documents (id, docid, kind, key, first_seen_at) VALUES ` // see bulk
	sqlInsertDocument = `INSERT INTO documents (id, docid, kind, key, site, parent, author, state, version, revision, retracted, digest, content, summary,
  published_at, first_seen_at, changed_at, content_at, extractor, sequence) VALUES `
	sqlRevisionsOf    = `SELECT content_at, extractor, content FROM documents WHERE parent = ? AND parent <> '' AND kind = 'revision' ORDER BY content_at`
	sqlRevisionRows   = `SELECT id FROM documents WHERE parent = ? AND parent <> '' AND kind = 'revision' ORDER BY content_at`
	sqlCountRevision  = `UPDATE documents SET revision = revision + 1, digest = '' WHERE id = ?`
	sqlFirstSeen      = `UPDATE documents SET first_seen_at = ? WHERE id = ?`
	sqlUpdateDocument = `UPDATE documents SET site = ?, parent = ?, author = ?, state = ?, version = ?, revision = ?, retracted = ?, digest = ?, content = ?,
  summary = ?, published_at = ?, first_seen_at = ?, changed_at = ?, content_at = ?, extractor = ?, sequence = ? WHERE id = ?`
	sqlBody     = `SELECT body FROM bodies WHERE document = ?`
	sqlSaveBody = `INSERT INTO bodies (document, body) VALUES (?, ?) ON CONFLICT (document) DO UPDATE SET body = excluded.body`
	sqlNewBody  = `INSERT INTO bodies (document, body) VALUES `
	sqlSummary  = `SELECT summary FROM documents WHERE key = ?`
	sqlPostsOf  = `SELECT id FROM documents WHERE parent = ? AND parent <> '' AND kind = 'post' AND retracted = 0`

	sqlSetMissing   = `UPDATE documents SET missed_at = ?, missing_since = ? WHERE id = ?`
	sqlUnseenPosts  = `SELECT d.id FROM documents d WHERE d.parent = ? AND d.parent <> '' AND d.kind = 'post' AND d.retracted = 0 AND ` + sqlLastSeen + ` < ?`
	sqlMissedOnPage = `SELECT DISTINCT d.id FROM contributions c JOIN documents d ON d.id = c.document JOIN urls u ON u.id = c.page
WHERE c.page = ? AND c.observed_at = u.content_at AND d.kind = 'post' AND d.missed_at <> 0`

	deletedDocuments    = ` FROM documents WHERE (state = 'deleted' AND kind = 'post' OR missing_since <> 0 AND kind IN ('post', 'thread')) AND site <> '' ORDER BY id`
	sqlDeletedDocuments = `SELECT id` + deletedDocuments
	sqlDeletedKeys      = `SELECT key` + deletedDocuments

	sqlDirtyAuthor      = `INSERT INTO dirty_authors (document) VALUES ` // see bulk
	sqlOnceOnly         = ` ON CONFLICT DO NOTHING`
	sqlDirtyAuthorByKey = `INSERT INTO dirty_authors (document) SELECT id FROM documents WHERE key = ? AND kind = 'author' ON CONFLICT DO NOTHING`
	sqlDirtyAuthors     = `SELECT document FROM dirty_authors ORDER BY document LIMIT ?`
	sqlCleanAuthor      = `DELETE FROM dirty_authors WHERE document = ?`
	sqlAuthorTotals     = `SELECT count(*), coalesce(min(nullif(published_at, 0)), 0), coalesce(max(published_at), 0) FROM documents
WHERE kind = 'post' AND author = ? AND author <> '' AND retracted = 0`

	documentColumns = `d.docid, d.kind, d.key, d.site, d.parent, d.author, d.state, d.version, d.revision, d.retracted,
  d.published_at, d.first_seen_at, d.changed_at, d.missing_since, d.sequence, ` + sqlLastSeen + `, b.body
FROM documents d JOIN bodies b ON b.document = d.id`

	sqlReadDocument = `SELECT ` + documentColumns + ` WHERE d.docid = ?`
	sqlDocuments    = `SELECT ` + documentColumns + ` WHERE d.key > ? AND (? = '' OR d.kind = ?) AND (? = '' OR d.site = ?)
  AND (? = '' OR d.parent = ?) AND (NOT ? OR d.retracted = 0) ORDER BY d.key LIMIT ?`
	sqlChanges = `SELECT ` + documentColumns + ` WHERE d.sequence > ? AND d.sequence <= ? AND (? = '' OR d.kind = ?) AND (? = '' OR d.site = ?)
  AND (? = '' OR d.parent = ?) AND (NOT ? OR d.retracted = 0) ORDER BY d.sequence LIMIT ?`
	sqlLastSequence = `SELECT coalesce(max(sequence), 0) FROM documents`
	sqlThreadPosts  = `SELECT ` + documentColumns + ` WHERE d.parent = ? AND d.parent <> '' AND d.kind = 'post' AND d.retracted = 0 ORDER BY d.key`
)

// Outbox and dead letters.
const (
	sqlLastSeq        = `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)`
	sqlEnqueue        = `INSERT INTO outbox (seq, document, version, bytes) VALUES `
	sqlDequeue        = `DELETE FROM outbox WHERE document = ? RETURNING bytes`
	sqlPending        = `SELECT o.seq, d.docid, d.kind, d.key, o.version, d.sequence, d.kind = 'revision' AND d.content = '', b.body FROM outbox o JOIN documents d ON d.id = o.document JOIN bodies b ON b.document = d.id WHERE o.seq > ? ORDER BY o.seq LIMIT ?`
	sqlOutboxSize     = `SELECT count(*), coalesce(sum(bytes), 0) FROM outbox`
	sqlAcknowledge    = `DELETE FROM outbox WHERE document = (SELECT id FROM documents WHERE docid = ?) AND version = ? RETURNING bytes`
	sqlAcknowledgeAll = `WITH a (docid, version) AS (VALUES ` // see bulk
	sqlAcknowledged   = `) DELETE FROM outbox WHERE seq IN (SELECT o.seq FROM a CROSS JOIN documents d ON d.docid = a.docid
  CROSS JOIN outbox o ON o.document = d.id AND o.version = a.version) RETURNING bytes`
	sqlDequeueVersion = `DELETE FROM outbox WHERE document = ? AND version = ? RETURNING bytes`

	sqlBury = `INSERT INTO dead_letters (document, version, reason, at, body) SELECT document, ?, ?, ?, body FROM bodies WHERE document = ?
ON CONFLICT (document) DO UPDATE SET version = excluded.version, reason = excluded.reason, at = excluded.at, body = excluded.body`
	sqlUnbury       = `DELETE FROM dead_letters WHERE document = ?`
	sqlHealed       = `DELETE FROM dead_letters WHERE document = ? AND version <= ?`
	sqlDeadLetters  = `SELECT d.docid, d.kind, d.key, x.version, x.reason, x.at FROM dead_letters x JOIN documents d ON d.id = x.document ORDER BY d.key`
	sqlDeadLetter   = `SELECT d.kind, d.key, x.version, x.reason, x.at, x.body FROM dead_letters x JOIN documents d ON d.id = x.document WHERE d.docid = ?`
	sqlDeadDocs     = `SELECT document FROM dead_letters ORDER BY document`
	sqlIsDead       = `SELECT document FROM dead_letters WHERE document = ?`
	sqlForgetDigest = `UPDATE documents SET digest = '' WHERE id = ?`
	sqlForgetPages  = `UPDATE urls SET etag = '', last_modified = '', body_hash = '', signature = ''
WHERE id IN (SELECT page FROM contributions WHERE document = ? ORDER BY observed_at DESC LIMIT ?)`

	enqueueAgain = `INSERT INTO outbox (document, version, bytes) SELECT d.id, d.version, length(b.body) FROM documents d JOIN bodies b ON b.document = d.id `

	sqlRaiseVersion  = `UPDATE documents SET version = max(version + 1, ?) WHERE id = ? AND kind <> 'revision'`
	sqlRequeueRaised = enqueueAgain + `WHERE d.id = ? RETURNING seq, bytes`
	sqlNumber        = `UPDATE documents SET sequence = ? WHERE id = ? AND kind <> 'revision'`

	sqlRequeueDead = enqueueAgain + `WHERE d.id = ? ON CONFLICT (document) DO NOTHING RETURNING bytes`
	sqlRequeueEnd  = `SELECT key FROM (SELECT key FROM documents WHERE key > ? ORDER BY key LIMIT ?) ORDER BY key DESC LIMIT 1`
	sqlRequeue     = enqueueAgain + `WHERE d.key > ? AND d.key <= ? AND d.version > 0 ORDER BY d.key ON CONFLICT (document) DO NOTHING RETURNING bytes`
)

// Planned visits.
const (
	sqlFeedGroups = `SELECT kind, parent, sum(state <> 3 OR outcome NOT IN ('ok', 'unchanged', 'gone', 'moved')), sum(outcome IN ('ok', 'unchanged')), max(feed_at),
  max(CASE WHEN page <= 1 AND outcome IN ('ok', 'unchanged') THEN settled_at ELSE 0 END)
FROM urls INDEXED BY urls_feed WHERE site = ? AND kind IN ('index', 'board') GROUP BY kind, parent`
	sqlFeedPages   = `SELECT id FROM urls INDEXED BY urls_feed WHERE site = ? AND kind = ? AND kind IN ('index', 'board') AND parent = ? AND state = 3 AND outcome <> 'gone' ORDER BY page, id LIMIT ?`
	sqlFirstPage   = `SELECT id, every, feed_at, settled_at FROM urls INDEXED BY urls_feed WHERE site = ? AND kind = 'board' AND kind IN ('index', 'board') AND parent = ? ORDER BY page, id LIMIT 1`
	sqlPostpone    = `UPDATE urls SET feed_at = ?, every = ? WHERE id = ?`
	sqlListing     = `SELECT pass_at, whole, sorted, ordered_at, disordered_at, full_at FROM listings WHERE site = ? AND parent = ?`
	sqlSaveListing = `INSERT INTO listings (site, parent, pass_at, whole, sorted, full_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (site, parent) DO UPDATE SET pass_at = excluded.pass_at, whole = excluded.whole, sorted = excluded.sorted, full_at = excluded.full_at`
	sqlOrdered    = `INSERT INTO listings (site, parent, ordered_at) VALUES (?, ?, ?) ON CONFLICT (site, parent) DO UPDATE SET ordered_at = excluded.ordered_at`
	sqlDisordered = `INSERT INTO listings (site, parent, disordered_at) VALUES (?, ?, ?) ON CONFLICT (site, parent) DO UPDATE SET disordered_at = excluded.disordered_at, sorted = 0`
	sqlListingOf  = `SELECT l.pass_at, l.whole, l.sorted FROM listings l JOIN sites s ON s.id = l.site WHERE s.name = ? AND l.parent = ?`
	sqlLastPage   = ofSite + `SELECT key, url, page, wanted, shown_at FROM urls WHERE id IN (` + pagesOf + `)
  AND outcome NOT IN ('gone', 'moved') AND page < ? ORDER BY page DESC, id DESC LIMIT 1`

	sqlAudit     = `SELECT id, kind, parent, page FROM urls WHERE site = ? AND visit_at <> 0 AND visit_at <= ? AND state = 3 ORDER BY visit_at LIMIT ?`
	sqlOverdue   = `SELECT url, kind, page, settled_at, visit_at FROM urls WHERE site = (SELECT id FROM sites WHERE name = ?) AND visit_at <> 0 AND visit_at <= ? AND state = 3 ORDER BY visit_at LIMIT ?`
	sqlAuditURL  = `UPDATE urls SET state = 0, due_at = ?, audited = 1, visit_at = 0 WHERE id = ? AND state = 3 RETURNING lane`
	sqlAuditSoon = ofID + `UPDATE urls SET visit_at = CASE WHEN visit_at = 0 THEN ? ELSE min(visit_at, ?) END
WHERE id = (SELECT id FROM urls WHERE id IN (` + pagesOf + `) ORDER BY page, id LIMIT 1) AND state = 3`
	sqlNextVisit   = `SELECT visit_at FROM urls WHERE site = (SELECT id FROM sites WHERE name = ?) AND visit_at <> 0 ORDER BY visit_at LIMIT 1`
	sqlClampVisits = `UPDATE urls SET visit_at = CASE WHEN visit_at > ? + every THEN ? + every ELSE visit_at END,
  feed_at = CASE WHEN feed_at > ? + every THEN ? + every ELSE feed_at END WHERE visit_at > ? OR feed_at > ?`

	sqlGroup    = ofID + `SELECT id, page, state, outcome, viewer, seen_at, settled_at FROM urls WHERE id IN (` + pagesOf + `) ORDER BY page, id LIMIT ?`
	sqlPass     = `SELECT started_at, running, missed FROM passes WHERE site = ? AND parent = ?`
	sqlOpenPass = `INSERT INTO passes (site, parent, started_at, running) VALUES (?, ?, ?, 1) ON CONFLICT (site, parent) DO UPDATE SET started_at = excluded.started_at, running = 1`
	sqlEndPass  = `UPDATE passes SET running = 0, missed = ? WHERE site = ? AND parent = ? AND running = 1`
	sqlMissedOf = `SELECT count(*) FROM documents WHERE parent = ? AND parent <> '' AND kind = 'post' AND missed_at <> 0 AND missing_since = 0`
	sqlSpend    = `INSERT INTO spent (site, day, requests, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (site, day) DO UPDATE SET requests = requests + excluded.requests, bytes = bytes + excluded.bytes`
	sqlSpent    = `SELECT requests, bytes FROM spent WHERE site = (SELECT id FROM sites WHERE name = ?) AND day = ?`
	sqlQueued   = `SELECT EXISTS (SELECT 1 FROM lanes l WHERE l.has_ready = 1 AND l.site = (SELECT id FROM sites WHERE name = ?1) AND EXISTS (SELECT 1 FROM urls u WHERE u.lane = l.id AND u.state = 0 AND u.kind NOT IN ('file', 'sitemap')))
  OR EXISTS (SELECT 1 FROM urls u WHERE u.state = 1 AND u.kind NOT IN ('file', 'sitemap') AND u.outcome IN ('', 'ok', 'unchanged') AND u.site = (SELECT id FROM sites WHERE name = ?1))
  OR EXISTS (SELECT 1 FROM urls u INDEXED BY urls_leased WHERE u.state = 2 AND u.kind NOT IN ('file', 'sitemap') AND u.site = (SELECT id FROM sites WHERE name = ?1))`
)

// Captures and reading them again.
const (
	// A page's newest capture with content, its newest at all when none has any,
	// and those that still say something.
	sqlCaptures = `SELECT c.page, s.name, u.key, u.url, c.ref, c.observed_at, c.outcome, c.extractor, c.facts_version
FROM captures c JOIN urls u ON u.id = c.page JOIN sites s ON s.id = u.site
WHERE u.kind NOT IN ('file', 'feed', 'sitemap') AND c.page > ? AND c.page <= coalesce((SELECT max(id) FROM (SELECT id FROM urls WHERE id > ?1 ORDER BY id LIMIT ?)), 0)
  AND (? = '' OR s.name = ?) AND (? = 0 OR (? OR c.outcome = 'ok') AND c.facts_version < ?)
  AND (CASE WHEN u.content_at > 0 THEN c.observed_at = u.content_at AND c.outcome = 'ok'
       ELSE c.observed_at = (SELECT max(observed_at) FROM captures WHERE page = c.page) END
    OR EXISTS (SELECT 1 FROM contributions x WHERE x.page = c.page AND x.observed_at = c.observed_at))
ORDER BY c.page, c.observed_at`
	sqlCapturesEnd = `SELECT coalesce(max(id), 0) FROM (SELECT id FROM urls WHERE id > ? ORDER BY id LIMIT ?)`
	sqlHasCapture  = `SELECT count(*) FROM captures WHERE file = (SELECT id FROM files WHERE name = ?) AND position = ?`
	sqlLastCapture = `SELECT coalesce(max(position), -1) FROM captures WHERE file = (SELECT id FROM files WHERE name = ?)`

	sqlRereadCapture = `SELECT c.page, u.content_at, c.file, c.observed_at, c.extractor, c.facts_version
FROM urls u JOIN captures c ON c.page = u.id JOIN files f ON f.id = c.file WHERE u.site = ? AND u.key = ? AND f.name = ? AND c.position = ?`
	sqlRereadDone    = `UPDATE captures SET outcome = ?, extractor = ?, facts_version = ? WHERE file = ? AND position = ?`
	sqlRereadWall    = `UPDATE urls SET outcome = ?, page_kind = ? WHERE id = ?`
	sqlRereadContent = `UPDATE urls SET outcome = ?, page_kind = ?, posts = ?, content_at = ?, seen_at = max(seen_at, ?) WHERE id = ?`
)

// Where documents come from.
const (
	sqlPageCaptures = `SELECT s.name, u.key, u.url, c.ref, c.observed_at, c.outcome, c.extractor, c.facts_version
FROM captures c JOIN urls u ON u.id = c.page JOIN sites s ON s.id = u.site WHERE s.name = ? AND u.key = ? ORDER BY c.observed_at, c.file, c.position`
	sqlSources = `SELECT s.name, u.key, u.url, coalesce(k.ref, ''), coalesce(k.outcome, ''), c.rank, c.observed_at, c.extractor, c.facts_version, c.body
FROM documents d JOIN contributions c ON c.document = d.id JOIN urls u ON u.id = c.page JOIN sites s ON s.id = u.site
LEFT JOIN captures k ON k.page = c.page AND k.observed_at = c.observed_at WHERE d.key = ? ORDER BY c.observed_at, c.rank, u.key, c.ord`
	sqlSaid = `SELECT d.kind, d.key, c.rank, c.observed_at, c.extractor, c.facts_version, c.body FROM contributions c JOIN documents d ON d.id = c.document
WHERE c.page = (SELECT id FROM urls WHERE site = (SELECT id FROM sites WHERE name = ?) AND key = ?) ORDER BY d.key, c.ord`
	sqlRevisions      = `SELECT ` + documentColumns + ` WHERE d.parent = ? AND d.parent <> '' AND d.kind = 'revision' ORDER BY d.key`
	sqlAuthorTotalsAt = `SELECT count(*), coalesce(min(nullif(published_at, 0)), 0), coalesce(max(published_at), 0) FROM documents
WHERE kind = 'post' AND author = ? AND author <> '' AND retracted = 0 AND first_seen_at <= ?`
)

// Reading everything again as if for the first time.

func sqlUnread() []string {
	return []string{
		`DELETE FROM contributions`, `DELETE FROM outbox`, `DELETE FROM dead_letters`, `DELETE FROM bodies`, `DELETE FROM dirty_authors`,
		`DELETE FROM documents WHERE kind NOT IN ('post', 'thread')`,
		`UPDATE documents SET site = '', parent = '', author = '', state = '', revision = 0, retracted = 0, digest = '', content = '', summary = NULL,
  published_at = 0, changed_at = 0, content_at = 0, extractor = 0`,
	}
}

func sqlCompact() []string {
	return []string{`PRAGMA temp_store = FILE`, `VACUUM`, `PRAGMA wal_checkpoint(TRUNCATE)`, `PRAGMA temp_store = MEMORY`}
}

const (
	sqlDropUnread = `DELETE FROM documents WHERE id NOT IN (SELECT document FROM bodies)
  AND id NOT IN (SELECT document FROM contributions) AND id NOT IN (SELECT document FROM dirty_authors)`
	sqlAllContributions = `SELECT d.kind, d.key, c.body FROM contributions c JOIN documents d ON d.id = c.document`
	sqlAllDocuments     = `SELECT d.kind, d.key, b.body FROM documents d LEFT JOIN bodies b ON b.document = d.id`
	sqlAllDead          = `SELECT d.kind, d.key, l.body FROM dead_letters l JOIN documents d ON d.id = l.document`
	sqlMoveCapture      = `UPDATE captures SET position = ?, ref = ? WHERE file = ? AND position = ?`
	sqlDropCaptures     = `DELETE FROM captures WHERE file = ? AND position >= 0`
	sqlMovedCaptures    = `UPDATE captures SET position = -1 - position WHERE file = ? AND position < 0`
	sqlCapturePlaces    = `SELECT file, position FROM captures ORDER BY observed_at, file, position`
	sqlCaptureOf        = `SELECT s.name, u.key, u.url, c.ref, c.observed_at, c.outcome, c.extractor, c.facts_version
FROM captures c JOIN urls u ON u.id = c.page JOIN sites s ON s.id = u.site WHERE c.file = ? AND c.position = ?`
)

// Saying everything anew without the pages.

func sqlRestateBegin() []string { return []string{`DELETE FROM outbox`, `DELETE FROM dead_letters`} }

func sqlRestateSweep() []string {
	return []string{
		`DELETE FROM documents WHERE kind <> 'revision' AND NOT EXISTS (SELECT 1 FROM contributions c WHERE c.document = documents.id)`,
		`DELETE FROM documents WHERE kind = 'revision' AND NOT EXISTS (SELECT 1 FROM documents p WHERE p.key = documents.parent)`,
		`DELETE FROM bodies WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = bodies.document)`,
		`DELETE FROM outbox WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = outbox.document)`,
		`DELETE FROM dirty_authors`,
	}
}

const (
	sqlDropMeta     = `DELETE FROM meta WHERE name = ?`
	sqlPagesThatSay = `SELECT id FROM urls WHERE id > ? AND EXISTS (SELECT 1 FROM contributions c WHERE c.page = urls.id) ORDER BY id LIMIT ?`
	sqlPageSaid     = `SELECT s.name, u.key, c.id, c.document, c.rank, c.observed_at, c.extractor, c.facts_version, c.body, d.kind, d.key, d.first_seen_at, d.last_seen_at,
  coalesce((SELECT k.ref FROM captures k WHERE k.page = c.page AND k.observed_at = c.observed_at), '')
FROM contributions c JOIN documents d ON d.id = c.document JOIN urls u ON u.id = c.page JOIN sites s ON s.id = u.site WHERE c.page = ? ORDER BY c.id`
	sqlVersionsOn = `SELECT r.id, b.body, coalesce((SELECT k.ref FROM captures k WHERE k.page = c.page AND k.observed_at = r.content_at), '') FROM contributions c JOIN documents p ON p.id = c.document
JOIN documents r ON r.parent = p.key AND r.parent <> '' AND r.kind = 'revision' JOIN bodies b ON b.document = r.id
WHERE c.page = ? AND c.ord = 0 AND p.kind = 'post' AND c.page = (SELECT min(page) FROM contributions WHERE document = p.id) ORDER BY r.id`
	sqlDropSaid       = `DELETE FROM contributions WHERE id = ?`
	sqlDropBody       = `DELETE FROM bodies WHERE document = ?`
	sqlDropDocument   = `DELETE FROM documents WHERE id = ?`
	sqlSeenBefore     = `UPDATE documents SET last_seen_at = max(last_seen_at, ?) WHERE id = ?`
	sqlDocumentsAfter = `SELECT id FROM documents WHERE kind = ? AND id > ? ORDER BY id LIMIT ?`
)

// Runs and status.
const (
	sqlBeginRun      = `INSERT INTO runs (command, started_at, status, site, asked, version, config, reason, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	sqlEndRun        = `UPDATE runs SET ended_at = ?, status = ? WHERE id = ?`
	sqlInterruptRuns = `UPDATE runs SET ended_at = ?, status = 'interrupted' WHERE status = 'running'`
	sqlCount         = `INSERT INTO run_counts (run, name, n) VALUES ` // see bulk
	sqlCountUp       = ` ON CONFLICT (run, name) DO UPDATE SET n = n + excluded.n`
	runColumns       = `SELECT id, command, started_at, ended_at, status, site, asked, version, config, reason, due_at FROM runs`
	sqlRuns          = runColumns + ` ORDER BY id DESC LIMIT ?`
	sqlRunsOf        = runColumns + ` WHERE site = ? ORDER BY id DESC LIMIT ?`
	sqlLastRuns      = runColumns + ` WHERE id IN (SELECT max(id) FROM runs WHERE site <> '' GROUP BY site) ORDER BY site`
	sqlRunByID       = runColumns + ` WHERE id = ?`
	sqlRunTotals     = `SELECT r.site, c.name, sum(c.n) FROM run_counts c JOIN runs r ON r.id = c.run GROUP BY r.site, c.name`
	sqlRunEnds       = `SELECT site, status, count(*) FROM runs WHERE site <> '' GROUP BY site, status`
	sqlOutboxOldest  = `SELECT version FROM outbox ORDER BY seq LIMIT 1`
	sqlRunCounts     = `SELECT name, n FROM run_counts WHERE run = ? ORDER BY name`

	urlColumns = `s.name, u.key, u.url, u.kind, u.page_kind, u.state, u.priority, u.parent, u.page, u.outcome, u.status, u.reason, u.final_url,
  u.attempts, u.deaths, u.posts, u.due_at, u.settled_at, u.wanted FROM urls u JOIN sites s ON s.id = u.site`

	sqlURLs         = `SELECT ` + urlColumns + ` WHERE (? = '' OR s.name = ?) AND (? = '' OR u.outcome = ?) ORDER BY u.id`
	sqlURLsOfParent = ofSite + `SELECT ` + urlColumns + ` WHERE u.id IN (` + pagesOf + `) AND (? = '' OR u.outcome = ?) ORDER BY u.page, u.id`
	sqlURLByKey     = `SELECT ` + urlColumns + ` WHERE s.name = ? AND u.key = ?`

	sqlSiteStatus = `SELECT s.name, s.engine, (SELECT count(*) FROM urls u WHERE u.site = s.id AND u.kind <> 'file'),
  (SELECT count(*) FROM urls u WHERE u.site = s.id AND u.page_kind = 'board' AND u.page <= 1 AND u.content_at > 0),
  coalesce(d.threads, 0), coalesce(d.posts, 0), coalesce(d.authors, 0)
FROM sites s LEFT JOIN (SELECT site, sum(kind = 'thread') AS threads, sum(kind = 'post') AS posts, sum(kind = 'author') AS authors
  FROM documents WHERE retracted = 0 AND version > 0 GROUP BY site) d ON d.site = s.name ORDER BY s.name`
	sqlQueueStatus    = `SELECT kind = 'file', state, outcome, count(*) FROM urls GROUP BY 1, 2, 3`
	sqlDocumentStatus = `SELECT kind, sum(retracted = 0), sum(retracted), sum(missing_since <> 0 AND retracted = 0) FROM documents WHERE version > 0 GROUP BY kind`
	sqlCountDead      = `SELECT count(*) FROM dead_letters`
	sqlQueueSize      = `SELECT (SELECT count(*) FROM urls WHERE state = 0) + (SELECT count(*) FROM urls WHERE state = 1)`
	sqlCountDirty     = `SELECT count(*) FROM dirty_authors`
	sqlGaps           = `SELECT s.name, g.name, sum(p.n), count(*) FROM page_gaps p JOIN gap_names g ON g.id = p.gap JOIN urls u ON u.id = p.page
JOIN sites s ON s.id = u.site GROUP BY s.name, g.name ORDER BY s.name, sum(p.n) DESC, g.name`
)
