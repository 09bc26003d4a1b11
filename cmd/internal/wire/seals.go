package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/typeset"
	"sohoa/report"
	"sohoa/report/monthly"
	"sohoa/signing"
	"sohoa/signing/evidence"
	"sohoa/signing/verify"
	"sohoa/web"
)

// How often closed months without a seal are looked for, and how long after a
// failure the next try is made: each try may use the key.
const (
	sealEvery = 2 * time.Second
	sealAgain = 10 * time.Minute
)

// ErrIssuer: it cannot be told which agency closes months.
var ErrIssuer = errors.New("no agency to seal closed months")

// A notary has the agency seal what was closed: the statement as it is, and the
// report that names it.
type notary struct {
	h *House

	mu      sync.Mutex
	waiting string // why the oldest one is not sealed yet, see trouble
}

// Waits says why nothing is sealed now, as the pages show it; empty if nothing
// waits.
func (n *notary) Waits() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.waiting
}

// keep seals what is closed, also by command, and renews the reports whose proof
// ends soon, until ctx ends.
func (n *notary) keep(ctx context.Context) error {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	var next, renew time.Time
	for {
		if now := n.h.Settings.now(); !now.Before(renew) {
			renew = now.Add(renewEvery)
			if _, err := n.renewDue(ctx, false); err != nil && ctx.Err() == nil {
				n.h.Log.WarnContext(ctx, "reports not renewed", "err", err)
			}
		}
		if now := n.h.Settings.now(); !now.Before(next) {
			if _, err := n.all(ctx); err != nil && ctx.Err() == nil {
				n.h.Log.WarnContext(ctx, "closed month not sealed", "err", err)
				next = now.Add(sealAgain)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// all seals what has no seal, the oldest first, and stops where it cannot.
func (n *notary) all(ctx context.Context) (sealed int, err error) {
	open, err := n.h.DB.Unsealed(ctx)
	for _, c := range open {
		if err = n.seal(ctx, c); err != nil {
			break
		}
		sealed++
	}
	why := ""
	if err != nil {
		if why = trouble(err); errors.Is(err, ErrIssuer) {
			why = "issuer: " + err.Error()
		}
	}
	n.mu.Lock()
	n.waiting = why
	n.mu.Unlock()
	return sealed, err
}

// seal seals one version: bytes first, then the row. Killed in between, files
// that no row names are left, and it is done again.
func (n *notary) seal(ctx context.Context, c closing.Closing) error {
	m, err := reportOf(ctx, n.h.Settings, n.h.DB, n.h.books(), c)
	if err != nil {
		return err
	}
	key, err := n.h.shelf.Agency(ctx, m.Issuer.Code)
	if err != nil {
		return err
	}
	subject := fmt.Sprintf("figures %s version %d", c.Month, c.Version)
	sealer := *n.h.Sealer
	sealer.Journal = sealJournal{n.h, c, closing.ForStatement}
	signature, err := sealer.Detach(ctx, subject, key, m.Statement.Bytes())
	if err != nil {
		return err
	}
	sealer.Journal = sealJournal{n.h, c, closing.ForReport}
	path, done, err := n.report(ctx, m, func(src *os.File, size int64, dst io.Writer) error {
		return sealer.Sign(ctx, signing.Request{Subject: subject, Profile: signing.Figures, Level: signing.LevelLTA, Key: key,
			Name: m.Issuer.Name, Insist: true}, src, size, dst)
	})
	if err != nil {
		return err
	}
	defer done()
	s := closing.Seal{Month: c.Month, Version: c.Version, Signature: digest.Of(signature), Agency: m.Issuer.Code, At: n.h.Settings.now()}
	if err := n.h.Blobs.Put(ctx, s.Signature, int64(len(signature)), bytes.NewReader(signature)); err != nil {
		return err
	}
	if s.Report, err = n.put(ctx, path); err != nil {
		return err
	}
	_, err = n.h.DB.AddSeal(ctx, s)
	return err
}

// report makes the report in a file, has it checked, signed and verified; done
// removes it.
func (n *notary) report(ctx context.Context, m report.Month, sign func(src *os.File, size int64, dst io.Writer) error) (path string, done func(), err error) {
	plain, err := os.CreateTemp(n.h.temp, "report-*")
	if err != nil {
		return "", nil, err
	}
	defer os.Remove(plain.Name())
	defer plain.Close()
	if err := writeReport(ctx, plain, n.h.Settings.Font, m); err != nil {
		return "", nil, err
	}
	info, err := plain.Stat()
	if err != nil {
		return "", nil, err
	}
	out, err := os.CreateTemp(n.h.temp, "sealed-*")
	if err != nil {
		return "", nil, err
	}
	done = func() { os.Remove(out.Name()) }
	err = sign(plain, info.Size(), out)
	if err = errors.Join(err, out.Close()); err == nil {
		err = n.believed(ctx, out.Name())
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return out.Name(), done, nil
}

// believed says whether a report that was sealed is what it must be.
func (n *notary) believed(ctx context.Context, path string) error {
	r, err := n.h.look(ctx, path)
	if err == nil && (r.Verdict != verify.Valid || !stamped(r)) {
		err = fmt.Errorf("report: its own signature is %s: %v", r.Verdict, r.Reasons)
	}
	return err
}

func (n *notary) put(ctx context.Context, path string) (sum digest.Digest, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return sum, err
	}
	sum = digest.Of(b)
	return sum, n.h.Blobs.Put(ctx, sum, int64(len(b)), bytes.NewReader(b))
}

// writeReport writes the report of m to f, and holds it against our own check.
func writeReport(ctx context.Context, f *os.File, font string, m report.Month) error {
	fonts, err := typeset.LoadFonts(font)
	if err != nil {
		return err
	}
	want, err := monthly.Write(f, fonts, m, func(key string) string { return web.Word("vi", key) })
	if err != nil {
		return err
	}
	return pdfa.CheckFile(ctx, f, want)
}

// sealJournal notes what a key is asked for a seal.
type sealJournal struct {
	h       *House
	c       closing.Closing
	purpose string
}

func (j sealJournal) Record(ctx context.Context, i signing.Intent) error {
	return j.h.DB.RecordSealIntent(ctx, closing.Intent{Month: j.c.Month, Version: j.c.Version, Purpose: j.purpose, ToSign: i.ToSign,
		Signer: digest.Of(i.Certificate), At: i.At})
}

// reportRows are what a report is made of besides the closed months.
type reportRows interface {
	Agencies(ctx context.Context) ([]dossier.Agency, error)
}

// reportOf gathers what the report of a version of a closed month needs.
func reportOf(ctx context.Context, s Settings, db reportRows, books *closing.Books, c closing.Closing) (m report.Month, err error) {
	m = report.Month{Closing: c, Place: s.FiguresPlace, Agencies: map[dossier.AgencyCode]string{}}
	if m.Statement, err = readStatement(ctx, books, c); err != nil {
		return m, err
	}
	agencies, err := db.Agencies(ctx)
	if err != nil {
		return m, err
	}
	for _, a := range agencies {
		m.Agencies[a.Code] = a.Name
	}
	if m.Issuer, err = issuer(s.FiguresAgency, agencies); err != nil {
		return m, err
	}
	m.Above = m.Agencies[m.Issuer.Parent]
	all, err := books.Versions(ctx, "")
	if err != nil {
		return m, err
	}
	for _, b := range slices.Backward(all) {
		if b.Month.Next() != c.Month || b.Counted > c.Counted || b.Demo != c.Demo {
			continue
		}
		before, err := readStatement(ctx, books, b)
		if err != nil {
			return m, err
		}
		m.Before, m.BeforeDigest = &before, b.Statement
		break
	}
	return m, nil
}

// ReportMonth gathers a version of a closed month, 0 being the newest, in the
// house in s.Data. One that is not closed wraps [dossier.ErrNotFound].
func ReportMonth(ctx context.Context, s Settings, month closing.Month, version int) (m report.Month, err error) {
	err = withRowsAndFiles(ctx, s, func(h rowsAndFiles) error {
		_, c, err := h.books.Statement(ctx, month, version)
		if err != nil {
			return err
		}
		m, err = reportOf(ctx, s, h.rows, h.books, c)
		return err
	})
	return m, err
}

func readStatement(ctx context.Context, books *closing.Books, c closing.Closing) (closing.Statement, error) {
	text, _, err := books.Statement(ctx, c.Month, c.Version)
	if err != nil {
		return closing.Statement{}, err
	}
	return closing.Read(text)
}

// issuer returns the agency that closes months: the one that the settings name,
// else the one that has none above it.
func issuer(named dossier.AgencyCode, all []dossier.Agency) (dossier.Agency, error) {
	var roots []dossier.Agency
	for _, a := range all {
		if named != "" && a.Code == named {
			return a, nil
		}
		if a.Parent == "" {
			roots = append(roots, a)
		}
	}
	if named != "" || len(roots) != 1 {
		return dossier.Agency{}, fmt.Errorf("%w: %d agencies have none above them; SOHOA_FIGURES_AGENCY must be the code of one", ErrIssuer, len(roots))
	}
	return roots[0], nil
}

// SealedFiles are the files of a seal.
type SealedFiles struct {
	Seal                         closing.Seal
	Statement, Report, Signature []byte
	Evidence                     []byte // record of statement and signature (RFC 4998); nil: not renewed yet

	// What signature and evidence prove, and what is wrong with them.
	Proof evidence.Proof
	Err   error
}

// SealedMonth returns the seal of a version of a closed month, 0 being the newest, and
// its files. A month that is not closed, or not sealed yet, wraps
// [dossier.ErrNotFound].
func SealedMonth(ctx context.Context, s Settings, m closing.Month, version int, log *slog.Logger, write func(SealedFiles) error) error {
	return withRowsAndFiles(ctx, s, func(db rowsAndFiles) error {
		_, c, err := db.books.Statement(ctx, m, version)
		if err != nil {
			return err
		}
		seals, err := db.rows.Seals(ctx, m)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(seals, func(x closing.Seal) bool { return x.Version == c.Version })
		if i < 0 {
			return fmt.Errorf("%w: %s version %d is closed and not sealed yet", dossier.ErrNotFound, m, c.Version)
		}
		f, err := signedFiles(ctx, db.books, db.files, seals[i])
		if err != nil {
			return err
		}
		out := SealedFiles{Seal: seals[i], Statement: f.statement, Signature: f.signature, Evidence: f.record}
		if out.Report, err = bytesOf(ctx, db.files, seals[i].Report); err != nil {
			return err
		}
		roots, err := stampRoots(s, log)
		if err != nil {
			return err
		}
		out.Proof, out.Err = f.proves(roots, s.now())
		return write(out)
	})
}

// SealNow seals, in a data directory that no service is working on, what was
// closed and is not sealed yet.
func SealNow(ctx context.Context, s Settings, log *slog.Logger) (sealed int, err error) {
	h := &House{Settings: s, Log: log, temp: filepath.Join(s.Data, "tmp")}
	if err := standing(s); err != nil {
		return 0, err
	}
	if err := h.build(ctx, h.open, h.keys, h.line); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	g, gctx := errgroup.WithContext(ctx)
	if h.CA != nil {
		g.Go(func() error { return serve(gctx, h.tsaListener, h.CA.TSA()) })
	}
	g.Go(func() error {
		if sealed, err = (&notary{h: h}).all(gctx); err != nil {
			return err
		}
		return errOver
	})
	if err := g.Wait(); !errors.Is(err, errOver) {
		return sealed, err
	}
	return sealed, nil
}
