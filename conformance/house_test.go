//go:build conformance

package conformance

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
	data, dir := demonstrated(t), t.TempDir()
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
	for k, says := range ades(t, dir, some(names, 3)...) { // the slow judges see one of three
		if says != "OK+" {
			t.Errorf("%s: pyHanko, %s: %s", k.name, k.when, says)
		}
	}
	for name, says := range europe(t, dir, some(files, 3)) {
		if says != "PAdES-BASELINE-LTA TOTAL_PASSED" {
			t.Errorf("%s: EU DSS: %s", name, says)
		}
	}
	if out := said(t, ".", "./verapdf.sh", files...); strings.Count(out, "PASS ") != len(files) {
		t.Error(out)
	}
	t.Logf("%d archived files judged by qpdf, pdfsig and veraPDF, %d by pyHanko and EU DSS", len(files), len(some(files, 3)))
}

// house is where the demonstration ran; TestMain takes it away.
var house string

// demonstration has the demonstration run to its end in house, once for all tests.
var demonstration = sync.OnceValue(func() (err error) {
	if house, err = os.MkdirTemp("", "sohoa-conformance-*"); err != nil {
		return err
	}
	cmd := exec.Command("../bin/sohoa", "serve", "--demo", "--demo-cases", "14", "--data", house, "--addr", "127.0.0.1:0")
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run make build first: %w", err)
	}
	late := time.AfterFunc(10*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "Xem / look") {
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("the demonstration ended badly: %w\n%s", err, trouble.String())
	}
	return nil
})

// demonstrated returns a house of the test's own, in which the demonstration of 14
// dossiers ran.
func demonstrated(t *testing.T) string {
	t.Helper()
	if err := demonstration(); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "data")
	said(t, ".", "cp", "-a", house, own)
	return own
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
