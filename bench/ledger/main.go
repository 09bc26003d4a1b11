// Command ledger measures what the log over the whole house costs: a move with
// and without it, an audit, a proof. The measurements are benchmarks of
// storage/sqldb; this runs them, built so that moves can be measured in turns with
// such of which nothing is logged and numbered, and prints what they say.
//
//	go run ./bench/ledger [-events 10000,100000,1000000] [-rounds 60]
//
// With several sizes of the log it says how an audit and a proof grow from each to the
// next: time grows as size to the power of that exponent.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	events := flag.String("events", "1000000", "events of the log that is audited: one size, or several from small to large")
	rounds := flag.Int("rounds", 60, "how often 200 moves are measured, in turns")
	flag.Parse()
	if err := run(ctx, *events, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench/ledger:", err)
		os.Exit(1)
	}
}

const room = "storage/sqldb"

func run(ctx context.Context, events string, rounds int) error {
	dir, err := os.MkdirTemp("", "bench-ledger-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := mutable(ctx, dir)
	if err != nil {
		return err
	}
	if rounds > 0 {
		out, err := bench(ctx, dir, program, "^BenchmarkMoveInTurns$", strconv.Itoa(rounds+1)+"x")
		if err != nil {
			return err
		}
		of := func(unit string) float64 { return metric(out, "BenchmarkMoveInTurns", unit) }
		fmt.Printf("a move without the log: %.0f µs of CPU, with it: %.0f µs, means of %d turns of 200 moves\nthe log adds %+.1f %%, between %+.1f and %+.1f %% with a certainty of 95 %%\n",
			of("without-µs/move"), of("with-µs/move"), rounds, of("added-%"), of("least-%"), of("most-%"))
	}
	var before *audited
	for size := range strings.SplitSeq(events, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			return fmt.Errorf("-events: %q is no number", size)
		}
		now, err := audit(ctx, dir, program, n)
		if err != nil {
			return err
		}
		fmt.Printf("%d events\naudit, whole: %.0f events per core-second\naudit, the log alone: %.0f\ntlog's own hashing of the same events: %.0f, of whose time a whole audit takes %.1f times\nproof: %.2f ms\n",
			n, now.whole, now.log, now.peer, now.peer/now.whole, now.proof)
		if before != nil {
			fmt.Printf("exponents from %d events on: audit %.2f, proof %.2f\n", before.events,
				exponent(before.events, n, float64(before.events)/before.whole, float64(n)/now.whole), exponent(before.events, n, before.proof, now.proof))
		}
		before = &now
	}
	return nil
}

// An audited log: how many events, events per core-second, milliseconds of a proof.
type audited struct {
	events                  int
	whole, log, peer, proof float64
}

func audit(ctx context.Context, dir, program string, events int) (a audited, err error) {
	times := max(3, 100_000/events) // a small log is over too soon for one
	out, err := bench(ctx, dir, program, "^BenchmarkLog$", strconv.Itoa(times)+"x", "-events", strconv.Itoa(events))
	per := func(part string) float64 { return metric(out, part, "events/core-s") }
	return audited{events, per("whole"), per("BenchmarkLog/log"), per("peer"), metric(out, "proof", "ns/op") / 1e6}, err
}

// exponent is how time grows with size: as size to that power.
func exponent(from, to int, before, now float64) float64 {
	return math.Log(now/before) / math.Log(float64(to)/float64(from))
}

// mute is how functions begin that log nothing while muted, a variable of the
// benchmark, says so.
var mute = []struct{ begin, instead string }{
	{"func (db *DB) log(ctx context.Context, tx *sql.Tx, e ledger.Event) error {\n", "return nil"},
	{"func commit(ctx context.Context, tx *sql.Tx, e *ledger.Event, why, fields string) error {\n", "return nil"},
	{"func (db *DB) NumberEvents(ctx context.Context) (size int64, err error) {\n", "return 0, nil"},
}

// mutable builds the benchmarks so that they can be told to log nothing. Nothing else
// differs, so that what was added to the house since there is a log is in both.
func mutable(ctx context.Context, dir string) (string, error) {
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
		text = strings.Replace(text, m.begin, m.begin+"if muted { "+m.instead+" }\n", 1)
	}
	to, overlay := filepath.Join(dir, "log.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{from: to}})
	if err = errors.Join(err, os.WriteFile(to, []byte(text), 0o600), os.WriteFile(overlay, list, 0o600)); err != nil {
		return "", err
	}
	return build(ctx, dir, "ledger", "-overlay", overlay)
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
