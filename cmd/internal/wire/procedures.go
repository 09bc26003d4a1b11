package wire

import (
	"context"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/neighbour"
	"sohoa/ingest/procedures"
	"sohoa/outbound"
	"sohoa/web"
)

// A Procedures is where the national database of procedures is; without an address it is
// not asked.
type Procedures struct {
	Address   string
	TokenFile string // with the session that it gave
	Agency    string // mã đơn vị of who asks; empty: none is told
}

// askProcedures reads what the national database tells of procedures, and does what was
// decided when its day comes, until ctx ends. What came of it is logged as counts.
func (h *House) askProcedures(ctx context.Context) error {
	s := h.Settings.Procedures
	sync := h.procedureSyncer()
	if s.Address != "" {
		session := ""
		var err error
		if s.TokenFile != "" {
			if session, err = secretIn("SOHOA_PROCEDURES_TOKEN_FILE", s.TokenFile); err != nil {
				return err
			}
		}
		if sync.Client, err = procedures.New(s.Address, session, s.Agency, outbound.Client(outbound.HostOf(s.Address).Has, 60*time.Second, nil)); err != nil {
			return err
		}
	}
	return sync.Run(ctx, func(c procedures.Count, err error) {
		if err != nil {
			h.Log.ErrorContext(ctx, "national procedures not read", "err", err)
		} else {
			h.Log.InfoContext(ctx, "national procedures read", "read", c.Read, "odd", c.Odd, "applied", c.Applied)
		}
	})
}

// procedurePause is how long nothing is asked between two procedures: theirs is a service
// for everybody.
const procedurePause = 200 * time.Millisecond

func (h *House) procedureSyncer() *procedures.Syncer {
	return &procedures.Syncer{Rows: h.DB, Now: h.Settings.now, Pause: procedurePause,
		House: func(ctx context.Context) (catalogue.House, error) { return houseOf(ctx, h.DB, h.Settings.now()) }}
}

// nationalDesk is what the pages stand on.
type nationalDesk struct {
	h *House
	s *procedures.Syncer
}

func (h *House) nationalDesk() web.National { return nationalDesk{h, h.procedureSyncer()} }

// Differences returns what the national database tells otherwise.
func (d nationalDesk) Differences(ctx context.Context) ([]catalogue.NationalDifference, map[dossier.ProcedureCode]catalogue.NationalOrder, error) {
	return d.s.Differences(ctx)
}

// Decide enters what somebody decided, and does what holds from today on.
func (d nationalDesk) Decide(ctx context.Context, orders []catalogue.NationalOrder) (applied int, err error) {
	for _, o := range orders {
		if err := d.h.DB.PutNationalOrder(ctx, o); err != nil {
			return 0, err
		}
	}
	return d.s.Apply(ctx)
}

// AskNow has the list read at the next sweep.
func (d nationalDesk) AskNow(ctx context.Context) error {
	return d.h.DB.Keep(ctx, neighbour.Procedures, procedures.AskNow)
}

// stands says how a neighbour stands that keeps no more than its last exchange.
func (h *House) stands(ctx context.Context, name neighbour.Name, address, page string) (n web.Neighbour, err error) {
	n = web.Neighbour{On: address != "", Where: strings.Join(outbound.HostOf(address), ""), Page: page}
	n.Exchange, err = h.DB.Exchange(ctx, name)
	return n, err
}
