package sqldb

import (
	"testing"

	"sohoa/dossier"
	"sohoa/storage/ledger"
)

// TestCommitments opens what the log commits to with what is given out for it, and
// finds what was done to a dossier itself.
func TestCommitments(t *testing.T) {
	h := newHouse(t)
	d := h.newDossier()
	doc := h.add(d.Code, "T1")
	h.refuse(doc)
	said, err := h.Commitments(h.ctx, doc.ID)
	h.must(err)
	if len(said) != 1 || said[0].Why == "" || len(said[0].Salt) != 32 {
		t.Fatalf("%+v", said)
	}
	_, err = h.NumberEvents(h.ctx)
	h.must(err)
	log, err := h.LogOf(h.ctx, doc.ID)
	h.must(err)
	opened := false
	for _, p := range log {
		text, err := h.LogEvent(h.ctx, p.Place)
		h.must(err)
		e, err := ledger.Parse(text)
		h.must(err)
		opened = opened || e.Version == said[0].Version && e.Text == ledger.Commit(said[0].Salt, said[0].Why, said[0].Fields)
	}
	if !opened {
		t.Error("what is given out does not open the commitment")
	}
	h.newDossier()
	_, err = h.NumberEvents(h.ctx)
	h.must(err)
	cases, err := h.CaseLog(h.ctx, d.Code)
	h.must(err)
	if len(cases) != 1 || cases[0].Dossier != d.Code || string(cases[0].Act) != string(dossier.DossierReceived) {
		t.Errorf("%+v", cases)
	}
}

// refuse refuses a received document with a reason.
func (h *house) refuse(d dossier.Document) {
	h.t.Helper()
	_, err := h.Advance(h.ctx, d, dossier.Change{Act: dossier.Refuse, By: dossier.Machine, Who: "line", At: h.clock.now(), Why: "trang trắng"})
	h.must(err)
}
