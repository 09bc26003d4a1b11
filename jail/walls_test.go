package jail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// walled are the children of these tests.
var walled = map[string]Child{
	"open": func(args []string, in io.Reader, out io.Writer) error {
		path, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(string(path))
		if err != nil {
			return &Refusal{Code: "closed", Text: err.Error()}
		}
		_, err = out.Write(b)
		return err
	},
	"scribble": func(_ []string, _ io.Reader, out io.Writer) error {
		f, err := os.CreateTemp("", "left-*")
		if err != nil {
			return &Refusal{Code: "closed", Text: err.Error()}
		}
		_, err = fmt.Fprint(out, f.Name())
		return err
	},
	"overwrite": func(args []string, _ io.Reader, _ io.Writer) error {
		if err := os.WriteFile(args[0], []byte("other"), 0o600); err != nil {
			return &Refusal{Code: "closed", Text: err.Error()}
		}
		return nil
	},
	"spawn": func(args []string, _ io.Reader, out io.Writer) error {
		cmd := exec.Command("sleep", "1000")
		if err := cmd.Start(); err != nil {
			return &Refusal{Code: "alone", Text: err.Error()}
		}
		fmt.Fprintln(out, cmd.Process.Pid)
		if args[0] == "stay" {
			time.Sleep(time.Hour)
		}
		return nil
	},
	"nested": func(_ []string, _ io.Reader, out io.Writer) error {
		var said bytes.Buffer
		if err := Tool(context.Background(), Limits{Memory: 64 << 20, Confined: true}, nil, &said, "id", "-u"); err != nil {
			return err
		}
		_, err := out.Write(said.Bytes())
		return err
	},
	"signal": func([]string, io.Reader, io.Writer) error {
		if err := syscall.Kill(os.Getppid(), syscall.SIGCONT); err != nil {
			return &Refusal{Code: "no signal", Text: err.Error()}
		}
		return nil
	},
	"babble": func(_ []string, _ io.Reader, out io.Writer) error {
		for {
			if _, err := out.Write(make([]byte, 1000)); err != nil {
				return err
			}
		}
	},
	"files": func([]string, io.Reader, io.Writer) error {
		for i := range 1000 {
			if _, err := os.Open("/dev/null"); err != nil {
				return &Refusal{Code: "files", Text: strconv.Itoa(i)}
			}
		}
		return nil
	},
}

func standing(t *testing.T) Walls {
	t.Helper()
	w, err := Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func code(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

// What this kernel has, holds; what it lacks is said, and is no error.
func TestStanding(t *testing.T) {
	w := standing(t)
	if m := w.Missing(); m != "" {
		t.Logf("this kernel lacks: %s", m)
	}
	if !w.NoPrivileges || !w.Calls {
		t.Errorf("any kernel since 3.5 has these: %+v", w)
	}
}

func TestConfined(t *testing.T) {
	if !standing(t).Files {
		t.Skip("no Landlock here")
	}
	dir := t.TempDir()
	named, other := filepath.Join(dir, "named"), filepath.Join(dir, "other")
	for _, path := range []string{named, other} {
		if err := os.WriteFile(path, []byte(filepath.Base(path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := Limits{Confined: true, Alone: true, File: 1 << 20}
	var out bytes.Buffer
	if err := Run(t.Context(), "open", l, strings.NewReader(named), &out, named); err != nil || out.String() != "named" {
		t.Errorf("its own file: %q, %v", &out, err)
	}
	for _, path := range []string{other, "/etc/shadow", "/proc/" + strconv.Itoa(os.Getpid()) + "/environ", "/root/.profile"} {
		if err := Run(t.Context(), "open", l, strings.NewReader(path), io.Discard, named); code(err) != "closed" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := Run(t.Context(), "overwrite", l, nil, nil, named); code(err) != "closed" {
		t.Errorf("a child wrote over its input: %v", err)
	}
	if err := Tool(t.Context(), l, nil, io.Discard, "cat", named); err != nil {
		t.Errorf("a tool reads what it is given: %v", err)
	}
	if err := Tool(t.Context(), l, nil, io.Discard, "sh", "-c", "cat "+other); err == nil {
		t.Error("a tool read another file")
	}
}

func TestTemporaryDirectory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	if err := Run(t.Context(), "scribble", Limits{Confined: true, File: 1 << 20}, nil, &out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out.String()); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(out.String(), os.Getenv("TMPDIR")) {
		t.Errorf("%s: %v", &out, err)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAlone(t *testing.T) {
	if err := Run(t.Context(), "spawn", Limits{Alone: true}, nil, nil, "go"); code(err) != "alone" {
		t.Errorf("a child that is to be alone started another: %v", err)
	}
	if err := Tool(t.Context(), Limits{Alone: true}, nil, nil, "sh", "-c", "/bin/true; exit 0"); err == nil {
		t.Error("a tool that is to be alone started another")
	}
	if err := Tool(t.Context(), Limits{Alone: true}, nil, nil, "true"); err != nil {
		t.Error(err)
	}
	var out bytes.Buffer
	if err := Run(t.Context(), "nested", Limits{Confined: true, Memory: 512 << 20}, nil, &out); err != nil || strings.TrimSpace(out.String()) == "" {
		t.Errorf("a child's own tool: %q, %v", &out, err)
	}
}

func TestSignals(t *testing.T) {
	for _, l := range []Limits{{}, {Alone: true}} {
		if err := Run(t.Context(), "signal", l, nil, nil); code(err) != "no signal" {
			t.Errorf("%+v: a child signalled its parent: %v", l, err)
		}
	}
}

// What a child started goes with it: when it is killed, and when it ends and
// leaves something behind.
func TestGrandchildren(t *testing.T) {
	for _, how := range []string{"stay", "go"} {
		p, err := Start(t.Context(), "spawn", Limits{Confined: true}, how)
		if err != nil {
			t.Fatal(err)
		}
		var pid int
		if _, err := fmt.Fscan(p.Out, &pid); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if how == "stay" {
			p.Kill()
		} else if err := p.Wait(); err != nil {
			t.Error(err)
		}
		// Less than the two seconds that are waited for pipes that stay open; the
		// race detector alone takes one to leave.
		if took := time.Since(begun); took > 1800*time.Millisecond {
			t.Errorf("%s: it took %s", how, took)
		}
		for i := 0; ; i++ { // init must still reap it
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err != nil || bytes.Contains(b, []byte(") Z ")) {
				break
			}
			if i > 200 {
				t.Fatalf("%s: grandchild %d lives on: %s", how, pid, b)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func TestOutput(t *testing.T) {
	var out bytes.Buffer
	if err := Run(t.Context(), "babble", Limits{Output: 10_000, Wall: time.Minute}, nil, &out); !errors.Is(err, ErrOutput) || out.Len() > 10_000 {
		t.Errorf("Run: %d bytes, %v", out.Len(), err)
	}
	p, err := Start(t.Context(), "babble", Limits{Output: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, p.Out)
	if !errors.Is(err, ErrOutput) || n > 10_000 {
		t.Errorf("Start: %d bytes, %v", n, err)
	}
	if err := p.Wait(); !errors.Is(err, ErrOutput) {
		t.Errorf("Wait: %v", err)
	}
	if err := Run(t.Context(), "echo", Limits{Output: 4}, strings.NewReader("1234"), &out); err != nil {
		t.Errorf("just as much as it may: %v", err)
	}
}

func TestOpenFiles(t *testing.T) {
	if err := Run(t.Context(), "files", Limits{}, nil, nil); code(err) != "files" {
		t.Errorf("a thousand files open: %v", err)
	}
}

// A tool has the caps and walls of any child.
func TestToolCaps(t *testing.T) {
	if err := Tool(t.Context(), Limits{Memory: 64 << 20, Wall: time.Minute}, nil, nil, "sh", "-c", "x=$(head -c 100000000 /dev/zero | tr '\\0' a)"); err == nil {
		t.Error("a tool took more memory than it may")
	}
	file := filepath.Join(t.TempDir(), "f")
	if err := Tool(t.Context(), Limits{File: 4096}, nil, nil, "sh", "-c", "head -c 10000 /dev/zero > "+file); err == nil {
		t.Error("a tool wrote past its file cap")
	}
	if err := Tool(t.Context(), Limits{Confined: true}, nil, nil, "no-such-program"); err == nil {
		t.Error("no such program")
	}
}
