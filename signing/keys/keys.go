// Package keys opens the keys that sign. A key file is PKCS#12 (RFC 7292), its
// password in a file beside it that nobody else may read: never an argument,
// never a variable of the environment.
package keys

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"sohoa/signing"
)

// ErrOpen: the file of a password may be read by others.
var ErrOpen = errors.New("password file may be read by others")

// maxFile is the most bytes of a key file that are read.
const maxFile = 1 << 20

// Load opens the PKCS#12 file at path with the password in passwordFile, whose
// trailing line end does not count. The key is checked but for its days; the
// error wraps [ErrOpen], or [signing.ErrKey] for a key that may not sign.
func Load(path, passwordFile string) (signing.Key, error) {
	password, err := secret(passwordFile)
	if err != nil {
		return signing.Key{}, err
	}
	file, err := read(path)
	if err != nil {
		return signing.Key{}, err
	}
	private, leaf, others, err := pkcs12.DecodeChain(file, password)
	if err != nil {
		return signing.Key{}, fmt.Errorf("open key %s: %w", path, err)
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return signing.Key{}, fmt.Errorf("open key %s: %w: %T", path, signing.ErrKey, private)
	}
	k := signing.Key{Signer: signer, Chain: chain(leaf, others)}
	if err := k.Check(leaf.NotBefore); err != nil {
		return signing.Key{}, fmt.Errorf("open key %s: %w", path, err)
	}
	return k, nil
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

func secret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("password file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%w: %s is %v, want 0600", ErrOpen, path, info.Mode().Perm())
	}
	b, err := read(path)
	return strings.TrimRight(string(b), "\r\n"), err
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s: larger than %d bytes", path, maxFile)
	}
	return b, err
}
