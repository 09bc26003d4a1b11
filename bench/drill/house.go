package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"sohoa/dossier"
)

// A house is the service under drill.
type house struct {
	program, data, addr, log string

	mu  sync.Mutex
	cmd *exec.Cmd
}

func (h *house) base() string { return "http://" + h.addr }

// start starts the service and waits until it answers.
func (h *house) start(ctx context.Context) error {
	log, err := os.OpenFile(h.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(h.program, "serve", "--data", h.data, "--addr", h.addr)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	h.mu.Lock()
	h.cmd = cmd
	h.mu.Unlock()
	for {
		res, err := http.Get(h.base() + "/healthz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the service did not answer: %w", ctx.Err()), h.lastWords())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// kill is kill -9.
func (h *house) kill() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd != nil {
		_ = h.cmd.Process.Kill()
		_ = h.cmd.Wait()
		h.cmd = nil
	}
}

func (h *house) restart(ctx context.Context) error {
	h.kill()
	return h.start(ctx)
}

// stop ends the service as an operator would.
func (h *house) stop() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := h.cmd.Wait()
	h.cmd = nil
	if err != nil {
		return fmt.Errorf("the service stopped badly: %w", err)
	}
	return nil
}

// lastWords are the end of the service's log.
func (h *house) lastWords() error {
	b, err := os.ReadFile(h.log)
	if err != nil {
		return err
	}
	lines := bytes.Split(b, []byte("\n"))
	return fmt.Errorf("its last words:\n%s", bytes.Join(lines[max(0, len(lines)-30):], []byte("\n")))
}

// logins are the first logins, as the service keeps them for its owner.
func (h *house) logins() (map[dossier.Role][2]string, error) {
	b, err := os.ReadFile(filepath.Join(h.data, "first-logins.json"))
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
