package scrub

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Hosts whose addresses say what something is, not where it was found: left
// alone as a whole, or with the rest of the address replaced.
var (
	vocabularyHosts  = setOf(`schema.org www.schema.org w3.org www.w3.org ogp.me purl.org gmpg.org rdfs.org`)
	picturesOfNobody = setOf(`gravatar.com vanillicon.com`) // which serve from any subdomain
	wellKnownHosts   = setOf(`youtube.com youtu.be youtube-nocookie.com vimeo.com dailymotion.com streamable.com gravatar.com secure.gravatar.com
phpbb.com phpbb.de xenforo.com mybb.com simplemachines.org vbulletin.com invisioncommunity.com invisionpower.com discourse.org nodebb.org flarum.org fluxbb.org punbb.informer.com informer.com bbpress.org wordpress.org discuz.net vanillaforums.com woltlab.com tapatalk.com vanillicon.com`)
	hostWords = setOf(`www forum forums community communities board boards cdn static images img i m media assets files avatars talk discuss discussion bbs player w localhost s0 s1 en de fr es it ru pl nl pt secure data uploads`)
)

const blankGIF = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

// link replaces an address: host, words and ids of its path, values of its
// query, its fragment. What programs build addresses of stays.
func (s *Scrubber) link(raw string) string {
	trimmed := strings.TrimSpace(raw)
	scheme, rest, ok := cutScheme(trimmed)
	switch {
	case trimmed == "" || trimmed == "#":
		return raw
	case ok && (scheme == "data"):
		return s.dataURI(rest)
	case ok && scheme == "mailto":
		return scheme + ":" + s.mailto(rest)
	case ok && scheme != "http" && scheme != "https":
		if scheme == "javascript" || scheme == "about" {
			return scheme + ":void(0)"
		}
		return scheme + ":" + s.forced(rest)
	}
	body, fragment, hasFragment := strings.Cut(rest, "#")
	body, query, hasQuery := strings.Cut(body, "?")
	host := ""
	if strings.HasPrefix(body, "//") {
		host, body = cutHost(body[2:])
		if vocabularyHosts[strings.ToLower(host)] {
			return raw
		}
		host = "//" + s.host(host)
	}
	var b strings.Builder
	if ok {
		b.WriteString(trimmed[:len(scheme)+1])
	}
	b.WriteString(host)
	b.WriteString(s.path(body, query))
	if hasQuery {
		b.WriteString("?" + s.query(query, body))
	}
	if hasFragment {
		b.WriteString("#" + s.fragment(fragment))
	}
	return b.String()
}

var reScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]{1,12}:`)

func cutScheme(raw string) (scheme, rest string, ok bool) {
	m := reScheme.FindString(raw)
	if m == "" || len(raw) > len(m) && raw[len(m)] >= '0' && raw[len(m)] <= '9' && !strings.HasPrefix(m, "tel") {
		return "", raw, false
	}
	return strings.ToLower(m[:len(m)-1]), raw[len(m):], true
}

func cutHost(s string) (host, path string) {
	if i := strings.IndexByte(s, '/'); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// dataURI keeps a picture's type and drops the picture.
func (s *Scrubber) dataURI(rest string) string {
	kind, _, _ := strings.Cut(rest, ",")
	mime, _, _ := strings.Cut(kind, ";")
	if !strings.HasPrefix(mime, "image/") || mime == "image/gif" {
		return blankGIF
	}
	return "data:" + mime + ";base64,AAAA"
}

func (s *Scrubber) mailto(rest string) string {
	to, query, ok := strings.Cut(rest, "?")
	if strings.Contains(to, "@") {
		to = s.mail(to)
	}
	if ok {
		return to + "?" + s.query(query, "")
	}
	return to
}

// host replaces the labels of a host that name somebody; what stands for the
// public suffix becomes "example" (RFC 2606).
func (s *Scrubber) host(raw string) string {
	user, host, ok := strings.Cut(raw, "@")
	if !ok {
		user, host = "", raw
	}
	host, port, hasPort := strings.Cut(host, ":")
	lower := strings.ToLower(host)
	if _, of, _ := strings.Cut(lower, "."); wellKnownHosts[strings.TrimPrefix(lower, "www.")] || picturesOfNobody[of] || lower == "" {
		return host
	}
	if strings.Trim(lower, "0123456789.") == "" {
		return "192.0.2.1"
	}
	suffix, _ := publicsuffix.PublicSuffix(lower)
	name := strings.TrimSuffix(strings.TrimSuffix(lower, suffix), ".")
	out := "example"
	if lower == "localhost" {
		out = lower
	}
	if name != "" {
		labels := strings.Split(name, ".")
		for i, l := range labels {
			if i == len(labels)-1 && !strings.HasSuffix(lower, ".example") || !hostWords[l] {
				labels[i] = s.label(l)
			}
		}
		out = strings.Join(labels, ".") + "." + out
	}
	if user != "" {
		out = s.forced(user) + "@" + out
	}
	if hasPort {
		out += ":" + port
	}
	return out
}

func (s *Scrubber) label(l string) string {
	if l == "forum" || l == "forums" || l == "www" {
		return l
	}
	return s.forced(l)
}

// Segments of a path, and keys of a query, behind which an id or a name stands.
var (
	beforeName = setOf(`u user users member members profile profiles author authors people`)
	beforeSlug = setOf(`u user users member members profile profiles author authors people tag tags tagged group groups g c category categories t topic topics thread threads forum forums board boards f d discussion discussions question questions`)
	beforeID   = setOf(`t topic topics thread threads forum forums board boards post posts p user users member members profile d discussion discussions question questions q a answers comment comments category c`)
	placeKeys  = setOf(`page pageno start st offset pg limit per_page perpage pp w h width height size s sd styleid style langid v ver version month day year m dpr quality q rel_ d r depth`)
	idKeys     = setOf(`t f u tid fid uid pid id a aid topic board thread threadid postid userid forumid user showtopic showforum showuser comment attachmentid attach msg cid gid post author_id user_id mid qid topicid boardid viewtopic answertab showpost starter_id p member quote reply to_post author findpost ptid authorid typeid`)
	rewritten  = setOf(`thread forum group`)
	glued      = setOf(`t f u p post msg comment entry topic thread forum user member board tid pid fid uid c a q g announcement newmessage`)
)

// path replaces the segments of a path.
func (s *Scrubber) path(raw, query string) string {
	if raw == "" {
		return raw
	}
	segments := strings.Split(raw, "/")
	before, hasID := "", false
	first := ""
	for i, seg := range segments {
		if seg == "" || seg == "." || seg == ".." {
			continue
		}
		lower := strings.ToLower(seg)
		if first == "" {
			first = lower
		}
		segments[i] = s.segment(seg, before, first, hasID)
		hasID = hasID || strings.ContainsAny(seg, "0123456789")
		before = lower
	}
	return strings.Join(segments, "/")
}

func (s *Scrubber) segment(raw, before, first string, hasID bool) string {
	seg := raw
	if strings.Contains(raw, "%") {
		if u, err := url.PathUnescape(raw); err == nil {
			seg = u
		}
	}
	var out string
	switch {
	case isDigits(seg):
		out = s.numericSegment(seg, before, first, hasID)
	case reHosted.MatchString(seg): // Forumotion: "t12p15-slug"; the places of posts stay
		m := reHosted.FindStringSubmatch(seg)
		s.place(strings.TrimPrefix(m[3], "p"))
		return m[1] + s.digits(m[2], asID) + m[3] + s.pieces(m[4], true)
	case hasID && reShortPage.MatchString(seg): // Vanilla: "discussion/12/slug/p2"
		s.place(seg[1:])
		return raw
	case strings.HasPrefix(strings.ToLower(seg), "page") && isDigits(strings.Trim(seg[4:], "-")):
		s.place(strings.Trim(seg[4:], "-"))
		return raw
	case s.people[strings.ToLower(seg)] || beforeName[before] && !hasID && !s.isAddressOnly(seg):
		out = s.nameSegment(seg)
	default:
		out = s.pieces(seg, beforeSlug[before] && !hasID)
	}
	if seg != raw {
		return url.PathEscape(out)
	}
	return out
}

var reHosted = regexp.MustCompile(`^([tfu])(\d+)(p\d+)(-.*)?$`)

var reShortPage = regexp.MustCompile(`^p\d{1,4}$`)

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// numericSegment tells ids from the places that Discourse and NodeBB write
// behind them.
func (s *Scrubber) numericSegment(seg, before, first string, hasID bool) string {
	switch {
	case before == "page" || hasID && (first == "t" || s.numbered && first == "topic"):
		s.place(seg)
		return seg
	case beforeID[before] || (first == "t" || first == "c") && !hasID:
		return s.digits(seg, asID)
	}
	return s.digits(seg, asAny)
}

// nameSegment is what stands behind "members/": all words of it are replaced.
func (s *Scrubber) nameSegment(seg string) string {
	base, end, ok := cutExtension(seg)
	out := s.mixed(base, true)
	if ok {
		return out + end
	}
	return out
}

func cutExtension(seg string) (base, end string, ok bool) {
	if i := strings.LastIndexByte(seg, '.'); i > 0 && (isExtension(seg[i+1:]) || strings.EqualFold(seg[i+1:], "json") || strings.EqualFold(seg[i+1:], "rss")) {
		return seg[:i], seg[i:], true
	}
	return seg, "", false
}

// isAddressOnly tells segments that hold no words but those of addresses.
func (s *Scrubber) isAddressOnly(seg string) bool {
	toks := tokens(seg)
	for i := 0; i < len(toks); i++ {
		if toks[i].kind != word && toks[i].kind != number {
			continue
		}
		end := runOf(toks, i)
		if !s.isAddressWord(toks[i:end]) {
			return false
		}
		i = end - 1
	}
	return true
}

// isAddressWord tells a word of addresses, one with the number of what it
// names ("t12", "phpbb3"), and a number.
func (s *Scrubber) isAddressWord(run []token) bool {
	first := strings.ToLower(run[0].text)
	switch {
	case len(run) == 1:
		return run[0].kind == number || s.tables.address[first]
	case len(run) == 2 && run[0].kind == word:
		return glued[first] || s.tables.address[first] && !s.people[first+run[1].text]
	}
	return false
}

// pieces replaces a segment, a query's value or a file name. One that is made
// of nothing but words of addresses keeps them.
func (s *Scrubber) pieces(seg string, slug bool) string {
	if s.learning && slug {
		s.learnSlug(seg)
	}
	if s.isAddressOnly(seg) && !s.isContent(seg) {
		return s.fixed(seg)
	}
	base, end, ok := cutExtension(seg)
	out := s.mixed(base, false)
	if ok {
		return out + end
	}
	return out
}

// fixed keeps the words of a segment and replaces its ids.
func (s *Scrubber) fixed(seg string) string {
	toks := tokens(seg)
	s.gluedIDs(toks)
	for i := range toks {
		if toks[i].kind != number || toks[i].done {
			continue
		}
		toks[i].text = s.digits(toks[i].text, s.roleIn(toks, i))
	}
	return join(toks)
}

// roleIn is what digits within a segment stand for, by what stands before
// them: "page-3", "topic,12.30", "index-s20", "thread-12".
func (s *Scrubber) roleIn(toks []token, i int) role {
	before := ""
	for n := i - 1; n >= 0 && before == ""; n-- {
		if toks[n].kind == word || toks[n].kind == number {
			before = strings.ToLower(toks[n].text)
		}
	}
	switch {
	case i == 0:
		return s.leading(toks)
	case i == 4 && rewritten[strings.ToLower(toks[0].text)] && isDigits(toks[2].text) && toks[i-1].text == "-":
		s.place(toks[i].text) // Discuz: "thread-12-3-1.html"
		return asPlace
	case isDigits(before) && toks[i-1].text == ".":
		if toks[0].kind == word {
			return asPlace // SMF: "topic,12.30"
		}
		return asID // XenForo, of an account that is called by a number
	case before == "page" || before == "index" || before == "st" || before == "s" || before == "start" || before == "pg":
		s.place(toks[i].text)
		return asPlace
	case s.numbered && before == "post":
		return asPlace
	case glued[before]:
		return asID
	}
	return asAny
}

// leading is the role of digits that begin a segment: an id where a slug
// follows.
func (s *Scrubber) leading(toks []token) role {
	if len(toks) > 1 && (toks[1].text == "-" || toks[1].text == "_") {
		return asID
	}
	return asAny
}

// mixed replaces the words and ids of a slug. Digits behind the last point, or
// before the first hyphen, are an id.
func (s *Scrubber) mixed(seg string, force bool) string {
	toks := tokens(seg)
	s.gluedIDs(toks)
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.done || t.kind != word && t.kind != number:
			continue
		case t.kind == number && (i == 0 || toks[i-1].kind != word) && (i+1 == len(toks) || toks[i+1].kind != word):
			toks[i].text, toks[i].done = s.digits(asciiOf(t.text), s.slugRole(toks, i)), true
			continue
		case solid(t):
			s.solidRun(toks, i)
			continue
		}
		end := runOf(toks, i)
		if end == i+1 && !force && s.stays(strings.ToLower(t.text)) {
			continue
		}
		s.replaceRun(toks[i:end])
		i = end - 1
	}
	return join(toks)
}

func (s *Scrubber) slugRole(toks []token, i int) role {
	switch {
	case i > 0 && toks[i-1].text == "." && i+1 == len(toks):
		return asID
	case i == 0:
		return s.leading(toks)
	}
	return s.roleIn(toks, i)
}

// gluedIDs replaces ids whose letters say of what: "t1234", "post345", and the
// numbers of pages behind a slug: "-s30".
func (s *Scrubber) gluedIDs(toks []token) {
	for i := 0; i+1 < len(toks); i++ {
		if toks[i].kind != word || toks[i+1].kind != number || i > 0 && toks[i-1].kind == number || i+2 < len(toks) && toks[i+2].kind == word {
			continue
		}
		switch w := strings.ToLower(toks[i].text); {
		case w == "post" && i > 1 && toks[0].kind == number && len(toks[i+1].text) <= 4:
			s.place(toks[i+1].text) // vBSEO: the post's place behind its id
		case w == "page" || w == "s" || w == "index" || w == "st":
			s.place(toks[i+1].text)
		case glued[w]:
			toks[i+1].text = s.digits(toks[i+1].text, asID)
		default:
			continue
		}
		toks[i].done, toks[i+1].done = true, true
	}
}

// query replaces the values of a query; keys stay, but for those that are a
// path.
func (s *Scrubber) query(raw, path string) string {
	var b strings.Builder
	for raw != "" {
		end := strings.IndexAny(raw, "&;")
		if end < 0 {
			end = len(raw)
		}
		if end >= 0 && strings.HasPrefix(raw[end:], "&amp;") {
			b.WriteString(s.pair(raw[:end], path) + "&amp;")
			raw = raw[end+5:]
			continue
		}
		b.WriteString(s.pair(raw[:end], path))
		if end < len(raw) {
			b.WriteByte(raw[end])
			end++
		}
		raw = raw[end:]
	}
	return b.String()
}

func (s *Scrubber) pair(raw, path string) string {
	if ids := reListed.FindString(raw); ids != "" {
		return s.listed(ids) + raw[len(ids):]
	}
	key, value, ok := strings.Cut(raw, "=")
	if !ok {
		if sep := strings.IndexByte(raw, ','); sep > 0 && !strings.Contains(raw, "/") {
			return raw[:sep+1] + s.value(raw[:sep], raw[sep+1:], path) // SMF: action,profile
		}
		return s.path(raw, "")
	}
	if strings.Contains(key, "/") {
		key = s.path(key, "")
	}
	return key + "=" + s.value(key, value, path)
}

// reListed are ids that a query lists without keys (Phorum: "3,812,page=2").
var reListed = regexp.MustCompile(`^\d+(?:,\d+)+`)

func (s *Scrubber) listed(ids string) string {
	parts := strings.Split(ids, ",")
	for i := range parts {
		parts[i] = s.digits(parts[i], asID)
	}
	return strings.Join(parts, ",")
}

func (s *Scrubber) value(key, raw, path string) string {
	v := raw
	if strings.ContainsAny(raw, "%+") {
		if u, err := url.QueryUnescape(raw); err == nil {
			v = u
		}
	}
	out := s.plainValue(strings.ToLower(key), v, path)
	if v != raw {
		return url.QueryEscape(out)
	}
	return out
}

func (s *Scrubber) plainValue(key, v, path string) string {
	switch {
	case v == "":
		return v
	case strings.Contains(v, "://") || strings.HasPrefix(v, "/"):
		return s.link(v)
	case strings.Contains(v, "@") && reAddress.MatchString(v):
		return s.text(v)
	case isDigits(v):
		return s.digits(v, s.valueRole(key, v, path))
	case (key == "topic" || key == "board") && v[0] >= '0' && v[0] <= '9':
		return s.offset(v)
	}
	return s.pieces(v, key == "q" || key == "s" || key == "search" || key == "keywords")
}

func (s *Scrubber) valueRole(key, v, path string) role {
	switch {
	case key == "page" || key == "pageno" || key == "start" || key == "pg" || key == "st":
		s.place(v)
		return asPlace
	case key == "p" && (len(v) <= 3 || strings.Contains(path, "viewtopic.php") && s.pagesByP()):
		if strings.Contains(path, "viewtopic") && !s.pagesByP() || strings.Contains(path, "showthread") {
			return asID
		}
		s.place(v)
		return asPlace
	case idKeys[key]:
		return asID
	case placeKeys[key] && len(v) < 7:
		return asPlace
	}
	return asAny
}

// pagesByP tells the programs that write "p" for the page where others write it
// for a post.
func (s *Scrubber) pagesByP() bool { return s.engine == "fluxbb" || s.engine == "punbb" }

// offset replaces "12.30" and "12.msg345": the id of a topic and a place in it.
func (s *Scrubber) offset(v string) string {
	id, rest, ok := strings.Cut(v, ".")
	out := s.fixedID(id)
	if !ok {
		return out
	}
	if isDigits(rest) {
		return out + "." + rest
	}
	return out + "." + s.fixed(rest)
}

func (s *Scrubber) fixedID(id string) string {
	if isDigits(id) {
		return s.digits(id, asID)
	}
	return s.pieces(id, false)
}

// fragment replaces the ids of a fragment.
func (s *Scrubber) fragment(raw string) string {
	if strings.ContainsAny(raw, "/=") && !strings.Contains(raw, " ") {
		return s.path(raw, "")
	}
	if reSlugID.MatchString(raw) {
		return s.segment(raw, "", "", false) // XenForo: a category on the index, "#slug.12"
	}
	return s.ident(raw)
}

var reSlugID = regexp.MustCompile(`^[^\s.]+\.\d+$`)
