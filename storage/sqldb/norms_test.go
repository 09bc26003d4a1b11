package sqldb

import (
	"fmt"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/norm"
	"sohoa/dossier/retention"
)

// Codes come from the norm of their day, are unique, and are made again the same.
func TestResultCodes(t *testing.T) {
	h := newHouse(t)
	e := h.entry("T2")
	c, err := h.ResultCode(h.ctx, e.Document)
	if want := "008199012345.DON." + string(e.Dossier) + ".T2"; err != nil || c.Code != want || c.Norm != "norm-code-0" {
		t.Fatalf("code %+v, %v, want %s", c, err, want)
	}
	_, err = h.AddNorm(h.ctx, norm.Norm{Sort: norm.Code, From: h.clock.now(), Said: "{kind}/{n}", Law: "TT 9/2026", Grade: retention.Secondary, Who: "admin"}, dossier.Admin)
	h.must(err)
	h.clock.move(time.Minute)
	a, b := h.entry("T2"), h.entry("T2")
	for id, want := range map[dossier.DocumentID]string{a.Document: "DON/1", b.Document: "DON/2", e.Document: c.Code} {
		for range 2 {
			if got, err := h.ResultCode(h.ctx, id); err != nil || got.Code != want {
				t.Errorf("%s: %+v, %v, want %s", id, got, err, want)
			}
		}
	}
	if _, err := h.write.ExecContext(h.ctx, "DELETE FROM result_codes WHERE document = $1", string(b.Document)); err == nil {
		t.Error("a code was taken away")
	}
	_, err = h.ResultCode(h.ctx, "none")
	wantErr(t, "of no document", err, dossier.ErrNotFound)
	h.audited()
}

// A result that came in signed has the code of electronic results, by its dossier
// and in turn (NĐ 45/2020/NĐ-CP Điều 14.3); one that was scanned has that of paper, and
// so has a component that came in signed.
func TestElectronicResultCodes(t *testing.T) {
	h := newHouse(t)
	kept := func(code dossier.Code, slot dossier.SlotCode, signed bool) dossier.Document {
		d := scan(code, slot, rnd())
		if signed {
			d.State = dossier.Presented
		}
		d, err := h.Add(h.ctx, d, "counter")
		h.must(err)
		for _, m := range way(d.State, dossier.Archived) {
			c := change(m)
			if m.Act == dossier.Archive && signed {
				c.Made = map[dossier.Part]digest.Digest{dossier.PartAdopted: d.Parts[dossier.PartScan]}
			}
			d, err = h.Advance(h.ctx, d, c)
			h.must(err)
		}
		return d
	}
	result, scanned, component := kept(h.newDossier().Code, dossier.ResultSlot, true), kept(h.newDossier().Code, dossier.ResultSlot, false), kept(h.newDossier().Code, "T1", true)
	for _, row := range []struct {
		d    dossier.Document
		want string
		norm string
	}{
		{result, string(result.Dossier) + "-KQ(1)", "norm-code-1"},
		{scanned, "008199012345.QD." + string(scanned.Dossier) + ".KQ", "norm-code-0"},
		{component, "008199012345.GKS." + string(component.Dossier) + ".T1", "norm-code-0"},
	} {
		for range 2 {
			if c, err := h.ResultCode(h.ctx, row.d.ID); err != nil || c.Code != row.want || c.Norm != row.norm {
				t.Errorf("code %+v, %v, want %s", c, err, row.want)
			}
		}
	}
	open := h.newDossier() // its first number is another paper's: the next is taken
	h.run(fmt.Sprintf("INSERT INTO result_codes (document, code, norm, demo) SELECT id, '%s-KQ(1)', 'norm-code-1', 0 FROM documents WHERE id = '%s'", open.Code, h.add(h.newDossier().Code, "T1").ID))
	d := kept(open.Code, dossier.ResultSlot, true)
	if c, err := h.ResultCode(h.ctx, d.ID); err != nil || c.Code != string(open.Code)+"-KQ(2)" {
		t.Errorf("the second of a dossier: %+v, %v", c, err)
	}
}

func TestNorms(t *testing.T) {
	h := newHouse(t)
	n := norm.Norm{Sort: norm.Ground, Name: "GKS", From: time.Date(2026, 11, 1, 0, 0, 0, 0, dossier.VietNam), Said: "Luật Hộ tịch", Law: "Luật 60/2014/QH13", Grade: retention.Inferred, Who: "admin"}
	_, err := h.AddNorm(h.ctx, n, dossier.Clerk)
	wantErr(t, "by a clerk", err, dossier.ErrForbidden)
	kept, err := h.AddNorm(h.ctx, n, dossier.Admin)
	h.must(err)
	_, err = h.AddNorm(h.ctx, n, dossier.Admin)
	wantErr(t, "twice on a day", err, dossier.ErrConflict)
	bad := n
	bad.Sort, bad.Said = norm.Code, "{holder}"
	_, err = h.AddNorm(h.ctx, bad, dossier.Admin)
	wantErr(t, "a template of equal codes", err, dossier.ErrInvalid)
	h.audited()
	all, err := h.Norms(h.ctx)
	h.must(err)
	if got, ok := all.On(norm.Ground, "GKS", h.clock.now()); !ok || got != kept {
		t.Errorf("%+v, want %+v", got, kept)
	}
	if _, err := h.write.ExecContext(h.ctx, "UPDATE norms SET said = 'khác' WHERE id = $1", kept.ID); err == nil {
		t.Error("a norm was rewritten")
	}
}

// What the catalogue says of a procedure's dossiers is a rule beside that of a kind:
// the longer one counts.
func TestRetentionCode(t *testing.T) {
	h := newHouse(t)
	p, err := h.Procedure(h.ctx, procedure)
	h.must(err)
	p.Retention = "H10"
	h.must(h.PutProcedure(h.ctx, p))
	rule := func(kind dossier.KindCode, years int) {
		t.Helper()
		_, err := h.AddRule(h.ctx, retention.Rule{Kind: kind, Years: years, From: time.Date(2020, 1, 1, 0, 0, 0, 0, dossier.VietNam), Law: "TT 1", Grade: retention.Secondary, Who: "admin"}, dossier.Admin)
		h.must(err)
	}
	_, err = h.AddRule(h.ctx, retention.Rule{Kind: retention.OfCode("H99"), Years: 5, From: h.clock.now(), Law: "TT 1", Grade: retention.Secondary, Who: "admin"}, dossier.Admin)
	wantErr(t, "a code of no procedure", err, dossier.ErrNotFound)
	e := h.entry("T2")
	_, err = h.Resolve(h.ctx, e.Dossier, h.clock.now(), "officer")
	h.must(err)
	at := h.clock.now().AddDate(0, 1, 0)
	for _, step := range []struct {
		kind  dossier.KindCode
		years int
		want  int
	}{{retention.OfCode("H10"), 10, 10}, {"DON", 20, 20}} {
		rule(step.kind, step.years)
		s, err := h.Standing(h.ctx, e.Document, at)
		if err != nil || s.Rule.Years != step.want {
			t.Errorf("after a rule of %s: %d years, %v, want %d", step.kind, s.Rule.Years, err, step.want)
		}
	}
	rule("", 2)
	due, _, err := h.Due(h.ctx, h.clock.now().AddDate(22, 0, 0), nil, nil, 0)
	if err != nil || len(due) != 1 {
		t.Errorf("due: %v, %v", due, err)
	}
	h.audited()
}
