package verify

import (
	"bytes"
	"crypto"
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
	"sohoa/signing/tsa"
)

// The kinds of signatures that are judged (ISO 32000-1, 12.8.3.1, table 257; EN
// 319 142-1, 5.3). Only the first is PAdES.
const (
	formatCAdES    = "ETSI.CAdES.detached"
	formatDetached = "adbe.pkcs7.detached"
	formatSHA1     = "adbe.pkcs7.sha1"
)

// read reads the CMS of one field, so that it is known what to hash.
func (c *checker) read(f *field) {
	if f.bad != nil {
		return
	}
	fail := func(what finding, err error) {
		r := what.reason(err.Error())
		f.unread, f.fault = &r, what
	}
	var err error
	if f.der, err = c.contents(*f); err != nil {
		fail(contents, err)
		return
	}
	if f.isStamp() {
		if f.token, err = tsa.Parse(f.der); err != nil {
			fail(malformedCMS, err)
			return
		}
		f.hash = f.token.Hash()
		return
	}
	if f.sd, err = cms.ParseForeign(f.der); err != nil {
		fail(malformedCMS, err)
		return
	}
	if f.hash = f.sd.Hash; f.format() == formatSHA1 {
		f.hash = crypto.SHA1
	}
}

// signature finds out about one signature, in the order in which things matter:
// what it covers, what was signed, by whom, when, and what came after.
func (c *checker) signature(f *field) Signature {
	s := Signature{Field: f.name, Kind: KindSignature, Verdict: Valid, Revocation: "unknown", Claimed: claimed(f.dict["M"])}
	if !c.begin(&s, f) {
		return s
	}
	s.name(f.sd.Signer)
	switch f.format() {
	case formatCAdES:
	case formatDetached, formatSHA1:
		s.find(notPAdES, f.format())
	default:
		s.find(subFilter, f.format())
		return s
	}
	if !cryptography(&s, f) {
		return s
	}
	c.trust(&s, f)
	if f.format() != formatCAdES {
		s.Level = ""
	}
	c.later(&s, f.may)
	return s
}

// begin tells what a signature covers and permits, and whether it can be read.
func (c *checker) begin(s *Signature, f *field) bool {
	s.Format, s.Permits = f.format(), f.may.level
	if f.bad != nil {
		s.find(byteRange, f.bad.Error())
		return false
	}
	s.Covers = f.end()
	s.CoversAll = s.Covers == c.size
	if f.unread != nil {
		s.Verdict, s.Reasons = f.fault.verdict, []Reason{*f.unread}
		return false
	}
	if f.rules != nil {
		s.find(rules, f.rules.Error())
	}
	return true
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
	if size > 2*cms.MaxForeign+2 {
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
func cryptography(s *Signature, f *field) bool {
	sd := f.sd
	if !sd.ContentType.Equal(cms.OIDData) {
		s.find(malformedCMS, "it signs something else")
		return false
	}
	check := sd.Check
	if f.format() == formatSHA1 {
		check = sd.CheckAttached
	}
	switch err := check(f.digest); {
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
	switch {
	case sd.Names():
	case f.format() == formatCAdES:
		s.find(otherCert, "it is not named")
	default:
		s.find(unnamed, "")
	}
	if sd.SigningTime && f.format() == formatCAdES {
		s.find(signingTime, "")
	}
	return s.Verdict != Invalid
}

// trust checks time-stamp, chain, key usage and revocation.
func (c *checker) trust(s *Signature, f *field) {
	sd := f.sd
	at, stamp := c.at, c.stamp(s, sd)
	by := time.Time{}
	if stamp != nil {
		at, by = stamp.at, stamp.at
		if !s.Claimed.IsZero() && s.Claimed.After(at.Add(clockSkew)) {
			s.find(clock, s.Claimed.Format(time.RFC3339))
		}
	}
	if sd.Archive != nil {
		c.archive(c.report, sd.Archive, s.Covers, by)
	}
	s.strong(sd.Signer.PublicKey, f.hash, sd.PSS, c.strongAt(s, stamp))
	if f.hash != sd.Hash {
		s.strong(sd.Signer.PublicKey, sd.Hash, sd.PSS, c.strongAt(s, stamp))
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
	s.strongChain(chains[0], at)
	if sd.Token != nil && stamp != nil {
		c.reach(s, chains[0], stamp.chain)
	}
	c.revocation(s, at, chains[0], stamp)
}

// clockSkew is how far the clock of a signer may be ahead of the authority's.
const clockSkew = time.Minute

// strongAt returns when a signature is proven to have existed: at its
// time-stamp, if that is itself proven, or at a document time-stamp's.
func (c *checker) strongAt(s *Signature, st *stamp) time.Time {
	if st != nil {
		return st.at
	}
	return c.known(s.Covers)
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
