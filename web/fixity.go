package web

import (
	"net/http"

	"sohoa/dossier/fixity"
)

type fixityView struct {
	What   string
	Report fixity.Report
	Counts []fixity.State // in the order of the columns
}

// fixityShow says how the files of the archive are.
func (s *server) fixityShow(v *visit) error {
	r, err := s.Fixity(v.ctx())
	if err != nil {
		return err
	}
	if v.json() {
		return v.reply(r.Plain())
	}
	return s.show(v, http.StatusOK, "fixity", "admin.fixity", fixityView{"fixity", r, fixity.States[:]})
}
