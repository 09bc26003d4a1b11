package workers_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
	"sohoa/workers"
	"sohoa/workers/asynqueue"
)

// soon is how fast the work of a dead worker, and what a queue lost, is taken up
// again.
const soon = 10 * time.Second

// row makes a received document in a database of its own.
func row(t *testing.T, now func() time.Time) (*sqldb.DB, dossier.DocumentID) {
	t.Helper()
	return rowIn(t, filepath.Join(t.TempDir(), "db"), now)
}

// rowIn is row in a database at a path.
func rowIn(t *testing.T, path string, now func() time.Time) (*sqldb.DB, dossier.DocumentID) {
	t.Helper()
	ctx := t.Context()
	db := sqldbtest.New(t, path, now)
	t.Cleanup(func() { must(t, db.Close()) })
	must(t, db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
	must(t, db.PutKind(ctx, dossier.Kind{Code: "DON", Name: "Đơn"}))
	must(t, db.PutProcedure(ctx, dossier.Procedure{Code: "1", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "DON", Required: true, Digitise: true}}}))
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "An"})
	must(t, err)
	d, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "1", Receiving: "H60", Holder: holder.ID}, "counter")
	must(t, err)
	doc, err := db.Add(ctx, dossier.Document{Dossier: d.Code, Slot: "T1", Media: "image/png", Size: 1, Pages: 1,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte("scan"))}}, "counter")
	must(t, err)
	return db, doc.ID
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// house runs a relay and a worker whose only stage is do, until the test ends or
// the returned function is called.
func house(t *testing.T, db *sqldb.DB, do func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	q, err := asynqueue.Open(ctx, "")
	must(t, err)
	quiet := slog.New(slog.DiscardHandler)
	w := workers.New(workers.Worker{Rows: db, Queue: q, Name: "w", Log: quiet, Now: time.Now, Trouble: error.Error,
		Line: []workers.Stage{{Act: dossier.Recognise, Timeout: time.Minute, Do: func(ctx context.Context, _ dossier.Document) (workers.Outcome, error) {
			err := do(ctx)
			return workers.Outcome{Made: workers.Files{dossier.PartWords: digest.Of([]byte("w")), dossier.PartText: digest.Of([]byte("t"))}}, err
		}}}})
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.Relay(ctx) })
	wg.Go(func() { _ = q.Serve(ctx, 2, 0, quiet, w.Step) })
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			wg.Wait()
			q.Close()
		})
	}
	t.Cleanup(stop)
	return stop
}

// A worker that dies with a document in its hands, and a queue that loses its
// hint, cost seconds: nobody gives signs of life any more.
func TestDeadWorkersWorkIsTakenUp(t *testing.T) {
	for _, died := range []string{"with the hint in the queue", "at work"} {
		t.Run(died, func(t *testing.T) {
			t.Parallel()
			db, id := row(t, time.Now)
			jobs, err := db.Lease(t.Context(), 1, 6*time.Second)
			if err != nil || len(jobs) != 1 {
				t.Fatalf("%d jobs, %v", len(jobs), err)
			}
			if died == "at work" {
				_, _, err := db.Claim(t.Context(), jobs[0], 6*time.Second)
				must(t, err)
			}
			began, done := time.Now(), make(chan struct{})
			house(t, db, func(context.Context) error { close(done); return nil })
			select {
			case <-done:
				t.Logf("taken up after %.1f s", time.Since(began).Seconds())
			case <-time.After(soon):
				d, err := db.Document(t.Context(), id)
				t.Errorf("not taken up within %v: %+v, %v", soon, d, err)
			}
		})
	}
}

// A living worker keeps what takes longer than a lease, and a hint that waits in
// a queue is not offered a second time by another house.
func TestLivingWorkerKeepsItsWork(t *testing.T) {
	db, id := row(t, time.Now)
	var mu sync.Mutex
	began := 0
	slow := func(ctx context.Context) error {
		mu.Lock()
		began++
		mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(9 * time.Second):
			return nil
		}
	}
	house(t, db, slow)
	house(t, db, slow)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		d, err := db.Document(t.Context(), id)
		must(t, err)
		if d.State == dossier.Recognised {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("stands at %s", d.State)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if began != 1 {
		t.Errorf("it was begun %d times", began)
	}
}

// A worker that stood still for longer than a lease finds its job gone, breaks
// off, and moves nothing.
func TestOvertakenWorkerBreaksOff(t *testing.T) {
	db, id := row(t, time.Now)
	ended := make(chan error, 1)
	var first sync.Once
	house(t, db, func(ctx context.Context) error {
		first.Do(func() { ended <- overtaken(t.Context(), ctx, db) })
		<-ctx.Done() // and so does every later run: the row stays somebody else's
		return ctx.Err()
	})
	must(t, <-ended)
	time.Sleep(300 * time.Millisecond) // what it would still do comes now
	d, err := db.Document(t.Context(), id)
	must(t, err)
	if d.State != dossier.Received || d.Version != 0 || d.Trouble != "" {
		t.Errorf("the overtaken worker touched the row: %+v", d)
	}
}

// overtaken takes the row that a job under way (its context: work) holds, as
// somebody else would while this process stood still, and waits for the job to be
// broken off. The house itself leases too and may be quicker: then again.
func overtaken(ctx, work context.Context, db *sqldb.DB) error {
	for {
		if err := db.VoidLeases(ctx); err != nil {
			return err
		}
		jobs, err := db.Lease(ctx, 1, time.Hour)
		if err != nil {
			return err
		}
		if len(jobs) == 1 {
			break
		}
	}
	select {
	case <-work.Done():
		return nil
	case <-time.After(soon):
		return fmt.Errorf("went on for %v", soon)
	}
}
