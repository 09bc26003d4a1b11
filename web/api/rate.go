package api

import (
	"math"
	"sync"
	"time"
)

// A Rate lets each account ask so often: a bucket that fills evenly, and holds a
// burst.
type Rate struct {
	Minute int // requests a minute
	Burst  int // that may come at once
	Now    func() time.Time

	mu   sync.Mutex
	left map[string]bucket
}

type bucket struct {
	n  float64
	at time.Time
}

// mostBuckets bounds what is remembered; full ones are forgotten first.
const mostBuckets = 10_000

// Take takes a request of an account off, or says how long to wait.
func (r *Rate) Take(account string) (wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, a := r.Now(), float64(r.Minute)/60
	if r.left == nil {
		r.left = map[string]bucket{}
	}
	b, ok := r.left[account]
	if !ok {
		if len(r.left) >= mostBuckets {
			r.forget(now, a)
		}
		b = bucket{float64(r.Burst), now}
	}
	b.n = min(float64(r.Burst), b.n+a*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.n < 1 {
		wait = time.Duration(math.Ceil((1-b.n)/a)) * time.Second
	} else {
		b.n--
	}
	r.left[account] = b
	return wait
}

func (r *Rate) forget(now time.Time, a float64) {
	for k, b := range r.left {
		if b.n+a*now.Sub(b.at).Seconds() >= float64(r.Burst) {
			delete(r.left, k)
		}
	}
	if len(r.left) >= mostBuckets {
		clear(r.left)
	}
}
