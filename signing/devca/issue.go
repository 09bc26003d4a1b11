package devca

import (
	"cmp"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"sohoa/pattern"
	"sohoa/storage/durable"
)

// names are what keys may be called: they become file names, and are no
// people's names.
var names = pattern.Late(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// iterations of PBKDF2. The password is 256 random bits, which nobody guesses:
// more iterations would cost each start of the house and protect nothing.
const iterations = 10000

// KeyPath returns where the key called name and its password are, or will be.
func (c *CA) KeyPath(name string) (key, password string) {
	at := filepath.Join(c.dir, "keys", name)
	return filepath.Join(at, "key.p12"), filepath.Join(at, "password")
}

// Issue makes a key for a person or an agency, called name. commonName is who
// signs with it, org whom they work for, empty if it is the agency itself. If
// there is such a key already, nothing happens: a key is not made twice.
func (c *CA) Issue(name, commonName, org string) error {
	if !names().MatchString(name) {
		return fmt.Errorf("issue: %q cannot be the name of a key", name)
	}
	path, _ := c.KeyPath(name)
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = c.issue(filepath.Dir(path), commonName, cmp.Or(org, commonName))
	}
	if err != nil {
		return fmt.Errorf("issue %s: %w", name, err)
	}
	return nil
}

func (c *CA) issue(dir, commonName, org string) error {
	h, err := c.certify(&c.issuing, template{cn: commonName, org: org, life: leafLife})
	if err != nil {
		return err
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	password := base64.RawURLEncoding.EncodeToString(random)
	file, err := pkcs12.Modern2023.WithIterations(iterations).Encode(h.key, h.cert,
		[]*x509.Certificate{c.issuing.cert, c.root.cert}, password)
	if err != nil {
		return err
	}
	return place(dir, map[string][]byte{"key.p12": file, "password": []byte(password + "\n")})
}

// place makes a directory with files, whole or not at all. If it is there
// already, somebody else was first and theirs counts.
func place(dir string, files map[string][]byte) error {
	aside, err := os.MkdirTemp(filepath.Dir(dir), ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	for name, b := range files {
		if err := durable.New(filepath.Join(aside, name), b, 0o600); err != nil {
			return err
		}
	}
	if err := durable.Settle(aside); err != nil {
		return err
	}
	if err := os.Rename(aside, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return durable.Settle(filepath.Dir(dir))
}

// A revoked certificate, as the list on disk keeps it.
type revoked struct {
	Serial string    `json:"serial"` // hexadecimal
	At     time.Time `json:"at"`
}

// Revoke puts a certificate of the issuing authority on its list, as of now.
func (c *CA) Revoke(cert *x509.Certificate) error {
	list, err := c.revoked()
	if err != nil {
		return err
	}
	serial := cert.SerialNumber.Text(16)
	if slices.ContainsFunc(list, func(r revoked) bool { return r.Serial == serial }) {
		return nil
	}
	b, err := json.Marshal(append(list, revoked{serial, c.now().UTC().Truncate(time.Second)}))
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(c.dir, "revoked.json"), b, 0o600)
}

func (c *CA) revoked() (list []revoked, err error) {
	b, err := os.ReadFile(filepath.Join(c.dir, "revoked.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	return list, err
}

// listLife is how long a revocation list may be used.
const listLife = 24 * time.Hour

// CRLs returns the present revocation lists of the issuing authority and of the
// root, DER (RFC 5280, 5).
func (c *CA) CRLs() ([][]byte, error) {
	list, err := c.revoked()
	if err != nil {
		return nil, fmt.Errorf("revocation list: %w", err)
	}
	var entries []x509.RevocationListEntry
	for _, r := range list {
		serial, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("revocation list: serial number %q", r.Serial)
		}
		entries = append(entries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: r.At})
	}
	now := c.now().UTC().Truncate(time.Second)
	var out [][]byte
	for _, by := range []holder{c.issuing, c.root} {
		der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(now.Unix()),
			ThisUpdate: now, NextUpdate: now.Add(listLife), RevokedCertificateEntries: entries}, by.cert, by.key)
		if err != nil {
			return nil, fmt.Errorf("revocation list: %w", err)
		}
		out = append(out, der)
		entries = nil // the root has revoked nobody
	}
	return out, nil
}

// loadPEM reads a file that holds one block of a kind.
func loadPEM(path, kind string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s holds no %s", path, kind)
	}
	return block.Bytes, nil
}
