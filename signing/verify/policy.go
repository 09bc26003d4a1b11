package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"
)

// A strength is how long an algorithm or a key counted as strong enough.
type strength struct {
	what  string
	below int       // bits of the key that it is about; 0: any
	until time.Time // the first day on which it does not
}

// strengths are the ends that ETSI TS 119 312 V1.5.1 gives, as EU DSS 6.4 has
// them in its policy (constraint.xml, AlgoExpirationDate). What is not in it has
// no end yet. Vietnam asks for RSA of 2048 bits and SHA-256 at least (the list
// of standards for digital signatures, Circular 06/2015/TT-BTTTT), which no line
// of this table allows less than, today.
var strengths = []strength{
	{"SHA-1", 0, day(2012, 8, 1)},
	{"RSA", 1024, day(2010, 8, 1)},
	{"RSA", 1900, day(2019, 10, 1)},
	{"RSA PKCS#1 v1.5", 0, day(2029, 1, 1)},
	{"RSA", 3000, day(2029, 1, 1)},
	{"ECDSA", 224, day(2012, 8, 1)},
	{"ECDSA", 256, day(2021, 10, 1)},
}

// decided is when the table was made. Ends that were then to come are
// expectations: they are told, and weigh nothing until the table is new.
var decided = day(2024, 10, 13)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// strong finds whether what a signature was made with was strong enough when it
// is proven to have existed.
func (s *Signature) strong(pub crypto.PublicKey, hash crypto.Hash, pss bool, at time.Time) {
	kind, bits := "", 0
	switch k := pub.(type) {
	case *rsa.PublicKey:
		kind, bits = "RSA", k.N.BitLen()
	case *ecdsa.PublicKey:
		kind, bits = "ECDSA", k.Curve.Params().BitSize
	}
	for _, l := range strengths {
		about := l.what == kind && bits < l.below || l.what == "SHA-1" && hash == crypto.SHA1 ||
			l.what == "RSA PKCS#1 v1.5" && kind == "RSA" && !pss
		if !about || at.Before(l.until) {
			continue
		}
		f, what := algorithm, l.what
		if l.until.After(decided) {
			f = soonWeak
		}
		if l.below > 0 {
			what = fmt.Sprintf("%s of %d bits", kind, bits)
		}
		s.findOnce(f, fmt.Sprintf("%s, until %s", what, l.until.Format(time.DateOnly)))
		return
	}
}

// strongChain holds the keys of all authorities of a chain but the root, which
// is believed as it is, to the same.
func (s *Signature) strongChain(chain []*x509.Certificate, at time.Time) {
	for _, c := range chain[:max(0, len(chain)-1)] {
		pss := c.SignatureAlgorithm == x509.SHA256WithRSAPSS || c.SignatureAlgorithm == x509.SHA384WithRSAPSS || c.SignatureAlgorithm == x509.SHA512WithRSAPSS
		s.strong(c.PublicKey, 0, pss, at)
	}
}

// findOnce is find for what may be found of several certificates.
func (s *Signature) findOnce(f finding, detail string) {
	for _, r := range s.Reasons {
		if r == f.reason(detail) {
			return
		}
	}
	s.find(f, detail)
}
