package wire

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
)

// errOver ends what runs beside a piece of work that is done.
var errOver = errors.New("over")

// AheadOf returns how long before the end of a proof s has documents renewed.
func (s Settings) AheadOf(at time.Time) time.Duration {
	if s.Ahead > 0 {
		return s.Ahead
	}
	return dossier.PolicyAt(at).Ahead
}

// ListRenewals lists what would be due by a time, as the archive in s.Data
// stands. A service may be working on it.
func ListRenewals(ctx context.Context, s Settings, by time.Time) (list []dossier.Renewal, err error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := standing(s); err != nil {
		return nil, err
	}
	db, err := openRows(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Renewals(ctx, by, 0)
}

// RenewNow renews, in a data directory that no service is working on, what is
// due by a time; what is due by a time to come is renewed ahead of its day. It
// returns how many documents and reports of closed months were renewed, and what
// still waits and why.
func RenewNow(ctx context.Context, s Settings, by time.Time, log *slog.Logger) (renewed int, waiting []dossier.Renewal, err error) {
	h := &House{Settings: s, Log: log, temp: filepath.Join(s.Data, "tmp")}
	if err := standing(s); err != nil {
		return 0, nil, err
	}
	open := func(ctx context.Context) error {
		if early := by.Sub(s.now()); early > 0 {
			h.Settings.Ahead = s.AheadOf(s.now()) + early
		}
		return h.open(ctx)
	}
	if err := h.build(ctx, open, h.keys, h.line); err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	g, gctx := errgroup.WithContext(ctx)
	if h.CA != nil {
		g.Go(func() error { return serve(gctx, h.tsaListener, h.CA.TSA()) })
	}
	g.Go(func() error {
		if renewed, err = h.renewDue(gctx); err != nil {
			return err
		}
		reports, err := (&notary{h: h}).renewDue(gctx, true)
		if renewed += reports; err != nil {
			return err
		}
		return errOver
	})
	if err := g.Wait(); !errors.Is(err, errOver) {
		return renewed, nil, err
	}
	waiting, err = h.DB.Renewals(ctx, s.now(), 0) // by the widened margin
	return renewed, waiting, err
}

// renewDue tries each renewal that is due once.
func (h *House) renewDue(ctx context.Context) (renewed int, err error) {
	if err := h.findProofs(ctx); err != nil {
		return 0, err
	}
	if err := h.DB.HurryRenewals(ctx); err != nil {
		return 0, err
	}
	tried := map[dossier.DocumentID]bool{}
	for {
		jobs, err := h.DB.LeaseRenewals(ctx, 100, time.Hour)
		if err != nil {
			return renewed, err
		}
		fresh := 0
		for _, j := range jobs {
			if tried[j.Document] {
				continue
			}
			tried[j.Document] = true
			fresh++
			if err := h.Worker.Step(ctx, j); err == nil {
				renewed++
			} else if ctx.Err() != nil {
				return renewed, ctx.Err()
			} else {
				h.Log.WarnContext(ctx, "not renewed", "document", j.Document, "err", err)
			}
		}
		if fresh == 0 {
			return renewed, nil
		}
	}
}
