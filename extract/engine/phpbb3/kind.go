package phpbb3

import (
	"net/url"
	"path"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

var (
	selTopicTitle  = dom.Sel("h2.topic-title a[href], .topic-title a[href], h2 a.titles[href]")
	selHeadingLink = dom.Sel("#page-body > h2 a[href], #page-body h2 a[href], h2 a[href*='viewtopic'], h1 a[href*='viewtopic']")
	selTopicField  = dom.Sel("form#topic-search input[name='t'], #topic-search input[name='t']")
	selForumTitle  = dom.Sel("h2.forum-title a[href], .forum-title a[href], h2 a.titles[href], #page-body > h2 a[href*='viewforum']")
	selLoginForm   = dom.Sel("form#login, form#login_forum, form[name='login_forum']")
	selPassword    = dom.Sel("form input[type='password']")
	selQuickLogin  = dom.Sel("form[action*='mode=login'] input[type='password'], fieldset.quick-login")
	selMessage     = dom.Sel("#message, #wrapcentre > table.tablebg p.gen")
	selMessageText = dom.Sel("#message p, #message, #wrapcentre > table.tablebg p.gen")
	selProfileForm = dom.Sel("form#viewprofile")
	selSearchTitle = dom.Sel(".searchresults-title")
	selBody        = dom.Sel("body")
)

// address finds the page's own link: the canonical link, its address, the
// heading's link. Any of them may name the offset, the address first: it alone
// tells an offset that no page of the board begins with.
func (r *reader) address() {
	heading := r.doc.FirstOf(selTopicTitle, selHeadingLink, selForumTitle).AttrOr("href", "")
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical(), heading} {
		l, ok := r.link(href)
		if !ok {
			continue
		}
		if r.own.ID == "" && (l.Kind == forum.KindThread || l.Kind == forum.KindBoard || l.Kind == forum.KindProfile) {
			r.own = l
		}
		if s := startIn(l.Key); r.start < 0 && l.Kind == r.own.Kind {
			r.start = s
		}
	}
	u := r.doc.URL
	q := dom.QueryOf(u)
	if q.Get("start") != "" && q.Get("p") == "" {
		r.start = max(0, offset(q.Get("start")))
	}
	usual := q.Get("sd") == "" || (r.own.Kind == forum.KindThread) == (q.Get("sd") == "a")
	r.sorted = q.Get("st") != "" && q.Get("st") != "0" || q.Get("sk") != "" && q.Get("sk") != "t" || !usual
	if r.own.ID == "" {
		r.own.ID, r.own.Kind = r.shownThread(heading)
	}
}

// shownThread is the thread that a page of a post's own link or of another
// order shows.
func (r *reader) shownThread(heading string) (string, forum.Kind) {
	if id := r.doc.FirstOf(selTopicField).AttrOr("value", ""); isID(id) {
		return id, forum.KindThread
	}
	for _, href := range []string{heading, r.doc.Canonical(), r.doc.URL.String()} {
		if id := r.named(forum.KindThread, href); id != "" {
			return id, forum.KindThread
		}
		if id := r.named(forum.KindBoard, href); id != "" {
			return id, forum.KindBoard
		}
	}
	return "", ""
}

// startIn is the offset in a canonical key.
func startIn(key string) int {
	if i := strings.LastIndex(key, "/s"); i >= 0 {
		return number(key[i+2:])
	}
	return 0
}

// script is the engine's script that made the page: its name stands in the
// body's class ("section-viewtopic") and in the address.
func (r *reader) script() string {
	for class := range strings.FieldsSeq(r.doc.FindMatcher(selBody).AttrOr("class", "")) {
		if name, ok := strings.CutPrefix(class, "section-"); ok {
			name, _, _ = strings.Cut(name, "/")
			return name
		}
	}
	return strings.TrimSuffix(path.Base(r.doc.URL.Path), ".php")
}

func (r *reader) kind() forum.Kind {
	script := r.script()
	switch {
	case len(r.messages()) > 0:
		return forum.KindThread
	case r.doc.Has(selErrorPage):
		return forum.KindMaintenance
	case r.doc.Has(selLoginForm):
		return forum.KindLogin
	case r.doc.Has(selProfileForm) || r.own.Kind == forum.KindProfile && r.doc.Has(selProfileMark):
		return forum.KindProfile
	}
	rows, boards := r.doc.Has(selRowTitle), r.doc.Has(selBoardTitle)
	switch {
	case !rows && !boards && r.doc.Has(selMessage):
		return r.messageKind(script)
	case script == "search" && (rows || r.doc.Has(selSearchTitle)):
		return forum.KindSearch
	case script == "index" || boards && r.own.Kind != forum.KindBoard && script != "viewforum":
		return forum.KindIndex
	case !rows && !boards && (script == "viewforum" || r.own.Kind == forum.KindBoard) && r.doc.Has(selQuickLogin):
		return forum.KindLogin // the engine shows that form on boards that may not be read, and there alone
	case script == "viewforum" || r.own.Kind == forum.KindBoard:
		return forum.KindBoard
	case rows:
		return forum.KindSearch
	case script != "ucp" && r.own.Kind != "" && r.doc.Has(selPassword):
		return forum.KindLogin
	}
	return forum.KindOther
}

// deniedWords are in what the engine says to those who may not see a page, by
// its language packs; a message that has none of them says that there is no
// such page. Newer versions tell by the status.
var deniedWords = []string{"not authori", "not permitted", "permission", "not allowed", "banned", "berechtig", "befugnis", "gesperrt", "autoris", "autoriz", "permiso", "permiss", "permess", "permette", "bannit", "banni", "bevoegd", "toegestaan", "verbannen", "uprawnie", "zbanow", "прав", "доступ", "запрещ", "заблок", "oprávn", "behörig", "tilladelse", "tillatelse", "oikeu", "jogosult", "permisiun", "yetki", "izin", "δικαίωμα", "άδεια", "权限", "權限", "権限", "권한", "صلاحي", "مسموح"}

var closedWords = []string{"board is currently unavailable", "board unavailable", "board disabled", "nicht verfügbar", "deaktiviert", "indisponible", "désactivé", "no disponible", "deshabilitado", "non disponibile", "disabilitat", "niet beschikbaar", "niedostępn", "отключен", "недоступ", "indisponível", "desativad"}

func (r *reader) messageKind(script string) forum.Kind {
	switch r.status {
	case 401:
		return forum.KindLogin
	case 403:
		return forum.KindDenied
	case 404, 410:
		return forum.KindMissing
	case 503:
		return forum.KindMaintenance
	}
	text := strings.ToLower(dom.Text(r.doc.FirstOf(selMessageText)))
	switch {
	case hasAny(text, closedWords):
		return forum.KindMaintenance
	case hasAny(text, deniedWords):
		return forum.KindDenied
	case script == "viewtopic" || script == "viewforum" || script == "memberlist" || r.own.Kind != "":
		return forum.KindMissing
	}
	return forum.KindOther
}

func hasAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func parse(href string) *url.URL {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}
