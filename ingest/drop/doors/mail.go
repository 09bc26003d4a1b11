package doors

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/ingest/drop/letter"
	"sohoa/jail"
)

// A MailBox is an address, and whose tray what is sent there falls into.
type MailBox struct {
	Address string // in small letters
	Agency  dossier.AgencyCode
}

// ID is what the inbox of the address is called.
func (b MailBox) ID() string {
	sum := digest.Of([]byte(b.Address))
	return "mail-" + hex.EncodeToString(sum[:6])
}

// Mail is the door for scanners that send letters (SMTP, RFC 5321). Files that are
// attached are laid into the box of the address; the letter is kept nowhere. Whoever
// sends hears at once, before the letter is theirs no more, whether its files lie there;
// sent again because that answer got lost, they have the same names, and are the same.
//
// The address of a sender is what the other side says: only known networks are heard.
type Mail struct {
	Guard   *Guard
	Spool   *Spool
	Boxes   []MailBox
	Senders []string       // a@b, or @b for all of b, in small letters
	Nets    []netip.Prefix // from where letters may come; none: this machine and private networks
	TLS     *tls.Config    // for STARTTLS; nil: without
	Domain  string
	Temp    string
	Log     *slog.Logger
	Clock   func() time.Time // the machine's, which deadlines go by
}

// mostLetter is how large a letter may be, with its files in base64.
func (d *Mail) mostLetter() int64 { return d.Spool.Bytes/3*4 + d.Spool.Bytes/50 + 1<<20 }

// Serve takes letters until ctx ends.
func (d *Mail) Serve(ctx context.Context, l net.Listener) error {
	s := smtp.NewServer(backend{d, ctx})
	s.Domain, s.TLSConfig, s.EnableSMTPUTF8 = d.Domain, d.TLS, true
	s.MaxRecipients, s.MaxMessageBytes, s.MaxLineLength = 5, d.mostLetter(), 2000
	s.ReadTimeout, s.WriteTimeout = silent, silent
	s.ErrorLog = quiet{}
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	err := s.Serve(Crowd{l, d.Guard, d.Log, ctx, false})
	if ctx.Err() != nil || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

// quiet leaves out what the SMTP library says of strangers: it holds what they sent.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

type backend struct {
	d   *Mail
	ctx context.Context
}

// NewSession hears somebody, or not.
func (b backend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	from := hostOf(c.Conn().RemoteAddr().String())
	ip, err := netip.ParseAddr(from)
	if err != nil || !b.d.near(ip.Unmap().WithZone("")) {
		return nil, no(554, "letters from there are not taken here")
	}
	return &session{d: b.d, ctx: b.ctx, from: from}, nil
}

func (d *Mail) near(ip netip.Addr) bool {
	if len(d.Nets) == 0 {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return slices.ContainsFunc(d.Nets, func(p netip.Prefix) bool { return p.Contains(ip) })
}

func no(code int, text string) error {
	class := smtp.EnhancedCode{5, 7, 1}
	if code/100 == 4 {
		class = smtp.EnhancedCode{4, 3, 0}
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: class, Message: text}
}

// session is one letter after the other of one connection.
type session struct {
	d     *Mail
	ctx   context.Context
	from  string
	known bool // the sender is one
	to    []MailBox
}

// Reset forgets the letter under way.
func (s *session) Reset() { s.known, s.to = false, nil }

// Logout ends it.
func (s *session) Logout() error { return nil }

// Mail hears who sends. Strangers are counted like wrong passwords.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	from = strings.ToLower(from)
	if s.d.Guard.shut(s.from, "mail "+from) {
		return no(450, "try again in a quarter of an hour")
	}
	i := strings.LastIndex(from, "@")
	if i < 1 || !slices.Contains(s.d.Senders, from) && !slices.Contains(s.d.Senders, from[i:]) {
		s.d.Guard.strike(s.from, "mail "+from)
		return no(550, "letters of this sender are not taken here")
	}
	s.known = true
	return nil
}

// Rcpt hears for whom.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	to = strings.ToLower(to)
	i := slices.IndexFunc(s.d.Boxes, func(b MailBox) bool { return b.Address == to })
	if !s.known || i < 0 {
		s.d.Guard.strike(s.from, "mail to "+to)
		return no(550, "there is no such address here")
	}
	if !slices.Contains(s.to, s.d.Boxes[i]) {
		s.to = append(s.to, s.d.Boxes[i])
	}
	return nil
}

// Data takes the letter, and answers when its files lie where they belong.
func (s *session) Data(r io.Reader) error {
	if len(s.to) == 0 {
		return no(554, "for whom?")
	}
	f, err := os.CreateTemp(s.d.Temp, "letter-*")
	if err != nil {
		return s.later(err)
	}
	defer os.Remove(f.Name())
	sum, size, err := digest.Read(io.TeeReader(r, f))
	if err = errors.Join(err, f.Close()); err != nil {
		var large *smtp.SMTPError
		if errors.As(err, &large) {
			return large
		}
		if errors.Is(err, smtp.ErrTooLongLine) { // sent again it is as long
			return no(554, "a line of the letter is too long (RFC 5322 2.1.1): send files in base64, in lines of 76 characters")
		}
		return s.later(err)
	}
	if size == 0 {
		return no(554, "the letter is empty")
	}
	number := 0
	n, err := letter.Files(s.ctx, f.Name(), s.d.Spool.Bytes, func(name string, body io.Reader) error {
		number++
		return s.lay(fmt.Sprintf("%s-%d", hex.EncodeToString(sum[:5]), number), name, body)
	})
	var refused *jail.Refusal
	switch {
	case errors.As(err, &refused):
		return no(554, refused.Text)
	case errors.Is(err, ErrFull):
		return no(452, ErrFull.Error())
	case errors.Is(err, jail.ErrMemory), errors.Is(err, jail.ErrTime), errors.Is(err, jail.ErrOutput):
		return no(554, "the letter cannot be taken apart within what a letter may take")
	case err != nil:
		return s.later(err)
	}
	s.d.Log.InfoContext(s.ctx, "letter", "boxes", len(s.to), "files", n)
	return nil
}

func (s *session) later(err error) error {
	if s.ctx.Err() == nil {
		s.d.Log.ErrorContext(s.ctx, "letter not taken", "err", plainErr(err))
	}
	return no(451, "the house could not take the letter; try again later")
}

// plainErr is an error without names of files.
func plainErr(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// lay lays a file of a letter into the boxes that it is for. mark is in its name, and
// says which letter's which file it is: the same one again makes no second file.
func (s *session) lay(mark, name string, body io.Reader) error {
	end := path.Ext(name)
	if len(end) > 10 {
		end = ""
	}
	name = strings.TrimSuffix(name, end) + "." + mark + end
	if drop.IsPartial(name) || !drop.GoodName(name) {
		name = "tep." + mark + end
	}
	if drop.IsPartial(name) || !drop.GoodName(name) {
		name = "tep." + mark
	}
	kept, err := os.CreateTemp(s.d.Temp, "letter-*")
	if err != nil {
		return err
	}
	defer os.Remove(kept.Name())
	defer kept.Close()
	if _, err := io.Copy(kept, body); err != nil {
		return err
	}
	for _, b := range s.to {
		if _, err := kept.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := s.layIn(b, name, kept); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) layIn(b MailBox, name string, body io.Reader) error {
	box, err := s.d.Spool.Box(b.ID(), drop.Mail)
	if err != nil {
		return err
	}
	defer box.Close()
	u, err := box.Create(name, false)
	if errors.Is(err, ErrExists) {
		return nil // of this very letter, which was sent again
	} else if err != nil {
		return err
	}
	_, err = io.Copy(u, body)
	u.Break(err)
	return errors.Join(err, u.Close())
}
