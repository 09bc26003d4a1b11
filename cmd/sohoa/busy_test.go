package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/specimen"
	"sohoa/storage/sqldb"
	"sohoa/web/clicker"
)

// busyAtTheDoor drops every file with more in it than its page: each is taken,
// what was found is a part of the document, what came and what was within it are
// kept, and nothing of that is in the PDF/A. No password is left anywhere.
func busyAtTheDoor(t *testing.T, r *running, db *sqldb.DB) {
	ctx := t.Context()
	counter := r.login(dossier.Counter)
	for _, busy := range specimen.Busy() {
		code, err := counter.Open(ctx, clicker.NewDossier{Procedure: "9.000101", Receiving: "H99.11", Competent: "H99.11",
			HolderNumber: "099090123458", HolderName: "Trần Thị Ngoãn", Channel: dossier.Direct})
		if err != nil {
			t.Fatal(err)
		}
		id, err := counter.UploadLocked(ctx, code, "TP01", busy.Name, bytes.NewReader(busy.Bytes), busy.Password)
		if err != nil {
			t.Errorf("%s: %v", busy.Name, err)
			continue
		}
		if again, err := counter.UploadLocked(ctx, code, "TP01", busy.Name, bytes.NewReader(busy.Bytes), busy.Password); err != nil || again != id {
			t.Errorf("%s: sent again it became %s: %v", busy.Name, again, err)
		}
		r.wait(time.Minute, func() bool {
			seen, err := counter.Look(ctx, id)
			return err == nil && seen.State == dossier.Normalised
		})
		seen, err := counter.Look(ctx, id)
		var codes []string
		for _, f := range seen.Report.Findings {
			codes = append(codes, f.Code)
		}
		if err != nil || !slices.Equal(codes, busy.Finds) {
			t.Errorf("%s: the report says %v, %v", busy.Name, codes, err)
		}
		d, err := db.Document(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		part := func(p dossier.Part) []byte {
			b, err := os.ReadFile(filepath.Join(r.data, "blobs", d.Parts[p].String()[:2], d.Parts[p].String()))
			if err != nil {
				t.Errorf("%s: %s: %v", busy.Name, p, err)
			}
			return b
		}
		came := dossier.PartScan
		if busy.Working != "" {
			came = dossier.PartArrived
		}
		if !bytes.Equal(part(came), busy.Bytes) || busy.Working != "" && bytes.Contains(part(dossier.PartScan), []byte("/Encrypt")) {
			t.Errorf("%s: what came is not kept as %s", busy.Name, came)
		}
		for i, want := range busy.Beside {
			if string(part(dossier.BesidePart(i+1))) != want {
				t.Errorf("%s: file %d within it is not kept", busy.Name, i+1)
			}
		}
		if !strings.Contains(string(part(dossier.PartText)), specimen.BusyText) {
			t.Errorf("%s says %q", busy.Name, part(dossier.PartText))
		}
		for _, trace := range []string{"JavaScript", "Launch", "EmbeddedFile"} {
			if bytes.Contains(part(dossier.PartPlain), []byte(trace)) {
				t.Errorf("%s: %s got into the PDF/A", busy.Name, trace)
			}
		}
	}
	noSecret(t, r, "matkhau")
}

// noSecret wants a word in no file of the service and in nothing it said.
func noSecret(t *testing.T, r *running, word string) {
	t.Helper()
	if strings.Contains(r.said(), word) {
		t.Error("the service says a password")
	}
	err := filepath.WalkDir(r.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // files under way come and go
		}
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(word)) {
			t.Errorf("a password is in %s", filepath.Base(path))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
