package jail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	children := map[string]Child{
		"echo": func(_ []string, in io.Reader, out io.Writer) error { _, err := io.Copy(out, in); return err },
		"refuse": func([]string, io.Reader, io.Writer) error {
			return &Refusal{Code: "blank", Text: "nothing on it", Page: 3}
		},
		"eat": eat,
		"spin": func([]string, io.Reader, io.Writer) error {
			for {
			}
		},
		"sleep": func([]string, io.Reader, io.Writer) error { time.Sleep(time.Hour); return nil },
		"segv":  segv,
		"env":   func(_ []string, _ io.Reader, out io.Writer) error { fmt.Fprint(out, os.Environ()); return nil },
		"dial":  dial,
		"write": func(args []string, _ io.Reader, _ io.Writer) error {
			return os.WriteFile(args[0], make([]byte, 1<<20), 0o600)
		},
	}
	maps.Copy(children, walled)
	Main(children)
	os.Exit(m.Run())
}

func segv([]string, io.Reader, io.Writer) error {
	if err := syscall.Kill(os.Getpid(), syscall.SIGSEGV); err != nil {
		return err
	}
	time.Sleep(time.Minute) // until it arrives
	return nil
}

func eat([]string, io.Reader, io.Writer) error {
	var kept [][]byte
	for range 1 << 12 {
		b := bytes.Repeat([]byte{1}, 1<<20)
		kept = append(kept, b)
	}
	return fmt.Errorf("ate %d MB", len(kept))
}

func dial([]string, io.Reader, io.Writer) error {
	_, err := net.Listen("tcp", "127.0.0.1:0") // no loopback is up in an empty namespace: connecting fails
	if err != nil {
		return &Refusal{Code: "no network", Text: err.Error()}
	}
	if _, err := net.Dial("tcp", "127.0.0.1:1"); errors.Is(err, syscall.ENETUNREACH) {
		return &Refusal{Code: "no network", Text: err.Error()}
	}
	return nil
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := Run(t.Context(), "echo", Limits{Memory: 256 << 20}, strings.NewReader("xin chào"), &out); err != nil || out.String() != "xin chào" {
		t.Fatalf("echo = %q, %v", &out, err)
	}
	var r *Refusal
	if err := Run(t.Context(), "refuse", Limits{}, nil, nil); !errors.As(err, &r) || r.Code != "blank" || r.Page != 3 {
		t.Errorf("refuse = %v", err)
	}
}

func TestCaps(t *testing.T) {
	for _, row := range []struct {
		child string
		l     Limits
		want  error
	}{
		{"eat", Limits{Memory: 256 << 20, Wall: time.Minute}, ErrMemory},
		{"spin", Limits{CPU: time.Second, Wall: time.Minute}, ErrTime},
		{"sleep", Limits{Wall: 200 * time.Millisecond}, ErrTime},
		{"segv", Limits{}, ErrCrash},
		{"no such child", Limits{}, ErrCrash},
	} {
		if raceEnabled && row.want == ErrMemory {
			continue // the cap is not set under the race detector
		}
		if err := Run(t.Context(), row.child, row.l, nil, nil); !errors.Is(err, row.want) {
			t.Errorf("%s = %v, want %v", row.child, err, row.want)
		}
	}
	// An outside program that spins ends the same way.
	if err := Tool(t.Context(), Limits{CPU: time.Second, Wall: time.Minute}, nil, nil, "sh", "-c", "while :; do :; done"); !errors.Is(err, ErrTime) {
		t.Errorf("a spinning tool = %v, want ErrTime", err)
	}
	file := t.TempDir() + "/large"
	if err := Run(t.Context(), "write", Limits{File: 4096}, nil, nil, file); err == nil {
		t.Error("a child wrote past its file cap")
	}
}

func TestSecretsStayOut(t *testing.T) {
	t.Setenv("SOHOA_SECRET", "hunter2")
	var out bytes.Buffer
	if err := Run(t.Context(), "env", Limits{}, nil, &out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hunter2") {
		t.Error("a child sees its parent's environment")
	}
}

func TestNetworkIsCut(t *testing.T) {
	if !Isolated() {
		t.Log("this kernel does not let us make network namespaces: children keep the network")
		return
	}
	var r *Refusal
	if err := Run(t.Context(), "dial", Limits{}, nil, nil); !errors.As(err, &r) {
		t.Errorf("a child reached the network: %v", err)
	}
}

func TestTool(t *testing.T) {
	var out bytes.Buffer
	if err := Tool(t.Context(), Limits{Memory: 256 << 20, Wall: time.Minute}, strings.NewReader("a\nb\n"), &out, "wc", "-l"); err != nil || strings.TrimSpace(out.String()) != "2" {
		t.Errorf("wc = %q, %v", &out, err)
	}
}

func TestKillLeavesNothing(t *testing.T) {
	p, err := Start(context.Background(), "sleep", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	pid := p.PID()
	p.Kill()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
}
