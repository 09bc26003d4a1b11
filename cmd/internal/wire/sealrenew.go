package wire

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures/closing"
	"sohoa/signing/evidence"
	"sohoa/workers"
)

// How often reports that are due are looked for, and how long after a failure the
// renewal of one is tried again: there is half a year.
const (
	renewEvery = time.Minute
	renewAgain = 6 * time.Hour
)

// renewDue renews the reports of closed months that are due, as documents are: what
// was there before, byte for byte, and evidence and a time-stamp after it; and what
// proves the signatures beside their statements. With
// waiting it tries those too that rest after a failure. One that fails keeps no
// other waiting.
func (n *notary) renewDue(ctx context.Context, waiting bool) (renewed int, err error) {
	if err := n.findProofs(ctx); err != nil {
		n.h.Log.WarnContext(ctx, "proof of a report not known", "err", err)
	}
	due, err := n.h.DB.DueSeals(ctx, waiting)
	if err != nil {
		return 0, err
	}
	for _, s := range due {
		err := n.renew(ctx, s)
		switch {
		case err == nil:
			renewed++
			continue
		case ctx.Err() != nil:
			return renewed, ctx.Err()
		}
		n.h.Log.WarnContext(ctx, "report not renewed", "month", s.Month, "version", s.Version, "err", err)
		if err := n.h.DB.PostponeSeal(ctx, s, n.h.Settings.now().Add(renewAgain), trouble(err)); err != nil {
			return renewed, err
		}
	}
	return renewed, nil
}

// findProofs finds out how long the proof of each report holds of which nobody
// knows it. One that cannot be judged now is tried again with the next look.
func (n *notary) findProofs(ctx context.Context) error {
	open, err := n.h.DB.UnprovenSeals(ctx)
	if err != nil {
		return err
	}
	for _, s := range open {
		if one := n.findProof(ctx, s); one != nil {
			err = errors.Join(err, fmt.Errorf("report of %s version %d: %w", s.Month, s.Version, one))
		}
	}
	return err
}

func (n *notary) findProof(ctx context.Context, s closing.Seal) error {
	path, done, err := n.fetch(ctx, s)
	if err != nil {
		return err
	}
	defer done()
	j, err := n.h.judge(ctx, path)
	if err != nil {
		return err
	}
	f, err := n.signed(ctx, s)
	if err != nil {
		return err
	}
	if p, err := f.proves(n.h.pool(), n.h.Settings.now()); err == nil {
		j.Proof = sooner(j.Proof, p)
	} else {
		n.h.Log.WarnContext(ctx, "signature of a statement proves nothing", "month", s.Month, "version", s.Version, "err", err)
	}
	return n.h.DB.KeepSealProof(ctx, s, j.Proof)
}

// renew renews one: bytes first, then the row.
func (n *notary) renew(ctx context.Context, s closing.Seal) error {
	path, done, err := n.fetch(ctx, s)
	if err != nil {
		return err
	}
	defer done()
	out, err := os.CreateTemp(n.h.temp, "renewed-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	after, err := workers.Renew(ctx, n.h.Sealer, n.h.judge, path, out)
	if err != nil {
		return err
	}
	record, p, err := n.witness(ctx, s)
	if err != nil {
		return err
	}
	sum, err := n.put(ctx, out.Name())
	if err != nil {
		return err
	}
	return n.h.DB.RenewSeal(ctx, s, sum, record, sooner(after.Proof, p))
}

// witness renews what proves the signature beside a statement: a time-stamp over both
// and, from the second on, over the one before. What a new one would not prove for
// longer is left as it is; so is what proves nothing any more, which keeps nothing else
// from being renewed.
func (n *notary) witness(ctx context.Context, s closing.Seal) (digest.Digest, evidence.Proof, error) {
	f, err := n.signed(ctx, s)
	if err != nil {
		return s.Evidence, evidence.Proof{}, err
	}
	before, err := f.proves(n.h.pool(), n.h.Settings.now())
	if err != nil {
		n.h.Log.WarnContext(ctx, "signature of a statement not renewed", "month", s.Month, "version", s.Version, "err", err)
		return s.Evidence, evidence.Proof{}, nil
	}
	if f.record == nil {
		f.record, err = evidence.Begin(ctx, n.h.Sealer.TSA, f.statement, f.signature)
	} else {
		f.record, err = evidence.Renew(ctx, n.h.Sealer.TSA, f.record)
	}
	if err != nil {
		return s.Evidence, before, err
	}
	after, err := f.proves(n.h.pool(), n.h.Settings.now())
	if err != nil || !after.Until.After(before.Until) {
		return s.Evidence, before, err
	}
	sum := digest.Of(f.record)
	return sum, after, n.h.Blobs.Put(ctx, sum, int64(len(f.record)), bytes.NewReader(f.record))
}

// sooner is what ends first: of a report, or of a signature that proves something.
func sooner(report dossier.Proof, signature evidence.Proof) dossier.Proof {
	if signature.Stamps == 0 || !report.Until.IsZero() && !signature.Until.Before(report.Until) {
		return report
	}
	return dossier.Proof{Until: signature.Until, By: signature.By}
}

// A signedStatement is a statement, the signature beside it, and what proves both.
type signedStatement struct{ statement, signature, record []byte } // no record: not renewed yet

// proves says what they prove, now.
func (f signedStatement) proves(roots *x509.CertPool, now time.Time) (evidence.Proof, error) {
	if f.record == nil {
		return evidence.Signature(f.signature, f.statement, roots, now)
	}
	p, err := evidence.Check(f.record, roots, now, f.statement, f.signature)
	if err != nil {
		return p, err
	}
	_, err = evidence.Signature(f.signature, f.statement, roots, p.Since)
	return p, err
}

func (n *notary) signed(ctx context.Context, s closing.Seal) (signedStatement, error) {
	return signedFiles(ctx, n.h.books(), n.h.Blobs, s)
}

// signedFiles reads the files of a seal but for the report.
func signedFiles(ctx context.Context, books *closing.Books, files closing.Files, s closing.Seal) (f signedStatement, err error) {
	if f.statement, _, err = books.Statement(ctx, s.Month, s.Version); err != nil {
		return f, err
	}
	if f.signature, err = bytesOf(ctx, files, s.Signature); err != nil || s.Evidence.IsZero() {
		return f, err
	}
	f.record, err = bytesOf(ctx, files, s.Evidence)
	return f, err
}

func bytesOf(ctx context.Context, files closing.Files, sum digest.Digest) ([]byte, error) {
	r, err := files.Open(ctx, sum)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r) // our own files, some kilobytes; a report has some megabytes
	return b, errors.Join(err, r.Close())
}

// fetch puts a seal's report into a file, which done removes.
func (n *notary) fetch(ctx context.Context, s closing.Seal) (path string, done func(), err error) {
	r, err := n.h.Blobs.Open(ctx, s.Report)
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	f, err := os.CreateTemp(n.h.temp, "report-*")
	if err != nil {
		return "", nil, err
	}
	done = func() { os.Remove(f.Name()) }
	_, err = io.Copy(f, r) // the store gives the bytes that the digest names, or an error
	if err = errors.Join(err, f.Close()); err != nil {
		done()
		return "", nil, err
	}
	return f.Name(), done, nil
}
