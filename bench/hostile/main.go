// Command hostile sends files that mean harm to the real service, while
// ordinary papers go on coming in and pages are asked for, and has `sohoa
// process` meet each of them too. It fails if the service or a command crashes,
// if a file is not answered within its time, if a process or a temporary file
// is left, or if ordinary work suffers more than is allowed.
//
//	go run ./bench/hostile -sohoa bin/sohoa                 one file of each kind
//	go run ./bench/hostile -sohoa bin/sohoa -each 4         four, some 380 files
//	go run ./bench/hostile -sohoa bin/sohoa -only tiff      kinds that begin so
//	go run ./bench/hostile -sohoa bin/sohoa -save DIR       keep the files and stop
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"sohoa/bench/internal/running"
	"sohoa/specimen/hostile"
)

type wish struct {
	sohoa, only, save string
	seed              uint64
	first, each       int
	seconds           int
	calm, settle      time.Duration
	commands, verbose bool
}

// The bounds of what ordinary work may suffer, as times the calm run's 95th
// percentile, and the time that nobody notices, which is always allowed.
const (
	pageTimes, pageUnnoticed     = 3, 150 * time.Millisecond
	uploadTimes, uploadUnnoticed = 4, 1500 * time.Millisecond
)

func main() {
	var w wish
	flag.StringVar(&w.sohoa, "sohoa", "bin/sohoa", "the program to drill")
	flag.Uint64Var(&w.seed, "seed", 1, "of the files")
	flag.IntVar(&w.first, "first", 0, "the first variant of each kind")
	flag.IntVar(&w.each, "each", 1, "files of each kind")
	flag.StringVar(&w.only, "only", "", "kinds that begin so, with commas; empty for all")
	flag.StringVar(&w.save, "save", "", "only write the files into this folder")
	flag.IntVar(&w.seconds, "seconds", 3, "SOHOA_LIMIT_SECONDS of the service and the commands")
	flag.DurationVar(&w.settle, "settle", 15*time.Second, "how long what was taken may go on being worked at before the service is stopped in it")
	flag.DurationVar(&w.calm, "calm", 10*time.Second, "how long the calm run is")
	flag.BoolVar(&w.commands, "commands", true, "have sohoa process meet the files too")
	flag.BoolVar(&w.verbose, "v", false, "a line for each file")
	limit := flag.Duration("limit", time.Hour, "longest time the drill may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	if err := run(ctx, w); err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(1)
	}
}

// files yields the files that are wished for.
func (w wish) files(yield func(hostile.File) bool) {
	for _, kind := range hostile.Kinds() {
		if !w.has(kind) {
			continue
		}
		for n := w.first; n < w.first+w.each; n++ {
			if !yield(hostile.Of(kind, w.seed, n)) {
				return
			}
		}
	}
}

func (w wish) has(kind string) bool {
	for p := range strings.SplitSeq(w.only, ",") {
		if strings.HasPrefix(kind, p) {
			return true
		}
	}
	return false
}

func run(ctx context.Context, w wish) error {
	if w.save != "" {
		return save(w)
	}
	sohoa, err := filepath.Abs(w.sohoa)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "hostile-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d := &drill{wish: w, program: filepath.Join(dir, "sohoa"), temp: filepath.Join(dir, "temp")}
	if err := errors.Join(os.Mkdir(d.temp, 0o700), copyProgram(sohoa, d.program)); err != nil {
		return err
	}
	addr, err := running.FreeAddress()
	if err != nil {
		return err
	}
	env := []string{"TMPDIR=" + d.temp, fmt.Sprintf("SOHOA_LIMIT_SECONDS=%d", w.seconds)}
	d.env = env
	d.house = &running.House{Program: d.program, Data: filepath.Join(dir, "data"), Addr: addr, Log: filepath.Join(dir, "log"), Env: env}
	if err := d.service(ctx); err != nil {
		return errors.Join(err, d.house.LastWords())
	}
	if w.commands {
		if err := d.processAll(ctx); err != nil {
			return err
		}
	}
	return d.report(os.Stdout)
}

// copyProgram gives the drill a program of its own, so that its processes are
// told from all others by what they run.
func copyProgram(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("%w (make build)", err)
	}
	return os.WriteFile(to, b, 0o700)
}

func save(w wish) error {
	if err := os.MkdirAll(w.save, 0o700); err != nil {
		return err
	}
	for f := range w.files {
		if err := os.WriteFile(filepath.Join(w.save, f.Name), f.Bytes, 0o600); err != nil {
			return err
		}
	}
	return nil
}
