package asynqueue

import (
	"context"
	"fmt"
	"sync"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"sohoa/dossier"
)

// letters brings many hints to Redis in one round trip and in their order. asynq has
// no word for several: it is had to write down the script of each, which it believes
// sent, and then all are sent together.
type letters struct {
	client *asynq.Client // writes down what it is given
	redis  redis.UniversalClient

	mu      sync.Mutex
	written []redis.Cmder
}

// newLetters returns letters over a client that nobody else has.
func newLetters(c redis.UniversalClient) *letters {
	l := &letters{redis: c}
	l.client = asynq.NewClientFromRedisClient(c)
	c.AddHook(l)
	return l
}

// DialHook implements [redis.Hook].
func (*letters) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements [redis.Hook]: what was written is sent.
func (*letters) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements [redis.Hook].
func (l *letters) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		script, ok := cmd.(*redis.Cmd)
		if !ok || cmd.Name() != "evalsha" {
			return next(ctx, cmd)
		}
		l.written = append(l.written, script)
		script.SetVal(int64(1)) // what the script says of a hint that is new
		return nil
	}
}

// write returns what brings the jobs to Redis, one command each.
func (l *letters) write(ctx context.Context, jobs []dossier.Job) ([]redis.Cmder, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written = make([]redis.Cmder, 0, len(jobs))
	for _, j := range jobs {
		if err := enqueue(ctx, l.client, j); err != nil {
			return nil, err
		}
	}
	if len(l.written) != len(jobs) {
		return nil, fmt.Errorf("queue: %d scripts bring %d hints", len(l.written), len(jobs))
	}
	return l.written, nil
}

// send brings jobs to Redis. Those for which it does not know the script yet are
// given to one, in their order.
func (l *letters) send(ctx context.Context, jobs []dossier.Job, one func(dossier.Job) error) error {
	written, err := l.write(ctx, jobs)
	if err != nil {
		return err
	}
	together(ctx, l.redis, written)
	for i, cmd := range written { // that a hint is there already is not wrong
		err := cmd.Err()
		if redis.HasErrorPrefix(err, "NOSCRIPT") {
			err = one(jobs[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
