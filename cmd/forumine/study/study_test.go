package study_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/study"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func parse(t *testing.T, text string, over ...study.Override) *study.Config {
	t.Helper()
	c, err := study.Parse([]byte(text), over...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParse(t *testing.T) {
	c := parse(t, study.Example())
	if len(c.Sites) != 3 || c.Contact != "you@example.org" || c.Storage.Data != "forumine-data" {
		t.Fatalf("read %+v", c)
	}
	radios, gardens, local := c.Sites[0], c.Sites[1], c.Sites[2]
	if radios.Delay.Duration != 5*time.Second || radios.Budget.Bytes != 500e6 || radios.Scope.Since != "2026-01-01" || *radios.Audit.Share != 0.1 {
		t.Errorf("radios: %+v", radios)
	}
	if gardens.Delay.Duration != 2*time.Second || gardens.Schedule.Every.Duration != 24*time.Hour || gardens.Schedule.Jitter.Duration != 15*time.Minute {
		t.Errorf("gardens is not as the defaults say: %+v", gardens)
	}
	if local.Name != "127.0.0.1:8080" || local.Schedule.Every.Duration != 6*time.Hour || local.Schedule.Jitter.Duration != 15*time.Minute {
		t.Errorf("the site without a name: %+v", local)
	}
	if !reflect.DeepEqual(radios.Start, []string{"https://forum.example.org/"}) {
		t.Errorf("one address is a list of one: %v", radios.Start)
	}
}

func TestDurationString(t *testing.T) {
	for in, want := range map[string]string{"90d": "2160h", "24h": "24h", "1h30m": "1h30m", "90s": "1m30s", "10m": "10m", "100ms": "100ms", "0": "0s", "10h10s": "10h0m10s"} {
		c := parse(t, least+"    news_within: "+in+"\n")
		if got := c.Sites[0].NewsWithin.String(); got != want {
			t.Errorf("%s is written as %s, want %s", in, got, want)
		}
	}
}

const least = "sites:\n  - start: https://forum.example.org/\n"

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "is empty"},
		{"no sites", "contact: a@example.org\n", "sites is empty"},
		{"unknown key", least + "    schedul: {every: 1h}\n", "line 3: sites[0].schedul is no key; did you mean schedule?"},
		{"unknown deep key", least + "    scope:\n      folow: [/a]\n", "line 4: sites[0].scope.folow is no key; did you mean follow?"},
		{"unknown and like none", least + "zzzzzzzz: 1\n", "line 3: zzzzzzzz is no key; here stand version"},
		{"twice", least + "log: {level: info}\nlog: {level: warn}\n", "log stands there twice"},
		{"default of one site alone", "defaults: {start: https://a.example/}\n" + least, "line 1: defaults.start is no key"},
		{"no number", least + "    max_pages: many\n", `line 3: sites[0].max_pages: "many" is no whole number`},
		{"negative", least + "    max_pages: -1\n", "no whole number from 0 on"},
		{"no span", least + "    delay: 5\n", `line 3: sites[0].delay: "5" is no span of time`},
		{"no size", least + "    budget: {bytes: much}\n", "no number of bytes"},
		{"no bool", least + "    allow_private: yes\n", "neither true nor false"},
		{"none of the list", least + "log: {level: loud}\n", `line 3: log.level: "loud" is none of debug, info`},
		{"none of the list, in a list", least + "notify: {on: [wall, flood]}\n", `"flood" is none of wall`},
		{"anchor", "x: &a 1\n" + least, "line 1: x is no key"},
		{"alias", "contact: &a b\nsites:\n  - start: *a\n", "anchors and aliases are not used"},
		{"cron without quotes", least + "    schedule: {cron: */5 * * * *}\n", "needs quotes"},
		{"cron of four", least + "    schedule: {cron: 0 3 * *}\n", "has not five fields"},
		{"cron beyond", least + "    schedule: {cron: 0 25 * * *}\n", "is no cron expression"},
		{"cron of no day", least + "    schedule: {cron: 0 0 31 2 *}\n", "never comes"},
		{"cron and every", least + "    schedule: {cron: 0 3 * * *, every: 24h}\n", "exclude one another"},
		{"too often", least + "    schedule: {every: 1s}\n", "at least 1m"},
		{"zone", least + "    timezone: Mars/Olympus\n", "is no time zone"},
		{"zone of this machine", least + "    schedule: {timezone: Local}\n", "another one on another machine"},
		{"same name", "sites:\n  - {name: a, start: https://a.example/}\n  - {name: a, start: https://b.example/}\n", "stands there twice"},
		{"two hosts", "sites:\n  - start: [https://a.example/, https://b.example/]\n", "another host"},
		{"password", "sites:\n  - start: https://me:secret@a.example/\n", "carries a name or password"},
		{"no address", "sites:\n  - start: a.example\n", "is no web address"},
		{"two studies", least + "---\n" + least, "goes on behind"},
		{"version", "version: 2\n" + least, "version 2 is not known"},
		{"share", least + "    audit: {share: 2}\n", "number from 0 to 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := study.Parse([]byte(tt.text))
			if !errors.Is(err, study.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("a password is printed: %v", err)
			}
		})
	}
}

func TestOverride(t *testing.T) {
	c := parse(t, least+"log: {level: info}\n",
		study.Override{Key: "storage.data", Value: "/srv/a", Origin: "FORUMINE_STORAGE_DATA"},
		study.Override{Key: "log.level", Value: "warn", Origin: "--set"},
		study.Override{Key: "defaults.delay", Value: "9s", Origin: "--set"},
		study.Override{Key: "index.languages", Value: "en, fr", Origin: "--set"})
	if c.Storage.Data != "/srv/a" || c.Log.Level != "warn" || c.Sites[0].Delay.Duration != 9*time.Second || !reflect.DeepEqual(c.Index.Languages, []string{"en", "fr"}) {
		t.Errorf("read %+v", c)
	}
	for _, o := range []struct{ key, value, want string }{
		{"storage.dat", "x", "--set: storage.dat is no key; did you mean storage.data?"},
		{"log.level", "loud", `--set: log.level: "loud" is none of`},
		{"sites", "x", "no key"},
		{"metrics.listne", "x", "did you mean metrics.listen?"},
	} {
		_, err := study.Parse([]byte(least), study.Override{Key: o.key, Value: o.value, Origin: "--set"})
		if err == nil || !strings.Contains(err.Error(), o.want) {
			t.Errorf("%s: got %v, want %q", o.key, err, o.want)
		}
	}
}

func TestVariablesDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, key := range study.Keys() {
		v := study.Variable(key)
		if seen[v] != "" {
			t.Errorf("%s stands for %s and %s", v, seen[v], key)
		}
		seen[v] = key
	}
	if seen["FORUMINE_STORAGE_DATA"] != "storage.data" {
		t.Errorf("variables are %v", seen)
	}
}

// TestHash holds that the hash moves with what is asked, and with nothing else.
func TestHash(t *testing.T) {
	base := parse(t, least).Hash()
	for _, same := range []string{"# a comment\n" + least, least + "storage: {data: /elsewhere}\n", least + "metrics: {listen: 127.0.0.1:1}\n", least + "    delay: 1s\n"} {
		if parse(t, same).Hash() != base {
			t.Errorf("another hash for %q", same)
		}
	}
	for _, other := range []string{least + "    delay: 2s\n", least + "    scope: {exclude: [/a]}\n", "contact: a@example.org\n" + least} {
		if parse(t, other).Hash() == base {
			t.Errorf("the same hash for %q", other)
		}
	}
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := study.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("study.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("study.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchema(t *testing.T) {
	s := compile(t)
	check := func(text string) error {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return s.Validate(v)
	}
	for _, good := range []string{strings.ReplaceAll(study.Example(), "since: 2026-01-01", "since: '2026-01-01'"), least, least + "    delay: 0\n"} {
		if err := check(good); err != nil {
			t.Errorf("the schema refuses a good study: %v", err)
		}
	}
	for _, bad := range []string{
		"contact: a@example.org\n", "sites:\n  - name: a\n", least + "    schedul: {}\n", least + "    delay: soon\n",
		least + "log: {level: loud}\n", least + "notify: {on: [flood]}\n", least + "    max_pages: -1\n", least + "    allow_private: 'yes'\n",
	} {
		if check(bad) == nil {
			t.Errorf("the schema takes %q", bad)
		}
	}
}

// TestEveryKeyIsInTheExample keeps the example whole.
func TestEveryKeyIsInTheExample(t *testing.T) {
	for _, key := range study.Keys() {
		last := key[strings.LastIndexByte(key, '.')+1:]
		if key == "notify.webhook_file" { // excludes another
			continue
		}
		if !strings.Contains(study.Example(), last+":") {
			t.Errorf("the example lacks %s", key)
		}
	}
}

func TestNext(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct {
		name, schedule, last, want string
	}{
		{"interval", "every: 36h", "2026-03-01 10:00", "2026-03-02 22:00"},
		{"nightly", "cron: 30 3 * * *", "2026-03-01 03:30", "2026-03-02 03:30"},
		{"weekday", "cron: 0 9 * * mon-fri", "2026-03-06 09:00", "2026-03-09 09:00"},
		{"a time that summer time leaves out", "cron: 30 2 * * *", "2026-03-28 02:30", "2026-03-29 03:30"},
		{"the night after", "cron: 30 2 * * *", "2026-03-29 03:30", "2026-03-30 02:30"},
		{"a time that comes twice", "cron: 30 2 * * *", "2026-10-25 02:30", "2026-10-26 02:30"},
		{"a word", `cron: "@weekly"`, "2026-03-01 00:00", "2026-03-08 00:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := parse(t, least+"    schedule: {"+tt.schedule+", timezone: Europe/Berlin}\n")
			got := c.Sites[0].Schedule.Next(at(tt.last), at(tt.last))
			if !got.Equal(at(tt.want)) {
				t.Errorf("next after %s is %s, want %s", tt.last, got.In(berlin), tt.want)
			}
		})
	}
}

// TestJitter holds that a run is later by up to the jitter, by chance and the same
// when asked again.
func TestJitter(t *testing.T) {
	c := parse(t, least+"    schedule: {every: 1h, jitter: 10m}\n")
	s := c.Sites[0].Schedule
	planned := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	seen := map[time.Duration]bool{}
	for range 200 {
		planned = planned.Add(time.Hour)
		d := s.Delayed("a", planned).Sub(planned)
		if d < 0 || d >= 10*time.Minute || s.Delayed("a", planned).Sub(planned) != d {
			t.Fatalf("%s later", d)
		}
		seen[d] = true
	}
	if len(seen) < 100 {
		t.Errorf("200 runs have %d jitters", len(seen))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(study.Example())
	f.Add(least)
	f.Add("sites: [{start: [a]}]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := study.Parse([]byte(text))
		if err == nil && (len(c.Sites) == 0 || c.Hash() == "") {
			t.Errorf("read nothing of %q", text)
		}
	})
}

func TestDestroyCaptures(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		says, now, before string
		due               bool
	}{
		{"never", "2026-03-01T10:00:00Z", "0001-01-01T00:00:00Z", false},
		{"2026-03-02", "2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z", false},
		{"2026-03-02", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", true},
		{"2026-03-02", "2027-01-01T00:00:00Z", "2026-03-02T00:00:00Z", true},
		{"after 30d", "2026-03-31T10:00:00Z", "2026-03-01T00:00:00Z", true},
		{"after 30d", "2026-03-31T01:00:00+02:00", "2026-02-28T00:00:00Z", true},
	} {
		c := parse(t, least+"storage: {destroy_captures: "+tt.says+"}\n")
		before, due := c.Storage.DestroyCaptures.Due(at(tt.now))
		if due != tt.due || !before.Equal(at(tt.before)) || c.Storage.DestroyCaptures.String() != tt.says {
			t.Errorf("%s at %s: from before %s, due: %t", tt.says, tt.now, before, due)
		}
	}
	for _, bad := range []string{"365d", "after 0d", "after 36h", "soon", "2026-13-01", "after -1d"} {
		if _, err := study.Parse([]byte(least + "storage: {destroy_captures: " + bad + "}\n")); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}
