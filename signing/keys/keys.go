// Package keys opens the keys that sign, wherever they are, and says how often
// each may.
//
// A [Source] names a key: a PKCS#12 file (RFC 7292), a key on a token (a
// pkcs11: URI, RFC 7512), or one that a signing service keeps. A [PIN] is what
// opens it: from a file that nobody else may read, from a credential that
// systemd hands over, or typed; never an argument, never a variable of the
// environment, and overwritten after use as far as Go lets us. [Limits] are data:
// uses per period, days that must be left. A [Gate] holds a key to them before
// an intent is recorded.
package keys

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/text/unicode/norm"
	"software.sslmate.com/src/go-pkcs12"

	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/keys/pkcs11"
)

// maxFile is the most bytes of a key file that are read.
const maxFile = 1 << 20

// A Source says where a key is and what opens it.
type Source struct {
	Address string // path of a PKCS#12 file, a pkcs11: URI, or csc: and the path of a service's settings
	PIN     PIN    // or password; nil: what the address names

	// Certificates are those that are not with the key: its own if a token does
	// not hold it, and those who issued it.
	Certificates []*x509.Certificate

	Environment map[string]string // for PKCS#11 libraries
	Credentials string            // directory of systemd's credentials
	Now         func() time.Time  // for how long a service's access token is good; nil: each is fetched anew
}

// Held is an open key. Its Signer may have a method Ready() error.
type Held struct {
	signing.Key
	close func()
}

// Close lets go of the key: of the token's session, or of the memory it is in.
func (h *Held) Close() {
	if h != nil && h.close != nil {
		h.close()
		h.close = nil
	}
}

// Open opens a key and checks it but for its days. A key on a token or at a
// service works as long as ctx does. The error wraps [ErrOpen], [ErrPIN],
// [signing.ErrKey], or what [pkcs11] and [csc] say.
func Open(ctx context.Context, s Source) (*Held, error) {
	h, err := open(ctx, s)
	if err == nil {
		if err = check(h.Key); err == nil {
			return h, nil
		}
		h.Close()
	}
	return nil, fmt.Errorf("open key %s: %w", s.Name(), err)
}

// Name is the address without what only the opening needs.
func (s Source) Name() string {
	if a, err := pkcs11.Parse(s.Address); err == nil {
		return a.String()
	}
	return s.Address
}

func open(ctx context.Context, s Source) (*Held, error) {
	switch {
	case strings.HasPrefix(s.Address, pkcs11.Scheme):
		return onToken(ctx, s)
	case strings.HasPrefix(s.Address, csc.Scheme):
		return atService(ctx, s)
	}
	if s.PIN == nil {
		return nil, fmt.Errorf("%w: a PKCS#12 file needs its password", ErrPIN)
	}
	password, err := s.PIN()
	if err != nil {
		return nil, err
	}
	defer clear(password)
	k, err := inFile(s.Address, password)
	if err != nil {
		return nil, err
	}
	h := &Held{Key: k}
	h.close = func() { h.Signer = nil }
	return h, nil
}

// Load opens the PKCS#12 file at path with the password in passwordFile, whose
// trailing line end does not count. The key is checked but for its days; the
// error wraps [ErrOpen], [ErrPIN], or [signing.ErrKey] for a key that may not
// sign.
func Load(path, passwordFile string) (signing.Key, error) {
	password, err := FromFile(passwordFile)()
	if err != nil {
		return signing.Key{}, err
	}
	defer clear(password)
	k, err := inFile(path, password)
	if err == nil {
		err = check(k)
	}
	if err != nil {
		return signing.Key{}, fmt.Errorf("open key %s: %w", path, err)
	}
	return k, nil
}

// inFile opens a PKCS#12 file. A password in Vietnamese may have been typed
// composed or decomposed when the file was made; both are tried.
func inFile(path string, password []byte) (k signing.Key, err error) {
	file, err := read(path)
	if err != nil {
		return k, err
	}
	typed := unsafe.String(unsafe.SliceData(password), len(password)) // no copy that could not be cleared
	for _, p := range []string{typed, norm.NFC.String(typed), norm.NFD.String(typed)} {
		private, leaf, others, wrong := pkcs12.DecodeChain(file, p)
		if err = wrong; errors.Is(err, pkcs12.ErrIncorrectPassword) {
			err = fmt.Errorf("%w: the password of the file is another", ErrPIN)
			continue
		} else if err != nil {
			return k, err
		}
		signer, ok := private.(crypto.Signer)
		if !ok {
			return k, fmt.Errorf("%w: %T", signing.ErrKey, private)
		}
		return signing.Key{Signer: signer, Chain: chain(leaf, others)}, nil
	}
	return k, err
}

func onToken(ctx context.Context, s Source) (*Held, error) {
	address, err := pkcs11.Parse(s.Address)
	if err != nil {
		return nil, err
	}
	pin := s.PIN
	if pin == nil {
		if pin, err = ParsePIN(address.PINSource, s.Credentials); err != nil {
			return nil, err
		}
	}
	if pin == nil {
		return nil, fmt.Errorf("%w: a token needs it", ErrPIN)
	}
	o := pkcs11.Options{Address: address, PIN: pin, Environment: s.Environment}
	if len(s.Certificates) > 0 && !s.Certificates[0].IsCA {
		o.Certificate = s.Certificates[0]
	}
	t, err := pkcs11.Open(ctx, o)
	switch {
	case errors.Is(err, pkcs11.ErrPIN):
		return nil, fmt.Errorf("%w: %w", ErrPIN, err)
	case errors.Is(err, pkcs11.ErrKey):
		return nil, fmt.Errorf("%w: %w", signing.ErrKey, err)
	case err != nil:
		return nil, err
	}
	return &Held{signing.Key{Signer: t, Chain: chain(t.Certificate(), s.Certificates)}, t.Close}, nil
}

func atService(ctx context.Context, s Source) (*Held, error) {
	at := strings.TrimPrefix(s.Address, csc.Scheme)
	b, err := read(at)
	if err != nil {
		return nil, err
	}
	settings, err := csc.Parse(b)
	if err != nil {
		return nil, err
	}
	secret, err := FromFile(beside(at, settings.SecretFile))()
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	settings.Now = s.Now
	if settings.Roots != "" {
		pem, err := read(beside(at, settings.Roots))
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%w: %s holds no certificate", csc.ErrSettings, settings.Roots)
		}
		settings.HTTP = csc.Client(roots, settings.Named())
	}
	c, err := csc.Open(ctx, settings, secret, s.PIN)
	if err != nil {
		return nil, err
	}
	certs := c.Chain()
	return &Held{signing.Key{Signer: c, Chain: chain(certs[0], append(certs[1:], s.Certificates...))}, c.Close}, nil
}

// beside reads a path in a file as seen from that file.
func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// check holds a key to what may sign here, whatever the day.
func check(k signing.Key) error {
	if len(k.Chain) == 0 || k.Signer == nil {
		return fmt.Errorf("%w: it is incomplete", signing.ErrKey)
	}
	if err := Fit(k.Signer.Public()); err != nil {
		return err
	}
	return k.Check(k.Chain[0].NotBefore)
}

// Fit returns nil for a key of a kind that every reader of signatures takes: RSA
// of 2048 bits or more, P-256, P-384. The error wraps [signing.ErrKey] and says
// what is wrong with another.
func Fit(pub crypto.PublicKey) error {
	what := fmt.Sprintf("%T", pub)
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= 2048 {
			return nil
		}
		what = fmt.Sprintf("RSA of %d bits is too short: 2048 are asked", k.N.BitLen())
	case *ecdsa.PublicKey:
		name := k.Curve.Params().Name
		if name == "P-256" || name == "P-384" {
			return nil
		}
		what = fmt.Sprintf("the curve %s is not used: P-256 or P-384 is asked", name)
	case ed25519.PublicKey:
		what = "Ed25519 is refused by too many readers of PDF: RSA, P-256 or P-384 is asked"
	}
	return fmt.Errorf("%w: %s", signing.ErrKey, what)
}

// chain puts certificates in the order in which each vouches for the one
// before; those that vouch for none are left out.
func chain(leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	out := []*x509.Certificate{leaf}
	for last := leaf; len(out) <= len(others); {
		next := issuer(last, others)
		if next == nil || next.Equal(last) {
			break
		}
		out = append(out, next)
		last = next
	}
	return out
}

func issuer(of *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, c := range among {
		if of.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

func readAll(f *os.File) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s: larger than %d bytes", f.Name(), maxFile)
	}
	return b, err
}
