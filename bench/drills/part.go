package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// A part is a process of the house under drill: an engine or a role of Sohoa. It
// is started again whenever it ends by itself, as systemd would.
type part struct {
	name  string
	argv  []string
	env   []string
	log   string
	as    *syscall.Credential             // nil: who drills
	stdin bool                            // it ends with its standard input
	ready func(ctx context.Context) error // nil once it answers

	mu     sync.Mutex
	cmd    *exec.Cmd
	in     *os.File
	wanted bool
	begun  int           // how often it was started
	over   chan struct{} // closed when the process that runs has ended
}

const restartAfter = time.Second

// start starts it, keeps it, and waits until it answers.
func (p *part) start(ctx context.Context) error {
	p.mu.Lock()
	p.wanted = true
	p.mu.Unlock()
	if err := p.spawn(); err != nil {
		return err
	}
	return p.answers(ctx)
}

func (p *part) answers(ctx context.Context) error {
	for {
		err := p.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", p.name, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p *part) spawn() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.wanted || p.cmd != nil {
		return nil
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), p.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: p.as}
	if p.stdin {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer r.Close()
		cmd.Stdin, p.in = r, w
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd, p.over = cmd, make(chan struct{})
	p.begun++
	go p.mind(cmd, p.over)
	return nil
}

// mind waits for the end, and starts anew what should be there.
func (p *part) mind(cmd *exec.Cmd, over chan struct{}) {
	_ = cmd.Wait()
	p.mu.Lock()
	p.cmd = nil
	if p.in != nil {
		p.in.Close()
		p.in = nil
	}
	p.mu.Unlock()
	close(over)
	for {
		time.Sleep(restartAfter)
		p.mu.Lock()
		again := p.wanted && p.cmd == nil
		p.mu.Unlock()
		if !again {
			return
		}
		if p.spawn() == nil {
			return
		}
	}
}

// kill is kill -9, of the process alone: what it started has to go by itself.
// stay says that nobody starts it again.
func (p *part) kill(stay bool) {
	p.mu.Lock()
	p.wanted = !stay
	cmd, over := p.cmd, p.over
	p.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill()
		<-over
	}
}

// stop ends it as an operator would.
func (p *part) stop(signal syscall.Signal) error {
	p.mu.Lock()
	p.wanted = false
	cmd, over := p.cmd, p.over
	p.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-over:
		return nil
	case <-time.After(30 * time.Second):
		p.kill(true)
		return fmt.Errorf("%s did not end within 30 s", p.name)
	}
}

func (p *part) starts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun
}
