// Package jail runs what meets outside bytes in a limited child process: this
// very program, started again under a child's name, with caps on memory, CPU
// time, wall time, file size and output, behind [Walls] as far as the kernel
// has them (no network, no sockets, no other processes, no files but its own),
// and gone with all it started when its parent is gone. The worst a hostile file
// can do is end its own child, which the parent sees as a typed error.
//
// A program that uses jail calls [Main] first thing in main (and in TestMain).
package jail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The ways in which a child ends that are not its own words.
var (
	ErrTime   = errors.New("time limit reached")
	ErrMemory = errors.New("memory limit reached")
	ErrCrash  = errors.New("child crashed")
	ErrOutput = errors.New("output limit reached")
)

// A Refusal is an error in the child's own words. It crosses to the parent as
// it is; rooms name their codes.
type Refusal struct {
	Code string `json:"code"`
	Text string `json:"text"`           // English, without personal data
	Page int    `json:"page,omitempty"` // from 1; 0 if no page is meant
}

func (r *Refusal) Error() string {
	if r.Page > 0 {
		return fmt.Sprintf("page %d: %s", r.Page, r.Text)
	}
	return r.Text
}

// Limits are a child's caps. A zero field means no cap of that kind.
type Limits struct {
	Memory int64         // bytes of writable private memory
	CPU    time.Duration // whole seconds
	Wall   time.Duration
	File   int64 // bytes of the largest file the child may write

	// Output is how many bytes the child may say in all. One that says more is
	// ended: ErrOutput.
	Output int64

	// Confined: of files the child opens only the system's programs, libraries
	// and fonts, and for reading what its arguments name (a file, or a folder
	// with all in it). If it may write files (File > 1), it has a temporary
	// directory of its own, which is gone when it is.
	Confined bool

	// Folders: in its temporary directory a confined child may make folders too. It may
	// have sockets of this machine that are bound to nothing and connected to nobody:
	// LibreOffice does not start without.
	Folders bool

	// Writes names a file that is there and that a confined child may write, ""
	// if none.
	Writes string

	// Alone: the child starts no process, and signals none.
	Alone bool

	Network bool // the child may use it: for one that meets no outside bytes, such as the keeper of a token
}

// walls words what walls.c puts up.
func (l Limits) walls() string {
	w := "-"
	for _, x := range []struct {
		on   bool
		flag string
	}{{l.Network, "n"}, {l.Confined, "c"}, {l.Alone, "a"}, {l.hasTemp(), "t"}, {l.hasTemp() && l.Folders, "f"}} {
		if x.on {
			w += x.flag
		}
	}
	return w
}

func (l Limits) hasTemp() bool { return l.Confined && l.File > 1 }

// A Child is what a child process does: read in, write out. An error that is a
// [*Refusal] reaches the parent as such, any other as ErrCrash with its text.
type Child func(args []string, in io.Reader, out io.Writer) error

// arg0 marks a command line as a child's.
const arg0 = "jail-child"

// Main runs a child and exits, if this process was started as one; else it
// returns. The map names the program's children.
func Main(children map[string]Child) {
	if len(os.Args) < 7 || os.Args[1] != arg0 {
		return
	}
	name, args := os.Args[2], os.Args[7:] // 6 is for walls.c, which has read it
	limitSelf(os.Args[3], os.Args[4], os.Args[5])
	if name == "exec" {
		err := syscall.Exec(args[0], args, os.Environ())
		leave(fmt.Errorf("exec %s: %w", args[0], err))
	}
	child, ok := children[name]
	if name == wallsName {
		child, ok = tryWalls, true
	}
	if !ok {
		leave(fmt.Errorf("no child is called %q", name))
	}
	leave(child(args, os.Stdin, os.Stdout))
}

// exitCPU is how a child ends that has used up its CPU time.
const exitCPU = 128 + int(syscall.SIGXCPU)

// leave ends a child, telling the parent why on descriptor 3: descriptor 2 is
// not safe, libraries swap it.
func leave(err error) {
	if err == nil {
		os.Exit(0)
	}
	var r *Refusal
	if !errors.As(err, &r) {
		r = &Refusal{Text: err.Error()}
	}
	_ = json.NewEncoder(os.NewFile(3, "why")).Encode(r)
	os.Exit(1)
}

// Run runs the child called name to its end.
func Run(ctx context.Context, name string, l Limits, in io.Reader, out io.Writer, args ...string) error {
	p, err := prepare(ctx, name, l, args)
	if err != nil {
		return err
	}
	p.cmd.Stdin, p.cmd.Stdout = in, out
	if l.Output > 0 && out != nil {
		p.cmd.Stdout = &meter{p: p, w: out, left: l.Output}
	}
	if err := p.start(); err != nil {
		return err
	}
	return p.Wait()
}

// Tool runs an outside program under the same caps.
func Tool(ctx context.Context, l Limits, in io.Reader, out io.Writer, program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fmt.Errorf("%s is not installed: %w", program, err)
	}
	return Run(ctx, "exec", l, in, out, append([]string{path}, args...)...)
}

// A Process is a child that stays. In and Out are its ends of the pipes; it is
// expected to end when In is closed.
type Process struct {
	In  io.WriteCloser
	Out io.ReadCloser

	name   string
	cmd    *exec.Cmd
	ctx    context.Context
	cancel context.CancelFunc
	why    *os.File // read end
	whyW   *os.File
	said   bytes.Buffer
	stderr tail
	over   atomic.Bool // it said more than it may
	temp   string      // its own directory, or empty
	waited sync.Once
	ended  error
}

// Start starts the child called name and leaves it running. Its wall cap, if
// any, counts from now. The caller must call Wait or Kill.
func Start(ctx context.Context, name string, l Limits, args ...string) (*Process, error) {
	p, err := prepare(ctx, name, l, args)
	if err != nil {
		return nil, err
	}
	if p.In, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.Out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	widen(p.In, wide)
	widen(p.Out, wide)
	if l.Output > 0 {
		p.Out = &meter{p: p, r: p.Out, left: l.Output}
	}
	if err := p.start(); err != nil {
		return nil, err
	}
	return p, nil
}

// PID returns the process number of the child.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the child at once and reaps it.
func (p *Process) Kill() {
	p.cancel()
	_ = p.Wait()
}

// Wait waits for the child to end and says why it did. It may be called twice.
// What the child started and left behind is ended with it.
func (p *Process) Wait() error {
	p.waited.Do(func() {
		said := make(chan struct{})
		go func() {
			defer close(said)
			_, _ = io.Copy(&p.said, io.LimitReader(p.why, maxWords))
			_, _ = io.Copy(io.Discard, p.why)
		}()
		exited(p.PID())
		p.killGroup()
		err := p.cmd.Wait()
		<-said
		p.ended = p.verdict(err)
		tallied(p.name, func(t *Tally) {
			t.Ended[endingOf(p.ended)]++
			if s := p.cmd.ProcessState; s != nil {
				t.CPU += s.UserTime() + s.SystemTime()
			}
		})
		p.cancel()
		p.why.Close()
		p.tidy()
	})
	return p.ended
}

// maxWords bounds what a child says of why it ends, in bytes.
const maxWords = 1 << 20

func (p *Process) tidy() {
	if p.temp != "" {
		_ = os.RemoveAll(p.temp) // what is left of a directory that nobody uses
	}
}

func prepare(ctx context.Context, name string, l Limits, args []string) (*Process, error) {
	self, err := program()
	if err != nil {
		return nil, err
	}
	p := &Process{name: name}
	if l.Wall > 0 {
		p.ctx, p.cancel = context.WithTimeout(ctx, l.Wall)
	} else {
		p.ctx, p.cancel = context.WithCancel(ctx)
	}
	argv := append([]string{arg0, name, fmt.Sprint(l.Memory), fmt.Sprint(int64(l.CPU / time.Second)), fmt.Sprint(l.File), l.walls()}, args...)
	p.cmd = exec.CommandContext(p.ctx, self, argv...)
	p.cmd.Cancel = func() error { p.killGroup(); return p.cmd.Process.Kill() }
	if l.hasTemp() {
		if p.temp, err = os.MkdirTemp("", "jail-*"); err != nil {
			p.cancel()
			return nil, fmt.Errorf("a directory for a child: %w", err)
		}
	}
	p.cmd.Env = environment(p.temp)
	if l.Writes != "" {
		p.cmd.Env = append(p.cmd.Env, "SOHOA_JAIL_WRITES="+l.Writes)
	}
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = 2 * time.Second
	p.cmd.SysProcAttr = isolation(l.Network)
	return p, nil
}

func (p *Process) start() (err error) {
	if p.why, p.whyW, err = os.Pipe(); err != nil {
		p.cancel()
		p.tidy()
		return err
	}
	p.cmd.ExtraFiles = []*os.File{p.whyW}
	err = p.cmd.Start()
	p.whyW.Close()
	if err != nil {
		p.why.Close()
		p.cancel()
		p.tidy()
		return err
	}
	tallied(p.name, func(t *Tally) { t.Started++ })
	return nil
}

// environment is what a child sees: nothing of the parent's secrets. Temp is its
// own directory if it has one.
func environment(temp string) []string {
	env := []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent", "OMP_THREAD_LIMIT=1"}
	if temp != "" {
		env = append(env, "TMPDIR="+temp)
	}
	for _, keep := range []string{"TESSDATA_PREFIX", "TMPDIR", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(keep); ok && (keep != "TMPDIR" || temp == "") {
			env = append(env, keep+"="+v)
		}
	}
	return env
}

func (p *Process) verdict(err error) error {
	if p.over.Load() {
		return ErrOutput
	}
	if err == nil {
		return nil
	}
	var r Refusal
	if json.Unmarshal(p.said.Bytes(), &r) == nil && r.Code != "" {
		return &r
	}
	if errors.Is(p.ctx.Err(), context.DeadlineExceeded) {
		return ErrTime
	}
	if p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	stderr := p.stderr.String()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			if ws.Signal() == syscall.SIGXCPU {
				return ErrTime
			}
			err = fmt.Errorf("signal %s", ws.Signal())
		}
	}
	if exit != nil && exit.ExitCode() == exitCPU {
		return ErrTime
	}
	if outOfMemory(stderr) || outOfMemory(r.Text) {
		return ErrMemory
	}
	return fmt.Errorf("%w: %w: %s %s", ErrCrash, err, r.Text, firstLine(stderr))
}

func outOfMemory(s string) bool {
	for _, sign := range []string{"out of memory", "cannot allocate memory", "bad_alloc", "Out of memory", "errno=12", "pthread_create failed"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	// Go's runtime may fall over a structure of its own that it got no memory for:
	// a fault on its own stack, in its own code, and not in a C library.
	return strings.Contains(s, "SIGSEGV: segmentation violation") && strings.Contains(s, "addr=0x0") &&
		strings.Contains(s, "\ngoroutine 0 ") && strings.Contains(s, "\nruntime.(*") && !strings.Contains(s, "cgo execution")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if len(line) > 200 {
		line = line[:200]
	}
	return line
}

// limitSelf sets the caps of this process, or exits: an unlimited child is no
// jail.
func limitSelf(memory, cpu, file string) {
	set := func(resource int, s string) { setLimit(resource, s, 0) }
	limitCPU(cpu)     // first: its goroutine needs a thread
	if !raceEnabled { // the race detector's shadow memory is larger than any cap
		set(syscall.RLIMIT_DATA, memory)
		if n, err := strconv.ParseInt(memory, 10, 62); err == nil && n > 0 {
			debug.SetMemoryLimit(n / 5 * 4) // rather collect garbage than die of it
		}
	}
	set(syscall.RLIMIT_FSIZE, file)
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}

// limitCPU caps CPU seconds. The kernel warns first and kills two seconds later;
// Go ignores the warning unless told, an outside program ends by it.
func limitCPU(seconds string) {
	warned := make(chan os.Signal, 1)
	signal.Notify(warned, syscall.SIGXCPU)
	go func() {
		<-warned
		os.Exit(exitCPU)
	}()
	setLimit(syscall.RLIMIT_CPU, seconds, 2)
}

// setLimit caps a resource at s, a number of which zero means no cap, with room
// for more above it that only the kernel's last word needs.
func setLimit(resource int, s string, more uint64) {
	n, err := strconv.ParseUint(s, 10, 62)
	if err == nil && n > 0 {
		err = syscall.Setrlimit(resource, &syscall.Rlimit{Cur: n, Max: n + more})
	}
	if err != nil {
		leave(fmt.Errorf("limit %d to %q: %w", resource, s, err))
	}
}

// A meter ends a child that says more than it may.
type meter struct {
	p    *Process
	w    io.Writer
	r    io.ReadCloser
	left int64
}

func (m *meter) take(n int) error {
	if m.left -= int64(n); m.left < 0 {
		m.p.over.Store(true)
		m.p.cancel()
		return ErrOutput
	}
	return nil
}

func (m *meter) Write(b []byte) (int, error) {
	if err := m.take(len(b)); err != nil {
		return 0, err
	}
	return m.w.Write(b)
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	if over := m.take(n); over != nil {
		return 0, over
	}
	return n, err
}

func (m *meter) Close() error { return m.r.Close() }

// tail keeps the first few kilobytes of what a child writes to its stderr.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := 8192 - len(t.b); room > 0 {
		t.b = append(t.b, b[:min(room, len(b))]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
