package web_test

import (
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// TestBesideTheOriginal: what came stands beside what is made of it; a TIFF, which no browser
// shows, is said to be one, with what shows its picture and with itself to take.
func TestBesideTheOriginal(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-clerk")
	for slot, media := range map[dossier.SlotCode]string{"TP01": "image/tiff", "TP02": "image/png"} {
		d, err := h.db.Add(t.Context(), dossier.Document{Dossier: code, Slot: slot, Media: media, Size: 4, Pages: 1, Received: h.clock.now(),
			Parts: map[dossier.Part]digest.Digest{dossier.PartScan: h.keep([]byte("quét " + media))}}, "p-counter")
		must(t, err)
		d = h.machine(d)
		at := "/documents/" + string(d.ID) + "/view"
		page, tiff := b.get(at+"?part=plain"), media == "image/tiff"
		if says := strings.Contains(page.body, "Bản gốc là TIFF") && strings.Contains(page.body, "/parts/scan"); page.status != 200 || says != tiff {
			t.Errorf("%s: %d, said to be one that is not shown: %v", media, page.status, says)
		}
		if a := b.get(at + "?part=plain&beside=scan"); (a.status == 200) == tiff || !tiff && !strings.Contains(a.body, `class="viewers two"`) {
			t.Errorf("%s beside: %d", media, a.status)
		}
	}
}
