package web

import (
	"errors"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/batch"
)

// A tellable says of papers that others look like whether the visitor may be told of
// them: they may if they may look at them, and nobody learns by a likeness that a paper
// is there. Each paper is asked about once.
type tellable struct {
	s         *server
	v         *visit
	documents map[dossier.DocumentID]*likePaper
	batches   map[batch.ID]bool
}

// A likePaper is a paper that another looks like.
type likePaper struct {
	Document dossier.Document
	Dossier  dossier.Dossier
}

func (s *server) tellable(v *visit) *tellable {
	return &tellable{s: s, v: v, documents: map[dossier.DocumentID]*likePaper{}, batches: map[batch.ID]bool{}}
}

// paper is a document that the visitor may look at, or nil.
func (t *tellable) paper(id dossier.DocumentID) (*likePaper, error) {
	if p, asked := t.documents[id]; asked {
		return p, nil
	}
	t.documents[id] = nil
	d, err := t.s.Documents.Document(t.v.ctx(), id)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	do, err := t.s.Dossiers.Dossier(t.v.ctx(), d.Dossier)
	if err != nil {
		return nil, err
	}
	if d.Disposed.IsZero() && t.v.allowedFor(look, do, d.Kind) == nil {
		t.documents[id] = &likePaper{Document: d, Dossier: do}
	}
	return t.documents[id], nil
}

func (t *tellable) batch(id batch.ID) (bool, error) {
	if ok, asked := t.batches[id]; asked {
		return ok, nil
	}
	_, err := t.s.PaperBatches.Batch(t.v.ctx(), id, t.v.sight.agencies(), t.v.sight.closed)
	t.batches[id] = err == nil
	if errors.Is(err, dossier.ErrNotFound) {
		err = nil
	}
	return t.batches[id], err
}

// twins returns those of what a side looks like that the visitor may be told of.
func (t *tellable) twins(all []batch.Twin) (told []batch.Twin, err error) {
	for _, x := range all {
		ok := false
		if x.Document != "" {
			var p *likePaper
			p, err = t.paper(x.Document)
			ok = p != nil
		} else {
			ok, err = t.batch(x.Batch)
		}
		if err != nil {
			return nil, err
		}
		if ok {
			told = append(told, x)
		}
	}
	return told, nil
}

// sides returns the sides of b with the twins that the visitor may be told of.
func (t *tellable) sides(b batch.Batch) ([]batch.Side, error) {
	t.batches[b.ID] = true
	sides := slices.Clone(b.Sides)
	for i := range sides {
		told, err := t.twins(sides[i].Twins)
		if err != nil {
			return nil, err
		}
		sides[i].Twins = told
	}
	return sides, nil
}

// A pageLike says that a page of the document that is shown looks like another's.
type pageLike struct {
	At, Page, Bits int
	Same, Holder   bool
	Document       dossier.Document
	Dossier        dossier.Dossier
}

// mostLike is how many pages that look alike are told of one document.
const mostLike = 12

// pagesLike are the papers that a document looks like, of those that the visitor may
// look at. It stops nothing: somebody looks at both.
func (s *server) pagesLike(v *visit, d dossier.Document) (told []pageLike, err error) {
	found, err := s.Documents.Likenesses(v.ctx(), d, v.sight.agencies())
	if err != nil {
		return nil, err
	}
	t := s.tellable(v)
	for _, l := range found {
		p, err := t.paper(l.Document)
		if err != nil {
			return nil, err
		}
		if p != nil && len(told) < mostLike {
			told = append(told, pageLike{l.At, l.Page, l.Bits, l.Same, l.Holder, p.Document, p.Dossier})
		}
	}
	return told, nil
}
