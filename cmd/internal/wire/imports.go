package wire

import (
	"context"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/figures"
	"sohoa/ingest/sheet"
	"sohoa/storage/sqldb"
)

// An Import is a list that comes from elsewhere, and what it is.
type Import struct {
	What string // catalogue, agencies, dossiers or calendar
	Path string
	Day  string // YYYY-MM-DD on which a catalogue held; empty: today
}

// ImportKinds are what can be imported.
var ImportKinds = []string{"catalogue", "agencies", "dossiers", "calendar"}

// RunImport says what would become of a list in the house of s, and, unless dry,
// does it in who's name: the rows that are good, whatever the others are. A
// service may be running. A file that cannot be read gives a
// [*sohoa/jail.Refusal], a directory without a house [os.ErrNotExist].
func RunImport(ctx context.Context, s Settings, i Import, who dossier.PersonID, dry bool) (plan catalogue.Plan, err error) {
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		if plan, err = planImport(ctx, db, i, s.now()); err != nil || dry {
			return err
		}
		return orderImport(ctx, db, plan, who)
	})
	return plan, err
}

// planImport reads the list in a child and compares it with the house.
func planImport(ctx context.Context, db *sqldb.DB, i Import, now time.Time) (catalogue.Plan, error) {
	t, err := sheet.Read(ctx, i.Path)
	if err != nil {
		return catalogue.Plan{}, err
	}
	h, err := houseOf(ctx, db, now)
	if err != nil {
		return catalogue.Plan{}, err
	}
	if i.Day == "" {
		i.Day = now.In(dossier.VietNam).Format(time.DateOnly)
	}
	var plan catalogue.Plan
	switch i.What {
	case "catalogue":
		plan = catalogue.PlanProcedures(t.Rows, h, i.Day)
	case "agencies":
		plan = catalogue.PlanAgencies(t.Rows, h)
	case "dossiers":
		if err := knowing(ctx, db, t.Rows, &h); err != nil {
			return plan, err
		}
		plan = catalogue.PlanDossiers(t.Rows, h)
	case "calendar":
		days, err := db.Calendar(ctx)
		if err != nil {
			return plan, err
		}
		plan = catalogue.PlanCalendar(t.Rows, days)
	default:
		return plan, fmt.Errorf("%w: nothing called %q is imported", dossier.ErrNotFound, i.What)
	}
	if t.More {
		plan.Problems = append(plan.Problems, catalogue.Problem{Code: "rows", Seen: fmt.Sprint(sheet.MostRows)})
	}
	return plan, nil
}

// houseOf is what the house has, but for dossiers and holders.
func houseOf(ctx context.Context, db *sqldb.DB, now time.Time) (catalogue.House, error) {
	h := catalogue.House{Now: now, Kinds: map[dossier.KindCode]dossier.Kind{}, Procedures: map[dossier.ProcedureCode]dossier.Procedure{},
		ProcedureSpans: map[dossier.ProcedureCode][]dossier.ProcedureSpan{}, Agencies: map[dossier.AgencyCode]dossier.Agency{},
		AgencySpans: map[dossier.AgencyCode][]dossier.AgencySpan{}, Dossiers: map[dossier.Code]dossier.Dossier{},
		Holders: map[string]dossier.Holder{}, HolderNumbers: map[dossier.HolderID]string{}}
	kinds, err := db.Kinds(ctx)
	if err != nil {
		return h, err
	}
	for _, k := range kinds {
		h.Kinds[k.Code] = k
	}
	procedures, err := db.Procedures(ctx)
	if err != nil {
		return h, err
	}
	for _, p := range procedures {
		h.Procedures[p.Code] = p
	}
	spans, err := db.ProcedureSpans(ctx)
	if err != nil {
		return h, err
	}
	for _, s := range spans {
		h.ProcedureSpans[s.Procedure] = append(h.ProcedureSpans[s.Procedure], s)
	}
	agencies, err := db.Agencies(ctx)
	if err != nil {
		return h, err
	}
	for _, a := range agencies {
		h.Agencies[a.Code] = a
	}
	were, err := db.AgencySpans(ctx)
	for _, s := range were {
		h.AgencySpans[s.Agency] = append(h.AgencySpans[s.Agency], s)
	}
	return h, err
}

// knowing adds to h the dossiers and holders that a list names.
func knowing(ctx context.Context, db *sqldb.DB, rows []catalogue.Row, h *catalogue.House) error {
	codes, numbers := catalogue.DossierKeys(rows)
	known, err := db.DossiersByCode(ctx, codes)
	if err != nil {
		return err
	}
	for _, d := range known {
		h.Dossiers[d.Code] = d
	}
	holders, err := db.HoldersByNumber(ctx, numbers)
	for _, x := range holders {
		h.Holders[x.Number], h.HolderNumbers[x.ID] = x, x.Number
	}
	return err
}

// orderImport writes what a plan says.
func orderImport(ctx context.Context, db *sqldb.DB, p catalogue.Plan, who dossier.PersonID) error {
	if p.What == "dossiers" {
		return db.ImportDossiers(ctx, p.Dossiers, who)
	}
	return db.ImportCatalogue(ctx, p.Orders, who)
}

// CountCatalogue counts the procedures of a house as they held on a day.
func CountCatalogue(ctx context.Context, s Settings, day string) (c catalogue.Count, err error) {
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		h, err := houseOf(ctx, db, s.now())
		c = catalogue.CountOn(h, day)
		return err
	})
	return c, err
}

// ExportList returns the head and rows of a list of the house: what
// [RunImport] reads.
func ExportList(ctx context.Context, s Settings, what string) (head []string, rows [][]string, err error) {
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		head, rows, err = exported(ctx, db, what, s.now())
		return err
	})
	return head, rows, err
}

func exported(ctx context.Context, db *sqldb.DB, what string, now time.Time) (head []string, rows [][]string, err error) {
	h, err := houseOf(ctx, db, now)
	if err != nil {
		return nil, nil, err
	}
	switch what {
	case "catalogue":
		return catalogue.Procedures.Names("vi"), catalogue.ExportProcedures(h), nil
	case "agencies":
		return catalogue.Agencies.Names("vi"), catalogue.ExportAgencies(h), nil
	case "calendar":
		days, err := db.Calendar(ctx)
		return catalogue.Calendar.Names("vi"), catalogue.ExportCalendar(days), err
	case "dossiers":
		all, err := db.Dossiers(ctx, dossier.DossierQuery{})
		if err != nil {
			return nil, nil, err
		}
		holders, err := db.Holders(ctx)
		if err != nil {
			return nil, nil, err
		}
		byID := map[dossier.HolderID]dossier.Holder{}
		for _, x := range holders {
			byID[x.ID] = x
		}
		return catalogue.Dossiers.Names("vi"), catalogue.ExportDossiers(all, byID, h), nil
	}
	return nil, nil, fmt.Errorf("%w: nothing called %q is exported", dossier.ErrNotFound, what)
}

// TreeMap returns into which agencies those of before mergers went, by the tree
// of the house and up to today: for [figures.Input.By].
func TreeMap(ctx context.Context, s Settings) (m figures.Map, err error) {
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		spans, err := db.AgencySpans(ctx)
		m = catalogue.Mergers(spans, s.now().In(dossier.VietNam).Format(time.DateOnly))
		return err
	})
	return m, err
}
