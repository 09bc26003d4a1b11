package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// certified returns a certificate of key, by itself.
func certified(t testing.TB, key crypto.Signer) *x509.Certificate {
	t.Helper()
	x := &x509.Certificate{SerialNumber: big.NewInt(7), Issuer: pkix.Name{CommonName: "An"}, Subject: pkix.Name{CommonName: "An"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, x, x, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func p256(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func keys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"P-256": p256(t), "P-384": p384, "RSA-2048": rsa2048}
}

func TestRoundTrip(t *testing.T) {
	digest := sha256.Sum256([]byte("giấy tờ"))
	for name, key := range keys(t) {
		cert := certified(t, key)
		s, err := Sign(digest, key, []*x509.Certificate{cert})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		der, err := s.Marshal([]byte{0x30, 0})
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(der)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := d.Check(digest[:]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !d.Signer.Equal(cert) || d.Content != nil || string(d.Token) != "0\x00" || d.SigningTime || string(d.Value) != string(s.Value()) {
			t.Errorf("%s: %+v", name, d)
		}
		other := sha256.Sum256([]byte("other"))
		if err := d.Check(other[:]); !errors.Is(err, ErrDigest) {
			t.Errorf("%s: other bytes: %v", name, err)
		}
		opensslAgrees(t, name, der, cert)
	}
}

// opensslAgrees has OpenSSL verify the signature as CAdES.
func opensslAgrees(t *testing.T, name string, der []byte, cert *x509.Certificate) {
	t.Helper()
	dir := t.TempDir()
	for file, b := range map[string][]byte{"sig": der, "content": []byte("giấy tờ"), "cert": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})} {
		if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "sig", "-content", "content",
		"-CAfile", "cert", "-partial_chain", "-purpose", "any", "-out", "/dev/null")
	cmd.Dir = dir
	if says, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: openssl: %v: %s", name, err, says)
	}
}

func TestEnclose(t *testing.T) {
	key := p256(t)
	s, err := Enclose(OIDTSTInfo, []byte{0x30, 0}, key, []*x509.Certificate{certified(t, key)})
	if err != nil {
		t.Fatal(err)
	}
	der, err := s.Marshal(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.CheckEnclosed(); err != nil || string(d.Content) != "0\x00" || !d.ContentType.Equal(OIDTSTInfo) {
		t.Errorf("%v %+v", err, d)
	}
	if err := d.Check(make([]byte, 32)); !errors.Is(err, ErrMalformed) {
		t.Errorf("a signature about its own content passes for one about a file: %v", err)
	}
}

func TestKeysNotTaken(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
	for name, pub := range map[string]crypto.PublicKey{"Ed25519": ed.Public(), "P-224": p224.Public(), "RSA-1024": weak} {
		if err := CheckKey(pub); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryByte changes each byte of a signature in turn: none may pass, but
// those outside what is signed may at most make it unreadable.
func TestEveryByte(t *testing.T) {
	key := p256(t)
	digest := sha256.Sum256([]byte("x"))
	s, err := Sign(digest, key, []*x509.Certificate{certified(t, key)})
	if err != nil {
		t.Fatal(err)
	}
	der, err := s.Marshal(nil)
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for i := range der {
		bad := append([]byte(nil), der...)
		bad[i] ^= 0x01
		if d, err := Parse(bad); err == nil && d.Check(digest[:]) == nil {
			passed++ // the version, and the list of algorithms, say nothing
		}
		if _, err := Parse(der[:i]); !errors.Is(err, ErrMalformed) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if passed > 20 {
		t.Errorf("%d of %d changes pass", passed, len(der))
	}
	if _, err := Parse(append(der, 0)); !errors.Is(err, ErrMalformed) {
		t.Errorf("a byte behind: %v", err)
	}
	if _, err := Parse(make([]byte, MaxSize+1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("too large: %v", err)
	}
}

// FuzzParse looks for input that makes the reader fall over; deep nesting is
// what ended other readers.
func FuzzParse(f *testing.F) {
	key := p256(f)
	s, err := Sign([32]byte{}, key, []*x509.Certificate{certified(f, key)})
	if err != nil {
		f.Fatal(err)
	}
	der, err := s.Marshal(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	deep := make([]byte, MaxSize)
	for i := 0; i < len(deep); i += 2 {
		deep[i], deep[i+1] = 0x30, 0x80
	}
	f.Add(deep)
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := Parse(b); err == nil {
			_ = d.Check(make([]byte, 32))
			_ = d.CheckEnclosed()
		}
	})
}
