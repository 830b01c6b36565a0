package extract_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/forum"
)

// renamedFloors are the shares, in percent, of the renamings that leave an
// engine without a field of any post and after which the page still has the
// field, by its structure.
var renamedFloors = map[string]int{"times": 60, "bodies": 60, "authors": 55}

// TestRenamed renames one class, one microdata name or one tag at a time in the
// threads of every engine's fixtures, as themes do. Posts are neither lost nor
// added by what is taken from the page's structure, what the engine read stays,
// and what is taken is said.
func TestRenamed(t *testing.T) {
	r := &renamings{tally: map[string]*blinded{}}
	t.Run("cases", func(t *testing.T) {
		for _, c := range allCases(t) {
			c := knownCase{c, factsOf(t, c.name)}
			p, err := extract.Read(c.capture, c.facts, extract.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind != forum.KindThread || p.Engine == "generic" || p.Extract.Strategy != "dom" || len(p.Posts) < 2 {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				r.rename(t, c, p)
			})
		}
	})
	r.print(t)
}

// blinded counts renamings that hide a field of all posts from an engine.
type blinded struct{ hidden, kept int }

type renamings struct {
	mu    sync.Mutex
	tally map[string]*blinded // "times", "xenforo2 times"
}

func (r *renamings) rename(t *testing.T, c knownCase, own *forum.Page) {
	for i, name := range namesIn(c.capture.Body) {
		if underRace && i%8 != 0 {
			continue // the whole table is for the run without the detector
		}
		renamed := c.capture
		renamed.Body = name.change(c.capture.Body)
		p, err := extract.Read(renamed, c.facts, extract.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Engine != own.Engine || p.Kind != own.Kind || len(p.Posts) != len(own.Posts) {
			continue
		}
		for field, has := range fieldsOfPosts {
			if !most(own.Posts, has) {
				continue
			}
			taken := slices.Contains(p.Extract.Warnings, field+"_by_structure")
			none := !slices.ContainsFunc(p.Posts, func(p forum.Post) bool { return has(&p) })
			if !taken && !none {
				continue
			}
			r.count(own.Engine, field, taken)
			if taken && !slices.Contains(p.Extract.Warnings, "selector_fallback") {
				t.Errorf("%s: %s were taken without a warning", name, field)
			}
			if taken {
				wrong(t, fmt.Sprintf("%s: %s", name, field), own.Posts, p.Posts)
			}
		}
	}
}

// fieldsOfPosts are the fields that the page's structure may give.
var fieldsOfPosts = map[string]func(*forum.Post) bool{
	"times":   func(p *forum.Post) bool { return !p.Published.IsZero() },
	"bodies":  func(p *forum.Post) bool { return p.Body.Text != "" },
	"authors": func(p *forum.Post) bool { return p.Author != nil && p.Author.Name != "" },
}

func most(posts []forum.Post, has func(*forum.Post) bool) bool {
	n := 0
	for i := range posts {
		if has(&posts[i]) {
			n++
		}
	}
	return 10*n >= 8*len(posts)
}

func (r *renamings) count(engine, field string, kept bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range []string{field, engine + " " + field} {
		b := r.tally[key]
		if b == nil {
			b = &blinded{}
			r.tally[key] = b
		}
		b.hidden++
		if kept {
			b.kept++
		}
	}
}

// wrong tells posts that got a time or a name that is not theirs.
func wrong(t *testing.T, what string, own, got []forum.Post) {
	for i := range own {
		if own[i].ID != got[i].ID {
			t.Errorf("%s: post %d is %q, was %q", what, i, got[i].ID, own[i].ID)
		}
		if a, b := own[i].Published, got[i].Published; a.Known() && b.Known() && (a.Zone == b.Zone && a.At.Sub(b.At).Abs() >= time.Minute || a.At.Sub(b.At).Abs() > 14*time.Hour) {
			t.Errorf("%s: post %d was written at %s, is at %s", what, i, a.At, b.At)
		}
		if a, b := own[i].Author, got[i].Author; a != nil && b != nil && a.Name != b.Name {
			t.Errorf("%s: post %d is by %q, was by %q", what, i, b.Name, a.Name)
		}
	}
}

func (r *renamings) print(t *testing.T) {
	keys := make([]string, 0, len(r.tally))
	for k := range r.tally {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		t.Logf("%-24s hidden by %3d renamings, kept after %3d", k, r.tally[k].hidden, r.tally[k].kept)
	}
	if underRace {
		return
	}
	for field, floor := range renamedFloors {
		if b := r.tally[field]; b == nil || percent(b.kept, b.hidden) < floor {
			t.Errorf("%s: kept after %+v, want %d %%", field, b, floor)
		}
	}
}

// markupName is a name in a page's markup.
type markupName struct{ attr, name string }

func (n markupName) String() string { return n.attr + " " + n.name }

var (
	reNamed = regexp.MustCompile(`\b(class|itemprop|data-[a-z-]+)=(?:"([^"]*)"|'([^']*)')`)
	reTime  = regexp.MustCompile(`(</?)time\b`)
)

// namesIn lists the classes and the microdata names of a page that stand on it
// more than once, and the tag of times.
func namesIn(body []byte) []markupName {
	seen := map[markupName]int{}
	var out []markupName
	for _, m := range reNamed.FindAllSubmatch(body, -1) {
		for w := range strings.FieldsSeq(string(m[2]) + string(m[3])) {
			n := markupName{string(m[1]), w}
			if strings.HasPrefix(n.attr, "data-") {
				n.name = "" // the attribute itself
			}
			if seen[n]++; seen[n] == 2 {
				out = append(out, n)
			}
		}
	}
	if reTime.Match(body) {
		out = append(out, markupName{attr: "time"})
	}
	return out
}

// change gives a page with the name written otherwise wherever it stands.
func (n markupName) change(body []byte) []byte {
	switch {
	case n.attr == "time":
		return reTime.ReplaceAll(body, []byte("${1}b"))
	case n.name == "":
		return bytes.ReplaceAll(body, []byte(" "+n.attr+"="), []byte(" data-x-"+n.attr[5:]+"="))
	}
	return reNamed.ReplaceAllFunc(body, func(m []byte) []byte {
		attr, value, _ := bytes.Cut(m, []byte("="))
		if string(attr) != n.attr {
			return m
		}
		quote := value[:1]
		fields := strings.Fields(string(value[1 : len(value)-1]))
		for i, w := range fields {
			if w == n.name {
				fields[i] = "qx" + strings.Repeat("q", i)
			}
		}
		return []byte(n.attr + "=" + string(quote) + strings.Join(fields, " ") + string(quote))
	})
}

// TestArticlesUnderOtherNames reads an article of XenForo 2 as add-ons write the first
// post of thread types of their own: the article's template under another name.
func TestArticlesUnderOtherNames(t *testing.T) {
	for _, c := range allCases(t) {
		if c.name != "xenforo2/article" {
			continue
		}
		own, err := extract.Read(c.capture, factsOf(t, c.name), extract.Options{})
		if err != nil {
			t.Fatal(err)
		}
		renamed := c.capture
		renamed.Body = bytes.ReplaceAll(renamed.Body, []byte("message-article"), []byte("message-film"))
		renamed.Body = bytes.ReplaceAll(renamed.Body, []byte("message--article"), []byte("message--film"))
		got, err := extract.Read(renamed, factsOf(t, c.name), extract.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := got.Posts[0].Author, own.Posts[0].Author; b.Title == "" || a.Title != b.Title || a.AvatarURL != b.AvatarURL {
			t.Errorf("read %+v, want %+v", a, b)
		}
		return
	}
	t.Fatal("no such fixture")
}
