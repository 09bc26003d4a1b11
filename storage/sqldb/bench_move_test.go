package sqldb

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
)

// muted is whether nothing is logged: bench/ledger builds this package so that it is
// asked. Else it changes nothing.
var muted bool

// A mover moves papers of a house, all of them one step in a turn.
type mover struct {
	*house
	docs []dossier.Document
}

const eachTurn = 200 // papers

// more takes new papers in once the old ones are archived, and numbers what that did.
func (m *mover) more() {
	if len(m.docs) > 0 && m.docs[0].State != dossier.Archived {
		return
	}
	m.docs = m.docs[:0]
	for range eachTurn {
		m.docs = append(m.docs, m.add(m.newDossier().Code, "T1"))
	}
	m.number()
}

func (m *mover) number() {
	_, err := m.NumberEvents(m.ctx)
	m.must(err)
}

// turn is one move of each paper, a durable commit, by the processor time that it
// takes. The ledger's numbering, which follows by itself, is part of it.
func (m *mover) turn() time.Duration {
	m.more()
	before := cpu()
	for i := range m.docs {
		d := &m.docs[i]
		var err error
		*d, err = m.Advance(m.ctx, *d, change(onward(d.State)))
		m.must(err)
	}
	m.number()
	return cpu() - before
}

// BenchmarkMove is turns of moves.
func BenchmarkMove(b *testing.B) {
	m := &mover{house: newHouse(b)}
	spent := time.Duration(0)
	for b.Loop() {
		spent += m.turn()
	}
	b.ReportMetric(micros(spent)/float64(b.N), "cpu-µs/move")
}

func micros(d time.Duration) float64 { return float64(d.Microseconds()) / eachTurn }

// BenchmarkMoveInTurns are moves with the log and without it, in turns, in two houses
// of one process: by how much the log makes them dearer, and between what that is
// with a certainty of 95 % (by bootstrap over the pairs of turns).
func BenchmarkMoveInTurns(b *testing.B) {
	with, without := &mover{house: newHouse(b)}, &mover{house: newHouse(b)}
	var pairs [][2]float64
	for round := 0; b.Loop(); round++ {
		var pair [2]float64
		for i := range 2 {
			logged := (round+i)%2 == 0 // neither is always the first
			muted = !logged
			if logged {
				pair[0] = micros(with.turn())
			} else {
				pair[1] = micros(without.turn())
			}
			muted = false
		}
		if round > 0 { // the first one warms up
			pairs = append(pairs, pair)
		}
	}
	if len(pairs) == 0 {
		return
	}
	added := func(pairs [][2]float64) float64 {
		var a, b float64
		for _, p := range pairs {
			a, b = a+p[0], b+p[1]
		}
		return 100 * (a/b - 1)
	}
	r, again := rand.New(rand.NewPCG(1, 2)), make([]float64, 2000)
	some := make([][2]float64, len(pairs))
	for i := range again {
		for k := range some {
			some[k] = pairs[r.IntN(len(pairs))]
		}
		again[i] = added(some)
	}
	slices.Sort(again)
	var a, c float64
	for _, p := range pairs {
		a, c = a+p[0]/float64(len(pairs)), c+p[1]/float64(len(pairs))
	}
	b.ReportMetric(a, "with-µs/move")
	b.ReportMetric(c, "without-µs/move")
	b.ReportMetric(added(pairs), "added-%")
	b.ReportMetric(again[len(again)*25/1000], "least-%")
	b.ReportMetric(again[len(again)*975/1000], "most-%")
}

func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
