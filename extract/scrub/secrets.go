package scrub

import (
	"encoding/hex"
	"net/url"
	"strings"
)

// hiddenMail replaces an address that Cloudflare hides: hex, the first byte is
// the XOR key of the others.
func (s *Scrubber) hiddenMail(v string) string {
	raw, err := hex.DecodeString(v)
	if err != nil || len(raw) < 4 {
		return ""
	}
	mail := make([]byte, len(raw)-1)
	for i := range mail {
		mail[i] = raw[i+1] ^ raw[0]
	}
	out := append([]byte{raw[0]}, s.mail(strings.ToValidUTF8(string(mail), "x"))...)
	for i := range out[1:] {
		out[i+1] ^= raw[0]
	}
	return hex.EncodeToString(out)
}

// escapedJSON replaces JSON that is written with per cent signs.
func (s *Scrubber) escapedJSON(v string) string {
	plain, err := url.PathUnescape(v)
	if err != nil {
		return s.text(v)
	}
	out, ok := s.json(plain)
	if !ok {
		return s.text(v)
	}
	return url.PathEscape(out)
}
