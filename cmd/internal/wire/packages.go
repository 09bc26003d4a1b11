package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"sohoa/cmd/internal/verdict"
	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/readingcopy"
	"sohoa/storage/ledger"
	"sohoa/storage/packages"
	"sohoa/workers"
)

// A Wanted package is one that somebody asks for: of a document, or else of a
// dossier.
type Wanted struct {
	Kind     packages.Kind
	Document dossier.DocumentID
	Dossier  dossier.Code
}

// maxCodes is the most bytes of a file of EAD codes that are read.
const maxCodes = 1 << 20

// A packed package is ready to be written; whoever has written it calls done.
type packed struct {
	*packages.Package
	notes []dossier.Reading // to be entered before it is given out: Who, By, Purpose and At are missing
	done  func()
}

// pack gathers the record of what is wanted, and reads all of it. What is not
// archived is [packages.ErrNotReady], what is not whole [packages.ErrBytes].
func (h *House) pack(ctx context.Context, w Wanted) (*packed, error) {
	r, err := h.record(ctx, w)
	if err != nil {
		return nil, err
	}
	done := func() {}
	if w.Kind == packages.DIP {
		dir, err := os.MkdirTemp(h.temp, "reading-*")
		if err != nil {
			return nil, err
		}
		done = func() { os.RemoveAll(dir) }
		if err := h.readingCopies(ctx, &r, dir); err != nil {
			done()
			return nil, err
		}
	}
	p, err := packages.Load(ctx, r, h.Blobs)
	if err != nil {
		done()
		return nil, err
	}
	out := &packed{Package: p, done: done}
	for _, x := range r.Papers { // so that each paper's log, and its holder's list, says that it left the house
		out.notes = append(out.notes, dossier.Reading{Act: dossier.ReadExported, Document: x.Document.ID, Dossier: r.Dossier.Code,
			Holder: r.Dossier.Holder, Part: dossier.Part("package-" + string(w.Kind)), Demo: r.Dossier.Demo})
	}
	return out, nil
}

// record gathers what a package is made of.
func (h *House) record(ctx context.Context, w Wanted) (r packages.Record, err error) {
	r = packages.Record{Kind: w.Kind, Whole: w.Document == "", Made: h.Settings.now(), Version: programVersion()}
	if !r.Whole {
		d, err := h.DB.Document(ctx, w.Document)
		if err != nil {
			return r, err
		}
		w.Dossier = d.Dossier
	}
	if r.Dossier, err = h.DB.Dossier(ctx, w.Dossier); err != nil {
		return r, err
	}
	if r.Procedure, err = h.DB.ProcedureOf(ctx, r.Dossier); err != nil {
		return r, err
	}
	if r.Receiving, err = h.DB.Agency(ctx, r.Dossier.Receiving); err != nil {
		return r, err
	}
	if r.Competent, err = h.DB.Agency(ctx, r.Dossier.Competent); err != nil {
		return r, err
	}
	if r.Codes, err = readCodes(h.Settings.Codes); err != nil {
		return r, err
	}
	if err := h.papers(ctx, &r, w.Document); err != nil {
		return r, err
	}
	r.Ledger, err = h.extract(ctx, r)
	return r, err
}

// papers adds the documents: of a whole dossier all that were not refused or
// disposed of, each of which must be archived.
func (h *House) papers(ctx context.Context, r *packages.Record, only dossier.DocumentID) error {
	fillings, err := h.DB.Fillings(ctx, r.Dossier.Code)
	if err != nil {
		return err
	}
	kinds, err := h.DB.Kinds(ctx)
	if err != nil {
		return err
	}
	for i, f := range fillings {
		switch {
		case f.Reused != nil && only == "":
			r.Reused = append(r.Reused, *f.Reused)
		case f.Document == nil, only != "" && f.Document.ID != only, only == "" && (f.Document.State == dossier.Refused || !f.Document.Disposed.IsZero()):
			continue
		}
		if f.Document == nil {
			continue
		}
		if err := packages.Ready(*f.Document); err != nil {
			return err
		}
		p := packages.Paper{Document: *f.Document, Number: i + 1, Place: f.Name}
		if k := slices.IndexFunc(kinds, func(k dossier.Kind) bool { return k.Code == f.Document.Kind }); k >= 0 {
			p.Name = kinds[k].Name
		}
		if err := h.paper(ctx, &p); err != nil {
			return err
		}
		r.Papers = append(r.Papers, p)
	}
	if only != "" && len(r.Papers) == 0 { // refused, and something else is in its place
		return fmt.Errorf("document %s: %w", only, packages.ErrNotReady)
	}
	return nil
}

// paper adds what rows say of a document, and judges its archival file.
func (h *House) paper(ctx context.Context, p *packages.Paper) (err error) {
	id := p.Document.ID
	if p.Fields, err = h.DB.Fields(ctx, id); err != nil {
		return err
	}
	if p.Changes, err = h.DB.Changes(ctx, id); err != nil {
		return err
	}
	said, err := h.DB.Commitments(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range said {
		p.Said = append(p.Said, packages.Said{Version: c.Version, Why: c.Why, Fields: c.Fields, Salt: c.Salt})
	}
	part, sum, _ := p.Document.Archival()
	path, done, err := fetch(ctx, h.Blobs, sum, h.temp)
	if lost, ok := packages.LostFile(p.Document, part, err); ok {
		return lost
	} else if err != nil {
		return err
	}
	defer done()
	report, err := h.look(ctx, path)
	if err != nil {
		return fmt.Errorf("signatures of %s: %w", id, err)
	}
	told := verdict.Of(report)
	p.Verdict = string(told.Verdict)
	if p.VerdictJSON, err = json.MarshalIndent(told, "", "  "); err != nil {
		return err
	}
	p.VerdictJSON = append(p.VerdictJSON, '\n')
	var text bytes.Buffer
	err = told.Print(&text)
	p.VerdictText = text.Bytes()
	return err
}

// extract proves what made the record: moves, intents, and of a whole dossier what
// was done to it. Who looked at it is another matter, and would make two packages
// of the same record differ. All proofs are under the first checkpoint over the
// newest of these events, so that they never change.
func (h *House) extract(ctx context.Context, r packages.Record) (x packages.Extract, err error) {
	if _, err := h.DB.NumberEvents(ctx); err != nil { // what was done a moment ago has no place yet
		return x, err
	}
	var found []dossier.Placed
	if r.Whole {
		if found, err = h.DB.CaseLog(ctx, r.Dossier.Code); err != nil {
			return x, err
		}
	}
	for _, p := range r.Papers {
		of, err := h.DB.LogOf(ctx, p.Document.ID)
		if err != nil {
			return x, err
		}
		found = append(found, of...)
	}
	found = slices.DeleteFunc(found, func(p dossier.Placed) bool { return p.Kind == string(ledger.Reading) || p.Kind == string(ledger.House) })
	if len(found) == 0 {
		return x, fmt.Errorf("the ledger says nothing of dossier %s: %w", r.Dossier.Code, dossier.ErrNotFound)
	}
	slices.SortFunc(found, func(a, b dossier.Placed) int { return int(a.Place - b.Place) })
	k, err := h.DB.CheckpointOver(ctx, found[len(found)-1].Place)
	if errors.Is(err, dossier.ErrNotFound) {
		k, err = h.Ledger.checkpoint(ctx) // once: from then on there is one over it
	}
	if err != nil {
		return x, err
	}
	x.Checkpoint = k.Note
	if k.Stamp != "" {
		if x.Stamp, err = h.smallBlob(ctx, k.Stamp); err != nil {
			return x, err
		}
	}
	if x.Keys, err = publicKeys(h.Settings.ledger()); err != nil {
		return x, err
	}
	for _, der := range h.roots() {
		x.Roots = append(x.Roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	for _, p := range found {
		proof, err := proveUnder(ctx, h.DB, p.Place, k.Note, x.Keys)
		if err != nil {
			return x, err
		}
		x.Proofs = append(x.Proofs, packages.Proven{Place: p.Place, Event: proof.Event, Proof: proof.Bytes()})
	}
	return x, nil
}

func (h *House) smallBlob(ctx context.Context, sum string) ([]byte, error) {
	d, err := digest.Parse(sum)
	if err != nil {
		return nil, err
	}
	r, err := h.Blobs.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxLedgerBlob))
}

// readingCopies makes copies for reading in a directory, one after the other.
func (h *House) readingCopies(ctx context.Context, r *packages.Record, dir string) error {
	mark, err := readingcopy.NewMark(h.Settings.Font)
	if err != nil {
		return fmt.Errorf("font of the marks (Debian package fonts-croscore): %w", err)
	}
	for i := range r.Papers {
		p := &r.Papers[i]
		out, err := os.CreateTemp(dir, "copy-*")
		if err != nil {
			return err
		}
		err = h.readingCopy(ctx, p.Document, out, mark)
		if err = errors.Join(err, out.Close()); err != nil {
			return fmt.Errorf("reading copy of %s: %w", p.Document.ID, err)
		}
		name := out.Name()
		p.Reading = func(context.Context) (io.ReadCloser, error) { return os.Open(name) }
	}
	return nil
}

// readingCopy makes one: of the pages as the reader saw them, with the words that
// it read.
func (h *House) readingCopy(ctx context.Context, d dossier.Document, out *os.File, mark *readingcopy.Mark) error {
	b, err := h.wordsOf(ctx, d)
	if err != nil {
		return err
	}
	var words []ocr.Page
	if err := json.Unmarshal(b, &words); err != nil {
		return fmt.Errorf("words: %w", err)
	}
	path, done, err := fetch(ctx, h.Blobs, d.Parts[dossier.PartScan], h.temp)
	if lost, ok := packages.LostFile(d, dossier.PartScan, err); ok {
		return lost
	} else if err != nil {
		return err
	}
	defer done()
	pages := splitter(ctx, path, workers.Proven(words)) // a page may stand in the copy as it is
	if !d.Parts[dossier.PartAdopted].IsZero() {
		pages = keptSplitter(ctx, path)
	}
	meta := pdfa.Meta{Title: string(d.Dossier) + " " + string(d.Slot), Language: "vi-VN", Created: d.Received}
	return workers.WriteMarkedCopy(ctx, out, meta, pages, words, mark)
}

// maxWords is the most bytes of what was read that a reading copy takes in.
const maxWords = 256 << 20

func (h *House) wordsOf(ctx context.Context, d dossier.Document) ([]byte, error) {
	r, err := h.Blobs.Open(ctx, d.Parts[dossier.PartWords])
	if err == nil {
		defer r.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(r, maxWords)); err == nil {
			return b, nil
		}
	}
	if lost, ok := packages.LostFile(d, dossier.PartWords, err); ok {
		return nil, lost
	}
	return nil, err
}

// readCodes reads the file of EAD codes that the settings name, if they do.
func readCodes(path string) (c packages.Codes, err error) {
	if path == "" {
		return c, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return c, fmt.Errorf("SOHOA_EAD_CODES: %w", err)
	}
	defer f.Close()
	d := json.NewDecoder(io.LimitReader(f, maxCodes))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, fmt.Errorf("SOHOA_EAD_CODES: %s: %w", path, err)
	}
	return c, nil
}

// programVersion is the commit that the program was built of.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return strings.Trim(info.Main.Version, "()")
}
