package wire

import (
	"context"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/national"
	"sohoa/outbound"
	"sohoa/report/portal"
	"sohoa/storage/sqldb"
	"sohoa/sweep"
)

// A Portal is where the national portal is told of dossiers; without an address it is
// told nothing.
type Portal struct {
	Address   string
	TokenFile string // with a bearer token; empty: none
	Files     string // address under which it takes files
}

// portalEvery is how often is looked what is owed.
const portalEvery = time.Minute

// tellPortal tells the national portal of dossiers until ctx ends, if it has an
// address. What it answers is logged as a count.
func (h *House) tellPortal(ctx context.Context) error {
	p := h.Settings.Portal
	if p.Address == "" {
		<-ctx.Done() // nobody is told
		return nil
	}
	if err := portal.Check(p.Address); err != nil {
		return fmt.Errorf("SOHOA_NATIONAL_URL: %w", err)
	}
	token := ""
	if p.TokenFile != "" {
		var err error
		if token, err = secretOf(p.TokenFile); err != nil {
			return fmt.Errorf("SOHOA_NATIONAL_TOKEN_FILE: %w", err)
		}
	}
	s := &portal.Sender{Rows: h.DB, Address: p.Address, Token: token, Files: p.Files, Client: outbound.Client(outbound.HostOf(p.Address).Has, 30*time.Second, nil), Now: h.Settings.now}
	return sweep.Run(ctx, portalEvery, s.Sweep, func(n int, err error) {
		if err != nil {
			h.Log.ErrorContext(ctx, "national portal not told", "err", err)
		} else {
			h.Log.InfoContext(ctx, "national portal told", "dossiers", n)
		}
	})
}

// NationalOf returns the payload of a dossier as it would be sent now, and how the
// portal was told of it; a zero delivery if nothing is owed.
func NationalOf(ctx context.Context, s Settings, code dossier.Code) (p national.Payload, d national.Delivery, err error) {
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		f, err := db.NationalFacts(ctx, code)
		if err != nil {
			return err
		}
		f.Link = func(id dossier.DocumentID) string { return s.Portal.Files + string(id) }
		p = national.Of(f)
		if found, err := db.DeliveryOf(ctx, code); err == nil {
			d = found
		}
		return nil
	})
	return p, d, err
}
