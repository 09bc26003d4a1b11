package wire

import (
	"context"
	"errors"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/retention"
	"sohoa/dossier/room"
	"sohoa/storage/sqldb"
)

// DemoOffice gives the demonstration's auditor something to read, a month long,
// and its kinds of paper periods to be looked at. Run again, it gives what has
// ended anew.
func DemoOffice(ctx context.Context, db *sqldb.DB, root dossier.AgencyCode, now time.Time) error {
	auditor, _, err := db.PersonByLogin(ctx, "kiemtra")
	if errors.Is(err, dossier.ErrNotFound) || err == nil && !auditor.Demo {
		return nil
	} else if err != nil {
		return err
	}
	if _, err := db.ActiveGrant(ctx, auditor.ID); errors.Is(err, dossier.ErrNotFound) {
		_, err = db.AddGrant(ctx, room.Grant{Person: auditor.ID, Agency: root, Purpose: "Kiểm tra công tác số hóa (trình diễn)",
			Until: now.AddDate(0, 1, 0), Who: "p-quantri", By: dossier.Admin, Demo: true})
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	for kind, years := range map[dossier.KindCode]int{"DDN": 5, "CMT": 2} {
		_, err := db.AddRule(ctx, retention.Rule{Kind: kind, Years: years, From: time.Date(2026, 1, 1, 0, 0, 0, 0, dossier.VietNam), Law: "Quy tắc trình diễn",
			Grade: retention.Inferred, Note: "Không phải quy định thật.", Who: "p-quantri", Demo: true}, dossier.Admin)
		if err != nil && !errors.Is(err, dossier.ErrConflict) {
			return err
		}
	}
	return nil
}

// LookersOf tells who looked at the papers of a dossier's holder, newest first,
// with the purposes of the grants of the reading room by id. That somebody asked
// is a reading, too, and noted before it is told.
func (r Retention) LookersOf(ctx context.Context, code dossier.Code, who dossier.Person, now time.Time, limit int) (list []dossier.Placed, purposes map[string]string, err error) {
	d, err := r.Dossier(ctx, code)
	if err != nil {
		return nil, nil, err
	}
	if err := r.Note(ctx, dossier.Reading{Act: dossier.ReadLookers, Who: who.ID, By: who.Role, At: now, Purpose: dossier.PurposeOf(who.Role),
		Dossier: d.Code, Holder: d.Holder, Demo: d.Demo}); err != nil {
		return nil, nil, err
	}
	if _, err := r.NumberEvents(ctx); err != nil {
		return nil, nil, err
	}
	all, err := r.LookedWithin(ctx, d.Holder, nil, 2*limit)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range all {
		if p.Kind == "reading" && len(list) < limit {
			list = append(list, p)
		}
	}
	grants, err := r.Grants(ctx, "", 0)
	purposes = map[string]string{}
	for _, g := range grants {
		purposes[g.ID] = g.Purpose
	}
	return list, purposes, err
}
