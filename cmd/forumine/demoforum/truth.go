package demoforum

import (
	"slices"
	"strconv"
	"time"
)

// Truth is what a guest's reading of the whole forum must find. It is made from
// the data that the pages are made from; nothing members-only is in it.
type Truth struct {
	Boards  []Board
	Users   []User
	Threads []Thread
	Posts   []Post // by id
}

// Board is a board that the index shows. Of a members-only board a guest sees
// the name alone.
type Board struct {
	ID, Parent   string // Parent is a category or the board around a sub-board
	Title        string
	Description  string
	MembersOnly  bool
	ThreadCount  int // without redirect stubs
	MessageCount int
	// ShownThreads, ShownMessages and ShownLastPostID are what the index says:
	// there a board speaks for its sub-boards too. Zero for a members-only board.
	ShownThreads, ShownMessages int
	ShownLastPostID             string
	Pages                       int // of its listing
}

// User is a member with a profile page. Fields is keyed by the engine's field
// key, Labels by the same key.
type User struct {
	ID, Name, Title  string
	Banner, Gender   string
	Location         string
	Joined           time.Time // shown to the day, in the board's zone
	Messages         int
	Likes, Trophies  int
	Fields, Labels   map[string]string
	Staff, HasAvatar bool
}

// Thread is a thread, or with RedirectTo the stub of a moved one, which has no
// page, posts or tags of its own.
type Thread struct {
	ID, BoardID    string
	Title, Prefix  string
	Tags           []string
	Sticky, Locked bool
	RedirectTo     string
	Author         string
	AuthorID       string // empty for guests and deleted accounts
	StartedAt      time.Time
	LastAt         time.Time
	LastPostID     string
	Replies, Views int
	Pages          int
	Poll           *Poll
	URL            string // relative to the base
}

// Poll is a thread's poll with its results.
type Poll struct {
	Question string
	Options  []string
	Votes    []int
}

// Post is a post. OwnText has one line a block or break and no empty lines;
// compare it by its words. Guest is true for whoever has no profile, and a page
// cannot tell a guest from a deleted account.
type Post struct {
	ID, ThreadID, BoardID string
	Author, AuthorID      string
	Guest, AuthorDeleted  bool
	PublishedAt           time.Time // UTC, to the second
	EditedAt              time.Time // zero when no edit note is shown
	EditedByModerator     bool
	OwnText               string
	Quotes                []Quote
	Code                  []string
	Mentions              []string
	Attachments           []Attachment
	Likes                 int
	LikedBy               []string // the names that the page shows
	Signature             string
	Position, Page        int
}

// Quote is a quote in page order. Depth 0 stands in the post itself. PostID is
// empty when the quote does not link its source.
type Quote struct {
	Author, PostID string
	Depth          int
}

// Attachment is a file of a post; Inline ones stand in the text and are not in
// the list below it, so that a page shows neither size nor views of them.
type Attachment struct {
	ID, Name, Size string
	Views          int
	Image, Inline  bool
}

// Truth returns the forum as it is now, after the hooks called so far.
func (f *Forum) Truth() Truth {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var t Truth
	for _, b := range f.m.boards {
		if !b.isCategory() {
			t.Boards = append(t.Boards, f.truthBoard(b))
			t.Threads = append(t.Threads, f.truthThreads(b)...)
		}
	}
	for _, u := range f.m.users {
		if u.id != 0 {
			t.Users = append(t.Users, f.truthUser(u))
		}
	}
	for _, p := range f.m.visiblePosts() {
		t.Posts = append(t.Posts, f.truthPost(p))
	}
	return t
}

func itoa(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (f *Forum) truthBoard(b *board) Board {
	out := Board{ID: itoa(b.id), Parent: itoa(b.parent.id), Title: b.title, Description: b.desc, MembersOnly: b.membersOnly}
	if b.membersOnly {
		return out
	}
	plain := 0
	for _, t := range f.m.boardThreads(b) {
		if !t.sticky {
			plain++
		}
		if t.movedTo == 0 {
			out.ThreadCount++
			out.MessageCount += len(t.posts)
		}
	}
	n := f.viewNode(b)
	out.ShownThreads, out.ShownMessages, out.ShownLastPostID = n.Discussions, n.Messages, itoa(n.LastID)
	out.Pages = pageCount(plain, f.opts.ThreadsPerPage)
	return out
}

func (f *Forum) truthThreads(b *board) []Thread {
	if b.membersOnly {
		return nil
	}
	var out []Thread
	for _, t := range f.m.boardThreads(b) {
		th := Thread{ID: itoa(t.id), BoardID: itoa(b.id), Title: t.title, Prefix: t.prefix, Tags: t.tags, Sticky: t.sticky,
			Locked: t.locked, RedirectTo: itoa(t.movedTo), LastAt: t.lastAt(), Views: t.views, URL: t.path()}
		if t.movedTo != 0 {
			target := f.m.threads[t.movedTo]
			if target == nil {
				continue
			}
			first := target.first()
			th.Author, th.AuthorID, th.StartedAt, th.Views = first.user.name, itoa(first.user.id), first.at, 0
			out = append(out, th)
			continue
		}
		first := t.first()
		th.Author, th.AuthorID, th.StartedAt = first.user.name, itoa(first.user.id), first.at
		th.LastPostID, th.Replies = itoa(t.last().id), len(t.posts)-1
		th.Pages = pageCount(len(t.posts), f.opts.PostsPerPage)
		if t.poll != nil {
			th.Poll = &Poll{Question: t.poll.question}
			for _, o := range t.poll.options {
				th.Poll.Options = append(th.Poll.Options, o.Text)
				th.Poll.Votes = append(th.Poll.Votes, o.Votes)
			}
		}
		out = append(out, th)
	}
	return out
}

func (f *Forum) truthUser(u *user) User {
	out := User{ID: itoa(u.id), Name: u.name, Title: u.title, Banner: u.banner, Gender: u.gender, Location: u.location,
		Joined: u.joined, Messages: f.m.messageCount(u), Likes: u.likes, Trophies: u.trophies,
		Fields: map[string]string{}, Labels: map[string]string{}, Staff: u.staff, HasAvatar: u.avatar}
	for _, fd := range u.fields {
		out.Fields[fd.key], out.Labels[fd.key] = fd.value, fd.label
	}
	return out
}

func (f *Forum) truthPost(p *post) Post {
	pos := p.thread.position(p)
	out := Post{ID: itoa(p.id), ThreadID: itoa(p.thread.id), BoardID: itoa(p.thread.board.id),
		Author: p.user.name, AuthorID: itoa(p.user.id), Guest: p.user.id == 0, AuthorDeleted: p.user.deleted,
		PublishedAt: p.at, EditedAt: p.edited, EditedByModerator: p.byMod, Likes: p.more + len(p.likes),
		Position: pos, Page: (pos-1)/f.opts.PostsPerPage + 1}
	for _, u := range p.likes {
		out.LikedBy = append(out.LikedBy, u.name)
	}
	if p.user.id != 0 {
		out.Signature = ownText(parse(p.user.sig))
	}
	root := parse(p.text)
	out.OwnText = ownText(root)
	walk(root, 0, func(n *node, depth int) { out.note(n, depth) })
	for _, fl := range p.files {
		out.Attachments = append(out.Attachments, Attachment{ID: itoa(fl.id), Name: fl.name, Size: fl.size, Views: fl.views,
			Image: fl.isImage(), Inline: inText(p, fl)})
	}
	return out
}

// note records what one node adds to the truth of its post.
func (p *Post) note(n *node, depth int) {
	switch n.tag {
	case "quote":
		author, id, _ := source(n.arg)
		p.Quotes = append(p.Quotes, Quote{Author: author, PostID: itoa(id), Depth: depth})
	case "code", "html":
		if depth == 0 {
			p.Code = append(p.Code, plain(n))
		}
	case "user":
		if name := plain(n); depth == 0 && !slices.Contains(p.Mentions, name) {
			p.Mentions = append(p.Mentions, name)
		}
	}
}
