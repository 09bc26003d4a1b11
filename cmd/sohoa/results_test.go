package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/drop"
	wordfiles "sohoa/ingest/office"
	"sohoa/pdf/graft/grafttest"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing/devca"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
	"sohoa/web/clicker"
)

// letterFile is a file of Word that says something.
func letterFile(t *testing.T, says string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range [][2]string{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>` + says + `</w:t></w:r></w:p></w:body></w:document>`},
	} {
		w, err := z.Create(m[0])
		if err == nil {
			_, err = w.Write([]byte(m[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// signedResult is a PDF that an agency signed before it came, by an authority that the
// house trusts.
func signedResult(t *testing.T, data string) []byte {
	t.Helper()
	ca, err := devca.Open(filepath.Join(data, "devca"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, chain := agency(t, ca, dir)
	key, password := ca.KeyPath("agency")
	root := put(t, filepath.Join(dir, "root.pem"), ca.RootPEM())
	out := filepath.Join(dir, "signed.pdf")
	if code, _, message := sohoa(t, "sign", put(t, filepath.Join(dir, "in.pdf"), revisiontest.Paper{}.Bytes()), "-o", out, "--key", key, "--password-file", password, "--certificate", chain,
		"--profile", "copy-officer", "--name", "UBND xã Vĩnh Thịnh", "--level", "B-B", "--trust", root); code != exitDone {
		t.Fatalf("exit %d: %s", code, message)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestResultsInBulk has a system of the agency lay the results that it issued into a
// watched folder, PDF, Word and one signed already: they are entered in one act, the
// signed one is verified and stays as it is, the others are normalised with their text,
// signed by the officer in one act and sealed by the clerk in another.
func TestResultsInBulk(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	r := servingWith(t, map[string]string{"SOHOA_DROP_FOLDERS": string(wire.OwnAgency.Code) + "=" + dir, "SOHOA_DROP_QUIET": "1"}, data)
	codes := []dossier.Code{counted(t, r)}
	for i := range 2 {
		code, err := r.login(dossier.Counter).Open(t.Context(), clicker.NewDossier{Procedure: "9.1", Receiving: wire.OwnAgency.Code, Competent: wire.OwnAgency.Code,
			HolderNumber: fmt.Sprintf("09909012345%d", i), HolderName: "Trần Thị Ngoãn", Channel: dossier.Direct})
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	var plain []byte
	for _, c := range grafttest.Cases(t) {
		if c.Name == "plain" {
			plain = c.PDF
		}
	}
	signed := signedResult(t, data)
	files, digital := map[string][]byte{string(codes[0]) + ".pdf": plain, string(codes[2]) + "_QĐ.pdf": signed}, 1
	if wordfiles.Installed() {
		files[string(codes[1])+" (1).docx"], digital = letterFile(t, grafttest.Text), 2
	}
	for name, b := range files {
		put(t, filepath.Join(dir, name), b)
	}
	db := r.open()
	defer db.Close()
	form := url.Values{}
	r.wait(time.Minute, func() bool {
		list, err := db.Tray(t.Context(), nil, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		form = url.Values{}
		for _, d := range list {
			if d.State == drop.Taken {
				form.Add("drop", d.ID)
			}
		}
		return len(form["drop"]) == len(files)
	})
	if status, _, page := r.surf(dossier.Counter).fill("/tray/results", form); status != http.StatusOK || !strings.Contains(page, fmt.Sprintf("Xong %d trên %d", len(files), len(files))) {
		t.Fatalf("%d %s", status, page)
	}
	all := r.inState(db, digital, dossier.Normalised)
	r.ordered(db, dossier.Officer, all)
	clicks := r.login(dossier.Counter)
	for _, d := range r.inState(db, digital, dossier.Extracted) {
		if err := clicks.Act(t.Context(), taskOf(t, clicks, d.ID), dossier.Confirm, map[dossier.FieldName]string{dossier.FieldTitle: "Kết quả"}, ""); err != nil {
			t.Error(err)
		}
	}
	r.ordered(db, dossier.Clerk, r.inState(db, digital, dossier.Confirmed))
	r.archivedResults(db, digital, codes[2], signed)
}

// inState waits until as many results stand so.
func (r *running) inState(db *sqldb.DB, n int, state dossier.State) (docs []dossier.Document) {
	r.t.Helper()
	r.wait(2*time.Minute, func() bool {
		var err error
		if docs, err = db.Documents(r.t.Context(), dossier.DocumentQuery{States: []dossier.State{state}, Limit: 10}); err != nil {
			r.t.Fatal(err)
		}
		return len(docs) == n
	})
	return docs
}

// ordered has a person sign all that waits at the desk in one act.
func (r *running) ordered(db *sqldb.DB, role dossier.Role, docs []dossier.Document) {
	r.t.Helper()
	status, path, page := r.surf(role).fill("/desk/batches", url.Values{"all": {"yes"}, "seen": {fmt.Sprint(time.Now().UnixMilli())}})
	if status != http.StatusOK || !strings.HasPrefix(path, "/desk/batches/") {
		r.t.Fatalf("%d %s %s", status, path, page)
	}
	b, err := db.Batch(r.t.Context(), dossier.BatchID(strings.TrimPrefix(path, "/desk/batches/")))
	if err != nil || len(b.Items) != len(docs) {
		r.t.Errorf("%s ordered %d of %d in one act, %v", role, len(b.Items), len(docs), err)
	}
}

// taskOf is what waits for somebody about a document.
func taskOf(t *testing.T, p *clicker.Person, id dossier.DocumentID) clicker.Task {
	t.Helper()
	tasks, err := p.Tasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tasks {
		if x.ID == id {
			return x
		}
	}
	t.Fatalf("%s does not wait for anybody", id)
	return clicker.Task{}
}

// archivedResults holds that digital results are archived with their text and two
// signatures, and that the one that came signed was judged and is what came.
func (r *running) archivedResults(db *sqldb.DB, n int, of dossier.Code, signed []byte) {
	t := r.t
	t.Helper()
	store, err := fs.Open(filepath.Join(r.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.inState(db, n, dossier.Archived) {
		b, err := blobtest.Get(t, store, d.Parts[dossier.PartSealed])
		if err != nil {
			t.Fatal(err)
		}
		path := put(t, filepath.Join(t.TempDir(), "sealed.pdf"), b)
		if got := strings.Join(strings.Fields(tool(t, "pdftotext", path, "-")), " "); !strings.Contains(got, grafttest.Text) {
			t.Errorf("%s says %s", d.ID, got)
		}
		if got := bytes.Count(b, []byte("/SubFilter/ETSI.CAdES.detached")) + bytes.Count(b, []byte("/SubFilter /ETSI.CAdES.detached")); got != 2 {
			t.Errorf("%s has %d signatures", d.ID, got)
		}
	}
	docs, err := db.Documents(t.Context(), dossier.DocumentQuery{Dossier: of, Limit: 5})
	if err != nil || len(docs) != 1 {
		t.Fatalf("%+v, %v", docs, err)
	}
	if kept, err := blobtest.Get(t, store, docs[0].Parts[dossier.PartScan]); err != nil || !bytes.Equal(kept, signed) || !docs[0].Parts[dossier.PartSealed].IsZero() {
		t.Errorf("the signed one is not what came: %v", err)
	}
	past, err := db.Changes(t.Context(), docs[0].ID)
	if err != nil || len(past) < 2 || docs[0].State == dossier.Refused {
		t.Errorf("the signed one was not judged, or refused: %s, %+v, %v", docs[0].State, past, err)
	}
}
