package sqldb

import (
	"context"

	"sohoa/dossier"
	"sohoa/storage/ledger"
)

// Happenings returns moves of documents and what was done to dossiers, from a place of
// the ledger on, in its order, of dossiers that agencies received or decide; no agencies
// mean all. It looks at no more than limit events, and returns the place to go on from.
func (db *DB) Happenings(ctx context.Context, from int64, agencies []dossier.AgencyCode, limit int) (list []dossier.Happening, next int64, err error) {
	size, err := db.LogSize(ctx)
	if err != nil || size <= from {
		return nil, from, err
	}
	next = min(size, from+int64(limit))
	var w where
	w.and("e.place >= %s", from)
	w.and("e.place < %s", next)
	among(&w, agencies, "o.receiving", "o.competent")
	type found struct {
		dossier.Happening
		kind ledger.Kind
	}
	all, err := all(ctx, db.read, func(r row) (f found, err error) {
		var text string
		var received int64
		if err := r.Scan(&f.Place, &text, &f.Of.Code, &f.Of.Receiving, &f.Of.Competent, &f.Of.Procedure, &received, &f.Slot, &f.Kind); err != nil {
			return f, err
		}
		e, err := ledger.Parse(text)
		f.kind, f.Act, f.Document, f.State, f.Version, f.Of.Received = e.Kind, e.Act, dossier.DocumentID(e.Document), dossier.State(e.State), e.Version, moment(received)
		if e.Kind == ledger.Case {
			f.Slot = dossier.SlotCode(e.Slot)
		}
		return f, err
	}, `SELECT e.place, e.event, o.code, o.receiving, o.competent, o.procedure, o.received, COALESCE(d.slot, ''), COALESCE(d.kind, '')
		FROM log_events e LEFT JOIN documents d ON d.id = e.document JOIN dossiers o ON o.code = COALESCE(d.dossier, e.dossier)`+w.String()+` ORDER BY e.place`, w.values...)
	for _, f := range all {
		if f.kind == ledger.Move || f.kind == ledger.Case {
			list = append(list, f.Happening)
		}
	}
	return list, next, named(err, "what happened from %d", from)
}

// PagesUnderWay returns how far the papers are that are read page by page, as they stand.
func (db *DB) PagesUnderWay(ctx context.Context) ([]dossier.Happening, error) {
	list, err := all(ctx, db.read, func(r row) (h dossier.Happening, err error) {
		var received int64
		err = r.Scan(&h.Document, &h.Version, &h.Slot, &h.Kind, &h.State, &h.Of.Code, &h.Of.Receiving, &h.Of.Competent, &h.Of.Procedure, &received, &h.Done, &h.Pages)
		h.Act, h.Of.Received = dossier.PagesRead, moment(received)
		return h, err
	}, `SELECT d.id, d.version, d.slot, d.kind, d.state, o.code, o.receiving, o.competent, o.procedure, o.received, p.done, p.pages
		FROM (SELECT document, version, COUNT(result) AS done, COUNT(*) AS pages FROM page_work GROUP BY document, version) p
		JOIN documents d ON d.id = p.document AND d.version = p.version JOIN dossiers o ON o.code = d.dossier ORDER BY d.id`)
	return list, named(err, "pages under way")
}
