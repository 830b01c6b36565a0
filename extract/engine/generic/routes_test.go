package generic

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"forumine/extract/forum"
)

func parsed(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse("https://f.example" + address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestRoutes learns the form of addresses from some of them, and finds others of that
// form, with their ids and pages.
func TestRoutes(t *testing.T) {
	for _, tt := range []struct {
		name, form  string
		known       []string
		of, not     string
		id          string
		page        int
		wantCertain bool
	}{
		{"a number and a slug", "thread=e/#/*", []string{"/e/12/felt-hats", "/e/31/dyes"}, "/e/77/wool", "/g/77/wool", "77", 1, true},
		{"a number before a slug", "thread=room/#-", []string{"/room/12-felt-hats", "/room/31-dyes"}, "/room/77-wool-and-silk?page=3", "/room/wool", "77", 3, true},
		{"a number behind a slug", "thread=felting/-#", []string{"/felting/felt-hats-12", "/felting/dyes-31"}, "/felting/wool-77/page/2", "/knitting/wool-77", "77", 2, true},
		{"a name", "thread=talk/@", []string{"/talk/keeps-its-shape", "/talk/out-of-dye"}, "/talk/moths", "/about/moths", "moths", 1, true},
		{"a key", "thread=read.asp/?n:#", []string{"/read.asp?n=12", "/read.asp?n=31"}, "/read.asp?n=77", "/read.asp?m=77", "77", 1, true},
		{"nothing but names", "thread=@", []string{"/felt-hats", "/dyes"}, "/moths", "/a/b", "moths", 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var urls []*url.URL
			for _, a := range tt.known {
				urls = append(urls, parsed(t, a))
			}
			w := routeOf(forum.KindThread, urls, []string{"How felt keeps", "Which colour"}, nil)
			if w.String() != tt.form || w.certain() != tt.wantCertain {
				t.Fatalf("got %s, certain %v, want %s, %v", w, w.certain(), tt.form, tt.wantCertain)
			}
			ways := []route{w}
			if l, ok := meaning(ways, parsed(t, tt.of)); !ok || l.ID != tt.id || l.Page != tt.page || l.Kind != forum.KindThread {
				t.Errorf("%s: got %+v, want %s on page %d", tt.of, l, tt.id, tt.page)
			}
			if l, ok := meaning(ways, parsed(t, tt.not)); ok {
				t.Errorf("%s: got %+v, want nothing", tt.not, l)
			}
		})
	}
}

// TestKeptRoutes reads forms as a forum's facts keep them, and takes the narrowest.
func TestKeptRoutes(t *testing.T) {
	ways := routesOf("board=s/@ thread=s/*/# phrase thread=s/wool/-# board=/topics/felt")
	for address, want := range map[string]string{
		"/s/wool": "board wool 1", "/s/wool?page=4": "board wool 4", "/s/wool/12": "thread 12 1", "/s/wool/dyes-9": "thread 9 1",
		"/s/wool/12?sort=old": "", "/s/wool/new": "", "/forum/9": "board 9 1",
		"/s/user/12": "", "/s/members/12": "", "/s/new": "", "/forum/wool/page-3/": "board wool 3",
		"/topics/felt?page=2": "board topics/felt 2", "/topics/wool-8": "thread 8 1",
	} {
		got := ""
		if l, ok := meaning(ways, parsed(t, address)); ok {
			got = fmt.Sprint(l.Kind, " ", l.ID, " ", l.Page)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

// entries is a listing of a program that nobody knows.
func entries(address string, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(`<title>Wool - Felt Makers</title><nav><a href="/">Felt Makers</a><a href="/help">Help for newcomers</a><a href="/terms">Terms of use</a></nav><h1>Wool</h1><div class="list">`)
	for i := range 4 {
		b.WriteString(row(i))
	}
	return b.String() + `</div><a href="` + address + `?page=2" rel="next">Next</a>`
}

// TestUnknownListing reads rows whose addresses carry no word that forums have in
// common, and learns their form.
func TestUnknownListing(t *testing.T) {
	titles := []string{"Which felt keeps its shape?", "Out of blue dye", "Moths in the attic again", "Looms for small hands"}
	threads := func(i int) string {
		return fmt.Sprintf(`<div class="it"><h3><a href="/e/%d/x%[1]d">%s</a></h3><span>by <a href="/users/ada%[1]d">Ada Lund %[1]d</a></span> <time datetime="2026-01-0%[3]dT10:00:00Z">then</time> <span>%[1]d replies</span></div>`, i+11, titles[i], i+1)
	}
	p := read(t, "https://f.example/forum/wool", entries("/forum/wool", threads))
	if len(p.Listing) != 4 || p.Kind != forum.KindBoard || p.Learned.Routes != "thread=e/#/*" {
		t.Fatalf("got %d rows of a %s, learned %q", len(p.Listing), p.Kind, p.Learned.Routes)
	}
	if row := p.Listing[1]; row.ID != "12" || row.Title != titles[1] || row.ReplyCount == nil || *row.ReplyCount != 12 || !row.LastPost.Known() || row.Author == nil || row.Author.Name != "Ada Lund 12" {
		t.Errorf("got %+v", row)
	}
	boards := func(i int) string {
		return fmt.Sprintf(`<div class="it"><h3><a href="/s/b%d">%s</a></h3><span>%[1]d topics, 2%[1]d posts</span> <span>last by <a href="/users/ada">Ada Lund</a> <time datetime="2026-01-0%[1]dT10:00:00Z">then</time></span></div>`, i+1, titles[i])
	}
	p = read(t, "https://f.example/", entries("/", boards))
	names := make([]string, 0, 4)
	for _, b := range p.Boards {
		names = append(names, b.Name)
	}
	if p.Kind != forum.KindIndex || !slices.Equal(names, titles) || p.Learned.Routes != "board=s/@" {
		t.Errorf("got %v of a %s, learned %q", names, p.Kind, p.Learned.Routes)
	}
	for _, newest := range []string{"/e/", "/topic/"} { // of threads whose addresses mean something, or nothing
		p = read(t, "https://f.example/", entries("/", func(i int) string {
			return fmt.Sprintf(`<div class="it"><h3><a href="/s/b%d">%s</a></h3><span>%[1]d topics, 2%[1]d posts</span> <p><a href="%[3]s%[1]d">Is %[2]s what you would call it?</a> <time datetime="2026-01-0%[1]dT10:00:00Z">then</time></p></div>`, i+1, titles[i], newest)
		}))
		if len(p.Listing) > 0 || len(p.Boards) != 4 || p.Boards[3].Name != titles[3] || p.Boards[3].ID != "b4" {
			t.Errorf("newest at %s: got %d rows, boards %+v", newest, len(p.Listing), p.Boards)
		}
	}
	p = read(t, "https://f.example/makers/wool/forum", entries("/makers/wool/forum", threads))
	if len(p.Path) == 0 || p.Path[len(p.Path)-1].ID != "makers/wool/forum" || p.Learned.Routes != "thread=e/#/* board=/makers/wool/forum" {
		t.Errorf("got %+v, learned %q", p.Path, p.Learned.Routes)
	}
	links := func(i int) string { return fmt.Sprintf(`<li><a href="/e/%d">%s</a></li>`, i+11, titles[i]) }
	if p = read(t, "https://f.example/forum/wool", entries("/forum/wool", links)); len(p.Listing)+len(p.Boards) > 0 {
		t.Errorf("got %+v of links that show nothing", p.Listing)
	}
}
