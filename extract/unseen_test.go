package extract_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/forum"
)

// unseenFloors are the levels that the generic reader holds on the fixtures of
// the known engines, in percent: of what the engine itself reads, how much the
// generic reader finds (found), and of what it says, how much is so (right).
// They stand a few points below what is reached, as new fixtures mostly show
// something awkward: run with -v to see the levels and every miss.
var unseenFloors = map[string]struct{ found, right int }{
	"no posts": {95, 95}, "post": {88, 92}, "post.id": {91, 96}, "post.time": {91, 91}, "post.text": {85, 84},
	"post.position": {72, 92}, "post.edited": {75, 87}, "post.signature": {55, 90}, "post.quotes": {86, 88}, "post.attachments": {74, 83},
	"author": {91, 92}, "author.id": {72, 92}, "author.avatar": {90, 91}, "author.joined": {70, 88},
	"author.post_count": {82, 96}, "author.location": {77, 96}, "author.title": {78, 82},
	"thread.id": {59, 87}, "thread.title": {83, 93}, "thread.page": {84, 93}, "thread.pages": {83, 88}, "thread.next": {83, 93}, "thread.board": {81, 94},
	"row": {69, 82}, "row.id": {96, 96}, "row.replies": {81, 96}, "row.views": {77, 91}, "row.last_post": {88, 81}, "row.author": {80, 94}, "row.last_author": {80, 95},
	"board": {51, 84}, "board.threads": {76, 94}, "board.posts": {62, 80}, "board.last_post": {81, 84},
}

// TestUnseen reads the fixtures of every known engine by structure alone, as
// if the program were not known, and holds the result against the engine's own
// reading.
func TestUnseen(t *testing.T) {
	s := &unseen{t: t, tally: map[string]*tally{}}
	for _, c := range allCases(t) {
		if engine, _, _ := strings.Cut(c.name, "/"); engine != "generic" {
			s.fixture(c)
		}
	}
	s.print()
	for name, floor := range unseenFloors {
		got := s.tally["all "+name]
		if got == nil || got.found() < floor.found || got.right() < floor.right {
			t.Errorf("%s: %v, want %d %% found and %d %% right", name, got, floor.found, floor.right)
		}
	}
}

// tally counts one field.
type tally struct {
	shown int // by the engine's own reading
	said  int // by the generic one
	same  int
}

func (c *tally) found() int { return percent(c.same, c.shown) }
func (c *tally) right() int { return percent(c.same, c.said) }
func (c *tally) String() string {
	return fmt.Sprintf("%d of %d found, %d said", c.same, c.shown, c.said)
}

func percent(n, of int) int {
	if of == 0 {
		return 100
	}
	return 100 * n / of
}

type unseen struct {
	t      *testing.T
	tally  map[string]*tally
	order  []string
	engine string
	name   string
}

func (s *unseen) fixture(c fixture) {
	s.engine, _, _ = strings.Cut(c.name, "/")
	s.name = c.name
	facts := factsOf(s.t, c.name)
	own, err := extract.Read(c.capture, facts, extract.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := extract.Read(c.capture, facts, extract.Options{Engine: "generic"})
	if err != nil {
		s.t.Fatal(err)
	}
	if own.Extract.Strategy == "json_embedded" || strings.Contains(c.capture.HeaderValue("Content-Type"), "json") {
		return // its words are drawn by a script
	}
	switch own.Kind {
	case forum.KindThread:
		s.posts(own.Posts, got.Posts)
		s.thread(own, got)
	case forum.KindBoard, forum.KindIndex, forum.KindSearch:
		s.count("no posts", "", "", len(got.Posts) == 0)
		s.rows(own.Listing, got.Listing)
		s.boards(own.Boards, got.Boards)
	default:
		s.count("no posts", "", "", len(got.Posts) == 0)
	}
}

// field counts a value, "" for none, and tells what is wrong when asked to.
func (s *unseen) field(name, own, got string) {
	s.count(name, own, got, own == got)
}

func (s *unseen) count(name, own, got string, same bool) {
	for _, key := range []string{"all " + name, s.engine + " " + name} {
		c := s.tally[key]
		if c == nil {
			c = &tally{}
			s.tally[key] = c
			s.order = append(s.order, key)
		}
		if own == "" && got == "" && same {
			if name == "no posts" {
				c.shown, c.said, c.same = c.shown+1, c.said+1, c.same+1
			}
			continue
		}
		if own != "" || name == "no posts" {
			c.shown++
		}
		if got != "" || name == "no posts" {
			c.said++
		}
		if same {
			c.same++
		}
	}
	if !same && testing.Verbose() {
		s.t.Logf("%s: %s: %s, want %s", s.name, name, clip(got, 300), clip(own, 300))
	}
}

func (s *unseen) print() {
	slices.SortStableFunc(s.order, func(a, b string) int {
		return strings.Compare(strings.Split(a, " ")[0], strings.Split(b, " ")[0])
	})
	for _, key := range s.order {
		c := s.tally[key]
		s.t.Logf("%-34s found %4d of %4d %4d %%   right %4d of %4d %4d %%", key, c.same, c.shown, c.found(), c.same, c.said, c.right())
	}
}

func (s *unseen) posts(own, got []forum.Post) {
	own = slices.DeleteFunc(slices.Clone(own), func(p forum.Post) bool { return p.State != forum.PostVisible && p.Body.Text == "" })
	used := make([]bool, len(got))
	for i := range own {
		best, top := -1, 1.4
		for k := range got {
			if likeness := alike(&own[i], &got[k]); !used[k] && likeness > top {
				best, top = k, likeness
			}
		}
		if best < 0 {
			s.count("post", "a post", "", false)
			continue
		}
		used[best] = true
		s.count("post", "a post", "a post", true)
		s.post(&own[i], &got[best])
	}
	for k := range got {
		if !used[k] {
			s.count("post", "", got[k].Body.Text, false)
		}
	}
}

// alike says how much speaks for two readings being of one post.
func alike(a, b *forum.Post) float64 {
	score := 2 * shared(a.Body.Text, b.Body.Text)
	if a.ID != "" && lastDigits(a.ID) == lastDigits(b.ID) {
		score += 2
	}
	if a.Author != nil && b.Author != nil && a.Author.Name == b.Author.Name {
		score += 0.7
	}
	if a.Published.Known() && a.Published.At.Equal(b.Published.At) {
		score++
	}
	return score
}

var reLastDigits = regexp.MustCompile(`\d+$`)

func lastDigits(id string) string { return reLastDigits.FindString(id) }

// shared is the F1 of two texts' words.
func shared(a, b string) float64 {
	words := map[string]int{}
	n, both := 0, 0
	for w := range strings.FieldsSeq(a) {
		words[w]++
		n++
	}
	for w := range strings.FieldsSeq(b) {
		n++
		if words[w] > 0 {
			words[w]--
			both++
		}
	}
	if n == 0 {
		return 0
	}
	return 2 * float64(both) / float64(n)
}

func (s *unseen) post(own, got *forum.Post) {
	s.field("post.id", lastDigits(own.ID), lastDigits(got.ID))
	s.field("post.time", instant(own.Published), instant(got.Published))
	s.field("post.text", strings.Join(strings.Fields(own.Body.Text), ""), strings.Join(strings.Fields(got.Body.Text), ""))
	s.field("post.parent", own.ParentID, got.ParentID)
	s.field("post.position", shownPosition(own), shownPosition(got))
	s.field("post.edited", instant(own.Edited), instant(got.Edited))
	s.field("post.edited_by", own.EditedBy, got.EditedBy)
	s.field("post.signature", signatureOf(own), signatureOf(got))
	s.field("post.attachments", filesOf(own), filesOf(got))
	s.field("post.quotes", quotesOf(own), quotesOf(got))
	s.field("post.likes", likesOf(own), likesOf(got))
	s.author("author", own.Author, got.Author)
	if own.Author != nil && got.Author != nil {
		a, b := own.Author, got.Author
		s.field("author.avatar", a.AvatarURL, b.AvatarURL)
		s.field("author.joined", instant(a.Joined), instant(b.Joined))
		s.field("author.post_count", digits(a.PostCount), digits(b.PostCount))
		s.field("author.location", a.Location, b.Location)
		s.field("author.title", a.Title, b.Title)
	}
}

func (s *unseen) author(name string, own, got *forum.Author) {
	var a, b forum.Author
	if own != nil {
		a = *own
	}
	if got != nil {
		b = *got
	}
	s.field(name, a.Name, b.Name)
	s.field(name+".id", a.ID, b.ID)
}

// instant is a time to its minute, with its precision only where that is less.
func instant(s forum.Stamp) string {
	if !s.Known() {
		return ""
	}
	return s.At.Truncate(time.Minute).Format(time.RFC3339)
}

func digits(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func shownPosition(p *forum.Post) string {
	if p.PositionSource != forum.PositionShown {
		return ""
	}
	return strconv.FormatInt(p.Position, 10)
}

func signatureOf(p *forum.Post) string {
	if p.Signature == nil {
		return ""
	}
	return strings.Join(strings.Fields(p.Signature.Text), " ")
}

func filesOf(p *forum.Post) string {
	var names []string
	for _, a := range p.Attachments {
		names = append(names, a.Filename)
	}
	return strings.Join(names, " | ")
}

func quotesOf(p *forum.Post) string {
	var names []string
	for _, q := range p.Quotes {
		names = append(names, q.Author+"@"+strconv.Itoa(q.Depth))
	}
	return strings.Join(names, " | ")
}

func likesOf(p *forum.Post) string {
	switch {
	case p.Reactions != nil && p.Reactions.Total > 0:
		return strconv.FormatInt(p.Reactions.Total, 10)
	case p.Votes != nil && p.Votes.Score != nil:
		return strconv.FormatInt(*p.Votes.Score, 10)
	}
	return ""
}

func (s *unseen) thread(own, got *forum.Page) {
	var a, b forum.Thread
	if own.Thread != nil {
		a = *own.Thread
	}
	if got.Thread != nil {
		b = *got.Thread
	}
	s.field("thread.title", a.Title, b.Title)
	s.field("thread.id", a.ID, b.ID)
	s.field("thread.page", number(a.Page), number(b.Page))
	s.field("thread.pages", number(a.PageCount), number(b.PageCount))
	s.count("thread.next", own.Next, got.Next, own.Next == got.Next || s.samePage(own, got))
	s.field("thread.board", board(own), board(got))
}

// samePage tells next links that are two spellings of one page's address, by the
// grammar of the page's own engine.
func (s *unseen) samePage(own, got *forum.Page) bool {
	e, err := extract.ByName(own.Engine)
	if err != nil {
		s.t.Fatal(err)
	}
	key := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			return ""
		}
		l, _ := extract.Canonical(e, "", u)
		return l.Key
	}
	k := key(own.Next)
	return k != "" && k == key(got.Next)
}

func board(p *forum.Page) string {
	if len(p.Path) == 0 {
		return ""
	}
	return p.Path[len(p.Path)-1].Name
}

func (s *unseen) rows(own, got []forum.Row) {
	used := make([]bool, len(got))
	for i := range own {
		a := &own[i]
		k := slices.IndexFunc(got, func(b forum.Row) bool { return a.Title == b.Title && (a.ID == b.ID || b.ID == "") })
		if k < 0 || used[k] {
			s.count("row", a.Title, "", false)
			continue
		}
		used[k] = true
		b := &got[k]
		s.count("row", a.Title, b.Title, true)
		s.field("row.id", a.ID, b.ID)
		s.field("row.replies", digits(a.ReplyCount), digits(b.ReplyCount))
		s.field("row.views", digits(a.ViewCount), digits(b.ViewCount))
		s.field("row.last_post", instant(a.LastPost), instant(b.LastPost))
		s.author("row.author", a.Author, b.Author)
		s.author("row.last_author", a.LastAuthor, b.LastAuthor)
	}
	for k := range got {
		if !used[k] {
			s.count("row", "", got[k].Title, false)
		}
	}
}

func (s *unseen) boards(own, got []forum.Board) {
	used := make([]bool, len(got))
	for i := range own {
		a := &own[i]
		k := slices.IndexFunc(got, func(b forum.Board) bool { return a.Name == b.Name })
		if k < 0 || used[k] {
			s.count("board", a.Name, "", false)
			continue
		}
		used[k] = true
		b := &got[k]
		s.count("board", a.Name, b.Name, true)
		s.field("board.id", a.ID, b.ID)
		s.field("board.threads", digits(a.ThreadCount), digits(b.ThreadCount))
		s.field("board.posts", digits(a.PostCount), digits(b.PostCount))
		s.field("board.last_post", instant(a.LastPost), instant(b.LastPost))
	}
	for k := range got {
		if !used[k] {
			s.count("board", "", got[k].Name, false)
		}
	}
}
