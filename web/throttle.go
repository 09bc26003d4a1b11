package web

import (
	"sync"
	"time"
)

// throttle slows guessing at passwords down: failures count per login and
// address, and per address over all logins.
type throttle struct {
	now func() time.Time

	mu    sync.Mutex
	fails map[string]failures
}

type failures struct {
	n    int
	last time.Time
}

// Numbers of the throttle. A failure is forgiven after a while; who fails more
// than that waits.
const (
	failsPerLogin   = 5
	failsPerAddress = 50
	forgiven        = 30 * time.Second
	mostKeys        = 10_000 // what a flood of made-up logins may cost in memory
)

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, fails: map[string]failures{}}
}

// ready reports whether a try may be made now.
func (t *throttle) ready(login, address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.left(address+"\x00"+login) < failsPerLogin && t.left(address) < failsPerAddress
}

// failed counts a failure.
func (t *throttle) failed(login, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.fails) >= mostKeys {
		t.sweep()
	}
	for _, key := range []string{address + "\x00" + login, address} {
		t.fails[key] = failures{t.left(key) + 1, t.now()}
	}
}

// worked forgets the failures of a login that was then right.
func (t *throttle) worked(login, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.fails, address+"\x00"+login)
}

// left is the number of failures not forgiven yet.
func (t *throttle) left(key string) int {
	f := t.fails[key]
	return max(0, f.n-int(t.now().Sub(f.last)/forgiven))
}

// sweep forgets the forgiven; if all are fresh, it forgets everything but the
// addresses that are blocked.
func (t *throttle) sweep() {
	for key := range t.fails {
		if t.left(key) == 0 {
			delete(t.fails, key)
		}
	}
	if len(t.fails) < mostKeys {
		return
	}
	for key := range t.fails {
		if t.left(key) < failsPerLogin {
			delete(t.fails, key)
		}
	}
}
