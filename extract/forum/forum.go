// Package forum holds the nouns of forumine: what a forum page is, once it has
// been fetched (Capture), what is known of its site (Facts), and what it says
// (Page, Thread, Post, Author, Row, Board, Link, Stamp, Gap). It imports the standard
// library only and reaches neither network nor clock, so that every stage can
// share it without pulling in another stage.
//
// The JSON of these types is the public output of `forumine extract`: field
// names follow the document schema (docs/schema.md) and are never renamed
// without a new schema version.
package forum

import "time"

// SchemaVersion numbers the shape of the JSON that this package defines.
const SchemaVersion = 1

// Capture is one fetched response as bytes, exactly as the server sent it after
// transfer and content decoding. Header keys are in canonical MIME form.
type Capture struct {
	URL       string              // as asked for
	FinalURL  string              // after redirects; empty means URL
	Status    int                 // HTTP status, 0 for a saved page of unknown status
	Header    map[string][]string // response header
	FetchedAt time.Time           // zero when unknown; never a file time
	Viewer    string              // "guest", or the name of the account that looked
	Body      []byte              // decoded bytes in the page's own charset
	Truncated bool                // the body is known to be incomplete
}

// Address is the URL that the body belongs to: FinalURL, else URL.
func (c Capture) Address() string {
	if c.FinalURL != "" {
		return c.FinalURL
	}
	return c.URL
}

// HeaderValue is the first value of a response header, given in canonical form.
func (c Capture) HeaderValue(key string) string {
	if v := c.Header[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Facts is what is known of a site from its other pages. Reading is a function
// of (Capture, Facts) and of nothing else. A zero Facts is valid: nothing known.
type Facts struct {
	Version      int    `json:"version,omitempty"`        // grows with every change of a field that a reading depends on
	Zone         string `json:"zone,omitempty"`           // IANA name or "UTC±hh:mm"
	ZoneSource   Zone   `json:"zone_source,omitempty"`    // calibrated or configured
	DateOrder    string `json:"date_order,omitempty"`     // "dmy", "mdy" or "ymd" for all-numeric dates
	Lang         string `json:"lang,omitempty"`           // BCP 47 tag of the forum's interface
	PostsPerPage int    `json:"posts_per_page,omitempty"` // for positions from page 2 on
	Profile      string `json:"profile,omitempty"`        // identity of the selectors that a user gave for the site

	// What changes no reading makes no new version: the words that a forum has for
	// its routes ("board=halls thread=chatter"), and how many pages speak for what is
	// learned.
	Routes     string `json:"routes,omitempty"`
	DayFirst   int    `json:"day_first_pages,omitempty"`   // pages whose dates prove that the day comes first
	MonthFirst int    `json:"month_first_pages,omitempty"` // pages whose dates prove that the month does
	ZonePages  int    `json:"zone_pages,omitempty"`        // pages that give this zone, less those that give another
}

// Kind says what a page is. The walls are kinds too: a page that shows no
// content is never read as a thread without posts.
type Kind string

// The page kinds. Kinds from KindLogin on are outcomes that are never content.
const (
	KindIndex   Kind = "index"
	KindBoard   Kind = "board"
	KindThread  Kind = "thread"
	KindPost    Kind = "post"
	KindProfile Kind = "profile"
	KindSearch  Kind = "search"
	KindOther   Kind = "other"
	KindFile    Kind = "file"    // of a post: fetched into the archive, never read
	KindFeed    Kind = "feed"    // tells of threads of all boards; a source of news that says nothing of its own
	KindSitemap Kind = "sitemap" // names threads, or sitemaps; says nothing of its own either

	KindLogin       Kind = "login"
	KindDenied      Kind = "denied"
	KindMissing     Kind = "missing"
	KindChallenge   Kind = "challenge"
	KindMaintenance Kind = "maintenance"
	KindRateLimited Kind = "ratelimited"
	KindMoved       Kind = "moved"
)

// IsWall tells whether a page of this kind shows no content of its own.
func (k Kind) IsWall() bool {
	switch k {
	case KindLogin, KindDenied, KindMissing, KindChallenge, KindMaintenance, KindRateLimited, KindMoved:
		return true
	}
	return false
}

// Precision is the smallest unit that a shown time had.
type Precision string

// The precisions, finest first.
const (
	PrecisionSecond  Precision = "second"
	PrecisionMinute  Precision = "minute"
	PrecisionHour    Precision = "hour"
	PrecisionDay     Precision = "day"
	PrecisionMonth   Precision = "month"
	PrecisionYear    Precision = "year"
	PrecisionUnknown Precision = "unknown"
)

// Zone says where the time zone of a Stamp came from.
type Zone string

// The zone sources, most trustworthy first.
const (
	ZoneUTC        Zone = "utc"        // the page gave UTC or an epoch
	ZoneOffset     Zone = "offset"     // the page gave an offset
	ZoneCalibrated Zone = "calibrated" // learned from pairs of machine and shown time on the site
	ZoneConfigured Zone = "configured" // set by the user
	ZoneAssumed    Zone = "assumed"    // nothing said so: UTC was taken
)

// Stamp is a point in time as a page shows it: never a bare time. A Stamp with
// Raw but a zero At was shown and could not be read.
type Stamp struct {
	At        time.Time // UTC; zero when unknown
	Raw       string    // as shown
	Precision Precision
	Zone      Zone
}

// IsZero tells whether nothing at all was shown.
func (s Stamp) IsZero() bool { return s.At.IsZero() && s.Raw == "" }

// Known tells whether the point in time could be read.
func (s Stamp) Known() bool { return !s.At.IsZero() }

func (s Stamp) at() *time.Time {
	if s.At.IsZero() {
		return nil
	}
	t := s.At.UTC()
	return &t
}

func stampOf(at *time.Time, raw string, p Precision, z Zone) Stamp {
	s := Stamp{Raw: raw, Precision: p, Zone: z}
	if at != nil {
		s.At = at.UTC()
	}
	return s
}

// Crumb is one step of a breadcrumb path.
type Crumb struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
	ID   string `json:"id,omitempty"` // the engine's board or category id
}

// Gap is a field that should be there and is not. Path names the field in the
// page's own JSON ("posts[3].author.id"); Reason is a short sentence.
type Gap struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Link is a link that a crawl may follow. Key is the canonical key within the
// site: two links with one key lead to one page, whatever they look like.
type Link struct {
	URL  string `json:"url"` // canonical, absolute, without fragment
	Key  string `json:"key"` // "thread/12/3": kind, native id, page
	Kind Kind   `json:"kind"`
	ID   string `json:"id,omitempty"`   // native id of the thread, board or account
	Page int    `json:"page,omitempty"` // 1-based; 0 where pages do not apply

	// Skips is how many posts or rows the address skips, where it says that in the
	// place of a page's number. Page is then one more: pages of one thread or board
	// fall in order by it, and it is the number of none.
	Skips int `json:"skips,omitempty"`
}

// Skipping is the link to a page by how much it skips: see Skips.
func (l Link) Skipping(n int) Link {
	l.Skips, l.Page = n, n+1
	return l
}

// Extract says how a page was read.
type Extract struct {
	Extractor  string   `json:"extractor"`         // engine package that read the page
	Version    int      `json:"version"`           // grows when the same bytes may give another reading
	Strategy   string   `json:"strategy"`          // dom, json_embedded, jsonld, microdata, repeated, profile
	Confidence float64  `json:"confidence"`        // 0 to 1
	Warnings   []string `json:"warnings"`          // slugs: count_rounded, date_relative_only, …
	Profile    string   `json:"profile,omitempty"` // identity of the profile whose selectors were used
}

// Page is everything that one capture says.
type Page struct {
	URL           string   `json:"url"`
	Engine        string   `json:"engine"`
	EngineVersion string   `json:"engine_version,omitempty"`
	Kind          Kind     `json:"kind"`
	Lang          string   `json:"lang,omitempty"` // of the interface
	Path          []Crumb  `json:"path"`           // outer to inner, ending with the board
	Thread        *Thread  `json:"thread,omitempty"`
	Posts         []Post   `json:"posts,omitempty"`
	Boards        []Board  `json:"boards,omitempty"`  // of an index, or sub-boards of a board
	Listing       []Row    `json:"listing,omitempty"` // of a board or a search
	Profile       *Author  `json:"profile,omitempty"`
	Next          string   `json:"next,omitempty"`       // absolute URL of the next page
	PageNumber    int      `json:"page,omitempty"`       // of a listing; a thread has its own
	PageCount     int      `json:"page_count,omitempty"` // of a listing
	NoIndex       bool     `json:"-"`                    // what meta robots asks for
	NoArchive     bool     `json:"noarchive,omitempty"`
	NoFollow      bool     `json:"nofollow,omitempty"`
	Gaps          []Gap    `json:"gaps"`
	Extract       Extract  `json:"extract"`
	Root          string   `json:"root,omitempty"`        // absolute URL of the forum root, with a final slash
	ContentURL    string   `json:"content_url,omitempty"` // absolute URL of what scripts fill this page with, where it holds no content itself
	WholeURL      string   `json:"whole_url,omitempty"`   // absolute URL of the same page of a board among threads of any age, where the board shows only recent ones by itself
	Links         []Link   `json:"-"`
	Feeds         []string `json:"-"` // absolute URLs of the feeds that its head names
	Learned       Facts    `json:"-"` // what this page teaches about its site

	// PostKeyIDs gives, by native id, what a post's key is made of where that is
	// another id: the one that every form of the engine's pages shows.
	PostKeyIDs map[string]string `json:"-"`
}

// Thread is a thread as one page shows it.
type Thread struct {
	ID               string   `json:"id,omitempty"`
	Key              string   `json:"key,omitempty"` // "site|thread|id"; absent where the root is unknown
	URL              string   `json:"url,omitempty"` // of its first page
	Title            string   `json:"title,omitempty"`
	Prefix           []string `json:"prefix,omitempty"`
	Tags             []string `json:"tags,omitempty"`
	Type             string   `json:"type,omitempty"` // discussion, question, poll, article, suggestion, announcement, redirect
	Started          Stamp    `json:"-"`              // started_at, started_raw, started_precision, started_tz
	Author           *Author  `json:"author,omitempty"`
	IsLocked         *bool    `json:"is_locked,omitempty"` // nil: the page does not say
	IsSticky         *bool    `json:"is_sticky,omitempty"`
	IsSolved         *bool    `json:"is_solved,omitempty"`
	ReplyCount       *int64   `json:"reply_count,omitempty"` // posts - 1
	ViewCount        *int64   `json:"view_count,omitempty"`
	ParticipantCount *int64   `json:"participant_count,omitempty"`
	CountsRounded    bool     `json:"counts_rounded,omitempty"`
	Page             int      `json:"page,omitempty"` // 1-based
	PageCount        int      `json:"page_count,omitempty"`
	LastPost         Stamp    `json:"-"` // last_post_at, last_post_raw, …
	LastPostID       string   `json:"last_post_id,omitempty"`
	LastPostKey      string   `json:"last_post_key,omitempty"`
	LastAuthor       *Author  `json:"last_author,omitempty"`
	SolutionPostID   string   `json:"solution_post_id,omitempty"`
	SolutionPostKey  string   `json:"solution_post_key,omitempty"`
	RedirectTo       string   `json:"redirect_to,omitempty"`
	Rating           *Rating  `json:"rating,omitempty"`
	Poll             *Poll    `json:"poll,omitempty"`
}

// Rating is a thread's rating by its readers.
type Rating struct {
	Avg   float64 `json:"avg"`
	Count int64   `json:"count,omitempty"`
}

// Poll is a thread's poll with what a guest sees of its results.
type Poll struct {
	Question string       `json:"question"`
	Options  []PollOption `json:"options"`
	Voters   *int64       `json:"voters,omitempty"`
	Closed   *bool        `json:"closed,omitempty"`
	Closes   Stamp        `json:"-"` // closes_at, closes_raw, …
}

// PollOption is one answer of a poll; Votes and Percent are nil when results
// are hidden.
type PollOption struct {
	Text    string   `json:"text"`
	Votes   *int64   `json:"votes,omitempty"`
	Percent *float64 `json:"percent,omitempty"`
}

// Post states.
const (
	PostVisible    = "visible"
	PostEditedAway = "edited_away"
	PostDeleted    = "deleted"
	PostModerated  = "moderated"
	PostMissing    = "missing"
	PostEvent      = "event" // written by the system: moved, renamed, locked
)

// Where a position came from.
const (
	PositionShown      = "shown"
	PositionComputed   = "computed"
	PositionPostNumber = "post_number"
)

// Post is one post as its thread page shows it.
type Post struct {
	ID              string            `json:"id,omitempty"`
	Key             string            `json:"key,omitempty"`      // "site|post|id", or another id by Page.PostKeyIDs; absent where the root is unknown
	URL             string            `json:"url,omitempty"`      // permalink
	Position        int64             `json:"position,omitempty"` // 1-based in the thread
	PositionSource  string            `json:"position_source,omitempty"`
	Page            int               `json:"page,omitempty"`
	IsFirst         bool              `json:"is_first"`
	IsSolution      bool              `json:"is_solution,omitempty"`
	State           string            `json:"state"`
	ParentID        string            `json:"parent_id,omitempty"` // explicit reply-to; never guessed from quotes
	ParentKey       string            `json:"parent_key,omitempty"`
	Author          *Author           `json:"author,omitempty"`
	Title           string            `json:"title,omitempty"` // the post's own subject
	Published       Stamp             `json:"-"`               // published_at, published_raw, published_precision, published_tz
	Edited          Stamp             `json:"-"`               // edited_at, edited_raw, edited_precision, edited_tz
	EditedBy        string            `json:"edited_by,omitempty"`
	EditReason      string            `json:"edit_reason,omitempty"`
	EditCount       int               `json:"edit_count,omitempty"`
	Body            Body              `json:"body"`
	Signature       *Signature        `json:"signature,omitempty"`
	Quotes          []Quote           `json:"quotes,omitempty"`
	Mentions        []Mention         `json:"mentions,omitempty"`
	Links           []PostLink        `json:"links,omitempty"`
	Media           []Media           `json:"media,omitempty"`
	Attachments     []Attachment      `json:"attachments,omitempty"`
	AttachmentCount int               `json:"attachment_count"`
	ImageCount      int               `json:"image_count"`
	LinkCount       int               `json:"link_count"`
	QuoteCount      int               `json:"quote_count"`
	Reactions       *Reactions        `json:"reactions,omitempty"`
	Votes           *Votes            `json:"votes,omitempty"`
	Extra           map[string]string `json:"extra,omitempty"` // engine-specific leftovers, slug keys
}

// Body is a post's content. Text is the author's own words, code and spoilers
// included, without quotes, signature and edit note; FullText has the quotes
// too, in page order. Both are plain text with one line a block.
type Body struct {
	Text        string `json:"text"`
	FullText    string `json:"full_text,omitempty"` // absent when equal to Text
	HTML        string `json:"html,omitempty"`      // cleaned fragment
	QuotedText  string `json:"quoted_text,omitempty"`
	SpoilerText string `json:"spoiler_text,omitempty"`
	Code        string `json:"code,omitempty"` // blocks joined by a blank line
	Chars       int    `json:"chars"`          // runes of Text
	Words       int    `json:"words"`          // of Text
}

// Signature is the text below a post that its author has set once for all.
type Signature struct {
	Text string `json:"text"`
}

// Quote is one quoted post. Depth 0 is a quote of the post itself, 1 a quote
// within it. PostID is empty when the page does not link the source.
type Quote struct {
	Author     string `json:"author,omitempty"`
	AuthorID   string `json:"author_id,omitempty"`
	AuthorKey  string `json:"author_key,omitempty"`
	PostID     string `json:"post_id,omitempty"`
	PostKey    string `json:"post_key,omitempty"`
	IsExternal bool   `json:"is_external,omitempty"` // quotes something outside this forum
	Depth      int    `json:"depth"`
}

// Mention is a named account within a body.
type Mention struct {
	Name      string `json:"name"`
	ID        string `json:"id,omitempty"`
	AuthorKey string `json:"author_key,omitempty"`
}

// PostLink is a link within the author's own words; images are not links.
type PostLink struct {
	URL        string `json:"url"`
	Domain     string `json:"domain,omitempty"` // registrable domain
	IsInternal bool   `json:"is_internal"`
}

// Media is something embedded in the author's own words.
type Media struct {
	Kind     string `json:"kind"` // image, video, audio, embed
	Provider string `json:"provider,omitempty"`
	ID       string `json:"id,omitempty"`
	URL      string `json:"url,omitempty"`
}

// Attachment is a file that belongs to a post. SizeBytes is rounded to the
// shown precision.
type Attachment struct {
	ID        string `json:"id,omitempty"`
	Filename  string `json:"filename,omitempty"`
	URL       string `json:"url,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Ext       string `json:"ext,omitempty"` // lower case, no dot
	SizeBytes *int64 `json:"size_bytes,omitempty"`
	ViewCount *int64 `json:"view_count,omitempty"`
	IsInline  bool   `json:"is_inline,omitempty"`
}

// Reactions counts what readers gave a post. ByType is keyed by a closed list
// of slugs and "other".
type Reactions struct {
	Total         int64            `json:"total"`
	Like          *int64           `json:"like,omitempty"` // also "thanks" systems of one kind
	Dislike       *int64           `json:"dislike,omitempty"`
	ByType        map[string]int64 `json:"by_type,omitempty"`
	Types         []string         `json:"types,omitempty"`
	Users         []string         `json:"users,omitempty"`
	UsersComplete bool             `json:"users_complete"`
}

// Votes is a score of the question-and-answer kind.
type Votes struct {
	Score *int64 `json:"score,omitempty"`
	Up    *int64 `json:"up,omitempty"`
	Down  *int64 `json:"down,omitempty"`
}

// Author is an account, or a guest, as one page shows it.
type Author struct {
	ID            string            `json:"id,omitempty"`
	Key           string            `json:"key,omitempty"` // "site|user|id", "site|guest|hash of the name"
	Name          string            `json:"name,omitempty"`
	URL           string            `json:"url,omitempty"`
	AvatarURL     string            `json:"avatar_url,omitempty"`
	IsGuest       bool              `json:"is_guest,omitempty"`
	IsDeleted     bool              `json:"is_deleted,omitempty"`
	IsOP          bool              `json:"is_op,omitempty"`
	Title         string            `json:"title,omitempty"`
	Banners       []string          `json:"banners,omitempty"`
	Roles         []string          `json:"roles,omitempty"` // staff, moderator, admin, vip, banned
	Joined        Stamp             `json:"-"`               // joined_at, joined_raw, joined_precision
	PostCount     *int64            `json:"post_count,omitempty"`
	ReactionScore *int64            `json:"reaction_score,omitempty"`
	TrophyPoints  *int64            `json:"trophy_points,omitempty"`
	Location      string            `json:"location,omitempty"`
	Gender        string            `json:"gender,omitempty"`
	Fields        map[string]string `json:"fields,omitempty"`       // slug of the engine's key, else of the label
	FieldLabels   map[string]string `json:"field_labels,omitempty"` // the label as shown, by the same key
	LastActive    Stamp             `json:"-"`                      // profile pages: last_active_at, …
	About         string            `json:"about,omitempty"`
	Websites      []string          `json:"websites,omitempty"`
	ProfileSource string            `json:"profile_source,omitempty"` // card, profile_page, api
}

// Board is a board as an index or a parent board shows it.
type Board struct {
	ID            string `json:"id,omitempty"`
	Name          string `json:"name"`
	URL           string `json:"url,omitempty"`
	Description   string `json:"description,omitempty"`
	Category      string `json:"category,omitempty"` // heading under which it stands
	ParentID      string `json:"parent_id,omitempty"`
	ThreadCount   *int64 `json:"thread_count,omitempty"`
	PostCount     *int64 `json:"post_count,omitempty"`
	CountsRounded bool   `json:"counts_rounded,omitempty"`
	LastPost      Stamp  `json:"-"` // last_post_at, last_post_raw, …
	LastPostID    string `json:"last_post_id,omitempty"`
	IsLink        bool   `json:"is_link,omitempty"` // leads out of the forum
}

// SitemapEntry is one entry of a sitemap: a thread, another sitemap, or something else
// that a forum does not need.
type SitemapEntry struct {
	Thread  Link   // its first page; zero for none
	Sitemap string // absolute address of another sitemap, "" for none
	Changed Stamp  // as the sitemap says
}

// Row is one thread's line in a board listing: what an incremental crawl needs
// to know whether the thread has changed.
type Row struct {
	ID            string   `json:"id,omitempty"`
	Key           string   `json:"key,omitempty"`
	URL           string   `json:"url,omitempty"`
	Title         string   `json:"title,omitempty"`
	Prefix        []string `json:"prefix,omitempty"`
	Tags          []string `json:"tags,omitempty"`
	Type          string   `json:"type,omitempty"`
	Author        *Author  `json:"author,omitempty"`
	Started       Stamp    `json:"-"` // started_at, started_raw, …
	ReplyCount    *int64   `json:"reply_count,omitempty"`
	ViewCount     *int64   `json:"view_count,omitempty"`
	CountsRounded bool     `json:"counts_rounded,omitempty"`
	PageCount     int      `json:"page_count,omitempty"`
	LastPost      Stamp    `json:"-"` // last_post_at, last_post_raw, …
	LastPostID    string   `json:"last_post_id,omitempty"`
	LastPostKey   string   `json:"last_post_key,omitempty"`
	LastAuthor    *Author  `json:"last_author,omitempty"`
	IsSticky      bool     `json:"is_sticky,omitempty"`
	IsLocked      bool     `json:"is_locked,omitempty"`
	IsSolved      bool     `json:"is_solved,omitempty"`
	IsMoved       bool     `json:"is_moved,omitempty"` // a stub that points elsewhere
	RedirectTo    string   `json:"redirect_to,omitempty"`
	Boards        []string `json:"-"` // native ids of the boards that it stands in, where a list of more than one says so
	Active        Stamp    `json:"-"` // what the list is sorted by, where that may be later than the last post
}
