// Package verapdf asks veraPDF, the reference validator of PDF/A, what it
// thinks of files. It is the second judge of what we write (pdfa.Check is the
// first), and the judge of our judge in tests and benches.
//
// veraPDF is a Java program that is not part of this house: it is run in a
// limited child, and only its words are read.
package verapdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa/jail"
)

// ErrMissing: there is no veraPDF where one was asked for, or it does not start.
var ErrMissing = errors.New("veraPDF is not to be had")

// ErrSilent: veraPDF ended without a word on a file it was given.
var ErrSilent = errors.New("veraPDF gave no verdict")

// Claimed is the flavour that each file claims in its metadata.
const Claimed = "0"

// A Verdict is what veraPDF says of one file.
type Verdict struct {
	Pass    bool
	Flavour string   // it was judged by: 2u, 2a, 2b …
	Broken  []string // clauses and test numbers, as "6.2.4.3-2"; sorted
}

// A Judge is a veraPDF at hand.
type Judge struct {
	command string
	limits  jail.Limits
}

// The caps of one run. Java keeps far more memory than it uses; its heap has a
// cap of its own within. The clock is long since a judge may wait for a core.
var limits = jail.Limits{Memory: 4 << 30, CPU: 300 * time.Second, Wall: 600 * time.Second, File: 64 << 20}

// javaOptions keep a run small: a short life on one core.
const javaOptions = "JAVA_TOOL_OPTIONS=-Xmx1g -XX:+UseSerialGC -XX:ActiveProcessorCount=1"

// Find returns the judge behind a command: a path, or a name to be looked for
// ("verapdf"). It is started once, so that a judge that cannot judge is known
// before there is anything to be judged; errors wrap [ErrMissing].
func Find(ctx context.Context, command string) (*Judge, error) {
	if strings.Contains(command, "/") {
		abs, err := filepath.Abs(command)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMissing, err)
		}
		command = abs
	}
	j := &Judge{command, limits}
	var said bytes.Buffer
	if err := j.run(ctx, &said, "--version"); err != nil {
		return nil, fmt.Errorf("%w: %s --version: %w; install it (docs.verapdf.org/install) or give its path", ErrMissing, command, err)
	}
	if !strings.Contains(said.String(), "veraPDF") {
		return nil, fmt.Errorf("%w: %s is another program", ErrMissing, command)
	}
	return j, nil
}

// run runs the command with what it says limited.
func (j *Judge) run(ctx context.Context, out io.Writer, args ...string) error {
	return jail.Tool(ctx, j.limits, nil, out, "env", append([]string{javaOptions, j.command}, args...)...)
}

// File judges one file by what it claims to be. It returns a verdict, or an
// error that wraps [ErrSilent] and how the judge ended.
func (j *Judge) File(ctx context.Context, path string) (Verdict, error) {
	all, err := j.Files(ctx, Claimed, path)
	if err != nil {
		return Verdict{}, err
	}
	return all[path], nil
}

// most is how many files one run judges: its clock is for so many.
const most = 250

// Files judges files by a flavour ("2u", or [Claimed]) in as few runs as may be,
// and returns the verdict on each by its path. That it says no is no error.
func (j *Judge) Files(ctx context.Context, flavour string, paths ...string) (map[string]Verdict, error) {
	all := map[string]Verdict{}
	var errs []error
	for some := range slices.Chunk(paths, most) {
		var out bytes.Buffer
		ended := j.run(ctx, &out, append([]string{"--format", "text", "-v", "-f", flavour}, some...)...)
		maps.Copy(all, Read(out.String()))
		for _, p := range some {
			if _, ok := all[p]; !ok {
				errs = append(errs, fmt.Errorf("%w on %s", ErrSilent, filepath.Base(p)), ended, ctx.Err())
				break
			}
		}
	}
	return all, errors.Join(errs...)
}

// Held judges the file that f is, by its name, as the second judge of the house:
// nil if it is a PDF/A-2, else an error with the clauses it breaks.
func (j *Judge) Held(ctx context.Context, f *os.File) error {
	path, err := filepath.Abs(f.Name())
	if err != nil {
		return err
	}
	v, err := j.File(ctx, path)
	switch {
	case err != nil:
		return err
	case !v.Pass || !strings.HasPrefix(v.Flavour, "2"):
		return &Refused{v}
	}
	return nil
}

// Refused is the error of a file that veraPDF does not pass.
type Refused struct{ Verdict }

func (r *Refused) Error() string {
	return fmt.Sprintf("veraPDF says that it is no PDF/A-2 (judged as %s): %s", r.Flavour, strings.Join(r.Broken, ", "))
}

// Read reads the verdicts in veraPDF's words (--format text -v): a line for each
// file, "PASS path flavour" or "FAIL path flavour", and below it one for each
// broken clause.
func Read(said string) map[string]Verdict {
	all := map[string]Verdict{}
	path := ""
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\n")
		if clause, ok := strings.CutPrefix(line, "  FAIL "); ok && path != "" {
			v := all[path]
			if !slices.Contains(v.Broken, clause) {
				v.Broken = append(v.Broken, clause)
				slices.Sort(v.Broken)
			}
			all[path] = v
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		at := strings.LastIndexByte(rest, ' ')
		if path = ""; at < 0 || word != "PASS" && word != "FAIL" {
			continue
		}
		path = rest[:at]
		all[path] = Verdict{Pass: word == "PASS", Flavour: rest[at+1:]}
	}
	return all
}
