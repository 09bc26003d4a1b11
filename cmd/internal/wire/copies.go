package wire

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// mostCopies is how many files are kept at hand that nobody looks into: who
// looks at one page looks at the next.
const mostCopies = 4

// copies are files out of the store, on disk for the children that read them.
// A file is fetched once however many pages of it are drawn.
type copies struct {
	blobs blob.Store
	temp  string
	most  int

	// open gives a file by its digest in another form; nil: as it is.
	open func(ctx context.Context, sum digest.Digest) (path string, remove func(), err error)

	mu   sync.Mutex
	held []*held // longest unused first
}

// A held file is being fetched until ready is closed.
type held struct {
	sum    digest.Digest
	ready  chan struct{}
	path   string
	remove func()
	err    error
	users  int
}

// bring has a file at hand.
func (c *copies) bring(ctx context.Context, sum digest.Digest) (path string, remove func(), err error) {
	if c.open != nil {
		return c.open(ctx, sum)
	}
	return fetch(ctx, c.blobs, sum, c.temp)
}

// get gives the path of a file with these bytes; done is called when it is not
// needed any more.
func (c *copies) get(ctx context.Context, sum digest.Digest) (path string, done func(), err error) {
	for {
		h, mine := c.take(sum)
		if mine {
			h.path, h.remove, h.err = c.bring(ctx, sum)
			close(h.ready)
		}
		select {
		case <-h.ready:
		case <-ctx.Done():
			c.leave(h)
			return "", nil, ctx.Err()
		}
		if h.err == nil {
			return h.path, func() { c.leave(h) }, nil
		}
		c.leave(h)
		if mine || !errors.Is(h.err, context.Canceled) { // else whoever fetched it has gone, and we have not
			return "", nil, h.err
		}
	}
}

// take finds or makes the place of a file, and says whether it is to be fetched.
func (c *copies) take(sum digest.Digest) (h *held, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.held, func(h *held) bool { return h.sum == sum && !h.failed() })
	if i < 0 {
		h = &held{sum: sum, ready: make(chan struct{})}
	} else {
		h = c.held[i]
		c.held = slices.Delete(c.held, i, i+1)
	}
	h.users++
	c.held = append(c.held, h)
	return h, i < 0
}

// forget removes a file that nobody uses now; one that is used goes when it is
// let go of, like those that are too many.
func (c *copies) forget(sum digest.Digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = slices.DeleteFunc(c.held, func(h *held) bool {
		if h.sum != sum || h.users > 0 {
			return false
		}
		if h.remove != nil {
			h.remove()
		}
		return true
	})
}

// failed reports whether fetching has ended, and not well.
func (h *held) failed() bool {
	select {
	case <-h.ready:
		return h.err != nil
	default:
		return false
	}
}

// leave lets go of a file, and of those that are too many at hand.
func (c *copies) leave(h *held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h.users--
	idle := 0
	for i := len(c.held) - 1; i >= 0; i-- { // the newest first
		x := c.held[i]
		if x.users > 0 {
			continue
		}
		failed := x.failed()
		if !failed {
			idle++
		}
		if idle > c.most || failed {
			if x.remove != nil {
				x.remove()
			}
			c.held = slices.Delete(c.held, i, i+1)
		}
	}
}
