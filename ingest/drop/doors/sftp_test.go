package doors_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/ingest/drop/doors"
)

// accounts are scanners by login.
type accounts struct {
	mu   sync.Mutex
	list map[string]drop.Scanner
}

func (a *accounts) ScannerByLogin(_ context.Context, login string) (drop.Scanner, digest.Digest, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.list[login]
	if !ok {
		return s, digest.Digest{}, dossier.ErrNotFound
	}
	return s, digest.Of([]byte("secret of " + login)), nil
}

type port struct {
	*testing.T
	addr, dir string
	spool     *doors.Spool
	accounts  *accounts
	now       time.Time
	key       ssh.Signer
}

func openPort(t *testing.T) *port {
	p := &port{T: t, dir: t.TempDir(), now: time.Now()}
	p.accounts = &accounts{list: map[string]drop.Scanner{"q1": {ID: "sc-1", Login: "q1"}, "q2": {ID: "sc-2", Login: "q2"}}}
	host, err := doors.HostKey(filepath.Join(t.TempDir(), "keys", "host"))
	p.must(err)
	_, own, err := ed25519.GenerateKey(rand.Reader)
	p.must(err)
	p.key, err = ssh.NewSignerFromKey(own)
	p.must(err)
	p.accounts.list["q3"] = drop.Scanner{ID: "sc-3", Login: "q3", Key: string(ssh.MarshalAuthorizedKey(p.key.PublicKey()))}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	p.must(err)
	p.addr, p.spool = l.Addr().String(), &doors.Spool{Dir: p.dir, Bytes: 1 << 20}
	d := &doors.SFTP{Guard: &doors.Guard{Accounts: p.accounts, Now: func() time.Time { return p.now }}, Spool: p.spool, Key: host, Log: slog.New(slog.DiscardHandler), Clock: time.Now}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx, l) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *port) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *port) dial(login string, how ssh.AuthMethod) (*ssh.Client, error) {
	return ssh.Dial("tcp", p.addr, &ssh.ClientConfig{User: login, Auth: []ssh.AuthMethod{how}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 5 * time.Second})
}

func (p *port) in(login string) (*sftp.Client, *ssh.Client) {
	p.Helper()
	c, err := p.dial(login, ssh.Password("secret of "+login))
	p.must(err)
	p.Cleanup(func() { c.Close() })
	s, err := sftp.NewClient(c)
	p.must(err)
	return s, c
}

func (p *port) lies(id, name string) string {
	b, err := os.ReadFile(filepath.Join(p.dir, id, "sftp", name))
	if err != nil {
		return ""
	}
	return string(b)
}

func send(c *sftp.Client, name, text string, flags int) error {
	f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE|flags)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	return errors.Join(err, f.Close())
}

// A scanner sends new files and sees what of its own waits; it reads, replaces,
// removes and reaches nothing.
func TestSFTPDoesOneThing(t *testing.T) {
	p := openPort(t)
	c, conn := p.in("q1")
	p.must(send(c, "đơn 1.pdf", "one", os.O_TRUNC))
	p.must(send(c, "/scan.pdf.part", "two", os.O_TRUNC))
	p.must(c.Rename("scan.pdf.part", "scan.pdf"))
	p.must(c.Chmod("scan.pdf", 0o666)) // which copiers do
	if p.lies("sc-1", "đơn 1.pdf") != "one" || p.lies("sc-1", "scan.pdf") != "two" {
		t.Error("what was sent does not lie there")
	}
	list, err := c.ReadDir("/")
	p.must(err)
	if len(list) != 2 {
		t.Errorf("%d files wait", len(list))
	}
	other, _ := p.in("q2")
	if list, err = other.ReadDir("/"); err != nil || len(list) != 0 {
		t.Errorf("another scanner sees %d files, %v", len(list), err)
	}
	refused := map[string]func() error{
		"read back":       func() error { f, err := c.Open("scan.pdf"); return errors.Join(err, reading(f)) },
		"replace":         func() error { return send(c, "scan.pdf", "X", os.O_TRUNC) },
		"append":          func() error { return send(c, "scan.pdf", "X", os.O_APPEND) },
		"remove":          func() error { return c.Remove("scan.pdf") },
		"truncate":        func() error { return c.Truncate("scan.pdf", 0) },
		"rename":          func() error { return c.Rename("scan.pdf", "other.pdf") },
		"rename onto":     func() error { return errors.Join(send(c, "x.part", "X", 0), c.Rename("x.part", "scan.pdf")) },
		"posix rename":    func() error { return c.PosixRename("x.part", "scan.pdf") },
		"mkdir":           func() error { return c.Mkdir("dir") },
		"symlink":         func() error { return c.Symlink("/etc/passwd", "passwd.pdf") },
		"link":            func() error { return c.Link("scan.pdf", "again.pdf") },
		"a folder":        func() error { return send(c, "a/b.pdf", "X", 0) },
		"another's box":   func() error { return send(c, "../../sc-2/sftp/x.pdf", "X", 0) },
		"hidden":          func() error { return send(c, ".bashrc", "X", 0) },
		"control":         func() error { return send(c, "a\nb.pdf", "X", 0) },
		"right to left":   func() error { return send(c, "a\u202efdp.exe", "X", 0) },
		"long":            func() error { return send(c, strings.Repeat("x", 300), "X", 0) },
		"large":           func() error { return send(c, "large.pdf", strings.Repeat("x", 1<<20+1), 0) },
		"far":             func() error { return sendAt(c, "far.pdf", 1<<40) },
		"a shell":         func() error { s, err := conn.NewSession(); return errors.Join(err, shell(s)) },
		"a port":          func() error { _, err := conn.Dial("tcp", p.addr); return err },
		"a port of ours":  func() error { _, err := conn.Listen("tcp", "127.0.0.1:0"); return err },
		"a file's folder": func() error { _, err := c.ReadDir("scan.pdf"); return err },
	}
	for what, do := range refused {
		if do() == nil {
			t.Errorf("it may: %s", what)
		}
	}
	if p.lies("sc-1", "scan.pdf") != "two" || p.lies("sc-1", "large.pdf") != "" || p.lies("sc-2", "x.pdf") != "" {
		t.Error("something of it came about")
	}
}

func reading(f *sftp.File) error {
	if f == nil {
		return errors.New("no file")
	}
	_, err := f.Read(make([]byte, 1))
	return err
}

func sendAt(c *sftp.Client, name string, off int64) error {
	f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte("x"), off)
	return errors.Join(err, f.Close())
}

func shell(s *ssh.Session) error {
	if s == nil {
		return errors.New("no session")
	}
	return s.Run("id")
}

// A line that breaks leaves no file; the same scanner goes on where it was.
func TestSFTPBrokenAndResumed(t *testing.T) {
	p := openPort(t)
	c, conn := p.in("q1")
	f, err := c.OpenFile("a.pdf", os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	p.must(err)
	_, err = f.Write([]byte("first "))
	p.must(err)
	second, _ := p.in("q1")
	if send(second, "a.pdf", "X", 0) == nil {
		t.Error("two write one file")
	}
	conn.Close()
	var sent int64
	for range 100 {
		c, _ = p.in("q1")
		if info, err := c.Stat("a.pdf"); err == nil {
			sent = info.Size()
		}
		if f, err = c.OpenFile("a.pdf", os.O_WRONLY|os.O_CREATE); err == nil {
			break
		}
		c.Close()
		time.Sleep(20 * time.Millisecond)
	}
	p.must(err)
	if p.lies("sc-1", "a.pdf") != "" || sent != 6 {
		t.Fatalf("broken off, it lies there as %q, and %d bytes are said to have come", p.lies("sc-1", "a.pdf"), sent)
	}
	_, err = f.WriteAt([]byte("and last"), sent)
	p.must(errors.Join(err, f.Close()))
	if got := p.lies("sc-1", "a.pdf"); got != "first and last" {
		t.Errorf("%q", got)
	}
	p.must(os.WriteFile(filepath.Join(p.dir, "sc-1", "sftp", ".old.part"), nil, 0o600))
	p.must(p.spool.Tidy(t.Context(), time.Now()))
	if _, err := os.Stat(filepath.Join(p.dir, "sc-1", "sftp", ".old.part")); err != nil {
		t.Error("what somebody may go on with was removed")
	}
	p.must(p.spool.Tidy(t.Context(), time.Now().Add(25*time.Hour)))
	if _, err := os.Stat(filepath.Join(p.dir, "sc-1", "sftp", ".old.part")); err == nil {
		t.Error("what nobody went on with is still there")
	}
}

// Who is wrong too often is not heard, even when right; an account that ends while
// somebody is in sends nothing more; keys open their own account alone.
func TestSFTPWhoComesIn(t *testing.T) {
	p := openPort(t)
	if c, err := p.dial("q3", ssh.PublicKeys(p.key)); err != nil {
		t.Errorf("its own key: %v", err)
	} else {
		c.Close()
	}
	if _, err := p.dial("q1", ssh.PublicKeys(p.key)); err == nil {
		t.Error("another's key opens an account")
	}
	c, _ := p.in("q2")
	p.accounts.mu.Lock()
	delete(p.accounts.list, "q2")
	p.accounts.mu.Unlock()
	if send(c, "late.pdf", "x", 0) == nil {
		t.Error("an account that ended sends a file")
	}
	for range 5 {
		if _, err := p.dial("q1", ssh.Password("guess")); err == nil {
			t.Fatal("a guess comes in")
		}
	}
	if _, err := p.dial("q1", ssh.Password("secret of q1")); err == nil {
		t.Error("after five guesses somebody comes in")
	}
	p.now = p.now.Add(16 * time.Minute)
	if c, err := p.dial("q1", ssh.Password("secret of q1")); err != nil {
		t.Errorf("a quarter of an hour later: %v", err)
	} else {
		c.Close()
	}
}

// No address has more than its part of the connections, be they silent.
func TestSFTPManySilent(t *testing.T) {
	p := openPort(t)
	var open []net.Conn
	for range 12 {
		c, err := net.Dial("tcp", p.addr)
		p.must(err)
		defer c.Close()
		open = append(open, c)
	}
	heard := 0
	for _, c := range open {
		_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
		b := make([]byte, 20)
		if n, _ := c.Read(b); n > 0 && bytes.HasPrefix(b, []byte("SSH-2.0-Sohoa")) {
			heard++
		}
	}
	if heard != 8 {
		t.Errorf("%d of 12 are heard, not 8", heard)
	}
}
