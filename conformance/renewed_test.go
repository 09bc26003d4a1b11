//go:build conformance

package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"sohoa/dossier"
	"sohoa/ingest/sniff"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/scan"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/revinfo"
	"sohoa/signing/verify"
)

// generations are authorities of one house over the years: each stamps what the
// one before stamped.
type generations struct {
	desks []*devtest.Desk
	roots *x509.CertPool
}

// Proof asks whoever issued the certificate.
func (g *generations) Proof(ctx context.Context, cert, issuer *x509.Certificate) (s *revinfo.Statement, err error) {
	for _, d := range g.desks {
		var one error
		if s, one = d.CA.Proof(ctx, cert, issuer); one == nil {
			return s, nil
		}
		err = errors.Join(err, one)
	}
	return nil, err
}

// add opens an authority.
func (g *generations) add(t *testing.T, now func() time.Time) *signing.Sealer {
	t.Helper()
	d := devtest.New(t, now)
	root, err := x509.ParseCertificate(d.CA.Root())
	if err != nil {
		t.Fatal(err)
	}
	if g.desks = append(g.desks, d); g.roots == nil {
		g.roots = x509.NewCertPool()
	}
	g.roots.AddCert(root)
	d.Sealer.Roots, d.Sealer.Evidence, d.Sealer.TSA.Roots = g.roots, g, g.roots
	return d.Sealer
}

// renewedSince signs a file at a time and renews it until today, each time by
// another authority or all the time by one. We judge it at each renewal.
func renewedSince(t *testing.T, dir string, start time.Time, renewals int, another bool) (path, roots string) {
	t.Helper()
	today, at := time.Now(), start
	now := func() time.Time { return at }
	g := &generations{}
	sealer := g.add(t, now)
	desk := g.desks[0]
	file := desk.Sign(t, signing.Request{Profile: signing.CopyAgency, Level: signing.LevelLTA, Key: desk.Key(t, "agency", "Ủy ban nhân dân xã Vĩnh Thịnh", ""), Name: "Ủy ban nhân dân xã Vĩnh Thịnh"},
		pdfatest.Files(t)["g4"])
	path = filepath.Join(dir, "renewed.pdf")
	for n := range renewals {
		at = start.Add(today.Sub(start) / time.Duration(renewals) * time.Duration(n+1))
		if another {
			sealer = g.add(t, now)
		}
		var out bytes.Buffer
		if err := sealer.Extend(t.Context(), signing.LevelLTA, bytes.NewReader(file), int64(len(file)), &out); err != nil {
			t.Fatalf("renewal %d: %v", n+1, err)
		}
		if !bytes.HasPrefix(out.Bytes(), file) {
			t.Fatalf("renewal %d: what was there is no prefix", n+1)
		}
		file = out.Bytes()
		put(t, dir, "renewed.pdf", file)
		o := verify.Options{At: at}
		for _, d := range g.desks {
			o.Roots = append(o.Roots, d.CA.Root())
		}
		var err error
		if o.CRLs, err = g.desks[len(g.desks)-1].CA.CRLs(); err != nil {
			t.Fatal(err)
		}
		if r, err := verify.File(t.Context(), path, o); err != nil || r.Verdict != verify.Valid || r.Signatures[0].Level != verify.LevelLTA {
			t.Fatalf("renewal %d: %+v, %v", n+1, r, err)
		}
	}
	var names []string
	for i, d := range g.desks {
		name := fmt.Sprintf("root%d.pem", i)
		put(t, dir, name, d.CA.RootPEM())
		names = append(names, filepath.Join(dir, name))
	}
	return path, strings.Join(names, ",")
}

// TestRenewedUntilToday renews a file of 2020, when the rules for copies were
// new, five times until today, each time by another authority: the certificates
// of its signer and of its first time-stamps have ended. Another, of 2022, has
// one authority all along: the development authorities all have one name, and
// pyHanko finds its way by names. Those at hand judge them today, by the roots
// alone.
func TestRenewedUntilToday(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start    time.Time
		renewals int
		another  bool
	}{
		"by others": {time.Date(2020, 4, 1, 9, 0, 0, 0, dossier.VietNam), 5, true},
		"by one":    {time.Date(2022, 9, 1, 9, 0, 0, 0, dossier.VietNam), 3, false},
	} {
		dir := t.TempDir()
		path, roots := renewedSince(t, dir, c.start, c.renewals, c.another)
		if !c.another {
			if says := adesBy(t, dir, roots, 1, []string{"now"}, "renewed")[at{"renewed", "now"}]; says != "OK+" {
				t.Errorf("%s: pyHanko: %s", name, says)
			}
		}
		if says := said(t, ".", "dss/judge.sh", roots, path); strings.Count(says, "PAdES-BASELINE-LTA TOTAL_PASSED") != 1 {
			t.Errorf("%s: EU DSS: %s", name, says)
		}
		if says := said(t, dir, "qpdf", "--check", "renewed.pdf"); !strings.Contains(says, "No syntax or stream encoding errors") {
			t.Errorf("%s: %s", name, says)
		}
		if says := said(t, ".", "./verapdf.sh", path); !strings.Contains(says, "PASS "+path) {
			t.Errorf("%s: %s", name, says)
		}
	}
}

// rsaKey writes rsa.p12, for NSS, which pdfsig signs with RSA keys alone.
func rsaKey(t *testing.T, dir string, desk *devtest.Desk) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := desk.CA.Certify(key.Public(), "Sở Tư pháp", "Sở Tư pháp")
	if err != nil {
		t.Fatal(err)
	}
	file, err := pkcs12.Modern2023.Encode(key, chain[0], chain[1:], "secret")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "rsa.p12", file)
}

// TestSignedElsewhere takes in files that others signed: pyHanko's PAdES, and
// pdfsig's older kind, which NSS writes in BER where the format asks for DER (ISO
// 32000-1 12.8.3.3.1). The door sees that they are signed; the first goes on,
// the second does not go on by itself; a byte changed, and both are refused.
func TestSignedElsewhere(t *testing.T) {
	dir := t.TempDir()
	desk := devtest.New(t, time.Now)
	key := desk.Key(t, "agency", "Ủy ban nhân dân xã Vĩnh Thịnh", "")
	p12, secret := desk.CA.KeyPath("agency")
	put(t, dir, "plain.pdf", pdfatest.Files(t)["g4"])
	put(t, dir, "root.pem", desk.CA.RootPEM())
	put(t, dir, "issuing.der", key.Chain[1].Raw)
	said(t, dir, "openssl", "x509", "-inform", "DER", "-in", "issuing.der", "-out", "issuing.pem")
	script, err := filepath.Abs("signs.py")
	if err != nil {
		t.Fatal(err)
	}
	said(t, dir, pyHanko(t), script, p12, secret, desk.Sealer.TSA.URL, "plain.pdf", "pyhanko.pdf")
	said(t, dir, "certutil", "-N", "-d", ".", "--empty-password")
	said(t, dir, "certutil", "-A", "-d", ".", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
	rsaKey(t, dir, desk)
	said(t, dir, "pk12util", "-d", ".", "-i", "rsa.p12", "-W", "secret", "-K", "")
	nick := strings.TrimSpace(strings.Split(said(t, dir, "pdfsig", "-nssdir", ".", "-list-nicks"), "\n")[1])
	said(t, dir, "pdfsig", "-nssdir", ".", "-add-signature", "-nick", nick, "plain.pdf", "pdfsig.pdf")
	crls, err := desk.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	o := verify.Options{Roots: [][]byte{desk.CA.Root()}, CRLs: crls, At: time.Now()}
	incoming := dossier.PolicyAt(time.Now()).Incoming
	for name, valid := range map[string]bool{"pyhanko.pdf": true, "pdfsig.pdf": false} {
		path := filepath.Join(dir, name)
		report, err := sniff.Inspect(t.Context(), path, scan.Limits{})
		if err != nil || !report.Signed || report.Pages < 1 {
			t.Errorf("%s at the door: %+v, %v", name, report, err)
		}
		r, err := verify.File(t.Context(), path, o)
		if err != nil || len(r.Signatures) != 1 || (incoming[dossier.Verdict(r.Verdict)] == dossier.Verify) != valid {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(b, []byte("/MediaBox"), []byte("/MediaBux"), 1)
		put(t, dir, "changed.pdf", changed)
		if r, err := verify.File(t.Context(), filepath.Join(dir, "changed.pdf"), o); err != nil || incoming[dossier.Verdict(r.Verdict)] != dossier.Refuse {
			t.Errorf("%s, changed: %+v, %v", name, r, err)
		}
	}
}
