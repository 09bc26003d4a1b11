package cms

import (
	"bytes"
	"crypto"
	"crypto/sha1" // only to compare, see checkSigningCert
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Caps of the reader.
const (
	MaxSize         = 64 << 10 // bytes of a SignedData
	MaxForeign      = 4 << 20  // of one that may hold revocation lists
	maxCertificates = 16
	maxAttributes   = 32
)

// SignedData is a signature that was read. Nothing of it is verified before
// [SignedData.Check].
type SignedData struct {
	ContentType  asn1.ObjectIdentifier
	Content      []byte // nil if detached
	Certificates []*x509.Certificate

	Signer *x509.Certificate // the one that the signer names
	Hash   crypto.Hash       // of the signed bytes and of the attributes
	Value  []byte            // the signature value
	Token  []byte            // the signature time-stamp, nil if there is none

	SigningTime bool // whether the attribute is there, which PAdES forbids

	// Archive is the value of adbe-revocationInfoArchival (ISO 32000-1,
	// 12.8.3.3.2), a signed attribute; nil if there is none.
	Archive []byte
	PSS     bool // whether the value is RSASSA-PSS; only read by [ParseForeign]

	foreign bool

	isRSA         bool
	attrs         []byte // without their tag
	contentType   asn1.ObjectIdentifier
	messageDigest []byte
	signingCert   []byte // the attribute's value, version 1 or 2
	signingV2     bool
}

func malformed(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, a...))
}

// Parse reads a SignedData in DER: one signer, named by issuer and serial
// number; nothing may follow it. The error wraps [ErrMalformed].
func Parse(der []byte) (*SignedData, error) {
	return parse(der, &SignedData{}, MaxSize)
}

// ParseForeign is [Parse] for signatures of other houses, of older kinds too:
// SHA-1, any RSA key, RSASSA-PSS, and without signing-certificate. Whether what
// was read was ever good enough is for the caller to say.
func ParseForeign(der []byte) (*SignedData, error) {
	return parse(der, &SignedData{foreign: true}, MaxForeign)
}

func parse(der []byte, d *SignedData, most int) (*SignedData, error) {
	if len(der) > most {
		return nil, malformed("%d bytes", len(der))
	}
	var info, explicit, sd cryptobyte.String
	var oid asn1.ObjectIdentifier
	in := cryptobyte.String(der)
	if !in.ReadASN1(&info, tag.SEQUENCE) || !in.Empty() ||
		!info.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidSignedData) ||
		!info.ReadASN1(&explicit, context(0)) || !info.Empty() ||
		!explicit.ReadASN1(&sd, tag.SEQUENCE) || !explicit.Empty() {
		return nil, malformed("no SignedData")
	}
	var version int64
	var algorithms cryptobyte.String
	if !sd.ReadASN1Integer(&version) || version < 1 || version > 5 || !sd.ReadASN1(&algorithms, tag.SET) {
		return nil, malformed("version")
	}
	for _, read := range []func(*cryptobyte.String) error{d.readContent, d.readCertificates, d.readSigners} {
		if err := read(&sd); err != nil {
			return nil, err
		}
	}
	if !sd.Empty() {
		return nil, malformed("bytes after the signer")
	}
	return d, nil
}

func (d *SignedData) readContent(sd *cryptobyte.String) error {
	var encap, explicit cryptobyte.String
	if !sd.ReadASN1(&encap, tag.SEQUENCE) || !encap.ReadASN1ObjectIdentifier(&d.ContentType) {
		return malformed("content")
	}
	if encap.Empty() {
		return nil
	}
	var content cryptobyte.String
	if !encap.ReadASN1(&explicit, context(0)) || !encap.Empty() ||
		!explicit.ReadASN1(&content, tag.OCTET_STRING) || !explicit.Empty() {
		return malformed("content")
	}
	d.Content = append([]byte{}, content...)
	return nil
}

func (d *SignedData) readCertificates(sd *cryptobyte.String) error {
	var certs, crls cryptobyte.String
	var some bool
	if !sd.ReadOptionalASN1(&certs, &some, context(0)) || !some {
		return malformed("no certificates")
	}
	for !certs.Empty() {
		var raw cryptobyte.String
		if len(d.Certificates) == maxCertificates || !certs.ReadASN1Element(&raw, tag.SEQUENCE) {
			return malformed("certificates")
		}
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			return fmt.Errorf("%w: certificate: %w", ErrMalformed, err)
		}
		d.Certificates = append(d.Certificates, c)
	}
	if !sd.ReadOptionalASN1(&crls, &some, context(1)) {
		return malformed("revocation lists")
	}
	return nil
}

func (d *SignedData) readSigners(sd *cryptobyte.String) error {
	var set, si, sid cryptobyte.String
	var version int64
	if !sd.ReadASN1(&set, tag.SET) || !set.ReadASN1(&si, tag.SEQUENCE) || !set.Empty() {
		return malformed("not one signer")
	}
	var issuer cryptobyte.String
	serial := new(big.Int)
	if !si.ReadASN1Integer(&version) || version != 1 || !si.ReadASN1(&sid, tag.SEQUENCE) ||
		!sid.ReadASN1Element(&issuer, tag.SEQUENCE) || !sid.ReadASN1Integer(serial) || !sid.Empty() {
		return malformed("signer's name")
	}
	for _, c := range d.Certificates {
		if bytes.Equal(c.RawIssuer, issuer) && c.SerialNumber.Cmp(serial) == 0 {
			if d.Signer != nil {
				return malformed("two certificates of the signer")
			}
			d.Signer = c
		}
	}
	if d.Signer == nil {
		return malformed("no certificate of the signer")
	}
	return d.readSigned(&si)
}

// readSigned reads what follows the signer's name.
func (d *SignedData) readSigned(si *cryptobyte.String) error {
	oid, err := readAlgorithm(si)
	if err != nil {
		return err
	}
	for _, a := range digests {
		if a.oid.Equal(oid) {
			d.Hash = a.hash
		}
	}
	if d.foreign && oid.Equal(oidSHA1) {
		d.Hash = crypto.SHA1
	}
	if d.Hash == 0 {
		return malformed("digest algorithm %v", oid)
	}
	var attrs, value cryptobyte.String
	if !si.ReadASN1(&attrs, context(0)) {
		return malformed("no signed attributes")
	}
	d.attrs = bytes.Clone(attrs)
	if err := d.readAttributes(attrs); err != nil {
		return err
	}
	if err := d.readSignatureAlgorithm(si); err != nil {
		return err
	}
	if !si.ReadASN1(&value, tag.OCTET_STRING) || len(value) == 0 {
		return malformed("signature value")
	}
	d.Value = bytes.Clone(value)
	if si.Empty() {
		return nil
	}
	var unsigned cryptobyte.String
	if !si.ReadASN1(&unsigned, context(1)) || !si.Empty() {
		return malformed("bytes after the signature value")
	}
	return d.readUnsigned(unsigned)
}

func (d *SignedData) setAlgorithm(oid asn1.ObjectIdentifier) error {
	for _, a := range signatures {
		if a.oid.Equal(oid) && (a.hash == 0 || a.hash == d.Hash) {
			d.isRSA = a.rsa
			return nil
		}
	}
	return malformed("signature algorithm %v", oid)
}

// readAlgorithm reads an AlgorithmIdentifier whose parameters are absent or NULL.
func readAlgorithm(s *cryptobyte.String) (asn1.ObjectIdentifier, error) {
	var alg, null cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !s.ReadASN1(&alg, tag.SEQUENCE) || !alg.ReadASN1ObjectIdentifier(&oid) {
		return nil, malformed("algorithm")
	}
	if !alg.Empty() && (!alg.ReadASN1(&null, tag.NULL) || !null.Empty() || !alg.Empty()) {
		return nil, malformed("parameters of algorithm %v", oid)
	}
	return oid, nil
}

// eachAttribute calls take with every attribute and its one value.
func eachAttribute(attrs cryptobyte.String, take func(asn1.ObjectIdentifier, cryptobyte.String) error) error {
	seen := map[string]bool{}
	for !attrs.Empty() {
		var a, values, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		var t tag.Tag
		if !attrs.ReadASN1(&a, tag.SEQUENCE) || !a.ReadASN1ObjectIdentifier(&oid) ||
			!a.ReadASN1(&values, tag.SET) || !a.Empty() ||
			!values.ReadAnyASN1Element(&value, &t) || !values.Empty() {
			return malformed("attribute %v", oid)
		}
		if seen[oid.String()] || len(seen) == maxAttributes {
			return malformed("attribute %v twice", oid)
		}
		seen[oid.String()] = true
		if err := take(oid, value); err != nil {
			return err
		}
	}
	return nil
}

func (d *SignedData) readAttributes(attrs cryptobyte.String) error {
	err := eachAttribute(attrs, func(oid asn1.ObjectIdentifier, v cryptobyte.String) error {
		switch {
		case oid.Equal(oidContentType):
			if !v.ReadASN1ObjectIdentifier(&d.contentType) {
				return malformed("content-type")
			}
		case oid.Equal(oidMessageDigest):
			if !v.ReadASN1((*cryptobyte.String)(&d.messageDigest), tag.OCTET_STRING) {
				return malformed("message-digest")
			}
		case oid.Equal(oidSigningTime):
			d.SigningTime = true
		case oid.Equal(oidSigningCertV2):
			d.signingCert, d.signingV2 = v, true
		case oid.Equal(oidSigningCert) && !d.signingV2:
			d.signingCert = v
		case oid.Equal(oidArchive):
			d.Archive = bytes.Clone(v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !d.contentType.Equal(d.ContentType) {
		return malformed("content-type is %v", d.contentType)
	}
	if len(d.messageDigest) != d.Hash.Size() {
		return malformed("message-digest of %d bytes", len(d.messageDigest))
	}
	return nil
}

func (d *SignedData) readUnsigned(attrs cryptobyte.String) error {
	return eachAttribute(attrs, func(oid asn1.ObjectIdentifier, v cryptobyte.String) error {
		if oid.Equal(oidTimeStamp) {
			d.Token = bytes.Clone(v)
		}
		return nil
	})
}

// Check verifies the signature of a detached SignedData against digest, which
// is d.Hash of the signed bytes, and that the certificate is the one that the
// signer named in signing-certificate-v2. The error wraps [ErrDigest],
// [ErrSignature], [ErrCertificate] or [ErrKey]. Trust is another matter.
func (d *SignedData) Check(digest []byte) error {
	if d.Content != nil {
		return malformed("the signature carries other bytes")
	}
	if !d.signingV2 && !d.foreign {
		return fmt.Errorf("%w: it is not named", ErrCertificate)
	}
	return d.check(digest)
}

// CheckAttached verifies the signature of a SignedData that carries a digest of
// the signed bytes: adbe.pkcs7.sha1 (ISO 32000-1, 12.8.3.3.1). The error is as
// of [SignedData.Check].
func (d *SignedData) CheckAttached(digest []byte) error {
	if !d.ContentType.Equal(OIDData) || d.Content == nil {
		return malformed("no digest in it")
	}
	if !bytes.Equal(d.Content, digest) {
		return ErrDigest
	}
	return d.CheckEnclosed()
}

// Names reports whether the signer named the certificate: without that, another
// one of the same key would do as well.
func (d *SignedData) Names() bool { return d.signingCert != nil }

// CheckEnclosed verifies the signature of a SignedData about its own content.
// Time-stamp tokens may still name their certificate by SHA-1 (RFC 3161, 2.4.1).
func (d *SignedData) CheckEnclosed() error {
	if d.Content == nil {
		return malformed("no content")
	}
	h := d.Hash.New()
	h.Write(d.Content)
	return d.check(h.Sum(nil))
}

func (d *SignedData) check(digest []byte) error {
	if !bytes.Equal(digest, d.messageDigest) {
		return ErrDigest
	}
	h := d.Hash.New()
	h.Write(setOf(d.attrs))
	if err := d.checkValue(h.Sum(nil)); err != nil {
		return err
	}
	if d.foreign && d.signingCert == nil {
		return nil
	}
	return d.checkSigningCert()
}

// checkSigningCert compares the first certificate of signing-certificate(-v2)
// with the signer's (RFC 5035, 4 and 5).
func (d *SignedData) checkSigningCert() error {
	var outer, certs, id cryptobyte.String
	v := cryptobyte.String(d.signingCert)
	if !v.ReadASN1(&outer, tag.SEQUENCE) || !outer.ReadASN1(&certs, tag.SEQUENCE) || !certs.ReadASN1(&id, tag.SEQUENCE) {
		return fmt.Errorf("%w: it is not named", ErrCertificate)
	}
	hash := crypto.SHA256
	if d.signingV2 && id.PeekASN1Tag(tag.SEQUENCE) {
		oid, err := readAlgorithm(&id)
		if err != nil {
			return err
		}
		hash = 0
		for _, a := range digests {
			if a.oid.Equal(oid) {
				hash = a.hash
			}
		}
	}
	var got cryptobyte.String
	if hash == 0 || !id.ReadASN1(&got, tag.OCTET_STRING) {
		return fmt.Errorf("%w: it is named in a way not known", ErrCertificate)
	}
	var want []byte
	if d.signingV2 {
		h := hash.New()
		h.Write(d.Signer.Raw)
		want = h.Sum(nil)
	} else {
		sum := sha1.Sum(d.Signer.Raw)
		want = sum[:]
	}
	if !bytes.Equal(got, want) {
		return ErrCertificate
	}
	return d.checkIssuerSerial(id)
}

// checkIssuerSerial compares issuer and serial number, if they are named.
func (d *SignedData) checkIssuerSerial(id cryptobyte.String) error {
	if id.Empty() {
		return nil
	}
	var is, names, name cryptobyte.String
	serial := new(big.Int)
	if !id.ReadASN1(&is, tag.SEQUENCE) || !is.ReadASN1(&names, tag.SEQUENCE) ||
		!names.ReadASN1(&name, context(4)) || !is.ReadASN1Integer(serial) {
		return fmt.Errorf("%w: issuer and serial number", ErrCertificate)
	}
	if !bytes.Equal(name, d.Signer.RawIssuer) || serial.Cmp(d.Signer.SerialNumber) != 0 {
		return ErrCertificate
	}
	return nil
}
