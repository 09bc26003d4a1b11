package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// timed returns the processor seconds that do took, in this process and in its
// children, which must have ended when it returns.
func timed(do func() error) (float64, error) {
	before := processorTime()
	err := do()
	return processorTime() - before, err
}

func processorTime() float64 {
	sum := 0.0
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		sum += usage(who).Seconds()
	}
	return sum
}

// usage is the processor time of this process or of its children that ended.
func usage(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A watch looks at a process and all below it, every few milliseconds.
type watch struct {
	stop, done chan struct{}
	largest    map[string]int // the most that one process of a name was ever resident, kB
	together   int            // the most that all were at once, shared pages counted for each
}

func watching(pid int) *watch {
	w := &watch{stop: make(chan struct{}), done: make(chan struct{}), largest: map[string]int{}}
	go func() {
		defer close(w.done)
		for {
			sum := 0
			w.look(pid, &sum)
			w.together = max(w.together, sum)
			select {
			case <-w.stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return w
}

func (w *watch) end() {
	close(w.stop)
	<-w.done
}

// look adds what a process and those below it have.
func (w *watch) look(pid int, sum *int) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return // it has ended
	}
	now, peak := 0, 0
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		f := strings.Fields(value)
		switch name {
		case "VmRSS":
			now, _ = strconv.Atoi(f[0])
		case "VmHWM":
			peak, _ = strconv.Atoi(f[0])
		}
	}
	name := nameOf(dir)
	w.largest[name] = max(w.largest[name], peak)
	*sum += now
	kids, _ := filepath.Glob(filepath.Join(dir, "task", "*", "children"))
	for _, k := range kids {
		b, _ := os.ReadFile(k)
		for _, f := range strings.Fields(string(b)) {
			if kid, err := strconv.Atoi(f); err == nil {
				w.look(kid, sum)
			}
		}
	}
}

// nameOf is what a process is called: a child of ours by its child's name.
func nameOf(dir string) string {
	b, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
	args := strings.Split(string(b), "\x00")
	if len(args) > 2 && args[1] == "jail-child" {
		return args[2]
	}
	return filepath.Base(args[0])
}
