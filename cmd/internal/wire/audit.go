package wire

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/signing/devca"
	"sohoa/signing/taster"
	"sohoa/signing/tsa"
	"sohoa/storage/blob"
	"sohoa/storage/ledger"
	"sohoa/storage/sqldb"
)

// A Signed is a checkpoint that somebody brings.
type Signed struct {
	Name string // of its file
	Note []byte
}

// Audited is what an audit of a house came to.
type Audited struct {
	ledger.Report
	Stamped  int      `json:"timeStamped"` // checkpoints with a time-stamp that holds
	Brought  int      `json:"brought"`     // checkpoints that somebody brought
	Keys     []string `json:"keys"`        // that were believed
	rows     *sqldb.DB
	blobs    blob.Store
	taste    *taster.Taster
	roots    *x509.CertPool
	claims   []ledger.Claim
	findings []ledger.Finding
}

// Audit recomputes the ledger in s.Data and holds it against the checkpoints
// that the house made and those that somebody brings, signed by the house's own
// keys or by keys that somebody brings. A service may be working on it. Nothing
// is written.
func Audit(ctx context.Context, s Settings, brought []Signed, keys []string, log *slog.Logger) (a *Audited, err error) {
	db, err := rowsOf(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	a = &Audited{rows: db, Brought: len(brought), Keys: keys, taste: taster.New(ctx)}
	defer a.taste.Close()
	if len(keys) == 0 {
		if a.Keys, err = publicKeys(s.ledger()); err != nil {
			return nil, err
		}
	}
	if a.blobs, err = openBlobs(ctx, s); err != nil {
		return nil, err
	}
	if a.roots, err = stampRoots(s, log); err != nil {
		return nil, err
	}
	made, err := db.Checkpoints(ctx, 0)
	if err != nil {
		return nil, err
	}
	for _, k := range made {
		if err := a.made(ctx, k); err != nil {
			return nil, err
		}
	}
	for _, b := range brought {
		a.claim(b.Name, b.Note, -1)
	}
	if a.Report, err = db.Audit(ctx, a.claims); err != nil {
		return nil, err
	}
	a.Findings = append(a.Findings, a.findings...)
	return a, nil
}

// rowsOf opens the database of a house that is there.
func rowsOf(ctx context.Context, s Settings) (*sqldb.DB, error) {
	if err := standing(s); err != nil {
		return nil, err
	}
	return openRows(ctx, s)
}

// stampRoots are the roots that time-stamps must lead to.
func stampRoots(s Settings, log *slog.Logger) (*x509.CertPool, error) {
	h := &House{Settings: s, Log: log}
	var err error
	if h.Trust, err = OpenTrust(s.trust()); err != nil {
		return nil, err
	}
	dir := filepath.Join(s.SharedDir(), "devca")
	if _, err := os.Stat(dir); err == nil && !s.Real {
		if h.CA, err = devca.Open(dir, s.now); err != nil {
			return nil, err
		}
	}
	return h.pool(), nil
}

// claim takes what a checkpoint says, if it is signed. size is what its row says;
// -1 if there is none.
func (a *Audited) claim(name string, signed []byte, size int64) {
	c, _, err := ledger.Open(signed, a.Keys)
	switch {
	case err != nil:
		a.findings = append(a.findings, ledger.Found("signature", "điểm kiểm tra %s không có chữ ký của khóa được tin: %v", "checkpoint %s is not signed by a key that is believed: %v", name, err))
	case size >= 0 && c.Size != size:
		a.findings = append(a.findings, ledger.Found("signature", "điểm kiểm tra %s nói về %d sự kiện", "checkpoint %s is about %d events", name, c.Size))
	default:
		a.claims = append(a.claims, ledger.Claim{Name: name, Size: c.Size, Root: c.Root})
	}
}

// made looks at a checkpoint of the house: its signature, its blob, its
// time-stamp.
func (a *Audited) made(ctx context.Context, k ledger.Kept) error {
	name := fmt.Sprint(k.Size)
	a.claim(name, k.Note, k.Size)
	note, err := a.blob(ctx, k.Sum)
	if err != nil {
		return err
	}
	if !bytes.Equal(note, k.Note) {
		a.findings = append(a.findings, ledger.Found("blob", "điểm kiểm tra %s trong kho tệp thiếu hoặc khác với hàng của nó", "checkpoint %s among the files is missing, or is not its row's", name))
	}
	if k.Stamp == "" {
		return nil
	}
	der, err := a.blob(ctx, k.Stamp)
	if err != nil {
		return err
	}
	if err := a.stamp(ctx, der, k); err != nil {
		a.findings = append(a.findings, ledger.Found("stamp", "dấu thời gian của điểm kiểm tra %s không có giá trị: %v", "the time-stamp of checkpoint %s does not hold: %v", name, err))
		return nil
	}
	a.Stamped++
	return nil
}

func (a *Audited) stamp(ctx context.Context, der []byte, k ledger.Kept) error {
	if len(der) == 0 {
		return dossier.ErrNotFound
	}
	if err := a.taste.Taste(ctx, taster.CMS, der); err != nil { // whoever could write the row may have chosen the bytes
		return err
	}
	t, err := tsa.Parse(der)
	if err != nil {
		return err
	}
	_, err = t.Verify(k.Note, a.roots)
	return err
}

// maxLedgerBlob is the most bytes of a checkpoint or time-stamp that are read.
const maxLedgerBlob = 1 << 20

// blob reads a small blob; nil if it is missing or damaged.
func (a *Audited) blob(ctx context.Context, sum string) ([]byte, error) {
	d, err := digest.Parse(sum)
	if err != nil {
		return nil, nil
	}
	r, err := a.blobs.Open(ctx, d)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxLedgerBlob))
	if errors.Is(err, blob.ErrCorrupt) {
		return nil, nil
	}
	return b, err
}

// LedgerKeys returns the public keys of the house in s.Data.
func LedgerKeys(s Settings) ([]string, error) { return publicKeys(s.ledger()) }

// CheckpointNow signs the ledger in a data directory that no service is working
// on; with rotate, by a new key from then on.
func CheckpointNow(ctx context.Context, s Settings, rotate bool, log *slog.Logger) (k ledger.Kept, err error) {
	h := &House{Settings: s, Log: log, temp: filepath.Join(s.Data, "tmp")}
	if err := standing(s); err != nil {
		return k, err
	}
	if err := h.build(ctx, h.open, h.keys, h.openLedger); err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	g, gctx := errgroup.WithContext(ctx)
	if h.CA != nil {
		g.Go(func() error { return serve(gctx, h.tsaListener, h.CA.TSA()) })
	}
	g.Go(func() (err error) {
		if rotate {
			k, err = h.Ledger.rotate(gctx, "operator")
		} else {
			k, err = h.Ledger.checkpoint(gctx)
		}
		return errors.Join(err, errOver)
	})
	if err := g.Wait(); !onlyOver(err) {
		return k, err
	}
	return k, nil
}

// onlyOver reports whether nothing but the end of the work ended it.
func onlyOver(err error) bool {
	joined, ok := err.(interface{ Unwrap() []error })
	return err == errOver || ok && len(joined.Unwrap()) == 1 && errors.Is(err, errOver)
}

// ProveEvent makes the proof of an event of the house in s.Data: of its place,
// its id, or of the change that led a document to a version. It is under the
// first checkpoint after it, or under one that somebody brings.
func ProveEvent(ctx context.Context, s Settings, at EventName, under []byte) (p ledger.Proof, err error) {
	db, err := rowsOf(ctx, s)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	place := at.Place
	if place < 0 {
		if place, err = db.FindEvent(ctx, at.ID, at.Document, at.Version); err != nil {
			return p, err
		}
	}
	keys, err := publicKeys(s.ledger())
	if err != nil {
		return p, err
	}
	if under == nil {
		k, err := db.CheckpointOver(ctx, place)
		if err != nil {
			return p, err
		}
		under = k.Note
	}
	return proveUnder(ctx, db, place, under, keys)
}

// proveUnder makes a proof and checks it as its reader will.
func proveUnder(ctx context.Context, db *sqldb.DB, place int64, under []byte, keys []string) (ledger.Proof, error) {
	c, _, err := ledger.Open(under, keys)
	if err != nil {
		return ledger.Proof{}, err
	}
	p, err := db.ProveEvent(ctx, place, c.Size, under)
	if err != nil {
		return p, err
	}
	_, _, err = p.Check(keys)
	return p, err
}

// An EventName names an event by its place; by its id, if Place is -1; or else
// by the document and the version that a change led it to.
type EventName struct {
	Place    int64
	ID       string
	Document dossier.DocumentID
	Version  int64
}
