package devca_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
)

func open(t *testing.T, dir string) *devca.CA {
	t.Helper()
	c, err := devca.Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTwice(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	if !bytes.Equal(first.Root(), open(t, dir).Root()) {
		t.Error("the second opening made another authority")
	}
	if err := first.Issue("an", "An", "UBND"); err != nil {
		t.Fatal(err)
	}
	k, err := keys.Load(first.KeyPath("an"))
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Issue("an", "An", "UBND"); err != nil {
		t.Fatal(err)
	}
	if again, err := keys.Load(first.KeyPath("an")); err != nil || !again.Chain[0].Equal(k.Chain[0]) {
		t.Errorf("issued twice: %v", err)
	}
}

// TestTogether opens an empty directory from many sides at once.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	roots := map[string]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c, err := devca.Open(dir, time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			if err := c.Issue("an", "An", ""); err != nil {
				t.Error(err)
			}
			if _, err := keys.Load(c.KeyPath("an")); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			roots[string(c.Root())] = true
		})
	}
	wg.Wait()
	if len(roots) != 1 {
		t.Errorf("%d authorities", len(roots))
	}
}

func TestWarningAndModes(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	if err := c.Issue("agency", strings.Repeat("Trung tâm Phục vụ hành chính công ", 4), ""); err != nil {
		t.Fatal(err)
	}
	k, err := keys.Load(c.KeyPath("agency"))
	if err != nil {
		t.Fatal(err)
	}
	if len(k.Chain) != 3 {
		t.Fatalf("%d certificates", len(k.Chain))
	}
	for _, cert := range k.Chain {
		if !strings.Contains(cert.Subject.String(), devca.Warning) {
			t.Errorf("%s does not warn", cert.Subject)
		}
		if n := len([]rune(cert.Subject.CommonName)); n > 64 {
			t.Errorf("name of %d characters", n)
		}
	}
	if _, err := k.Chain[0].Verify(x509.VerifyOptions{Roots: c.Roots(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		Intermediates: pool(k.Chain[1])}); err != nil {
		t.Error(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !d.IsDir() && info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		if strings.HasPrefix(d.Name(), ".") {
			t.Errorf("%s was left", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func pool(c *x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c)
	return p
}

// TestHalf makes sure that half an authority is an error, not a reason to make
// another: the keys issued by the first would lose their root.
func TestHalf(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if err := os.Remove(filepath.Join(dir, "ca", "tsa.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := devca.Open(dir, time.Now); err == nil {
		t.Error("opened")
	}
}

func TestNames(t *testing.T) {
	c := open(t, t.TempDir())
	for _, name := range []string{"", "../an", "a/b", ".hidden", "Nghĩa", strings.Repeat("a", 101)} {
		if err := c.Issue(name, "An", ""); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

func TestLoad(t *testing.T) {
	c := open(t, t.TempDir())
	if err := c.Issue("an", "An", ""); err != nil {
		t.Fatal(err)
	}
	key, password := c.KeyPath("an")
	if err := os.Chmod(password, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Load(key, password); !errors.Is(err, keys.ErrOpen) {
		t.Errorf("a password for all to read: %v", err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("mật khẩu sai\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Load(key, wrong); err == nil {
		t.Error("a wrong password opens")
	}
	if _, err := keys.Load(password, wrong); err == nil {
		t.Error("no PKCS#12 opens")
	}
}

// TestOpenSSLReads has another reader open a key file and a revocation list,
// and judge a time-stamp's certificate.
func TestOpenSSLReads(t *testing.T) {
	c := open(t, t.TempDir())
	if err := c.Issue("an", "Nguyễn Vĩnh Nghĩa", "UBND"); err != nil {
		t.Fatal(err)
	}
	key, password := c.KeyPath("an")
	out, err := exec.Command("openssl", "pkcs12", "-in", key, "-passin", "file:"+password, "-nokeys", "-clcerts").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	crls, err := c.CRLs()
	if err != nil || len(crls) != 2 {
		t.Fatalf("%d lists, %v", len(crls), err)
	}
	cmd := exec.Command("openssl", "crl", "-inform", "DER", "-noout", "-text")
	cmd.Stdin = bytes.NewReader(crls[0])
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "No Revoked Certificates") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestCheck(t *testing.T) {
	c := open(t, t.TempDir())
	if err := c.Issue("an", "An", ""); err != nil {
		t.Fatal(err)
	}
	k, err := keys.Load(c.KeyPath("an"))
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]struct {
		key  signing.Key
		at   time.Time
		want error
	}{
		"good":           {k, time.Now(), nil},
		"too early":      {k, time.Now().AddDate(0, 0, -1), signing.ErrExpired},
		"too late":       {k, time.Now().AddDate(2, 0, 1), signing.ErrExpired},
		"no key":         {signing.Key{Chain: k.Chain}, time.Now(), signing.ErrKey},
		"no certificate": {signing.Key{Signer: k.Signer}, time.Now(), signing.ErrKey},
		"authority's":    {signing.Key{Signer: k.Signer, Chain: k.Chain[1:]}, time.Now(), signing.ErrKey},
	} {
		if err := check.key.Check(check.at); !errors.Is(err, check.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
