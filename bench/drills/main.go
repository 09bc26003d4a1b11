// Command drills takes away, at random moments and while papers are in flight, one
// part after the other of a house on real engines: the web, the sweeper and both worker
// processes, Redis, PostgreSQL and the S3 server are killed with kill -9 and come back, the wire
// between a worker and everything else is cut, disks fill up. Afterwards it counts
// for itself: every upload that got an answer must be archived exactly once, its
// ledger must lead there, and every file must hash to its name.
//
//	go run ./bench/drills -sohoa bin/sohoa -s3 S3SERVER [-papers 100] [-each 2] [-seed N] [-report FILE]
//
// It needs root, Debian's PostgreSQL and Redis, and the server of
// storage/blob/s3/servertest; all it makes are processes, namespaces and small
// disks of its own, which are gone when it ends. Nothing leaves the machine.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"sohoa/bench/internal/crowd"
	"sohoa/bench/internal/running"
)

func main() {
	program := flag.String("sohoa", "bin/sohoa", "the program to drill")
	server := flag.String("s3", "", "an S3 server, as storage/blob/s3/servertest is")
	papers := flag.Int("papers", 100, "papers to send")
	each := flag.Int("each", 2, "how often each part is taken away")
	every := flag.Duration("every", 1500*time.Millisecond, "time between one paper and the next")
	only := flag.String("only", "", "one way alone, by its name")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of moments, order and lengths")
	limit := flag.Duration("limit", 0, "longest time the drill may take; 0: what papers and parts want on a crowded machine")
	out := flag.String("report", "", "file that takes the report, JSON")
	keep := flag.Bool("keep", false, "keep the logs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *limit == 0 {
		*limit = 10*time.Minute + time.Duration(*papers)*6*time.Second + time.Duration(*each)*10*time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	if err := drill(ctx, *program, *server, *papers, *each, *every, *only, *seed, *out, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "drills:", err)
		os.Exit(1)
	}
}

func drill(ctx context.Context, program, server string, papers, each int, every time.Duration, only string, seed uint64, out string, keep bool) (err error) {
	if os.Geteuid() != 0 {
		return errors.New("it takes root to cut wires and fill disks")
	}
	program, e1 := filepath.Abs(program)
	server, e2 := filepath.Abs(server)
	dir, e3 := os.MkdirTemp("", "drills-*")
	if err := errors.Join(e1, e2, e3, os.Chmod(dir, 0o711)); err != nil { // PostgreSQL runs as somebody else
		return err
	}
	h, err := open(dir, program, server)
	if h != nil {
		defer func() {
			h.close()
			if err == nil && !keep {
				err = os.RemoveAll(dir)
			} else {
				fmt.Println("drills: the logs are in", dir)
			}
		}()
	}
	if err != nil {
		return err
	}
	fmt.Printf("drills: %d papers, each part taken away %d times, seed %d\n", papers, each, seed)
	if err := h.begin(ctx); err != nil {
		return err
	}
	began := time.Now()
	logins, err := (&running.House{Data: h.shared()}).Logins()
	if err != nil {
		return err
	}
	people := &crowd.Crowd{Base: h.base, Uploads: papers, Logins: logins, Patient: true, Every: every}
	if err := people.Prepare(ctx); err != nil {
		return err
	}
	r := &report{Seed: seed}
	if err := h.attack(ctx, people, r, each, only, rand.New(rand.NewPCG(seed, 2))); err != nil {
		return err
	}
	r.Seconds = time.Since(began).Seconds()
	if err := h.judge(ctx, people, r); err != nil {
		return err
	}
	r.print()
	if out != "" {
		b, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		return os.WriteFile(out, append(b, '\n'), 0o644)
	}
	return nil
}

// movesOf is how many changes a paper has when it is archived.
const movesOf = 10

// attack has people work, and takes parts away meanwhile.
func (h *house) attack(ctx context.Context, people *crowd.Crowd, r *report, each int, only string, rnd *rand.Rand) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, ended := make(chan error, 1), make(chan struct{})
	enough := make(chan struct{})
	people.Until = enough
	go func() { defer close(ended); done <- people.Work(ctx) }()
	db, err := h.rows(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	var plan []way
	for _, w := range h.ways() {
		for range each {
			if only == "" || only == w.name {
				plan = append(plan, w)
			}
		}
	}
	rnd.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	for k, w := range plan {
		for over := false; !over && progress(ctx, db) < int64(people.Uploads*movesOf*k/len(plan)); { // somewhere in this one's share of the work
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ended:
				over = true
			case <-time.After(200 * time.Millisecond):
			}
		}
		time.Sleep(time.Duration(rnd.IntN(2500)) * time.Millisecond)
		select {
		case <-ended:
			return errors.Join(fmt.Errorf("the work ended before %d of %d", k+1, len(plan)), <-done)
		default:
		}
		e, err := h.take(ctx, w, people, rnd)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		r.Events = append(r.Events, e)
	}
	close(enough)
	return <-done
}

// judge stops the house and counts from outside.
func (h *house) judge(ctx context.Context, people *crowd.Crowd, r *report) error {
	r.Restarts = map[string]int{}
	for _, p := range slices.Concat(h.processes(), h.engineParts()) {
		r.Restarts[p.name] = p.starts() - 1
	}
	for _, p := range h.processes() {
		if err := p.stop(syscall.SIGTERM); err != nil {
			return err
		}
	}
	db, err := h.rows(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := h.files(ctx)
	if err != nil {
		return err
	}
	if err := crowd.Count(ctx, db, files, h.program, people.Documents()); err != nil {
		return err
	}
	audit := exec.CommandContext(ctx, h.program, "audit", "verify", "--data", filepath.Join(h.disks["web"], "data"))
	audit.Env = append(os.Environ(), h.web.env...)
	if said, err := audit.CombinedOutput(); err != nil {
		return fmt.Errorf("audit verify: %w\n%s", err, said)
	}
	r.Papers, r.Archived = len(people.Documents()), len(people.Documents())
	return nil
}
