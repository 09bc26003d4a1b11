package archive

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/dossier/retention"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
)

// disposing is a house whose papers are kept for a year.
func disposing(t *testing.T) *house {
	h := newHouse(t)
	h.Disposals = h.db
	_, err := h.db.AddRule(t.Context(), retention.Rule{Kind: "DT", Years: 1, From: time.Date(2020, 1, 1, 0, 0, 0, 0, dossier.VietNam), Law: "Luật", Grade: retention.Inferred, Who: "admin"}, dossier.Admin)
	h.must(err)
	return h
}

// end ends the work on all papers: refused, their dossiers resolved; and moves
// the clock to when they may go.
func (h *house) end() (docs []dossier.Document) {
	h.t.Helper()
	all, err := h.db.Documents(h.t.Context(), dossier.DocumentQuery{})
	h.must(err)
	for _, d := range all {
		d, err = h.db.Advance(h.t.Context(), d, dossier.Change{Act: dossier.Refuse, By: dossier.Machine, Who: "line", Why: "mờ"})
		h.must(err)
		_, err = h.db.Resolve(h.t.Context(), d.Dossier, h.now(), "officer")
		h.must(err)
		docs = append(docs, d)
	}
	h.move(2 * 366 * 24 * time.Hour)
	return docs
}

// approve has two people decide that a document goes.
func (h *house) approve(d dossier.Document) {
	h.t.Helper()
	p, err := h.db.Propose(h.t.Context(), retention.Deed{Document: d.ID, Who: "clerk", By: dossier.Clerk})
	h.must(err)
	_, err = h.db.Decide(h.t.Context(), retention.Deed{Act: retention.Approve, Refers: p.ID, Who: "admin", By: dossier.Admin})
	h.must(err)
}

func (h *house) gone(d digest.Digest, stores ...Store) {
	h.t.Helper()
	for _, s := range stores {
		if _, err := s.Stat(h.t.Context(), d); !errors.Is(err, blob.ErrNotFound) {
			h.t.Errorf("%T still has %s: %v", s, d, err)
		}
	}
}

func (h *house) disposal(d dossier.Document) retention.Disposal {
	h.t.Helper()
	x, err := h.db.Disposal(h.t.Context(), d.ID)
	h.must(err)
	return x
}

// The bytes leave both stores and the evidence of an old damage, unless another
// record that stays has the same; the look at all files misses nothing, and
// nothing comes back: not by mending, not out of a copy.
func TestDisposedLeavesEveryStore(t *testing.T) {
	h := disposing(t)
	first, body := h.receive()
	other, _ := h.receive()
	h.all()
	h.rot(first)
	h.all() // mended; the damaged bytes lie in evidence
	docs := h.end()
	h.approve(docs[0])
	var forgotten []digest.Digest
	h.Forget = func(d digest.Digest) { forgotten = append(forgotten, d) }
	r, err := h.Dispose(t.Context())
	if err != nil || r != (Disposed{Removed: 2, Certified: 1}) {
		t.Fatalf("%+v, %v", r, err)
	}
	h.gone(first, h.Main, h.second)
	if left, _ := filepath.Glob(filepath.Join(h.Evidence, "*")); len(left) > 0 || len(forgotten) == 0 {
		t.Errorf("evidence left: %v; told to forget: %v", left, forgotten)
	}
	if x := h.disposal(docs[0]); x.Certificate == "" || len(x.Files) != 1 || x.Files[0].Fate != retention.Gone {
		t.Errorf("%+v", x)
	}
	if rep := h.all(); rep.CountBad() != 0 || rep.Stores[0].All() != 1 || rep.Stores[1].All() != 1 || rep.Stores[0].Orphans+rep.Stores[1].Orphans != 0 {
		t.Errorf("the look at all: %+v", rep.Stores)
	}
	if _, err := blobtest.Get(t, h.Main, other); err != nil {
		t.Errorf("the other paper: %v", err)
	}
	// A backup is copied over the main store, as `sohoa store copy` does.
	blobtest.Put(t, h.Main, body)
	if rep := h.all(); rep.CountBad() != 0 || rep.Stores[0].Orphans != 0 {
		t.Errorf("after the copy: %+v", rep.Stores)
	}
	h.gone(first, h.Main, h.second)
}

// Bytes that another record has too stay, and the certificate says so; with the
// last record they go.
func TestDisposedShared(t *testing.T) {
	h := disposing(t)
	sum, body := h.receive()
	h.papers-- // the same bytes once more, of another holder's
	again, _ := h.receive()
	if sum != again {
		t.Fatal("not the same bytes")
	}
	docs := h.end()
	h.all()
	h.approve(docs[0])
	if r, err := h.Dispose(t.Context()); err != nil || r != (Disposed{Certified: 1}) {
		t.Errorf("%+v, %v", r, err)
	}
	if got, err := blobtest.Get(t, h.Main, sum); err != nil || !bytes.Equal(got, body) {
		t.Errorf("the other's bytes: %v", err)
	}
	if x := h.disposal(docs[0]); x.Files[0].Fate != retention.Stays {
		t.Errorf("%+v", x)
	}
	if rep := h.all(); rep.CountBad() != 0 || rep.Stores[1].Counts[fixity.Kept] != 1 {
		t.Errorf("%+v", rep.Stores)
	}
	h.approve(docs[1])
	if _, err := h.Dispose(t.Context()); err != nil {
		t.Error(err)
	}
	h.gone(sum, h.Main, h.second)
}

// A paper that comes in with the very bytes that are leaving keeps them, or is
// told to come again; never is a row left without its bytes.
func TestDisposedComesInAgain(t *testing.T) {
	h := disposing(t)
	sum, body := h.receive()
	h.approve(h.end()[0])
	receive := func() error {
		holder, err := h.db.PutHolder(t.Context(), dossier.Holder{Number: "999", Name: "B"})
		h.must(err)
		of, err := h.db.AddDossier(t.Context(), dossier.Dossier{Procedure: "9.9", Receiving: "H98", Competent: "H98", Holder: holder.ID, Channel: dossier.Direct, Received: h.now()}, "p")
		h.must(err)
		_, err = h.db.Add(t.Context(), dossier.Document{Dossier: of.Code, Slot: "TP01", Media: "image/jpeg", Size: int64(len(body)), Pages: 1,
			Received: h.now(), Parts: map[dossier.Part]digest.Digest{dossier.PartScan: sum}}, "p")
		return err
	}
	left, err := h.db.Leaving(t.Context(), h.now(), 0)
	h.must(err)
	if ok, err := h.db.Go(t.Context(), left[0]); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := receive(); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("while they go: %v", err)
	}
	h.move(time.Second)
	if _, err := h.Dispose(t.Context()); err != nil {
		t.Error(err)
	}
	h.gone(sum, h.Main, h.second)
	if err := receive(); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("a moment after: %v", err)
	}
	h.move(time.Hour)
	blobtest.Put(t, h.Main, body)
	h.must(receive())
	if rep := h.all(); rep.CountBad() != 0 || rep.Stores[0].Counts[fixity.Kept] != 1 || rep.Stores[1].Counts[fixity.Kept] != 1 {
		t.Errorf("%+v", rep.Stores)
	}
	if got, err := blobtest.Get(t, h.second, sum); err != nil || !bytes.Equal(got, body) {
		t.Errorf("second: %v", err)
	}
}

// A mending or a copy that was under way when the decision fell leaves nothing
// behind in the second store.
func TestDisposedWhileCopied(t *testing.T) {
	h := disposing(t)
	sum, body := h.receive()
	doc := h.end()[0]
	owed, err := h.Holdings.Holdings(t.Context(), fixity.Second, h.now(), 9, fixity.Owed)
	h.must(err)
	h.approve(doc)
	_, err = h.Dispose(t.Context())
	h.must(err)
	blobtest.Put(t, h.second, body) // the copier was slower
	owed[0].State, owed[0].Seen = fixity.Kept, h.now()
	h.must(h.Saw(t.Context(), map[fixity.Holding][]fixity.Finding{owed[0]: nil}))
	if r, err := h.Dispose(t.Context()); err != nil || r.Removed != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	h.gone(sum, h.Main, h.second)
}

// bolted is a store whose own lock still runs.
type bolted struct {
	Store
	until time.Time
	now   func() time.Time
}

func (b *bolted) Remove(ctx context.Context, d digest.Digest) error {
	if b.now().Before(b.until) {
		return blob.ErrDenied
	}
	return b.Store.Remove(ctx, d)
}

// What a store's lock keeps is said, without a certificate, and goes when the
// lock ends; a store that is away, likewise.
func TestDisposedLocked(t *testing.T) {
	h := disposing(t)
	sum, _ := h.receive()
	doc := h.end()[0]
	h.all()
	h.Second = &bolted{h.second, h.now().Add(10 * time.Hour), h.now}
	h.approve(doc)
	if r, err := h.Dispose(t.Context()); err != nil || r != (Disposed{Removed: 1, Locked: 1}) {
		t.Errorf("%+v, %v", r, err)
	}
	h.gone(sum, h.Main)
	if x := h.disposal(doc); x.Certificate != "" || len(x.Waits) != 1 || x.Waits[0].Said != "locked" || x.Waits[0].Store != fixity.Second {
		t.Errorf("%+v", x)
	}
	if r, err := h.Dispose(t.Context()); err != nil || r != (Disposed{}) {
		t.Errorf("at once again: %+v, %v", r, err)
	}
	h.Second = nil // taken off the settings
	h.move(2 * time.Hour)
	if r, err := h.Dispose(t.Context()); err != nil || r != (Disposed{Away: 1}) || h.disposal(doc).Certificate != "" {
		t.Errorf("without the second store: %+v, %v", r, err)
	}
	h.Second = &bolted{h.second, h.now(), h.now}
	h.move(2 * time.Hour)
	if r, err := h.Dispose(t.Context()); err != nil || r != (Disposed{Removed: 1, Certified: 1}) {
		t.Errorf("after the lock: %+v, %v", r, err)
	}
	h.gone(sum, h.second)
}

var errKilled = errors.New("killed")

// dying are rows and stores that die at a step, before or after it took effect.
type dying struct {
	left int
	late bool
}

func (d *dying) step(do func() error) error {
	if d.left--; d.left > 0 {
		return do()
	}
	if d.left == 0 && d.late {
		_ = do()
	}
	return errKilled
}

type dyingRows struct {
	Disposals
	d *dying
}

func (r dyingRows) Leaving(ctx context.Context, at time.Time, n int) (l []retention.Leaving, err error) {
	return l, r.d.step(func() error { l, err = r.Disposals.Leaving(ctx, at, n); return err })
}

func (r dyingRows) Go(ctx context.Context, l retention.Leaving) (ok bool, err error) {
	return ok, r.d.step(func() error { ok, err = r.Disposals.Go(ctx, l); return err })
}

func (r dyingRows) Went(ctx context.Context, l retention.Leaving, f fixity.Finding) error {
	return r.d.step(func() error { return r.Disposals.Went(ctx, l, f) })
}

func (r dyingRows) Stayed(ctx context.Context, l retention.Leaving) error {
	return r.d.step(func() error { return r.Disposals.Stayed(ctx, l) })
}

func (r dyingRows) Certify(ctx context.Context) (n int, err error) {
	return n, r.d.step(func() error { n, err = r.Disposals.Certify(ctx); return err })
}

type dyingStore struct {
	Store
	d *dying
}

func (s dyingStore) Remove(ctx context.Context, sum digest.Digest) error {
	return s.d.step(func() error { return s.Store.Remove(ctx, sum) })
}

// Killed at any step, before or after it took effect, and run again, it ends the
// same: the bytes gone from both stores, one certificate, a sound ledger.
func TestDisposedKilledAnywhere(t *testing.T) {
	killed := 0
	for at := 1; at <= 14; at++ {
		for _, late := range []bool{false, true} {
			h := disposing(t)
			first, _ := h.receive()
			second, _ := h.receive()
			docs := h.end()
			h.all()
			for _, d := range docs {
				h.approve(d)
			}
			sound, d := *h.Keeper, &dying{left: at, late: late}
			h.Keeper.Disposals, h.Keeper.Main, h.Keeper.Second = dyingRows{h.db, d}, dyingStore{sound.Main, d}, dyingStore{sound.Second, d}
			if _, err := h.Dispose(t.Context()); err != nil {
				killed++
			}
			h.Keeper.Disposals, h.Keeper.Main, h.Keeper.Second = sound.Disposals, sound.Main, sound.Second
			h.move(2 * time.Hour)
			for range 2 {
				_, err := h.Dispose(t.Context())
				h.must(err)
			}
			h.gone(first, h.Main, h.second)
			h.gone(second, h.Main, h.second)
			_, err := h.db.NumberEvents(t.Context())
			h.must(err)
			certificates := 0
			for _, doc := range docs {
				log, err := h.db.LogOf(t.Context(), doc.ID)
				h.must(err)
				for _, p := range log {
					if p.Act == dossier.ReadingAct(retention.Destroyed) {
						certificates++
					}
				}
			}
			r, err := h.db.Audit(t.Context(), nil)
			h.must(err)
			if certificates != 2 || len(r.Findings) > 0 {
				t.Errorf("killed at step %d (late %v): %d certificates, %v", at, late, certificates, r.Findings)
			}
			rep := h.all()
			if rep.CountBad() > 0 || rep.Stores[0].All() > 0 {
				t.Errorf("killed at step %d (late %v): %+v", at, late, rep.Stores)
			}
		}
	}
	if killed < 24 {
		t.Errorf("killed %d times", killed)
	}
}
