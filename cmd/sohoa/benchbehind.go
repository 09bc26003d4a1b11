package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/specimen"
	"sohoa/web"
)

// A behindBench is how long papers of one page took from the door to their PDF/A, with
// nothing else to do and behind another agency's backlog.
type behindBench struct {
	Alone   waits   `json:"alone"`
	Behind  waits   `json:"behind"`
	Times   float64 `json:"times"`   // the second's p95 over the first's median
	Backlog int     `json:"backlog"` // papers that still waited when the last was done
}

// waits are sorted, in seconds.
type waits []float64

// at is the wait that a share of all do not exceed.
func (w waits) at(share float64) float64 {
	if len(w) == 0 {
		return 0
	}
	return w[min(len(w)-1, int(share*float64(len(w))))]
}

func benchBehind(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	w := backlogWants{drawn: 4}
	set := flag.NewFlagSet("bench behind", flag.ContinueOnError)
	set.SetOutput(stderr)
	singles := set.Int("singles", 20, "papers of one page, alone and behind the backlog")
	set.IntVar(&w.pages, "pages", 400, "pages of the backlog, about: more than are read meanwhile")
	set.IntVar(&w.each, "each", 6, "pages of a paper of the backlog")
	set.IntVar(&w.readers, "readers", runtime.NumCPU(), "pages read at once")
	set.Float64Var(&w.dpi, "dpi", 300, "resolution of the scans")
	asJSON := set.Bool("json", false, "print the measures as JSON")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil || set.NArg() > 0 || *singles < 1 || w.pages < 1 || w.each < 1 || w.readers < 1 {
		return usage(benchForm)
	}
	b, err := w.behind(ctx, *singles)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(b)
	}
	p := &printer{w: stdout}
	p.line("một trang, không ai chờ (one page, alone): trung vị (median) %.2f s, p95 %.2f s", b.Alone.at(0.5), b.Alone.at(0.95))
	p.line("sau lượng tồn của cơ quan khác (behind another agency's backlog): trung vị (median) %.2f s, p95 %.2f s", b.Behind.at(0.5), b.Behind.at(0.95))
	p.line("p95 bằng %.2f lần trung vị khi không ai chờ (times the median alone); còn %d giấy tờ chờ (papers still waited)", b.Times, b.Backlog)
	if b.Backlog == 0 {
		p.line("lượng tồn đã hết: hãy tăng --pages (the backlog came to its end: give more pages)")
	}
	return p.err
}

// behind builds a house in a directory that is gone afterwards, and has papers of one page
// come to it, each after the one before it is done.
func (w backlogWants) behind(ctx context.Context, singles int) (b behindBench, err error) {
	house, dir, err := benchHouse(ctx, w.readers)
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	defer web.HeapRoom()()
	running, stop := context.WithCancel(ctx)
	g, gctx := errgroup.WithContext(running)
	one := backlogWants{pages: 1, each: 1, drawn: 1, dpi: w.dpi}
	_, err = one.takeIn(ctx, house) // agencies and procedures, and a paper that wakes what sleeps
	g.Go(func() error { return house.Run(gctx) })
	g.Go(func() error {
		defer stop()
		if err != nil {
			return err
		}
		f, err := single(w.dpi)
		if err != nil {
			return err
		}
		if b.Alone, err = timed(gctx, house, f, 0, singles+1); err != nil {
			return err
		}
		if _, err := w.takeIn(gctx, house); err != nil {
			return err
		}
		if b.Behind, err = timed(gctx, house, f, singles+1, singles+1); err != nil {
			return err
		}
		counts, err := house.DB.Counts(gctx, nil, nil)
		b.Backlog = counts[dossier.Received]
		return err
	})
	err = g.Wait()
	stop()
	if b.Alone.at(0.5) > 0 {
		b.Times = b.Behind.at(0.95) / b.Alone.at(0.5)
	}
	return b, errors.Join(err, house.Close())
}

// single is the scan of one page.
func single(dpi float64) (specimen.File, error) {
	press, err := specimen.NewPress()
	if err != nil {
		return specimen.File{}, err
	}
	return press.Paper(specimen.Notice, 77, specimen.About{Pages: 1}).File(specimen.JPEG, dpi, specimen.Office(77), 77)
}

// timed has papers come one after the other, and leaves out the first: it starts what is
// warm then.
func timed(ctx context.Context, house *wire.House, f specimen.File, from, n int) (all waits, err error) {
	for i := range n {
		began := time.Now()
		d, err := bring(ctx, house, 2, from+i, f)
		if err != nil {
			return nil, fmt.Errorf("single page %d: %w", i, err)
		}
		for d.State != dossier.Normalised {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
			if d, err = house.DB.Document(ctx, d.ID); err != nil {
				return nil, err
			}
			if time.Since(began) > 10*time.Minute {
				return nil, fmt.Errorf("single page %d is %s after ten minutes", i, d.State)
			}
		}
		if i > 0 {
			all = append(all, time.Since(began).Seconds())
		}
	}
	slices.Sort(all)
	return all, nil
}
