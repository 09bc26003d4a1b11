// Package ingest is the door: it takes bytes from a counter and answers with a
// received document or a refusal that says what to do.
//
// Nothing is accepted half. The bytes go to a temporary file while they are
// hashed, a limited child says what they are, the store keeps them, and only
// then the row is written; whoever got an answer with a document may forget
// the file.
package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/malware"
	"sohoa/ingest/office"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/scan"
	"sohoa/storage/blob"
)

// An Intake is one file on its way in, for one slot of a dossier.
type Intake struct {
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Who     dossier.PersonID
	Body    io.Reader
	Lane    dossier.Lane // that it goes in; zero: the ordinary one

	// Password opens an encrypted PDF. It goes to the child that opens the file
	// and is kept nowhere.
	Password []byte
}

// Rows are what the door needs of the database.
type Rows interface {
	Dossier(ctx context.Context, code dossier.Code) (dossier.Dossier, error)
	Fillings(ctx context.Context, code dossier.Code) ([]dossier.Filling, error)
	DecidedOn(ctx context.Context, code dossier.Code, slot dossier.SlotCode) (dossier.Decided, error)
	Add(ctx context.Context, d dossier.Document, who dossier.PersonID) (dossier.Document, error)
}

// A Door accepts files.
type Door struct {
	Rows   Rows
	Blobs  blob.Store
	Limits scan.Limits
	Temp   string // directory for files under way, on a disk with room
	Now    func() time.Time

	Malware *malware.Gate // asked before anybody looks into a file; nil: all pass

	// Vouchers look at small files before a child of a file's own does, if there are many
	// files; nil: each file has its own.
	Vouchers *sniff.Vouchers
}

// Accept takes in.Body to the end and returns the received document: durable,
// version 0. The same bytes for the same slot give the same document again, so
// a counter unsure whether an answer got lost just sends the file once more. A
// file that carries a signature begins another way through the house, on which
// nothing is written into it.
//
// A file that cannot be taken gives a [*jail.Refusal]; a slot that is filled
// by another paper gives [dossier.ErrConflict].
func (d *Door) Accept(ctx context.Context, in Intake) (dossier.Document, error) {
	kind, err := d.place(ctx, in)
	if err != nil {
		return dossier.Document{}, err
	}
	held, err := d.Examine(ctx, in.Body, in.Password, malware.Trace{Door: "papers", Who: string(in.Who), Of: string(in.Dossier)})
	if err != nil {
		return dossier.Document{}, err
	}
	defer held.Close()
	return d.enter(ctx, in, kind, held)
}

// A Held file came in and was looked at; nothing of it is kept yet.
type Held struct {
	Report sniff.Report
	Sum    digest.Digest // of what came
	Size   int64

	file, work *os.File

	parts map[dossier.Part]digest.Digest // what is kept of it; nil: nothing yet
	size  int64                          // of its scan
}

// Examine takes body to the end, asks the scanner for malware about it, if there is
// one, and has a child say what it is. Nothing is kept and no row is written: the
// caller says where it belongs with [Door.Enter], or closes it.
func (d *Door) Examine(ctx context.Context, body io.Reader, password []byte, from malware.Trace) (*Held, error) {
	h := &Held{}
	err := d.examine(ctx, h, body, password, from)
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (d *Door) examine(ctx context.Context, h *Held, body io.Reader, password []byte, from malware.Trace) (err error) {
	if h.file, err = os.CreateTemp(d.Temp, "upload-*"); err != nil {
		return err
	}
	if h.Sum, h.Size, err = d.receive(h.file, body); err != nil {
		return err
	}
	if err = d.Malware.Pass(ctx, h.file.Name(), from); err != nil {
		return err
	}
	if len(password) == 0 && d.Vouchers.Reads(h.Size) {
		b := make([]byte, h.Size)
		if _, err := h.file.ReadAt(b, 0); err != nil {
			return err
		}
		var good bool
		if h.Report, good = d.Vouchers.Vouch(ctx, b); good {
			return nil
		}
	}
	if h.work, err = os.CreateTemp(d.Temp, "opened-*"); err != nil {
		return err
	}
	made, err := d.fromOffice(ctx, h)
	if made || err != nil {
		return err
	}
	h.Report, err = sniff.Examine(ctx, h.file.Name(), sniff.Options{Limits: d.Limits, Password: password, Work: h.work.Name()})
	return err
}

// Put keeps the bytes as they came in a store, under [Held.Sum]: for a file of which
// nobody has said yet what paper it is.
func (h *Held) Put(ctx context.Context, store blob.Store) error {
	if _, err := h.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return store.Put(ctx, h.Sum, h.Size, h.file)
}

// fromOffice makes PDF of a file of an office program; what came is kept beside it like
// that of one that was opened or mended. made is false of every other file.
func (d *Door) fromOffice(ctx context.Context, h *Held) (made bool, err error) {
	head := make([]byte, 8)
	if _, err := h.file.ReadAt(head, 0); err != nil || !office.Is(head) {
		return false, nil // shorter ones are none
	}
	err = office.Convert(ctx, h.file.Name(), h.work.Name(), d.Limits.OrDefault().Bytes)
	var r *jail.Refusal
	if errors.As(err, &r) && r.Code == office.CodeOther {
		return false, nil // a ZIP of something else: the usual words for it
	} else if err != nil {
		return false, err
	}
	h.Report, err = sniff.Examine(ctx, h.work.Name(), sniff.Options{Limits: d.Limits})
	h.Report.Working = "converted"
	return err == nil, err
}

// Close removes the files under way.
func (h *Held) Close() {
	for _, f := range []*os.File{h.file, h.work} {
		if f != nil {
			_ = f.Close()
			_ = os.Remove(f.Name()) // else the next start does
		}
	}
}

// Enter keeps an examined file as [Door.Accept] does, and writes its row. Body and
// Password of in are not looked at.
func (d *Door) Enter(ctx context.Context, in Intake, held *Held) (dossier.Document, error) {
	kind, err := d.place(ctx, in)
	if err != nil {
		return dossier.Document{}, err
	}
	return d.enter(ctx, in, kind, held)
}

func (d *Door) enter(ctx context.Context, in Intake, kind dossier.KindCode, held *Held) (dossier.Document, error) {
	if err := d.Keep(ctx, held); err != nil {
		return dossier.Document{}, err
	}
	doc := d.Document(in, held)
	doc.Kind = kind
	return d.Rows.Add(ctx, doc, in.Who)
}

// Keep puts all that a row will name of an examined file into the store. No row names it
// yet: what no row comes to name is an orphan.
func (d *Door) Keep(ctx context.Context, held *Held) (err error) {
	if held.parts == nil {
		held.parts, held.size, err = d.keep(ctx, held.Report, arrived{held.file, held.Sum, held.Size}, held.work)
	}
	return err
}

// Document is the document that a kept file is received as, for whoever writes rows of
// many. Its kind is that of its place.
func (d *Door) Document(in Intake, held *Held) dossier.Document {
	state := dossier.Received
	if held.Report.Signed {
		state = dossier.Presented // its bytes are kept, its signatures looked at
	}
	return dossier.Document{Dossier: in.Dossier, Slot: in.Slot, State: state, Lane: in.Lane,
		Media: held.Report.Media, Size: held.size, Pages: held.Report.Pages, Received: d.Now(), Parts: held.parts}
}

// place looks whether there is such a slot before a byte is read, and refuses a
// paper that is secret: nothing of it is kept, be it for a moment.
func (d *Door) place(ctx context.Context, in Intake) (dossier.KindCode, error) {
	if _, err := d.Rows.Dossier(ctx, in.Dossier); err != nil {
		return "", err
	}
	if err := NotSecret(ctx, d.Rows, in.Dossier, in.Slot); err != nil {
		return "", err
	}
	slots, err := d.Rows.Fillings(ctx, in.Dossier)
	if err != nil {
		return "", err
	}
	for _, s := range slots {
		if s.Slot == in.Slot {
			return s.Kind, nil
		}
	}
	return "", fmt.Errorf("%w: the procedure has no slot %s", dossier.ErrNotFound, in.Slot)
}

// NotSecret refuses with a [*jail.Refusal] what is brought for a slot whose paper
// the counter called a state secret (TT 03/2025/TT-VPCP Điều 5).
func NotSecret(ctx context.Context, rows Rows, code dossier.Code, slot dossier.SlotCode) error {
	decided, err := rows.DecidedOn(ctx, code, slot)
	if err == nil && decided.Decision == dossier.Secret {
		err = &jail.Refusal{Code: "secret", Text: "the paper is a state secret: it is not taken in electronic form"}
	}
	return err
}

// receive copies body to file while hashing, up to the limit of bytes.
func (d *Door) receive(file *os.File, body io.Reader) (digest.Digest, int64, error) {
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, h), io.LimitReader(body, d.Limits.Bytes+1))
	var refusal *jail.Refusal
	if errors.As(err, &refusal) {
		return digest.Digest{}, 0, err
	} else if err != nil {
		return digest.Digest{}, 0, fmt.Errorf("receive: %w", err)
	}
	if size > d.Limits.Bytes {
		return digest.Digest{}, 0, TooLarge(d.Limits.Bytes)
	}
	return digest.Digest(h.Sum(nil)), size, nil
}

// TooLarge is the refusal of a file with more than limit bytes.
func TooLarge(limit int64) error {
	return &jail.Refusal{Code: "bytes", Text: fmt.Sprintf("the file is larger than the limit of %d MB: split it, or scan at 200 or 300 dpi", limit>>20)}
}
