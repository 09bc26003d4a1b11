package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// A Signature is a SignedData in the making: signed, not yet time-stamped.
type Signature struct {
	contentType asn1.ObjectIdentifier
	content     []byte // nil if detached
	chain       []*x509.Certificate
	at          time.Time // claimed; zero: not told
	attrs       []byte    // the attributes, sorted, without their tag
	algorithm   asn1.ObjectIdentifier
	value       []byte
}

// Prepare begins the signature of a SHA-256 digest of bytes that are kept
// elsewhere: a PDF's. chain begins with the signer's certificate; roots in it are
// left out of the file. The same digest and chain give the same ToSign, now or
// hours later. The error wraps [ErrKey].
func Prepare(digest [sha256.Size]byte, chain []*x509.Certificate) (*Signature, error) {
	return prepare(&Signature{contentType: OIDData, chain: chain}, digest[:])
}

// PrepareDetached is Prepare for bytes in a file of their own, signed as CAdES
// baseline signatures have it: with the claimed signing time, which PAdES keeps
// elsewhere (ETSI EN 319 122-1, 6.3).
func PrepareDetached(digest [sha256.Size]byte, chain []*x509.Certificate, at time.Time) (*Signature, error) {
	return prepare(&Signature{contentType: OIDData, chain: chain, at: at}, digest[:])
}

// Sign is Prepare and Take with a key that is at hand.
func Sign(digest [sha256.Size]byte, key crypto.Signer, chain []*x509.Certificate) (*Signature, error) {
	s, err := Prepare(digest, chain)
	if err != nil {
		return nil, err
	}
	return s, s.ask(key)
}

// Enclose signs content and carries it: so are time-stamp tokens made.
func Enclose(contentType asn1.ObjectIdentifier, content []byte, key crypto.Signer, chain []*x509.Certificate) (*Signature, error) {
	digest := sha256.Sum256(content)
	s, err := prepare(&Signature{contentType: contentType, content: content, chain: chain}, digest[:])
	if err != nil {
		return nil, err
	}
	return s, s.ask(key)
}

func prepare(s *Signature, digest []byte) (*Signature, error) {
	if len(s.chain) == 0 {
		return nil, fmt.Errorf("%w: no certificate", ErrKey)
	}
	pub := s.chain[0].PublicKey
	if err := CheckKey(pub); err != nil {
		return nil, err
	}
	s.algorithm = oidRSA
	if _, ok := pub.(*ecdsa.PublicKey); ok {
		s.algorithm = oidECDSASHA256
	}
	var err error
	s.attrs, err = attributes(s.contentType, digest, s.chain[0], s.at)
	return s, err
}

// ToSign returns what the key signs: the DER of the signed attributes (RFC 5652,
// 5.4). A key that takes digests takes its SHA-256.
func (s *Signature) ToSign() []byte { return setOf(s.attrs) }

// Take takes the key's answer: an RSA signature as PKCS #1 v1.5 has it (RFC 8017,
// 8.2), an ECDSA one as the DER of r and s (RFC 3279, 2.2.3). The error wraps
// [ErrSignature] if it is not one by the certificate's key of ToSign.
func (s *Signature) Take(value []byte) error {
	digest := sha256.Sum256(s.ToSign())
	if err := checkValue(s.chain[0].PublicKey, s.algorithm.Equal(oidRSA), crypto.SHA256, digest[:], value); err != nil {
		return fmt.Errorf("the key's answer: %w", err)
	}
	s.value = slices.Clone(value)
	return nil
}

func (s *Signature) ask(key crypto.Signer) error {
	if err := CheckKey(key.Public()); err != nil {
		return err
	}
	digest := sha256.Sum256(s.ToSign())
	value, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return fmt.Errorf("ask the key: %w", err)
	}
	return s.Take(value)
}

// Signer returns the signer's certificate.
func (s *Signature) Signer() *x509.Certificate { return s.chain[0] }

// Value returns the signature value: what a signature time-stamp is about (EN
// 319 122-1, 5.3).
func (s *Signature) Value() []byte { return s.value }

// Marshal returns the DER, with token as the signature time-stamp if not nil.
func (s *Signature) Marshal(token []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(context(0), func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { s.signedData(b, token) })
		})
	})
	return b.Bytes()
}

func (s *Signature) signedData(b *cryptobyte.Builder, token []byte) {
	version := int64(1)
	if !s.contentType.Equal(OIDData) {
		version = 3 // RFC 5652, 5.1
	}
	b.AddASN1Int64(version)
	b.AddASN1(tag.SET, func(b *cryptobyte.Builder) { addAlgorithm(b, oidSHA256, false) })
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(s.contentType)
		if s.content != nil {
			b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(s.content) })
		}
	})
	b.AddASN1(context(0), func(b *cryptobyte.Builder) {
		var certs [][]byte
		for i, c := range s.chain {
			if i == 0 || !selfSigned(c) {
				certs = append(certs, c.Raw)
			}
		}
		slices.SortFunc(certs, bytes.Compare)
		b.AddBytes(bytes.Join(certs, nil))
	})
	b.AddASN1(tag.SET, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { s.signerInfo(b, token) })
	})
}

func (s *Signature) signerInfo(b *cryptobyte.Builder, token []byte) {
	b.AddASN1Int64(1)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(s.chain[0].RawIssuer)
		b.AddASN1BigInt(s.chain[0].SerialNumber)
	})
	addAlgorithm(b, oidSHA256, false)
	b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(s.attrs) })
	addAlgorithm(b, s.algorithm, s.algorithm.Equal(oidRSA))
	b.AddASN1OctetString(s.value)
	if token != nil {
		b.AddASN1(context(1), func(b *cryptobyte.Builder) {
			addAttribute(b, oidTimeStamp, func(b *cryptobyte.Builder) { b.AddBytes(token) })
		})
	}
}

func context(n uint8) tag.Tag { return tag.Tag(n).ContextSpecific().Constructed() }

func addAlgorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier, null bool) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		if null {
			b.AddASN1NULL()
		}
	})
}

func addAttribute(b *cryptobyte.Builder, oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1(tag.SET, value)
	})
}

// attributes returns the signed attributes in the order that DER wants (X.690,
// 11.6).
func attributes(contentType asn1.ObjectIdentifier, digest []byte, signer *x509.Certificate, at time.Time) ([]byte, error) {
	var all [][]byte
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value func(*cryptobyte.Builder)
	}{
		{oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(contentType) }},
		{oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }},
		{oidSigningCertV2, func(b *cryptobyte.Builder) { addSigningCert(b, signer) }},
		{oidSigningTime, func(b *cryptobyte.Builder) { b.AddASN1UTCTime(at.UTC()) }}, // RFC 5652, 11.3: until 2049
	} {
		if at.IsZero() && a.oid.Equal(oidSigningTime) {
			continue
		}
		var b cryptobyte.Builder
		addAttribute(&b, a.oid, a.value)
		der, err := b.Bytes()
		if err != nil {
			return nil, fmt.Errorf("attribute %v: %w", a.oid, err)
		}
		all = append(all, der)
	}
	slices.SortFunc(all, bytes.Compare)
	return bytes.Join(all, nil), nil
}

// addSigningCert writes signing-certificate-v2 with issuer and serial number
// (RFC 5035, 3); SHA-256 is its default and so not named.
func addSigningCert(b *cryptobyte.Builder, c *x509.Certificate) {
	hash := sha256.Sum256(c.Raw)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1OctetString(hash[:])
				b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1(context(4), func(b *cryptobyte.Builder) { b.AddBytes(c.RawIssuer) })
					})
					b.AddASN1BigInt(c.SerialNumber)
				})
			})
		})
	})
}

// setOf puts the tag of a SET before attributes: signed is this, not the form
// with the tag they have in the file (RFC 5652, 5.4).
func setOf(attrs []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SET, func(b *cryptobyte.Builder) { b.AddBytes(attrs) })
	return b.BytesOrPanic() // the length of what we hold in memory fits
}
