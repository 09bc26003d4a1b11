package asynqueue

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
)

// TestFailover kills the Redis that Sentinels look after (make test-redis): hints go
// on over the replica without anybody being told.
func TestFailover(t *testing.T) {
	url := os.Getenv("SOHOA_TEST_REDIS")
	pid, err := strconv.Atoi(os.Getenv("SOHOA_TEST_REDIS_PID"))
	if !strings.HasPrefix(url, "redis-sentinel:") || err != nil {
		t.Skip("no Sentinel here: make test-redis starts some")
	}
	q, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := make(chan int64, 1000)
	served := make(chan error, 1)
	go func() {
		served <- q.Serve(ctx, 2, time.Second, slog.New(slog.DiscardHandler), func(_ context.Context, j dossier.Job) error {
			got <- j.Version
			return nil
		})
	}()
	send := func(version int64) error {
		return q.Enqueue(t.Context(), dossier.Job{Document: "failover", Version: version, Act: dossier.Recognise, Epoch: 1})
	}
	wait := func(version int64) bool {
		for end := time.After(20 * time.Second); ; {
			select {
			case v := <-got:
				if v == version {
					return true
				}
			case <-end:
				return false
			}
		}
	}
	if err := send(0); err != nil || !wait(0) {
		t.Fatalf("before: %v", err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	began, version := time.Now(), int64(1)
	for ; ; version++ { // as the relay does
		if err = send(version); err == nil {
			break
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("no new master after 30 s: %v", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if !wait(version) {
		t.Errorf("hint %d never came", version)
	}
	t.Logf("hints go on %.1f s after the kill", time.Since(began).Seconds())
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
