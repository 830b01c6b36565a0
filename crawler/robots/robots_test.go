package robots

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const bot = "forumine"

// under is a robots.txt for everyone with the given rules.
func under(rules ...string) string {
	return "User-agent: *\n" + strings.Join(rules, "\n") + "\n"
}

func TestPaths(t *testing.T) {
	tests := []struct {
		file, path string
		want       bool
	}{
		// prefixes
		{under("Disallow: /"), "/", false},
		{under("Disallow: /"), "/t/1", false},
		{under("Disallow:"), "/t/1", true},
		{under("Disallow: /admin"), "/admin", false},
		{under("Disallow: /admin"), "/admin.php?x", false},
		{under("Disallow: /admin"), "/Admin", true},
		{under("Disallow: /admin/"), "/admin", true},
		{under("Disallow: /admin/"), "/t/admin/", true},
		{under("Disallow: admin"), "/admin", true},
		{under("Disallow: /?"), "/", true},
		{under("Disallow: /?"), "/?s=1", false},
		{under("Disallow: /x"), "x", false}, // a path is taken to begin with a slash
		{under("Disallow: /x"), "", true},
		// the most octets win; Allow wins among equals, in either order
		{under("Allow: /t/", "Disallow: /"), "/t/1", true},
		{under("Allow: /t/", "Disallow: /t/1"), "/t/1", false},
		{under("Disallow: /t/", "Allow: /t/1"), "/t/1", true},
		{under("Disallow: /page", "Allow: /page"), "/page", true},
		{under("Allow: /page", "Disallow: /page"), "/page", true},
		{under("Allow: /page", "Disallow: /*.htm"), "/page.htm", false},
		{under("Allow: /$", "Disallow: /"), "/", true},
		{under("Allow: /$", "Disallow: /"), "/t", false},
		{under("Allow: /p", "Disallow: /*p"), "/p", false},
		// wildcards
		{under("Disallow: /*.php"), "/index.php", false},
		{under("Disallow: /*.php"), "/a/b.php5?x", false},
		{under("Disallow: /*.php"), "/php", true},
		{under("Disallow: /*.php$"), "/a.php", false},
		{under("Disallow: /*.php$"), "/a.php?x=1", true},
		{under("Disallow: /*.php$"), "/a.php.php", false},
		{under("Disallow: /t*"), "/t", false},
		{under("Disallow: *"), "/", false},
		{under("Disallow: *sid="), "/viewtopic.php?t=1&sid=0", false},
		{under("Disallow: /a*b*c"), "/a1b2c3", false},
		{under("Disallow: /a*b*c"), "/a1c2b3", true},
		{under("Disallow: /a*b*c$"), "/abcbc", false},
		{under("Disallow: /a**c"), "/ac", false},
		{under("Disallow: /a*c$"), "/a", true},
		{under("Disallow: /a$"), "/a", false},
		{under("Disallow: /a$"), "/ab", true},
		{under("Disallow: /*$"), "/anything", false},
		{under("Disallow: /a$b"), "/a$b", false}, // $ within a path is itself
		{under("Disallow: /a$b"), "/a", true},
		{under("Disallow: /*aab"), "/aaab", false},
		{under("Disallow: $"), "/", true},
		// characters that mean something, written as octets
		{under("Disallow: /file-with-a-%2A.html"), "/file-with-a-*.html", false},
		{under("Disallow: /file-with-a-%2A.html"), "/file-with-a-x.html", true},
		{under("Disallow: /foo-%24"), "/foo-$", false},
		{under("Disallow: /foo-%24"), "/foo-", true},
		// percent-encoding, both sides (RFC 9309 §2.2.2)
		{under("Disallow: /foo/bar?baz=quz"), "/foo/bar?baz=quz", false},
		{under("Disallow: /foo/bar?baz=https://foo.bar"), "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false},
		{under("Disallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar"), "/foo/bar?baz=https://foo.bar", false},
		{under("Disallow: /foo/bar/ツ"), "/foo/bar/%E3%83%84", false},
		{under("Disallow: /foo/bar/%E3%83%84"), "/foo/bar/ツ", false},
		{under("Disallow: /foo/bar/%e3%83%84"), "/foo/bar/%E3%83%84", false},
		{under("Disallow: /foo/bar/%62%61%7A"), "/foo/bar/baz", false},
		{under("Disallow: /foo/bar/baz"), "/foo/bar/%62%61%7A", false},
		{under("Disallow: /~ida"), "/%7eida", false},
		{under("Disallow: /a%2Fb"), "/a/b", true},
		{under("Disallow: /a%2fb"), "/a%2Fb", false},
		{under("Disallow: /a b"), "/a%20b", false},
		{under("Disallow: /100%"), "/100%", false},
		{under("Disallow: /100%zz"), "/100%zz", false},
		{under("Disallow: /\xef\xf0"), "/%EF%F0", false}, // not UTF-8: octets all the same
		// queries are matched as they are
		{under("Disallow: /*?b=1&a=2"), "/x?b=1&a=2", false},
		{under("Disallow: /*?b=1&a=2"), "/x?a=2&b=1", true},
		{under("Disallow: /*?a=1&b"), "/x?a=1%26b", true},
		{under("Disallow: /*threads/"), "/index.php?threads/sour.12/&page=2", false},
		{under("Disallow: /index.php?threads/"), "/index.php?threads%2Fsour.12", false},
		{under("Disallow: /*return=https%3A"), "/login?return=https%3A%2F%2Fforum.example", false},
		{under("Disallow: /*return=https://"), "/login?return=https%3A%2F%2Fforum.example", false},
		// what is never refused, and what is left out
		{under("Disallow: /"), "/robots.txt", true},
		{under("Disallow: /"), "/robots.txt.bak", false},
		{under("Disallow: /t#x"), "/t", false},
		{under("Disallow: /t%23x"), "/t#x", true},
	}
	for _, tt := range tests {
		if d := Parse([]byte(tt.file)).Allowed(bot, tt.path); d.Allowed != tt.want {
			t.Errorf("%q for %q: got %+v", strings.TrimPrefix(tt.file, "User-agent: *\n"), tt.path, d)
		}
	}
}

func TestGroups(t *testing.T) {
	mozilla := "Mozilla/5.0 (compatible; forumine/1.0; +https://crawl.example)"
	tests := []struct {
		name, file, agent string
		want              bool
		group             string
	}{
		{"empty file", "", bot, true, ""},
		{"only another", "User-agent: other\nDisallow: /", bot, true, ""},
		{"own beside all", "User-agent: *\nDisallow: /\n\nUser-agent: forumine\nDisallow: /y", bot, true, bot},
		{"own first", "User-agent: forumine\nDisallow: /x\n\nUser-agent: *\nAllow: /", bot, false, bot},
		{"own without rules", "User-agent: *\nDisallow: /\nUser-agent: forumine\n", bot, true, bot},
		{"own with an empty rule", "User-agent: forumine\nDisallow:\nUser-agent: *\nDisallow: /", bot, true, bot},
		{"case", "User-agent: ForuMine\nDisallow: /", bot, false, bot},
		{"version in the group", "User-agent: forumine/2.0\nDisallow: /", bot, false, bot},
		{"version in the agent", "User-agent: forumine\nDisallow: /", "forumine/0.1 (+https://crawl.example)", false, bot},
		{"compatible in the agent", "User-agent: forumine\nDisallow: /", mozilla, false, bot},
		{"compatible in the group", "User-agent: " + mozilla + "\nDisallow: /", bot, false, bot},
		{"browser in the group", "User-agent: Mozilla/5.0 (X11; Linux)\nDisallow: /", bot, true, ""},
		{"a longer token", "User-agent: forumine-images\nDisallow: /", bot, true, ""},
		{"a shorter token", "User-agent: forum\nDisallow: /", bot, true, ""},
		{"token within another", "User-agent: not forumine\nDisallow: /", bot, true, ""},
		{"several names", "User-agent: a\nUser-agent: forumine\nUser-agent: b\nDisallow: /", bot, false, bot},
		{"merged", "User-agent: forumine\nDisallow: /y\nUser-agent: b\nDisallow: /\nUser-agent: forumine\nDisallow: /x", bot, false, bot},
		{"everyone merged", "User-agent: *\nDisallow: /y\nUser-agent: b\nDisallow:\nUser-agent: *\nDisallow: /x", bot, false, "*"},
		{"star with a remark", "User-agent: * all of them\nDisallow: /", bot, false, "*"},
		{"star is no wildcard", "User-agent: *mine\nDisallow: /", bot, true, ""},
		{"rules before any group", "Disallow: /\nUser-agent: *\nDisallow: /y", bot, true, "*"},
		{"empty lines do not end a group", "User-agent: *\n\n\nDisallow: /", bot, false, "*"},
		{"other records do not end a group", "User-agent: forumine\nSitemap: https://forum.example/s.xml\nCrawl-delay: 3\nUser-agent: b\nDisallow: /", bot, false, bot},
		{"unknown records", "User-agent: *\nNoindex: /\nHost: forum.example\nDisallow: /x", bot, false, "*"},
		{"empty name", "User-agent:\nDisallow: /", bot, true, ""},
		{"digits are no token", "User-agent: 007\nDisallow: /", "7", true, ""},
		{"an agent without token", "User-agent: *\nDisallow: /", "", false, "*"},
	}
	for _, tt := range tests {
		if d := Parse([]byte(tt.file)).Allowed(tt.agent, "/x"); d.Allowed != tt.want || d.Group != tt.group {
			t.Errorf("%s: got %+v, want allowed %v by group %q", tt.name, d, tt.want, tt.group)
		}
	}
}

func TestLines(t *testing.T) {
	refusing := map[string]string{
		"LF":                       "User-agent: *\nDisallow: /x\n",
		"CR LF":                    "User-agent: *\r\nDisallow: /x\r\n",
		"CR":                       "User-agent: *\rDisallow: /x\r",
		"no last line end":         "User-agent: *\nDisallow: /x",
		"byte order mark":          "\xef\xbb\xbfUser-agent: *\nDisallow: /x",
		"spaces":                   " \tUser-agent\t : \t*  \n  Disallow :/x\t\n",
		"no space":                 "User-agent:*\nDisallow:/x",
		"case":                     "USER-AGENT: *\ndIsAlLoW: /x",
		"remarks":                  "# hello\nUser-agent: * # all\nDisallow: /x# private\n",
		"misspelt":                 "Useragent: *\nDissallow: /x",
		"stray line first":         "Allow:\nwelcome!\n<html>\nUser-agent: *\nDisallow: /x",
		"stray line within":        "User-agent: *\nCrawl-delay: soon\n:::\n\x00\x01\nDisallow: /x",
		"octets that are not text": "User-agent: *\n\xff\xfe\xfd: \x80\nDisallow: /x",
	}
	for name, file := range refusing {
		if d := Parse([]byte(file)).Allowed(bot, "/x"); d.Allowed {
			t.Errorf("%s: got %+v", name, d)
		}
	}
	for _, page := range []string{"<!doctype html><title>Not found</title><p>Disallow everything: /", "\x1f\x8b\x08\x00"} {
		if d := Parse([]byte(page)).Allowed(bot, "/x"); !d.Allowed {
			t.Errorf("%q refuses: %+v", page, d)
		}
	}
}

func TestDecisionNamesItsRule(t *testing.T) {
	f := Parse([]byte("# rules\r\nUser-agent: *\r\nAllow: /x/open\r\n  Disallow :  /x # closed\r\n"))
	tests := []struct {
		path string
		want Decision
	}{
		{"/x/1", Decision{Rule: "Disallow :  /x", Line: 4, Group: "*"}},
		{"/x/open", Decision{Allowed: true, Rule: "Allow: /x/open", Line: 3, Group: "*"}},
		{"/y", Decision{Allowed: true, Group: "*"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, f.Allowed(bot, tt.path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, diff)
		}
	}
}

func TestSizeLimit(t *testing.T) {
	start := "User-agent: *\nDisallow: /x\n"
	filler := strings.Repeat("#", MaxBytes-len(start)-len("\nAllow: /x"))
	cut := start + filler + "\nAllow: /x/open/and/more\nDisallow: /y\n"
	f := Parse([]byte(cut))
	if d := f.Allowed(bot, "/x/1"); d.Allowed {
		t.Errorf("a line that was cut counts: %+v", d)
	}
	if d := f.Allowed(bot, "/y"); !d.Allowed {
		t.Errorf("a line behind the limit counts: %+v", d)
	}
	exact := start + filler + "\nAllow: /x"
	if len(exact) != MaxBytes {
		t.Fatalf("the file has %d octets", len(exact))
	}
	if d := Parse([]byte(exact)).Allowed(bot, "/x/1"); !d.Allowed {
		t.Errorf("the last line of a file of the full size is lost: %+v", d)
	}
}

func TestCrawlDelay(t *testing.T) {
	tests := []struct {
		file, agent string
		want        time.Duration
		found       bool
	}{
		{"User-agent: *\nCrawl-delay: 10", bot, 10 * time.Second, true},
		{"User-agent: *\ncrawl-delay: 0.5", bot, 500 * time.Millisecond, true},
		{"User-agent: *\nCrawl-delay: 0", bot, 0, true},
		{"User-agent: *\nCrawl-delay: 5\nUser-agent: forumine\nDisallow: /x", bot, 0, false},
		{"User-agent: *\nCrawl-delay: 5\nDisallow: /\nUser-agent: forumine\nCrawl-delay: 2", bot, 2 * time.Second, true},
		{"User-agent: a\nCrawl-delay: 5\nUser-agent: forumine\nDisallow: /x", bot, 0, false},
		{"User-agent: a\nUser-agent: forumine\nCrawl-delay: 5", bot, 5 * time.Second, true},
		{"User-agent: *\nCrawl-delay: 5\nDisallow: /\nUser-agent: *\nCrawl-delay: 7\nDisallow: /", bot, 7 * time.Second, true},
		{"Crawl-delay: 5", bot, 0, false},
		{"User-agent: \nCrawl-delay: 5", "", 0, false},
		{"User-agent: *\nCrawl-delay: 1e9", bot, 0, false},
		{"User-agent: *\nCrawl-delay: -1", bot, 0, false},
		{"User-agent: *\nCrawl-delay: 1.2.3", bot, 0, false},
		{"User-agent: *\nCrawl-delay:", bot, 0, false},
		{"User-agent: *\nCrawl-delay: 999999999", bot, maxDelay, true},
		{"User-agent: *\nCrawl-delay: " + strings.Repeat("9", 400), bot, maxDelay, true},
	}
	for _, tt := range tests {
		if got, found := Parse([]byte(tt.file)).CrawlDelay(tt.agent); got != tt.want || found != tt.found {
			t.Errorf("%.80q: got %v, %v", tt.file, got, found)
		}
	}
}

func TestSitemaps(t *testing.T) {
	f := Parse([]byte("Sitemap: https://forum.example/a.xml\nUser-agent: x\nsitemap:/b.xml # b\nSitemap:\nDisallow: /"))
	want := []string{"https://forum.example/a.xml", "/b.xml"}
	if diff := cmp.Diff(want, f.Sitemaps()); diff != "" {
		t.Error(diff)
	}
}

func TestToken(t *testing.T) {
	tests := map[string]string{
		"forumine":                       "forumine",
		"Forumine/0.1 (+x)":              "forumine",
		" My_Bot-x 1":                    "my_bot-x",
		"Mozilla/5.0 (compatible; A/1)":  "a",
		"Mozilla/5.0 (Compatible;B)":     "b",
		"Mozilla/5.0 (compatible; )":     "mozilla",
		"Mozilla/5.0 (X11; Linux) Gecko": "mozilla",
		"":                               "",
		"*":                              "",
		"9bot":                           "",
	}
	for agent, want := range tests {
		if got := Token(agent); got != want {
			t.Errorf("Token(%q) = %q, want %q", agent, got, want)
		}
	}
}

// Rules made to be slow must stay cheap: a match may look at an octet of the
// path a few times, not once for every wildcard before it.
func TestManyWildcards(t *testing.T) {
	file := under("Disallow: /" + strings.Repeat("a*", 200_000) + "b")
	path := "/" + strings.Repeat("a", 100_000)
	if d := Parse([]byte(file)).Allowed(bot, path); !d.Allowed {
		t.Errorf("got %+v", d)
	}
}

func FuzzAllowed(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /%61?x=%2F"), "/a?x=/")
	f.Add([]byte("\xef\xbb\xbfUser-agent: forumine\r\rDisallow:*%\r\nCrawl-delay: 1.5"), "/%")
	f.Add([]byte("User-agent: *\nDisallow: /?*%3a$"), "/?a%3A")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		file := Parse(body)
		d := file.Allowed(bot, path)
		if d.Rule == "" && !d.Allowed {
			t.Errorf("refused without a rule: %+v", d)
		}
		if d.Rule != "" && (d.Line < 1 || d.Group == "") {
			t.Errorf("a rule without line or group: %+v", d)
		}
		if wait, ok := file.CrawlDelay(bot); wait < 0 || wait > maxDelay || !ok && wait != 0 {
			t.Errorf("delay %v, %v", wait, ok)
		}
		if once := normalise(path); normalise(once) != once {
			t.Errorf("normalising %q twice differs: %q", path, once)
		}
	})
}

// The fast matcher agrees with one that follows the definition step by step.
func FuzzMatch(f *testing.F) {
	f.Add("a*b$", "ab")
	f.Add("*aab", "aaab")
	f.Add("a*a*a$", "aaba")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 40 || len(text) > 60 {
			return
		}
		body, anchored := strings.CutSuffix(pattern, "$")
		got := matchParts(strings.Split(body, "*"), text, anchored)
		if want := matchPlainly(body, text, anchored); got != want {
			t.Errorf("%q on %q: got %v, want %v", pattern, text, got, want)
		}
	})
}

// matchPlainly keeps the set of places in text that a prefix of the pattern can
// reach.
func matchPlainly(pattern, text string, anchored bool) bool {
	reached := map[int]bool{0: true}
	for i := range len(pattern) {
		next := map[int]bool{}
		for at := range reached {
			switch {
			case pattern[i] == '*':
				for to := at; to <= len(text); to++ {
					next[to] = true
				}
			case at < len(text) && text[at] == pattern[i]:
				next[at+1] = true
			}
		}
		reached = next
	}
	if anchored {
		return reached[len(text)]
	}
	return len(reached) > 0
}

func BenchmarkAllowed(b *testing.B) {
	var file strings.Builder
	file.WriteString("User-agent: *\n")
	for i := range 50 {
		fmt.Fprintf(&file, "Disallow: /*page%d/*.php$\n", i)
	}
	f := Parse([]byte(file.String()))
	for b.Loop() {
		f.Allowed(bot, "/index.php?threads/sourdough-starters.1234/&page=12")
	}
}
