package wire

import (
	"context"
	"errors"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// CountFigures returns what the figures of a period are counted from, as the
// house in s.Data stands: of one agency and those under it, or of all. A service
// may be working on it. An agency that is not there is [dossier.ErrNotFound], a
// directory without a house [os.ErrNotExist].
func CountFigures(ctx context.Context, s Settings, p figures.Period, agency dossier.AgencyCode) (in figures.Input, err error) {
	if err := s.check(); err != nil {
		return in, err
	}
	if err := standing(s); err != nil {
		return in, err
	}
	db, err := openRows(ctx, s)
	if err != nil {
		return in, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var under []dossier.AgencyCode
	if agency != "" {
		if _, err := db.Agency(ctx, agency); err != nil {
			return in, err
		}
		if under, err = db.Below(ctx, agency); err != nil {
			return in, err
		}
		under = append(under, agency)
	}
	in.Period = p
	if in.Facts, err = db.Facts(ctx, p, under); err != nil {
		return in, err
	}
	all, err := db.Procedures(ctx)
	for _, x := range all {
		in.Procedures = append(in.Procedures, figures.Procedure{Code: x.Code, Level: x.Level})
	}
	return in, err
}
