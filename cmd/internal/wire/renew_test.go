package wire

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/verify"
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
	shop := &shop{House: h, t: t, wall: &wall{at: time.Now()}, desk: desk, newest: &authority{ca: h.CA}}
	shop.must(h.DB.PutAgency(t.Context(), dossier.Agency{Code: "H98", Name: "UBND", Tier: dossier.Commune}))
	shop.must(h.DB.PutKind(t.Context(), dossier.Kind{Code: "DT", Name: "Giấy"}))
	shop.must(h.DB.PutProcedure(t.Context(), dossier.Procedure{Code: "9.9", Name: "Thử", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy"}}}))
	file := desk.Twice(t, revisiontest.Paper{}.Bytes()) // B-T
	d := shop.at(dossier.Sealed, map[dossier.Act]map[dossier.Part]digest.Digest{dossier.Seal: {dossier.PartSealed: shop.keep(file)}})
	month := shop.sealedMonth(file, desk.Sealer)
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
	if err != nil || len(list) != 2 || !slices.ContainsFunc(list, func(r dossier.Renewal) bool {
		return r.Report == string(month)+"/1" && r.Sum == digest.Of(file).String()
	}) {
		t.Fatalf("by %s: %v, %v", by, list, err)
	}
	list = slices.DeleteFunc(list, func(r dossier.Renewal) bool { return r.Report != "" })
	if list[0].Part != dossier.PartSealed || list[0].Sum != digest.Of(file).String() {
		t.Fatalf("by %s: %v, %v", by, list, err)
	}
	if n, waiting, err := RenewNow(t.Context(), s, by, log); err != nil || n != 2 || len(waiting) != 0 {
		t.Errorf("ahead: %d renewed, %v waiting, %v", n, waiting, err)
	}
	list, err = ListRenewals(t.Context(), s, by.AddDate(5, 0, 0))
	if err != nil || len(list) != 2 {
		t.Errorf("afterwards: %+v, %v", list, err)
	}
	for _, r := range list {
		if r.Part != dossier.RenewedPart(1) || !r.Until.After(by.AddDate(2, 0, 0)) {
			t.Errorf("afterwards: %+v", r)
		}
	}
	shop.reportHolds(s, month, file)
}

// TestStatementTwentyYears seals a closed month in 2026 and looks after it until 2046:
// the signature beside the statement, and the report, are renewed by the authority of
// the day before their proof ends. An authority that is away changes nothing.
func TestStatementTwentyYears(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam)
	s := newShop(t, start, 0)
	month := s.sealedMonth(s.signed(signing.LevelLTA), s.Sealer)
	n := &notary{h: s.House}
	seal := func() closing.Seal {
		all, err := s.DB.Seals(t.Context(), month)
		s.must(err)
		return all[0]
	}
	renewals := 0
	for at := start; at.Before(start.Add(20 * year)); at = at.Add(year / 4) {
		s.wall.set(at)
		due, err := s.DB.DueSeals(t.Context(), true)
		s.must(err)
		if len(due) > 0 {
			s.newest.stamps.Store(true)
			if got, err := n.renewDue(t.Context(), true); got != 0 || err != nil || seal() != due[0] {
				t.Fatalf("%s: an authority that is away: %d renewed, %v", at, got, err)
			}
			s.turnTo(newAuthority(t, s.wall.now))
		}
		got, err := n.renewDue(t.Context(), true)
		s.must(err)
		if renewals += got; got != len(due) {
			t.Fatalf("%s: %d renewed, %d due", at, got, len(due))
		}
		x := seal()
		f, err := n.signed(t.Context(), x)
		s.must(err)
		p, err := f.proves(s.pool(), at)
		if err != nil || x.Renewals != renewals || p.Stamps != max(1, renewals) || p.Until.Before(at.Add(year/4)) || p.Since.After(start.Add(6*year)) {
			t.Fatalf("%s: renewed %d times, %+v, %v", at, x.Renewals, p, err)
		}
		f.statement[5] ^= 1
		if _, err := f.proves(s.pool(), at); err == nil {
			t.Fatalf("%s: another statement is proven", at)
		}
	}
	if renewals < 4 {
		t.Errorf("renewed %d times in 20 years", renewals)
	}
	if left, err := s.DB.Unnamed(t.Context(), []digest.Digest{seal().Evidence}); err != nil || len(left) > 0 {
		t.Errorf("nobody names %v, %v", left, err)
	}
}

// sealedMonth closes a month, of which a file is the report.
func (s *shop) sealedMonth(file []byte, sealer *signing.Sealer) closing.Month {
	s.t.Helper()
	past := s.wall.now().AddDate(0, 0, -40)
	h, err := s.DB.PutHolder(s.t.Context(), dossier.Holder{Number: "099090999999", Name: "Trần Sĩ"})
	s.must(err)
	_, err = s.DB.AddDossier(s.t.Context(), dossier.Dossier{Procedure: "9.9", Receiving: "H98", Competent: "H98", Holder: h.ID, Channel: dossier.Direct, Received: past}, "counter")
	s.must(err)
	m := closing.Month(past.In(dossier.VietNam).Format("2006-01"))
	c, err := s.books().Close(s.t.Context(), m, "admin")
	s.must(err)
	statement, _, err := s.books().Statement(s.t.Context(), m, c.Version)
	s.must(err)
	signature, err := sealer.Detach(s.t.Context(), "figures", s.key("figures", "UBND", ""), statement)
	s.must(err)
	_, err = s.DB.AddSeal(s.t.Context(), closing.Seal{Month: m, Version: c.Version, Agency: "H98", Report: s.keep(file), Signature: s.keep(signature)})
	s.must(err)
	return m
}

// reportHolds asks for the report of a closed month, which must be a file and what
// was appended to it: a time-stamp more.
func (s *shop) reportHolds(settings Settings, m closing.Month, file []byte) {
	s.t.Helper()
	s.must(SealedMonth(s.t.Context(), settings, m, 1, slog.New(slog.DiscardHandler), func(f SealedFiles) error {
		report := f.Report
		if f.Err != nil || f.Evidence != nil || f.Proof.Stamps != 1 {
			s.t.Errorf("the signature's evidence, which the same authority gains nothing: %d bytes, %+v, %v", len(f.Evidence), f.Proof, f.Err)
		}
		if seal := f.Seal; seal.Renewals != 1 || len(report) <= len(file) || !bytes.HasPrefix(report, file) {
			s.t.Errorf("renewed %d times, %d bytes after %d", seal.Renewals, len(report), len(file))
		}
		path := filepath.Join(s.t.TempDir(), "report.pdf")
		s.must(os.WriteFile(path, report, 0o600))
		if r, err := s.House.look(s.t.Context(), path); err != nil || r.Verdict != verify.Valid || len(r.Signatures) != 3 {
			s.t.Errorf("%d signatures and time-stamps are %s %v, %v", len(r.Signatures), r.Verdict, r.Reasons, err)
		}
		return nil
	}))
}
