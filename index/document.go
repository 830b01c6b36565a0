package index

import (
	"time"

	"forumine/extract/forum"
)

// The documents are these structs: the mapping, the fold and docs/schema.md are
// derived from their tags, so that a field exists everywhere or nowhere.
//
//	json  the name; every field that knows nothing is left out
//	es    the Elasticsearch type, see mapping.go
//	fold  how contributions combine, see fold_unit.go; "-" is computed
//	doc   meaning and unit for docs/schema.md

// Common is what documents of every kind carry.
type Common struct {
	Sequence      int64             `json:"sequence,omitempty" es:"long" fold:"-" doc:"grows with every document that a data folder delivers: what is greater came later (forumine export --after)"`
	Timestamp     time.Time         `json:"@timestamp,omitzero" es:"date" fold:"-" doc:"time of the document for time pickers: published_at of a post, thread.started_at of a thread, author.joined_at of an author; where that is unknown, first_seen_at. UTC"`
	SchemaVersion int               `json:"schema_version,omitempty" es:"integer" fold:"-" doc:"version of this schema"`
	DocKind       forum.DocKind     `json:"doc_kind,omitempty" es:"keyword,32" fold:"-" doc:"post, thread, author or revision"`
	Retracted     bool              `json:"retracted,omitempty" es:"boolean" fold:"-" doc:"true when a newer reading no longer finds the document; hidden by the aliases"`
	Site          SiteRef           `json:"site,omitzero" fold:"-"`
	Forum         BoardRef          `json:"forum,omitzero" fold:"board"`
	Crawl         Crawl             `json:"crawl,omitzero" fold:"-"`
	Extract       Extract           `json:"extract,omitzero" fold:"-"`
	FirstSeenAt   time.Time         `json:"first_seen_at,omitzero" es:"date" fold:"-" doc:"when a crawl first saw it, UTC"`
	ChangedAt     time.Time         `json:"changed_at,omitzero" es:"date" fold:"-" doc:"when a crawl last saw it change, UTC"`
	MissingSince  time.Time         `json:"missing_since,omitzero" es:"date" fold:"-" doc:"since when complete passes miss it, UTC"`
	Extra         map[string]string `json:"extra,omitempty" es:"flattened,1024" fold:"unit" doc:"leftovers that only one engine has, by slug"`
}

// SiteRef names the site that a document comes from.
type SiteRef struct {
	ID            string `json:"id,omitempty" es:"keyword,256" doc:"board root without scheme, host[/path]; fixed at first contact"`
	Host          string `json:"host,omitempty" es:"keyword,256" doc:"host name"`
	Engine        string `json:"engine,omitempty" es:"keyword,64" doc:"engine dialect: xenforo2, phpbb3, …"`
	EngineVersion string `json:"engine_version,omitempty" es:"keyword,64" doc:"the engine's version as the page shows it"`
	Lang          string `json:"lang,omitempty" es:"keyword,16" doc:"BCP 47 tag of the interface"`
	Timezone      string `json:"timezone,omitempty" es:"keyword,64" doc:"zone of shown times: IANA name or UTC±hh:mm"`
}

// BoardRef names the innermost board and the way to it.
type BoardRef struct {
	ID          string   `json:"id,omitempty" es:"keyword,128" doc:"the engine's id of the innermost board"`
	Name        string   `json:"name,omitempty" es:"keyword,256;lc;text" doc:"name of the innermost board"`
	URL         string   `json:"url,omitempty" es:"keyword,2048" doc:"address of the innermost board"`
	Breadcrumbs []string `json:"breadcrumbs,omitempty" es:"keyword,256" doc:"names of the boards, outer to inner"`
	Path        string   `json:"path,omitempty" es:"keyword,1024;tree" doc:"the breadcrumbs joined by \" > \""`
}

// Crawl is the provenance of the capture that a document rests on: the newest
// one of its own page, else the newest one at all.
type Crawl struct {
	FetchedAt  time.Time `json:"fetched_at,omitzero" es:"date" doc:"when the page was fetched, UTC"`
	URL        string    `json:"url,omitempty" es:"keyword,2048" doc:"address of the fetched page"`
	RunID      string    `json:"run_id,omitempty" es:"keyword,64" doc:"run that fetched it"`
	HTTPStatus int       `json:"http_status,omitempty" es:"short" doc:"HTTP status of the response"`
	WARC       string    `json:"warc,omitempty" es:"keyword,512" doc:"place in the archive, file:offset"`
	Viewer     string    `json:"viewer,omitempty" es:"keyword,64" doc:"guest, or the account that looked"`
}

// Extract is how the page was read.
type Extract struct {
	Extractor    string   `json:"extractor,omitempty" es:"keyword,64" doc:"engine package that read the page"`
	Version      string   `json:"version,omitempty" es:"keyword,32" doc:"number of the extractor; grows when the same bytes may give another reading"`
	FactsVersion int      `json:"facts_version,omitempty" es:"integer" doc:"version of the site's facts (zone, date order, posts a page) that the reading used"`
	Strategy     string   `json:"strategy,omitempty" es:"keyword,32" doc:"dom, json_embedded, api, jsonld, microdata, feed, repeated, or profile: by selectors that a user gave"`
	Confidence   float64  `json:"confidence,omitempty" es:"half_float" doc:"trust in the reading of the page, 0 to 1"`
	Warnings     []string `json:"warnings,omitempty" es:"keyword,256" doc:"slugs about the page: count_rounded, date_relative_only, …"`
	Gaps         []string `json:"gaps,omitempty" es:"keyword,256" doc:"fields of this document that the page should show and does not"`
}

// PostDoc is one post, with its thread's and author's context copied onto it.
type PostDoc struct {
	Common
	Post          PostRef   `json:"post,omitzero"`
	Thread        ThreadRef `json:"thread,omitzero" fold:"unit"`
	Author        AuthorRef `json:"author,omitzero" fold:"unit"`
	PublishedTime `fold:"moment"`
	EditedTime    `fold:"edit"`
	Content       `fold:"unit"`
	Signature     Signature `json:"signature,omitzero" fold:"unit"`
	Reactions     Reactions `json:"reactions,omitzero" fold:"unit"`
	Votes         Votes     `json:"votes,omitzero" fold:"unit"`
	Revision      int       `json:"revision,omitempty" es:"integer" fold:"-" doc:"1 = as first seen; grows with every change of title or body"`
}

// PostRef is a post's identity and place.
type PostRef struct {
	ID           string `json:"id,omitempty" es:"keyword,128" doc:"the engine's id"`
	Key          string `json:"key,omitempty" es:"keyword,512" fold:"-" doc:"site|post|id, with topic and number as the id where the engine shows a post by either; without an id, a hash of address and position stands in its place"`
	URL          string `json:"url,omitempty" es:"keyword,2048" doc:"permalink"`
	PostPosition `fold:"unit"`
	Page         int    `json:"page,omitempty" es:"integer" doc:"page of the thread that it stands on, 1-based"`
	IsFirst      *bool  `json:"is_first,omitempty" es:"boolean" doc:"it opens the thread"`
	IsSolution   *bool  `json:"is_solution,omitempty" es:"boolean" doc:"it is marked as the thread's answer"`
	State        string `json:"state,omitempty" es:"keyword,32" doc:"visible, edited_away, deleted, moderated, missing or event (written by the system)"`
	ParentKey    string `json:"parent_key,omitempty" es:"keyword,512" doc:"key of the post that it explicitly replies to; never guessed from quotes"`
}

// PostPosition is a post's place in its thread.
type PostPosition struct {
	Position       int64  `json:"position,omitempty" es:"long" doc:"place in the thread, 1-based"`
	PositionSource string `json:"position_source,omitempty" es:"keyword,32" doc:"shown, computed ((page-1) × posts a page + place on the page) or post_number"`
}

// ThreadRef is what a post copies of its thread.
type ThreadRef struct {
	ID          string   `json:"id,omitempty" es:"keyword,128" doc:"the engine's id"`
	Key         string   `json:"key,omitempty" es:"keyword,512" fold:"-" doc:"site|thread|id; without an id, a hash of the address stands in its place"`
	URL         string   `json:"url,omitempty" es:"keyword,2048" fold:"best" doc:"address of its first page"`
	Title       string   `json:"title,omitempty" es:"text,forum_text;keyword,512" fold:"title" doc:"title without prefix"`
	Prefix      []string `json:"prefix,omitempty" es:"keyword,128" doc:"prefixes, labels"`
	Tags        []string `json:"tags,omitempty" es:"keyword,128" doc:"tags"`
	Type        string   `json:"type,omitempty" es:"keyword,32" fold:"best" doc:"discussion, question, poll, article, suggestion, announcement or redirect"`
	StartedTime `fold:"moment"`
}

// StartedTime is when a thread began.
type StartedTime struct {
	StartedAt        time.Time       `json:"started_at,omitzero" es:"date" doc:"when the thread began, UTC"`
	StartedRaw       string          `json:"started_raw,omitempty" es:"keyword,128" doc:"the same as shown"`
	StartedPrecision forum.Precision `json:"started_precision,omitempty" es:"keyword,16" doc:"smallest unit shown: second, minute, hour, day, month, year, unknown"`
	StartedTZ        forum.Zone      `json:"started_tz,omitempty" es:"keyword,32" doc:"where the zone came from: utc, offset, calibrated, configured, assumed"`
}

// PublishedTime is when a post was written.
type PublishedTime struct {
	PublishedAt        time.Time       `json:"published_at,omitzero" es:"date" doc:"when it was written, UTC"`
	PublishedRaw       string          `json:"published_raw,omitempty" es:"keyword,128" doc:"the same as shown"`
	PublishedPrecision forum.Precision `json:"published_precision,omitempty" es:"keyword,16" doc:"smallest unit shown: second, minute, hour, day, month, year, unknown"`
	PublishedTZ        forum.Zone      `json:"published_tz,omitempty" es:"keyword,32" doc:"where the zone came from: utc, offset, calibrated, configured, assumed"`
}

// EditedTime is a post's last edit and what is said of it.
type EditedTime struct {
	EditedAt        time.Time       `json:"edited_at,omitzero" es:"date" doc:"last edit, UTC"`
	EditedRaw       string          `json:"edited_raw,omitempty" es:"keyword,128" doc:"the same as shown"`
	EditedPrecision forum.Precision `json:"edited_precision,omitempty" es:"keyword,16" doc:"smallest unit shown"`
	EditedTZ        forum.Zone      `json:"edited_tz,omitempty" es:"keyword,32" doc:"where the zone came from"`
	EditedBy        string          `json:"edited_by,omitempty" es:"keyword,256" doc:"name, or role such as moderator, of who edited"`
	EditReason      string          `json:"edit_reason,omitempty" es:"text,forum_text" doc:"reason given"`
	EditCount       int             `json:"edit_count,omitempty" es:"integer" doc:"number of edits, as shown"`
}

// Content is what a post's author wrote. Its parts come from one page together.
type Content struct {
	Title           string       `json:"title,omitempty" es:"text,forum_text;keyword,512" doc:"the post's own subject"`
	Body            Body         `json:"body,omitzero"`
	Quotes          []Quote      `json:"quotes,omitempty"`
	Mentions        []Mention    `json:"mentions,omitempty"`
	Links           []PostLink   `json:"links,omitempty"`
	Media           []Media      `json:"media,omitempty"`
	Attachments     []Attachment `json:"attachments,omitempty"`
	AttachmentCount *int         `json:"attachment_count,omitempty" es:"integer" doc:"number of attachments"`
	ImageCount      *int         `json:"image_count,omitempty" es:"integer" doc:"number of images in the author's own words"`
	LinkCount       *int         `json:"link_count,omitempty" es:"integer" doc:"number of links in the author's own words"`
	QuoteCount      *int         `json:"quote_count,omitempty" es:"integer" doc:"number of quotes"`
}

// Body is a post's text in its parts.
type Body struct {
	Text           string  `json:"text,omitempty" es:"text,forum_text;lang" doc:"the author's own words, code and spoilers included, without quotes, signature and edit note"`
	FullText       string  `json:"full_text,omitempty" es:"text,noindex" doc:"own words and quotes in page order; absent when equal to body.text"`
	HTML           string  `json:"html,omitempty" es:"text,noindex" doc:"cleaned fragment; kept, not searchable"`
	QuotedText     string  `json:"quoted_text,omitempty" es:"text,forum_text" doc:"the quotes' text"`
	SpoilerText    string  `json:"spoiler_text,omitempty" es:"text,forum_text" doc:"text behind spoilers, repeated"`
	Code           string  `json:"code,omitempty" es:"text,forum_code" doc:"code blocks, repeated, joined by a blank line"`
	Lang           string  `json:"lang,omitempty" es:"keyword,16" doc:"detected language of body.text without code and addresses, ISO 639-1 where it has a code, else 639-3; absent where the text is too short to tell"`
	LangConfidence float64 `json:"lang_confidence,omitempty" es:"half_float" doc:"trust in body.lang, 0 to 1"`
	Chars          *int    `json:"chars,omitempty" es:"integer" doc:"length of body.text in characters"`
	Words          *int    `json:"words,omitempty" es:"integer" doc:"length of body.text in words"`
	Hash           string  `json:"hash,omitempty" es:"keyword,64" doc:"sha256 of body.text, normalised: NFKC, lower case, single spaces"`
	Simhash        string  `json:"simhash,omitempty" es:"keyword,32" doc:"64-bit simhash of body.text over shingles of three words, hex: near-duplicates differ in few bits"`
}

// Signature is the text below a post.
type Signature struct {
	Text string `json:"text,omitempty" es:"text,forum_text" doc:"text of the signature"`
	Hash string `json:"hash,omitempty" es:"keyword,64" doc:"sha256 of it, normalised like body.hash"`
}

// Quote is one edge of the quote graph.
type Quote struct {
	Author     string `json:"author,omitempty" es:"keyword,256" doc:"name of who is quoted"`
	AuthorKey  string `json:"author_key,omitempty" es:"keyword,512" doc:"key of who is quoted"`
	PostID     string `json:"post_id,omitempty" es:"keyword,128" doc:"the engine's id of the quoted post"`
	PostKey    string `json:"post_key,omitempty" es:"keyword,512" doc:"key of the quoted post"`
	IsExternal bool   `json:"is_external,omitempty" es:"boolean" doc:"quotes something outside this forum"`
	Depth      int    `json:"depth" es:"integer" doc:"0 = quoted by the post itself, 1 = within such a quote"`
}

// Mention is a named account within a body.
type Mention struct {
	Name      string `json:"name,omitempty" es:"keyword,256" doc:"name as written"`
	AuthorKey string `json:"author_key,omitempty" es:"keyword,512" doc:"key of the account"`
}

// PostLink is a link in the author's own words.
type PostLink struct {
	URL        string `json:"url,omitempty" es:"keyword,2048" doc:"address"`
	Domain     string `json:"domain,omitempty" es:"keyword,256" doc:"registrable domain"`
	IsInternal bool   `json:"is_internal" es:"boolean" doc:"leads into the same forum"`
}

// Media is something embedded in the author's own words.
type Media struct {
	Kind     string `json:"kind,omitempty" es:"keyword,32" doc:"image, video, audio or embed"`
	Provider string `json:"provider,omitempty" es:"keyword,64" doc:"service that it comes from"`
	ID       string `json:"id,omitempty" es:"keyword,256" doc:"the service's id"`
	URL      string `json:"url,omitempty" es:"keyword,2048" doc:"address"`
}

// Attachment is a file that belongs to a post.
type Attachment struct {
	ID        string `json:"id,omitempty" es:"keyword,128" doc:"the engine's id"`
	Filename  string `json:"filename,omitempty" es:"keyword,512;text=forum_code" doc:"name of the file"`
	URL       string `json:"url,omitempty" es:"keyword,2048" doc:"address"`
	MediaType string `json:"media_type,omitempty" es:"keyword,128" doc:"MIME type"`
	Ext       string `json:"ext,omitempty" es:"keyword,16" doc:"file name extension, lower case, without the dot"`
	SizeBytes *int64 `json:"size_bytes,omitempty" es:"long" doc:"size in bytes, rounded to the shown precision"`
	ViewCount *int64 `json:"view_count,omitempty" es:"long" doc:"views or downloads"`
	IsInline  bool   `json:"is_inline,omitempty" es:"boolean" doc:"shown within the text"`
}

// Reactions is what readers gave a post.
type Reactions struct {
	Total         *int64           `json:"total,omitempty" es:"long" doc:"number of reactions"`
	Like          *int64           `json:"like,omitempty" es:"long" doc:"likes, also thanks where that is the only kind"`
	Dislike       *int64           `json:"dislike,omitempty" es:"long" doc:"dislikes"`
	ByType        map[string]int64 `json:"by_type,omitempty" es:"object,dynamic" doc:"number by kind, slugs of a closed list and other"`
	Types         []string         `json:"types,omitempty" es:"keyword,64" doc:"kinds that occur"`
	Users         []string         `json:"users,omitempty" es:"keyword,256" doc:"names shown"`
	UsersComplete *bool            `json:"users_complete,omitempty" es:"boolean" doc:"reactions.users names everybody"`
}

// Votes is a score of the question-and-answer kind.
type Votes struct {
	Score *int64 `json:"score,omitempty" es:"long" doc:"votes up minus votes down"`
	Up    *int64 `json:"up,omitempty" es:"long" doc:"votes up"`
	Down  *int64 `json:"down,omitempty" es:"long" doc:"votes down"`
}

// AuthorRef is an account or a guest, as shown on the day of the fetch.
type AuthorRef struct {
	Key           string   `json:"key,omitempty" es:"keyword,512" fold:"-" doc:"site|user|id, or site|guest|hash of the name: guests of one name need not be one person"`
	ID            string   `json:"id,omitempty" es:"keyword,128" doc:"the engine's id"`
	Name          string   `json:"name,omitempty" es:"keyword,256;lc;text" fold:"title" doc:"name as shown"`
	URL           string   `json:"url,omitempty" es:"keyword,2048" fold:"best" doc:"address of the profile"`
	AvatarURL     string   `json:"avatar_url,omitempty" es:"keyword,2048" fold:"best" doc:"address of the picture"`
	IsGuest       *bool    `json:"is_guest,omitempty" es:"boolean" doc:"wrote without an account"`
	IsOP          *bool    `json:"is_op,omitempty" es:"boolean" fold:"-" doc:"started the thread"`
	IsDeleted     *bool    `json:"is_deleted,omitempty" es:"boolean" doc:"the account was deleted"`
	Title         string   `json:"title,omitempty" es:"keyword,256" doc:"title or rank"`
	Banners       []string `json:"banners,omitempty" es:"keyword,128" doc:"banners shown beside the name"`
	Roles         []string `json:"roles,omitempty" es:"keyword,64" doc:"staff, moderator, admin, vip, banned"`
	JoinedTime    `fold:"moment"`
	PostCount     *int64            `json:"post_count,omitempty" es:"long" doc:"posts that the board claims"`
	ReactionScore *int64            `json:"reaction_score,omitempty" es:"long" doc:"likes received, reaction score, reputation or karma"`
	TrophyPoints  *int64            `json:"trophy_points,omitempty" es:"long" doc:"trophy points"`
	Location      string            `json:"location,omitempty" es:"keyword,256;text" doc:"location as given"`
	Gender        string            `json:"gender,omitempty" es:"keyword,64" doc:"gender as given"`
	Fields        map[string]string `json:"fields,omitempty" es:"flattened,512" fold:"merge" doc:"custom fields by slug"`
	FieldPairs    []string          `json:"field_pairs,omitempty" es:"keyword,600" fold:"-" doc:"the custom fields as slug=value"`
	FieldLabels   map[string]string `json:"field_labels,omitempty" es:"object,disabled" fold:"merge" doc:"labels of the custom fields as shown, by slug"`
}

// JoinedTime is when an account was made.
type JoinedTime struct {
	JoinedAt        time.Time       `json:"joined_at,omitzero" es:"date" doc:"when the account was made, UTC; the first of the month where only that is shown"`
	JoinedRaw       string          `json:"joined_raw,omitempty" es:"keyword,128" doc:"the same as shown"`
	JoinedPrecision forum.Precision `json:"joined_precision,omitempty" es:"keyword,16" doc:"smallest unit shown"`
	JoinedTZ        forum.Zone      `json:"joined_tz,omitempty" es:"keyword,32" doc:"where the zone came from"`
}

// ThreadDoc is one thread in its latest state.
type ThreadDoc struct {
	Common
	Thread           ThreadInfo `json:"thread,omitzero"`
	Author           AuthorRef  `json:"author,omitzero" fold:"person"`
	Excerpt          string     `json:"excerpt,omitempty" es:"text,forum_text" doc:"beginning of the first post, at most 300 characters"`
	Poll             Poll       `json:"poll,omitzero" fold:"unit"`
	SolutionPostKey  string     `json:"solution_post_key,omitempty" es:"keyword,512" doc:"key of the post marked as the answer"`
	RedirectTo       string     `json:"redirect_to,omitempty" es:"keyword,2048" doc:"address that a moved thread's stub leads to"`
	Rating           Rating     `json:"rating,omitzero" fold:"unit"`
	ListingSignature string     `json:"listing_signature,omitempty" es:"keyword,256" doc:"what a listing shows of its change: last time|last id|replies|flags"`
}

// ThreadInfo is a thread's identity, flags and counters.
type ThreadInfo struct {
	ThreadRef
	IsLocked         *bool  `json:"is_locked,omitempty" es:"boolean" doc:"takes no answers"`
	IsSticky         *bool  `json:"is_sticky,omitempty" es:"boolean" doc:"pinned to the top of its board"`
	IsSolved         *bool  `json:"is_solved,omitempty" es:"boolean" doc:"marked as solved"`
	ReplyCount       *int64 `json:"reply_count,omitempty" es:"long" fold:"count" doc:"posts minus one"`
	ViewCount        *int64 `json:"view_count,omitempty" es:"long" fold:"count" doc:"views"`
	ParticipantCount *int64 `json:"participant_count,omitempty" es:"long" doc:"people who wrote in it"`
	CountsRounded    bool   `json:"counts_rounded,omitempty" es:"boolean" fold:"-" doc:"a counter was shown rounded, such as 3K"`
	PageCount        int    `json:"page_count,omitempty" es:"integer" doc:"pages"`
	LastPostTime     `fold:"last"`
}

// LastPostTime is a thread's newest post.
type LastPostTime struct {
	LastPostAt        time.Time       `json:"last_post_at,omitzero" es:"date" doc:"when its newest post was written, UTC"`
	LastPostRaw       string          `json:"last_post_raw,omitempty" es:"keyword,128" doc:"the same as shown"`
	LastPostPrecision forum.Precision `json:"last_post_precision,omitempty" es:"keyword,16" doc:"smallest unit shown"`
	LastPostTZ        forum.Zone      `json:"last_post_tz,omitempty" es:"keyword,32" doc:"where the zone came from"`
	LastPostKey       string          `json:"last_post_key,omitempty" es:"keyword,512" doc:"key of its newest post"`
	LastAuthorKey     string          `json:"last_author_key,omitempty" es:"keyword,512" doc:"key of the newest post's author"`
}

// Poll is a thread's poll.
type Poll struct {
	Question   string   `json:"question,omitempty" es:"text,forum_text" doc:"the question"`
	Options    []string `json:"options,omitempty" es:"text,forum_text;keyword,256" doc:"the answers"`
	Voters     *int64   `json:"voters,omitempty" es:"long" doc:"people who voted"`
	Closed     *bool    `json:"closed,omitempty" es:"boolean" doc:"takes no votes"`
	ClosesTime `fold:"unit"`
	Results    []PollResult `json:"results,omitempty" es:"object,disabled" doc:"per answer: text, votes, percent; kept, not searchable"`
}

// ClosesTime is when a poll ends.
type ClosesTime struct {
	ClosesAt        time.Time       `json:"closes_at,omitzero" es:"date" doc:"when it ends, UTC"`
	ClosesRaw       string          `json:"closes_raw,omitempty" es:"keyword,128" doc:"the same as shown"`
	ClosesPrecision forum.Precision `json:"closes_precision,omitempty" es:"keyword,16" doc:"smallest unit shown"`
	ClosesTZ        forum.Zone      `json:"closes_tz,omitempty" es:"keyword,32" doc:"where the zone came from"`
}

// PollResult is one answer's result; what is hidden is absent.
type PollResult struct {
	Text    string   `json:"text,omitempty"`
	Votes   *int64   `json:"votes,omitempty"`
	Percent *float64 `json:"percent,omitempty"`
}

// Rating is a thread's rating by its readers.
type Rating struct {
	Avg   float64 `json:"avg,omitempty" es:"half_float" doc:"average on the board's own scale"`
	Count int64   `json:"count,omitempty" es:"long" doc:"number of ratings"`
}

// AuthorDoc is one account, or one guest's name, in its latest state.
type AuthorDoc struct {
	Common
	Author         AuthorRef `json:"author,omitzero"`
	Observed       `fold:"-"`
	LastActiveTime `fold:"unit"`
	About          string   `json:"about,omitempty" es:"text,forum_text" doc:"text about oneself"`
	Websites       []string `json:"websites,omitempty" es:"keyword,2048" doc:"addresses given"`
	NameHistory    []string `json:"name_history,omitempty" es:"keyword,256" fold:"-" doc:"other names that held pages show, in alphabetical order"`
	ProfileSource  string   `json:"profile_source,omitempty" es:"keyword,32" fold:"-" doc:"best source read so far: card, profile_page or api"`
}

// Observed is what the held posts say of their author. It is the parent that an
// author's fold takes.
type Observed struct {
	ObservedPostCount int64     `json:"observed_post_count,omitempty" es:"long" doc:"posts held, as against author.post_count, which the board claims"`
	FirstPostAt       time.Time `json:"first_post_at,omitzero" es:"date" doc:"oldest held post, UTC"`
	LastPostAt        time.Time `json:"last_post_at,omitzero" es:"date" doc:"newest held post, UTC"`
}

// LastActiveTime is when an account was last active, as its profile shows it.
type LastActiveTime struct {
	LastActiveAt        time.Time       `json:"last_active_at,omitzero" es:"date" doc:"last activity, UTC"`
	LastActiveRaw       string          `json:"last_active_raw,omitempty" es:"keyword,128" doc:"the same as shown"`
	LastActivePrecision forum.Precision `json:"last_active_precision,omitempty" es:"keyword,16" doc:"smallest unit shown"`
	LastActiveTZ        forum.Zone      `json:"last_active_tz,omitempty" es:"keyword,32" doc:"where the zone came from"`
}

// RevisionDoc is an older version of a post, kept when its title or body changed.
type RevisionDoc struct {
	PostDoc
	ReplacedAt time.Time `json:"replaced_at,omitzero" es:"date" fold:"-" doc:"when a crawl first saw the version that replaced this one, UTC"`
}
