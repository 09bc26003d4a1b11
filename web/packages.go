package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"sohoa/dossier"
)

// packageKinds are the kinds of packages in the order pages list them.
var packageKinds = []string{"audit", "sip", "aip", "dip"}

// A Packer makes a package of a document, or if none is named of a dossier. What
// has not come to its end is [ErrNotArchived]; a file that is missing or changed
// is a [*NotWhole].
type Packer func(ctx context.Context, kind string, d dossier.DocumentID, code dossier.Code) (Package, error)

// A Package is found whole and ready to be written.
type Package struct {
	Name  string            // of its file, without the ending: codes and ids
	Notes []dossier.Reading // what is entered in the ledger before it is given out; who does so is missing
	Write func(ctx context.Context, w io.Writer) error
	Done  func() // whoever got it calls it once
}

// ErrNotArchived: a document is on its way, was refused, or is there no more.
var ErrNotArchived = fmt.Errorf("%w: not archived", dossier.ErrConflict)

// NotWhole says which file keeps a package from being made.
type NotWhole struct {
	Document dossier.DocumentID
	Part     dossier.Part
	Err      error
}

func (n *NotWhole) Error() string { return n.Err.Error() }
func (n *NotWhole) Unwrap() error { return n.Err }

func (s *server) packageRoutes() []route {
	return []route{
		{"GET /documents/{id}/packages/{kind}", pack, s.documentPackage},
		{"GET /dossiers/{code}/packages/{kind}", pack, s.dossierPackage},
	}
}

func (s *server) documentPackage(v *visit) error {
	d, do, err := s.document(v, pack)
	if err != nil {
		return err
	}
	if err := disposedOf(d); err != nil {
		return err
	}
	if d.State != dossier.Archived {
		return told("not-archived", ErrNotArchived)
	}
	return s.sendPackage(v, d.ID, do.Code)
}

func (s *server) dossierPackage(v *visit) error {
	do, err := s.dossier(v, pack)
	if err != nil {
		return err
	}
	if v.sight.closed.IsZero() {
	} else if p, err := s.Catalogue.Procedure(v.ctx(), do.Procedure); err != nil {
		return err
	} else if v.sight.closed.Touches(p) {
		return told("closed-whole", dossier.ErrForbidden)
	}
	if w := v.sight.within; w != nil && len(w.Kinds) > 0 {
		return told("room-whole", dossier.ErrForbidden) // it would hold papers of kinds that the grant leaves out
	}
	return s.sendPackage(v, "", do.Code)
}

// sendPackage makes a package and hands it out. One is made at a time: each reads
// every file of its record twice.
func (s *server) sendPackage(v *visit, d dossier.DocumentID, code dossier.Code) error {
	select {
	case s.packing <- struct{}{}:
		defer func() { <-s.packing }()
	default:
		return ErrBusy
	}
	p, err := s.Pack(v.ctx(), v.r.PathValue("kind"), d, code)
	var lost *NotWhole
	switch {
	case errors.As(err, &lost):
		s.fault(v, "package not made", "document", lost.Document, "part", lost.Part, "err", err)
		return err
	case errors.Is(err, ErrNotArchived):
		return told("not-archived", err)
	case err != nil:
		return err
	}
	defer p.Done()
	for i := range p.Notes {
		n := &p.Notes[i]
		n.Who, n.By, n.At, n.Purpose = v.who.ID, v.who.Role, s.Now(), dossier.PurposeOf(v.who.Role)
		n.Subject = v.under()
	}
	if err := s.Ledger.NoteAll(v.ctx(), p.Notes...); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.zip"`, p.Name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	v.wrote = true
	if err := p.Write(v.ctx(), v.w); err != nil {
		s.fault(v, "package broken off", "package", p.Name, "err", err)
		panic(http.ErrAbortHandler) // so that nobody takes half a package for a whole one
	}
	return nil
}
