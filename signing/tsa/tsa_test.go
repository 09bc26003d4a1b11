package tsa_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/signing/devca"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/tsa"
)

func TestStamp(t *testing.T) {
	d := devtest.New(t, time.Now)
	der, at, err := d.Sealer.TSA.Stamp(t.Context(), []byte("chữ ký"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := tsa.Parse(der)
	if err != nil || !token.Time.Equal(at) || time.Since(at) > time.Minute || token.Nonce == nil {
		t.Fatalf("%+v %v", token, err)
	}
	if _, err := token.Verify([]byte("other"), d.CA.Roots()); !errors.Is(err, tsa.ErrToken) {
		t.Errorf("about other bytes: %v", err)
	}
	if _, err := token.Verify([]byte("chữ ký"), devtest.New(t, time.Now).CA.Roots()); !errors.Is(err, tsa.ErrUntrusted) {
		t.Errorf("under another root: %v", err)
	}
	for i := range der { // no byte may be changed and nobody notice
		bad := bytes.Clone(der)
		bad[i] ^= 0x20
		if token, err := tsa.Parse(bad); err == nil {
			if _, err := token.Verify([]byte("chữ ký"), d.CA.Roots()); err == nil && !token.Time.Equal(at) {
				t.Fatalf("byte %d can be changed", i)
			}
		}
	}
}

// TestOpenSSLAgrees has OpenSSL ask our authority and verify its answer.
func TestOpenSSLAgrees(t *testing.T) {
	ca, err := devca.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(ca.TSA())
	defer server.Close()
	dir := t.TempDir()
	run := func(args ...string) string {
		cmd := exec.Command("openssl", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	write(t, dir, "data", []byte("giấy tờ"))
	write(t, dir, "root.pem", ca.RootPEM())
	for _, hash := range []string{"-sha256", "-sha512"} {
		run("ts", "-query", "-data", "data", hash, "-cert", "-out", "query")
		q, err := os.ReadFile(filepath.Join(dir, "query"))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.Post(server.URL, "application/timestamp-query", bytes.NewReader(q))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, "answer", answer)
		if out := run("ts", "-verify", "-queryfile", "query", "-in", "answer", "-CAfile", "root.pem"); !strings.Contains(out, "Verification: OK") {
			t.Error(out)
		}
	}
}

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestLiars has authorities answer what was not asked.
func TestLiars(t *testing.T) {
	d := devtest.New(t, time.Now)
	real := d.CA.TSA()
	var old []byte // an earlier answer
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"answers an older question": {func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			real.ServeHTTP(rec, r)
			if old == nil {
				old = rec.Body.Bytes()
			}
			w.Header().Set("Content-Type", "application/timestamp-reply")
			_, _ = w.Write(old)
		}, tsa.ErrToken},
		"refuses": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/timestamp-reply")
			_, _ = w.Write([]byte{0x30, 5, 0x30, 3, 2, 1, 2})
		}, tsa.ErrUnavailable},
		"is nested deep": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/timestamp-reply")
			_, _ = w.Write(bytes.Repeat([]byte{0x30, 0x80}, 30000))
		}, tsa.ErrToken},
		"leads elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		}, tsa.ErrUnavailable},
	} {
		server := httptest.NewServer(c.handler)
		client := *d.Sealer.TSA
		client.URL = server.URL
		var err error
		for range 2 {
			_, _, err = client.Stamp(t.Context(), []byte("x"))
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		server.Close()
	}
	wrong := *d.Sealer.TSA
	wrong.Now = func() time.Time { return time.Now().Add(time.Hour) }
	if _, _, err := wrong.Stamp(t.Context(), []byte("x")); !errors.Is(err, tsa.ErrToken) {
		t.Errorf("an hour apart: %v", err)
	}
}

// TestQuestions sends the authority what is no question.
func TestQuestions(t *testing.T) {
	ca, err := devca.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	for name, c := range map[string]struct {
		method, media string
		body          []byte
		status        int
	}{
		"GET":      {"GET", "", nil, http.StatusBadRequest},
		"a form":   {"POST", "text/plain", sum[:], http.StatusBadRequest},
		"too long": {"POST", "application/timestamp-query", make([]byte, 5000), http.StatusRequestEntityTooLarge},
		"no DER":   {"POST", "application/timestamp-query", sum[:], http.StatusOK}, // with a rejection inside
	} {
		req := httptest.NewRequest(c.method, "/", bytes.NewReader(c.body))
		req.Header.Set("Content-Type", c.media)
		rec := httptest.NewRecorder()
		ca.TSA().ServeHTTP(rec, req)
		if rec.Code != c.status {
			t.Errorf("%s: %d, want %d", name, rec.Code, c.status)
		}
		if name == "no DER" && !bytes.Equal(rec.Body.Bytes(), []byte{0x30, 5, 0x30, 3, 2, 1, 2}) {
			t.Errorf("%s: %x", name, rec.Body.Bytes())
		}
	}
}

// TestUsage makes stamps with certificates that may not, or not only, make them
// (RFC 3161, 2.3).
func TestUsage(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stamping := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	email := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 4}
	for name, c := range map[string]struct {
		usages   []asn1.ObjectIdentifier
		critical bool
		want     error
	}{
		"as it should be": {[]asn1.ObjectIdentifier{stamping}, true, nil},
		"not critical":    {[]asn1.ObjectIdentifier{stamping}, false, tsa.ErrUntrusted},
		"more than that":  {[]asn1.ObjectIdentifier{stamping, email}, true, tsa.ErrUntrusted},
		"something else":  {[]asn1.ObjectIdentifier{email}, true, tsa.ErrUntrusted},
	} {
		usage, err := asn1.Marshal(c.usages)
		if err != nil {
			t.Fatal(err)
		}
		x := &x509.Certificate{SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "TSA"},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
			ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: c.critical, Value: usage}}}
		der, err := x509.CreateCertificate(rand.Reader, x, x, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(cert)
		server := httptest.NewServer(&tsa.Authority{Key: key, Chain: []*x509.Certificate{cert}, Policy: email, Now: time.Now})
		client := tsa.Client{URL: server.URL, Roots: roots, Now: time.Now}
		if _, _, err := client.Stamp(t.Context(), []byte("x")); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		server.Close()
	}
}
