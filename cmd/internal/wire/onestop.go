package wire

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sohoa/dossier/catalogue"
	"sohoa/dossier/neighbour"
	"sohoa/ingest/onestop"
	"sohoa/outbound"
	"sohoa/web"
)

// A OneStop is where a one-stop system is; without an address it is not joined.
type OneStop struct {
	Address   string
	TokenFile string // with a bearer token; empty: none
}

// joinOneStop takes dossiers in from a one-stop system and tells it what becomes of them
// until ctx ends, if it has an address. What came of it is logged as counts.
func (h *House) joinOneStop(ctx context.Context) error {
	s := h.Settings.OneStop
	if s.Address == "" {
		<-ctx.Done() // nobody is joined
		return nil
	}
	token := ""
	if s.TokenFile != "" {
		var err error
		if token, err = secretIn("SOHOA_ONESTOP_TOKEN_FILE", s.TokenFile); err != nil {
			return err
		}
	}
	sync := &onestop.Syncer{Rows: h.DB, House: h.known, Files: h.Settings.Origin + "/documents/", Now: h.Settings.now, Client: &onestop.Client{
		Address: strings.TrimSuffix(s.Address, "/"), Token: token, HTTP: outbound.Client(outbound.HostOf(s.Address).Has, 30*time.Second, nil)}}
	return sync.Run(ctx, func(c onestop.Count, err error) {
		if err != nil {
			h.Log.ErrorContext(ctx, "one-stop system not joined", "err", err)
		} else {
			h.Log.InfoContext(ctx, "one-stop system joined", "taken", c.Taken, "odd", c.Odd, "sent", c.Sent, "failed", c.Failed)
		}
	})
}

// known is what the house has of what rows name.
func (h *House) known(ctx context.Context, rows []catalogue.Row) (catalogue.House, error) {
	house, err := houseOf(ctx, h.DB, h.Settings.now())
	if err == nil {
		err = knowing(ctx, h.DB, rows, &house)
	}
	return house, err
}

// oneStopStands says how the one-stop system stands.
func (h *House) oneStopStands(ctx context.Context) (n web.Neighbour, err error) {
	n = web.Neighbour{On: h.Settings.OneStop.Address != "", Where: strings.Join(outbound.HostOf(h.Settings.OneStop.Address), "")}
	if n.Exchange, err = h.DB.Exchange(ctx, neighbour.OneStop); err != nil {
		return n, err
	}
	n.Waiting, n.Dead, err = h.DB.OneStopStands(ctx)
	return n, err
}

// checkOneStop says what is wrong with where a one-stop system is.
func (s Settings) checkOneStop() error {
	if s.OneStop.Address == "" {
		return nil
	}
	if s.Origin == "" {
		return fmt.Errorf("a one-stop system is told where documents are: SOHOA_ORIGIN is needed with SOHOA_ONESTOP_URL")
	}
	return checkAddress("SOHOA_ONESTOP_URL", s.OneStop.Address)
}
