package web

import "sync"

// A bell tells the pages of one process that something was laid out at a place, which no
// ledger knows of.
type bell struct {
	mu      sync.Mutex
	waiting map[DraftPlace]map[chan struct{}]bool
}

// hear returns what a ring at a place fills, until done is called.
func (b *bell) hear(at DraftPlace) (rung <-chan struct{}, done func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting == nil {
		b.waiting = map[DraftPlace]map[chan struct{}]bool{}
	}
	if b.waiting[at] == nil {
		b.waiting[at] = map[chan struct{}]bool{}
	}
	b.waiting[at][c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if delete(b.waiting[at], c); len(b.waiting[at]) == 0 {
			delete(b.waiting, at)
		}
	}
}

// ring tells who hears at a place; one that has not listened yet since the last ring
// hears one.
func (b *bell) ring(at DraftPlace) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.waiting[at] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
