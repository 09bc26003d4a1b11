package sqldb

import (
	"errors"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
)

// A drop is there once, of its agency alone, and its file is kept until it is discarded.
func TestDrops(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.77", Name: "Nơi khác", Tier: dossier.Commune}))
	sum := digest.Of([]byte("scan"))
	in := drop.Drop{Agency: "H60.77", Source: drop.Folder, Inbox: "f", Name: "a.pdf", Sum: sum, Size: 4, Media: "application/pdf", Pages: 1, State: drop.Taken}
	d, err := h.AddDrop(h.ctx, in)
	h.must(err)
	again, err := h.AddDrop(h.ctx, in)
	h.must(err)
	if again.ID != d.ID {
		t.Error("the same bytes of one name are two drops")
	}
	bad := in
	bad.Name, bad.Sum, bad.State, bad.Code = "b.exe", digest.Of([]byte("MZ")), drop.Refused, "kind"
	_, err = h.AddDrop(h.ctx, bad)
	h.must(err)
	wait := drop.Drop{Agency: "H60.77", Source: drop.Folder, Name: "c.part", Code: drop.Partial}
	h.must(h.SetWaiting(h.ctx, "f", []drop.Drop{wait, {Agency: "H60.77", Source: drop.Folder, Name: "d.part", Code: drop.Partial}}))
	h.must(h.SetWaiting(h.ctx, "f", []drop.Drop{wait}))
	list, err := h.Tray(h.ctx, []dossier.AgencyCode{"H60.77"}, "", 2)
	h.must(err)
	rest, err := h.Tray(h.ctx, []dossier.AgencyCode{"H60.77"}, list[1].ID, 2)
	h.must(err)
	if len(list) != 2 || len(rest) != 1 {
		t.Errorf("the tray has %d and %d", len(list), len(rest))
	}
	if list, err = h.Tray(h.ctx, []dossier.AgencyCode{"H60.12"}, "", 0); err != nil || len(list) != 0 {
		t.Errorf("others see %d, %v", len(list), err)
	}
	if _, err := h.Drop(h.ctx, d.ID, []dossier.AgencyCode{"H60.12"}); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("others see it: %v", err)
	}
	held := func() int {
		n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM holdings WHERE digest = $1", sum.String())
		h.must(err)
		return n
	}
	if un, err := h.Unnamed(h.ctx, []digest.Digest{sum}); err != nil || len(un) != 0 || held() != 2 {
		t.Errorf("the file is an orphan: %v, %v, held %d", un, err, held())
	}
	h.must(h.DropLaid(h.ctx, d.ID, "H60-1", "TP01", boss))
	h.must(h.DiscardDrop(h.ctx, d.ID, boss))
	if err := h.DiscardDrop(h.ctx, d.ID, boss); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("discarded twice: %v", err)
	}
	if un, err := h.Unnamed(h.ctx, []digest.Digest{sum}); err != nil || len(un) != 1 || held() != 0 {
		t.Errorf("discarded, the file is still kept: %v, %v, held %d", un, err, held())
	}
	h.must(h.RestoreDrop(h.ctx, d.ID, boss))
	if x, err := h.Drop(h.ctx, d.ID, nil); err != nil || x.State != drop.Taken || !x.Gone.IsZero() {
		t.Errorf("taken back it is %+v, %v", x, err)
	}
	if un, err := h.Unnamed(h.ctx, []digest.Digest{sum}); err != nil || len(un) != 0 || held() != 2 {
		t.Errorf("taken back, the file is not kept: %v, %v, held %d", un, err, held())
	}
	h.must(h.DiscardDrop(h.ctx, d.ID, boss))
	anew, err := h.AddDrop(h.ctx, in)
	h.must(err)
	if err := h.RestoreDrop(h.ctx, d.ID, boss); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("taken back beside the same: %v", err)
	}
	h.must(h.DiscardDrop(h.ctx, anew.ID, boss))
	h.clock.t = h.clock.t.Add(drop.UndoFor)
	if err := h.RestoreDrop(h.ctx, anew.ID, boss); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("taken back too late: %v", err)
	}
	if again, err = h.AddDrop(h.ctx, in); err != nil || again.ID == d.ID || held() != 2 {
		t.Errorf("brought again after it was discarded: %v, held %d", err, held())
	}
	h.audited()
}

// An account of a scanner opens doors until it ends, and its name is used once.
func TestScanners(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.77", Name: "Nơi khác", Tier: dossier.Commune}))
	secret := digest.Of([]byte("s"))
	s := drop.Scanner{Login: "q1", Agency: "H60.77", Why: "tầng 1", Until: noon.Add(24 * time.Hour)}
	long := s
	long.Until = noon.Add(drop.LongestScanner + time.Hour)
	if _, err := h.AddScanner(h.ctx, long, secret, boss); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("for ever: %v", err)
	}
	made, err := h.AddScanner(h.ctx, s, secret, boss)
	h.must(err)
	if _, err := h.AddScanner(h.ctx, s, secret, boss); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	got, kept, err := h.ScannerByLogin(h.ctx, "q1")
	h.must(err)
	if got.ID != made.ID || !drop.SameSecret("s", kept) || drop.SameSecret("t", kept) {
		t.Errorf("found %+v", got)
	}
	h.must(h.EndScanner(h.ctx, made.ID, boss))
	if _, _, err := h.ScannerByLogin(h.ctx, "q1"); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("ended: %v", err)
	}
	if err := h.EndScanner(h.ctx, made.ID, boss); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	h.audited()
}
