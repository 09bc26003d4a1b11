package asynqueue

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
)

func TestJobsReachAWorker(t *testing.T) {
	t.Run("in the process", func(t *testing.T) { jobsReachAWorker(t, "") })
	// An empty Redis for tests to fill, redis://…: make test-redis starts one.
	if url := os.Getenv("SOHOA_TEST_REDIS"); url != "" {
		t.Run("on Redis", func(t *testing.T) { jobsReachAWorker(t, url) })
	}
}

func jobsReachAWorker(t *testing.T, url string) {
	ctx, cancel := context.WithCancel(t.Context())
	q, err := Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if waiting, err := q.Waiting(ctx, 100); err != nil || len(waiting) != 0 {
		t.Errorf("Waiting at a new queue = %v, %v", waiting, err)
	}
	var mu sync.Mutex
	seen := map[dossier.Job]int{}
	var wg sync.WaitGroup
	const n = 50
	for i := range n {
		j := dossier.Job{Document: "d", Version: int64(i), Act: dossier.Recognise, Epoch: 1}
		for range 2 { // the second is the same hint
			if err := q.Enqueue(ctx, j); err != nil {
				t.Fatal(err)
			}
		}
	}
	for most, want := range map[int]int{100: n, 7: 7} {
		waiting, err := q.Waiting(ctx, most)
		if err != nil || len(waiting) != want {
			t.Errorf("Waiting = %d of at most %d, %v", len(waiting), most, err)
		} else if last := waiting[want-1]; last.Document != "d" || last.Act != dossier.Recognise || last.Epoch != 1 {
			t.Errorf("a job came back from the queue as %+v", last)
		}
	}
	wg.Add(n)
	done := make(chan error)
	go func() {
		done <- q.Serve(ctx, 4, time.Second, slog.New(slog.DiscardHandler), func(_ context.Context, j dossier.Job) error {
			defer wg.Done()
			mu.Lock()
			defer mu.Unlock()
			seen[j]++
			return errors.New("a failed step is the row's business, not the queue's")
		})
	}()
	wg.Wait()
	time.Sleep(300 * time.Millisecond) // a repeat would come now
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(seen) != n {
		t.Errorf("%d jobs seen, want %d", len(seen), n)
	}
	for j, times := range seen {
		if times != 1 {
			t.Errorf("%v came %d times", j, times)
		}
	}
}

// TestWaitingAfterFlush empties Redis under a queue that is open: what is brought afterwards is
// seen to wait, in every place, and asynq knows of its queues.
func TestWaitingAfterFlush(t *testing.T) {
	ctx := t.Context()
	q, err := Open(ctx, os.Getenv("SOHOA_TEST_REDIS"))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	job := dossier.Job{Document: "d", Act: dossier.Recognise, Epoch: 1}
	for job.Version = range int64(2) {
		if err := q.redis.FlushAll(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		if err := q.Enqueue(ctx, job); err != nil {
			t.Fatal(err)
		}
		if waiting, err := q.Waiting(ctx, 10); err != nil || len(waiting) != 1 || waiting[0] != job {
			t.Fatalf("emptied %d times: Waiting = %v, %v", job.Version+1, waiting, err)
		}
	}
	if there, err := q.inspector.Queues(); err != nil || len(there) != len(queues) {
		t.Errorf("asynq knows of %v, %v", there, err)
	}
}

func TestOpenNoRedis(t *testing.T) {
	if _, err := Open(t.Context(), "redis://127.0.0.1:1"); err == nil {
		t.Error("a Redis that is not there was accepted")
	}
	if _, err := Open(t.Context(), "nonsense"); err == nil {
		t.Error("an address that is none was accepted")
	}
}
