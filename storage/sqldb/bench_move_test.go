package sqldb

import (
	"context"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
)

// BenchmarkMove is one move of a paper, a durable commit, by the CPU that it
// takes; the ledger's numbering, which follows by itself, is part of it.
func BenchmarkMove(b *testing.B) {
	h := newHouse(b)
	var docs []dossier.Document
	for range 200 {
		docs = append(docs, h.add(h.newDossier().Code, "T1"))
	}
	numbered(h)
	i, before := 0, cpu()
	for b.Loop() {
		d := &docs[i%len(docs)]
		var err error
		if *d, err = h.Advance(h.ctx, *d, change(onward(d.State))); err != nil {
			b.Fatal(err)
		}
		if i++; i%200 == 0 {
			numbered(h)
			if d.State == dossier.Archived { // all are: the next ones
				b.StopTimer()
				spent := cpu()
				for j := range docs {
					docs[j] = h.add(h.newDossier().Code, "T1")
				}
				numbered(h)
				before += cpu() - spent
				b.StartTimer()
			}
		}
	}
	numbered(h)
	b.ReportMetric(float64(cpu()-before)/float64(b.N)/1000, "cpu-µs/op")
}

func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// numbered does what the house does every half second. Revisions from before
// there was a log have nothing to number: bench/ledger runs this file in one.
func numbered(h *house) {
	if log, ok := any(h.DB).(interface {
		NumberEvents(ctx context.Context) (int64, error)
	}); ok {
		if _, err := log.NumberEvents(h.ctx); err != nil {
			h.t.Fatal(err)
		}
	}
}
