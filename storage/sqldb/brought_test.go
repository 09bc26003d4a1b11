package sqldb

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/dossier/fixity"
	"sohoa/dossier/retention"
)

func (h *house) drop(name string) drop.Drop {
	h.t.Helper()
	d, err := h.AddDrop(h.ctx, drop.Drop{Agency: "H60.12", Source: drop.SFTP, Inbox: "sc-1/sftp", Name: name, Sum: digest.Of([]byte(name)), Size: 4, Media: "application/pdf", Pages: 1, State: drop.Taken})
	h.must(err)
	return d
}

func (h *house) held(name string) int {
	h.t.Helper()
	n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM holdings WHERE digest = $1", digest.Of([]byte(name)).String())
	h.must(err)
	return n
}

// disposed disposes of a document, to the certificate, and returns what the
// certificate says.
func (h *house) disposed(d dossier.Document) retention.Disposal {
	h.t.Helper()
	_, err := h.Decide(h.ctx, answer(admin, retention.Approve, h.propose(d, clerk), ""))
	h.must(err)
	left, err := h.Leaving(h.ctx, h.clock.now(), 0)
	h.must(err)
	for i, l := range left {
		if n, err := h.Certify(h.ctx); err != nil || n != 0 {
			h.t.Errorf("certified while %d files are still there: %d, %v", len(left)-i, n, err)
		}
		if ok, err := h.Go(h.ctx, l); err != nil || !ok {
			h.t.Errorf("%s may not go: %v", l.Digest, err)
		}
		h.must(h.Went(h.ctx, l, fixity.Finding{At: h.clock.now(), Store: l.Store, Digest: l.Digest, What: fixity.Disposed, Who: "w"}))
	}
	if n, err := h.Certify(h.ctx); err != nil || n != 1 {
		h.t.Errorf("certified: %d, %v", n, err)
	}
	x, err := h.Disposal(h.ctx, d.ID)
	h.must(err)
	return x
}

func fates(x retention.Disposal) (out []string) {
	for _, f := range x.Files {
		if strings.HasPrefix(string(f.Part), "brought") {
			out = append(out, fmt.Sprint(f.Part, " ", f.Fate, " ", f.Sum))
		}
	}
	return out
}

// What a scanner brought leaves with the paper that it was laid out for; what was
// brought for another paper, later, or for nobody yet, stays.
func TestDropLeavesWithItsPaper(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Counter})
	h.rule("GKS", 1)
	own, tray := h.drop("own"), h.drop("tray")
	code := h.newDossier().Code
	h.must(h.DropLaid(h.ctx, own.ID, code, "T1", bringer))
	h.clock.move(time.Minute)
	in := scan(code, "T1", rnd())
	in.Received = h.clock.now()
	d, err := h.Add(h.ctx, in, "counter")
	h.must(err)
	d = h.to(d, dossier.Archived)
	h.clock.move(time.Minute)
	later := h.drop("later")
	h.must(h.DropLaid(h.ctx, later.ID, code, "T1", bringer))
	_, err = h.Resolve(h.ctx, code, h.clock.now(), "officer")
	h.must(err)
	h.clock.move(h.yearsOn(1).Sub(h.clock.now()))
	x := h.disposed(d)
	if got := fates(x); len(got) != 1 || got[0] != "brought-1 gone "+own.Sum.String() {
		t.Errorf("the certificate says %v", got)
	}
	for name, want := range map[string]int{"own": 0, "tray": 2, "later": 2} {
		if got := h.held(name); got != want {
			t.Errorf("%s is held by %d stores, not %d", name, got, want)
		}
	}
	if d, err := h.Drop(h.ctx, own.ID, nil); err != nil || d.State != drop.Discarded || d.Code != "disposed" || d.Name != "" {
		t.Errorf("its row is %+v, %v", d, err)
	}
	if _, err := h.AddDrop(h.ctx, drop.Drop{Agency: "H60.12", Source: drop.SFTP, Inbox: "sc-1/sftp", Name: "own", Sum: own.Sum, State: drop.Taken}); err == nil {
		t.Error("bytes that left a moment ago are named again")
	}
	h.clock.move(3 * time.Minute)
	if again := h.drop("own"); again.ID == own.ID || h.held("own") != 2 {
		t.Error("brought again, it is not kept")
	}
	_ = tray
	h.soundLedger()
}

// A file of a batch, and the drop that it was, leave with the last of the papers that
// its pages went into, and not before.
func TestBatchFileLeavesWithItsLastPaper(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Counter})
	h.rule("GKS", 1)
	r := h.drop("stack")
	file := batch.File{Sum: r.Sum, Size: r.Size, Name: r.Name, Drop: r.ID}
	wrong := file
	wrong.Sum = digest.Of([]byte("other"))
	for what, f := range map[string]batch.File{"other bytes": wrong, "nothing": {Sum: r.Sum, Drop: "D"}} {
		if _, err := h.AddPaperBatch(h.ctx, batch.Batch{Agency: "H60.12", Feed: batch.Single, Files: []batch.File{f}}, bringer); !errors.Is(err, dossier.ErrConflict) {
			t.Errorf("a batch of %s: %v", what, err)
		}
	}
	if _, err := h.AddPaperBatch(h.ctx, batch.Batch{Agency: "H60.13", Feed: batch.Single, Files: []batch.File{file}}, bringer); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("another agency's batch: %v", err)
	}
	b, err := h.AddPaperBatch(h.ctx, batch.Batch{Agency: "H60.12", Feed: batch.Single, Files: []batch.File{file}}, bringer)
	h.must(err)
	if _, err := h.AddPaperBatch(h.ctx, batch.Batch{Agency: "H60.12", Feed: batch.Single, Files: []batch.File{file}}, bringer); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("in two batches: %v", err)
	}
	if list, err := h.Tray(h.ctx, nil, "", 0); err != nil || len(list) != 0 {
		t.Errorf("in a batch, it is still in the tray: %v, %v", list, err)
	}
	for what, err := range map[string]error{"laid out": h.DropLaid(h.ctx, r.ID, "D", "T1", bringer), "discarded": h.DiscardDrop(h.ctx, r.ID, bringer)} {
		if !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("in a batch, it is %s: %v", what, err)
		}
	}
	h.must(h.PutSides(h.ctx, b.ID, 1, []batch.Side{{File: 1, Page: 1, Look: batch.Look{Print: 0x1234_5678_9abc_def0, Picture: "one"}}, {File: 1, Page: 2, Look: batch.Look{Print: 0x0fed_cba9_8765_4321, Picture: "two"}}}, ""))
	alike := func(print uint64) int {
		n, err := h.NearPrints(h.ctx, print)
		h.must(err)
		return n
	}
	b, err = h.PaperBatch(h.ctx, b.ID, nil)
	h.must(err)
	h.must(h.ProposeBatch(h.ctx, b))
	first, second := h.over(1), h.over(1)
	by := account.By{Who: "p1", Role: dossier.Counter}
	h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides[:1], first.ID, "", by))
	h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides[1:], second.ID, "", by))
	h.clock.move(h.yearsOn(1).Sub(h.clock.now()))
	if got := fates(h.disposed(first)); len(got) != 0 || h.held("stack") != 2 {
		t.Errorf("with one paper of two there leaves %v", got)
	}
	if one, two := alike(0x1234_5678_9abc_def0), alike(0x0fed_cba9_8765_4321); one != 0 || two != 1 {
		t.Errorf("what the sides look like: %d of the paper that left, %d of the other", one, two)
	}
	if got := fates(h.disposed(second)); len(got) != 1 || h.held("stack") != 0 {
		t.Errorf("with the last paper there leaves %v, and %d stores have the stack", got, h.held("stack"))
	}
	if b, err = h.PaperBatch(h.ctx, b.ID, nil); err != nil || b.Files[0].Sum != (digest.Digest{}) || b.Files[0].Name != "" || alike(0x0fed_cba9_8765_4321) != 0 || b.Sides[0].Picture+b.Sides[1].Picture != "" {
		t.Errorf("its row: %+v, %v", b, err)
	}
	h.soundLedger()
}

// Whoever lets go of a file, it stays on the lists while any row names it: all kinds of
// names are asked, the same ones that the program asks.
func TestNamedIsHeld(t *testing.T) {
	h := newHouse(t)
	h.people(dossier.Person{ID: "p1", Role: dossier.Counter})
	for engine, all := range map[string]fs.FS{"sqlite": migrations, "postgres": postgresMigrations} {
		b, err := fs.ReadFile(all, "migrations/"+engine+"/00107_brought.sql")
		h.must(err)
		for _, n := range naming {
			if c := n[0] + "." + n[1]; n[0] != "made" && !strings.Contains(string(b), "SELECT "+c+" FROM "+n[0]) {
				t.Errorf("%s: %s is no name in named_files", engine, c)
			}
		}
	}
	r := h.drop("both")
	b, err := h.AddPaperBatch(h.ctx, batch.Batch{Agency: "H60.12", Feed: batch.Single, Files: []batch.File{{Sum: r.Sum, Size: 4, Name: "a"}}}, bringer)
	h.must(err)
	h.must(h.DiscardDrop(h.ctx, r.ID, bringer)) // the batch has it still
	if h.held("both") != 2 {
		t.Error("discarded, a drop takes a file of a batch with it")
	}
	h.run("UPDATE batch_files SET digest = '' WHERE batch = '" + string(b.ID) + "'")
	again := h.drop("both")
	d := scan(h.newDossier().Code, "T1", "both")
	d, err = h.Add(h.ctx, d, "counter")
	h.must(err)
	h.must(h.DiscardDrop(h.ctx, again.ID, bringer))
	if h.held("both") != 2 {
		t.Error("discarded, a drop takes a file of a document with it")
	}
	h.drop("kept")
	h.run("DELETE FROM holdings")
	if h.held("kept") != 2 || h.held("both") != 2 {
		t.Error("files that rows name are off the lists")
	}
	h.run("INSERT INTO holdings (store, digest, state, size, seen) VALUES ('main', 'nobody''s', 'kept', 1, 1)", "DELETE FROM holdings")
	if n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM holdings WHERE digest = 'nobody''s'"); err != nil || n != 0 {
		t.Errorf("what nobody names stays: %d, %v", n, err)
	}
}
