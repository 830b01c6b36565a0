package privacy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The domains of pseudonyms: one value gives another pseudonym in each.
const (
	domainName        = "name"
	domainID          = "id"
	domainURL         = "url"
	domainFingerprint = "fingerprint"
	domainMark        = "mark"
)

// pseudonymURL is what the pseudonyms of addresses begin with.
const pseudonymURL = "urn:pseudonym:"

// Key makes pseudonyms. They hold within one site: who writes on two forums under
// one name is two people here.
type Key struct{ secret []byte }

// NewKey takes the secret of a study, of KeySize bytes or more.
func NewKey(secret []byte) (Key, error) {
	if len(secret) < KeySize {
		return Key{}, fmt.Errorf("%w: it has %d bytes, and %d are the least", ErrKey, len(secret), KeySize)
	}
	return Key{append([]byte(nil), secret...)}, nil
}

// IsZero tells whether there is no key.
func (k Key) IsZero() bool { return len(k.secret) == 0 }

// Fingerprint tells keys apart without giving them away.
func (k Key) Fingerprint() string { return hex.EncodeToString(k.sum(domainFingerprint, "", ""))[:16] }

// Name is the pseudonym of a name; case and spacing do not matter.
func (k Key) Name(site, name string) string {
	return k.short("author-", domainName, site, FoldName(name))
}

// ID is the pseudonym of an account's native id.
func (k Key) ID(site, id string) string { return k.short("p", domainID, site, id) }

// URL is the pseudonym of an address that tells who somebody is.
func (k Key) URL(site, address string) string {
	return k.short(pseudonymURL, domainURL, site, address)
}

// Mark is what a name, an id or a thread leaves of somebody who is forgotten.
func (k Key) Mark(site, kind, value string) string {
	return hex.EncodeToString(k.sum(domainMark, site, kind+"\x00"+value))
}

// short keeps 80 bits: one collision among a million people has odds of one in
// two million millions.
func (k Key) short(prefix, domain, site, value string) string {
	if value == "" {
		return ""
	}
	sum := k.sum(domain, site, value)
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

func (k Key) sum(domain, site, value string) []byte {
	mac := hmac.New(sha256.New, k.secret)
	for _, part := range []string{domain, site, value} {
		fmt.Fprintf(mac, "%d:%s", len(part), part) // no two lists of parts give the same bytes
	}
	return mac.Sum(nil)
}

// FoldName is a name without what people write it differently in: case, width,
// spacing, a leading @.
func FoldName(name string) string {
	name = norm.NFKC.String(strings.TrimPrefix(strings.TrimSpace(name), "@"))
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}
