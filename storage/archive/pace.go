package archive

import (
	"context"
	"io"
	"sync"
	"time"
)

// A pace lets so many bytes pass in a second, whoever reads them. A nil pace
// lets all pass.
type pace struct {
	rate int64
	now  func() time.Time

	mu   sync.Mutex
	free time.Time // when the next byte may pass
}

// burst is how far reading may run ahead: the pace is held over longer times
// than this.
const burst = 200 * time.Millisecond

func newPace(rate int64, now func() time.Time) *pace {
	if rate <= 0 {
		return nil
	}
	return &pace{rate: rate, now: now}
}

// wait waits until n bytes that were just read would have passed.
func (p *pace) wait(ctx context.Context, n int) error {
	p.mu.Lock()
	now := p.now()
	if p.free.Before(now) || p.free.After(now.Add(time.Hour)) { // or the clock went back
		p.free = now
	}
	p.free = p.free.Add(time.Duration(int64(n) * int64(time.Second) / p.rate))
	ahead := p.free.Sub(now)
	p.mu.Unlock()
	if ahead < burst {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(ahead):
		return nil
	}
}

func (p *pace) reader(ctx context.Context, r io.Reader) io.Reader {
	if p == nil {
		return r
	}
	return &paced{ctx: ctx, p: p, r: r}
}

type paced struct {
	ctx context.Context
	p   *pace
	r   io.Reader
}

// stride is the most that is read at once, so that a slow pace is an even one.
const stride = 64 << 10

func (r *paced) Read(b []byte) (int, error) {
	if len(b) > stride {
		b = b[:stride]
	}
	n, err := r.r.Read(b)
	if waited := r.p.wait(r.ctx, n); waited != nil && err == nil {
		err = waited
	}
	return n, err
}
