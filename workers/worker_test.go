package workers

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// rows are stricter than life: every call must be one that the worker is
// supposed to make at this point.
type rows struct {
	t       *testing.T
	doc     dossier.Document
	attempt int
	claim   error
	advance error

	changes   []dossier.Change
	postponed []string
	until     time.Time
	due       []dossier.Job
}

func (r *rows) LeaseRenewals(context.Context, int, time.Duration) ([]dossier.Job, error) {
	return nil, nil
}

func (r *rows) LeaseLane(_ context.Context, lane dossier.Lane, n, _ int, _ time.Duration) ([]dossier.Job, error) {
	if lane != dossier.Ordinary {
		return nil, nil
	}
	n = min(n, len(r.due))
	jobs := r.due[:n]
	r.due = r.due[n:]
	return jobs, nil
}

func (r *rows) HoldWaiting(context.Context, []dossier.Job, time.Duration, time.Duration) error {
	return nil
}

func (r *rows) Hold(context.Context, []dossier.Job, time.Duration) ([]dossier.Job, error) {
	return nil, nil
}

func (r *rows) Claim(_ context.Context, _ dossier.Job, d time.Duration) (dossier.Document, int, error) {
	if d <= 0 {
		r.t.Error("a claim without time")
	}
	return r.doc, r.attempt, r.claim
}

func (r *rows) Advance(_ context.Context, d dossier.Document, c dossier.Change) (dossier.Document, error) {
	if _, err := dossier.Next(d.State, c.Act, c.By); err != nil {
		return d, err
	}
	r.changes = append(r.changes, c)
	return d, r.advance
}

func (r *rows) Postpone(ctx context.Context, _ dossier.Job, until time.Time, trouble string) error {
	if ctx.Err() != nil {
		r.t.Error("a job is given back on a context that has ended")
	}
	r.postponed, r.until = append(r.postponed, trouble), until
	return nil
}

type queue struct {
	waiting int
	jobs    []dossier.Job
}

func (q *queue) Enqueue(_ context.Context, jobs ...dossier.Job) error {
	q.jobs = append(q.jobs, jobs...)
	return nil
}
func (q *queue) Depth(context.Context) (map[dossier.Place]int, error) {
	return map[dossier.Place]int{{Lane: dossier.Ordinary}: q.waiting}, nil
}
func (q *queue) Waiting(_ context.Context, most int) ([]dossier.Job, error) {
	return make([]dossier.Job, min(q.waiting, most)), nil
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam)

func TestStep(t *testing.T) {
	made := Files{dossier.PartWords: digest.Of([]byte("words"))}
	broken := errors.New("broken")
	for _, row := range []struct {
		name      string
		attempt   int
		claim     error
		do        error
		advance   error
		state     dossier.State
		act       dossier.Act // that was advanced, if any
		finds     dossier.Act // by the stage, if not what was owed
		why       string
		postponed string // trouble, if it was
		until     time.Duration
		fails     bool
	}{
		{name: "done", act: dossier.Recognise},
		{name: "an echo", claim: dossier.ErrConflict},
		{name: "of a removed demonstration", claim: dossier.ErrNotFound},
		{name: "the database is away", claim: broken, fails: true},
		{name: "unfit", do: dossier.ErrUnfit, act: dossier.Refuse},
		{name: "unfit where no refusal is", state: dossier.Attested, do: dossier.ErrUnfit, postponed: "not allowed", until: 15 * time.Second, fails: true},
		{name: "an error waits a quarter of the time it stood", do: broken, postponed: "broken", until: 15 * time.Second, fails: true},
		{name: "somebody was first", advance: dossier.ErrConflict, act: dossier.Recognise},
		{name: "the move cannot be made", advance: broken, act: dossier.Recognise, postponed: "broken", until: 15 * time.Second, fails: true},
		{name: "third try", attempt: 3, act: dossier.Recognise},
		{name: "what came in signed is in doubt", state: dossier.Presented, finds: dossier.Doubt, why: "doubt: x", act: dossier.Doubt},
		{name: "after three deaths a person is called", attempt: 4, postponed: "the machine broke off", until: time.Hour, fails: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			state := row.state
			if state == "" {
				state = dossier.Received
			}
			r := &rows{t: t, attempt: max(row.attempt, 1), claim: row.claim, advance: row.advance,
				doc: dossier.Document{ID: "d", State: state, Changed: noon.Add(-time.Minute)}}
			act, _ := dossier.Due(state)
			w := New(Worker{Rows: r, Queue: &queue{}, Name: "line", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
				Trouble: func(err error) string { return err.Error() },
				Line: []Stage{{Act: act, Timeout: time.Minute, Do: func(context.Context, dossier.Document) (Outcome, error) {
					return Outcome{Made: made, Act: row.finds, Why: row.why}, row.do
				}}}})
			err := w.Step(t.Context(), dossier.Job{Document: "d", Act: act})
			if (err != nil) != row.fails {
				t.Errorf("Step = %v", err)
			}
			if row.act == "" && len(r.changes) > 0 || row.act != "" && (len(r.changes) != 1 || r.changes[0].Act != row.act) {
				t.Errorf("advanced by %+v, want %q", r.changes, row.act)
			}
			if row.why != "" && r.changes[0].Why != row.why {
				t.Errorf("advanced by %+v", r.changes[0])
			}
			if row.act == dossier.Refuse && (r.changes[0].Why == "" || r.changes[0].Made != nil) {
				t.Errorf("refused as %+v", r.changes[0])
			}
			if row.postponed == "" && r.postponed != nil || row.postponed != "" && (len(r.postponed) != 1 || !strings.HasPrefix(r.postponed[0], row.postponed)) {
				t.Errorf("postponed with %q, want %q", r.postponed, row.postponed)
			}
			if row.until != 0 && !r.until.Equal(noon.Add(row.until)) {
				t.Errorf("postponed until %v, want %v later", r.until, row.until)
			}
		})
	}
}

// A worker that goes down gives its job back for at once, without a word of
// trouble: nothing ailed the paper.
func TestGoingDown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &rows{t: t, attempt: 1, doc: dossier.Document{ID: "d", State: dossier.Received, Changed: noon}}
	w := New(Worker{Rows: r, Queue: &queue{}, Now: func() time.Time { return noon }, Trouble: error.Error,
		Line: []Stage{{Act: dossier.Recognise, Timeout: time.Minute, Do: func(ctx context.Context, _ dossier.Document) (Outcome, error) {
			cancel()
			return Outcome{}, ctx.Err()
		}}}})
	if err := w.Step(ctx, dossier.Job{Document: "d", Act: dossier.Recognise}); !errors.Is(err, context.Canceled) {
		t.Errorf("Step = %v", err)
	}
	if !slices.Equal(r.postponed, []string{""}) || !r.until.Equal(noon) {
		t.Errorf("given back with %q until %v", r.postponed, r.until)
	}
}

// The queue is kept short: the rest waits in the table.
func TestSweepFillsUp(t *testing.T) {
	for waiting, want := range map[int]int{0: leastWaiting, 5: leastWaiting - 5, leastWaiting: 0, 1000: 0} {
		r := &rows{t: t, due: make([]dossier.Job, 500)}
		q := &queue{waiting: waiting}
		w := New(Worker{Rows: r, Queue: q, Now: func() time.Time { return noon }})
		if err := w.Sweep(t.Context()); err != nil || len(q.jobs) != want {
			t.Errorf("with %d waiting, %d were handed on (%v), want %d", waiting, len(q.jobs), err, want)
		}
	}
}

// Where workers take all that waits before the relay looks again, more waits the
// next time: up to a bound, and no longer than they are so fast.
func TestSweepFillsUpForFastWorkers(t *testing.T) {
	now := noon
	r := &rows{t: t}
	q := &queue{}
	w := New(Worker{Rows: r, Queue: q, Now: func() time.Time { return now }})
	sweep := func(due, left int) (handed int, dry bool) {
		t.Helper()
		r.due, q.jobs, q.waiting = make([]dossier.Job, due), nil, left
		_, dry, err := w.sweep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(q.jobs), dry
	}
	for i, step := range []struct {
		later     time.Duration
		due, left int
		want      int
		dry       bool
		what      string
	}{
		{0, 5000, 0, 8, false, "at first"},
		{0, 5000, 0, 16, true, "all taken"},
		{0, 5000, 0, 32, true, "all taken"},
		{0, 5000, 0, 64, true, "all taken"},
		{0, 5000, 0, 128, true, "all taken"},
		{0, 5000, 40, 88, false, "some left"},
		{0, 5000, 31, 225, true, "nearly all taken"},
		{0, 5000, 0, 512, true, "all taken"},
		{0, 5000, 0, 1024, true, "all taken"},
		{0, 5000, 0, 1024, true, "never more than so many"},
		{0, 10, 0, 10, true, "all taken, the last of them"},
		{0, 5000, 0, 1024, false, "all that there was was taken: nobody waited for the relay"},
		{3 * time.Second, 5000, 1000, 0, false, "nobody takes any"},
		{3 * time.Second, 5000, 200, 56, false, "half as many as then"},
		{3 * time.Second, 5000, 0, 512, true, "taken again"},
		{3 * time.Second, 0, 0, 0, true, "nothing due"},
		{3 * time.Second, 5000, 0, 512, false, "half of what it grew to"},
		{3 * time.Second, 5000, 200, 56, false, "half"},
		{3 * time.Second, 5000, 100, 28, false, "half"},
		{3 * time.Second, 5000, 60, 4, false, "half"},
		{3 * time.Second, 5000, 60, 0, false, "nobody takes any"},
	} {
		now = now.Add(step.later)
		if n, dry := sweep(step.due, step.left); n != step.want || dry != step.dry {
			t.Errorf("step %d, %s: %d handed on, dry %v; want %d, %v", i, step.what, n, dry, step.want, step.dry)
		}
	}
}

// Where acts take seconds a place becomes short: what is begun does not stand behind papers that
// nobody will touch for minutes. It stays as long as what is taken in a few seconds.
func TestSweepLeavesLittleToSlowWorkers(t *testing.T) {
	now := noon
	r := &rows{t: t}
	q := &queue{}
	w := New(Worker{Rows: r, Queue: q, Now: func() time.Time { return now }})
	for _, c := range []struct{ seconds, taken, want int }{{30, 1, leastWaiting}, {60, 20, 20}, {120, 1, leastWaiting}, {30, 500, mostWaiting}} {
		for range c.seconds {
			now = now.Add(time.Second)
			r.due, q.jobs = make([]dossier.Job, 5000), nil
			q.waiting = max(0, q.waiting-c.taken)
			if _, _, err := w.sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			q.waiting += len(q.jobs)
		}
		if q.waiting < c.want || q.waiting > max(4*c.taken, c.want) {
			t.Errorf("%d are taken a second: %d wait, want %d", c.taken, q.waiting, c.want)
		}
	}
}

// What is done on a day waits by the time it has been in trouble, not by the
// years it stood well, and longer than the line does.
func TestRenewalWaits(t *testing.T) {
	for since, want := range map[time.Duration]time.Duration{0: 2 * time.Second, time.Hour: 15 * time.Minute, 1000 * time.Hour: longestRenewalWait} {
		d := dossier.Document{ID: "d", State: dossier.Archived, Changed: noon.AddDate(-5, 0, 0)}
		if since > 0 {
			d.Since = noon.Add(-since)
		}
		r := &rows{t: t, attempt: 1, doc: d}
		w := New(Worker{Rows: r, Queue: &queue{}, Now: func() time.Time { return noon }, Trouble: error.Error,
			Line: []Stage{{Act: dossier.Renew, Timeout: time.Minute, Patience: longestRenewalWait, Do: func(context.Context, dossier.Document) (Outcome, error) {
				return Outcome{}, errors.New("broken")
			}}}})
		if err := w.Step(t.Context(), dossier.Job{Document: "d", Act: dossier.Renew}); err == nil || !r.until.Equal(noon.Add(want)) {
			t.Errorf("in trouble for %v: %v, postponed until %v later", since, err, r.until.Sub(noon))
		}
	}
}

// The table of states and the line agree: one stage for each act the machine
// owes, at once or on a day.
func TestLineIsWhatTheMachineOwes(t *testing.T) {
	owed, have := map[dossier.Act]bool{}, map[dossier.Act]bool{}
	for _, s := range dossier.States() {
		for _, owes := range []func(dossier.State) (dossier.Act, bool){dossier.Due, dossier.Scheduled} {
			if act, ok := owes(s); ok {
				owed[act] = true
			}
		}
	}
	line := Line(&Tools{})
	for _, s := range line {
		have[s.Act] = true
	}
	if !maps.Equal(owed, have) || len(have) != len(line) {
		t.Errorf("the line does %v, the table owes %v", have, owed)
	}
}
