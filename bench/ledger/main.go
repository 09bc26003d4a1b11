// Command ledger measures what the log over the whole house costs: a move with
// and without it, an audit, a proof. The measurements are benchmarks of
// storage/sqldb; this runs them, those of a move in turns with a revision from
// before there was a log, and prints a table.
//
//	go run ./bench/ledger [-events 1000000] [-rounds 5] [-before REV]
package main

import (
	"context"
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
	before := flag.String("before", "092df44", "revision without the log; empty: do not compare")
	flag.Parse()
	if err := run(ctx, *events, *rounds, *before); err != nil {
		fmt.Fprintln(os.Stderr, "bench/ledger:", err)
		os.Exit(1)
	}
}

const room = "storage/sqldb"

func run(ctx context.Context, events, rounds int, before string) error {
	dir, err := os.MkdirTemp("", "bench-ledger-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	with, err := build(ctx, ".", dir, "with")
	if err != nil {
		return err
	}
	if before != "" {
		if err := moves(ctx, dir, before, with, rounds); err != nil {
			return err
		}
	}
	out, err := bench(ctx, dir, with, "Log$", "3x", "-events", strconv.Itoa(events))
	if err != nil {
		return err
	}
	fmt.Printf("audit, whole: %.0f events per core-second\naudit, the log alone: %.0f events per core-second\nproof: %.2f ms at %d events\n",
		metric(out, "whole", "events/core-s"), metric(out, "log", "events/core-s"), metric(out, "proof", "ns/op")/1e6, events)
	return nil
}

// moves measures moves in turns, so that whatever else the machine does meets both.
func moves(ctx context.Context, dir, before, with string, rounds int) error {
	without, err := older(ctx, dir, before)
	if err != nil {
		return err
	}
	var a, b []float64
	for range rounds {
		for _, m := range []struct {
			program string
			into    *[]float64
		}{{without, &a}, {with, &b}} {
			out, err := bench(ctx, dir, m.program, "^BenchmarkMove$", "4000x")
			if err != nil {
				return err
			}
			*m.into = append(*m.into, metric(out, "BenchmarkMove", "cpu-µs/op"))
		}
	}
	fmt.Printf("a move without the log: %.0f µs of CPU, with it: %.0f µs (%+.1f %%), medians of %d\n", median(a), median(b), 100*(median(b)/median(a)-1), rounds)
	return nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// older builds the benchmarks of a revision, with this one's file about moves.
func older(ctx context.Context, dir, rev string) (string, error) {
	src := filepath.Join(dir, "before")
	if err := os.Mkdir(src, 0o755); err != nil {
		return "", err
	}
	tarball := filepath.Join(dir, "before.tar")
	if _, err := said(ctx, ".", "git", "archive", "-o", tarball, rev); err != nil {
		return "", err
	}
	if _, err := said(ctx, src, "tar", "-xf", tarball); err != nil {
		return "", err
	}
	const file = room + "/bench_move_test.go"
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(filepath.Join(src, file), b, 0o644)
	}
	if err != nil {
		return "", err
	}
	return build(ctx, src, dir, "without")
}

func build(ctx context.Context, src, dir, name string) (string, error) {
	program := filepath.Join(dir, name+".test")
	_, err := said(ctx, src, "go", "test", "-c", "-o", program, "./"+room)
	return program, err
}

func bench(ctx context.Context, dir, program, which, times string, more ...string) (string, error) {
	return said(ctx, dir, program, append([]string{"-test.run", "XXX", "-test.timeout", "60m", "-test.bench", which, "-test.benchtime", times}, more...)...)
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
