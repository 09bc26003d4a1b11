package asynqueue

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// looks is a hook of the client beneath an asynq server, which asks one queue after
// the other by a script each, and sleeps for a fixed time when it finds nothing. Here
// one question counts what waits in all queues. asynq then asks where something waits,
// in its own order; where nothing waits, it is told so without being sent to Redis; and
// while nothing waits anywhere it is kept until something may. That is looked for again
// at once when this process puts a hint into the queue, and else after a pause that is
// short when the last hint was taken a moment ago and grows as long as nothing comes.
type looks struct {
	ctx   context.Context // ends when no more is to be taken
	queue *Queue
	woken chan struct{} // of one place

	mu    sync.Mutex // held while one asks: a server has one who does
	waits map[string]int
	old   <-chan time.Time // when what was counted is believed no longer
	pause time.Duration    // before the next look, after one that found nothing
}

// Numbers of the looks.
const (
	// countedFor is how long a count is believed where something waits: whoever comes
	// into another place meanwhile waits as much longer.
	countedFor = 10 * time.Millisecond

	shortestPause = 2 * time.Millisecond
	longestPause  = 200 * time.Millisecond
)

// DialHook implements [redis.Hook].
func (*looks) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements [redis.Hook].
func (*looks) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements [redis.Hook]: it answers the question for a hint. asynq's script has four keys: what is
// pending in a queue, whether it is paused, what is active, and the leases.
func (l *looks) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		name, ok := takenFrom(cmd)
		if !ok {
			return next(ctx, cmd)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if err := l.await(); err != nil {
			cmd.SetErr(err)
			return err
		}
		if l.waits[name] == 0 {
			cmd.SetErr(redis.Nil)
			return redis.Nil
		}
		l.waits[name]--
		err := next(ctx, cmd)
		if errors.Is(err, redis.Nil) { // others took it: what else was counted may be gone, too
			l.waits[name] = 0
		}
		return err
	}
}

// takenFrom returns the name of the queue out of which a command takes a hint.
func takenFrom(cmd redis.Cmder) (name string, ok bool) {
	args := cmd.Args()
	if (cmd.Name() != "evalsha" && cmd.Name() != "eval") || len(args) < 7 {
		return "", false
	}
	pending, _ := args[3].(string)
	paused, _ := args[4].(string)
	name, ok = strings.CutSuffix(strings.TrimPrefix(pending, "asynq:{"), "}:pending")
	return name, ok && paused == pausedKey(name)
}

// await returns when something may wait, or when no more is to be taken.
func (l *looks) await() error {
	for l.ctx.Err() == nil {
		if l.some() {
			select {
			case <-l.old:
			default:
				return nil
			}
		}
		err := l.count()
		if err == nil && l.some() {
			l.pause = shortestPause
			return nil
		}
		select {
		case <-l.ctx.Done():
		case <-l.woken:
			l.pause = shortestPause
		case <-time.After(l.pause):
		}
		l.pause = min(l.pause+l.pause/2, longestPause)
		if err != nil && l.ctx.Err() == nil {
			return err
		}
	}
	clear(l.waits)
	return nil
}

func (l *looks) some() bool {
	for _, n := range l.waits {
		if n > 0 {
			return true
		}
	}
	return false
}

// count asks what waits in queues that are not paused.
func (l *looks) count() error {
	waits, err := l.queue.count(l.ctx, true)
	if err != nil {
		return err
	}
	l.old, l.waits = time.After(countedFor), waits
	return nil
}

// wake has a server that waits look at once.
func (l *looks) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// pendingKey and pausedKey are asynq's own names for them.
func pendingKey(queue string) string { return "asynq:{" + queue + "}:pending" }
func pausedKey(queue string) string  { return "asynq:{" + queue + "}:paused" }
