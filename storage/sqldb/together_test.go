package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// Each question gets its own answer, however they come together; of those with one
// key only one is answered by the statement for all.
func TestGatheringAnswersEach(t *testing.T) {
	var rounds, asked atomic.Int64
	g := &gathering[string, string]{key: func(q string) string { return q[:4] }, do: func(_ context.Context, all []string) map[string]string {
		rounds.Add(1)
		asked.Add(int64(len(all)))
		time.Sleep(time.Millisecond)
		answers := map[string]string{}
		for _, q := range all {
			if answers[q[:4]] != "" {
				t.Errorf("two questions of one key in a round")
			}
			if q[3] != '7' { // has to be asked by itself
				answers[q[:4]] = "to " + q
			}
		}
		return answers
	}}
	var wg sync.WaitGroup
	for i := range 2000 {
		wg.Go(func() {
			q := fmt.Sprintf("%04d/%d", i/2, i%2)
			a, told, err := g.ask(t.Context(), q)
			if err != nil || told && a != "to "+q || told && q[3] == '7' {
				t.Errorf("%s: %q, %v, %v", q, a, told, err)
			}
		})
	}
	wg.Wait()
	if rounds.Load() < 2 || rounds.Load() > 500 {
		t.Errorf("%d rounds", rounds.Load())
	}
}

// Whoever goes away while a statement is under way takes the question back.
func TestGatheringIsLeft(t *testing.T) {
	gate, seen := make(chan struct{}), make(chan string, 10)
	g := &gathering[string, bool]{key: func(q string) string { return q }, do: func(_ context.Context, all []string) map[string]bool {
		for _, q := range all {
			seen <- q
		}
		<-gate
		return nil
	}}
	var wg sync.WaitGroup
	for i := range mostUnder {
		wg.Go(func() { _, _, _ = g.ask(t.Context(), fmt.Sprint("first", i)) })
		<-seen
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, told, err := g.ask(ctx, "late"); told || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, %v", told, err)
	}
	close(gate)
	wg.Wait()
	if len(seen) > 0 {
		t.Errorf("asked all the same: %s", <-seen)
	}
}

// One statement is under way at a time, and what is asked meanwhile goes together; only
// where one takes long does what waits begin another, up to so many.
func TestGatheringIsOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var under, most, rounds int
		var mu sync.Mutex
		takes := time.Millisecond
		g := &gathering[string, bool]{key: func(q string) string { return q }, do: func(context.Context, []string) map[string]bool {
			mu.Lock()
			under, rounds = under+1, rounds+1
			most = max(most, under)
			takes := takes
			mu.Unlock()
			time.Sleep(takes)
			mu.Lock()
			under--
			mu.Unlock()
			return nil
		}}
		ask := func() (sum int) {
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() { _, _, _ = g.ask(t.Context(), fmt.Sprint(i)) })
				if i%10 == 0 {
					time.Sleep(takes / 4)
				}
			}
			wg.Wait()
			synctest.Wait()
			if g.under != 0 || g.long != 0 || len(g.waiting) != 0 {
				t.Errorf("%d under way, %d long, %d waiting", g.under, g.long, len(g.waiting))
			}
			return most
		}
		if most := ask(); most != 1 || rounds > 8 {
			t.Errorf("%d at once, %d statements", most, rounds)
		}
		takes = 4 * usuallyGathered
		if most := ask(); most != mostUnder {
			t.Errorf("%d at once where each takes long", most)
		}
		takes, most = time.Millisecond, 0
		if most := ask(); most != 1 {
			t.Errorf("%d at once when it is over", most)
		}
	})
}

// What waits behind a statement that takes long begins another by itself; when that
// one is over, there is one again.
func TestGatheringGoesPastWhatTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		const stuck = 10*usuallyGathered + time.Millisecond/2 // it ends while another is under way
		var under, most int
		var mu sync.Mutex
		g := &gathering[string, bool]{key: func(q string) string { return q }, do: func(_ context.Context, all []string) map[string]bool {
			mu.Lock()
			under++
			if time.Since(began) > stuck+20*time.Millisecond {
				most = max(most, under)
			}
			mu.Unlock()
			if all[0] == "stuck" {
				time.Sleep(stuck)
			} else {
				time.Sleep(time.Millisecond)
			}
			mu.Lock()
			under--
			mu.Unlock()
			return nil
		}}
		var wg sync.WaitGroup
		wg.Go(func() { _, _, _ = g.ask(t.Context(), "stuck") })
		synctest.Wait()
		if _, _, _ = g.ask(t.Context(), "behind"); time.Since(began) > 2*usuallyGathered {
			t.Errorf("it waited for %v behind one that takes %v", time.Since(began), stuck)
		}
		for i := range 4000 { // somebody comes all the time, also when it ends
			wg.Go(func() { _, _, _ = g.ask(t.Context(), fmt.Sprint(i)) })
			time.Sleep(time.Millisecond / 10)
		}
		wg.Wait()
		if most != 1 {
			t.Errorf("%d statements at once when nothing takes long any more", most)
		}
	})
}

// Machines claim and move many papers at once, each twice: one of both succeeds,
// and the ledger says what happened, move by move.
func TestMovesTogether(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	for range 12 {
		code := h.newDossier().Code
		for _, s := range []dossier.SlotCode{"T1", "T2", "T3"} {
			h.add(code, s)
		}
	}
	for round, act := range []dossier.Act{dossier.Recognise, dossier.Normalise} {
		jobs := h.leased(100)
		if len(jobs) != 36 {
			t.Fatalf("%d leased", len(jobs))
		}
		var moved, echoes atomic.Int64
		var wg sync.WaitGroup
		for i, j := range slices.Concat(jobs, jobs) {
			wg.Go(func() {
				d, _, err := h.Claim(h.ctx, j, time.Minute)
				if errors.Is(err, dossier.ErrConflict) { // the other moved it already
					echoes.Add(1)
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				part := dossier.PartWords
				if round == 1 {
					part = dossier.PartPlain
				}
				c := dossier.Change{Act: act, By: dossier.Machine, Who: "line", Made: map[dossier.Part]digest.Digest{part: digest.Of([]byte(string(d.ID) + fmt.Sprint(round, i)))}}
				after, err := h.Advance(h.ctx, d, c)
				switch {
				case errors.Is(err, dossier.ErrConflict):
					echoes.Add(1)
				case err != nil:
					t.Error(err)
				default:
					moved.Add(1)
					now, err := h.Document(h.ctx, d.ID)
					if err != nil || after.Version != d.Version+1 || after.State != now.State || after.Parts[part] != c.Made[part] || now.Parts[part] != c.Made[part] {
						t.Errorf("moved to %+v, %v, it is %+v", after, err, now)
					}
				}
			})
		}
		wg.Wait()
		if moved.Load() != 36 || echoes.Load() != 36 {
			t.Errorf("%s: %d moved, %d echoes", act, moved.Load(), echoes.Load())
		}
	}
	_, err := h.NumberEvents(h.ctx)
	h.must(err)
	report, err := h.Audit(h.ctx, nil)
	if h.must(err); len(report.Findings) > 0 || report.Documents != 36 {
		t.Errorf("%+v", report)
	}
}

// A paper whose bytes are just leaving is not moved, and keeps nobody else from it.
func TestMovesBesideOneThatCannot(t *testing.T) {
	needPostgres(t)
	h := newHouse(t)
	code := h.newDossier().Code
	var all []moving
	bad := digest.Of([]byte("leaving"))
	for i, s := range []dossier.SlotCode{"T1", "T2", "T3"} {
		d := h.add(code, s)
		sum := digest.Of([]byte(s))
		if i == 1 {
			sum = bad
		}
		all = append(all, moving{d: d, c: dossier.Change{Act: dossier.Recognise, By: dossier.Machine, Who: "line", Made: map[dossier.Part]digest.Digest{dossier.PartWords: sum}}})
	}
	h.sql("INSERT INTO disposed_bytes (digest, store, state, was, at, next, said) VALUES ('" + bad.String() + "', 'main', 'leaving', 'kept', 0, 0, '')")
	var wg sync.WaitGroup
	for i, m := range all {
		wg.Go(func() {
			_, err := h.Advance(h.ctx, m.d, m.c)
			if (err != nil) != (i == 1) || i == 1 && !errors.Is(err, errLeaving) {
				t.Errorf("%s: %v", m.d.Slot, err)
			}
		})
	}
	wg.Wait()
}
