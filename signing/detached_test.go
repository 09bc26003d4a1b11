package signing_test

import (
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sohoa/signing"
	"sohoa/signing/cms"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/tsa"
)

// A signature beside a file is of this file, by this key, time-stamped, and
// OpenSSL, which is another's, says so too; of a file with one byte changed it is
// not. The intent was noted before.
func TestDetach(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "agency", "Ủy ban nhân dân tỉnh Vĩnh Nghĩa", "")
	content := []byte(`{"month":"2026-06","v":1}`)
	der, err := d.Sealer.Detach(t.Context(), "figures 2026-06", k, content)
	if err != nil {
		t.Fatal(err)
	}
	sd, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	if err := sd.Check(sum[:]); err != nil || !sd.SigningTime || sd.Token == nil {
		t.Errorf("%v, signing time %v, token of %d bytes", err, sd.SigningTime, len(sd.Token))
	}
	other := sha256.Sum256(append([]byte(" "), content...))
	if err := sd.Check(other[:]); !errors.Is(err, cms.ErrDigest) {
		t.Errorf("of other bytes: %v", err)
	}
	if n := len(d.Journal.Intents()); n != 1 || d.Journal.Intents()[0].ToSign != sum {
		t.Errorf("%d intents", n)
	}
	byOpenSSL(t, d, content, der)
}

func byOpenSSL(t *testing.T, d *devtest.Desk, content, der []byte) {
	dir := t.TempDir()
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.CA.Root()})
	for name, b := range map[string][]byte{"root.pem": root, "good": content, "spoilt": append([]byte(" "), content...), "s.p7s": der} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]bool{"good": true, "spoilt": false} {
		c := exec.Command("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "s.p7s", "-content", name, "-CAfile", "root.pem", "-purpose", "any", "-out", "/dev/null")
		c.Dir = dir
		if out, err := c.CombinedOutput(); (err == nil) != want {
			t.Errorf("OpenSSL on the %s file: %v\n%s", name, err, out)
		}
	}
}

// Without an authority for the time there is no signature, and of a key that may
// not sign there is not even an intent.
func TestDetachRefused(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "agency", "Cơ quan", "")
	s := *d.Sealer
	s.TSA = &tsa.Client{URL: "http://127.0.0.1:1", Now: time.Now, Timeout: time.Second}
	if _, err := s.Detach(t.Context(), "x", k, []byte("x")); !errors.Is(err, tsa.ErrUnavailable) {
		t.Errorf("without an authority: %v", err)
	}
	n := len(d.Journal.Intents())
	s.Now = func() time.Time { return k.Chain[0].NotAfter.Add(time.Hour) }
	if _, err := s.Detach(t.Context(), "x", k, []byte("x")); !errors.Is(err, signing.ErrExpired) || len(d.Journal.Intents()) != n {
		t.Errorf("after its certificate's end: %v, %d intents", err, len(d.Journal.Intents()))
	}
}
