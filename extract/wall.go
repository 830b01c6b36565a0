package extract

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

var (
	selChallenge = dom.Sel("#challenge-form, #challenge-running, #cf-challenge-running, .cf-browser-verification, #challenge-error-text, #cf-wrapper #cf-error-details, form[action*='__cf_chl'], #ddg-l10n-title, #anubis_challenge, #sucuri-challenge, .g-recaptcha-challenge, #px-captcha, #sec-if-cpt-container")
	selTitle     = dom.Sel("title")
)

// challengeTitles are what the usual guards call their waiting pages. They
// count only on pages that carry next to no text.
var challengeTitles = []string{"just a moment", "attention required! | cloudflare", "ddos-guard", "checking your browser", "making sure you're not a bot", "please wait... | cloudflare", "sucuri website firewall", "access denied | ", "are you a human", "one moment, please", "human verification", "security check"}

// challenge tells the waiting pages of guards that stand in front of a site:
// they carry the site's address and none of its content.
func challenge(c forum.Capture, d *dom.Document, known bool) forum.Kind {
	if d.Has(selChallenge) {
		return forum.KindChallenge
	}
	if strings.EqualFold(c.HeaderValue("Cf-Mitigated"), "challenge") {
		return forum.KindChallenge
	}
	if known { // forums have pages of such titles too
		return ""
	}
	title := strings.ToLower(dom.Text(d.FirstOf(selTitle)))
	for _, t := range challengeTitles {
		if strings.HasPrefix(title, t) && len(c.Body) < 64<<10 {
			return forum.KindChallenge
		}
	}
	return ""
}

// statusWall is the wall that a response's status makes of a page without
// content. A page with content is content whatever its status says.
func statusWall(c forum.Capture, p *forum.Page) forum.Kind {
	if len(p.Posts) > 0 || len(p.Listing) > 0 || len(p.Boards) > 0 || p.Profile != nil || p.Kind.IsWall() {
		return ""
	}
	switch {
	case c.Status == 401:
		return forum.KindLogin
	case c.Status == 403:
		return forum.KindDenied
	case c.Status == 404 || c.Status == 410:
		return forum.KindMissing
	case c.Status == 429:
		return forum.KindRateLimited
	case c.Status >= 500:
		return forum.KindMaintenance
	case c.Status >= 300 && c.Status < 400 && c.Status != 304:
		return forum.KindMoved
	}
	return ""
}
