package sqldb

import (
	"slices"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
)

// leased takes what is due for ten minutes.
func (h *house) leased(n int) []dossier.Job {
	h.t.Helper()
	jobs, err := h.Lease(h.ctx, n, 10*time.Minute)
	h.must(err)
	return jobs
}

func (h *house) claim(j dossier.Job) (dossier.Document, int) {
	h.t.Helper()
	d, attempt, err := h.Claim(h.ctx, j, 10*time.Minute)
	h.must(err)
	return d, attempt
}

// The machine is offered exactly what the state table says it owes.
func TestLeaseIsWhatIsOwed(t *testing.T) {
	for _, s := range dossier.States() {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			d := h.in(s)
			jobs := h.leased(5)
			act, due := dossier.Due(s)
			if !due {
				if len(jobs) > 0 {
					t.Errorf("nothing is owed, leased %v", jobs)
				}
				return
			}
			want := dossier.Job{Document: d.ID, Version: d.Version, Act: act, Epoch: jobs[0].Epoch, Lane: dossier.Ordinary, Ahead: true}
			if len(jobs) != 1 || jobs[0] != want || want.Epoch == 0 {
				t.Errorf("leased %v, want %v", jobs, want)
			}
		})
	}
}

func TestLeaseOrderAndLimit(t *testing.T) {
	h := newHouse(t)
	var ids []dossier.DocumentID
	for range 5 {
		h.clock.move(time.Second)
		ids = append(ids, h.add(h.newDossier().Code, "T1").ID)
	}
	var got []dossier.DocumentID
	for _, n := range []int{0, -1, 2, 2, 2, 2} {
		jobs := h.leased(n)
		if len(jobs) > max(n, 0) {
			t.Errorf("%d leased, at most %d asked for", len(jobs), n)
		}
		for _, j := range jobs {
			got = append(got, j.Document)
		}
	}
	if !slices.Equal(got, ids) {
		t.Errorf("leased %v, want %v", got, ids)
	}
}

// Several relays sweep at once: nobody is given what another holds.
func TestLeaseAtOnce(t *testing.T) {
	h := newHouse(t)
	for range 10 {
		code := h.newDossier().Code
		for _, s := range []dossier.SlotCode{"T1", "T2", "T3"} {
			h.add(code, s)
		}
	}
	var mu sync.Mutex
	held := map[dossier.DocumentID]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				jobs, err := h.Lease(h.ctx, 3, time.Hour)
				if err != nil {
					t.Error(err)
				}
				if len(jobs) == 0 {
					return
				}
				mu.Lock()
				for _, j := range jobs {
					held[j.Document]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range held {
		if n != 1 {
			t.Errorf("%s was leased %d times", id, n)
		}
	}
	if len(held) != 30 {
		t.Errorf("%d of 30 leased", len(held))
	}
}

// A worker that dies leaves a claim without an outcome: it counts. An error
// that was reported, or a move, is an outcome and forgets those before it.
func TestAttemptsCountCrashes(t *testing.T) {
	h := newHouse(t)
	d := h.add(h.newDossier().Code, "T1")
	for crash := range 3 {
		j := h.leased(1)[0]
		if _, attempt := h.claim(j); attempt != crash+1 {
			t.Errorf("attempt %d, want %d", attempt, crash+1)
		}
		if jobs := h.leased(1); len(jobs) > 0 {
			t.Errorf("leased while claimed: %v", jobs)
		}
		if crash == 1 {
			h.must(h.VoidLeases(h.ctx)) // the house started again
		} else {
			h.clock.move(10 * time.Minute) // or the lease ran out
		}
	}
	for i := range 4 { // errors that were lived through
		j := h.leased(1)[0]
		got, attempt := h.claim(j)
		if want := []int{4, 1, 1, 1}[i]; attempt != want || !got.Changed.Equal(d.Changed) {
			t.Errorf("attempt %d of %+v", attempt, got)
		}
		h.must(h.Postpone(h.ctx, j, h.clock.now().Add(time.Minute), "time-stamps cannot be had"))
		if jobs := h.leased(1); len(jobs) > 0 {
			t.Errorf("leased before its time: %v", jobs)
		}
		h.clock.move(time.Minute)
	}
	troubled, err := h.Documents(h.ctx, DocumentQuery{Troubled: true})
	h.must(err)
	if len(troubled) != 1 || troubled[0].Trouble != "time-stamps cannot be had" {
		t.Errorf("troubled: %+v", troubled)
	}
	j := h.leased(1)[0]
	doc, _ := h.claim(j)
	moved := h.to(doc, dossier.Recognised)
	if moved.Trouble != "" {
		t.Errorf("trouble after a move: %q", moved.Trouble)
	}
	if _, attempt := h.claim(h.leased(1)[0]); attempt != 1 {
		t.Errorf("attempt %d after a move, want 1", attempt)
	}
}

func TestEchoesAreKnown(t *testing.T) {
	h := newHouse(t)
	h.add(h.newDossier().Code, "T1")
	old := h.leased(1)[0]
	h.must(h.VoidLeases(h.ctx))
	newest := h.leased(1)[0]
	if newest.Epoch != old.Epoch+1 {
		t.Errorf("epochs %d and %d", old.Epoch, newest.Epoch)
	}
	echoes := map[string]dossier.Job{"an old lease": old}
	other := newest
	other.Act = dossier.Archive
	echoes["another act"] = other
	early := newest
	early.Version++
	echoes["a version to come"] = early
	for name, j := range echoes {
		_, _, err := h.Claim(h.ctx, j, time.Minute)
		wantErr(t, "claim "+name, err, dossier.ErrConflict)
		if name != "another act" {
			wantErr(t, "postpone "+name, h.Postpone(h.ctx, j, noon, "x"), dossier.ErrConflict)
		}
	}
	none := newest
	none.Document = "none"
	_, _, err := h.Claim(h.ctx, none, time.Minute)
	wantErr(t, "claim nothing", err, dossier.ErrNotFound)
	wantErr(t, "postpone nothing", h.Postpone(h.ctx, none, noon, "x"), dossier.ErrNotFound)
	d, attempt := h.claim(newest)
	if attempt != 1 || d.Trouble != "" {
		t.Errorf("echoes left a trace: attempt %d, trouble %q", attempt, d.Trouble)
	}
	h.to(d, dossier.Recognised)
	_, _, err = h.Claim(h.ctx, newest, time.Minute)
	wantErr(t, "claim what is done", err, dossier.ErrConflict)
	wantErr(t, "postpone what is done", h.Postpone(h.ctx, newest, noon.AddDate(1, 0, 0), "x"), dossier.ErrConflict)
	if jobs := h.leased(1); len(jobs) != 1 || jobs[0].Act != dossier.Normalise {
		t.Errorf("next job: %v", jobs)
	}
}

// A move ends the lease: what is owed next is offered at once.
func TestMoveEndsTheLease(t *testing.T) {
	h := newHouse(t)
	h.add(h.newDossier().Code, "T1")
	var acts []dossier.Act
	for range 40 {
		jobs := h.leased(1)
		if len(jobs) == 0 {
			waiting, err := h.Documents(h.ctx, DocumentQuery{States: []dossier.State{dossier.Normalised, dossier.Extracted, dossier.Confirmed}})
			h.must(err)
			if len(waiting) == 0 {
				break
			}
			_, err = h.Advance(h.ctx, waiting[0], change(onward(waiting[0].State)))
			h.must(err)
			continue
		}
		d, _ := h.claim(jobs[0])
		acts = append(acts, jobs[0].Act)
		_, err := h.Advance(h.ctx, d, change(onward(d.State)))
		h.must(err)
	}
	want := []dossier.Act{dossier.Recognise, dossier.Normalise, dossier.SignCopy, dossier.Extract, dossier.Seal, dossier.Archive}
	if !slices.Equal(acts, want) {
		t.Errorf("the machine did %v, want %v", acts, want)
	}
}

func TestDocumentQueries(t *testing.T) {
	h := newHouse(t)
	here := h.newDossier().Code
	there, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.13", Holder: h.holder}, "counter")
	h.must(err)
	a, b, c := h.add(here, "T1"), h.add(here, "T2"), h.add(there.Code, "T1")
	h.clock.move(time.Minute)
	a = h.to(a, dossier.Recognised) // moved last
	for name, row := range map[string]struct {
		q    DocumentQuery
		want []dossier.DocumentID
	}{
		"all":        {DocumentQuery{}, []dossier.DocumentID{b.ID, c.ID, a.ID}},
		"one":        {DocumentQuery{Limit: 1}, []dossier.DocumentID{b.ID}},
		"state":      {DocumentQuery{States: []dossier.State{dossier.Recognised, dossier.Sealed}}, []dossier.DocumentID{a.ID}},
		"agency":     {DocumentQuery{Agencies: []dossier.AgencyCode{"H60.12"}}, []dossier.DocumentID{b.ID, a.ID}},
		"dossier":    {DocumentQuery{Dossier: there.Code}, []dossier.DocumentID{c.ID}},
		"troubled":   {DocumentQuery{Troubled: true}, nil},
		"no overlap": {DocumentQuery{Dossier: there.Code, States: []dossier.State{dossier.Recognised}}, nil},
	} {
		found, err := h.Documents(h.ctx, row.q)
		var got []dossier.DocumentID
		for _, d := range found {
			got = append(got, d.ID)
		}
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, row.want)
		}
	}
	counts, err := h.Counts(h.ctx, []dossier.AgencyCode{"H60.12"}, nil)
	if err != nil || len(counts) != 2 || counts[dossier.Received] != 1 || counts[dossier.Recognised] != 1 {
		t.Errorf("counts: %v, %v", counts, err)
	}
	_, err = h.Document(h.ctx, "none")
	wantErr(t, "no such document", err, dossier.ErrNotFound)
	_, err = h.Fields(h.ctx, "none")
	wantErr(t, "fields of none", err, dossier.ErrNotFound)
	if f, err := h.Fields(h.ctx, a.ID); err != nil || f != nil {
		t.Errorf("fields before a person confirmed any: %v, %v", f, err)
	}
}
