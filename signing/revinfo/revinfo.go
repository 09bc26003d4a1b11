// Package revinfo knows what tells that a certificate was not revoked: answers
// of OCSP responders (RFC 6960) and revocation lists (RFC 5280, 5).
//
// A [Statement] is such an answer or list that was read; what it says about a
// certificate is asked by [Statement.About], which verifies it first. A
// [Client] fetches statements from where certificates say they are, and keeps
// them while they are fresh. Nothing that was fetched is used unverified.
package revinfo

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// Errors callers tell apart with [errors.Is].
var (
	// ErrUnavailable: nobody answered as agreed. Try again later.
	ErrUnavailable = errors.New("revocation service does not answer")

	// ErrStatement: what was answered tells nothing that can be relied upon.
	ErrStatement = errors.New("bad revocation answer")

	// ErrRevoked: the certificate was revoked.
	ErrRevoked = errors.New("certificate was revoked")
)

// Caps in bytes. The lists of the largest authorities stay below.
const (
	MaxOCSP = 64 << 10
	MaxCRL  = 16 << 20
)

// A Statement is an OCSP answer or a revocation list that was read and is not
// verified yet.
type Statement struct {
	Raw []byte // DER: OCSPResponse (RFC 6960, 4.2.1) or CertificateList

	list    *x509.RevocationList // nil: OCSP
	revoked map[string]time.Time // of list, by serial number
}

// OCSP reports whether s is an OCSP answer, not a list.
func (s *Statement) OCSP() bool { return s.list == nil }

// ParseOCSP reads an OCSP answer. The error wraps [ErrStatement].
func ParseOCSP(der []byte) (*Statement, error) {
	var outer, inner cryptobyte.String
	in := cryptobyte.String(der)
	if len(der) > MaxOCSP || !in.ReadASN1Element(&outer, tag.SEQUENCE) || !in.Empty() || !outer.ReadASN1(&inner, tag.SEQUENCE) {
		return nil, fmt.Errorf("%w: no OCSP answer", ErrStatement)
	}
	return &Statement{Raw: bytes.Clone(der)}, nil
}

// ParseCRL reads a revocation list. One with critical extensions, which tells
// of some certificates only (RFC 5280, 5.2.4 and 5.2.5), is refused. The error
// wraps [ErrStatement].
func ParseCRL(der []byte) (*Statement, error) {
	if len(der) > MaxCRL {
		return nil, fmt.Errorf("%w: list of %d bytes", ErrStatement, len(der))
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	for _, e := range list.Extensions {
		if e.Critical {
			return nil, fmt.Errorf("%w: the list does not tell of all certificates", ErrStatement)
		}
	}
	s := &Statement{Raw: bytes.Clone(der), list: list, revoked: make(map[string]time.Time, len(list.RevokedCertificateEntries))}
	for _, e := range list.RevokedCertificateEntries {
		s.revoked[string(e.SerialNumber.Bytes())] = e.RevocationTime
	}
	return s, nil
}

// An Answer is what a verified statement says about a certificate.
type Answer struct {
	Revoked   time.Time         // since when; zero: it is good
	This      time.Time         // when that was so
	Next      time.Time         // when something newer will be said; zero: at any time
	Until     time.Time         // end of the certificate the statement was signed with
	Responder *x509.Certificate // who signed an OCSP answer for the issuer; nil: the issuer
}

// InForce reports whether a goes on to speak for a time: whoever asked then
// would have been content with it.
func (a Answer) InForce(at time.Time) bool {
	if a.Next.IsZero() {
		return !a.This.Before(at)
	}
	return !a.Next.Before(at)
}

// About verifies s and returns what it says about cert, which issuer issued. A
// statement by or about others, or made after cert has ended (the list may have
// dropped it, RFC 5280, 3.3), is an error that wraps [ErrStatement].
func (s *Statement) About(cert, issuer *x509.Certificate) (Answer, error) {
	a, err := s.about(cert, issuer)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if a.Revoked.IsZero() && a.This.After(cert.NotAfter) {
		return Answer{}, fmt.Errorf("%w: it was made after the certificate ended", ErrStatement)
	}
	return a, nil
}

func (s *Statement) about(cert, issuer *x509.Certificate) (Answer, error) {
	if s.OCSP() {
		return s.answer(cert, issuer)
	}
	if !bytes.Equal(s.list.RawIssuer, issuer.RawSubject) {
		return Answer{}, errors.New("the list is another authority's")
	}
	if err := s.list.CheckSignatureFrom(issuer); err != nil {
		return Answer{}, err
	}
	return Answer{Revoked: s.revoked[string(cert.SerialNumber.Bytes())],
		This: s.list.ThisUpdate, Next: s.list.NextUpdate, Until: issuer.NotAfter}, nil
}

// answer reads an OCSP answer about cert.
func (s *Statement) answer(cert, issuer *x509.Certificate) (Answer, error) {
	r, err := ocsp.ParseResponseForCert(s.Raw, cert, issuer)
	if err != nil {
		return Answer{}, err
	}
	if !names(r.TBSResponseData, cert, issuer) {
		return Answer{}, errors.New("it is about another authority's certificate")
	}
	a := Answer{This: r.ThisUpdate, Next: r.NextUpdate, Until: issuer.NotAfter}
	if r.Certificate != nil && !r.Certificate.Equal(issuer) {
		if err := mayAnswer(r.Certificate, issuer, r.ThisUpdate); err != nil {
			return Answer{}, err
		}
		a.Responder = r.Certificate
		if a.Until.After(r.Certificate.NotAfter) {
			a.Until = r.Certificate.NotAfter
		}
	}
	switch {
	case r.Status == ocsp.Revoked:
		a.Revoked = r.RevokedAt
	case r.Status != ocsp.Good:
		return Answer{}, errors.New("the responder does not know the certificate")
	case !r.NextUpdate.IsZero() && r.NextUpdate.Before(r.ThisUpdate):
		return Answer{}, errors.New("its times are out of order")
	}
	return a, nil
}

// oidNoCheck is id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
var oidNoCheck = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}

// mayAnswer reports whether a certificate may answer for its issuer: issued by
// it for that use, in force, and free from being asked about in turn (RFC 6960,
// 4.2.2.2). x/crypto/ocsp checks its signature and none of this.
func mayAnswer(c, issuer *x509.Certificate, at time.Time) error {
	if err := c.CheckSignatureFrom(issuer); err != nil {
		return fmt.Errorf("responder: %w", err)
	}
	use, free := false, false
	for _, u := range c.ExtKeyUsage {
		use = use || u == x509.ExtKeyUsageOCSPSigning
	}
	for _, e := range c.Extensions {
		free = free || e.Id.Equal(oidNoCheck)
	}
	switch {
	case !use || c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return errors.New("the responder's certificate is not for answering")
	case !free:
		return errors.New("the responder's certificate may itself be revoked, and nothing tells")
	case at.Before(c.NotBefore) || at.After(c.NotAfter):
		return errors.New("the responder's certificate was not valid")
	}
	return nil
}

// hashes lists what a CertID may be made with. SHA-1 names here, it proves
// nothing.
var hashes = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, crypto.SHA1},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

// names reports whether the one response in ResponseData is about cert of
// issuer: name, key and serial number (RFC 6960, 4.1.1). x/crypto/ocsp compares
// serial numbers only, which other authorities have as well.
func names(data []byte, cert, issuer *x509.Certificate) bool {
	var tbs, responses, single, id, alg, name, key, skip cryptobyte.String
	var oid asn1.ObjectIdentifier
	var some bool
	var kind tag.Tag
	in := cryptobyte.String(data)
	if !in.ReadASN1(&tbs, tag.SEQUENCE) || !tbs.ReadOptionalASN1(&skip, &some, tag.Tag(0).ContextSpecific().Constructed()) ||
		!tbs.ReadAnyASN1(&skip, &kind) || !tbs.ReadASN1(&skip, tag.GeneralizedTime) ||
		!tbs.ReadASN1(&responses, tag.SEQUENCE) || !responses.ReadASN1(&single, tag.SEQUENCE) || !responses.Empty() ||
		!single.ReadASN1(&id, tag.SEQUENCE) || !id.ReadASN1(&alg, tag.SEQUENCE) || !alg.ReadASN1ObjectIdentifier(&oid) ||
		!id.ReadASN1(&name, tag.OCTET_STRING) || !id.ReadASN1(&key, tag.OCTET_STRING) {
		return false
	}
	serial, err := asn1.Marshal(cert.SerialNumber)
	if err != nil || !bytes.Equal(id, serial) {
		return false
	}
	public, err := publicKey(issuer)
	if err != nil {
		return false
	}
	for _, h := range hashes {
		if h.oid.Equal(oid) {
			return bytes.Equal(name, sum(h.hash, issuer.RawSubject)) && bytes.Equal(key, sum(h.hash, public))
		}
	}
	return false
}

func sum(h crypto.Hash, b []byte) []byte {
	w := h.New()
	w.Write(b)
	return w.Sum(nil)
}

// publicKey returns the bits of a certificate's key, without tag and length.
func publicKey(c *x509.Certificate) ([]byte, error) {
	var info, alg cryptobyte.String
	var bits asn1.BitString
	in := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	if !in.ReadASN1(&info, tag.SEQUENCE) || !info.ReadASN1(&alg, tag.SEQUENCE) || !info.ReadASN1BitString(&bits) {
		return nil, fmt.Errorf("%w: public key", ErrStatement)
	}
	return bits.RightAlign(), nil
}
