// Package mail sends notices by e-mail to a relay: SMTP (RFC 5321) with STARTTLS (RFC
// 3207), which is insisted on unless the relay is this machine. Signing with DKIM is the
// relay's.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"sohoa/dossier/neighbour"
	"sohoa/dossier/notice"
	"sohoa/outbound"
)

// A Relay takes e-mail.
type Relay struct {
	Address  string // host:port
	From     string // as people see it: NAME <ADDRESS>, or an address
	Hello    string // what the house calls itself
	User     string // empty: nobody in particular
	Password string
	TLS      *tls.Config // nil: the system's roots
	Now      func() time.Time
}

// Name is who this is.
func (r *Relay) Name() neighbour.Name { return neighbour.Mail }

// patience is for a whole message.
const patience = 30 * time.Second

// Send hands a message to the relay.
func (r *Relay) Send(ctx context.Context, address string, m notice.Message) notice.Outcome {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return outcome(r.send(ctx, address, m))
}

// A step says where in the exchange something went wrong.
type step struct {
	at  string
	err error
}

func (s *step) Error() string { return s.at }
func (s *step) Unwrap() error { return s.err }

func at(where string, err error) error {
	if err == nil {
		return nil
	}
	return &step{where, err}
}

// outcome says what an error means for a notice. What a relay answers may repeat the
// address, so that nothing of it is kept but its code.
func outcome(err error) notice.Outcome {
	var s *step
	var said *textproto.Error
	switch {
	case err == nil:
		return notice.Outcome{}
	case errors.Is(err, outbound.ErrClosed):
		return notice.Outcome{Word: notice.Closed}
	case errors.As(err, &s) && (s.at == "auth" || s.at == "tls"):
		return notice.Outcome{Word: notice.Token}
	case !errors.As(err, &said) || said.Code < 500:
		return notice.Outcome{Word: notice.Away} // RFC 5321 section 4.2.1: 4yz may go well later
	case s != nil && s.at == "rcpt" && said.Code < 560:
		return notice.Outcome{Word: notice.Address, Final: true}
	}
	return notice.Outcome{Word: notice.Refused, Final: true}
}

var errPlain = errors.New("the relay offers no STARTTLS")

func (r *Relay) send(ctx context.Context, address string, m notice.Message) error {
	from, err := mail.ParseAddress(r.From)
	if err != nil {
		return err
	}
	body, err := r.compose(from, address, m)
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(r.Address)
	if err != nil {
		return err
	}
	conn, err := outbound.Dial(ctx, outbound.Hosts{strings.ToLower(host)}.Has, "tcp", r.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if until, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(until)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := r.enter(c, host); err != nil {
		return err
	}
	if err := at("mail", c.Mail(from.Address)); err != nil {
		return err
	}
	if err := at("rcpt", c.Rcpt(address)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return at("data", err)
	}
	if _, err := w.Write(body); err != nil {
		return at("data", err)
	}
	if err := at("data", w.Close()); err != nil {
		return err
	}
	_ = c.Quit() // it has the message
	return nil
}

// enter greets, begins TLS, and says who this is.
func (r *Relay) enter(c *smtp.Client, host string) error {
	if err := at("hello", c.Hello(r.Hello)); err != nil {
		return err
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		config := &tls.Config{}
		if r.TLS != nil {
			config = r.TLS.Clone()
		}
		config.ServerName, config.MinVersion = host, tls.VersionTLS12
		if err := at("tls", c.StartTLS(config)); err != nil {
			return err
		}
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return at("tls", errPlain)
	}
	if r.User == "" {
		return nil
	}
	return at("auth", c.Auth(smtp.PlainAuth("", r.User, r.Password, host)))
}

// compose writes the message (RFC 5322; RFC 8058 for opting out with one click).
func (r *Relay) compose(from *mail.Address, to string, m notice.Message) ([]byte, error) {
	if strings.ContainsAny(to+m.Subject+m.Stop+m.ID, "\r\n") {
		return nil, errors.New("a header with an end of line in it")
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", from.String())
	header("To", "<"+to+">")
	header("Subject", mime.BEncoding.Encode("utf-8", m.Subject))
	header("Date", r.Now().Format(time.RFC1123Z))
	header("Message-ID", "<"+m.ID+"@"+domain+">")
	header("Auto-Submitted", "auto-generated")
	if strings.HasPrefix(m.Stop, "https:") {
		header("List-Unsubscribe", "<"+m.Stop+">")
		header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	text := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(m.Text, "\n", "\r\n")))
	for len(text) > 0 {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return b.Bytes(), nil
}
