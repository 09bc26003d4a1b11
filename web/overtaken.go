package web

import (
	"errors"
	"slices"

	"sohoa/dossier"
)

// clash is a field for which a visitor typed one value while the paper got another.
type clash struct {
	Name         dossier.FieldName
	Mine, Theirs string
}

// clashes are the fields in which mine and theirs differ, in the order of the form. What
// kind a paper is nobody types.
func clashes(mine, theirs []dossier.Field) (all []clash) {
	m, t := byName(mine), byName(theirs)
	for _, name := range dossier.FieldNames {
		if name != dossier.FieldKind && m[name].Value != t[name].Value {
			all = append(all, clash{name, m[name].Value, t[name].Value})
		}
	}
	return all
}

// overtaken answers whoever sends fields of a paper that somebody else changed meanwhile:
// the paper as it is now, and beside each field that differs what they had typed. Where
// they may still confirm, the form holds their words again, and nothing is written before
// they have seen the others.
func (s *server) overtaken(v *visit, id dossier.DocumentID, do dossier.Dossier, mine []dossier.Field, wrong error) error {
	if v.json() || !errors.Is(wrong, dossier.ErrConflict) {
		return wrong
	}
	d, err := s.Documents.Document(v.ctx(), id)
	if err != nil {
		return err
	}
	var given []dossier.Field
	twice := false
	if slices.Contains(dossier.Acts(d.State, v.who.Role), dossier.Confirm) {
		if twice, err = s.typedTwice(v, d); err != nil {
			return err
		}
		given = mine
	}
	view, err := s.documentView(v, d, do, given, wrong)
	if err != nil {
		return err
	}
	if !twice { // of two who type, neither sees what the other typed
		theirs, err := s.Documents.Fields(v.ctx(), d.ID)
		if len(theirs) == 0 && err == nil {
			theirs, err = s.proposals(v.ctx(), d)
		}
		if err != nil {
			return err
		}
		view.Mine = clashes(mine, theirs)
	}
	return s.documentShown(v, view, wrong)
}
