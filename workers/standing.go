package workers

import (
	"context"
	"fmt"
	"os"

	"sohoa/dossier"
	"sohoa/signing"
)

// copyBy is what is asked of a key for a person's signature on a copy. Nobody is there
// to be asked for a place when it is made.
func copyBy(d dossier.Document, who dossier.Person) signing.Request {
	return signing.Request{Subject: string(d.ID), Profile: signing.CopyOfficer, Name: who.Name, CapturedAt: d.Received, Insist: true}
}

// sealOf is what is asked of a key for an agency's signature on a copy.
func (t *Tools) sealOf(d dossier.Document, a dossier.Agency) signing.Request {
	return signing.Request{Subject: string(d.ID), Profile: signing.CopyAgency, Level: t.Level, Name: a.Name, Insist: true}
}

// Where finds where the mark will stand if who orders act, Attest or Approve, on d as it
// is: by the rule that signs, on the bytes that will be signed.
func (t *Tools) Where(ctx context.Context, d dossier.Document, act dossier.Act, who dossier.Person) (at signing.Standing, err error) {
	r, from := copyBy(d, who), dossier.PartPlain
	switch act {
	case dossier.Attest:
	case dossier.Approve:
		of, err := t.Facts.Dossier(ctx, d.Dossier)
		if err != nil {
			return at, err
		}
		agency, err := t.Facts.Agency(ctx, of.Receiving)
		if err != nil {
			return at, err
		}
		r, from = t.sealOf(d, agency), dossier.PartCopySigned
	default:
		return at, fmt.Errorf("%w: %s leaves no mark", dossier.ErrInvalid, act)
	}
	path, done, err := t.fetch(ctx, d, from)
	if err != nil {
		return at, err
	}
	defer done()
	src, err := os.Open(path)
	if err != nil {
		return at, err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return at, err
	}
	return t.Sealer.Where(ctx, r, src, info.Size())
}
