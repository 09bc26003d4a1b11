package index

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sohoa/dossier/digest"
)

// The line goes on whatever becomes of the index: these tests move papers through their
// whole lives while it is rebuilt, lags, is read for long, or is damaged, and then look
// whether it catches up.

// patience is how long the line may take here before it is said to be held up: many
// times what it takes, and less than the engine waits for a lock.
const patience = 20 * time.Second

// moves takes n papers from their reception to the archive, and says whether they came
// there.
func (h *house) moves(from, n int) {
	h.t.Helper()
	over := make(chan bool, 1)
	go func() {
		defer close(over)
		for i := from; i < from+n; i++ {
			h.archive(fmt.Sprintf("tờ trình số %d", i)) // ends this goroutine if it fails
		}
		over <- true
	}()
	select {
	case ok := <-over:
		if !ok {
			h.t.Fatal("papers cannot move")
		}
	case <-time.After(patience):
		h.t.Fatal("papers are held up")
	}
}

// all fails unless the search finds just n papers, each by what it alone says.
func (h *house) all(when string, n int) {
	h.t.Helper()
	if got := len(h.finds("to trinh")); got != n {
		h.t.Errorf("%s: %d papers are found, not %d", when, got, n)
	}
	for i := range n {
		if got := h.finds(fmt.Sprintf(`"so %d"`, i)); len(got) != 1 {
			h.t.Errorf("%s: paper %d is found as %v", when, i, got)
		}
	}
}

// A slow store gives the text of a paper when it is told to.
type slow struct {
	Blobs
	after   int           // texts that it gives at once
	reached chan struct{} // closed when somebody waits
	open    chan struct{}
}

func (s *slow) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if s.after--; s.after == -1 {
		close(s.reached)
	}
	if s.after < 0 {
		select {
		case <-s.open:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.Blobs.Open(ctx, d)
}

func (h *house) slow(after int) *slow {
	s := &slow{h.blobs, after, make(chan struct{}), make(chan struct{})}
	h.keeper.Blobs = s
	return s
}

// While the index is rebuilt, and hangs in the middle of that, papers go their way; what
// was archived meanwhile is in it when it is done.
func TestRebuildHoldsUpNobody(t *testing.T) {
	for _, fresh := range []bool{false, true} {
		h := newHouse(t, 20)
		_, err := h.keeper.Sweep(t.Context(), nil)
		h.must(err)
		store, over := h.slow(11), make(chan error, 1)
		go func() {
			_, err := h.keeper.Rebuild(t.Context(), fresh, nil)
			over <- err
		}()
		<-store.reached
		h.moves(20, 3)
		select {
		case err := <-over:
			t.Fatalf("the rebuild is over, and held up nobody who could tell: %v", err)
		default:
		}
		close(store.open)
		h.must(<-over)
		h.all("after the rebuild", 23)
	}
}

// An index that lags behind because texts do not come holds up nobody, and catches up.
func TestLagHoldsUpNobody(t *testing.T) {
	h := newHouse(t, 2)
	store := h.slow(0)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- h.keeper.Run(ctx) }()
	<-store.reached
	h.moves(2, 3)
	if n, err := h.SearchWaiting(ctx); n != 5 || err != nil {
		t.Errorf("%d papers wait, %v", n, err)
	}
	close(store.open)
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(20 * time.Millisecond) {
		if n, err := h.SearchWaiting(ctx); n == 0 && err == nil {
			break
		}
	}
	cancel()
	h.must(<-over)
	h.all("after a lag", 5)
}

// beside is a connection of somebody else to the house's database.
func (h *house) beside() *sql.Conn {
	h.t.Helper()
	db, err := sql.Open("sqlite", h.path)
	h.must(err)
	h.t.Cleanup(func() { db.Close() })
	c, err := db.Conn(context.WithoutCancel(h.t.Context()))
	h.must(err)
	return c
}

func (h *house) do(c *sql.Conn, query string) {
	h.t.Helper()
	if _, err := c.ExecContext(h.t.Context(), query); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
}

// Somebody who reads the index for long, in one view of it, holds up neither papers nor
// those who make them findable. (A lock on tables of the index: TestSearchLocked of
// storage/sqldb, on PostgreSQL.)
func TestLongReadHoldsUpNobody(t *testing.T) {
	h := newHouse(t, 2)
	c := h.beside()
	h.do(c, "BEGIN")
	for _, table := range []string{"search_docs", "search_texts", "search_lexemes", "search_fresh", "search_owed"} {
		var n int
		h.must(c.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
	}
	h.moves(2, 3)
	_, err := h.keeper.Sweep(t.Context(), nil)
	h.must(err)
	h.all("while it is read", 5)
	h.do(c, "ROLLBACK")
}

// An index that is damaged holds up nobody: the keeper says so, papers go their way, and
// a fresh rebuild makes it whole.
func TestDamageHoldsUpNobody(t *testing.T) {
	for _, damage := range []string{
		"UPDATE search_fresh_data SET block = x'FFFFFFFFFFFFFFFF'",
		"DELETE FROM search_fresh_data",
		"UPDATE search_lexemes_data SET block = x'FFFFFFFFFFFFFFFF'",
		"DELETE FROM search_lexemes_data",
		"DELETE FROM search_docs WHERE place % 2 = 0",
		"DELETE FROM search_texts",
	} {
		t.Run(damage, func(t *testing.T) {
			h := newHouse(t, 4)
			_, err := h.keeper.Sweep(t.Context(), nil)
			h.must(err)
			c := h.beside()
			h.do(c, "PRAGMA foreign_keys = OFF")
			h.do(c, damage)
			h.must(c.Close())
			h.moves(4, 2)
			_, err = h.keeper.Sweep(t.Context(), nil) // may fail: the index is damaged
			broken := err != nil
			h.moves(6, 2)
			if strings.HasPrefix(damage, "UPDATE search_fresh") && !broken {
				t.Error("the keeper saw no damage where there is some: this proves nothing")
			}
			if _, err := h.keeper.Rebuild(t.Context(), true, nil); err != nil {
				t.Fatalf("a damaged index cannot be made anew: %v", err)
			}
			h.all("after a fresh rebuild", 8)
		})
	}
}
