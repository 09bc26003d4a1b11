// Command record measures the look-up that comes before the scan button, on
// PostgreSQL: who somebody is, by number, and what of their record may be used
// again today, through the very calls of the pages. records.sql makes the rows.
//
//	createdb records
//	go run ./bench/record -database postgres://…/records -entries 10000000   # makes them, then measures
//	go run ./bench/record -database postgres://…/records                     # measures
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

//go:embed records.sql
var records string

// today is the day on which records are looked at.
var today = time.Date(2026, 11, 26, 12, 0, 0, 0, dossier.VietNam)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	address := flag.String("database", "", "URL of a PostgreSQL database")
	entries := flag.Int("entries", 0, "make so many first; the database must be empty")
	holders := flag.Int("holders", 3_333_333, "numbers to draw from: a third of the entries")
	asked := flag.Int("asked", 2000, "look-ups")
	flag.Parse()
	if err := run(ctx, *address, *entries, *holders, *asked); err != nil {
		fmt.Fprintln(os.Stderr, "bench/record:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address string, entries, holders, asked int) error {
	db, err := sqldb.OpenPostgres(ctx, address, sqldb.Options{Now: func() time.Time { return today }})
	if err != nil {
		return err
	}
	defer db.Close()
	if entries > 0 {
		holders = entries / 3
		cmd := exec.CommandContext(ctx, "psql", "-q", address, "-v", "entries="+strconv.Itoa(entries))
		cmd.Stdin, cmd.Stderr = strings.NewReader(records), os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("records.sql: %w", err)
		}
	}
	draw := rand.New(rand.NewPCG(1, 2))
	anybody := func() int { return draw.IntN(holders) }
	busy := func() int { return draw.IntN(holders/1000) * 100 } // those with forty entries more
	merged := func() int { return draw.IntN(holders/1000)*1000 + 1 }
	fmt.Printf("%-36s %8s %10s %8s %8s %8s\n", "look-up", "asked", "entries", "p50 ms", "p95 ms", "most ms")
	for _, kind := range []struct {
		name string
		who  func() int
	}{{"by number, then what is offered", anybody}, {"one of the busy", busy}, {"one who was merged", merged}} {
		if err := measure(ctx, db, kind.name, kind.who, asked); err != nil {
			return err
		}
	}
	return named(ctx, db, draw, asked/10)
}

// measure looks people up as the counter does.
func measure(ctx context.Context, db *sqldb.DB, name string, who func() int, asked int) error {
	took, seen := make([]time.Duration, 0, asked), 0
	for range asked {
		number := fmt.Sprintf("%012d", who())
		began := time.Now()
		h, err := db.FindHolder(ctx, number)
		if err != nil {
			return err
		}
		found, err := db.Entries(ctx, h.ID, today)
		if err != nil {
			return err
		}
		took, seen = append(took, time.Since(began)), seen+len(found)
	}
	print(name, took, seen)
	return nil
}

// named looks people up by name and day of birth.
func named(ctx context.Context, db *sqldb.DB, draw *rand.Rand, asked int) error {
	took, seen := make([]time.Duration, 0, asked), 0
	for range asked {
		n := draw.IntN(28000)
		born := time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
		began := time.Now()
		found, err := db.FindHolders(ctx, fmt.Sprintf("nguoi thu %d", n%5000), born)
		if err != nil {
			return err
		}
		took, seen = append(took, time.Since(began)), seen+len(found)
	}
	print("by name and day of birth", took, seen)
	return nil
}

func print(name string, took []time.Duration, seen int) {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-36s %8d %10.1f %8.2f %8.2f %8.2f\n", name, len(took), float64(seen)/float64(len(took)), ms(took[len(took)/2]), ms(took[len(took)*95/100]), ms(took[len(took)-1]))
}
