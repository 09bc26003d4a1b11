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
// statements grow.
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

	// mostUnder is how many statements are under way at once: one that waits for
	// a row does not keep all others waiting.
	mostUnder = 2

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
	if g.under < mostUnder {
		g.under++
		go g.work(context.WithoutCancel(ctx))
	}
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

// work asks until nobody waits.
func (g *gathering[Q, A]) work(ctx context.Context) {
	for {
		g.mu.Lock()
		if len(g.waiting) == 0 {
			g.under--
			g.mu.Unlock()
			return
		}
		n := min(len(g.waiting), mostGathered)
		taken := slices.Clone(g.waiting[:n])
		g.waiting = slices.Delete(g.waiting, 0, n)
		g.mu.Unlock()
		g.round(ctx, taken)
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
