// Command ledger measures what the log over the whole house costs: a move with
// and without it, an audit, a proof. The measurements are benchmarks of
// storage/sqldb; this runs them, those of a move in turns with the same program
// in which nothing is logged and numbered, and prints a table.
//
//	go run ./bench/ledger [-events 1000000] [-rounds 5] [-moves 4000]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	events := flag.Int("events", 1_000_000, "events of the log that is audited")
	rounds := flag.Int("rounds", 5, "how often moves are measured, in turns")
	each := flag.Int("moves", 4000, "moves of each turn")
	flag.Parse()
	if err := run(ctx, *events, *rounds, *each); err != nil {
		fmt.Fprintln(os.Stderr, "bench/ledger:", err)
		os.Exit(1)
	}
}

const room = "storage/sqldb"

func run(ctx context.Context, events, rounds, each int) error {
	dir, err := os.MkdirTemp("", "bench-ledger-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	with, err := build(ctx, dir, "with")
	if err != nil {
		return err
	}
	if rounds > 0 {
		if err := moves(ctx, dir, with, rounds, each); err != nil {
			return err
		}
	}
	out, err := bench(ctx, dir, with, "^BenchmarkLog$", "3x", "-events", strconv.Itoa(events))
	if err != nil {
		return err
	}
	fmt.Printf("audit, whole: %.0f events per core-second\naudit, the log alone: %.0f events per core-second\nproof: %.2f ms at %d events\n",
		metric(out, "whole", "events/core-s"), metric(out, "log", "events/core-s"), metric(out, "proof", "ns/op")/1e6, events)
	return nil
}

// moves measures moves in turns, so that whatever else the machine does meets both.
func moves(ctx context.Context, dir, with string, rounds, each int) error {
	without, err := silent(ctx, dir)
	if err != nil {
		return err
	}
	var a, b, more []float64 // more: by how much the one of a round is dearer than the other
	for round := range rounds {
		turns := []struct {
			program string
			into    *[]float64
		}{{without, &a}, {with, &b}}
		if round%2 == 1 { // neither is always the first
			slices.Reverse(turns)
		}
		for _, m := range turns {
			out, err := bench(ctx, dir, m.program, "^BenchmarkMove$", strconv.Itoa(each)+"x")
			if err != nil {
				return err
			}
			*m.into = append(*m.into, metric(out, "BenchmarkMove", "cpu-µs/op"))
		}
		more = append(more, 100*(b[round]/a[round]-1))
	}
	fmt.Printf("a move without the log: %.0f µs of CPU, with it: %.0f µs, medians of %d turns of %d moves\n", median(a), median(b), rounds, each)
	middle := median(more)
	fmt.Printf("the log adds %+.1f %% (median of the rounds; half of them between %+.1f and %+.1f %%, all between %+.1f and %+.1f %%)\n",
		middle, more[rounds/4], more[rounds-1-rounds/4], more[0], more[rounds-1])
	return nil
}

// median sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// mute is what makes a program log nothing: what its functions begin with.
var mute = []struct{ begin, instead string }{
	{"func (db *DB) log(ctx context.Context, tx *sql.Tx, e ledger.Event) error {\n", "return nil\n"},
	{"func commit(ctx context.Context, tx *sql.Tx, e *ledger.Event, why, fields string) error {\n", "return nil\n"},
	{"func (db *DB) NumberEvents(ctx context.Context) (size int64, err error) {\n", "return 0, nil\n"},
}

// silent builds the benchmarks with a log that keeps nothing. Nothing else
// differs, so that what was added to the house since there is a log is in both.
func silent(ctx context.Context, dir string) (string, error) {
	from, err := filepath.Abs(room + "/log.go")
	if err != nil {
		return "", err
	}
	src, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	text := string(src)
	for _, m := range mute {
		if strings.Count(text, m.begin) != 1 {
			return "", fmt.Errorf("%s: no %q", from, m.begin)
		}
		text = strings.Replace(text, m.begin, m.begin+m.instead, 1)
	}
	to, overlay := filepath.Join(dir, "log.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{from: to}})
	if err = errors.Join(err, os.WriteFile(to, []byte(text), 0o600), os.WriteFile(overlay, list, 0o600)); err != nil {
		return "", err
	}
	return build(ctx, dir, "without", "-overlay", overlay)
}

func build(ctx context.Context, dir, name string, more ...string) (string, error) {
	program := filepath.Join(dir, name+".test")
	_, err := said(ctx, ".", "go", append(append([]string{"test", "-c", "-o", program}, more...), "./"+room)...)
	return program, err
}

func bench(ctx context.Context, dir, program, which, times string, more ...string) (string, error) {
	return said(ctx, dir, program, append([]string{"-test.run", "^$", "-test.timeout", "60m", "-test.bench", which, "-test.benchtime", times}, more...)...)
}

func said(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	return string(out), err
}

var number = regexp.MustCompile(`([\d.]+) (\S+)`)

// metric finds a figure in the line of a benchmark; -1 if it is not there.
func metric(out, name, unit string) float64 {
	for line := range strings.Lines(out) {
		if !strings.Contains(line, name) {
			continue
		}
		for _, m := range number.FindAllStringSubmatch(line, -1) {
			if m[2] == unit {
				f, _ := strconv.ParseFloat(m[1], 64)
				return f
			}
		}
	}
	return -1
}
