package wire

import (
	"context"
	"errors"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/storage/sqldb"
)

// foldEvery is how often what acts have added to the figures is put into their
// cells. Figures are right before it; it keeps reading them cheap.
const foldEvery = time.Second

// foldFigures keeps the figures' cells until ctx ends.
func (h *House) foldFigures(ctx context.Context) error {
	tick := time.NewTicker(foldEvery)
	defer tick.Stop()
	for {
		if err := h.DB.FoldFigures(ctx); err != nil && ctx.Err() == nil {
			h.Log.ErrorContext(ctx, "figures not folded", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// CountFigures returns what the figures that q asks for are counted from, as the
// house in s.Data stands; with one those of a period come dossier by dossier, not
// by their counts. A service may be working on it. An agency that is not there is
// [dossier.ErrNotFound], a directory without a house [os.ErrNotExist].
func CountFigures(ctx context.Context, s Settings, q figures.CellQuery, one bool) (in figures.Input, err error) {
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		for _, code := range q.Agencies {
			if _, err := db.Agency(ctx, code); err != nil {
				return err
			}
		}
		if q.Own && len(q.Agencies) > 0 { // told apart, with those under them
			if q.Agencies, err = db.Below(ctx, q.Agencies[0]); err != nil {
				return err
			}
		}
		if in, err = db.FiguresInput(ctx, q); err == nil && one {
			in.Cells = nil
			in.Facts, err = db.FactsFor(ctx, q)
		}
		if err != nil {
			return err
		}
		all, err := db.Procedures(ctx)
		for _, x := range all {
			in.Procedures = append(in.Procedures, figures.Procedure{Code: x.Code, Level: x.Level})
		}
		return err
	})
	return in, err
}

// RecountFigures holds the figures of the house in s.Data against its dossiers,
// of those received in a period of whole months, or if it is zero of all; see
// [sqldb.DB.RecountFigures].
func RecountFigures(ctx context.Context, s Settings, p figures.Period, mend bool) (out sqldb.Recounted, err error) {
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		if p == (figures.Period{}) {
			if p, err = db.FiguresSpan(ctx); err != nil || p == (figures.Period{}) {
				return err
			}
		}
		out, err = db.RecountFigures(ctx, p, mend)
		return err
	})
	return out, err
}

// withRows calls fn with the rows of a house that stands.
func withRows(ctx context.Context, s Settings, fn func(*sqldb.DB) error) (err error) {
	if err := s.check(); err != nil {
		return err
	}
	if err := standing(s); err != nil {
		return err
	}
	db, err := openRows(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(db)
}

// figures looks whether the newest months' figures are what their dossiers say;
// `sohoa figures --recount` looks at all.
func (d doctor) figures(ctx context.Context) []Finding {
	if d.s.check() != nil { // said already
		return nil
	}
	if h, there, err := d.health(ctx); !there || err != nil || h.Have != h.Want || len(h.Faults) > 0 { // said of the database; opening it would alter its tables
		return nil
	}
	now := d.s.now().In(dossier.VietNam)
	p := figures.Period{From: figures.Month(now.Year(), now.Month()-1).From, To: figures.Month(now.Year(), now.Month()).To}
	found, err := RecountFigures(ctx, d.s, p, false)
	const vi, en = "chạy sohoa figures --recount để xem mọi kỳ, rồi sohoa figures --recount --mend; nếu hàng bị sửa ngoài chương trình: sohoa audit verify",
		"sohoa figures --recount looks at all periods, sohoa figures --recount --mend writes the cells anew; sohoa audit verify tells whether rows were changed past the program"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return []Finding{{What: "figures", State: Note, VI: "hai tháng gần nhất có quá nhiều hồ sơ để đếm lại trong một phút", EN: "the last two months have more dossiers than are counted in a minute", DoVI: vi, DoEN: en}}
	case err != nil:
		return []Finding{broken("figures", err, vi, en)}
	case len(found.Differs) > 0 && len(found.Owed) == 0:
		return []Finding{broken("figures", errors.New(found.Differs[0].String()), vi, en)}
	}
	return []Finding{well("figures", "số liệu hai tháng gần nhất khớp với hồ sơ", "the figures of the last two months are what the dossiers say")}
}
