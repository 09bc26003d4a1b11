// Package softhsm makes tokens in software for tests: SoftHSM2 of Debian, the
// real library over a directory of its own.
package softhsm

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ThalesGroup/crypto11"
)

// Module is where Debian puts the library.
const Module = "/usr/lib/softhsm/libsofthsm2.so"

// PIN is that of every token here.
const PIN = "1234"

// A Token is one initialised token.
type Token struct {
	Dir         string            // that holds its objects; away with it is the token away
	Environment map[string]string // to find it by
	label       string
	t           testing.TB
}

// New makes a token. It fails the test if SoftHSM2 is not installed.
func New(t testing.TB, label string) *Token {
	t.Helper()
	root := t.TempDir()
	s := &Token{Dir: filepath.Join(root, "tokens"), label: label, t: t}
	conf := filepath.Join(root, "softhsm2.conf")
	text := "directories.tokendir = " + s.Dir + "\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n"
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Environment = map[string]string{"SOFTHSM2_CONF": conf}
	s.util("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "12345678")
	return s
}

func (s *Token) util(args ...string) {
	s.t.Helper()
	cmd := exec.Command("softhsm2-util", args...)
	cmd.Env = append(os.Environ(), "SOFTHSM2_CONF="+s.Environment["SOFTHSM2_CONF"])
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("softhsm2-util (Debian package softhsm2): %v %s", err, out)
	}
}

// Put puts a private key on the token under an id, and its certificate if not
// nil. It returns the address.
func (s *Token) Put(id byte, key crypto.Signer, cert *x509.Certificate) string {
	s.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(s.t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.util("--import", file, "--token", s.label, "--label", "key", "--id", fmt.Sprintf("%02x", id), "--pin", PIN)
	if cert != nil {
		s.certificate(id, cert)
	}
	return s.Address(id)
}

// Address is where a key is.
func (s *Token) Address(id byte) string {
	return fmt.Sprintf("pkcs11:token=%s;id=%%%02X?module-path=%s", s.label, id, Module)
}

func (s *Token) certificate(id byte, cert *x509.Certificate) {
	s.t.Helper()
	before, was := os.LookupEnv("SOFTHSM2_CONF")
	defer func() {
		if os.Unsetenv("SOFTHSM2_CONF"); was {
			os.Setenv("SOFTHSM2_CONF", before)
		}
	}()
	if err := os.Setenv("SOFTHSM2_CONF", s.Environment["SOFTHSM2_CONF"]); err != nil {
		s.t.Fatal(err)
	}
	c, err := crypto11.Configure(&crypto11.Config{Path: Module, TokenLabel: s.label, Pin: PIN, MaxSessions: 2})
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := c.ImportCertificateWithLabel([]byte{id}, []byte("certificate"), cert); err != nil {
		s.t.Fatal(err)
	}
}
