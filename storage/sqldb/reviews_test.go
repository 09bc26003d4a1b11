package sqldb

import (
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// doubtful is a document that was read badly.
func (h *house) doubtful(slot dossier.SlotCode) dossier.Document {
	h.t.Helper()
	d := h.add(h.newDossier().Code, slot)
	c := change(dossier.Move{From: dossier.Received, Act: dossier.Recognise, To: dossier.Recognised, By: dossier.Machine})
	c.Made[dossier.PartDoubts] = digest.Of([]byte("doubts of " + d.ID))
	d, err := h.Advance(h.ctx, d, c)
	h.must(err)
	return d
}

func TestReview(t *testing.T) {
	h := newHouse(t)
	first, well, second := h.doubtful("T1"), h.in(dossier.Recognised), h.doubtful("T1")
	asks := dossier.DocumentQuery{Doubtful: true}
	found, err := h.Documents(h.ctx, asks)
	h.must(err)
	if len(found) != 2 || found[0].ID == well.ID || found[1].ID == well.ID {
		t.Fatalf("doubtful: %+v", found)
	}
	wantErr(t, "read well", h.Review(h.ctx, well.ID, "counter"), dossier.ErrInvalid)
	wantErr(t, "no such document", h.Review(h.ctx, "none", "counter"), dossier.ErrNotFound)
	wantErr(t, "nobody", h.Review(h.ctx, first.ID, ""), dossier.ErrInvalid)
	for _, who := range []dossier.PersonID{"counter", "officer"} { // twice is once
		h.must(h.Review(h.ctx, first.ID, who))
	}
	if who, err := h.Reviewed(h.ctx, first.ID); err != nil || who != "counter" {
		t.Errorf("reviewed by %q, %v", who, err)
	}
	if who, err := h.Reviewed(h.ctx, second.ID); err != nil || who != "" {
		t.Errorf("nobody looked at the second: %q, %v", who, err)
	}
	events, err := h.Events(h.ctx, first.Dossier)
	h.must(err)
	if len(events) != 2 || events[1].Act != dossier.PaperReviewed || events[1].Slot != "T1" || events[1].Who != "counter" {
		t.Errorf("events: %+v", events)
	}
	if found, err = h.Documents(h.ctx, asks); err != nil || len(found) != 1 || found[0].ID != second.ID {
		t.Errorf("left: %+v, %v", found, err)
	}
	h.to(second, dossier.Refused) // nobody has to look at what is scanned again
	if found, err = h.Documents(h.ctx, asks); err != nil || len(found) != 0 {
		t.Errorf("left: %+v, %v", found, err)
	}
	if _, err := h.write.ExecContext(h.ctx, "DELETE FROM reviews"); err == nil {
		t.Error("a review can be taken back")
	}
}
