package workers_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/sqldb"
	"sohoa/workers"
	"sohoa/workers/asynqueue"
)

// TestQueueLostAndOld: a Redis that is emptied, that has an old dump of itself
// restored, loses keys, and stands still for longer than a lease, while two houses
// work over it, costs time alone: every document comes to where a person's turn is,
// by each move once (make test-redis).
func TestQueueLostAndOld(t *testing.T) {
	url := os.Getenv("SOHOA_TEST_REDIS")
	if url == "" {
		t.Skip("no SOHOA_TEST_REDIS: make test-redis starts a server")
	}
	opt, err := redis.ParseURL(url)
	must(t, err)
	r := redis.NewClient(opt)
	defer r.Close()
	ctx := t.Context()
	must(t, r.FlushDB(ctx).Err())
	const n = 60
	db, ids := manyRows(t, n)
	var mu sync.Mutex
	did := 0
	for range 2 {
		over(t, db, url, func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(250 * time.Millisecond):
			}
			mu.Lock()
			defer mu.Unlock()
			did++
			return nil
		})
	}
	reached := func(moves int) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); versions(t, db, ids) < int64(moves); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d moves after a minute", versions(t, db, ids), moves)
			}
		}
	}
	reached(10)
	old := dump(t, r) // hints of then
	reached(25)
	must(t, r.FlushAll(ctx).Err())
	reached(45)
	must(t, r.FlushDB(ctx).Err())
	for key, value := range old {
		must(t, r.RestoreReplace(ctx, key, 0, value).Err())
	}
	reached(65)
	for range 20 { // what a full Redis with another policy than noeviction does
		if key, err := r.RandomKey(ctx).Result(); err == nil {
			must(t, r.Del(ctx, key).Err())
		}
	}
	reached(85)
	if pid, err := strconv.Atoi(os.Getenv("SOHOA_TEST_REDIS_PID")); err == nil {
		must(t, syscall.Kill(pid, syscall.SIGSTOP))
		time.Sleep(8 * time.Second) // longer than a lease
		must(t, syscall.Kill(pid, syscall.SIGCONT))
	}
	began := time.Now()
	reached(2 * n)
	t.Logf("done %.1f s after the last, %d times done for %d moves", time.Since(began).Seconds(), did, 2*n)
	for _, id := range ids {
		past, err := db.Changes(ctx, id)
		must(t, err)
		if len(past) != 3 || past[1].Act != dossier.Recognise || past[2].Act != dossier.Normalise {
			t.Errorf("%s: %+v", id, past)
		}
	}
}

func dump(t *testing.T, r *redis.Client) map[string]string {
	t.Helper()
	keys, err := r.Keys(t.Context(), "asynq:*").Result()
	must(t, err)
	all := map[string]string{}
	for _, key := range keys {
		if value, err := r.Dump(t.Context(), key).Result(); err == nil { // or it went meanwhile
			all[key] = value
		}
	}
	if len(all) < 3 {
		t.Fatalf("a dump of %d keys shows nothing", len(all))
	}
	return all
}

func versions(t *testing.T, db *sqldb.DB, ids []dossier.DocumentID) (n int64) {
	t.Helper()
	for _, id := range ids {
		d, err := db.Document(t.Context(), id)
		must(t, err)
		n += d.Version
	}
	return n
}

// manyRows makes received documents in a database of their own.
func manyRows(t *testing.T, n int) (*sqldb.DB, []dossier.DocumentID) {
	t.Helper()
	db, first := row(t, time.Now)
	ids := []dossier.DocumentID{first}
	one, err := db.Document(t.Context(), first)
	must(t, err)
	of, err := db.Dossier(t.Context(), one.Dossier)
	must(t, err)
	for i := 1; i < n; i++ {
		d, err := db.AddDossier(t.Context(), dossier.Dossier{Procedure: of.Procedure, Receiving: of.Receiving, Holder: of.Holder}, "counter")
		must(t, err)
		doc, err := db.Add(t.Context(), dossier.Document{Dossier: d.Code, Slot: "T1", Media: "image/png", Size: 1, Pages: 1,
			Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of(fmt.Append(nil, "scan ", i))}}, "counter")
		must(t, err)
		ids = append(ids, doc.ID)
	}
	return db, ids
}

// over runs a relay and a worker over the Redis at url until the test ends.
func over(t *testing.T, db *sqldb.DB, url string, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	q, err := asynqueue.Open(ctx, url)
	must(t, err)
	quiet := slog.New(slog.DiscardHandler)
	stage := func(act dossier.Act, parts ...dossier.Part) workers.Stage {
		return workers.Stage{Act: act, Timeout: time.Minute, Do: func(ctx context.Context, _ dossier.Document) (workers.Outcome, error) {
			made := workers.Files{}
			for _, p := range parts {
				made[p] = digest.Of([]byte(filepath.Join(string(act), string(p))))
			}
			return workers.Outcome{Made: made}, do(ctx)
		}}
	}
	w := workers.New(workers.Worker{Rows: db, Queue: q, Name: "w", Log: quiet, Now: time.Now, Trouble: error.Error,
		Line: []workers.Stage{stage(dossier.Recognise, dossier.PartWords, dossier.PartText), stage(dossier.Normalise, dossier.PartPlain)}})
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.Relay(ctx) })
	wg.Go(func() { _ = q.Serve(ctx, 2, time.Second, quiet, w.Step) })
	t.Cleanup(func() { cancel(); wg.Wait(); q.Close() })
}
