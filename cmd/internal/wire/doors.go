package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/ingest/drop/doors"
)

// MailIn is the door for scanners that send letters. It is open when it has an address
// and boxes: SOHOA_DROP_MAIL_ADDR, SOHOA_DROP_MAIL_BOXES (ADDRESS=AGENCY, with commas
// between them), SOHOA_DROP_MAIL_SENDERS (a@b, or @b for all of b),
// SOHOA_DROP_MAIL_NETS (from where, as CIDR; without, this machine and private networks).
type MailIn struct {
	Addr    string
	Boxes   []doors.MailBox
	Senders []string
	Nets    []netip.Prefix
}

// listOf are the words of a setting with commas between them.
func listOf(s string) (out []string) {
	for one := range strings.SplitSeq(s, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

func readMail(getenv func(string) string) (m MailIn, err error) {
	m.Addr = getenv("SOHOA_DROP_MAIL_ADDR")
	boxes, senders, nets := listOf(getenv("SOHOA_DROP_MAIL_BOXES")), listOf(getenv("SOHOA_DROP_MAIL_SENDERS")), listOf(getenv("SOHOA_DROP_MAIL_NETS")) // all are read, whatever is wrong with one
	for _, one := range boxes {
		address, agency, ok := strings.Cut(strings.ToLower(one), "=")
		if _, host, _ := strings.Cut(address, "@"); !ok || host == "" || agency == "" {
			return m, errors.New("SOHOA_DROP_MAIL_BOXES is ADDRESS=AGENCY, with commas between them")
		}
		m.Boxes = append(m.Boxes, doors.MailBox{Address: address, Agency: dossier.AgencyCode(strings.TrimSpace(one[len(address)+1:]))})
	}
	for _, one := range senders {
		if !strings.Contains(one, "@") {
			return m, errors.New("SOHOA_DROP_MAIL_SENDERS is a@b, or @b for all of b, with commas between them")
		}
		m.Senders = append(m.Senders, strings.ToLower(one))
	}
	for _, one := range nets {
		p, err := netip.ParsePrefix(one)
		if err != nil {
			return m, errors.New("SOHOA_DROP_MAIL_NETS is networks like 10.1.0.0/16, with commas between them")
		}
		m.Nets = append(m.Nets, p)
	}
	if m.Addr != "" && (len(m.Boxes) == 0 || len(m.Senders) == 0) {
		return m, errors.New("SOHOA_DROP_MAIL_ADDR without SOHOA_DROP_MAIL_BOXES and SOHOA_DROP_MAIL_SENDERS takes nothing: say who may send whereto")
	}
	return m, nil
}

// checkTLS keeps passwords from going through a network in the open.
func (d Drops) checkTLS() error {
	if (d.Cert == "") != (d.Key == "") {
		return errors.New("SOHOA_DROP_CERT and SOHOA_DROP_KEY go together")
	}
	if d.WebDAV == "" || d.Cert != "" {
		return nil
	}
	host, _, err := net.SplitHostPort(d.WebDAV)
	if err != nil {
		return fmt.Errorf("SOHOA_DROP_WEBDAV_ADDR: %w", err)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return errors.New("SOHOA_DROP_WEBDAV_ADDR is reached over a network, and passwords go with each request: set SOHOA_DROP_CERT and SOHOA_DROP_KEY, or listen on 127.0.0.1 behind a proxy that ends TLS")
	}
	return nil
}

// tls are the certificate's settings; nil without one.
func (d Drops) tls() (*tls.Config, error) {
	if d.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(d.Cert, d.Key)
	if err != nil {
		return nil, fmt.Errorf("SOHOA_DROP_CERT, SOHOA_DROP_KEY: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}

// dropListeners are where scanners come in; nil: that door is shut.
type dropListeners struct{ sftp, webdav, mail net.Listener }

func (h *House) listenForDrops() (err error) {
	d := h.Settings.Drops
	for at, to := range map[string]*net.Listener{d.SFTP: &h.dropsAt.sftp, d.WebDAV: &h.dropsAt.webdav, d.Mail.Addr: &h.dropsAt.mail} {
		if at == "" {
			continue
		}
		if *to, err = listen(at); err != nil {
			return err
		}
		h.onClose(closed(*to))
	}
	return nil
}

// openDoors lets scanners in by every door that has an address, and takes what lies in
// their boxes until ctx ends.
func (h *House) openDoors(ctx context.Context) error {
	d := h.Settings.Drops
	spool := &doors.Spool{Dir: h.Settings.spool(), Bytes: Limits.Bytes}
	guard := &doors.Guard{Accounts: h.DB, Now: h.Settings.now}
	secret, err := d.tls()
	if err != nil {
		return err
	}
	if h.dropsAt != (dropListeners{}) {
		if err := os.MkdirAll(spool.Dir, 0o700); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.watchBoxes(ctx, spool) })
	if h.dropsAt.sftp != nil {
		var key ssh.Signer
		if err := h.Settings.Alone(ctx, func() (err error) {
			key, err = doors.HostKey(h.Settings.doorKey())
			return err
		}); err != nil {
			return fmt.Errorf("key of the SFTP door: %w", err)
		}
		door := &doors.SFTP{Guard: guard, Spool: spool, Key: key, Log: h.Log, Clock: time.Now}
		g.Go(func() error { return door.Serve(ctx, h.dropsAt.sftp) })
	}
	if l := h.dropsAt.webdav; l != nil {
		door := &doors.WebDAV{Guard: guard, Spool: spool, Log: h.Log, Clock: time.Now, TLS: secret}
		g.Go(func() error { return door.Serve(ctx, l) })
	}
	if h.dropsAt.mail != nil {
		name, _ := os.Hostname()
		door := &doors.Mail{Guard: guard, Spool: spool, Boxes: d.Mail.Boxes, Senders: d.Mail.Senders, Nets: d.Mail.Nets, TLS: secret, Domain: name, Temp: h.temp, Log: h.Log, Clock: time.Now}
		g.Go(func() error { return door.Serve(ctx, h.dropsAt.mail) })
	}
	return g.Wait()
}

// webdav looks at the WebDAV door.
func (d doctor) webdav() Finding {
	at := d.s.Drops.WebDAV
	if at == "" {
		return well("drop-webdav", "cửa WebDAV cho máy quét đang đóng", "the WebDAV door for scanners is shut")
	}
	if f, ok := d.certificate("drop-webdav"); !ok {
		return f
	}
	if d.s.Drops.Cert == "" {
		return well("drop-webdav", "cửa WebDAV ở "+at+", chỉ trong máy này, sau máy chủ TLS", "the WebDAV door is at "+at+", on this machine alone, behind what ends TLS")
	}
	return well("drop-webdav", "cửa WebDAV ở "+at+", qua TLS", "the WebDAV door is at "+at+", over TLS")
}

// certificate looks at the one of the doors; ok if there is none, or a good one.
func (d doctor) certificate(what string) (f Finding, ok bool) {
	secret, err := d.s.Drops.tls()
	if err != nil {
		return broken(what, err, "đặt đúng tệp chứng thư và khóa PEM", "name the PEM files of a certificate and its key"), false
	}
	if secret == nil {
		return f, true
	}
	cert, err := x509.ParseCertificate(secret.Certificates[0].Certificate[0])
	if err == nil && d.s.now().Add(14*24*time.Hour).After(cert.NotAfter) {
		err = fmt.Errorf("the certificate ends on %s", cert.NotAfter.Format(time.DateOnly))
	}
	if err != nil {
		return broken(what, err, "thay chứng thư, rồi khởi động lại", "put a new certificate there and start again"), false
	}
	return f, true
}

// mail looks at the door for letters.
func (d doctor) mail() Finding {
	m := d.s.Drops.Mail
	if m.Addr == "" {
		return well("drop-mail", "cửa nhận thư cho máy quét đang đóng", "the door for scanners' letters is shut")
	}
	if f, ok := d.certificate("drop-mail"); !ok {
		return f
	}
	if d.s.Drops.Cert == "" {
		return Finding{What: "drop-mail", State: Note, VI: fmt.Sprintf("cửa nhận thư ở %s, %d địa chỉ, không mã hóa đường truyền", m.Addr, len(m.Boxes)), EN: fmt.Sprintf("the door for letters is at %s, for %d addresses, without TLS", m.Addr, len(m.Boxes)),
			DoVI: "đặt SOHOA_DROP_CERT và SOHOA_DROP_KEY để máy gửi dùng được STARTTLS", DoEN: "set SOHOA_DROP_CERT and SOHOA_DROP_KEY, for STARTTLS"}
	}
	return well("drop-mail", fmt.Sprintf("cửa nhận thư ở %s, %d địa chỉ, có STARTTLS", m.Addr, len(m.Boxes)), fmt.Sprintf("the door for letters is at %s, for %d addresses, with STARTTLS", m.Addr, len(m.Boxes)))
}

// ScanBox opens the box in which `sohoa scan` lays what the machine of an account
// scanned. The service takes it from there.
func ScanBox(s Settings, scanner string) (*doors.Box, error) {
	spool := &doors.Spool{Dir: s.spool(), Bytes: Limits.Bytes}
	return spool.Box(scanner, "scan")
}

// ScanTemp is a directory for files under way of `sohoa scan`.
func ScanTemp(s Settings) (string, error) {
	dir := filepath.Join(s.Data, "scanning")
	return dir, os.MkdirAll(dir, 0o700)
}
