package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/cmd/internal/crew"
	"sohoa/cmd/internal/meter"
	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
)

// A workersBench is what a backlog came to that worker processes read, on the PostgreSQL, the
// Redis and the S3 of the settings. All seconds are of the processor but the first.
type workersBench struct {
	Workers int     `json:"workers"` // processes
	Readers int     `json:"readers"` // of each of them
	Cores   int     `json:"cores"`
	Pages   int64   `json:"pages"`   // read
	Seconds float64 `json:"seconds"` // from before the workers' start until the last paper is PDF/A

	Own     float64            `json:"ownSeconds"`     // web and sweeper, in this process
	Working float64            `json:"workersSeconds"` // the workers with all their children, starts and ends included
	Engines float64            `json:"enginesSeconds"` // the servers that were named
	Reading map[string]float64 `json:"readingSeconds"` // of the workers: pages in readers, by part
	Memory  []int64            `json:"workersMiB"`     // of each worker without its children, at most

	// Of the time between the first tenth of the papers and the last: nobody starts, and nobody is
	// without a page since none is left.
	Amid       float64 `json:"amidSeconds"`       // by the clock
	AmidEngine float64 `json:"amidEngineSeconds"` // of the processor, in Tesseract
}

func benchWorkers(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var w backlogWants
	set := flag.NewFlagSet("bench workers", flag.ContinueOnError)
	set.SetOutput(stderr)
	n := set.Int("workers", runtime.NumCPU(), "worker processes")
	set.IntVar(&w.readers, "readers", 1, "pages that each of them reads at once")
	set.IntVar(&w.pages, "pages", 120, "pages of made-up scans, about")
	set.IntVar(&w.each, "each", 6, "pages of a scan, at least")
	set.IntVar(&w.drawn, "drawn", 20, "scans that are drawn; the others are the same pages again")
	set.Float64Var(&w.dpi, "dpi", 300, "resolution of the scans")
	servers := set.String("servers", "", "process ids of the servers, with commas between them: their processor time is counted, too")
	asJSON := set.Bool("json", false, "print the measures as JSON")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil || set.NArg() > 0 || *n < 1 || w.readers < 1 || w.pages < 1 || w.each < 1 || w.drawn < 1 {
		return usage(benchForm)
	}
	b, err := driveWorkers(ctx, w, *n, strings.FieldsFunc(*servers, func(r rune) bool { return r == ',' }))
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

// driveWorkers takes a backlog in, starts n workers, and measures until it is done. This process is
// web and sweeper meanwhile.
func driveWorkers(ctx context.Context, w backlogWants, n int, servers []string) (b workersBench, err error) {
	b.Workers, b.Readers, b.Cores = n, w.readers, runtime.NumCPU()
	dir, err := os.MkdirTemp("", "sohoa-bench-*")
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	s := wire.Read(os.Getenv)
	s.Data, s.Addr, s.Readers, s.Roles = filepath.Join(dir, "own"), "127.0.0.1:0", 1, []wire.Role{wire.Web, wire.Sweeper}
	house, err := wire.Build(ctx, s, slog.New(slog.DiscardHandler))
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, house.Close()) }()
	if _, err := w.takeIn(ctx, house); err != nil {
		return b, err
	}
	own, children, engines, began := usedBy(syscall.RUSAGE_SELF), usedBy(syscall.RUSAGE_CHILDREN), cpuOf(servers), time.Now()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return house.Run(gctx) })
	g.Go(func() error {
		defer stop()
		return b.work(gctx, house, dir, began)
	})
	if err := g.Wait(); err != nil {
		return b, err
	}
	b.Own, b.Working = (usedBy(syscall.RUSAGE_SELF) - own).Seconds(), (usedBy(syscall.RUSAGE_CHILDREN) - children).Seconds()
	b.Engines = (cpuOf(servers) - engines).Seconds()
	return b, nil
}

// work starts the workers, waits until nothing is left for them, reads their figures and ends them.
func (b *workersBench) work(ctx context.Context, house *wire.House, dir string, began time.Time) (err error) {
	var all []*crew.Worker
	defer func() {
		for _, p := range all {
			p.Leave()
		}
		for _, p := range all {
			err = errors.Join(err, p.Wait())
		}
	}()
	for i := range b.Workers {
		p, err := crew.Start(filepath.Join(dir, strconv.Itoa(i)), b.Readers)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	if err := b.watch(ctx, house, all); err != nil {
		return err
	}
	b.Seconds = time.Since(began).Seconds()
	for _, p := range all {
		b.Memory = append(b.Memory, memoryOf(strconv.Itoa(p.PID()), "VmHWM:"))
	}
	return b.told(ctx, all)
}

// watch waits until no paper is left, and notes what goes on amid: from when a tenth of them is
// done until a tenth is left. It asks seldom: whoever asks costs the database something.
func (b *workersBench) watch(ctx context.Context, house *wire.House, all []*crew.Worker) error {
	var first workersBench // as it was told then
	var began time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		counts, err := house.DB.Counts(ctx, nil, nil)
		if err != nil {
			return err
		}
		done := counts[dossier.Normalised]
		left := counts[dossier.Received] + counts[dossier.Recognised]
		switch {
		case left == 0:
			return nil
		case began.IsZero() && 9*done >= left:
			if err := first.told(ctx, all); err != nil {
				return err
			}
			began = time.Now()
		case b.Amid == 0 && done >= 9*left:
			var last workersBench
			if err := last.told(ctx, all); err != nil {
				return err
			}
			b.Amid, b.AmidEngine = time.Since(began).Seconds(), last.Reading["engine"]-first.Reading["engine"]
		}
	}
}

// told adds up what the workers' figures say.
func (b *workersBench) told(ctx context.Context, all []*crew.Worker) error {
	b.Reading = map[string]float64{}
	for _, p := range all {
		if err := b.toldBy(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (b *workersBench) toldBy(ctx context.Context, p *crew.Worker) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Figures, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	reading, pages, err := meter.Told(res.Body)
	if err != nil {
		return err
	}
	for part, took := range reading {
		b.Reading[part] += took
	}
	b.Pages += pages
	return nil
}

func (b workersBench) print(w io.Writer) error {
	p := &printer{w: w}
	all, pages, engine := b.Own+b.Working+b.Engines, float64(b.Pages), b.Reading["engine"]
	p.line("%d trang đọc (pages read), %d tiến trình × %d bộ đọc (worker processes, readers each), %.1f s, %.2f trang/giây (pages/s) trên %d lõi (cores)", b.Pages, b.Workers, b.Readers, b.Seconds, pages/b.Seconds, b.Cores)
	p.line("Tesseract: %.1f %% của CPU các máy xử lý (of the workers' processor time), %.1f %% của tất cả (of all), %.1f %% của các lõi (of the cores)",
		100*engine/b.Working, 100*engine/all, 100*engine/b.Seconds/float64(b.Cores))
	if b.Amid > 0 {
		p.line("Giữa chừng, không tính đầu và cuối (amid, without start and end): %.1f s, %.1f %% của các lõi trong Tesseract (of the cores in Tesseract)", b.Amid, 100*b.AmidEngine/b.Amid/float64(b.Cores))
	}
	p.line("bộ nhớ mỗi máy xử lý (memory of each worker, MiB): %v", b.Memory)
	p.line("")
	p.line("ms CPU mỗi trang (a page): %.0f", 1000*all/pages)
	rest := b.Working
	for _, part := range [...]string{"engine", "pixels", "ready", "layout", "words", "codes", "taking", "proving"} {
		p.line("  %6.1f  %s", 1000*b.Reading[part]/pages, part)
		rest -= b.Reading[part]
	}
	p.line("  %6.1f  máy xử lý, bắt đầu, tách trang (workers besides, starts, split)", 1000*rest/pages)
	p.line("  %6.1f  web, sweeper", 1000*b.Own/pages)
	p.line("  %6.1f  PostgreSQL, Redis, S3", 1000*b.Engines/pages)
	return p.err
}

// usedBy is the processor time of this process or of its children that ended.
func usedBy(who int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(who, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cpuOf is what processes and their children have taken so far, those included that
// ended and were waited for (proc(5)): a postmaster's servers come and go.
func cpuOf(pids []string) (sum time.Duration) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		_, after, ok := strings.Cut(string(b), ") ")
		f := strings.Fields(after)
		if !ok || len(f) < 17 {
			continue
		}
		for _, pid := range pids {
			fields := f[11:13] // utime, stime, in hundredths of a second
			if e.Name() == pid {
				fields = f[11:15] // and cutime, cstime
			} else if f[1] != pid {
				continue
			}
			for _, field := range fields {
				n, _ := strconv.ParseInt(field, 10, 64)
				sum += time.Duration(n) * 10 * time.Millisecond
			}
		}
	}
	return sum
}
