package packages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
)

// bag loads the auditor's package: a bag of version 1.0 (RFC 8493) whose manifests
// are of SHA-256 and SHA-512.
func bag(ctx context.Context, r Record, blobs Blobs) (*load, error) {
	l := &load{}
	for _, p := range r.Papers {
		at := "data/documents/" + p.folder()
		if _, err := l.take(ctx, r, p, blobs, func(k kept) string { return at + "/" + k.role }); err != nil {
			return nil, err
		}
		l.evidence(r, p, at)
	}
	if err := l.record(r); err != nil {
		return nil, err
	}
	l.ledger(r, "data/ledger")
	for _, lang := range languages {
		l.bytes("data/README."+lang+".md", "text/markdown", r.Made, readme(r, lang))
	}
	l.tags(r)
	return l, nil
}

// evidence adds what was found out about a paper, and what people confirmed.
func (l *load) evidence(r Record, p Paper, at string) {
	name := at + "/verification/" + p.code(r)
	l.bytes(name+".json", "application/json", r.Made, p.VerdictJSON)
	l.bytes(name+".txt", "text/plain", r.Made, p.VerdictText)
	fields := p.Fields
	if fields == nil {
		fields = []dossier.Field{}
	}
	l.bytes(at+"/fields/"+p.code(r)+".json", "application/json", p.Document.Changed, indented(fields))
	if len(p.Said) > 0 {
		l.bytes(at+"/fields/"+p.code(r)+".committed.json", "application/json", p.Document.Changed, indented(p.Said))
	}
}

// ledger adds what the ledger says, and what proves it, under a folder.
func (l *load) ledger(r Record, at string) {
	x := r.Ledger
	var events bytes.Buffer
	for _, e := range x.Proofs {
		events.WriteString(e.Event + "\n")
		l.bytes(fmt.Sprintf("%s/proofs/%09d.proof", at, e.Place), "text/plain", r.Made, e.Proof)
	}
	l.bytes(at+"/events.jsonl", "application/json", r.Made, events.Bytes())
	l.bytes(at+"/checkpoint", "text/plain", r.Made, x.Checkpoint)
	if len(x.Stamp) > 0 {
		l.bytes(at+"/checkpoint.tsr", "application/timestamp-reply", r.Made, x.Stamp)
	}
	l.bytes(at+"/keys", "text/plain", r.Made, []byte(strings.Join(x.Keys, "\n")+"\n"))
	l.bytes(at+"/roots.pem", "application/pem-certificate-chain", r.Made, x.Roots)
}

// A told paper is what record.json says of one.
type toldPaper struct {
	Document dossier.DocumentID `json:"document"`
	Number   int                `json:"number"`
	Slot     dossier.SlotCode   `json:"slot"`
	Kind     dossier.KindCode   `json:"kind"`
	State    dossier.State      `json:"state"`
	Version  int64              `json:"version"`
	Pages    int                `json:"pages"`
	Received time.Time          `json:"received"`
	Verdict  string             `json:"verdict"`
	Files    []toldFile         `json:"files"`
}

type toldFile struct {
	Part dossier.Part `json:"part"`
	Path string       `json:"path"`
	Sum  string       `json:"sha256"`
	Main bool         `json:"archival,omitempty"` // the file that stands for the document
}

type toldRecord struct {
	Dossier   dossier.Code          `json:"dossier"`
	Whole     bool                  `json:"whole"`
	Procedure dossier.ProcedureCode `json:"procedure"`
	Receiving dossier.AgencyCode    `json:"receiving"`
	Competent dossier.AgencyCode    `json:"competent"`
	Holder    dossier.HolderID      `json:"holder"`
	Received  time.Time             `json:"received"`
	Resolved  time.Time             `json:"resolved,omitzero"`
	Papers    []toldPaper           `json:"documents"`
	Reused    []dossier.DocumentID  `json:"reused,omitempty"`
}

// record adds record.json: what is in the package and by which names the ledger
// knows it.
func (l *load) record(r Record) error {
	d := r.Dossier
	t := toldRecord{Dossier: d.Code, Whole: r.Whole, Procedure: d.Procedure, Receiving: d.Receiving, Competent: d.Competent, Holder: d.Holder,
		Received: d.Received.In(dossier.VietNam), Papers: []toldPaper{}}
	if !d.Resolved.IsZero() {
		t.Resolved = d.Resolved.In(dossier.VietNam)
	}
	for _, e := range r.Reused {
		t.Reused = append(t.Reused, e.Document)
	}
	for _, p := range r.Papers {
		x := toldPaper{p.Document.ID, p.Number, p.Document.Slot, p.Document.Kind, p.Document.State, p.Document.Version, p.Document.Pages,
			p.Document.Received.In(dossier.VietNam), p.Verdict, nil}
		for _, k := range keptOf(r, p) {
			x.Files = append(x.Files, toldFile{k.part, "data/documents/" + p.folder() + "/" + k.role + "/" + k.name, p.Document.Parts[k.part].String(), k.main})
		}
		t.Papers = append(t.Papers, x)
	}
	l.bytes("data/record.json", "application/json", r.Made, indented(t))
	return nil
}

// tags adds the files beside data/, which tell of it.
func (l *load) tags(r Record) {
	payload := slices.Clone(l.files)
	slices.SortFunc(payload, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	var size int64
	for _, f := range payload {
		size += f.size
	}
	text := func(path, b string) { l.bytes(path, "text/plain", r.Made, []byte(b)) }
	text("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
	text("bag-info.txt", strings.Join([]string{
		"Source-Organization: " + oneLine(r.Receiving.Name),
		"External-Identifier: " + r.Name(),
		"External-Description: Gói kiểm tra độc lập / package for an independent audit",
		"Bagging-Date: " + r.Made.In(dossier.VietNam).Format(time.DateOnly),
		fmt.Sprintf("Payload-Oxum: %d.%d", size, len(payload)),
		"Bag-Software-Agent: Sohoa " + oneLine(r.Version),
	}, "\n")+"\n")
	text("manifest-sha256.txt", manifest(payload, func(f *file) []byte { return f.sha256[:] }))
	text("manifest-sha512.txt", manifest(payload, func(f *file) []byte { return f.sha512[:] }))
	tagged := slices.Clone(l.files[len(payload):])
	slices.SortFunc(tagged, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	text("tagmanifest-sha256.txt", manifest(tagged, func(f *file) []byte { return f.sha256[:] }))
	text("tagmanifest-sha512.txt", manifest(tagged, func(f *file) []byte { return f.sha512[:] }))
}

// manifest lists files in the form that sha256sum and its like read too.
func manifest(files []*file, sum func(*file) []byte) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%x  %s\n", sum(f), f.path)
	}
	return b.String()
}

// oneLine keeps a value of bag-info.txt on its line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// indented is JSON for people as well. Values are of this package's own types.
func indented(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // no value here can fail
	}
	return b.Bytes()
}
