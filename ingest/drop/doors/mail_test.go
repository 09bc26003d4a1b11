package doors_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/ingest/drop/doors"
	"sohoa/ingest/drop/letter"
	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{letter.Name: letter.Child})
	os.Exit(m.Run())
}

type mailPort struct {
	*testing.T
	addr, dir string
	door      *doors.Mail
	now       time.Time
}

func openMail(t *testing.T) *mailPort {
	p := &mailPort{T: t, dir: t.TempDir(), now: time.Now()}
	p.door = &doors.Mail{Guard: &doors.Guard{Now: func() time.Time { return p.now }}, Spool: &doors.Spool{Dir: p.dir, Bytes: 1 << 20},
		Boxes:   []doors.MailBox{{Address: "quet@xa.gov.vn", Agency: "H60.12"}, {Address: "quet2@xa.gov.vn", Agency: "H60.13"}},
		Senders: []string{"ricoh@xa.gov.vn", "@tin.gov.vn"}, Domain: "sohoa", Temp: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: time.Now}
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
		if left, _ := os.ReadDir(p.door.Temp); len(left) != 0 {
			t.Errorf("there is left %v", left)
		}
	})
	return p
}

func (p *mailPort) send(from string, body string, to ...string) error {
	return smtp.SendMail(p.addr, nil, from, to, []byte(strings.ReplaceAll(body, "\n", "\r\n")))
}

// lies are the files in the box of an address, as NAME=BYTES.
func (p *mailPort) lies(i int) (out []string) {
	dir := filepath.Join(p.dir, p.door.Boxes[i].ID(), "mail")
	list, _ := os.ReadDir(dir)
	for _, e := range list {
		b, _ := os.ReadFile(filepath.Join(dir, e.Name()))
		out = append(out, e.Name()+"="+string(b))
	}
	return out
}

func attached(subject string, bodies ...string) string {
	s := "From: a@b\nSubject: " + subject + "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
	var lines strings.Builder
	for _, b := range bodies {
		s += "--b\nContent-Type: application/pdf; name=\"scan.pdf\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"
		for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(b))), 76) {
			lines.Write(append(slices.Clone(line), '\n'))
		}
		s += lines.String()
		lines.Reset()
	}
	return s + "--b--\n"
}

// The files of a letter lie in the boxes of the addresses before the sender hears that it
// was taken; sent again they are the same files, and another letter's are others.
func TestMail(t *testing.T) {
	p := openMail(t)
	one := attached("một", "%PDF 1", "%PDF 2")
	for range 2 {
		if err := p.send("Ricoh@xa.gov.vn", one, "Quet@xa.gov.vn"); err != nil {
			t.Fatal(err)
		}
	}
	got := p.lies(0)
	if len(got) != 2 || !strings.HasPrefix(got[0], "scan.") || !strings.HasSuffix(got[0], "-1.pdf=%PDF 1") || !strings.HasSuffix(got[1], "-2.pdf=%PDF 2") {
		t.Fatalf("there lies %q", got)
	}
	if err := p.send("bat-ky@tin.gov.vn", attached("hai", "%PDF 1"), "quet@xa.gov.vn", "quet2@xa.gov.vn"); err != nil {
		t.Fatal(err)
	}
	if got := p.lies(0); len(got) != 3 || len(p.lies(1)) != 1 {
		t.Errorf("there lies %q and %q", got, p.lies(1))
	}
	// the answer to the first letter was lost, its first file taken meanwhile, and it is sent again
	first, _, _ := strings.Cut(got[0], "=")
	if err := os.Remove(filepath.Join(p.dir, p.door.Boxes[0].ID(), "mail", first)); err != nil {
		t.Fatal(err)
	}
	if err := p.send("ricoh@xa.gov.vn", one, "quet@xa.gov.vn"); err != nil || !slices.Equal(p.lies(0)[:1], got[:1]) && !slices.Contains(p.lies(0), got[0]) {
		t.Errorf("sent again: %v, %q", err, p.lies(0))
	}
}

// Strangers, letters for nobody, letters too large, without files or broken are turned
// away with words, and leave nothing.
func TestMailRefuses(t *testing.T) {
	p := openMail(t)
	good := attached("x", "%PDF")
	for what, r := range map[string]struct{ from, body, to, want string }{
		"a stranger":       {"x@la.vn", good, "quet@xa.gov.vn", "550"},
		"a part of a name": {"x@khongtin.gov.vn", good, "quet@xa.gov.vn", "550"},
		"nobody's":         {"", good, "quet@xa.gov.vn", "550"},
		"for nobody":       {"ricoh@xa.gov.vn", good, "root@xa.gov.vn", "550"},
		"words alone":      {"ricoh@xa.gov.vn", "From: a@b\n\nChào", "quet@xa.gov.vn", "554"},
		"broken":           {"ricoh@xa.gov.vn", good[:len(good)-20], "quet@xa.gov.vn", "554"},
		"a large file":     {"ricoh@xa.gov.vn", attached("x", strings.Repeat("x", 1<<20+1)), "quet@xa.gov.vn", "554"},
		"a long line":      {"ricoh@xa.gov.vn", "From: a@b\n\n" + strings.Repeat("x", 3000) + "\n", "quet@xa.gov.vn", "554"},
		"a large letter":   {"ricoh@xa.gov.vn", attached("x", strings.Repeat("x", 2<<20)), "quet@xa.gov.vn", "552"},
	} {
		p.now = p.now.Add(time.Hour) // strangers are shut out for a while
		if err := p.send(r.from, r.body, r.to); err == nil || !strings.HasPrefix(err.Error(), r.want) {
			t.Errorf("%s: %v, not %s", what, err, r.want)
		}
	}
	if got := append(p.lies(0), p.lies(1)...); len(got) != 0 {
		t.Errorf("there lies %q", got)
	}
	p.now = p.now.Add(time.Hour)
	for range 5 {
		_ = p.send("x@la.vn", good, "quet@xa.gov.vn")
	}
	if err := p.send("ricoh@xa.gov.vn", good, "quet@xa.gov.vn"); err == nil || !strings.HasPrefix(err.Error(), "450") {
		t.Errorf("from where five strangers came: %v", err)
	}
	p.door.Nets = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	p.now = p.now.Add(time.Hour)
	if err := p.send("ricoh@xa.gov.vn", good, "quet@xa.gov.vn"); err == nil || !strings.HasPrefix(err.Error(), "554") {
		t.Errorf("from another network: %v", err)
	}
}

// A line that breaks in the middle of a letter leaves nothing, and no address has more
// than its part of the connections, be they silent.
func TestMailBrokenAndSilent(t *testing.T) {
	p := openMail(t)
	c, err := smtp.Dial(p.addr)
	if err != nil {
		t.Fatal(err)
	}
	w, err := func() (w interface{ Write([]byte) (int, error) }, err error) {
		if err = c.Mail("ricoh@xa.gov.vn"); err == nil {
			err = c.Rcpt("quet@xa.gov.vn")
		}
		if err != nil {
			return nil, err
		}
		return c.Data()
	}()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, strings.ReplaceAll(attached("x", "%PDF"), "\n", "\r\n"))
	c.Close()
	time.Sleep(200 * time.Millisecond)
	if got := p.lies(0); len(got) != 0 {
		t.Errorf("of half a letter there lies %q", got)
	}
	heard := 0
	for range 12 {
		c, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if n, _ := c.Read(make([]byte, 3)); n > 0 {
			heard++
		}
	}
	if heard != 8 {
		t.Errorf("%d of 12 are heard, not 8", heard)
	}
}
