// Command prepare measures what the steps of ocr/prepare are worth: the errors
// of reading with and without them on generated pages of each condition, and
// their processor time.
//
//	go run ./bench/prepare [-seeds 3] [-first 900] [-only CONDITION]
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sohoa/jail"
	"sohoa/specimen"
)

func main() {
	seeds := flag.Int("seeds", 3, "pages of each condition")
	first := flag.Uint64("first", 900, "first seed")
	only := flag.String("only", "", "condition, by the start of its name; several with a comma")
	ways := flag.String("ways", "", "manners, with a comma; empty for all")
	flag.Parse()
	jail.Main(nil)
	if err := run(context.Background(), *seeds, *first, *only, *ways); err != nil {
		fmt.Fprintln(os.Stderr, "prepare:", err)
		os.Exit(1)
	}
}

func chosen(name, only string) bool {
	if only == "" {
		return true
	}
	for o := range strings.SplitSeq(only, ",") {
		if strings.HasPrefix(name, o) {
			return true
		}
	}
	return false
}

func run(ctx context.Context, seeds int, first uint64, only, ways string) error {
	press, err := specimen.NewPress()
	if err != nil {
		return err
	}
	var used []manner
	fmt.Printf("| condition |")
	for _, m := range manners() {
		if ways == "" && !m.extra || ways != "" && chosen(m.name, ways) {
			used = append(used, m)
			fmt.Printf(" %s | ms |", m.name)
		}
	}
	fmt.Println()
	kinds := specimen.Kinds()
	for _, c := range conditions() {
		if !chosen(c.name, only) {
			continue
		}
		scores, cost := make([]score, len(used)), make([]time.Duration, len(used))
		each := make([]string, len(used))
		for i := range seeds {
			seed := first + uint64(i)
			t := c.make(press, kinds[int(seed*5)%len(kinds)], seed)
			t.name = c.name
			var wait sync.WaitGroup
			errs := make([]error, len(used))
			for j, m := range used {
				before := processorTime()
				g, dpi := m.prepare(t)
				cost[j] += processorTime() - before
				wait.Go(func() {
					var text string
					text, errs[j] = recognise(ctx, g, dpi)
					s := compare(t.truth, text)
					scores[j] = scores[j].plus(s)
					each[j] += fmt.Sprintf(" %.1f", s.cer())
				})
				if j%2 == 1 {
					wait.Wait()
				}
			}
			wait.Wait()
			for _, err := range errs {
				if err != nil {
					return err
				}
			}
		}
		fmt.Printf("| %s |", c.name)
		for j := range used {
			fmt.Printf(" %.2f [%s] | %d |", scores[j].cer(), each[j], cost[j].Milliseconds()/int64(seeds))
		}
		fmt.Println()
	}
	return nil
}

// recognise reads g with Tesseract in a process of its own.
func recognise(ctx context.Context, g *image.Gray, dpi int) (string, error) {
	var in, out bytes.Buffer
	fmt.Fprintf(&in, "P5\n%d %d\n255\n", g.Rect.Dx(), g.Rect.Dy())
	for y := range g.Rect.Dy() {
		in.Write(g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()])
	}
	err := jail.Tool(ctx, jail.Limits{}, &in, &out, "tesseract", "-", "-", "-l", "vie", "--psm", "3", "--dpi", strconv.Itoa(dpi))
	return out.String(), err
}

// processorTime is the user and system time of this process alone.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
