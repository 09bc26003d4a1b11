package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"mime"
	"net"
	stdmail "net/mail"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"sohoa/dossier"
	"sohoa/dossier/notice"
	"sohoa/report/notice/mail"
)

// relay is a real SMTP server, which keeps what it takes.
type relay struct {
	mu      sync.Mutex
	got     []letter
	rcpt    error // of the next recipient
	data    error // of the next message
	address string
	roots   *x509.CertPool
}

type letter struct {
	from, to, text, user string
	tls                  bool
}

type session struct {
	r *relay
	c *smtp.Conn
	letter
}

func (r *relay) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{r: r, c: c}, nil }

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.r.rcpt
}
func (s *session) Data(body io.Reader) error {
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if s.r.data != nil {
		return s.r.data
	}
	s.text = string(b)
	_, s.tls = s.c.TLSConnectionState()
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.got = append(s.r.got, s.letter)
	return nil
}
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "nha" || password != "khoa" {
			return &smtp.SMTPError{Code: 535, Message: "no"}
		}
		s.user = user
		return nil
	}), nil
}

func newRelay(t *testing.T, withTLS bool) *relay {
	t.Helper()
	r := &relay{}
	srv := smtp.NewServer(r)
	srv.Domain = "relay.example.vn"
	if withTLS {
		cert := certificate(t)
		r.roots = x509.NewCertPool()
		r.roots.AddCert(cert.Leaf)
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close() })
	return r
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// The relay's time is the machine's, as the client's is: TLS asks no other clock.
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (r *relay) client() *mail.Relay {
	return &mail.Relay{Address: r.address, From: "Sở Nội vụ <khong-tra-loi@example.vn>", Hello: "sohoa.example.vn", User: "nha", Password: "khoa",
		TLS: &tls.Config{RootCAs: r.roots}, Now: func() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam) }}
}

var message = notice.Message{ID: "n-1", Subject: "Hồ sơ H60.1-261120-0001 đã có kết quả", Text: "Nhận kết quả tại UBND xã.\n.\nThôi nhận: https://h/notices/stop/x\n", Stop: "https://h/notices/stop/x"}

// A letter arrives whole over TLS, from whom it should be, and says how to opt out.
func TestSend(t *testing.T) {
	r := newRelay(t, true)
	if o := r.client().Send(t.Context(), "an@example.vn", message); o != (notice.Outcome{}) {
		t.Fatalf("%+v", o)
	}
	got := r.got[0]
	if got.from != "khong-tra-loi@example.vn" || got.to != "an@example.vn" || !got.tls || got.user != "nha" {
		t.Errorf("%+v", got)
	}
	m, err := stdmail.ReadMessage(strings.NewReader(got.text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	body, err2 := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil || err2 != nil || subject != message.Subject || string(body) != strings.ReplaceAll(message.Text, "\n", "\r\n") {
		t.Errorf("%q %q %v %v", subject, body, err, err2)
	}
	for name, want := range map[string]string{"List-Unsubscribe": "<https://h/notices/stop/x>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Message-Id": "<n-1@example.vn>", "Auto-Submitted": "auto-generated", "Date": "Fri, 20 Nov 2026 09:00:00 +0700", "To": "<an@example.vn>"} {
		if m.Header.Get(name) != want {
			t.Errorf("%s: %q", name, m.Header.Get(name))
		}
	}
	for line := range strings.Lines(got.text) {
		if len(line) > 998+2 {
			t.Errorf("a line of %d", len(line))
		}
	}
}

// What a relay says is told apart by its code and by what it was said to.
func TestRefused(t *testing.T) {
	r := newRelay(t, true)
	smtpError := func(code int) error { return &smtp.SMTPError{Code: code, Message: "an@example.vn"} }
	for why, x := range map[string]struct {
		rcpt, data error
		want       notice.Outcome
	}{
		"nobody":    {smtpError(550), nil, notice.Outcome{Word: notice.Address, Final: true}},
		"greylist":  {smtpError(451), nil, notice.Outcome{Word: notice.Away}},
		"full":      {smtpError(452), nil, notice.Outcome{Word: notice.Away}},
		"spam":      {nil, smtpError(554), notice.Outcome{Word: notice.Refused, Final: true}},
		"try later": {nil, smtpError(451), notice.Outcome{Word: notice.Away}},
	} {
		r.rcpt, r.data = x.rcpt, x.data
		if o := r.client().Send(t.Context(), "an@example.vn", message); o != x.want {
			t.Errorf("%s: %+v", why, o)
		}
	}
	r.rcpt, r.data = nil, nil
	for why, x := range map[string]struct {
		change func(*mail.Relay)
		want   string
	}{
		"password":  {func(m *mail.Relay) { m.Password = "x" }, notice.Token},
		"a root":    {func(m *mail.Relay) { m.TLS = &tls.Config{RootCAs: x509.NewCertPool()} }, notice.Token},
		"nobody in": {func(m *mail.Relay) { m.Address = "127.0.0.1:1" }, notice.Away},
		"metadata":  {func(m *mail.Relay) { m.Address = "169.254.169.254:25" }, notice.Closed},
	} {
		m := r.client()
		x.change(m)
		if o := m.Send(t.Context(), "an@example.vn", message); o.Word != x.want || o.Final {
			t.Errorf("%s: %+v", why, o)
		}
	}
	m := message
	m.Subject = "a\r\nBcc: b@example.vn"
	if o := r.client().Send(t.Context(), "an@example.vn", m); o.Word == "" {
		t.Error("a header was smuggled in")
	}
	if len(r.got) != 0 {
		t.Errorf("taken: %+v", r.got)
	}
}

// Without STARTTLS only this machine is spoken to.
func TestPlain(t *testing.T) {
	r := newRelay(t, false)
	m := r.client()
	m.User = ""
	if o := m.Send(t.Context(), "an@example.vn", message); o.Word != "" || len(r.got) != 1 || r.got[0].tls {
		t.Errorf("%+v %+v", o, r.got)
	}
	_, port, err := net.SplitHostPort(r.address)
	if err != nil {
		t.Fatal(err)
	}
	name, err := os.Hostname() // leads here as well, and nothing says so
	if err != nil {
		t.Fatal(err)
	}
	if _, err := net.LookupHost(name); err != nil {
		t.Skip("this machine does not find itself by its name")
	}
	l, err := net.Listen("tcp", net.JoinHostPort(name, port))
	if err == nil {
		go forward(l, r.address)
		t.Cleanup(func() { l.Close() })
	}
	m.Address = net.JoinHostPort(name, port)
	if o := m.Send(t.Context(), "an@example.vn", message); o.Word != notice.Token || len(r.got) != 1 {
		t.Errorf("over the network without TLS: %+v %+v", o, r.got)
	}
}

// forward carries what comes to l to an address.
func forward(l net.Listener, to string) {
	for {
		a, err := l.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", to)
		if err != nil {
			a.Close()
			return
		}
		go func() { _, _ = io.Copy(a, b); a.Close() }()
		go func() { _, _ = io.Copy(b, a); b.Close() }()
	}
}
