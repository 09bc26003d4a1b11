// Package asynqueue carries jobs over Redis with asynq, or over a Redis inside
// this process when none is given. It is the one room that knows either.
//
// What is in the queue is a hint and may be lost at any time: a task's payload
// is a document's id, version, act and epoch, and nothing else. Retries, dead
// letters and poison are the row's business, so every task has MaxRetry 0 and
// an id that is new with each lease.
package asynqueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"sohoa/dossier"
)

const (
	queue    = "line"
	taskType = "step"
)

// A Queue is both ends of the queue.
type Queue struct {
	opt       asynq.RedisConnOpt
	client    *asynq.Client
	inspector *asynq.Inspector
	embedded  *miniredis.Miniredis // nil on a real Redis
	stop      context.CancelFunc
}

// The client beneath asynq writes to standard error what asynq then says through
// the log as well: a log in JSON is to be nothing but JSON.
func init() { redis.SetLogger(mute{}) }

type mute struct{}

func (mute) Printf(context.Context, string, ...any) {}

// Open connects to the Redis or Valkey at url (redis://…, redis-sentinel://…,
// redis-cluster://…), or starts one inside this process if url is empty. It fails if the Redis does not answer.
func Open(ctx context.Context, url string) (*Queue, error) {
	q := &Queue{stop: func() {}}
	if url == "" {
		if err := q.embed(ctx); err != nil {
			return nil, fmt.Errorf("embedded queue: %w", err)
		}
	} else {
		opt, err := connection(url)
		if err != nil {
			return nil, fmt.Errorf("address of the queue: %w", err)
		}
		q.opt = opt
	}
	q.client, q.inspector = asynq.NewClient(q.opt), asynq.NewInspector(q.opt)
	if err := q.client.Ping(); err != nil {
		q.Close()
		return nil, fmt.Errorf("queue: %w", err)
	}
	return q, nil
}

// embed starts miniredis. Its clock stands still unless told, and asynq's locks
// and heartbeats rely on expiry: a second is told every second.
func (q *Queue) embed(ctx context.Context) error {
	m, err := miniredis.Run()
	if err != nil {
		return err
	}
	ctx, q.stop = context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				m.FastForward(time.Second)
			}
		}
	}()
	q.embedded, q.opt = m, asynq.RedisClientOpt{Addr: m.Addr()}
	return nil
}

// Close lets go of the queue; an embedded one is gone.
func (q *Queue) Close() {
	q.stop()
	_ = q.client.Close()
	_ = q.inspector.Close()
	if q.embedded != nil {
		q.embedded.Close()
	}
}

// Enqueue hands j to whoever is free. A job that is in the queue already is
// not an error.
func (q *Queue) Enqueue(ctx context.Context, j dossier.Job) error {
	payload, err := json.Marshal(j)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s:%d:%d", j.Document, j.Version, j.Epoch)
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(taskType, payload),
		asynq.Queue(queue), asynq.TaskID(id), asynq.MaxRetry(0), asynq.Timeout(time.Hour))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// Waiting returns the jobs that nobody has taken up yet, at most the first most
// of them.
func (q *Queue) Waiting(_ context.Context, most int) ([]dossier.Job, error) {
	queues, err := q.inspector.Queues()
	if err != nil || !slices.Contains(queues, queue) { // before the first task there is none
		return nil, err
	}
	tasks, err := q.inspector.ListPendingTasks(queue, asynq.PageSize(most))
	if err != nil {
		return nil, err
	}
	jobs := make([]dossier.Job, len(tasks))
	for i, t := range tasks {
		if err := json.Unmarshal(t.Payload, &jobs[i]); err != nil {
			return nil, fmt.Errorf("a task in the queue is no job: %w", err)
		}
	}
	return jobs, nil
}

// Serve gives jobs to step, parallel at a time, until ctx ends; then it waits
// for those under way, whose context ends too.
func (q *Queue) Serve(ctx context.Context, parallel int, log *slog.Logger, step func(context.Context, dossier.Job) error) error {
	server := asynq.NewServer(q.opt, asynq.Config{
		Concurrency:              parallel,
		Queues:                   map[string]int{queue: 1},
		BaseContext:              func() context.Context { return ctx },
		Logger:                   quiet{log},
		LogLevel:                 asynq.WarnLevel,
		ShutdownTimeout:          5 * time.Second,
		TaskCheckInterval:        200 * time.Millisecond,
		DelayedTaskCheckInterval: 5 * time.Second,
	})
	handle := asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		var j dossier.Job
		if err := json.Unmarshal(t.Payload(), &j); err != nil {
			log.ErrorContext(ctx, "a task that is no job", "err", err)
			return nil
		}
		if err := step(ctx, j); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "step failed", "document", j.Document, "act", j.Act, "err", err)
		}
		return nil // the row knows what is left to do
	})
	if err := server.Start(handle); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	<-ctx.Done()
	server.Shutdown()
	return nil
}

// quiet passes asynq's warnings on.
type quiet struct{ log *slog.Logger }

func (q quiet) Debug(...any)     {}
func (q quiet) Info(...any)      {}
func (q quiet) Warn(args ...any) { q.log.Warn("queue", "what", fmt.Sprint(args...)) }
func (q quiet) Error(args ...any) {
	q.log.Error("queue", "what", fmt.Sprint(args...))
}
func (q quiet) Fatal(args ...any) {
	q.log.Error("queue", "what", fmt.Sprint(args...))
}
