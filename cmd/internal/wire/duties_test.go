package wire

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/storage/sqldb"
)

// dutyRows is a database whose clock a test may put forward.
func dutyRows(t *testing.T) (rows *sqldb.DB, ahead *atomic.Int64) {
	t.Helper()
	ahead = &atomic.Int64{}
	rows, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "duties.db"), sqldb.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	return rows, ahead
}

// onShift starts a process with duties and says how many of each are done at the moment.
func onShift(t *testing.T, rows *sqldb.DB, holder string, names ...string) (doing map[string]*atomic.Int64, end func()) {
	ctx, stop := context.WithCancel(t.Context())
	s := &shift{rows: rows, holder: holder, now: time.Now, log: slog.New(slog.DiscardHandler), posts: map[string]*post{}, all: map[string]func(context.Context) error{}}
	doing = map[string]*atomic.Int64{}
	for _, name := range names {
		n := &atomic.Int64{}
		doing[name] = n
		s.all[name] = func(ctx context.Context) error {
			n.Add(1)
			defer n.Add(-1)
			<-ctx.Done()
			return nil
		}
	}
	over := make(chan error, 1)
	go func() { over <- s.run(ctx) }()
	end = func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
		over <- nil
	}
	t.Cleanup(end)
	return doing, end
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within ten seconds: %s", what)
		}
	}
}

// Duties are one process's at a time: the next has them when it leaves.
func TestDutiesChangeHands(t *testing.T) {
	rows, _ := dutyRows(t)
	first, leave := onShift(t, rows, "first", "relay", "ledger")
	eventually(t, "the first does both", func() bool { return first["relay"].Load() == 1 && first["ledger"].Load() == 1 })
	second, _ := onShift(t, rows, "second", "ledger", "relay", "files")
	eventually(t, "the second does what nobody did", func() bool { return second["files"].Load() == 1 })
	time.Sleep(2 * dutyBeat)
	if second["relay"].Load() != 0 || second["ledger"].Load() != 0 {
		t.Error("two do one duty")
	}
	began := time.Now()
	leave()
	eventually(t, "the second does all", func() bool { return second["relay"].Load() == 1 && second["ledger"].Load() == 1 })
	if took := time.Since(began); took >= dutyHolds {
		t.Errorf("%v went by: the first's word had to run out", took)
	}
	if first["relay"].Load() != 0 || first["ledger"].Load() != 0 {
		t.Error("the first still does what it left")
	}
}

// A process that stood still for longer than its word leaves what another has taken
// meanwhile, and keeps the rest.
func TestDutyTakenMeanwhile(t *testing.T) {
	rows, ahead := dutyRows(t)
	doing, _ := onShift(t, rows, "first", "relay", "ledger")
	eventually(t, "both are done", func() bool { return doing["relay"].Load() == 1 && doing["ledger"].Load() == 1 })
	ahead.Store(int64(time.Hour))
	has, err := rows.TakeDuties(t.Context(), []string{"relay"}, "other", time.Hour)
	if err != nil || !slices.Equal(has, []string{"relay"}) {
		t.Fatal(has, err)
	}
	eventually(t, "the one is left", func() bool { return doing["relay"].Load() == 0 })
	time.Sleep(2 * dutyBeat)
	if doing["ledger"].Load() != 1 || doing["relay"].Load() != 0 {
		t.Error("of what nobody else took, it does", doing["ledger"].Load(), "and of what another has", doing["relay"].Load())
	}
}
