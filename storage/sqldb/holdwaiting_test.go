package sqldb

import (
	"context"
	"testing"
	"time"

	"sohoa/dossier"
)

// until is when a document's lease ends.
func (h *house) until(id dossier.DocumentID) time.Time {
	h.t.Helper()
	ms, err := one(h.ctx, h.read, single[int64], "SELECT lease_until FROM documents WHERE id = $1", string(id))
	h.must(err)
	return moment(ms)
}

// What waits in the queue is kept held; what was leased a moment ago needs no word
// yet, and an echo gets none.
func TestWhatWaitsIsHeld(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		h.add(h.newDossier().Code, "T1")
	}
	old := h.leased(2)
	h.clock.move(time.Minute)
	fresh := h.leased(1)
	echo := old[1]
	echo.Epoch--
	began := h.until(old[1].Document)
	h.clock.move(10 * time.Second)
	h.must(h.HoldWaiting(h.ctx, []dossier.Job{old[0], echo, fresh[0]}, 10*time.Minute, 20*time.Second))
	if got, want := h.until(old[0].Document), h.clock.now().Add(10*time.Minute); !got.Equal(want) {
		t.Errorf("held until %v, want %v", got, want)
	}
	if got := h.until(old[1].Document); !got.Equal(began) {
		t.Errorf("an echo's row is held until %v, not %v", got, began)
	}
	if got, want := h.until(fresh[0].Document), h.clock.now().Add(10*time.Minute-10*time.Second); !got.Equal(want) {
		t.Errorf("what was leased a moment ago is held until %v, want %v", got, want)
	}
	h.must(h.HoldWaiting(h.ctx, nil, time.Minute, 0))
}

// Rows that claims and moves have locked are passed by: whoever waits for many rows,
// some of which wait for him, is in a deadlock, and the line stands still for a second.
func TestPostgresHoldsPastWhatIsTaken(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	for range 2 {
		h.add(h.newDossier().Code, "T1")
	}
	jobs := h.leased(2)
	tx, err := h.write.BeginTx(h.ctx, nil)
	h.must(err)
	defer tx.Rollback()
	if _, err := tx.ExecContext(h.ctx, "UPDATE documents SET attempts = attempts WHERE id = $1", string(jobs[0].Document)); err != nil {
		t.Fatal(err)
	}
	h.clock.move(time.Minute)
	ctx, cancel := context.WithTimeout(h.ctx, 5*time.Second)
	defer cancel()
	if err := h.HoldWaiting(ctx, jobs, 10*time.Minute, 0); err != nil {
		t.Fatalf("it waited for a row that is being claimed: %v", err)
	}
	if got, want := h.until(jobs[1].Document), h.clock.now().Add(10*time.Minute); !got.Equal(want) {
		t.Errorf("the other is held until %v, want %v", got, want)
	}
}
