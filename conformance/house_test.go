//go:build conformance

package conformance

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/signing/devca"
	"sohoa/storage/sqldb"
)

// TestArchivedByTheHouse runs the real program's demonstration to its end and
// has the judges look at every file it archived: whatever scanner, format and
// wear it came from, it is a PDF/A-2u with two valid signatures of level B-LTA.
func TestArchivedByTheHouse(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	demonstrated(t, data)
	dir := t.TempDir()
	files := archivedFiles(t, data, dir)
	ca, err := devca.Open(filepath.Join(data, "devca"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "root.pem", ca.RootPEM())
	said(t, dir, "certutil", "-N", "-d", ".", "--empty-password")
	said(t, dir, "certutil", "-A", "-d", ".", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
	var names []string
	for _, file := range files {
		if says := said(t, dir, "qpdf", "--check", file); !strings.Contains(says, "No syntax or stream encoding errors") {
			t.Error(says)
		}
		sig := said(t, dir, "pdfsig", "-nssdir", ".", "-no-ocsp", file)
		if strings.Count(sig, "Signature is Valid.") != 2 || strings.Count(sig, "Certificate is Trusted.") != 2 {
			t.Error(sig)
		}
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".pdf"))
	}
	for k, says := range ades(t, dir, names...) {
		if says != "OK+" {
			t.Errorf("%s: pyHanko, %s: %s", k.name, k.when, says)
		}
	}
	for name, says := range europe(t, dir, files) {
		if says != "PAdES-BASELINE-LTA TOTAL_PASSED" {
			t.Errorf("%s: EU DSS: %s", name, says)
		}
	}
	if out := said(t, ".", "./verapdf.sh", files...); strings.Count(out, "PASS ") != len(files) {
		t.Error(out)
	}
	t.Logf("%d archived files judged by qpdf, pdfsig, pyHanko, EU DSS and veraPDF", len(files))
}

// demonstrated runs the demonstration on data until it says that it is done.
func demonstrated(t *testing.T, data string) {
	t.Helper()
	demonstratedCases(t, data, 14)
}

// demonstratedCases is demonstrated with so many dossiers.
func demonstratedCases(t *testing.T, data string, cases int) {
	t.Helper()
	var out bytes.Buffer
	log, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("../bin/sohoa", "serve", "--demo", "--demo-cases", strconv.Itoa(cases), "--data", data, "--addr", "127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = log, &out
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the service ended badly: %v\n%s", err, out.String())
		}
	}()
	for end := time.Now().Add(10 * time.Minute); ; time.Sleep(time.Second) {
		said, err := os.ReadFile(log.Name())
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(said, []byte("Xem / look")) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the demonstration did not end:\n%s", said)
		}
	}
}

// archivedFiles copies what was archived into dir.
func archivedFiles(t *testing.T, data, dir string) (files []string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	docs, err := db.Documents(t.Context(), dossier.DocumentQuery{States: []dossier.State{dossier.Archived}, Limit: 1000})
	if err != nil || len(docs) < 20 {
		t.Fatalf("%d documents archived: %v", len(docs), err)
	}
	for _, d := range docs {
		sum := d.Parts[dossier.PartSealed].String()
		b, err := os.ReadFile(filepath.Join(data, "blobs", sum[:2], sum))
		if err != nil {
			t.Fatal(err)
		}
		name := string(d.ID) + ".pdf"
		put(t, dir, name, b)
		files = append(files, filepath.Join(dir, name))
	}
	return files
}
