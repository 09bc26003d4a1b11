package tsa

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa/signing/cms"
)

// A Token is a time-stamp that was read. It is verified by [Token.Verify].
type Token struct {
	Time   time.Time // when it was made, by the authority's clock
	Serial *big.Int
	Policy asn1.ObjectIdentifier
	Nonce  *big.Int // nil if there is none
	Signer *x509.Certificate

	hash    crypto.Hash
	imprint []byte
	sd      *cms.SignedData
}

// Parse reads a TimeStampToken in DER. The error wraps [ErrToken].
func Parse(der []byte) (*Token, error) {
	sd, err := cms.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if !sd.ContentType.Equal(cms.OIDTSTInfo) || sd.Content == nil {
		return nil, fmt.Errorf("%w: it is about something else", ErrToken)
	}
	t := &Token{sd: sd, Signer: sd.Signer}
	if !t.read(sd.Content) {
		return nil, fmt.Errorf("%w: malformed", ErrToken)
	}
	return t, nil
}

// read reads a TSTInfo (RFC 3161, 2.4.2).
func (t *Token) read(content []byte) bool {
	var info, imprint, alg, sum, when, skip cryptobyte.String
	var version int64
	var oid asn1.ObjectIdentifier
	t.Serial = new(big.Int)
	in := cryptobyte.String(content)
	if !in.ReadASN1(&info, tag.SEQUENCE) || !in.Empty() ||
		!info.ReadASN1Integer(&version) || version != 1 ||
		!info.ReadASN1ObjectIdentifier(&t.Policy) ||
		!info.ReadASN1(&imprint, tag.SEQUENCE) || !imprint.ReadASN1(&alg, tag.SEQUENCE) ||
		!alg.ReadASN1ObjectIdentifier(&oid) || !imprint.ReadASN1(&sum, tag.OCTET_STRING) || !imprint.Empty() ||
		!info.ReadASN1Integer(t.Serial) || !info.ReadASN1(&when, tag.GeneralizedTime) {
		return false
	}
	for _, i := range imprints {
		if i.oid.Equal(oid) && len(sum) == i.hash.Size() {
			t.hash, t.imprint = i.hash, bytes.Clone(sum)
		}
	}
	var ok, some bool
	if t.Time, ok = generalized(string(when)); !ok || t.hash == 0 ||
		!info.SkipOptionalASN1(tag.SEQUENCE) || // accuracy
		!info.ReadOptionalASN1(&skip, &some, tag.BOOLEAN) { // ordering
		return false
	}
	if info.PeekASN1Tag(tag.INTEGER) {
		t.Nonce = new(big.Int)
		if !info.ReadASN1Integer(t.Nonce) {
			return false
		}
	}
	return info.SkipOptionalASN1(tag.Tag(0).ContextSpecific().Constructed()) && // authority's name
		info.SkipOptionalASN1(tag.Tag(1).ContextSpecific().Constructed()) && // extensions
		info.Empty()
}

// generalized reads a GeneralizedTime, which here may have a fraction (2.4.2).
func generalized(s string) (time.Time, bool) {
	base, zulu := strings.CutSuffix(s, "Z")
	whole, fraction, dotted := strings.Cut(base, ".")
	at, err := time.Parse("20060102150405", whole)
	if !zulu || err != nil || dotted && (fraction == "" || len(fraction) > 9 || strings.HasSuffix(fraction, "0")) {
		return time.Time{}, false
	}
	if dotted {
		if at, err = time.Parse("20060102150405.999999999", base); err != nil {
			return time.Time{}, false
		}
	}
	return at, true
}

// Certificates returns those that t carries.
func (t *Token) Certificates() []*x509.Certificate { return t.sd.Certificates }

// Verify checks that t is about value and was made, by a certificate that may
// do nothing else, under one of roots. It returns the certificate's chain from
// the signer to the root, or an error that wraps [ErrToken] or [ErrUntrusted].
func (t *Token) Verify(value []byte, roots *x509.CertPool) ([]*x509.Certificate, error) {
	h := t.hash.New()
	h.Write(value)
	return t.VerifyDigest(h.Sum(nil), roots, nil)
}

// Hash returns what the imprint of t was made with.
func (t *Token) Hash() crypto.Hash { return t.hash }

// VerifyDigest is Verify for a value that is only known by its digest, made
// with t.Hash. Certificates beside those in t may help to find the chain.
func (t *Token) VerifyDigest(digest []byte, roots *x509.CertPool, beside []*x509.Certificate) ([]*x509.Certificate, error) {
	if !bytes.Equal(digest, t.imprint) {
		return nil, fmt.Errorf("%w: it is about other bytes", ErrToken)
	}
	if err := t.sd.CheckEnclosed(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if !onlyStamps(t.Signer) {
		return nil, fmt.Errorf("%w: its certificate is not for time-stamps alone", ErrUntrusted)
	}
	others := x509.NewCertPool()
	for _, c := range slices.Concat(t.sd.Certificates, beside) {
		if !c.Equal(t.Signer) {
			others.AddCert(c)
		}
	}
	chains, err := t.Signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others,
		CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	return chains[0], nil
}

// onlyStamps reports whether c has timeStamping as its sole extended key usage,
// critical (RFC 3161, 2.3).
func onlyStamps(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return false
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37}) {
			return e.Critical
		}
	}
	return false
}
