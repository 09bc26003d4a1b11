package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"sohoa/signing"
	"sohoa/signing/keys"
)

// exitSome says that of many files some were not signed; each has its line.
const exitSome = 13

// manyArgs order many signatures in one act.
type manyArgs struct {
	outDir string
	json   bool
	atOnce int
	files  []string
}

func (m *manyArgs) flags(set *flag.FlagSet) {
	set.StringVar(&m.outDir, "out-dir", "", "sign many files into this directory, under their names")
	set.BoolVar(&m.json, "json", false, "with --out-dir: print each outcome as a line of JSON")
	set.IntVar(&m.atOnce, "jobs", 2, "with --out-dir: files at once")
}

// complete reports whether everything is said that its kind of order needs, and
// settles what follows.
func (a *signArgs) complete(files []string) bool {
	a.files = files
	switch {
	case a.outDir != "":
		if a.journal == "" {
			a.journal = filepath.Join(a.outDir, "journal")
		}
		return len(files) > 0 && a.out == "" && a.prepare == "" && a.finish == "" && a.key != "" && a.atOnce > 0
	case a.prepare != "":
		if a.journal == "" {
			a.journal = a.prepare + ".journal"
		}
		return len(files) == 1 && a.out == "" && a.finish == "" && a.key == "" && len(a.certificates) > 0
	}
	if a.journal == "" {
		a.journal = a.out + ".journal"
	}
	return len(files) == 1 && a.out != "" && a.key != ""
}

// An outcome is what became of one file of many.
type outcome struct {
	File    string `json:"file"`
	Out     string `json:"out,omitempty"`
	Outcome string `json:"outcome"`           // signed, present or failed
	Verdict string `json:"verdict,omitempty"` // of the new signature
	Code    string `json:"code,omitempty"`    // why it failed: of a refusal, else empty
	Error   string `json:"error,omitempty"`
	Exit    int    `json:"exit"` // what the program would have ended with for this file alone
}

// someError ends the program when some of many failed.
type someError struct{ failed, all int }

func (e *someError) Error() string {
	return fmt.Sprintf("%d of %d files were not signed; their lines say why", e.failed, e.all)
}

// many signs many files with a key that is opened once. A failure costs its file
// and no other; what stands in the directory already is left as it is, so that
// running again does what is missing.
func (a *signArgs) many(ctx context.Context, getenv func(string) string, stdout, stderr io.Writer) error {
	seen := map[string]bool{}
	for _, f := range a.files {
		if name := filepath.Base(f); seen[name] {
			return usage("two files are called %s", name)
		} else {
			seen[name] = true
		}
	}
	if err := os.MkdirAll(a.outDir, 0o755); err != nil {
		return usage("%v", err)
	}
	held, err := a.open(ctx, getenv)
	if err != nil {
		return err
	}
	defer held.Close()
	a.request.Key = held.Key
	sealer, err := a.sealer(ctx, getenv)
	if err != nil {
		return err
	}
	t := &tally{all: len(a.files), json: a.json, stdout: stdout, stderr: stderr}
	var g errgroup.Group
	g.SetLimit(a.atOnce)
	for _, f := range a.files {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			one := *a
			one.in, one.out, one.request.Subject = f, filepath.Join(a.outDir, filepath.Base(f)), filepath.Base(f)
			return t.add(one.oneOf(ctx, sealer))
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return err
	}
	if t.failed > 0 {
		return &someError{t.failed, t.all}
	}
	return nil
}

// oneOf signs one of many.
func (a *signArgs) oneOf(ctx context.Context, sealer *signing.Sealer) outcome {
	o := outcome{File: a.in, Out: a.out, Outcome: "signed"}
	made, err := a.present()
	if err == nil && made {
		o.Outcome = "present"
		return o
	}
	if err == nil {
		err = a.oneSigned(ctx, sealer, &o)
	}
	if err == nil {
		return o
	}
	o.Outcome, o.Out, o.Error, o.Exit = "failed", "", err.Error(), exitCode(ctx, err)
	var r *keys.Refusal
	if errors.As(err, &r) {
		o.Code = r.Code
	}
	return o
}

func (a *signArgs) oneSigned(ctx context.Context, sealer *signing.Sealer, o *outcome) error {
	had, err := a.look(ctx)
	if err != nil {
		return err
	}
	report, err := a.write(ctx, sealer, had)
	if err == nil {
		o.Verdict = string(report.Signatures[len(report.Signatures)-1].Verdict)
	}
	return err
}

// present reports whether the output is there already: the input, and more
// after it. Anything else of that name is not overwritten.
func (a *signArgs) present() (bool, error) {
	out, err := os.Open(a.out)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	defer out.Close()
	in, err := os.Open(a.in)
	if err != nil {
		return false, usage("%v", err)
	}
	defer in.Close()
	same, err := begins(out, in)
	if err == nil && !same {
		err = usage("%s is there and is no signed form of %s", a.out, a.in)
	}
	return same, err
}

// begins reports whether long begins with all of short, and goes on.
func begins(long, short io.Reader) (bool, error) {
	a, b := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(short, b)
		m, other := io.ReadFull(long, a[:n])
		if m != n || !bytes.Equal(a[:m], b[:n]) {
			return false, nil
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			more, _ := long.Read(a[:1])
			return more == 1, nil
		}
		if err = errors.Join(err, other); err != nil {
			return false, err
		}
	}
}

// A tally prints outcomes as they come and counts them.
type tally struct {
	mu                sync.Mutex
	all, done, failed int
	json              bool
	stdout, stderr    io.Writer
}

func (t *tally) add(o outcome) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	if o.Outcome == "failed" {
		t.failed++
	}
	if t.done%25 == 0 || t.done == t.all {
		fmt.Fprintf(t.stderr, "%d/%d, %d failed\n", t.done, t.all, t.failed)
	}
	if t.json {
		line, err := json.Marshal(o)
		if err == nil {
			_, err = t.stdout.Write(append(line, '\n'))
		}
		return err
	}
	text := fmt.Sprintf("%s: %s %s", o.File, o.Outcome, o.Verdict)
	if o.Error != "" {
		text = fmt.Sprintf("%s: %s: %s", o.File, o.Outcome, o.Error)
	}
	_, err := fmt.Fprintln(t.stdout, text)
	return err
}
