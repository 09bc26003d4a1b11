package wire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/jail"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
)

// brought is a file that came in at the door, worked on until it waits for a
// person or has come to an end.
func (s *shop) brought(file []byte) (dossier.Document, error) {
	s.t.Helper()
	d, err := s.Door.Accept(s.t.Context(), ingest.Intake{Dossier: s.dossier(), Slot: "TP01", Who: "counter", Body: bytes.NewReader(file)})
	if err != nil {
		return d, err
	}
	if d.State != dossier.Presented || d.Parts[dossier.PartScan] != digest.Of(file) {
		s.t.Errorf("received as %s", d.State)
	}
	s.run()
	return s.look(d.ID), nil
}

// TestSignedFilesComeIn brings files that are signed to the door: those whose
// signatures are valid are archived as they are, those that cannot be judged
// wait for the clerk, those that are invalid are refused with the reasons in
// both languages. None gets another byte.
func TestSignedFilesComeIn(t *testing.T) {
	s := newShop(t, time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam), 1)
	good := s.signed(signing.LevelLTA)
	stranger := devtest.New(t, s.wall.now)
	for name, c := range map[string]struct {
		file  []byte
		state dossier.State
		why   string
	}{
		"two signatures, B-LTA":          {good, dossier.Described, ""},
		"one signature, B-T":             {s.once(), dossier.Described, ""},
		"an authority nobody knows":      {stranger.Twice(t, revisiontest.Paper{}.Bytes()), dossier.Doubtful, "doubtful: "},
		"a byte of the page":             {bytes.Replace(good, []byte("Xin chao"), []byte("Xin chaO"), 1), dossier.Refused, "invalid-signature: "},
		"a page drawn over":              {drawnOver(good), dossier.Refused, "invalid-signature: "},
		"the form no longer names it":    {bytes.ReplaceAll(good, []byte("/AcroForm"), []byte("/AcroFork")), dossier.Refused, ""},
		"a dictionary without signature": {revisiontest.Paper{Objects: []string{"<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>"}}.Bytes(), dossier.Refused, "remnant: "},
		"permissions without signature":  {revisiontest.Paper{Catalog: "/Perms<</DocMDP 5 0 R>>"}.Bytes(), dossier.Refused, "remnant: "},
	} {
		d, err := s.brought(c.file)
		if err != nil || d.State != c.state || !strings.HasPrefix(d.Why, c.why) || (c.state == dossier.Refused) != (strings.Contains(d.Why, " ‖ ") && c.state != dossier.Doubtful) {
			t.Errorf("%s: %s %q, %v, want %s %q", name, d.State, d.Why, err, c.state, c.why)
			continue
		}
		if c.state == dossier.Described {
			s.adopted(name, d, c.file)
		}
	}
	locked := "/Encrypt<</Filter/Standard/V 1/R 2/O(12345678901234567890123456789012)/U(12345678901234567890123456789012)/P -4>>"
	var r *jail.Refusal
	if _, err := s.brought(append(good, []byte("\ntrailer\n<<"+locked+">>\n%%EOF\n")...)); !errors.As(err, &r) || r.Code != "encrypted" {
		t.Errorf("encrypted and signed: %v", err)
	}
}

// drawnOver is a file with an update that puts another content on its page.
func drawnOver(file []byte) []byte {
	start := bytes.LastIndex(file, []byte("startxref"))
	old := strings.Fields(string(file[start:]))[1]
	var b bytes.Buffer
	b.Write(file)
	at := b.Len()
	b.WriteString("4 0 obj\n<</Length 5>>\nstream\nBT ET\nendstream\nendobj\n")
	xref := b.Len()
	b.WriteString("xref\n4 1\n" + pad(at) + " 00000 n \ntrailer\n<</Size 100 /Root 1 0 R /Prev " + old + ">>\nstartxref\n" + pad(xref)[1:] + "\n%%EOF\n")
	return b.Bytes()
}

func pad(n int) string {
	s := "0000000000"
	for i := 9; n > 0; i, n = i-1, n/10 {
		s = s[:i] + string(rune('0'+n%10)) + s[i+1:]
	}
	return s
}

// adopted confirms the fields and looks at what was archived: the very bytes.
func (s *shop) adopted(name string, d dossier.Document, file []byte) dossier.Document {
	s.t.Helper()
	for _, part := range []dossier.Part{dossier.PartWords, dossier.PartText, dossier.PartProposals, dossier.PartVerdict} {
		if d.Parts[part].IsZero() {
			s.t.Errorf("%s: there is no %s", name, part)
		}
	}
	if text := string(s.bytes(d.Parts[dossier.PartText])); !strings.Contains(strings.ToLower(text), "chao") {
		s.t.Errorf("%s: read %q", name, text)
	}
	_, err := s.DB.Advance(s.t.Context(), d, dossier.Change{Act: dossier.Confirm, By: dossier.Counter, Who: "counter",
		Fields: []dossier.Field{{Name: dossier.FieldTitle, Value: "Giấy điện tử"}}})
	s.must(err)
	s.run()
	d = s.look(d.ID)
	part, sum, _ := d.Archival()
	if d.State != dossier.Archived || part != dossier.PartAdopted || sum != digest.Of(file) || !bytes.Equal(s.bytes(sum), file) {
		s.t.Errorf("%s: %s, %s %s", name, d.State, part, sum)
	}
	of, err := s.DB.Dossier(s.t.Context(), d.Dossier)
	s.must(err)
	entries, err := s.DB.Entries(s.t.Context(), of.Holder, time.Time{})
	if err != nil || len(entries) != 1 || entries[0].Document != d.ID || entries[0].Title != "Giấy điện tử" {
		s.t.Errorf("%s: on the record: %v, %v", name, entries, err)
	}
	for _, made := range []dossier.Part{dossier.PartPlain, dossier.PartCopySigned, dossier.PartSealed} {
		if !d.Parts[made].IsZero() {
			s.t.Errorf("%s: %s was made of it", name, made)
		}
	}
	return d
}

// TestAdopted has the clerk answer for a file that cannot be judged, not
// without a reason, and another renewed when its day comes; the one that a
// person vouches for is not.
func TestAdopted(t *testing.T) {
	s := newShop(t, time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam), 1)
	file := devtest.New(t, s.wall.now).Twice(t, revisiontest.Paper{}.Bytes())
	d, err := s.brought(file)
	s.must(err)
	if _, err := s.DB.Advance(t.Context(), d, dossier.Change{Act: dossier.Adopt, By: dossier.Clerk, Who: "clerk"}); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("adopted without a reason: %v", err)
	}
	_, err = s.DB.Advance(t.Context(), d, dossier.Change{Act: dossier.Adopt, By: dossier.Clerk, Who: "clerk", Why: "đã hỏi cơ quan ký"})
	s.must(err)
	s.run()
	if d = s.adopted("vouched", s.look(d.ID), file); !d.Proof.Until.IsZero() || d.Why != "" {
		t.Errorf("renewed some day: %+v", d)
	}
	good := s.signed(signing.LevelLTA)
	d, err = s.brought(good)
	s.must(err)
	d = s.adopted("valid", d, good)
	s.wall.set(d.Proof.Until.Add(-30 * 24 * time.Hour))
	s.turnTo(newAuthority(t, s.wall.now))
	s.run()
	again := s.look(d.ID)
	part, sum, _ := again.Archival()
	if part != dossier.RenewedPart(1) || again.Parts[dossier.PartAdopted] != digest.Of(good) || !bytes.HasPrefix(s.bytes(sum), good) {
		t.Errorf("renewed: %+v", again)
	}
	if list, err := s.DB.Renewals(t.Context(), s.wall.now().Add(50*year), 0); err != nil || len(list) != 1 || list[0].Document != d.ID {
		t.Errorf("to be renewed: %v, %v", list, err)
	}
}

// TestTrust believes only roots that somebody stands for, and never one of
// development.
func TestTrust(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trust")
	trust, err := OpenTrust(dir)
	if err != nil || len(trust.Roots()) != 0 {
		t.Fatalf("no directory: %v", err)
	}
	dev := devtest.New(t, time.Now)
	if _, err := trust.Add(dev.CA.Root(), "Lê Quỳnh Khuê", "", time.Now()); !errors.Is(err, ErrAnchor) || !strings.Contains(err.Error(), "development") {
		t.Errorf("a root of development: %v", err)
	}
	root := realRoot(t)
	for name, err := range map[string]error{"nobody": second(trust.Add(root, " \n", "", time.Now())), "no certificate": second(trust.Add([]byte("x"), "a", "", time.Now()))} {
		if !errors.Is(err, ErrAnchor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, dossier.VietNam)
	a, err := trust.Add(root, "Lê Quỳnh Khuê\nAdded-By: khác", "công bố ngày 01/11/2026", at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trust.Add(root, "ai đó", "", at); !errors.Is(err, ErrAnchor) {
		t.Errorf("twice: %v", err)
	}
	again, err := OpenTrust(dir)
	if err != nil || len(again.Anchors()) != 1 {
		t.Fatalf("read again: %v", err)
	}
	if got := again.Anchors()[0]; got.By != "Lê Quỳnh Khuê Added-By: khác" || !got.At.Equal(at) || got.Why != a.Why || !bytes.Equal(got.Cert.Raw, root) {
		t.Errorf("read again: %+v", got)
	}
	path := filepath.Join(dir, a.File)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bare := b[bytes.Index(b, []byte("-----BEGIN")):]
	if err := os.WriteFile(path, bare, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTrust(dir); !errors.Is(err, ErrAnchor) {
		t.Errorf("nobody stands for it: %v", err)
	}
	if err := os.WriteFile(path, append([]byte("Added-By: a\nAdded-At: 2026-11-21T08:00:00Z\n"), dev.CA.RootPEM()...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTrust(dir); !errors.Is(err, ErrAnchor) {
		t.Errorf("a root of development in the directory: %v", err)
	}
}

func second(_ Anchor, err error) error { return err }

// TestRealHouseHasNoDevelopment has a house that counts: the development root is
// not believed, no key is made, and without a time-stamp authority it does not
// start.
func TestRealHouseHasNoDevelopment(t *testing.T) {
	s := Settings{Data: t.TempDir(), Real: true}
	if err := s.check(); err == nil || !strings.Contains(err.Error(), "SOHOA_TSA") {
		t.Errorf("without a time-stamp authority: %v", err)
	}
	s.TSA = "http://127.0.0.1:1/tsa"
	h := &House{Settings: s}
	if err := h.keys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(h.roots()) != 0 || h.CA != nil {
		t.Errorf("believes %d roots", len(h.roots()))
	}
	if _, err := (&keyring{ca: h.CA}).key("agency-H98", "UBND", ""); !errors.Is(err, signing.ErrKey) || !strings.HasPrefix(trouble(err), "key: ") {
		t.Errorf("a key from nowhere: %v", err)
	}
	for days, ok := range map[string]bool{"": true, "90": true, "3": false, "x": false, "-1": false} {
		if err := Read(func(n string) string { return map[string]string{"SOHOA_RENEW_AHEAD": days}[n] }).check(); (err == nil) != ok {
			t.Errorf("%q days ahead: %v", days, err)
		}
	}
}

// realRoot is a root whose subject does not say that it is for development.
func realRoot(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now(), NotAfter: time.Now().Add(year), KeyUsage: x509.KeyUsageCertSign}, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root"}}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
