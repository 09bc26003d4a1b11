//go:build conformance

package conformance

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/drop"
	"sohoa/specimen"
	"sohoa/storage/sqldb"
)

// A yard is the real service whose doors for scanners are open, and an account that may
// come in by them.
type yard struct {
	*testing.T
	data, dir, dav, sftp string // dir: of the clients, with key, key.pub and papers
	login, secret        string
}

// freeAddress is one that nobody listens at, most likely also a moment later.
func freeAddress(t *testing.T) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", freePort(t))
}

func newYard(t *testing.T) *yard {
	y := &yard{T: t, data: t.TempDir(), dir: t.TempDir(), dav: freeAddress(t), sftp: freeAddress(t)}
	said(t, y.dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key")
	said(t, y.dir, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "tls.key", "-out", "tls.crt")
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	service := exec.Command("../bin/sohoa", "serve", "--data", y.data, "--addr", freeAddress(t))
	service.Env = append(os.Environ(), "SOHOA_DROP_WEBDAV_ADDR="+y.dav, "SOHOA_DROP_SFTP_ADDR="+y.sftp, "SOHOA_DROP_CERT="+filepath.Join(y.dir, "tls.crt"), "SOHOA_DROP_KEY="+filepath.Join(y.dir, "tls.key"))
	service.Stdout, service.Stderr = log, log
	if err := service.Start(); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	t.Cleanup(func() {
		_ = service.Process.Signal(syscall.SIGTERM)
		_ = service.Wait()
		log.Close()
	})
	address(t, log.Name())
	out, err := exec.Command("../bin/sohoa", "scanner", "add", "quet1", "--agency", "A00", "--why", "máy tầng 1", "--until", time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "--key", filepath.Join(y.dir, "key.pub"), "--who", "quantri", "--json", "--data", y.data).Output()
	var account struct{ Login, Secret string }
	if err != nil || json.Unmarshal(out, &account) != nil {
		t.Fatalf("%v %s", err, out)
	}
	y.login, y.secret = account.Login, account.Secret
	return y
}

// paper puts a scan of its own beside the clients.
func (y *yard) paper(name string, seed uint64) {
	y.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		y.Fatal(err)
	}
	f, err := press.Paper(specimen.Notice, seed, specimen.About{}).File(specimen.JPEG, 100, specimen.Clean(), seed)
	if err != nil {
		y.Fatal(err)
	}
	put(y.T, y.dir, name, f.Bytes)
}

// asks runs a client with input, and returns what it says, however it ends.
func (y *yard) asks(input, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdin, cmd.Env = y.dir, strings.NewReader(input), append(os.Environ(), "HOME="+y.dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// taken waits until just these files were taken, each once, by a door.
func (y *yard) taken(db *sqldb.DB, by drop.Source, names ...string) {
	y.Helper()
	var got []string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		list, err := db.Tray(y.Context(), []dossier.AgencyCode{"A00"}, "", 0)
		if err != nil {
			y.Fatal(err)
		}
		got = nil
		for _, d := range list {
			if d.Source == by && d.State == drop.Taken {
				got = append(got, d.Name)
			}
		}
		if len(got) >= len(names) {
			break
		}
	}
	for _, name := range names {
		n := 0
		for _, g := range got {
			if g == name {
				n++
			}
		}
		if n != 1 {
			y.Errorf("by %s, %s was taken %d times; there is %q", by, name, n, got)
		}
	}
	if len(got) != len(names) {
		y.Errorf("by %s there is %q, not %q", by, got, names)
	}
}

// TestDoorsByOthers has clients that are not ours lay scans down: OpenSSH's sftp, curl,
// cadaver and rclone. What they send is taken, once; nothing can be read, removed, made or
// reached besides, and they are told so in words of their protocols.
func TestDoorsByOthers(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	db, err := sqldb.Open(t.Context(), filepath.Join(y.data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, name := range []string{"ssh 1.jpg", "ssh2.jpg", "curl.jpg", "cadaver.jpg", "rclone 1.jpg", "rclone2.jpg"} {
		y.paper(name, uint64(71+i))
	}
	t.Run("OpenSSH", func(t *testing.T) { y.openSSH(t, db) })
	t.Run("curl", func(t *testing.T) { y.curl(t) })
	t.Run("cadaver", func(t *testing.T) { y.cadaver(t) })
	t.Run("rclone", func(t *testing.T) { y.rclone(t) })
	y.taken(db, drop.WebDAV, "curl.jpg", "cadaver.jpg", "rclone 1.jpg", "rclone2.jpg")
}

func (y *yard) openSSH(t *testing.T, db *sqldb.DB) {
	host, port, _ := net.SplitHostPort(y.sftp)
	args := []string{"-b", "-", "-P", port, "-i", "key", "-o", "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=known", "-o", "BatchMode=yes", y.login + "@" + host}
	if out, err := y.asks("put \"ssh 1.jpg\"\nput -p ssh2.jpg ssh2.part\nrename ssh2.part ssh2.jpg\nls -l\n", "sftp", args...); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	y.taken(db, drop.SFTP, "ssh 1.jpg", "ssh2.jpg")
	y.paper("stays.jpg", 70)
	for _, order := range []string{"get ../../sohoa.db x", "put stays.jpg /etc/stays.jpg", "mkdir dir", "rm stays.jpg", "ln -s /etc/passwd stays.jpg", "rmdir ."} {
		if out, err := y.asks(order+"\n", "sftp", args...); err == nil {
			t.Errorf("%s: done: %s", order, out)
		}
	}
	if out, err := y.asks("put stays.jpg ../../stays.jpg\n", "sftp", args...); err != nil { // above the folder is the folder
		t.Errorf("%v: %s", err, out)
	}
	y.taken(db, drop.SFTP, "ssh 1.jpg", "ssh2.jpg", "stays.jpg")
	if out, err := y.asks("", "ssh", "-p", port, "-i", "key", "-o", "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=known", "-o", "BatchMode=yes", y.login+"@"+host, "id"); err == nil {
		t.Errorf("a command runs: %s", out)
	}
	if out, err := y.asks("", "ssh", "-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1", "-p", port, "-i", "key", "-o", "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=known", "-o", "BatchMode=yes", y.login+"@"+host); err == nil {
		t.Errorf("a port is forwarded: %s", out)
	}
}

func (y *yard) curl(t *testing.T) {
	at := "https://" + y.dav + "/"
	ask := func(want string, args ...string) {
		t.Helper()
		out, err := y.asks("", "curl", append([]string{"-s", "-S", "--cacert", "tls.crt", "-o", "answer", "-w", "%{http_code}", "-u", y.login + ":" + y.secret, "--path-as-is"}, args...)...)
		if err != nil || out != want {
			t.Errorf("curl %v: %s, %v; not %s", args, out, err, want)
		}
	}
	ask("201", "-T", "curl.jpg", at)
	ask("207", "-X", "PROPFIND", "-H", "Depth: 1", at)
	ask("403", "-X", "MKCOL", at+"dir/")
	ask("405", "-X", "DELETE", at+"curl.jpg")
	ask("405", at+"curl.jpg")
	ask("403", "-T", "curl.jpg", at+"../../x.jpg")
	ask("401", "-T", "curl.jpg", "-u", y.login+":another", at)
	if v, err := tls.Dial("tcp", y.dav, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil { // this test's own certificate; what is looked at is the version
		v.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

func (y *yard) cadaver(t *testing.T) {
	open := y.ended(t) // cadaver trusts none but the system's certificates
	host, _, _ := net.SplitHostPort(open)
	put(t, y.dir, ".netrc", fmt.Appendf(nil, "machine %s\nlogin %s\npassword %s\n", host, y.login, y.secret))
	if err := os.Chmod(filepath.Join(y.dir, ".netrc"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := y.asks("put cadaver.jpg\nls\nget cadaver.jpg back.jpg\ndelete cadaver.jpg\nmkcol dir\nquit\n", "cadaver", "http://"+open+"/")
	if err != nil || !strings.Contains(out, "succeeded") {
		t.Errorf("%v: %s", err, out)
	}
	if b, err := os.ReadFile(filepath.Join(y.dir, "back.jpg")); err == nil && bytes.HasPrefix(b, []byte("\xff\xd8")) {
		t.Error("cadaver read a paper back")
	}
}

// ended is an address of this machine behind which TLS to the WebDAV door begins.
func (y *yard) ended(t *testing.T) string {
	t.Helper()
	trust, pool := y.read("tls.crt"), x509.NewCertPool()
	pool.AppendCertsFromPEM(trust)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	pass := func(plain net.Conn) {
		defer plain.Close()
		secret, err := tls.Dial("tcp", y.dav, &tls.Config{RootCAs: pool})
		if err != nil {
			return
		}
		defer secret.Close()
		go func() { _, _ = io.Copy(secret, plain); _ = secret.CloseWrite() }()
		_, _ = io.Copy(plain, secret)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go pass(c)
		}
	}()
	return l.Addr().String()
}

func (y *yard) read(name string) []byte {
	y.Helper()
	b, err := os.ReadFile(filepath.Join(y.dir, name))
	if err != nil {
		y.Fatal(err)
	}
	return b
}

func (y *yard) rclone(t *testing.T) {
	secret, err := y.asks("", "rclone", "obscure", y.secret)
	if err != nil {
		t.Fatal(secret)
	}
	dav := []string{"--config", "none", "--ca-cert", "tls.crt", "--webdav-url", "https://" + y.dav, "--webdav-vendor", "other", "--webdav-user", y.login, "--webdav-pass", strings.TrimSpace(secret), "--retries", "1", "--low-level-retries", "1"}
	for _, name := range []string{"rclone 1.jpg", "rclone2.jpg"} {
		if out, err := y.asks("", "rclone", append(dav, "copyto", name, ":webdav:"+name)...); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	for _, order := range [][]string{{"copyto", ":webdav:rclone2.jpg", "back.jpg"}, {"mkdir", ":webdav:dir"}, {"deletefile", ":webdav:rclone2.jpg"}} {
		if out, err := y.asks("", "rclone", append(dav, order...)...); err == nil {
			t.Errorf("%v: done: %s", order, out)
		}
	}
}
