package doors_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/ingest/drop/doors"
)

// certificate is one for localhost, and who trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, pool
}

// secretMail is the door for letters with a certificate.
func secretMail(t *testing.T) (p *mailPort, pool *x509.CertPool) {
	p = &mailPort{T: t, dir: t.TempDir(), now: time.Now()}
	p.door = &doors.Mail{Guard: &doors.Guard{Now: func() time.Time { return p.now }}, Spool: &doors.Spool{Dir: p.dir, Bytes: 1 << 20},
		Boxes: []doors.MailBox{{Address: "quet@xa.gov.vn", Agency: "H60.12"}}, Senders: []string{"ricoh@xa.gov.vn"}, Domain: "sohoa", Temp: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: time.Now}
	p.door.TLS, pool = certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.door.Serve(ctx, l) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p, pool
}

// Letters come in under TLS (RFC 3207) when there is a certificate: it is offered, what
// was said before it counts no more, and what was sent along with the word that begins it
// is not taken as said within it (CVE-2011-0411).
func TestMailUnderTLS(t *testing.T) {
	p, pool := secretMail(t)
	c, err := smtp.Dial(p.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if ok, _ := c.Extension("STARTTLS"); !ok {
		t.Fatal("TLS is not offered")
	}
	if err := c.Mail("ricoh@xa.gov.vn"); err != nil {
		t.Fatal(err)
	}
	if err := c.StartTLS(&tls.Config{RootCAs: pool, ServerName: "localhost"}); err != nil {
		t.Fatal(err)
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		t.Error("TLS is offered within TLS")
	}
	if err := c.Rcpt("quet@xa.gov.vn"); err == nil {
		t.Error("the sender who was named in the open is still known")
	}
	for _, err := range []error{c.Mail("ricoh@xa.gov.vn"), c.Rcpt("quet@xa.gov.vn")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(strings.ReplaceAll(attached("x", "%PDF TLS"), "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := p.lies(0); len(got) != 1 || !strings.HasSuffix(got[0], "=%PDF TLS") {
		t.Errorf("there lies %q", got)
	}
	if _, err := os.Stat(filepath.Join(p.dir, p.door.Boxes[0].ID())); err != nil {
		t.Error(err)
	}
	slipped(t, p.addr, pool)
}

// slipped sends a command behind STARTTLS, in the open, and looks whether it counts.
func slipped(t *testing.T, addr string, pool *x509.CertPool) {
	t.Helper()
	plain, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	_ = plain.SetDeadline(time.Now().Add(10 * time.Second))
	open := bufio.NewReader(plain)
	answer := func(r *bufio.Reader) string {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return err.Error()
			}
			if len(line) > 3 && line[3] == ' ' {
				return line
			}
		}
	}
	answer(open)
	_, _ = plain.Write([]byte("EHLO a\r\n"))
	answer(open)
	_, _ = plain.Write([]byte("STARTTLS\r\nNOOP\r\n"))
	if said := answer(open); !strings.HasPrefix(said, "220") {
		t.Fatalf("STARTTLS: %s", said)
	}
	secret := tls.Client(plain, &tls.Config{RootCAs: pool, ServerName: "localhost"})
	if err := secret.Handshake(); err != nil {
		return // the line is dropped: as good
	}
	_, _ = secret.Write([]byte("BADWORD\r\n"))
	if said := answer(bufio.NewReader(secret)); strings.HasPrefix(said, "2") {
		t.Errorf("what was slipped in before TLS was answered within it: %s", said)
	}
}
