package archive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"crypto/sha256"

	"filippo.io/age"
)

// ErrLocked marks a capture that is encrypted, and that the identity at hand, if
// there is one, does not open.
var ErrLocked = errors.New("the archive is encrypted")

// Recipients are the age recipients, public keys, that captures are encrypted to.
// Nil encrypts nothing.
type Recipients struct {
	names []string
	keys  []age.Recipient
}

// ParseRecipients reads recipients in age's own form: age1… and age1pq1…. No text
// gives nil.
func ParseRecipients(texts []string) (*Recipients, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	r := &Recipients{}
	for _, text := range texts {
		keys, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil || len(keys) != 1 {
			return nil, fmt.Errorf("%q is no age recipient: these begin with age1, and `forumine archive keygen` or age-keygen print one", text)
		}
		r.names, r.keys = append(r.names, strings.TrimSpace(text)), append(r.keys, keys[0])
	}
	if _, err := r.seal(nil); err != nil { // recipients of two kinds exclude one another
		return nil, err
	}
	return r, nil
}

// mark tells by a few bytes whether a file was begun for the same recipients.
func (r *Recipients) mark() uint32 { return markOf([]byte(strings.Join(r.names, "\n"))) }

func markOf(data []byte) uint32 {
	sum := sha256.Sum256(data)
	return binary.BigEndian.Uint32(sum[:])
}

// seal gives an age file of its own (age-encryption.org/v1).
func (r *Recipients) seal(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(plain) + 512)
	w, err := age.Encrypt(&out, r.keys...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("encrypting: %w", err)
	}
	return out.Bytes(), nil
}

// Identity opens what was encrypted to its recipient. Its file is read when
// something is to be opened, and not before. Nil opens nothing.
type Identity struct {
	load func() ([]byte, error)
	once sync.Once
	keys []age.Identity
	err  error
}

// NewIdentity gives the identity whose file, in age's own form, load reads.
func NewIdentity(load func() ([]byte, error)) *Identity { return &Identity{load: load} }

// Err says why the identity opens nothing, nil when it may open something. It
// matches ErrLocked.
func (i *Identity) Err() error {
	if i == nil {
		return fmt.Errorf("%w, and no identity was given to open it", ErrLocked)
	}
	i.once.Do(func() {
		raw, err := i.load()
		if err == nil {
			i.keys, err = age.ParseIdentities(bytes.NewReader(raw))
			if err != nil {
				err = errors.New("the identity file is none of age: its lines begin with AGE-SECRET-KEY-1") // age's own error may quote it
			}
		}
		if err != nil {
			i.err = fmt.Errorf("%w: %w", ErrLocked, err)
		}
	})
	return i.err
}

// open gives the plain bytes of an age file, length of them.
func (i *Identity) open(sealed []byte, length int64) ([]byte, error) {
	if err := i.Err(); err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), i.keys...)
	if _, none := errors.AsType[*age.NoIdentityMatchError](err); none {
		return nil, fmt.Errorf("%w to others: the identity that was given does not open it", ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, length+1))
	if err == nil && int64(len(plain)) != length {
		err = fmt.Errorf("it holds %d bytes or more, its head says %d", len(plain), length)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain, nil
}

// GenerateIdentity makes an age X25519 key pair: the text of an identity file,
// which is secret, and its recipient, which is not.
func GenerateIdentity() (file []byte, recipient string, err error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, "", fmt.Errorf("making an age identity: %w", err)
	}
	recipient = key.Recipient().String()
	return fmt.Appendf(nil, "# public key: %s\n%s\n", recipient, key), recipient, nil
}
