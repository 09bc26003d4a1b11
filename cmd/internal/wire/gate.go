package wire

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/web"
)

// Bounds of what the door takes: it closes before anything is full.
const (
	leastFree = 2 << 30 // bytes on the disk of files under way; a tenth of a small one
	mostOwed  = 200_000 // papers that wait for the machine, those of the backlog aside
	gateLooks = 5 * time.Second
	gateWaits = time.Minute // what whoever is turned away is told to wait
)

// A gate says whether a paper may come in now.
type gate struct {
	h *House

	mu   sync.Mutex
	at   time.Time
	said error
}

// pass counts a paper that an agency brings, or says with a [*web.Wait] why it
// should come later.
func (g *gate) pass(ctx context.Context, a dossier.AgencyCode) error {
	if err := g.look(ctx); err != nil {
		return err
	}
	after, err := g.h.DB.Enter(ctx, a)
	if err == nil && after > 0 {
		err = &web.Wait{Code: "rate", After: after}
	}
	return err
}

// look looks whether anything is about to be full, or away; every few seconds.
func (g *gate) look(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.h.Settings.now(); now.Sub(g.at).Abs() >= gateLooks {
		g.said, g.at = g.state(ctx), now
	}
	return g.said
}

func (g *gate) state(ctx context.Context) error {
	if _, low := freeIn(g.h.temp); low {
		return &web.Wait{Code: "disk-low", After: gateWaits}
	}
	if n, err := g.h.DB.Owed(ctx, mostOwed); err == nil && n >= mostOwed {
		return &web.Wait{Code: "queue-full", After: gateWaits}
	}
	asked, cancel := context.WithTimeout(ctx, gateLooks)
	defer cancel()
	_, err := g.h.Blobs.Stat(asked, digest.Of(nil))
	if errors.Is(err, blob.ErrUnavailable) || asked.Err() != nil && ctx.Err() == nil {
		return &web.Wait{Code: "store-away", After: gateWaits}
	}
	return nil
}

// freeIn returns how many bytes are free on the disk of dir, and whether they are too few
// for more papers. Of a disk that does not say, nothing is believed.
func freeIn(dir string) (free int64, low bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, false
	}
	free = int64(disk.Bavail) * disk.Bsize
	return free, free < min(leastFree, int64(disk.Blocks)*disk.Bsize/10)
}
