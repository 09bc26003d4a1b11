package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sohoa/signing/cms"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/evidence"
	"sohoa/signing/tsa"
)

// A generation is an authority of its time.
type generation struct {
	*devtest.Desk
	at time.Time
}

// kept asks an authority, and keeps what it was asked and said.
type kept struct {
	evidence.Stamper
	imprints [][]byte
	tokens   [][]byte
}

func (k *kept) StampDigest(ctx context.Context, imprint [sha256.Size]byte) ([]byte, time.Time, error) {
	token, at, err := k.Stamper.StampDigest(ctx, imprint)
	k.imprints, k.tokens = append(k.imprints, imprint[:]), append(k.tokens, token)
	return token, at, err
}

// A statement and the signature beside it are proven by three authorities, one after
// the other, long after the first has ended. OpenSSL, which is another's, says of each
// time-stamp what it is about and that it holds; the digests are made here by the
// standard's words.
func TestRecord(t *testing.T) {
	roots := x509.NewCertPool()
	var all []*generation
	open := func(at time.Time) *generation {
		g := &generation{at: at}
		g.Desk = devtest.New(t, func() time.Time { return g.at })
		root, err := x509.ParseCertificate(g.CA.Root())
		if err != nil {
			t.Fatal(err)
		}
		roots.AddCert(root)
		all = append(all, g)
		return g
	}
	start := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	first := open(start)
	statement := []byte(`{"month":"2026-11","v":1}`)
	signature, err := first.Sealer.Detach(t.Context(), "figures", first.Key(t, "agency", "Ủy ban nhân dân tỉnh Vĩnh Nghĩa", ""), statement)
	if err != nil {
		t.Fatal(err)
	}
	p, err := evidence.Signature(signature, statement, roots, start)
	if err != nil || p.Stamps != 1 || !p.Until.After(start) {
		t.Fatalf("%+v, %v", p, err)
	}
	ended := p.Until
	if _, err := evidence.Signature(signature, statement, roots, ended.Add(time.Hour)); !errors.Is(err, evidence.ErrLapsed) {
		t.Errorf("a signature after its time-stamp's end: %v", err)
	}
	var record []byte
	authorities := []*kept{}
	for i := range 3 {
		g := open(p.Until.AddDate(0, -6, 0))
		k := &kept{Stamper: g.Sealer.TSA}
		authorities = append(authorities, k)
		if i == 0 {
			record, err = evidence.Begin(t.Context(), k, statement, signature)
		} else {
			record, err = evidence.Renew(t.Context(), k, record)
		}
		if err != nil {
			t.Fatal(err)
		}
		was := p
		if p, err = evidence.Check(record, roots, g.at, statement, signature); err != nil || p.Stamps != i+1 || !p.Until.After(was.Until) || !p.Since.Before(ended) {
			t.Fatalf("%+v after %+v, %v", p, was, err)
		}
	}
	if p.Until.Before(ended.AddDate(2, 0, 0)) {
		t.Errorf("it holds until %v only", p.Until)
	}
	byOpenSSL(t, all[1:], authorities, statement, signature)
	refused(t, record, roots, all, p, statement, signature)
}

// byOpenSSL has OpenSSL verify each time-stamp, at its time, of the digest that it
// must be of.
func byOpenSSL(t *testing.T, by []*generation, said []*kept, statement, signature []byte) {
	t.Helper()
	a, b := sha256.Sum256(statement), sha256.Sum256(signature)
	group := min(string(a[:]), string(b[:])) + max(string(a[:]), string(b[:])) // in binary order
	want := sha256.Sum256([]byte(group))
	for i, k := range said {
		dir := t.TempDir()
		put := func(name string, b []byte) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		token := put("token", k.tokens[0])
		root := put("root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: by[i].CA.Root()}))
		for digest, ok := range map[string]bool{fmt.Sprintf("%x", want): true, fmt.Sprintf("%x", a): false} {
			out, err := exec.Command("openssl", "ts", "-verify", "-digest", digest, "-token_in", "-in", token, "-CAfile", root, "-attime", fmt.Sprint(by[i].at.Unix())).CombinedOutput()
			if (err == nil) != ok {
				t.Errorf("OpenSSL on time-stamp %d: %v\n%s", i+1, err, out)
			}
		}
		want = sha256.Sum256(k.tokens[0])
	}
}

// refused: a record that is spoilt anywhere, of other files, not renewed in time, or
// by an authority that nobody knows, proves nothing.
func refused(t *testing.T, record []byte, roots *x509.CertPool, all []*generation, p evidence.Proof, statement, signature []byte) {
	t.Helper()
	now := all[len(all)-1].at
	is := func(what string, err error, want ...error) {
		t.Helper()
		if !slices.ContainsFunc(want, func(w error) bool { return errors.Is(err, w) }) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := evidence.Check(record, roots, now, append([]byte(" "), statement...), signature)
	is("of another file", err, evidence.ErrOther)
	_, err = evidence.Check(record, roots, now, statement)
	is("of one of two files", err, evidence.ErrOther)
	_, err = evidence.Check(record, roots, p.Until.Add(time.Hour), statement, signature)
	is("after its end", err, evidence.ErrLapsed)
	_, err = evidence.Check(record, all[0].CA.Roots(), now, statement, signature)
	is("by authorities that nobody knows", err, tsa.ErrUntrusted)
	late := open2(t, p.Until.AddDate(0, 0, 2))
	renewed, err := evidence.Renew(t.Context(), late.Sealer.TSA, record)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(late.CA.Root())
	if err != nil {
		t.Fatal(err)
	}
	more := roots.Clone()
	more.AddCert(root)
	_, err = evidence.Check(renewed, more, late.at, statement, signature)
	is("renewed too late", err, evidence.ErrLapsed)
	_, err = evidence.Check(append(bytes.Clone(record), 0), roots, now, statement, signature)
	is("with a byte after it", err, evidence.ErrMalformed)
	// A token's list of digests stands outside of what is signed (RFC 5652, 5.1); the last
	// token is stamped by nobody yet.
	last := bytes.LastIndex(record, []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")) // its type
	list := last + bytes.Index(record[last:], []byte("\x60\x86\x48\x01\x65\x03\x04\x02\x01"))
	for at := range record {
		if at%5 > 0 || at >= list-4 && at < list+9 {
			continue
		}
		spoilt := bytes.Clone(record)
		spoilt[at] ^= 0x10
		if _, err := evidence.Check(spoilt, roots, now, statement, signature); err == nil {
			t.Errorf("byte %d spoilt: it proves as much", at)
		}
	}
	_, err = evidence.Signature(signature, append([]byte(" "), statement...), roots, all[0].at)
	is("a signature of another file", err, cms.ErrDigest)
}

func open2(t *testing.T, at time.Time) *generation {
	t.Helper()
	g := &generation{at: at}
	g.Desk = devtest.New(t, func() time.Time { return g.at })
	return g
}
