package sqldb

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// TestKeyUses counts intents by signer and time, and holds a key to its limit
// also when many ask at once.
func TestKeyUses(t *testing.T) {
	h := newHouse(t)
	d, err := h.Add(h.ctx, scan(h.newDossier().Code, "T1", "paper"), "counter")
	h.must(err)
	key, other := digest.Of([]byte("key")), digest.Of([]byte("other"))
	use := func(signer digest.Digest, at time.Time) error {
		return h.RecordIntent(h.ctx, dossier.Intent{Document: d.ID, Purpose: "copy-agency", ToSign: key, Signer: signer, At: at})
	}
	count := func(since time.Time) int {
		n, err := h.CountIntents(h.ctx, key, since)
		h.must(err)
		return n
	}
	for i := range 3 {
		h.must(use(key, noon.Add(time.Duration(i)*time.Hour)))
		h.must(use(other, noon))
	}
	if all, late := count(time.Time{}), count(noon); all != 3 || late != 2 {
		t.Errorf("%d in all, %d after noon", all, late)
	}
	h.must(h.LimitKey(h.ctx, key, 4, 2*time.Hour))
	at := noon.Add(150 * time.Minute) // within the two hours before are two of them
	var once sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for range 6 {
		once.Go(func() {
			if err := use(key, at); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if refused++; !strings.Contains(err.Error(), "as often as it may") {
					t.Error(err)
				}
			}
		})
	}
	once.Wait()
	if refused != 4 || count(time.Time{}) != 5 {
		t.Errorf("%d of 6 at once were refused, %d intents stand", refused, count(time.Time{}))
	}
	h.must(use(key, at.Add(3*time.Hour)))
	h.must(use(other, at))
	h.must(h.LimitKey(h.ctx, key, 3, 0))
	if err := use(key, at.Add(1000*time.Hour)); err == nil {
		t.Error("used more than ever allowed")
	}
	h.must(h.LimitKey(h.ctx, key, 0, 0))
	h.must(use(key, at))
}

func TestBatches(t *testing.T) {
	h := newHouse(t)
	d, err := h.Add(h.ctx, scan(h.newDossier().Code, "T1", "paper"), "counter")
	h.must(err)
	b, err := h.AddBatch(h.ctx, dossier.Batch{Act: dossier.Approve, Who: "clerk", Items: []dossier.BatchItem{{Document: d.ID, Version: 7}, {Document: "other", Version: 1}}})
	h.must(err)
	h.must(h.Ordered(h.ctx, b.ID, d.ID, ""))
	wantErr(t, "not in it", h.Ordered(h.ctx, b.ID, "nothing", ""), dossier.ErrNotFound)
	got, err := h.Batch(h.ctx, b.ID)
	h.must(err)
	want := []dossier.BatchItem{{Document: d.ID, Version: 7}, {Document: "other", Version: 1, Problem: dossier.NotOrdered}}
	if got.Act != dossier.Approve || got.Who != "clerk" || !got.At.Equal(b.At) || !slices.Equal(got.Items, want) {
		t.Errorf("%+v", got)
	}
	list, err := h.Batches(h.ctx, "clerk", 5)
	h.must(err)
	if len(list) != 1 || list[0].ID != b.ID {
		t.Errorf("%+v", list)
	}
	if list, err := h.Batches(h.ctx, "officer", 5); err != nil || len(list) != 0 {
		t.Errorf("another's: %v %v", list, err)
	}
	_, err = h.Batch(h.ctx, "nothing")
	wantErr(t, "no batch", err, dossier.ErrNotFound)
	_, err = h.AddBatch(h.ctx, dossier.Batch{Act: dossier.Approve, Who: "clerk"})
	wantErr(t, "empty", err, dossier.ErrInvalid)
	_, err = h.AddBatch(h.ctx, dossier.Batch{Act: dossier.Approve, Who: "clerk", Items: make([]dossier.BatchItem, dossier.MostInBatch+1)})
	wantErr(t, "too many", err, dossier.ErrInvalid)
}
