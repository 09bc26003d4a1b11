package sealed

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	siv "github.com/tink-crypto/tink-go/v2/daead/subtle"
)

// A Wrapper keeps the key-encryption key: a file, or a token that never gives it
// out. It is asked when a ring is opened or changed, not for each blob.
type Wrapper interface {
	// ID tells one key from another; it says nothing about the key.
	ID() string

	Wrap(ctx context.Context, secret []byte) ([]byte, error)

	// Unwrap returns what was wrapped. The error of what was not wrapped by this
	// key wraps [ErrWrapper].
	Unwrap(ctx context.Context, wrapped []byte) ([]byte, error)
}

// Errors of rings and the keys around them.
var (
	ErrWrapper = errors.New("the key does not open the ring")
	ErrRing    = errors.New("the ring of keys cannot be used")
	ErrOpen    = errors.New("the key file may be read by others")
)

// A Ring holds the keys of a sealed store. It may be used concurrently.
type Ring struct {
	keys  []ringKey // the newest last; it alone seals
	names *siv.AESSIV

	nameKey []byte
}

type ringKey struct {
	id     [idSize]byte
	made   time.Time
	secret []byte
}

func (r *Ring) newest() ringKey { return r.keys[len(r.keys)-1] }

func (r *Ring) key(id [idSize]byte) *ringKey {
	for i := range r.keys {
		if r.keys[i].id == id {
			return &r.keys[i]
		}
	}
	return nil
}

// Keys returns how many keys the ring has, and when the newest was made.
func (r *Ring) Keys() (n int, newest time.Time) { return len(r.keys), r.newest().made }

// NewRing makes a ring with one key.
func NewRing(now time.Time) (*Ring, error) {
	r := &Ring{nameKey: make([]byte, siv.AESSIVKeySize)}
	rand.Read(r.nameKey)
	r.Add(now)
	return r, r.prepare()
}

func (r *Ring) prepare() (err error) {
	r.names, err = siv.NewAESSIV(r.nameKey)
	return err
}

// Add adds a key: what is sealed from now on is sealed with it. What was sealed
// before is read with the earlier ones.
func (r *Ring) Add(now time.Time) {
	k := ringKey{made: now, secret: make([]byte, keySize)}
	rand.Read(k.id[:])
	rand.Read(k.secret)
	r.keys = append(r.keys, k)
}

// ringFile is how a ring is written: every key wrapped, none in the clear.
type ringFile struct {
	Version int       `json:"version"`
	By      string    `json:"wrappedBy"` // [Wrapper.ID]
	Names   []byte    `json:"names"`
	Keys    []fileKey `json:"keys"`
}

type fileKey struct {
	ID      string    `json:"id"`
	Made    time.Time `json:"made"`
	Wrapped []byte    `json:"wrapped"`
}

// Write gives the ring as bytes, its keys wrapped by w. They are not secret, and
// belong into every backup: without them nothing can be read any more.
func (r *Ring) Write(ctx context.Context, w Wrapper) ([]byte, error) {
	f := ringFile{Version: 1, By: w.ID()}
	var err error
	if f.Names, err = w.Wrap(ctx, r.nameKey); err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	for _, k := range r.keys {
		wrapped, err := w.Wrap(ctx, append(k.id[:len(k.id):len(k.id)], k.secret...))
		if err != nil {
			return nil, fmt.Errorf("wrap: %w", err)
		}
		f.Keys = append(f.Keys, fileKey{hex.EncodeToString(k.id[:]), k.made.UTC().Truncate(time.Second), wrapped})
	}
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

// maxRing is the most bytes of a ring.
const maxRing = 1 << 20

// ReadRing reads what [Ring.Write] wrote. A key that does not open it gives an
// error that wraps [ErrWrapper]; anything else that is wrong, [ErrRing].
func ReadRing(ctx context.Context, b []byte, w Wrapper) (*Ring, error) {
	var f ringFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil || len(b) > maxRing {
		return nil, fmt.Errorf("%w: it is damaged: %w", ErrRing, err)
	}
	switch {
	case f.Version != 1:
		return nil, fmt.Errorf("%w: version %d: use a newer program", ErrRing, f.Version)
	case len(f.Keys) == 0:
		return nil, fmt.Errorf("%w: it has no keys", ErrRing)
	case f.By != w.ID():
		return nil, fmt.Errorf("%w: it was wrapped by %s, this is %s", ErrWrapper, f.By, w.ID())
	}
	r := &Ring{}
	var err error
	if r.nameKey, err = w.Unwrap(ctx, f.Names); err != nil {
		return nil, err
	}
	if len(r.nameKey) != siv.AESSIVKeySize {
		return nil, fmt.Errorf("%w: key of the names", ErrRing)
	}
	for _, k := range f.Keys {
		secret, err := w.Unwrap(ctx, k.Wrapped)
		if err != nil {
			return nil, err
		}
		if len(secret) != idSize+keySize || hex.EncodeToString(secret[:idSize]) != k.ID {
			return nil, fmt.Errorf("%w: key %s", ErrRing, k.ID)
		}
		r.keys = append(r.keys, ringKey{[idSize]byte(secret[:idSize]), k.Made, secret[idSize:]})
	}
	return r, r.prepare()
}

// A fileKEK is a key-encryption key of 32 bytes.
type fileKEK struct{ key []byte }

// NewKey makes the text of a key file: 64 hexadecimal digits.
func NewKey() []byte {
	b := make([]byte, keySize)
	rand.Read(b)
	return append([]byte(hex.EncodeToString(b)), '\n')
}

// FileWrapper reads a key-encryption key from a file that is its owner's alone
// (0600 or less, the owner being this process's user or root), and wraps with
// AES-256-GCM.
func FileWrapper(path string) (Wrapper, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	owner, _ := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is no file", ErrOpen, path)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%w: %s is %v, want 0600", ErrOpen, path, info.Mode().Perm())
	case owner != nil && int(owner.Uid) != os.Geteuid() && owner.Uid != 0:
		return nil, fmt.Errorf("%w: %s belongs to another user", ErrOpen, path)
	}
	text := make([]byte, 2*keySize+2)
	n, err := f.Read(text)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer clear(text)
	key, digits := make([]byte, keySize), bytes.TrimRight(text[:n], "\r\n")
	if len(digits) != hex.EncodedLen(keySize) {
		return nil, fmt.Errorf("key file %s does not hold 64 hexadecimal digits", path)
	} else if _, err := hex.Decode(key, digits); err != nil { // whose text would show a digit
		return nil, fmt.Errorf("key file %s does not hold 64 hexadecimal digits", path)
	}
	return &fileKEK{key}, nil
}

func (k *fileKEK) ID() string {
	sum := sha256.Sum256(append([]byte("sohoa key-encryption key\x00"), k.key...))
	return "file-" + hex.EncodeToString(sum[:8])
}

func (k *fileKEK) Wrap(_ context.Context, secret []byte) ([]byte, error) {
	aead, err := gcm(k.key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, secret, []byte("sohoa ring")), nil
}

func (k *fileKEK) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	aead, err := gcm(k.key)
	if err != nil {
		return nil, err
	}
	if len(wrapped) < nonceSize {
		return nil, fmt.Errorf("%w: it is damaged", ErrRing)
	}
	secret, err := aead.Open(nil, wrapped[:nonceSize], wrapped[nonceSize:], []byte("sohoa ring"))
	if err != nil {
		return nil, ErrWrapper
	}
	return secret, nil
}
