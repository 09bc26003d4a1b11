package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/search"
	"sohoa/storage/blob/mem"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
)

// A house has n archived papers, the i-th of which says "tờ trình số i".
type house struct {
	*sqldb.DB
	t      *testing.T
	path   string // of the database
	blobs  *mem.Store
	log    bytes.Buffer
	keeper *Keeper
	docs   []dossier.Document
	mu     sync.Mutex
	at     time.Time
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func newHouse(t *testing.T, n int) *house {
	t.Helper()
	h := &house{t: t, blobs: &mem.Store{}, at: time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam)}
	h.path = filepath.Join(t.TempDir(), "x.db")
	h.DB = sqldbtest.New(t, h.path, h.now)
	t.Cleanup(func() { h.Close() })
	h.keeper = &Keeper{Rows: h.DB, Blobs: h.blobs, Now: h.now, Log: slog.New(slog.NewTextHandler(&h.log, nil))}
	ctx := t.Context()
	h.must(h.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
	h.must(h.PutKind(ctx, dossier.Kind{Code: "DON", Name: "Đơn"}))
	h.must(h.PutProcedure(ctx, dossier.Procedure{Code: "1", Name: "Việc", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "DON", Name: "Đơn", Digitise: true}}}))
	for i := range n {
		h.docs = append(h.docs, h.archive(fmt.Sprintf("tờ trình số %d", i)))
	}
	return h
}

// archive takes a paper through its whole life.
func (h *house) archive(text string) dossier.Document {
	h.t.Helper()
	ctx := h.t.Context()
	holder, err := h.PutHolder(ctx, dossier.Holder{Number: digest.Of([]byte(text)).String()[:12], Name: "Nguyễn Văn A"})
	h.must(err)
	do, err := h.AddDossier(ctx, dossier.Dossier{Procedure: "1", Receiving: "H60", Holder: holder.ID, Channel: dossier.Direct}, "c")
	h.must(err)
	d, err := h.Add(ctx, dossier.Document{Dossier: do.Code, Slot: "T1", Media: "image/jpeg", Size: 1, Pages: 1, Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(do.Code))}}, "c")
	h.must(err)
	sum := digest.Of([]byte(text))
	h.must(h.blobs.Put(ctx, sum, int64(len(text)), strings.NewReader(text)))
	for d.State != dossier.Archived {
		for _, m := range dossier.Moves() {
			if m.From != d.State || m.Act == dossier.Refuse {
				continue
			}
			c := dossier.Change{Act: m.Act, By: m.By, Who: dossier.PersonID(m.By), Made: map[dossier.Part]digest.Digest{}}
			switch m.Act {
			case dossier.Recognise:
				c.Made[dossier.PartText] = sum
			case dossier.Confirm:
				c.Fields = []dossier.Field{{Name: dossier.FieldTitle, Value: "Tờ trình"}}
			case dossier.Archive:
				c.Proof = &dossier.Proof{}
			}
			d, err = h.Advance(ctx, d, c)
			h.must(err)
			break
		}
	}
	return d
}

func (h *house) finds(text string) (found []dossier.DocumentID) {
	h.t.Helper()
	a, err := h.Search(h.t.Context(), search.Query{Text: text, Limit: 50})
	h.must(err)
	for _, hit := range a.Hits {
		found = append(found, hit.Document)
	}
	return found
}

// A paper is found once it was swept, under its text and its fields.
func TestSweep(t *testing.T) {
	h := newHouse(t, 3)
	if got := h.finds("to trinh"); got != nil {
		t.Errorf("found before anything was swept: %v", got)
	}
	if n, err := h.keeper.Sweep(t.Context(), nil); n != 3 || err != nil {
		t.Fatalf("%d swept, %v", n, err)
	}
	if got := h.finds(`"so 1"`); !slices.Equal(got, []dossier.DocumentID{h.docs[1].ID}) {
		t.Errorf("found %v", got)
	}
	if n, err := h.keeper.Sweep(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("%d swept again, %v", n, err)
	}
}

// blind cannot open some files.
type blind struct {
	Blobs
	not digest.Digest
}

func (b *blind) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if d == b.not {
		return nil, errors.New("gone")
	}
	return b.Blobs.Open(ctx, d)
}

// A paper whose text cannot be read is found by its fields, keeps no other from
// being found, and is tried again.
func TestTextAway(t *testing.T) {
	h := newHouse(t, 3)
	eyes := &blind{h.blobs, h.docs[1].Parts[dossier.PartText]}
	h.keeper.Blobs = eyes
	n, err := h.keeper.Sweep(t.Context(), nil)
	if n != 3 || err != nil || !strings.Contains(h.log.String(), string(h.docs[1].ID)) {
		t.Fatalf("%d swept, %v: %s", n, err, &h.log)
	}
	if len(h.finds("to trinh")) != 3 || h.finds(`"so 1"`) != nil || len(h.finds(`"so 2"`)) != 1 {
		t.Error("not found by its fields, or the others not at all")
	}
	eyes.not = digest.Digest{}
	h.mu.Lock()
	h.at = h.at.Add(again)
	h.mu.Unlock()
	if n, err := h.keeper.Sweep(t.Context(), nil); n != 1 || err != nil || len(h.finds(`"so 1"`)) != 1 {
		t.Errorf("%d swept an hour later, %v", n, err)
	}
}

// A text that could not be read while the clock was ahead is tried again when it went
// back, and not when it comes there.
func TestTextAwayWhileTheClockWasAhead(t *testing.T) {
	h := newHouse(t, 1)
	eyes := &blind{h.blobs, h.docs[0].Parts[dossier.PartText]}
	h.keeper.Blobs = eyes
	turn := func(d time.Duration) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.at = h.at.Add(d)
	}
	turn(24 * time.Hour)
	_, err := h.keeper.Sweep(t.Context(), nil)
	h.must(err)
	turn(-24 * time.Hour)
	eyes.not = digest.Digest{}
	if n, err := h.keeper.Sweep(t.Context(), nil); n != 1 || err != nil || len(h.finds(`"so 0"`)) != 1 {
		t.Errorf("%d swept, %v", n, err)
	}
}

// A rebuild that is broken off goes on where it was, and gives the same answers.
func TestRebuildGoesOn(t *testing.T) {
	h := newHouse(t, 40)
	_, err := h.keeper.Rebuild(t.Context(), false, nil)
	h.must(err)
	before := h.finds("to trinh")
	for _, fresh := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err = h.keeper.Rebuild(ctx, fresh, func(done int) {
			if done >= 16 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("not broken off: %v", err)
		}
		if got := len(h.finds("to trinh")); fresh == (got == 40) {
			t.Errorf("in the middle of a rebuild (fresh: %v) %d are found", fresh, got)
		}
		done, err := h.keeper.Rebuild(t.Context(), false, nil)
		if done != 24 || err != nil {
			t.Errorf("%d done by going on, %v", done, err)
		}
		if got := h.finds("to trinh"); !slices.Equal(got, before) || len(got) != 40 {
			t.Errorf("after a rebuild: %v, not %v", got, before)
		}
	}
	if done, err := h.keeper.Rebuild(t.Context(), false, nil); done != 40 || err != nil {
		t.Errorf("the next rebuild does %d, %v", done, err)
	}
}

// Run does what is owed and ends when it is told to.
func TestRun(t *testing.T) {
	h := newHouse(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- h.keeper.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); h.finds("to trinh") == nil && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-over; err != nil || len(h.finds("to trinh")) != 1 {
		t.Errorf("%v", err)
	}
}
