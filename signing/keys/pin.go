package keys

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"sohoa/pattern"
)

// Errors callers tell apart with [errors.Is].
var (
	// ErrOpen: the file of a password or PIN may be read by others.
	ErrOpen = errors.New("password file may be read by others")

	// ErrPIN: there is no PIN or password, or it is wrong.
	ErrPIN = errors.New("PIN or password")
)

// A PIN gives the PIN or password of a key whenever that is opened. Who asked
// overwrites what it got.
type PIN func() ([]byte, error)

// maxPIN is the most bytes of a PIN file.
const maxPIN = 4 << 10

// FromFile reads the file at path, which must be its owner's alone (0600), the
// owner being this process's user or root. A line end at its end does not count.
func FromFile(path string) PIN {
	return func() ([]byte, error) { return secretIn(path, 0o077, true) }
}

var credentials = pattern.Late(`^[A-Za-z0-9_.@-]{1,255}$`)

// FromCredential reads a credential in the directory that systemd names in
// $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=). It may be readable
// by a group: so does systemd show an access list.
func FromCredential(dir, name string) PIN {
	return func() ([]byte, error) {
		if dir == "" || !credentials().MatchString(name) || strings.HasPrefix(name, ".") {
			return nil, fmt.Errorf("%w: there is no credential %q", ErrPIN, name)
		}
		return secretIn(filepath.Join(dir, name), 0o027, false)
	}
}

// ParsePIN reads where a PIN is: file:PATH, credential:NAME, or nothing, which
// is nil.
func ParsePIN(from, credentialDir string) (PIN, error) {
	kind, what, ok := strings.Cut(from, ":")
	switch {
	case from == "":
		return nil, nil
	case ok && kind == "file" && what != "":
		return FromFile(strings.TrimPrefix(what, "//")), nil
	case ok && kind == "credential":
		return FromCredential(credentialDir, what), nil
	}
	return nil, fmt.Errorf("%w: it is read from file:PATH or credential:NAME", ErrPIN)
}

func secretIn(path string, forbidden os.FileMode, owned bool) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would wait for its writer
	if err != nil {
		return nil, fmt.Errorf("password file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("password file: %w", err)
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is no file", ErrOpen, path)
	case info.Mode().Perm()&forbidden != 0:
		return nil, fmt.Errorf("%w: %s is %v, want 0600", ErrOpen, path, info.Mode().Perm())
	case owned && stat != nil && int(stat.Uid) != os.Geteuid() && stat.Uid != 0:
		return nil, fmt.Errorf("%w: %s belongs to another user", ErrOpen, path)
	case info.Size() > maxPIN:
		return nil, fmt.Errorf("%w: %s is larger than %d bytes", ErrPIN, path, maxPIN)
	}
	b := make([]byte, maxPIN+1) // one buffer, so that no copy is left behind
	n := 0
	for n < len(b) {
		m, err := f.Read(b[n:])
		if n += m; err != nil || m == 0 {
			break
		}
	}
	return bytes.TrimRight(b[:n], "\r\n"), nil
}

// Typed keeps a PIN that a person typed for as long as the key may have to be
// opened again. It may be used concurrently.
type Typed struct {
	mu  sync.Mutex
	pin []byte
}

// Type takes a PIN; the caller's bytes become its.
func Type(pin []byte) *Typed { return &Typed{pin: pin} }

// PIN gives a copy, until Forget.
func (t *Typed) PIN() ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pin == nil {
		return nil, fmt.Errorf("%w: it is to be typed again", ErrPIN)
	}
	return bytes.Clone(t.pin), nil
}

// Forget overwrites it.
func (t *Typed) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.pin)
	t.pin = nil
}
