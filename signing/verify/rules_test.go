package verify

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/verify/attack"
)

// made signs the paper as s says.
func made(t *testing.T, who attack.Signer, s attack.Spec) []byte {
	t.Helper()
	b, err := attack.Sign(attack.Paper(), who, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOtherFormats judges signatures that are not PAdES: told as such, held to
// the same evidence, which they may bring themselves.
func TestOtherFormats(t *testing.T) {
	at := time.Now()
	d := devtest.New(t, func() time.Time { return at })
	who := signerOf(t, d, "officer")
	o := options(t, d)
	lists := attack.Archive(o.CRLs...)
	unstamped := who
	unstamped.Stamp = nil
	for name, c := range map[string]struct {
		file  []byte
		lists bool
		want  string
	}{
		"detached":               {made(t, who, attack.Spec{Format: formatDetached}), true, "VALID not-pades unnamed"},
		"detached, no evidence":  {made(t, who, attack.Spec{Format: formatDetached}), false, "INDETERMINATE not-pades unnamed no-revocation"},
		"with its archive":       {made(t, who, attack.Spec{Format: formatDetached, Archive: lists}), false, "VALID not-pades unnamed"},
		"archive of garbage":     {made(t, who, attack.Spec{Format: formatDetached, Archive: []byte{4, 1, 1}}), false, "INDETERMINATE not-pades unnamed no-revocation"},
		"no time-stamp":          {made(t, unstamped, attack.Spec{Format: formatDetached}), true, "INDETERMINATE not-pades unnamed no-time-stamp"},
		"SHA-1":                  {made(t, who, attack.Spec{Format: formatSHA1}), true, "INDETERMINATE not-pades unnamed algorithm"},
		"SHA-1 of other bytes":   {bytes.Replace(made(t, who, attack.Spec{Format: formatSHA1}), []byte("Pay 100"), []byte("Pay 900"), 1), true, "INVALID not-pades altered unnamed"},
		"PAdES without its name": {made(t, who, attack.Spec{CMS: func(covered []byte) []byte { return attack.Adobe(who, covered, false, nil) }}), true, "INVALID certificate signing-time"},
		"a kind nobody knows":    {made(t, who, attack.Spec{Format: "adbe.x509.rsa_sha1"}), true, "INDETERMINATE sub-filter"},
	} {
		o := o
		if !c.lists {
			o.CRLs = nil
		}
		v, why := judgeBytes(c.file, o)
		if got := string(v) + " " + strings.Join(why, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if r, err := check(bytes.NewReader(c.file), int64(len(c.file)), o); err != nil || r.Signatures[0].Format != formatCAdES && r.Signatures[0].Level != "" && v != Invalid && name != "a kind nobody knows" {
			t.Errorf("%s: %v %+v", name, err, r.Signatures)
		}
	}
}

// TestRevokedInArchive: what the signer's own archive tells counts against him.
func TestRevokedInArchive(t *testing.T) {
	at := time.Now()
	d := devtest.New(t, func() time.Time { return at })
	who := signerOf(t, d, "officer")
	if err := d.CA.Revoke(who.Chain[0]); err != nil {
		t.Fatal(err)
	}
	at = at.Add(2 * time.Second)
	o := options(t, d)
	file := made(t, who, attack.Spec{Format: formatDetached, Archive: attack.Archive(o.CRLs...)})
	o.CRLs, o.At = nil, at
	if v, why := judgeBytes(file, o); v != Invalid || !strings.Contains(strings.Join(why, " "), "revoked") {
		t.Errorf("%s %v", v, why)
	}
}

// TestLocks fills fields in that a signature closed, and others.
func TestLocks(t *testing.T) {
	d := devtest.New(t, time.Now)
	who := signerOf(t, d, "officer")
	o := options(t, d)
	sum := revision.Array{revision.String("Sum")}
	lock := func(action string, fields revision.Array) revision.Dict {
		l := revision.Dict{"Type": revision.Name("TransformParams"), "Action": revision.Name(action), "V": revision.Name("1.2")}
		if fields != nil {
			l["Fields"] = fields
		}
		return l
	}
	sigLock := func(l revision.Dict, p int) revision.Dict {
		l["Type"] = revision.Name("SigFieldLock")
		if p > 0 {
			l["P"] = revision.Int(p)
		}
		return revision.Dict{"Lock": l}
	}
	other := revision.Array{revision.String("Other")}
	for name, c := range map[string]struct {
		spec attack.Spec
		want string
	}{
		"all":                {attack.Spec{P: 2, Perms: true, Lock: lock("All", nil)}, "INVALID locked"},
		"this one":           {attack.Spec{P: 2, Perms: true, Lock: lock("Include", sum)}, "INVALID locked"},
		"another":            {attack.Spec{P: 2, Perms: true, Lock: lock("Include", other)}, "VALID"},
		"all but this one":   {attack.Spec{P: 2, Perms: true, Lock: lock("Exclude", sum)}, "VALID"},
		"all but another":    {attack.Spec{P: 2, Perms: true, Lock: lock("Exclude", other)}, "INVALID locked"},
		"a word not known":   {attack.Spec{P: 2, Perms: true, Lock: lock("Perhaps", sum)}, "INVALID locked"},
		"by the field":       {attack.Spec{P: 2, Perms: true, Field: sigLock(lock("Include", sum), 0)}, "INVALID locked"},
		"field's permission": {attack.Spec{Field: sigLock(lock("Include", other), 1)}, "INVALID not-permitted"},
		"field permits":      {attack.Spec{Field: sigLock(lock("Include", other), 2)}, "VALID"},
		"no permission":      {attack.Spec{P: 9, Perms: true}, "INVALID rules"},
	} {
		base := &attack.Base{File: made(t, who, c.spec), P: 2, Signer: who}
		for _, a := range attack.Fine {
			if a.Name != "form filled in" {
				continue
			}
			file, err := attack.Build(base, a.Make)
			if err != nil {
				t.Fatal(err)
			}
			v, why := judgeBytes(file, o)
			if got := strings.TrimSpace(string(v) + " " + strings.Join(why, " ")); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
	}
}

// TestStrength holds keys and digests to the days on which they were enough.
func TestStrength(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pub  crypto.PublicKey
		hash crypto.Hash
		at   time.Time
		want string
	}{
		{short.Public(), crypto.SHA256, day(2019, 9, 30), ""},
		{short.Public(), crypto.SHA256, day(2019, 10, 1), "algorithm"},
		{long.Public(), crypto.SHA256, day(2026, 11, 21), ""},
		{long.Public(), crypto.SHA1, day(2012, 7, 31), ""},
		{long.Public(), crypto.SHA1, day(2012, 8, 1), "algorithm"},
		{long.Public(), crypto.SHA256, day(2031, 1, 1), "algorithm-ends"},
	} {
		s := Signature{Verdict: Valid}
		s.strong(c.pub, c.hash, false, c.at)
		got := ""
		if len(s.Reasons) > 0 {
			got = s.Reasons[0].Code
		}
		if got != c.want || (s.Verdict == Indeterminate) != (c.want == "algorithm") {
			t.Errorf("%v at %s: %q %s, want %q", c.hash, c.at.Format(time.DateOnly), got, s.Verdict, c.want)
		}
	}
}

// TestListsAge: what was given is told with its age.
func TestListsAge(t *testing.T) {
	d := devtest.New(t, time.Now)
	who := signerOf(t, d, "officer")
	o := options(t, d)
	o.At = o.At.AddDate(0, 0, 3)
	file := made(t, who, attack.Spec{})
	r, err := check(bytes.NewReader(file), int64(len(file)), o)
	if err != nil || len(r.Lists) != 2 || !r.Lists[0].Overdue || r.Lists[0].Issuer == "" || r.Lists[0].This.IsZero() {
		t.Errorf("%v %+v", err, r.Lists)
	}
}

// TestHybrid takes a file that word processors make: cross-references of both
// kinds that agree.
func TestHybrid(t *testing.T) {
	paper := attack.Paper()
	in := filepath.Join(t.TempDir(), "in.pdf")
	hybrid := withHidden(t, paper)
	if err := os.WriteFile(in, hybrid, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", in).CombinedOutput(); err != nil {
		t.Fatalf("qpdf does not take the file: %s", out)
	}
	if _, err := revision.Open(bytes.NewReader(hybrid), int64(len(hybrid))); err == nil {
		t.Error("a hybrid file would be signed")
	}
	f, err := revision.OpenSigned(bytes.NewReader(hybrid), int64(len(hybrid)))
	if err != nil {
		t.Fatal(err)
	}
	if o, err := f.Get(revision.Ref{Num: 31}); err != nil || o == nil {
		t.Errorf("what only the stream names is not seen: %v %v", o, err)
	}
}

// withHidden appends an object that only a stream of cross-references names,
// beside a table without rows.
func withHidden(t *testing.T, file []byte) []byte {
	t.Helper()
	b := bytes.NewBuffer(bytes.Clone(file))
	hidden := b.Len()
	b.WriteString("31 0 obj\n<</Hidden true>>\nendobj\n")
	at := b.Len()
	rows := ""
	for _, off := range []int{at, hidden} {
		rows += fmt.Sprintf("01%08x00", off)
	}
	data, err := hex.DecodeString(rows)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(b, "30 0 obj\n<</Type /XRef /Size 32 /Index [30 2] /W [1 4 1] /Root 1 0 R /Length %d>>\nstream\n%s\nendstream\nendobj\n", len(data), data)
	start := b.Len()
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(file)
	fmt.Fprintf(b, "xref\n0 0\ntrailer\n<</Size 32 /Root 1 0 R /Prev %s /XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", m[1], at, start)
	return b.Bytes()
}
