package sqldb

import (
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
)

// pile gives an agency n papers that are due, in a lane.
func (h *house) pile(a dossier.AgencyCode, n int, lane dossier.Lane) {
	h.t.Helper()
	d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: a, Holder: h.holder}, "counter")
	h.must(err)
	made := h.add(d.Code, "T1")
	// Rows as Add writes them; the door is not what is tried here.
	_, err = h.write.ExecContext(h.ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO documents (id, dossier, slot, kind, state, version, media, size, pages, received, changed, parts, fields, why, demo, agency, lane)
		SELECT d.id || '-' || n.i, d.dossier, 'P' || n.i, d.kind, d.state, 0, d.media, d.size, d.pages, d.received, d.changed, d.parts, d.fields, d.why, d.demo, d.agency, $2
		FROM documents d, n WHERE d.id = $3 AND n.i < $1`, n, int64(lane), string(made.ID))
	h.must(err)
	_, err = h.write.ExecContext(h.ctx, "UPDATE documents SET lane = $1 WHERE id = $2", int64(lane), string(made.ID))
	h.must(err)
}

func (h *house) agencyOf(j dossier.Job) (a dossier.AgencyCode) {
	h.t.Helper()
	h.must(h.read.QueryRowContext(h.ctx, "SELECT agency FROM documents WHERE id = $1", string(j.Document)).Scan(&a))
	return a
}

// Ten thousand papers of one agency delay a single paper of another by less than
// twice its own time: two workers have the backlog in hand, a queue's worth of it
// is handed out, and the single page goes before all of that.
func TestBacklogDelaysNobody(t *testing.T) {
	h := newHouse(t)
	h.pile("H60.12", 10_000, dossier.Ordinary)
	const stage, mostWaiting = 1000, 64 // a stage takes so many ticks
	free := [2]int{}                    // when each worker is free
	queue := map[bool][]dossier.Job{}
	came, done := -1, -1
	for tick := 0; tick < 60*stage && done < 0; tick += stage / 20 {
		if came < 0 && tick >= 10*stage+stage/20 { // the workers have just begun
			h.pile("H60.13", 1, dossier.Ordinary)
			came = tick
		}
		jobs, err := h.LeaseLane(h.ctx, dossier.Ordinary, mostWaiting-len(queue[false]), mostWaiting-len(queue[true]), time.Hour)
		h.must(err)
		for _, j := range jobs {
			queue[j.Ahead] = append(queue[j.Ahead], j)
		}
		for i := range free {
			for _, ahead := range []bool{true, false} {
				if q := queue[ahead]; free[i] <= tick && len(q) > 0 {
					queue[ahead], free[i] = q[1:], tick+stage
					if h.agencyOf(q[0]) == "H60.13" {
						done = free[i]
					}
				}
			}
		}
	}
	if done < 0 || done-came >= 3*stage {
		t.Errorf("the single page came at %d and was done at %d: its own time is %d", came, done, stage)
	}
	t.Logf("done after %.2f of its own time", float64(done-came)/stage)
}

// Papers of a backlog are brought to their end in the order in which they came: one that was begun
// goes before those that nobody has touched, whatever was done for it since.
func TestBegunIsEndedFirst(t *testing.T) {
	h := newHouse(t)
	var ids []dossier.DocumentID
	for range 3 {
		h.clock.move(time.Second)
		ids = append(ids, h.add(h.newDossier().Code, "T1").ID)
	}
	for _, want := range []dossier.Act{dossier.Recognise, dossier.Normalise} {
		h.clock.move(time.Second)
		jobs, err := h.LeaseLane(h.ctx, dossier.Ordinary, 1, 0, time.Minute)
		if err != nil || len(jobs) != 1 || jobs[0].Document != ids[0] || jobs[0].Act != want {
			t.Fatalf("%+v, %v; want to %s %s", jobs, err, want, ids[0])
		}
		d, _ := h.claim(jobs[0])
		_, err = h.Advance(h.ctx, d, change(onward(d.State)))
		h.must(err)
	}
	jobs, err := h.LeaseLane(h.ctx, dossier.Ordinary, 2, 0, time.Minute)
	if err != nil || len(jobs) != 2 || jobs[0].Document != ids[1] || jobs[1].Document != ids[2] {
		t.Errorf("%+v, %v; want the others", jobs, err)
	}
}

// At the end of a backlog all of it waits in the queue, and the line stands still:
// papers of another agency that come one after the other, each through several stages,
// still go before it, each of them.
func TestEndOfABacklogDelaysNobody(t *testing.T) {
	h := newHouse(t)
	h.pile("H60.12", 60, dossier.Ordinary)
	if jobs, err := h.LeaseLane(h.ctx, dossier.Ordinary, 64, 64, time.Hour); err != nil || len(jobs) != 60 {
		t.Fatalf("%d of the backlog, %v", len(jobs), err)
	}
	for i := range 5 {
		h.pile("H60.13", 1, dossier.Ordinary)
		for stage := range 4 {
			jobs, err := h.LeaseLane(h.ctx, dossier.Ordinary, 4, 64, time.Hour)
			if err != nil || len(jobs) != 1 || !jobs[0].Ahead || h.agencyOf(jobs[0]) != "H60.13" {
				t.Fatalf("paper %d, stage %d: %+v, %v", i, stage, jobs, err)
			}
			// Done and due again, as after each stage but the last.
			until, state := 0, "state"
			if stage == 3 {
				state = "'archived'"
			}
			_, err = h.write.ExecContext(h.ctx, "UPDATE documents SET lease_until = $1, state = "+state+" WHERE id = $2", until, string(jobs[0].Document))
			h.must(err)
		}
	}
	// Of many of one agency one goes ahead, and the next when nothing of it is under way.
	h.pile("H60.13", 10, dossier.Ordinary)
	ahead := 0
	for range 3 {
		jobs, err := h.LeaseLane(h.ctx, dossier.Ordinary, 4, 64, time.Hour)
		h.must(err)
		for _, j := range jobs {
			if j.Ahead {
				ahead++
			}
		}
	}
	if ahead != 1 {
		t.Errorf("%d of one agency go ahead", ahead)
	}
}

// Shares follow the weights, nobody who came later is behind, and what an agency
// did not use it does not save.
func TestSharesFollowWeights(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutShare(h.ctx, dossier.Share{Agency: "H60.12", Weight: 30}))
	h.pile("H60.12", 400, dossier.Ordinary)
	h.pile("H60.13", 400, dossier.Ordinary)
	count := map[dossier.AgencyCode]int{}
	for range 10 {
		jobs, err := h.LeaseLane(h.ctx, dossier.Ordinary, 20, 0, time.Hour)
		h.must(err)
		for _, j := range jobs {
			count[h.agencyOf(j)]++
		}
	}
	if a, b := count["H60.12"], count["H60.13"]; a+b != 200 || a < 2*b || a > 4*b {
		t.Errorf("by weights of 30 and 10: %v", count)
	}
}

// What is paused is neither leased nor begun; lanes do not wait for each other.
func TestPauseAndLanes(t *testing.T) {
	h := newHouse(t)
	h.pile("H60.12", 3, dossier.Ordinary)
	h.pile("H60.13", 3, dossier.Backlog)
	leased := h.leased(1)
	h.must(h.PutShare(h.ctx, dossier.Share{Agency: "H60.12", Weight: 10, Paused: true}))
	if _, _, err := h.Claim(h.ctx, leased[0], time.Hour); err == nil {
		t.Error("a paper of a paused agency was begun")
	}
	for _, j := range h.leased(10) {
		if h.agencyOf(j) == "H60.12" || j.Lane != dossier.Backlog {
			t.Errorf("leased %+v", j)
		}
	}
	h.must(h.PutShare(h.ctx, dossier.Share{Agency: "H60.12", Weight: 10}))
	h.pile("H60.12", 2, dossier.Waiting)
	if jobs := h.leased(1); len(jobs) != 1 || jobs[0].Lane != dossier.Waiting {
		t.Errorf("leased %+v while a citizen waits", jobs)
	}
	h.must(h.PutShare(h.ctx, dossier.Share{Agency: dossier.WholeLine, Weight: 10, Paused: true}))
	if jobs := h.leased(10); len(jobs) != 0 {
		t.Errorf("the whole line is paused, leased %v", jobs)
	}
}

// Papers of the backlog, however many, do not close the door to others.
func TestOwedAtTheDoor(t *testing.T) {
	h := newHouse(t)
	h.pile("H60.12", 3, dossier.Backlog)
	h.pile("H60.13", 1, dossier.Ordinary)
	h.pile("H60.13", 1, dossier.Waiting)
	for most, want := range map[int]int{9: 2, 2: 2, 1: 1} {
		if n, err := h.Owed(h.ctx, most); err != nil || n != want {
			t.Errorf("at most %d: %d owed, %v; want %d", most, n, err, want)
		}
	}
}

// The index has the states of the code, and the first paper of an agency is found
// in it.
func TestOwedIndex(t *testing.T) {
	h := newHouse(t)
	query := "SELECT id FROM documents WHERE lane = 2 AND agency = 'H60.12' AND next_try = 0 AND lease_until <= 5 AND " + isOwed + " ORDER BY next_try, received, id LIMIT 3"
	explain := "EXPLAIN QUERY PLAN "
	scan := func(r row) (s string, err error) {
		var a, b, c int
		err = r.Scan(&a, &b, &c, &s)
		return s, err
	}
	if h.address != "" {
		explain, scan = "EXPLAIN ", single[string]
		_, err := h.write.ExecContext(h.ctx, "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
		h.must(err)
	}
	plan, err := all(h.ctx, h.write, scan, explain+query)
	h.must(err)
	if all := strings.Join(plan, "\n"); !strings.Contains(all, "documents_owed") {
		t.Errorf("the index is not used:\n%s", all)
	}
}

// A rate at the door is kept by all webs together, a little at once is let in, and
// whoever must wait is told how long.
func TestRateAtTheDoor(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutShare(h.ctx, dossier.Share{Agency: "H60.12", Weight: 10, Rate: 60}))
	in := 0
	var wait time.Duration
	for range 60 {
		var err error
		wait, err = h.Enter(h.ctx, "H60.12")
		h.must(err)
		if wait == 0 {
			in++
		}
	}
	if in < 6 || in > 7 || wait <= 0 || wait > time.Second {
		t.Errorf("%d came in at once, the next in %v", in, wait)
	}
	if wait, err := h.Enter(h.ctx, "H60.13"); wait != 0 || err != nil {
		t.Errorf("another agency waits %v, %v", wait, err)
	}
	h.clock.move(10 * time.Second)
	if wait, err := h.Enter(h.ctx, "H60.12"); wait != 0 || err != nil {
		t.Errorf("ten seconds later it waits %v, %v", wait, err)
	}
}

// A page is one worker's at a time; one that dies costs its page, not the others;
// pages are joined in order, and gone when the paper has moved.
func TestPageWork(t *testing.T) {
	h := newHouse(t)
	d := h.add(h.newDossier().Code, "T1")
	_, err := h.write.ExecContext(h.ctx, "UPDATE documents SET pages = 5 WHERE id = $1", string(d.ID))
	h.must(err)
	for range 2 { // offered twice, they are the same
		h.must(h.OpenPages(h.ctx, d.ID, d.Version, 5))
	}
	claim := func(holder string) (int, int) {
		page, attempt, err := h.ClaimPage(h.ctx, d.ID, d.Version, holder, 6*time.Second)
		h.must(err)
		return page, attempt
	}
	for want := range 5 {
		if page, attempt := claim("a"); page != want || attempt != 1 {
			t.Errorf("page %d, attempt %d", page, attempt)
		}
	}
	if _, _, err := h.ClaimPage(h.ctx, d.ID, d.Version, "b", time.Second); err == nil {
		t.Error("a page was given twice")
	}
	for _, page := range []int{3, 0, 4, 1} {
		if left, err := h.KeepPage(h.ctx, d.ID, d.Version, page, "a", []byte{byte(page)}); err != nil || left < 1 {
			t.Errorf("%d left, %v", left, err)
		}
	}
	if _, err := h.ReadPages(h.ctx, d.ID, d.Version); err == nil {
		t.Error("joined before all were read")
	}
	h.clock.move(7 * time.Second) // a is dead
	if page, attempt := claim("b"); page != 2 || attempt != 2 {
		t.Errorf("page %d, attempt %d after a death", page, attempt)
	}
	if _, err := h.KeepPage(h.ctx, d.ID, d.Version, 2, "a", []byte("late")); err == nil {
		t.Error("a dead worker's word was kept")
	}
	if left, err := h.KeepPage(h.ctx, d.ID, d.Version, 2, "b", []byte{2}); err != nil || left != 0 {
		t.Errorf("%d left, %v", left, err)
	}
	kept, err := h.ReadPages(h.ctx, d.ID, d.Version)
	h.must(err)
	for i, b := range kept {
		if b[0] != byte(i) {
			t.Errorf("page %d holds %v", i, b)
		}
	}
	moved, err := h.Advance(h.ctx, d, change(onward(d.State)))
	h.must(err)
	if _, of, err := h.PagesDone(h.ctx, moved); of != 0 || err != nil {
		t.Errorf("%d pages stay, %v", of, err)
	}
}
