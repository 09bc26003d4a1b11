package web

import (
	"errors"
	"net/http"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/drop"
)

// A resultLine is what became of one file of many that were entered as results.
type resultLine struct {
	Name     string             `json:"name"`
	Dossier  dossier.Code       `json:"dossier,omitempty"` // that its name names
	Document dossier.DocumentID `json:"document,omitempty"`
	State    dossier.State      `json:"state,omitempty"`
	Problem  *problem           `json:"problem,omitempty"`
}

type resultsView struct {
	Lines []resultLine
	Done  int
}

// trayResults enters taken files as the results of the dossiers that their names name, in
// one act. One that cannot be entered keeps none of the others back, and stays in the tray.
func (s *server) trayResults(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return badForm(err)
	}
	ids := slices.Compact(slices.Sorted(slices.Values(v.r.PostForm["drop"])))
	if len(ids) == 0 || len(ids) > mostTasks {
		return s.trayPage(v, told("no-picks", dossier.ErrInvalid))
	}
	var list []drop.Drop
	for _, id := range ids {
		d, err := s.dropBy(v, id)
		if err != nil {
			return err
		}
		list = append(list, d)
	}
	view := resultsView{}
	for _, d := range list {
		line := resultLine{Name: d.Name, Dossier: drop.Names(d.Name)}
		doc, err := s.result(v, d)
		if err == nil {
			line.Document, line.State = doc.ID, doc.State
			view.Done++
		} else {
			p := problemOf(v.lang, err)
			if line.Problem = &p; atFault(p.Status) {
				s.fault(v, "result not entered", "drop", d.ID, "who", v.who.ID, "err", err)
			}
		}
		view.Lines = append(view.Lines, line)
	}
	if v.json() {
		return v.reply(view.Lines)
	}
	return s.show(v, http.StatusOK, "results", "results.title", view)
}

// result enters one file. Broken off after the document is there, the same again finds
// the same document, and takes the file out of the tray.
func (s *server) result(v *visit, d drop.Drop) (none dossier.Document, err error) {
	code := drop.Names(d.Name)
	switch {
	case d.State != drop.Taken || d.Batch != "":
		return none, told("tray-gone", dossier.ErrConflict)
	case code == "":
		return none, told("result-name", dossier.ErrInvalid)
	}
	of, err := s.Dossiers.Dossier(v.ctx(), code)
	if err == nil {
		err = v.allowed(receive, &of)
	}
	if errors.Is(err, dossier.ErrNotFound) {
		err = told("result-dossier", dossier.ErrInvalid)
	}
	if err == nil {
		err = s.notSecret(v, code, dossier.ResultSlot)
	}
	if err == nil {
		err = s.Gate(v.ctx(), of.Receiving)
	}
	if err != nil {
		return none, err
	}
	body, err := s.Blobs.Open(v.ctx(), d.Sum)
	if err != nil {
		return none, err
	}
	defer body.Close()
	doc, err := s.Ingest.Accept(v.ctx(), Intake{Dossier: code, Slot: dossier.ResultSlot, Who: v.who.ID, Name: d.Name, Body: body})
	switch {
	case errors.Is(err, dossier.ErrConflict):
		return none, told("filled", err)
	case errors.Is(err, dossier.ErrNotFound):
		return none, told("result-none", dossier.ErrInvalid)
	case err != nil:
		return none, err
	}
	s.Moved(v.ctx(), doc)
	if err := s.Drops.DropLaid(v.ctx(), d.ID, code, dossier.ResultSlot, v.by()); err != nil {
		return none, err
	}
	return doc, s.Drops.DiscardDrop(v.ctx(), d.ID, v.by()) // its bytes are the document's now
}
