package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/storage/packages"
	"sohoa/web"
)

// Package makes a package of the archive in s.Data with the rights of who runs
// the house, enters that it was exported, and then has it written. A service may
// be running. Errors are those of [packages.Load] and of write; a directory
// without a house is [os.ErrNotExist].
func Package(ctx context.Context, s Settings, log *slog.Logger, w Wanted, who dossier.PersonID, write func(context.Context, *packages.Package) error) (err error) {
	if err := standing(s); err != nil {
		return err
	}
	h := &House{Settings: s, Log: log}
	if h.temp, err = os.MkdirTemp("", "sohoa-package-*"); err != nil {
		return err
	}
	defer os.RemoveAll(h.temp)
	if err := h.build(ctx, h.openRecord, h.keys, h.openLedger); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	g, gctx := errgroup.WithContext(ctx)
	if h.CA != nil {
		g.Go(func() error { return serve(gctx, h.tsaListener, h.CA.TSA()) })
	}
	g.Go(func() error { return errors.Join(h.packFor(gctx, w, who, write), errOver) })
	if err := g.Wait(); !onlyOver(err) {
		return withoutOver(err)
	}
	return nil
}

func (h *House) packFor(ctx context.Context, w Wanted, who dossier.PersonID, write func(context.Context, *packages.Package) error) error {
	p, err := h.pack(ctx, w)
	if err != nil {
		return err
	}
	defer p.done()
	for i := range p.notes {
		n := &p.notes[i]
		n.Who, n.By, n.At, n.Purpose = who, dossier.Admin, h.Settings.now(), dossier.PurposeOf(dossier.Admin)
	}
	if err := h.DB.NoteAll(ctx, p.notes...); err != nil {
		return err
	}
	return write(ctx, p.Package)
}

// withoutOver takes the end of the work out of what ended it.
func withoutOver(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var left []error
	for _, e := range joined.Unwrap() {
		if e != errOver {
			left = append(left, e)
		}
	}
	if len(left) == 1 {
		return left[0]
	}
	return errors.Join(left...)
}

// packForPage makes a package for the pages, in their words.
func (h *House) packForPage(ctx context.Context, kind string, d dossier.DocumentID, code dossier.Code) (web.Package, error) {
	k, err := packages.KindOf(kind)
	if err != nil {
		return web.Package{}, fmt.Errorf("%w: %w", dossier.ErrNotFound, err)
	}
	p, err := h.pack(ctx, Wanted{k, d, code})
	var lost *packages.Lost
	switch {
	case errors.As(err, &lost):
		return web.Package{}, &web.NotWhole{Document: lost.Document, Part: lost.Part, Err: err}
	case errors.Is(err, packages.ErrNotReady):
		return web.Package{}, fmt.Errorf("%w: %w", web.ErrNotArchived, err)
	case err != nil:
		return web.Package{}, err
	}
	return web.Package{Name: p.Name(), Notes: p.notes, Done: p.done, Write: func(ctx context.Context, w io.Writer) error {
		z := packages.NewZip(w)
		if err := p.Write(ctx, z); err != nil {
			return err
		}
		return z.Close()
	}}, nil
}
