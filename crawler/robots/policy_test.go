package robots

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFromResponse(t *testing.T) {
	refuse := []byte(under("Disallow: /x"))
	tests := []struct {
		status int
		state  State
		want   bool // for /x
	}{
		{200, Rules, false}, {206, Rules, false}, {299, Rules, false},
		{301, AllowAll, true}, {307, AllowAll, true}, {308, AllowAll, true},
		{400, AllowAll, true}, {401, AllowAll, true}, {403, AllowAll, true}, {404, AllowAll, true}, {410, AllowAll, true}, {499, AllowAll, true},
		{429, Wait, false}, {500, Wait, false}, {503, Wait, false}, {599, Wait, false},
		{0, Wait, false}, {304, Wait, false}, {101, Wait, false}, {700, Wait, false}, {-1, Wait, false},
	}
	for _, tt := range tests {
		p := FromResponse(tt.status, refuse, time.Unix(1_760_000_000, 0))
		d := p.Allowed(bot, "/x")
		if p.State != tt.state || d.Allowed != tt.want {
			t.Errorf("%d: state %q, decision %+v", tt.status, p.State, d)
		}
		if !d.Allowed && d.Rule == "" {
			t.Errorf("%d: refused without a reason", tt.status)
		}
		if !p.Allowed(bot, "/robots.txt").Allowed {
			t.Errorf("%d: robots.txt itself is refused", tt.status)
		}
	}
	if d := (Policy{}).Allowed(bot, "/x"); d.Allowed {
		t.Errorf("the zero policy allows: %+v", d)
	}
}

func TestExpiry(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		status int
		after  time.Duration
		want   bool
	}{
		{200, 0, true}, {200, Lifetime - 1, true}, {200, Lifetime, false}, {404, Lifetime - 1, true},
		{503, RetryAfter - 1, true}, {503, RetryAfter, false}, {200, -time.Second, false},
	}
	for _, tt := range tests {
		if got := FromResponse(tt.status, nil, at).Fresh(at.Add(tt.after)); got != tt.want {
			t.Errorf("status %d after %v: fresh %v", tt.status, tt.after, got)
		}
	}
	if (Policy{}).Fresh(time.Time{}) {
		t.Error("the zero policy is fresh")
	}
}

func TestPolicySurvivesJSON(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	body := []byte("Sitemap: /s.xml\nUser-agent: *\nCrawl-delay: 3\nDisallow: /\xef\xf0\n")
	for _, before := range []Policy{FromResponse(200, body, at), FromResponse(403, body, at), FromResponse(503, nil, at), FromResponse(0, nil, at), {}} {
		raw, err := json.Marshal(before)
		if err != nil {
			t.Fatal(err)
		}
		var after Policy
		if err := json.Unmarshal(raw, &after); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(summary(before), summary(after)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", raw, diff)
		}
	}
	for _, bad := range []string{`{"state":"maybe"}`, `{"state":1}`, `[]`, `{"body":"%"}`} {
		if err := json.Unmarshal([]byte(bad), new(Policy)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// summary is all that a policy says to the outside.
func summary(p Policy) map[string]any {
	delay, found := p.CrawlDelay(bot)
	return map[string]any{
		"state": p.State, "status": p.Status, "at": p.FetchedAt, "body": string(p.Body()),
		"refused": p.Allowed(bot, "/%EF%F0"), "open": p.Allowed(bot, "/y"),
		"delay": delay, "found": found, "sitemaps": p.Sitemaps(), "expires": p.Expires(),
	}
}

func TestStoredBodyIsBounded(t *testing.T) {
	body := make([]byte, 2*MaxBytes)
	p := FromResponse(200, body, time.Time{})
	body[0] = 'x'
	if len(p.Body()) != MaxBytes+1 || p.Body()[0] != 0 {
		t.Errorf("%d octets kept, first %q", len(p.Body()), p.Body()[0])
	}
}

func TestMeta(t *testing.T) {
	all := Directives{NoIndex: true, NoFollow: true, NoArchive: true}
	tests := []struct {
		name   string
		header []string
		meta   string
		want   Directives
	}{
		{"nothing", nil, "", Directives{}},
		{"harmless", []string{"all"}, "index, follow, max-snippet:-1", Directives{}},
		{"header", []string{"noindex"}, "", Directives{NoIndex: true}},
		{"meta", nil, "NOINDEX,NoFollow", Directives{NoIndex: true, NoFollow: true}},
		{"none", nil, "none", Directives{NoIndex: true, NoFollow: true}},
		{"sum", []string{"noarchive", " nofollow "}, "noindex", all},
		{"own name", []string{"Forumine: noindex, nofollow"}, "", Directives{NoIndex: true, NoFollow: true}},
		{"own name with version", []string{"forumine/0.1: noindex"}, "", Directives{NoIndex: true}},
		{"another name", []string{"otherbot: noindex, nofollow"}, "", Directives{}},
		{"another, then own", []string{"otherbot: noindex, forumine: noarchive, nofollow"}, "", Directives{NoArchive: true, NoFollow: true}},
		{"own, then another", []string{"forumine: noarchive, otherbot: none"}, "", Directives{NoArchive: true}},
		{"the name ends with its value", []string{"otherbot: noindex", "nofollow"}, "", Directives{NoFollow: true}},
		{"all, then another", []string{"noarchive, otherbot: noindex"}, "", Directives{NoArchive: true}},
		{"named everyone", []string{"otherbot: none, *: noarchive"}, "robots: noindex", Directives{NoArchive: true, NoIndex: true}},
		{"date", []string{"unavailable_after: 25 Jun 2030 15:00:00 PST, noindex"}, "", Directives{NoIndex: true}},
		{"date with a comma", []string{"unavailable_after: Wednesday, 21-Oct-30 15:00:00 GMT, noindex"}, "", Directives{NoIndex: true}},
		{"directive with a value", []string{"max-image-preview: none, noarchive"}, "", Directives{NoArchive: true}},
		{"named meta", nil, "nofollow, forumine: noarchive", Directives{NoFollow: true, NoArchive: true}},
		{"old name", nil, "nocache", Directives{NoArchive: true}},
		{"garbage", []string{":", ",,", "\xff: noindex", " : noindex"}, "no index", Directives{}},
	}
	for _, tt := range tests {
		if got := Meta(tt.header, tt.meta, "forumine/0.1 (+https://crawl.example)"); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
