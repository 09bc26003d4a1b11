package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"sohoa/cmd/internal/demo"
	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/ingest"
	"sohoa/specimen"
)

// A backlogBench is what a backlog came to that was taken in before, read and
// made into PDF/A with nobody at the pages.
type backlogBench struct {
	lineBench
	Door  float64   `json:"doorCPUSeconds"` // taking it in, before the clock ran
	Grown []grownAt `json:"memory"`         // of the service and its readers while it ran
}

// A grownAt is the memory at a moment.
type grownAt struct {
	Pages   int64 `json:"pages"` // read until then
	Service int64 `json:"serviceMiB"`
	Child   int64 `json:"childMiB"` // the largest of those that lived
}

// backlogWants is what is asked for on the command line.
type backlogWants struct {
	pages, each, drawn, readers int
	lines                       int // of a page that are drawn; 0: all
	dpi                         float64
	again                       bool          // drawn pages are read before the clock runs
	pace                        time.Duration // how long a page takes its reader then
}

func benchBacklog(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var w backlogWants
	set := flag.NewFlagSet("bench backlog", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.IntVar(&w.pages, "pages", 120, "pages of made-up scans, about")
	set.IntVar(&w.each, "each", 6, "pages of a scan, at least")
	set.IntVar(&w.drawn, "drawn", 20, "scans that are drawn; the others are the same pages again")
	set.IntVar(&w.readers, "readers", runtime.NumCPU(), "pages read at once")
	set.Float64Var(&w.dpi, "dpi", 300, "resolution of the scans")
	set.IntVar(&w.lines, "lines", 0, "draw the first lines of each page alone, to get through more pages; 0: all")
	set.BoolVar(&w.again, "read-before", false, "read the drawn pages before the clock runs: only what the line takes besides is measured")
	set.DurationVar(&w.pace, "pace", 0, "with --read-before: how long a page stays with its reader, without processor time")
	profile := set.String("profile", "", "write a profile of the service's own processor time to a file")
	asJSON := set.Bool("json", false, "print the measures as JSON")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil || set.NArg() > 0 || w.pages < 1 || w.each < 1 || w.drawn < 1 || w.readers < 1 {
		return usage(benchForm)
	}
	b, err := w.drive(ctx, *profile)
	if err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(b)
	}
	return b.print(stdout)
}

// drive builds a house in a directory that is gone afterwards, takes the scans in, and
// measures from the moment that the line is let at them until the last is one PDF/A.
func (w backlogWants) drive(ctx context.Context, profile string) (b backlogBench, err error) {
	house, dir, err := benchHouse(ctx, w.readers)
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	before := cpuTime()
	brought, err := w.takeIn(ctx, house)
	if err != nil {
		return b, errors.Join(err, house.Close())
	}
	if !w.again {
		b.Door = (cpuTime() - before).Seconds()
	}
	if profile != "" {
		f, err := os.Create(profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			return b, errors.Join(err, house.Close())
		}
		defer pprof.StopCPUProfile()
	}
	b.Readers = w.readers
	// Looking is done by the service's own process and counts as what it takes: seldom. What a
	// child had at most is kept for it while it lives.
	err = b.during(ctx, house, dossier.Normalised, 10*time.Second, func(ctx context.Context) error { return b.watch(ctx, house, w, brought) })
	return b, err
}

// takeIn draws scans and brings them through the door, each to a dossier of its own. It
// returns how many pages that were.
func (w backlogWants) takeIn(ctx context.Context, house *wire.House) (brought int, err error) {
	press, err := specimen.NewPress()
	if err != nil {
		return 0, err
	}
	if err := demo.Seed(ctx, house.DB); err != nil {
		return 0, err
	}
	kinds := []specimen.Kind{specimen.Minutes, specimen.Decision, specimen.Contract, specimen.Report, specimen.Licence, specimen.Notice}
	var files []specimen.File
	for i := range min(w.drawn, (w.pages+w.each-1)/w.each) {
		seed := uint64(i + 1)
		paper := press.Paper(kinds[i%len(kinds)], seed, specimen.About{Pages: w.each})
		for k := range paper.Pages {
			if p := &paper.Pages[k]; w.lines > 0 && len(p.Lines) > w.lines {
				p.Lines = p.Lines[:w.lines]
			}
		}
		f, err := paper.File(specimen.TIFFJPEG, w.dpi, specimen.Office(seed), seed)
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return 0, err
		}
		files = append(files, f)
	}
	if w.again {
		var scans [][]byte
		for _, f := range files {
			scans = append(scans, f.Bytes)
		}
		if err := house.ReadBefore(ctx, scans, w.pace); err != nil {
			return 0, err
		}
	}
	for i := 0; brought < w.pages; i++ {
		f := files[i%len(files)]
		d, err := bring(ctx, house, 1, i, f)
		if err != nil {
			return 0, fmt.Errorf("scan %d: %w", i, err)
		}
		brought += d.Pages
	}
	return brought, nil
}

// bring has a scan come to a dossier of the last agency but from-1. A few bytes behind its end, which no reader of TIFF
// looks at (TIFF 6.0 section 2), make it another file than those before it.
func bring(ctx context.Context, house *wire.House, from, i int, f specimen.File) (d dossier.Document, err error) {
	all, err := house.DB.Procedures(ctx)
	if err != nil {
		return d, err
	}
	agencies, err := house.DB.Agencies(ctx)
	if err != nil {
		return d, err
	}
	at, p := agencies[len(agencies)-from].Code, all[0]
	holder, err := house.DB.PutHolder(ctx, dossier.Holder{Number: fmt.Sprintf("0991%02d%06d", from, i), Name: "Nguyễn Văn An"})
	if err != nil {
		return d, err
	}
	const who = "bench"
	do, err := house.DB.AddDossier(ctx, dossier.Dossier{Procedure: p.Code, Receiving: at, Competent: at, Holder: holder.ID, Channel: dossier.Direct, Received: time.Now()}, who)
	if err != nil {
		return d, err
	}
	body := binary.BigEndian.AppendUint64(bytes.Clone(f.Bytes), uint64(i))
	return house.Door.Accept(ctx, ingest.Intake{Dossier: do.Code, Slot: p.Components[0].Slot, Who: who, Body: bytes.NewReader(body)})
}

// watch waits until nothing is left that the machine can do, and writes down what memory
// it takes meanwhile. Rows are asked when all that were brought have been read, and before
// that twice a minute: a page may have been refused by a child that is gone.
func (b *backlogBench) watch(ctx context.Context, house *wire.House, w backlogWants, brought int) error {
	const every = 250
	next := int64(every)
	for look := 1; ; look++ {
		pages, left := house.Reading().Pages, 1 // all that is measured takes longer than a page takes the service
		if w.again || pages >= int64(brought) || look%60 == 0 {
			counts, err := house.DB.Counts(ctx, nil, nil)
			if err != nil {
				return err
			}
			if left = counts[dossier.Received] + counts[dossier.Recognised]; w.again {
				pages = int64(counts[dossier.Normalised]) * int64(w.each)
			}
		}
		if pages >= next || left == 0 {
			b.Grown = append(b.Grown, grownAt{pages, memoryOf("self", "VmRSS:"), largestChild()})
			next = pages + every
		}
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (b backlogBench) print(w io.Writer) error {
	p := &printer{w: w}
	p.line("%d giấy tờ (papers), %d trang đọc (pages read), %.1f s", b.Documents, b.Pages, b.Seconds)
	p.line("%.2f trang/giây (pages/s) trên %d lõi (cores), %d bộ đọc (readers)", b.PagesASec, b.Cores, b.Readers)
	p.line("%.2f s CPU mỗi trang (a page); tiếp nhận trước đó (taking in, before) %.3f s", b.CPU/float64(b.Pages), b.Door/float64(b.Pages))
	p.line("Tesseract: %.1f %% của CPU (of the processor time), %.1f %% của các lõi (of the cores)", 100*b.Tesseract/b.CPU, 100*b.Tesseract/b.Seconds/float64(min(b.Cores, b.Readers)))
	p.line("bộ nhớ (memory): dịch vụ (service) %d MiB, tiến trình con lớn nhất (largest child) %d MiB", b.Self, b.Child)
	for _, g := range b.Grown {
		p.line("  sau (after) %d trang (pages): %d MiB, %d MiB", g.Pages, g.Service, g.Child)
	}
	p.line("")
	b.shares(p)
	return p.err
}
