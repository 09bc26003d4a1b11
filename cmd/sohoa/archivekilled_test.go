package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/specimen"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
)

// TestKilledOverAnArchive kills an import again and again, and goes on with the same
// command: every paper is there once, with all of its bytes.
func TestKilledOverAnArchive(t *testing.T) {
	data, db := provided(t)
	dir := t.TempDir()
	var rows [][]string
	sums := map[digest.Digest]bool{}
	const files = 700
	for n := 1; n <= files; n++ {
		name, b := fmt.Sprintf("%d.jpg", n), sheetOf(t, n)
		rows, sums[digest.Of(b)] = append(rows, archiveRow(n, "KQ", name)), true
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	index, kills := written(t, "index.csv", archiveHead, rows), 0
	for ended := false; !ended; {
		var said bytes.Buffer
		cmd := exec.Command(self, "archive", "import", dir, "--index", index, "--agency", "H60.1", "--data", data, "--readers", "2", "--resume", "--json")
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), asProgram+"=1"), &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		life := time.Duration(400+rand.IntN(900)) * time.Millisecond
		if kills == 6 {
			life = 5 * time.Minute
		}
		select {
		case err := <-done:
			if ended = true; err != nil {
				t.Fatalf("%v\n%s", err, &said)
			}
		case <-time.After(life):
			_ = cmd.Process.Kill()
			<-done
			kills++
		}
	}
	if i := archiveOf(t, db); i.Ended.IsZero() || i.Rows != files {
		t.Errorf("%+v", i)
	}
	papers, err := db.Documents(t.Context(), dossier.DocumentQuery{Limit: 2 * files})
	if err != nil || len(papers) != files {
		t.Fatalf("%d papers, %v", len(papers), err)
	}
	store, err := fs.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range papers {
		sum := p.Parts[dossier.PartScan]
		if !sums[sum] {
			t.Errorf("%s: the paper is there twice, or not one of the archive's", p.ID)
		}
		delete(sums, sum)
		if b, err := blobtest.Get(t, store, sum); err != nil || digest.Of(b) != sum {
			t.Errorf("%s: its bytes are not all there: %v", p.ID, err)
		}
	}
	t.Logf("killed %d times", kills)
}

// A file of an archive that carries a signature is kept byte for byte and begins the way
// of signed files, on which it is judged.
func TestArchiveSigned(t *testing.T) {
	data, db := provided(t)
	dir := t.TempDir()
	var signed []byte
	for _, f := range specimen.Bad() {
		if f.WantCode == "signed" {
			b, err := io.ReadAll(f.Reader())
			if err != nil {
				t.Fatal(err)
			}
			signed = b
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "1.pdf"), signed, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{dir, "--index", written(t, "index.csv", archiveHead, [][]string{archiveRow(1, "KQ", "1.pdf")}), "--data", data}
	r, code, said := tookOver(t, args...)
	if code != exitDone || r.Counts.Taken != 1 || r.Counts.Signed != 1 {
		t.Fatal(code, r.Counts, said)
	}
	papers, err := db.Documents(t.Context(), dossier.DocumentQuery{})
	if err != nil || len(papers) != 1 || papers[0].State != dossier.Presented || papers[0].Parts[dossier.PartScan] != digest.Of(signed) {
		t.Errorf("%+v, %v", papers, err)
	}
}
