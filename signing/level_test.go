package signing_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
)

func TestLTA(t *testing.T) {
	d := devtest.New(t, time.Now)
	k := d.Key(t, "an", "An", "")
	dir := t.TempDir()
	in, streams := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "streams.pdf")
	plain := revisiontest.Paper{}.Bytes()
	if err := os.WriteFile(in, plain, 0o600); err != nil {
		t.Fatal(err)
	}
	if says, err := exec.Command("qpdf", "--object-streams=generate", in, streams).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, says)
	}
	packed, err := os.ReadFile(streams)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"a table": plain, "streams": packed} {
		signed := d.Sign(t, signing.Request{Profile: signing.CopyAgency, Alone: true, Level: signing.LevelLTA, Key: k, Name: "An"}, file)
		var again bytes.Buffer
		if err := d.Sealer.Extend(t.Context(), signing.LevelLTA, bytes.NewReader(signed), int64(len(signed)), &again); err != nil {
			t.Fatal(err)
		}
		third := d.Sign(t, signing.Request{Profile: signing.CopyAgency, Alone: true, Level: signing.LevelLT, Key: k, Name: "An"}, again.Bytes())
		if !bytes.HasPrefix(signed, file) || !bytes.HasPrefix(third, signed) {
			t.Errorf("%s: what was there is no prefix", name)
		}
		if says := tool(t, third, "qpdf", "--check", "FILE"); !strings.Contains(says, "No syntax or stream encoding errors") {
			t.Error(name, says)
		}
		says := tool(t, third, "pdfsig", "-nocert", "FILE")
		// poppler does not know time-stamps of documents
		if strings.Count(says, "ETSI.CAdES.detached") != 2 || strings.Count(says, "Signature Type: unknown") != 2 || strings.Count(says, "Signature is Valid") != 2 {
			t.Error(name, says)
		}
	}
}

// silent is nobody who tells what was revoked.
type silent struct{ err error }

func (s silent) Proof(context.Context, *x509.Certificate, *x509.Certificate) (*revinfo.Statement, error) {
	return nil, s.err
}

// liar tells about another certificate.
type liar struct{ d *devtest.Desk }

func (l liar) Proof(ctx context.Context, _, issuer *x509.Certificate) (*revinfo.Statement, error) {
	return l.d.CA.Proof(ctx, issuer, issuer)
}

// TestNeverLower has authorities fail: never is there a file of a lower level,
// and if evidence lacks beforehand the key is not asked.
func TestNeverLower(t *testing.T) {
	file := revisiontest.Paper{}.Bytes()
	for name, c := range map[string]struct {
		change func(*devtest.Desk)
		level  signing.Level
		want   error
		asked  bool
	}{
		"responder silent":   {func(d *devtest.Desk) { d.Sealer.Evidence = silent{revinfo.ErrUnavailable} }, signing.LevelLT, revinfo.ErrUnavailable, false},
		"revoked":            {func(d *devtest.Desk) { d.Sealer.Evidence = silent{revinfo.ErrRevoked} }, signing.LevelLTA, revinfo.ErrRevoked, false},
		"about another":      {func(d *devtest.Desk) { d.Sealer.Evidence = liar{d} }, signing.LevelLT, revinfo.ErrStatement, false},
		"no evidence":        {func(d *devtest.Desk) { d.Sealer.Evidence = nil }, signing.LevelLTA, signing.ErrLevel, false},
		"no TSA":             {func(d *devtest.Desk) { d.Sealer.TSA = nil }, signing.LevelT, signing.ErrLevel, false},
		"unknown":            {func(*devtest.Desk) {}, "B-XL", signing.ErrLevel, false},
		"unknown roots":      {func(d *devtest.Desk) { d.Sealer.Roots = x509.NewCertPool() }, signing.LevelLT, signing.ErrLevel, false},
		"TSA silent":         {func(d *devtest.Desk) { once(t, d, 0) }, signing.LevelLTA, tsa.ErrUnavailable, true},
		"TSA silent at last": {func(d *devtest.Desk) { once(t, d, 1) }, signing.LevelLTA, tsa.ErrUnavailable, true},
	} {
		d := devtest.New(t, time.Now)
		c.change(d)
		k := d.Key(t, "an", "An", "")
		if !c.asked {
			k.Signer = never{k.Signer, t}
		}
		var out bytes.Buffer
		err := d.Sealer.Sign(t.Context(), signing.Request{Profile: signing.CopyAgency, Alone: true, Level: c.level, Key: k, Name: "An"}, bytes.NewReader(file), int64(len(file)), &out)
		if !errors.Is(err, c.want) || !c.asked && len(d.Journal.Intents()) > 0 {
			t.Errorf("%s: %v, %d intents", name, err, len(d.Journal.Intents()))
		}
	}
}

// once has the authority answer a few times and then no more.
func once(t *testing.T, d *devtest.Desk, times int) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if times--; times < 0 {
			http.Error(w, "no", http.StatusServiceUnavailable)
			return
		}
		d.CA.TSA().ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	client := *d.Sealer.TSA
	client.URL = s.URL
	d.Sealer.TSA = &client
}

func TestExtendRefuses(t *testing.T) {
	d := devtest.New(t, time.Now)
	plain := revisiontest.Paper{}.Bytes()
	k := d.Key(t, "an", "An", "")
	short := d.Sign(t, signing.Request{Profile: signing.CopyAgency, Alone: true, Level: signing.LevelB, Key: k, Name: "An"}, plain)
	for name, c := range map[string]struct {
		file  []byte
		level signing.Level
	}{"not signed": {plain, signing.LevelLTA}, "no time-stamp": {short, signing.LevelLT}, "no such level": {short, signing.LevelT}} {
		if err := d.Sealer.Extend(t.Context(), c.level, bytes.NewReader(c.file), int64(len(c.file)), &bytes.Buffer{}); !errors.Is(err, signing.ErrLevel) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
