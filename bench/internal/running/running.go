// Package running runs the real service for drills, as a process of its own.
package running

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"sohoa/dossier"
)

// A House is the service under drill.
type House struct {
	Program string   // bin/sohoa
	Data    string   // its data directory
	Addr    string   // host:port of its pages; see [FreeAddress]
	Log     string   // file that takes what it says
	Env     []string // more of its environment

	mu  sync.Mutex
	cmd *exec.Cmd
	end chan error // how cmd ended, once
}

// Base is the address of its pages, as http://host:port.
func (h *House) Base() string { return "http://" + h.Addr }

// Start starts the service and waits until it answers. One that ends instead is
// an error with its last words.
func (h *House) Start(ctx context.Context) error {
	log, err := os.OpenFile(h.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(h.Program, "serve", "--data", h.Data, "--addr", h.Addr)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), h.Env...)
	if err := cmd.Start(); err != nil {
		return err
	}
	end := make(chan error, 1)
	go func() { end <- cmd.Wait() }()
	h.mu.Lock()
	h.cmd, h.end = cmd, end
	h.mu.Unlock()
	for {
		res, err := http.Get(h.Base() + "/healthz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-end:
			end <- err
			return errors.Join(fmt.Errorf("the service ended: %v", err), h.LastWords())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the service did not answer: %w", ctx.Err()), h.LastWords())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Kill is kill -9.
func (h *House) Kill() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd != nil {
		_ = h.cmd.Process.Kill()
		<-h.end
		h.cmd = nil
	}
}

// Restart is kill -9 and a new start.
func (h *House) Restart(ctx context.Context) error {
	h.Kill()
	return h.Start(ctx)
}

// Stop ends the service as an operator would.
func (h *House) Stop() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := <-h.end
	h.cmd = nil
	if err != nil {
		return fmt.Errorf("the service stopped badly: %w", err)
	}
	return nil
}

// LastWords are the end of the service's log.
func (h *House) LastWords() error {
	b, err := os.ReadFile(h.Log)
	if err != nil {
		return err
	}
	lines := bytes.Split(b, []byte("\n"))
	return fmt.Errorf("its last words:\n%s", bytes.Join(lines[max(0, len(lines)-30):], []byte("\n")))
}

// Logins are the first logins, as the service keeps them for its owner.
func (h *House) Logins() (map[dossier.Role][2]string, error) {
	b, err := os.ReadFile(filepath.Join(h.Data, "first-logins.json"))
	if err != nil {
		return nil, err
	}
	var list []struct {
		Role            dossier.Role
		Login, Password string
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, err
	}
	found := map[dossier.Role][2]string{}
	for _, l := range list {
		found[l.Role] = [2]string{l.Login, l.Password}
	}
	return found, nil
}

// PID is the number of its process, 0 if it does not run.
func (h *House) PID() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd == nil {
		return 0
	}
	return h.cmd.Process.Pid
}

// FreeAddress returns an address on this machine that nobody uses.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
