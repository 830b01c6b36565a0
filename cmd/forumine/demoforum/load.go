package demoforum

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// loader turns the embedded texts into the model. The line forms are described
// at the head of data/people.txt and data/threads-society.txt.
type loader struct {
	m      *model
	opts   Options
	rng    *rand.Rand
	fileID int

	cur  *thread
	post *post
	body []string
}

func load(fsys fs.FS, opts Options) (*model, error) {
	l := &loader{
		m:    &model{threads: map[int]*thread{}, posts: map[int]*post{}, deleted: map[int]*post{}},
		opts: opts, rng: rand.New(rand.NewPCG(opts.Seed, 0x7e11e2b)), fileID: 40,
	}
	if err := l.eachLine(fsys, "data/people.txt", l.peopleLine); err != nil {
		return nil, err
	}
	names, err := fs.Glob(fsys, "data/threads-*.txt")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := l.eachLine(fsys, name, l.threadLine); err != nil {
			return nil, err
		}
		l.endPost()
	}
	return l.m, l.finish()
}

func (l *loader) eachLine(fsys fs.FS, name string, line func(string) error) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		if err := line(strings.TrimRight(sc.Text(), " \r")); err != nil {
			return fmt.Errorf("%s:%d: %w", path.Base(name), n, err)
		}
	}
	return sc.Err()
}

// cells splits "a | b | c" after its mark.
func cells(line string) []string {
	out := strings.Split(line, "|")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

func (l *loader) peopleLine(line string) error {
	mark, rest, _ := strings.Cut(line, " ")
	switch mark {
	case "", "#":
		return nil
	case "category", "board", "private":
		return l.addBoard(mark, cells(rest))
	case "user":
		return l.addUser(cells(rest))
	}
	if len(l.m.users) == 0 {
		return fmt.Errorf("unknown line %q", line)
	}
	return setUser(l.m.users[len(l.m.users)-1], mark, rest)
}

func (l *loader) addBoard(mark string, c []string) error {
	if len(c) != 5 {
		return fmt.Errorf("a board has 5 cells, not %d", len(c))
	}
	id, err := strconv.Atoi(c[0])
	if err != nil {
		return fmt.Errorf("reading a board's id: %w", err)
	}
	b := &board{id: id, key: c[1], title: c[3], desc: c[4], membersOnly: mark == "private"}
	if mark != "category" {
		if b.parent = l.boardByKey(c[2]); b.parent == nil {
			return fmt.Errorf("no parent %q", c[2])
		}
		b.parent.kids = append(b.parent.kids, b)
	}
	l.m.boards = append(l.m.boards, b)
	return nil
}

func (l *loader) boardByKey(key string) *board {
	for _, b := range l.m.boards {
		if b.key == key {
			return b
		}
	}
	return nil
}

func (l *loader) addUser(c []string) error {
	if len(c) != 6 {
		return fmt.Errorf("a user has 6 cells, not %d", len(c))
	}
	n := make([]int, 0, 4)
	for _, i := range []int{0, 3, 4, 5} {
		v, err := strconv.Atoi(c[i])
		if err != nil {
			return fmt.Errorf("reading user %q: %w", c[1], err)
		}
		n = append(n, v)
	}
	u := &user{id: n[0], name: c[1], title: c[2], messages: n[2], likes: n[3]}
	u.joined = l.opts.Now.AddDate(0, 0, -n[1])
	u.seen = l.opts.Now.Add(-time.Duration(n[0]) * 17 * time.Hour)
	u.trophies = min(113, 1+n[2]/8)
	l.m.users = append(l.m.users, u)
	return nil
}

func setUser(u *user, key, value string) error {
	switch key {
	case "location":
		u.location = value
	case "gender":
		u.gender = value
	case "home":
		u.homepage = value
	case "about":
		u.about = value
	case "sig":
		u.sig = strings.ReplaceAll(value, `\n`, "\n")
	case "banner":
		u.banner = value
	case "staff":
		u.staff = true
	case "avatar":
		u.avatar = true
	case "deleted":
		u.deleted, u.id, u.title = true, 0, ""
	case "field":
		c := cells(value)
		if len(c) != 3 {
			return fmt.Errorf("a field has 3 cells, not %d", len(c))
		}
		u.fields = append(u.fields, field{c[0], c[1], c[2]})
	default:
		return fmt.Errorf("unknown attribute %q", key)
	}
	return nil
}

func (l *loader) threadLine(line string) error {
	switch {
	case strings.HasPrefix(line, "=== "):
		l.endPost()
		return l.addThread(cells(line[4:]))
	case strings.HasPrefix(line, "@ "):
		l.endPost()
		return l.addPost(cells(line[2:]))
	case l.post == nil && strings.HasPrefix(line, "?"):
		return l.addPoll(line[1:])
	case l.post != nil && strings.HasPrefix(line, "% "):
		return l.addFile(cells(line[2:]))
	case l.post != nil:
		l.body = append(l.body, line)
	case line != "" && !strings.HasPrefix(line, "#"):
		return fmt.Errorf("line outside a post: %q", line)
	}
	return nil
}

func (l *loader) endPost() {
	if l.post != nil {
		l.post.text = strings.TrimSpace(strings.Join(l.body, "\n"))
	}
	l.post, l.body = nil, nil
}

func (l *loader) addThread(c []string) error {
	if len(c) != 4 {
		return fmt.Errorf("a thread has 4 cells, not %d", len(c))
	}
	id, err := strconv.Atoi(c[0])
	if err != nil || l.m.threads[id] != nil {
		return fmt.Errorf("thread id %q is no new number", c[0])
	}
	t := &thread{id: id, board: l.boardByKey(c[1]), title: c[2], views: 60 + l.rng.IntN(900)}
	if t.board == nil {
		return fmt.Errorf("no board %q", c[1])
	}
	l.cur, l.m.threads[id] = t, t
	for opt := range strings.FieldsSeq(c[3]) {
		if err := l.setThread(t, opt); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) setThread(t *thread, opt string) error {
	key, value, _ := strings.Cut(opt, "=")
	var err error
	switch key {
	case "age":
		var d time.Duration
		d, err = duration(value)
		t.stubAt = l.opts.Now.Add(-d)
	case "sticky":
		t.sticky = true
	case "locked":
		t.locked = true
	case "prefix":
		t.prefix = value
	case "tags":
		t.tags = strings.Split(strings.ReplaceAll(value, "_", " "), ";")
	case "views":
		t.views, err = strconv.Atoi(value)
	case "moved":
		t.movedTo, err = strconv.Atoi(value)
	default:
		err = fmt.Errorf("unknown option %q", opt)
	}
	return err
}

// duration reads "3d", "2h", "45m" and sums of them such as "1d4h".
func duration(s string) (time.Duration, error) {
	var days time.Duration
	if d, rest, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.Atoi(d)
		if err != nil {
			return 0, fmt.Errorf("reading duration %q: %w", s, err)
		}
		days, s = time.Duration(n)*24*time.Hour, rest
	}
	if s == "" {
		return days, nil
	}
	rest, err := time.ParseDuration(s)
	return days + rest, err
}

func (l *loader) addPost(c []string) error {
	if l.cur == nil {
		return errors.New("a post before any thread")
	}
	p := &post{thread: l.cur, at: l.cur.stubAt}
	p.setAuthor(l.m, c[0])
	if len(l.cur.posts) > 0 {
		if len(c) < 2 {
			return errors.New("a reply without its delay")
		}
		d, err := duration(strings.TrimPrefix(c[1], "+"))
		if err != nil {
			return err
		}
		p.at = l.cur.last().at.Add(d)
	}
	p.at = p.at.Add(time.Duration(l.rng.IntN(50)) * time.Second)
	l.cur.posts = append(l.cur.posts, p)
	l.post = p
	if len(c) > 2 {
		return l.setPost(p, c[2:])
	}
	return nil
}

func (l *loader) setPost(p *post, opts []string) error {
	for _, opt := range opts {
		key, value, _ := strings.Cut(opt, "=")
		switch key {
		case "edit", "modedit":
			d, err := duration(value)
			if err != nil {
				return err
			}
			p.edited, p.byMod = p.at.Add(d), key == "modedit"
		case "likes":
			for name := range strings.SplitSeq(value, ";") {
				if n, err := strconv.Atoi(name); err == nil {
					p.more = n
					continue
				}
				u := l.m.userByName(name)
				if u == nil {
					return fmt.Errorf("no member %q", name)
				}
				p.likes = append(p.likes, u)
			}
		default:
			return fmt.Errorf("unknown option %q", opt)
		}
	}
	return nil
}

func (l *loader) addPoll(line string) error {
	if l.cur.poll == nil {
		l.cur.poll = &poll{question: strings.TrimSpace(line)}
		return nil
	}
	c := cells(line)
	if len(c) != 2 {
		return fmt.Errorf("a poll's option has 2 cells, not %d", len(c))
	}
	n, err := strconv.Atoi(c[1])
	l.cur.poll.options = append(l.cur.poll.options, pollOption{c[0], n})
	return err
}

func (l *loader) addFile(c []string) error {
	if len(c) != 4 {
		return fmt.Errorf("a file has 4 cells, not %d", len(c))
	}
	l.fileID++
	f := &file{id: l.fileID, name: c[0], size: c[1], thumb: fmt.Sprintf("%08x%08x", l.rng.Uint32(), l.rng.Uint32())}
	if c[2] != "-" {
		if _, err := fmt.Sscanf(c[2], "%dx%d", &f.width, &f.height); err != nil {
			return fmt.Errorf("reading the size of %q: %w", f.name, err)
		}
	}
	var err error
	f.views, err = strconv.Atoi(c[3])
	l.post.files = append(l.post.files, f)
	return err
}

// finish numbers the posts in the order of their times, checks what the files
// claim of one another, and makes the quotes point at post ids.
func (l *loader) finish() error {
	var all []*post
	for _, t := range l.m.threads {
		if t.movedTo != 0 {
			if l.m.threads[t.movedTo] == nil {
				return fmt.Errorf("thread %d moved to nowhere", t.id)
			}
			continue
		}
		if len(t.posts) == 0 {
			return fmt.Errorf("thread %d has no post", t.id)
		}
		all = append(all, t.posts...)
	}
	slices.SortFunc(all, func(x, y *post) int {
		if c := x.at.Compare(y.at); c != 0 {
			return c
		}
		if x.thread != y.thread {
			return x.thread.id - y.thread.id
		}
		return x.thread.position(x) - y.thread.position(y)
	})
	for i, p := range all {
		p.id = 501 + i
		l.m.posts[p.id], l.m.lastPostID = p, p.id
		if p.at.After(l.opts.Now) || p.edited.After(l.opts.Now) {
			return fmt.Errorf("post #%d of thread %d is in the future", p.thread.position(p), p.thread.id)
		}
	}
	for _, p := range all {
		if err := l.resolveQuotes(p); err != nil {
			return err
		}
	}
	return nil
}
