package sqldb

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A gathering makes one statement of what several goroutines ask at the same
// time. Nobody waits for others to come: what is asked while a statement is under
// way is the next one's, so alone a question goes at once, and under load
// statements grow. One is under way at a time, since two of half the size cost more
// than one; another begins where it takes long.
type gathering[Q, A any] struct {
	// key tells questions that cannot stand in one statement: of those with the
	// same key it takes the first.
	key func(Q) string

	// do answers questions, each under its key. What it leaves out has to be
	// asked by itself.
	do func(ctx context.Context, questions []Q) map[string]A

	mu      sync.Mutex
	waiting []*question[Q, A]
	under   int // statements under way
	long    int // of them, those that take longer than [usuallyGathered]
}

type question[Q, A any] struct {
	asked  Q
	answer chan reply[A] // of one place
}

// A reply is an answer, or the word that a question is to be asked by itself.
type reply[A any] struct {
	answer A
	told   bool
}

// Numbers of a gathering.
const (
	// mostGathered is how many questions a statement takes.
	mostGathered = 128

	// usuallyGathered is how long a statement is under way at the most before what
	// waits begins another: one that waits for a row does not keep all others waiting.
	usuallyGathered = 25 * time.Millisecond

	// mostUnder is how many statements are under way at once.
	mostUnder = 3

	// longestGathered is how long a statement may take. Then each asks by itself.
	longestGathered = 15 * time.Second
)

// ask returns the answer to q. told is false if q has to be asked by itself: its
// answer is none that a statement for many gives, or that statement failed. If ctx
// ends, what is under way goes on without anybody to hear of it.
func (g *gathering[Q, A]) ask(ctx context.Context, q Q) (answer A, told bool, err error) {
	own := &question[Q, A]{asked: q, answer: make(chan reply[A], 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, own)
	g.begin(context.WithoutCancel(ctx))
	g.mu.Unlock()
	select {
	case r := <-own.answer:
		return r.answer, r.told, nil
	case <-ctx.Done():
		g.mu.Lock()
		g.waiting = slices.DeleteFunc(g.waiting, func(w *question[Q, A]) bool { return w == own })
		g.mu.Unlock()
		return answer, false, ctx.Err()
	}
}

// begin begins a statement if somebody waits and none is under way, or only such as
// take long. The caller has the lock.
func (g *gathering[Q, A]) begin(ctx context.Context) {
	if len(g.waiting) > 0 && g.under == g.long && g.under < mostUnder {
		g.under++
		go g.work(ctx)
	}
}

// work asks until nobody waits, or another does so.
func (g *gathering[Q, A]) work(ctx context.Context) {
	for {
		g.mu.Lock()
		if len(g.waiting) == 0 || g.under-g.long > 1 {
			g.under--
			g.mu.Unlock()
			return
		}
		n := min(len(g.waiting), mostGathered)
		taken := slices.Clone(g.waiting[:n])
		g.waiting = slices.Delete(g.waiting, 0, n)
		g.mu.Unlock()
		over := g.watch(ctx)
		g.round(ctx, taken)
		over()
	}
}

// watch has what waits begin another statement if this one takes long. The statement
// says when it is over.
func (g *gathering[Q, A]) watch(ctx context.Context) (over func()) {
	long, ended := false, false
	timer := time.AfterFunc(usuallyGathered, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if !ended {
			long = true
			g.long++
			g.begin(ctx)
		}
	})
	return func() {
		timer.Stop()
		g.mu.Lock()
		defer g.mu.Unlock()
		ended = true
		if long {
			g.long--
		}
	}
}

// round asks what was taken in one statement.
func (g *gathering[Q, A]) round(ctx context.Context, taken []*question[Q, A]) {
	ctx, cancel := context.WithTimeout(ctx, longestGathered)
	defer cancel()
	first := map[string]*question[Q, A]{}
	var questions []Q
	for _, w := range taken {
		if k := g.key(w.asked); first[k] == nil {
			first[k] = w
			questions = append(questions, w.asked)
		}
	}
	answers := g.do(ctx, questions)
	for _, w := range taken {
		k := g.key(w.asked)
		a, ok := answers[k]
		w.answer <- reply[A]{a, ok && first[k] == w}
	}
}
