package wire

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"sohoa/dossier/digest"
	"sohoa/signing/keys"
	"sohoa/signing/keys/pkcs11"
	"sohoa/storage/blob"
	"sohoa/storage/blob/sealed"
	"sohoa/storage/durable"
)

// A Seal says how the files of a store are encrypted.
type Seal struct {
	Ring string // the file of the ring: the keys of the files, wrapped
	Key  string // what they are wrapped by: file:PATH, or a pkcs11: URI of an RSA key
	PIN  string // of the token: file:PATH or credential:NAME

	Environment string // what its library wants to know: NAME=VALUE, with spaces between several
}

// openWrapper opens the key around a ring. done lets go of a token.
func openWrapper(ctx context.Context, o Seal, credentials string) (w sealed.Wrapper, done func(), err error) {
	if path, ok := strings.CutPrefix(o.Key, "file:"); ok {
		w, err := sealed.FileWrapper(path)
		return w, func() {}, err
	}
	if !strings.HasPrefix(o.Key, "pkcs11:") {
		return nil, nil, errors.New("the key of a ring is file:PATH or a pkcs11: URI")
	}
	address, err := pkcs11.Parse(o.Key)
	if err != nil {
		return nil, nil, err
	}
	ask, err := keys.ParsePIN(o.PIN, credentials)
	if err != nil {
		return nil, nil, err
	}
	if ask == nil {
		return nil, nil, errors.New("the token of a ring needs a PIN: file:PATH or credential:NAME")
	}
	environment := map[string]string{}
	for _, one := range strings.Fields(o.Environment) {
		name, value, _ := strings.Cut(one, "=")
		environment[name] = value
	}
	token, err := pkcs11.Open(ctx, pkcs11.Options{Address: address, PIN: ask, Environment: environment})
	if err != nil {
		return nil, nil, fmt.Errorf("key of the ring: %w", err)
	}
	return tokenWrapper{token}, token.Close, nil
}

// A tokenWrapper is a [sealed.Wrapper] on a token: it is asked when a ring is
// opened, and not again.
type tokenWrapper struct{ token *pkcs11.Token }

func (w tokenWrapper) ID() string {
	der, err := x509.MarshalPKIXPublicKey(w.token.Public())
	if err != nil {
		return "token"
	}
	sum := sha256.Sum256(der)
	return "token-" + hex.EncodeToString(sum[:8])
}

func (w tokenWrapper) Wrap(_ context.Context, secret []byte) ([]byte, error) {
	return w.token.Seal(secret)
}

func (w tokenWrapper) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	secret, err := w.token.Open(wrapped)
	if err != nil && !errors.Is(err, pkcs11.ErrUnavailable) && !errors.Is(err, pkcs11.ErrPIN) {
		err = fmt.Errorf("%w: %w", sealed.ErrWrapper, err)
	}
	return secret, err
}

// readRing opens the ring of a store.
func readRing(ctx context.Context, o Seal, credentials string) (*sealed.Ring, error) {
	w, done, err := openWrapper(ctx, o, credentials)
	if err != nil {
		return nil, err
	}
	defer done()
	b, err := os.ReadFile(o.Ring)
	if err != nil {
		return nil, fmt.Errorf("ring of keys: %w", err)
	}
	return sealed.ReadRing(ctx, b, w)
}

func openSealed(ctx context.Context, b blob.Base, o Seal, s Settings) (*sealed.Store, error) {
	ring, err := readRing(ctx, o, s.Credentials)
	if err != nil {
		return nil, fmt.Errorf("sealed store: %w", err)
	}
	return sealed.New(b, ring), nil
}

// NewRing makes a ring of keys, and, if the key around it is in a file that is
// not there, that too. It replaces neither.
func NewRing(ctx context.Context, s Settings, o Seal) error {
	if path, ok := strings.CutPrefix(o.Key, "file:"); ok {
		if err := durable.New(path, sealed.NewKey(), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	w, done, err := openWrapper(ctx, o, s.Credentials)
	if err != nil {
		return err
	}
	defer done()
	ring, err := sealed.NewRing(s.now())
	if err != nil {
		return err
	}
	text, err := ring.Write(ctx, w)
	if err != nil {
		return err
	}
	return durable.New(o.Ring, text, 0o600)
}

// Rekey wraps a ring by another key, or the same; fresh adds a key to it, which
// seals from the next start on. No file is touched. Broken off anywhere, the
// ring is the old one or the new one.
func Rekey(ctx context.Context, s Settings, o, by Seal, fresh bool) (count int, err error) {
	ring, err := readRing(ctx, o, s.Credentials)
	if err != nil {
		return 0, err
	}
	if path, ok := strings.CutPrefix(by.Key, "file:"); ok {
		if err := durable.New(path, sealed.NewKey(), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
			return 0, err
		}
	}
	w, done, err := openWrapper(ctx, by, s.Credentials)
	if err != nil {
		return 0, err
	}
	defer done()
	if fresh {
		ring.Add(s.now())
	}
	text, err := ring.Write(ctx, w)
	if err != nil {
		return 0, err
	}
	if _, err := sealed.ReadRing(ctx, text, w); err != nil { // before the only other one goes
		return 0, fmt.Errorf("read the new ring back: %w", err)
	}
	if err := durable.Replace(o.Ring, text, 0o600); err != nil {
		return 0, err
	}
	count, _ = ring.Keys()
	return count, nil
}

// Sealed is what sealing a store came to.
type Sealed struct {
	Sealed int64 `json:"sealed"`
	Bytes  int64 `json:"bytes"`
	Failed int64 `json:"failed"`
}

// SealPlace seals what lies in a store unsealed, each file read back before the
// unsealed one goes. Broken off, it does the rest when it is run again. Both a
// service and a copy may be working on it. The pace is in bytes a second; 0: no
// limit.
func SealPlace(ctx context.Context, s Settings, p Place, pace int64, failed func(digest.Digest, error)) (out Sealed, err error) {
	if p.Seal.Ring == "" {
		return out, errors.New("nothing says how: set …_SEAL_RING and …_SEAL_KEY of the store")
	}
	b, err := openBase(ctx, p, s)
	if err != nil {
		return out, err
	}
	store, err := openSealed(ctx, b, p.Seal, s)
	if err != nil {
		return out, err
	}
	err = store.Unsealed(ctx, func(d digest.Digest) error {
		began := s.now()
		n, err := store.Seal(ctx, d)
		switch {
		case errors.Is(err, blob.ErrUnavailable), ctx.Err() != nil:
			return err
		case err != nil:
			out.Failed++
			failed(d, err)
			return nil
		}
		out.Sealed, out.Bytes = out.Sealed+1, out.Bytes+n
		return rest(ctx, n, pace, s.now().Sub(began))
	})
	return out, err
}

// rest waits until n bytes have taken as long as they are to take.
func rest(ctx context.Context, n, pace int64, took time.Duration) error {
	if pace <= 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(float64(n)/float64(pace)*float64(time.Second)) - took):
		return nil
	}
}
