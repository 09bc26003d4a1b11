package web

import (
	"slices"

	"sohoa/dossier"
)

// A Standing is where the mark of a signature will stand: on which page, from 1, and
// where on it, in parts of its width and height from its upper left.
type Standing struct {
	Page int     `json:"page"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	W    float64 `json:"w"`
	H    float64 `json:"h"`
}

// standing tells whoever is about to order a signature where its mark will stand.
func (s *server) standing(v *visit) error {
	d, _, err := s.document(v, look)
	if err != nil {
		return err
	}
	what := batchAct(v.who.Role)
	if s.Desk.Where == nil || !slices.Contains(dossier.Acts(d.State, v.who.Role), what) {
		return dossier.ErrNotFound
	}
	at, err := s.Desk.Where(v.ctx(), d, what, v.who)
	if err != nil {
		return err
	}
	return v.reply(at)
}

// deskNext leads to the most urgent paper that waits for the visitor; after names one
// that they have looked at and left: those after it come.
func (s *server) deskNext(v *visit) error {
	docs, err := s.Documents.Documents(v.ctx(), s.waiting(v, dossier.MostInBatch))
	if err != nil {
		return err
	}
	left := slices.IndexFunc(docs, func(d dossier.Document) bool { return string(d.ID) == v.r.FormValue("after") })
	if left+1 >= len(docs) {
		return v.to("/desk")
	}
	return v.to("/documents/" + string(docs[left+1].ID))
}
