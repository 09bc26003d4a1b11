package wire

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing/devca/devtest"
)

// TestRenewNow renews in a directory on which no service works: nothing that is
// not due, and ahead of its day what is asked for. What was archived with
// signatures that hold for two years then holds as long as the time-stamp.
func TestRenewNow(t *testing.T) {
	s := Read(func(string) string { return "" })
	s.Data, s.Readers = t.TempDir(), 1
	log := slog.New(slog.DiscardHandler)
	if _, _, err := RenewNow(t.Context(), s, time.Now(), log); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no house: %v", err)
	}
	h := &House{Settings: s, Log: log, temp: s.Data + "/tmp"}
	if err := h.build(t.Context(), h.open, h.keys); err != nil {
		t.Fatal(err)
	}
	desk := devtest.New(t, time.Now)
	desk.Sealer.TSA.Roots, desk.CA = h.CA.Roots(), h.CA
	stamps := httptest.NewServer(h.CA.TSA())
	t.Cleanup(stamps.Close)
	desk.Sealer.TSA.URL = stamps.URL
	shop := &shop{House: h, t: t, wall: &wall{at: time.Now()}, desk: desk}
	shop.must(h.DB.PutAgency(t.Context(), dossier.Agency{Code: "H98", Name: "UBND", Tier: dossier.Commune}))
	shop.must(h.DB.PutKind(t.Context(), dossier.Kind{Code: "DT", Name: "Giấy"}))
	shop.must(h.DB.PutProcedure(t.Context(), dossier.Procedure{Code: "9.9", Name: "Thử", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy"}}}))
	file := desk.Twice(t, revisiontest.Paper{}.Bytes()) // B-T
	d := shop.at(dossier.Sealed, map[dossier.Act]map[dossier.Part]digest.Digest{dossier.Seal: {dossier.PartSealed: shop.keep(file)}})
	_, err := h.DB.Advance(t.Context(), d, dossier.Change{Act: dossier.Archive, By: dossier.Machine, Who: "an earlier version"})
	shop.must(err)
	if _, _, err := RenewNow(t.Context(), s, time.Now(), log); err == nil {
		t.Error("renewed beside a service")
	}
	shop.must(h.Close())
	if n, waiting, err := RenewNow(t.Context(), s, time.Now(), log); err != nil || n != 0 || len(waiting) != 0 {
		t.Errorf("today: %d renewed, %v waiting, %v", n, waiting, err)
	}
	by := time.Now().AddDate(2, 0, 0)
	list, err := ListRenewals(t.Context(), s, by)
	if err != nil || len(list) != 1 || list[0].Part != dossier.PartSealed || list[0].Sum != digest.Of(file).String() {
		t.Fatalf("by %s: %v, %v", by, list, err)
	}
	if n, waiting, err := RenewNow(t.Context(), s, by, log); err != nil || n != 1 || len(waiting) != 0 {
		t.Errorf("ahead: %d renewed, %v waiting, %v", n, waiting, err)
	}
	if list, err := ListRenewals(t.Context(), s, by.AddDate(5, 0, 0)); err != nil || len(list) != 1 || list[0].Part != dossier.RenewedPart(1) || !list[0].Until.After(by.AddDate(2, 0, 0)) {
		t.Errorf("afterwards: %+v, %v", list, err)
	}
}
