package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing/cms"
)

// signature finds out about one signature, in the order in which things matter:
// what it covers, what was signed, by whom, when, and what came after.
func (c *checker) signature(f field) Signature {
	s := Signature{Field: f.name, Kind: KindSignature, Verdict: Valid, Revocation: "unknown", Claimed: claimed(f.dict["M"])}
	der, ok := c.begin(&s, f)
	if !ok {
		return s
	}
	if f.dict["SubFilter"] != revision.Name("ETSI.CAdES.detached") {
		s.find(subFilter, fmt.Sprintf("%.40v", f.dict["SubFilter"]))
	}
	sd, err := cms.Parse(der)
	if err != nil {
		s.find(malformedCMS, err.Error())
		return s
	}
	s.name(sd.Signer)
	if !c.cryptography(&s, sd, f) {
		return s
	}
	c.trust(&s, sd)
	c.later(&s)
	return s
}

// begin checks what a signature covers and returns its CMS.
func (c *checker) begin(s *Signature, f field) ([]byte, bool) {
	if f.bad != nil {
		s.find(byteRange, f.bad.Error())
		return nil, false
	}
	s.Covers = f.bounds[2] + f.bounds[3]
	s.CoversAll = s.Covers == c.size
	der, err := c.contents(f)
	if err != nil {
		s.find(contents, err.Error())
		return nil, false
	}
	return der, true
}

// name notes what the certificate says of the signer.
func (s *Signature) name(cert *x509.Certificate) {
	s.Level = LevelB
	s.Signer, s.Issuer = cert.Subject.CommonName, cert.Issuer.CommonName
	s.Organisation = strings.Join(cert.Subject.Organization, ", ")
	s.Unit = strings.Join(cert.Subject.OrganizationalUnit, ", ")
	s.Serial = cert.SerialNumber.Text(16)
	s.NotBefore, s.NotAfter = cert.NotBefore, cert.NotAfter
}

// covered checks the ByteRange: four integers from 0, in order, around exactly
// the Contents of this dictionary, up to an end of file.
func (c *checker) covered(f *field) error {
	a, ok := f.dict["ByteRange"].(revision.Array)
	if !ok || len(a) != 4 {
		return errors.New("not four numbers")
	}
	for i, o := range a {
		n, ok := o.(revision.Number)
		v, isInt := n.Int()
		if !ok || !isInt || v < 0 || v > c.size {
			return errors.New("not four numbers within the file")
		}
		f.bounds[i] = v
	}
	b, span := f.bounds, f.spans["Contents"]
	if b[0] != 0 || b[1] == 0 || b[1] >= b[2] || b[2]+b[3] > c.size {
		return errors.New("not from the beginning to behind the signature")
	}
	if span[0] != b[1] || span[1] != b[2] {
		return fmt.Errorf("the gap is not the signature: %d to %d, not %d to %d", b[1], b[2], span[0], span[1])
	}
	end := b[2] + b[3]
	if own := f.spans[""]; own[0] >= b[1] || own[1] > end {
		return errors.New("it does not cover its own dictionary")
	}
	tail := make([]byte, min(7, end))
	if _, err := c.r.ReadAt(tail, end-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	if !bytes.HasSuffix(bytes.TrimRight(tail, "\r\n"), []byte("%%EOF")) {
		return errors.New("it does not end where a version of the file ends")
	}
	return nil
}

// contents returns the CMS in the gap: hexadecimal digits without anything
// between them, and nothing but zeros after the CMS.
func (c *checker) contents(f field) ([]byte, error) {
	size := f.bounds[2] - f.bounds[1]
	if size > 2*revision.MaxContents+2 {
		return nil, fmt.Errorf("%d bytes", size)
	}
	gap := make([]byte, size)
	if _, err := c.r.ReadAt(gap, f.bounds[1]); err != nil {
		return nil, err
	}
	if gap[0] != '<' || gap[size-1] != '>' {
		return nil, errors.New("not in hexadecimal digits")
	}
	b, err := hex.DecodeString(string(gap[1 : size-1]))
	if err != nil {
		return nil, errors.New("not in hexadecimal digits")
	}
	if want, ok := f.dict["Contents"].(revision.String); !ok || !bytes.Equal(want, b) {
		return nil, errors.New("not what the dictionary says")
	}
	var first asn1.RawValue
	rest, err := asn1.Unmarshal(b, &first)
	if err != nil || first.Class != asn1.ClassUniversal || first.Tag != asn1.TagSequence {
		return nil, errors.New("no signature in it")
	}
	if len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, errors.New("something stands after the signature")
	}
	return first.FullBytes, nil
}

// cryptography checks digest, value and certificate. It reports whether going
// on makes sense.
func (c *checker) cryptography(s *Signature, sd *cms.SignedData, f field) bool {
	h := sd.Hash.New()
	if err := c.hash(h, f); err != nil {
		s.find(structure, err.Error())
		return false
	}
	if !sd.ContentType.Equal(cms.OIDData) {
		s.find(malformedCMS, "it signs something else")
		return false
	}
	switch err := sd.Check(h.Sum(nil)); {
	case err == nil:
	case errors.Is(err, cms.ErrDigest):
		s.find(altered, "")
	case errors.Is(err, cms.ErrSignature):
		s.find(badValue, "")
	case errors.Is(err, cms.ErrCertificate):
		s.find(otherCert, "")
	case errors.Is(err, cms.ErrKey):
		s.find(weakKey, err.Error())
	default:
		s.find(malformedCMS, err.Error())
	}
	if sd.SigningTime {
		s.find(signingTime, "")
	}
	return s.Verdict != Invalid
}

// trust checks time-stamp, chain, key usage and revocation.
func (c *checker) trust(s *Signature, sd *cms.SignedData) {
	at, stamp := c.at, c.stamp(s, sd)
	if stamp != nil {
		at = stamp.at
	}
	if sd.Signer.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 || sd.Signer.IsCA {
		s.find(usage, "")
	}
	switch {
	case stamp == nil && at.After(sd.Signer.NotAfter):
		s.find(ended, "")
		return
	case at.Before(sd.Signer.NotBefore) || at.After(sd.Signer.NotAfter):
		s.find(expired, "")
		return
	}
	others := x509.NewCertPool()
	for _, cert := range slices.Concat(sd.Certificates, c.beside) {
		if !cert.Equal(sd.Signer) {
			others.AddCert(cert)
		}
	}
	chains, err := sd.Signer.Verify(x509.VerifyOptions{Roots: c.roots, Intermediates: others,
		CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		s.find(unknownIssuer, err.Error())
		return
	}
	s.chain(chains[0])
	if sd.Token != nil && stamp != nil {
		c.reach(s, chains[0], stamp.chain)
	}
	c.revocation(s, at, chains[0], stamp)
}

// claimed reads a date (ISO 32000-1, 7.9.4); zero if it is none.
func claimed(o revision.Object) time.Time {
	b, ok := o.(revision.String)
	if !ok {
		return time.Time{}
	}
	s := strings.ReplaceAll(strings.TrimPrefix(string(b), "D:"), "'", "")
	for _, layout := range []string{"20060102150405-0700", "20060102150405Z", "20060102150405"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
