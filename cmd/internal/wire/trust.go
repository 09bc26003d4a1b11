package wire

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa/signing/devca"
	"sohoa/storage/durable"
	"sohoa/web"
)

// A Trust is the directory of the roots that are believed: one PEM file each,
// with lines before the certificate that say who added it, when and why.
//
//	Added-By: Lê Quỳnh Khuê
//	Added-At: 2026-11-21T08:00:00+07:00
//	Why: Bộ TTTT công bố ngày 01/11/2026
//
// A root that nobody stands for is not believed: the house does not start. So
// it is with a root of a development authority: it is believed because the
// house is one for trying out, never by this list. Revocation lists may lie
// beside the roots as *.crl; they are read anew for each verdict.
type Trust struct {
	dir   string
	roots []Anchor
}

// An Anchor is a root that is believed.
type Anchor struct {
	File    string
	By, Why string
	At      time.Time
	Cert    *x509.Certificate
}

// ErrAnchor: a file in the directory of roots is none that may be believed.
var ErrAnchor = errors.New("cannot be believed as a root")

// OpenTrust reads the roots in dir. That there is no such directory is no error.
func OpenTrust(dir string) (*Trust, error) {
	t := &Trust{dir: dir}
	files, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("roots: %w", err)
		}
		a, err := anchor(b)
		if err != nil {
			return nil, fmt.Errorf("roots: %s: %w", path, err)
		}
		a.File = filepath.Base(path)
		t.roots = append(t.roots, a)
	}
	return t, nil
}

// anchor reads a root with what stands before it.
func anchor(b []byte) (a Anchor, err error) {
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "CERTIFICATE" {
		return a, fmt.Errorf("%w: it holds no certificate", ErrAnchor)
	}
	if a.Cert, err = checkRoot(block.Bytes); err != nil {
		return a, err
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "-----") {
		key, value, _ := strings.Cut(lines.Text(), ":")
		switch value = strings.TrimSpace(value); key {
		case "Added-By":
			a.By = value
		case "Added-At":
			a.At, err = time.Parse(time.RFC3339, value)
		case "Why":
			a.Why = value
		}
	}
	if a.By == "" || err != nil || a.At.IsZero() {
		return a, fmt.Errorf("%w: it does not say who added it and when; add it with sohoa trust add, or write the lines Added-By and Added-At before it", ErrAnchor)
	}
	return a, nil
}

// checkRoot says whether a certificate may be a root: of an authority, signed
// by itself, and not for development.
func checkRoot(der []byte) (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(der)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrAnchor, err)
	case !cert.IsCA || cert.CheckSignatureFrom(cert) != nil:
		return nil, fmt.Errorf("%w: it is not the root of an authority", ErrAnchor)
	case strings.Contains(cert.Subject.String(), devca.Warning) || slices.ContainsFunc(cert.Subject.OrganizationalUnit, isDev):
		return nil, fmt.Errorf("%w: it is for development and has no legal value", ErrAnchor)
	}
	return cert, nil
}

// Add puts a root into the directory, in the name of by, and returns it. The
// same root a second time is an error: who added it first stands for it.
func (t *Trust) Add(der []byte, by, why string, at time.Time) (Anchor, error) {
	cert, err := checkRoot(der)
	if err != nil {
		return Anchor{}, err
	}
	line := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if by = line(by); by == "" {
		return Anchor{}, fmt.Errorf("%w: nobody is named who adds it", ErrAnchor)
	}
	a := Anchor{File: fmt.Sprintf("%x.pem", sha256.Sum256(der)), By: by, Why: line(why), At: at, Cert: cert}
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return a, err
	}
	text := fmt.Sprintf("Subject: %s\nAdded-By: %s\nAdded-At: %s\nWhy: %s\n%s", line(cert.Subject.String()), a.By, at.Format(time.RFC3339), a.Why,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	err = durable.New(filepath.Join(t.dir, a.File), []byte(text), 0o600)
	if errors.Is(err, fs.ErrExist) {
		return a, fmt.Errorf("%w: it is there already", ErrAnchor)
	} else if err != nil {
		return a, err
	}
	t.roots = append(t.roots, a)
	return a, nil
}

// Anchors lists the roots.
func (t *Trust) Anchors() []Anchor { return slices.Clone(t.roots) }

// Roots returns the roots, DER.
func (t *Trust) Roots() (ders [][]byte) {
	for _, a := range t.roots {
		ders = append(ders, a.Cert.Raw)
	}
	return ders
}

// maxListed is the most bytes of a revocation list that is read.
const maxListed = 64 << 20

// Lists returns the revocation lists beside the roots, DER.
func (t *Trust) Lists() (ders [][]byte, err error) {
	files, err := filepath.Glob(filepath.Join(t.dir, "*.crl"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		if info, err := os.Stat(path); err != nil || info.Size() > maxListed {
			return nil, fmt.Errorf("revocation list %s cannot be read, or is larger than %d bytes: %w", path, maxListed, err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if block, _ := pem.Decode(b); block != nil {
			b = block.Bytes
		}
		ders = append(ders, b)
	}
	return ders, nil
}

// Shown is the list of roots as a page shows it.
func (t *Trust) Shown() []web.Root {
	var out []web.Root
	for _, a := range t.roots {
		out = append(out, web.Root{Name: a.Cert.Subject.CommonName, Sum: fmt.Sprintf("%x", sha256.Sum256(a.Cert.Raw)),
			By: a.By, At: a.At, Why: a.Why, Until: a.Cert.NotAfter})
	}
	return out
}
