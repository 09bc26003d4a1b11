package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/bench/internal/running"
	"sohoa/dossier"
	"sohoa/specimen"
	"sohoa/specimen/hostile"
	"sohoa/web/clicker"
)

// A drill is one run of all.
type drill struct {
	wish
	program, temp string
	env           []string
	house         *running.House

	counter  *clicker.Person
	ordinary []byte // a paper as they come every day

	mu      sync.Mutex
	number  int
	taken   []dossier.DocumentID
	answers []answer
	calmed  latencies
	stormed latencies
	after   []string // what was wrong when all was over
	lasted  map[string]time.Duration
	atWork  int // documents that were still being worked at when the service was stopped
}

// An answer is what became of one file.
type answer struct {
	file    string
	kind    string
	command bool   // of sohoa process, else of the service
	code    string // of the refusal; "taken"
	took    time.Duration
	wrong   string // why this must not be; empty if it may
}

const (
	agency    dossier.AgencyCode    = "A00"
	procedure dossier.ProcedureCode = "9.999901"
)

// deadline is within what time a file must be answered: its time for looking
// into it, on two busy cores, and the way there.
func (d *drill) deadline() time.Duration {
	return time.Duration(d.seconds)*time.Second*3/2 + 10*time.Second
}

// service runs the service through calm and storm.
func (d *drill) service(ctx context.Context) error {
	if err := d.house.Start(ctx); err != nil {
		return err
	}
	defer d.house.Kill()
	if err := d.prepare(ctx); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	pid := d.house.PID()
	began := time.Now()
	calm, cancel := context.WithTimeout(ctx, d.calm)
	d.everyday(calm, ctx, &d.calmed)
	cancel()
	d.lasted = map[string]time.Duration{"calm": time.Since(began)}
	began = time.Now()
	storm, over := context.WithCancel(ctx)
	var all errgroup.Group
	all.Go(func() error { d.everyday(storm, ctx, &d.stormed); return nil })
	err := d.storm(ctx)
	over()
	_ = all.Wait() // it has no error
	d.lasted["storm"] = time.Since(began)
	if err != nil {
		return err
	}
	if err := d.settled(ctx); err != nil {
		return err
	}
	if d.house.PID() != pid || !alive(pid) {
		d.after = append(d.after, "the service died")
	}
	return d.afterwards(ctx)
}

// prepare makes a kind of paper and a procedure, as an administrator would.
func (d *drill) prepare(ctx context.Context) error {
	logins, err := d.house.Logins()
	if err != nil {
		return err
	}
	l := logins[dossier.Admin]
	admin, err := clicker.Login(ctx, d.house.Base(), l[0], l[1])
	if err != nil {
		return err
	}
	if err := admin.Fill(ctx, "/admin/kinds", url.Values{"code": {"DT"}, "name": {"Giấy diễn tập"}}); err != nil {
		return err
	}
	if err := admin.Fill(ctx, "/admin/procedures", url.Values{"code": {string(procedure)}, "name": {"Diễn tập"},
		"field": {"Diễn tập"}, "level": {string(dossier.Full)}, "days": {"1"}, "components": {"TP01|DT|Giấy diễn tập|1|1"}}); err != nil {
		return err
	}
	l = logins[dossier.Counter]
	if d.counter, err = clicker.Login(ctx, d.house.Base(), l[0], l[1]); err != nil {
		return err
	}
	press, err := specimen.NewPress()
	if err != nil {
		return err
	}
	f, err := press.Paper(specimen.Notice, d.seed, specimen.About{}).Only(0).File(specimen.JPEG, 150, specimen.Office(d.seed), d.seed)
	d.ordinary = f.Bytes
	if err != nil {
		return err
	}
	_, err = d.send(ctx, "giay.jpg", d.ordinary) // the first page warms the readers
	return err
}

// send opens a dossier and puts a file into it.
func (d *drill) send(ctx context.Context, name string, b []byte) (time.Duration, error) {
	d.mu.Lock()
	d.number++
	n := d.number
	d.mu.Unlock()
	code, err := d.counter.Open(ctx, clicker.NewDossier{Procedure: procedure, Receiving: agency, Competent: agency,
		HolderNumber: fmt.Sprintf("0080900%05d", n), HolderName: "Người Diễn Tập", Channel: dossier.Direct})
	if err != nil {
		return 0, fmt.Errorf("open a dossier: %w", err)
	}
	began := time.Now()
	id, err := d.counter.Upload(ctx, code, "TP01", name, bytes.NewReader(b))
	took := time.Since(began)
	if err == nil {
		d.mu.Lock()
		d.taken = append(d.taken, id)
		d.mu.Unlock()
	}
	return took, err
}

// everyday is what goes on in an office until soon ends: pages are opened, and a
// paper comes in every other second. What it meets goes to seen.
func (d *drill) everyday(soon, ctx context.Context, seen *latencies) {
	var g errgroup.Group
	paths := []string{"/", "/dossiers", "/documents", "/figures", "/verify"}
	g.Go(func() error {
		for i := 0; soon.Err() == nil; i++ {
			began := time.Now()
			err := d.counter.Visit(ctx, paths[i%len(paths)])
			seen.page(time.Since(began), err)
			wait(soon, 80*time.Millisecond)
		}
		return nil
	})
	g.Go(func() error {
		for n := 0; soon.Err() == nil; n++ {
			paper := append(bytes.Clone(d.ordinary), fmt.Sprint(n)...) // another paper each time
			took, err := d.send(ctx, "giay.jpg", paper)
			seen.upload(took, err)
			wait(soon, 2*time.Second)
		}
		return nil
	})
	_ = g.Wait() // it has no error
}

// storm sends the hostile files, two at a time.
func (d *drill) storm(ctx context.Context) error {
	var g errgroup.Group
	g.SetLimit(2)
	for f := range d.files {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error { d.meet(ctx, f); return nil })
	}
	_ = g.Wait() // it has no error
	return ctx.Err()
}

// meet uploads one file and judges the answer.
func (d *drill) meet(ctx context.Context, f hostile.File) {
	timed, cancel := context.WithTimeout(ctx, d.deadline())
	defer cancel()
	began := time.Now()
	_, err := d.send(timed, f.Name, f.Bytes)
	a := answer{file: f.Name, kind: f.Kind, code: "taken", took: time.Since(began)}
	var status *clicker.StatusError
	switch {
	case err == nil:
	case timed.Err() != nil:
		a.code, a.wrong = "hang", "not answered in time"
	case !errors.As(err, &status):
		a.code, a.wrong = "broken", err.Error()
	case status.Code >= http.StatusInternalServerError:
		a.code, a.wrong = fmt.Sprint(status.Code), err.Error()
	default:
		a.code = status.Kind
	}
	d.note(a)
}

func (d *drill) note(a answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers = append(d.answers, a)
	if d.verbose || a.wrong != "" {
		fmt.Fprintf(os.Stderr, "%-28s command=%-5t %-10s %6.2f s %s\n", a.file, a.command, a.code, a.took.Seconds(), a.wrong)
	}
}

// settled waits until every document that was taken waits for a person or is at
// its end, or the time for that is over: then the service is stopped in the
// middle of its work, which it must survive too.
func (d *drill) settled(ctx context.Context) error {
	began := time.Now()
	for _, id := range d.taken {
		for {
			seen, err := d.counter.Look(ctx, id)
			if err != nil {
				return fmt.Errorf("look at %s: %w", id, err)
			}
			if seen.State != dossier.Received && seen.State != dossier.Recognised && seen.State != dossier.Presented {
				break
			}
			if time.Since(began) > d.settle {
				d.atWork++
				break
			}
			wait(ctx, 200*time.Millisecond)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	d.lasted["settling"] = time.Since(began)
	return nil
}

// afterwards looks for what is left: of children while the service runs, of
// anything when it has stopped.
func (d *drill) afterwards(ctx context.Context) error {
	wait(ctx, time.Second)
	for _, p := range d.processes() {
		if d.atWork > 0 {
			break // they have work to do
		}
		if p.child != "" && p.child != "ocr" && p.child != "taster" { // these stay warm
			d.after = append(d.after, fmt.Sprintf("a child is left: %s", p.child))
		}
	}
	if err := d.house.Stop(); err != nil {
		return err
	}
	wait(ctx, 300*time.Millisecond)
	d.leftovers(filepath.Join(d.house.Data, "tmp"))
	for _, p := range d.processes() {
		d.after = append(d.after, fmt.Sprintf("process %d is left when the service has stopped: %s %s", p.pid, p.name, p.child))
	}
	d.leftovers(d.temp)
	log, err := os.ReadFile(d.house.Log)
	for line := range bytes.Lines(log) {
		if bytes.Contains(line, []byte("panic")) || bytes.Contains(line, []byte("page failed")) {
			d.after = append(d.after, "in the log: "+strings.TrimSpace(string(line[:min(len(line), 300)])))
		}
	}
	return err
}

func (d *drill) leftovers(dir string) {
	left, _ := os.ReadDir(dir)
	for _, e := range left {
		d.after = append(d.after, "a temporary file is left: "+filepath.Join(filepath.Base(dir), e.Name()))
	}
}

func wait(ctx context.Context, t time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(t):
	}
}
