package workers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/signing"
	"sohoa/storage/blob"
)

// Facts are what the stages ask of the database.
type Facts interface {
	Dossier(ctx context.Context, code dossier.Code) (dossier.Dossier, error)
	Agency(ctx context.Context, code dossier.AgencyCode) (dossier.Agency, error)
	Person(ctx context.Context, id dossier.PersonID) (dossier.Person, error)
	Changes(ctx context.Context, id dossier.DocumentID) ([]dossier.Change, error)
	RecordIntent(ctx context.Context, i dossier.Intent) error
}

// A Reader reads pages. [sohoa/ocr/child.Pool] is one.
type Reader interface {
	Read(ctx context.Context, page scan.Page) (ocr.Page, error)
}

// A Keyring finds the keys that sign: an officer's own, and an agency's.
type Keyring interface {
	Officer(ctx context.Context, p dossier.PersonID) (signing.Key, error)
	Agency(ctx context.Context, a dossier.AgencyCode) (signing.Key, error)
}

// Tools are what the stages work with.
type Tools struct {
	Facts   Facts
	Blobs   blob.Store
	Reader  Reader
	Keys    Keyring
	Sealer  *signing.Sealer
	Level   signing.Level                                                                       // of the agency's seal, which takes in the officer's signature; empty: B-T
	Judge   func(ctx context.Context, path string) (Judgement, error)                           // what to think of a file's signatures
	Second  Second                                                                              // of the PDF/A before it may be signed; nil: our own check alone
	Pages   func(ctx context.Context, path string, proven []string) iter.Seq2[scan.Page, error] // proven: of each page, by the Reader ([ocr.Page.Proven])
	ToRead  func(ctx context.Context, path string) iter.Seq2[scan.Page, error]                  // Pages, for the Reader alone; what stands in the file as it is may be left there
	Kept    func(ctx context.Context, path string) iter.Seq2[scan.Page, error]                  // ToRead, also of what is signed, with their data
	Temp    string
	Now     func() time.Time
	Readers int // pages read at once

	// Held holds pages against what their reader proved; from the first on that does not
	// fit it yields those of looked. Claimed takes the digests of their pictures from what the
	// reader says, too: they are found out of what was made of the pages.
	Held    func(pages iter.Seq2[scan.Page, error], proven []string, looked iter.Seq2[scan.Page, error]) iter.Seq2[scan.Page, error]
	Claimed func(pages iter.Seq2[scan.Page, error], proven, pictures []string, looked iter.Seq2[scan.Page, error]) iter.Seq2[scan.Page, error]

	// Seen says whether a document's pages were looked at before they came, as the sides
	// of a batch are; nil: none were.
	Seen func(ctx context.Context, id dossier.DocumentID) (bool, error)

	// Shared are the pages of long papers, which whoever is free may read; nil: a
	// paper is read by one worker as a whole. Pressed says whether somebody waits
	// who goes before them, and whether anybody does.
	Shared  Pages
	Pressed func(ctx context.Context) (ahead, any bool)

	// Came returns what is closed when somebody may wait who goes before what a worker has
	// in hand, and whether that is said of all; nil: it is looked for all the time.
	Came func() (<-chan struct{}, bool)

	Lately *Lately // what this process has read; nil: what is written is read from the store

	spools *spools
}

// Line returns the stages in the order a document meets them.
func Line(t *Tools) []Stage {
	if t.spools == nil {
		t.spools = &spools{}
	}
	return []Stage{
		{Act: dossier.Recognise, Timeout: 20 * time.Minute, Do: made(t.recognise)}, // scan            → words, text
		{Act: dossier.Normalise, Timeout: 10 * time.Minute, Do: made(t.normalise)}, // scan, words     → plain
		{Act: dossier.SignCopy, Timeout: 2 * time.Minute, Do: made(t.signCopy)},    // plain           → copy-signed
		{Act: dossier.Extract, Timeout: 1 * time.Minute, Do: made(t.extract)},      // words           → proposals
		{Act: dossier.Seal, Timeout: 2 * time.Minute, Do: made(t.seal)},            // copy-signed     → sealed
		{Act: dossier.Archive, Timeout: 5 * time.Minute, Do: t.archive},            // sealed, read back and verified; of a file that came in signed → adopted

		{Act: dossier.Verify, Timeout: 5 * time.Minute, Do: t.verify},                              // scan            → verdict
		{Act: dossier.Describe, Timeout: 20 * time.Minute, Do: made(t.describe)},                   // scan            → words, text, proposals
		{Act: dossier.Renew, Timeout: 10 * time.Minute, Do: t.renew, Patience: longestRenewalWait}, // what is archived → renewed-N
	}
}

// made is a stage that makes files and finds nothing that leads elsewhere.
func made(do func(context.Context, dossier.Document) (Files, error)) func(context.Context, dossier.Document) (Outcome, error) {
	return func(ctx context.Context, d dossier.Document) (Outcome, error) {
		files, err := do(ctx, d)
		return Outcome{Made: files}, err
	}
}

// recognise reads every page of the scan.
func (t *Tools) recognise(ctx context.Context, d dossier.Document) (Files, error) {
	made := Files{}
	if t.Shared == nil || d.Pages <= dossier.ShortPaper {
		return made, t.recogniseShort(ctx, d, made)
	}
	pages, err := t.readShared(ctx, d)
	if err == nil {
		_, err = t.keepRead(ctx, d, pages, made)
	}
	return made, unfit(err)
}

// recogniseShort reads a paper that one worker reads as a whole.
func (t *Tools) recogniseShort(ctx context.Context, d dossier.Document, made Files) error {
	seen, err := t.seen(ctx, d.ID)
	if err != nil {
		return err
	}
	t.spools.ready(ctx, t, d)
	leave, ok, err := t.seated(ctx, d.ID, t.Now(), true)
	if err == nil && !ok {
		err = errPart
	}
	if err != nil {
		return err
	}
	defer leave()
	pages, err := ReadAll(ctx, t.Reader, t.Readers, func(yield func(scan.Page, error) bool) {
		for page, err := range t.spools.all(ctx, t, d) {
			page.Seen = seen
			if !yield(page, err) {
				return
			}
		}
	})
	leave() // what follows needs no reader
	if err != nil {
		return unfit(err)
	}
	t.spools.drop(d, false)
	_, err = t.keepRead(ctx, d, pages, made)
	return err
}

// write makes the one PDF/A of d in f. Pages are taken as they were taken apart to be read, if
// this process did that and they are the same for who writes them; else they are taken apart
// anew. Of the former each picture is hashed where it stands in the file that was made, and not
// before: if that is not what its reader found whole, the file is made once more, and each
// picture is looked at before it goes in.
func (t *Tools) write(ctx context.Context, f *os.File, meta pdfa.Meta, d dossier.Document, words []ocr.Page) error {
	proven := Proven(words)
	anew := func(yield func(scan.Page, error) bool) {
		path, done, err := t.fetch(ctx, d, dossier.PartScan)
		if err != nil {
			yield(scan.Page{}, err)
			return
		}
		defer done()
		t.Pages(ctx, path, proven)(yield)
	}
	pages, done, ok := t.spools.again(d)
	if !ok {
		return WritePDFA(ctx, f, meta, anew, words, t.Second)
	}
	defer done()
	err := WritePDFA(ctx, f, meta, t.Claimed(pages, proven, pictures(words), anew), words, t.Second)
	var found pdfa.Findings
	if !errors.As(err, &found) || !found.Has(pdfa.RuleScan) {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	if err = errors.Join(err, f.Truncate(0)); err != nil {
		return err
	}
	return WritePDFA(ctx, f, meta, t.Held(pages, proven, anew), words, t.Second)
}

// pictures are the digests of the pages' pictures, as their reader says.
func pictures(pages []ocr.Page) []string {
	var all []string
	for _, p := range pages {
		all = append(all, p.Picture)
	}
	return all
}

// normalise writes the one PDF/A: the last time the file is written whole.
func (t *Tools) normalise(ctx context.Context, d dossier.Document) (Files, error) {
	words, here := t.Lately.read(d.Parts[dossier.PartWords])
	if !here {
		var err error
		if words, err = t.words(ctx, d); err != nil {
			return nil, err
		}
	}
	record, err := t.record(ctx, d)
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(t.Temp, "plain-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	meta := pdfa.Meta{Title: string(d.Dossier) + " " + string(d.Slot), Language: "vi-VN",
		Identifier: string(d.ID), Created: d.Received, Record: record,
		Level: pdfa.Level(dossier.PolicyAt(d.Received).Level)} // of that day: done twice, it is the same file
	err = t.write(ctx, out, meta, d, words)
	t.spools.drop(d, true) // tried again, it is taken apart anew
	if err != nil {
		return nil, unfit(err)
	}
	made := Files{}
	return made, t.keepFile(ctx, made, dossier.PartPlain, out)
}

// record is which record a document belongs to, in codes.
func (t *Tools) record(ctx context.Context, d dossier.Document) (pdfa.Record, error) {
	of, err := t.Facts.Dossier(ctx, d.Dossier)
	if err != nil {
		return pdfa.Record{}, err
	}
	return pdfa.Record{Dossier: string(d.Dossier), Agency: string(of.Competent), Kind: string(d.Kind)}, nil
}

// signCopy makes the officer's signature: the one who ordered it.
func (t *Tools) signCopy(ctx context.Context, d dossier.Document) (Files, error) {
	ordered, err := t.ordered(ctx, d, dossier.Attest)
	if err != nil {
		return nil, err
	}
	person, err := t.Facts.Person(ctx, ordered.Who)
	if err != nil {
		return nil, err
	}
	key, err := t.Keys.Officer(ctx, person.ID)
	if err != nil {
		return nil, err
	}
	r := copyBy(d, person)
	r.Key = key
	return t.sign(ctx, d, signed{from: dossier.PartPlain, to: dossier.PartCopySigned, purpose: "copy-officer", request: r})
}

// seal makes the agency's signature on the copy.
func (t *Tools) seal(ctx context.Context, d dossier.Document) (Files, error) {
	if _, err := t.ordered(ctx, d, dossier.Approve); err != nil {
		return nil, err
	}
	of, err := t.Facts.Dossier(ctx, d.Dossier)
	if err != nil {
		return nil, err
	}
	agency, err := t.Facts.Agency(ctx, of.Receiving)
	if err != nil {
		return nil, err
	}
	key, err := t.Keys.Agency(ctx, agency.Code)
	if err != nil {
		return nil, err
	}
	r := t.sealOf(d, agency)
	r.Key = key
	return t.sign(ctx, d, signed{from: dossier.PartCopySigned, to: dossier.PartSealed, purpose: "copy-agency", request: r})
}

type signed struct {
	from, to dossier.Part
	purpose  string
	request  signing.Request
}

func (t *Tools) sign(ctx context.Context, d dossier.Document, s signed) (Files, error) {
	path, done, err := t.fetch(ctx, d, s.from)
	if err != nil {
		return nil, err
	}
	defer done()
	src, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(t.Temp, "signed-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	sealer := *t.Sealer
	sealer.Journal = journal{t.Facts, d, s.purpose}
	if err := sealer.Sign(ctx, s.request, src, info.Size(), out); err != nil {
		return nil, err
	}
	made := Files{}
	return made, t.keepFile(ctx, made, s.to, out)
}

// journal writes an intent with the document it is about.
type journal struct {
	facts   Facts
	d       dossier.Document
	purpose string
}

func (j journal) Record(ctx context.Context, i signing.Intent) error {
	return j.facts.RecordIntent(ctx, dossier.Intent{Document: j.d.ID, Version: j.d.Version,
		Purpose: j.purpose, ToSign: i.ToSign, Signer: digest.Of(i.Certificate), At: i.At})
}

// extract proposes fields. They live beside the PDF, so confirming them
// rewrites nothing.
func (t *Tools) extract(ctx context.Context, d dossier.Document) (Files, error) {
	words, err := t.words(ctx, d)
	if err != nil {
		return nil, err
	}
	made := Files{}
	return made, t.propose(ctx, made, words)
}

func (t *Tools) propose(ctx context.Context, made Files, words []ocr.Page) error {
	proposals, err := json.Marshal(Fields(words, t.Now()))
	if err != nil {
		return err
	}
	return t.keep(ctx, made, dossier.PartProposals, proposals)
}

// ReadBack reads a blob as an auditor would and holds its bytes against its name.
func (t *Tools) ReadBack(ctx context.Context, sum digest.Digest) error {
	r, err := t.Blobs.Open(ctx, sum)
	if err != nil {
		return err
	}
	defer r.Close()
	got, _, err := digest.Read(r)
	if err == nil && got != sum {
		err = fmt.Errorf("%w: %s", blob.ErrCorrupt, sum)
	}
	return err
}

// ordered returns the newest change by which a person ordered act.
func (t *Tools) ordered(ctx context.Context, d dossier.Document, act dossier.Act) (dossier.Change, error) {
	past, err := t.Facts.Changes(ctx, d.ID)
	if err != nil {
		return dossier.Change{}, err
	}
	for _, c := range slices.Backward(past) {
		if c.Act == act {
			return c, nil
		}
	}
	return dossier.Change{}, fmt.Errorf("nobody ordered to %s %s", act, d.ID)
}

func (t *Tools) words(ctx context.Context, d dossier.Document) ([]ocr.Page, error) {
	r, err := t.Blobs.Open(ctx, d.Parts[dossier.PartWords])
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var pages []ocr.Page
	all, err := io.ReadAll(r) // to the end, where it is held against its digest
	if err == nil {
		err = json.Unmarshal(all, &pages)
	}
	if err != nil {
		return nil, fmt.Errorf("words of %s: %w", d.ID, err)
	}
	return pages, nil
}

// fetch returns a part as a file, for those who need one and only read it. done is
// called when they have.
func (t *Tools) fetch(ctx context.Context, d dossier.Document, part dossier.Part) (path string, done func(), err error) {
	path, done, err = fetched(ctx, t.Blobs, d.Parts[part], t.Temp, string(part))
	if err != nil {
		err = fmt.Errorf("%s: %w", part, err)
	}
	return path, done, err
}

// fetched returns the store's own file if it has one, held against its digest, else a copy
// that is called after what it is.
func fetched(ctx context.Context, blobs blob.Store, sum digest.Digest, dir, what string) (path string, done func(), err error) {
	path, lent, err := blob.Lent(ctx, blobs, sum)
	if err != nil {
		return "", nil, fmt.Errorf("open: %w", err)
	} else if lent {
		return path, func() {}, nil
	}
	r, err := blobs.Open(ctx, sum)
	if err != nil {
		return "", nil, fmt.Errorf("open: %w", err)
	}
	defer r.Close()
	f, err := os.CreateTemp(dir, what+"-*")
	if err != nil {
		return "", nil, err
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", nil, fmt.Errorf("fetch: %w", err)
	}
	return f.Name(), func() { os.Remove(f.Name()) }, nil
}

// keep stores b as a part.
func (t *Tools) keep(ctx context.Context, made Files, part dossier.Part, b []byte) error {
	d := digest.Of(b)
	if err := t.Blobs.Put(ctx, d, int64(len(b)), bytes.NewReader(b)); err != nil {
		return fmt.Errorf("keep %s: %w", part, err)
	}
	made[part] = d
	return nil
}

// keepFile stores all of f as a part. The caller's file may be what is kept.
func (t *Tools) keepFile(ctx context.Context, made Files, part dossier.Part, f *os.File) error {
	d, err := blob.PutFile(ctx, t.Blobs, f)
	if err != nil {
		return fmt.Errorf("keep %s: %w", part, err)
	}
	made[part] = d
	return nil
}

// unfit marks what a child says of a paper as final; what it met by its caps
// too, since the caps are generous and the paper is the same tomorrow.
func unfit(err error) error {
	var r *jail.Refusal
	if errors.As(err, &r) {
		return fmt.Errorf("%w: %w", dossier.ErrUnfit, err)
	}
	return err
}
