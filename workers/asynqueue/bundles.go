package asynqueue

import (
	"context"
	"errors"
	"sync"

	"github.com/redis/go-redis/v9"
)

// bundles is a hook of the client beneath asynq: scripts that are called while others
// are on their way to Redis go together, in one round trip. Nobody waits for others
// to come: alone a script goes at once, and the more there is to do, the more a bundle
// carries. asynq has one script for each hint that is brought, taken or done.
type bundles struct {
	redis redis.UniversalClient // the one that is hooked: a bundle is no single command

	mu      sync.Mutex
	waiting []call
	under   int // bundles on their way
}

// A call is a command that waits for its answer.
type call struct {
	cmd  redis.Cmder
	done chan struct{}
}

// Numbers of the bundles.
const (
	// mostBundled is how many scripts are sent at once: Redis does nothing else
	// until all are done, some milliseconds.
	mostBundled = 128

	// mostBundles is how many are on their way at once: one that is done while the
	// next is made ready.
	mostBundles = 2
)

// bundle has the scripts of a client go together.
func bundle(c redis.UniversalClient) {
	c.AddHook(&bundles{redis: c})
}

// DialHook implements [redis.Hook].
func (*bundles) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements [redis.Hook].
func (*bundles) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements [redis.Hook]: it sends scripts with others and everything else as ever. As with the
// client itself, whose limits of time hold, the end of a context ends no call that
// is under way.
func (b *bundles) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() != "evalsha" {
			return next(ctx, cmd)
		}
		own := call{cmd, make(chan struct{})}
		b.mu.Lock()
		b.waiting = append(b.waiting, own)
		if b.under < mostBundles {
			b.under++
			go b.send(context.WithoutCancel(ctx))
		}
		b.mu.Unlock()
		<-own.done
		return cmd.Err()
	}
}

// send sends until nobody waits.
func (b *bundles) send(ctx context.Context) {
	for {
		b.mu.Lock()
		n := min(len(b.waiting), mostBundled)
		if n == 0 {
			b.under--
			b.mu.Unlock()
			return
		}
		calls := b.waiting[:n:n]
		b.waiting = b.waiting[n:]
		b.mu.Unlock()
		cmds := make([]redis.Cmder, len(calls))
		for i, c := range calls {
			cmds[i] = c.cmd
		}
		together(ctx, b.redis, cmds)
		for _, c := range calls {
			close(c.done)
		}
	}
}

// errUnanswered: what a command was told before it was answered.
var errUnanswered = errors.New("queue: no answer")

// together sends commands in one round trip. What became of each stands with it: the
// client leaves those as they were that it could bring to no server at all.
func together(ctx context.Context, c redis.UniversalClient, cmds []redis.Cmder) {
	for _, cmd := range cmds {
		cmd.SetErr(errUnanswered)
	}
	_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, cmd := range cmds {
			_ = p.Process(ctx, cmd)
		}
		return nil
	})
	for _, cmd := range cmds {
		if err != nil && errors.Is(cmd.Err(), errUnanswered) {
			cmd.SetErr(err)
		}
	}
}
