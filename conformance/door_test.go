//go:build conformance

package conformance

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// doorPassword is that of the people whom doorHouse makes.
const doorPassword = "trời xanh mây trắng"

// freePort is a port that nobody listens at, most likely also a moment later: it is not
// of those that the kernel gives to whoever asks for any (ip_local_port_range, from 32768).
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := fmt.Sprint(20_000 + rand.IntN(12_000))
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// doorHouse runs the real service at an origin, with a clerk, and an officer whom the
// provider of an issuer knows as id1.
func doorHouse(t *testing.T, port, issuer string) (origin string) {
	t.Helper()
	data := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	must(err)
	must(db.PutAgency(t.Context(), dossier.Agency{Code: "H60", Name: "UBND tỉnh", Tier: dossier.Province}))
	for _, p := range []dossier.Person{{ID: "p-admin", Login: "quantri", Name: "A", Role: dossier.Admin, Agency: "H60"}, {ID: "p-clerk", Login: "vanthu", Name: "B", Role: dossier.Clerk, Agency: "H60"}, {ID: "p-officer", Login: "canbo", Name: "C", Role: dossier.Officer, Agency: "H60"}} {
		must(db.PutPerson(t.Context(), p, web.HashPassword(doorPassword)))
	}
	must(db.BindIdentity(t.Context(), "p-officer", issuer, "id1", account.By{Who: "p-admin", Role: dossier.Admin}))
	must(db.Close())
	secret := filepath.Join(t.TempDir(), "secret")
	put(t, filepath.Dir(secret), "secret", []byte("secret\n"))
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	must(err)
	origin = "http://localhost:" + port
	service := exec.Command("../bin/sohoa", "serve", "--data", data, "--addr", "127.0.0.1:"+port)
	service.Env = append(os.Environ(), "SOHOA_ORIGIN="+origin, "SOHOA_OIDC_ISSUER="+issuer, "SOHOA_OIDC_CLIENT=web", "SOHOA_OIDC_SECRET_FILE="+secret, "SOHOA_OIDC_NAME=Cổng thử", "SOHOA_OIDC_PRIVATE=1")
	service.Stdout, service.Stderr = log, log
	if err := service.Start(); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	t.Cleanup(func() {
		_ = service.Process.Signal(syscall.SIGTERM)
		_ = service.Wait()
		log.Close()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("the service says\n%s", said)
		}
	})
	address(t, log.Name())
	return origin
}

// provided runs the identity provider at a port.
func provided(t *testing.T, bin, port, back string) (stop func()) {
	t.Helper()
	op := exec.Command(bin, port, back)
	if err := op.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() { _ = op.Process.Kill(); _ = op.Wait() }
	for range 100 {
		if res, err := http.Get("http://localhost:" + port + "/.well-known/openid-configuration"); err == nil {
			res.Body.Close()
			return stop
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	t.Fatal("the identity provider did not start")
	return nil
}

// TestDoorByOthers has others judge how people come in at the real service: Chromium
// with a virtual authenticator, and zitadel/oidc as the identity provider, whose keys
// change when it starts again.
func TestDoorByOthers(t *testing.T) {
	t.Parallel()
	const op = "../bin/op" // scripts/conformance builds it
	port, at := freePort(t), freePort(t)
	issuer := "http://localhost:" + at + "/"
	origin := doorHouse(t, port, issuer)
	t.Run("passkeys", func(t *testing.T) {
		out, err := exec.Command("node", "passkeys.mjs", origin, "vanthu", doorPassword).CombinedOutput()
		want := strings.Join([]string{"password: /", "registered: 1 localhost", "alone: /", "proved: /dossiers", "password alone: /login/code", "second factor: /",
			"not verified: /login Chưa dùng được khóa truy cập. Thử lại, hoặc dùng cách khác.", "copied: /login/passkey Khóa truy cập này ngừng được nhận",
			"another origin: Chưa dùng được khóa truy cập. Thử lại, hoặc dùng cách khác.", "complaints: none", ""}, "\n")
		if err != nil || string(out) != want {
			t.Errorf("%v\n%s\nwant\n%s", err, out, want)
		}
	})
	t.Run("provider", func(t *testing.T) {
		for _, word := range []string{"verysecure", "verysecure", "wrong"} {
			stop := provided(t, op, at, origin+web.ReturnPath) // each time with another key
			says := signedIn(t, origin, word)
			stop()
			if in := strings.Contains(says, "/logout"); in != (word == "verysecure") {
				t.Errorf("with the password %q: %s", word, says)
			}
		}
	})
}

// signedIn logs in at the provider, as a browser that follows where it is sent, and
// returns the page it ends at.
func signedIn(t *testing.T, origin, password string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	read := func(res *http.Response, err error) (string, *url.URL) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b), res.Request.URL
	}
	page, at := read(browser.Get(origin + "/login/provider"))
	id := at.Query().Get("authRequestID")
	if id == "" {
		return page
	}
	page, at = read(browser.PostForm(at.Scheme+"://"+at.Host+at.Path, url.Values{"id": {id}, "username": {"test-user@localhost"}, "password": {password}}))
	return fmt.Sprint(at.Path, page)
}
