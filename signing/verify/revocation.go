package verify

import (
	"crypto/x509"
	"fmt"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing/revinfo"
)

// A statement is evidence about revocations: given to us, or held by the file.
type statement struct {
	*revinfo.Statement
	end int64     // where in the file it ends; 0: it was given
	by  time.Time // when it is proven to have existed; zero: where it stands says
}

// given reads the revocation lists of the options.
func (c *checker) given(r *Report, crls [][]byte) error {
	for _, der := range crls {
		s, err := revinfo.ParseCRL(der)
		if err != nil {
			return fmt.Errorf("revocation list: %w", err)
		}
		c.statements = append(c.statements, statement{Statement: s})
		l := List{Issuer: s.Issuer()}
		l.This, l.Next = s.Times()
		l.Overdue = !l.Next.IsZero() && l.Next.Before(c.at)
		r.Lists = append(r.Lists, l)
	}
	return nil
}

// held reads the file's document security store. What is malformed in it is
// told and proves nothing.
func (c *checker) held(r *Report) {
	held, err := c.file.Evidence()
	if err != nil {
		r.note(badEvidence, err.Error())
		return
	}
	for _, of := range []struct {
		kind  revision.Name
		parse func([]byte) (*revinfo.Statement, error)
	}{{revision.OCSPs, revinfo.ParseOCSP}, {revision.CRLs, revinfo.ParseCRL}} {
		for _, h := range held[of.kind] {
			s, err := of.parse(h.DER)
			if err != nil {
				r.note(badEvidence, err.Error())
				continue
			}
			c.statements = append(c.statements, statement{Statement: s, end: h.End})
		}
	}
	for _, h := range held[revision.Certs] {
		cert, err := x509.ParseCertificate(h.DER)
		if err != nil {
			r.note(badEvidence, err.Error())
			continue
		}
		c.beside = append(c.beside, cert)
	}
}

// A proof is a valid document time-stamp: all before an end existed at a time.
type proof struct {
	end int64
	at  time.Time
}

// known returns when what ends at a place in the file is proven to have
// existed: at the earliest valid document time-stamp over it, or now. Document
// time-stamps are judged from the last to the first, so that this is settled
// for whatever they cover.
func (c *checker) known(end int64) time.Time {
	at := c.at
	for _, p := range c.proofs {
		if end <= p.end && p.at.Before(at) {
			at = p.at
		}
	}
	return at
}

// proven reports whether a valid document time-stamp covers what ends at a
// place.
func (c *checker) proven(end int64) bool {
	for _, p := range c.proofs {
		if end <= p.end {
			return true
		}
	}
	return false
}

// revocation looks for evidence about every certificate below a root: of the
// signer at the time of signing, of the time-stamp authority at the time its
// token is proven to have existed.
func (c *checker) revocation(s *Signature, at time.Time, signer []*x509.Certificate, stamp *stamp) {
	if !c.good(s, signer, at, revoked) {
		return
	}
	if stamp != nil && !c.good(s, stamp.chain, stamp.known, stampRevoked) {
		return
	}
	if stamp != nil || s.Kind == KindTimestamp || s.Level == LevelT {
		s.Revocation = "good"
	}
}

// good reports whether there is evidence that a chain was not revoked by a
// time, and finds why there is none.
func (c *checker) good(s *Signature, chain []*x509.Certificate, at time.Time, gone finding) bool {
	for i := 0; i+1 < len(chain); i++ {
		st := c.status(chain[i], chain[i+1], at)
		if st.gone {
			s.Revocation = "revoked"
			s.find(gone, fmt.Sprintf("%s, serial number %s", chain[i].Subject.CommonName, chain[i].SerialNumber.Text(16)))
			return false
		}
		if !st.told {
			s.find(noRevocation, chain[i].Subject.CommonName)
			return false
		}
		if s.Evidence.IsZero() || st.made.Before(s.Evidence) {
			s.Evidence = st.made
		}
	}
	return true
}

// A status is what all statements together say of a certificate.
type status struct {
	told, gone bool
	made       time.Time // the newest statement that tells
	held       bool      // the file itself tells
	proven     bool      // by what a valid document time-stamp covers
}

// status says whether cert was revoked by a time. A statement counts if it goes
// on to speak for that time, and if who signed it had not ended by the time it
// is known to have existed: afterwards, anybody may have got hold of the key.
func (c *checker) status(cert, issuer *x509.Certificate, at time.Time) (st status) {
	for _, e := range c.statements {
		a, ok := c.says(e, cert, issuer)
		if !ok {
			continue
		}
		known := c.at
		if e.end > 0 {
			known = c.known(e.end)
		}
		if !e.by.IsZero() && e.by.Before(known) {
			known = e.by
		}
		switch {
		case a.This.After(known.Add(time.Minute)), a.Until.Before(known):
		case !a.Revoked.IsZero() && !a.Revoked.After(at):
			st.told, st.gone = true, true
		case a.InForce(at):
			st.told = true
			if a.This.After(st.made) {
				st.made = a.This
			}
			st.held = st.held || e.end > 0
			st.proven = st.proven || e.end > 0 && c.proven(e.end)
		}
	}
	return st
}

// An asked names what a statement was asked: all signatures of a file ask much
// the same.
type asked struct {
	statement    *revinfo.Statement
	cert, issuer string // DER
}

// says returns what a statement says about cert, if it may.
func (c *checker) says(e statement, cert, issuer *x509.Certificate) (revinfo.Answer, bool) {
	q := asked{e.Statement, string(cert.Raw), string(issuer.Raw)}
	a, seen := c.answers[q]
	if !seen {
		if got, err := e.About(cert, issuer); err == nil {
			a = &got
		}
		if c.answers == nil {
			c.answers = map[asked]*revinfo.Answer{}
		}
		c.answers[q] = a
	}
	if a == nil {
		return revinfo.Answer{}, false
	}
	return *a, true
}

// reach raises the level of a time-stamped signature by what the file holds:
// to B-LT if there is evidence about signer and time-stamp authority as of the
// time-stamp, to B-LTA if a valid document time-stamp covers it all.
func (c *checker) reach(s *Signature, signer, stamper []*x509.Certificate) {
	held, covered := true, c.proven(s.Covers)
	for _, chain := range [][]*x509.Certificate{signer, stamper} {
		for i := 0; i+1 < len(chain); i++ {
			st := c.status(chain[i], chain[i+1], s.Stamped)
			held, covered = held && st.held, covered && st.proven
		}
	}
	switch {
	case held && covered:
		s.Level = LevelLTA
	case held:
		s.Level = LevelLT
	}
}
