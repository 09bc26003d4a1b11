package web

import (
	"errors"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/project"
)

// twice is how far two people are with typing the fields of a paper.
type twice struct {
	Project project.ID
	Turn    int  // whose turn it is: 1 and 2 type, 3 settles
	Mine    bool // the visitor has typed it, and somebody else goes on
	Differs []project.Difference
	agreed  []dossier.Field
}

// Two are the values between which somebody settles a field; nil: they agree, or are
// not to be seen.
func (t *twice) Two(name dossier.FieldName) *project.Difference {
	if t == nil || t.Turn < 3 {
		return nil
	}
	if i := slices.IndexFunc(t.Differs, func(d project.Difference) bool { return d.Name == name }); i >= 0 {
		return &t.Differs[i]
	}
	return nil
}

// TypedHere reports whether the visitor has typed the fields already, so that somebody
// else goes on.
func (v documentView) TypedHere() bool { return v.Twice != nil && v.Twice.Mine }

// blanks is the form for whoever types next. It shows neither what the machine read nor
// what another typed; to whoever settles, what both typed alike.
func (t *twice) blanks(d dossier.Document) []blank {
	var known []dossier.Field
	if t.Turn == 3 {
		known = t.agreed
	}
	return blanks(d, "", known)
}

// fillTwice finds whether the fields of a document are typed twice.
func (s *server) fillTwice(v *visit, view *documentView) error {
	p, entries, err := s.Projects.TypedTwice(v.ctx(), view.Document.ID)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	t := &twice{Project: p.ID, Turn: len(entries) + 1}
	t.Mine = slices.ContainsFunc(entries, func(e project.Entry) bool { return e.Who == v.who.ID })
	if len(entries) == 2 {
		t.Differs = project.Differences(entries[0].Fields, entries[1].Fields)
		t.Mine = t.Mine && len(t.Differs) > 0
		for _, f := range entries[0].Fields {
			if !slices.ContainsFunc(t.Differs, func(d project.Difference) bool { return d.Name == f.Name }) {
				t.agreed = append(t.agreed, f)
			}
		}
	}
	view.Twice = t
	return nil
}

// typedTwice reports whether two people type the fields of a document.
func (s *server) typedTwice(v *visit, d dossier.Document) (bool, error) {
	_, _, err := s.Projects.TypedTwice(v.ctx(), d.ID)
	if errors.Is(err, dossier.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// typed keeps what somebody typed of a paper whose fields two people type. If it waits,
// the fields are not confirmed now: another person has to type them, or to settle what
// differs. Programs do not type.
func (s *server) typed(v *visit, d dossier.Document, fields []dossier.Field) (waits bool, err error) {
	_, entries, err := s.Projects.TypedTwice(v.ctx(), d.ID)
	if errors.Is(err, dossier.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if _, err := dossier.Next(d.State, dossier.Confirm, v.who.Role); err != nil {
		return false, err
	}
	if v.key != nil {
		return false, told("project-people", dossier.ErrForbidden)
	}
	if len(entries) < 2 {
		if entries, err = s.Projects.TypeEntry(v.ctx(), d.ID, fields, v.by()); err != nil {
			return false, projectSaid(err)
		}
		return len(entries) < 2 || len(project.Differences(entries[0].Fields, entries[1].Fields)) > 0, nil
	}
	if t := (twice{Differs: project.Differences(entries[0].Fields, entries[1].Fields)}); len(t.Differs) > 0 && (entries[0].Who == v.who.ID || entries[1].Who == v.who.ID) {
		return false, told("project-typed", dossier.ErrForbidden)
	}
	return false, nil
}
