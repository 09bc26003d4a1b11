// Package devca is a certificate authority for development: with it everything
// can be tried on one machine, before a public or government authority stands
// behind the keys. It has a root, an issuing authority under it, a time-stamp
// authority, an OCSP responder, and keys for made-up people and agencies.
//
// Every certificate says [Warning] in its subject. None of it has any legal
// value, and none of its roots may enter the trust list of a real house.
//
// All keys are ECDSA P-256: a signature takes 0.06 ms where RSA-2048 takes 1 ms
// and RSA-3072 over 3, its files are smaller, and every judge at hand (pdfsig,
// OpenSSL, pyHanko) reads it. Real houses bring what their authority gives.
package devca

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1" // a name for a key, as RFC 5280, 4.2.1.2 has it; no security rests on it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"sohoa/signing/tsa"
)

// Warning stands in the subject of every certificate (organizational unit; of
// authorities also in the name).
const Warning = "DEV – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"

// policy marks time-stamps of development. Arc 2.25 needs no registration.
var policy = asn1.ObjectIdentifier{2, 25, 1913}

// listURL is where certificates say their revocation list is. The name never
// resolves (RFC 6761, 6.4): lists of development are handed over, by
// [CA.CRLs]. It is there because every real certificate has one, and because
// pdfsig -no-ocsp calls a certificate without one corrupted. Nor does pyHanko
// look at OCSP answers about certificates that name no responder.
const (
	listURL      = "http://sohoa.invalid/dev.crl"
	responderURL = "http://sohoa.invalid/ocsp"
)

// Lives of certificates.
const (
	year      = 365 * 24 * time.Hour
	rootLife  = 20 * year
	issueLife = 10 * year
	tsaLife   = 5 * year
	leafLife  = 2 * year
)

// A holder is a certificate with its key.
type holder struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// A CA is an authority that lives in a directory. It may be used concurrently.
type CA struct {
	dir                string
	now                func() time.Time
	addresses          Addresses
	root, issuing, tsa holder
	responder          holder // of OCSP, for the issuing authority
}

// Open returns the authority in dir, making it if there is none. It is made
// whole or not at all: killed on the way, the next Open makes it anew. Two who
// open an empty directory at once get the same authority.
func Open(dir string, now func() time.Time) (*CA, error) { return OpenAt(dir, now, Addresses{}) }

// OpenAt is Open for an authority that can be reached: certificates made from
// now on say where.
func OpenAt(dir string, now func() time.Time, at Addresses) (*CA, error) {
	c := &CA{dir: dir, now: now, addresses: at}
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return nil, fmt.Errorf("development authority: %w", err)
	}
	err := c.load()
	if errors.Is(err, fs.ErrNotExist) {
		if err = c.create(); err == nil {
			err = c.load()
		}
	}
	if err == nil {
		err = c.openResponder()
	}
	if err != nil {
		return nil, fmt.Errorf("development authority in %s: %w", dir, err)
	}
	return c, nil
}

// members pairs the file names with the fields.
func (c *CA) members() map[string]*holder {
	return map[string]*holder{"root": &c.root, "issuing": &c.issuing, "tsa": &c.tsa}
}

func (c *CA) load() error {
	if _, err := os.Stat(filepath.Join(c.dir, "ca")); err != nil {
		return err
	}
	for name, h := range c.members() {
		if err := h.load(filepath.Join(c.dir, "ca"), name); err != nil {
			return err
		}
	}
	return nil
}

// load reads a certificate and its key.
func (h *holder) load(dir, name string) error {
	cert, err := loadPEM(filepath.Join(dir, name+".crt"), "CERTIFICATE")
	if err != nil {
		return fmt.Errorf("%s: %v", name, err) // not ErrNotExist: never make a second one over half of a first
	}
	key, err := loadPEM(filepath.Join(dir, name+".key"), "PRIVATE KEY")
	if err != nil {
		return fmt.Errorf("%s: %v", name, err)
	}
	if h.cert, err = x509.ParseCertificate(cert); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	private, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	signer, ok := private.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(h.cert.PublicKey) {
		return fmt.Errorf("%s: key and certificate do not belong together", name)
	}
	h.key = signer
	return nil
}

// create makes all certificates and puts them in place.
func (c *CA) create() error {
	made := &CA{dir: c.dir, now: c.now, addresses: c.addresses}
	if err := made.make(); err != nil {
		return err
	}
	files := map[string][]byte{}
	for name, h := range made.members() {
		der, err := x509.MarshalPKCS8PrivateKey(h.key)
		if err != nil {
			return err
		}
		files[name+".crt"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.cert.Raw})
		files[name+".key"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	return place(filepath.Join(c.dir, "ca"), files)
}

func (c *CA) make() (err error) {
	if c.root, err = c.certify(nil, template{cn: "Sohoa root – " + Warning, life: rootLife, ca: true, path: 1}); err != nil {
		return err
	}
	if c.issuing, err = c.certify(&c.root, template{cn: "Sohoa issuing – " + Warning, life: issueLife, ca: true}); err != nil {
		return err
	}
	c.tsa, err = c.certify(&c.issuing, template{cn: "Sohoa TSA – " + Warning, life: tsaLife, stamps: true})
	return err
}

// A template says what a certificate is for.
type template struct {
	cn, org             string
	life                time.Duration
	ca, stamps, answers bool
	path                int
}

// Extended key usages: documentSigning (RFC 9336), and timeStamping. And what
// says that nobody need ask about a responder (RFC 6960, 4.2.2.2.1).
var (
	oidDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}
	oidExtKeyUsage     = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimeStamping    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidNoCheck         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
)

// certify makes a key and has its certificate signed by by, or by itself.
func (c *CA) certify(by *holder, t template) (holder, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return holder{}, err
	}
	cert, err := c.vouch(by, t, key.Public(), key)
	return holder{cert, key}, err
}

// vouch makes the certificate of a public key, signed by by, or with own if by is
// nil.
func (c *CA) vouch(by *holder, t template, pub crypto.PublicKey, own crypto.Signer) (*x509.Certificate, error) {
	x, err := t.certificate(c.now())
	if err != nil {
		return nil, err
	}
	info, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, err
	}
	id := sha1.Sum(info)
	x.SubjectKeyId = id[:]
	parent, signer := x, own
	if by != nil {
		c.address(x, t)
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, x, parent, pub, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// Certify returns a certificate for a key that somebody else holds, and those
// that vouch for it. commonName and org are as for [CA.Issue].
func (c *CA) Certify(pub crypto.PublicKey, commonName, org string) ([]*x509.Certificate, error) {
	cert, err := c.vouch(&c.issuing, template{cn: commonName, org: cmp.Or(org, commonName), life: leafLife}, pub, nil)
	if err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	return []*x509.Certificate{cert, c.issuing.cert, c.root.cert}, nil
}

// address puts into x where to ask about it.
func (c *CA) address(x *x509.Certificate, t template) {
	list := listURL
	if c.addresses.CRLs != "" {
		list = c.addresses.CRLs + "/" + issuingList
		if t.ca {
			list = c.addresses.CRLs + "/" + rootList
		}
	}
	if t.answers {
		return // nobody is asked about a responder
	}
	x.CRLDistributionPoints = []string{list}
	if !t.ca { // the responder speaks for the issuing authority alone
		x.OCSPServer = []string{cmp.Or(c.addresses.OCSP, responderURL)}
	}
}

func (t template) certificate(now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	x := &x509.Certificate{SerialNumber: serial,
		Subject:   pkix.Name{Country: []string{"VN"}, OrganizationalUnit: []string{Warning}, CommonName: bound(t.cn)},
		NotBefore: now.Add(-time.Hour).UTC().Truncate(time.Second), NotAfter: now.Add(t.life).UTC().Truncate(time.Second),
		BasicConstraintsValid: true, IsCA: t.ca, MaxPathLen: t.path, MaxPathLenZero: t.ca && t.path == 0,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment}
	if t.org != "" {
		x.Subject.Organization = []string{bound(t.org)}
	}
	switch {
	case t.ca:
		x.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	case t.stamps:
		usage, err := asn1.Marshal([]asn1.ObjectIdentifier{oidTimeStamping})
		if err != nil {
			return nil, err
		}
		x.ExtraExtensions = []pkix.Extension{{Id: oidExtKeyUsage, Critical: true, Value: usage}}
	case t.answers:
		x.KeyUsage = x509.KeyUsageDigitalSignature
		x.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		x.ExtraExtensions = []pkix.Extension{{Id: oidNoCheck, Value: asn1.NullBytes}}
	default:
		x.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
		x.UnknownExtKeyUsage = []asn1.ObjectIdentifier{oidDocumentSigning}
	}
	return x, nil
}

// bound shortens a name to the 64 characters a certificate may hold (RFC 5280,
// appendix A.1). The mark shows the whole name.
func bound(s string) string {
	if r := []rune(s); len(r) > 64 {
		return string(r[:63]) + "…"
	}
	return s
}

// Roots returns the root as a pool.
func (c *CA) Roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c.root.cert)
	return p
}

// Root returns the root's DER.
func (c *CA) Root() []byte { return c.root.cert.Raw }

// RootPEM returns the root as PEM, for the trust lists of readers.
func (c *CA) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.root.cert.Raw})
}

// TSA returns the time-stamp authority (RFC 3161, 3.4).
func (c *CA) TSA() http.Handler {
	return &tsa.Authority{Key: c.tsa.key, Policy: policy, Now: c.now,
		Chain: []*x509.Certificate{c.tsa.cert, c.issuing.cert}}
}
