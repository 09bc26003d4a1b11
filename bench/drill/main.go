// Command drill kills the real service with kill -9 in the middle of work and
// counts what is left: every upload that got an answer must end archived, each
// exactly once, with no file missing and no process left behind.
//
//	go run ./bench/drill -sohoa bin/sohoa [-uploads 200] [-kills 2] [-seed N]
//
// The load is bounded in count and time and goes to the loopback address alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"sohoa/bench/internal/crowd"
	"sohoa/bench/internal/running"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

func main() {
	sohoa := flag.String("sohoa", "bin/sohoa", "the program to drill")
	uploads := flag.Int("uploads", 200, "papers to send")
	kills := flag.Int("kills", 2, "times to kill the service")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of when the kills come")
	limit := flag.Duration("limit", 15*time.Minute, "longest time the drill may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	if err := run(ctx, *sohoa, *uploads, *kills, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "drill:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sohoa string, uploads, kills int, seed uint64) error {
	sohoa, err := filepath.Abs(sohoa)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "drill-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	addr, err := running.FreeAddress()
	if err != nil {
		return err
	}
	fmt.Printf("drill: %d uploads, %d kills, seed %d\n", uploads, kills, seed)
	h := &running.House{Program: sohoa, Data: filepath.Join(dir, "data"), Addr: addr, Log: filepath.Join(dir, "log")}
	if err := h.Start(ctx); err != nil {
		return err
	}
	defer h.Kill()
	began := time.Now()
	logins, err := h.Logins()
	if err != nil {
		return err
	}
	enough := make(chan struct{})
	people, rnd := &crowd.Crowd{Base: h.Base(), Uploads: uploads, Logins: logins, Until: enough}, rand.New(rand.NewPCG(seed, 1))
	if err := people.Prepare(ctx); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	done := make(chan error, 1)
	ended := make(chan struct{})
	go func() { defer close(ended); done <- people.Work(ctx) }()
	for k := range kills {
		// Somewhere in this kill's share of the uploads.
		at := uploads*k/kills + rnd.IntN(max(uploads/kills, 1))
		if err := people.WaitFor(ctx, at, ended); err != nil {
			return err
		}
		select {
		case <-ended:
			return errors.Join(fmt.Errorf("the work ended before kill %d", k+1), <-done, h.LastWords())
		default:
		}
		time.Sleep(time.Duration(rnd.IntN(500)) * time.Millisecond)
		fmt.Printf("drill: %5.1f s: kill -9 with %d of %d uploads answered\n", time.Since(began).Seconds(), people.Answered(), uploads)
		if err := h.Restart(ctx); err != nil {
			return err
		}
	}
	close(enough)
	if err := <-done; err != nil {
		return errors.Join(err, h.LastWords())
	}
	fmt.Printf("drill: %5.1f s: all documents at their end\n", time.Since(began).Seconds())
	if err := h.Stop(); err != nil {
		return err
	}
	db, err := rows(ctx, h.Data)
	if err != nil {
		return err
	}
	defer db.Close()
	blobs, err := fs.Open(filepath.Join(h.Data, "blobs"))
	if err != nil {
		return err
	}
	return crowd.Count(ctx, db, blobs, sohoa, people.Documents())
}

// rows opens the database that the service had.
func rows(ctx context.Context, data string) (*sqldb.DB, error) {
	o := sqldb.Options{Now: time.Now}
	if address := os.Getenv("SOHOA_DATABASE_URL"); address != "" {
		return sqldb.OpenPostgres(ctx, address, o)
	}
	return sqldb.Open(ctx, filepath.Join(data, "sohoa.db"), o)
}
