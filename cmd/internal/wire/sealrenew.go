package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/dossier/figures/closing"
	"sohoa/workers"
)

// How often reports that are due are looked for, and how long after a failure the
// renewal of one is tried again: there is half a year.
const (
	renewEvery = time.Minute
	renewAgain = 6 * time.Hour
)

// renewDue renews the reports of closed months that are due, as documents are: what
// was there before, byte for byte, and evidence and a time-stamp after it. With
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
	sum, err := n.put(ctx, out.Name())
	if err != nil {
		return err
	}
	return n.h.DB.RenewSeal(ctx, s, sum, after.Proof)
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
