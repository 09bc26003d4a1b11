package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"syscall"
	"time"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/scan"
)

// Options say how a Pool reads. The zero Options are the usual ones.
type Options struct {
	Workers       int           // children at work at once; 0: one per processor
	Data          string        // language; empty: vie
	Folder        string        // where the language data are; empty: TESSDATA_PREFIX, then Debian's places
	MemoryLimit   int64         // bytes a child may have; 0: 1 GiB
	PageTime      time.Duration // wall time a page may take; 0: one minute
	PagesPerChild int           // after which a child is replaced; 0: 500
}

func (o Options) filled() Options {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Data == "" {
		o.Data = "vie"
	}
	if o.MemoryLimit <= 0 {
		o.MemoryLimit = 1 << 30
	}
	if o.PageTime <= 0 {
		o.PageTime = time.Minute
	}
	if o.PagesPerChild <= 0 {
		o.PagesPerChild = 500
	}
	return o
}

// ErrClosed: the pool was closed.
var ErrClosed = errors.New("the recogniser is closed")

// A Pool reads pages in warm children. It may be used by many goroutines.
type Pool struct {
	o     Options
	slots chan *slot
	ahead chan *slot // of no place: somebody stands there

	mu     sync.Mutex
	live   map[*jail.Process]bool
	closed bool
	spent  Parts
	done   chan struct{}
}

// Spent returns the processor time that Tesseract's own calls took for all
// pages so far: what reading costs at the least.
func (p *Pool) Spent() time.Duration { return p.Parts().Engine }

// Parts returns what all pages so far took in the children.
func (p *Pool) Parts() Parts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spent
}

// A slot is a place for one child.
type slot struct {
	process *jail.Process // nil if none runs
	pages   int           // it has read
}

// New returns a Pool. It starts no child yet, but fails if the language data
// are not there. The caller must call Close.
func New(o Options) (*Pool, error) {
	o = o.filled()
	data, err := findData(o.Folder, o.Data)
	if err != nil {
		return nil, err
	}
	o.Folder = data.folder
	p := &Pool{o: o, slots: make(chan *slot, o.Workers), ahead: make(chan *slot), live: map[*jail.Process]bool{}, done: make(chan struct{})}
	for range o.Workers {
		p.slots <- &slot{}
	}
	return p, nil
}

// Read returns what is written on page. It waits for a free child; under a context of
// [ocr.WithAhead] before others.
//
// A page that ends its child or overruns its time is tried once more with safer
// settings. If that fails too, the error is a [*jail.Refusal] with code
// "time", "memory" or "unreadable"; a page whose image cannot be decoded is
// refused at once, with [scan.Decode]'s code or "damaged". Any other error is
// not the page's fault.
func (p *Pool) Read(ctx context.Context, page scan.Page) (ocr.Page, error) {
	if leastMemory(page) > p.o.MemoryLimit {
		return ocr.Page{}, refuse(jail.ErrMemory, page)
	}
	s, err := p.take(ctx)
	if err != nil {
		return ocr.Page{}, err
	}
	defer p.give(s)
	return p.read(ctx, s, page)
}

// take waits for a free child.
func (p *Pool) take(ctx context.Context) (*slot, error) {
	var ahead chan *slot // nothing comes from there to others
	if ocr.Ahead(ctx) {
		ahead = p.ahead
	}
	select {
	case s := <-ahead:
		return s, nil
	case s := <-p.slots:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.done:
		return nil, ErrClosed
	}
}

// give hands a child to who goes ahead and waits now, else to who has waited longest.
func (p *Pool) give(s *slot) {
	select {
	case p.ahead <- s:
	default:
		p.slots <- s
	}
}

func (p *Pool) read(ctx context.Context, s *slot, page scan.Page) (ocr.Page, error) {
	if s.process == nil {
		process, err := p.start(ctx, "usual")
		if err != nil {
			return ocr.Page{}, err
		}
		s.process, s.pages = process, 0
	}
	a, err := p.ask(ctx, s.process, page)
	s.pages++
	if err != nil {
		s.process = nil
	} else if s.pages >= p.o.PagesPerChild {
		p.end(s.process)
		s.process = nil
	}
	if fatal(err) {
		a, err = p.readSafely(ctx, page)
	}
	if fatal(err) {
		return ocr.Page{}, refuse(err, page)
	}
	if err != nil {
		return ocr.Page{}, err
	}
	p.mu.Lock()
	p.spent.add(a.Spent)
	p.spent.Pages++
	p.mu.Unlock()
	if a.Refusal != nil {
		return ocr.Page{}, a.Refusal
	}
	return *a.Page, nil
}

// readSafely reads page in a child of its own, with safer settings.
func (p *Pool) readSafely(ctx context.Context, page scan.Page) (answer, error) {
	process, err := p.start(ctx, "safe")
	if err != nil {
		return answer{}, err
	}
	a, err := p.ask(ctx, process, page)
	if err == nil {
		p.end(process)
	}
	return a, err
}

// leastMemory returns the bytes that page surely takes: stored, decoded and in
// grey. What cannot fit is refused the same way every time; how a child without
// memory ends is chance.
func leastMemory(page scan.Page) int64 {
	pixels := int64(page.Width) * int64(page.Height)
	switch {
	case page.Components == 1:
	case page.Encoding == scan.JPEG:
		pixels = pixels * 5 / 2
	default:
		pixels *= 5
	}
	return pixels + int64(len(page.Data))
}

// fatal reports whether err is that a page ended its child.
func fatal(err error) bool {
	return errors.Is(err, jail.ErrTime) || errors.Is(err, jail.ErrMemory) || errors.Is(err, jail.ErrCrash)
}

func refuse(err error, page scan.Page) error {
	r := &jail.Refusal{Code: "unreadable", Text: "the recogniser breaks on this page", Page: page.Index + 1}
	switch {
	case errors.Is(err, jail.ErrTime):
		r.Code, r.Text = "time", "reading this page takes too long"
	case errors.Is(err, jail.ErrMemory):
		r.Code, r.Text = "memory", "reading this page takes too much memory"
	}
	return r
}

// start starts a child and waits until it is ready. Its failure is not a
// page's fault.
func (p *Pool) start(ctx context.Context, manner string) (*jail.Process, error) {
	process, err := p.launch(ctx, manner)
	if err != nil {
		return nil, err
	}
	_, err = p.within(ctx, process, startTime, func() (answer, error) { return answer{}, awaitReady(process.Out) })
	if fatal(err) {
		return nil, fmt.Errorf("start the recogniser: %s", err) // %s: no page has broken it
	}
	return process, err
}

// launch starts a child, unless the pool is closed. The child outlives ctx: it
// stays for other pages.
func (p *Pool) launch(ctx context.Context, manner string) (*jail.Process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	limits := jail.Limits{Memory: p.o.MemoryLimit, File: 1 << 20, Confined: true, Alone: true}
	process, err := jail.Start(context.WithoutCancel(ctx), Name, limits, p.o.Folder, p.o.Data, manner)
	if err != nil {
		return nil, fmt.Errorf("start the recogniser: %w", err)
	}
	p.live[process] = true
	return process, nil
}

// ask gives page to process and returns its answer. If it returns an error, the
// process is gone.
func (p *Pool) ask(ctx context.Context, process *jail.Process, page scan.Page) (answer, error) {
	return p.within(ctx, process, p.o.PageTime, func() (answer, error) {
		if err := scan.WritePage(process.In, page); err != nil {
			return answer{}, err
		}
		return readAnswer(process.Out)
	})
}

// startTime is how long a child may take to start; it is tenths of a second
// where the machine has nothing else to do.
const startTime = 30 * time.Second

// within runs talk, a talk with process, and ends process when ctx ends or
// limit is over. If it returns an error, the process is gone, and
// the error says why.
func (p *Pool) within(ctx context.Context, process *jail.Process, limit time.Duration, talk func() (answer, error)) (answer, error) {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(timed, process.Kill)
	a, err := talk()
	if err == nil && stop() {
		return a, nil
	}
	if err != nil && !gone(err) {
		process.Kill() // it talks nonsense
	}
	why := process.Wait()
	stop()
	p.forget(process)
	switch {
	case ctx.Err() != nil:
		return answer{}, ctx.Err()
	case timed.Err() != nil:
		return answer{}, jail.ErrTime
	case p.isClosed():
		return answer{}, ErrClosed
	case fatal(why):
		return answer{}, why
	}
	return answer{}, fmt.Errorf("%w: %w", jail.ErrCrash, errors.Join(err, why))
}

// gone reports whether err is that the other end of a pipe is closed.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE)
}

// end lets process end in its own time, which is short: it has nothing to do.
func (p *Pool) end(process *jail.Process) {
	process.In.Close()
	late := time.AfterFunc(5*time.Second, process.Kill)
	_ = process.Wait()
	late.Stop()
	p.forget(process)
}

func (p *Pool) forget(process *jail.Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.live, process)
}

func (p *Pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// Close ends every child, also those at work: their Reads return ErrClosed. No
// process is left when it returns.
func (p *Pool) Close() {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	processes := make([]*jail.Process, 0, len(p.live))
	for process := range p.live {
		processes = append(processes, process)
	}
	p.mu.Unlock()
	if first {
		close(p.done)
	}
	for _, process := range processes {
		process.Kill()
	}
}
