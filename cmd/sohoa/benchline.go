package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/cmd/internal/demo"
	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/specimen"
	"sohoa/web"
)

// A year's work: what an office has of it, and how much more the worst hour has
// than the mean one.
const (
	yearDays  = 250 // without Saturdays, Sundays and holidays
	dayHours  = 8
	peakShare = 3.0 // of the mean hour
)

// A lineBench is what driving the whole line came to.
type lineBench struct {
	Documents int     `json:"documents"` // archived
	Dossiers  int     `json:"dossiers"`
	Pages     int64   `json:"pages"`
	Seconds   float64 `json:"seconds"`
	PagesASec float64 `json:"pagesPerSecond"`
	Readers   int     `json:"readers"`
	Cores     int     `json:"cores"`

	CPU       float64     `json:"cpuSeconds"`       // of the service and all its children
	Tesseract float64     `json:"tesseractSeconds"` // of it within Tesseract
	Reading   child.Parts `json:"reading"`          // of it in readers that read pages, in nanoseconds
	Self      int64       `json:"serviceMiB"`       // at most
	Child     int64       `json:"childMiB"`         // the largest of its children, at most
	Stored    int64       `json:"storedBytes"`

	Stages   []stageBench `json:"stages"`
	Children []childBench `json:"children"`
}

// A childBench is the processor time of the child processes of one name.
type childBench struct {
	Name  string  `json:"name"`
	Times int64   `json:"times"`
	CPU   float64 `json:"cpuSeconds"`
	Share float64 `json:"share"` // of the processor time of everything
}

type stageBench struct {
	Act     string  `json:"act"`
	Times   int64   `json:"times"`
	Seconds float64 `json:"seconds"` // each
	Share   float64 `json:"share"`   // of the time of all stages
}

const benchForm = `sohoa bench line [--dossiers N] [--readers N] [--dossiers-a-year N] [--profile FILE] [--json]
  sohoa bench backlog [--pages N] [--each N] [--drawn N] [--dpi N] [--lines N] [--readers N] [--read-before [--pace DURATION]] [--profile FILE] [--json]
  sohoa bench workers [--workers N] [--readers N] [--pages N] [--each N] [--drawn N] [--dpi N] [--servers PID,PID] [--json]
  sohoa bench behind [--singles N] [--pages N] [--each N] [--dpi N] [--readers N] [--json]`

// benchCommand measures this machine: the whole line with people at it, a backlog, or what waits behind one.
func benchCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	switch {
	case len(args) > 0 && args[0] == "line":
		return benchLine(ctx, args[1:], stdout, stderr)
	case len(args) > 0 && args[0] == "backlog":
		return benchBacklog(ctx, args[1:], stdout, stderr)
	case len(args) > 0 && args[0] == "workers":
		return benchWorkers(ctx, args[1:], stdout, stderr)
	case len(args) > 0 && args[0] == "behind":
		return benchBehind(ctx, args[1:], stdout, stderr)
	}
	return usage(benchForm)
}

func benchLine(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet("bench line", flag.ContinueOnError)
	set.SetOutput(stderr)
	dossiers := set.Int("dossiers", 20, "made-up dossiers to work through")
	readers := set.Int("readers", runtime.NumCPU(), "pages read at once")
	year := set.Int64("dossiers-a-year", 0, "say what so many need")
	profile := set.String("profile", "", "write a profile of the service's own processor time to a file")
	asJSON := set.Bool("json", false, "print the measures as JSON")
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil || set.NArg() > 0 || *dossiers < 1 || *readers < 1 || *year < 0 {
		return usage(benchForm)
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	b, err := driveLine(ctx, *dossiers, *readers)
	if err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(b)
	}
	return b.print(stdout, *year)
}

// benchHouse builds a house for a bench in a directory that is removed, and with it all
// that was in the house, by whoever has closed it.
func benchHouse(ctx context.Context, readers int) (house *wire.House, dir string, err error) {
	if dir, err = os.MkdirTemp("", "sohoa-bench-*"); err != nil {
		return nil, "", err
	}
	s := wire.Read(func(string) string { return "" })
	s.Data, s.Addr, s.Readers = dir, "127.0.0.1:0", readers
	if house, err = wire.Build(ctx, s, slog.New(slog.DiscardHandler)); err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(dir))
	}
	return house, dir, nil
}

// driveLine builds a house in a directory that is gone afterwards, has made-up
// people bring made-up scans to its pages and act on them, and measures.
func driveLine(ctx context.Context, dossiers, readers int) (b lineBench, err error) {
	press, err := specimen.NewPress()
	if err != nil {
		return b, err
	}
	cases := demo.Cases(press, dossiers, 2026, time.Now())
	if err := drawn(ctx, cases); err != nil { // before the clock runs
		return b, err
	}
	house, dir, err := benchHouse(ctx, readers)
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	if err := demo.Seed(ctx, house.DB); err != nil {
		return b, errors.Join(err, house.Close())
	}
	logins, err := wire.FirstLogins(ctx, house.DB, dir, demo.Root, true)
	if err != nil {
		return b, errors.Join(err, house.Close())
	}
	j := &demo.Journey{Base: "http://" + house.Addr(), Cases: cases}
	for _, l := range logins {
		j.Logins = append(j.Logins, demo.Login(l))
	}
	err = b.during(ctx, house, dossier.Archived, 100*time.Millisecond, func(ctx context.Context) error {
		_, err := j.Run(ctx)
		return err
	})
	b.Dossiers, b.Readers = dossiers, readers
	return b, err
}

// during runs a house while something is done, closes it, and measures what that took:
// papers that came to an end, and its children's memory looked at every so often.
func (b *lineBench) during(ctx context.Context, house *wire.House, end dossier.State, every time.Duration, does func(context.Context) error) (err error) {
	defer web.HeapRoom()() // as the service does
	earlier, child := jail.Tallies(), watchChildren(ctx, every)
	defer child()
	before, began := cpuTime(), time.Now()
	running, stop := context.WithCancel(ctx)
	g, gctx := errgroup.WithContext(running)
	g.Go(func() error { return house.Run(gctx) })
	g.Go(func() error {
		defer stop()
		err := does(gctx)
		b.Seconds = time.Since(began).Seconds()
		return err
	})
	err = g.Wait()
	stop()
	if e := b.measure(context.WithoutCancel(ctx), house, end); err == nil {
		err = e
	}
	if err = errors.Join(err, house.Close()); err != nil { // readers have ended: their time is counted
		return err
	}
	b.CPU, b.Self, b.Child = (cpuTime() - before).Seconds(), selfMemory(), child()
	b.tally(earlier)
	return nil
}

// tally says what the children of this process took since earlier, which have all ended.
func (b *lineBench) tally(earlier map[string]jail.Tally) {
	for name, t := range jail.Tallies() {
		t.Started, t.CPU = t.Started-earlier[name].Started, t.CPU-earlier[name].CPU
		if t.Started == 0 && t.CPU == 0 {
			continue
		}
		b.Children = append(b.Children, childBench{name, t.Started, t.CPU.Seconds(), t.CPU.Seconds() / b.CPU})
	}
	slices.SortFunc(b.Children, func(x, y childBench) int {
		return cmp.Or(cmp.Compare(y.CPU, x.CPU), cmp.Compare(x.Name, y.Name))
	})
}

// drawn makes all scans of cases, and has them be handed out as they are: what
// made-up people do at their printers is no work of the house.
func drawn(ctx context.Context, cases []demo.Case) error {
	draw := func(p *demo.Paper) error {
		file, err := p.Make()
		p.Make = func() (specimen.File, error) { return file, err }
		return errors.Join(err, ctx.Err())
	}
	for i := range cases {
		c := &cases[i]
		for k := range c.Papers {
			if err := draw(&c.Papers[k]); err != nil {
				return err
			}
		}
		for _, p := range []*demo.Paper{c.Result, visited(c.Back)} {
			if p == nil {
				continue
			}
			if err := draw(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// visited is the paper of a second visit, if there is one.
func visited(v *demo.Visit) *demo.Paper {
	if v == nil || v.Paper.Make == nil {
		return nil
	}
	return &v.Paper
}

func (b *lineBench) measure(ctx context.Context, house *wire.House, end dossier.State) error {
	spent, err := house.Spent()
	if err != nil {
		return err
	}
	counts, err := house.DB.Counts(ctx, nil, nil)
	if err != nil {
		return err
	}
	b.Documents, b.Pages, b.Cores = counts[end], spent.Pages.N, runtime.NumCPU()
	b.PagesASec, b.Tesseract, b.Stored = float64(b.Pages)/b.Seconds, spent.Reading.Engine.Seconds(), spent.Stored
	b.Reading = spent.Reading
	var all time.Duration
	for _, t := range spent.Stages {
		all += t.Took
	}
	for act, t := range spent.Stages {
		if t.N > 0 {
			b.Stages = append(b.Stages, stageBench{string(act), t.N, t.Took.Seconds() / float64(t.N), t.Took.Seconds() / all.Seconds()})
		}
	}
	slices.SortFunc(b.Stages, func(x, y stageBench) int { return strings.Compare(x.Act, y.Act) })
	slices.SortStableFunc(b.Stages, func(x, y stageBench) int { return int(1e6 * (y.Share - x.Share)) })
	if b.Documents == 0 || b.Pages == 0 {
		return fmt.Errorf("nothing is %s: there is nothing to measure", end)
	}
	return nil
}

// cpuTime is the processor time of this process and of its children that ended.
func cpuTime() time.Duration {
	return usedBy(syscall.RUSAGE_SELF) + usedBy(syscall.RUSAGE_CHILDREN)
}

// selfMemory is the most that this process had, in MiB.
func selfMemory() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Maxrss >> 10
}

// watchChildren looks at the children of this process every so often until ctx ends, and then
// says the most that one of them had, in MiB. What the kernel keeps of children that ended (ru_maxrss)
// will not do: it counts their parent's memory, which they have until they are a
// program of their own.
func watchChildren(ctx context.Context, every time.Duration) (most func() int64) {
	peak, over := int64(0), make(chan struct{})
	ctx, stop := context.WithCancel(ctx)
	go func() {
		defer close(over)
		for {
			peak = max(peak, largestChild())
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
			}
		}
	}()
	return func() int64 { stop(); <-over; return peak }
}

// largestChild is the most that a living child of this process had, in MiB (proc(5)).
func largestChild() (most int64) {
	own, _ := os.ReadFile("/proc/self/cmdline")
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, task := range tasks {
		list, _ := os.ReadFile(task)
		for pid := range strings.FieldsSeq(string(list)) {
			if line, _ := os.ReadFile("/proc/" + pid + "/cmdline"); bytes.Equal(line, own) {
				continue // no program of its own yet
			}
			most = max(most, memoryOf(pid, "VmHWM:"))
		}
	}
	return most
}

// memoryOf is what a process has or had, in MiB: a field of its status (proc(5)).
func memoryOf(pid, field string) int64 {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	_, after, _ := strings.Cut(string(status), field)
	kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.ParseInt(kib, 10, 64)
	return n >> 10
}

func (b lineBench) print(w io.Writer, year int64) error {
	p := &printer{w: w}
	p.line("%d hồ sơ (dossiers), %d giấy tờ lưu trữ (archived), %d trang đọc (pages read), %.1f s", b.Dossiers, b.Documents, b.Pages, b.Seconds)
	p.line("%.2f trang/giây (pages/s) trên %d lõi (cores), %d bộ đọc (readers)", b.PagesASec, b.Cores, b.Readers)
	p.line("%.2f s CPU mỗi trang (a page); Tesseract %.0f %%", b.CPU/float64(b.Pages), 100*b.Tesseract/b.CPU)
	p.line("bộ nhớ (memory): dịch vụ (service) %d MiB, tiến trình con lớn nhất (largest child) %d MiB: một máy xử lý (a worker) %d MiB", b.Self, b.Child, b.worker())
	p.line("")
	for _, s := range b.Stages {
		p.line("%5.1f %%  %-10s  %6.3f s × %d", 100*s.Share, s.Act, s.Seconds, s.Times)
	}
	p.line("")
	b.shares(p)
	if year > 0 {
		b.need(p, year)
	}
	return p.err
}

// shares prints whose the processor time was.
func (b lineBench) shares(p *printer) {
	p.line("CPU: dịch vụ (service) %.1f %%, Tesseract %.1f %%", 100*b.service(), 100*b.Tesseract/b.CPU)
	for _, c := range b.Children {
		p.line("%5.1f %%  %-10s  %6.3f s × %d", 100*c.Share, c.Name, c.CPU/float64(max(c.Times, 1)), c.Times)
	}
	b.perPage(p)
}

// perPage prints what a page took of each part, in milliseconds of the processor. Starts
// are what the readers took besides the pages: the engines, and their ends.
func (b lineBench) perPage(p *printer) {
	ms := func(seconds float64) float64 { return 1000 * seconds / float64(b.Pages) }
	r := b.Reading
	p.line("")
	p.line("ms CPU mỗi trang (a page): %.0f", ms(b.CPU))
	readers := 0.0
	for _, c := range b.Children {
		if c.Name == child.Name {
			readers = c.CPU
			continue
		}
		p.line("  %6.1f  %s", ms(c.CPU), c.Name)
	}
	p.line("  %6.1f  dịch vụ (service)", ms(b.service()*b.CPU))
	for _, part := range [...]struct {
		name  string
		spent time.Duration
	}{{"Tesseract", r.Engine}, {"pixels", r.Pixels}, {"ready", r.Ready}, {"layout", r.Layout}, {"words", r.Words}, {"codes", r.Codes}, {"taking", r.Taking}, {"proving", r.Proving}} {
		p.line("  %6.1f  %s", ms(part.spent.Seconds()), part.name)
	}
	p.line("  %6.1f  starts", ms(readers-r.Sum().Seconds()))
}

// service is the share of the processor time that this process took itself.
func (b lineBench) service() float64 {
	share := 1.0
	for _, c := range b.Children {
		share -= c.Share
	}
	return share
}

// worker is the memory of one process with its readers: each at its largest.
func (b lineBench) worker() int64 { return b.Self + int64(b.Readers)*b.Child }

// need says what a year of so many dossiers takes, by what was measured.
func (b lineBench) need(p *printer, year int64) {
	papers := float64(year) * float64(b.Documents) / float64(b.Dossiers)
	pages := float64(year) * float64(b.Pages) / float64(b.Dossiers)
	mean := pages / (yearDays * dayHours * 3600)
	cpu := b.CPU / float64(b.Pages)
	moves := 0.0
	for _, s := range b.Stages {
		moves += float64(s.Times)
	}
	moves *= float64(year) / float64(b.Dossiers) / (yearDays * dayHours * 3600)
	cores := max(1, int64(mean*peakShare*cpu+0.999))
	p.line("")
	p.line("%s hồ sơ một năm (dossiers a year), %d ngày × %d giờ, giờ cao điểm gấp %.0f (the worst hour three times the mean):", grouped(year), yearDays, dayHours, peakShare)
	p.line("  giấy tờ (papers) %s, trang (pages) %s; trung bình (mean) %.2f trang/giây, cao điểm (peak) %.2f", grouped(int64(papers)), grouped(int64(pages)), mean, mean*peakShare)
	p.line("  lõi CPU giờ cao điểm (cores in the worst hour): %s; nếu dồn sang ban đêm (if nights are used): %s", grouped(cores), grouped(max(1, int64(mean*dayHours/24*cpu*1.25+0.999))))
	p.line("  bước máy (acts of the machine): %.1f/giây (s), cao điểm (peak) %.1f", moves, moves*peakShare)
	p.line("  bộ nhớ (memory): %s MiB; kho (store): %s GiB một năm (a year), nhân đôi với kho thứ hai (twice with a second store)",
		grouped(b.Self*max(1, cores/int64(b.Readers))+cores*b.Child), grouped(int64(float64(b.Stored)/float64(b.Dossiers)*float64(year))>>30))
	p.line("  xem (see) docs/scaling.md")
}

// grouped writes a number in groups of three.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}
