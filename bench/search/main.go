// Command search measures how the time of a search grows with the archive: the
// first page of queries of several sorts, rights applied, over made-up papers of
// 300 words. The measurement is BenchmarkSearch of storage/sqldb; this runs it and
// prints a table with the exponent of the growth.
//
//	go run ./bench/search [-papers 10000,100000] [-asked 40] [-archive DIRECTORY]
//	go run ./bench/search -read FILE
//
// With a directory the archive stays there, and the next run goes on with it.
// -read prints the table of what a run of the benchmark itself wrote.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	papers := flag.String("papers", "10000,100000", "sizes of the archive, growing")
	asked := flag.Int("asked", 40, "queries of each sort")
	archive := flag.String("archive", "", "directory in which the archive is kept between runs; it must be there")
	written := flag.String("read", "", "what BenchmarkSearch wrote: only print the table of it")
	flag.Parse()
	measure := func() error { return run(ctx, *papers, *archive, *asked) }
	if *written != "" {
		measure = func() error { return read(*written) }
	}
	if err := measure(); err != nil {
		fmt.Fprintln(os.Stderr, "bench/search:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, papers, archive string, asked int) error {
	if archive != "" {
		var err error
		if archive, err = filepath.Abs(archive); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "bench-search-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "search.test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./storage/sqldb").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	cmd := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", "^BenchmarkSearch$", "-test.benchtime", "1x", "-test.timeout", "0", "-papers", papers, "-asked", strconv.Itoa(asked), "-archive", archive)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("measure: %w: %s", err, out)
	}
	return table(parse(string(out)))
}

func read(file string) error {
	out, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return table(parse(string(out)))
}

// A size is what was measured of an archive of so many papers, by name.
type size struct {
	papers  float64
	metrics map[string]float64
}

// parse reads the lines of a benchmark: pairs of a value and its unit.
func parse(out string) (sizes []size) {
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[0], "BenchmarkSearch/papers=") {
			continue
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "BenchmarkSearch/papers="), "-")
		s := size{metrics: map[string]float64{}}
		s.papers, _ = strconv.ParseFloat(number, 64)
		for i := 2; i+1 < len(fields); i += 2 {
			s.metrics[fields[i+1]], _ = strconv.ParseFloat(fields[i], 64)
		}
		sizes = append(sizes, s)
	}
	return sizes
}

func table(sizes []size) error {
	if len(sizes) == 0 {
		return fmt.Errorf("nothing was measured")
	}
	var names []string
	for name := range sizes[0].metrics {
		if sort, ok := strings.CutSuffix(name, "-p95"); ok {
			names = append(names, sort)
		}
	}
	slices.Sort(names)
	fmt.Print("| sort |")
	for _, s := range sizes {
		fmt.Printf(" p50 at %.0f | p95 |", s.papers)
	}
	fmt.Println(" exponent of p95 |")
	fmt.Println("|---|" + strings.Repeat("---|", 2*len(sizes)+1))
	first, last := sizes[0], sizes[len(sizes)-1]
	for _, name := range names {
		fmt.Printf("| %s |", name)
		for _, s := range sizes {
			fmt.Printf(" %.1f | %.1f |", s.metrics[name+"-p50"], s.metrics[name+"-p95"])
		}
		if len(sizes) == 1 {
			fmt.Println(" none of one size |")
			continue
		}
		fmt.Printf(" %.2f |\n", math.Log(last.metrics[name+"-p95"]/first.metrics[name+"-p95"])/math.Log(last.papers/first.papers))
	}
	fmt.Println()
	for _, s := range sizes {
		fmt.Printf("%.0f papers: %.0f µs to index one, %.0f bytes of database for each\n", s.papers, s.metrics["index-us"], s.metrics["bytes"])
	}
	return nil
}
