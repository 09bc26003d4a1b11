package keys_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"software.sslmate.com/src/go-pkcs12"

	"sohoa/jail"
	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/csc/csctest"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/keys/pkcs11"
	"sohoa/signing/keys/pkcs11/softhsm"
	"sohoa/signing/revinfo"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{pkcs11.Name: pkcs11.Child})
	os.Exit(m.Run())
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func certify(t testing.TB, key crypto.Signer) *x509.Certificate {
	t.Helper()
	by := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Con dấu"}, NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, c, c, key.Public(), by))))
}

func write(t testing.TB, b string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := errors.Join(os.WriteFile(path, []byte(b), mode), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
	return path
}

const vietnamese = "Mật khẩu của Nghĩa"

// TestPKCS12: files as OpenSSL writes them, new and old, with a password in
// Vietnamese, whichever way its letters are composed.
func TestPKCS12(t *testing.T) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	cert := certify(t, key)
	dir := t.TempDir()
	both := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	in := write(t, both, 0o600)
	for name, options := range map[string][]string{
		"modern": nil,
		"3DES":   {"-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"},
	} {
		out := filepath.Join(dir, name)
		args := append([]string{"pkcs12", "-export", "-in", in, "-out", out, "-passout", "pass:" + vietnamese}, options...)
		if b, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", name, err, b)
		}
		for _, password := range []string{norm.NFC.String(vietnamese), norm.NFD.String(vietnamese), vietnamese + "\r\n"} {
			k, err := keys.Load(out, write(t, password, 0o600))
			if err != nil || !k.Chain[0].Equal(cert) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := keys.Load(out, write(t, "khác", 0o600)); !errors.Is(err, keys.ErrPIN) || strings.Contains(err.Error(), "khác ") {
			t.Errorf("%s, another password: %v", name, err)
		}
	}
}

// TestKinds: what may not sign says so, from a file and from a token.
func TestKinds(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	hsm := softhsm.New(t, "dau")
	for i, row := range []struct {
		key  crypto.Signer
		says string
	}{
		{must(rsa.GenerateKey(rand.Reader, 1024)), "RSA of 1024 bits"},
		{must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)), "P-521"},
		{must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)), "P-224"},
		{func() crypto.Signer { _, k, _ := ed25519.GenerateKey(rand.Reader); return k }(), "Ed25519"},
	} {
		if err := keys.Fit(row.key.Public()); !errors.Is(err, signing.ErrKey) || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", row.says, err)
		}
		cert := certify(t, row.key)
		file := write(t, string(must(pkcs12.Modern2023.Encode(row.key, cert, nil, "x"))), 0o600)
		if _, err := keys.Load(file, write(t, "x", 0o600)); !errors.Is(err, signing.ErrKey) || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s in a file: %v", row.says, err)
		}
		source := keys.Source{Address: hsm.Put(byte(i+1), row.key, cert), PIN: keys.Type([]byte(softhsm.PIN)).PIN, Environment: hsm.Environment}
		if h, err := keys.Open(t.Context(), source); !errors.Is(err, signing.ErrKey) {
			t.Errorf("%s on a token: %v", row.says, err)
			h.Close()
		}
	}
	for _, key := range []crypto.Signer{must(rsa.GenerateKey(rand.Reader, 2048)), must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))} {
		if err := keys.Fit(key.Public()); err != nil {
			t.Error(err)
		}
	}
}

// TestService opens and uses a key at a signing service by its settings in a
// file.
func TestService(t *testing.T) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	cert := certify(t, key)
	s := csctest.New(t, key, []*x509.Certificate{cert}, "1.2.840.10045.4.3.2")
	dir := t.TempDir()
	put := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("roots.pem", string(s.Root))
	put("secret", csctest.Secret+"\n")
	settings := put("settings.json", fmt.Sprintf(`{"url":%q,"client":%q,"secretFile":"secret","roots":"roots.pem"}`, s.URL, csctest.Client))
	source := keys.Source{Address: "csc:" + settings, PIN: keys.Type([]byte(csctest.PIN)).PIN, Now: time.Now}
	h, err := keys.Open(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	digest := sha256.Sum256(nil)
	for range 3 {
		if sig, err := h.Signer.Sign(nil, digest[:], crypto.SHA256); err != nil || !ecdsa.VerifyASN1(&key.PublicKey, digest[:], sig) {
			t.Errorf("%x %v", sig, err)
		}
	}
	if n := s.Calls("oauth2/token"); n != 1 {
		t.Errorf("%d access tokens", n)
	}
	put("roots.pem", "nothing")
	if _, err := keys.Open(t.Context(), source); !errors.Is(err, csc.ErrSettings) {
		t.Errorf("no roots: %v", err)
	}
	if err := os.Chmod(filepath.Join(dir, "secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(t.Context(), source); !errors.Is(err, keys.ErrOpen) {
		t.Errorf("a secret for all: %v", err)
	}
}

func TestPINs(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "pin"), []byte("1234\n"), 0o440), os.Chmod(filepath.Join(dir, "pin"), 0o440)); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{"file": "file:" + write(t, "1234\n", 0o600), "read only": "file:" + write(t, "1234", 0o400), "credential": "credential:pin"} {
		pin, err := keys.ParsePIN(from, dir)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := pin(); err != nil || string(b) != "1234" {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
	for name, row := range map[string]struct {
		from string
		want error
	}{
		"for the group":     {"file:" + write(t, "1234", 0o640), keys.ErrOpen},
		"for all":           {"file:" + write(t, "1234", 0o604), keys.ErrOpen},
		"a directory":       {"file:" + dir, keys.ErrOpen},
		"not there":         {"file:" + dir + "/none", os.ErrNotExist},
		"too long":          {"file:" + write(t, strings.Repeat("1", 5000), 0o600), keys.ErrPIN},
		"away":              {"credential:../pin", keys.ErrPIN},
		"dots":              {"credential:..", keys.ErrPIN},
		"argument":          {"1234", keys.ErrPIN},
		"environment":       {"env:PIN", keys.ErrPIN},
		"nothing in a file": {"file:", keys.ErrPIN},
	} {
		pin, err := keys.ParsePIN(row.from, dir)
		if err == nil {
			_, err = pin()
		}
		if !errors.Is(err, row.want) || strings.Contains(err.Error(), "1234") && name == "argument" {
			t.Errorf("%s: %v", name, err)
		}
	}
	typed := []byte("1234")
	kept := keys.Type(typed)
	if b, err := kept.PIN(); err != nil || string(b) != "1234" {
		t.Error(b, err)
	}
	kept.Forget()
	if _, err := kept.PIN(); !errors.Is(err, keys.ErrPIN) || string(typed) != "\x00\x00\x00\x00" {
		t.Error(err, typed)
	}
}

type away struct{ crypto.Signer }

func (away) Ready() error { return errors.New("it was pulled out") }

type silent struct{}

func (silent) Proof(context.Context, *x509.Certificate, *x509.Certificate) (*revinfo.Statement, error) {
	return nil, revinfo.ErrUnavailable
}

// TestGate: every limit refuses with its code, in both languages, and what is
// behind it can be told.
func TestGate(t *testing.T) {
	ca := must(devca.Open(t.TempDir(), time.Now))
	for _, name := range []string{"good", "bad"} {
		if err := ca.Issue(name, "Cơ quan", ""); err != nil {
			t.Fatal(err)
		}
	}
	good, bad := must(keys.Load(ca.KeyPath("good"))), must(keys.Load(ca.KeyPath("bad")))
	if err := ca.Revoke(bad.Chain[0]); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	alone, pulled := good, good
	alone.Chain = good.Chain[:1]
	pulled.Signer = away{good.Signer}
	var limits keys.Limits
	if err := json.Unmarshal([]byte(`{"uses":3,"period":"24h","left":"30d"}`), &limits); err != nil || limits.Left != keys.Span(30*24*time.Hour) || limits.Check() != nil {
		t.Fatal(limits, err)
	}
	for _, bad := range []string{`{"period":"-1h"}`, `{"period":"x"}`, `{"period":3}`} {
		if err := json.Unmarshal([]byte(bad), new(keys.Limits)); err == nil {
			t.Error(bad)
		}
	}
	used := 0
	gate := &keys.Gate{Now: func() time.Time { return now }, Evidence: ca, Limits: func(*x509.Certificate) keys.Limits { return limits },
		Used: func(_ context.Context, cert *x509.Certificate, since time.Time) (int, error) {
			if !cert.Equal(good.Chain[0]) && !cert.Equal(bad.Chain[0]) || now.Sub(since) > 24*time.Hour+time.Minute {
				t.Errorf("asked about %v since %v", cert.Subject, since)
			}
			return used, nil
		}}
	for name, row := range map[string]struct {
		k      signing.Key
		used   int
		at     time.Time
		code   string
		behind error
	}{
		"good":       {good, 2, now, "", nil},
		"used up":    {good, 3, now, keys.CodeUses, nil},
		"ends soon":  {good, 0, good.Chain[0].NotAfter.Add(-29 * 24 * time.Hour), keys.CodeEnding, nil},
		"ended":      {good, 0, good.Chain[0].NotAfter.Add(time.Second), keys.CodeExpired, signing.ErrExpired},
		"not begun":  {good, 0, good.Chain[0].NotBefore.Add(-time.Second), keys.CodeExpired, signing.ErrExpired},
		"revoked":    {bad, 0, now.Add(time.Second), keys.CodeRevoked, revinfo.ErrRevoked},
		"no issuer":  {alone, 0, now, keys.CodeUnsure, revinfo.ErrUnavailable},
		"pulled out": {pulled, 0, now, keys.CodeToken, nil},
	} {
		used = row.used
		err := gate.Allow(t.Context(), row.k, row.at)
		var r *keys.Refusal
		if row.code == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.As(err, &r) || r.Code != row.code || r.Vi == "" || r.En == "" || row.behind != nil && !errors.Is(err, row.behind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	gate.Evidence, used = silent{}, 0
	var r *keys.Refusal
	if err := gate.Allow(t.Context(), good, now); !errors.As(err, &r) || r.Code != keys.CodeUnsure {
		t.Errorf("nobody tells: %v", err)
	}
	lost := errors.New("database is gone")
	gate.Used = func(context.Context, *x509.Certificate, time.Time) (int, error) { return 0, lost }
	if err := gate.Allow(t.Context(), good, now); !errors.Is(err, lost) {
		t.Errorf("uncounted: %v", err)
	}
}
