package doors

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"sohoa/dossier/drop"
)

// How long somebody may take to say who they are, be silent, and be in at all.
const (
	shaking = 20 * time.Second
	silent  = 2 * time.Minute
	longest = time.Hour
)

// HostKey opens the key that the door is known by, which is made the first time.
func HostKey(file string) (ssh.Signer, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		block, err := ssh.MarshalPrivateKey(key, "")
		if err != nil {
			return nil, err
		}
		b = pem.EncodeToMemory(block)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return ssh.ParsePrivateKey(b)
}

// SFTP is the door for scanners that speak SFTP (SSH File Transfer Protocol,
// draft-ietf-secsh-filexfer-02).
type SFTP struct {
	Guard *Guard
	Spool *Spool
	Key   ssh.Signer
	Log   *slog.Logger
	Clock func() time.Time // the machine's, which deadlines go by
}

// Serve takes connections until ctx ends.
func (d *SFTP) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	in := Crowd{l, d.Guard, d.Log, ctx, false}
	var g sync.WaitGroup
	defer g.Wait()
	for {
		c, err := in.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		g.Go(func() {
			defer c.Close()
			defer context.AfterFunc(ctx, func() { c.Close() })()
			d.one(ctx, c)
		})
	}
}

func (d *SFTP) config(ctx context.Context, addr string) *ssh.ServerConfig {
	let := func(s drop.Scanner) *ssh.Permissions {
		return &ssh.Permissions{Extensions: map[string]string{"scanner": s.ID}}
	}
	c := &ssh.ServerConfig{
		MaxAuthTries: 3, ServerVersion: "SSH-2.0-Sohoa",
		PasswordCallback: func(m ssh.ConnMetadata, secret []byte) (*ssh.Permissions, error) {
			s, err := d.Guard.Password(ctx, addr, m.User(), string(secret))
			if err != nil {
				return nil, ErrIn
			}
			return let(s), nil
		},
		PublicKeyCallback: func(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if d.Guard.shut(addr, m.User()) {
				return nil, ErrIn
			}
			s, err := d.Guard.Still(ctx, m.User())
			if err != nil || s.Key == "" {
				return nil, ErrIn
			}
			own, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.Key))
			if err != nil || string(own.Marshal()) != string(key.Marshal()) {
				return nil, ErrIn
			}
			return let(s), nil
		},
	}
	c.AddHostKey(d.Key)
	return c
}

// one serves a connection to its end.
func (d *SFTP) one(ctx context.Context, c net.Conn) {
	_ = c.SetDeadline(d.Clock().Add(shaking))
	conn, channels, requests, err := ssh.NewServerConn(c, d.config(ctx, hostOf(c.RemoteAddr().String())))
	if err != nil {
		return // who tries keys and passwords is counted by the guard
	}
	defer conn.Close()
	go ssh.DiscardRequests(requests) // no forwarding of ports
	var g sync.WaitGroup
	defer g.Wait()
	served := false
	for ch := range channels { // until the connection ends
		if served || ch.ChannelType() != "session" {
			_ = ch.Reject(ssh.Prohibited, "one session, for files alone")
			continue
		}
		channel, asked, err := ch.Accept()
		if err != nil {
			return
		}
		served = true
		g.Go(func() {
			defer conn.Close()
			d.session(ctx, conn, c, channel, asked)
		})
	}
}

// session waits for the one thing that may be asked for, and serves it.
func (d *SFTP) session(ctx context.Context, conn *ssh.ServerConn, c net.Conn, channel ssh.Channel, asked <-chan *ssh.Request) {
	defer channel.Close()
	for r := range asked {
		ok := r.Type == "subsystem" && len(r.Payload) > 4 && string(r.Payload[4:]) == "sftp"
		_ = r.Reply(ok, nil)
		if !ok {
			continue
		}
		go ssh.DiscardRequests(asked)
		box, err := d.Spool.Box(conn.Permissions.Extensions["scanner"], drop.SFTP)
		if err != nil {
			d.Log.ErrorContext(ctx, "sftp: no box", "scanner", conn.Permissions.Extensions["scanner"])
			return
		}
		defer box.Close()
		h := &handlers{ctx: ctx, d: d, login: conn.User(), box: box}
		s := sftp.NewRequestServer(alive{channel, c, d.Clock}, sftp.Handlers{FileGet: h, FilePut: h, FileCmd: h, FileList: h})
		_ = s.Serve()
		_ = s.Close()
		return
	}
}

// alive moves the end of the connection on whenever something comes.
type alive struct {
	ssh.Channel
	c   net.Conn
	now func() time.Time
}

func (a alive) Read(p []byte) (int, error) {
	_ = a.c.SetDeadline(a.now().Add(silent))
	return a.Channel.Read(p)
}

// handlers answer what a scanner asks for.
type handlers struct {
	ctx   context.Context
	d     *SFTP
	login string
	box   *Box
}

// plainName is the one name of a path in the box.
func plainName(p string) string { return strings.TrimPrefix(path.Clean("/"+p), "/") }

// Fileread refuses: nothing is read back.
func (h *handlers) Fileread(*sftp.Request) (io.ReaderAt, error) {
	return nil, sftp.ErrSSHFxPermissionDenied
}

// Filewrite begins a file, or goes on with one that broke off.
func (h *handlers) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	if _, err := h.d.Guard.Still(h.ctx, h.login); err != nil {
		return nil, sftp.ErrSSHFxPermissionDenied
	}
	u, err := h.box.Create(plainName(r.Filepath), !r.Pflags().Trunc)
	if err != nil {
		return nil, told(err)
	}
	return upload{u}, nil
}

// upload is what the SFTP library writes to.
type upload struct{ *Upload }

// TransferError is told when the line breaks.
func (u upload) TransferError(err error) { u.Break(errors.Join(errors.New("the line broke"), err)) }

// told words an error for the other side: those of boxes as they are, of others
// nothing.
func told(err error) error {
	for _, ours := range []error{ErrName, ErrExists, ErrFull, ErrLarge, ErrBusy} {
		if errors.Is(err, ours) {
			return ours
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return sftp.ErrSSHFxNoSuchFile
	}
	return sftp.ErrSSHFxFailure
}

// Filecmd lets what was sent under a name for what is not whole have its own, and
// takes no notice of times and rights, which many copiers set.
func (h *handlers) Filecmd(r *sftp.Request) error {
	switch r.Method {
	case "Setstat":
		if r.AttrFlags().Size {
			return sftp.ErrSSHFxPermissionDenied
		}
		return nil
	case "Rename", "PosixRename":
		if err := h.box.Rename(plainName(r.Filepath), plainName(r.Target)); err != nil {
			return told(err)
		}
		return nil
	}
	return sftp.ErrSSHFxPermissionDenied
}

// Filelist tells what waits.
func (h *handlers) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	name := plainName(r.Filepath)
	switch {
	case r.Method == "List" && name == "":
		found, err := h.box.List()
		if err != nil {
			return nil, told(err)
		}
		return lister(found), nil
	case r.Method == "Stat" && name == "":
		info, err := h.box.root.Stat(".")
		if err != nil {
			return nil, told(err)
		}
		return lister{info}, nil
	case r.Method == "Stat":
		info, err := h.box.Stat(name)
		if err != nil {
			return nil, told(err)
		}
		return lister{info}, nil
	}
	return nil, sftp.ErrSSHFxPermissionDenied
}

// Lstat is Stat: there are no links.
func (h *handlers) Lstat(r *sftp.Request) (sftp.ListerAt, error) {
	r.Method = "Stat"
	return h.Filelist(r)
}

type lister []fs.FileInfo

// ListAt gives what is listed from a place on.
func (l lister) ListAt(to []fs.FileInfo, from int64) (int, error) {
	if from >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(to, l[from:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}
