package jail

// #include "walls.h"
import "C"

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Walls are what the kernel of this machine lets us put around a child besides
// its caps. A child starts with what there is.
type Walls struct {
	NoPrivileges bool `json:"noPrivileges"` // nothing it starts can have more rights than it
	NoNetwork    bool `json:"noNetwork"`    // a network namespace without an interface
	Calls        bool `json:"calls"`        // a filter refuses system calls that no parser needs, sockets and ptrace among them
	Files        bool `json:"files"`        // Landlock: a confined child opens only the system's files and what its arguments name
	Signals      bool `json:"signals"`      // Landlock: it can signal its own kind alone
	Capabilities bool `json:"capabilities"` // started by root, it has laid down root's powers; true too if not root
}

// Missing names what this kernel does not give, in English; empty if nothing.
func (w Walls) Missing() string {
	var out []string
	for _, x := range []struct {
		there bool
		what  string
	}{
		{w.NoPrivileges, "no new privileges"}, {w.NoNetwork, "network namespaces"}, {w.Calls, "filter of system calls (seccomp)"},
		{w.Files, "confinement of files (Landlock)"}, {w.Signals, "confinement of signals (Landlock 6)"}, {w.Capabilities, "laying down root's capabilities"},
	} {
		if !x.there {
			out = append(out, x.what)
		}
	}
	return strings.Join(out, ", ")
}

// wallsName is the child that tries the walls from within.
const wallsName = "jail-walls"

// Standing starts a child that tries its walls from within and reports which of
// them hold on this machine. It believes no flag: each is run against.
func Standing(ctx context.Context) (Walls, error) {
	var w Walls
	var out strings.Builder
	secret, err := os.CreateTemp("", "outside-*")
	if err != nil {
		return w, err
	}
	defer os.Remove(secret.Name())
	defer secret.Close()
	err = Run(ctx, wallsName, Limits{Confined: true, Alone: true, File: 1}, strings.NewReader(secret.Name()), &out)
	if err == nil {
		err = json.Unmarshal([]byte(out.String()), &w)
	}
	if err != nil {
		return w, fmt.Errorf("try the walls of a child: %w", err)
	}
	w.NoNetwork = Isolated()
	return w, nil
}

// tryWalls is the child of [Standing]. In comes the path of a file that it may
// not open.
func tryWalls(_ []string, in io.Reader, out io.Writer) error {
	path, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	put := int(C.sohoa_walls)
	w := Walls{NoPrivileges: put&C.WALL_NOPRIVS != 0, Capabilities: put&C.WALL_CAPS != 0 || os.Geteuid() != 0}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.Close(fd)
	}
	w.Calls = errors.Is(err, syscall.EPERM) && errors.Is(exec.Command("/bin/true").Run(), syscall.EPERM) &&
		errors.Is(syscall.PtraceAttach(os.Getppid()), syscall.EPERM)
	f, err := os.Open(string(path))
	if err == nil {
		f.Close()
	}
	w.Files = errors.Is(err, os.ErrPermission)
	w.Signals = put&C.WALL_SIGNALS != 0 && errors.Is(syscall.Kill(os.Getppid(), 0), syscall.EPERM)
	return json.NewEncoder(out).Encode(w)
}

// within reports whether this process is a child itself: what it starts stays in
// its group and among its walls.
func within() bool { return C.sohoa_walls&C.WALL_INSIDE != 0 }
