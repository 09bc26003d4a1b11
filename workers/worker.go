// Package workers is the line: what the machine does to a document between the
// acts of people, as stages that may each be run twice.
//
// A [Stage] makes files and nothing else; only a [Worker] moves a document, by
// one compare-and-swap on its row. A [dossier.Job] in a queue is a hint: the row
// says what is owed, who has a lease on it, and how often a worker died over it.
package workers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ocr"
)

// A Stage is one thing the machine does to a document.
type Stage struct {
	Act     dossier.Act
	Timeout time.Duration

	// Do makes files and stores them, and changes nothing else. It may run
	// again after it has succeeded. An error wrapping [dossier.ErrUnfit] sends
	// the document back to a person; any other error is retried.
	Do func(ctx context.Context, d dossier.Document) (Outcome, error)

	// Patience is the longest wait between two tries; 0: 10 minutes.
	Patience time.Duration
}

// An Outcome is what a stage found and made.
type Outcome struct {
	Made  Files
	Act   dossier.Act    // if it is not the one that was owed
	Why   string         // with an Act that needs a reason
	Proof *dossier.Proof // of an archived file
}

// Files are the blobs that a stage has stored, by what they are of the document.
type Files map[dossier.Part]digest.Digest

// Rows are the documents' rows, the truth about what is owed.
// [sohoa/storage/sqldb.DB] has them.
type Rows interface {
	// LeaseLane takes up to n rows of a lane that the machine owes an act and
	// that nobody holds, for d, by turns of their agencies; and up to ahead more
	// of agencies that had less than their share.
	LeaseLane(ctx context.Context, lane dossier.Lane, n, ahead int, d time.Duration) ([]dossier.Job, error)

	// LeaseRenewals takes archived documents whose day of renewal has come.
	LeaseRenewals(ctx context.Context, n int, d time.Duration) ([]dossier.Job, error)

	// HoldWaiting keeps jobs held for d from now on that nobody has taken up yet,
	// but for those that were leased or held less than fresh ago.
	HoldWaiting(ctx context.Context, jobs []dossier.Job, d, fresh time.Duration) error

	// Hold keeps jobs held for d from now on, and returns those that are echoes:
	// somebody else has them, or they are done.
	Hold(ctx context.Context, jobs []dossier.Job, d time.Duration) (lost []dossier.Job, err error)

	// Claim starts work on a job and counts the attempt. It wraps
	// [dossier.ErrConflict] if the job is an echo.
	Claim(ctx context.Context, j dossier.Job, d time.Duration) (dossier.Document, int, error)

	// Advance performs c on d: the row and the ledger, or neither.
	Advance(ctx context.Context, d dossier.Document, c dossier.Change) (dossier.Document, error)

	// Postpone gives a job back until a later time, with the trouble shown.
	Postpone(ctx context.Context, j dossier.Job, until time.Time, trouble string) error
}

// A Queue carries jobs to whoever is free. It may lose them, repeat them or
// bring them late.
type Queue interface {
	Enqueue(ctx context.Context, jobs ...dossier.Job) error

	// Depth returns how many jobs wait in each place that a job may have: its
	// lane, and whether it goes ahead there.
	Depth(ctx context.Context) (map[dossier.Place]int, error)

	// Waiting returns the jobs that nobody has taken up yet, the first most of
	// each place.
	Waiting(ctx context.Context, most int) ([]dossier.Job, error)
}

// ErrBrokeOff: workers died over a document.
var ErrBrokeOff = errors.New("the machine broke off on this paper")

// A Worker does jobs and looks for forgotten ones.
type Worker struct {
	Rows  Rows
	Queue Queue
	Line  []Stage
	Name  string // in the ledger as who did it
	Log   *slog.Logger
	Now   func() time.Time

	// Trouble puts an error into words that a person may see: never personal
	// data. The words are kept with the row.
	Trouble func(error) string

	// Rest is how long a document rests over which workers died several times
	// in a row; 0: an hour.
	Rest time.Duration

	// Pages are offered to whoever is free, one by one; nil: papers are read as a
	// whole.
	Pages Pages

	// Help reads pages of a paper that another worker has begun.
	Help func(ctx context.Context, j dossier.Job) error

	wake chan struct{}
	held time.Time // when what waits in the queue was held last

	offered time.Time // when it was last looked whether pages wait
	fills   map[dossier.Place]*fill
}

// Numbers of the relay.
const (
	// mostWaiting keeps each place of the queue short: the rest waits in the
	// table, where it costs nothing, cannot be lost, and whoever comes later is
	// not behind it.
	mostWaiting = 64

	// leastWaiting is how short a place becomes where acts take seconds. A paper that was read
	// stands behind what waits there: the fewer, the sooner it is done, and the fewer scans are
	// kept meanwhile.
	leastWaiting = 8

	// longestWaiting is how long a place may grow whose hints are gone before the
	// relay looks again (see [fill]).
	longestWaiting = 1024

	// lease is how long a row is held by a sign of life: of the worker that has
	// it, or of a relay that sees its hint in the queue. Whoever dies, and
	// whatever a queue loses, is noticed that much later.
	lease = 6 * time.Second

	// beat is how often signs of life are given: two may get lost.
	beat = 2 * time.Second

	// mostCrashes is how often in a row a worker may die over a document before
	// a person is called and the document rests.
	mostCrashes = 3

	// lastWords is how long a worker that goes down may take to give its job back.
	lastWords = 2 * time.Second

	sweepEvery = time.Second

	// shortest is the shortest time between two sweeps that leave hints behind.
	shortest = 20 * time.Millisecond
)

// New returns a worker that is ready to be nudged.
func New(w Worker) *Worker {
	w.wake = make(chan struct{}, 1)
	return &w
}

// Nudge tells the relay that something may be due. It never blocks.
func (w *Worker) Nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Relay hands what is due to the queue until ctx ends: at every nudge, every
// second in case a nudge was lost or came about elsewhere, and as long as something
// is due, with a pause of four times what it took itself; without one if workers
// are about to stand idle.
func (w *Worker) Relay(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		began := w.Now()
		n, dry, err := w.sweep(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "sweep failed", "err", err)
		}
		if dry && err == nil && ctx.Err() == nil {
			continue
		}
		if rest(ctx, max(shortest, 4*w.Now().Sub(began))); n > 0 && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
		case <-tick.C:
		}
	}
}

// rest waits for d, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Sweep hands the queue what is due and not under way.
func (w *Worker) Sweep(ctx context.Context) error {
	_, _, err := w.sweep(ctx)
	return err
}

// A fill is how a sweep left a place of the queue. Whoever finds the queue empty
// looks again only after a while (asynq polls), so a place is kept as long as what
// is taken out of it between two sweeps, and no longer: [leastWaiting] at first and where work
// is slow, otherwise what is taken in a few seconds up to [mostWaiting], and more where workers are
// faster than that.
type fill struct {
	most int       // hints that may wait there
	full bool      // so many were left there: more may be due
	grew time.Time // when it was last made longer, or shorter
	gave int       // hints that were left there since
}

// next returns how many hints may wait in a place where so many are left now, and
// whether they were nearly gone although there were more to do.
func (f *fill) next(left int, now time.Time) (most int, dry bool) {
	switch dry = f.full && left < f.most/4; {
	case dry:
		f.most, f.grew, f.gave = min(2*f.most, longestWaiting), now, 0
	case now.Sub(f.grew).Abs() > beat:
		f.most, f.grew, f.gave = max(f.most/2, min(f.gave, mostWaiting), leastWaiting), now, 0
	}
	return f.most, dry
}

// fillOf is how a place was left.
func (w *Worker) fillOf(p dossier.Place) *fill {
	if w.fills == nil {
		w.fills = map[dossier.Place]*fill{}
	}
	if w.fills[p] == nil {
		w.fills[p] = &fill{most: leastWaiting}
	}
	return w.fills[p]
}

// sweep is [Worker.Sweep]; it returns how many jobs that were, and whether workers
// had nearly taken all that the one before it left.
func (w *Worker) sweep(ctx context.Context) (n int, dry bool, err error) {
	depth, err := w.Queue.Depth(ctx)
	if err != nil {
		return 0, false, err
	}
	if err := w.hold(ctx); err != nil {
		return 0, false, err
	}
	if n, err = w.offerPages(ctx, depth); err != nil {
		return n, false, err
	}
	for _, lane := range dossier.Lanes {
		place := dossier.Place{Lane: lane}
		f := w.fillOf(place)
		most, short := f.next(depth[place], w.Now())
		dry = dry || short
		room := max(0, most-depth[place])
		ahead := 0
		if lane == dossier.Ordinary {
			ahead = max(0, mostWaiting-depth[dossier.Place{Lane: lane, Ahead: true}])
		}
		if room+ahead == 0 {
			continue
		}
		jobs, err := w.Rows.LeaseLane(ctx, lane, room, ahead, lease)
		if err != nil {
			return n, false, err
		}
		f.full = len(jobs) >= room
		f.gave += len(jobs)
		if lane == dossier.Backlog && n+len(jobs) == 0 { // there is nothing else to do
			if jobs, err = w.Rows.LeaseRenewals(ctx, room, lease); err != nil {
				return n, false, err
			}
		}
		if err := w.Queue.Enqueue(ctx, jobs...); err != nil {
			return n, false, fmt.Errorf("enqueue: %w", err)
		}
		n += len(jobs)
	}
	return n, dry, nil
}

// hold gives signs of life for what waits in the queue.
func (w *Worker) hold(ctx context.Context) error {
	now := w.Now()
	if now.Sub(w.held).Abs() < beat {
		return nil
	}
	waiting, err := w.Queue.Waiting(ctx, longestWaiting)
	if err != nil {
		return err
	}
	if waiting = slices.DeleteFunc(waiting, isHelp); len(waiting) > 0 {
		if err := w.Rows.HoldWaiting(ctx, waiting, lease, beat/2); err != nil {
			return err
		}
	}
	w.held = now
	return nil
}

// Step does job, unless it is done already. A nil error means that nothing is
// left to do about this job, not that this call did it; after an error the job
// was postponed and its row says why.
func (w *Worker) Step(ctx context.Context, job dossier.Job) error {
	if isHelp(job) {
		return w.help(ctx, job)
	}
	stage, err := w.stage(job.Act)
	if err != nil {
		return err
	}
	d, attempt, err := w.Rows.Claim(ctx, job, lease)
	if errors.Is(err, dossier.ErrConflict) || errors.Is(err, dossier.ErrNotFound) {
		return nil // an echo of a job done before, or of a removed demonstration
	} else if err != nil {
		return err
	}
	if attempt > mostCrashes {
		return w.rest(ctx, job, fmt.Errorf("%w %d times in a row", ErrBrokeOff, mostCrashes))
	}
	change := dossier.Change{Act: job.Act, By: dossier.Machine, Who: dossier.PersonID(w.Name), At: w.Now()}
	tctx, cancel := context.WithTimeout(ctx, stage.Timeout)
	defer cancel()
	go w.live(tctx, cancel, job)
	out, err := stage.Do(inPlace(WithDocument(tctx, d.ID), job), d)
	switch {
	case errors.Is(err, dossier.ErrUnfit):
		change.Act, change.Why = dossier.Refuse, w.Trouble(err)
	case errors.Is(err, errPart):
		return w.part(ctx, job)
	case errors.Is(err, ErrBrokeOff):
		return w.rest(ctx, job, err)
	case err != nil:
		return w.postpone(ctx, job, d, err)
	default:
		change.Act, change.Made, change.Why, change.Proof = cmp.Or(out.Act, job.Act), out.Made, out.Why, out.Proof
	}
	return w.advance(ctx, job, d, change)
}

// inPlace says to readers whether a job goes before others.
func inPlace(ctx context.Context, job dossier.Job) context.Context {
	if p := job.Place(); p.Ahead || p.Lane == dossier.Waiting {
		return ocr.WithAhead(ctx)
	}
	return ctx
}

// live gives signs of life about a job until ctx ends, and ends it if the job is
// somebody else's by then: this process stood still for longer than a lease.
// What was made so far is not lost, and the database lets only one move.
func (w *Worker) live(ctx context.Context, cancel context.CancelFunc, job dossier.Job) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lost, err := w.Rows.Hold(ctx, []dossier.Job{job}, lease)
		if len(lost) > 0 {
			cancel()
			return
		}
		if err != nil && ctx.Err() == nil {
			w.Log.WarnContext(ctx, "no sign of life could be given", "document", job.Document, "act", job.Act, "err", err)
		}
	}
}

// advance lets the database decide who was first; the files are stored.
func (w *Worker) advance(ctx context.Context, job dossier.Job, d dossier.Document, c dossier.Change) error {
	_, err := w.Rows.Advance(ctx, d, c)
	if errors.Is(err, dossier.ErrConflict) {
		return nil
	} else if err != nil {
		return w.postpone(ctx, job, d, err)
	}
	w.Nudge()
	return nil
}

// postpone gives the job back. The wait grows with the time the document has
// stood: a quarter of it, so a short outage costs little and a long one does
// not spin. What is done on a day stood well for years: there, what counts is
// the time it has been in trouble. A worker that goes down gives its job back
// for at once: nothing ailed the document.
func (w *Worker) postpone(ctx context.Context, job dossier.Job, d dossier.Document, cause error) error {
	until, trouble := w.Now(), ""
	if ctx.Err() == nil {
		until = until.Add(w.wait(job.Act, d))
		trouble = w.Trouble(cause)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	err := w.Rows.Postpone(ctx, job, until, trouble)
	if errors.Is(err, dossier.ErrConflict) {
		return nil // the move took hold although its answer was lost, or somebody else has the job
	} else if err != nil {
		return fmt.Errorf("%s %s: %w, and postponing: %w", job.Act, job.Document, cause, err)
	}
	return fmt.Errorf("%s %s: %w", job.Act, job.Document, cause)
}

func (w *Worker) wait(act dossier.Act, d dossier.Document) time.Duration {
	stood, most := w.Now().Sub(d.Changed), 10*time.Minute
	if scheduled, ok := dossier.Scheduled(d.State); ok && act == scheduled {
		if stood = 0; !d.Since.IsZero() {
			stood = w.Now().Sub(d.Since)
		}
	}
	if stage, err := w.stage(act); err == nil && stage.Patience > 0 {
		most = stage.Patience
	}
	return min(max(stood/4, 2*time.Second), most)
}

// rest calls a person to a document over which workers keep dying: the pages
// show it as troubled. It is not refused, since a power cut is not the paper's
// fault; after its rest it is tried again.
func (w *Worker) rest(ctx context.Context, job dossier.Job, cause error) error {
	rest := w.Rest
	if rest == 0 {
		rest = time.Hour
	}
	if err := w.Rows.Postpone(ctx, job, w.Now().Add(rest), w.Trouble(cause)); err != nil && !errors.Is(err, dossier.ErrConflict) {
		return err
	}
	return fmt.Errorf("%s %s: %w", job.Act, job.Document, cause)
}

func (w *Worker) stage(act dossier.Act) (Stage, error) {
	for _, s := range w.Line {
		if s.Act == act {
			return s, nil
		}
	}
	return Stage{}, fmt.Errorf("no stage does %q", act)
}
