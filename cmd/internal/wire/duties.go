package wire

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/storage/sqldb"
)

// How long a process has a duty by its word, and how often it gives it again, or
// looks whether another's has ended.
const (
	dutyHolds = 4 * time.Second
	dutyBeat  = time.Second
)

// A shift is a process that does what one process does for the whole house: those duties
// that it has. It asks for all of them at once.
type shift struct {
	rows   *sqldb.DB
	holder string // this process, for as long as it runs
	all    map[string]func(context.Context) error
	now    func() time.Time
	log    *slog.Logger

	mu    sync.Mutex
	posts map[string]*post // of duties that are done here, or come to their end
}

// A post is a duty that is done here.
type post struct {
	until time.Time // by the word that was given last
	leave context.CancelFunc
	left  bool // it was told to end
}

// onDuty does the duties of the house, each while this process has it, until ctx ends. In a
// house of one process that is always.
func (h *House) onDuty(ctx context.Context, duties map[string]func(context.Context) error) error {
	if h.Settings.Database == "" {
		g, ctx := errgroup.WithContext(ctx)
		for _, do := range duties {
			g.Go(func() error { return do(ctx) })
		}
		return g.Wait()
	}
	s := &shift{rows: h.DB, holder: rand.Text(), all: duties, now: h.Settings.now, log: h.Log, posts: map[string]*post{}}
	return s.run(ctx)
}

func (s *shift) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for ; ctx.Err() == nil; wait(ctx, dutyBeat) {
		s.beat(ctx, g)
	}
	return g.Wait()
}

// beat gives this process's word for all duties, begins those that it has now, and
// ends those that another has, or may have by now.
func (s *shift) beat(ctx context.Context, g *errgroup.Group) {
	names := s.asked()
	began := s.now()
	has, err := s.rows.TakeDuties(ctx, names, s.holder, dutyHolds)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "duties not taken", "err", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		p := s.posts[name]
		switch {
		case slices.Contains(has, name):
			if p == nil {
				p = &post{}
				s.begin(ctx, g, name, p)
			}
			p.until = began.Add(dutyHolds)
		case p != nil && (err == nil || s.now().After(p.until)):
			p.left = true
			p.leave()
		}
	}
}

// asked are the duties to give word for: all but those that come to their end here.
func (s *shift) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.all)), func(name string) bool {
		p := s.posts[name]
		return p != nil && p.left
	})
}

// begin does a duty until it is left. One that ends by itself stays this process's.
func (s *shift) begin(ctx context.Context, g *errgroup.Group, name string, p *post) {
	ctx, p.leave = context.WithCancel(ctx)
	s.posts[name] = p
	g.Go(func() error {
		defer p.leave()
		err := s.all[name](ctx)
		if err == nil {
			<-ctx.Done()
		}
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if gone := s.rows.LeaveDuty(late, name, s.holder); gone != nil {
			s.log.WarnContext(ctx, "duty not left", "duty", name, "err", gone)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.posts, name)
		return err
	})
}
