// Command moves measures what a move costs when its stage does nothing: rows on
// PostgreSQL, hints in Redis, a relay and workers as a house has them.
//
//	go run ./bench/moves -database URL -redis URL [-papers N] [-parallel N] [-servers PID,PID] [-bare N]
//
// The database is thrown away afterwards by whoever gave it. With -servers the
// CPU of these processes and of their children is counted, too. With -bare the moves
// are compared with so many commits a second of one bare row each, which the same
// server just made for as many who ask at once.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/sqldb"
	"sohoa/workers"
	"sohoa/workers/asynqueue"
)

func main() {
	database, redis := flag.String("database", "", "address of an empty PostgreSQL database"), flag.String("redis", "", "address of a Redis")
	papers, parallel := flag.Int("papers", 1000, "papers, two moves each"), flag.Int("parallel", 8, "stages at once")
	servers := flag.String("servers", "", "process ids of the servers")
	bare := flag.Float64("bare", 0, "commits of a bare row a second, to compare with")
	where := flag.Bool("waits", false, "say what goroutines waited for (takes processor time of its own)")
	profile := flag.String("profile", "", "write a profile of this process's processor time to a file")
	flag.Parse()
	if err := run(context.Background(), *database, *redis, *profile, *where, *bare, *papers, *parallel, strings.FieldsFunc(*servers, func(r rune) bool { return r == ',' })); err != nil {
		fmt.Fprintln(os.Stderr, "moves:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, database, redis, profile string, where bool, bare float64, papers, parallel int, servers []string) error {
	db, err := sqldb.OpenPostgres(ctx, database, sqldb.Options{Now: time.Now})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := fill(ctx, db, papers); err != nil {
		return err
	}
	fmt.Printf("moves: %d papers were received\n", papers)
	q, err := asynqueue.Open(ctx, redis)
	if err != nil {
		return err
	}
	defer q.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	moved, done := atomic.Int64{}, make(chan struct{})
	made := map[dossier.Act][]dossier.Part{dossier.Recognise: {dossier.PartWords, dossier.PartText}, dossier.Normalise: {dossier.PartPlain}}
	var line []workers.Stage
	for act, parts := range made {
		line = append(line, workers.Stage{Act: act, Timeout: time.Minute, Do: func(_ context.Context, d dossier.Document) (workers.Outcome, error) {
			files := workers.Files{}
			for _, p := range parts { // each paper's files are its own
				files[p] = digest.Of([]byte(string(d.ID) + string(p)))
			}
			return workers.Outcome{Made: files}, nil
		}})
	}
	w := workers.New(workers.Worker{Rows: db, Queue: q, Line: line, Name: "line", Log: slog.New(slog.DiscardHandler), Now: time.Now, Trouble: error.Error})
	if profile != "" {
		f, err := os.Create(profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var under sync.WaitGroup
	before, own, began := cpuOf(servers), self(), time.Now()
	if where {
		under.Go(func() { sample(ctx, os.Stdout) })
	}
	under.Go(func() { _ = w.Relay(ctx) })
	under.Go(func() {
		for ctx.Err() == nil {
			_, _ = db.NumberEvents(ctx)
			time.Sleep(500 * time.Millisecond)
		}
	})
	under.Go(func() {
		_ = q.Serve(ctx, parallel, time.Second, slog.New(slog.DiscardHandler), func(ctx context.Context, j dossier.Job) error {
			err := w.Step(ctx, j)
			if err == nil && moved.Add(1) == int64(2*papers) {
				close(done)
			}
			return err
		})
	})
	select {
	case <-done:
	case <-time.After(10 * time.Minute):
	}
	took, ours, theirs := time.Since(began), self()-own, cpuOf(servers)-before
	stop()
	under.Wait()
	counts, err := db.Counts(context.WithoutCancel(ctx), nil, nil)
	if err != nil {
		return err
	}
	n := moved.Load()
	fmt.Printf("moves: %d of %d papers normalised; %d moves in %.1f s: %.0f a second\n", counts[dossier.Normalised], papers, n, took.Seconds(), float64(n)/took.Seconds())
	fmt.Printf("moves: CPU a move: %.2f ms ours, %.2f ms the servers'; on two cores alone %.0f moves a second\n",
		ms(ours, n), ms(theirs, n), 2*float64(n)/(ours+theirs).Seconds())
	if bare > 0 {
		fmt.Printf("moves: %d at once; a bare row is committed %.0f times a second by as many: %.2f moves for each\n", parallel, bare, float64(n)/took.Seconds()/bare)
	}
	return nil
}

func ms(d time.Duration, n int64) float64 {
	return float64(d.Microseconds()) / 1000 / float64(max(n, 1))
}

// fill makes papers that were received.
func fill(ctx context.Context, db *sqldb.DB, n int) error {
	if err := db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}); err != nil {
		return err
	}
	if err := db.PutKind(ctx, dossier.Kind{Code: "DON", Name: "Đơn"}); err != nil {
		return err
	}
	if err := db.PutProcedure(ctx, dossier.Procedure{Code: "1", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "DON", Required: true, Digitise: true}}}); err != nil {
		return err
	}
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "An"})
	if err != nil {
		return err
	}
	counters, ctx := errgroup.WithContext(ctx)
	counters.SetLimit(8)
	for range n {
		counters.Go(func() error {
			d, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "1", Receiving: "H60", Holder: holder.ID}, "counter")
			if err != nil {
				return err
			}
			_, err = db.Add(ctx, dossier.Document{Dossier: d.Code, Slot: "T1", Media: "image/png", Size: 1, Pages: 1,
				Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte("scan of " + d.Code))}}, "counter")
			return err
		})
	}
	return counters.Wait()
}

func self() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// cpuOf is what processes and their children have taken so far, those included that
// ended and were waited for (proc(5)): a postmaster's servers come and go.
func cpuOf(pids []string) (sum time.Duration) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		_, after, ok := strings.Cut(string(b), ") ")
		f := strings.Fields(after)
		if !ok || len(f) < 17 {
			continue
		}
		for _, pid := range pids {
			if e.Name() == pid || f[1] == pid {
				fields := f[11:13] // utime, stime, in hundredths of a second
				if e.Name() == pid {
					fields = f[11:15] // and cutime, cstime
				}
				for _, field := range fields {
					n, _ := strconv.ParseInt(field, 10, 64)
					sum += time.Duration(n) * 10 * time.Millisecond
				}
			}
		}
	}
	return sum
}
