package verify

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa/pdf/revision"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/revinfo"
)

// lasting signs as the house does: the officer with a time-stamp, the agency at
// a level.
func lasting(t *testing.T, d *devtest.Desk, level signing.Level) []byte {
	t.Helper()
	once := d.Sign(t, signing.Request{Profile: signing.CopyOfficer, Key: d.Key(t, "officer", "Nguyễn Vĩnh Nghĩa", "UBND"), Name: "Nguyễn Vĩnh Nghĩa"},
		revisiontest.Paper{}.Bytes())
	return d.Sign(t, signing.Request{Profile: signing.CopyAgency, Level: level, Key: d.Key(t, "agency", "Ủy ban nhân dân xã", ""), Name: "Ủy ban nhân dân xã"}, once)
}

// levels says what was found of each signature, in few words.
func levels(r Report) string {
	var out []string
	for _, s := range r.Signatures {
		word := string(s.Level)
		if s.Kind == KindTimestamp {
			word = "DTS"
		}
		out = append(out, word+" "+string(s.Verdict))
	}
	return strings.Join(out, ", ")
}

// TestLevels judges files of every level as the years go by: with the
// revocation lists of the day, and without.
func TestLevels(t *testing.T) {
	start := time.Now()
	at := start
	d := devtest.New(t, func() time.Time { return at })
	files := map[signing.Level][]byte{}
	for _, l := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA} {
		files[l] = lasting(t, d, l)
	}
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		level signing.Level
		after time.Duration
		lists bool
		want  string
		codes string
	}{
		{signing.LevelB, 0, true, "B-T VALID, B-B INDETERMINATE", "no-time-stamp"},
		{signing.LevelT, 0, true, "B-T VALID, B-T VALID", ""},
		{signing.LevelT, 0, false, "B-T INDETERMINATE, B-T INDETERMINATE", "no-revocation no-revocation"},
		{signing.LevelT, 3 * year, true, "B-T INDETERMINATE, B-T INDETERMINATE", "no-revocation no-revocation"},
		{signing.LevelLT, 0, false, "B-LT VALID, B-LT VALID", ""},
		{signing.LevelLT, 3 * year, true, "B-LT VALID, B-LT VALID", ""},
		{signing.LevelLT, 3 * year, false, "B-LT INDETERMINATE, B-LT INDETERMINATE", "no-revocation no-revocation"},
		{signing.LevelLTA, 0, false, "B-LTA VALID, B-LTA VALID, DTS VALID", ""},
		{signing.LevelLTA, 3 * year, true, "B-LTA VALID, B-LTA VALID, DTS VALID", ""},
		{signing.LevelLTA, 3 * year, false, "B-LT INDETERMINATE, B-LT INDETERMINATE, DTS INDETERMINATE", "no-revocation no-revocation no-revocation"},
		{signing.LevelLTA, 6 * year, true, "B-B INDETERMINATE, B-B INDETERMINATE, DTS INDETERMINATE", "time-stamp-ended ended time-stamp-ended ended time-stamp-ended"},
	} {
		at = start.Add(c.after)
		o := options(t, d)
		o.At = at
		if !c.lists {
			o.CRLs = nil
		}
		r, err := check(bytes.NewReader(files[c.level]), int64(len(files[c.level])), o)
		if err != nil || levels(r) != c.want || codes(r) != c.codes {
			t.Errorf("%s after %v, lists %v: %v %q %q, want %q %q", c.level, c.after, c.lists, err, levels(r), codes(r), c.want, c.codes)
		}
	}
}

// both are two authorities of one house, the old and the new.
type both []*devca.CA

func (b both) Proof(ctx context.Context, cert, issuer *x509.Certificate) (*revinfo.Statement, error) {
	if _, err := b[0].Proof(ctx, cert, issuer); err == nil {
		return b[0].Proof(ctx, cert, issuer)
	}
	return b[1].Proof(ctx, cert, issuer)
}

// TestRenewed extends a file in its fourth year by a new authority, and judges
// it when all certificates it was signed with have ended.
func TestRenewed(t *testing.T) {
	const year = 365 * 24 * time.Hour
	at := time.Now()
	now := func() time.Time { return at }
	old := devtest.New(t, now)
	file := lasting(t, old, signing.LevelLTA)
	at = at.Add(4 * year)
	fresh := devtest.New(t, now)
	roots := old.CA.Roots()
	root, err := x509.ParseCertificate(fresh.CA.Root())
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(root)
	s := *fresh.Sealer
	s.Roots, s.Evidence = roots, both{old.CA, fresh.CA}
	var out bytes.Buffer
	if err := s.Extend(t.Context(), signing.LevelLTA, bytes.NewReader(file), int64(len(file)), &out); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out.Bytes(), file) {
		t.Error("what was there is no prefix")
	}
	at = at.Add(4 * year) // the old authority stamped until the fifth
	o := options(t, fresh)
	o.At = at
	o.Roots = append(o.Roots, old.CA.Root())
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"renewed": {out.Bytes(), "B-LTA VALID, B-LTA VALID, DTS VALID, DTS VALID"},
		"not":     {file, "B-B INDETERMINATE, B-B INDETERMINATE, DTS INDETERMINATE"},
	} {
		r, err := check(bytes.NewReader(c.file), int64(len(c.file)), o)
		if err != nil || levels(r) != c.want {
			t.Errorf("%s: %v %q %q, want %q", name, err, levels(r), codes(r), c.want)
		}
	}
}

// TestTamperEvidence does to lasting files what forgers do.
func TestTamperEvidence(t *testing.T) {
	d, other := devtest.New(t, time.Now), devtest.New(t, time.Now)
	file := lasting(t, d, signing.LevelLTA)
	catalog := object(t, file, 1)
	dss := regexp.MustCompile(`/DSS (\d+) 0 R`).FindStringSubmatch(catalog)
	num, err := strconv.Atoi(dss[1])
	if err != nil {
		t.Fatal(err)
	}
	store := object(t, file, num)
	first, err := strconv.Atoi(regexp.MustCompile(`/OCSPs \[(\d+) 0 R`).FindStringSubmatch(store)[1])
	if err != nil {
		t.Fatal(err)
	}
	stamped := bytes.Index(file, []byte("/DocTimeStamp"))
	inStore := bytes.Index(file, []byte("\n"+strconv.Itoa(first)+" 0 obj")) + 70
	for name, c := range map[string]struct {
		file    []byte
		verdict Verdict
		code    string
	}{
		"a byte of the evidence":       {flip(file, inStore), Invalid, "altered"},
		"a byte before the time-stamp": {flip(file, bytes.Index(file, []byte("Xin chao"))), Invalid, "altered"},
		"a byte of the token":          {flipHex(file, stamped), Invalid, "altered"},
		"the store removed":            {update(t, file, "", map[int]string{1: strings.Replace(catalog, dss[0], "", 1)}), Invalid, "changed"},
		"evidence removed":             {update(t, file, "", map[int]string{num: regexp.MustCompile(`/OCSPs \[[^\]]*\]`).ReplaceAllString(store, "/OCSPs []")}), Invalid, "changed"},
		"evidence replaced":            {update(t, file, "", map[int]string{first: stream("forged")}), Invalid, "changed"},
		"store became a page's":        {update(t, file, "", map[int]string{num: strings.Replace(store, "/Type", "/Contents 4 0 R /Type", 1)}), Invalid, "changed"},
		"page drawn over afterwards":   {update(t, file, "", map[int]string{4: stream("BT ET")}), Invalid, "changed"},
		"another authority's stamp":    {restamped(t, lasting(t, d, signing.LevelLT), other), Indeterminate, "time-stamp-authority"},
		"evidence by a colleague":      {forged(t, d), Indeterminate, "no-revocation"},
		"garbage as evidence":          {stored(t, lasting(t, d, signing.LevelT), revision.OCSPs, []byte("0\x03abc")), Indeterminate, "no-revocation"},
	} {
		o := options(t, d)
		o.CRLs = nil // the file's own evidence must do
		r, err := check(bytes.NewReader(c.file), int64(len(c.file)), o)
		if err != nil || r.Verdict != c.verdict || !strings.Contains(codes(r), c.code) {
			t.Errorf("%s: %v %s %q (%s), want %s %q", name, err, r.Verdict, codes(r), levels(r), c.verdict, c.code)
		}
	}
	more := stored(t, file, revision.CRLs, options(t, d).CRLs[0])
	if r, err := check(bytes.NewReader(more), int64(len(more)), options(t, d)); err != nil || r.Verdict != Valid || len(r.Notes) != 1 {
		t.Errorf("more evidence: %v %+v", err, r)
	}
}

func TestRevokedEvidence(t *testing.T) {
	at := time.Now()
	d := devtest.New(t, func() time.Time { return at })
	k := d.Key(t, "agency", "Ủy ban nhân dân xã", "")
	if err := d.CA.Revoke(k.Chain[0]); err != nil {
		t.Fatal(err)
	}
	at = at.Add(2 * time.Second)
	r := signing.Request{Profile: signing.CopyAgency, Alone: true, Level: signing.LevelT, Key: k, Name: "Ủy ban"}
	file := d.Sign(t, r, revisiontest.Paper{}.Bytes())
	o := options(t, d)
	o.At = at
	file = stored(t, file, revision.CRLs, o.CRLs[0])
	o.CRLs = nil
	if got, err := check(bytes.NewReader(file), int64(len(file)), o); err != nil || got.Verdict != Invalid || codes(got) != "revoked" {
		t.Errorf("%v %s %s", err, got.Verdict, codes(got))
	}
}

func flip(file []byte, at int) []byte {
	out := bytes.Clone(file)
	out[at] ^= 1
	return out
}

// flipHex changes a byte within the token that stands after a place.
func flipHex(file []byte, from int) []byte {
	at := from + bytes.Index(file[from:], []byte("/Contents <")) + 150
	out := bytes.Clone(file)
	if out[at]++; out[at] == '9'+1 || out[at] == 'f'+1 {
		out[at] = '1'
	}
	return out
}

// stored adds evidence to a file.
func stored(t *testing.T, file []byte, kind revision.Name, der []byte) []byte {
	t.Helper()
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	if err := u.Store(map[revision.Name][][]byte{kind: {der}}); err != nil {
		t.Fatal(err)
	}
	tail, err := u.Tail()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), tail...)
}

// restamped puts another authority's document time-stamp on a file.
func restamped(t *testing.T, file []byte, d *devtest.Desk) []byte {
	t.Helper()
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	page, err := f.FirstPage()
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	if err := u.Stamp(page, 10000); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := u.Prepare(&out, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := d.Sealer.TSA.StampDigest(t.Context(), p.Digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(token); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// forged is a file whose evidence was signed by somebody who has a certificate
// of the same authority, but not for that.
func forged(t *testing.T, d *devtest.Desk) []byte {
	t.Helper()
	k := d.Key(t, "officer", "", "")
	agency := d.Key(t, "agency", "", "")
	der, err := ocsp.CreateResponse(k.Chain[1], k.Chain[0], ocsp.Response{Status: ocsp.Good, SerialNumber: agency.Chain[0].SerialNumber,
		ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour), Certificate: k.Chain[0], IssuerHash: crypto.SHA256}, k.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return stored(t, lasting(t, d, signing.LevelT), revision.OCSPs, der)
}
