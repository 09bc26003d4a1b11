// Package crew starts worker processes of this program beside it, for benches that measure a
// house of several. A house itself never starts one: that is what systemd and its like are for.
package crew

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// A Worker is a process with the role worker.
type Worker struct {
	Figures string // where its figures are (http://…/metrics)

	cmd *exec.Cmd
}

// Start starts this program as a worker with so many readers, with a data directory of its own
// and the settings of the environment, and waits until it says where its figures are. It dies
// with whoever started it.
func Start(data string, readers int) (*Worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "serve", "--role", "worker", "--data", data, "--addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOHOA_READERS=%d", readers), "SOHOA_METRICS_ADDR=127.0.0.1:0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	w := &Worker{cmd: cmd}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "figures for Prometheus: "); ok {
			w.Figures = at
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return w, nil
		}
	}
	return nil, errors.Join(errors.New("a worker ended before it said where its figures are: start one with `sohoa serve --role worker` to see why"), cmd.Wait())
}

// PID is its process id.
func (w *Worker) PID() int { return w.cmd.Process.Pid }

// Leave tells it to end, as an operator would (SIGTERM).
func (w *Worker) Leave() { _ = w.cmd.Process.Signal(syscall.SIGTERM) }

// Wait waits for its end, after Leave. Its error says that it ended badly.
func (w *Worker) Wait() error { return w.cmd.Wait() }
