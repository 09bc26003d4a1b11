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
	letters   *letters
	stop      context.CancelFunc

	mu    sync.Mutex
	looks map[*looks]bool // of those who serve in this process
	ahead chan struct{}   // closed when this process brings a job that goes ahead
}

// The client beneath asynq writes to standard error what asynq then says through
// the log as well: a log in JSON is to be nothing but JSON.
func init() { redis.SetLogger(mute{}) }

type mute struct{}

func (mute) Printf(context.Context, string, ...any) {}

// Open connects to the Redis or Valkey at url (redis://…, redis-sentinel://…,
// redis-cluster://…), or starts one inside this process if url is empty. It fails if the Redis does not answer.
func Open(ctx context.Context, url string) (*Queue, error) {
	q := &Queue{stop: func() {}, looks: map[*looks]bool{}, ahead: make(chan struct{})}
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
	var err error
	if q.redis, err = q.connect(); err != nil {
		return nil, err
	}
	bring, err := q.connect()
	if err != nil {
		return nil, err
	}
	q.letters = newLetters(bring)
	q.client, q.inspector = asynq.NewClientFromRedisClient(q.redis), asynq.NewInspectorFromRedisClient(q.redis)
	if err := q.client.Ping(); err != nil {
		q.Close()
		return nil, fmt.Errorf("queue: %w", err)
	}
	return q, nil
}

// connect makes a client of the Redis.
func (q *Queue) connect() (redis.UniversalClient, error) {
	c, ok := q.opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, errors.New("queue: no client")
	}
	return c, nil
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
	_ = q.letters.redis.Close()
	_ = q.redis.Close() // it is also the client's and the inspector's
	if q.embedded != nil {
		q.embedded.Close()
	}
}

// Enqueue hands jobs to whoever is free, in their order. A job that is in the queue
// already is not an error.
func (q *Queue) Enqueue(ctx context.Context, jobs ...dossier.Job) error {
	defer q.wake(slices.ContainsFunc(jobs, func(j dossier.Job) bool { p := j.Place(); return p.Ahead || p.Lane == dossier.Waiting }))
	for some := range slices.Chunk(jobs, mostBundled) {
		err := q.letters.send(ctx, some, func(j dossier.Job) error { return enqueue(ctx, q.client, j) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Ahead returns a channel that is closed when this process brings the next job that goes
// before others, and whether nobody else brings any: the queue is in this process.
func (q *Queue) Ahead() (<-chan struct{}, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ahead, q.embedded != nil
}

// wake has those look who serve in this process and wait for something to do, and those
// who wait for what goes ahead.
func (q *Queue) wake(ahead bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ahead {
		close(q.ahead)
		q.ahead = make(chan struct{})
	}
	for l := range q.looks {
		l.wake()
	}
}

// enqueue brings one hint over a client of asynq's.
func enqueue(ctx context.Context, client *asynq.Client, j dossier.Job) error {
	payload, err := json.Marshal(j)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s:%d:%d", j.Document, j.Version, j.Epoch)
	_, err = client.EnqueueContext(ctx, asynq.NewTask(taskType, payload),
		asynq.Queue(queues[j.Place()]), asynq.TaskID(id), asynq.MaxRetry(0), asynq.Timeout(time.Hour))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// Depth returns how many jobs wait in each place, in one question.
func (q *Queue) Depth(ctx context.Context) (map[dossier.Place]int, error) {
	waits, err := q.count(ctx, false)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	depth := map[dossier.Place]int{}
	for place, name := range queues {
		depth[place] = waits[name]
	}
	return depth, nil
}

// name tells Redis which queues there are, as asynq does with the first task of each. asynq
// remembers that it did: a Redis that was emptied since would have queues of which neither
// its inspector nor asynqmon knew until every process was started anew.
func (q *Queue) name(ctx context.Context) error {
	var names []any
	for _, name := range queues {
		names = append(names, name)
	}
	if err := q.redis.SAdd(ctx, "asynq:queues", names...).Err(); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	return nil
}

// count returns how many hints wait in each of asynq's queues, in one question; nothing waits
// in a paused one for who would take it. It is asked several times a second: a Redis in this
// process is asked without a connection.
func (q *Queue) count(ctx context.Context, take bool) (map[string]int, error) {
	waits := map[string]int{}
	if q.embedded != nil {
		for _, name := range queues {
			if take && q.embedded.Exists(pausedKey(name)) {
				continue
			}
			list, err := q.embedded.List(pendingKey(name))
			if err != nil && !errors.Is(err, miniredis.ErrKeyNotFound) {
				return nil, err
			}
			waits[name] = len(list)
		}
		return waits, nil
	}
	lengths, paused := map[string]*redis.IntCmd{}, map[string]*redis.IntCmd{}
	_, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, name := range queues {
			lengths[name] = p.LLen(ctx, pendingKey(name))
			if take {
				paused[name] = p.Exists(ctx, pausedKey(name))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name, n := range lengths {
		if !take || paused[name].Val() == 0 {
			waits[name] = int(n.Val())
		}
	}
	return waits, nil
}

// Waiting returns the jobs that nobody has taken up yet, at most the first most
// of them of each place.
func (q *Queue) Waiting(ctx context.Context, most int) ([]dossier.Job, error) {
	if err := q.name(ctx); err != nil {
		return nil, err
	}
	var jobs []dossier.Job
	for _, place := range dossier.Places {
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
	client, err := q.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	look := &looks{ctx: ctx, queue: q, woken: make(chan struct{}, 1), waits: map[string]int{}, pause: shortestPause}
	client.AddHook(look)
	bundle(client)
	q.mu.Lock()
	q.looks[look] = true
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.looks, look)
	}()
	server := asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:              parallel,
		Queues:                   weights,
		BaseContext:              func() context.Context { return work },
		Logger:                   quiet{log},
		LogLevel:                 asynq.WarnLevel,
		ShutdownTimeout:          5 * time.Second,
		TaskCheckInterval:        shortestPause, // how long it waits is known to look
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
