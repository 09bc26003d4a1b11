package verify

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing/devca/devtest"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{"verify": Child})
	os.Exit(m.Run())
}

// options are what a house with this authority believes.
func options(t *testing.T, d *devtest.Desk) Options {
	t.Helper()
	crls, err := d.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	return Options{Roots: [][]byte{d.CA.Root()}, CRLs: crls, At: time.Now()}
}

// file verifies bytes in a child.
func file(t *testing.T, b []byte, o Options) (Report, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return File(t.Context(), path, o)
}

func codes(r Report) string {
	var all []string
	for _, x := range r.Reasons {
		all = append(all, x.Code)
	}
	for _, s := range r.Signatures {
		for _, x := range s.Reasons {
			all = append(all, x.Code)
		}
	}
	return strings.Join(all, " ")
}

func TestGood(t *testing.T) {
	d := devtest.New(t, time.Now)
	signed := d.Twice(t, revisiontest.Paper{}.Bytes())
	r, err := file(t, signed, options(t, d))
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Valid || len(r.Signatures) != 2 {
		t.Fatalf("%+v", r)
	}
	first, second := r.Signatures[0], r.Signatures[1]
	if first.Signer != "Nguyễn Vĩnh Nghĩa" || first.Organisation != "UBND xã Vĩnh Thịnh" || !strings.Contains(first.Unit, "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ") ||
		first.Level != LevelT || first.CoversAll || first.Revocation != "good" || first.Serial == "" ||
		len(first.Changes) != 1 || time.Since(first.Stamped) > time.Minute || time.Since(first.Claimed) > time.Minute {
		t.Errorf("%+v", first)
	}
	if !second.CoversAll || second.Covers != int64(len(signed)) || len(second.Changes) != 0 {
		t.Errorf("%+v", second)
	}
}

// TestEvidence takes evidence away: what lacks it is never called valid.
func TestEvidence(t *testing.T) {
	d, other := devtest.New(t, time.Now), devtest.New(t, time.Now)
	signed := d.Twice(t, revisiontest.Paper{}.Bytes())
	for name, c := range map[string]struct {
		file    []byte
		change  func(*Options)
		verdict Verdict
		codes   string
	}{
		"unsigned":            {revisiontest.Paper{}.Bytes(), func(*Options) {}, Indeterminate, "none"},
		"no revocation lists": {signed, func(o *Options) { o.CRLs = nil }, Indeterminate, "no-revocation no-revocation"},
		"old lists":           {signed, func(o *Options) { o.At = o.At.AddDate(0, 0, 2) }, Indeterminate, "no-revocation no-revocation"},
		"others' lists":       {signed, func(o *Options) { o.CRLs = options(t, other).CRLs }, Indeterminate, "no-revocation no-revocation"},
		"no root":             {signed, func(o *Options) { o.Roots = nil }, Indeterminate, "time-stamp-authority issuer time-stamp-authority issuer"},
		"other root":          {signed, func(o *Options) { o.Roots = options(t, other).Roots }, Indeterminate, "time-stamp-authority issuer time-stamp-authority issuer"},
		"before it was made":  {signed, func(o *Options) { o.At = o.At.AddDate(0, 0, -1) }, Invalid, "time-stamp expired time-stamp expired"},
	} {
		o := options(t, d)
		c.change(&o)
		r, err := check(bytes.NewReader(c.file), int64(len(c.file)), o)
		if err != nil || r.Verdict != c.verdict || codes(r) != c.codes {
			t.Errorf("%s: %v %s %q, want %s %q", name, err, r.Verdict, codes(r), c.verdict, c.codes)
		}
	}
}

func TestRevoked(t *testing.T) {
	at := time.Now()
	d := devtest.New(t, func() time.Time { return at })
	before := d.Twice(t, revisiontest.Paper{}.Bytes())
	at = at.Add(2 * time.Second)
	if err := d.CA.Revoke(d.Key(t, "officer", "", "").Chain[0]); err != nil {
		t.Fatal(err)
	}
	at = at.Add(2 * time.Second)
	after := d.Twice(t, revisiontest.Paper{}.Bytes())
	o := options(t, d)
	o.At = at
	if r, err := file(t, before, o); err != nil || r.Verdict != Valid {
		t.Errorf("signed before: %v %s %s", err, r.Verdict, codes(r))
	}
	if r, err := file(t, after, o); err != nil || r.Verdict != Invalid || codes(r) != "revoked" {
		t.Errorf("signed after: %v %s %s", err, r.Verdict, codes(r))
	}
}

func TestNotTaken(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"a text":    {[]byte("Cộng hòa xã hội chủ nghĩa Việt Nam"), "kind"},
		"nothing":   {nil, "kind"},
		"encrypted": {revisiontest.Paper{Trailer: "/Encrypt 6 0 R"}.Bytes(), "encrypted"},
	} {
		_, err := file(t, c.file, Options{At: time.Now()})
		var refusal *jail.Refusal
		if !errors.As(err, &refusal) || refusal.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, f := range []finding{structure, remnant, none, tooMany, byteRange, contents, malformedCMS, altered, badValue, otherCert,
		subFilter, weakKey, signingTime, usage, noStamp, badStamp, unknownStamp, unknownIssuer, expired, noRevocation, revoked, changed,
		ended, stampRevoked, endedStamp, badEvidence, continues, notPAdES, unnamed, algorithm, soonWeak, hidden, annotation, badTail,
		notPermitted, locked, certification, rules, unlisted, active, clock} {
		if r := f.reason(""); r.English == "" || r.Viet == "" {
			t.Errorf("%s says nothing", f.code)
		}
	}
}
