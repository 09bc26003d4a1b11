package web

import (
	"encoding/json"
	"slices"
	"time"

	"sohoa/dossier"
)

type apiTask struct {
	ID      dossier.DocumentID `json:"id"`
	State   dossier.State      `json:"state"`
	Version int64              `json:"version"`
	Acts    []dossier.Act      `json:"acts"`
	Dossier dossier.Code       `json:"dossier"`
	Slot    dossier.SlotCode   `json:"slot"`
}

// apiTasks lists what waits for the visitor.
func (s *server) apiTasks(v *visit) error {
	view, err := s.tasks(v)
	if err != nil {
		return err
	}
	out := []apiTask{}
	for _, t := range view.Tasks {
		out = append(out, apiTask{t.ID, t.State, t.Version, t.Acts, t.Document.Dossier, t.Slot})
	}
	return v.reply(out)
}

type apiDocument struct {
	PagesDone int `json:"pagesDone,omitempty"` // of PagesOf, while a long paper is read page by page
	PagesOf   int `json:"pagesOf,omitempty"`

	ID        dossier.DocumentID      `json:"id"`
	Dossier   dossier.Code            `json:"dossier"`
	Slot      dossier.SlotCode        `json:"slot"`
	Kind      dossier.KindCode        `json:"kind"`
	State     dossier.State           `json:"state"`
	Version   int64                   `json:"version"`
	Acts      []dossier.Act           `json:"acts"`
	Media     string                  `json:"media"`
	Size      int64                   `json:"size"`
	Pages     int                     `json:"pages"`
	Received  time.Time               `json:"received"`
	Changed   time.Time               `json:"changed"`
	Parts     map[dossier.Part]string `json:"parts"`
	Why       string                  `json:"why,omitempty"`
	Trouble   string                  `json:"trouble,omitempty"`
	Since     time.Time               `json:"troubleSince,omitzero"`
	NextTry   time.Time               `json:"nextTry,omitzero"`
	Proof     time.Time               `json:"proofUntil,omitzero"`
	Proposals []dossier.Field         `json:"proposals"`
	Fields    []dossier.Field         `json:"fields"`
	Disposed  time.Time               `json:"disposed,omitzero"` // when it was decided that its files go
	Report    json.RawMessage         `json:"report,omitempty"`  // what was found in the file, as sohoa inspect says it
}

// apiDocument says what the document's page shows.
func (s *server) apiDocument(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	out, err := s.documentData(v, d, do)
	if err != nil {
		return err
	}
	return v.reply(out)
}

// documentData is what programs are shown of a document, noted before.
func (s *server) documentData(v *visit, d dossier.Document, do dossier.Dossier) (out apiDocument, err error) {
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return out, err
	}
	out = apiDocument{ID: d.ID, Dossier: d.Dossier, Slot: d.Slot, Kind: d.Kind, State: d.State, Version: d.Version,
		Acts: v.acts(d), Media: d.Media, Size: d.Size, Pages: d.Pages,
		Received: d.Received, Changed: d.Changed, Parts: map[dossier.Part]string{}, Why: d.Why, Trouble: d.Trouble,
		Since: d.Since, NextTry: d.NextTry, Proof: d.Proof.Until, Disposed: d.Disposed}
	if out.PagesDone, out.PagesOf, err = s.Line.PagesDone(v.ctx(), d); err != nil {
		return out, err
	}
	for part, sum := range d.Parts {
		out.Parts[part] = sum.String()
	}
	if !d.Disposed.IsZero() {
		out.Fields, err = s.Documents.Fields(v.ctx(), d.ID)
		return out, err
	}
	if out.Proposals, err = s.proposals(v.ctx(), d); err != nil {
		return out, err
	}
	if out.Fields, err = s.Documents.Fields(v.ctx(), d.ID); err != nil {
		return out, err
	}
	if out.Report, err = s.report(v.ctx(), d); err != nil {
		return out, err
	}
	return out, nil
}

// acts are those that the visitor's role can do to a document now; a program signs
// nothing.
func (v *visit) acts(d dossier.Document) []dossier.Act {
	return slices.DeleteFunc(slices.Clone(dossier.Acts(d.State, v.who.Role)), func(a dossier.Act) bool {
		return v.key != nil && (a == dossier.Attest || a == dossier.Approve)
	})
}

type apiSlot struct {
	Slot     dossier.SlotCode   `json:"slot"`
	Kind     dossier.KindCode   `json:"kind"`
	Required bool               `json:"required"`
	Document dossier.DocumentID `json:"document,omitempty"`
	State    dossier.State      `json:"state,omitempty"`
	Entry    dossier.EntryID    `json:"entry,omitempty"`   // used again
	Entries  []dossier.EntryID  `json:"entries,omitempty"` // that could be
}

type apiDossier struct {
	Code      dossier.Code          `json:"code"`
	Procedure dossier.ProcedureCode `json:"procedure"`
	Receiving dossier.AgencyCode    `json:"receiving"`
	Competent dossier.AgencyCode    `json:"competent"`
	Resolved  bool                  `json:"resolved"`
	Slots     []apiSlot             `json:"slots"`
}

// apiDossier says what the dossier's page shows, without its holder.
func (s *server) apiDossier(v *visit) error {
	d, err := s.dossier(v, look)
	if err != nil {
		return err
	}
	places, err := s.places(v, d)
	if err != nil {
		return err
	}
	out := apiDossier{Code: d.Code, Procedure: d.Procedure, Receiving: d.Receiving, Competent: d.Competent,
		Resolved: !d.Resolved.IsZero(), Slots: []apiSlot{}}
	for _, p := range places {
		slot := apiSlot{Slot: p.Slot, Kind: p.Kind, Required: p.Required}
		if p.Document != nil {
			slot.Document, slot.State = p.Document.ID, p.Document.State
		}
		if p.Reused != nil {
			slot.Entry = p.Reused.ID
		}
		for _, e := range p.Held {
			slot.Entries = append(slot.Entries, e.ID)
		}
		out.Slots = append(out.Slots, slot)
	}
	return v.reply(out)
}
