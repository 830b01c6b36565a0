package archive

import (
	"maps"
	"net/http"
	"path"
)

const (
	maxHeldBody = 1 << 20  // a larger body is not kept for revisits
	maxHeld     = 32 << 20 // bytes of all kept bodies
)

// held keeps recent pages for the revisit records that refer to them; the
// oldest go first. The zero value is ready.
type held struct {
	byDigest, byURL map[string]*Exchange
	queue           []heldKey
	bytes           int
}

type heldKey struct {
	digests [2]string
	url     string
	e       *Exchange
}

// keep holds a page's exchange; other media are not read, so not kept.
func (h *held) keep(rec *record, e Exchange) {
	if len(e.Body) > maxHeldBody || len(e.Body) == 0 || !isPage(e.Header.Get("Content-Type"), e.Body) {
		return
	}
	if h.byURL == nil {
		h.byDigest, h.byURL = map[string]*Exchange{}, map[string]*Exchange{}
	}
	k := heldKey{url: e.URL, e: &e, digests: [2]string{digestKey(digest(e.Body)), digestKey(rec.header.Get("WARC-Payload-Digest"))}}
	for _, d := range k.digests {
		if d != "" {
			h.byDigest[d] = &e
		}
	}
	h.byURL[k.url] = &e
	h.queue = append(h.queue, k)
	for h.bytes += len(e.Body); h.bytes > maxHeld; {
		h.drop()
	}
}

func (h *held) drop() {
	k := h.queue[0]
	h.queue[0] = heldKey{}
	h.queue = h.queue[1:]
	h.bytes -= len(k.e.Body)
	for _, d := range k.digests {
		if h.byDigest[d] == k.e {
			delete(h.byDigest, d)
		}
	}
	if h.byURL[k.url] == k.e {
		delete(h.byURL, k.url)
	}
}

// revive gives a revisit record the body that it refers to (WARC 1.1 section
// 6.7): by digest where the payload was identical, by URL where the server said
// "not modified". Other profiles are not interpreted.
func (h *held) revive(rec *record) (Exchange, bool) {
	var from *Exchange
	notModified := false
	switch path.Base(rec.header.Get("WARC-Profile")) {
	case "identical-payload-digest":
		from = h.byDigest[digestKey(rec.header.Get("WARC-Payload-Digest"))]
	case "server-not-modified":
		notModified = true
		if from = h.byURL[bare(rec.header.Get("WARC-Refers-To-Target-URI"))]; from == nil {
			from = h.byURL[rec.url()]
		}
	}
	if from == nil {
		return Exchange{}, false
	}
	e := *from
	e.URL, e.FetchedAt, e.RemoteIP = rec.url(), rec.date(), rec.header.Get("WARC-IP-Address")
	e.Method, e.RequestHeader = "", nil
	e.Header = from.Header.Clone()
	now := Exchange{}
	if len(rec.block) == 0 || now.setResponse(rec.block) != nil {
		return e, true
	}
	if notModified {
		e.update(now.Header)
		return e, true
	}
	e.Status, e.StatusText, e.Proto, e.Header = now.Status, now.StatusText, now.Proto, now.Header
	return e, true
}

// update takes over what a 304 response says anew (RFC 9111 section 3.2).
func (e *Exchange) update(h http.Header) {
	for _, k := range []string{"Content-Length", "Content-Encoding", "Content-Type", "Content-Range"} {
		h.Del(k)
	}
	maps.Copy(e.Header, h)
}
