package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// processAll has `sohoa process` meet every file.
func (d *drill) processAll(ctx context.Context) error {
	began := time.Now()
	dir, err := os.MkdirTemp(filepath.Dir(d.temp), "files-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var g errgroup.Group
	g.SetLimit(2)
	for f := range d.files {
		path := filepath.Join(dir, f.Name)
		if err := os.WriteFile(path, f.Bytes, 0o600); err != nil {
			return err
		}
		g.Go(func() error {
			a := d.process(ctx, path)
			a.file, a.kind, a.command = f.Name, f.Kind, true
			d.note(a)
			return os.Remove(path)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	d.lasted["commands"] = time.Since(began)
	wait(ctx, 300*time.Millisecond)
	for _, p := range d.processes() {
		d.after = append(d.after, fmt.Sprintf("process %d is left by a command: %s %s", p.pid, p.name, p.child))
	}
	d.leftovers(d.temp)
	return ctx.Err()
}

// codes are the exit codes that are answers.
var codes = map[int]string{0: "made", 3: "damaged", 4: "encrypted", 5: "signed", 6: "kind", 7: "limit", 8: "own check"}

// process runs one command. It has time for every page that can be read, twice.
func (d *drill) process(ctx context.Context, path string) answer {
	timed, cancel := context.WithTimeout(ctx, 6*d.deadline())
	defer cancel()
	out := path + ".out.pdf"
	defer os.Remove(out)
	cmd := exec.CommandContext(timed, d.program, "process", path, "-o", out)
	cmd.Env = append(os.Environ(), d.env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	err := cmd.Run()
	a := answer{took: time.Since(began)}
	var exit *exec.ExitError
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = -2
	}
	a.code = codes[code]
	_, made := os.Stat(out)
	switch {
	case timed.Err() != nil:
		a.code, a.wrong = "hang", "not answered in time"
	case a.code == "" || a.code == "own check":
		a.wrong = fmt.Sprintf("exit code %d: %.300s", code, said.String())
	case code != 0 && !strings.Contains(said.String(), "what to do:"):
		a.wrong = fmt.Sprintf("no advice: %.300s", said.String())
	case code != 0 && made == nil:
		a.wrong = "a refused file has an output"
	}
	return a
}

// A left is a process of the drill's program, or below one.
type left struct {
	pid         int
	name, child string
}

// processes are those that run the drill's own copy of the program, and those of
// poppler that its children started: they have its folder in their environment.
func (d *drill) processes() (all []left) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		env, _ := os.ReadFile(filepath.Join(dir, "environ"))
		exe, _ := os.Readlink(filepath.Join(dir, "exe"))
		if pid == os.Getpid() || !strings.HasPrefix(exe, d.program) && !bytes.Contains(env, []byte("TMPDIR="+d.temp)) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		args := strings.Split(string(line), "\x00")
		p := left{pid: pid, name: filepath.Base(exe)}
		if len(args) > 2 && args[1] == "jail-child" {
			p.child = args[2]
		} else if exe != d.program {
			p.child = p.name
		}
		all = append(all, p)
	}
	return all
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
