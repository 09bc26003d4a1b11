// Package cms writes and reads the signatures that stand in PDF files: CMS
// SignedData (RFC 5652) as CAdES and PAdES want it (ETSI EN 319 122-1, EN 319
// 142-1), and the tokens of time-stamp authorities (RFC 3161), which are of the
// same make.
//
// What is written has one signer, the attributes content-type, message-digest
// and signing-certificate-v2, and no signing-time but in signatures beside a file
// of their own. What is read is held to the
// same: strict DER, one signer, algorithms from a short list, sizes capped.
// [Parse] meets outside bytes and takes nothing on trust; whether a certificate
// is to be believed is not decided here.
package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	_ "crypto/sha256" // the digests of the list below
	_ "crypto/sha512"
)

// Errors callers tell apart with [errors.Is].
var (
	// ErrMalformed: the bytes are not what this package takes.
	ErrMalformed = errors.New("malformed CMS")

	// ErrDigest: the signature is about other bytes.
	ErrDigest = errors.New("signed bytes differ")

	// ErrSignature: the signature was not made with the key of its certificate.
	ErrSignature = errors.New("signature does not match its certificate")

	// ErrCertificate: the certificate is not the one the signer meant.
	ErrCertificate = errors.New("certificate is not the one that was signed with")

	// ErrKey: the key is of a kind that is not used here.
	ErrKey = errors.New("key not allowed")
)

// Object identifiers (RFC 5652, 5035, 3161, 8017, 5758).
var (
	OIDData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	OIDTSTInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimeStamp     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}

	// oidArchive is adbe-revocationInfoArchival.
	oidArchive = asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}

	oidRSA         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECDSASHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// digests lists the digest algorithms that are read. Only SHA-256 is written.
var digests = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

var oidSHA256 = digests[0].oid

// signatures lists the signature algorithms that are read, with the digest each
// implies; 0 means the one the signer names. RSASSA-PSS and Ed25519 are not
// among them: too many readers refuse them.
var signatures = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
	rsa  bool
}{
	{oidRSA, 0, true},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, crypto.SHA256, true},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, crypto.SHA384, true},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, crypto.SHA512, true},
	{oidECDSASHA256, crypto.SHA256, false},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, crypto.SHA384, false},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, crypto.SHA512, false},
}

// CheckKey returns an error that wraps [ErrKey] unless pub is an RSA key of at
// least 2048 bits or a P-256 or P-384 key.
func CheckKey(pub crypto.PublicKey) error {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= 2048 {
			return nil
		}
		return fmt.Errorf("%w: RSA of %d bits", ErrKey, k.N.BitLen())
	case *ecdsa.PublicKey:
		if slices.Contains([]elliptic.Curve{elliptic.P256(), elliptic.P384()}, k.Curve) {
			return nil
		}
	}
	return fmt.Errorf("%w: %T", ErrKey, pub)
}

// checkValue reports whether sig is pub's signature of digest.
func checkValue(pub crypto.PublicKey, isRSA bool, hash crypto.Hash, digest, sig []byte) error {
	if err := CheckKey(pub); err != nil {
		return err
	}
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if isRSA && rsa.VerifyPKCS1v15(k, hash, digest, sig) == nil {
			return nil
		}
	case *ecdsa.PublicKey:
		if !isRSA && ecdsa.VerifyASN1(k, digest, sig) {
			return nil
		}
	}
	return ErrSignature
}

// selfSigned reports whether c is a root, which no signature needs to carry.
func selfSigned(c *x509.Certificate) bool {
	return string(c.RawIssuer) == string(c.RawSubject)
}
