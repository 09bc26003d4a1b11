package pkcs11

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/signing/keys/pkcs11/softhsm"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{Name: Child})
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
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	return must(x509.ParseCertificate(der))
}

func pin(p string) func() ([]byte, error) { return func() ([]byte, error) { return []byte(p), nil } }

func at(t *testing.T, address string) Address {
	t.Helper()
	return must(Parse(address))
}

func verifies(pub crypto.PublicKey, digest, sig []byte) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, digest, sig) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, digest, sig)
	}
	return false
}

// TestSigns: every kind of key that may sign, eight at a time.
func TestSigns(t *testing.T) {
	hsm := softhsm.New(t, "dau")
	for i, key := range []crypto.Signer{must(rsa.GenerateKey(rand.Reader, 2048)),
		must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))} {
		address := hsm.Put(byte(i+1), key, certify(t, key))
		tok, err := Open(t.Context(), Options{Address: at(t, address), PIN: pin(softhsm.PIN), Environment: hsm.Environment})
		if err != nil {
			t.Fatal(err)
		}
		defer tok.Close()
		if err := tok.Ready(); err != nil {
			t.Error(err)
		}
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				digest := sha256.Sum256([]byte{byte(n)})
				if sig, err := tok.Sign(nil, digest[:], crypto.SHA256); err != nil || !verifies(key.Public(), digest[:], sig) {
					t.Errorf("%T: %v %x", key, err, sig)
				}
			})
		}
		all.Wait()
	}
}

// TestRefuses: what cannot be opened says why, in the kind callers sort by.
func TestRefuses(t *testing.T) {
	hsm := softhsm.New(t, "dau")
	key, other := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	good := hsm.Put(1, key, certify(t, key))
	for name, row := range map[string]struct {
		address string
		o       Options
		want    error
		says    string
	}{
		"wrong PIN":         {good, Options{PIN: pin("4321")}, ErrPIN, ""},
		"no such token":     {strings.Replace(good, "=dau", "=khac", 1), Options{}, ErrUnavailable, "not there"},
		"other serial":      {strings.Replace(good, "token=dau", "token=dau;serial=0", 1), Options{}, ErrUnavailable, "not there"},
		"no such key":       {hsm.Address(9), Options{}, ErrKey, "0 keys"},
		"another's":         {hsm.Put(2, key, certify(t, other)), Options{}, ErrKey, "another key's"},
		"another's in file": {good, Options{Certificate: certify(t, other)}, ErrKey, "another key's"},
		"no certificate":    {hsm.Put(3, other, nil), Options{}, ErrKey, "no certificate"},
		"no library":        {strings.Replace(good, ".so", "x.so", 1), Options{}, ErrUnavailable, "no library"},
		"not a library":     {strings.Replace(good, softhsm.Module, "/bin/true", 1), Options{}, ErrUnavailable, "PKCS#11"},
		"PIN not readable":  {good, Options{PIN: func() ([]byte, error) { return nil, os.ErrPermission }}, os.ErrPermission, ""},
	} {
		row.o.Address, row.o.Environment = at(t, row.address), hsm.Environment
		if row.o.PIN == nil {
			row.o.PIN = pin(softhsm.PIN)
		}
		tok, err := Open(t.Context(), row.o)
		if !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			tok.Close()
		}
	}
	twice := softhsm.New(t, "dau")
	if err := os.CopyFS(twice.Dir, os.DirFS(hsm.Dir)); err != nil { // two tokens with one label
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Address: at(t, good), PIN: pin(softhsm.PIN), Environment: twice.Environment}); err == nil || !strings.Contains(err.Error(), "2 tokens fit") {
		t.Errorf("two tokens: %v", err)
	}
	file := certify(t, other)
	tok, err := Open(t.Context(), Options{Address: at(t, hsm.Address(3)), PIN: pin(softhsm.PIN), Environment: hsm.Environment, Certificate: file})
	if err != nil || !tok.Certificate().Equal(file) {
		t.Fatalf("a certificate in a file: %v", err)
	}
	tok.Close()
}

// TestKindRefused: the kinds of key that readers refuse are refused at the
// token. (Those that crypto11 can read are refused by the caller's check.)
func TestKindRefused(t *testing.T) {
	hsm := softhsm.New(t, "dau")
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	address := hsm.Put(1, key, nil)
	if _, err := Open(t.Context(), Options{Address: at(t, address), PIN: pin(softhsm.PIN), Environment: hsm.Environment}); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "P-384") {
		t.Error(err)
	}
}

// TestPINTriedOnce: tokens lock themselves, so a wrong PIN is tried once.
func TestPINTriedOnce(t *testing.T) {
	hsm := softhsm.New(t, "dau")
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	now := "4321"
	tok := &Token{ctx: t.Context(), o: Options{Address: at(t, hsm.Put(1, key, certify(t, key))), Environment: hsm.Environment, Sessions: 2, Timeout: time.Minute,
		PIN: func() ([]byte, error) { return []byte(now), nil }}}
	if err := tok.Ready(); !errors.Is(err, ErrPIN) || strings.Contains(err.Error(), "before") {
		t.Error(err)
	}
	if err := tok.Ready(); !errors.Is(err, ErrPIN) || !strings.Contains(err.Error(), "not tried again") {
		t.Error(err)
	}
	now = softhsm.PIN // the file was mended
	if err := tok.Ready(); err != nil {
		t.Error(err)
	}
	tok.Close()
}

// TestPINOverwritten: what the caller gave as PIN is gone once it was used.
func TestPINOverwritten(t *testing.T) {
	hsm := softhsm.New(t, "dau")
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	given := []byte(softhsm.PIN)
	tok, err := Open(t.Context(), Options{Address: at(t, hsm.Put(1, key, certify(t, key))), Environment: hsm.Environment, PIN: func() ([]byte, error) { return given, nil }})
	if err != nil || !bytes.Equal(given, make([]byte, len(given))) {
		t.Fatal(err, given)
	}
	tok.Close()
}

// TestComesBack: the token is pulled out and put in again; the process that
// held it crashes or hangs. Each costs what was under way and nothing more.
func TestComesBack(t *testing.T) {
	hsm := softhsm.New(t, "dau")
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tok, err := Open(t.Context(), Options{Address: at(t, hsm.Put(1, key, certify(t, key))), PIN: pin(softhsm.PIN), Environment: hsm.Environment, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer tok.Close()
	digest := sha256.Sum256(nil)
	signs := func() error {
		sig, err := tok.Sign(nil, digest[:], crypto.SHA256)
		if err == nil && !verifies(key.Public(), digest[:], sig) {
			t.Error("a wrong signature")
		}
		return err
	}
	if err := os.Rename(hsm.Dir, hsm.Dir+".out"); err != nil {
		t.Fatal(err)
	}
	if err := tok.Ready(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("token out, ready: %v", err)
	}
	if err := signs(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("token out, signs: %v", err)
	}
	if err := os.Rename(hsm.Dir+".out", hsm.Dir); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tok.Ready(), signs()); err != nil {
		t.Errorf("token in again: %v", err)
	}
	for name, signal := range map[string]syscall.Signal{"crash": syscall.SIGKILL, "hang": syscall.SIGSTOP} {
		pid := tok.running.process.PID()
		if err := syscall.Kill(pid, signal); err != nil {
			t.Fatal(err)
		}
		for stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); signal == syscall.SIGSTOP && !strings.Contains(string(stat), ") T "); {
			time.Sleep(time.Millisecond)
			stat, _ = os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		}
		// A crash may be noticed before anything is asked: then it is there again already.
		if err := signs(); !errors.Is(err, ErrUnavailable) && (err != nil || signal == syscall.SIGSTOP) {
			t.Errorf("%s: %v", name, err)
		}
		if err := signs(); err != nil {
			t.Errorf("after the %s: %v", name, err)
		}
	}
}

func TestParse(t *testing.T) {
	good := "pkcs11:token=Con%20d%E1%BA%A5u;serial=01;id=%01%AB;type=private?module-path=/lib/x.so&pin-source=file:/run/pin"
	a, err := Parse(good)
	if err != nil || a.Label != "Con dấu" || a.Serial != "01" || !bytes.Equal(a.ID, []byte{1, 0xab}) || a.Module != "/lib/x.so" || a.PINSource != "file:/run/pin" {
		t.Fatalf("%+v %v", a, err)
	}
	if b, err := Parse(a.String()); err != nil || b.Label != a.Label || !bytes.Equal(b.ID, a.ID) || strings.Contains(a.String(), "pin") {
		t.Errorf("%s: %v", a, err)
	}
	for _, bad := range []string{"file:x", "pkcs11:", "pkcs11:token=a?module-path=/x", "pkcs11:id=%01?module-path=/x", "pkcs11:token=a;id=%01",
		"pkcs11:token=a;id=%01?module-path=x", "pkcs11:token=a;token=b;id=%01?module-path=/x", "pkcs11:token=a;id=%01?module-path=/x&pin-value=1234",
		"pkcs11:token=a;id=%01;object=k?module-path=/x", "pkcs11:token=%FF;id=%01?module-path=/x", "pkcs11:token=a;id=%0?module-path=/x",
		"pkcs11:token=a%00;id=%01?module-path=/x", "pkcs11:token=a;id=%01;type=cert?module-path=/x", "pkcs11:token;id=%01?module-path=/x"} {
		if _, err := Parse(bad); !errors.Is(err, ErrAddress) || strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// What is sealed for a token is opened by it and by no other; a key that is not
// RSA says so.
func TestSeal(t *testing.T) {
	soft := softhsm.New(t, "seal")
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	curve := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	other := must(rsa.GenerateKey(rand.Reader, 2048))
	var tokens []*Token
	for i, k := range []crypto.Signer{key, other, curve} {
		token := must(Open(t.Context(), Options{Address: at(t, soft.Put(byte(i+1), k, certify(t, k))), PIN: pin(softhsm.PIN), Environment: soft.Environment}))
		t.Cleanup(token.Close)
		tokens = append(tokens, token)
	}
	secret := []byte("a key of thirty-two bytes or more")
	sealed, err := tokens[0].Seal(secret)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tokens[0].Open(sealed); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := tokens[1].Open(sealed); err == nil && bytes.Equal(got, secret) {
		t.Error("another key opens it")
	}
	if _, err := tokens[2].Seal(secret); !errors.Is(err, ErrKey) {
		t.Errorf("a key on a curve: %v", err)
	}
	if _, err := tokens[2].Open(sealed); !errors.Is(err, ErrKey) {
		t.Errorf("a key on a curve: %v", err)
	}
}
