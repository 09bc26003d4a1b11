package verify

import (
	"crypto/x509"
	"fmt"
	"time"
)

// revocation looks for evidence about every certificate below a root, of the
// signer at the time of signing and of the time-stamp authority now.
func (c *checker) revocation(s *Signature, at time.Time, signer, stamper []*x509.Certificate) {
	for _, chain := range []struct {
		certs []*x509.Certificate
		at    time.Time
	}{{signer, at}, {stamper, c.at}} {
		for i := 0; i+1 < len(chain.certs); i++ {
			known, gone := c.status(chain.certs[i], chain.certs[i+1], chain.at)
			if gone {
				s.Revocation = "revoked"
				s.find(revoked, fmt.Sprintf("%s, serial number %s", chain.certs[i].Subject.CommonName, chain.certs[i].SerialNumber.Text(16)))
				return
			}
			if !known {
				s.find(noRevocation, chain.certs[i].Subject.CommonName)
				return
			}
		}
	}
	if s.Level == LevelT {
		s.Revocation = "good"
	}
}

// status says whether a revocation list in force tells about cert, and whether
// cert was revoked by a time. A list made after the certificate has expired
// tells nothing: it may have been dropped from it (RFC 5280, 3.3).
func (c *checker) status(cert, issuer *x509.Certificate, at time.Time) (known, gone bool) {
	for _, l := range c.crls {
		if string(l.RawIssuer) != string(issuer.RawSubject) || l.CheckSignatureFrom(issuer) != nil ||
			l.ThisUpdate.After(c.at.Add(time.Minute)) || l.NextUpdate.Before(c.at) || partial(l) {
			continue
		}
		for _, e := range l.RevokedCertificateEntries {
			if e.SerialNumber.Cmp(cert.SerialNumber) == 0 && !e.RevocationTime.After(at) {
				return true, true
			}
		}
		known = known || !l.ThisUpdate.After(cert.NotAfter)
	}
	return known, false
}

// partial reports whether a list has critical extensions: it then does not tell
// of all certificates (RFC 5280, 5.2.4 and 5.2.5).
func partial(l *x509.RevocationList) bool {
	for _, e := range l.Extensions {
		if e.Critical {
			return true
		}
	}
	return false
}
