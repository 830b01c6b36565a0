package demoforum

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// boardZone is the board's wall clock. No page names it: the shown times of
// recent posts, next to their epochs, give it away.
func boardZone() *time.Location { return time.FixedZone("", 2*60*60) }

type model struct {
	boards     []*board // categories and boards in shown order
	users      []*user  // by id
	threads    map[int]*thread
	posts      map[int]*post
	deleted    map[int]*post // that Delete has taken, but for those of whole threads
	lastPostID int
}

type board struct {
	id          int
	key         string // short name in the data files
	title       string
	desc        string
	parent      *board // nil for a category
	kids        []*board
	membersOnly bool
}

func (b *board) isCategory() bool { return b.parent == nil }

type user struct {
	id       int // 0 for a guest or a deleted account
	name     string
	title    string
	banner   string
	gender   string
	location string
	homepage string
	about    string
	sig      string // BBCode
	joined   time.Time
	seen     time.Time
	messages int // posts elsewhere on the forum, not served
	likes    int
	trophies int
	avatar   bool
	staff    bool
	deleted  bool
	fields   []field
}

// field is a custom user field: the key is the language-independent part of
// the card's class, the label is what a visitor reads.
type field struct{ key, label, value string }

type thread struct {
	id      int
	board   *board
	title   string
	prefix  string
	tags    []string
	sticky  bool
	locked  bool
	movedTo int // thread that a redirect stub points to
	stubAt  time.Time
	views   int
	poll    *poll
	posts   []*post
}

type poll struct {
	question string
	options  []pollOption
}

type pollOption struct {
	Text  string
	Votes int
}

func (p *poll) total() int {
	n := 0
	for _, o := range p.options {
		n += o.Votes
	}
	return n
}

type post struct {
	id     int
	thread *thread
	user   *user
	at     time.Time
	edited time.Time
	byMod  bool   // the last edit was a moderator's
	text   string // BBCode
	likes  []*user
	more   int // likes beyond those named
	files  []*file
}

type file struct {
	id            int
	name          string
	size          string // as shown
	width, height int    // 0 for a file that is no picture
	views         int
	thumb         string // hash in the thumbnail's address
}

func (f *file) isImage() bool { return f.width > 0 }

func (m *model) userByName(name string) *user {
	for _, u := range m.users {
		if strings.EqualFold(u.name, name) {
			return u
		}
	}
	return nil
}

func (m *model) userByID(id int) *user {
	for _, u := range m.users {
		if u.id == id && id != 0 {
			return u
		}
	}
	return nil
}

func (m *model) boardByID(id int) *board {
	for _, b := range m.boards {
		if b.id == id {
			return b
		}
	}
	return nil
}

func (p *post) setAuthor(m *model, name string) {
	p.user = m.userByName(name)
	if p.user == nil {
		p.user = &user{name: name}
	}
}

func (m *model) dropThread(t *thread) {
	for _, p := range t.posts {
		delete(m.posts, p.id)
	}
	delete(m.threads, t.id)
	for id, stub := range m.threads {
		if stub.movedTo == t.id {
			delete(m.threads, id)
		}
	}
}

// boardThreads is a board's threads, last posted first, stubs included.
func (m *model) boardThreads(b *board) []*thread {
	var out []*thread
	for _, t := range m.threads {
		if t.board == b {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(x, y *thread) int {
		if c := y.lastAt().Compare(x.lastAt()); c != 0 {
			return c
		}
		return y.id - x.id
	})
	return out
}

// visiblePosts is every post that a guest may read, by id.
func (m *model) visiblePosts() []*post {
	var out []*post
	for _, p := range m.posts {
		if !p.thread.board.membersOnly {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(x, y *post) int { return x.id - y.id })
	return out
}

// messageCount is what a member's card says: the posts served here and the others.
func (m *model) messageCount(u *user) int {
	n := u.messages
	for _, p := range m.posts {
		if p.user == u {
			n++
		}
	}
	return n
}

func (t *thread) first() *post { return t.posts[0] }
func (t *thread) last() *post  { return t.posts[len(t.posts)-1] }

func (t *thread) lastAt() time.Time {
	if t.movedTo != 0 {
		return t.stubAt
	}
	return t.last().at
}

// position is a post's 1-based place in its thread, 0 when it is gone.
func (t *thread) position(p *post) int { return slices.Index(t.posts, p) + 1 }

func (b *board) path() string  { return "forums/" + slug(b.title, b.id) + "/" }
func (t *thread) path() string { return "threads/" + slug(t.title, t.id) + "/" }
func (u *user) path() string   { return "members/" + slug(u.name, u.id) + "/" }
func (f *file) path() string {
	return "attachments/" + slug(strings.ReplaceAll(f.name, ".", "-"), f.id) + "/"
}

// slug is "title-in-words.ID". German letters are spelt out; letters of other
// scripts stay and are percent-encoded.
func slug(title string, id int) string {
	r := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "'", "", "’", "")
	var b strings.Builder
	dash := true
	for _, c := range r.Replace(strings.ToLower(title)) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(c)
			dash = false
		} else if !dash {
			b.WriteByte('-')
			dash = true
		}
	}
	words := strings.Trim(b.String(), "-")
	if words == "" {
		return strconv.Itoa(id)
	}
	return url.PathEscape(words) + "." + strconv.Itoa(id)
}

func pageSuffix(n int) string {
	if n <= 1 {
		return ""
	}
	return "page-" + strconv.Itoa(n)
}

// pageCount is the number of pages for n things, at least 1.
func pageCount(n, per int) int { return max(1, (n+per-1)/per) }
