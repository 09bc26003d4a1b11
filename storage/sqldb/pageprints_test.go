package sqldb

import (
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
)

// printed is a document that was read, with pages that look like prints.
func (h *house) printed(code dossier.Code, prints ...uint64) dossier.Document {
	h.t.Helper()
	d := h.to(h.add(code, "T1"), dossier.Recognised)
	h.must(h.PutPrints(h.ctx, d.ID, pagesLike(d, prints...)))
	return d
}

func pagesLike(d dossier.Document, prints ...uint64) (pages []batch.PagePrint) {
	for i, p := range prints {
		pages = append(pages, batch.PagePrint{Page: i + 1, Picture: string(d.ID) + string(rune('a'+i)), Print: p})
	}
	return pages
}

func (h *house) dossierOf(holder dossier.HolderID, receiving dossier.AgencyCode) dossier.Code {
	h.t.Helper()
	d := h.newDossier()
	d.Code, d.Holder, d.Receiving, d.Competent = "", holder, receiving, ""
	d, err := h.AddDossier(h.ctx, d, "counter")
	h.must(err)
	return d.Code
}

const sheet, elsewhere = uint64(0x1234_5678_9abc_def0), uint64(0x0fed_cba9_8765_4321)

// A paper that was read is owed its prints, those read last first; they are written
// down once; one that waits is not offered before its time.
func TestOwedPrints(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	owed := func() (list []dossier.DocumentID) {
		found, err := h.OwedPrints(h.ctx, 10)
		h.must(err)
		for _, u := range found {
			if u.Words.IsZero() || u.Scan.IsZero() {
				t.Errorf("its files are not named: %+v", u)
			}
			list = append(list, u.Document)
		}
		return list
	}
	first := h.add(code, "T1")
	if got := owed(); len(got) != 0 {
		t.Errorf("before it was read: %v", got)
	}
	first = h.to(first, dossier.Recognised)
	h.clock.move(time.Minute)
	second := h.to(h.add(h.newDossier().Code, "T1"), dossier.Recognised)
	if got := owed(); len(got) != 2 || got[0] != second.ID || got[1] != first.ID {
		t.Errorf("owed: %v", got)
	}
	h.must(h.PutOffPrints(h.ctx, second.ID, h.clock.now().Add(time.Hour)))
	if got := owed(); len(got) != 1 || got[0] != first.ID {
		t.Errorf("one waits, and owed are %v", got)
	}
	h.must(h.PutPrints(h.ctx, first.ID, pagesLike(first, sheet, elsewhere)))
	h.must(h.PutPrints(h.ctx, first.ID, pagesLike(first, sheet, elsewhere))) // a second writer changes nothing
	if n, err := h.NearPrints(h.ctx, sheet); err != nil || n != 1 {
		t.Errorf("%d pages like it, %v", n, err)
	}
	if n, err := h.PrintsWaiting(h.ctx); err != nil || n != 1 {
		t.Errorf("%d wait, %v", n, err)
	}
}

// A batch that brings a sheet is told of the paper that came another way: the holder's
// own first, then others of the agency; of other agencies' nothing.
func TestTwinsAmongDocuments(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Counter})
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.77", Parent: "H60", Name: "Xã khác", Tier: dossier.Commune}))
	one, other := h.someone("001190000001", false), h.someone("001190000002", false)
	mine, again := h.dossierOf(one, "H60.12"), h.dossierOf(one, "H60.12")
	theirs := h.printed(h.dossierOf(other, "H60.12"), elsewhere, sheet)
	own := h.printed(mine, sheet^7)
	foreign := h.printed(h.dossierOf(other, "H60.77"), sheet)
	b := h.batch("a", batch.Look{Picture: "x", Print: sheet}, batch.Look{Picture: string(foreign.ID) + "a", Print: ^sheet}, batch.Look{Picture: string(theirs.ID) + "a", Print: 1})
	twins, err := h.Twins(h.ctx, b, b.Sides[0], again)
	if err != nil || len(twins) != 2 || twins[0].Document != own.ID || !twins[0].Holder || twins[0].Bits != 3 || twins[1].Document != theirs.ID || twins[1].Page != 2 || twins[1].Bits != 0 || twins[1].Holder {
		t.Errorf("%+v, %v", twins, err)
	}
	if twins, err = h.Twins(h.ctx, b, b.Sides[0], ""); err != nil || len(twins) != 2 || twins[0].Document != theirs.ID || twins[1].Document != own.ID {
		t.Errorf("nobody said whose it is: %+v, %v", twins, err)
	}
	if twins, err = h.Twins(h.ctx, b, b.Sides[1], again); err != nil || len(twins) != 0 {
		t.Errorf("another agency's: %+v, %v", twins, err)
	}
	if twins, err = h.Twins(h.ctx, b, b.Sides[2], again); err != nil || len(twins) != 1 || !twins[0].Same || twins[0].Document != theirs.ID || twins[0].Page != 1 {
		t.Errorf("the very picture: %+v, %v", twins, err)
	}
	s := b.Sides[0]
	s.Document = own.ID
	if twins, err = h.Twins(h.ctx, b, s, again); err != nil || len(twins) != 1 || twins[0].Document != theirs.ID {
		t.Errorf("the document that it became: %+v, %v", twins, err)
	}
}

// A document is told of those of the same holder that look like it, whichever way they
// came, and of whoever's have the very picture in the agencies that are asked for; not
// of another's form that looks alike, nor of what was refused.
func TestLikenesses(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Counter})
	one, other := h.someone("001190000001", false), h.someone("001190000002", false)
	first, second := h.dossierOf(one, "H60.12"), h.dossierOf(one, "H60.12")
	d := h.printed(second, elsewhere, sheet)
	before := h.printed(first, sheet^0xff, sheet^0x3ff00)
	h.printed(h.dossierOf(other, "H60.12"), sheet)
	refused := h.printed(h.dossierOf(one, "H60.12"), sheet)
	h.refuse(refused)
	b := h.batch("a", batch.Look{Picture: "p", Print: ^sheet}, batch.Look{Picture: "q", Print: sheet ^ 1})
	h.must(h.ProposeBatch(h.ctx, b))
	brought := h.add(h.dossierOf(one, "H60.12"), "T1")
	h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides, brought.ID, "", bringer))
	for id, want := range map[dossier.DocumentID]bool{brought.ID: true, d.ID: false} {
		if ok, err := h.BatchBrought(h.ctx, id); err != nil || ok != want {
			t.Errorf("brought by a batch: %v, %v", ok, err)
		}
	}
	brought = h.to(brought, dossier.Recognised)
	h.must(h.PutPrints(h.ctx, brought.ID, pagesLike(brought, ^sheet, sheet))) // its sides say it
	if n, err := h.NearPrints(h.ctx, ^sheet); err != nil || n != 1 {
		t.Errorf("a page of a batch is in the index %d times, %v", n, err)
	}
	c := h.batch("c", batch.Look{Picture: "r", Print: sheet ^ 1})
	if twins, err := h.Twins(h.ctx, c, c.Sides[0], second); err != nil || len(twins) != 3 || twins[0].Document != brought.ID || twins[0].Page != 2 || twins[1].Document != d.ID {
		t.Errorf("a side that became a paper is told of twice, or not at all: %+v, %v", twins, err)
	}
	got, err := h.Likenesses(h.ctx, d, nil)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if l := got[0]; l.At != 2 || l.Document != brought.ID || l.Page != 2 || l.Bits != 1 || !l.Holder || l.Same {
		t.Errorf("%+v", l)
	}
	if l := got[1]; l.At != 2 || l.Document != before.ID || l.Page != 1 || l.Bits != 8 {
		t.Errorf("%+v", l)
	}
	if got, err = h.Likenesses(h.ctx, brought, nil); err != nil || len(got) != 2 || got[0].At != 2 {
		t.Errorf("the other way: %+v, %v", got, err)
	}
	copied := h.to(h.add(h.dossierOf(h.someone("001190000003", false), "H60.12"), "T1"), dossier.Recognised)
	h.must(h.PutPrints(h.ctx, copied.ID, []batch.PagePrint{{Page: 1, Picture: "q", Print: sheet ^ 1}}))
	for agency, want := range map[dossier.AgencyCode]int{"H60.12": 1, "H60.77": 0} {
		if got, err = h.Likenesses(h.ctx, copied, []dossier.AgencyCode{agency}); err != nil || len(got) != want {
			t.Errorf("the very picture of another's, for %s: %+v, %v", agency, got, err)
		}
	}
}

// A document that is disposed of is not found again by what it looked like.
func TestPrintsLeaveWithTheDocument(t *testing.T) {
	h := newHouse(t)
	h.rule("GKS", 1)
	d := h.over(1)
	h.must(h.PutPrints(h.ctx, d.ID, pagesLike(d, sheet, 1<<63|elsewhere)))
	late := h.over(1)
	for _, p := range []uint64{sheet, 1<<63 | elsewhere} {
		if n, err := h.NearPrints(h.ctx, p); err != nil || n != 1 {
			t.Fatalf("before: %d, %v", n, err)
		}
	}
	h.clock.move(h.yearsOn(1).Sub(h.clock.now()))
	h.disposed(d)
	h.disposed(late)
	h.must(h.PutPrints(h.ctx, late.ID, pagesLike(late, sheet))) // a keeper that was slow
	for _, query := range []string{"SELECT COUNT(*) FROM side_prints", "SELECT COUNT(*) FROM page_prints", "SELECT COUNT(*) FROM prints_owed"} {
		if n, err := one(h.ctx, h.read, single[int], query); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", query, n, err)
		}
	}
}
