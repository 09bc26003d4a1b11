package revinfo

import "time"

// Issuer returns the common name of who made a list; empty for an OCSP answer.
func (s *Statement) Issuer() string {
	if s.list == nil {
		return ""
	}
	return s.list.Issuer.CommonName
}

// Times returns when a list was made and when the next one is due, which is zero
// if nobody says; both are zero for an OCSP answer.
func (s *Statement) Times() (this, next time.Time) {
	if s.list == nil {
		return
	}
	return s.list.ThisUpdate, s.list.NextUpdate
}
