package verify

import (
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa/signing/revinfo"
)

// maxArchive is the most statements of one archive that are read.
const maxArchive = 64

// archive reads adbe-revocationInfoArchival (ISO 32000-1, 12.8.3.3.2):
//
//	SEQUENCE { crl [0] EXPLICIT SEQUENCE OF CRL OPTIONAL,
//	  ocsp [1] EXPLICIT SEQUENCE OF OCSPResponse OPTIONAL, otherRevInfo [2] … }
//
// It is signed, so it existed when the signature did, at a time that is proven
// if that is not zero. What cannot be read proves nothing.
func (c *checker) archive(r *Report, der []byte, end int64, by time.Time) {
	var seq cryptobyte.String
	in := cryptobyte.String(der)
	if !in.ReadASN1(&seq, tag.SEQUENCE) || !in.Empty() {
		r.note(badEvidence, "archive")
		return
	}
	parsers := []func([]byte) (*revinfo.Statement, error){revinfo.ParseCRL, revinfo.ParseOCSP}
	for i, parse := range parsers {
		var list, all cryptobyte.String
		var some bool
		if !seq.ReadOptionalASN1(&list, &some, tag.Tag(i).ContextSpecific().Constructed()) || some && !list.ReadASN1(&all, tag.SEQUENCE) {
			r.note(badEvidence, "archive")
			return
		}
		for n := 0; !all.Empty() && n < maxArchive; n++ {
			var one cryptobyte.String
			if !all.ReadASN1Element(&one, tag.SEQUENCE) {
				r.note(badEvidence, "archive")
				return
			}
			st, err := parse(one)
			if err != nil {
				r.note(badEvidence, err.Error())
				continue
			}
			c.statements = append(c.statements, statement{Statement: st, end: end, by: by})
		}
	}
}
