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
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
)

// taskType is the one type of tasks.
const taskType = "step"

// queues are asynq's queues by the place of a job, and weights how often a free
// worker looks into each first: what is in none of them starves.
var (
	queues = map[dossier.Place]string{
		{Lane: dossier.Waiting}:               "waiting",
		{Lane: dossier.Ordinary, Ahead: true}: "ahead",
		{Lane: dossier.Ordinary}:              "line",
		{Lane: dossier.Backlog}:               "backlog",
	}
	weights = map[string]int{"waiting": 24, "ahead": 12, "line": 3, "backlog": 1}
)

// A Queue is both ends of the queue.
type Queue struct {
	opt       asynq.RedisConnOpt
	client    *asynq.Client
	inspector *asynq.Inspector
	redis     redis.UniversalClient
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
			return nil, err
		}
		q.opt = opt
	}
	var ok bool
	if q.redis, ok = q.opt.MakeRedisClient().(redis.UniversalClient); !ok {
		return nil, errors.New("queue: no client")
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
	_ = q.redis.Close()
	if q.embedded != nil {
		q.embedded.Close()
	}
}

// mostAtOnce is how many hints are on their way to Redis at once: each is a round
// trip of its own.
const mostAtOnce = 8

// Enqueue hands jobs to whoever is free, in their order; of many, a few that
// follow each other may change places. A job that is in the queue already is not an
// error.
func (q *Queue) Enqueue(ctx context.Context, jobs ...dossier.Job) error {
	if len(jobs) <= mostAtOnce {
		for _, j := range jobs {
			if err := q.enqueue(ctx, j); err != nil {
				return err
			}
		}
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(mostAtOnce)
	for _, j := range jobs {
		g.Go(func() error { return q.enqueue(ctx, j) })
	}
	return g.Wait()
}

func (q *Queue) enqueue(ctx context.Context, j dossier.Job) error {
	payload, err := json.Marshal(j)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s:%d:%d", j.Document, j.Version, j.Epoch)
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(taskType, payload),
		asynq.Queue(queues[j.Place()]), asynq.TaskID(id), asynq.MaxRetry(0), asynq.Timeout(time.Hour))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// Depth returns how many jobs wait in each place, in one question.
func (q *Queue) Depth(ctx context.Context) (map[dossier.Place]int, error) {
	lengths := map[dossier.Place]*redis.IntCmd{}
	_, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for place, name := range queues {
			lengths[place] = p.LLen(ctx, "asynq:{"+name+"}:pending") // asynq's own name for it
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	depth := map[dossier.Place]int{}
	for place, n := range lengths {
		depth[place] = int(n.Val())
	}
	return depth, nil
}

// Waiting returns the jobs that nobody has taken up yet, at most the first most
// of them of each place.
func (q *Queue) Waiting(_ context.Context, most int) ([]dossier.Job, error) {
	there, err := q.inspector.Queues()
	if err != nil {
		return nil, err
	}
	var jobs []dossier.Job
	for _, place := range dossier.Places {
		if !slices.Contains(there, queues[place]) { // before the first task there is none
			continue
		}
		tasks, err := q.inspector.ListPendingTasks(queues[place], asynq.PageSize(most))
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			var j dossier.Job
			if err := json.Unmarshal(t.Payload, &j); err != nil {
				return nil, fmt.Errorf("a task in the queue is no job: %w", err)
			}
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// Serve gives jobs to step, parallel at a time, until ctx ends. Then it takes no
// more, leaves those under way grace to come to their end, ends the context of
// what is left, and waits for it.
func (q *Queue) Serve(ctx context.Context, parallel int, grace time.Duration, log *slog.Logger, step func(context.Context, dossier.Job) error) error {
	work, broken := context.WithCancel(context.WithoutCancel(ctx))
	defer broken()
	var under sync.RWMutex // read by each job under way; a job may still start while the end is waited for
	server := asynq.NewServer(q.opt, asynq.Config{
		Concurrency:              parallel,
		Queues:                   weights,
		BaseContext:              func() context.Context { return work },
		Logger:                   quiet{log},
		LogLevel:                 asynq.WarnLevel,
		ShutdownTimeout:          5 * time.Second,
		TaskCheckInterval:        200 * time.Millisecond,
		DelayedTaskCheckInterval: 5 * time.Second,
	})
	handle := asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		under.RLock()
		defer under.RUnlock()
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
	server.Stop()
	ended := make(chan struct{})
	go func() {
		under.Lock()
		defer under.Unlock()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(grace):
	}
	broken()
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
