package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sohoa/signing/verify"
)

// spent runs a command to its end and returns what it cost, its children
// included: processor time, and the largest memory of any one of them.
func spent(cmd *exec.Cmd) (out []byte, cpu time.Duration, rss int64, err error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err = cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, 0, 0, err
	}
	if err != nil && exit.ExitCode() < 10 {
		return nil, 0, 0, fmt.Errorf("%w: %.2000s", err, stderr.String())
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return out, time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss << 10, nil
}

// oursAt measures the program at a path.
func oursAt(program string) func(context.Context, string, string, int) (cost, error) {
	return func(ctx context.Context, root, file string, rounds int) (c cost, err error) {
		for range 5 {
			m, err := peak(exec.CommandContext(ctx, program, "verify", "--trust", root, file))
			if err != nil {
				return c, fmt.Errorf("%w: run make build first", err)
			}
			c.coldM = max(c.coldM, m)
		}
		const colds = 5
		for range colds {
			out, cpu, _, err := spent(exec.CommandContext(ctx, program, "verify", "--json", "--trust", root, file))
			if err != nil {
				return c, err
			}
			c.cold += cpu / colds
			var said struct {
				Verdict    string
				Signatures []any
			}
			if err := json.Unmarshal(out, &said); err != nil {
				return c, err
			}
			c.says = fmt.Sprintf("%d %s", len(said.Signatures), said.Verdict)
		}
		b, err := os.ReadFile(root)
		if err != nil {
			return c, err
		}
		block, _ := pem.Decode(b)
		options, err := json.Marshal(verify.Options{Roots: [][]byte{block.Bytes}, At: time.Now()})
		if err != nil {
			return c, err
		}
		for range rounds {
			cpu, rss, err := oneChild(ctx, program, file, options)
			if err != nil {
				return c, err
			}
			c.warm += cpu / time.Duration(rounds)
			c.warmM = max(c.warmM, rss)
		}
		return c, nil
	}
}

// oneChild starts the child as [sohoa/jail] does, without network, under its
// caps. What starting costs the parent is in it: the fork is the child's time.
func oneChild(ctx context.Context, program, file string, options []byte) (time.Duration, int64, error) {
	why, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return 0, 0, err
	}
	defer why.Close()
	cmd := exec.CommandContext(ctx, program, "jail-child", "verify", fmt.Sprint(512<<20), "60", fmt.Sprint(1<<20), file)
	cmd.Stdin = bytes.NewReader(options)
	cmd.ExtraFiles = []*os.File{why}
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWNET
	}
	before := self()
	_, cpu, rss, err := spent(cmd)
	return cpu + self() - before, rss, err
}

// self is the processor time of this process so far.
func self() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail with this argument
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// said is what a peer's loop prints of itself: a line of JSON.
type said struct {
	Warm float64 `json:"warm"` // seconds of CPU for each file after the first
	RSS  int64   `json:"rss"`  // bytes
	Says string  `json:"says"`
}

// loop measures a peer's own program: once with one file, once with many.
func loop(cmd func(rounds int) *exec.Cmd, rounds int) (c cost, err error) {
	const colds = 3
	for range colds {
		_, cpu, _, err := spent(cmd(0))
		if err != nil {
			return c, err
		}
		c.cold += cpu / colds
	}
	if c.coldM, err = peak(cmd(0)); err != nil {
		return c, err
	}
	out, _, _, err := spent(cmd(rounds))
	if err != nil {
		return c, err
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var s said
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &s); err != nil {
		return c, fmt.Errorf("%w: %.500s", err, out)
	}
	c.warm, c.warmM, c.says = time.Duration(s.Warm*1e9), s.RSS, s.Says
	return c, nil
}

func pyHanko(ctx context.Context, root, file string, rounds int) (cost, error) {
	return loop(func(n int) *exec.Cmd {
		return exec.CommandContext(ctx, ".cache/pyhanko/bin/python", "bench/verify/pyhanko_loop.py", root, file, fmt.Sprint(n))
	}, rounds)
}

func dss(ctx context.Context, root, file string, rounds int) (cost, error) {
	jars := ".cache/dss-6.4/jars/*"
	classes := ".cache/dss-6.4/bench"
	if _, err := os.Stat(filepath.Join(classes, "Loop.class")); err != nil {
		if out, err := exec.CommandContext(ctx, "javac", "-cp", jars, "-d", classes, "bench/verify/Loop.java").CombinedOutput(); err != nil {
			return cost{}, fmt.Errorf("javac: %w: %s", err, out)
		}
	}
	return loop(func(n int) *exec.Cmd {
		return exec.CommandContext(ctx, "java", "-Xmx1g", "-cp", classes+":"+jars, "Loop", root, file, fmt.Sprint(n))
	}, rounds)
}
