package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/dossier/digest"
	"sohoa/signing/verify"
)

// A closed month is sealed where no service runs, once: its report is a PDF that
// the agency has signed to last and that names the statement, and the signature
// beside the statement is what OpenSSL takes it for. A correction gets its own.
func TestFiguresSeal(t *testing.T) {
	dir := t.TempDir()
	monthOfWork(t, dir).Close()
	figures := func(want int, args ...string) string {
		t.Helper()
		code, out, message := sohoa(t, append(append([]string{"figures"}, args...), "--data", dir)...)
		if code != want {
			t.Fatalf("figures %v ends with %d, want %d: %s%s", args, code, want, out, message)
		}
		return out + message
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, wrong := range [][]string{{"report"}, {"report", "--month", "2024-03"}, {"seal", "--month", "2024-03"}, {"seal", "-o", "x"}, {"signature", "-o", "x"}} {
		figures(exitUsage, wrong...)
	}
	figures(exitDone, "close", "--month", "2024-03")
	if said := figures(exitUsage, "report", "--month", "2024-03", "-o", file("r.pdf")); !strings.Contains(said, "not sealed yet") {
		t.Error(said)
	}
	if said := figures(exitDone, "seal"); !strings.Contains(said, "1 closed months sealed") {
		t.Error(said)
	}
	if said := figures(exitDone, "seal"); !strings.Contains(said, "0 closed months sealed") {
		t.Error(said)
	}
	figures(exitDone, "report", "--month", "2024-03", "-o", file("r.pdf"))
	if said := figures(exitDone, "signature", "--month", "2024-03", "-o", file("s.p7s")); !strings.Contains(said, "by 1 time-stamps") {
		t.Error(said)
	}
	if said := figures(exitUsage, "evidence", "--month", "2024-03", "-o", file("s.ers")); !strings.Contains(said, "not renewed yet") {
		t.Error(said)
	}
	statement := figures(exitDone, "statement", "--month", "2024-03")
	sealedReport(t, dir, file("r.pdf"), statement)
	besideStatement(t, dir, statement)
	figures(exitDone, "correct", "--month", "2024-03", "--reason", "nhập muộn")
	figures(exitUsage, "report", "--month", "2024-03", "-o", file("r2.pdf")) // the newest has no seal yet
	figures(exitDone, "seal")
	figures(exitDone, "report", "--month", "2024-03", "-o", file("r2.pdf"))
	figures(exitDone, "report", "--month", "2024-03", "--version", "1", "-o", file("r1.pdf"))
	first, _ := os.ReadFile(file("r.pdf"))
	again, _ := os.ReadFile(file("r1.pdf"))
	if !bytes.Equal(first, again) {
		t.Error("the first version's report is not what it was")
	}
	if code, out, message := sohoa(t, "audit", "verify", "--data", dir); code != exitDone {
		t.Errorf("audit: %d %s%s", code, out, message)
	}
	figures(exitDone, "--recompute", "--month", "2024-03", "--version", "1")
	tamper(t, dir, "DROP TRIGGER closing_seals_once; UPDATE closing_seals SET report = signature WHERE version = 1")
	if code, out, _ := sohoa(t, "audit", "verify", "--data", dir); code != exitUnsound || !strings.Contains(out, "closing_seals") {
		t.Errorf("audit after a seal was changed: %d %s", code, out)
	}
}

// sealedReport holds a report against the house's judge of signatures.
func sealedReport(t *testing.T, dir, path, statement string) {
	t.Helper()
	root := filepath.Join(dir, "devca", "ca", "root.crt")
	code, out, message := sohoa(t, "verify", path, "--trust", root, "--json")
	var r struct {
		Verdict    verify.Verdict
		Signatures []struct{ Kind, Signer, Level string }
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitDone || r.Verdict != verify.Valid || len(r.Signatures) != 2 ||
		r.Signatures[0].Signer != "Tỉnh" || r.Signatures[0].Level != "B-LTA" || r.Signatures[1].Kind != string(verify.KindTimestamp) {
		t.Errorf("%d %v %s%s", code, err, out, message)
	}
	text, err := exec.Command("pdftotext", path, "-").Output()
	flat := strings.Join(strings.Fields(string(text)), "")
	if err != nil || !strings.Contains(flat, digest.Of([]byte(statement)).String()) || !strings.Contains(flat, "TỈNH") {
		t.Errorf("%v: the report does not name the statement: %s", err, text)
	}
}

func besideStatement(t *testing.T, dir, statement string) {
	t.Helper()
	for name, want := range map[string]bool{statement: true, statement + " ": false} {
		if err := os.WriteFile(filepath.Join(dir, "s.json"), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "s.p7s", "-content", "s.json", "-CAfile", "devca/ca/root.crt", "-purpose", "any", "-out", "/dev/null")
		c.Dir = dir
		if out, err := c.CombinedOutput(); (err == nil) != want {
			t.Errorf("OpenSSL: %v, want %v\n%s", err, want, out)
		}
	}
}
