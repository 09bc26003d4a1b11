package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
	"sohoa/storage/sqldb"
)

// answering is a desk whose authority answers on the network, and began when
// its clock says.
func answering(t *testing.T, began time.Time) (*devtest.Desk, string) {
	t.Helper()
	at := began
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Setenv("SOHOA_PRIVATE_HOSTS", "127.0.0.1") // the authority that certificates name is on this machine
	ca, err := devca.OpenAt(t.TempDir(), func() time.Time { return at }, devca.Addresses{OCSP: server.URL + "/ocsp", CRLs: server.URL + "/lists"})
	if err != nil {
		t.Fatal(err)
	}
	at = time.Now()
	mux.Handle("/tsa", ca.TSA())
	mux.Handle("/ocsp", ca.OCSP())
	mux.Handle("/lists/", http.StripPrefix("/lists", ca.Lists()))
	d := devtest.New(t, time.Now)
	d.CA = ca
	d.Sealer.TSA = &tsa.Client{URL: server.URL + "/tsa", Roots: ca.Roots(), Now: time.Now}
	d.Sealer.Evidence = &revinfo.Client{Now: time.Now, HTTP: http.DefaultClient}
	return d, server.URL + "/tsa"
}

// TestRenewFile renews a file that is in no house by an authority that is newer
// than the one it was stamped by, and refuses what gains nothing, what is not
// signed and what was tampered with.
func TestRenewFile(t *testing.T) {
	dir := t.TempDir()
	old, oldTSA := answering(t, time.Now().AddDate(0, -6, 0))
	fresh, freshTSA := answering(t, time.Now().AddDate(0, -1, 0))
	once := old.Sign(t, signing.Request{Profile: signing.CopyOfficer, Level: signing.LevelLTA, Key: old.Key(t, "officer", "Nguyễn Vĩnh Nghĩa", "UBND"), Name: "Nguyễn Vĩnh Nghĩa"},
		revisiontest.Paper{}.Bytes())
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, b := range map[string][]byte{"in.pdf": once, "bad.pdf": bytes.Replace(once, []byte("Xin chao"), []byte("Xin chaO"), 1),
		"plain.pdf": revisiontest.Paper{}.Bytes(), "old.pem": old.CA.RootPEM(), "fresh.pem": fresh.CA.RootPEM()} {
		if err := os.WriteFile(in(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	believe := []string{"--trust", in("old.pem"), "--trust", in("fresh.pem")}
	for _, c := range []struct {
		file, tsa string
		code      int
		says      string
	}{
		{"in.pdf", oldTSA, exitOurs, "no longer than the last"},
		{"in.pdf", "http://127.0.0.1:1/", exitOurs, "does not answer"},
		{"bad.pdf", freshTSA, exitInvalid, "INVALID"},
		{"plain.pdf", freshTSA, exitUnsigned, "NONE"},
		{"none.pdf", freshTSA, exitUsage, "no file"},
		{"in.pdf", freshTSA, exitDone, "VALID"},
	} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), append([]string{"renew", in(c.file), "-o", in("out.pdf"), "--tsa", c.tsa}, believe...), noSettings, &stdout, &stderr)
		said := stdout.String()
		if err != nil {
			said += err.Error()
		}
		if code := exitCode(t.Context(), err); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s by %s: %d %s", c.file, c.tsa, code, said)
		}
		if _, err := os.Stat(in("out.pdf")); (err == nil) != (c.code == exitDone) {
			t.Errorf("%s: output: %v", c.file, err)
		}
	}
	out, err := os.ReadFile(in("out.pdf"))
	if err != nil || !bytes.HasPrefix(out, once) {
		t.Errorf("what was there is no prefix: %v", err)
	}
	if left, _ := filepath.Glob(in(".sohoa-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func noSettings(string) string { return "" }

// TestRenewList prints what is due by a day, and nothing before it.
func TestRenewList(t *testing.T) {
	data := t.TempDir()
	now := time.Now()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	until := now.AddDate(5, 0, 0).Truncate(time.Second)
	d := archivedRow(t, db, until)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	ahead := dossier.PolicyAt(now).Ahead
	for at, n := range map[time.Time]int{now: 0, until.Add(-ahead).AddDate(0, 0, -1): 0, until.Add(-ahead).AddDate(0, 0, 1): 1, now.AddDate(30, 0, 0): 1} {
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), []string{"renew", "--list", "--json", "--data", data, "--at", at.In(dossier.VietNam).Format(time.DateOnly)}, noSettings, &stdout, &stderr); err != nil {
			t.Fatal(err)
		}
		var list []renewalLine
		if err := json.Unmarshal(stdout.Bytes(), &list); err != nil || len(list) != n {
			t.Errorf("by %s: %s %v", at, stdout.String(), err)
			continue
		}
		if n == 1 && (list[0].Document != string(d.ID) || list[0].SHA256 != d.Parts[dossier.PartSealed].String() || !list[0].Until.Equal(until) || list[0].TSA != "TSA thử") {
			t.Errorf("by %s: %+v", at, list[0])
		}
	}
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"renew", "--list", "--data", data, "--at", "2099-01-01"}, noSettings, &stdout, &stderr); err != nil || !strings.Contains(stdout.String(), "TSA thử") {
		t.Errorf("%v %s", err, stdout.String())
	}
	for _, args := range [][]string{{"renew"}, {"renew", "--list", "--now"}, {"renew", "--list", "--at", "hôm nay"}, {"renew", "--list", "--data", t.TempDir()}, {"renew", "x", "-o", "y"}} {
		if err := run(t.Context(), args, noSettings, &stdout, &stderr); exitCode(t.Context(), err) != exitUsage {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// archivedRow is the row of an archived document.
func archivedRow(t *testing.T, db *sqldb.DB, until time.Time) dossier.Document {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.PutAgency(ctx, dossier.Agency{Code: "H98", Name: "UBND", Tier: dossier.Commune}))
	must(db.PutKind(ctx, dossier.Kind{Code: "DT", Name: "Giấy"}))
	must(db.PutProcedure(ctx, dossier.Procedure{Code: "9.9", Name: "Thử", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy"}}}))
	h, err := db.PutHolder(ctx, dossier.Holder{Number: "099090000001", Name: "Trần Sĩ"})
	must(err)
	of, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "9.9", Receiving: "H98", Holder: h.ID, Channel: dossier.Direct}, "counter")
	must(err)
	d, err := db.Add(ctx, dossier.Document{Dossier: of.Code, Slot: "TP01", Media: "image/png", Size: 1, Pages: 1,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte("scan"))}}, "counter")
	must(err)
	for _, m := range dossier.Moves() {
		if m.From != d.State || m.Act == dossier.Refuse || d.State == dossier.Archived {
			continue
		}
		c := dossier.Change{Act: m.Act, By: m.By, Who: dossier.PersonID(m.By)}
		switch m.Act {
		case dossier.Seal:
			c.Made = map[dossier.Part]digest.Digest{dossier.PartSealed: digest.Of([]byte("sealed"))}
		case dossier.Archive:
			c.Proof = &dossier.Proof{Until: until, By: "TSA thử"}
		}
		d, err = db.Advance(ctx, d, c)
		must(err)
	}
	return d
}

// TestTrustCommand adds a root in somebody's name, and not one of development.
func TestTrustCommand(t *testing.T) {
	data := t.TempDir()
	desk := devtest.New(t, time.Now)
	root := filepath.Join(data, "root.pem")
	if err := os.WriteFile(root, desk.CA.RootPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	for _, args := range [][]string{{"trust"}, {"trust", "add", root}, {"trust", "add", root, "--who", "Lê Quỳnh Khuê"}, {"trust", "add", "none.pem", "--who", "x"}} {
		if err := run(t.Context(), append(args, "--data", data), noSettings, &stdout, &stderr); exitCode(t.Context(), err) != exitUsage {
			t.Errorf("%v: %v", args, err)
		}
	}
	if err := run(t.Context(), []string{"trust", "list", "--data", data}, noSettings, &stdout, &stderr); err != nil || !strings.Contains(stdout.String(), "0 chứng thư gốc") {
		t.Errorf("%v %s", err, stdout.String())
	}
}
