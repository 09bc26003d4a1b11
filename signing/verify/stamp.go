package verify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"sohoa/signing/cms"
	"sohoa/signing/tsa"
)

// A stamp is a trusted time-stamp of a signature.
type stamp struct {
	at    time.Time // what it says
	known time.Time // when it is proven to have existed
	chain []*x509.Certificate
}

// documentStamp finds out about a document time-stamp (EN 319 142-1, 5.4.3). If
// it is valid it is proof of all it covers.
func (c *checker) documentStamp(f *field) Signature {
	s := Signature{Field: f.name, Kind: KindTimestamp, Verdict: Valid, Revocation: "unknown"}
	if !c.begin(&s, f) {
		return s
	}
	s.name(f.token.Signer)
	s.Level = ""
	found, ok := c.token(&s, f.token, f.digest, altered)
	if !ok {
		return s
	}
	s.chain(found.chain)
	c.revocation(&s, found.known, found.chain, nil)
	c.later(&s, f.may)
	if s.Verdict == Valid {
		c.proofs = append(c.proofs, proof{s.Covers, found.at})
	}
	return s
}

// token holds a token against what it is about, the roots, and the time it is
// known to have existed at: then, its certificate must still have been in force.
// A token about something else, or forged, is what other finds.
func (c *checker) token(s *Signature, t *tsa.Token, digest []byte, other finding) (*stamp, bool) {
	chain, err := t.VerifyDigest(digest, c.roots, c.beside)
	known := c.known(s.Covers)
	switch {
	case errors.Is(err, tsa.ErrUntrusted):
		s.find(unknownStamp, err.Error())
		return nil, false
	case err != nil:
		s.find(other, err.Error())
		return nil, false
	case t.Time.After(known.Add(time.Minute)):
		s.find(badStamp, "it is from the future")
		return nil, false
	}
	s.Stamped, s.Stamper = t.Time, t.Signer.Subject.CommonName
	for _, cert := range chain {
		if known.After(cert.NotAfter) {
			s.find(endedStamp, fmt.Sprintf("%s, on %s", cert.Subject.CommonName, cert.NotAfter.Format(time.DateOnly)))
			return nil, false
		}
	}
	s.strong(t.Signer.PublicKey, t.Hash(), false, known)
	return &stamp{t.Time, known, chain}, true
}

// stamp checks when a signature was made: by its time-stamp, or by a document
// time-stamp over it. Without either it returns nil.
func (c *checker) stamp(s *Signature, sd *cms.SignedData) *stamp {
	if sd.Token == nil {
		if !c.proven(s.Covers) {
			s.find(noStamp, "")
			return nil
		}
		s.Level, s.Stamped = LevelT, c.known(s.Covers)
		return &stamp{at: s.Stamped, known: s.Stamped} // its chain was judged with the document time-stamp
	}
	t, err := tsa.Parse(sd.Token)
	if err != nil {
		s.find(badStamp, err.Error())
		return nil
	}
	h := t.Hash().New()
	h.Write(sd.Value)
	found, ok := c.token(s, t, h.Sum(nil), badStamp)
	if !ok {
		return nil
	}
	s.Level = LevelT
	return found
}

// chain notes whom a certificate leads to.
func (s *Signature) chain(certs []*x509.Certificate) {
	for _, cert := range certs {
		s.Chain = append(s.Chain, cert.Subject.CommonName)
	}
}
