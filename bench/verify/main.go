// Command verify measures what it costs to judge the signatures of PDF files,
// revision analysis included, beside EU DSS and pyHanko on the same files in the
// same run.
//
//	make build && go run ./bench/verify
//
// Cold is a process that judges one file and ends; warm is one more file in a
// process that has judged many. Ours pays for its limited child both times: cold
// is `sohoa verify`, a process and its child; warm is what the service starts for
// each file, the child. Figures are processor time, user and system, and memory:
// cold the most that a process and its children have together, pages they share
// counted once; warm the most that is resident of the process that judges.
//
// The judges are those of `make conformance`, from .cache; it fetches them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	ours := flag.String("sohoa", "bin/sohoa", "our program")
	only := flag.String("only", "", "ours, pyhanko or dss; empty for all")
	keep := flag.String("keep", "", "directory to make the files in, or to take them from")
	rounds := flag.Int("rounds", 12, "warm files of each")
	making := flag.Bool("make", false, "only make the files, in the directory of -keep")
	flag.Parse()
	if *making {
		if err := makeFiles(context.Background(), *keep); err != nil {
			fmt.Fprintln(os.Stderr, "verify: make files:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(context.Background(), *ours, *only, *keep, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(1)
	}
}

// A cost is what one peer paid for one file.
type cost struct {
	cold, warm   time.Duration // CPU
	coldM, warmM int64         // bytes resident
	says         string
}

// A peer judges files.
type peer struct {
	name    string
	measure func(ctx context.Context, root, file string, rounds int) (cost, error)
}

func run(ctx context.Context, ours, only, keep string, rounds int) error {
	dir := keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "bench-verify-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	files, err := made(ctx, dir)
	if err != nil {
		return fmt.Errorf("make files: %w", err)
	}
	abs, err := filepath.Abs(ours)
	if err != nil {
		return err
	}
	peers := []peer{{"ours", oursAt(abs)}, {"pyhanko", pyHanko}, {"dss", dss}}
	fmt.Printf("%-12s %-9s %10s %10s %9s %9s  %s\n", "file", "judge", "cold CPU", "warm CPU", "cold mem", "warm mem", "says")
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			return err
		}
		for _, p := range peers {
			if only != "" && only != p.name {
				continue
			}
			c, err := p.measure(ctx, filepath.Join(dir, "root.pem"), f, rounds)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", p.name, f, err)
			}
			name := fmt.Sprintf("%s %.1fM", filepath.Base(f[:len(f)-4]), float64(info.Size())/1e6)
			fmt.Printf("%-12s %-9s %8.0fms %8.1fms %7.0fMB %7.0fMB  %s\n", name, p.name,
				ms(c.cold), ms(c.warm), float64(c.coldM)/1e6, float64(c.warmM)/1e6, c.says)
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
